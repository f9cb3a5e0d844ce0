//! Flags held against labels: what was found, what was missed, what was flagged for nothing.
//!
//! A label is found when a point is flagged from its start on up to so many points later. A false alarm is a run of
//! flags outside of all labels and of so many points after each; flags up to five points apart are one run, and a run
//! counts again for every further 60 points, or flagging everything would be one alarm. Beside that every single point
//! is counted: in a label and flagged, and so on. A label that began before the first verdict is left out, with the
//! flags in it; so are the flags in and right around neutral labels.
//!
//! Points are taken in the order of their times; one that was not judged counts as not flagged.

use serde::Serialize;

use super::labels::{Known, Label};

/// Points between two flags of one run.
const GAP: usize = 5;
/// Points for which a run counts once.
const RUN_POINTS: usize = 60;
/// Labels that were missed and are kept; more are counted.
const MISSED_MAX: usize = 1_000;

/// A point of a series with labels.
#[derive(Clone, Copy, Debug)]
struct Seen {
    time: i64,
    is_judged: bool,
    is_flagged: bool,
}

/// Watches a series whose labels are known.
#[derive(Debug)]
pub struct Watched {
    known: Known,
    points: Vec<Seen>,
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    labels: u64,
    found: u64,
    false_alarms: u64,
    both: u64,         // points in a label and flagged
    labelled: u64,     // points in a label
    only_flagged: u64, // points flagged and in none
    left_out: u64,
    missed: Vec<Label>,
}

/// How flags and labels agree. Ratios are null where there is nothing to divide by.
#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    /// Labels that could be found.
    pub labels: u64,
    /// … and were.
    pub found: u64,
    /// Runs of flags outside of labels.
    pub false_alarms: u64,
    /// Share of the alarms that were for a label: found / (found + false alarms).
    pub precision: f64,
    /// Share of the labels that were found.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Point by point.
    pub points: PointAgreement,
    /// Labels outside of the points, or that began before the first verdict.
    pub labels_left_out: u64,
    /// The first 1,000 labels that were missed.
    pub missed: Vec<Missed>,
}

/// The same point by point.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PointAgreement {
    /// Points in a label.
    pub labelled: u64,
    /// Points in a label that were flagged.
    pub found: u64,
    /// Points that were flagged and are in no label.
    pub false_flags: u64,
    /// Share of the flagged points that are in a label.
    pub precision: f64,
    /// Share of the points in labels that were flagged.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// A label that was missed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Missed {
    /// From this time on, ns.
    pub start_ns: i64,
    /// Up to this time.
    pub end_ns: i64,
}

impl Watched {
    /// Before the first point.
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self {
            known,
            points: Vec::new(),
        }
    }

    /// A point, and whether it was flagged; none: it was not judged.
    pub fn note(&mut self, time: i64, is_flagged: Option<bool>) {
        self.points.push(Seen {
            time,
            is_judged: is_flagged.is_some(),
            is_flagged: is_flagged.unwrap_or(false),
        });
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.known.labels
    }

    /// What comes of it.
    #[must_use]
    pub fn finish(mut self) -> Hits {
        self.points.sort_by_key(|point| point.time);
        let (points, delay) = (&self.points, self.known.delay);
        let from = points.iter().position(|point| point.is_judged);
        let from = from.unwrap_or(points.len());
        let is_flagged = |at: &usize| points[*at].is_flagged;
        let mut hits = Hits::default();
        let (mut in_label, mut is_excused) = (vec![false; points.len()], vec![false; points.len()]);
        let mut is_neutral = vec![false; points.len()];
        for label in &self.known.labels {
            let start = points.partition_point(|point| point.time < label.start);
            let end = points.partition_point(|point| point.time <= label.end);
            let is_outside = start == points.len() || end == 0;
            // In a gap the flag comes with the next point.
            let late = (end.max(start + 1) + delay).min(points.len());
            if label.is_neutral {
                is_excused[start.saturating_sub(1)..late].fill(true);
                is_neutral[start.saturating_sub(1)..late].fill(true);
                continue;
            }
            in_label[start..end].fill(true);
            is_excused[start..late].fill(true);
            if is_outside || start < from {
                hits.left_out += 1;
                continue;
            }
            hits.labels += 1;
            if (start..points.len().min(start + delay + 1)).any(|at| is_flagged(&at)) {
                hits.found += 1;
            } else if hits.missed.len() < MISSED_MAX {
                hits.missed.push(*label);
            }
        }
        let flagged = || (from..points.len()).filter(is_flagged);
        hits.false_alarms = alarms(flagged().filter(|&at| !is_excused[at]));
        hits.labelled = (from..points.len()).filter(|&at| in_label[at]).count() as u64;
        hits.both = flagged().filter(|&at| in_label[at]).count() as u64;
        let is_only_flagged = |at: &usize| !in_label[*at] && !is_neutral[*at];
        hits.only_flagged = flagged().filter(is_only_flagged).count() as u64;
        hits
    }
}

/// The number of alarms that flags at these places are.
fn alarms(flagged: impl Iterator<Item = usize>) -> u64 {
    let mut count = 0;
    let mut run: Option<(usize, usize)> = None;
    for at in flagged {
        match &mut run {
            Some((first, last)) if at - *last <= GAP => {
                let before = (*last - *first) / RUN_POINTS;
                *last = at;
                count += (at - *first) / RUN_POINTS - before;
            }
            _ => {
                run = Some((at, at));
                count += 1;
            }
        }
    }
    count as u64
}

impl Hits {
    /// Adds those of another series.
    pub fn add(&mut self, other: &Self) {
        self.labels += other.labels;
        self.found += other.found;
        self.false_alarms += other.false_alarms;
        self.both += other.both;
        self.labelled += other.labelled;
        self.only_flagged += other.only_flagged;
        self.left_out += other.left_out;
    }

    /// As shares.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        let share = |part: u64, rest: u64| part as f64 / (part + rest) as f64;
        // 2 PR / (P + R), from the counts: what is found counts twice.
        let f1 = |found: u64, missed: u64, wrong: u64| share(2 * found, missed + wrong);
        let (missed, unflagged) = (self.labels - self.found, self.labelled - self.both);
        let missed_one = |label: &Label| Missed {
            start_ns: label.start,
            end_ns: label.end,
        };
        Agreement {
            labels: self.labels,
            found: self.found,
            false_alarms: self.false_alarms,
            precision: share(self.found, self.false_alarms),
            recall: share(self.found, missed),
            f1: f1(self.found, missed, self.false_alarms),
            points: PointAgreement {
                labelled: self.labelled,
                found: self.both,
                false_flags: self.only_flagged,
                precision: share(self.both, self.only_flagged),
                recall: share(self.both, unflagged),
                f1: f1(self.both, unflagged, self.only_flagged),
            },
            labels_left_out: self.left_out,
            missed: self.missed.iter().map(missed_one).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` judged, `x` flagged, `w` not judged; a point a nanosecond.
    fn hits(points: &str, delay: usize, labels: &[(i64, i64, bool)]) -> Agreement {
        let label = |&(start, end, is_neutral): &(i64, i64, bool)| Label {
            start,
            end,
            is_neutral,
        };
        let mut watched = Watched::new(Known {
            labels: labels.iter().map(label).collect(),
            delay,
        });
        for (point, time) in points.chars().zip(0..) {
            watched.note(time, (point != 'w').then_some(point == 'x'));
        }
        watched.finish().agreement()
    }

    fn counts(found: &Agreement) -> [u64; 4] {
        [
            found.labels,
            found.found,
            found.false_alarms,
            found.labels_left_out,
        ]
    }

    fn points(found: &Agreement) -> [u64; 3] {
        [
            found.points.labelled,
            found.points.found,
            found.points.false_flags,
        ]
    }

    #[test]
    fn a_label_is_found_within_the_delay_and_not_later() {
        let found = hits(
            "ww....x.............x...",
            2,
            &[(4, 9, false), (17, 22, false)],
        );
        assert_eq!(counts(&found), [2, 1, 0, 0]);
        assert_eq!(points(&found), [12, 2, 0]);
        assert_eq!((found.missed.len(), found.missed[0].start_ns), (1, 17));
        assert!((found.precision - 1.0).abs() < 1e-12 && (found.recall - 0.5).abs() < 1e-12);
        assert!((found.f1 - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn flags_right_after_a_label_are_no_alarm_and_runs_outside_are() {
        // One flag in the delay after the label, then two runs: five points apart is one, six are two.
        let found = hits("..x.x..x....x.....x..", 2, &[(2, 2, false)]);
        assert_eq!(counts(&found), [1, 1, 2, 0]);
        assert_eq!(points(&found), [1, 1, 4]);
        assert!((found.points.f1 - 2.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_run_counts_again_for_every_60_points() {
        for (points, alarms) in [(60, 1), (61, 2), (121, 3)] {
            assert_eq!(hits(&"x".repeat(points), 7, &[]).false_alarms, alarms);
        }
    }

    #[test]
    fn neutral_labels_excuse_their_flags_and_ask_for_nothing() {
        let found = hits("....xxxxx........", 2, &[(5, 6, true)]);
        assert_eq!((counts(&found), points(&found)), ([0; 4], [0; 3]));
        assert!(found.precision.is_nan() && found.points.recall.is_nan());
    }

    #[test]
    fn labels_before_the_first_verdict_or_outside_of_the_points_are_left_out() {
        let found = hits(
            "wwww.x....",
            1,
            &[(-9, -5, false), (2, 4, false), (99, 99, false)],
        );
        assert_eq!(
            counts(&found),
            [0, 0, 0, 3],
            "the flag right after it is excused"
        );
    }

    #[test]
    fn a_label_in_a_gap_is_found_by_the_flag_on_the_next_point() {
        let mut watched = Watched::new(Known {
            labels: vec![Label {
                start: 50,
                end: 60,
                is_neutral: false,
            }],
            delay: 0,
        });
        for time in [1, 2, 3, 90, 91] {
            watched.note(time, Some(time == 90));
        }
        let found = watched.finish().agreement();
        assert_eq!(counts(&found), [1, 1, 0, 0]);
    }
}

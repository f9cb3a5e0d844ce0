//! What `--loop` does to the timestamps.
//!
//! A recording that is played again must not come out at the times it had before: databases would
//! overwrite the points, and everything that learns from them would call them late. So the next
//! round goes on where the last one ended: its first timestamp is the usual spacing behind the
//! latest one, and all others keep their distance from it.
//!
//! The usual spacing is the median step between neighbouring points of the series that the
//! recording begins with (its first 1,000 steps), or a second when it has none.
//!
//! By the wall clock, a round that would lie in the past from its first line to its last starts now
//! instead: an old recording is played once as history and then live, not thousands of times to
//! catch up.
//!
//! No clock and no bytes of the output in here; times are in the unit of the recording.

use brewcast::line::{self, key};

/// How many steps the usual spacing is taken from.
const STEPS_MAX: usize = 1000;

/// What has been seen of the recording, and how far the present round is moved.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// What a second is, in the unit of the recording.
    second: i64,
    /// The first and the last time in the recording.
    range: Option<(i64, i64)>,
    /// The series the recording begins with, as written, and its latest time.
    first_series: Option<(Vec<u8>, i64)>,
    /// The steps between the points of that series, in order of arrival.
    steps: Vec<i64>, // each > 0; len <= STEPS_MAX
    moved_by: i64, // >= 0
}

impl Rounds {
    /// Nothing seen yet; `second` is what a second is in the unit of the recording.
    pub(crate) fn new(second: i64) -> Self {
        Self {
            second,
            range: None,
            first_series: None,
            steps: Vec::new(),
            moved_by: 0,
        }
    }

    /// Whether no record has been noted yet.
    pub(crate) fn is_new(&self) -> bool {
        self.range.is_none()
    }

    /// Notes one record of the recording and the time it has there.
    pub(crate) fn note(&mut self, record: &[u8], stamp: i64) {
        let (first, last) = self.range.unwrap_or((stamp, stamp));
        self.range = Some((first.min(stamp), last.max(stamp)));
        if self.steps.len() == STEPS_MAX {
            return;
        }
        let record = line::trim(record);
        let series = &record[..key::series_end(record).unwrap_or(record.len())];
        match &mut self.first_series {
            None => self.first_series = Some((series.to_vec(), stamp)),
            Some((name, latest)) if name == series => {
                if *latest < stamp {
                    self.steps.push(stamp.saturating_sub(*latest));
                    *latest = stamp;
                }
            }
            Some(_) => {}
        }
    }

    /// The time of a record in the present round.
    pub(crate) fn moved(&self, stamp: i64) -> i64 {
        stamp.saturating_add(self.moved_by)
    }

    /// Moves on to the next round; `now` is given when it must not lie in the past.
    ///
    /// `false` when there is no next round: no record has a timestamp, or time is at its end.
    pub(crate) fn go_on(&mut self, now: Option<i64>) -> bool {
        let Some((first, last)) = self.range else {
            return false;
        };
        let behind_the_last = last
            .checked_sub(first)
            .and_then(|length| length.checked_add(self.spacing()))
            .and_then(|length| length.checked_add(self.moved_by));
        let Some(mut moved_by) = behind_the_last else {
            return false;
        };
        if let Some(now) = now
            && last.saturating_add(moved_by) < now
        {
            moved_by = now.saturating_sub(first);
        }
        self.moved_by = moved_by;
        last.checked_add(moved_by).is_some()
    }

    fn spacing(&self) -> i64 {
        let mut steps = self.steps.clone();
        steps.sort_unstable();
        let middle = steps.len().saturating_sub(1) / 2; // of two, the shorter
        steps.get(middle).copied().unwrap_or(self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times of three rounds of a recording.
    fn played(recording: &[(&str, i64)], now: Option<i64>) -> Vec<Vec<i64>> {
        let mut rounds = Rounds::new(1000);
        for (record, stamp) in recording {
            rounds.note(record.as_bytes(), *stamp);
        }
        let mut played = Vec::new();
        for round in 0..3 {
            if round > 0 && !rounds.go_on(now) {
                break;
            }
            let times = recording.iter().map(|(_, stamp)| rounds.moved(*stamp));
            played.push(times.collect());
        }
        played
    }

    #[test]
    fn the_next_round_follows_the_last_one_by_the_usual_spacing() {
        let recording = [
            ("m v=1", 100),
            ("m v=1", 110),
            ("m v=1", 120),
            ("m v=1", 155),
        ];
        assert_eq!(
            played(&recording, None),
            [
                [100, 110, 120, 155],
                [165, 175, 185, 220],
                [230, 240, 250, 285]
            ]
        );
    }

    #[test]
    fn the_spacing_is_that_of_one_series_and_the_round_ends_with_the_last_of_all() {
        let recording = [
            ("m,t=a v=1", 100),
            ("m,t=b v=1", 101),
            ("m,t=a v=2", 110),
            ("m,t=b v=2", 111),
        ];
        assert_eq!(played(&recording, None)[1], [121, 122, 131, 132]);
    }

    #[test]
    fn unsorted_and_equal_times_keep_their_distances_and_rounds_do_not_overlap() {
        let recording = [("m v=1", 50), ("m v=1", 50), ("m v=1", 40), ("m v=1", 57)];
        assert_eq!(played(&recording, None)[1], [74, 74, 64, 81]);
    }

    #[test]
    fn a_long_gap_is_not_the_usual_spacing() {
        let recording = [("m v=1", 1), ("m v=1", 1000), ("m v=1", 1010)];
        assert_eq!(played(&recording, None)[1], [1020, 2019, 2029]);
    }

    #[test]
    fn a_single_point_comes_once_a_second() {
        assert_eq!(played(&[("m v=1", 7)], None), [[7], [1007], [2007]]);
    }

    #[test]
    fn by_the_clock_a_round_that_is_all_past_starts_now() {
        let recording = [("m v=1", 100), ("m v=1", 110)];
        assert_eq!(played(&recording, Some(500))[1], [500, 510]);
        assert_eq!(played(&recording, Some(125))[1], [120, 130]);
        assert_eq!(played(&recording, Some(0))[1], [120, 130]);
    }

    #[test]
    fn there_is_no_next_round_without_times_or_beyond_64_bits() {
        assert!(!Rounds::new(1).go_on(None));
        assert_eq!(played(&[("m v=1", i64::MAX)], None), [[i64::MAX]]);
        assert_eq!(
            played(&[("m v=1", i64::MIN), ("m v=1", i64::MAX)], None).len(),
            1
        );
    }
}

//! Events: flags that belong together, from the first to a while after the last.
//!
//! An event opens at a flag and closes when forty points in a row were none, when what it was about has become
//! the new normal, when after ten quiet points something twice as bad begins, or when the series ends or begins
//! anew. In between it is told again only when its peak is
//! half as high again as the one last told, or it turns out to be of another kind. Opening and closing
//! never share a point, and there is at most one change a point.

use crate::judge::episode::QUIET;
use crate::judge::{Finding, Kind, Verdict};

/// Quiet points after which a flag that is so many times worse than all of the event begins another one.
const CALM: u8 = 10;
const ANOTHER: f64 = 2.0;
/// How many times the peak last told a new one must be to be told.
const WORSE: f64 = 1.5;

/// What happened to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It began.
    Opened,
    /// It got worse, or is of another kind.
    Updated,
    /// It is over.
    Closed(Why),
}

/// Why an event is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The series was as expected for a while.
    Quiet,
    /// What was unexpected has become the new normal.
    Adopted,
    /// The series began anew.
    Restarted,
    /// The series was silenced.
    Silenced,
    /// A far worse one began.
    Another,
    /// The series has not come for long.
    Forgotten,
    /// The input ended.
    Stopped,
}

/// An event as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Time of its first flag, ns.
    pub start: i64,
    /// Time of its last flag so far, ns.
    pub end: i64,
    /// Flags so far.
    pub flags: u32,
    /// The verdict with the highest score so far.
    pub peak: Verdict,
    /// The worst verdict of the kind that names it.
    pub named: Verdict,
}

/// The event of a series that is open, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Events {
    pub(crate) open: Option<Box<Open>>,
    pub(crate) former: Option<Box<(i64, Event)>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) event: Event,
    pub(crate) told: f64,  // peak score last told
    pub(crate) kind: Kind, // last told
    pub(crate) quiet: u8,
    pub(crate) is_adopted: bool,
    pub(crate) last: i64,      // time of the last point, ns
    pub(crate) has_told: bool, // with the last point
}

impl Events {
    /// Takes in the verdict on the point at `time`; `adopted` when its level became the new normal.
    pub fn observe(
        &mut self,
        time: i64,
        verdict: &Verdict,
        adopted: bool,
    ) -> Option<(Change, Event)> {
        if let Some(over) = self.open.take_if(|open| open.makes_way(verdict)) {
            self.former = Some(Box::new((over.last, over.event)));
        }
        let Some(open) = &mut self.open else {
            if !verdict.is_anomaly() {
                return None;
            }
            let event = Event {
                start: time,
                end: time,
                flags: 1,
                peak: *verdict,
                named: verdict.as_named(),
            };
            self.open = Some(Box::new(Open {
                event,
                told: verdict.score,
                kind: event.named.cause.kind,
                quiet: 0,
                is_adopted: adopted,
                last: time,
                has_told: true,
            }));
            return Some((Change::Opened, event));
        };
        let change = open.observe(time, verdict, adopted);
        open.has_told = change.is_some();
        let (change, event) = (change?, open.event);
        if matches!(change, Change::Closed(_)) {
            self.open = None;
        }
        Some((change, event))
    }

    /// The event that made way for the one that has just opened, and the time of the last point before that:
    /// it was over then.
    pub fn take_former(&mut self) -> Option<(i64, Event)> {
        self.former.take().map(|former| *former)
    }

    /// Closes the event that is open.
    pub fn close(&mut self, why: Why) -> Option<(Change, Event)> {
        let open = self.open.take()?;
        Some((Change::Closed(why), open.event))
    }
}

impl Open {
    fn observe(&mut self, time: i64, verdict: &Verdict, adopted: bool) -> Option<Change> {
        if self.is_adopted && !verdict.is_anomaly() {
            return Some(Change::Closed(Why::Adopted));
        }
        if verdict.is_anomaly() {
            (self.event.end, self.quiet) = (time, 0);
            self.event.flags = self.event.flags.saturating_add(1);
            if verdict.score > self.event.peak.score {
                self.event.peak = *verdict;
            }
        } else {
            self.quiet += 1;
        }
        self.name(verdict);
        (self.last, self.is_adopted) = (time, false);
        if adopted {
            return Some(Change::Closed(Why::Adopted));
        }
        if self.quiet >= QUIET {
            return Some(Change::Closed(Why::Quiet));
        }
        let (score, kind) = (self.event.peak.score, self.event.named.cause.kind);
        if score >= WORSE * self.told || kind != self.kind {
            (self.told, self.kind) = (score, kind);
            return Some(Change::Updated);
        }
        None
    }

    /// Whether it has been quiet, and this is another thing. It is closed with the time of the last point, which
    /// must not have a record already.
    fn makes_way(&self, verdict: &Verdict) -> bool {
        self.quiet >= CALM
            && !self.has_told
            && verdict.is_anomaly()
            && verdict.score >= ANOTHER * self.event.peak.score
    }

    /// Whether the point says better what it is all about.
    fn name(&mut self, verdict: &Verdict) {
        let before = &self.event.named.cause;
        let is_better = |named: Finding| {
            let (rank, known) = (named.kind.rank(), before.kind.rank());
            rank > known || (rank == known && named.score > before.score)
        };
        if verdict.named.is_some_and(is_better) {
            self.event.named = verdict.as_named();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::budget::Allowance;
    use crate::judge::grain::Grain;

    fn verdict(score: f64, kind: Kind) -> Verdict {
        let cause = Finding {
            kind,
            score: score as f32,
            off: score,
            usual: 0.0,
        };
        Verdict {
            y: score,
            expected: 0.0,
            lower: Some(-1.0),
            upper: Some(1.0),
            score,
            cause,
            named: Some(cause).filter(|_| score > 1.0),
            beyond: None,
            ln_p: -9.0 * score,
            grain: Grain::of(1.0),
            allowance: Allowance {
                budget: 1e-4,
                in_force: 1e-4,
                least: 1e-6,
            },
            is_leap: false,
        }
    }

    /// The changes of a series of scores, with their points.
    fn changes(scores: &[f64]) -> Vec<(usize, Change)> {
        let mut events = Events::default();
        let observe = |(at, &score): (usize, &f64)| {
            let (change, _) = events.observe(at as i64, &verdict(score, Kind::Spike), false)?;
            Some((at, change))
        };
        scores.iter().enumerate().filter_map(observe).collect()
    }

    #[test]
    fn flicker_is_one_event() {
        let scores: Vec<f64> = (0..200)
            .map(|i| if i < 100 && i % 7 == 3 { 2.0 } else { 0.4 })
            .collect();
        let last = 94;
        assert_eq!(
            changes(&scores),
            [(3, Change::Opened), (last + 40, Change::Closed(Why::Quiet))]
        );
    }

    #[test]
    fn something_far_worse_after_a_calm_is_another_event() {
        let score = |at: usize| match at {
            3 => 2.0,
            10 => 9.0, // too soon
            30 => 20.0,
            _ => 0.3,
        };
        let scores: Vec<f64> = (0..80).map(score).collect();
        let told = changes(&scores);
        let closed = Change::Closed(Why::Quiet);
        assert_eq!(
            told,
            [
                (3, Change::Opened),
                (10, Change::Updated),
                (30, Change::Opened),
                (70, closed)
            ]
        );
        let mut events = Events::default();
        let mut observe = |at: i64| {
            events.observe(at, &verdict(score(at as usize), Kind::Spike), false);
            events.take_former()
        };
        assert!((0..30).all(|at| observe(at).is_none()));
        let (at, former) = observe(30).unwrap();
        assert_eq!((at, former.start, former.end, former.flags), (29, 3, 10, 2));
    }

    #[test]
    fn no_two_records_have_one_time() {
        let mut events = Events::default();
        events.observe(0, &verdict(2.0, Kind::Spike), false);
        (1..20).for_each(|at| _ = events.observe(at, &verdict(0.5, Kind::Spike), false));
        let mut naming = verdict(0.9, Kind::VarianceChange);
        naming.named = Some(naming.cause);
        let told = events.observe(20, &naming, false).unwrap();
        assert_eq!(told.0, Change::Updated);
        events.observe(21, &verdict(50.0, Kind::Spike), false);
        assert!(events.take_former().is_none(), "its record would be at 20");
    }

    #[test]
    fn it_is_told_again_when_it_is_half_as_bad_again() {
        let mut scores = vec![2.0, 2.5, 2.9, 3.1, 3.2, 9.0];
        scores.resize(60, 0.1);
        let told: Vec<usize> = changes(&scores).iter().map(|&(at, _)| at).collect();
        assert_eq!(told, [0, 3, 5, 45]);
    }

    #[test]
    fn opening_and_closing_never_share_a_point() {
        let mut events = Events::default();
        let flag = verdict(3.0, Kind::Dip);
        let opened = events.observe(7, &flag, true).unwrap();
        assert_eq!(opened.0, Change::Opened);
        let closed = events.observe(8, &verdict(0.2, Kind::Dip), false).unwrap();
        assert_eq!(closed.0, Change::Closed(Why::Adopted));
        assert_eq!((closed.1.start, closed.1.end), (7, 7));
        assert!(events.close(Why::Stopped).is_none());
    }

    #[test]
    fn it_is_of_the_greatest_kind_in_it() {
        let mut events = Events::default();
        events.observe(0, &verdict(2.0, Kind::Spike), false);
        let (change, event) = events
            .observe(1, &verdict(1.1, Kind::LevelShift), false)
            .unwrap();
        let kinds = (event.named.cause.kind, event.peak.cause.kind);
        assert_eq!(change, Change::Updated);
        assert_eq!(kinds, (Kind::LevelShift, Kind::Spike));
        let told = events.observe(2, &verdict(2.1, Kind::Spike), false);
        assert!(told.is_none());
    }
}

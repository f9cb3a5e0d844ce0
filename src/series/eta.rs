//! The time until a threshold is crossed: when there is something to say about it.
//!
//! One [`Watch`] per threshold of a series. It says *approaching* with each issue whose forecast
//! crosses, *crossed* or *cleared* once when that is over, and nothing else; whatever approached is
//! crossed or cleared before it approaches again.
//!
//! ```text
//!           an issue, away from the threshold by more than the noise
//!     Near ------------------------------------------------------> Away
//!      ^ ^                                                           | an issue whose forecast
//!      | +------------------ crossed unannounced: nothing is said ---+ crosses, P >= ENTER:
//!      |                                                             v "approaching"
//!      +------ "crossed" or "cleared" ------------------------- Approaching: said again
//!                                                               with each issue
//! ```
//! Four things keep it from flapping. A series whose noise straddles the threshold is *near* it,
//! and approaches it from neither side. It takes more to begin to approach than to go on. One
//! forecast that says otherwise ends nothing. One reading beyond the threshold ends nothing
//! either, and begins nothing: a misread is no crossing.
//!
//! Not said: that a threshold is exceeded. A series that begins beyond it, or jumps over it without
//! a warning, has no record until it approaches it from there.

use super::observe::Ahead;
use super::reach::{self, Crossing, Reach};

/// Least probability with which an approach begins. At 0.5 a forecast that only just touches the
/// threshold is one, and the next is none: with a straight line through the brew recordings 10
/// minutes ahead there are four times as many changes at 0.5; at 0.7 a quarter of the ramps under
/// noise that are announced at 0.6 are not.
const ENTER: f64 = 0.6;
/// Issues in a row whose forecast does not cross, after which it is no approach.
const SHORT_ISSUES: u8 = 2;
/// Points in a row beyond the threshold that are a crossing.
const CROSSED_POINTS: u8 = 2;
/// Standard deviations of the next point that a series has to be away from the threshold before it
/// can approach it: noise alone gets there once in 40 points.
const AWAY: f64 = 2.0;

/// What there is to say about a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is forecast to be crossed.
    Approaching,
    /// It was, and no longer is.
    Cleared,
    /// It was, and now it has been crossed.
    Crossed,
}

/// One thing to say about one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eta {
    /// Which one.
    pub threshold: f64,
    /// What.
    pub state: State,
    /// Which way it is, was to be or has been crossed.
    pub crossing: Crossing,
    /// When and how probably; `None` where no forecast was asked. While it approaches the forecast
    /// reaches it, so there is an expected time.
    pub reach: Option<Reach>,
}

/// A forecast that was issued after the point that is being looked at.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// That point as step 0, then every step up to the horizon.
    pub path: &'a [Ahead],
    /// Half the width of its interval, in standard deviations; > 0.
    pub half_width: f64,
}

/// Where a series stands to a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stage {
    /// Within its own noise of it, or not known.
    Near,
    /// On one side of it; this is how it can be crossed.
    Away(Crossing),
    /// Forecast to cross it; so many issues in a row said otherwise.
    Approaching(Crossing, u8),
}

/// What a series remembers of one threshold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub(crate) stage: Stage,
    pub(crate) beyond: u8, // points in a row on the other side of the threshold
}

/// What a series remembers of its thresholds; takes no room when there are none.
#[derive(Clone, Debug, Default)]
pub struct Etas {
    pub(crate) watches: Box<[Watch]>, // in the order of the thresholds
}

impl Etas {
    /// For a series with so many thresholds, of which nothing is known yet.
    #[must_use]
    pub fn new(thresholds: usize) -> Self {
        let watch = Watch {
            stage: Stage::Near,
            beyond: 0,
        };
        Self {
            watches: vec![watch; thresholds].into(),
        }
    }

    /// For how many thresholds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.watches.len()
    }

    /// Bytes that so many thresholds take.
    #[must_use]
    pub fn bytes(thresholds: usize) -> usize {
        thresholds * size_of::<Watch>()
    }

    /// Takes in a point, if there is another, and the forecast after the last one, if one was
    /// issued; appends what there is to say to `out`, at most one for each threshold.
    pub fn observe(
        &mut self,
        y: Option<f64>,
        issue: Option<Issue<'_>>,
        thresholds: &[f64],
        out: &mut Vec<Eta>,
    ) {
        for (watch, &threshold) in self.watches.iter_mut().zip(thresholds) {
            let crossed = y.and_then(|y| watch.pass(y, threshold));
            let said = match (crossed, issue) {
                (None, Some(issue)) => watch.foresee(issue, threshold),
                _ => crossed,
            };
            out.extend(said);
        }
    }

    /// The series begins anew, so nothing is forecast any more.
    pub fn withdraw(&mut self, thresholds: &[f64], out: &mut Vec<Eta>) {
        for (watch, &threshold) in self.watches.iter_mut().zip(thresholds) {
            if let Stage::Approaching(crossing, _) = watch.stage {
                out.push(Eta {
                    threshold,
                    state: State::Cleared,
                    crossing,
                    reach: None,
                });
            }
            watch.stage = Stage::Near;
            watch.beyond = 0;
        }
    }
}

impl Watch {
    /// A point came.
    fn pass(&mut self, y: f64, threshold: f64) -> Option<Eta> {
        let (crossing, was_said) = match self.stage {
            Stage::Near => return None,
            Stage::Away(crossing) => (crossing, false),
            Stage::Approaching(crossing, _) => (crossing, true),
        };
        if !crossing.has_reached(y, threshold) {
            self.beyond = 0;
            return None;
        }
        self.beyond += 1;
        if self.beyond < CROSSED_POINTS {
            return None;
        }
        self.stage = Stage::Near;
        self.beyond = 0;
        was_said.then_some(Eta {
            threshold,
            state: State::Crossed,
            crossing,
            reach: None,
        })
    }

    /// A forecast was issued.
    fn foresee(&mut self, issue: Issue<'_>, threshold: f64) -> Option<Eta> {
        if self.beyond > 0 {
            return None; // the next point tells whether this one was a misread
        }
        if !matches!(self.stage, Stage::Approaching(..)) {
            self.stage = side(issue, threshold).unwrap_or(self.stage);
        }
        let (crossing, short) = match self.stage {
            Stage::Near => return None,
            Stage::Away(crossing) => (crossing, None),
            Stage::Approaching(crossing, short) => (crossing, Some(short)),
        };
        let reach = Reach::of(issue.path, threshold, crossing, issue.half_width);
        let does_cross = reach.expected.is_some();
        let state = match short {
            None if !does_cross || reach.probability < ENTER => return None,
            _ if does_cross => State::Approaching,
            Some(short) if short + 1 < SHORT_ISSUES => {
                self.stage = Stage::Approaching(crossing, short + 1);
                return None;
            }
            _ => State::Cleared,
        };
        self.stage = match state {
            State::Approaching => Stage::Approaching(crossing, 0),
            _ => side(issue, threshold).unwrap_or(Stage::Near),
        };
        Some(Eta {
            threshold,
            state,
            crossing,
            reach: Some(reach),
        })
    }
}

/// The side of the threshold that a series is on, if it is clear of it.
fn side(issue: Issue<'_>, threshold: f64) -> Option<Stage> {
    let [last, next, ..] = issue.path else {
        return None;
    };
    let is_away = |&crossing: &Crossing| {
        !crossing.has_reached(last.yhat, threshold)
            && reach::beyond(next, threshold, crossing, issue.half_width) <= -AWAY
    };
    let crossing = [Crossing::Above, Crossing::Below]
        .into_iter()
        .find(is_away)?;
    Some(Stage::Away(crossing))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: f64 = 100.0;

    /// A series with one threshold, and what it said so far.
    struct Told {
        etas: Etas,
        said: Vec<(State, Crossing)>,
    }

    impl Told {
        fn new() -> Self {
            let (etas, said) = (Etas::new(1), Vec::new());
            Self { etas, said }
        }

        /// A point without an issue.
        fn point(&mut self, y: f64) {
            self.observe(y, None);
        }

        /// A point with a forecast from there to `end` in 10 steps, its deviation 1 throughout.
        fn issue(&mut self, y: f64, end: f64) {
            self.issue_from(y, y, end);
        }

        /// The same with a forecast that does not follow the point.
        fn issue_from(&mut self, y: f64, start: f64, end: f64) {
            let one = |step: u32| {
                let line = start + (end - start) * f64::from(step) / 10.0;
                let (yhat, half) = if step == 0 { (y, 0.0) } else { (line, 2.0) };
                Ahead {
                    time: i64::from(step) * 1_000_000_000,
                    step,
                    yhat,
                    lower: yhat - half,
                    upper: yhat + half,
                }
            };
            let path: Vec<Ahead> = (0..=10).map(one).collect();
            self.observe(y, Some(&path));
        }

        fn observe(&mut self, y: f64, path: Option<&[Ahead]>) {
            let issue = path.map(|path| Issue {
                path,
                half_width: 2.0,
            });
            let mut out = Vec::new();
            self.etas.observe(Some(y), issue, &[THRESHOLD], &mut out);
            assert!(out.len() <= 1, "at most one for each threshold");
            self.said
                .extend(out.iter().map(|eta| (eta.state, eta.crossing)));
        }

        fn take(&mut self) -> Vec<(State, Crossing)> {
            std::mem::take(&mut self.said)
        }
    }

    use Crossing::{Above, Below};
    use State::{Approaching, Cleared, Crossed};

    #[test]
    fn an_approach_is_said_with_each_issue_and_ends_once() {
        let mut told = Told::new();
        told.issue(50.0, 60.0);
        told.issue(80.0, 110.0);
        told.point(85.0);
        told.issue(90.0, 120.0);
        assert_eq!(told.take(), [(Approaching, Above); 2]);
        told.point(100.0);
        assert_eq!(told.take(), [], "one point at the threshold is no crossing");
        told.point(101.0);
        told.point(102.0);
        assert_eq!(told.take(), [(Crossed, Above)]);
        told.issue(110.0, 120.0);
        told.issue(115.0, 90.0);
        assert_eq!(told.take(), [(Approaching, Below)], "and now from there");
    }

    #[test]
    fn a_misread_neither_crosses_nor_ends_nor_begins_an_approach() {
        let mut told = Told::new();
        told.issue_from(180.0, 80.0, 110.0);
        assert_eq!(told.take(), [], "the first reading that is looked at");
        told.issue(50.0, 60.0);
        told.issue(180.0, 200.0);
        told.point(55.0);
        assert_eq!(told.take(), []);
        told.issue(80.0, 110.0);
        told.issue(180.0, 200.0);
        told.point(81.0);
        told.issue(82.0, 110.0);
        assert_eq!(told.take(), [(Approaching, Above); 2]);
    }

    #[test]
    fn one_forecast_that_says_otherwise_ends_nothing_and_two_do() {
        let mut told = Told::new();
        for end in [110.0, 90.0, 110.0, 90.0] {
            told.issue(80.0, end);
        }
        assert_eq!(told.take(), [(Approaching, Above); 2], "and is not written");
        told.issue(80.0, 90.0);
        told.issue(80.0, 90.0);
        assert_eq!(told.take(), [(Cleared, Above)]);
    }

    #[test]
    fn a_forecast_that_only_just_touches_goes_on_but_does_not_begin() {
        let mut told = Told::new();
        told.issue(80.0, 100.1);
        assert_eq!(told.take(), []);
        told.issue(80.0, 101.0);
        told.issue(80.0, 100.1);
        assert_eq!(told.take(), [(Approaching, Above); 2]);
    }

    #[test]
    fn within_its_noise_of_the_threshold_a_series_approaches_from_neither_side() {
        let mut told = Told::new();
        for y in [99.0, 101.0, 98.5, 99.5, 101.5] {
            told.issue(y, 2.0 * THRESHOLD - y);
        }
        assert_eq!(told.take(), []);
    }

    #[test]
    fn a_series_that_begins_beyond_or_jumps_has_nothing_said_about_it() {
        let mut told = Told::new();
        told.issue(150.0, 160.0);
        told.point(50.0);
        told.point(50.0);
        told.issue(50.0, 60.0);
        assert_eq!(told.take(), []);
        told.issue(60.0, 110.0);
        assert_eq!(told.take(), [(Approaching, Above)], "but it can approach");
    }

    #[test]
    fn what_was_said_is_taken_back_once_when_the_series_begins_anew() {
        let mut told = Told::new();
        told.issue(80.0, 110.0);
        let mut out = Vec::new();
        told.etas.withdraw(&[THRESHOLD], &mut out);
        told.etas.withdraw(&[THRESHOLD], &mut out);
        assert_eq!(out.len(), 1);
        assert_eq!((out[0].state, out[0].reach), (Cleared, None));
    }

    #[test]
    fn thresholds_take_no_room_where_there_are_none() {
        assert_eq!(size_of::<Etas>(), 16);
        assert!(Etas::bytes(1) <= 4);
    }
}

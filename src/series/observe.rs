//! What the arrival of a point means for its series.
//!
//! A point is first put on the grid of the series; what is late, double or of another cadence ends
//! here. Then it either helps the series to warm up or goes to [`super::live`].

use crate::judge::Verdict;

use super::cadence::{Arrival, Cadence};
use super::live::Live;
use super::rules::Rules;
use super::warmup::Warmup;

/// Why a point got no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Too few points so far.
    WarmingUp,
    /// Before the last point.
    Late,
    /// At the time of the last point, or within the same step.
    Duplicate,
    /// The series goes on from this earlier time.
    Reanchored,
    /// The series has another cadence now and warms up again.
    CadenceChanged,
    /// A counter fell: it started again.
    CounterReset,
    /// A counter fell too often to be one; the series warms up again as a gauge.
    CounterRevoked,
    /// Numbers left the range of a float; the series warms up again.
    OutOfRange,
}

/// What became of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// No verdict.
    Ignored(Ignored),
    /// Judged.
    Judged {
        /// The verdict.
        verdict: Verdict,
        /// Points missing before this one.
        missing: u32,
    },
}

/// One point of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ahead {
    /// When it is due, ns.
    pub time: i64,
    /// Steps ahead, from 1.
    pub step: u32,
    /// The point forecast.
    pub yhat: f64,
    /// Lower end of the prediction interval.
    pub lower: f64,
    /// Upper end of the prediction interval.
    pub upper: f64,
}

/// One series: its time grid, its model, its judge.
#[derive(Clone, Debug)]
pub struct Series {
    cadence: Cadence,
    stage: Stage,
    is_gauge: bool, // was taken for a counter once, and is none
}

#[derive(Clone, Debug)]
enum Stage {
    Warming(Warmup),
    Live(Box<Live>),
}

impl Series {
    /// A series that begins with a point at `time`, which has still to be observed.
    #[must_use]
    pub fn new(time: i64) -> Self {
        let before = time.saturating_sub(1);
        Self {
            cadence: Cadence::new(before),
            stage: Stage::Warming(Warmup::new()),
            is_gauge: false,
        }
    }

    /// Takes in one point; `scratch` is room for a window.
    pub fn observe(&mut self, time: i64, y: f64, rules: &Rules, scratch: &mut Vec<f64>) -> Step {
        let steps = match self.cadence.arrive(time) {
            Arrival::Steps(steps) => steps,
            Arrival::Late => return Step::Ignored(Ignored::Late),
            Arrival::Duplicate => return Step::Ignored(Ignored::Duplicate),
            Arrival::Changed => {
                self.restart(time, y, rules);
                return Step::Ignored(Ignored::CadenceChanged);
            }
            Arrival::Reanchored => {
                if matches!(self.stage, Stage::Warming(_)) {
                    self.restart(time, y, rules);
                }
                return Step::Ignored(Ignored::Reanchored);
            }
        };
        let cadence = self.cadence.step();
        let live = match &mut self.stage {
            Stage::Live(live) => live,
            Stage::Warming(warmup) => {
                if warmup.add(time, y, rules.cadence, rules.warmup) {
                    let counter = rules.counter.or(self.is_gauge.then_some(false));
                    let start =
                        warmup.finish(&mut self.cadence, rules.cadence, counter, rules.window);
                    let window = rules.window.steps(self.cadence.step(), 2);
                    self.stage = Stage::Live(Box::new(Live::start(&start, rules, window)));
                }
                return Step::Ignored(Ignored::WarmingUp);
            }
        };
        let step = live.observe(steps, y, cadence, rules, scratch);
        if let Step::Ignored(why @ (Ignored::OutOfRange | Ignored::CounterRevoked)) = step {
            self.is_gauge |= why == Ignored::CounterRevoked;
            self.restart(time, y, rules);
        }
        step
    }

    /// Whether it is too young for a model, or has just begun anew.
    #[must_use]
    pub fn is_warming(&self) -> bool {
        matches!(self.stage, Stage::Warming(_))
    }

    /// Whether a forecast is due after the point that was just observed.
    pub fn issue_is_due(&self) -> bool {
        matches!(&self.stage, Stage::Live(live) if live.issue_is_due())
    }

    /// Writes the forecast from here into `out`; nothing while the series warms up.
    ///
    /// The next one is due `every` steps later, the one after the first up to `stagger` of the way
    /// (in 0..=255) earlier, so that series which started together do not issue together for ever.
    pub fn issue(&mut self, rules: &Rules, stagger: u8, out: &mut Vec<Ahead>) {
        out.clear();
        if let Stage::Live(live) = &mut self.stage {
            live.issue(&self.cadence, rules, stagger, out);
        }
    }

    /// Writes the last point as step 0 and the forecast of every step up to the horizon into `out`;
    /// nothing while the series warms up.
    pub fn path(&self, rules: &Rules, out: &mut Vec<Ahead>) {
        out.clear();
        if let Stage::Live(live) = &self.stage {
            live.path(&self.cadence, rules, out);
        }
    }

    /// Time of the last point, ns.
    #[must_use]
    pub fn last_time(&self) -> i64 {
        self.cadence.last()
    }

    /// The learnt time between points in ns; 0 while it is not known.
    #[must_use]
    pub fn cadence(&self) -> i64 {
        self.cadence.step()
    }

    /// The time between points in ns as far as it is known: the learnt one, or the last distance.
    #[must_use]
    pub fn spacing(&self) -> i64 {
        self.cadence.step().max(self.cadence.last_distance())
    }

    /// Begins anew with this point.
    fn restart(&mut self, time: i64, y: f64, rules: &Rules) {
        *self = Self {
            is_gauge: self.is_gauge,
            ..Self::new(time)
        };
        self.cadence.arrive(time);
        if let Stage::Warming(warmup) = &mut self.stage {
            warmup.add(time, y, rules.cadence, rules.warmup);
        }
    }
}

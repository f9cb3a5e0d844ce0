//! What the arrival of a point means for its series.
//!
//! A point is first put on the grid of the series; what is late, double or of another cadence ends
//! here. Then it either helps the series to warm up or goes to [`super::live`].

use crate::judge::Verdict;
use crate::model::Forecaster;
use crate::model::coarse::Coarse;

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
    /// It came during a silence.
    Silenced,
}

/// What a silenced point is to its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silence {
    /// It is learnt without a verdict, as in a warm-up.
    Learning,
    /// It teaches nothing: as if it were missing.
    Blind,
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
        /// Whether its level became the new normal.
        adopted: bool,
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
    pub(crate) cadence: Cadence,
    pub(crate) stage: Stage,
    pub(crate) is_gauge: bool, // was taken for a counter once, and is none
    pub(crate) phase: u32,     // of what is done every so many points
    pub(crate) coarse: Option<Box<Coarse>>, // what is known from before the cadence changed
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Warming(Warmup),
    Live(Box<Live>),
}

impl Series {
    /// A series that begins with a point at `time`, which has still to be observed. `phase` is any
    /// number of its own: what is done every so many points is shifted by it, so that series which
    /// started together do not work together for ever.
    #[must_use]
    pub fn new(time: i64, phase: u32) -> Self {
        let before = time.saturating_sub(1);
        Self {
            cadence: Cadence::new(before),
            stage: Stage::Warming(Warmup::new()),
            is_gauge: false,
            phase,
            coarse: None,
        }
    }

    /// Takes in one point.
    pub fn observe(&mut self, time: i64, y: f64, rules: &Rules) -> Step {
        self.observe_under(None, || true, time, y, rules)
    }

    /// The same, under a silence if there is one: then there is no verdict. `may_start` is asked when
    /// there are points enough for a model; without leave the series warms up on.
    pub fn observe_under(
        &mut self,
        silence: Option<Silence>,
        may_start: impl FnOnce() -> bool,
        time: i64,
        y: f64,
        rules: &Rules,
    ) -> Step {
        let is_blind = silence == Some(Silence::Blind);
        let seen = (!is_blind).then_some(y);
        let steps = match self.cadence.arrive(time) {
            Arrival::Steps(steps) => steps,
            Arrival::Late => return Step::Ignored(Ignored::Late),
            Arrival::Duplicate => return Step::Ignored(Ignored::Duplicate),
            Arrival::Changed => {
                self.keep_coarse();
                self.restart(time, seen, rules);
                return Step::Ignored(Ignored::CadenceChanged);
            }
            Arrival::Reanchored => {
                if matches!(self.stage, Stage::Warming(_)) {
                    self.restart(time, seen, rules);
                }
                return Step::Ignored(Ignored::Reanchored);
            }
        };
        let cadence = self.cadence.step();
        let live = match &mut self.stage {
            Stage::Live(live) => live,
            Stage::Warming(_) if is_blind => return Step::Ignored(Ignored::Silenced),
            Stage::Warming(warmup) => {
                if warmup.add(time, y, rules.cadence, rules.warmup) && may_start() {
                    self.grow_up(rules);
                }
                return Step::Ignored(Ignored::WarmingUp);
            }
        };
        if is_blind {
            live.pass_over(steps, y, cadence, rules);
            return Step::Ignored(Ignored::Silenced);
        }
        let place = (steps, self.cadence.grid());
        let step = live.observe(place, y, cadence, rules, silence);
        if let Step::Ignored(why @ (Ignored::OutOfRange | Ignored::CounterRevoked)) = step {
            self.is_gauge |= why == Ignored::CounterRevoked;
            self.restart(time, seen, rules);
        } else {
            live.catch_up_in_turn(self.phase);
        }
        step
    }

    /// Makes do with the points there are, for a last forecast: two of them at least.
    pub fn grow_up_now(&mut self, rules: &Rules) {
        if let Stage::Warming(warmup) = &self.stage
            && warmup.points() >= 2
        {
            self.grow_up(rules);
        }
    }

    /// The program was away since the last point: points that are missing at the next one are no gap.
    pub fn come_back(&mut self) {
        if let Stage::Live(live) = &mut self.stage {
            live.come_back();
        }
    }

    /// The forecaster begins anew, from the values it kept, because the rules for it are other ones.
    pub fn refit(&mut self, rules: &Rules) {
        if let Stage::Live(live) = &mut self.stage {
            live.refit(self.cadence.grid(), self.cadence.step(), rules, self.phase);
        }
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
    /// The next one is due `every` steps later, the one after the first up to a phase of the series' own
    /// earlier.
    pub fn issue(&mut self, rules: &Rules, out: &mut Vec<Ahead>) {
        out.clear();
        if let Stage::Live(live) = &mut self.stage {
            live.issue(&self.cadence, rules, self.phase as u8, out);
        }
    }

    /// Writes the last point as step 0 and the forecast of every step up to the horizon into `out`;
    /// nothing while the series warms up.
    pub fn path(&mut self, rules: &Rules, out: &mut Vec<Ahead>) {
        out.clear();
        if let Stage::Live(live) = &mut self.stage {
            live.path(&self.cadence, rules, out);
        }
    }

    /// The forecaster learns what it has still to learn: before the series is kept.
    pub fn catch_up(&mut self) {
        if let Stage::Live(live) = &mut self.stage {
            live.catch_up();
        }
    }

    /// What forecasts the series; none while it warms up.
    #[must_use]
    pub fn forecaster(&mut self) -> Option<&Forecaster> {
        match &mut self.stage {
            Stage::Live(live) => Some(live.forecaster()),
            Stage::Warming(_) => None,
        }
    }

    /// Whether it is modelled by its increments.
    #[must_use]
    pub fn is_counter(&self) -> bool {
        matches!(&self.stage, Stage::Live(live) if live.is_counter())
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

    /// From the points gathered so far to a model.
    fn grow_up(&mut self, rules: &Rules) {
        let Stage::Warming(warmup) = &self.stage else {
            return;
        };
        let counter = rules.counter.or(self.is_gauge.then_some(false));
        let start = warmup.finish(&mut self.cadence, rules.cadence, counter, rules.window);
        let place = (self.cadence.grid(), self.cadence.step());
        let coarse = self.coarse.take();
        let live = Live::start(&start, place, rules, self.phase, coarse);
        self.stage = Stage::Live(Box::new(live));
    }

    /// Keeps what does not depend on the cadence over a change of it.
    fn keep_coarse(&mut self) {
        let warming = Stage::Warming(Warmup::new());
        if let Stage::Live(live) = std::mem::replace(&mut self.stage, warming) {
            self.coarse = live.into_coarse();
        }
    }

    /// Begins anew with this point, whose value may teach nothing.
    fn restart(&mut self, time: i64, y: Option<f64>, rules: &Rules) {
        *self = Self {
            is_gauge: self.is_gauge,
            coarse: self.coarse.take(),
            ..Self::new(time, self.phase)
        };
        self.cadence.arrive(time);
        if let (Stage::Warming(warmup), Some(y)) = (&mut self.stage, y) {
            warmup.add(time, y, rules.cadence, rules.warmup);
        }
    }
}

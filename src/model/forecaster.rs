//! The forecaster of a series, as the settings name it, and all that the rest of the program calls.
//!
//! `auto` is the mix of [`super::mix`] on one or two grids, `ets` exponential smoothing alone
//! ([`super::ets`]), `naive` the mix in which only the last value speaks. One value a step; what is
//! missing is let pass.

use super::calendar::{Calendar, Season};
use super::coarse::Coarse;
use super::ets::interval::{Sum, normal_half_width};
use super::ets::stream::{Ets, EtsSetup, Trend};
use super::grids::{Grids, Layout};
use super::mix::Grown;
use super::mix::candidates::Weights;
use super::steps::Steps;

/// Which forecaster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The mix.
    Auto,
    /// Exponential smoothing alone: Holt-Winters.
    Ets,
    /// The last value alone.
    Naive,
}

/// The forecaster of a series, as the settings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which one.
    pub kind: Kind,
    /// What trend there is, for exponential smoothing.
    pub trend: Trend,
}

/// What a forecaster has to know of its series.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// As the settings have it.
    pub spec: Spec,
    /// Which seasons there may be.
    pub season: Season,
    /// Time between points, ns, > 0.
    pub step_ns: i64,
    /// How far ahead forecasts are judged, steps, at least 1.
    pub horizon: u32,
    /// Share of the outcomes that intervals are to hold, in (0, 1).
    pub coverage: f64,
    /// Values that exponential smoothing is fitted to.
    pub window: u32,
    /// Whether values are those of the series or the increments of a counter.
    pub sum: Sum,
    /// Shifts what is done every so many points, so that series which started together do not work
    /// together.
    pub phase: u32,
}

/// The forecaster of one series.
#[derive(Clone, Debug)]
pub enum Forecaster {
    /// The mix, or only its last value.
    Mix(Box<Grids>),
    /// Exponential smoothing, and half the width of its intervals in standard deviations.
    Ets(Box<Ets>, f64),
}

impl Forecaster {
    /// One that has seen nothing.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        match setup.spec.kind {
            Kind::Auto | Kind::Naive => Self::Mix(Box::new(Grids::new(&Layout {
                step_ns: setup.step_ns.max(1),
                calendar: Calendar::new(setup.season, setup.step_ns),
                horizon: setup.horizon,
                coverage: setup.coverage as f32,
                phase: setup.phase,
                sums: setup.sum == Sum::Increments,
                naive: setup.spec.kind == Kind::Naive,
            }))),
            Kind::Ets => {
                let ets = Ets::new(EtsSetup {
                    trend: setup.spec.trend,
                    seasons: setup.season.in_steps(setup.step_ns),
                    window: setup.window,
                    sum: setup.sum,
                });
                Self::Ets(Box::new(ets), normal_half_width(setup.coverage))
            }
        }
    }

    /// Takes in the value of the next step, which is due at `time` (ns).
    pub fn learn(&mut self, time: i64, y: f64) {
        match self {
            Self::Mix(grids) => grids.learn(time, y),
            Self::Ets(ets, _) => ets.learn(y),
        }
    }

    /// Lets `steps` steps pass whose values are missing.
    pub fn pass(&mut self, steps: u32) {
        match self {
            Self::Mix(grids) => grids.pass(steps),
            Self::Ets(ets, _) => ets.pass(steps),
        }
    }

    /// Writes forecast and interval (`yhat`, lower, upper) of each of the next `steps` values into
    /// `out`; of increments their sum up to there. Finite, `lower <= yhat <= upper`.
    pub fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>) {
        self.forecast_at(Steps::up_to(steps), out);
    }

    /// The same of these steps only.
    pub fn forecast_at(&self, steps: Steps, out: &mut Vec<[f64; 3]>) {
        match self {
            Self::Mix(grids) => grids.forecast_at(steps, out),
            Self::Ets(ets, half_width) => ets.forecast(steps, *half_width, out),
        }
    }

    /// How many times as wide as one step ahead a forecast is `steps` steps ahead, by the closed form.
    #[must_use]
    pub fn width(&self, steps: u32) -> f64 {
        if steps <= 1 {
            return 1.0;
        }
        match self {
            Self::Mix(grids) => grids.width(steps),
            Self::Ets(ets, _) => ets.widths().nth(steps as usize - 1).unwrap_or(1.0),
        }
    }

    /// The last values, oldest first, as far as they are kept, to a thousandth of their spread; NaN: missing.
    #[must_use]
    pub fn recent(&self) -> Vec<f64> {
        match self {
            Self::Mix(grids) => grids.fine().recent(),
            Self::Ets(ets, _) => ets.recent(),
        }
    }

    /// Whether what it learns may wait until it is asked: [`Forecaster::is_finite`] does not depend on it.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        matches!(self, Self::Mix(_))
    }

    /// Whether everything in here is finite. Values near the end of the number range can break it.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Mix(_) => true, // begins anew with a value that it cannot hold
            Self::Ets(ets, _) => ets.is_finite(),
        }
    }

    /// The seasons in use, in ns, in no order; 0: none. Exponential smoothing tells none: it has those
    /// that were given.
    #[must_use]
    pub fn seasons(&self) -> [i64; 4] {
        match self {
            Self::Mix(grids) => grids.seasons(),
            Self::Ets(..) => [0; 4],
        }
    }

    /// What the candidates of the mix weigh in a forecast of several steps; none outside of a mix and
    /// before its first values.
    #[must_use]
    pub fn path_weights(&self) -> Option<Weights> {
        match self {
            Self::Mix(grids) => grids.fine().grown().map(Grown::path_weights),
            Self::Ets(..) => None,
        }
    }

    /// Gives away what does not depend on the time between points: the coarse grid.
    #[must_use]
    pub fn into_coarse(self) -> Option<Box<Coarse>> {
        match self {
            Self::Mix(grids) => grids.into_coarse(),
            Self::Ets(..) => None,
        }
    }

    /// Takes the coarse grid of the series at another cadence, where it fits.
    pub fn take_coarse(&mut self, coarse: Box<Coarse>) {
        if let Self::Mix(grids) = self {
            grids.take_coarse(coarse);
        }
    }
}

//! How a series is to be modelled and judged: the settings, as the series need them.

use crate::judge::Rule;
use crate::model::calendar::Season;
use crate::model::forecaster::{Setup, Spec};
use crate::model::interval::Sum;

use super::extent::Extent;

/// How a series is to be modelled and judged.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which forecaster.
    pub model: Spec,
    /// Which seasons there may be.
    pub season: SeasonRule,
    /// Whether values are modelled by their increments; `None`: as they look.
    pub counter: Option<bool>,
    /// Time between points in ns; `None`: as learnt.
    pub cadence: Option<i64>,
    /// Values kept for fitting.
    pub window: Extent,
    /// Points before the first verdict.
    pub warmup: Extent,
    /// How far forecasts reach.
    pub horizon: Extent,
    /// Forecast points written, at most [`POINTS_MAX`]; `None`: all.
    pub points: Option<u32>,
    /// Steps between two forecasts.
    pub every: Extent,
    /// Share of the outcomes that prediction intervals are to hold, in (0, 1).
    pub coverage: f64,
    /// Values whose crossing is forecast, at most [`THRESHOLDS_MAX`]; finite, each once.
    pub thresholds: Vec<f64>,
    /// What is flagged.
    pub rule: Rule,
    /// Points after which a new level is the new normal.
    pub adopt_after: Extent,
}

/// Which seasons there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeasonRule {
    /// They are found from the stream.
    Auto,
    /// None.
    None,
    /// One or two lengths.
    Given(Extent, Option<Extent>),
}

impl SeasonRule {
    /// The same for a time between points of `cadence` ns.
    #[must_use]
    pub fn at(self, cadence: i64) -> Season {
        let ns = |length: Extent| match length {
            Extent::Steps(steps) => cadence.saturating_mul(steps.into()),
            Extent::Time(ns) => ns,
        };
        match self {
            Self::Auto => Season::Auto,
            Self::None => Season::None,
            Self::Given(one, other) => Season::Given([ns(one), other.map_or(0, ns)]),
        }
    }
}

/// Most points of a forecast that are written.
pub const POINTS_MAX: u32 = 1_000;

/// Most thresholds of a series: each may give a record with every forecast.
pub const THRESHOLDS_MAX: usize = 16;

impl Rules {
    /// What the forecaster of a series has to know.
    pub(super) fn forecaster(&self, cadence: i64, sum: Sum, phase: u32) -> Setup {
        Setup {
            spec: self.model,
            season: self.season.at(cadence),
            step_ns: cadence,
            horizon: self.horizon.steps(cadence, 1),
            coverage: self.coverage,
            window: self.window.steps(cadence, 2),
            sum,
            phase,
        }
    }

    /// Steps between two forecast points that are written. Counted back from the horizon, so that the
    /// last one is the horizon and all distances are the same.
    pub(super) fn stride(&self, cadence: i64) -> u32 {
        let horizon = self.horizon.steps(cadence, 1);
        let points = self.points.unwrap_or(horizon).min(POINTS_MAX);
        horizon.div_ceil(points.clamp(1, horizon))
    }
}

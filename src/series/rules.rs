//! How a series is to be modelled and judged: the settings, as the series need them.

use crate::judge::Rule;
use crate::model::Spec;

use super::extent::Extent;

/// How a series is to be modelled and judged.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which forecaster.
    pub model: Spec,
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
    /// Half the width of the prediction interval, in standard deviations; > 0.
    pub half_width: f64,
    /// Values whose crossing is forecast, at most [`THRESHOLDS_MAX`]; finite, each once.
    pub thresholds: Vec<f64>,
    /// What is flagged.
    pub rule: Rule,
    /// Points after which a new level is the new normal.
    pub adopt_after: Extent,
}

/// Most points of a forecast that are written.
pub const POINTS_MAX: u32 = 1_000;

/// Most thresholds of a series: each may give a record with every forecast.
pub const THRESHOLDS_MAX: usize = 16;

impl Rules {
    /// Steps between two forecast points that are written. Counted back from the horizon, so that the
    /// last one is the horizon and all distances are the same.
    pub(super) fn stride(&self, cadence: i64) -> u32 {
        let horizon = self.horizon.steps(cadence, 1);
        let points = self.points.unwrap_or(horizon).min(POINTS_MAX);
        horizon.div_ceil(points.clamp(1, horizon))
    }
}

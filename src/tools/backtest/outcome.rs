//! What is known of a series when its last point has been seen.

use std::time::Duration;

use crate::filter::Tally;
use crate::model::mix::candidates::{COUNT, Weights};
use crate::tools::chart::Chart;

use super::agreement::Hits;
use super::errors::Octaves;
use super::happened::Watch;

/// A season that a series had, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its length, ns.
    pub length_ns: i64,
    /// Points of the series when it was first in use.
    pub after_points: u64,
}

/// Fits of a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fits {
    /// Origins that it forecast from.
    pub origins: u32,
    /// Fits without a model or with a forecast that is no number.
    pub failed: u32,
}

/// What is known of a series when its last point has been seen.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The number of its policy in the settings, from 1; none: the common settings.
    pub policy: Option<u16>,
    /// Share of the outcomes that its intervals are to hold.
    pub coverage: f64,
    /// What became of its points.
    pub tally: Tally,
    /// Gaps: judged points before which others were missing.
    pub gaps: u64,
    /// The time between points, ns; 0: not known.
    pub cadence_ns: i64,
    /// Whether it is modelled by its increments.
    pub is_counter: bool,
    /// Steps of a forecast.
    pub horizon: u32,
    /// Judged points from one origin to the next.
    pub every: u32,
    /// Origins.
    pub origins: u32,
    /// The seasons in use at the end.
    pub seasons: Vec<Found>,
    /// Sums over the origins of the shares that the candidates had in the forecast.
    pub weights: [f64; COUNT],
    /// Origins with such shares.
    pub weighed: u32,
    /// Errors by steps ahead.
    pub errors: Octaves,
    /// Fits of `AutoETS`.
    pub auto_ets: Fits,
    /// Fits of MSTL.
    pub mstl: Fits,
    /// Events, and those of other budgets.
    pub happened: Watch,
    /// How the flags agree with what is known, if anything is.
    pub hits: Option<Hits>,
    /// The picture, if one was wanted and there is something in it.
    pub chart: Option<Chart>,
    /// Time spent on learning and judging.
    pub elapsed: Duration,
}

impl Outcome {
    /// Whether the references are fitted at the next origin: `references` times, evenly spread over the origins
    /// that have a whole horizon before them.
    pub(super) fn is_reference_due(&self, references: u32, points_left: usize) -> bool {
        let (horizon, every) = (self.horizon as usize, self.every as usize);
        let done = self.origins as usize;
        let fits = self.auto_ets.origins + self.auto_ets.failed;
        if fits >= references || points_left < horizon {
            return false;
        }
        let origins = done + (points_left - horizon) / every + 1;
        let stride = origins.div_ceil(references as usize).max(1);
        done % stride == stride / 2 || points_left < horizon + every && fits == 0
    }

    /// Counts the shares that the candidates have.
    pub(super) fn weigh(&mut self, weights: Option<Weights>) {
        let Some(weights) = weights else { return };
        let of = |candidate: usize| f64::from(weights.of(candidate));
        let all: f64 = (0..COUNT).map(of).sum();
        if all > 0.0 {
            self.weighed += 1;
            for (candidate, sum) in self.weights.iter_mut().enumerate() {
                *sum += of(candidate) / all;
            }
        }
    }
}

//! What a series has never been.
//!
//! A value beyond everything seen, by more than a margin, is a surprise where the plain score is above one half.
//! The margin is 5 % of the range so far, and while few points are known what a new extreme of noise exceeds the
//! old one by with the probability that is left to it: of `n` points the next is the greatest with
//! probability `1/n`, far more than any budget. Every value belongs to the range from then on: forgetting it would
//! be a source of alarms of its own.

use super::budget::Allowance;
use crate::minmax;

/// Share of the range by which a new extreme must exceed it; half and double are alike.
const MARGIN: f64 = 0.05;
/// Scales that the range is taken to be at least.
const LEAST: f64 = 4.0;
/// Mean excess of a new extreme of noise, in scales: of normal noise three deviations out. At twice as much NAB
/// loses a point, at none the first 2,000 points of a series have 1.6 times their budget.
const EXCESS: f64 = 0.3;

/// Least and greatest value seen.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Range {
    /// Of one value.
    #[must_use]
    pub fn of(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// By how much a new extreme must exceed the last, of a series with this scale and `points` values seen.
    #[must_use]
    pub fn margin(&self, (scale, floor): (f32, f32), points: u32, allowance: Allowance) -> f64 {
        let range = (self.high - self.low).max(LEAST * f64::from(floor));
        let extremes = 2.0 / f64::from(points); // the share of the points that are one
        let usual = (extremes / allowance.in_force).ln().max(0.0);
        (MARGIN * range).max(EXCESS * f64::from(scale) * usual)
    }

    /// By how much `x` is beyond everything seen, 0 within, and its score; above 1 beyond the margin.
    #[must_use]
    #[inline]
    pub fn score(&self, x: f64, margin: impl FnOnce() -> f64) -> (f64, f32) {
        let excess = minmax::max(x - self.high, self.low - x);
        if excess <= 0.0 {
            return (0.0, 0.0);
        }
        let margins = (excess / margin()).min(1e6);
        // It is no probability: far beyond it counts as a little more, and the point's own score tells.
        let score = if margins > 1.0 {
            1.0 + 0.25 * margins.ln()
        } else {
            margins
        };
        (excess, score as f32)
    }

    /// Takes in a value.
    #[inline]
    pub fn learn(&mut self, x: f64) {
        self.low = minmax::min(x, self.low);
        self.high = minmax::max(x, self.high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn margin(points: u32) -> f64 {
        let range = Range {
            low: 0.0,
            high: 10.0,
        };
        let allowance = Allowance {
            budget: 1e-4,
            in_force: 1e-4,
            least: 1e-6,
        };
        range.margin((2.0, 0.0), points, allowance)
    }

    #[test]
    fn while_few_points_are_known_a_new_extreme_must_be_far_out() {
        assert!(margin(200) > 5.0 * MARGIN * 10.0);
        assert!((margin(1_000_000) - MARGIN * 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_score_is_above_one_beyond_the_margin() {
        let range = Range::of(3.0);
        let score = |x: f64| range.score(x, || 0.5).1;
        assert!(score(3.0) <= 0.0 && score(3.49) < 1.0 && score(2.4) > 1.0);
    }
}

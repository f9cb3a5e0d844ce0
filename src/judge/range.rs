//! What a series has never been.
//!
//! A value beyond everything seen, by more than 5 % of the range so far, is a surprise where the plain
//! score is above one half. Every value belongs to the range from then on: forgetting it would be a source
//! of alarms of its own.

/// Share of the range by which a new extreme must exceed it; half and double are alike.
const MARGIN: f64 = 0.05;
/// Scales that the range is taken to be at least.
const LEAST: f64 = 4.0;

/// Least and greatest value seen.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    low: f64,
    high: f64,
}

impl Range {
    /// Of one value.
    #[must_use]
    pub fn of(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// By how much `x` is beyond everything seen, 0 within, and its score; above 1 beyond the margin.
    #[must_use]
    #[inline]
    pub fn score(&self, x: f64, floor: f32) -> (f64, f32) {
        let excess = (x - self.high).max(self.low - x);
        if excess <= 0.0 {
            return (0.0, 0.0);
        }
        let range = (self.high - self.low).max(LEAST * f64::from(floor));
        let margins = (excess / (MARGIN * range)).min(1e6);
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
        self.low = self.low.min(x);
        self.high = self.high.max(x);
    }
}

//! The straight line under noise: Holt's damped trend with fixed constants.
//!
//! ```text
//! e      = z - (level + phi slope)
//! level += phi slope + alpha e,   slope = phi slope + beta e
//! forecast for t+h = level + (phi + ... + phi^h) slope
//! ```
//! (Holt 1957; Gardner & McKenzie 1985.) An autoregression on differences ([`super::drift`]) sees a slope
//! only where it is not far below the noise of one step; a disk that fills by a hundredth of its noise a
//! minute needs a line over many points. It is heard only where it is clearly better than the last value
//! ([`super::candidates`]).

use super::ring::Change;

/// Weight of an innovation in the level; .1 to .3 are alike.
const ALPHA: f32 = 0.2;
/// Weight of an innovation in the slope: a line over some 30 points; .006 to .02 are alike.
const BETA: f32 = 0.01;
/// What is left of the slope a step later. With .98 a slow sine is forecast at .65 of the last value's
/// error 40 steps ahead, with .99 at .43, with .995 at .34; the closer to 1, the farther a slope that has
/// ended goes on.
const PHI: f32 = 0.99;

/// Level and slope, in units of the ring.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    pub(crate) level: f32,
    pub(crate) slope: f32,
}

impl Trend {
    /// From one value, level.
    #[must_use]
    pub fn start(z: f32) -> Self {
        Self {
            level: z,
            slope: 0.0,
        }
    }

    /// What it expects of the next value.
    #[must_use]
    #[inline]
    pub fn next(&self) -> f32 {
        self.level + PHI * self.slope
    }

    /// What it expects of the value `steps` ahead, from 1.
    #[must_use]
    pub fn ahead(&self, steps: usize) -> f32 {
        let weight = PHI * (1.0 - PHI.powi(steps.min(1 << 20) as i32)) / (1.0 - PHI);
        self.level + weight * self.slope
    }

    /// Takes in a value.
    #[inline]
    pub fn learn(&mut self, z: f32) {
        let expected = self.next();
        let innovation = z - expected;
        self.level = expected + ALPHA * innovation;
        self.slope = PHI * self.slope + BETA * innovation;
    }

    /// Lets a step pass without a value.
    pub fn pass(&mut self) {
        self.level = self.next();
        self.slope *= PHI;
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, change: Change) {
        self.level = change.value(self.level);
        self.slope *= change.stretch;
    }
}

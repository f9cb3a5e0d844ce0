//! What a coarser grid expects, as seen from the points.

use super::ring::Ring;

/// The outlook as regressors: its level at the target, and its slope.
pub type OutlookTerms = [f32; 2];

/// What a coarser grid expects of the values to come: the means of its buckets, the newest complete one
/// first, and where on that line the points are.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'a> {
    /// Means of the buckets from the newest complete one on, at least two.
    pub means: &'a [f64],
    /// Where the last point is: 0 is the centre of the first bucket of `means`, 1 that of the next.
    pub at: f64,
    /// Buckets from point to point.
    pub per_step: f64,
}

impl Outlook<'_> {
    /// The same from the next point on.
    #[must_use]
    pub fn one_step_on(&self) -> Self {
        Self {
            at: self.at + self.per_step,
            ..*self
        }
    }

    /// The level `steps` ahead of the last point, linear between the centres of the buckets.
    #[must_use]
    #[inline]
    pub fn level(&self, steps: usize) -> f64 {
        let last = self.means.len() - 1;
        let place = (self.at + self.per_step * steps as f64).clamp(0.0, last as f64);
        let before = (place as usize).min(last.saturating_sub(1));
        let share = place - before as f64;
        let (a, b) = (self.means[before], self.means[(before + 1).min(last)]);
        a + (b - a) * share
    }

    /// Level at the target and slope towards it, per bucket and in units, for the value `steps` ahead
    /// (from 1).
    #[must_use]
    #[inline]
    pub fn terms(&self, ring: &Ring, steps: usize) -> OutlookTerms {
        let level = self.level(steps);
        let slope = (level - self.level(steps - 1)) / (self.per_step * ring.scale());
        [ring.unit(level), slope as f32]
    }
}

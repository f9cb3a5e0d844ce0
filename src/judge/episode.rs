//! What is going on: an anomaly from its first surprising point until it has been quiet for a while.
//!
//! It closes after 40 points in a row without a surprise: at the first quiet one NAB loses 17 points, after
//! 80 nothing changes. When surprises have outnumbered quiet points by `adopt_after`, what was surprising is
//! the new normal. What comes and goes for long never gets there: it is a burden that a surprise adds one to and a
//! quiet point takes a tenth from, over many episodes. After its first surprises the scales go back to what they
//! were; what flickers on widens them.

use super::scale::Saved;

/// Quiet points in a row after which it is over.
pub const QUIET: u8 = 40;
/// What a quiet point takes from the burden: what is more than a tenth of what comes is no exception for ever.
const RELIEF: f32 = 0.1;
/// Weight of a surprise in their usual size, and most that the logarithm of one counts.
const SIZE_GAIN: f32 = 0.02;
const SIZE_MAX: f32 = 5.0;
/// Scales that are saved: of the plain, the daily and the level's errors.
pub const SCALES: usize = 3;

/// The present anomaly, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Episode {
    is_open: bool,
    quiet: u8,      // points in a row
    surprises: u32, // points of this episode
    streak: u32,    // surprises beyond quiet points
    burden: f32,    // surprises beyond a tenth of the quiet points, also of episodes before
    ln_size: f32,   // of a surprise in limits, discounted mean
    saved: Option<[Saved; SCALES]>,
    former: Option<(f64, u32)>, // the level before an adoption, and for how many more points it counts
}

impl Episode {
    /// Whether the last point was a surprise.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_open && self.quiet == 0
    }

    /// What the scales were before it, until the first quiet point.
    #[must_use]
    pub fn saved(&self) -> Option<&[Saved; SCALES]> {
        self.saved.as_ref()
    }

    /// Surprising points so far; the present one included.
    #[must_use]
    pub fn surprises(&self) -> u32 {
        self.surprises
    }

    /// Surprises beyond quiet points.
    #[must_use]
    pub fn streak(&self) -> u32 {
        self.streak
    }

    /// Surprises beyond a tenth of the quiet points.
    #[must_use]
    pub fn burden(&self) -> f32 {
        self.burden
    }

    /// Of how many limits a surprise usually was: the geometric mean, of the last fifty or so.
    #[must_use]
    pub fn size(&self) -> f32 {
        self.ln_size.exp()
    }

    /// A surprise of so many limits; `scales` as they are before it is learnt. Whether it is the first.
    pub fn surprise(&mut self, scales: [Saved; SCALES], size: f32) -> bool {
        self.burden += 1.0;
        let ln_size = size.max(1.0).ln().min(SIZE_MAX);
        self.ln_size += SIZE_GAIN.max(1.0 / self.burden) * (ln_size - self.ln_size);
        let is_first = !self.is_open;
        if is_first {
            self.is_open = true;
            self.surprises = 0;
            self.saved = Some(scales);
        }
        self.quiet = 0;
        self.surprises = self.surprises.saturating_add(1);
        self.streak = self.streak.saturating_add(1);
        is_first
    }

    /// A point that was as expected; the scales to go back to, if one before it was not.
    pub fn calm(&mut self) -> Option<[Saved; SCALES]> {
        self.streak = self.streak.saturating_sub(1);
        self.burden = (self.burden - RELIEF).max(0.0);
        if self.is_open {
            self.quiet += 1;
            self.is_open = self.quiet < QUIET;
        }
        self.saved.take()
    }

    /// What was surprising is normal from now on; for as many points as that took, the `former` level
    /// is normal too: the way back is no second event.
    pub fn adopt(&mut self, former: Option<f64>) {
        *self = Self {
            former: former.map(|level| (level, self.surprises)),
            ln_size: self.ln_size,
            ..Self::default()
        };
    }

    /// The `former` level is normal too for so many points.
    pub fn allow(&mut self, former: f64, points: u32) {
        self.former = Some((former, points));
    }

    /// The level before the last adoption, for a while.
    #[must_use]
    pub fn former(&self) -> Option<f64> {
        self.former.map(|(level, _)| level)
    }

    /// One more point has gone by.
    pub fn age(&mut self) {
        self.former = self
            .former
            .and_then(|(level, left)| Some((level, left.checked_sub(1)?)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::Scale;
    use super::*;

    #[test]
    fn it_closes_after_forty_quiet_points_and_not_before() {
        let mut episode = Episode::default();
        let scales = [Scale::default().save(); SCALES];
        episode.surprise(scales, 2.0);
        (1..QUIET).for_each(|_| _ = episode.calm());
        episode.surprise(scales, 2.0);
        assert_eq!(episode.surprises(), 2);
        (0..QUIET).for_each(|_| _ = episode.calm());
        episode.surprise(scales, 2.0);
        assert_eq!(episode.surprises(), 1);
    }
}

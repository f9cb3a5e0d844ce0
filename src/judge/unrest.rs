//! Whether the steps of a series have become larger than they were.
//!
//! The mean of the last steps `|d - d'|` of `d = x - season`, in scales of the series at this time of day (gain
//! 1/20), against its own slow mean (gain .001), in units of its own mean deviation from that; beyond the limit
//! of a tail of its own it is a surprise. One step counts at most five slow means, so that it takes
//! several; steps and not residuals, because those of a shifted level stay large. It is looked at every eighth
//! point: neighbours say nearly the same.

use super::tail::{NEARLY, Tail};

/// Gain of the mean of the last steps; with 1/16 a tenth of the changes less is found, with 1/24 as many.
const GAIN: f32 = 1.0 / 20.0;
/// Gains of the slow mean, per point, and of the mean deviation, per look.
const SLOW_GAIN: f32 = 0.001;
const DEVIATION_GAIN: f32 = 0.01;
/// Slow means that a step counts at most; with 4 a tenth less is found, with 3 a third.
const CLIP: f32 = 5.0;
/// Points between two looks.
const EVERY: u8 = 8;
/// Looks before the first that may surprise.
const JUDGED: u16 = 100;
/// Share of the slow mean that its deviation is at least.
pub(super) const FLOOR: f32 = 0.05;

/// The steps of one series.
#[derive(Clone, Debug)]
pub struct Unrest {
    pub(crate) last: f64, // less the season; NaN: not known
    pub(crate) now: f32,
    pub(crate) slow: f32,
    pub(crate) deviation: f32,
    pub(crate) points: u16,  // saturating
    pub(crate) due: u8,      // points until the next look
    pub(crate) looks: u16,   // saturating
    pub(crate) flagged: u32, // points beyond the limit, less quiet ones
    pub(crate) tail: Tail,
}

impl Default for Unrest {
    fn default() -> Self {
        Self {
            last: f64::NAN,
            now: 0.0,
            slow: 0.0,
            deviation: 0.0,
            points: 0,
            due: EVERY,
            looks: 0,
            flagged: 0,
            tail: Tail::rare(),
        }
    }
}

impl Unrest {
    /// Takes in `d`, a value less the season, where errors are of the size of `scale`; the score, 0 between two
    /// looks. `p` is the budget of a point. What has been a surprise for `adopt_after` points is
    /// normal.
    #[inline]
    pub fn observe(&mut self, d: f64, scale: f32, p: f64, adopt_after: u32) -> f32 {
        let step = (d - self.last).abs() as f32;
        self.last = d;
        if !(step.is_finite() && scale > 0.0) {
            return 0.0;
        }
        self.points = self.points.saturating_add(1);
        let start = 1.0 / f32::from(self.points);
        let mut size = step / scale;
        if self.points > EVERY.into() && self.slow > 0.0 {
            size = size.min(CLIP * self.slow);
        }
        self.now += GAIN.max(start) * (size - self.now);
        self.slow += SLOW_GAIN.max(start) * (size - self.slow);
        self.due = self.due.saturating_sub(1);
        if self.due > 0 {
            return 0.0;
        }
        self.due = EVERY;
        let score = self.look(p);
        if score > 1.0 {
            self.flagged += u32::from(EVERY);
        } else {
            self.flagged = self.flagged.saturating_sub(EVERY.into());
        }
        if self.flagged >= adopt_after {
            (self.slow, self.flagged) = (self.now, 0);
        }
        score
    }

    /// How many times larger than usual the steps are.
    #[must_use]
    pub fn times(&self) -> f64 {
        f64::from(self.now / self.slow.max(f32::MIN_POSITIVE))
    }

    /// The steps up to now do not lead on to the next value.
    pub fn interrupt(&mut self) {
        self.last = f64::NAN;
    }

    fn look(&mut self, p: f64) -> f32 {
        self.looks = self.looks.saturating_add(1);
        let off = self.now - self.slow;
        let unit = self.deviation.max(FLOOR * self.slow);
        let z = if unit > 0.0 {
            (off / unit).max(0.0)
        } else {
            0.0
        };
        let mut score = 0.0;
        if self.looks > JUDGED {
            self.tail.refit((f64::from(EVERY) * p).min(0.02));
            score = self.tail.score(z);
        }
        if score <= 1.0 || (self.flagged == 0 && z < NEARLY * self.tail.limit()) {
            self.tail.learn(z);
        }
        let gain = DEVIATION_GAIN.max(1.0 / f32::from(self.looks));
        let size = if score > 1.0 { unit } else { off.abs() };
        self.deviation += gain * (size - self.deviation);
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greatest score over these factors of an even noise of its own, after 4,000 points of factor 1.
    fn greatest(factors: &[f64]) -> f32 {
        let mut word = 1_u64;
        let mut unrest = Unrest::default();
        let mut observe = |factor: f64| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = (word >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            unrest.observe(factor * noise, 0.25, 1e-5, 120)
        };
        (0..4_000).for_each(|_| _ = observe(1.0));
        factors
            .iter()
            .map(|&factor| observe(factor))
            .fold(0.0, f32::max)
    }

    #[test]
    fn steps_three_times_as_large_are_found_and_a_single_spike_is_none() {
        assert!(greatest(&[3.0; 60]) > 1.0);
        assert!(greatest(&[1.0; 400]) < 1.0);
        let mut spike = [1.0; 60];
        spike[20] = 50.0;
        assert!(greatest(&spike) < 1.0);
    }

    #[test]
    fn what_stays_is_normal_after_a_while() {
        assert!(greatest(&[3.0; 300]) > 1.0);
        let mut word = 7_u64;
        let mut unrest = Unrest::default();
        let mut last = 0.0_f32; // greatest of the last thousand points
        for i in 0..6_000 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = (word >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            let factor = if i < 4_000 { 1.0 } else { 3.0 };
            let score = unrest.observe(factor * noise, 0.25, 1e-5, 120);
            last = if i < 5_000 { 0.0 } else { last.max(score) };
        }
        assert!(last < 1.0, "{last}");
    }
}

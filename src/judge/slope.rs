//! Whether the level moves steadily.
//!
//! Means of ten points of `d = x - season`; six of them are looked at together, when a new one is whole. The
//! departure is that of the last two from the first two, in scales and against a tail of its own. It is a
//! trend only if both halves of the way go its way with at least a fifth of it each, and no two steps in a row
//! make up most of it: else it is a shift of the level, and told as such.

use super::tail::{NEARLY, Tail};

/// Points in a mean.
const POINTS: u8 = 10;
/// Means that are looked at.
const MEANS: usize = 6;
/// Points that are looked at.
pub const WINDOW: u32 = POINTS as u32 * MEANS as u32;
/// Least share of the way that each half of it has.
const HALF_SHARE: f32 = 0.2;
/// Most of the way that two steps in a row make up.
const STEP_SHARE: f32 = 0.8;
/// Looks before the first that may surprise.
const JUDGED: u16 = 50;
/// Gain of the mean size of the departures, per look.
const GAIN: f32 = 0.005;
/// Mean sizes that a departure counts at most.
const CLIP: f32 = 4.0;

/// The trend of one series.
#[derive(Clone, Debug)]
pub struct Slope {
    pub(crate) means: [f32; MEANS], // oldest first, as differences to `origin`
    pub(crate) origin: f64,
    pub(crate) sum: f32,
    pub(crate) count: u8, // points in `sum`
    pub(crate) held: u8,  // means
    pub(crate) off: f32,
    pub(crate) flagged: u32, // points beyond the limit, less quiet ones
    pub(crate) scale: f32,   // mean size of the departures
    pub(crate) looks: u16,   // saturating
    pub(crate) tail: Tail,
}

impl Default for Slope {
    fn default() -> Self {
        Self {
            means: [0.0; MEANS],
            origin: 0.0,
            sum: 0.0,
            count: 0,
            held: 0,
            off: 0.0,
            flagged: 0,
            scale: 0.0,
            looks: 0,
            tail: Tail::rare(),
        }
    }
}

impl Slope {
    /// Takes in `d`, a value less the season; the score, 0 between two looks. `p` is the budget of
    /// a point; departures up to `rest` do not narrow the scale. What has been a surprise for `adopt_after` points is normal.
    #[inline]
    pub fn observe(&mut self, d: f64, p: f64, rest: f32, adopt_after: u32) -> f32 {
        if self.count == 0 && self.held == 0 {
            self.origin = d;
        }
        self.sum += (d - self.origin) as f32;
        self.count += 1;
        if self.count < POINTS {
            return 0.0;
        }
        let score = self.look(p, rest);
        if score > 1.0 {
            self.flagged += u32::from(POINTS);
        } else {
            self.flagged = self.flagged.saturating_sub(POINTS.into());
        }
        if self.flagged >= adopt_after {
            self.restart();
        }
        score
    }

    /// By how much the level has moved.
    #[must_use]
    pub fn off(&self) -> f64 {
        self.off.into()
    }

    /// What was seen so far says nothing about what comes.
    pub fn restart(&mut self) {
        (self.count, self.held, self.sum, self.flagged) = (0, 0, 0.0, 0);
    }

    fn look(&mut self, p: f64, rest: f32) -> f32 {
        let mean = self.sum / f32::from(POINTS);
        (self.sum, self.count) = (0.0, 0);
        if !mean.is_finite() {
            self.restart();
            return 0.0;
        }
        self.means.rotate_left(1);
        self.means[MEANS - 1] = mean;
        self.held = (self.held + 1).min(MEANS as u8);
        if usize::from(self.held) < MEANS {
            return 0.0;
        }
        let [a, b, c, d, e, f] = self.means;
        let [first, middle, last] = [a + b, c + d, e + f].map(|two| 0.5 * two);
        self.off = last - first;
        let size = self.off.abs();
        let z = if self.scale > 0.0 {
            size / self.scale
        } else {
            0.0
        };
        let mut score = 0.0;
        if self.looks >= JUDGED {
            self.tail.refit((f64::from(POINTS) * p).min(0.02));
            score = self.tail.score(z);
            let is_steady = self.is_steady(middle - first);
            score = if is_steady { score } else { score.min(0.99) };
        }
        let is_surprise = score > 1.0;
        if !is_surprise || (self.flagged == 0 && z < NEARLY * self.tail.limit()) {
            self.tail.learn(z);
        }
        if size <= rest {
            return score;
        }
        self.looks = self.looks.saturating_add(1);
        let gain = GAIN.max(1.0 / f32::from(self.looks));
        let size = if is_surprise { self.scale } else { size };
        let most = if self.looks > JUDGED {
            CLIP * self.scale
        } else {
            f32::MAX
        };
        self.scale += gain * (size.min(most) - self.scale);
        score
    }

    fn is_steady(&self, first_half: f32) -> bool {
        let share = first_half / self.off;
        let is_even = (HALF_SHARE..=1.0 - HALF_SHARE).contains(&share);
        let is_step = self
            .means
            .windows(3)
            .any(|three| (three[2] - three[0]) / self.off > STEP_SHARE);
        is_even && !is_step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greatest score of these values on an even noise between 0 and 1, after 4,000 points of it alone.
    fn greatest(values: impl IntoIterator<Item = f64>) -> f32 {
        let mut word = 1_u64;
        let mut slope = Slope::default();
        let mut observe = |value: f64| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = (word >> 11) as f64 / (1_u64 << 53) as f64;
            slope.observe(value + noise, 1e-5, 0.0, 120)
        };
        (0..4_000).for_each(|_| _ = observe(0.0));
        values.into_iter().map(observe).fold(0.0, f32::max)
    }

    #[test]
    fn a_ramp_is_a_trend_and_a_step_anywhere_is_none() {
        let ramp = |i: i32| f64::from(i.clamp(0, 60)) / 20.0;
        assert!(greatest((0..90).map(ramp)) > 1.0);
        assert!(greatest((0..90).map(|i| -ramp(i))) > 1.0);
        assert!(greatest((0..400).map(|_| 0.0)) < 1.0);
        for at in 20..30 {
            let step = (0..100).map(|i| if i < at { 0.0 } else { 3.0 });
            assert!(greatest(step) < 1.0, "{at}");
        }
    }

    #[test]
    fn it_says_by_how_much_the_level_has_moved() {
        let mut slope = Slope::default();
        (0..60).for_each(|i| _ = slope.observe(f64::from(i), 1e-5, 0.0, 120));
        assert!((slope.off() - 40.0).abs() < 1e-6, "{}", slope.off());
    }
}

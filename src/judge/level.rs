//! Whether the level has shifted: the mean of the last five points against a slow level.
//!
//! A shift of a few scales is no surprise at any single point, and is one in their mean. The mean of
//! the last five departures from `season + slow level` (gain .1, of cleaned values) has a scale and a tail of
//! its own. It counts only when more than half of the five, and the newest, are on its side with at least half
//! of its size: else one spike would echo through five means.

use super::day::Place;
use super::scale::Scale;
use super::tail::Tail;

/// Points in the mean; 3 and 10 are alike.
const POINTS: usize = 5;
/// Gain of the slow level; half and double are alike.
const GAIN: f64 = 0.1;
/// Values after which the slow level is one.
const SETTLED: u16 = 50;
/// Means after which they are judged.
const JUDGED: u16 = 200;
/// Least share of the mean that a point on its side has, and that all but the largest have in the mean.
const SHARE: f32 = 0.5;
const OTHERS: f32 = 0.6;
/// Points that the slow level counts for when it begins anew.
const RESTARTED: u16 = 30;

/// The level of one series.
#[derive(Clone, Debug)]
pub struct Level {
    pub(crate) slow: f64,
    pub(crate) points: u16, // learnt by the slow level, saturating
    pub(crate) recent: [f32; POINTS],
    pub(crate) count: u8, // departures seen, saturating
    pub(crate) scale: Scale,
    pub(crate) tail: Tail,
}

/// A mean of departures, judged.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// The mean, in the unit of the data.
    pub mean: f32,
    /// Its scale.
    pub scale: f32,
    /// Its size in scales.
    pub z: f32,
    /// Its score; 1 is the limit.
    pub score: f32,
}

impl Level {
    /// Around a first value.
    #[must_use]
    pub fn start(x: f64) -> Self {
        Self {
            slow: x,
            points: 0,
            recent: [0.0; POINTS],
            count: 0,
            scale: Scale::default(),
            tail: Tail::default(),
        }
    }

    /// The slow level.
    #[must_use]
    pub fn slow(&self) -> f64 {
        self.slow
    }

    /// Its scale.
    pub fn scale_mut(&mut self) -> &mut Scale {
        &mut self.scale
    }

    /// Takes in `x`, less the season; what the mean is worth, once there is one.
    pub fn look(&mut self, x: f64, place: Place, floor: f32, p: f64) -> Option<Shift> {
        if self.points <= SETTLED {
            return None;
        }
        self.recent.rotate_left(1);
        self.recent[POINTS - 1] = (x - self.slow) as f32;
        self.count = self.count.saturating_add(1);
        if usize::from(self.count) < POINTS {
            return None;
        }
        let mean = self.recent.iter().sum::<f32>() / POINTS as f32;
        let scale = self.scale.at(place, floor);
        let z = if scale > 0.0 { mean.abs() / scale } else { 0.0 };
        let mut score = 0.0;
        if self.scale.points() > JUDGED {
            self.tail.refit(p);
            score = self.tail.score(z);
            if score > 1.0 && !self.is_shared(mean) {
                score = 0.99;
            }
        }
        Some(Shift {
            mean,
            scale,
            z,
            score,
        })
    }

    /// Whether the departures agree with their mean, and do so without the largest of them.
    fn is_shared(&self, mean: f32) -> bool {
        let is_on_side = |departure: &f32| departure / mean >= SHARE;
        let sides = self.recent.iter().filter(|one| is_on_side(one)).count();
        let largest = self.recent.iter().map(|one| one / mean).fold(0.0, f32::max);
        let others = (POINTS as f32 - largest) / (POINTS - 1) as f32; // their mean, in means
        2 * sides > POINTS && is_on_side(&self.recent[POINTS - 1]) && others >= OTHERS
    }

    /// Learns a mean; `flagged` is the number of flagged points of the event, 0 for a normal one.
    pub fn learn(&mut self, shift: &Shift, flagged: u32, is_tail_learnt: bool) {
        if is_tail_learnt {
            self.tail.learn(shift.z);
        }
        self.scale.learn(shift.mean.abs(), shift.scale, flagged);
    }

    /// The slow level follows a cleaned value, less the season.
    pub fn follow(&mut self, x: f64) {
        self.points = self.points.saturating_add(1);
        self.slow += GAIN.max(1.0 / f64::from(self.points)) * (x - self.slow);
    }

    /// The slow level is another one from now on.
    pub fn restart(&mut self, slow: f64) {
        self.slow = slow;
        self.points = self.points.min(RESTARTED);
    }

    /// The slow level has moved.
    pub fn adopt(&mut self, slow: f64) {
        self.slow = slow;
    }

    /// Whether everything in it is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.slow.is_finite() && self.scale.is_finite()
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.scale.bytes()
    }
}

//! How large an error usually is: quick to widen, slow to narrow.
//!
//! `scale = max(fast, slow, time of day)` of the mean absolute errors:
//! * `fast` and `slow` are exponentially weighted means with gains .02 and .001 (both 1/n at first). The
//!   fast one follows a rough patch, the slow one remembers it.
//! * The time of day has a mean of its own for each slot, renewed daily with a gain of .15 and read over
//!   three slots. Without it the morning is an alarm: .04 of the macro F1 and 19 points of NAB.
//!
//! Below a mean the gain is halved, so that widening is quick and narrowing slow. An error counts at
//! most 6 scales, and while points are flagged at most 4 (the first ten of an event) or 1 (the others):
//! an outage widens the scale a little and cannot blow it up (Gelper, Fried & Croux 2010).

use super::day::Place;
use crate::minmax::{max, min};

/// Gain of the fast mean: a memory of 50 points. Half and double cost .01 to .02 of the event F1.
const FAST_GAIN: f32 = 0.02;
/// Gain of the slow mean: a memory of 1,000 points.
const SLOW_GAIN: f32 = 0.001;
/// Gain of a slot of the day.
const DAY_GAIN: f32 = 0.15;
/// Factor on all gains when the error is below the mean. At 1 one recording loses a quarter of its event
/// F1, at 1/4 more than half.
const FALL: f32 = 0.5;
/// Scales of the time of day that the slow mean may be for the plain expectation; without it a night is judged by
/// the spread of the day, which costs a window of NAB. For the daily expectation and the level it costs .01 on AIOps.
const QUIET: f32 = 1.5;
/// Points after which means fall slowly.
const FALLING: u16 = 50;
/// Most that an error counts, in scales: a normal one, the first flagged ones of an event, later ones.
const CLIPS: [f32; 3] = [6.0, 4.0, 1.0];
/// Points before an error is clipped.
const CLIPPING: u16 = 20;
/// Flagged points of an event that count as the first ones.
const FIRST_FLAGGED: u32 = 10;
/// Points that a scale counts for which begins as a copy of another.
const COPIED: u16 = 200;

/// The running scale of one kind of error, in the unit of the data.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    pub(crate) fast: f32,
    pub(crate) slow: f32,
    pub(crate) points: u16,                 // errors learnt, saturating
    pub(crate) slots: Option<Box<[Short]>>, // of the day, 0: not seen
    pub(crate) sum: f32,                    // of the slot of now
    pub(crate) count: u16,
}

/// A size to a four-hundredth: the upper half of a float without its sign.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Short(pub(crate) u16);

impl Short {
    fn of(size: f32) -> Self {
        if size > 0.0 {
            Self(((size.min(f32::MAX / 2.0).to_bits() + (1 << 14)) >> 15) as u16)
        } else {
            Self(0)
        }
    }

    #[inline]
    fn get(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 15)
    }
}

/// What brings a scale back to what it was.
#[derive(Clone, Copy, Debug)]
pub struct Saved {
    pub(crate) fast: f32,
    pub(crate) slow: f32,
}

impl Scale {
    /// The scale at a place in the day, not below `floor`.
    #[must_use]
    #[inline]
    pub fn at(&self, place: Place, floor: f32) -> f32 {
        self.at_as_saved(self.save(), place, floor)
    }

    /// The same as it was when it was saved.
    #[must_use]
    #[inline]
    pub fn at_as_saved(&self, saved: Saved, place: Place, floor: f32) -> f32 {
        self.largest(saved, f32::MAX, self.of_day(place), floor)
    }

    /// The same, where a quiet time of the day is judged as such: there the slow part is not much more than
    /// that of the time of day.
    #[must_use]
    #[inline]
    pub fn at_hour(&self, place: Place, floor: f32) -> f32 {
        self.at_hour_as_saved(self.save(), place, floor)
    }

    /// The same as it was when it was saved.
    #[must_use]
    #[inline]
    pub fn at_hour_as_saved(&self, saved: Saved, place: Place, floor: f32) -> f32 {
        let day = self.of_day(place);
        let most = if day > 0.0 { QUIET * day } else { f32::MAX };
        self.largest(saved, most, day, floor)
    }

    /// Of both means, as they were saved where that is narrower, and the others. The slow one is `most` at most.
    #[inline]
    fn largest(&self, saved: Saved, most: f32, day: f32, floor: f32) -> f32 {
        let (fast, slow) = (min(self.fast, saved.fast), min(self.slow, saved.slow));
        max(max(max(fast, min(slow, most)), day), floor)
    }

    #[inline]
    fn of_day(&self, place: Place) -> f32 {
        self.slots.as_ref().map_or(0.0, |slots| {
            let count = slots.len();
            let around = |slot: usize| slots[slot % count].get();
            0.25 * (around(place.slot + count - 1) + around(place.slot + 1))
                + 0.5 * around(place.slot)
        })
    }

    /// The slow part alone, or that of the time of day.
    #[must_use]
    #[inline]
    pub fn slow_at(&self, place: Place) -> f32 {
        max(self.slow, self.of_day(place))
    }

    /// The same without the day.
    #[must_use]
    #[inline]
    pub fn without_day(&self, floor: f32) -> f32 {
        max(max(self.fast, self.slow), floor)
    }

    /// Errors learnt.
    #[must_use]
    pub fn points(&self) -> u16 {
        self.points
    }

    /// Learns an absolute error where the scale was `current`. `flagged` is the number of flagged points
    /// of the event, 0 for a normal one.
    #[inline]
    pub fn learn(&mut self, error: f32, current: f32, flagged: u32) {
        let clip = match flagged {
            0 if self.points <= CLIPPING => f32::MAX,
            0 => CLIPS[0] * current,
            1..=FIRST_FLAGGED => CLIPS[1] * current,
            _ => CLIPS[2] * current,
        };
        let size = min(error, clip);
        self.points = self.points.saturating_add(1);
        let start = 1.0 / f32::from(self.points);
        for (mean, gain) in [(&mut self.fast, FAST_GAIN), (&mut self.slow, SLOW_GAIN)] {
            let falls = size < *mean && self.points > FALLING;
            let gain = gain.max(start) * if falls { FALL } else { 1.0 };
            *mean += gain * (size - *mean);
        }
        self.sum += size;
        self.count = self.count.saturating_add(1);
    }

    /// A slot of the day is over; from the first call on it has a scale of its own.
    pub fn end_slot(&mut self, slot: usize, slots: usize) {
        let (sum, count) = (
            std::mem::take(&mut self.sum),
            std::mem::take(&mut self.count),
        );
        let table = self
            .slots
            .get_or_insert_with(|| vec![Short::default(); slots].into_boxed_slice());
        let Some(place) = table.get_mut(slot).filter(|_| count > 0) else {
            return;
        };
        let mean = sum / f32::from(count);
        let own = place.get();
        let gain = if own <= 0.0 { 1.0 } else { DAY_GAIN };
        let fall = if mean < own { FALL } else { 1.0 };
        *place = Short::of(own + gain * fall * (mean - own));
    }

    /// A copy that is ready to follow another kind of error.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            points: COPIED,
            ..self.clone()
        }
    }

    /// What it is now, without the day.
    #[must_use]
    pub fn save(&self) -> Saved {
        Saved {
            fast: self.fast,
            slow: self.slow,
        }
    }

    /// Goes back to what it was, where that is narrower.
    pub fn restore(&mut self, saved: Saved) {
        self.fast = self.fast.min(saved.fast);
        self.slow = self.slow.min(saved.slow);
    }

    /// Errors are so many times larger from now on.
    pub fn widen(&mut self, factor: f32) {
        for mean in [&mut self.fast, &mut self.slow] {
            *mean = (*mean * factor).min(f32::MAX);
        }
    }

    /// Whether it is of a day of so many slots.
    pub(crate) fn is_of(&self, slots: usize) -> bool {
        self.slots.as_ref().is_none_or(|all| all.len() == slots)
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.slots.as_ref().map_or(0, |slots| size_of_val(&**slots))
    }

    /// Whether everything in it is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.fast.is_finite() && self.slow.is_finite() && self.sum.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(error: f32) -> Scale {
        let mut scale = Scale::default();
        for _ in 0..2000 {
            let current = now(&scale);
            scale.learn(error, current, 0);
        }
        scale
    }

    fn now(scale: &Scale) -> f32 {
        scale.at(Place::default(), 0.0)
    }

    fn learn(scale: &mut Scale, errors: &[f32], flagged: u32) {
        for (&error, index) in errors.iter().zip(flagged..) {
            let current = now(scale);
            scale.learn(error, current, if flagged > 0 { index } else { 0 });
        }
    }

    #[test]
    fn a_short_size_is_within_a_four_hundredth() {
        for exponent in -120..120 {
            for share in [1.0, 1.001, 1.3, 1.99] {
                let size = share * 2.0_f32.powi(exponent);
                let off = Short::of(size).get() / size - 1.0;
                assert!(off.abs() < 0.0025, "{size}: {off}");
            }
        }
        assert!(Short::of(0.0).get() <= 0.0 && Short::of(f32::INFINITY).get().is_finite());
        assert!(Short::of(f32::NAN).get() >= 0.0);
    }

    #[test]
    fn the_scale_of_even_errors_is_their_size() {
        assert!((now(&settled(2.0)) - 2.0).abs() < 1e-3);
    }

    #[test]
    fn widening_is_quicker_than_narrowing() {
        let mut wide = settled(1.0);
        learn(&mut wide, &[3.0; 50], 0);
        let widened = now(&wide) - 1.0;
        let mut back = wide.clone();
        learn(&mut back, &[1.0; 50], 0);
        assert!(widened > 1.0, "{widened}");
        assert!(now(&wide) - now(&back) < 0.7 * widened);
    }

    #[test]
    fn an_outage_cannot_blow_up_the_scale_and_is_taken_back() {
        let mut scale = settled(1.0);
        let saved = scale.save();
        learn(&mut scale, &[1e9; 100], 1);
        assert!((1.2..2.5).contains(&now(&scale)), "{}", now(&scale));
        scale.restore(saved);
        assert!((now(&scale) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_time_of_day_that_is_always_rough_has_a_scale_of_its_own() {
        let mut scale = Scale::default();
        for i in 0..24 * 10 * 20 {
            let slot = i / 10 % 24;
            let current = scale.at(
                Place {
                    slot,
                    ..Place::default()
                },
                0.0,
            );
            scale.learn(if slot == 8 { 9.0 } else { 1.0 }, current, 0);
            if i % 10 == 9 {
                scale.end_slot(slot, 24);
            }
        }
        let at = |slot| {
            scale.at(
                Place {
                    slot,
                    ..Place::default()
                },
                0.0,
            )
        };
        assert!(at(8) > 4.0 && at(20) < 3.0, "{} {}", at(8), at(20));
        let quiet = Place {
            slot: 20,
            ..Place::default()
        };
        for _ in 0..100 {
            scale.learn(0.1, 1.0, 0); // the fast mean knows that it is night
        }
        let [by_day, by_hour] = [scale.at(quiet, 0.0), scale.at_hour(quiet, 0.0)];
        assert!(
            by_hour <= QUIET * 1.01 && by_hour < by_day,
            "{by_hour} {by_day}"
        );
    }
}

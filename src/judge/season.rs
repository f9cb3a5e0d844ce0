//! What is usual at a time of the day.
//!
//! Each slot holds the mean of the values that fell in it, renewed daily with a gain of
//! `max(1 / (days + 1), .15)`, and is read by linear interpolation between the middles of the slots. A
//! flagged value enters as it came while the slot is young, later cut off at the limit: so a step that comes
//! every day is learnt within three days, and one outage moves the season by at most .15 of the limit.
//! Learnt from cleaned values a daily step would be an alarm for ever.

use super::day::Place;

/// Least weight of a day in its slot; half and double are alike.
const GAIN: f32 = 0.15;
/// Days after which flagged values are cut off.
const YOUNG: u8 = 2;

/// The profile of a day.
#[derive(Clone, Debug)]
pub struct Season {
    pub(crate) origin: f64, // values are kept as differences to it
    pub(crate) means: Box<[f32]>,
    pub(crate) days: Box<[u8]>, // seen by each slot, saturating
    pub(crate) sum: f32,        // of the slot of now
    pub(crate) count: u16,
}

impl Season {
    /// Nothing known, around a first value.
    #[must_use]
    pub fn new(slots: usize, origin: f64) -> Self {
        Self {
            origin,
            means: vec![0.0; slots].into_boxed_slice(),
            days: vec![0; slots].into_boxed_slice(),
            sum: 0.0,
            count: 0,
        }
    }

    /// What is usual at this place; `None` where neither slot was seen.
    #[must_use]
    #[inline]
    pub fn at(&self, place: Place) -> Option<f64> {
        let of = |slot: usize| (self.days[slot] > 0).then(|| self.means[slot]);
        let usual = match (of(place.before), of(place.after)) {
            (None, None) => return None,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(before), Some(after)) => before + place.share * (after - before),
        };
        Some(self.origin + f64::from(usual))
    }

    /// Whether flagged values enter the slot as they came.
    #[must_use]
    pub fn is_young(&self, slot: usize) -> bool {
        self.days[slot] <= YOUNG
    }

    /// Takes in a value of the slot of now.
    #[inline]
    pub fn learn(&mut self, x: f64) {
        let off = (x - self.origin) as f32;
        if off.is_finite() {
            self.sum += off;
            self.count = self.count.saturating_add(1);
        }
    }

    /// The slot is over.
    pub fn end_slot(&mut self, slot: usize) {
        let (sum, count) = (
            std::mem::take(&mut self.sum),
            std::mem::take(&mut self.count),
        );
        if count == 0 {
            return;
        }
        let days = self.days[slot].saturating_add(1);
        let gain = if days == 1 {
            1.0
        } else {
            GAIN.max(1.0 / f32::from(days))
        };
        self.means[slot] += gain * (sum / f32::from(count) - self.means[slot]);
        self.days[slot] = days;
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.means) + size_of_val(&*self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::super::day::{DAY, Day};
    use super::*;

    #[test]
    fn a_day_is_learnt_and_read_between_the_slots() {
        let step = DAY / 1440;
        let day = Day::new(step);
        let value = |time: i64| 1e9 + 100.0 * (time.rem_euclid(DAY) as f64 / DAY as f64);
        let mut season = Season::new(day.slots(), value(0));
        let mut slot = 0;
        for time in (0..3 * 1440).map(|i| i * step) {
            let now = day.place(time).slot;
            if now != slot {
                season.end_slot(slot);
                slot = now;
            }
            season.learn(value(time));
        }
        for time in [3 * DAY + 700 * step, 3 * DAY + 333 * step] {
            let off = season.at(day.place(time)).unwrap() - value(time);
            assert!(off.abs() < 0.01, "{off}");
        }
    }
}

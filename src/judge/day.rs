//! The time of day, in slots.
//!
//! A day has 144 slots of ten minutes, or one to a point where points are farther apart (288 are as good,
//! 96 cost .02 of the macro F1 and 4 points of NAB). UTC: what matters is that it is the same every day.

/// Most slots of a day.
const SLOTS_MAX: i64 = 144;
/// Fewest: with points more than three hours apart there is no day.
const SLOTS_MIN: i64 = 8;
/// Nanoseconds of a day.
pub const DAY: i64 = 86_400_000_000_000;

/// The slots of a day for points at some distance.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    pub(crate) slots: u8, // 0: there is no day
    pub(crate) lag: i64, // how far behind the middle of its slot the middle of the points in it is, ns
}

/// A place in the day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The slot it is in.
    pub slot: usize,
    /// The slot whose middle is before it.
    pub before: usize,
    /// The slot after that.
    pub after: usize,
    /// How far it is on the way from the one to the other, in [0, 1).
    pub share: f32,
}

impl Day {
    /// For points `cadence` ns apart.
    #[must_use]
    pub fn new(cadence: i64) -> Self {
        let slots = (DAY / cadence.max(1)).min(SLOTS_MAX);
        if slots < SLOTS_MIN {
            return Self { slots: 0, lag: 0 };
        }
        Self {
            slots: slots as u8,
            lag: (DAY / slots - cadence).max(0) / 2,
        }
    }

    /// Slots; 0: there is no day.
    #[must_use]
    pub fn slots(self) -> usize {
        self.slots.into()
    }

    /// Where `time` (ns) is in the day.
    #[must_use]
    pub fn place(self, time: i64) -> Place {
        let slots = i64::from(self.slots);
        if slots == 0 {
            return Place::default();
        }
        let time = time.rem_euclid(DAY);
        let width = DAY / slots;
        let from = (time - self.lag).rem_euclid(DAY);
        let before = (from / width).min(slots - 1);
        Place {
            slot: (time / width).min(slots - 1) as usize,
            before: before as usize,
            after: ((before + 1) % slots) as usize,
            share: ((from - before * width) as f32 / width as f32).min(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    #[test]
    fn a_slot_of_one_point_is_read_at_that_point() {
        let day = Day::new(30 * MINUTE);
        assert_eq!(day.slots(), 48);
        let place = day.place(90 * MINUTE);
        assert_eq!((place.slot, place.before, place.after), (3, 3, 4));
        assert!(place.share.abs() < 1e-6);
    }

    #[test]
    fn between_the_middles_of_two_slots_both_count() {
        let day = Day::new(MINUTE);
        assert_eq!(day.slots(), 144);
        let place = day.place(DAY - MINUTE / 2);
        assert_eq!((place.slot, place.before, place.after), (143, 143, 0));
        assert!((place.share - 0.5).abs() < 1e-6, "{}", place.share);
        let early = day.place(0);
        assert_eq!((early.slot, early.before, early.after), (0, 143, 0));
        assert!((early.share - 0.55).abs() < 1e-6, "{}", early.share);
    }

    #[test]
    fn points_that_are_hours_apart_have_no_day() {
        assert_eq!(Day::new(DAY / 4).slots(), 0);
        assert_eq!(Day::new(DAY / 24).slots(), 24);
    }
}

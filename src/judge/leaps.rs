//! When to give up flagging every leap of a series that mostly stands still.
//!
//! The edge between its moves and its leaps ([`super::moves`]) stands outside the budget. That is meant for
//! misreads, which go back. Where a leap turns out to be the new reading time and again, more often than ten
//! times a day for a week, it is a thermostat: then the tail alone speaks, and each such leap widens the scales,
//! until leaps have become rare.

/// A week, ns.
const WEEK: f64 = 7.0 * 86_400e9;
/// Adoptions in a week at which what leaps is left to the tail, where leaps are flagged beyond the budget and
/// where they are not; at 35 a brew full of misreads is taken for a thermostat. It takes half as few to end it.
const REAL: [f32; 2] = [70.0, 10.0];
const AGAIN: f32 = 0.5;

/// The leaps of one series.
#[derive(Clone, Copy, Debug)]
pub struct Leaps {
    pub(crate) forgotten: f32, // share, with a point
    pub(crate) real: f32,      // of the last week
    pub(crate) is_given_up: bool,
}

impl Leaps {
    /// Of points `cadence` ns apart.
    #[must_use]
    pub fn new(cadence: i64) -> Self {
        Self {
            forgotten: (cadence as f64 / WEEK).clamp(0.0, 1.0) as f32,
            real: 0.0,
            is_given_up: false,
        }
    }

    /// Whether leaps are left to the tail, and are what is usual.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// What was a surprise has become the new normal.
    pub fn adopt(&mut self) {
        self.real += 1.0;
    }

    /// A point has gone by; `is_wanted` where leaps are flagged beyond the budget.
    #[inline]
    pub fn age(&mut self, is_wanted: bool) {
        self.real -= self.forgotten * self.real;
        let real = REAL[usize::from(!is_wanted)];
        self.is_given_up = self.real > if self.is_given_up { AGAIN * real } else { real };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    /// Whether leaps every so many minutes, real or not, are given up within three weeks.
    fn is_given_up(every: u32, is_real: bool) -> bool {
        let mut leaps = Leaps::new(MINUTE);
        (0..21 * 1440).any(|i| {
            if is_real && i % every == 0 {
                leaps.adopt();
            }
            leaps.age(true);
            leaps.is_given_up()
        })
    }

    #[test]
    fn a_thermostat_is_given_up_and_misreads_are_not() {
        assert!(is_given_up(60, true));
        assert!(!is_given_up(60, false));
        assert!(!is_given_up(6 * 60, true));
    }

    #[test]
    fn it_is_taken_up_again_when_leaps_have_become_rare() {
        let mut leaps = Leaps::new(MINUTE);
        leaps.real = 71.0;
        leaps.age(true);
        assert!(leaps.is_given_up());
        (0..3 * 1440).for_each(|_| leaps.age(true));
        assert!(leaps.is_given_up());
        (0..3 * 1440).for_each(|_| leaps.age(true));
        assert!(!leaps.is_given_up());
    }
}

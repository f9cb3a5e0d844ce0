//! When to give up flagging every leap of a series that mostly stands still.
//!
//! The edge between its moves and its leaps ([`super::moves`]) stands outside the budget. That is meant for
//! misreads, which go back. Where a leap turns out to be the new reading time and again, more often than ten
//! times a day for a week, it is a thermostat: then the tail alone speaks, until leaps have become rare.

/// A week, ns.
const WEEK: f64 = 7.0 * 86_400e9;
/// Leaps of the last week that were real, at which the edge is given up, and taken up again.
const REAL: (f32, f32) = (70.0, 35.0);

/// The leaps of one series.
#[derive(Clone, Copy, Debug)]
pub struct Leaps {
    forgotten: f32, // share, with a point
    real: f32,      // of the last week
    is_sole: bool,  // nothing but the edge opened the present event
    is_given_up: bool,
}

impl Leaps {
    /// Of points `cadence` ns apart.
    #[must_use]
    pub fn new(cadence: i64) -> Self {
        Self {
            forgotten: (cadence as f64 / WEEK).clamp(0.0, 1.0) as f32,
            real: 0.0,
            is_sole: false,
            is_given_up: false,
        }
    }

    /// Whether leaps are left to the tail.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// An event has opened; `is_sole` when nothing but the edge found it.
    pub fn open(&mut self, is_sole: bool) {
        self.is_sole = is_sole;
    }

    /// What the event was about has become the new normal.
    pub fn adopt(&mut self) {
        if self.is_sole {
            self.is_sole = false;
            self.real += 1.0;
        }
    }

    /// A point has gone by.
    #[inline]
    pub fn age(&mut self) {
        self.real -= self.forgotten * self.real;
        self.is_given_up = self.real > if self.is_given_up { REAL.1 } else { REAL.0 };
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
            if i % every == 0 {
                leaps.open(true);
                if is_real {
                    leaps.adopt();
                }
            }
            leaps.age();
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
        leaps.age();
        assert!(leaps.is_given_up());
        (0..3 * 1440).for_each(|_| leaps.age());
        assert!(leaps.is_given_up());
        (0..3 * 1440).for_each(|_| leaps.age());
        assert!(!leaps.is_given_up());
    }
}

//! What of a budget is in force, by what it has brought so far.
//!
//! A tail is fitted to what was seen, and on some data what it promises is not quite what comes. When the
//! events that opened are more, or fewer, than the budgets let expect, by clearly more than chance (two
//! standard deviations and five), the budget in force gives way by that much, down to a half and up to
//! one and a half. No more, because true anomalies are counted too: a series in trouble must not fall silent.

/// What the budget in force may be of the user's.
const SHARES: (f64, f64) = (0.5, 1.5);
/// Events that are no news beside two standard deviations.
const SLACK: f64 = 5.0;
/// Events expected at which both counts are halved.
const MEMORY: f32 = 200.0;

/// What was expected and what came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Governor {
    expected: f32,
    opened: f32,
}

impl Governor {
    /// The share of the budget that is in force.
    #[must_use]
    #[inline]
    pub fn share(&self) -> f64 {
        let (expected, opened) = (f64::from(self.expected), f64::from(self.opened));
        let slack = 2.0 * expected.sqrt() + SLACK;
        let likely = if opened > expected + slack {
            expected + slack
        } else if opened < expected - slack {
            expected - slack
        } else {
            return 1.0;
        };
        (likely / opened).clamp(SHARES.0, SHARES.1)
    }

    /// Takes in a point with this budget.
    #[inline]
    pub fn note(&mut self, p: f64, has_opened: bool) {
        self.expected += p as f32;
        self.opened += f32::from(u8::from(has_opened));
        if self.expected > MEMORY {
            (self.expected, self.opened) = (0.5 * self.expected, 0.5 * self.opened);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share after so many points of this budget, an event opening at every `apart`th.
    fn share(points: u32, p: f64, apart: u32) -> f64 {
        let mut governor = Governor::default();
        (1..=points).for_each(|i| governor.note(p, i % apart == 0));
        governor.share()
    }

    #[test]
    fn it_gives_way_only_to_what_is_no_chance() {
        for (points, apart) in [(1_000, 300), (100_000, 900), (1_000_000, 1_000)] {
            let share = share(points, 1e-3, apart);
            assert!((share - 1.0).abs() < 1e-9, "{points} {apart}: {share}");
        }
        assert!((0.55..0.75).contains(&share(1_000_000, 1e-3, 500)));
        assert!((1.05..1.5).contains(&share(1_000_000, 1e-3, 1_700)));
    }

    #[test]
    fn a_series_in_trouble_keeps_half_of_its_budget() {
        assert!((share(10_000, 1e-5, 10) - 0.5).abs() < 1e-9);
    }
}

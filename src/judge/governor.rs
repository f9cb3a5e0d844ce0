//! What of a budget is in force, by what it has brought so far.
//!
//! A tail is fitted to what was seen, and on some data what it promises is not quite what comes. So the share of the
//! budget that is in force falls with every event that opens, and rises while none does, by so much that it
//! stands still where events come as often as the budget says (after Gibbs & Candes 2021, on the logarithm). It
//! takes some fifty events to matter, and stays between a half and one and a half, because true anomalies are
//! counted too: a series in trouble must not fall silent.

/// By how much the logarithm of the share falls with an event.
const STEP: f64 = 0.02;
/// What the share may be.
const SHARES: (f64, f64) = (0.5, 1.5);

/// The share of a budget that is in force.
#[derive(Clone, Copy, Debug)]
pub struct Governor {
    pub(crate) share: f64,
}

impl Default for Governor {
    fn default() -> Self {
        Self { share: 1.0 }
    }
}

impl Governor {
    /// The share of the budget that is in force.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Takes in a point with this budget.
    #[inline]
    pub fn note(&mut self, budget: f64, has_opened: bool) {
        self.share *= 1.0 + STEP * budget; // so little that the logarithm moves by as much
        if has_opened {
            self.share *= (-STEP).exp();
        }
        self.share = self.share.clamp(SHARES.0, SHARES.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean share over the last half of so many points, an event opening at every `apart`th.
    fn share(points: u32, budget: f64, apart: u32) -> f64 {
        let mut governor = Governor::default();
        let mut sum = 0.0;
        for i in 1..=points {
            governor.note(budget, i % apart == 0);
            if i > points / 2 {
                sum += governor.share();
            }
        }
        sum / f64::from(points - points / 2)
    }

    #[test]
    fn what_comes_as_often_as_it_may_leaves_the_budget_as_it_is() {
        let share = share(1_000_000, 1e-3, 1_000);
        assert!((share - 1.0).abs() < 0.02, "{share}");
    }

    #[test]
    fn a_few_events_do_not_matter_and_many_do() {
        assert!(share(10_000, 1e-3, 500) > 0.8);
        assert!(share(200_000, 1e-3, 500) < 0.6);
        assert!(share(200_000, 1e-3, 2_000) > 1.4);
    }

    #[test]
    fn a_series_in_trouble_keeps_half_of_its_budget() {
        assert!((share(10_000, 1e-5, 10) - 0.5).abs() < 1e-3);
    }
}

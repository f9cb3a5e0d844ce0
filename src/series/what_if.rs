//! What other budgets would have opened on this very stream.
//!
//! A score is `ln p / ln p0`, so one stream of scores tells for every budget which points it would have flagged;
//! events are counted as [`super::event`] does, forty quiet points closing one. It is an estimate: what another budget
//! flags it would not have learnt. Leaps, and what is not allowed, are flagged whatever the budget is.

use crate::judge::Verdict;
use crate::judge::budget::Budget;

/// Points in a row without a flag after which an event is over.
const QUIET: u8 = 40;
const DAY: f64 = 86_400e9;
/// The budgets, from the largest.
const BUDGETS: [Budget; BUDGETS_LEN] = [once_in(DAY), once_in(30.0 * DAY), once_in(365.25 * DAY)];
/// How many there are.
pub const BUDGETS_LEN: usize = 3;
/// Natural logarithm of the largest probability that a budget may be: most points are more probable.
const LN_P_MAX: f64 = -3.9;

const fn once_in(per_ns: f64) -> Budget {
    Budget::Rate { count: 1.0, per_ns }
}

/// The events of one series under other budgets.
#[derive(Clone, Copy, Debug, Default)]
pub struct WhatIf {
    left: [u8; BUDGETS_LEN], // quiet points until the event is over; 0: none is open
}

impl WhatIf {
    /// Takes in a verdict on a point of this cadence, ns; which of the budgets would have opened an event
    /// with it.
    #[inline]
    pub fn observe(&mut self, verdict: &Verdict, cadence: i64) -> [bool; BUDGETS_LEN] {
        self.left = self.left.map(|left| left.saturating_sub(1));
        let mut opened = [false; BUDGETS_LEN];
        if verdict.ln_p > LN_P_MAX && !verdict.is_anomaly() {
            return opened;
        }
        for ((budget, left), opened) in BUDGETS.iter().zip(&mut self.left).zip(&mut opened) {
            let p = verdict.allowance.of(budget.per_point(cadence));
            if verdict.ln_p < p.ln() || verdict.is_leap || verdict.beyond.is_some() {
                *opened = *left == 0;
                *left = QUIET;
            }
        }
        opened
    }
}

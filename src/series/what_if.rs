//! What other budgets would have opened on this very stream.
//!
//! A score is `ln p / ln p0`, so one stream of scores tells for every budget which points it would have flagged;
//! events are counted as [`super::event`] does: forty quiet points close one, and where the real one is adopted or
//! makes way, these do. It is an estimate: what another budget
//! flags it would not have learnt. Leaps, and what is not allowed, are flagged whatever the budget is.

use crate::judge::Verdict;
use crate::judge::budget::Budget;
use crate::judge::episode::QUIET;

use super::event::{Change, Why};

const DAY: f64 = 86_400e9;
/// The budgets, from the largest.
const BUDGETS: [Budget; BUDGETS_LEN] = [once_in(DAY), once_in(30.0 * DAY), once_in(365.25 * DAY)];
/// How many there are.
pub const BUDGETS_LEN: usize = 3;
/// Natural logarithm of the largest probability that a budget may be: most points are more probable.
const LN_P_MAX: f64 = -3.9;

/// The budget of one flag in so many ns.
#[must_use]
pub const fn once_in(per_ns: f64) -> Budget {
    Budget::Rate { count: 1.0, per_ns }
}

/// The events of one series under other budgets, `N` of them.
#[derive(Clone, Copy, Debug)]
pub struct WhatIf<const N: usize = BUDGETS_LEN> {
    pub(crate) left: [u8; N], // points until another may open; 0: none is open
}

impl<const N: usize> Default for WhatIf<N> {
    fn default() -> Self {
        Self { left: [0; N] }
    }
}

impl WhatIf {
    /// Takes in a verdict on a point of this cadence, ns, and what became of the event with it; which of the
    /// budgets would have opened one.
    #[inline]
    pub fn observe(
        &mut self,
        verdict: &Verdict,
        change: Option<Change>,
        cadence: i64,
    ) -> [bool; BUDGETS_LEN] {
        self.observe_under(&BUDGETS, verdict, change, cadence)
    }
}

impl<const N: usize> WhatIf<N> {
    /// The same under these budgets, which are the same at every point.
    #[inline]
    pub fn observe_under(
        &mut self,
        budgets: &[Budget; N],
        verdict: &Verdict,
        change: Option<Change>,
        cadence: i64,
    ) -> [bool; N] {
        self.left = self.left.map(|left| left.saturating_sub(1));
        let mut opened = [false; N];
        if verdict.ln_p > LN_P_MAX && !verdict.is_anomaly() && change.is_none() {
            return opened;
        }
        for ((budget, left), opened) in budgets.iter().zip(&mut self.left).zip(&mut opened) {
            let p = verdict.allowance.of(budget.per_point(cadence));
            if verdict.ln_p < p.ln() || verdict.is_leap || verdict.beyond.is_some() {
                *opened = *left == 0 || change == Some(Change::Opened);
                *left = QUIET + 1; // the point that closes one opens none
            }
        }
        if change == Some(Change::Closed(Why::Adopted)) {
            self.left = [0; N];
        }
        opened
    }
}

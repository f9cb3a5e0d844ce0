//! What of a series would have been told: its events, as the filter opens and closes them, and how many there
//! would have been under other budgets.

use serde::{Serialize, Serializer};

use crate::judge::budget::Budget;
use crate::judge::{Kind, Verdict};
use crate::series::event::{Change, Event, Events, Why};
use crate::series::what_if::{WhatIf, once_in};

const DAY: f64 = 86_400e9;
/// The budgets that are compared, from the largest.
const BUDGETS: [Budget; BUDGETS_LEN] = [
    once_in(DAY),
    once_in(7.0 * DAY),
    once_in(30.0 * DAY),
    once_in(365.25 * DAY),
];
/// How many there are.
const BUDGETS_LEN: usize = 4;
/// Their names in settings.
pub const BUDGET_NAMES: [&str; BUDGETS_LEN] = ["1/day", "1/week", "1/month", "1/year"];
/// Events of a series that are kept; more are counted.
const KEPT_MAX: usize = 1_000;

/// What a budget would have opened.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Opened {
    /// As in the settings: `1/day`, `1/week`, `1/month` (30 days), `1/year`.
    pub budget: &'static str,
    /// Events; an estimate, because what another budget flags is not learnt.
    pub events: u64,
    /// Flags that it allows on these points.
    pub allowed: f64,
    /// Whether the points are too few to tell it from rarer ones: less than a third of its time.
    pub is_too_short: bool,
}

/// Adds up over series.
pub(super) fn sum_up(all: &mut Vec<Opened>, more: &[Opened]) {
    if all.is_empty() {
        all.extend(more);
        return;
    }
    for (sum, one) in all.iter_mut().zip(more) {
        sum.events += one.events;
        sum.allowed += one.allowed;
        sum.is_too_short &= one.is_too_short;
    }
}

/// An event, from its first flag to its last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Happened {
    /// Time of the first flag, ns.
    #[serde(rename = "start_ns")]
    pub start: i64,
    /// Time of the last flag, ns.
    #[serde(rename = "end_ns")]
    pub end: i64,
    /// What it is.
    #[serde(serialize_with = "write_kind")]
    pub kind: Kind,
    /// Points flagged in it.
    pub flags: u32,
    /// The highest score.
    pub peak_score: f64,
    /// The value with it.
    pub peak_value: f64,
    /// What was expected there.
    pub expected: f64,
}

impl Happened {
    fn of(event: &Event) -> Self {
        Self {
            start: event.start,
            end: event.end,
            kind: event.named.cause.kind,
            flags: event.flags,
            peak_score: event.peak.score,
            peak_value: event.peak.y,
            expected: event.peak.expected,
        }
    }
}

/// Watches a series for events.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    events: Events,
    what_if: WhatIf<BUDGETS_LEN>,
    /// Events that were opened.
    pub opened: u64,
    /// … that other budgets would have opened, in the order of [`BUDGET_NAMES`].
    pub opened_by: [u64; BUDGETS_LEN],
    /// Flags that they allow, within what the points seen by then could tell.
    pub allowed_by: [f64; BUDGETS_LEN],
    /// Whether they allow less than the points seen can tell.
    is_too_short: [bool; BUDGETS_LEN],
    /// The first of them, in the order in which they were over.
    pub kept: Vec<Happened>,
}

impl Watch {
    /// Takes in the verdict on a point.
    pub(super) fn observe(&mut self, time: i64, verdict: &Verdict, adopted: bool, cadence: i64) {
        let told = self.events.observe(time, verdict, adopted);
        let change = told.as_ref().map(|(change, _)| *change);
        let by = self
            .what_if
            .observe_under(&BUDGETS, verdict, change, cadence);
        for (sum, is_opened) in self.opened_by.iter_mut().zip(by) {
            *sum += u64::from(is_opened);
        }
        let least = verdict.allowance.least;
        for (at, budget) in BUDGETS.iter().enumerate() {
            let allowed = budget.per_point(cadence);
            self.allowed_by[at] += allowed.max(least);
            self.is_too_short[at] = allowed <= least;
        }
        match told {
            Some((Change::Opened, _)) => {
                self.opened += 1;
                if let Some((_, former)) = self.events.take_former() {
                    self.keep(&former);
                }
            }
            Some((Change::Closed(_), event)) => self.keep(&event),
            Some((Change::Updated, _)) | None => {}
        }
    }

    /// The series begins anew, or ends.
    pub(super) fn close(&mut self) {
        if let Some((_, event)) = self.events.close(Why::Restarted) {
            self.keep(&event);
        }
    }

    /// What other budgets would have opened.
    pub(super) fn others(&self) -> Vec<Opened> {
        let one = |(at, budget)| Opened {
            budget,
            events: self.opened_by[at],
            allowed: self.allowed_by[at],
            is_too_short: self.is_too_short[at],
        };
        BUDGET_NAMES.into_iter().enumerate().map(one).collect()
    }

    fn keep(&mut self, event: &Event) {
        if self.kept.len() < KEPT_MAX {
            self.kept.push(Happened::of(event));
        }
    }
}

fn write_kind<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

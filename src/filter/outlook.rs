//! What there is to say about the future of a series: its forecast, and what that means for its
//! thresholds.
//!
//! After every judged point; most of them say nothing. Forecasts that are not written are issued
//! all the same where there are thresholds to hold them against.

use crate::model::interval::normal_half_width;
use crate::output::{Names, eta, forecast};
use crate::series::Ahead;
use crate::series::eta::Issue;

use super::registry::{Slot, State};
use super::{Options, Tally};

/// Writes what there is to say after the point `y` at `nanos`; without a `y` the input has ended
/// after the point at `nanos`, and a forecast is due in any case. One that is due while there `is_room`
/// for none waits for the next point.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a filter, borrowed apart"
)]
pub(super) fn write(
    nanos: i64,
    y: Option<f64>,
    is_room: bool,
    names: &Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    ahead: &mut Vec<Ahead>,
    out: &mut Vec<u8>,
) {
    let Slot { key, state } = slot;
    let State::Modelled {
        series,
        etas,
        policy,
        ..
    } = state
    else {
        return;
    };
    let (policy, writes) = (options.policies.get(*policy), &options.output);
    let rules = &policy.rules;
    let is_wanted = policy.forecasts || !rules.thresholds.is_empty();
    let wants = is_wanted && (y.is_none() || series.issue_is_due());
    let is_due = wants && is_room;
    tally.forecasts_deferred += u64::from(wants && !is_room);
    if y.is_none() {
        series.grow_up_now(rules);
    }
    if is_due {
        series.issue(rules, ahead);
        if policy.forecasts {
            tally.forecasts += forecast::write(out, writes, names, key, nanos, ahead) as u64;
        }
    }
    if !rules.thresholds.is_empty() {
        if is_due {
            series.path(rules, ahead);
        }
        let issue = is_due.then_some(Issue {
            path: ahead,
            half_width: normal_half_width(rules.coverage),
        });
        let mut said = Vec::new();
        etas.observe(y, issue, &rules.thresholds, &mut said);
        let cadence = series.cadence();
        tally.etas += eta::write(out, writes, names, key, nanos, &said, cadence) as u64;
    }
}

/// Writes the forecast that is due after the silenced point at `nanos`; thresholds are for alarms, and keep still.
pub(super) fn go_on(
    nanos: i64,
    names: &Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    ahead: &mut Vec<Ahead>,
    out: &mut Vec<u8>,
) {
    let Slot { key, state } = slot;
    if let State::Modelled { series, policy, .. } = state
        && series.issue_is_due()
    {
        let (policy, writes) = (options.policies.get(*policy), &options.output);
        series.issue(&policy.rules, ahead);
        if policy.forecasts {
            tally.forecasts += forecast::write(out, writes, names, key, nanos, ahead) as u64;
        }
    }
}

/// Takes back what was said about thresholds when the series begins anew with the point at `nanos`.
pub(super) fn withdraw(
    nanos: i64,
    names: &Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    out: &mut Vec<u8>,
) {
    let Slot { key, state } = slot;
    if let State::Modelled {
        series,
        etas,
        policy,
        ..
    } = state
        && series.is_warming()
    {
        let mut said = Vec::new();
        let rules = &options.policies.get(*policy).rules;
        etas.withdraw(&rules.thresholds, &mut said);
        let (writes, cadence) = (&options.output, series.cadence());
        tally.etas += eta::write(out, writes, names, key, nanos, &said, cadence) as u64;
    }
}

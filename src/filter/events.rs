//! What there is to say about events of a series.

use crate::output::{Names, event};
use crate::series::event::{Change, Event, Why};

use super::openings::Openings;
use super::registry::{Slot, State};
use super::{Options, Tally};

/// Who else has opened an event, and how many series there are.
pub(super) struct Others<'a> {
    pub(super) openings: &'a mut Openings,
    pub(super) series: usize,
}

/// Closes the open event of a series at `nanos`.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a filter, borrowed apart"
)]
pub(super) fn close(
    nanos: i64,
    why: Why,
    names: &Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    others: &mut Others,
    out: &mut Vec<u8>,
) {
    let State::Modelled { events, .. } = &mut slot.state else {
        return;
    };
    if let Some(change) = events.close(why) {
        write(nanos, &change, names, slot, options, tally, others, out);
    }
}

/// Writes what happened to the event of a series with the point at `nanos`.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a filter, borrowed apart"
)]
pub(super) fn write(
    nanos: i64,
    change: &(Change, Event),
    names: &Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    others: &mut Others,
    out: &mut Vec<u8>,
) {
    let State::Modelled {
        series,
        hash,
        policy,
        events,
        ..
    } = &mut slot.state
    else {
        return;
    };
    let concurrent = others.openings.others(nanos, *hash, others.series);
    let mut former = None;
    if change.0 == Change::Opened {
        others.openings.note(nanos, *hash);
        tally.events_opened += 1;
        former = events.take_former();
    }
    if !options.policies.get(*policy).events {
        return;
    }
    let (cadence, writes) = (series.cadence(), &options.output);
    let former = former.map(|(at, event)| (at, (Change::Closed(Why::Another), event)));
    for (at, change) in former
        .iter()
        .map(|(at, change)| (*at, change))
        .chain([(nanos, change)])
    {
        let written = event::write(
            out, writes, names, &slot.key, at, change, *hash, concurrent, cadence,
        );
        tally.events += u64::from(written);
    }
}

//! The `_event` record: an anomaly as a whole, when it opens, gets worse and is over.
//!
//! Its time is that of the point that caused the record. `event_id` is the same in all records of an event:
//! the hash of its series and the time of its first flag.

use crate::series::event::{Change, Event, Why};

use super::anomaly::sentence;
use super::record::Record;
use super::{Names, Options};

/// Who else is in trouble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concurrent {
    /// Other series that opened an event within a minute.
    pub others: u32,
    /// Their share of all others, in [0, 1].
    pub share: f64,
}

/// Writes the record of a change at `nanos` of the event of the series with this `hash`; false when a number
/// was not finite.
#[expect(clippy::too_many_arguments, reason = "what a record is made of")]
pub fn write(
    out: &mut Vec<u8>,
    options: &Options,
    names: &Names,
    field: &[u8],
    nanos: i64,
    (change, event): &(Change, Event),
    hash: u64,
    concurrent: Concurrent,
    cadence: i64,
) -> bool {
    let (active, state) = match change {
        Change::Opened => (1, "open"),
        Change::Updated => (1, "update"),
        Change::Closed(_) => (0, "closed"),
    };
    let duration = event.end.saturating_sub(event.start) as f64 / 1e9;
    let mut record = Record::begin(out, &options.event_name, names, field);
    record
        .int("active", active)
        .text("state", state)
        .text("event_id", &format!("{hash:016x}-{}", event.start))
        .text("kind", event.named.cause.kind.name())
        .int("start_ns", event.start)
        .int("end_ns", event.end)
        .float("duration_s", duration)
        .float("peak_score", event.peak.score)
        .float("peak_value", event.peak.y)
        .float("expected", event.peak.expected)
        .int("concurrent", concurrent.others.into())
        .float("concurrent_share", concurrent.share)
        .text("reason", &reason(*change, event, cadence));
    record.end(nanos, options.precision)
}

fn reason(change: Change, event: &Event, cadence: i64) -> String {
    let sentence = sentence(&event.named, cadence);
    let over = match change {
        Change::Opened | Change::Updated => return sentence,
        Change::Closed(Why::Quiet) => "as expected again",
        Change::Closed(Why::Adopted) => "this is the new normal",
        Change::Closed(Why::Restarted) => "the series began anew",
        Change::Closed(Why::Silenced) => "silenced",
        Change::Closed(Why::Another) => "a worse one begins",
        Change::Closed(Why::Forgotten) => "no more points",
        Change::Closed(Why::Stopped) => return "brewcast stopped".to_owned(),
    };
    let flags = match event.flags {
        1 => "1 flag".to_owned(),
        flags => format!("{flags} flags"),
    };
    format!("{over} after {flags}; the worst: {sentence}")
}

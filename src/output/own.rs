//! The `brewcast` record: what the program itself has seen and done.

use super::record::Record;
use crate::precision::Precision;

/// Measurement of the record.
pub const MEASUREMENT: &str = "brewcast";

/// Writes the record at `nanos` of wall time.
///
/// `counters` are cumulative since the start.
pub fn write(
    out: &mut Vec<u8>,
    instance: &str,
    counters: &[(&str, u64)],
    flags_expected: f64,
    config_ok: bool,
    nanos: i64,
    precision: Precision,
) {
    let mut record = Record::begin_plain(out, MEASUREMENT, ("instance", instance));
    for &(name, count) in counters {
        record.int(name, i64::try_from(count).unwrap_or(i64::MAX));
    }
    record
        .float("flags_expected", flags_expected)
        .int("config_ok", config_ok.into())
        .text("version", env!("CARGO_PKG_VERSION"))
        .end(nanos, precision);
}

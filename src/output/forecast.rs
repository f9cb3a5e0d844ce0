//! The `_forecast` record: one point of a forecast, at its own future time.

use crate::series::Ahead;

use super::record::Record;
use super::{Names, Options};

/// Writes a forecast that was issued after the point at `issued`; how many of its points were
/// written.
pub fn write(
    out: &mut Vec<u8>,
    options: &Options,
    names: &Names,
    field: &[u8],
    issued: i64,
    forecast: &[Ahead],
) -> usize {
    let mut written = 0;
    for ahead in forecast {
        let mut record = Record::begin(out, &options.forecast_name, names, field);
        record
            .float("yhat", ahead.yhat)
            .float("yhat_lower", ahead.lower)
            .float("yhat_upper", ahead.upper)
            .int("step", ahead.step.into())
            .int("issued_at", issued);
        written += usize::from(record.end(ahead.time, options.precision));
    }
    written
}

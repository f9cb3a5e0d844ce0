//! Streaming forecasts and anomaly verdicts for Telegraf: line protocol in, line protocol out.

pub mod line;

pub mod dashes;
pub mod drain;
pub mod duration;
pub mod notes;
pub mod precision;
pub mod records;

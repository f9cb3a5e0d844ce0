//! Streaming forecasts and anomaly verdicts for Telegraf: line protocol in, line protocol out.

pub mod config;
pub mod dashes;
pub mod drain;
pub mod duration;
pub mod filter;
pub mod judge;
pub mod line;
pub mod model;
pub mod notes;
pub mod output;
pub mod precision;
pub mod records;
pub mod report;
pub mod series;

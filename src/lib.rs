//! Streaming forecasts and anomaly verdicts for Telegraf: line protocol in, line protocol out.

pub mod filter;
pub mod judge;
pub mod line;
pub mod model;
pub mod output;
pub mod report;
pub mod series;

//! Streaming forecasts and anomaly verdicts for Telegraf: line protocol in, line protocol out.

pub mod line;

//! Verdicts to bytes: everything that brewcast itself writes.
//!
//! [`record`] is the only place that writes line protocol; [`names`] holds what all records of a
//! series have in common; [`anomaly`], [`event`], [`forecast`], [`eta`] and [`own`] each write one kind of
//! record, and [`pace`] says which verdicts are worth writing.
//!
//! Promised: whole lines only, no non-finite number, fields that never change their type, and no
//! line that Telegraf or InfluxDB 1, 2 or 3 would refuse.

pub mod anomaly;
pub mod eta;
pub mod event;
pub mod forecast;
pub mod names;
mod number;
pub mod own;
pub mod pace;
pub mod record;

pub use names::{Names, Template};
pub use pace::{Pace, Verdicts};

use crate::precision::Precision;

/// Under which names records are written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the lines that came in go out.
    pub passthrough: bool,
    /// Measurement of the verdicts.
    pub anomaly_name: Template,
    /// Measurement of the forecasts.
    pub forecast_name: Template,
    /// Measurement of the events.
    pub event_name: Template,
    /// Measurement of the forecast crossings of thresholds.
    pub eta_name: Template,
    /// Unit of all timestamps, in and out.
    pub precision: Precision,
}

impl Options {
    /// The names of all records about a series: what fits one of them and has our `field` tag is ours.
    #[must_use]
    pub fn names(&self) -> [&Template; 4] {
        [
            &self.anomaly_name,
            &self.forecast_name,
            &self.event_name,
            &self.eta_name,
        ]
    }
}

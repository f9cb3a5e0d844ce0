//! Streaming forecasts and anomaly verdicts for Telegraf: line protocol in, line protocol out.
//!
//! ```text
//! bytes -- line/ ---- series/ ------- model/ ------- judge/ -------- output/ -- bytes
//!          frame      cadence         what comes     what was to     records
//!          read       warm-up         next           be expected
//!                     counter         forecast       band, score, flag
//! ```
//! [`filter`] leads a line along that way, and [`filter::run`](filter::run()) is the loop around it.
//!
//! What holds throughout:
//! * Every line that is line protocol leaves byte for byte, in its order, before what is said about it.
//! * The same bytes and settings give the same output. Time enters with the points; the shell looks at
//!   the wall clock for idle series and for the `brewcast` record, and for nothing else.
//! * One thread, one loop, and one thread that writes the state file. Work per point is bounded, and so is memory.
//! * Wrong input is a value: counted, logged, never fatal. A fault of our own costs one series.
//!
//! Words: a *series* of line protocol is measurement + tags; what gets a model is a series of ours,
//! measurement + tags + field key. The *level* and *trend* are those of exponential smoothing. The
//! *expectation* is what a point is judged against, the *forecast* what is said about the future, a
//! *residual* is observation minus expectation. *Coverage* belongs to a prediction interval, the
//! *budget* to false alarms, the *cadence* is the time between points.

pub mod filter;
pub mod judge;
pub mod line;
pub mod model;
pub mod output;
pub mod series;
pub mod state;

pub mod config;
#[cfg(feature = "tools")]
pub mod tools;

pub mod approx;
pub mod dashes;
pub mod drain;
pub mod duration;
mod minmax;
pub mod precision;
mod prefetch;
pub mod records;
pub mod report;

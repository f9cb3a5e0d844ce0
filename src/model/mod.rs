//! Window to forecast: the innovations family without a season.
//!
//! In reading order: [`ets`] has the equations, [`initial`] the start values, [`fit`] the smoothing
//! parameters, [`interval`] the variance h steps ahead, [`forecaster`] the choice between the
//! members and the few calls that the rest of the program uses.
//!
//! No I/O, no clock, no configuration format: numbers in, numbers out, the same every time.

pub mod calendar;
pub mod ets;
pub mod forecaster;
pub mod grids;
pub mod mix;
pub mod ring;

pub use ets::{fit, initial, interval};

pub use ets::stream::Trend;
pub use forecaster::{Forecaster, Spec};

//! Window to forecast: the innovations family.
//!
//! In reading order: [`ets`] has the family, from its equations to a stream of values with one or two
//! seasons; [`ring`] keeps the last values; [`forecaster`] the choice between the members without a
//! season and the few calls that the rest of the program uses.
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

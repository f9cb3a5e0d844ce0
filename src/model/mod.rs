//! Values to forecasts.
//!
//! In reading order: [`mix`] is what runs by default, a dozen candidates combined on one grid; [`grids`]
//! puts two of them together, one on the points and one on longer buckets ([`coarse`]), with the seasons that
//! [`calendar`] gives each; [`ets`] is the innovations family for those who ask for it; [`ring`] keeps
//! its last values; [`steps`] says which steps ahead are wanted; [`forecaster`] has the choice, and the few calls that the rest of the program uses.
//!
//! No I/O, no clock, no configuration format: numbers in, numbers out, the same every time.

pub mod calendar;
pub mod coarse;
pub mod ets;
pub mod forecaster;
pub mod grids;
pub mod mix;
mod prefetch;
pub mod ring;
pub mod steps;

pub use ets::{fit, initial, interval};

pub use ets::stream::Trend;
pub use forecaster::{Forecaster, Spec};
pub use steps::Steps;

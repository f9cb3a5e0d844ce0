//! Points to one series: who they belong to, when they were due, and what became of them.
//!
//! [`cadence`] puts a time on the grid of the series, whose step is found by [`step`]; [`counter`]
//! has the increments of what only rises, [`observe`] sorts what arrives, and `live` has what
//! happens to a point that counts, from top to bottom. [`reach`] and [`eta`] hold the forecast
//! against the thresholds.

pub mod cadence;
pub mod counter;
pub mod eta;
pub mod event;
pub mod extent;
pub(crate) mod live;
pub mod observe;
mod pending;
pub(crate) mod prefetch;
pub mod reach;
pub mod rules;
pub mod step;
pub(crate) mod warmup;
pub mod what_if;

pub use eta::{Eta, Etas};
pub use observe::{Ahead, Ignored, Series, Silence, Step};
pub use rules::Rules;

//! Points to one series: who they belong to, when they were due, and what became of them.
//!
//! [`cadence`] puts a time on the grid of the series, whose step is found by [`step`]; [`counter`]
//! and [`ring`] keep what the model needs, and [`observe`] is the one function that reads from top
//! to bottom: what happens to a point.

pub mod cadence;
pub mod counter;
pub mod extent;
pub mod observe;
pub mod ring;
pub mod step;
mod warmup;

pub use observe::{Ahead, Ignored, Rules, Series, Step};

//! Points to one series: who they belong to, when they were due, and what became of them.
//!
//! [`registry`] finds the series of a field, [`cadence`] puts a time on the series' grid, [`counter`]
//! and [`ring`] keep what the model needs, and [`observe`] is the one function that reads from top
//! to bottom: what happens to a point.

pub mod cadence;
pub mod counter;
pub mod extent;
pub mod observe;
pub mod ring;
mod warmup;

pub use observe::{Ahead, Ignored, Rules, Series, Step};

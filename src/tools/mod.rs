//! What the commands beside the filter are made of: users of the stages, never used by them.
//!
//! [`score`] says how good forecasts were, [`backtest`] runs the engine over history.

pub mod backtest;
pub mod score;

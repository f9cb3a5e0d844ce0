//! What the commands beside the filter are made of: users of the stages, never used by them.
//!
//! [`score`] says how good forecasts were, [`backtest`] runs the engine over history,
//! [`advice`] says what its figures ask for,
//! [`chart`] draws what it went through, [`page`] is all of that for a browser; [`inspect`] looks into a state file.

pub mod advice;
pub mod backtest;
pub mod chart;
pub mod inspect;
pub mod page;
pub mod score;

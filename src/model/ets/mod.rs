//! The innovations family: exponential smoothing with level, trend and seasons.
//!
//! In reading order: [`state`] has level, trend and the smoothing parameters, [`season`] the table of a
//! season, [`seasonal`] their sum, [`form`] the scale they are added up on; [`initial`] and [`start`]
//! the start values, [`fit`] the parameters, [`interval`] the variance h steps ahead; [`stream`] the
//! type that the rest of the program uses, one value at a time.
//!
//! | here | Hyndman et al. 2008 | elsewhere |
//! |---|---|---|
//! | level | ETS(A,N,N) | simple exponential smoothing |
//! | damped, linear trend | ETS(A,Ad,N), ETS(A,A,N) | damped Holt, Holt |
//! | one season | ETS(A,.,A) | Holt-Winters, additive |
//! | two seasons | | Taylor (2003) |
//! | the same on logarithms | close to ETS(M,.,M) | Holt-Winters, multiplicative |
//!
//! Not here: autoregressive residuals, other inputs, seasons of unknown length.

pub mod fit;
pub mod form;
pub mod initial;
pub mod interval;
#[cfg(test)]
mod properties;
pub(crate) mod range;
mod refit;
pub mod season;
pub mod seasonal;
mod simplex;
pub mod start;
pub mod state;
pub mod stream;

pub use form::Form;
pub use season::Season;
pub use seasonal::Seasonal;
pub use state::{Params, State};
pub use stream::{Ets, EtsSetup, Trend};

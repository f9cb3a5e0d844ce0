//! Second opinions on every figure: another library, a closed form, an exact slow answer, or a
//! simulation whose truth is known.
//!
//! [`recursion`] and [`seasonal`] have figures of statsmodels and of R, [`variance`] simulated paths,
//! [`fit`] the fits and intervals of augurs, [`start_values`] exact least absolute deviations,
//! [`judging`] quantiles and rates, [`skill`] forecasts against the last value.
//!
//! Simulations have fixed seeds, so a failure is no accident. Nothing here says how well real data
//! are forecast or judged. Tables are shown by `cargo test --test reference -- --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_cmp
)]

mod fit;
mod judging;
mod recursion;
mod seasonal;
mod simulated;
mod skill;
mod start_values;
mod variance;

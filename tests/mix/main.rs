//! The forecasting engine: what it computes against slow exact versions, and what it promises of any
//! stream.
//!
//! [`regression`], [`exact`], [`autoregressions`] and [`judged`] hold the parts against their definitions;
//! [`coverage`] has intervals and errors on streams of known law, [`seasons`] what is found, [`sameness`]
//! that nothing is left to chance. [`divergence`] and [`recovery`]: nothing breaks it, and nothing for ever;
//! [`time`]: gaps, jitter, other cadences, clocks that jump.
//!
//! Seeds are fixed, so a failure is no accident. Tables are shown by `cargo test --test mix -- --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_cmp,
    reason = "a fault here is a failed test, and its tables are for reading"
)]

mod autoregressions;
mod coverage;
mod divergence;
mod exact;
#[allow(dead_code, reason = "the study asks for more of it")]
#[path = "../../examples/forecast_study/generators.rs"]
mod generators;
mod judged;
#[path = "../../examples/forecast_study/noise.rs"]
mod noise;
mod outlook;
mod recovery;
mod regression;
mod runs;
mod sameness;
mod seasons;
mod time;

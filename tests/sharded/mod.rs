//! What the tests of the shards share: a broker, Telegrafs that send and that are shards, series to send.
//! Each test uses only a part.
#![allow(
    dead_code,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "test support: a fault here is a failed test, and no test program uses all of it"
)]

pub(crate) mod broker;
pub(crate) mod fleet;
pub(crate) mod load;
pub(crate) mod outcome;
pub(crate) mod series;
pub(crate) mod union;

//! What several test programs share. Each of them uses only a part.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "test support: a fault here is a failed test, and no test program uses all of it"
)]

pub(crate) mod faulted;
pub(crate) mod filter;
pub(crate) mod program;
pub(crate) mod records;
pub(crate) mod refusing_server;
pub(crate) mod streams;
pub(crate) mod telegraf_agent;
pub(crate) mod telegraf_pipes;
pub(crate) mod telegraf_process;

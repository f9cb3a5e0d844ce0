//! The built program under faults: of the pipes, of the machine, of what is sent.
//!
//! Each test counts lines in and lines out. Where memory is the promise it is the kernel's own figure
//! (`VmHWM`), so these tests are for Linux; elsewhere nothing of them is built.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a fault here is a failed test"
)]

mod bombs;
mod clocks;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod kills;
mod pipes;

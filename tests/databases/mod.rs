//! What the tests of the databases share. Each of them uses only a part.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test support: a fault here is a failed test, and no test program uses all of it"
)]

pub(crate) mod brewery;
pub(crate) mod flux;
pub(crate) mod grafana;
pub(crate) mod http;
pub(crate) mod influx2;
pub(crate) mod server;
pub(crate) mod shipped;
pub(crate) mod sql;
pub(crate) mod stored;

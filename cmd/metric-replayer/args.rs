//! The command line, as typed.

use std::path::{Path, PathBuf};

use brewcast::precision::Precision;
use clap::Parser;

use super::pace::Speed;

/// Plays a recording of line protocol at the pace of its timestamps.
#[derive(Debug, Parser)]
#[command(name = "metric-replayer", version)]
pub(crate) struct Args {
    /// The recording: line protocol, plain or gzipped; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) filename: PathBuf,
    /// Start now, whatever the timestamps, and play so many times faster than recorded
    #[arg(long, value_name = "TIMES")]
    pub(crate) speed: Option<Speed>,
    /// Start again at the end, with the timestamps moved on
    #[arg(long = "loop")]
    pub(crate) again: bool,
    /// The unit of the timestamps: s, ms, us or ns
    #[arg(long, value_name = "UNIT", default_value = "ns")]
    pub(crate) precision: Precision,
}

impl Args {
    /// Whether the recording comes on stdin.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.filename == Path::new("-")
    }
}

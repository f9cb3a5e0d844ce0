//! The command line, as typed.

use std::path::PathBuf;

use brewcast::duration;
use brewcast::precision::Precision;
use clap::Parser;

/// Gives the lines of a recording new timestamps; everything else stays byte for byte.
#[derive(Debug, Parser)]
#[command(name = "restamp", version)]
pub(crate) struct Args {
    /// The recording: line protocol, plain or gzipped; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) filename: PathBuf,
    /// First timestamp, as seen from now: -10h, 1h30m, 300ms
    #[arg(
        long = "start_offset",
        visible_alias = "start-offset",
        value_name = "DURATION"
    )]
    #[arg(default_value = "0", value_parser = duration::parse, allow_hyphen_values = true)]
    pub(crate) start_offset_ns: i64,
    /// From one line to the next
    #[arg(long = "interval", value_name = "DURATION", default_value = "1s")]
    #[arg(value_parser = duration::parse, allow_hyphen_values = true)]
    pub(crate) interval_ns: i64,
    /// Keep the spacing of the recording and move only its start
    #[arg(long, conflicts_with = "interval_ns")]
    pub(crate) shift: bool,
    /// The unit of the timestamps: s, ms, us or ns
    #[arg(long, value_name = "UNIT", default_value = "ns")]
    pub(crate) precision: Precision,
}

//! `restamp`: gives the lines of a recording new timestamps.
//!
//! Recordings are old; dashboards and alerts look at the last hours. This reads line protocol and
//! writes it to stdout with the first record at now + `--start_offset` and each further one
//! `--interval` later, whatever their timestamps were. With `--shift` the recording keeps its own
//! spacing, and only its start is moved there.
//!
//! Promises:
//! * Only the bytes of the timestamp change. A record without one gets it behind a blank (with
//!   `--shift` it stays without, and is counted).
//! * Comments and blank lines pass as they are and take no timestamp.
//! * A bad line is reported and skipped, takes no timestamp, and costs its neighbours nothing. So
//!   does a record above 16 MiB: its timestamp stands beyond what is read as a whole, and with the
//!   old one among new ones it would be wrong.
//! * What has come in is written before more is waited for, so it works behind `tail -f`.
//!
//! It does not sort, does not pace (that is `metric-replayer`) and never reads the clock twice.

mod times;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context;
use brewcast::precision::Precision;
use brewcast::records::{self, Item, Records};
use brewcast::report::{self, Rejects, Severity};
use brewcast::{dashes, duration};
use clap::Parser;

use times::{Time, Times};

/// Gives the lines of a recording new timestamps; everything else stays byte for byte.
#[derive(Debug, Parser)]
#[command(name = "restamp", version)]
struct Options {
    /// The recording: line protocol, plain or gzipped; - is stdin
    #[arg(long, value_name = "FILE")]
    filename: PathBuf,
    /// First timestamp, as seen from now: -10h, 1h30m, 300ms
    #[arg(
        long = "start_offset",
        visible_alias = "start-offset",
        value_name = "DURATION"
    )]
    #[arg(default_value = "0", value_parser = duration::parse, allow_hyphen_values = true)]
    start_offset_ns: i64,
    /// From one line to the next
    #[arg(long = "interval", value_name = "DURATION", default_value = "1s")]
    #[arg(value_parser = duration::parse, allow_hyphen_values = true)]
    interval_ns: i64,
    /// Keep the spacing of the recording and move only its start
    #[arg(long, conflicts_with = "interval_ns")]
    shift: bool,
    /// The unit of the timestamps: s, ms, us or ns
    #[arg(long, value_name = "UNIT", default_value = "ns")]
    precision: Precision,
}

fn main() -> ExitCode {
    let options = Options::parse_from(dashes::normalise(std::env::args_os()));
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report::write(&mut io::stderr(), Severity::Error, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether nobody reads our output any more: a way to stop us, not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn run(options: &Options) -> anyhow::Result<()> {
    let start_ns = now_ns() + i128::from(options.start_offset_ns);
    let mut times = if options.shift {
        Times::shifted(start_ns, options.precision)
    } else {
        Times::every(start_ns, options.interval_ns, options.precision)
    };
    let name = options.filename.display();
    let reader = records::open(&options.filename).with_context(|| format!("cannot open {name}"))?;
    let mut records = Records::new(reader);
    let mut out = BufWriter::with_capacity(64 * 1024, stdout()?);
    let mut dropped = Rejects::default();
    while records
        .read()
        .with_context(|| format!("cannot read {name}"))?
    {
        while let Some(item) = records.next_item() {
            restamp(&item, &mut times, &mut out, &mut dropped)?;
        }
        out.flush()?;
    }
    let mut stderr = io::stderr();
    if let Some(text) = dropped.sum_up() {
        report::write(&mut stderr, Severity::Warning, &text);
    }
    for warning in times.warnings() {
        report::write(&mut stderr, Severity::Warning, &warning);
    }
    Ok(())
}

/// Writes one item with its new time, or reports why it is skipped.
fn restamp(
    item: &Item<'_>,
    times: &mut Times,
    out: &mut impl Write,
    dropped: &mut Rejects,
) -> io::Result<()> {
    let mut skip = |line, why: &str, bytes| {
        if let Some(text) = dropped.describe(line, &why, bytes) {
            report::write(&mut io::stderr(), Severity::Warning, &text);
        }
    };
    match item {
        Item::Record { bytes, stamp, line } => match times.next(stamp) {
            Time::Keep => out.write_all(bytes)?,
            Time::Set(time) => records::write_stamped(out, bytes, stamp, time)?,
            Time::Unfit => skip(*line, "its new timestamp does not fit", bytes),
        },
        Item::Bad {
            bytes,
            reason,
            line,
        } => skip(*line, &reason.to_string(), bytes),
        Item::Overlong { bytes, line } => skip(*line, "longer than 16 MiB", bytes),
        Item::Piece(_) => {}
    }
    Ok(())
}

fn now_ns() -> i128 {
    match SystemTime::UNIX_EPOCH.elapsed() {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

/// Stdout without the line buffer of the standard library.
fn stdout() -> io::Result<File> {
    let own = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(File::from(own))
}

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

mod args;
mod times;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context;
use brewcast::dashes;
use brewcast::records::{self, Item, Records};
use brewcast::report::{self, Rejects, Severity};
use clap::Parser;

use args::Args;
use times::{Time, Times};

fn main() -> ExitCode {
    let args = Args::parse_from(dashes::normalise(std::env::args_os()));
    match run(&args) {
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

fn run(args: &Args) -> anyhow::Result<()> {
    let start_ns = now_ns() + i128::from(args.start_offset_ns);
    let mut times = if args.shift {
        Times::shifted(start_ns, args.precision)
    } else {
        Times::every(start_ns, args.interval_ns, args.precision)
    };
    let name = args.filename.display();
    let reader = records::open(&args.filename).with_context(|| format!("cannot open {name}"))?;
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

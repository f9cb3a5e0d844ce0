//! `metric-replayer`: plays a recording at the pace of its timestamps.
//!
//! For demos and tests: Telegraf runs it as `[[inputs.execd]]`, and metrics arrive as they once
//! did. Reads line protocol, writes it to stdout.
//!
//! Promises:
//! * Without `--speed` a record leaves at the time of its timestamp: at once when that is past,
//!   never before it.
//! * With `--speed` the first record leaves now, whatever its time, and the others as the recording
//!   has them, that many times faster (`1`: as fast as it was recorded).
//! * What has been written does not wait unwritten: there is a flush before every wait.
//! * The bytes of a record stay as they are. A last line without a newline gets one.
//! * Records without a timestamp, comments and blank lines leave with the record before them. So
//!   does a record above 16 MiB, whose time is not looked for. A line that is not line protocol is
//!   reported once and skipped.
//! * `--loop` starts again at the end, with the times moved on: see `rounds.rs`.
//! * It ends when its stdin closes, also in the middle of a wait, and when nobody reads its stdout;
//!   always after the last line has been read from the pipe (for at most 2 s). After the end of the
//!   recording it stays until then, because Telegraf starts a child that ends again; the same goes
//!   for a recording that cannot be read further. What is due already is written without a look at
//!   stdin. A stdin that nobody holds (see `hold.rs`) is not waited for.
//!
//! It does not sort: a record that is older than the one before it leaves with it. It does not
//! change times, except in later rounds (that is `restamp`).

mod args;
mod hold;
mod pace;
mod player;
mod rounds;

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use brewcast::report::{self, Severity};
use brewcast::{dashes, drain, records};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use args::Args;
use hold::Hold;
use player::{End, Player};

/// How long the last lines may take to be read, within the 5 s that Telegraf gives a child to end.
const DRAIN_MAX: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let args = Args::parse_from(dashes::normalise(std::env::args_os()));
    if args.again && args.reads_stdin() {
        let text = "--loop needs a file: stdin cannot be read twice";
        Args::command()
            .error(ErrorKind::ArgumentConflict, text)
            .exit();
    }
    let outcome = run(&args);
    drain::drain(io::stdout(), DRAIN_MAX);
    match outcome {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            note(Severity::Error, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let hold = Hold::of_stdin(args.reads_stdin());
    hold.ignore_signals()?;
    let recording = open(args)?;
    let mut player = Player::new(stdout()?, hold, args.speed, args.precision);
    let played = play(args, &mut player, recording);
    if hold == Hold::Nobody {
        return played.map(|_| ExitCode::SUCCESS);
    }
    let name = args.filename.display();
    let code = match played {
        Ok(End::Released) => return Ok(ExitCode::SUCCESS),
        Err(error) if is_broken_pipe(&error) => return Err(error),
        Ok(End::Played) => {
            let records = player.records();
            let text =
                format!("{name}: the end, after {records} records; waiting for stdin to close");
            note(Severity::Info, &text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            note(
                Severity::Error,
                &format!("{error:#}; waiting for stdin to close"),
            );
            ExitCode::FAILURE
        }
    };
    player.stay()?;
    Ok(code)
}

/// Plays all rounds there are.
fn play(args: &Args, player: &mut Player, recording: impl Read) -> anyhow::Result<End> {
    let name = args.filename.display();
    let stopped = || format!("{name} stopped");
    let mut end = player.play(recording).with_context(stopped)?;
    while args.again && end == End::Played {
        end = match player.go_on()? {
            ControlFlow::Continue(()) => player.play(open(args)?).with_context(stopped)?,
            ControlFlow::Break(end) => return Ok(end),
        };
    }
    Ok(end)
}

fn open(args: &Args) -> anyhow::Result<Box<dyn Read>> {
    let name = args.filename.display();
    records::open(&args.filename).with_context(|| format!("cannot open {name}"))
}

/// Whether nobody reads our output any more: a way to stop us, not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Stdout without the line buffer of the standard library.
fn stdout() -> io::Result<File> {
    let own = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(File::from(own))
}

fn note(severity: Severity, text: &str) {
    report::write(&mut io::stderr(), severity, text);
}

//! `brewcast`: forecasts and anomaly verdicts for a stream of line protocol.
//!
//! Without a subcommand it is the filter that Telegraf runs: stdin to stdout until stdin ends. It
//! never exits over bad input or a bad configuration file, because while it is down every metric is
//! lost.
//!
//! Exit status: 0 done; 1 a pipe broke in another way than by being closed, `check` has warnings, or
//! `backtest`, `plot` or `inspect` found nothing to compare, to draw or to show; 2 the command line (with `--strict` also
//! the configuration) is wrong, or one of these three cannot read or write a file.

mod args;
#[cfg(feature = "tools")]
mod backtest;
#[cfg(feature = "tools")]
mod inspect;
#[cfg(feature = "tools")]
mod plot;
mod state;
mod stdin;
mod stdout;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use brewcast::config::{self, Fault, Settings};
use brewcast::filter::run::Beside;
use brewcast::filter::{self, Filter};
use brewcast::report::{self, Severity};
use brewcast::{dashes, drain};
use clap::Parser;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use args::{Args, Command};
use stdin::Stdin;
use stdout::Stdout;

/// How long to wait for the reader to take the last lines.
const DRAIN: Duration = Duration::from_secs(2);
/// The same where the state took so long that the reader has had its time.
const LAST_DRAIN: Duration = Duration::from_millis(500);
/// How long the state may take when nobody reads the output any more.
const LATE_SAVE: Duration = Duration::from_millis(800);

fn main() -> ExitCode {
    say_panics_in_one_line();
    let args = Args::parse_from(dashes::normalise(std::env::args_os()));
    let settings = load(&args);
    let done = match &args.command {
        Some(Command::Check { telegraf }) => check(&settings, telegraf.as_deref()),
        #[cfg(feature = "tools")]
        Some(Command::Backtest(backtest)) => {
            on_history(&args, &settings, |options| backtest::run(backtest, options))
        }
        #[cfg(feature = "tools")]
        Some(Command::Plot(plot)) => {
            on_history(&args, &settings, |options| plot::run(plot, options))
        }
        #[cfg(feature = "tools")]
        Some(Command::Inspect(inspect)) => {
            on_history(&args, &settings, |options| inspect::run(inspect, options))
        }
        None if settings.is_command_line_wrong || args.strict && !settings.are_usable() => {
            settings.faults.iter().for_each(complain);
            return ExitCode::from(2);
        }
        None => run_filter(&args, &settings),
    };
    done.unwrap_or_else(|error| {
        say(Severity::Error, &format!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn load(args: &Args) -> Settings {
    let overrides = args.overrides();
    let Some(path) = &args.config else {
        return config::load(None, &overrides);
    };
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => config::load(Some((&name, &text)), &overrides),
        Err(error) => {
            let mut settings = config::load(None, &overrides);
            let text = format!("{name}: {error}: everything passes through unmodelled");
            settings.faults.push(Fault {
                severity: Severity::Error,
                text,
            });
            settings
        }
    }
}

/// Prints the settings in force and what is wrong with them, or with the way Telegraf runs us.
fn check(settings: &Settings, telegraf: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut stdout = io::stdout().lock();
    write!(stdout, "{}", settings.to_toml()).context("writing the settings")?;
    let mut faults = settings.faults.clone();
    if let Some(path) = telegraf {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(conf) => faults.extend(config::telegraf::check(&name, &conf)),
            Err(error) => faults.push(Fault {
                severity: Severity::Error,
                text: format!("{name}: {error}"),
            }),
        }
    }
    faults.iter().for_each(complain);
    Ok(match faults.iter().map(|fault| fault.severity).min() {
        None => ExitCode::SUCCESS,
        Some(Severity::Error) => ExitCode::from(2),
        Some(_) => ExitCode::from(1),
    })
}

/// History can be run again: here wrong settings are the end, and what is odd about them is said first.
#[cfg(feature = "tools")]
fn on_history(
    args: &Args,
    settings: &Settings,
    run: impl FnOnce(&filter::Options) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    settings.faults.iter().for_each(complain);
    if !settings.are_usable() {
        return Ok(ExitCode::from(2));
    }
    run(&settings.options("", args.precision, false))
}

fn run_filter(args: &Args, settings: &Settings) -> anyhow::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut input = Stdin::new(SIGTERM).context("handling signals")?;
    heed_signals(&stop, input.is_pipe()).context("handling signals")?;
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy();
    let mut filter = Filter::new(settings.options(&host, args.precision, args.final_forecast));
    let warnings = settings
        .faults
        .iter()
        .filter(|fault| fault.severity != Severity::Error);
    warnings.for_each(|fault| filter.log().say(fault.severity, &fault.text));
    let mut output = Stdout::new(&stop).context("opening stdout")?;
    let since_1970 = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    };
    let open = |filter: &mut Filter, now| state::keeper(settings, filter, now);
    let mut beside = Beside::new(settings.report_every(), open);
    let done = filter::run(
        &mut filter,
        &mut input,
        &mut output,
        &mut io::stderr(),
        since_1970,
        &stop,
        &mut beside,
    );
    if let (Err(_), Some(keeper)) = (&done, beside.keeper()) {
        keeper.finish(&mut filter, since_1970(), LATE_SAVE);
        let said = filter.log().take();
        drop(io::stderr().write_all(said.as_bytes()));
    }
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            say(
                Severity::Warning,
                "stopped while nobody read the output: the rest is lost",
            );
            return Ok(ExitCode::SUCCESS);
        }
        done => done.context("filtering")?,
    }
    let took = beside
        .keeper()
        .map_or(Duration::ZERO, |keeper| keeper.took());
    std::mem::forget(filter); // to give a hundred thousand series back takes half a second
    drain::drain(&output, DRAIN.saturating_sub(took).max(LAST_DRAIN));
    Ok(ExitCode::SUCCESS)
}

/// SIGTERM asks for an end. In a pipeline an end comes with the end of the input, so Ctrl-C and
/// hang-ups, which reach every process of the terminal, are left to the one that feeds us.
fn heed_signals(stop: &Arc<AtomicBool>, in_pipeline: bool) -> io::Result<()> {
    signal_hook::flag::register(SIGTERM, Arc::clone(stop))?;
    if in_pipeline {
        let nobody_looks = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&nobody_looks))?;
        }
    }
    Ok(())
}

/// A panic is one `E!` line: without a prefix every line of it would be an error of its own.
fn say_panics_in_one_line() {
    std::panic::set_hook(Box::new(|info| {
        #[cfg(feature = "tools")]
        if brewcast::tools::backtest::reference::is_fitting() {
            return; // a fit that failed: it is counted
        }
        say(Severity::Error, &format!("fault inside brewcast: {info}"));
    }));
}

fn complain(fault: &Fault) {
    say(fault.severity, &fault.text);
}

fn say(severity: Severity, text: &str) {
    report::write(&mut io::stderr(), severity, text);
}

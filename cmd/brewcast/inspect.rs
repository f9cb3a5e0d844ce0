//! `brewcast inspect`: what a state file knows of its series, and why there was a flag or none.
//!
//! It reads the file and writes nothing but its report; a program that uses the file runs on.
//!
//! Exit status: 0 done; 1 no series of that name is in it; 2 the file cannot be read or is no state file, or the command
//! line or the settings are wrong.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use brewcast::filter::Options;
use brewcast::report::Severity;
use brewcast::tools::inspect::text::{self, View};
use brewcast::tools::inspect::{self, Inspection};

use super::say;

/// What to look at, and how much to show.
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The state file; a brewcast that uses it runs on
    #[arg(value_name = "STATE")]
    file: PathBuf,
    /// Only series whose name (measurement,tags field) has this in it
    #[arg(value_name = "SERIES", default_value = "")]
    series: String,
    /// Print one JSON object with all of it; numbers are finite or null
    #[arg(long)]
    json: bool,
    /// Series that get a line of the table, open events first
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
    /// Series that are shown in detail; without SERIES none
    #[arg(long, value_name = "N")]
    details: Option<usize>,
}

/// Runs it with settings that are faultless.
pub(crate) fn run(args: &InspectArgs, options: &Options) -> anyhow::Result<ExitCode> {
    let wrong = |text: &str| {
        say(Severity::Error, text);
        Ok(ExitCode::from(2))
    };
    let name = args.file.display();
    let read = File::open(&args.file).and_then(|file| {
        inspect::read(&mut BufReader::new(file), options, |series| {
            series.contains(&args.series)
        })
    });
    let found = match read {
        Ok(Some(found)) => found,
        Ok(None) => return wrong(&format!("{name}: it is not a state file of brewcast")),
        Err(error) => return wrong(&format!("cannot read {name}: {error}")),
    };
    if found.series.is_empty() && !args.series.is_empty() {
        let text = format!("{name}: no series has {:?} in its name", args.series);
        say(Severity::Error, &text);
        return Ok(ExitCode::FAILURE);
    }
    match print(args, &found) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {} // enough was read
        printed => printed.context("writing the report")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &InspectArgs, found: &Inspection) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut stdout, found)?;
        return writeln!(stdout);
    }
    let view = View {
        rows: args.rows,
        details: args.details.unwrap_or(usize::from(!args.series.is_empty())),
    };
    stdout.write_all(text::render(found, view).as_bytes())
}

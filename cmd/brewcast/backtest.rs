//! `brewcast backtest`: the engine over recordings, and what its forecasts were worth.
//!
//! Reads everything, runs, prints one report: a table or JSON on stdout, all else on stderr; with
//! `--html` a page is written beside that. A progress bar
//! is shown on a terminal only.
//!
//! Exit status: 0 done; 1 nothing could be compared; 2 a file cannot be read, or the command line or the
//! settings are wrong.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use brewcast::filter::Options;
use brewcast::records;
use brewcast::report::Severity;
use brewcast::tools::backtest::history::Track;
use brewcast::tools::backtest::text::{self, View};
use brewcast::tools::backtest::{self, Clock, History, Labels, Pick, Plan, Report};
use brewcast::tools::page;
use indicatif::{ProgressBar, ProgressStyle};

use super::say;

/// What to run it on and how much to show.
#[derive(Debug, clap::Args)]
pub(crate) struct BacktestArgs {
    /// Recordings: line protocol, plain or gzipped; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object with all figures; numbers are finite or null
    #[arg(long)]
    json: bool,
    /// Write a page for a browser to this file as well: a chart a series, tables, suggestions
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Only series whose name (measurement,tags field) matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    series: Vec<String>,
    #[command(flatten)]
    labels: LabelArgs,
    /// Series that get a line of the table, those with the most trouble first
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
    /// Series that are shown by steps ahead
    #[arg(long, value_name = "N", default_value_t = 2)]
    details: usize,
    /// Times that AutoETS and MSTL are fitted to a series; 0: not at all
    #[arg(long, value_name = "N", default_value_t = 32)]
    references: u32,
    /// Tell the time that a point takes
    #[arg(long)]
    time: bool,
}

/// What is known to have been wrong.
#[derive(Debug, clap::Args)]
pub(crate) struct LabelArgs {
    /// Hold the flags against this CSV file: series,start,end and perhaps evaluate (0: neutral)
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Points after its start within which a label has to be flagged to be found
    #[arg(long, value_name = "POINTS", default_value_t = 7, requires = "labels")]
    delay: usize,
}

/// Runs it with settings that are faultless.
pub(crate) fn run(args: &BacktestArgs, options: &Options) -> anyhow::Result<ExitCode> {
    let pick = match Pick::new(&args.series) {
        Ok(pick) => pick,
        Err(wrong) => {
            say(Severity::Error, &format!("--series: {wrong}"));
            return Ok(ExitCode::from(2));
        }
    };
    let mut history = History::new(options, pick);
    for file in &args.files {
        if let Err(error) = read(file, &mut history) {
            say(Severity::Error, &format!("{error:#}"));
            return Ok(ExitCode::from(2));
        }
    }
    let (mut tracks, counts) = history.finish();
    if let Err(error) = args.labels.assign(&mut tracks, &args.series) {
        say(Severity::Error, &format!("{error:#}"));
        return Ok(ExitCode::from(2));
    }
    let plan = Plan {
        references: args.references,
        clock: args.time.then_some(since_start as Clock),
        canvas: args.html.is_some().then_some(page::CANVAS),
    };
    let bar = bar(counts.points);
    let mut progress = |points: u64| bar.inc(points);
    let report = backtest::run(tracks, counts, options, plan, &mut progress);
    bar.finish_and_clear();
    if report.series.is_empty() {
        say(Severity::Error, &why_nothing(&report));
        return Ok(ExitCode::FAILURE);
    }
    if let Some(path) = &args.html {
        let written = page::of_report(&report)
            .map_err(anyhow::Error::msg)
            .and_then(|html| write_whole(path, html.as_bytes()));
        if let Err(error) = written {
            say(Severity::Error, &format!("{error:#}"));
            return Ok(ExitCode::from(2));
        }
    }
    match print(args, &report) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {} // enough was read
        printed => printed.context("writing the report")?,
    }
    Ok(ExitCode::SUCCESS)
}

impl LabelArgs {
    /// Tells each series what is known of it, and says what no series is named, unless only some are `wanted`.
    pub(crate) fn assign(&self, tracks: &mut [Track], wanted: &[String]) -> anyhow::Result<()> {
        let Some(path) = &self.labels else {
            return Ok(());
        };
        let name = path.display();
        let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
        let labels = Labels::read(file).map_err(|wrong| anyhow!("{name}: {wrong}"))?;
        let nobody = labels.assign(tracks, self.delay);
        for nobody in nobody.iter().filter(|_| wanted.is_empty()) {
            let text = format!("{name}: no series is {nobody:?}");
            say(Severity::Warning, &text);
        }
        Ok(())
    }
}

pub(crate) fn read(file: &Path, history: &mut History<'_>) -> anyhow::Result<()> {
    let name = file.display();
    let reader = records::open(file).with_context(|| format!("cannot open {name}"))?;
    let mut warn = |text: &str| say(Severity::Warning, &format!("{name}: {text}"));
    history
        .read(reader, &mut warn)
        .with_context(|| format!("cannot read {name}"))
}

/// Writes a file whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.display();
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let written = || -> io::Result<()> {
        let readable = std::fs::Permissions::from_mode(0o666); // less the umask
        let mut file = tempfile::Builder::new()
            .permissions(readable)
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write {name}"))
}

fn print(args: &BacktestArgs, report: &Report) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut stdout, report)?;
        return writeln!(stdout);
    }
    let view = View {
        rows: args.rows,
        details: args.details,
    };
    stdout.write_all(text::render(report, view).as_bytes())
}

fn why_nothing(report: &Report) -> String {
    let totals = &report.totals;
    if totals.series_too_short == 0 {
        return "nothing to compare: no series was selected".to_owned();
    }
    format!(
        "nothing to compare: no series is long enough. The longest has {} points; forecasts begin after \
         model.warmup points and need one more to be compared with",
        totals.longest
    )
}

/// A bar on a terminal, nothing elsewhere.
pub(crate) fn bar(points: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {pos} of {len} points, {eta} left");
    let bar = ProgressBar::new(points);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The time since it was first asked for.
fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

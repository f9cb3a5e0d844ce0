//! `brewcast plot`: a picture of recordings as the engine saw them.
//!
//! Runs the engine over all points and draws one panel a series, those with the most trouble first. The file is
//! written whole or not at all; stdout is for `--terminal` alone.
//!
//! Exit status: 0 done; 1 there was nothing to draw; 2 a file cannot be read or written, or the command line or
//! the settings are wrong.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use brewcast::filter::Options;
use brewcast::report::Severity;
use brewcast::tools::backtest::{self, History, Pick, Plan, Report};
use brewcast::tools::chart::draw::{self, Size};
use brewcast::tools::chart::terminal::{self, Screen};
use brewcast::tools::chart::{Canvas, Chart, ticks};
use brewcast::tools::page;

use super::backtest::{LabelArgs, bar, read, write_whole};
use super::say;

/// What to draw, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct PlotArgs {
    /// Recordings: line protocol, plain or gzipped; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write the picture: .svg, .png or .html
    #[arg(short, long, value_name = "FILE", required_unless_present = "terminal")]
    output: Option<PathBuf>,
    /// Sketch it on the terminal instead, a screen a series
    #[arg(long, conflicts_with = "output")]
    terminal: bool,
    /// Only series whose name (measurement,tags field) matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    series: Vec<String>,
    #[command(flatten)]
    labels: LabelArgs,
    /// Series that get a panel, those with the most trouble first
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=100))]
    panels: u16,
    /// Draw from this time on: 2020-08-05T18:50:00Z
    #[arg(long, value_name = "TIME", value_parser = ticks::parse)]
    from: Option<i64>,
    /// Draw up to this time
    #[arg(long, value_name = "TIME", value_parser = ticks::parse)]
    to: Option<i64>,
    /// Width in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 960, value_parser = clap::value_parser!(u32).range(300..=4000))]
    width: u32,
    /// Height of a panel in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 260, value_parser = clap::value_parser!(u32).range(120..=2000))]
    height: u32,
}

/// What a file of this name is to have in it.
enum Format {
    Svg,
    Png,
    Html,
}

/// Runs it with settings that are faultless.
pub(crate) fn run(args: &PlotArgs, options: &Options) -> anyhow::Result<ExitCode> {
    let wrong = |text: &str| {
        say(Severity::Error, text);
        Ok(ExitCode::from(2))
    };
    let output = match &args.output {
        None => None,
        Some(path) => match format_of(path) {
            Some(format) => Some((path, format)),
            None => {
                let name = path.display();
                return wrong(&format!(
                    "-o {name}: its name must end in .svg, .png or .html"
                ));
            }
        },
    };
    if args.from.zip(args.to).is_some_and(|(from, to)| to <= from) {
        return wrong("--to must be after --from");
    }
    let pick = match Pick::new(&args.series) {
        Ok(pick) => pick,
        Err(fault) => return wrong(&format!("--series: {fault}")),
    };
    let mut history = History::new(options, pick);
    for file in &args.files {
        if let Err(error) = read(file, &mut history) {
            return wrong(&format!("{error:#}"));
        }
    }
    let (mut tracks, counts) = history.finish();
    if let Err(error) = args.labels.assign(&mut tracks, &args.series) {
        return wrong(&format!("{error:#}"));
    }
    let screen = screen();
    let plan = Plan {
        references: 0,
        clock: None,
        canvas: Some(Canvas {
            from: args.from,
            to: args.to,
            columns: match output {
                Some(_) => args.width - 72, // what the axis takes
                None => screen.dots(),
            },
        }),
    };
    let bar = bar(counts.points);
    let report = backtest::run(tracks, counts, options, plan, &mut |points| bar.inc(points));
    bar.finish_and_clear();
    let charts = charts(&report, usize::from(args.panels));
    if charts.is_empty() {
        say(
            Severity::Error,
            "nothing to draw: no series is long enough for a forecast and has points at that time",
        );
        return Ok(ExitCode::FAILURE);
    }
    let written = match output {
        Some((path, format)) => write(&charts, args, path, &format),
        None => sketch(&charts, screen),
    };
    match written {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => wrong(&format!("{error:#}")),
    }
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_lowercase().as_str() {
        "svg" => Some(Format::Svg),
        "png" => Some(Format::Png),
        "html" | "htm" => Some(Format::Html),
        _ => None,
    }
}

/// Those that are drawn, with their names; says which are not.
fn charts(report: &Report, most: usize) -> Vec<(String, Chart)> {
    let all = report.worst_first();
    let drawn = all
        .iter()
        .filter_map(|series| Some((series.name.clone(), series.chart.clone()?)));
    let charts: Vec<_> = drawn.take(most).collect();
    let with_chart = all.iter().filter(|series| series.chart.is_some()).count();
    if charts.len() < with_chart {
        let text = format!(
            "{} of {with_chart} series are drawn, those with the most trouble: --panels, --series",
            charts.len()
        );
        say(Severity::Warning, &text);
    }
    charts
}

/// What there is room for: the terminal, or what is usual where there is none. Colours are for terminals.
fn screen() -> Screen {
    let size = terminal_size::terminal_size();
    let (columns, rows) = size.map_or((80, 24), |(width, height)| (width.0, height.0));
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Screen {
        columns,
        rows,
        has_colors: io::stdout().is_terminal() && !is_plain,
    }
}

fn sketch(charts: &[(String, Chart)], screen: Screen) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    for (name, chart) in charts {
        match stdout.write_all(terminal::sketch(name, chart, screen).as_bytes()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()), // enough was seen
            written => written.context("writing the sketch")?,
        }
    }
    Ok(())
}

fn write(
    charts: &[(String, Chart)],
    args: &PlotArgs,
    path: &Path,
    format: &Format,
) -> anyhow::Result<()> {
    let size = Size {
        width: args.width,
        height: args.height,
    };
    let bytes = match format {
        Format::Svg => draw::svg(charts, size).map(String::into_bytes),
        Format::Png => draw::png(charts, size),
        Format::Html => page::of_charts(charts, size).map(String::into_bytes),
    };
    let bytes = bytes.map_err(anyhow::Error::msg).context("drawing")?;
    write_whole(path, &bytes)
}

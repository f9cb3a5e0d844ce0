//! A report as text for a terminal: what holds for all series, a line for each, and a few in detail.
//!
//! Every line says what it counts, and the words that need it are explained at the end.

use std::fmt::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::numbers::{
    counted, decimals, duration, grouped, percent, rounded, shortened, significant,
};
use super::reference::{ETS_WINDOW, MSTL_WINDOW};
use super::report::{Beside, Figures, Means, Report, Series};
use super::told;

/// How much is shown.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Series that get a line.
    pub rows: usize,
    /// Series that are shown by steps ahead.
    pub details: usize,
}

/// Longest name of a series in a table; a longer one loses its middle.
const NAME_CHARS: usize = 44;
/// Lines of suggestions for each row of the table, at most.
const SUGGESTION_LINES: usize = 3;
/// Points from which a ratio is shown: of fewer it says little. JSON has all.
const POINTS_MIN: u64 = 20;

/// The report as text.
#[must_use]
pub fn render(report: &Report, view: View) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut out, report, view);
    out
}

fn write_all(out: &mut String, report: &Report, view: View) -> fmt::Result {
    write_heading(out, report)?;
    if report.series.len() > 1 {
        write_totals(out, report)?;
        write_rows(out, report, view.rows)?;
    }
    for series in report.worst_first().into_iter().take(view.details) {
        write_series(out, series)?;
    }
    write_suggestions(out, report, view)?;
    write_legend(out, report)
}

fn write_heading(out: &mut String, report: &Report) -> fmt::Result {
    let (totals, input) = (&report.totals, &report.input);
    writeln!(
        out,
        "{} with {} in {}; {} compared with what came.",
        counted(totals.series, "series", "series"),
        counted(input.points, "point", "points"),
        counted(input.files, "file", "files"),
        counted(totals.origins, "forecast", "forecasts"),
    )?;
    let left_out = left_out(report);
    if !left_out.is_empty() {
        writeln!(out, "Left out: {}.", left_out.join(", "))?;
    }
    Ok(())
}

/// What was not compared, and how much of it.
pub(in crate::tools) fn left_out(report: &Report) -> Vec<String> {
    let (totals, input) = (&report.totals, &report.input);
    let left_out = [
        (input.lines_rejected, "lines that are no line protocol"),
        (input.points_untimed, "numbers without a timestamp"),
        (
            input.points_left_out,
            "numbers of series that were not selected",
        ),
        (totals.series_too_short, "series too short for a forecast"),
        (totals.series_broken, "series after a fault inside brewcast"),
    ];
    let left_out = left_out.into_iter().filter(|(count, _)| *count > 0);
    left_out
        .map(|(count, what)| format!("{what} ({})", grouped(count)))
        .collect()
}

fn write_totals(out: &mut String, report: &Report) -> fmt::Result {
    let totals = &report.totals;
    let mut table = table(&[
        "steps ahead",
        "÷ last value",
        "÷ seasonal naive",
        "÷ AutoETS",
        "÷ MSTL",
        "inside",
    ]);
    for means in totals.steps.iter().chain([&totals.whole]) {
        let mut cells = vec![steps(means.first, means.last, totals.whole.last)];
        cells.extend(means.ratio.all().map(|ratio| decimals(ratio.median)));
        cells.push(percent(means.coverage, 1));
        table.add_row(cells);
    }
    let Means { ratio, .. } = &totals.whole;
    let mut cells = vec!["series compared".to_owned()];
    cells.extend(ratio.all().map(|ratio| ratio.series.to_string()));
    table.add_row(cells);
    writeln!(
        out,
        "\nALL SERIES: median ratio of errors\n{}",
        text(&table)
    )?;
    writeln!(
        out,
        "{} of {} ({}) {} worse than the last value by more than 5 %.",
        grouped(totals.worse_than_last_value),
        counted(ratio.last_value.series, "series", "series"),
        percent(totals.worse_share, 0),
        if totals.worse_than_last_value == 1 {
            "is"
        } else {
            "are"
        },
    )?;
    writeln!(
        out,
        "{} of {} flagged, {} opened; the budget allows {}.",
        grouped(totals.flags),
        counted(totals.judged, "point", "points"),
        counted(totals.events_opened, "event", "events"),
        rounded(totals.flags_expected),
    )?;
    writeln!(out, "{}.", told::others(&totals.other_budgets))?;
    for line in told::labels(totals.labels.as_ref()) {
        writeln!(out, "{line}.")?;
    }
    Ok(())
}

fn write_rows(out: &mut String, report: &Report, rows: usize) -> fmt::Result {
    let mut headings = vec![
        "series",
        "points",
        "season",
        "error",
        "÷ last",
        "÷ season",
        "÷ ETS",
        "÷ MSTL",
        "inside",
        "width",
        "flags",
        "events",
        "allowed",
    ];
    if report.totals.labels.is_some() {
        headings.extend(["found", "false", "F1"]);
    }
    let mut table = table(&headings);
    for series in report.worst_first().into_iter().take(rows) {
        let figures = &series.whole;
        let mut cells = vec![
            shortened(&series.name, NAME_CHARS),
            grouped(series.points),
            series
                .seasons
                .last()
                .map_or_else(|| "-".to_owned(), told::length),
            significant(figures.mae),
        ];
        cells.extend(figures.beside.all().map(ratio));
        cells.extend([
            percent(figures.coverage, 1),
            significant(figures.width),
            grouped(series.flags),
            grouped(series.events_opened),
            rounded(series.flags_expected),
        ]);
        if let Some(labels) = &series.labels {
            cells.push(format!("{} of {}", labels.found, grouped(labels.labels)));
            cells.extend([grouped(labels.false_alarms), decimals(labels.f1)]);
        }
        table.add_row(cells);
    }
    writeln!(
        out,
        "\nEACH SERIES, THE WORST FIRST: all steps ahead together\n{}",
        text(&table)
    )?;
    let more = report.series.len().saturating_sub(rows);
    if more > 0 {
        writeln!(out, "{more} more that are better: --rows")?;
    }
    Ok(())
}

fn write_series(out: &mut String, series: &Series) -> fmt::Result {
    writeln!(out, "\n{}", series.name)?;
    writeln!(
        out,
        "  {}, one every {}{}; {} missing in {}{}",
        counted(series.points, "point", "points"),
        duration(series.cadence_s),
        if series.is_counter { ", a counter" } else { "" },
        grouped(series.missing),
        counted(series.gaps, "gap", "gaps"),
        if series.late > 0 {
            format!("; {} late or double", grouped(series.late))
        } else {
            String::new()
        },
    )?;
    writeln!(
        out,
        "  {} over {}, one every {}",
        counted(series.origins.into(), "forecast", "forecasts"),
        counted(series.horizon.into(), "step", "steps"),
        counted(series.every.into(), "point", "points"),
    )?;
    if let Some(policy) = series.policy {
        let coverage = percent(series.coverage, 0);
        writeln!(out, "  policy {policy}: intervals of {coverage}")?;
    }
    writeln!(out, "  seasons: {}", told::seasons(&series.seasons))?;
    if !series.weights.is_empty() {
        writeln!(out, "  weight in the forecast: {}", told::shares(series))?;
    }
    writeln!(
        out,
        "  {} of {} flagged, {} opened; the budget allows {}",
        grouped(series.flags),
        counted(series.judged, "judged point", "judged points"),
        counted(series.events_opened, "event", "events"),
        rounded(series.flags_expected),
    )?;
    writeln!(out, "  {}", told::others(&series.other_budgets))?;
    for line in told::labels(series.labels.as_ref()) {
        writeln!(out, "  {line}")?;
    }
    if let Some(ns) = series.ns_per_point {
        writeln!(out, "  {ns:.0} ns to learn and judge a point")?;
    }
    write_steps(out, series)
}

fn write_steps(out: &mut String, series: &Series) -> fmt::Result {
    let mut table = table(&[
        "  steps ahead",
        "points",
        "error",
        "÷ last value",
        "÷ seasonal naive",
        "÷ AutoETS",
        "÷ MSTL",
        "inside",
        "width",
    ]);
    for figures in series.steps.iter().chain([&series.whole]) {
        let Figures {
            first,
            last,
            points,
            mae,
            coverage,
            width,
            beside,
        } = figures;
        let range = steps(*first, *last, series.horizon);
        let mut cells = vec![format!("  {range}"), grouped(*points), significant(*mae)];
        cells.extend(beside.all().map(ratio));
        cells.extend([percent(*coverage, 1), significant(*width)]);
        table.add_row(cells);
    }
    let fits = [&series.auto_ets_fits, &series.mstl_fits];
    let mut cells = vec!["  forecasts".to_owned(), String::new(), String::new()];
    cells.push(series.origins.to_string());
    cells.push(String::new());
    cells.extend(fits.map(|fits| fits.origins.to_string()));
    table.add_row(cells);
    writeln!(out, "{}", text(&table))?;
    let failed = fits.map(|fits| fits.failed);
    if failed != [0, 0] {
        let [auto_ets, mstl] = failed;
        writeln!(out, "  fits that failed: AutoETS {auto_ets}, MSTL {mstl}")?;
    }
    Ok(())
}

fn write_suggestions(out: &mut String, report: &Report, view: View) -> fmt::Result {
    let lines = told::suggestions(&report.worst_first());
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSUGGESTIONS")?;
    let most = SUGGESTION_LINES * view.rows.max(1);
    for line in lines.iter().take(most) {
        writeln!(out, "{line}")?;
    }
    if lines.len() > most {
        writeln!(out, "… and more: --rows, or --html")?;
    }
    Ok(())
}

fn write_legend(out: &mut String, report: &Report) -> fmt::Result {
    let coverage = percent(report.coverage, 0);
    write!(
        out,
        "
error             mean absolute error, in the unit of the series
÷ ...             this error over that of another forecast of the same points; below 1 brewcast is better
  last value      it stays as it is (a counter: it goes on as in the last step)
  seasonal naive  as one season ago, the longest known by then
  AutoETS, MSTL   two methods of the crate augurs, fitted anew at a few forecasts to the last {ETS_WINDOW} points
                  (MSTL: up to {MSTL_WINDOW}) and compared at these only
inside, width     share of the points in the {coverage} interval, and its mean width
events            flags that belong together: what pages somebody; with other budgets: an estimate
allowed           flags that chance alone would give by the budget (detect.false_alarms)
-                 nothing to compare: no season, never wrong, or fewer than {POINTS_MIN} points
"
    )?;
    if report.totals.labels.is_some() {
        writeln!(
            out,
            "found, false      labels flagged soon after their start, and runs of flags outside of all labels"
        )?;
    }
    Ok(())
}

/// A table without lines: the first column to the left, the others to the right.
pub(in crate::tools) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(headings.iter().copied());
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub(in crate::tools) fn text(table: &Table) -> String {
    table.trim_fmt()
}

pub(in crate::tools) fn steps(first: u32, last: u32, horizon: u32) -> String {
    match (first, last) {
        (1, last) if last == horizon && horizon > 1 => "all".to_owned(),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    }
}

fn ratio(beside: &Beside) -> String {
    if beside.points < POINTS_MIN {
        return "-".to_owned();
    }
    decimals(beside.ratio)
}

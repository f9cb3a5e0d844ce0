//! Pages for a browser: the report of a backtest, and charts alone.
//!
//! A page is one file that loads nothing and runs nothing: no script, no font, no picture from elsewhere, and a
//! policy that forbids them. All text goes through the escaping of `maud`; only SVG from
//! [`super::chart::draw`], which escapes by itself, goes in as it is. It follows the light or dark of its
//! reader and is usable on a telephone.

mod legend;
mod one;
mod tables;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::advice::{self, Group};
use super::backtest::Report;
use super::backtest::numbers;
use super::backtest::report::Series;
use super::chart::draw::{self, Size};
use super::chart::{Canvas, Chart, palette};

/// What a page draws of each series.
pub const CANVAS: Canvas = Canvas {
    from: None,
    to: None,
    columns: COLUMNS,
};
const COLUMNS: u32 = 480;
const SIZE: Size = Size {
    width: 1000,
    height: 240,
};
/// Series that are shown open; the others open at a click.
const OPEN_MAX: usize = 20;

/// The report as a page.
///
/// # Errors
/// What the drawing library says.
pub fn of_report(report: &Report) -> Result<String, String> {
    let worst_first = report.worst_first();
    let (open, closed) = worst_first.split_at(worst_first.len().min(OPEN_MAX));
    let mut shown = Vec::new();
    for (series, at) in open.iter().zip(1..) {
        shown.push(one::series(series, at)?);
    }
    let mut hidden = Vec::new();
    for (series, at) in closed.iter().zip(open.len() + 1..) {
        hidden.push(one::folded(series, at)?);
    }
    let content = html! {
        h1 { "brewcast backtest" }
        (tables::heading(report))
        @if let Some(labels) = &report.totals.labels { (tables::labels(labels)) }
        (advice_list(&worst_first))
        (tables::budgets(report))
        (tables::horizon(report))
        (tables::all(&worst_first))
        h2 id="charts" { "The series, the worst first" }
        (legend::lines(report.totals.labels.is_some()))
        @for markup in &shown { (markup) }
        @if !hidden.is_empty() {
            p { "The others, to be opened:" }
            @for markup in &hidden { (markup) }
        }
    };
    Ok(page("brewcast backtest", &content))
}

/// Charts as a page.
///
/// # Errors
/// What the drawing library says.
pub fn of_charts(charts: &[(String, Chart)], size: Size) -> Result<String, String> {
    let mut drawn = Vec::new();
    for (name, chart) in charts {
        drawn.push((name, one::chart(chart, size, None)?));
    }
    let content = html! {
        h1 { "brewcast plot" }
        (legend::lines(charts.iter().any(|(_, chart)| !chart.labels.is_empty())))
        @for (name, chart) in &drawn {
            section.series { h3 { (name) } (chart) }
        }
    };
    Ok(page("brewcast plot", &content))
}

fn page(title: &str, content: &Markup) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { (content) }
        }
    };
    markup.into_string()
}

/// What the data ask for, what is alike once.
fn advice_list(worst_first: &[&Series]) -> Markup {
    let all = advice::of_all(worst_first);
    let shown = &all[..all.len().min(ADVICE_MAX)];
    html! {
        h2 { "Suggestions" }
        @if all.is_empty() {
            p { "None: nothing in these figures asks for other settings." }
        }
        ul.advice {
            @for Group { advice, series } in shown {
                li {
                    @if series.len() > 1 { (numbers::grouped(series.len() as u64)) " series: " }
                    @else { (links(worst_first, series)) ": " }
                    @if let Some(setting) = &advice.setting { code { (setting) } ": " }
                    (advice.why)
                    @if series.len() > 1 {
                        details { summary { "which" } (links(worst_first, series)) }
                    }
                }
            }
        }
        @if shown.len() < all.len() {
            p { (numbers::grouped((all.len() - shown.len()) as u64)) " more are with their series." }
        }
    }
}

/// Each leads to its series.
fn links(worst_first: &[&Series], series: &[usize]) -> Markup {
    html! {
        @for (&at, number) in series.iter().zip(0..) {
            @if number > 0 { "; " }
            a href={ "#s" (at + 1) } { (worst_first[at].name) }
        }
    }
}

/// Suggestions at the top of a page.
const ADVICE_MAX: usize = 12;

/// A drawing in the colours of the page.
fn inline(svg: &str) -> PreEscaped<String> {
    PreEscaped(palette::as_variables(svg))
}

fn panel(chart: &Chart, size: Size) -> Result<draw::Panel, String> {
    draw::panel(chart, size)
}

//! One series: its chart, what happened, how good its forecasts were.

use maud::{Markup, PreEscaped, html};

use crate::tools::advice;
use crate::tools::backtest::happened::Happened;
use crate::tools::backtest::numbers::{
    counted, decimals, duration, grouped, percent, rounded, significant,
};
use crate::tools::backtest::report::Series;
use crate::tools::backtest::text::steps;
use crate::tools::backtest::told;
use crate::tools::chart::draw::Size;
use crate::tools::chart::{Chart, palette, ticks};

use super::{SIZE, inline, panel};

/// Events of a series that are listed, the worst.
const EVENTS_MAX: usize = 30;

/// Columns that are one in a chart that is folded: of those there may be a thousand.
const FOLDED: usize = 4;

/// Shown open.
pub(super) fn series(series: &Series, at: usize) -> Result<Markup, String> {
    let content = content(series, at, 1)?;
    Ok(html! {
        section.series id={ "s" (at) } { h3 { (series.name) } (content) }
    })
}

/// To be opened.
pub(super) fn folded(series: &Series, at: usize) -> Result<Markup, String> {
    let content = content(series, at, FOLDED)?;
    Ok(html! {
        details.series id={ "s" (at) } { summary { (series.name) } (content) }
    })
}

fn content(series: &Series, at: usize, coarser: usize) -> Result<Markup, String> {
    let listed = listed(series);
    let drawn = match &series.chart {
        Some(chart) => self::chart(&chart.coarser(coarser), SIZE, Some((at, &listed)))?,
        None => html! { p { "No picture: there are too many series." } },
    };
    Ok(html! {
        (summary(series))
        (drawn)
        @for advice in advice::of(series) {
            p { "Suggestion: " @if let Some(setting) = &advice.setting { code { (setting) } ": " } (advice.why) }
        }
        @for line in told::labels(series.labels.as_ref()) { p { (upper(&line)) "." } }
        (events(series, at, &listed))
        (figures(series))
    })
}

/// A chart whose events lead to where they are told of in the list of series `at`.
pub(super) fn chart(
    chart: &Chart,
    size: Size,
    list: Option<(usize, &[&Happened])>,
) -> Result<Markup, String> {
    let panel = panel(chart, size)?;
    let links = html! {
        @for (event, [left, top, width, height]) in chart.events.iter().zip(&panel.events) {
            @let (color, _) = palette::of(event.kind);
            @let place = list.and_then(|(at, list)| {
                Some((at, 1 + list.iter().position(|listed| *listed == event)?))
            });
            @let shade = html! {
                rect x=(left) y=(top) width=(width) height=(height) fill-opacity="0" fill=(hex(color)) {
                    title { (told(event)) }
                }
            };
            @if let Some((at, number)) = place {
                a href={ "#s" (at) "e" (number) } { (shade) }
            } @else { (shade) }
        }
    };
    let label = format!(
        "{} to {}: {}",
        ticks::full(chart.from),
        ticks::full(chart.to),
        counted(chart.events.len() as u64, "event", "events")
    );
    let svg = panel.svg.replacen("<svg ", "<svg role=\"img\" ", 1);
    let (body, _) = svg.rsplit_once("</svg>").ok_or("the drawing has no end")?;
    let whole = format!("{body}{}</svg>", links.into_string());
    Ok(html! {
        div.chart.wide tabindex="0" aria-label=(label) { (inline(&whole)) }
    })
}

fn hex((r, g, b): palette::Rgb) -> PreEscaped<String> {
    PreEscaped(format!("#{r:02X}{g:02X}{b:02X}"))
}

fn told(event: &Happened) -> String {
    format!(
        "{} at {}: {} where {} was expected, score {}",
        palette::name(event.kind),
        ticks::full(event.start),
        significant(event.peak_value),
        significant(event.expected),
        rounded(event.peak_score),
    )
}

fn summary(series: &Series) -> Markup {
    let seasons = series
        .seasons
        .iter()
        .map(|season| duration(season.length_s));
    let seasons: Vec<String> = seasons.collect();
    html! {
        p {
            (counted(series.points, "point", "points")) ", one every " (duration(series.cadence_s))
            @if series.is_counter { ", a counter" }
            @if series.missing > 0 { "; " (grouped(series.missing)) " missing" }
            @if series.late > 0 { "; " (grouped(series.late)) " late or double" }
            @if !seasons.is_empty() { "; seasons: " (seasons.join(", ")) }
            ". " (counted(series.flags, "point", "points")) " flagged, "
            (counted(series.events_opened, "event", "events")) "; the budget allows "
            (rounded(series.flags_expected)) "."
            " " (upper(&told::others(&series.other_budgets))) "."
        }
    }
}

/// With a capital letter.
fn upper(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The worst events, in the order of time.
fn listed(series: &Series) -> Vec<&Happened> {
    let mut all: Vec<&Happened> = series.events.iter().collect();
    all.sort_by(|a, b| b.peak_score.total_cmp(&a.peak_score));
    all.truncate(EVENTS_MAX);
    all.sort_by_key(|event| event.start);
    all
}

fn events(series: &Series, at: usize, listed: &[&Happened]) -> Markup {
    let left_out = series.events_opened.saturating_sub(listed.len() as u64);
    html! {
        @if !listed.is_empty() {
            details open[listed.len() <= 6] {
                summary {
                    (counted(series.events_opened, "event", "events"))
                    @if left_out > 0 { ", the worst " (listed.len()) " of them" }
                }
                div.wide { table {
                    tr { th.text { "from (UTC)" } th.text { "kind" } th { "lasted" } th { "flags" } th { "score" }
                        th { "value" } th { "expected" } }
                    @for (event, number) in listed.iter().zip(1..) {
                        tr id={ "s" (at) "e" (number) } {
                            td.text { (ticks::full(event.start)) }
                            td.text { (palette::name(event.kind)) }
                            td { (duration((event.end - event.start) as f64 / 1e9)) }
                            td { (event.flags) }
                            td { (rounded(event.peak_score)) }
                            td { (significant(event.peak_value)) }
                            td { (significant(event.expected)) }
                        }
                    }
                } }
            }
        }
    }
}

fn figures(series: &Series) -> Markup {
    html! {
        details {
            summary { "Forecast error by horizon: " (decimals(series.whole.beside.last_value.ratio))
                " of the last value's, " (percent(series.whole.coverage, 1)) " inside" }
            div.wide { table {
                tr { th { "steps ahead" } th { "points" } th { "error" } th { "÷ last value" }
                    th { "÷ seasonal naive" } th { "inside" } th { "width" } }
                @for figures in series.steps.iter().chain([&series.whole]) {
                    tr {
                        td { (steps(figures.first, figures.last, series.horizon)) }
                        td { (grouped(figures.points)) }
                        td { (significant(figures.mae)) }
                        td { (decimals(figures.beside.last_value.ratio)) }
                        td { (decimals(figures.beside.seasonal_naive.ratio)) }
                        td { (percent(figures.coverage, 1)) }
                        td { (significant(figures.width)) }
                    }
                }
            } }
        }
    }
}

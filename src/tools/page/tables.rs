//! What holds for all series.

use maud::{Markup, html};

use crate::tools::backtest::Report;
use crate::tools::backtest::agreement::Agreement;
use crate::tools::backtest::numbers::{counted, decimals, grouped, percent, rounded, significant};
use crate::tools::backtest::report::Series;
use crate::tools::backtest::text::{left_out, steps};

/// What was read, and the figures that one looks at first.
pub(super) fn heading(report: &Report) -> Markup {
    let (totals, input) = (&report.totals, &report.input);
    let left_out = left_out(report);
    let figures = [
        (grouped(totals.series), "series".to_owned()),
        (
            grouped(totals.events_opened),
            format!(
                "events; {} are allowed by chance",
                rounded(totals.flags_expected)
            ),
        ),
        (
            grouped(totals.flags),
            format!("flags in {} judged points", grouped(totals.judged)),
        ),
        (
            decimals(totals.whole.ratio.last_value.median),
            "forecast error ÷ last value, median".to_owned(),
        ),
        (
            percent(totals.whole.coverage, 1),
            format!("inside the {} interval", percent(report.coverage, 0)),
        ),
    ];
    html! {
        p {
            (counted(input.points, "point", "points")) " in " (counted(input.files, "file", "files")) "; "
            (counted(totals.origins, "forecast", "forecasts")) " compared with what came; brewcast " (report.version) "."
            @if !left_out.is_empty() { " Left out: " (left_out.join(", ")) "." }
        }
        ul.figures {
            @for (figure, what) in figures { li { b { (figure) } (what) } }
        }
    }
}

/// How the flags agree with what is known.
pub(super) fn labels(all: &Agreement) -> Markup {
    let points = &all.points;
    let count = |what, of_labels, of_points| (what, grouped(of_labels), grouped(of_points));
    let share = |what, of_labels, of_points| (what, percent(of_labels, 1), percent(of_points, 1));
    let rows = [
        count("labelled", all.labels, points.labelled),
        count("found", all.found, points.found),
        count("false", all.false_alarms, points.false_flags),
        share("precision", all.precision, points.precision),
        share("recall", all.recall, points.recall),
        ("F1", decimals(all.f1), decimals(points.f1)),
    ];
    html! {
        h2 { "Against the labels" }
        p { "A label is found when it is flagged soon after its start; a false alarm is a run of flags outside of all
            labels. Points: each by itself." }
        div.wide { table {
            tr { th {} th { "labels" } th { "points" } }
            @for (what, of_labels, of_points) in rows { tr { td { (what) } td { (of_labels) } td { (of_points) } } }
        } }
    }
}

/// What other budgets would have opened.
pub(super) fn budgets(report: &Report) -> Markup {
    let totals = &report.totals;
    html! {
        h2 { "Alarms and the budget" }
        p { "Events that each " code { "detect.false_alarms" } " would have opened, beside the flags that it allows by chance on
            data that go on as they were. An estimate: what another budget flags it would not
            have learnt. Too short to tell: the data are less than a third of its time, so that it is the same as a rarer one." }
        div.wide { table {
            tr { th { "budget per series" } th { "events" } th { "allowed" } th.text {} }
            tr { td { "as set" } td { (grouped(totals.events_opened)) } td { (rounded(totals.flags_expected)) } td.text {} }
            @for other in &totals.other_budgets {
                tr { td { (other.budget) } td { (grouped(other.events)) } td { (rounded(other.allowed)) }
                    td.text { @if other.is_too_short { "too short to tell" } } }
            }
        } }
    }
}

/// The errors over all series.
pub(super) fn horizon(report: &Report) -> Markup {
    let totals = &report.totals;
    let names = ["last value", "seasonal naive", "AutoETS", "MSTL"];
    let compared = |at: usize| totals.whole.ratio.all()[at].series > 0;
    let rivals = names.into_iter().zip(0..);
    let rivals: Vec<(&str, usize)> = rivals.filter(|(_, at)| compared(*at)).collect();
    html! {
        h2 { "Forecast error by horizon" }
        p { "Medians over the series of this error over that of another forecast of the same points; below 1 brewcast is
            better. Inside: share of the points in their interval." }
        div.wide { table {
            tr {
                th { "steps ahead" }
                @for (name, _) in &rivals { th { "÷ " (name) } }
                th { "inside" }
            }
            @for means in totals.steps.iter().chain([&totals.whole]) {
                tr {
                    td { (steps(means.first, means.last, totals.whole.last)) }
                    @for (_, at) in &rivals { td { (decimals(means.ratio.all()[*at].median)) } }
                    td { (percent(means.coverage, 1)) }
                }
            }
        } }
    }
}

/// A line a series, each leading to its chart.
pub(super) fn all(worst_first: &[&Series]) -> Markup {
    html! {
        h2 { "All series" }
        details open[worst_first.len() <= 50] {
            summary { (counted(worst_first.len() as u64, "series", "series")) ", the worst first" }
            div.wide { table {
                tr { th.name { "series" } th { "events" } th { "allowed" } th { "flags" } th { "error" } th { "÷ last" }
                    th { "inside" } th { "points" } }
                @for (series, at) in worst_first.iter().zip(1..) {
                    tr {
                        td.name { a href={ "#s" (at) } { (series.name) } }
                        td { (grouped(series.events_opened)) }
                        td { (rounded(series.flags_expected)) }
                        td { (grouped(series.flags)) }
                        td { (significant(series.whole.mae)) }
                        td { (decimals(series.whole.beside.last_value.ratio)) }
                        td { (percent(series.whole.coverage, 1)) }
                        td { (grouped(series.points)) }
                    }
                }
            } }
        }
    }
}

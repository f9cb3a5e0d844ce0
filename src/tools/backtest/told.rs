//! Lines about a series, or about all, that text and page have in common.

use crate::model::mix::candidates;
use crate::tools::advice::{self, Group};
use crate::tools::chart::ticks;

use super::agreement::{Agreement, Missed};
use super::happened::Opened;
use super::numbers::{counted, decimals, duration, grouped, percent};
use super::report::{Season, Series};

/// Smallest share of a kind of candidate that is named.
const SHARE_MIN: f64 = 0.01;
/// Labels that were missed and are named.
const MISSED_NAMED: usize = 5;
/// Series of one suggestion that are named.
const NAMED_MAX: usize = 5;

/// `events with other budgets: 9 with 1/day, 2 with 1/week; 2 with 1/month and 1/year, …`.
pub(in crate::tools) fn others(all: &[Opened]) -> String {
    let (short, told): (Vec<&Opened>, Vec<&Opened>) = all.iter().partition(|one| one.is_too_short);
    let one = |opened: &&Opened| format!("{} with {}", grouped(opened.events), opened.budget);
    let mut parts: Vec<String> = Vec::new();
    if !told.is_empty() {
        parts.push(told.iter().map(one).collect::<Vec<_>>().join(", "));
    }
    let names: Vec<&str> = short.iter().map(|opened| opened.budget).collect();
    let events = short.iter().map(|opened| opened.events).max();
    let events = grouped(events.unwrap_or(0));
    match names.split_last() {
        None => {}
        Some((name, [])) => parts.push(format!(
            "{events} with {name}, for which the data are too short"
        )),
        Some((name, others)) => parts.push(format!(
            "{events} with {} and {name}, which the data are too short to tell apart",
            others.join(", ")
        )),
    }
    format!("events with other budgets: {}", parts.join("; "))
}

/// `24h after 190 points`.
pub(super) fn seasons(seasons: &[Season]) -> String {
    let one = |season: &Season| match season.after_points {
        0 => format!("{} as given", length(season)),
        points => format!(
            "{} found after {}",
            length(season),
            counted(points, "point", "points")
        ),
    };
    if seasons.is_empty() {
        return "none".to_owned();
    }
    seasons.iter().map(one).collect::<Vec<_>>().join(", ")
}

pub(super) fn length(season: &Season) -> String {
    duration(season.length_s)
}

/// The candidates by their kind, and what each kind made of the forecast.
pub(super) fn shares(series: &Series) -> String {
    let kinds = [
        ("last value", 0.0),
        ("levels (smoothed, medians)", 0.0),
        ("drift and trend", 0.0),
        ("autoregression", 0.0),
        ("seasons", 0.0),
        ("others", 0.0),
    ];
    let mut kinds = kinds.to_vec();
    for (candidate, name) in candidates::NAMES.iter().enumerate() {
        let kind = match candidate {
            candidates::LAST => 0,
            candidates::GATE_30..candidates::DRIFT => 1,
            candidates::DRIFT | candidates::TREND => 2,
            candidates::LOGS | candidates::VALUES => 3,
            candidates::SEASON_1..=candidates::OUTLOOK => 4,
            _ => 5,
        };
        kinds[kind].1 += series.weights.get(name).copied().unwrap_or(0.0);
    }
    kinds.retain(|(_, share)| *share >= SHARE_MIN);
    let one = |(name, share): &(&str, f64)| format!("{name} {}", percent(*share, 0));
    kinds.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How the flags agree with the labels, if there are any.
pub(in crate::tools) fn labels(labels: Option<&Agreement>) -> Vec<String> {
    let Some(all) = labels else {
        return Vec::new();
    };
    let shares = |precision: f64, recall: f64, f1: f64| {
        let [precision, recall] = [precision, recall].map(|share| percent(share, 1));
        format!(
            "precision {precision}, recall {recall}, F1 {}",
            decimals(f1)
        )
    };
    let points = &all.points;
    let mut lines = vec![
        format!(
            "{} of {} found, {}: {}",
            grouped(all.found),
            counted(all.labels, "label", "labels"),
            counted(all.false_alarms, "false alarm", "false alarms"),
            shares(all.precision, all.recall, all.f1),
        ),
        format!(
            "{} of {} in labels flagged, {} outside: {}",
            grouped(points.found),
            counted(points.labelled, "point", "points"),
            grouped(points.false_flags),
            shares(points.precision, points.recall, points.f1),
        ),
    ];
    if all.labels_left_out > 0 {
        let left_out = counted(all.labels_left_out, "label", "labels");
        lines.push(format!(
            "{left_out} left out: outside of the points, or begun before the first verdict"
        ));
    }
    if !all.missed.is_empty() {
        let one = |label: &Missed| ticks::full(label.start_ns);
        let named: Vec<String> = all.missed.iter().take(MISSED_NAMED).map(one).collect();
        let more = all.missed.len() > MISSED_NAMED;
        lines.push(format!(
            "missed: {}{}",
            named.join(", "),
            if more { " …" } else { "" }
        ));
    }
    lines
}

/// What the series ask to have set, each suggestion once.
pub(super) fn suggestions(worst_first: &[&Series]) -> Vec<String> {
    let groups = advice::of_all(worst_first).into_iter();
    let lines = groups.flat_map(|Group { advice, series }| {
        let names: Vec<&str> = series
            .iter()
            .map(|&at| worst_first[at].name.as_str())
            .collect();
        let who = match names[..] {
            [name] => name.to_owned(),
            _ => counted(names.len() as u64, "series", "series"),
        };
        let setting = advice.setting.unwrap_or_else(|| "no setting".to_owned());
        let mut lines = vec![setting, format!("  {who}: {}", advice.why)];
        if names.len() > 1 {
            let more = names.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let named: Vec<&str> = names.into_iter().take(NAMED_MAX).collect();
            lines.push(format!("  {}{more}", named.join("; ")));
        }
        lines
    });
    lines.collect()
}

//! An inspection as text for a terminal: a line a series, and a few in detail.

use std::fmt::{self, Write};

use crate::output::anomaly::return_period;
use crate::tools::backtest::numbers::{
    counted, duration, grouped, percent, shortened, significant,
};
use crate::tools::backtest::text::{table, text as lines_of};
use crate::tools::chart::ticks;

use super::Inspection;
use super::seen::{Channel, Forecast, GoesOn, Judged, Seen};

/// How much is shown.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Series that get a line.
    pub rows: usize,
    /// Series that are shown in detail.
    pub details: usize,
}

/// Longest name of a series in the table.
const NAME_CHARS: usize = 44;
/// Least weight of a candidate that is named.
const SHARE_MIN: f64 = 0.05;
/// Last values that are shown.
const RECENT: usize = 8;

/// The inspection as text.
#[must_use]
pub fn render(found: &Inspection, view: View) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut out, found, view);
    out
}

fn write_all(out: &mut String, found: &Inspection, view: View) -> fmt::Result {
    writeln!(
        out,
        "{} saved at {} UTC by brewcast {}.",
        counted(found.series_kept, "series", "series"),
        ticks::full(i64::try_from(found.written_s).unwrap_or(0) * 1_000_000_000),
        found.version,
    )?;
    if found.parts_unreadable > 0 || !found.is_whole {
        let end = if found.is_whole {
            ""
        } else {
            "; its end is missing"
        };
        let parts = counted(found.parts_unreadable, "part", "parts");
        writeln!(out, "The file is damaged: {parts} cannot be read{end}.")?;
    }
    if found.series_broken > 0 {
        let broken = counted(found.series_broken, "series", "series");
        writeln!(out, "What is there of {broken} does not fit together.")?;
    }
    if found.silences > 0 {
        writeln!(
            out,
            "{} on or announced.",
            counted(found.silences, "silence", "silences")
        )?;
    }
    if found.series.len() > view.details {
        write_rows(out, found, view.rows)?;
    }
    for seen in found.series.iter().take(view.details) {
        write_series(out, seen)?;
    }
    Ok(())
}

fn write_rows(out: &mut String, found: &Inspection, rows: usize) -> fmt::Result {
    let mut table = table(&[
        "series", "points", "step", "last", "expected", "below", "above", "event", "score",
    ]);
    for seen in found.series.iter().take(rows) {
        let judge = seen.judge.as_ref();
        let event = seen.event.as_ref();
        let limit =
            |of: fn(&Judged) -> Option<f64>| judge.and_then(of).map_or_else(dash, significant);
        table.add_row([
            shortened(&seen.series, NAME_CHARS),
            grouped(seen.points),
            step(seen),
            seen.last_value.map_or_else(dash, significant),
            limit(|judge| Some(judge.expected)),
            limit(|judge| judge.lower),
            limit(|judge| judge.upper),
            event.map_or_else(|| standing(seen), |event| event.kind.to_owned()),
            event.map_or_else(String::new, |event| significant(event.peak_score)),
        ]);
    }
    writeln!(out, "\n{}", lines_of(&table))?;
    let more = found.series.len().saturating_sub(rows);
    if more > 0 {
        writeln!(
            out,
            "{} more: --rows, or a part of the name",
            grouped(more as u64)
        )?;
    }
    writeln!(
        out,
        "\nbelow, above: where the next point is flagged by itself; event, score: open, and its peak"
    )
}

/// What there is to say of a series without an open event.
fn standing(seen: &Seen) -> String {
    match seen.goes_on {
        GoesOn::Yes | GoesOn::ForecasterAnew if seen.judge.is_none() => "warming up".to_owned(),
        GoesOn::Yes | GoesOn::ForecasterAnew => String::new(),
        GoesOn::Anew => "begins anew".to_owned(),
        GoesOn::NotModelled => "not modelled".to_owned(),
    }
}

fn write_series(out: &mut String, seen: &Seen) -> fmt::Result {
    writeln!(out, "\n{}", seen.series)?;
    let kind = if seen.is_counter { ", a counter" } else { "" };
    writeln!(
        out,
        "  {}, one every {}{kind}; the last, {}, at {} UTC{}",
        counted(seen.points, "point", "points"),
        step(seen),
        seen.last_value.map_or_else(dash, |last| last.to_string()),
        ticks::full(seen.last_time_ns),
        if seen.is_flagged { ", was flagged" } else { "" },
    )?;
    if let Some(policy) = seen.policy {
        writeln!(out, "  policy {policy}")?;
    }
    match seen.goes_on {
        GoesOn::Yes => {}
        GoesOn::ForecasterAnew => {
            writeln!(
                out,
                "  with these settings its forecaster begins from the values it kept"
            )?;
        }
        GoesOn::Anew => writeln!(out, "  with these settings it begins anew")?,
        GoesOn::NotModelled => writeln!(out, "  with these settings it is not modelled")?,
    }
    if let Some(event) = &seen.event {
        writeln!(
            out,
            "  open event: {} since {} UTC, {}, the last {} ago; peak score {} at {}",
            event.kind,
            ticks::full(event.start_ns),
            counted(event.flags.into(), "flag", "flags"),
            counted(event.quiet.into(), "point", "points"),
            event.peak_score,
            event.peak_value,
        )?;
        writeln!(out, "    {}", event.reason)?;
    }
    match (&seen.judge, seen.points_wanted) {
        (Some(judge), _) => write_judge(out, seen, judge)?,
        (None, Some(wanted)) => {
            writeln!(out, "  not judged yet: a model starts at {wanted} points")?;
        }
        (None, None) => writeln!(out, "  not judged yet: it warms up")?,
    }
    if let Some(forecast) = &seen.forecast {
        write_forecast(out, seen, forecast)?;
    }
    for threshold in &seen.thresholds {
        writeln!(
            out,
            "  threshold {}: {}",
            threshold.threshold, threshold.state
        )?;
    }
    Ok(())
}

fn write_judge(out: &mut String, seen: &Seen, judge: &Judged) -> fmt::Result {
    let mut table = table(&["  flagged when", "now", "below", "above"]);
    let last = seen.last_value.map_or_else(dash, significant);
    table.add_row([
        "  the next point (spike, dip)".to_owned(),
        last,
        limit(judge.lower),
        limit(judge.upper),
    ]);
    for channel in &judge.channels {
        table.add_row([
            format!("  {}", what(channel.kind)),
            now(channel),
            limit(channel.low),
            limit(channel.high),
        ]);
    }
    writeln!(out, "{}", lines_of(&table))?;
    writeln!(
        out,
        "  expected {}, usual error {}; limit {} errors, learnt from {}{}",
        short(judge.expected),
        significant(judge.scale),
        significant(judge.tail_limit),
        counted(judge.tail_points, "point", "points"),
        if is_sooner(judge) {
            "; a leap is flagged sooner"
        } else {
            ""
        },
    )?;
    let cadence = (1e9 * seen.cadence_s) as i64;
    writeln!(
        out,
        "  flagged by chance {}, as the points seen allow; {} is asked for",
        return_period(judge.in_force.ln(), cadence),
        return_period(judge.budget.ln(), cadence),
    )
}

/// Whether the alarm limits are nearer than those of the tail, as where a display leaps.
fn is_sooner(judge: &Judged) -> bool {
    let ends = judge.lower.iter().chain(&judge.upper);
    let halves = ends.map(|end| (end - judge.expected).abs());
    halves.fold(f64::INFINITY, f64::min) < 0.9 * judge.tail_limit * judge.scale
}

fn write_forecast(out: &mut String, seen: &Seen, forecast: &Forecast) -> fmt::Result {
    let seasons: Vec<String> = forecast.seasons_s.iter().copied().map(duration).collect();
    let seasons = if seasons.is_empty() {
        "none".to_owned()
    } else {
        seasons.join(", ")
    };
    let mut weights: Vec<(&str, f64)> = forecast
        .weights
        .iter()
        .map(|(&name, &share)| (name, share))
        .collect();
    weights.retain(|&(_, share)| share >= SHARE_MIN);
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    let one = |(name, share): &(&str, f64)| format!("{name} {}", percent(*share, 0));
    let weights: Vec<String> = weights.iter().map(one).collect();
    let by = match forecast.forecaster {
        "mix" if weights.is_empty() => "the last value".to_owned(),
        "mix" => weights.join(", "),
        _ => "exponential smoothing".to_owned(),
    };
    writeln!(out, "  forecast by {by}; seasons: {seasons}")?;
    if let Some(ratio) = forecast.over_last_value {
        let whose = if ratio < 0.98 { "" } else { ", so that speaks" };
        writeln!(
            out,
            "  the error of the next value is {ratio:.3} of that of the last value{whose}"
        )?;
    }
    if let (Some(yhat), Some(lower), Some(upper)) = (forecast.yhat, forecast.lower, forecast.upper)
    {
        let [yhat, lower, upper] = [yhat, lower, upper].map(short);
        let ahead = counted(forecast.steps.into(), "step", "steps");
        writeln!(out, "  {ahead} ahead: {yhat} [{lower}, {upper}]")?;
    }
    let recent = &seen.recent[seen.recent.len().saturating_sub(RECENT)..];
    let value = |value: &Option<f64>| value.map_or_else(dash, short);
    let recent: Vec<String> = recent.iter().map(value).collect();
    let what = if seen.is_counter {
        "increments"
    } else {
        "values"
    };
    writeln!(out, "  last {what} kept: {}", recent.join(" "))
}

/// What a channel looks at.
fn what(kind: &str) -> &str {
    match kind {
        "out_of_range" => "the least and the most seen (out_of_range)",
        "level_shift" => "mean of the last 5 off the level (level_shift)",
        "trend_change" => "way of the level in 60 points (trend_change)",
        "variance_change" => "last steps in usual ones (variance_change)",
        "gap" => "points missing (gap)",
        "flatline" => "points of one value (flatline)",
        other => other,
    }
}

fn now(channel: &Channel) -> String {
    match (channel.kind, channel.low, channel.high) {
        ("gap", ..) => String::new(),
        (_, None, None) => dash(),
        _ => significant(channel.now),
    }
}

fn step(seen: &Seen) -> String {
    if seen.cadence_s > 0.0 {
        duration(seen.cadence_s)
    } else {
        dash()
    }
}

fn limit(limit: Option<f64>) -> String {
    limit.map_or_else(dash, significant)
}

/// At most four digits, without zeros behind them.
fn short(x: f64) -> String {
    let digits = significant(x);
    digits.parse::<f64>().map_or(digits, |x| x.to_string())
}

fn dash() -> String {
    "-".to_owned()
}

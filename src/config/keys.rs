//! The one table of everything that can be set.

use crate::judge::verdict::Direction;
use crate::model::Trend;
use crate::model::forecaster::Kind;
use crate::output::{Template, Verdicts};
use crate::report::Severity;
use crate::series::extent::Extent;
use crate::series::rules::{POINTS_MAX, SeasonRule, THRESHOLDS_MAX};

use super::raw::Raw;
use super::value::Value;
use super::{budget, check_globs, select};

/// One setting.
pub(super) struct Key {
    /// `table.name`.
    pub(super) path: &'static str,
    /// As TOML.
    pub(super) default: &'static str,
    /// Takes the value, or says what to write instead.
    pub(super) set: fn(&mut Raw, &Value) -> Result<(), String>,
}

const fn key(
    path: &'static str,
    default: &'static str,
    set: fn(&mut Raw, &Value) -> Result<(), String>,
) -> Key {
    Key { path, default, set }
}

/// Stores a value that could be read.
fn put<T>(place: &mut T, value: Result<T, String>) -> Result<(), String> {
    *place = value?;
    Ok(())
}

const KINDS: &[(&str, Kind)] = &[
    ("auto", Kind::Auto),
    ("ets", Kind::Ets),
    ("naive", Kind::Naive),
];
const TRENDS: &[(&str, Trend)] = &[
    ("auto", Trend::Auto),
    ("none", Trend::None),
    ("damped", Trend::Damped),
    ("linear", Trend::Linear),
];
const COUNTER: &[(&str, Option<bool>)] =
    &[("auto", None), ("true", Some(true)), ("false", Some(false))];
const DIRECTIONS: &[(&str, Direction)] = &[
    ("both", Direction::Both),
    ("above", Direction::Above),
    ("below", Direction::Below),
];
const SEVERITIES: &[(&str, Severity)] = &[
    ("error", Severity::Error),
    ("warn", Severity::Warning),
    ("info", Severity::Info),
    ("debug", Severity::Debug),
];
const ALL: &[(&str, ())] = &[("all", ())];
const AUTO: &[(&str, ())] = &[("auto", ())];

/// Every setting, in the order of the sample file.
pub(super) const KEYS: &[Key] = &[
    key("select.measurements", "[\"*\"]", |raw, value| {
        set_list(raw, 0, value)
    }),
    key("select.fields", "[\"*\"]", |raw, value| {
        set_list(raw, 1, value)
    }),
    key("select.exclude_fields", "[]", |raw, value| {
        set_list(raw, 2, value)
    }),
    key("select.silence", "false", |raw, value| {
        put(&mut raw.silence, value.bool())
    }),
    key("model.forecaster", "\"auto\"", |raw, value| {
        put(&mut raw.rules.model.kind, value.one_of(KINDS))
    }),
    key("model.season", "\"auto\"", set_season),
    key("model.trend", "\"auto\"", |raw, value| {
        put(&mut raw.rules.model.trend, value.one_of(TRENDS))
    }),
    key("model.cadence", "\"auto\"", set_cadence),
    key("model.counter", "\"auto\"", |raw, value| {
        put(&mut raw.rules.counter, value.one_of(COUNTER))
    }),
    key("model.window", "120", |raw, value| {
        put(&mut raw.rules.window, value.extent(10))
    }),
    key("model.warmup", "30", |raw, value| {
        put(&mut raw.rules.warmup, value.extent(10))
    }),
    key("forecast.horizon", "40", |raw, value| {
        put(&mut raw.rules.horizon, value.extent(1))
    }),
    key("forecast.points", "8", set_points),
    key("forecast.every", "20", |raw, value| {
        put(&mut raw.rules.every, value.extent(1))
    }),
    key("forecast.coverage", "0.95", |raw, value| {
        put(&mut raw.rules.coverage, value.number((0.5, 0.999)))
    }),
    key("forecast.thresholds", "[]", set_thresholds),
    key("detect.false_alarms", "\"1/week\"", |raw, value| {
        put(&mut raw.rules.rule.false_alarms, budget::parse(value))
    }),
    key("detect.direction", "\"both\"", |raw, value| {
        put(&mut raw.rules.rule.direction, value.one_of(DIRECTIONS))
    }),
    key("detect.min_deviation", "0.0", |raw, value| {
        put(
            &mut raw.rules.rule.min_deviation,
            value.number((0.0, f64::INFINITY)),
        )
    }),
    key("detect.min_relative_deviation", "0.0", |raw, value| {
        put(
            &mut raw.rules.rule.min_relative_deviation,
            value.number((0.0, f64::INFINITY)),
        )
    }),
    key("detect.range", "[]", |raw, value| {
        put(&mut raw.rules.rule.range, value.range())
    }),
    key("detect.leaps", "true", |raw, value| {
        put(&mut raw.rules.rule.leaps, value.bool())
    }),
    key("detect.adopt_after", "120", |raw, value| {
        put(&mut raw.rules.adopt_after, value.extent(1))
    }),
    key("output.passthrough", "true", |raw, value| {
        put(&mut raw.passthrough, value.bool())
    }),
    key("output.verdicts", "\"1m\"", set_verdicts),
    key("output.forecasts", "true", |raw, value| {
        put(&mut raw.forecasts, value.bool())
    }),
    key(
        "output.anomaly_name",
        "\"{measurement}_anomaly\"",
        |raw, value| {
            put(
                &mut raw.anomaly_name,
                value.text().and_then(Template::parse),
            )
        },
    ),
    key(
        "output.forecast_name",
        "\"{measurement}_forecast\"",
        |raw, value| {
            put(
                &mut raw.forecast_name,
                value.text().and_then(Template::parse),
            )
        },
    ),
    key("output.events", "true", |raw, value| {
        put(&mut raw.events, value.bool())
    }),
    key(
        "output.event_name",
        "\"{measurement}_event\"",
        |raw, value| put(&mut raw.event_name, value.text().and_then(Template::parse)),
    ),
    key("output.eta_name", "\"{measurement}_eta\"", |raw, value| {
        put(&mut raw.eta_name, value.text().and_then(Template::parse))
    }),
    key("limits.max_series", "100000", |raw, value| {
        put(
            &mut raw.max_series,
            value.count((1, 100_000_000)).map(|count| count as usize),
        )
    }),
    key("limits.idle", "\"7d\"", |raw, value| {
        put(&mut raw.idle, value.duration("7d"))
    }),
    key("limits.line_bytes", "\"16MiB\"", |raw, value| {
        put(&mut raw.line_bytes, value.bytes())
    }),
    key("state.path", "\"\"", |raw, value| {
        put(&mut raw.state_path, value.text().map(str::to_owned))
    }),
    key("state.every", "\"60s\"", |raw, value| {
        put(&mut raw.state_every, value.duration("60s"))
    }),
    key("report.every", "\"60s\"", |raw, value| {
        put(&mut raw.report_every, value.duration("60s"))
    }),
    key("report.instance", "\"\"", |raw, value| {
        put(&mut raw.instance, value.text().map(str::to_owned))
    }),
    key("report.log", "\"warn\"", |raw, value| {
        put(&mut raw.log, value.one_of(SEVERITIES))
    }),
];

fn set_list(raw: &mut Raw, index: usize, value: &Value) -> Result<(), String> {
    let patterns = value.texts()?;
    check_globs(&patterns)?;
    raw.lists[index] = patterns;
    put(&mut raw.select, select(&raw.lists))
}

fn set_cadence(raw: &mut Raw, value: &Value) -> Result<(), String> {
    if value.one_of(AUTO).is_ok() {
        raw.rules.cadence = None;
        return Ok(());
    }
    let duration = value
        .duration("10s")
        .ok()
        .filter(|duration| !duration.is_zero());
    let duration = duration.ok_or("write \"auto\" or a duration such as \"10s\"")?;
    raw.rules.cadence = Some(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX));
    Ok(())
}

fn set_season(raw: &mut Raw, value: &Value) -> Result<(), String> {
    const WORDS: &[(&str, SeasonRule)] = &[("auto", SeasonRule::Auto), ("none", SeasonRule::None)];
    if let Ok(rule) = value.one_of(WORDS) {
        raw.rules.season = rule;
        return Ok(());
    }
    let wrong = "write \"auto\", \"none\", a length such as \"24h\", two of them such as [\"24h\", \"7d\"], \
                 or a number of steps from 2";
    let lengths: Result<Vec<Extent>, String> = match value {
        Value::List(items) => items.iter().map(|item| item.extent(2)).collect(),
        one => one.extent(2).map(|length| vec![length]),
    };
    raw.rules.season = match lengths.map_err(|_| wrong)?.as_slice() {
        [one] => SeasonRule::Given(*one, None),
        [one, other] if one != other => SeasonRule::Given(*one, Some(*other)),
        _ => return Err(wrong.to_owned()),
    };
    Ok(())
}

fn set_points(raw: &mut Raw, value: &Value) -> Result<(), String> {
    if value.one_of(ALL).is_ok() {
        raw.rules.points = None;
        return Ok(());
    }
    let points = value.count((1, POINTS_MAX));
    raw.rules.points = Some(points.map_err(|wrong| format!("{wrong}, or \"all\""))?);
    Ok(())
}

fn set_thresholds(raw: &mut Raw, value: &Value) -> Result<(), String> {
    put(&mut raw.rules.thresholds, value.numbers(THRESHOLDS_MAX))
}

fn set_verdicts(raw: &mut Raw, value: &Value) -> Result<(), String> {
    let words = [
        ("all", Verdicts::All),
        ("anomalous", Verdicts::Anomalous),
        ("none", Verdicts::None),
    ];
    let every = |duration: std::time::Duration| {
        Verdicts::Every(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    };
    let verdicts = value
        .one_of(&words)
        .or_else(|_| value.duration("1m").map(every));
    let wrong = "write \"all\", \"anomalous\", \"none\" or a duration such as \"1m\"";
    put(&mut raw.verdicts, verdicts.map_err(|_| wrong.to_owned()))
}

/// The setting with this path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Whether any setting is in this table.
pub(super) fn has_table(table: &str) -> bool {
    tables().any(|known| known == table)
}

/// The setting with this bare name that a policy may have: one of a series, not of the program.
pub(super) fn of_policies(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| policy_name(key) == Some(name))
}

/// The bare name of a setting that a policy may have.
pub(super) fn policy_name(key: &Key) -> Option<&'static str> {
    const OUTPUT: [&str; 3] = ["verdicts", "forecasts", "events"];
    let (table, name) = key.path.split_once('.')?;
    let is_of_series = match table {
        "model" | "forecast" | "detect" => true,
        _ => table == "output" && OUTPUT.contains(&name),
    };
    is_of_series.then_some(name)
}

/// What to write instead of a setting that no policy has; `more` are its other names.
pub(super) fn nearest_of_policies(name: &str, more: &[&'static str]) -> String {
    let is_here = |key: &&Key| {
        key.path
            .split_once('.')
            .is_some_and(|(_, bare)| bare == name)
    };
    if let Some(key) = KEYS.iter().find(is_here) {
        return format!(": {} holds for all series", key.path);
    }
    if has_table(name) {
        return ": write the keys of a table by their bare names, such as direction = \"above\""
            .to_owned();
    }
    let known = KEYS
        .iter()
        .filter_map(policy_name)
        .chain(more.iter().copied());
    suggest(name, known, str::to_owned)
}

/// `; did you mean …?` among these, or all of them.
pub(super) fn nearest_of(name: &str, known: &[&str]) -> String {
    let hint = suggest(name, known.iter().copied(), str::to_owned);
    if hint.is_empty() {
        return format!("; there are {}", known.join(", "));
    }
    hint
}

/// `: did you mean …?` for a path that does not exist, or nothing.
pub(super) fn nearest(path: &str) -> String {
    suggest(path, KEYS.iter().map(|key| key.path), |path| {
        path.to_owned()
    })
}

/// The same for a table.
pub(super) fn nearest_table(table: &str) -> String {
    let known: Vec<&str> = tables().collect();
    let hint = suggest(table, known.iter().copied(), |table| format!("[{table}]"));
    if hint.is_empty() {
        let mut names: Vec<String> = known.iter().map(|table| format!("[{table}]")).collect();
        names.dedup();
        return format!("; there are {}", names.join(", "));
    }
    hint
}

fn tables() -> impl Iterator<Item = &'static str> {
    KEYS.iter()
        .filter_map(|key| key.path.split_once('.'))
        .map(|(table, _)| table)
}

fn suggest<'a>(
    wrong: &str,
    known: impl Iterator<Item = &'a str>,
    show: impl Fn(&str) -> String,
) -> String {
    let likeness = |known: &str| strsim::jaro_winkler(wrong, known);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|best| likeness(best) > 0.8) {
        Some(best) => format!("; did you mean {}?", show(best)),
        None => String::new(),
    }
}

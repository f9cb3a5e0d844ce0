//! Settings: from TOML text and the command line to what the filter runs with.
//!
//! [`keys`] is the one table of everything that can be set: name, default, what it takes. Loading
//! puts the defaults, the file and the command line through it in this order. All faults are found at
//! once, each with its place and with what to write instead; an unknown key is a fault, never ignored.

mod budget;
mod combined;
mod keys;
mod raw;
mod show;
pub mod telegraf;
mod value;

use std::time::Duration;

use globset::Glob;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::filter::{Limits, Options, Select};
use crate::output;
use crate::precision::Precision;
use crate::report::Severity;
use raw::Raw;
use value::Value;

/// With faulty settings there are always records: they say `config_ok=0i`.
const FAULT_REPORT_EVERY: Duration = Duration::from_secs(60);

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In the file, at this line.
    File(usize),
    /// On the command line.
    CommandLine,
}

/// Something wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Error: the settings are not used. Warning: they are.
    pub severity: Severity,
    /// One line: the place, what is wrong, what to write instead.
    pub text: String,
}

/// A setting in force, as TOML.
#[derive(Clone, Debug)]
struct Shown {
    path: &'static str,
    text: String,
    origin: Origin,
}

/// Settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    raw: Raw,
    shown: Vec<Shown>,
    /// What is wrong with them.
    pub faults: Vec<Fault>,
    /// Whether a value on the command line is one of the faults.
    pub is_command_line_wrong: bool,
}

/// Reads settings: `file` is its name and text, `overrides` are pairs of a key (`forecast.horizon`)
/// and a value as typed on the command line.
#[must_use]
pub fn load(file: Option<(&str, &str)>, overrides: &[(&str, String)]) -> Settings {
    let mut settings = Settings {
        raw: Raw::blank(),
        shown: Vec::new(),
        faults: Vec::new(),
        is_command_line_wrong: false,
    };
    for key in keys::KEYS {
        settings.set(key, &Value::typed(key.default), Origin::Default, "default");
    }
    if let Some((name, text)) = file {
        settings.read(name, text);
    }
    for (path, text) in overrides {
        if let Some(key) = keys::find(path) {
            settings.set(
                key,
                &Value::typed(text),
                Origin::CommandLine,
                "command line",
            );
        }
    }
    settings.follow_horizon();
    settings.cross_check();
    settings
}

impl Settings {
    /// Whether nothing is wrong enough to keep these settings from being used.
    #[must_use]
    pub fn are_usable(&self) -> bool {
        self.faults
            .iter()
            .all(|fault| fault.severity != Severity::Error)
    }

    /// The time between two `brewcast` records; zero: none.
    #[must_use]
    pub fn report_every(&self) -> Duration {
        if self.are_usable() {
            self.raw.report_every
        } else {
            FAULT_REPORT_EVERY
        }
    }

    /// What the filter runs with. `host` names the instance where the settings do not.
    #[must_use]
    pub fn options(&self, host: &str, precision: Precision, final_forecast: bool) -> Options {
        let raw = &self.raw;
        let faults = self
            .faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error);
        Options {
            select: raw.select.clone(),
            rules: raw.rules.clone(),
            output: output::Options {
                passthrough: raw.passthrough || !self.are_usable(),
                verdicts: raw.verdicts,
                forecasts: raw.forecasts,
                anomaly_name: raw.anomaly_name.clone(),
                forecast_name: raw.forecast_name.clone(),
                events: raw.events,
                event_name: raw.event_name.clone(),
                eta_name: raw.eta_name.clone(),
                precision,
            },
            limits: Limits {
                max_series: raw.max_series,
                idle_s: raw.idle.as_secs(),
                line_bytes: raw.line_bytes,
            },
            faults: faults.map(|fault| fault.text.clone()).collect(),
            final_forecast,
            instance: if raw.instance.is_empty() {
                host.to_owned()
            } else {
                raw.instance.clone()
            },
            severity: raw.log,
        }
    }

    fn fault(&mut self, severity: Severity, text: String) {
        self.faults.push(Fault { severity, text });
    }

    fn set(&mut self, key: &'static keys::Key, value: &Value, origin: Origin, place: &str) {
        if let Err(wrong) = (key.set)(&mut self.raw, value) {
            let text = format!("{place}: {} = {value}: {wrong}", key.path);
            self.is_command_line_wrong |= origin == Origin::CommandLine;
            self.fault(Severity::Error, text);
            return;
        }
        self.shown.retain(|shown| shown.path != key.path);
        self.shown.push(Shown {
            path: key.path,
            text: value.to_string(),
            origin,
        });
    }

    fn read(&mut self, name: &str, text: &str) {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let place = place(name, text, error.span().map_or(0, |span| span.start));
            self.fault(Severity::Error, format!("{place}: {}", error.message()));
        }
        for (table, content) in document.get_ref() {
            let at = place(name, text, table.span().start);
            match content.get_ref() {
                DeValue::Table(keys) if keys::has_table(table.get_ref()) => {
                    self.read_table(table.get_ref(), keys, name, text);
                }
                _ => {
                    let hint = keys::nearest_table(table.get_ref());
                    let wrong = format!("{at}: there is no table [{}]{hint}", table.get_ref());
                    self.fault(Severity::Error, wrong);
                }
            }
        }
    }

    fn read_table(&mut self, table: &str, keys: &DeTable<'_>, name: &str, text: &str) {
        let entries = keys
            .iter()
            .map(|(key, value)| (key.get_ref(), key.span().start, value));
        for (key, start, value) in entries {
            let at = place(name, text, start);
            let path = format!("{table}.{key}");
            match keys::find(&path) {
                Some(known) => {
                    let line = line_of(text, start);
                    self.set(
                        known,
                        &Value::from_toml(Spanned::get_ref(value)),
                        Origin::File(line),
                        &at,
                    );
                }
                None => {
                    let hint = keys::nearest(&path);
                    self.fault(
                        Severity::Error,
                        format!("{at}: there is no setting {path}{hint}"),
                    );
                }
            }
        }
    }
}

/// `name:line:column` of a byte offset, from 1.
fn place(name: &str, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    format!("{name}:{}:{column}", line_of(text, offset))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

/// Checks globs one by one.
fn check_globs(patterns: &[String]) -> Result<(), String> {
    for pattern in patterns {
        Glob::new(pattern).map_err(|error| format!("{error}; use *, ? and [abc]"))?;
    }
    Ok(())
}

/// Select with these patterns, which have been checked.
fn select(lists: &[Vec<String>; 3]) -> Result<Select, String> {
    Select::new(&lists[0], &lists[1], &lists[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        load(Some(("b.toml", text)), &[])
            .faults
            .into_iter()
            .map(|fault| fault.text)
            .collect()
    }

    #[test]
    fn the_defaults_are_faultless() {
        let settings = load(None, &[]);
        assert_eq!(settings.faults, []);
        assert_eq!(settings.shown.len(), keys::KEYS.len());
    }

    #[test]
    fn all_faults_are_reported_at_once_with_line_column_and_what_to_write_instead() {
        let text = "[forecast]\nhorizn = 40\npoints = 0\n\n[detekt]\nx = 1\n[detect]\ndirection = \"up\"\n\
                    false_alarms = \"often\"\nmin_deviation = \"1\"\n[limits]\nidle = 7\nline_bytes = \"16M\"\n";
        let found = faults(text);
        let expected = [
            ("b.toml:2:1", "forecast.horizon"),
            ("b.toml:3:1", "all"),
            ("b.toml:5:2", "[detect]"),
            ("b.toml:8:1", "\"both\", \"above\" or \"below\""),
            ("b.toml:9:1", "1/week"),
            ("b.toml:10:1", "a number"),
            ("b.toml:12:1", "\"7d\""),
            ("b.toml:13:1", "MiB"),
        ];
        for (place, hint) in expected {
            let told =
                |text: &String| text.starts_with(&format!("{place}:")) && text.contains(hint);
            assert!(found.iter().any(told), "{place} {hint}: {found:#?}");
        }
        assert_eq!(found.len(), expected.len(), "{found:#?}");
    }

    #[test]
    fn broken_toml_and_wrong_combinations_are_faults() {
        assert!(faults("[forecast\nhorizon = 40")[0].starts_with("b.toml:1:"));
        assert!(faults("horizon = 40")[0].contains("no table"));
        assert!(faults("[forecast]\nhorizon = 4\npoints = 8")[0].contains("\"all\""));
        assert!(faults("[forecast]\nevery = 7")[0].contains("multiple of 5"));
        let same = "[output]\nanomaly_name = \"a\"\nforecast_name = \"a\"";
        assert!(faults(same)[0].contains("must differ"));
        let same = "[output]\nanomaly_name = \"a\"\nforecast_name = \"b\"\neta_name = \"b\"";
        assert!(faults(same)[0].contains("output.forecast_name and output.eta_name must differ"));
        let flat = "[forecast]\nthresholds = [5]\n[model]\nforecaster = \"naive\"";
        assert!(faults(flat)[0].contains("crosses nothing"));
    }

    #[test]
    fn a_horizon_alone_is_enough() {
        for (horizon, points, every) in [
            ("4", "4", "2"),
            ("1", "1", "1"),
            ("60", "8", "24"),
            ("\"1h\"", "8", "\"1800s\""),
        ] {
            let text = format!("[forecast]\nhorizon = {horizon}\n");
            let settings = load(Some(("b.toml", &text)), &[]);
            assert_eq!(settings.faults, []);
            let shown = |path: &str| {
                let found = settings.shown.iter().find(|shown| shown.path == path);
                found.unwrap().text.clone()
            };
            assert_eq!(
                (
                    shown("forecast.points").as_str(),
                    shown("forecast.every").as_str()
                ),
                (points, every)
            );
        }
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let file = Some(("b.toml", "[forecast]\nhorizon = 10\npoints = 2\n"));
        let settings = load(file, &[("forecast.horizon", "1h".to_owned())]);
        assert_eq!(settings.faults, []);
        let shown = settings
            .shown
            .iter()
            .find(|shown| shown.path == "forecast.horizon")
            .unwrap();
        assert_eq!(
            (shown.text.as_str(), &shown.origin),
            ("\"1h\"", &Origin::CommandLine)
        );
        let shown = settings
            .shown
            .iter()
            .find(|shown| shown.path == "forecast.points")
            .unwrap();
        assert_eq!(
            (shown.text.as_str(), &shown.origin),
            ("2", &Origin::File(3))
        );
    }
}

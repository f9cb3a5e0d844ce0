//! Settings: from TOML text and the command line to what the filter runs with.
//!
//! [`keys`] is the one table of everything that can be set: name, default, what it takes. Loading
//! puts the defaults, the file and the command line through it in this order; policies ([`policy`]) go
//! on from there. All faults are found at once, each with its place and with what to write instead; an
//! unknown key is a fault, never ignored.

mod budget;
mod combined;
mod keys;
mod layer;
mod policy;
mod raw;
mod show;
mod source;
pub mod telegraf;
mod value;

use std::path::Path;
use std::time::Duration;

use globset::Glob;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::filter::{Limits, Options, Policies, Select};
use crate::output;
use crate::precision::Precision;
use crate::report::Severity;
use layer::Layer;
pub use layer::Origin;
use source::Source;
use value::Value;

/// With faulty settings there are always records: they say `config_ok=0i`.
const FAULT_REPORT_EVERY: Duration = Duration::from_secs(60);
/// Least time between two writings of the state.
const STATE_EVERY_LEAST: Duration = Duration::from_secs(1);

/// Something wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Error: the settings are not used. Warning: they are.
    pub severity: Severity,
    /// One line: the place, what is wrong, what to write instead.
    pub text: String,
}

/// Settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    common: Layer,
    policies: Vec<policy::Section>,
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
        common: Layer::blank(),
        policies: Vec::new(),
        faults: Vec::new(),
        is_command_line_wrong: false,
    };
    for key in keys::KEYS {
        settings.set(key, &Value::typed(key.default), Origin::Default, "default");
    }
    let (name, text) = file.unwrap_or_default();
    let source = Source { name, text };
    let document = settings.parse(source);
    settings.read(&document, source);
    for (path, text) in overrides {
        // A name is what it is, also one that reads like a number.
        let value = match *path {
            "state.path" | "report.instance" => Value::Text(text.clone()),
            _ => Value::typed(text),
        };
        if let Some(key) = keys::find(path) {
            settings.set(key, &value, Origin::CommandLine, "command line");
        }
    }
    let start = settings.common.clone();
    settings.common.follow_horizon();
    settings.cross_check();
    settings.read_policies(&document, source, &start);
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
            self.common.raw.report_every
        } else {
            FAULT_REPORT_EVERY
        }
    }

    /// Where the state is kept, and the time between two writings of it; `None`: nowhere. A filter that models
    /// nothing because its settings are wrong must not overwrite what it knew.
    #[must_use]
    pub fn state(&self) -> Option<(&Path, Duration)> {
        let raw = &self.common.raw;
        let is_kept = self.are_usable() && !raw.state_path.is_empty();
        is_kept.then(|| {
            (
                Path::new(&raw.state_path),
                raw.state_every.max(STATE_EVERY_LEAST),
            )
        })
    }

    /// What the filter runs with. `host` names the instance where the settings do not.
    #[must_use]
    pub fn options(&self, host: &str, precision: Precision, final_forecast: bool) -> Options {
        let raw = &self.common.raw;
        let policies = self.policies.iter();
        let policies = policies.map(|section| (section.matches.clone(), section.policy.clone()));
        let faults = self
            .faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error);
        Options {
            select: raw.select.clone(),
            silence: raw.silence,
            policies: Policies::new(policies.collect(), raw.policy()),
            output: output::Options {
                passthrough: raw.passthrough || !self.are_usable(),
                anomaly_name: raw.anomaly_name.clone(),
                forecast_name: raw.forecast_name.clone(),
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
        let is_typed = origin == Origin::CommandLine;
        if let Err(wrong) = self.common.set(key, value, origin) {
            let text = format!("{place}: {} = {value}: {wrong}", key.path);
            self.is_command_line_wrong |= is_typed;
            self.fault(Severity::Error, text);
        }
    }

    fn parse<'a>(&mut self, source: Source<'a>) -> Spanned<DeTable<'a>> {
        let (document, errors) = DeTable::parse_recoverable(source.text);
        for error in errors {
            let place = source.place(error.span().map_or(0, |span| span.start));
            self.fault(Severity::Error, format!("{place}: {}", error.message()));
        }
        document
    }

    /// The tables; policies are read when these are known.
    fn read(&mut self, document: &Spanned<DeTable<'_>>, source: Source<'_>) {
        for (table, content) in document.get_ref() {
            match content.get_ref() {
                DeValue::Table(keys) if keys::has_table(table.get_ref()) => {
                    self.read_table(table.get_ref(), keys, source);
                }
                _ if table.get_ref() == policy::TABLE => {}
                _ => {
                    let (at, hint) = (
                        source.place(table.span().start),
                        keys::nearest_table(table.get_ref()),
                    );
                    let wrong = format!("{at}: there is no table [{}]{hint}", table.get_ref());
                    self.fault(Severity::Error, wrong);
                }
            }
        }
    }

    fn read_table(&mut self, table: &str, keys: &DeTable<'_>, source: Source<'_>) {
        for (key, value) in keys {
            let (start, path) = (key.span().start, format!("{table}.{}", key.get_ref()));
            let at = source.place(start);
            match keys::find(&path) {
                Some(known) => {
                    let value = Value::from_toml(value.get_ref());
                    self.set(known, &value, Origin::File(source.line(start)), &at);
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
        assert_eq!(settings.common.shown.len(), keys::KEYS.len());
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
            let shown = |path: &str| settings.common.shown(path).unwrap().text.clone();
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
        let shown = settings.common.shown("forecast.horizon").unwrap();
        assert_eq!(
            (shown.text.as_str(), &shown.origin),
            ("\"1h\"", &Origin::CommandLine)
        );
        let shown = settings.common.shown("forecast.points").unwrap();
        assert_eq!(
            (shown.text.as_str(), &shown.origin),
            ("2", &Origin::File(3))
        );
    }
}

//! What no single setting can tell: defaults that follow others, and settings that contradict.

use crate::model::forecaster::Kind;
use crate::report::Severity;
use crate::series::extent::Extent;

use super::layer::Layer;
use super::value::Value;
use super::{Origin, Settings, keys};

/// A contradiction and how bad it is.
type Found = (Severity, String);

impl Layer {
    /// Whoever only sets the horizon means the rest of the forecast to go with it: no more points
    /// than steps, and a new forecast at half of the old one.
    pub(super) fn follow_horizon(&mut self) {
        let is_default = |path: &str| {
            let shown = self.shown(path);
            shown.is_some_and(|shown| shown.origin == Origin::Default)
        };
        let (horizon_is_default, points_is_default, every_is_default) = (
            is_default("forecast.horizon"),
            is_default("forecast.points"),
            is_default("forecast.every"),
        );
        if horizon_is_default {
            return;
        }
        let horizon = self.raw.rules.horizon;
        if let (true, Extent::Steps(steps), Some(points)) =
            (points_is_default, horizon, self.raw.rules.points)
        {
            self.follow("forecast.points", &Value::Integer(points.min(steps).into()));
        }
        if every_is_default {
            let every = match horizon {
                Extent::Steps(steps) => {
                    let stride = steps.div_ceil(self.raw.rules.points.unwrap_or(steps).max(1));
                    Value::Integer((steps / 2 / stride * stride).max(stride).into())
                }
                Extent::Time(nanos) if nanos % 2_000_000_000 == 0 => {
                    Value::Text(format!("{}s", nanos / 2_000_000_000))
                }
                Extent::Time(nanos) => Value::Text(format!("{}ns", (nanos / 2).max(1))),
            };
            self.follow("forecast.every", &every);
        }
    }

    fn follow(&mut self, path: &str, value: &Value) {
        if let Some(key) = keys::find(path) {
            let followed = self.set(key, value, Origin::Default);
            debug_assert!(followed.is_ok(), "{path} = {value}: {followed:?}");
        }
    }

    /// What no single key can tell.
    fn contradictions(&self) -> Vec<Found> {
        let mut found = self.same_names();
        let rules = &self.raw.rules;
        if !rules.thresholds.is_empty() && rules.model.kind == Kind::Naive {
            let text = "forecast.thresholds: forecaster = \"naive\" forecasts the last value, which crosses \
                        nothing (but for counters): write \"auto\" or \"ets\"";
            found.push((Severity::Warning, text.to_owned()));
        }
        if let (Extent::Steps(horizon), Some(points)) = (rules.horizon, rules.points)
            && points > horizon
        {
            let text = format!(
                "forecast.points = {points} is more than forecast.horizon = {horizon}: write \"all\""
            );
            found.push((Severity::Error, text));
        }
        if let (Extent::Steps(horizon), Extent::Steps(every)) = (rules.horizon, rules.every) {
            let stride = horizon.div_ceil(rules.points.unwrap_or(horizon).max(1));
            if every % stride != 0 {
                let text = format!(
                    "forecast.every = {every} is no multiple of {stride}, the distance of forecast points: \
                     a new forecast will stand beside the old one instead of replacing it"
                );
                found.push((Severity::Warning, text));
            }
        }
        found
    }

    fn same_names(&self) -> Vec<Found> {
        let raw = &self.raw;
        let names = [
            ("anomaly_name", &raw.anomaly_name),
            ("forecast_name", &raw.forecast_name),
            ("event_name", &raw.event_name),
            ("eta_name", &raw.eta_name),
        ];
        let mut found = Vec::new();
        for (at, (path, name)) in names.iter().enumerate() {
            for (other, _) in names[..at].iter().filter(|(_, other)| other == name) {
                let text = format!("output.{other} and output.{path} must differ");
                found.push((Severity::Error, text));
            }
        }
        found
    }

    /// Whether a part of the forecast comes from the command line.
    fn is_forecast_typed(&self) -> bool {
        self.shown
            .iter()
            .any(|shown| shown.origin == Origin::CommandLine && shown.path.starts_with("forecast."))
    }
}

impl Settings {
    /// The contradictions in the common settings.
    pub(super) fn cross_check(&mut self) {
        for (severity, text) in self.common.contradictions() {
            self.contradiction(severity, text, self.common.is_forecast_typed());
        }
    }

    /// Those that a policy at `place` adds to them.
    pub(super) fn cross_check_policy(&mut self, layer: &Layer, place: &str) {
        let common = self.common.contradictions();
        let own = layer.contradictions().into_iter();
        for (severity, text) in own.filter(|one| !common.contains(one)) {
            let text = format!("{place}: in this policy {text}");
            self.contradiction(severity, text, layer.is_forecast_typed());
        }
    }

    fn contradiction(&mut self, severity: Severity, text: String, is_typed: bool) {
        self.is_command_line_wrong |= severity == Severity::Error && is_typed;
        self.fault(severity, text);
    }
}

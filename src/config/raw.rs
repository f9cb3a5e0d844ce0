//! Settings as typed values, before they are handed to the stages that own them.

use std::time::Duration;

use crate::filter::{Policy, Select};
use crate::judge::Rule;
use crate::judge::budget::Budget;
use crate::judge::verdict::Direction;
use crate::model::forecaster::Kind;
use crate::model::{Spec, Trend};
use crate::output::{Template, Verdicts};
use crate::report::Severity;
use crate::series::Rules;
use crate::series::extent::Extent;
use crate::series::rules::SeasonRule;

/// One field a setting, or as near to it as its owner has it.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) lists: [Vec<String>; 3], // measurements, fields, exclude_fields
    pub(super) select: Select,
    pub(super) silence: bool,
    pub(super) is_modelled: bool, // false: in a policy
    pub(super) rules: Rules,
    pub(super) passthrough: bool,
    pub(super) verdicts: Verdicts,
    pub(super) forecasts: bool,
    pub(super) anomaly_name: Template,
    pub(super) forecast_name: Template,
    pub(super) events: bool,
    pub(super) event_name: Template,
    pub(super) eta_name: Template,
    pub(super) max_series: usize,
    pub(super) idle: Duration,
    pub(super) line_bytes: usize,
    pub(super) state_path: String,
    pub(super) state_every: Duration,
    pub(super) report_every: Duration,
    pub(super) instance: String,
    pub(super) log: Severity,
}

impl Raw {
    /// Placeholders: every one is overwritten by the default of its key.
    pub(super) fn blank() -> Self {
        let nothing = Select::default();
        let name = Template::default();
        let rule = Rule {
            false_alarms: Budget::PerPoint(1e-4),
            direction: Direction::Both,
            min_deviation: 0.0,
            min_relative_deviation: 0.0,
            range: [f64::NEG_INFINITY, f64::INFINITY],
            leaps: true,
        };
        let rules = Rules {
            model: Spec {
                kind: Kind::Auto,
                trend: Trend::Auto,
            },
            season: SeasonRule::Auto,
            counter: None,
            cadence: None,
            window: Extent::Steps(2),
            warmup: Extent::Steps(1),
            horizon: Extent::Steps(1),
            points: None,
            every: Extent::Steps(1),
            coverage: 0.95,
            thresholds: Vec::new(),
            rule,
            adopt_after: Extent::Steps(1),
        };
        Self {
            lists: [const { Vec::new() }; 3],
            select: nothing,
            silence: false,
            is_modelled: true,
            rules,
            passthrough: true,
            verdicts: Verdicts::None,
            forecasts: true,
            anomaly_name: name.clone(),
            forecast_name: name.clone(),
            events: true,
            event_name: name.clone(),
            eta_name: name,
            max_series: 0,
            idle: Duration::ZERO,
            line_bytes: 0,
            state_path: String::new(),
            state_every: Duration::ZERO,
            report_every: Duration::ZERO,
            instance: String::new(),
            log: Severity::Warning,
        }
    }

    /// How the series of this reach are treated.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            is_modelled: self.is_modelled,
            rules: self.rules.clone(),
            verdicts: self.verdicts,
            forecasts: self.forecasts,
            events: self.events,
        }
    }
}

//! The command line, as typed.

use std::path::PathBuf;

use brewcast::precision::Precision;
use clap::{Parser, Subcommand};

/// Forecasts and anomaly verdicts for a stream of line protocol: stdin to stdout.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Settings (TOML); without it the defaults run
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// End with status 2 over a bad configuration instead of passing everything through
    #[arg(long, global = true)]
    pub(crate) strict: bool,
    /// Unit of the timestamps, in and out: s, ms, us or ns
    #[arg(long, value_name = "UNIT", default_value = "ns", global = true)]
    pub(crate) precision: Precision,
    /// Issue one more forecast per series when the input ends
    #[arg(long)]
    pub(crate) final_forecast: bool,
    #[command(flatten)]
    settings: SettingArgs,
}

/// What else there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Validate the settings and print those in force; exit 0 fine, 1 warnings, 2 invalid
    Check {
        /// Look for the classic mistakes in this Telegraf configuration as well
        #[arg(long, value_name = "FILE")]
        telegraf: Option<PathBuf>,
    },
    /// Run the engine over recordings and say how good its forecasts were; exit 1 nothing to compare, 2
    /// a file cannot be read or the settings are wrong
    #[cfg(feature = "tools")]
    Backtest(crate::backtest::BacktestArgs),
    /// Draw recordings as the engine saw them: points, alarm limits, forecasts, flags, events
    #[cfg(feature = "tools")]
    Plot(crate::plot::PlotArgs),
    /// Tell what a state file knows of its series, and where each would be flagged
    #[cfg(feature = "tools")]
    Inspect(crate::inspect::InspectArgs),
}

/// The common settings; they win over the file. What they take is in the sample configuration.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Settings (they win over the file, but not over its policies)")]
struct SettingArgs {
    /// How far forecasts reach: steps, or a duration such as 1h
    #[arg(long, value_name = "N|DURATION", global = true)]
    horizon: Option<String>,
    /// Forecast points written, or "all"
    #[arg(long, value_name = "N|all", global = true)]
    points: Option<String>,
    /// Steps between two forecasts, or a duration
    #[arg(long, value_name = "N|DURATION", global = true)]
    every: Option<String>,
    /// Coverage of the prediction interval
    #[arg(long, value_name = "SHARE", global = true)]
    coverage: Option<String>,
    /// Values whose crossing is forecast: one number, or a list such as [18,22]
    #[arg(long, value_name = "LIST", global = true, allow_hyphen_values = true)]
    thresholds: Option<String>,
    /// Time between points, or "auto"
    #[arg(long, value_name = "DURATION", global = true)]
    cadence: Option<String>,
    /// auto, ets or naive
    #[arg(long, value_name = "NAME", global = true)]
    forecaster: Option<String>,
    /// auto, none, a length such as 24h, or a list such as ["24h","7d"]
    #[arg(long, value_name = "LENGTH|LIST", global = true)]
    season: Option<String>,
    /// Of ets: auto, none, damped or linear
    #[arg(long, value_name = "NAME", global = true)]
    trend: Option<String>,
    /// Points that ets is fitted to, or a duration
    #[arg(long, value_name = "N|DURATION", global = true)]
    window: Option<String>,
    /// Points before the first verdict, or a duration
    #[arg(long, value_name = "N|DURATION", global = true)]
    warmup: Option<String>,
    /// The budget per series: 1/week, 2/day, or a probability per point
    #[arg(long, value_name = "RATE", global = true)]
    false_alarms: Option<String>,
    /// both, above or below
    #[arg(long, value_name = "NAME", global = true)]
    direction: Option<String>,
    /// all, anomalous, none, or a duration: one verdict per series in so long
    #[arg(long, value_name = "WHICH", global = true)]
    verdicts: Option<String>,
    /// File that the models are kept in over restarts
    #[arg(long, value_name = "FILE", global = true)]
    state: Option<String>,
    /// Time between two brewcast records; 0s: none
    #[arg(long, value_name = "DURATION", global = true)]
    report_every: Option<String>,
    /// Tag `instance` of the brewcast records, such as the name of a shard
    #[arg(long, value_name = "NAME", global = true)]
    instance: Option<String>,
    /// error, warn, info or debug
    #[arg(long, value_name = "LEVEL", global = true)]
    log: Option<String>,
}

impl Args {
    /// The settings made here, as key and value.
    pub(crate) fn overrides(&self) -> Vec<(&'static str, String)> {
        let from = &self.settings;
        let all = [
            ("forecast.horizon", &from.horizon),
            ("forecast.points", &from.points),
            ("forecast.every", &from.every),
            ("forecast.coverage", &from.coverage),
            ("forecast.thresholds", &from.thresholds),
            ("model.cadence", &from.cadence),
            ("model.forecaster", &from.forecaster),
            ("model.season", &from.season),
            ("model.trend", &from.trend),
            ("model.window", &from.window),
            ("model.warmup", &from.warmup),
            ("detect.false_alarms", &from.false_alarms),
            ("detect.direction", &from.direction),
            ("output.verdicts", &from.verdicts),
            ("state.path", &from.state),
            ("report.every", &from.report_every),
            ("report.instance", &from.instance),
            ("report.log", &from.log),
        ];
        all.into_iter()
            .filter_map(|(key, value)| Some((key, value.clone()?)))
            .collect()
    }
}

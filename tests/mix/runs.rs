//! A forecaster and the time, so that tests need not count nanoseconds.

use brewcast::config;
use brewcast::model::Trend;
use brewcast::model::calendar::Season;
use brewcast::model::ets::interval::Sum;
use brewcast::model::forecaster::{Forecaster, Kind, Setup, Spec};
use brewcast::precision::Precision;
use brewcast::series::Rules;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};

pub(crate) const SECOND: i64 = 1_000_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const WEEK: i64 = 7 * DAY;

/// So many cases of a property, the same every time.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The default settings at an hour, without a season to look for.
pub(crate) fn plain() -> Setup {
    Setup {
        spec: Spec {
            kind: Kind::Auto,
            trend: Trend::Auto,
        },
        season: Season::None,
        step_ns: HOUR,
        horizon: 40,
        coverage: 0.95,
        window: 120,
        sum: Sum::Value,
        phase: 0,
    }
}

/// The default settings, seasons found, at this cadence.
pub(crate) fn auto(step_ns: i64) -> Setup {
    Setup {
        season: Season::Auto,
        step_ns,
        ..plain()
    }
}

/// The settings as they are by default, but for these.
pub(crate) fn rules(settings: &[(&str, &str)]) -> Rules {
    let overrides = settings.iter().map(|&(key, value)| (key, value.to_owned()));
    let overrides: Vec<(&str, String)> = overrides.collect();
    let settings = config::load(None, &overrides);
    assert_eq!(settings.faults, []);
    let options = settings.options("host", Precision::Ns, false);
    options.policies.rest().rules.clone()
}

/// A forecaster on its way.
#[derive(Clone)]
pub(crate) struct Run {
    forecaster: Forecaster,
    step_ns: i64,
    time: i64, // of the last step
    path: Vec<[f64; 3]>,
}

impl Run {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            forecaster: Forecaster::new(setup),
            step_ns: setup.step_ns,
            time: 1_420_070_400 * SECOND, // Thursday, 2015-01-01
            path: Vec::new(),
        }
    }

    pub(crate) fn learn(&mut self, y: f64) {
        self.time = self.time.saturating_add(self.step_ns);
        self.forecaster.learn(self.time, y);
    }

    pub(crate) fn pass(&mut self, steps: u32) {
        let ahead = self.step_ns.saturating_mul(steps.into());
        self.time = self.time.saturating_add(ahead);
        self.forecaster.pass(steps);
    }

    /// Of the last step, ns.
    pub(crate) fn time(&self) -> i64 {
        self.time
    }

    /// Forecast and interval of each of the next steps.
    pub(crate) fn ahead(&mut self, steps: u32) -> &[[f64; 3]] {
        self.forecaster.forecast(steps, &mut self.path);
        assert_eq!(self.path.len(), steps as usize);
        &self.path
    }

    /// The forecast of the next value.
    pub(crate) fn next(&mut self) -> f64 {
        self.ahead(1)[0][0]
    }

    /// The seasons that the mix has found, in ns, those that are there.
    pub(crate) fn seasons(&self) -> Vec<i64> {
        let Forecaster::Mix(grids) = &self.forecaster else {
            return Vec::new();
        };
        grids.seasons().into_iter().filter(|&m| m > 0).collect()
    }

    pub(crate) fn forecaster(&self) -> &Forecaster {
        &self.forecaster
    }
}

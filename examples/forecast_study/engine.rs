//! The forecaster of the crate as a [`Stream`]: the only file here that knows its interface.

use brewcast::model::forecaster::Kind;
use brewcast::model::interval::{self, Sum};
use brewcast::model::{Forecaster, Spec, Trend};

use crate::stream::{Contestant, Setting, Stream};

/// Points before the forecaster starts; until then the last value is forecast.
const WARMUP: usize = 30;
const WINDOW: usize = 120;
const REFIT_EVERY: usize = 8 * WINDOW;
const COVERAGE: f64 = 0.95;
const SPEC: Spec = Spec {
    kind: Kind::Auto,
    trend: Trend::Auto,
};

/// brewcast as it is by default.
pub(crate) fn brewcast() -> Contestant {
    Contestant::new("brewcast", start).without_phases()
}

#[allow(
    unused_variables,
    reason = "there is one horizon, one season: none, and nothing in turns"
)]
fn start(
    Setting {
        horizon,
        step_ns,
        phase,
        season,
    }: Setting,
) -> Box<dyn Stream> {
    Box::new(Engine {
        window: Vec::new(),
        forecaster: None,
        refit_in: 0,
    })
}

struct Engine {
    window: Vec<f64>, // the last values, filled where missing; len < 2 WINDOW
    forecaster: Option<Forecaster>,
    refit_in: usize, // points
}

impl Engine {
    fn keep(&mut self, y: f64) {
        if self.window.len() + 1 == 2 * WINDOW {
            self.window.drain(..WINDOW);
        }
        self.window.push(y);
    }
}

impl Stream for Engine {
    fn learn(&mut self, y: f64) {
        self.keep(y);
        let Some(forecaster) = &mut self.forecaster else {
            if self.window.len() >= WARMUP {
                self.forecaster = Some(Forecaster::start(&self.window, SPEC));
                self.refit_in = WARMUP;
            }
            return;
        };
        forecaster.learn(1, y, SPEC);
        self.refit_in -= 1;
        if self.refit_in == 0 {
            let latest = self.window.len().saturating_sub(WINDOW);
            forecaster.refit(&self.window[latest..], SPEC);
            self.refit_in = REFIT_EVERY;
        }
    }

    fn pass(&mut self) {
        self.keep(self.next());
        if let Some(forecaster) = &mut self.forecaster {
            forecaster.pass(1);
        }
    }

    fn next(&self) -> f64 {
        let last = self.window.last().copied().unwrap_or(f64::NAN);
        self.forecaster
            .as_ref()
            .map_or(last, |forecaster| forecaster.ahead(1))
    }

    fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>) {
        out.clear();
        let Some(forecaster) = &self.forecaster else {
            out.resize(steps as usize, [self.next(); 3]);
            return;
        };
        let half = interval::normal_half_width(COVERAGE) * forecaster.sigma();
        for (step, width) in (1..=steps).zip(forecaster.widths(Sum::Value)) {
            let yhat = forecaster.ahead(step);
            out.push([yhat, yhat - half * width, yhat + half * width]);
        }
    }

    fn seasons(&self) -> [u32; 2] {
        [0, 0]
    }

    fn bytes(&self) -> usize {
        size_of::<Forecaster>() + WINDOW * size_of::<f64>()
    }

    fn weights(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}

//! The forecaster of the crate as a [`Stream`]: the only file here that knows its interface.

use brewcast::model::calendar::{self, Calendar};
use brewcast::model::grids::{Grids, Layout};
use brewcast::model::mix::candidates::NAMES;

use crate::stream::{Contestant, Season, Setting, Stream};

const COVERAGE: f32 = 0.95;

/// brewcast as it is by default.
pub(crate) fn brewcast() -> Contestant {
    Contestant::new("brewcast", start)
}

fn start(setting: Setting) -> Box<dyn Stream> {
    let season = match setting.season {
        Season::Auto => calendar::Season::Auto,
        Season::Given([0, 0]) => calendar::Season::None,
        Season::Given(steps) => {
            calendar::Season::Given(steps.map(|m| i64::from(m) * setting.step_ns))
        }
    };
    let grids = Grids::new(&Layout {
        step_ns: setting.step_ns,
        calendar: Calendar::new(season, setting.step_ns),
        horizon: setting.horizon,
        coverage: COVERAGE,
        phase: setting.phase,
        sums: false,
        naive: false,
    });
    Box::new(Engine {
        grids,
        step_ns: setting.step_ns,
        time: 1_420_070_400_000_000_000, // 2015-01-01
    })
}

struct Engine {
    grids: Grids,
    step_ns: i64,
    time: i64, // of the last step
}

impl Stream for Engine {
    fn learn(&mut self, y: f64) {
        self.time += self.step_ns;
        self.grids.learn(self.time, y);
    }

    fn pass(&mut self) {
        self.time += self.step_ns;
        self.grids.pass(1);
    }

    fn next(&self) -> f64 {
        self.grids.next()
    }

    fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>) {
        self.grids.forecast(steps, out);
    }

    fn seasons(&self) -> [u32; 2] {
        let in_steps = |ns: i64| u32::try_from(ns / self.step_ns).unwrap_or(u32::MAX);
        let mut seasons: Vec<u32> = self.grids.seasons().into_iter().map(in_steps).collect();
        seasons.retain(|&m| m > 0);
        seasons.sort_unstable();
        seasons.resize(2, 0);
        [seasons[0], seasons[1]]
    }

    fn bytes(&self) -> usize {
        self.grids.bytes()
    }

    fn weights(&self) -> Vec<(&'static str, f64)> {
        let Some(grown) = self.grids.fine().grown() else {
            return Vec::new();
        };
        let weights = grown.path_weights();
        let of = |(candidate, &name)| (name, f64::from(weights.of(candidate)));
        NAMES.iter().enumerate().map(of).collect()
    }
}

//! Both brews, one step and 40 steps ahead, from every origin from row 119 on that has 40 later rows.
//!
//! *Clean* leaves out targets inside any label, neutral ones included; *tenth* takes every tenth origin
//! only, because neighbouring paths of 40 steps say the same. *Next* is the one-step forecast of every point,
//! 1 the first step of the path.

use crate::data::Brew;
use crate::stream::{Contestant, covered};
use crate::table::{Table, spread};

const HORIZON: usize = 40;
const FIRST_ORIGIN: usize = 119;
const SECOND: i64 = 1_000_000_000;
/// Distance of the phases that are tried.
const PHASE_STRIDE: u32 = 4;

/// Errors over one choice of targets.
#[derive(Clone, Copy, Default)]
struct Errors {
    absolute: f64,
    squared: f64,
    covered: f64,
    count: f64,
}

impl Errors {
    fn add(&mut self, y: f64, [yhat, lower, upper]: [f64; 3]) {
        self.absolute += (y - yhat).abs();
        self.squared += (y - yhat).powi(2);
        self.covered += covered(y, lower, upper);
        self.count += 1.0;
    }

    fn mae(&self) -> f64 {
        self.absolute / self.count
    }

    fn rmse(&self) -> f64 {
        (self.squared / self.count).sqrt()
    }

    fn coverage(&self) -> f64 {
        self.covered / self.count
    }
}

/// Errors at one distance.
#[derive(Clone, Copy, Default)]
struct Distance {
    all: Errors,
    clean: Errors,
    tenth: Errors,
}

/// The next step, and steps 1 and 40 of the path.
fn run(brew: &Brew, contestant: &Contestant, phase: u32) -> [Distance; 3] {
    let mut distances = [Distance::default(); 3];
    let mut stream = contestant.start(HORIZON as u32, SECOND, phase);
    let mut path = Vec::new();
    let values = &brew.values;
    for (row, &y) in values.iter().enumerate() {
        stream.learn(y);
        if row < FIRST_ORIGIN || values.len() <= row + HORIZON {
            continue;
        }
        stream.forecast(HORIZON as u32, &mut path);
        let [_, lower, upper] = path[0];
        let next = [stream.next(), lower, upper];
        let forecasts = [(1, next), (1, path[0]), (HORIZON, path[HORIZON - 1])];
        for (distance, (steps, forecast)) in distances.iter_mut().zip(forecasts) {
            let truth = values[row + steps];
            distance.all.add(truth, forecast);
            if !brew.labelled[row + steps] {
                distance.clean.add(truth, forecast);
            }
            if (row - FIRST_ORIGIN).is_multiple_of(10) {
                distance.tenth.add(truth, forecast);
            }
        }
    }
    distances
}

pub(crate) fn tables(brews: &[Brew], contestants: &[Contestant], phases: u32) -> Vec<Table> {
    brews
        .iter()
        .map(|brew| {
            let points = brew.values.len();
            let title = format!(
                "brew {}: {points} points, mean (range) over the phases",
                brew.name
            );
            let headings = [
                "",
                "steps",
                "MAE",
                "RMSE",
                "MAE clean",
                "RMSE clean",
                "MAE tenth",
                "coverage",
                "clean",
            ];
            let mut table = Table::new(title, &headings);
            for contestant in contestants {
                let runs: Vec<_> = contestant
                    .phases(phases, PHASE_STRIDE)
                    .map(|phase| run(brew, contestant, phase))
                    .collect();
                for (at, steps) in ["next", "1", "40"].into_iter().enumerate() {
                    let of = |figure: &dyn Fn(&Distance) -> f64, digits| {
                        let figures = runs.iter().map(|run| figure(&run[at]));
                        spread(&figures.collect::<Vec<_>>(), digits)
                    };
                    table.row([
                        contestant.name.clone(),
                        steps.to_owned(),
                        of(&|distance| distance.all.mae(), 4),
                        of(&|distance| distance.all.rmse(), 4),
                        of(&|distance| distance.clean.mae(), 4),
                        of(&|distance| distance.clean.rmse(), 4),
                        of(&|distance| distance.tenth.mae(), 4),
                        of(&|distance| distance.all.coverage(), 3),
                        of(&|distance| distance.clean.coverage(), 3),
                    ]);
                }
            }
            table
        })
        .collect()
}

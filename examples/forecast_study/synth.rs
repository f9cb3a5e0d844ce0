//! Made-up series: errors beside those of the best naive forecast, coverage, forecasts below zero.
//!
//! Naive are the last value, the value a day ago and the mean of the last week; best is the one with the
//! smallest error over all replications of a law. One step is scored from step 201 on, paths of 40 from
//! every 31st origin. *Score* is the interval score of the paths over the best naive error: small is good,
//! and it tells narrow intervals from wide ones of the same coverage.

use brewcast::tools::score;

use crate::generators::{self, Generator};
use crate::stream::{Contestant, HOUR, covered};
use crate::table::{Table, number};

const POINTS: usize = 1_500;
const HORIZON: usize = 40;
const SETTLING: usize = 200;
const ORIGIN_EVERY: usize = 31;
const DAY: usize = 24;
const WEEK: usize = 168;
/// Above this share of the best naive error a law is flagged, with structure in it above the second.
const FLAG: f64 = 1.05;
const FLAG_OF_STRUCTURE: f64 = 0.9;

/// Sums over all replications, one step ahead and over paths.
#[derive(Clone, Copy, Default)]
struct Sums {
    ours: f64,
    naive: [f64; 3], // last value, a day ago, mean of a week
    covered: f64,
    score: f64,
    below_zero: f64,
    crossed: f64, // limits on the wrong side of the forecast
    steps: f64,
}

impl Sums {
    fn add(&mut self, y: f64, [yhat, lower, upper]: [f64; 3], naive: [f64; 3]) {
        self.ours += (y - yhat).abs();
        for (sum, naive) in self.naive.iter_mut().zip(naive) {
            *sum += (y - naive).abs();
        }
        self.covered += covered(y, lower, upper);
        self.score += score::interval_score(y, [lower, upper], 0.95);
        let is_crossed = !(lower <= yhat && yhat <= upper);
        self.crossed += f64::from(u8::from(is_crossed));
        self.below_zero += f64::from(u8::from(yhat < 0.0));
        self.steps += 1.0;
    }

    fn relative(&self, naive: f64) -> f64 {
        match (self.ours > 0.0, naive > 0.0) {
            (_, true) => self.ours / naive,
            (false, false) => 1.0,
            (true, false) => f64::INFINITY,
        }
    }

    fn best_naive(&self) -> f64 {
        self.naive.into_iter().fold(f64::INFINITY, f64::min)
    }
}

/// Feeds one series and adds up the errors: one step ahead, then over paths.
fn feed(values: &[f64], contestant: &Contestant, phase: u32, sums: &mut [Sums; 2]) {
    let mut stream = contestant.start(HORIZON as u32, HOUR, phase);
    let mut path = Vec::new();
    for (t, &y) in values.iter().enumerate() {
        stream.learn(y);
        if t < SETTLING || values.len() <= t + HORIZON {
            continue;
        }
        let mean = values[t + 1 - WEEK..=t].iter().sum::<f64>() / WEEK as f64;
        let naive = |k: usize| [y, values[t + 1 + k % DAY - DAY], mean];
        if t.is_multiple_of(ORIGIN_EVERY) {
            stream.forecast(HORIZON as u32, &mut path);
            for (k, &forecast) in path.iter().enumerate() {
                sums[1].add(values[t + 1 + k], forecast, naive(k));
            }
        } else {
            stream.forecast(1, &mut path);
        }
        let [_, lower, upper] = path[0];
        sums[0].add(values[t + 1], [stream.next(), lower, upper], naive(0));
    }
}

/// How many times each law is drawn, from which seed, and whether it is lifted above zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    pub(crate) seed: u64,
    pub(crate) replications: u64,
    pub(crate) lifted: bool,
}

pub(crate) fn tables(contestant: &Contestant, draw: Draw) -> Vec<Table> {
    let title = format!(
        "made-up series: error of {} over that of the naive forecasts, {} replications of {POINTS} points, seed {}{}",
        contestant.name,
        draw.replications,
        draw.seed,
        if draw.lifted { ", lifted above 20" } else { "" },
    );
    let headings = [
        "",
        "1 step/best",
        "path/best",
        "path/last",
        "/day",
        "/mean",
        "coverage 1",
        "path",
        "score",
        "below 0",
        "",
    ];
    let mut table = Table::new(title, &headings);
    for generator in generators::all() {
        let mut sums = [Sums::default(); 2];
        for replication in 0..draw.replications {
            let values = if draw.lifted {
                generator.lifted(POINTS, draw.seed, replication)
            } else {
                generator.series(POINTS, draw.seed, replication)
            };
            // Replications are phases too: what differs between them is chance.
            feed(&values, contestant, replication as u32, &mut sums);
        }
        table.row(cells(&generator, &sums));
    }
    vec![table]
}

fn cells(generator: &Generator, [near, far]: &[Sums; 2]) -> Vec<String> {
    let relative = [near, far].map(|sums| sums.relative(sums.best_naive()));
    let mut flags = Vec::new();
    for (at, name) in ["1 step", "path"].into_iter().enumerate() {
        if relative[at] > FLAG {
            flags.push(format!("{name} WORSE"));
        } else if generator.structure[at] && relative[at] > FLAG_OF_STRUCTURE {
            flags.push(format!("{name} misses structure"));
        }
    }
    if !near.ours.is_finite() || !far.ours.is_finite() {
        flags.push("NOT FINITE".to_owned());
    }
    if far.crossed > 0.0 {
        flags.push("LIMITS CROSSED".to_owned());
    }
    let below_zero = if generator.never_negative {
        number(far.below_zero / far.steps, 3)
    } else {
        String::new()
    };
    let mut cells = vec![generator.name.to_owned()];
    cells.extend(relative.map(|share| number(share, 3)));
    cells.extend(far.naive.map(|naive| number(far.relative(naive), 3)));
    cells.extend([near, far].map(|sums| number(sums.covered / sums.steps, 3)));
    let naive = far.best_naive();
    cells.push(number(
        if naive > 0.0 {
            far.score / naive
        } else {
            f64::NAN
        },
        2,
    ));
    cells.extend([below_zero, flags.join(", ")]);
    cells
}

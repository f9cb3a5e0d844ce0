//! Weeks of data finer than an hour, with a day and a week: errors over the last 14 days.
//!
//! One step is scored at every seventh point that is not missing, paths of 40 steps and of a day from
//! origins .37 days apart. Beside every error stands that of the best possible forecast, which knows the
//! generator's states and shape and only not the noise, or the jitter, to come. Missing points are
//! missing for all but that one. The time is that of the points before those days.

use std::f64::consts::TAU;
use std::time::Instant;

use crate::noise::Noise;
use crate::seasons;
use crate::stream::{Contestant, Stream, covered};
use crate::table::{Table, number};

/// A shape of the day, less of it at the weekend, half an hour's peak in the morning, a slowly walking
/// level, noise that lasts a quarter of an hour, and white noise.
pub(crate) struct LongStream {
    pub(crate) values: Vec<f64>,
    step_s: f64,
    levels: Vec<f64>,
    lasting: Vec<f64>,
}

/// Standard deviation of the level's walk over an hour.
const LEVEL: f64 = 0.035;
/// Time in which the lasting noise falls to 1/e, in s; its standard deviation is 1.
const LASTING_S: f64 = 900.0;
const WHITE: f64 = 0.3;

impl LongStream {
    /// `points` values, `step_s` seconds apart, each up to `jitter` steps early or late.
    pub(crate) fn new(
        points: usize,
        step_s: f64,
        jitter: f64,
        seed: u64,
        replication: u64,
    ) -> Self {
        let mut noise = Noise::new(seed, replication);
        let phi = (-step_s / LASTING_S).exp();
        let walk = LEVEL * (step_s / 3600.0).sqrt();
        let (mut level, mut lasting) = (20.0, 0.0);
        let mut stream = Self {
            values: Vec::with_capacity(points),
            step_s,
            levels: Vec::with_capacity(points),
            lasting: Vec::with_capacity(points),
        };
        for i in 0..points {
            let off = jitter * (2.0 * noise.uniform() - 1.0);
            lasting = phi * lasting + (1.0 - phi * phi).sqrt() * noise.normal();
            level += walk * noise.normal();
            let season = season((i as f64 + off) * step_s / 3600.0);
            let value = level + season + lasting + WHITE * noise.normal();
            stream.values.push(value);
            stream.levels.push(level);
            stream.lasting.push(lasting);
        }
        stream
    }

    /// The best forecast of the value `steps` after index `at`, from what is known at `at`.
    pub(crate) fn best(&self, at: usize, steps: usize) -> f64 {
        let left = (-self.step_s * steps as f64 / LASTING_S).exp();
        let hours = (at + steps) as f64 * self.step_s / 3600.0;
        self.levels[at] + season(hours) + left * self.lasting[at]
    }
}

/// The shape of day and week, `hours` after a Monday's midnight.
fn season(hours: f64) -> f64 {
    let hour = hours.rem_euclid(24.0);
    let peak = if (8.0..8.5).contains(&hour) { 3.0 } else { 0.0 };
    let shape =
        4.0 * (TAU * (hour - 9.0) / 24.0).sin() + 1.5 * (2.0 * TAU * hour / 24.0).sin() + peak;
    let is_weekend = 5.0 <= (hours / 24.0).floor().rem_euclid(7.0);
    if is_weekend { 0.4 * shape } else { shape }
}

/// One kind of stream.
#[derive(Clone, Copy, Debug)]
struct Case {
    name: &'static str,
    step_s: f64,
    days: usize,
    replications: u64,
    jitter: f64,  // steps
    missing: f64, // share of the points
}

impl Case {
    const fn clean(name: &'static str, step_s: f64, days: usize, replications: u64) -> Self {
        Self {
            name,
            step_s,
            days,
            replications,
            jitter: 0.0,
            missing: 0.0,
        }
    }

    const fn dirty(name: &'static str, step_s: f64, days: usize, replications: u64) -> Self {
        Self {
            jitter: 0.2,
            missing: 0.1,
            ..Self::clean(name, step_s, days, replications)
        }
    }

    /// Steps in a day.
    fn day(&self) -> usize {
        (86_400.0 / self.step_s) as usize
    }
}

const CASES: [Case; 6] = [
    Case::clean("5 min", 300.0, 42, 6),
    Case::clean("1 min", 60.0, 42, 3),
    Case::clean("10 s", 10.0, 30, 1),
    Case::clean("1 s", 1.0, 24, 1),
    Case::dirty("5 min, jitter 20 %, 10 % missing", 300.0, 42, 6),
    Case::dirty("1 min, jitter 20 %, 10 % missing", 60.0, 42, 3),
];

const HORIZON: usize = 40;
const SCORED_DAYS: usize = 14;
const ONE_STEP_EVERY: usize = 7;
/// Distance of the phases of the replications.
const PHASE_STRIDE: u32 = 4;

/// Sums of mean absolute errors and of covered shares: the next step, steps 1 to 40, a day.
#[derive(Clone, Copy, Default)]
struct Sums {
    error: [f64; 3],
    best: [f64; 3],
    covered: [f64; 3],
    count: [f64; 3],
    ns: f64,
    points: f64,
}

impl Sums {
    fn add(&mut self, which: usize, truth: &[f64], path: &[[f64; 3]], best: impl Fn(usize) -> f64) {
        let share = 1.0 / truth.len() as f64;
        for (k, (&y, [yhat, lower, upper])) in truth.iter().zip(path).enumerate() {
            self.error[which] += share * (y - yhat).abs();
            self.best[which] += share * (y - best(k + 1)).abs();
            self.covered[which] += share * covered(y, *lower, *upper);
        }
        self.count[which] += 1.0;
    }
}

/// Feeds one stream; `is_missing` says which points.
fn feed(
    case: &Case,
    stream: &LongStream,
    is_missing: &[bool],
    forecaster: &mut dyn Stream,
    sums: &mut Sums,
) {
    let (values, day) = (&stream.values, case.day());
    let settled = values.len() - SCORED_DAYS * day + 1;
    let origin_every = (0.37 * day as f64) as usize;
    let mut path = Vec::new();
    let start = Instant::now();
    for (&y, &is_missing) in values[..settled].iter().zip(is_missing) {
        step(forecaster, y, is_missing);
    }
    sums.ns += start.elapsed().as_nanos() as f64;
    sums.points += settled as f64;
    for t in settled..values.len() {
        if !is_missing[t] && t.is_multiple_of(ONE_STEP_EVERY) {
            forecaster.forecast(1, &mut path);
            path[0][0] = forecaster.next();
            sums.add(0, &values[t..=t], &path, |_| stream.best(t - 1, 1));
        }
        step(forecaster, values[t], is_missing[t]);
        if t.is_multiple_of(origin_every) && t + day < values.len() {
            forecaster.forecast(day as u32, &mut path);
            for (which, steps) in [(1, HORIZON), (2, day)] {
                let truth = &values[t + 1..=t + steps];
                sums.add(which, truth, &path, |steps| stream.best(t, steps));
            }
        }
    }
}

fn step(forecaster: &mut dyn Stream, y: f64, is_missing: bool) {
    if is_missing {
        forecaster.pass();
    } else {
        forecaster.learn(y);
    }
}

/// The table; streams with less than `finest_s` seconds between points are left out.
pub(crate) fn tables(contestant: &Contestant, seed: u64, finest_s: f64) -> Vec<Table> {
    let headings = [
        "",
        "",
        "MAE 1 step",
        "1-40",
        "a day",
        "1 step/best",
        "1-40",
        "a day",
        "coverage 1",
        "1-40",
        "a day",
        "ns/point",
        "bytes",
        "seasons",
    ];
    let title = "weeks of fine data: the last 14 days; best knows the generator's states";
    let mut table = Table::new(title, &headings);
    for case in CASES.iter().filter(|case| finest_s <= case.step_s) {
        let naive = [
            Contestant::naive("last value", 1),
            Contestant::naive("yesterday", case.day()),
        ];
        for contestant in [contestant].into_iter().chain(&naive) {
            table.row(row(case, contestant, seed));
        }
    }
    vec![table]
}

fn row(case: &Case, contestant: &Contestant, seed: u64) -> Vec<String> {
    let mut sums = Sums::default();
    let (mut bytes, mut found) = (0, Vec::new());
    for replication in 0..case.replications {
        let points = case.days * case.day();
        let stream = LongStream::new(points, case.step_s, case.jitter, seed, replication);
        let mut chance = Noise::new(seed, u64::MAX - replication);
        let is_missing = (0..points).map(|t| chance.happens(case.missing) && 5 < t);
        let is_missing: Vec<bool> = is_missing.collect();
        let phase = replication as u32 * PHASE_STRIDE;
        let step_ns = (case.step_s * 1e9) as i64;
        let mut forecaster = contestant.start(HORIZON as u32, step_ns, phase);
        feed(case, &stream, &is_missing, &mut *forecaster, &mut sums);
        bytes = forecaster.bytes().max(bytes);
        found.push(seasons::names(forecaster.seasons()));
    }
    found.sort_unstable();
    found.dedup();
    let mut cells = vec![case.name.to_owned(), contestant.name.clone()];
    cells.extend([0, 1, 2].map(|which| number(sums.error[which] / sums.count[which], 3)));
    cells.extend([0, 1, 2].map(|which| number(sums.error[which] / sums.best[which], 3)));
    cells.extend([0, 1, 2].map(|which| number(sums.covered[which] / sums.count[which], 3)));
    cells.push(number(sums.ns / sums.points, 0));
    cells.push(bytes.to_string());
    cells.push(found.join(", "));
    cells
}

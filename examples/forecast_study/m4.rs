//! Forecasts of the M4 series at the end of their training part, and at two earlier origins inside it.
//!
//! *Final* is the official origin; *earlier* are those 2 and 4 horizons before the end, scored against the
//! training data: the better guide against chance. The scale of MASE and MSIS is always that of the
//! whole training part.

use std::collections::BTreeMap;
use std::time::Instant;

use brewcast::tools::score::{self, Accuracy, Intervals};

use crate::data::{M4, M4Series};
use crate::stream::{Contestant, covered};
use crate::table::{Table, mean, number, spread};

/// Scores at one kind of origin, means over all series.
pub(crate) struct Origin {
    pub(crate) accuracy: Accuracy,
    pub(crate) naive2: Accuracy,
    pub(crate) intervals: Intervals,
}

impl Origin {
    pub(crate) fn new() -> Self {
        Self {
            accuracy: Accuracy::default(),
            naive2: Accuracy::default(),
            intervals: Intervals::new(0.95),
        }
    }

    /// Takes in a forecast made after `past`.
    pub(crate) fn add(
        &mut self,
        set: &M4,
        past: &[f64],
        truth: &[f64],
        path: &[[f64; 3]],
        scale: f64,
    ) {
        let yhat: Vec<f64> = path.iter().map(|step| step[0]).collect();
        let limits: Vec<[f64; 2]> = path.iter().map(|step| [step[1], step[2]]).collect();
        let naive2 = score::naive2(past, set.season_length, truth.len());
        self.accuracy.add(truth, &yhat, scale);
        self.naive2.add(truth, &naive2, scale);
        self.intervals.add(truth, &limits, scale);
    }

    pub(crate) fn owa(&self) -> f64 {
        self.accuracy.owa(&self.naive2)
    }
}

/// What one run over all series gave.
pub(crate) struct Run {
    pub(crate) last: Origin,
    pub(crate) earlier: Origin,
    octaves: Vec<[f64; 2]>, // covered and all steps of the final origin, per octave of the horizon
    ns_per_point: f64,
    bytes: f64,
    seasons: BTreeMap<[u32; 2], usize>,
    weights: BTreeMap<&'static str, f64>,
}

/// Steps 1, 2-3, 4-7 and so on: the octave of a step, from 0.
fn octave(step: usize) -> usize {
    step.ilog2() as usize
}

/// Feeds every series to a forecaster of its own.
pub(crate) fn run(set: &M4, contestant: &Contestant, phase: u32) -> Run {
    let mut run = Run {
        last: Origin::new(),
        earlier: Origin::new(),
        octaves: vec![[0.0; 2]; octave(set.horizon) + 1],
        ns_per_point: 0.0,
        bytes: 0.0,
        seasons: BTreeMap::new(),
        weights: BTreeMap::new(),
    };
    let (mut ns, mut points) = (0.0, 0.0);
    for series in &set.series {
        ns += one(set, series, contestant, phase, &mut run);
        points += series.training.len() as f64;
    }
    let count = set.series.len() as f64;
    run.ns_per_point = ns / points;
    run.bytes /= count;
    run.weights.values_mut().for_each(|weight| *weight /= count);
    run
}

/// Scores one series and returns the time that learning it took, in ns.
fn one(set: &M4, series: &M4Series, contestant: &Contestant, phase: u32, run: &mut Run) -> f64 {
    let (training, h) = (&series.training, set.horizon);
    let scale = score::mase_scale(training, set.season_length);
    let mut stream = contestant.start(h as u32, set.step_ns, phase);
    let mut path = Vec::new();
    let (mut ns, mut learnt) = (0.0, 0);
    for back in [4 * h, 2 * h, 0] {
        let Some(end) = training.len().checked_sub(back) else {
            continue;
        };
        let start = Instant::now();
        for &y in &training[learnt..end] {
            stream.learn(y);
        }
        ns += start.elapsed().as_nanos() as f64;
        learnt = end;
        stream.forecast(h as u32, &mut path);
        let past = &training[..end];
        if back == 0 {
            run.last.add(set, past, &series.test, &path, scale);
        } else if 3 * set.season_length + 11 < end {
            let truth = &training[end..end + h];
            run.earlier.add(set, past, truth, &path, scale);
        }
    }
    for (k, (&y, [_, lower, upper])) in series.test.iter().zip(&path).enumerate() {
        let [inside, all] = &mut run.octaves[octave(k + 1)];
        *inside += covered(y, *lower, *upper);
        *all += 1.0;
    }
    run.bytes += stream.bytes() as f64;
    *run.seasons.entry(stream.seasons()).or_default() += 1;
    for (name, weight) in stream.weights() {
        *run.weights.entry(name).or_default() += weight;
    }
    ns
}

/// The tables of one frequency.
pub(crate) fn tables(set: &M4, contestants: &[Contestant], phases: u32) -> Vec<Table> {
    let title = format!(
        "M4 {}: {} series, horizon {}, mean (range) over the phases",
        set.name,
        set.series.len(),
        set.horizon
    );
    let headings = [
        "", "phases", "OWA", "earlier", "MSIS", "earlier", "coverage", "earlier", "ns/point",
        "bytes",
    ];
    let mut scores = Table::new(title, &headings);
    scores.row(["Naive2", "1", "1.000", "1.000"].map(str::to_owned));
    let octaves = (0..=octave(set.horizon)).map(|octave| {
        let (first, last) = (1 << octave, ((2 << octave) - 1).min(set.horizon));
        format!("{first}-{last}")
    });
    let mut headings = vec![String::new()];
    headings.extend(octaves);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut by_octave = Table::new("coverage by step ahead", &headings);
    let mut seasons = Table::new("seasons at the end, in steps: series", &[]);
    let mut weights = Table::new("mean weight at the horizon", &[]);
    for contestant in contestants {
        let runs: Vec<Run> = contestant
            .phases(phases, set.phase_stride)
            .map(|phase| run(set, contestant, phase))
            .collect();
        scores.row(score_cells(&contestant.name, &runs));
        by_octave.row(octave_cells(&contestant.name, &runs));
        seasons.row(season_cells(&contestant.name, &runs[0]));
        if !runs[0].weights.is_empty() {
            weights.row(weight_cells(&contestant.name, &runs));
        }
    }
    let mut tables = vec![scores, by_octave, seasons, weights];
    tables.retain(|table| !table.is_empty());
    tables
}

fn score_cells(name: &str, runs: &[Run]) -> Vec<String> {
    let of = |figure: &dyn Fn(&Run) -> f64, digits| {
        spread(&runs.iter().map(figure).collect::<Vec<_>>(), digits)
    };
    let best_ns = runs.iter().map(|run| run.ns_per_point);
    vec![
        name.to_owned(),
        runs.len().to_string(),
        of(&|run| run.last.owa(), 3),
        of(&|run| run.earlier.owa(), 3),
        of(&|run| run.last.intervals.msis(), 2),
        of(&|run| run.earlier.intervals.msis(), 2),
        of(&|run| run.last.intervals.realised_coverage(), 3),
        of(&|run| run.earlier.intervals.realised_coverage(), 3),
        number(best_ns.fold(f64::INFINITY, f64::min), 0),
        number(runs[0].bytes, 0),
    ]
}

fn octave_cells(name: &str, runs: &[Run]) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    for octave in 0..runs[0].octaves.len() {
        let shares = runs.iter().map(|run| {
            let [inside, all] = run.octaves[octave];
            inside / all
        });
        cells.push(number(mean(&shares.collect::<Vec<_>>()), 3));
    }
    cells
}

fn season_cells(name: &str, run: &Run) -> Vec<String> {
    let mut found: Vec<_> = run.seasons.iter().collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let found = found
        .iter()
        .map(|([first, second], count)| match (first, second) {
            (0, _) => format!("none: {count}"),
            (_, 0) => format!("{first}: {count}"),
            _ => format!("{first} and {second}: {count}"),
        });
    let mut cells = vec![name.to_owned()];
    cells.extend(found.take(8));
    cells
}

fn weight_cells(name: &str, runs: &[Run]) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    for candidate in runs[0].weights.keys() {
        let weight = |run: &Run| run.weights.get(candidate).copied().unwrap_or(0.0);
        let weight = mean(&runs.iter().map(weight).collect::<Vec<_>>());
        cells.push(format!("{candidate} {weight:.2}"));
    }
    cells
}

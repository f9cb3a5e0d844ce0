//! How often what is said about thresholds changes, held against the plain rule: *approaching* whenever the
//! forecast reaches the threshold, *crossed* with the first value there, *cleared* with the first forecast
//! that does not.
//!
//! The figures are printed (`cargo test --test etas -- --nocapture`). Forecasts are those of the whole
//! program; the bounds leave room for better ones. The original recording is not part of the project: without
//! it, the test that needs it says so and skips.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::records;
use brewcast::series::eta::{Issue, State};
use brewcast::series::reach::{Crossing, Reach};
use brewcast::series::{Etas, Rules, Series, Step};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SECOND: i64 = 1_000_000_000;

/// What was said, all thresholds together.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    begun: usize,
    crossed: usize,
    cleared: usize,
    records: usize,
    /// Of the approaching records that a crossing ended: how many had it within their interval.
    inside: usize,
    intervals: usize,
}

impl Said {
    fn changes(self) -> usize {
        self.begun + self.crossed + self.cleared
    }
}

fn rules(settings: &[(&str, &str)]) -> Rules {
    let overrides: Vec<(&str, String)> = settings
        .iter()
        .map(|&(key, value)| (key, value.to_owned()))
        .collect();
    let settings = config::load(None, &overrides);
    assert!(settings.are_usable(), "{:?}", settings.faults);
    let options = settings.options("host", Precision::Ns, false);
    options.policies.rest().rules.clone()
}

/// Runs values, one a second, and adds up what the plain rule and ours say about each threshold.
fn watch(values: &[f64], thresholds: &[f64], rules: &Rules, plain: &mut Said, ours: &mut Said) {
    let mut series = Series::new(0, 0);
    let (mut path, mut out) = (Vec::new(), Vec::new());
    let mut etas = Etas::new(thresholds.len());
    let mut open = vec![None; thresholds.len()];
    let mut given: Vec<Vec<(usize, Reach)>> = vec![Vec::new(); thresholds.len()];
    for (at, &y) in values.iter().enumerate() {
        let time = i64::try_from(at).unwrap() * SECOND;
        let Step::Judged { .. } = series.observe(time, y, rules) else {
            continue;
        };
        let is_due = series.issue_is_due();
        if is_due {
            series.issue(rules, &mut path);
            series.path(rules, &mut path);
        }
        let issue = is_due.then_some(Issue {
            path: &path,
            half_width: brewcast::model::interval::normal_half_width(rules.coverage),
        });
        for (open, &threshold) in open.iter_mut().zip(thresholds) {
            plainly(open, y, threshold, issue, plain);
        }
        out.clear();
        etas.observe(Some(y), issue, thresholds, &mut out);
        for eta in &out {
            let is_its = |threshold: &f64| threshold.total_cmp(&eta.threshold).is_eq();
            let given = &mut given[thresholds.iter().position(is_its).unwrap()];
            match (eta.state, eta.reach) {
                (State::Approaching, Some(reach)) => {
                    ours.begun += usize::from(given.is_empty());
                    ours.records += 1;
                    given.push((at, reach));
                }
                (State::Crossed, _) => {
                    ours.crossed += 1;
                    for (since, reach) in given.drain(..) {
                        let took = (at - since) as f64 - 1.0; // crossed is said at the second point
                        let is_inside = reach.earliest.is_none_or(|first| first <= took + 1.0)
                            && reach.latest.is_none_or(|last| took <= last + 1.0);
                        ours.intervals += 1;
                        ours.inside += usize::from(is_inside);
                    }
                }
                _ => {
                    ours.cleared += 1;
                    given.clear();
                }
            }
        }
    }
}

/// The rule without any of ours.
fn plainly(
    open: &mut Option<Crossing>,
    y: f64,
    threshold: f64,
    issue: Option<Issue<'_>>,
    said: &mut Said,
) {
    if open.is_some_and(|crossing| crossing.has_reached(y, threshold)) {
        *open = None;
        said.crossed += 1;
    }
    let Some(issue) = issue else { return };
    let crossing = if y < threshold {
        Crossing::Above
    } else {
        Crossing::Below
    };
    let reach = Reach::of(issue.path, threshold, crossing, issue.half_width);
    let is_crossed = !crossing.has_reached(y, threshold) && reach.expected.is_some();
    said.records += usize::from(is_crossed);
    match (is_crossed, &open) {
        (true, None) => {
            *open = Some(crossing);
            said.begun += 1;
        }
        (false, Some(_)) => {
            *open = None;
            said.cleared += 1;
        }
        _ => {}
    }
}

/// A normal number, nearly.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random_range(-0.5..0.5)).sum()
}

/// Twenty series of 3,000 values made from seeds.
fn twenty(
    make: impl Fn(&mut ChaCha8Rng, usize) -> f64,
    thresholds: &[f64],
    rules: &Rules,
) -> [Said; 2] {
    let [mut plain, mut ours] = [Said::default(); 2];
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let values: Vec<f64> = (0..3_000).map(|at| make(&mut rng, at)).collect();
        watch(&values, thresholds, rules, &mut plain, &mut ours);
    }
    [plain, ours]
}

fn show(name: &str, [plain, ours]: [Said; 2]) -> [Said; 2] {
    eprintln!(
        "{name}: {} changes by the plain rule, {} by ours: {ours:?}",
        plain.changes(),
        ours.changes()
    );
    [plain, ours]
}

#[test]
fn noise_around_a_threshold_is_silent() {
    let noise = |rng: &mut ChaCha8Rng, _: usize| 0.5 * normal(rng);
    let thresholds = [-1.0, -0.5, -0.2, 0.0, 0.1, 0.6, 1.2];
    let [plain, ours] = show("noise", twenty(noise, &thresholds, &rules(&[])));
    assert!(plain.changes() > 2_000, "{plain:?}");
    assert!(ours.changes() < plain.changes() / 200, "{ours:?}");
}

/// The walk crosses its thresholds hundreds of times; no forecast knows when.
#[test]
fn a_noisy_walk_around_a_threshold_says_little() {
    let walk = std::cell::Cell::new(0.0);
    let noisy = |rng: &mut ChaCha8Rng, at: usize| {
        let last = if at == 0 { 0.0 } else { walk.get() };
        walk.set(0.995 * last + 0.05 * normal(rng));
        walk.get() + 0.2 * normal(rng)
    };
    let thresholds = [-0.5, -0.2, 0.0, 0.2, 0.5];
    let [plain, ours] = show("noisy walk", twenty(noisy, &thresholds, &rules(&[])));
    assert!(plain.changes() > 500, "{plain:?}");
    assert!(ours.changes() < plain.changes() / 20, "{ours:?}");
}

/// Up and down in 400 steps, ten times the noise each way: every crossing can be known ahead.
#[test]
fn a_triangle_is_announced_each_time_and_within_its_interval() {
    let triangle = |rng: &mut ChaCha8Rng, at: usize| {
        let at = (at % 400) as f64;
        0.05 * at.min(400.0 - at) + 0.1 * normal(rng)
    };
    let said = twenty(triangle, &[2.0, 5.0, 8.0], &rules(&[]));
    let [plain, ours] = show("triangle", said);
    let crossings = 20 * 3 * 15; // 7.5 triangles each
    assert!(ours.crossed > crossings * 6 / 10, "{ours:?} {plain:?}");
    assert!(ours.cleared * 20 < ours.crossed, "{ours:?}");
    assert!(ours.inside * 10 > ours.intervals * 9, "{ours:?}");
}

/// Levels every half degree, all the way.
#[test]
fn the_brew_recording_changes_its_mind_less_than_the_forecast_does() {
    let shared =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/data/brew/temps.txt.gz");
    let recording = std::env::var("BREW_RECORDING").map_or(shared, PathBuf::from);
    if !recording.exists() {
        let why = "SKIPPED: no recording: BREW_RECORDING is not set and ../shared is not there";
        writeln!(std::io::stderr().lock(), "{why}").unwrap(); // past the capture of the test runner
        return;
    }
    let mut text = String::new();
    let mut file = records::open(&recording).unwrap();
    file.read_to_string(&mut text).unwrap();
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for line in text.lines() {
        let (series, rest) = line.split_once(' ').unwrap();
        let value = rest.split(['=', ' ']).nth(1).unwrap().parse().unwrap();
        values.entry(series).or_default().push(value);
    }
    let thresholds: Vec<f64> = (72..=112).map(|quarter| f64::from(quarter) / 4.0).collect();
    let straight = [
        ("model.forecaster", "ets"),
        ("model.trend", "linear"),
        ("forecast.horizon", "600"),
        ("forecast.every", "75"),
    ];
    for (name, settings) in [("as it is", &[][..]), ("straight lines", &straight)] {
        let rules = rules(settings);
        let [mut plain, mut ours] = [Said::default(); 2];
        for values in values.values() {
            watch(values, &thresholds, &rules, &mut plain, &mut ours);
        }
        let name = format!("brew recording, {name}");
        let [plain, ours]: [Said; 2] = show(&name, [plain, ours]);
        assert!(
            ours.changes() * 2 <= plain.changes() + 30,
            "{ours:?} {plain:?}"
        );
        // What is taken back is what flaps.
        assert!(ours.cleared * 2 <= plain.cleared + 10, "{ours:?} {plain:?}");
    }
}

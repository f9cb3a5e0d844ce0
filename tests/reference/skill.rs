//! Forecasts against the last value, on series whose law is known.
//!
//! Promises that one step ahead no kind of series is forecast worse than by its last value, beyond
//! 5 %, and that the interval of 95 % holds at least 90 % of them. What happens forty steps ahead is
//! shown, and bounded only where it is simple: walks and noise are covered, a trend is followed.

use brewcast::judge::budget::Budget;
use brewcast::judge::{Direction, Rule};
use brewcast::model::Spec;
use brewcast::model::Trend;
use brewcast::model::forecaster::Kind;
use brewcast::series::extent::Extent;
use brewcast::series::rules::SeasonRule;
use brewcast::series::{Ahead, Rules, Series, Step};

use crate::simulated::{Noise, mean, quantised};

const SECOND: i64 = 1_000_000_000;
const POINTS: usize = 1_500;
const SEEDS: u64 = 5;
/// First points that are not scored: the warm-up and as many again.
const SETTLING: usize = 60;
const FAR: usize = 40;

/// The settings as they are by default, with every point of the forecast.
pub(crate) fn rules() -> Rules {
    Rules {
        model: Spec {
            kind: Kind::Auto,
            trend: Trend::Auto,
        },
        counter: None,
        cadence: None,
        window: Extent::Steps(120),
        warmup: Extent::Steps(30),
        horizon: Extent::Steps(40),
        points: None,
        every: Extent::Steps(20),
        coverage: 0.95,
        season: SeasonRule::Auto,
        thresholds: Vec::new(),
        rule: Rule {
            false_alarms: Budget::Rate {
                count: 1.0,
                per_ns: 7.0 * 86_400e9,
            },
            direction: Direction::Both,
            min_deviation: 0.0,
            min_relative_deviation: 0.0,
            range: [f64::NEG_INFINITY, f64::INFINITY],
            leaps: true,
        },
        adopt_after: Extent::Steps(120),
    }
}

/// One series that gets a point each second.
#[derive(Debug)]
pub(crate) struct Feed {
    series: Series,
    rules: Rules,
    time: i64,
    step: i64,
    ahead: Vec<Ahead>,
}

impl Feed {
    pub(crate) fn new(rules: Rules) -> Self {
        Self::every(SECOND, rules)
    }

    /// A point every `step` ns.
    pub(crate) fn every(step: i64, rules: Rules) -> Self {
        Self {
            series: Series::new(0, 0),
            rules,
            time: 0,
            step,
            ahead: Vec::new(),
        }
    }

    pub(crate) fn observe(&mut self, value: f64) -> Step {
        let (time, rules) = (self.time, &self.rules);
        self.time += self.step;
        self.series.observe(time, value, rules)
    }

    /// The forecast from here, one point per step.
    fn ahead(&mut self) -> &[Ahead] {
        self.series.issue(&self.rules, &mut self.ahead);
        &self.ahead
    }
}

const KINDS: [&str; 8] = [
    "random walk",
    "AR(1) .5",
    "white noise",
    "trend and noise",
    "damped trend",
    "staircase",
    "rare steps",
    "counter",
];

fn series(kind: &str, seed: u64) -> Vec<f64> {
    let mut noise = Noise::new(seed);
    let (mut level, mut trend) = (20.0, 0.0);
    let mut point = |i: usize| match kind {
        "random walk" => {
            level += noise.normal();
            level
        }
        "AR(1) .5" => {
            level = 20.0 + 0.5 * (level - 20.0) + noise.normal();
            level
        }
        "white noise" => noise.normal(),
        "trend and noise" => 0.2 * i as f64 + noise.normal(),
        "damped trend" => {
            let innovation = noise.normal();
            level += 0.95 * trend;
            let y = level + innovation;
            level += 0.6 * innovation;
            trend = 0.95 * trend + 0.12 * innovation;
            y
        }
        "staircase" => {
            level += 0.01 * noise.normal();
            quantised(level, 0.1)
        }
        "rare steps" => {
            level += if noise.happens(0.005) {
                3.0 * noise.normal()
            } else {
                0.0
            };
            level
        }
        "counter" => {
            level += (100.0 + 20.0 * noise.normal()).max(0.0);
            level
        }
        _ => unreachable!("{kind}"),
    };
    (0..POINTS).map(&mut point).collect()
}

/// Of one series: mean absolute error relative to the last value's, and coverage, near and far.
struct Score {
    relative: [f64; 2],
    coverage: [f64; 2],
}

fn score(values: &[f64]) -> Score {
    let mut feed = Feed::new(rules());
    let mut errors = [const { [0.0; 2] }; 2]; // near and far: ours, last value
    let mut covered = [0.0; 2];
    let scored = SETTLING..values.len() - FAR;
    for (i, &value) in values.iter().enumerate() {
        feed.observe(value);
        if !scored.contains(&i) {
            continue;
        }
        let ahead = feed.ahead();
        for (which, steps) in [1, FAR].into_iter().enumerate() {
            let (forecast, truth) = (&ahead[steps - 1], values[i + steps]);
            assert_eq!(forecast.step as usize, steps);
            errors[which][0] += (truth - forecast.yhat).abs();
            errors[which][1] += (truth - value).abs();
            let inside = forecast.lower <= truth && truth <= forecast.upper;
            covered[which] += f64::from(u8::from(inside));
        }
    }
    Score {
        relative: errors.map(|[ours, last]| ours / last),
        coverage: covered.map(|count| count / scored.len() as f64),
    }
}

/// For all kinds of series and seeds, one step ahead is never forecast worse than by the last value
/// beyond 5 %; and a trend in noise is forecast far better forty steps ahead.
#[test]
fn no_series_is_forecast_worse_than_by_its_last_value() {
    println!(
        "error / that of the last value     1 step (worst)    40 steps (worst)   coverage 1, 40"
    );
    let scores = KINDS.map(|kind| {
        (0..SEEDS)
            .map(|seed| score(&series(kind, seed)))
            .collect::<Vec<_>>()
    });
    for (kind, scores) in KINDS.iter().zip(&scores) {
        let of =
            |figure: &dyn Fn(&Score) -> f64| -> Vec<f64> { scores.iter().map(figure).collect() };
        let [near, far] = [0, 1].map(|which| of(&|score| score.relative[which]));
        let [close, distant] = [0, 1].map(|which| mean(&of(&|score| score.coverage[which])));
        let worst = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        println!(
            "{kind:<32} {:>8.3} ({:.3})    {:>8.3} ({:.3})    {close:>8.3} {distant:.3}",
            mean(&near),
            worst(&near),
            mean(&far),
            worst(&far),
        );
        assert!(worst(&near) <= 1.05, "{kind}: {near:?}");
        assert!(close > 0.9, "{kind}: {close} covered one step ahead");
        match *kind {
            "random walk" | "white noise" => assert!(distant > 0.9, "{kind}: {distant} covered"),
            "trend and noise" => assert!(worst(&far) < 0.6, "{kind}: {far:?}"),
            _ => {}
        }
    }
}

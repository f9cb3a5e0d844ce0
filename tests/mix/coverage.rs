//! Intervals hold what they say, and forecasts are not worse than naive ones.
//!
//! Promises that intervals of 95 % hold between 90 and 98.5 % of what comes, 1, 5 and 40 steps ahead, on
//! streams of known law, on sums of increments with and without a day; and that no law of the study is
//! forecast worse than by the best of three naive forecasts, beyond 5 %.

use std::f64::consts::TAU;

use brewcast::model::ets::interval::Sum;
use brewcast::model::forecaster::Setup;

use crate::generators;
use crate::noise::Noise;
use crate::runs::{DAY, HOUR, MINUTE, Run, auto};

type Law = fn(usize, &mut f64, &mut Noise) -> f64;

const LAWS: [(&str, Law); 6] = [
    ("i.i.d.", |_, _, noise| noise.normal()),
    ("AR .9", |_, x, noise| {
        *x = 0.9 * *x + noise.normal();
        *x
    }),
    ("random walk", |_, x, noise| {
        *x += noise.normal();
        *x
    }),
    ("t3", |_, _, noise| 50.0 + noise.t3()),
    ("day", |i, _, noise| {
        20.0 + 3.0 * (TAU * i as f64 / 24.0).sin() + noise.normal()
    }),
    ("day, multiplicative", |i, _, noise| {
        (3.0 + (TAU * i as f64 / 24.0).sin() + 0.2 * noise.normal()).exp()
    }),
];

/// Shares of the outcomes within the intervals at these steps ahead, over `points` after `settling` more.
fn covered(setup: &Setup, steps: &[usize], values: &[f64], settling: usize) -> Vec<f64> {
    let mut run = Run::new(setup);
    let longest = *steps.last().unwrap();
    let mut inside = vec![0.0; steps.len()];
    let mut count = 0.0;
    for (i, &y) in values.iter().enumerate() {
        run.learn(y);
        if i < settling || i + longest >= values.len() || i % 3 > 0 {
            continue;
        }
        count += 1.0;
        let path = run.ahead(longest as u32);
        for (inside, &step) in inside.iter_mut().zip(steps) {
            let [_, lower, upper] = path[step - 1];
            let of = |range: &[f64]| range.iter().sum::<f64>();
            let outcome = match setup.sum {
                Sum::Value => values[i + step],
                Sum::Increments => of(&values[i + 1..=i + step]),
            };
            // A count at the limit is within it, whatever the last digit.
            let slack = 1e-6 * outcome.abs().max(1.0);
            *inside += f64::from(u8::from(
                lower - slack <= outcome && outcome <= upper + slack,
            ));
        }
    }
    inside.iter().map(|inside| inside / count).collect()
}

/// Means over the seeds.
fn mean(all: &[Vec<f64>]) -> Vec<f64> {
    let of = |index: usize| all.iter().map(|one| one[index]).sum::<f64>() / all.len() as f64;
    (0..all[0].len()).map(of).collect()
}

#[test]
fn intervals_of_95_percent_hold_95_percent() {
    println!("coverage of 95 % 1, 5, 40 steps ahead");
    for (name, law) in LAWS {
        let of_seed = |seed: u64| {
            let (mut noise, mut x) = (Noise::new(seed, 0), 0.0);
            let values: Vec<f64> = (0..2_000).map(|i| law(i, &mut x, &mut noise)).collect();
            let mut setup = auto(HOUR);
            setup.phase = seed as u32;
            covered(&setup, &[1, 5, 40], &values, 400)
        };
        let shares = mean(&(0..30).map(of_seed).collect::<Vec<_>>());
        println!(
            "{name:<22} {:.3} {:.3} {:.3}",
            shares[0], shares[1], shares[2]
        );
        for share in shares {
            assert!((0.9..=0.985).contains(&share), "{name}: {share}");
        }
    }
}

#[test]
fn intervals_of_the_sum_of_a_counter_hold_what_they_say() {
    println!("coverage of 95 % for sums of increments");
    let flat = |_: f64| 20.0;
    let day = |share: f64| 20.0 + 15.0 * (TAU * share).sin();
    type Rate = fn(f64) -> f64;
    let cases: [(&str, i64, Rate, usize, &[usize]); 4] = [
        ("hourly, flat", HOUR, flat, 2_000, &[1, 5, 40]),
        ("hourly, a day", HOUR, day, 2_000, &[1, 5, 40]),
        ("5 min, flat", 5 * MINUTE, flat, 4_000, &[1, 5, 40]),
        ("5 min, a day", 5 * MINUTE, day, 8_000, &[1, 5, 40, 288]),
    ];
    for (name, step_ns, rate, points, steps) in cases {
        let per_day = (DAY / step_ns) as f64;
        let of_seed = |seed: u64| {
            let mut noise = Noise::new(seed, 1);
            let value = |i: usize| noise.poisson(rate(i as f64 / per_day));
            let values: Vec<f64> = (0..points).map(value).collect();
            let setup = Setup {
                sum: Sum::Increments,
                phase: seed as u32,
                horizon: *steps.last().unwrap() as u32,
                ..auto(step_ns)
            };
            covered(&setup, steps, &values, points / 2)
        };
        let shares = mean(&(0..16).map(of_seed).collect::<Vec<_>>());
        println!("{name:<22} {shares:.3?}");
        for share in shares {
            assert!((0.9..=0.985).contains(&share), "{name}: {share}");
        }
    }
}

/// A counter's forecast a day ahead is near what comes, beyond the steps that are judged too.
#[test]
fn the_sum_a_day_ahead_is_that_of_the_day() {
    let setup = Setup {
        sum: Sum::Increments,
        horizon: 288,
        ..auto(5 * MINUTE)
    };
    let mut run = Run::new(&setup);
    let mut noise = Noise::new(3, 1);
    let rate = |i: usize| 20.0 + 15.0 * (TAU * i as f64 / 288.0).sin();
    let points = 20 * 288 + 100;
    (0..points).for_each(|i| run.learn(noise.poisson(rate(i))));
    let path = run.ahead(288);
    let mut sum = 0.0;
    for (h, [yhat, lower, upper]) in path.iter().enumerate() {
        sum += rate(points + h);
        let off = yhat - sum;
        assert!(
            off.abs() < 15.0 * ((h + 1) as f64).sqrt(),
            "{h}: {yhat} {sum}"
        );
        assert!(lower < yhat && yhat < upper);
    }
    println!("sum over a day {:.0}, forecast {:.0?}", sum, path[287]);
    let [yhat, lower, upper] = path[287];
    let sides = (yhat - lower) / (upper - yhat);
    assert!((0.7..1.4).contains(&sides), "{lower} {yhat} {upper}");
}

/// Sums of absolute errors: ours, last value, a day ago, mean of a week.
#[derive(Default)]
struct Errors([f64; 4]);

impl Errors {
    fn add(&mut self, y: f64, forecasts: [f64; 4]) {
        for (sum, forecast) in self.0.iter_mut().zip(forecasts) {
            *sum += (y - forecast).abs();
        }
    }

    /// Ours over the best naive one.
    fn ratio(&self) -> f64 {
        let [ours, naive @ ..] = self.0;
        let best = naive.into_iter().fold(f64::INFINITY, f64::min);
        if best > 0.0 { ours / best } else { 1.0 + ours }
    }
}

/// For all laws of the study, on seeds that nothing was tuned on.
#[test]
fn no_law_is_forecast_worse_than_by_the_best_naive_forecast() {
    const SEED: u64 = 77_003;
    println!("error over that of the best naive forecast: 1 step, 40 steps");
    let mut worse = Vec::new();
    for law in generators::all() {
        let (mut near, mut far) = (Errors::default(), Errors::default());
        for replication in 0..8 {
            let values = law.series(1_500, SEED, replication);
            let mut setup = auto(HOUR);
            setup.phase = replication as u32;
            let mut run = Run::new(&setup);
            for (t, &y) in values.iter().enumerate() {
                run.learn(y);
                if t < 200 || t + 40 >= values.len() {
                    continue;
                }
                let mean = values[t + 1 - 168..=t].iter().sum::<f64>() / 168.0;
                let naive = |k: usize, ours: f64| [ours, y, values[t + 1 + k % 24 - 24], mean];
                let next = run.next();
                near.add(values[t + 1], naive(0, next));
                if t.is_multiple_of(31) {
                    for (k, [yhat, ..]) in run.ahead(40).iter().enumerate() {
                        far.add(values[t + 1 + k], naive(k, *yhat));
                    }
                }
            }
        }
        let (near, far) = (near.ratio(), far.ratio());
        println!("{:<26} {near:.3} {far:.3}", law.name);
        if near > 1.05 || far > 1.05 {
            worse.push((law.name, near, far));
        }
    }
    assert!(worse.is_empty(), "{worse:?}");
}

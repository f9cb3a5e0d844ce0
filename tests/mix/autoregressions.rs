//! Paths of the autoregressions and their widths against iteration step by step and against simulation.
//!
//! Promises that a path computed in blocks is the recursion in f64, that the response to a shock is what a
//! shock does to the path, and that the closed-form width is the deviation of 100,000 simulated paths, of
//! values and of sums of increments.

use brewcast::model::ets::interval::Sum;
use brewcast::model::forecaster::{Kind, Setup};
use brewcast::model::mix::autoregression::{Autoregression, Prior};
use brewcast::model::mix::drift::Drift;
use brewcast::model::mix::ground::Ground;
use brewcast::model::mix::lags::Lags;
use brewcast::model::mix::least_squares::{Row, WIDTH};
use brewcast::model::mix::logs::Logs;
use brewcast::model::mix::ring::Ring;
use proptest::prelude::*;

use crate::noise::Noise;
use crate::runs::{Run, cases, plain};

const CAPACITY: usize = 340;
/// Bounds that nothing reaches.
const WIDE: (f32, f32) = (-1e6, 1e6);

/// A ring in units of 1 around `level`, with a season and an autoregression in it.
fn ring(level: f64, seasons: [u16; 2], points: usize, seed: u64) -> Ring {
    let mut ring = Ring::start(&[level - 1.0, level + 1.0], CAPACITY).unwrap();
    let mut noise = Noise::new(seed, 0);
    let mut x = 0.0;
    for i in 0..points {
        x = 0.7 * x + 0.5 * noise.normal();
        let seasonal = seasons.map(|m| {
            let place = i as f64 / f64::from(m.max(1));
            if m > 0 {
                (std::f64::consts::TAU * place).sin()
            } else {
                0.0
            }
        });
        ring.push((x + seasonal[0] + 0.5 * seasonal[1]) as f32);
    }
    ring
}

/// What its paths set out from.
fn ground(ring: &Ring, bounds: (f32, f32)) -> Ground<'_> {
    Ground {
        ring,
        outlook: None,
        last: ring.lag(1),
        bounds,
    }
}

/// An autoregression that has learnt the ring, and its lags.
fn learnt(ring: &Ring, seasons: [u16; 2], on_logs: bool) -> (Autoregression, Lags) {
    let (lags, prior) = if seasons[0] > 0 {
        (Lags::of_seasons(seasons, CAPACITY), Prior::seasons(seasons))
    } else {
        (Lags::PLAIN, Prior::LAST_VALUE)
    };
    let values = ring.to_vec();
    let logs = on_logs.then(|| Logs::start(ring.zero() as f32, &values).unwrap());
    let mut regression = Autoregression::new(&lags, &prior, logs, false);
    let mut so_far = ring.empty_twin();
    for &z in &values {
        if so_far.len() >= lags.longest() {
            let row = regression.row(&lags, &lags.fetch(&so_far), None);
            let expected = regression.expected(&row);
            regression.learn(&row, expected, z);
        }
        so_far.push(z);
    }
    assert!(regression.is_ready());
    (regression, lags)
}

/// Its coefficients, the constant last, from what it makes of unit regressors.
fn coefficients(regression: &Autoregression, count: usize) -> Vec<f64> {
    let unit = |index: usize| {
        let mut row: Row = [0.0; WIDTH];
        row[index] = 1.0;
        f64::from(regression.expected(&row))
    };
    (0..=count).map(unit).collect()
}

/// The path, one step after the other, each within the bounds widened by half.
fn iterated(
    (regression, lags): &(Autoregression, Lags),
    ring: &Ring,
    (low, high): (f32, f32),
    steps: usize,
) -> Vec<f64> {
    let theta = coefficients(regression, lags.as_slice().len());
    let to = |z: f32| f64::from(regression.logs().map_or(z, |logs| logs.of(z)));
    let constant = if regression.logs().is_some() {
        0.0
    } else {
        0.3 * theta[theta.len() - 1]
    };
    let (low, high) = (to(low), to(high));
    let margin = 0.5 * (high - low);
    let mut x: Vec<f64> = ring.to_vec().into_iter().map(to).collect();
    for _ in 0..steps {
        let terms = lags.as_slice().iter().zip(&theta);
        let next: f64 = terms
            .map(|(&lag, theta)| theta * x[x.len() - usize::from(lag)])
            .sum();
        x.push((next + constant).max(low - margin).min(high + margin));
    }
    let path = &x[ring.len()..];
    let back = |&x: &f64| {
        regression
            .logs()
            .map_or(x, |logs| f64::from(logs.back(x as f32)))
    };
    path.iter().map(back).collect()
}

const SEASONS: [[u16; 2]; 6] = [[0, 0], [4, 0], [24, 0], [24, 168], [7, 52], [3, 100]];

/// For all seasons, on values and on logarithms, clamped or not, then the path is the recursion.
#[test]
fn a_path_is_the_recursion_step_by_step() {
    for seasons in SEASONS {
        for on_logs in [false, true] {
            let ring = ring(20.0, seasons, CAPACITY + 57, 1);
            let regression = learnt(&ring, seasons, on_logs);
            let tight = (-0.1, 0.1);
            for bounds in [(-15.0, 400.0), tight] {
                let exact = iterated(&regression, &ring, bounds, 200);
                let mut path = Vec::new();
                let ground = ground(&ring, bounds);
                regression.0.path(&regression.1, &ground, 200, &mut path);
                assert_eq!(path.len(), 200);
                path.iter_mut().for_each(|z| *z = regression.0.in_units(*z));
                for (step, (own, exact)) in path.iter().zip(&exact).enumerate() {
                    let off = (f64::from(*own) - exact).abs();
                    assert!(off < 2e-3, "{seasons:?} {on_logs} {step}: {own} {exact}");
                    assert!(bounds != tight || own.abs() < 0.21, "{own}");
                }
            }
        }
    }
}

/// For all seasons, then the response is what a shock of 1 to the last value does to the path.
#[test]
fn the_response_is_what_a_shock_does_to_the_path() {
    for seasons in SEASONS {
        let (points, steps) = (CAPACITY + 11, 90);
        let calm = ring(0.0, seasons, points, 2);
        let (regression, lags) = learnt(&calm, seasons, false);
        let path = |shock: f32| {
            let mut shocked = calm.empty_twin();
            let values = calm.to_vec();
            let (last, before) = values.split_last().unwrap();
            before.iter().for_each(|&z| shocked.push(z));
            shocked.push(last + shock);
            let mut path = Vec::new();
            regression.path(&lags, &ground(&shocked, WIDE), steps, &mut path);
            path
        };
        let (with, without) = (path(1.0), path(0.0));
        let mut response = Vec::new();
        regression.response(&lags, steps + 1, &mut response);
        assert_eq!(response[0], 1.0);
        for (step, psi) in response[1..].iter().enumerate() {
            let off = (with[step] - without[step] - psi).abs();
            assert!(off < 2e-3, "{seasons:?} {step}: {off}");
        }
    }
}

/// For all seasons, then the square sum of the responses is the variance of simulated paths, and that of
/// their running sums the variance of simulated sums, within five standard errors.
#[test]
fn closed_form_widths_are_those_of_simulated_paths() {
    const PATHS: usize = 100_000;
    const AT: [usize; 4] = [1, 5, 15, 40];
    for seasons in [[0, 0], [7, 0], [12, 36]] {
        let ring = ring(0.0, seasons, CAPACITY, 3);
        let (regression, lags) = learnt(&ring, seasons, false);
        let theta = coefficients(&regression, lags.as_slice().len());
        let mut response = Vec::new();
        regression.response(&lags, AT[3], &mut response);
        let square_sum = |psi: &[f64]| psi.iter().map(|psi| psi * psi).sum::<f64>();
        let values: Vec<f64> = response.iter().map(|&psi| psi.into()).collect();
        let sums: Vec<f64> = values
            .iter()
            .scan(0.0, |sum, psi| {
                *sum += psi;
                Some(*sum)
            })
            .collect();
        let mut noise = Noise::new(4, 0);
        let mut powers = [[[0.0; 2]; 4]; 2];
        let (longest, mut x) = (lags.longest(), Vec::new());
        for _ in 0..PATHS {
            x.clear();
            x.resize(longest, 0.0);
            let (mut sum, mut at) = (0.0, 0);
            for h in 1..=AT[3] {
                let terms = lags.as_slice().iter().zip(&theta);
                let next: f64 = terms
                    .map(|(&lag, theta)| theta * x[x.len() - usize::from(lag)])
                    .sum();
                let next = next + noise.normal();
                x.push(next);
                sum += next;
                if h == AT[at] {
                    for (powers, error) in powers.iter_mut().zip([next, sum]) {
                        powers[at][0] += error * error / PATHS as f64;
                        powers[at][1] += error.powi(4) / PATHS as f64;
                    }
                    at += 1;
                }
            }
        }
        for (name, psi, powers) in [("values", &values, powers[0]), ("sums", &sums, powers[1])] {
            for (h, [variance, fourth]) in AT.into_iter().zip(powers) {
                let standard_error = ((fourth - variance * variance) / PATHS as f64).sqrt();
                let closed = square_sum(&psi[..h]);
                let off = (variance - closed) / standard_error;
                println!(
                    "{seasons:?} {name} {h}: {:.3} {:.3}",
                    variance.sqrt(),
                    closed.sqrt()
                );
                assert!(
                    off.abs() < 5.0,
                    "{seasons:?} {name} {h}: {variance} {closed}"
                );
            }
        }
    }
}

/// A forecaster's width is that of its law: of a random walk for the last value, of the autoregression that
/// made the values, and of their sums.
#[test]
fn the_width_of_a_forecaster_is_that_of_the_law() {
    let feed = |setup: &Setup, phi: f64| {
        let mut run = Run::new(setup);
        let mut noise = Noise::new(5, 0);
        let mut x = 0.0;
        for _ in 0..3_000 {
            x = phi * x + noise.normal();
            run.learn(x);
        }
        run
    };
    for (sum, sums) in [(Sum::Value, false), (Sum::Increments, true)] {
        let width = |phi: f64, h: u32| {
            let psi = (0..h as i32).map(|j| match (sums, phi < 1.0) {
                (false, _) => phi.powi(j),
                (true, false) => f64::from(j + 1),
                (true, true) => (1.0 - phi.powi(j + 1)) / (1.0 - phi),
            });
            psi.map(|psi| psi * psi).sum::<f64>().sqrt()
        };
        let mut naive = Setup { sum, ..plain() };
        naive.spec.kind = Kind::Naive;
        for h in [1, 2, 9, 40] {
            let own = feed(&naive, 0.5).forecaster().width(h);
            assert!((own / width(1.0, h) - 1.0).abs() < 1e-4, "{h}: {own}");
        }
        for phi in [0.0, 0.5, 0.9] {
            let run = feed(&Setup { sum, ..plain() }, phi);
            for h in [1, 2, 9, 40] {
                let ratio = run.forecaster().width(h) / width(phi, h);
                println!("AR {phi}, sums {sums}, {h} ahead: width / law {ratio:.3}");
                assert!((0.75..1.33).contains(&ratio), "{phi} {h}: {ratio}");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// For all values, then the trend candidate's path is the recursion on its differences, and its first
    /// step is what it says of the next value.
    #[test]
    fn the_path_of_the_drift_is_its_recursion(seed in any::<u32>(), pull in -0.5_f64..0.9, tight in any::<bool>()) {
        let mut noise = Noise::new(seed.into(), 0);
        let mut ring = Ring::start(&[-1.0, 1.0], 120).unwrap();
        let mut drift = Drift::new(0.3);
        let (mut x, mut step) = (0.0, 0.0);
        for _ in 0..300 {
            step = pull * step + 0.1 * noise.normal();
            x = 0.98 * x + step;
            if let Some(expected) = drift.ask(&ring) {
                drift.learn(&expected, ring.lag(1), x as f32);
            }
            ring.push(x as f32);
        }
        // Its coefficients from the next values of rings that differ in one difference.
        let asked = |values: [f32; 5]| {
            let mut ring = ring.empty_twin();
            values.iter().for_each(|&z| ring.push(z));
            f64::from(drift.ask(&ring).unwrap().value - values[4])
        };
        let theta = [
            asked([0.0, 0.0, 0.0, 0.0, 1.0]),
            asked([0.0, 0.0, 0.0, 1.0, 1.0]),
            asked([0.0, 0.0, 1.0, 1.0, 1.0]),
            asked([0.0, 1.0, 1.0, 1.0, 1.0]),
        ];
        let bounds = if tight { (-0.2, 0.2) } else { WIDE };
        let margin = f64::from(bounds.1 - bounds.0) / 2.0;
        let (low, high) = (f64::from(bounds.0) - margin, f64::from(bounds.1) + margin);
        let mut history: Vec<f64> = ring.to_vec().into_iter().map(f64::from).collect();
        let mut path = Vec::new();
        drift.path(&ring, bounds, 60, &mut path);
        for (step, &own) in path.iter().enumerate() {
            let n = history.len();
            let change: f64 = theta.iter().enumerate().map(|(i, theta)| theta * (history[n - 1 - i] - history[n - 2 - i])).sum();
            let next = (history[n - 1] + change).max(low).min(high);
            history.push(next);
            prop_assert!((f64::from(own) - next).abs() < 2e-3, "{step}: {own} {next}");
        }
        if !tight {
            let next = drift.ask(&ring).unwrap().value;
            prop_assert!((next - path[0]).abs() < 1e-4);
        }
    }
}

//! Start values against exact least absolute deviations.
//!
//! A line of least absolute deviations passes through two of the points, so the best of the lines
//! through all pairs is optimal (Bloomfield & Steiger 1983, theorem 1.1). Promises that our
//! criterion is within one percent of that optimum; our method is iterative and stops after a fixed
//! number of rounds.

use brewcast::model::ets::{Params, State};
use brewcast::model::initial;

use crate::simulated::{Noise, quantile, quantised};

const CASES: u64 = 600;

fn criterion(window: &[f64], params: &Params, state: State) -> f64 {
    let off = |(t, y): (u32, &f64)| (y - state.ahead(params, t)).abs();
    (1..).zip(window).map(off).sum()
}

/// The least sum of absolute deviations: the best line through two points.
fn optimum(window: &[f64], params: &Params) -> f64 {
    let weights: Vec<f64> = (1..)
        .take(window.len())
        .map(|t| params.trend_weight(t))
        .collect();
    let mut best = f64::INFINITY;
    for i in 0..window.len() {
        for j in i + 1..window.len() {
            let trend = (window[j] - window[i]) / (weights[j] - weights[i]);
            let level = window[i] - weights[i] * trend;
            if trend.is_finite() {
                let off = |(y, weight): (&f64, &f64)| (y - level - weight * trend).abs();
                best = best.min(window.iter().zip(&weights).map(off).sum());
            }
        }
    }
    best
}

/// A damped line, noise of one of three kinds, and up to a fifth of the readings wrong.
fn window(noise: &mut Noise, phi: f64) -> Vec<f64> {
    let params = Params {
        phi,
        ..Params::NAIVE
    };
    let line = State {
        level: noise.between(-50.0, 50.0),
        trend: noise.between(-1.0, 1.0),
    };
    let length = noise.between(9.0, 1.0 + initial::HEAD as f64) as u32;
    let kind = noise.between(0.0, 3.0) as u32;
    let wrong = noise.between(0.0, 0.2);
    let size = 10_f64.powf(noise.between(0.0, 3.0));
    (1..=length)
        .map(|t| {
            let y = line.ahead(&params, t)
                + match kind {
                    0 => noise.normal(),
                    1 => noise.laplace(),
                    _ => 0.1 * noise.normal(),
                };
            let y = if noise.happens(wrong) { y + size } else { y };
            if kind == 2 { quantised(y, 0.1) } else { y }
        })
        .collect()
}

/// For all of these windows, our start values are as good as the best ones to one percent.
#[test]
fn start_values_are_nearly_optimal() {
    let mut excess = Vec::new();
    for case in 0..CASES {
        let mut noise = Noise::new(case);
        let phi = [0.8, 0.9, 0.98, 1.0][case as usize % 4];
        let params = Params {
            phi,
            ..Params::NAIVE
        };
        let window = window(&mut noise, phi);
        let ours = criterion(&window, &params, initial::start(&window, phi));
        let best = optimum(&window, &params);
        assert!(
            ours >= best * (1.0 - 1e-12),
            "the optimum is none: {ours} {best}"
        );
        excess.push((ours - best) / best.max(1e-9));
    }
    let [half, most, nearly_all, all] = [0.5, 0.9, 0.99, 1.0].map(|share| quantile(&excess, share));
    println!(
        "start values above the optimum: median {half:.2e}, 90 % {most:.2e}, 99 % {nearly_all:.2e}, max {all:.2e}"
    );
    assert!(all <= 0.01, "{all}");
}

//! The closed form of the variance h steps ahead against simulated paths.
//!
//! Promises that for normal innovations the variance of the h-step forecast's error, over 100,000
//! paths of the recursion itself, is that of `interval::widths` within five standard errors of the
//! simulation, for a model of the values and for one of their increments.

use brewcast::model::ets::{Params, Season, Seasonal, State};
use brewcast::model::interval::{self, Sum};

use crate::simulated::Noise;

const PATHS: usize = 100_000;
const HORIZONS: [usize; 5] = [1, 2, 5, 15, 40];
const LONGEST: usize = HORIZONS[HORIZONS.len() - 1];
/// alpha, beta, phi, gammas and lengths of the seasons.
type Model = (f64, f64, f64, [f64; 2], [usize; 2]);
const MODELS: [Model; 9] = [
    (1.0, 0.0, 1.0, [0.0; 2], [0; 2]),
    (0.3, 0.0, 1.0, [0.0; 2], [0; 2]),
    (0.5, 0.1, 1.0, [0.0; 2], [0; 2]),
    (0.6, 0.25, 0.9, [0.0; 2], [0; 2]),
    (0.2, 0.02, 0.98, [0.0; 2], [0; 2]),
    (0.1, 0.0, 1.0, [0.4, 0.0], [5, 0]),
    (0.4, 0.05, 0.9, [0.5, 0.0], [7, 0]),
    (0.1, 0.01, 1.0, [0.2, 0.5], [3, 12]),
    (0.05, 0.01, 0.95, [0.3, 0.3], [4, 14]),
];
/// Standard errors allowed: exceeded by chance about once in 20,000 runs with these 90 comparisons.
const STANDARD_ERRORS: f64 = 5.0;

/// Sums of second and fourth powers of forecast errors: [value, increments] at each horizon.
type Powers = [[[f64; 2]; HORIZONS.len()]; 2];

/// For all models and horizons, the closed form is the variance of the simulated forecast errors.
#[test]
fn widths_are_those_of_simulated_paths() {
    let mut noise = Noise::new(5);
    let models = MODELS.map(|(alpha, beta, phi, gamma, lengths)| {
        let line = State {
            level: 20.0,
            trend: 0.5,
        };
        let season = |length: usize| Season::new((0..length).map(|_| noise.normal()).collect());
        let start = Seasonal {
            line,
            seasons: lengths.map(season),
        };
        let params = Params {
            alpha,
            beta,
            phi,
            gamma,
        };
        (params, start)
    });
    let points: Vec<Vec<f64>> = models
        .iter()
        .map(|(params, start)| {
            (1..)
                .take(LONGEST)
                .map(|h| start.ahead(params, h))
                .collect()
        })
        .collect();
    let mut powers: Vec<Powers> = vec![[[[0.0; 2]; HORIZONS.len()]; 2]; models.len()];
    for _ in 0..PATHS {
        let innovations: [f64; LONGEST] = std::array::from_fn(|_| noise.normal());
        for (((params, start), points), powers) in models.iter().zip(&points).zip(&mut powers) {
            add_path(params, start, points, &innovations, powers);
        }
    }
    for ((params, start), powers) in models.iter().zip(&powers) {
        let lengths = start.lengths();
        for (sum, powers) in [Sum::Value, Sum::Increments].into_iter().zip(powers) {
            for (h, [second, fourth]) in HORIZONS.into_iter().zip(powers) {
                let variance = second / PATHS as f64;
                let spread = (fourth / PATHS as f64 - variance * variance).sqrt();
                let standard_error = spread / (PATHS as f64).sqrt();
                let closed = interval::width(*params, lengths, sum, h as u32).powi(2);
                let off = (variance - closed) / standard_error;
                assert!(
                    off.abs() < STANDARD_ERRORS,
                    "{params:?} {lengths:?} {sum:?} {h} ahead: {variance} simulated, {closed} in closed form"
                );
            }
        }
    }
}

fn add_path(
    params: &Params,
    start: &Seasonal,
    points: &[f64],
    innovations: &[f64],
    powers: &mut Powers,
) {
    let mut state = start.clone();
    let (mut total, mut slot) = (0.0, 0);
    for (h, (innovation, point)) in (1..).zip(innovations.iter().zip(points)) {
        let value = state.one_step(params) + innovation;
        state.update(params, *innovation);
        let error = value - point;
        total += error;
        if h == HORIZONS[slot] {
            for (sum, error) in powers.iter_mut().zip([error, total]) {
                let square = error * error;
                sum[slot][0] += square;
                sum[slot][1] += square * square;
            }
            slot += 1;
        }
    }
}

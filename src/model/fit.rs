//! Smoothing parameters: the ones that would have forecast a window best.
//!
//! Criterion: mean absolute one-step error over the window, because the windows hold what real
//! sensors send and a squared error would fit the worst reading. Search: Nelder & Mead (1965) on
//! `(alpha, beta/alpha, phi)`, points clamped into the box, a fixed number of evaluations and no
//! allocation, so that a fit costs some tens of microseconds whatever the data are.

use super::ets::{Params, State};

/// Evaluations of the criterion in one fit, for each free parameter. A fine grid search finds at
/// most 1 % more.
const EVALUATIONS: usize = 20;

/// The box that the search stays in: (low, high) of alpha, beta/alpha and phi.
///
/// alpha below .02 would be a mean of 50 and more points, longer than most windows can tell. phi is
/// capped at .98, the usual bound (Hyndman et al. 2008, section 2.7): more is a straight line, which
/// on 40 steps does more harm than good.
const BOX: [(f64, f64); 3] = [(0.02, 0.999), (0.001, 0.5), (0.8, 0.98)];

/// Which parameters are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Level only: alpha.
    Level,
    /// Level and damped trend: alpha, beta and phi.
    Damped,
    /// Level and straight trend: alpha and beta; phi is 1.
    Linear,
}

impl Shape {
    fn free(self) -> usize {
        match self {
            Self::Level => 1,
            Self::Linear => 2,
            Self::Damped => 3,
        }
    }

    fn params(self, x: [f64; 3]) -> Params {
        match self {
            Self::Level => Params {
                alpha: x[0],
                beta: 0.0,
                phi: 1.0,
            },
            Self::Linear => Params {
                alpha: x[0],
                beta: x[0] * x[1],
                phi: 1.0,
            },
            Self::Damped => Params {
                alpha: x[0],
                beta: x[0] * x[1],
                phi: x[2],
            },
        }
    }

    /// Where a search starts when nothing is known.
    #[must_use]
    pub fn usual(self) -> Params {
        self.params([0.5, 0.1, 0.9])
    }
}

/// Mean absolute one-step error of `params` over `window`, starting from `start`.
#[must_use]
pub fn loss(window: &[f64], start: State, params: &Params) -> f64 {
    let mut state = start;
    let mut sum = 0.0;
    for &y in window {
        let innovation = y - state.one_step(params);
        sum += innovation.abs();
        state.update(params, innovation);
    }
    sum / window.len().max(1) as f64
}

/// The best parameters of this shape for `window`, searched from `from`.
///
/// Never worse than `from`; `from` itself when the window is empty or the criterion is not finite.
#[must_use]
pub fn fit(window: &[f64], start: State, shape: Shape, from: Params) -> Params {
    let objective = |x: [f64; 3]| {
        let loss = loss(window, start, &shape.params(x));
        if loss.is_finite() { loss } else { f64::MAX }
    };
    let first = clamp([from.alpha, from.beta / from.alpha, from.phi]);
    let best = nelder_mead(first, shape.free(), objective);
    let (found, before) = (shape.params(best), loss(window, start, &from));
    if window.is_empty() || loss(window, start, &found) >= before {
        from
    } else {
        found
    }
}

fn clamp(mut x: [f64; 3]) -> [f64; 3] {
    for (value, (low, high)) in x.iter_mut().zip(BOX) {
        *value = if value.is_nan() {
            low
        } else {
            value.clamp(low, high)
        };
    }
    x
}

/// `from + weight * (to - from)`, inside the box.
fn between(from: [f64; 3], to: [f64; 3], weight: f64) -> [f64; 3] {
    clamp(std::array::from_fn(|i| {
        from[i] + weight * (to[i] - from[i])
    }))
}

/// Minimises `objective` over the first `free` coordinates, with the standard coefficients
/// (reflection 1, expansion 2, contraction and shrinkage 1/2).
fn nelder_mead(first: [f64; 3], free: usize, objective: impl Fn([f64; 3]) -> f64) -> [f64; 3] {
    let mut simplex = [(first, objective(first)); 4];
    let mut evaluations = 1 + free;
    for (i, vertex) in simplex[1..=free].iter_mut().enumerate() {
        let (low, high) = BOX[i];
        let step = 0.25 * (high - low);
        vertex.0[i] += if vertex.0[i] + step <= high {
            step
        } else {
            -step
        };
        vertex.1 = objective(vertex.0);
    }
    let simplex = &mut simplex[..=free];
    while evaluations < EVALUATIONS * free {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst, second) = (simplex[0], simplex[free], simplex[free - 1]);
        let mut centre = [0.0; 3];
        for (vertex, _) in &simplex[..free] {
            for (sum, value) in centre.iter_mut().zip(vertex) {
                *sum += value / free as f64;
            }
        }
        let mut attempt = |weight: f64| {
            evaluations += 1;
            let x = between(worst.0, centre, weight);
            (x, objective(x))
        };
        let mut candidate = attempt(2.0); // reflection
        if candidate.1 < best.1 {
            let expanded = attempt(3.0);
            if expanded.1 < candidate.1 {
                candidate = expanded;
            }
        } else if candidate.1 >= second.1 {
            candidate = if candidate.1 < worst.1 {
                attempt(1.5)
            } else {
                attempt(0.5)
            };
        }
        if candidate.1 < worst.1 {
            simplex[free] = candidate;
            continue;
        }
        for vertex in &mut simplex[1..] {
            evaluations += 1;
            vertex.0 = between(best.0, vertex.0, 0.5);
            vertex.1 = objective(vertex.0);
        }
    }
    simplex
        .iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(first, |vertex| vertex.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::initial;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn simulate(params: Params, n: usize, seed: u64) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut state = State {
            level: 20.0,
            trend: 0.1,
        };
        let point = |_| {
            let noise: f64 = (0..12).map(|_| rng.random_range(-0.5..0.5)).sum();
            let y = state.one_step(&params) + noise;
            state.update(&params, noise);
            y
        };
        (0..n).map(point).collect()
    }

    #[test]
    fn a_fit_is_as_good_as_a_fine_grid_search() {
        for (seed, (alpha, beta, phi)) in (0..).zip([
            (0.9, 0.3, 0.95),
            (0.3, 0.05, 0.9),
            (0.05, 0.001, 0.8),
            (0.6, 0.2, 0.85),
        ]) {
            let window = simulate(Params { alpha, beta, phi }, 120, seed);
            let start = initial::start(&window, 0.9);
            let found = fit(&window, start, Shape::Damped, Shape::Damped.usual());
            let grid = (1..50).flat_map(|a| (0..25).map(move |b| (a, b)));
            let best = grid
                .flat_map(|(a, b)| (0..10).map(move |p| (a, b, p)))
                .map(|(a, b, p)| {
                    let x = [
                        0.02 * f64::from(a),
                        0.02 * f64::from(b),
                        0.8 + 0.02 * f64::from(p),
                    ];
                    loss(&window, start, &Shape::Damped.params(x))
                })
                .fold(f64::MAX, f64::min);
            let ours = loss(&window, start, &found);
            assert!(
                ours <= 1.01 * best,
                "seed {seed}: {ours} against {best}, {found:?}"
            );
        }
    }

    #[test]
    fn parameters_stay_in_their_range_on_any_data() {
        let mut wild: Vec<f64> = (0..120)
            .map(|i| f64::from(i % 7) * 10_f64.powi(i % 40))
            .collect();
        wild[60] = 1e300;
        for window in [vec![], vec![3.0], vec![5.0; 120], wild] {
            for shape in [Shape::Level, Shape::Damped, Shape::Linear] {
                let start = initial::start(&window, 0.9);
                let Params { alpha, beta, phi } = fit(&window, start, shape, shape.usual());
                assert!(0.0 < alpha && alpha <= 1.0, "{alpha}");
                assert!((0.0..alpha).contains(&beta), "{beta}");
                assert!(0.0 < phi && phi <= 1.0, "{phi}");
            }
        }
    }
}

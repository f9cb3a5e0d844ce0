//! Smoothing parameters: the ones that would have forecast a window best.
//!
//! Criterion: mean absolute error over the window, because the windows hold what real sensors send
//! and a squared error would fit the worst reading. Without seasons it is the error of one step. With
//! them, errors of some steps up to two seasons ahead count as much as that of one step: a high alpha
//! that follows the last departure is best one step ahead and carries that departure through the
//! whole of the next day. (M4 hourly, season 24, no trend, overall weighted average at the last origin
//! and at four before it: .71 and .77 by one step, .53 and .58 by this.)
//!
//! Search: Nelder & Mead (1965) on `(alpha, beta / alpha, phi, gamma1 / (1 - alpha),
//! gamma2 / (1 - alpha - gamma1))` in a box, with a fixed number of evaluations over a bounded number
//! of points, so that a fit costs some tens of microseconds without a season and at most one or two
//! milliseconds with any, whatever the data are. Every point of the box is in the usual region,
//! `0 < beta < alpha` and `gamma1 + gamma2 < 1 - alpha` (Hyndman et al. 2008, section 2.7).

use super::seasonal::Seasonal;
use super::simplex::{DIMENSIONS, Region};
use super::state::Params;

/// Evaluations of the criterion in one fit, for each free parameter. A fine grid search finds at
/// most 1 % more.
const EVALUATIONS: usize = 20;

/// Points that an evaluation goes over, the last ones of the window: a bound on the time of a fit.
/// What lies before them is gone through once, with the parameters the search starts from.
pub const POINTS_MAX: usize = 2000;

/// The box that the search stays in: (low, high) of alpha, beta / alpha, phi and the two gammas as
/// shares of what is left.
///
/// alpha below .02 would be a mean of 50 and more points, longer than most windows without a season
/// can tell. phi is capped at .98, the usual bound (Hyndman et al. 2008, section 2.7): more is a
/// straight line, which on 40 steps does more harm than good.
const BOX: [(f64, f64); DIMENSIONS] = [
    (0.02, 0.999),
    (0.001, 0.5),
    (0.8, 0.98),
    (0.001, 0.999),
    (0.001, 0.5),
];

/// Least alpha beside a season, whose windows are hundreds of points long. M4 hourly is forecast
/// better the lower it may go, by 5 % with .005 than with .02, and no better with .001.
const SEASONAL_ALPHA_MIN: f64 = 0.005;

/// Longest season's worth of points that start values are taken from, and which is not judged.
pub(super) const START_PERIODS: usize = 2;

/// Which parameters are free beside those of the seasons.
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
    fn params(self, x: [f64; DIMENSIONS], lengths: [usize; 2]) -> Params {
        let [alpha, share, damping, first, second] = x;
        let (beta, phi) = match self {
            Self::Level => (0.0, 1.0),
            Self::Linear => (alpha * share, 1.0),
            Self::Damped => (alpha * share, damping),
        };
        let mut gamma = [first, second];
        let mut left = 1.0 - alpha;
        for (gamma, length) in gamma.iter_mut().zip(lengths) {
            *gamma *= if length > 0 { left } else { 0.0 };
            left -= *gamma;
        }
        Params {
            alpha,
            beta,
            phi,
            gamma,
        }
    }

    /// Where a search starts when nothing is known, and what is used until there is enough to fit:
    /// beside a season a slow level, which errs least on hours ahead (best on M4 hourly among .02 to
    /// .3), and a season that is a mean of some five of its own.
    #[must_use]
    pub fn usual(self, lengths: [usize; 2]) -> Params {
        let alpha = if lengths == [0, 0] { 0.5 } else { 0.1 };
        self.params([alpha, 0.1, 0.9, 0.2, 0.2], lengths)
    }

    fn free(self, lengths: [usize; 2]) -> ([usize; DIMENSIONS], usize) {
        let is_free = [
            true,
            self != Self::Level,
            self == Self::Damped,
            lengths[0] > 0,
            lengths[1] > 0,
        ];
        let mut free = [0; DIMENSIONS];
        let mut count = 0;
        for (coordinate, _) in is_free.into_iter().enumerate().filter(|(_, free)| *free) {
            free[count] = coordinate;
            count += 1;
        }
        (free, count)
    }
}

/// What of a window is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Criterion {
    /// The first step that counts.
    pub(super) from: usize,
    /// Steps ahead that are judged beside the next one, one of them at every step in turn; 0: only
    /// the next one.
    pub(super) horizons: [u32; 4],
}

impl Criterion {
    /// One step ahead, from the first step on.
    pub(super) const ONE_STEP: Self = Self {
        from: 0,
        horizons: [0; 4],
    };

    /// For a window of `points` steps and seasons of these lengths.
    ///
    /// The points behind the start values do not count, and as long as it is more, neither does the
    /// first quarter: there the season is still that of two periods, and the gammas that are best
    /// for it are not the best ones later. With little more than two periods the second one has to do:
    /// it tells how fast the level moves, which matters more (on a random walk with a season the error
    /// of one step is half of that with the usual parameters).
    pub(super) fn of(lengths: [usize; 2], points: usize) -> Self {
        let longest = lengths[0].max(lengths[1]);
        if longest == 0 {
            return Self::ONE_STEP;
        }
        let shortest = if lengths[0] > 0 && lengths[1] > 0 {
            lengths[0].min(lengths[1])
        } else {
            longest
        };
        let season = shortest.min(POINTS_MAX / 4);
        let ahead = |steps: usize| u32::try_from(steps).unwrap_or(0);
        let started = START_PERIODS * longest;
        Self {
            from: if points < started + longest / 2 {
                longest
            } else {
                started.max(points / 4)
            },
            horizons: [season / 4, season / 2, season, 2 * season].map(ahead),
        }
    }

    /// The criterion for what is left of a window without its first `points`.
    fn without(self, points: usize) -> Self {
        Self {
            from: self.from.saturating_sub(points),
            ..self
        }
    }
}

/// The criterion of [`fit`] for `params` over `window`, starting from `start`, in the unit of the
/// window. NaN in the window is a step without a value.
#[must_use]
pub fn loss(window: &[f64], start: impl Into<Seasonal>, params: &Params) -> f64 {
    let mut state = start.into();
    let criterion = Criterion::of(state.lengths(), window.len());
    run(window, &mut state, params, criterion, |y, f| (y - f).abs())
}

/// Leads `state` over `window` and gives the mean of `error(y, forecast)` over what is judged; 0 when
/// nothing is.
pub(super) fn run(
    window: &[f64],
    state: &mut Seasonal,
    params: &Params,
    criterion: Criterion,
    error: impl Fn(f64, f64) -> f64,
) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    let weight = criterion.horizons.len() as f64; // each horizon has its turn at every so many steps
    for (t, &y) in window.iter().enumerate() {
        let expected = state.one_step(params);
        let is_known = !y.is_nan();
        state.update(params, if is_known { y - expected } else { 0.0 });
        if t < criterion.from || !is_known {
            continue;
        }
        sum += error(y, expected);
        count += 1.0;
        let steps = criterion.horizons[t % criterion.horizons.len()];
        if steps > 0
            && let Some(&later) = window.get(t + steps as usize)
            && !later.is_nan()
        {
            sum += weight * error(later, state.ahead(params, steps));
            count += weight;
        }
    }
    sum / f64::max(count, 1.0)
}

/// The best parameters of this shape for `window`, searched from `from`. NaN in the window is a step
/// without a value.
///
/// Never worse than `from`; `from` itself when nothing is judged or the criterion is not finite.
#[must_use]
pub fn fit(window: &[f64], start: impl Into<Seasonal>, shape: Shape, from: Params) -> Params {
    let mut start = start.into();
    let lengths = start.lengths();
    let before = window.len().saturating_sub(POINTS_MAX);
    let criterion = Criterion::of(lengths, window.len()).without(before);
    let error = |y: f64, f: f64| (y - f).abs();
    run(&window[..before], &mut start, &from, criterion, error);
    let window = &window[before..];
    let mut scratch = start.clone();
    let mut loss = |params: &Params| {
        scratch.copy_from(&start);
        let loss = run(window, &mut scratch, params, criterion, error);
        if loss.is_finite() { loss } else { f64::MAX }
    };
    let (free, count) = shape.free(lengths);
    let mut region = Region {
        bounds: BOX,
        free: &free[..count],
        evaluations: EVALUATIONS * count,
    };
    if lengths != [0, 0] {
        region.bounds[0].0 = SEASONAL_ALPHA_MIN;
    }
    let left = 1.0 - from.alpha;
    let first = region.clamp([
        from.alpha,
        from.beta / from.alpha,
        from.phi,
        from.gamma[0] / left,
        from.gamma[1] / (left - from.gamma[0]),
    ]);
    let best = region.minimise(first, |x| loss(&shape.params(x, lengths)));
    let found = shape.params(best, lengths);
    if loss(&found) < loss(&from) {
        found
    } else {
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ets::{State, initial};
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
            let window = simulate(
                Params {
                    alpha,
                    beta,
                    phi,
                    gamma: [0.0; 2],
                },
                120,
                seed,
            );
            let start = initial::start(&window, 0.9);
            let found = fit(&window, start, Shape::Damped, Shape::Damped.usual([0; 2]));
            let grid = (1..50).flat_map(|a| (0..25).map(move |b| (a, b)));
            let best = grid
                .flat_map(|(a, b)| (0..10).map(move |p| (a, b, p)))
                .map(|(a, b, p)| {
                    let x = [
                        0.02 * f64::from(a),
                        0.02 * f64::from(b),
                        0.8 + 0.02 * f64::from(p),
                        0.0,
                        0.0,
                    ];
                    loss(&window, start, &Shape::Damped.params(x, [0; 2]))
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
                let Params {
                    alpha, beta, phi, ..
                } = fit(&window, start, shape, shape.usual([0; 2]));
                assert!(0.0 < alpha && alpha <= 1.0, "{alpha}");
                assert!((0.0..alpha).contains(&beta), "{beta}");
                assert!(0.0 < phi && phi <= 1.0, "{phi}");
            }
        }
    }
}

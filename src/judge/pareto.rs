//! The tail of a distribution beyond a threshold, from counts in bins.
//!
//! Excesses over a high threshold follow a generalised Pareto distribution (Pickands 1975),
//!
//! ```text
//! P(excess > x) = (1 + shape x / size)^(-1 / shape)
//! ```
//!
//! fitted by maximum likelihood of the counts, truncated: what lies beyond the cut is known to be there
//! and its size is not used, so that anomalies do not widen the tail they are judged by (Siffer et al.
//! 2017 fit the same tail without that, and have to drop what they flag). The shape has a normal prior of
//! mean .1 and deviation .1, half of which or twice costs .01 of the F1. Shape and size are those of a
//! grid, climbed from the last fit; the best by moments is worse, because it cannot be truncated.

use crate::approx::{exp, ln};

/// Shapes of the grid: the first and the distance; the last is .62, beyond which a mean hardly exists.
const SHAPES: (f64, f64, usize) = (-0.15, 0.07, 12);
/// Sizes of the grid in mean excesses: the first, and the factor to the next.
const SIZES: (f64, f64, usize) = (0.4, 1.12, 16);
/// Mean and deviation of the prior of the shape.
const PRIOR: (f64, f64) = (0.1, 0.1);
/// Least size of the excesses over an excess, in those of all: a tail that ends has none at its end.
const LEAST_SIZE: f64 = 0.1;
/// Least probability that a bin is given.
const TINY: f32 = 1e-12;

/// Most bins; as many as a tail has.
const BINS_MAX: usize = 72;

/// Ways to go on the grid; shape and size make up for each other.
const STEPS: [(i8, i8); 12] = [
    (-1, 0),
    (1, 0),
    (0, -1),
    (0, 1),
    (1, -1),
    (-1, 1),
    (1, 1),
    (-1, -1),
    (1, -2),
    (-1, 2),
    (2, -1),
    (-2, 1),
];

/// A fitted tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto {
    pub(crate) shape: f32,
    pub(crate) size: f32,
    pub(crate) at: (u8, u8), // on the grid
}

/// Counts of excesses.
#[derive(Clone, Copy, Debug)]
pub struct Excesses<'a> {
    /// Ends of the bins: bin `i` is from `ends[i]` to `ends[i + 1]`, the first begins at 0. The last end
    /// is infinite where nothing is cut off.
    pub ends: &'a [f64],
    /// Weight of what is in each bin; one fewer than ends.
    pub weights: &'a [f64],
}

impl Default for Pareto {
    /// An exponential of mean 1, nearly.
    fn default() -> Self {
        Self {
            shape: 0.13,
            size: 1.0,
            at: (4, 8),
        }
    }
}

impl Pareto {
    /// The best of the grid, as far as it can be climbed to from this one.
    #[must_use]
    pub fn refitted(&self, excesses: &Excesses) -> Self {
        let mean = excesses.mean();
        let counts = Counts::of(excesses);
        let mut known = [[f32::NAN; SIZES.2]; SHAPES.2];
        let mut likelihood = |(shape, size): (u8, u8)| {
            let known = &mut known[usize::from(shape)][usize::from(size)];
            if known.is_nan() {
                *known = counts.log_likelihood(shape_of(shape), mean * size_of_excess(size));
            }
            *known
        };
        let (mut at, mut best) = (self.at, likelihood(self.at));
        loop {
            let from = at;
            for (over, along) in STEPS {
                let to = (moved(from.0, over, SHAPES.2), moved(from.1, along, SIZES.2));
                let own = likelihood(to);
                if own > best {
                    (at, best) = (to, own);
                }
            }
            if at == from {
                break;
            }
        }
        Self {
            shape: shape_of(at.0) as f32,
            size: (mean * size_of_excess(at.1)) as f32,
            at,
        }
    }

    /// Whether it is on the grid.
    pub(crate) fn is_on_grid(&self) -> bool {
        usize::from(self.at.0) < SHAPES.2 && usize::from(self.at.1) < SIZES.2
    }

    /// `P(excess > x)`, natural logarithm; `x` at least 0.
    #[must_use]
    pub fn ln_survival(&self, x: f64) -> f64 {
        ln_survival(self.shape.into(), self.size.into(), x)
    }

    /// The same to a millionth, which is enough for a score.
    #[must_use]
    pub fn ln_survival_of_a_score(&self, x: f32) -> f32 {
        -ln(1.0 + self.shape * x / self.size) / self.shape
    }

    /// The excesses over `from`, itself an excess. Where nobody has seen anything, no tail ends: the shape is
    /// at least the mean of its prior.
    #[must_use]
    pub fn beyond(&self, from: f64) -> Self {
        let (shape, size) = (f64::from(self.shape), f64::from(self.size));
        Self {
            shape: shape.max(PRIOR.0) as f32,
            size: (size + shape * from).max(LEAST_SIZE * size) as f32,
            at: self.at,
        }
    }

    /// The excess that is exceeded with probability `p`, in (0, 1].
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let (shape, size) = (f64::from(self.shape), f64::from(self.size));
        size / shape * (p.powf(-shape) - 1.0)
    }
}

impl Excesses<'_> {
    /// Mean excess, of bins by their middle.
    fn mean(&self) -> f64 {
        let (mut sum, mut all) = (0.0, 0.0);
        for (pair, weight) in self.ends.windows(2).zip(self.weights) {
            let middle = if pair[1].is_finite() {
                0.5 * (pair[0] + pair[1])
            } else {
                pair[0]
            };
            sum += weight * middle;
            all += weight;
        }
        (sum / f64::max(all, 1e-9)).max(1e-3)
    }
}

/// [`Excesses`] laid out for four bins at a time.
struct Counts {
    ends: [f32; BINS_MAX],    // 0 beyond the last
    weights: [f32; BINS_MAX], // likewise
    bins: usize,
    all: f32,
}

impl Counts {
    fn of(excesses: &Excesses) -> Self {
        let bins = excesses.weights.len().min(BINS_MAX);
        let (mut ends, mut weights) = ([0.0; BINS_MAX], [0.0; BINS_MAX]);
        for bin in 0..bins {
            ends[bin] = excesses.ends[bin + 1].min(f64::from(f32::MAX)) as f32;
            weights[bin] = excesses.weights[bin] as f32;
        }
        Self {
            ends,
            weights,
            bins,
            all: excesses.weights.iter().sum::<f64>() as f32,
        }
    }

    /// Log-likelihood of the counts under this tail, cut off at the last end, with the prior of the shape; to a
    /// hundredth, or a hundred-thousandth of it.
    fn log_likelihood(&self, shape: f64, size: f64) -> f32 {
        let (prior, per_size) = ((shape - PRIOR.0) / PRIOR.1, (shape / size) as f32);
        let per_shape = (-1.0 / shape) as f32;
        let bins = self.bins.next_multiple_of(4).min(BINS_MAX);
        let mut survivals = [1.0; BINS_MAX + 1];
        for (survival, end) in survivals[1..=bins].iter_mut().zip(&self.ends[..bins]) {
            *survival = exp(per_shape * ln(1.0 + per_size * end));
        }
        let mut logs = [0.0; BINS_MAX];
        for (bin, log) in logs[..bins].iter_mut().enumerate() {
            *log = ln((survivals[bin] - survivals[bin + 1]).max(TINY));
        }
        let logs = logs[..self.bins].iter().zip(&self.weights);
        let sum: f32 = logs.map(|(log, weight)| weight * log).sum();
        let seen = (1.0 - survivals[self.bins]).max(TINY);
        sum - self.all * ln(seen) - 0.5 * (prior * prior) as f32
    }
}

fn ln_survival(shape: f64, size: f64, x: f64) -> f64 {
    let base = 1.0 + shape * x / size;
    if base <= 0.0 {
        return -700.0; // beyond the end of a tail that has one
    }
    (-base.ln() / shape).max(-700.0)
}

fn shape_of(index: u8) -> f64 {
    SHAPES.0 + SHAPES.1 * f64::from(index)
}

fn size_of_excess(index: u8) -> f64 {
    SIZES.0 * SIZES.1.powi(index.into())
}

fn moved(index: u8, by: i8, count: usize) -> u8 {
    index.saturating_add_signed(by).min(count as u8 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same in double precision, bin by bin.
    fn exact_log_likelihood(excesses: &Excesses, shape: f64, size: f64) -> f64 {
        let tiny = f64::from(TINY);
        let survival = |x: f64| {
            if x.is_finite() {
                ln_survival(shape, size, x).exp()
            } else {
                0.0
            }
        };
        let prior = -0.5 * ((shape - PRIOR.0) / PRIOR.1).powi(2);
        let (mut sum, mut all, mut before) = (prior, 0.0, 1.0);
        for (end, &weight) in excesses.ends[1..].iter().zip(excesses.weights) {
            let after = survival(*end);
            sum += weight * f64::max(before - after, tiny).ln();
            all += weight;
            before = after;
        }
        sum - all * f64::max(1.0 - before, tiny).ln()
    }

    /// The best of the whole grid.
    fn best_of_all(excesses: &Excesses) -> (f64, f64) {
        let mean = excesses.mean();
        let grid = (0..SHAPES.2 as u8).flat_map(|a| (0..SIZES.2 as u8).map(move |b| (a, b)));
        let of = |(a, b): (u8, u8)| (shape_of(a), mean * size_of_excess(b));
        let likelihood = |at: (u8, u8)| {
            let (shape, size) = of(at);
            exact_log_likelihood(excesses, shape, size)
        };
        of(grid
            .max_by(|&a, &b| likelihood(a).total_cmp(&likelihood(b)))
            .unwrap())
    }

    proptest! {
        /// For all Pareto samples, climbing ends where the whole grid is best, or hardly less likely.
        #[test]
        fn climbing_finds_the_best_of_the_grid(
            shape in prop_oneof![-0.1_f64..-0.01, 0.01_f64..0.5], size in 0.2_f64..3.0, points in 40.0_f64..5_000.0, cut in 12_usize..40,
        ) {
            let ends: Vec<f64> = (0..=cut).map(|i| 2_f64.powf(i as f64 / 8.0) - 1.0).collect();
            let survival = |x: f64| ln_survival(shape, size, x).exp();
            let weights: Vec<f64> = ends.windows(2).map(|e| (points * (survival(e[0]) - survival(e[1]))).round()).collect();
            let excesses = Excesses { ends: &ends, weights: &weights };
            let climbed = Pareto::default().refitted(&excesses);
            let (best_shape, best_size) = best_of_all(&excesses);
            let best = exact_log_likelihood(&excesses, best_shape, best_size);
            let own = exact_log_likelihood(&excesses, climbed.shape.into(), climbed.size.into());
            prop_assert!(best - own < 1.0, "{climbed:?} {own}, {best_shape} {best_size} {best}");
            let quick = Counts::of(&excesses).log_likelihood(climbed.shape.into(), climbed.size.into());
            prop_assert!((f64::from(quick) - own).abs() < 0.01 + 1e-5 * own.abs(), "{quick} {own}");
        }
    }

    #[test]
    fn the_quick_likelihood_is_the_exact_one_where_nothing_is_cut_off() {
        let ends: Vec<f64> = (0..20).map(f64::from).chain([f64::INFINITY]).collect();
        let weights: Vec<f64> = (0..20).map(|bin| f64::from(900 >> bin)).collect();
        let excesses = Excesses {
            ends: &ends,
            weights: &weights,
        };
        for shape in 0..SHAPES.2 as u8 {
            let (shape, size) = (shape_of(shape), 1.3);
            let exact = exact_log_likelihood(&excesses, shape, size);
            let quick = f64::from(Counts::of(&excesses).log_likelihood(shape, size));
            assert!(
                (quick - exact).abs() < 0.01 + 1e-5 * exact.abs(),
                "{shape}: {quick} {exact}"
            );
        }
    }

    #[test]
    fn a_quantile_is_exceeded_with_its_probability() {
        for (shape, size) in [(-0.15, 2.0), (0.06, 1.0), (0.55, 0.3)] {
            let tail = Pareto {
                shape,
                size,
                at: (0, 0),
            };
            for p in [0.5, 1e-3, 1e-7] {
                assert!((tail.ln_survival(tail.quantile(p)) - f64::ln(p)).abs() < 1e-6);
            }
        }
    }
}

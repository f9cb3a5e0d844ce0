//! Random numbers and series whose law is known; the same for the same seed.
//!
//! Promises the named distribution, by textbook transformations of uniform numbers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of noise.
#[derive(Debug)]
pub(crate) struct Noise(ChaCha8Rng);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Uniform in [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0.random_range(low..high)
    }

    /// True with this probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Standard normal (Box & Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Laplace with mean absolute value 1.
    pub(crate) fn laplace(&mut self) -> f64 {
        if self.happens(0.5) {
            self.exponential()
        } else {
            -self.exponential()
        }
    }

    /// Student's t with 3 degrees of freedom.
    pub(crate) fn t3(&mut self) -> f64 {
        let chi_square: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        self.normal() / (chi_square / 3.0).sqrt()
    }

    /// Poisson: how many exponential times fit into `mean`.
    pub(crate) fn poisson(&mut self, mean: f64) -> f64 {
        let mut count = 0.0;
        let mut time = self.exponential();
        while time < mean {
            count += 1.0;
            time += self.exponential();
        }
        count
    }
}

/// `value` on a grid of this step.
pub(crate) fn quantised(value: f64, step: f64) -> f64 {
    (value / step).round() * step
}

/// The exact quantile of a sample: its smallest value that this share does not exceed.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

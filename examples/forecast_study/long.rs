//! Weeks of data finer than an hour, with a day and a week: errors over the last 14 days.
//!
//! Beside every error stands that of the best possible forecast, which knows the generator's states and
//! shape and only not the noise to come.

use std::f64::consts::TAU;

use crate::noise::Noise;

/// A shape of the day, less of it at the weekend, half an hour's peak in the morning, a slowly walking
/// level, noise that lasts a quarter of an hour, and white noise.
pub(crate) struct LongStream {
    pub(crate) values: Vec<f64>,
    step_s: f64,
    levels: Vec<f64>,
    lasting: Vec<f64>,
}

/// Standard deviation of the level's walk over an hour.
const LEVEL: f64 = 0.035;
/// Time in which the lasting noise falls to 1/e, in s; its standard deviation is 1.
const LASTING_S: f64 = 900.0;
const WHITE: f64 = 0.3;

impl LongStream {
    /// `points` values, `step_s` seconds apart, each up to `jitter` steps early or late.
    pub(crate) fn new(
        points: usize,
        step_s: f64,
        jitter: f64,
        seed: u64,
        replication: u64,
    ) -> Self {
        let mut noise = Noise::new(seed, replication);
        let phi = (-step_s / LASTING_S).exp();
        let walk = LEVEL * (step_s / 3600.0).sqrt();
        let (mut level, mut lasting) = (20.0, 0.0);
        let mut stream = Self {
            values: Vec::with_capacity(points),
            step_s,
            levels: Vec::with_capacity(points),
            lasting: Vec::with_capacity(points),
        };
        for i in 0..points {
            let off = jitter * (2.0 * noise.uniform() - 1.0);
            lasting = phi * lasting + (1.0 - phi * phi).sqrt() * noise.normal();
            level += walk * noise.normal();
            let season = season((i as f64 + off) * step_s / 3600.0);
            let value = level + season + lasting + WHITE * noise.normal();
            stream.values.push(value);
            stream.levels.push(level);
            stream.lasting.push(lasting);
        }
        stream
    }

    /// The best forecast of the value `steps` after index `at`, from what is known at `at`.
    pub(crate) fn best(&self, at: usize, steps: usize) -> f64 {
        let left = (-self.step_s * steps as f64 / LASTING_S).exp();
        let hours = (at + steps) as f64 * self.step_s / 3600.0;
        self.levels[at] + season(hours) + left * self.lasting[at]
    }
}

/// The shape of day and week, `hours` after a Monday's midnight.
fn season(hours: f64) -> f64 {
    let hour = hours.rem_euclid(24.0);
    let peak = if (8.0..8.5).contains(&hour) { 3.0 } else { 0.0 };
    let shape =
        4.0 * (TAU * (hour - 9.0) / 24.0).sin() + 1.5 * (2.0 * TAU * hour / 24.0).sin() + peak;
    let is_weekend = 5.0 <= (hours / 24.0).floor().rem_euclid(7.0);
    if is_weekend { 0.4 * shape } else { shape }
}

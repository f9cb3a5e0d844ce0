//! Made-up series whose law is known, one value an hour: the same for the same seed and replication.
//!
//! A day has 24 steps and a week 168. `normal()` is the only noise where no other is named, and "day"
//! without more is a sine of amplitude 2.

use std::f64::consts::TAU;

use crate::noise::Noise;

/// Makes the value at step `i`; called for 0, 1, 2 ... in order.
type Point = Box<dyn FnMut(usize, &mut Noise) -> f64>;

/// A law.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// Whether one that knew the law would be well below the best of last value, yesterday and mean of
    /// a week: one step ahead, and on a path of 40.
    pub(crate) structure: [bool; 2],
    pub(crate) never_negative: bool,
    /// True season lengths in steps, the shorter first; 0 for none.
    pub(crate) seasons: [u32; 2],
    make: fn() -> Point,
}

const NONE: [bool; 2] = [false, false];
const NEAR: [bool; 2] = [true, false];
const FAR: [bool; 2] = [false, true];
const BOTH: [bool; 2] = [true, true];

const DAY: [u32; 2] = [24, 0];
const DAY_AND_WEEK: [u32; 2] = [24, 168];

impl Generator {
    fn new(name: &'static str, structure: [bool; 2], make: fn() -> Point) -> Self {
        Self {
            name,
            structure,
            never_negative: false,
            seasons: [0, 0],
            make,
        }
    }

    fn not_negative(name: &'static str, structure: [bool; 2], make: fn() -> Point) -> Self {
        Self {
            never_negative: true,
            ..Self::new(name, structure, make)
        }
    }

    /// The same, with these seasons.
    fn of(self, seasons: [u32; 2]) -> Self {
        Self { seasons, ..self }
    }

    /// `points` values; the longer series begins like the shorter.
    pub(crate) fn series(&self, points: usize, seed: u64, replication: u64) -> Vec<f64> {
        let name = self.name.bytes().map(u64::from);
        let own = name.fold(0, |sum: u64, byte| sum.wrapping_mul(257).wrapping_add(byte));
        let mut noise = Noise::new(seed ^ own, replication);
        let mut point = (self.make)();
        (0..points).map(|i| point(i, &mut noise)).collect()
    }

    /// The same with a constant added that makes the least value at least 20: logarithms exist.
    pub(crate) fn lifted(&self, points: usize, seed: u64, replication: u64) -> Vec<f64> {
        let values = self.series(points, seed, replication);
        let least = values.iter().copied().fold(0.0, f64::min);
        values.iter().map(|value| value + 20.0 - least).collect()
    }
}

/// The one of this name; the names are those of [`all`].
pub(crate) fn named(name: &str) -> Option<Generator> {
    all().into_iter().find(|generator| generator.name == name)
}

/// Every law there is.
pub(crate) fn all() -> Vec<Generator> {
    [
        without_season(),
        with_day(),
        counts(),
        odd(),
        unknown_season(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn boxed(point: impl FnMut(usize, &mut Noise) -> f64 + 'static) -> Point {
    Box::new(point)
}

/// Laws without a season.
fn without_season() -> Vec<Generator> {
    vec![
        Generator::new("random walk", NONE, || {
            let mut x = 0.0;
            boxed(move |_, noise| {
                x += noise.normal();
                x
            })
        }),
        Generator::new("AR .5", NEAR, || autoregression(0.5)),
        Generator::new("AR .9", NONE, || autoregression(0.9)),
        Generator::new("AR .98", NONE, || autoregression(0.98)),
        Generator::new("white", NONE, || boxed(|_, noise| noise.normal())),
        Generator::new("smooth trend", BOTH, || {
            let (mut x, mut trend) = (0.0, 0.0);
            boxed(move |_, noise| {
                trend = 0.95 * trend + 0.3 * noise.normal();
                x += trend;
                x + 0.1 * noise.normal()
            })
        }),
        Generator::new("level jumps", NEAR, || {
            let mut level = 0.0;
            boxed(move |_, noise| {
                if noise.happens(0.01) {
                    level += 10.0 * noise.normal();
                }
                level + noise.normal()
            })
        }),
        Generator::new("outlier bursts", NONE, || {
            boxed(|_, noise| {
                let burst = if noise.happens(0.02) { 30.0 } else { 0.0 };
                burst + noise.normal()
            })
        }),
        Generator::not_negative("Poisson 2", NONE, || boxed(|_, noise| noise.poisson(2.0))),
        Generator::new("linear and noise", BOTH, || {
            let mut x = 0.0;
            boxed(move |i, noise| {
                x += 0.05 * noise.normal();
                x + 0.02 * i as f64 + noise.normal()
            })
        }),
        Generator::new("stochastic cycle 13", NEAR, || {
            let (mut x, mut before) = (0.0, 0.0);
            boxed(move |_, noise| {
                (x, before) = (1.6 * x - 0.8 * before + noise.normal(), x);
                x
            })
        }),
    ]
}

fn autoregression(phi: f64) -> Point {
    let mut x = 0.0;
    boxed(move |_, noise| {
        x = phi * x + noise.normal();
        x
    })
}

/// Sine of amplitude 1 with a day of 24 steps.
fn day(i: usize) -> f64 {
    sine(i, 24.0)
}

fn sine(i: usize, season_length: f64) -> f64 {
    (TAU * i as f64 / season_length).sin()
}

fn is_weekend(i: usize) -> bool {
    5 <= i / 24 % 7
}

/// Laws with a day, or with a day and a week.
fn with_day() -> Vec<Generator> {
    vec![
        Generator::new("day, snr .5", BOTH, || {
            boxed(|i, noise| 2.0 * day(i) + 2.0 * noise.normal())
        })
        .of(DAY),
        Generator::new("day, snr 2", BOTH, || {
            boxed(|i, noise| 2.0 * day(i) + noise.normal())
        })
        .of(DAY),
        Generator::new("day on a walk", BOTH, || {
            let mut x = 0.0;
            boxed(move |i, noise| {
                x += 0.3 * noise.normal();
                x + 2.0 * day(i) + noise.normal()
            })
        })
        .of(DAY),
        Generator::new("day and week", BOTH, || {
            boxed(|i, noise| {
                let weekend = if is_weekend(i) { -3.0 } else { 0.0 };
                2.0 * day(i) + weekend + noise.normal()
            })
        })
        .of(DAY_AND_WEEK),
        Generator::new("nightly job", BOTH, || {
            boxed(|i, noise| {
                let job = if i % 24 == 3 { 8.0 } else { 0.0 };
                job + noise.normal()
            })
        })
        .of(DAY),
        Generator::not_negative("multiplicative day, week", BOTH, || {
            boxed(|i, noise| {
                let weekend = if is_weekend(i) { -0.6 } else { 0.0 };
                let trend = 3.0 + 0.001 * i as f64;
                (trend + 0.5 * day(i) + weekend + 0.1 * noise.normal()).exp()
            })
        })
        .of(DAY_AND_WEEK),
        Generator::new("level shift on a day", BOTH, || {
            boxed(|i, noise| {
                let shift = if 900 < i { 15.0 } else { 0.0 };
                10.0 + 2.0 * day(i) + 0.5 * noise.normal() + shift
            })
        })
        .of(DAY),
        Generator::new("day, noise of t3", BOTH, || {
            boxed(|i, noise| 2.0 * day(i) + noise.t3())
        })
        .of(DAY),
        Generator::new("1e-9 of a day", BOTH, || {
            boxed(|i, noise| 1e-9 * (5.0 + day(i) + 0.3 * noise.normal()))
        })
        .of(DAY),
    ]
}

/// Counts and other things that are never below zero.
fn counts() -> Vec<Generator> {
    vec![
        Generator::not_negative("Poisson, day, mean 2", BOTH, || {
            boxed(|i, noise| noise.poisson((0.2 + 1.1 * day(i)).exp()))
        })
        .of(DAY),
        Generator::not_negative("zero at night", BOTH, || {
            boxed(|i, noise| {
                if day(i) < -0.5 {
                    0.0
                } else {
                    noise.poisson(8.0 * (day(i) + 0.6))
                }
            })
        })
        .of(DAY),
        Generator::not_negative("zeros and bursts", NONE, || {
            boxed(|_, noise| {
                if noise.happens(0.03) {
                    100.0 * noise.uniform()
                } else {
                    0.0
                }
            })
        }),
        Generator::not_negative("counter", BOTH, || {
            let mut total = 0.0;
            boxed(move |_, noise| {
                total += 100.0 + 10.0 * noise.normal().abs();
                total
            })
        }),
        Generator::not_negative("explosive, resets", BOTH, || {
            let mut x = 0.0;
            boxed(move |_, _| {
                x = if 1e6 < x { 1.0 } else { x * 1.02 + 1.0 };
                x
            })
        }),
    ]
}

/// Laws that are awkward for arithmetic or for scales.
fn odd() -> Vec<Generator> {
    vec![
        Generator::new("slow sine in steps of .1", FAR, || {
            boxed(|i, noise| {
                let value = 20.0 + 2.0 * sine(i, 700.0) + 0.02 * noise.normal();
                (value * 10.0).round() / 10.0
            })
        }),
        Generator::new("walk in steps of .1", NONE, || {
            let mut x = 20.0;
            boxed(move |_, noise| {
                x += 0.004 + 0.02 * noise.normal();
                f64::round(x * 10.0) / 10.0
            })
        }),
        Generator::new("1e9 and noise", NONE, || {
            boxed(|_, noise| 1e9 + noise.normal())
        }),
        Generator::new("constant with steps", NONE, || {
            boxed(|i, _| (i / 400) as f64 * 5.0)
        }),
        Generator::new("variance changes", NONE, || {
            let mut sigma = 1.0;
            boxed(move |_, noise| {
                if noise.happens(0.01) {
                    sigma = if noise.happens(0.5) { 1.0 } else { 5.0 };
                }
                10.0 + sigma * noise.normal()
            })
        }),
    ]
}

/// Laws with a season that no calendar has.
fn unknown_season() -> Vec<Generator> {
    vec![
        Generator::new("sine 37", BOTH, || {
            boxed(|i, noise| 3.0 * sine(i, 37.0) + noise.normal())
        })
        .of([37, 0]),
        Generator::new("duty cycle 37 and drift", BOTH, || {
            let mut drift = 0.0;
            boxed(move |i, noise| {
                drift += 0.2 * noise.normal();
                let on = if i % 37 < 9 { 5.0 } else { 0.0 };
                on + drift + 0.3 * noise.normal()
            })
        })
        .of([37, 0]),
        Generator::new("saw 45, snr 1", BOTH, || {
            boxed(|i, noise| (i % 45) as f64 / 13.0 + noise.normal())
        })
        .of([45, 0]),
        Generator::new("pulse 2 of 15", BOTH, || {
            boxed(|i, noise| {
                let pulse = if i % 15 < 2 { 4.0 } else { 0.0 };
                pulse + noise.normal()
            })
        })
        .of([15, 0]),
        Generator::new("sine 20, snr .5", FAR, || {
            boxed(|i, noise| sine(i, 20.0) + noise.normal())
        })
        .of([20, 0]),
        Generator::new("sine 100 on a walk", NEAR, || {
            let mut x = 0.0;
            boxed(move |i, noise| {
                x += 0.2 * noise.normal();
                3.0 * sine(i, 100.0) + x + 0.5 * noise.normal()
            })
        })
        .of([100, 0]),
    ]
}

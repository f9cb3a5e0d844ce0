//! Stationary sources of noise, and a day.

use std::f64::consts::TAU;

use crate::noise::Noise;

/// A source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) name: &'static str,
    next: fn(&mut State) -> f64,
}

struct State {
    noise: Noise,
    before: f64,
    at: u64,
}

/// The sources that budgets are checked on.
pub(crate) const CALIBRATION: [Source; 8] = [
    Source {
        name: "normal",
        next: |s| 10.0 + s.noise.normal(),
    },
    Source {
        name: "Laplace",
        next: |s| {
            let u = s.noise.uniform() - 0.5;
            10.0 - u.signum() * (1.0 - 2.0 * u.abs()).ln()
        },
    },
    Source {
        name: "Student t3",
        next: |s| 10.0 + s.noise.t3(),
    },
    Source {
        name: "log-normal",
        next: |s| s.noise.normal().exp(),
    },
    Source {
        name: "AR(1) .9",
        next: |s| {
            s.before = 0.9 * s.before + s.noise.normal();
            10.0 + s.before
        },
    },
    Source {
        name: "steps of .1",
        next: |s| ((10.0 + 0.3 * s.noise.normal()) * 10.0).round() / 10.0,
    },
    Source {
        name: "Poisson 5",
        next: |s| s.noise.poisson(5.0),
    },
    Source {
        name: "day and noise",
        next: |s| 10.0 + 5.0 * (TAU * (s.at % 1440) as f64 / 1440.0).sin() + s.noise.normal(),
    },
];

/// Noise of standard deviation 1, for anomalies.
pub(crate) const NOISES: [Source; 4] = [
    Source {
        name: "normal",
        next: |s| s.noise.normal(),
    },
    Source {
        name: "t5",
        next: |s| {
            let chi: f64 = (0..5).map(|_| s.noise.normal().powi(2)).sum();
            s.noise.normal() / (chi / 5.0).sqrt() * 0.775
        },
    },
    Source {
        name: "AR(1) .7",
        next: |s| {
            s.before = 0.7 * s.before + 0.714 * s.noise.normal();
            s.before
        },
    },
    Source {
        name: "steps of 1/4",
        next: |s| (4.0 * s.noise.normal()).round() / 4.0,
    },
];

impl Source {
    /// Its values.
    pub(crate) fn values(self, seed: u64, stream: u64) -> impl Iterator<Item = f64> {
        let mut state = State {
            noise: Noise::new(seed, stream),
            before: 0.0,
            at: 0,
        };
        std::iter::from_fn(move || {
            let value = (self.next)(&mut state);
            state.at += 1;
            Some(value)
        })
    }
}

//! Level and damped trend, and the smoothing parameters of the whole family.
//!
//! ```text
//! expected_t = level_(t-1) + phi * trend_(t-1)
//! innovation = y_t - expected_t
//! level_t    = expected_t + alpha * innovation
//! trend_t    = phi * trend_(t-1) + beta * innovation
//! forecast for t+h, made at t = level_t + (phi + phi^2 + ... + phi^h) * trend_t
//! ```
//! This is ETS(A,Ad,N) of Hyndman, Koehler, Ord & Snyder, "Forecasting with Exponential Smoothing"
//! (2008), section 2.5 and table 2.1. `beta` is the book's beta, that is `alpha * beta_star`; other
//! libraries quote `beta_star`. With `beta = 0` and no trend it is simple exponential smoothing,
//! ETS(A,N,N), and with `alpha = 1` on top of that the naive forecast: the last value.
//!
//! The seasons are added in [`super::seasonal`].

/// How fast level, trend and seasons follow the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    /// Share of an innovation that the level takes over, in (0, 1]. 1: the level is the last value.
    pub alpha: f64,
    /// Share of an innovation that the trend takes over, in [0, alpha). 0: the trend never changes.
    pub beta: f64,
    /// What is left of the trend a step later, in (0, 1]. 1: not damped, the trend goes on for ever.
    pub phi: f64,
    /// Share of an innovation that the slot of its step takes over, for each season, in
    /// [0, 1 - alpha]. 0: the season never changes. Without effect on a season that has no slots.
    pub gamma: [f64; 2],
}

impl Params {
    /// The last value, for ever: the forecast that every other one has to beat.
    pub const NAIVE: Self = Self {
        alpha: 1.0,
        beta: 0.0,
        phi: 1.0,
        gamma: [0.0; 2],
    };

    /// Weight of the trend in a forecast `steps` ahead: phi + phi^2 + ... + phi^steps.
    #[must_use]
    pub fn trend_weight(&self, steps: u32) -> f64 {
        if self.phi >= 1.0 {
            return f64::from(steps);
        }
        self.phi * (1.0 - self.phi.powi(exponent(steps))) / (1.0 - self.phi)
    }
}

/// Level and trend after the last point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// In the unit of the data.
    pub level: f64,
    /// Change per step, in the unit of the data.
    pub trend: f64,
}

impl State {
    /// The forecast of the next point: the expectation it is compared with.
    #[must_use]
    #[inline]
    pub fn one_step(&self, params: &Params) -> f64 {
        self.level + params.phi * self.trend
    }

    /// The forecast of the point `steps` ahead; 1 is the next one.
    #[must_use]
    pub fn ahead(&self, params: &Params, steps: u32) -> f64 {
        if steps == 1 {
            return self.one_step(params);
        }
        self.level + params.trend_weight(steps) * self.trend
    }

    /// Takes in a point whose innovation against [`State::one_step`] is `innovation`.
    #[inline]
    pub fn update(&mut self, params: &Params, innovation: f64) {
        self.level = self.one_step(params) + params.alpha * innovation;
        self.trend = params.phi * self.trend + params.beta * innovation;
    }

    /// Lets `steps` steps pass as if every point had been as expected.
    pub fn pass(&mut self, params: &Params, steps: u32) {
        if steps > 0 && self.trend.abs() > 0.0 {
            self.level = self.ahead(params, steps);
            self.trend *= params.phi.powi(exponent(steps));
        }
    }

    /// Whether level and trend are finite numbers.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.level.is_finite() && self.trend.is_finite()
    }
}

fn exponent(steps: u32) -> i32 {
    i32::try_from(steps).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
    }

    proptest! {
        /// For all parameters and data, alpha = 1 and beta = 0 from a flat start is the naive forecast.
        #[test]
        fn alpha_one_without_trend_is_the_naive_forecast(values in proptest::collection::vec(-1e6_f64..1e6, 2..40)) {
            let mut state = State { level: values[0], trend: 0.0 };
            for pair in values.windows(2) {
                prop_assert!(close(state.one_step(&Params::NAIVE), pair[0]));
                state.update(&Params::NAIVE, pair[1] - state.one_step(&Params::NAIVE));
            }
            prop_assert!(close(state.ahead(&Params::NAIVE, 40), values[values.len() - 1]));
        }

        /// For all states, the closed forms for h steps equal h single steps without innovation.
        #[test]
        fn many_steps_at_once_are_many_single_steps(
            alpha in 0.01_f64..1.0, share in 0.0_f64..1.0, phi in 0.8_f64..=1.0,
            level in -1e3_f64..1e3, trend in -10.0_f64..10.0, steps in 1_u32..60,
        ) {
            let params = Params { alpha, beta: alpha * share, phi, gamma: [0.0; 2] };
            let start = State { level, trend };
            let mut single = start;
            for _ in 0..steps {
                single.update(&params, 0.0);
            }
            let mut at_once = start;
            at_once.pass(&params, steps);
            prop_assert!(close(at_once.level, single.level) && close(at_once.trend, single.trend));
            prop_assert!(close(start.ahead(&params, steps), single.level));
        }
    }
}

//! Level, trend and up to two seasons, added up: Holt-Winters in innovations form.
//!
//! ```text
//! expected_t  = level_(t-1) + phi * trend_(t-1) + season1_(t-m1) + season2_(t-m2)
//! innovation  = y_t - expected_t
//! level_t     = level_(t-1) + phi * trend_(t-1) + alpha * innovation
//! trend_t     = phi * trend_(t-1) + beta * innovation
//! seasoni_t   = seasoni_(t-mi) + gammai * innovation
//! forecast for t+h, made at t = level_t + (phi + ... + phi^h) * trend_t + the seasons of t+h
//! ```
//! ETS(A,N,A), ETS(A,A,A) and ETS(A,Ad,A) of Hyndman, Koehler, Ord & Snyder, "Forecasting with
//! Exponential Smoothing" (2008), table 2.2; the second season is that of Taylor, "Short-term
//! electricity demand forecasting using double seasonal exponential smoothing" (2003), without his
//! autoregressive residual. `gamma` is the book's: the share of an innovation, not of what the level
//! leaves of it. A multiplicative season is the same on logarithms ([`super::form`]).

use super::season::Season;
use super::state::{Params, State};

/// All components after the last step.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasonal {
    /// Level and trend.
    pub line: State,
    /// The shorter season and the longer one; either may have no slots.
    pub seasons: [Season; 2],
}

impl From<State> for Seasonal {
    fn from(line: State) -> Self {
        Self {
            line,
            seasons: Default::default(),
        }
    }
}

impl Seasonal {
    /// Lengths of the seasons, in steps; 0: none.
    #[must_use]
    pub fn lengths(&self) -> [usize; 2] {
        [self.seasons[0].length(), self.seasons[1].length()]
    }

    /// The forecast of the next point: the expectation it is compared with.
    #[must_use]
    #[inline]
    pub fn one_step(&self, params: &Params) -> f64 {
        self.line.one_step(params) + self.seasons[0].ahead(1) + self.seasons[1].ahead(1)
    }

    /// The forecast of the point `steps` ahead; 1 is the next one.
    #[must_use]
    pub fn ahead(&self, params: &Params, steps: u32) -> f64 {
        self.line.ahead(params, steps) + self.seasons[0].ahead(steps) + self.seasons[1].ahead(steps)
    }

    /// Takes in a point whose innovation against [`Seasonal::one_step`] is `innovation`.
    #[inline]
    pub fn update(&mut self, params: &Params, innovation: f64) {
        self.update_within(params, innovation, f64::INFINITY);
    }

    /// [`Seasonal::update`] by an innovation of which the seasons believe at most `most`, > 0: a level
    /// forgets a wrong reading in a few steps, a slot asks for it again only after a period.
    #[inline]
    pub fn update_within(&mut self, params: &Params, innovation: f64, most: f64) {
        self.line.update(params, innovation);
        let believed = innovation.max(-most).min(most);
        for (season, gamma) in self.seasons.iter_mut().zip(params.gamma) {
            season.update(gamma * believed);
        }
    }

    /// Lets `steps` steps pass as if every point had been as expected.
    pub fn pass(&mut self, params: &Params, steps: u32) {
        self.line.pass(params, steps);
        for season in &mut self.seasons {
            season.pass(steps);
        }
    }

    /// Whether all components are finite numbers.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.line.is_finite() && self.seasons.iter().all(Season::is_finite)
    }

    /// Becomes a copy of `other` in the memory it has.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.line = other.line;
        for (season, other) in self.seasons.iter_mut().zip(&other.seasons) {
            season.copy_from(other);
        }
    }
}

//! Additive or multiplicative: the scale that the components are added up on.
//!
//! On logarithms, components that are added up multiply each other:
//! `ln y = level + trend + season` is `y = exp(level) * exp(trend) * exp(season)`. The product form
//! of the books, ETS(M,Ad,M), divides by a season at every step and breaks down where one comes near
//! zero; logarithms never divide, keep every closed form of the additive model, and their intervals
//! are positive and skewed as such data are. Forecasts are medians, not means.

/// How the components combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `y` is the sum of level, trend and seasons.
    Additive,
    /// `y > 0` is their product: their logarithms are added up.
    Multiplicative,
}

impl Form {
    /// A value on the scale of the components.
    #[must_use]
    #[inline]
    pub fn apply(self, y: f64) -> f64 {
        match self {
            Self::Additive => y,
            Self::Multiplicative => y.ln(),
        }
    }

    /// Back to the unit of the data; finite for every finite `z`.
    #[must_use]
    #[inline]
    pub fn invert(self, z: f64) -> f64 {
        match self {
            Self::Additive => z,
            Self::Multiplicative => z.exp().min(f64::MAX),
        }
    }
}

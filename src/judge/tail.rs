//! How improbable an innovation of a given size is.
//!
//! `P(|innovation| > z scales) = exp(-z / MEAN)`: the exponential tail of a Laplace distribution,
//! between the normal's and those of heavy-tailed data. It is the same for every series, so it is
//! right for Laplace noise (.8 times the budget) and wrong otherwise: at 1e-3 a normal series is
//! flagged 500 times less often than the budget says, a Student t of 3 degrees four times as often.

/// Mean of `|error| / scale` under the tail, in scales: below 1 because the scale settles above the
/// mean error.
const MEAN: f64 = 0.7;

/// Natural logarithm of the probability that an innovation exceeds `z` scales; 0 for `z <= 0`.
#[must_use]
pub fn ln_p(z: f64) -> f64 {
    -z.max(0.0) / MEAN
}

/// The number of scales that is exceeded with probability `p`, in (0, 1).
#[must_use]
pub fn limit(p: f64) -> f64 {
    -MEAN * p.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_exceeded_with_the_probability_it_was_asked_for() {
        for p in [1e-7, 1e-4, 1e-3, 0.5] {
            assert!((ln_p(limit(p)) - f64::ln(p)).abs() < 1e-12);
        }
        assert!(limit(1e-7) > limit(1e-3));
    }
}

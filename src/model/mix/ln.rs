//! A logarithm that the compiler can do four at a time.
//!
//! The lags of the autoregression on logarithms are taken from the ring, so a dozen logarithms are
//! due at every point. `x = m * 2^e` with `m` in [sqrt(1/2), sqrt(2)), and
//! `ln m = 2 artanh((m - 1) / (m + 1))` by the first five terms of its series.
//!
//! Promises: for normal positive numbers the error is below 3e-7 of max(1, |ln x|), and the order of
//! numbers is kept but for that. What is not above 0 counts as the least normal number.

/// Natural logarithm.
#[must_use]
#[inline]
pub fn ln(x: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let exponent = (bits.wrapping_sub(ROOT_HALF) as i32) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub((exponent as u32) << 23));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * s * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logarithm_over_the_whole_range() {
        let mut x = f32::MIN_POSITIVE;
        while x < f32::MAX / 1.01 {
            let exact = f64::from(x).ln();
            let off = (f64::from(ln(x)) - exact).abs();
            assert!(off <= 3e-7 * exact.abs().max(1.0), "{x}: {off}");
            x *= 1.000_917;
        }
    }

    #[test]
    fn what_is_not_positive_is_the_least_number() {
        for x in [0.0, -1.0, f32::NAN, 1e-45] {
            assert!((ln(x) - f32::MIN_POSITIVE.ln()).abs() < 1e-4, "{x}");
        }
    }
}

//! Logarithm and exponential that the compiler can do four at a time.
//!
//! A dozen logarithms are due at every point, and some thousand of both when a tail is fitted. The functions of
//! the C library are exact to the last bit and take one number at a time.
//!
//! `ln x`: `x = m * 2^e` with `m` in [sqrt(1/2), sqrt(2)), and `ln m = 2 artanh((m - 1) / (m + 1))` by the first
//! five terms of its series. `exp x`: `x = n ln 2 + r` with `r` in [-ln(2)/2, ln(2)/2], and `e^r` by the first
//! seven terms of its.
//!
//! Promises: for normal positive numbers the error of `ln` is below 3e-7 of max(1, |ln x|), and the order of
//! numbers is kept but for that; what is not above 0 counts as the least normal number. The error of `exp` is
//! below 5e-7 of it from -87 to 88; what is beyond counts as these.

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

/// `e` to the power of `x`.
#[must_use]
#[inline]
pub fn exp(x: f32) -> f32 {
    /// Added to a small number it leaves the nearest whole number in the last bits.
    const WHOLE: f32 = 12_582_912.0;
    /// ln 2 in two parts; the first has zeros enough at its end for products with small numbers to be exact.
    const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    let r = x - whole * LN_2[0] - whole * LN_2[1];
    let series = 1.0
        + r * (1.0
            + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r / 720.0)))));
    let power = shifted
        .to_bits()
        .wrapping_shl(23)
        .wrapping_add(series.to_bits());
    f32::from_bits(power)
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

    #[test]
    fn it_is_the_exponential_over_the_whole_range() {
        let mut x = -87.0_f32;
        while x < 88.0 {
            let exact = f64::from(x).exp();
            let off = (f64::from(exp(x)) - exact).abs();
            assert!(off <= 5e-7 * exact, "{x}: {}", off / exact);
            x += 0.000_917;
        }
    }

    #[test]
    fn what_is_beyond_the_range_counts_as_its_ends() {
        for (x, end) in [
            (-1e30, -87.0),
            (-90.0, -87.0),
            (100.0, 88.0),
            (f32::INFINITY, 88.0),
        ] {
            assert!((exp(x) / exp(end) - 1.0).abs() < 1e-6, "{x}");
        }
        assert!(exp(f32::NAN).is_nan());
    }
}

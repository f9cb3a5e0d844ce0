//! The precision worth printing.
//!
//! `24.1` instead of `24.099999999999998`: fewer bytes for the database, and a person can read it.
//! Limits and intervals are rounded to a thousandth of the scale, which nobody will miss. Expectations
//! and forecasts are rounded to a millionth of it, which only takes away the noise of arithmetic: a
//! series that stands still and is forecast a thousandth of its scale off would be forecast worse
//! than by its last value. Rounding comes *before* the decision, so what is printed is what was
//! decided on. Observations are never rounded.

/// Rounds to powers of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    pub(crate) coarse: f64, // 10^decimals of a limit; 0: do not round
    pub(crate) fine: f64,   // 10^decimals of an expectation; 0: do not round
}

/// Digits kept below the scale, of limits and of expectations.
const DIGITS: [i32; 2] = [3, 6];

impl Grain {
    /// The grain for numbers whose errors are of the size of `scale`.
    #[must_use]
    pub fn of(scale: f64) -> Self {
        let magnitude = magnitude(scale);
        let [coarse, fine] = DIGITS.map(|digits| {
            let decimals = digits - magnitude;
            if scale > 0.0 && (-300..=300).contains(&decimals) {
                power_of_ten(decimals)
            } else {
                0.0
            }
        });
        Self { coarse, fine }
    }

    /// A limit, rounded.
    #[must_use]
    pub fn limit(&self, value: f64) -> f64 {
        round(value, self.coarse)
    }

    /// An expectation, forecast or residual, rounded.
    #[must_use]
    pub fn expectation(&self, value: f64) -> f64 {
        round(value, self.fine)
    }
}

/// Unchanged where rounding would leave the exact range of a float.
fn round(value: f64, per_unit: f64) -> f64 {
    let scaled = value * per_unit;
    if per_unit > 0.0 && scaled.abs() < 9e15 {
        whole(scaled) / per_unit
    } else {
        value
    }
}

/// The nearest whole number to one that is below 2^53, half away from 0; [`f64::round`] without a call.
#[inline]
pub(super) fn whole(x: f64) -> f64 {
    const BELOW_HALF: f64 = 0.5_f64.next_down(); // 0.5 would make 1 of the number below a half
    (x + BELOW_HALF.copysign(x)) as i64 as f64
}

/// The exponent of the power of ten that is not above `x`, which is above 0; of others any.
#[inline]
fn magnitude(x: f64) -> i32 {
    let binary = (x.to_bits() >> 52) as i32 - 1023; // 2^binary <= x
    let least = (binary * 315_653) >> 20; // times log10(2), rounded down; or one more
    least + i32::from(x * power_of_ten(-least) >= 10.0)
}

/// `10^exponent`; from a table where that is exact, because this is asked for every point.
fn power_of_ten(exponent: i32) -> f64 {
    const TABLE: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let known = usize::try_from(exponent)
        .ok()
        .and_then(|index| TABLE.get(index));
    known.copied().unwrap_or_else(|| 10_f64.powi(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short() {
        let grain = Grain::of(0.035);
        assert_eq!(
            grain.expectation(24.099_999_999_999_998).to_string(),
            "24.1"
        );
        assert_eq!(grain.limit(24.123_456).to_string(), "24.12346");
        assert_eq!(
            Grain::of(3e6).limit(1_234_567_890.12).to_string(),
            "1234568000"
        );
        assert_eq!(
            Grain::of(0.0).limit(0.1 + 0.2).to_string(),
            "0.30000000000000004"
        );
    }

    proptest! {
        /// For all numbers, the quick ways find what the library does.
        #[test]
        fn quick_is_exact(x in -9e15_f64..9e15, bits in any::<u64>(), half in -1_000_i32..1_000) {
            prop_assert!((whole(x) - x.round()).abs() <= 0.0);
            let half = f64::from(half) / 2.0;
            for near in [half.next_down(), half, half.next_up()] {
                prop_assert!((whole(near) - near.round()).abs() <= 0.0, "{}", near);
            }
            let any = f64::from_bits(bits).abs();
            if any.is_normal() && (any.log10() - any.log10().round()).abs() > 1e-9 {
                prop_assert_eq!(magnitude(any), any.log10().floor() as i32);
            }
        }

        /// For all values and scales, rounding moves a limit by at most half a thousandth of the scale
        /// and an expectation by at most half a millionth.
        #[test]
        fn rounding_moves_little(value in -1e12_f64..1e12, exponent in -12..12) {
            let scale = 10_f64.powi(exponent) * 1.7;
            let grain = Grain::of(scale);
            let noise = value.abs() * 1e-15;
            prop_assert!((grain.limit(value) - value).abs() <= 0.000_5 * scale + noise);
            prop_assert!((grain.expectation(value) - value).abs() <= 0.5e-6 * scale + noise);
        }
    }
}

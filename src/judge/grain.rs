//! The precision worth printing: numbers of ours are rounded to a hundredth of the scale.
//!
//! `24.1` instead of `24.099999999999998`: fewer bytes for the database, and a person can read it.
//! Rounding comes *before* the decision, so what is printed is what was decided on. Observations
//! are never rounded.

/// Rounds to a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    per_unit: f64, // 10^decimals; 0: do not round
}

/// Digits kept below the scale.
const DIGITS: f64 = 2.0;

impl Grain {
    /// The grain for numbers whose errors are of the size of `scale`.
    #[must_use]
    pub fn of(scale: f64) -> Self {
        let decimals = DIGITS - scale.log10().floor();
        let fits = scale > 0.0 && (-300.0..=300.0).contains(&decimals);
        Self {
            per_unit: if fits {
                power_of_ten(decimals as i32)
            } else {
                0.0
            },
        }
    }

    /// `value` rounded; unchanged where rounding would leave the exact range of a float.
    #[must_use]
    pub fn round(&self, value: f64) -> f64 {
        let scaled = value * self.per_unit;
        if self.per_unit > 0.0 && scaled.abs() < 9e15 {
            scaled.round() / self.per_unit
        } else {
            value
        }
    }
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
        assert_eq!(grain.round(24.099_999_999_999_998).to_string(), "24.1");
        assert_eq!(
            Grain::of(3e6).round(1_234_567_890.12).to_string(),
            "1234570000"
        );
        assert_eq!(
            Grain::of(0.0).round(0.1 + 0.2).to_string(),
            "0.30000000000000004"
        );
    }

    proptest! {
        /// For all values and scales, rounding moves a value by at most half a hundredth of the scale.
        #[test]
        fn rounding_moves_little(value in -1e12_f64..1e12, exponent in -12..12) {
            let scale = 10_f64.powi(exponent) * 1.7;
            let moved = (Grain::of(scale).round(value) - value).abs();
            prop_assert!(moved <= 0.005 * scale + value.abs() * 1e-15, "{moved}");
        }
    }
}

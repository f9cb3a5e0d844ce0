//! The larger and the smaller of two floats, as x86 has them in one instruction.
//!
//! Those of the standard library give the other number where one is NaN, whichever it is, which takes five there. Here
//! it is the second that is given then: who calls sees to it that this one is a number.

/// `a` where it is larger, or else `b`.
#[must_use]
#[inline]
pub(crate) fn max<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// `a` where it is smaller, or else `b`.
#[must_use]
#[inline]
pub(crate) fn min<T: PartialOrd>(a: T, b: T) -> T {
    if a < b { a } else { b }
}

/// `a`, but not below `low` nor above `high`, which is not below `low`; `low` where it is NaN.
#[must_use]
#[inline]
pub(crate) fn within<T: PartialOrd>(a: T, low: T, high: T) -> T {
    min(max(a, low), high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_first_is_no_number_it_is_the_second_as_in_the_standard_library() {
        let numbers = [f64::NEG_INFINITY, -2.0, 0.5, 7.0, f64::INFINITY];
        for a in numbers.into_iter().chain([f64::NAN]) {
            for b in numbers {
                assert_eq!(max(a, b).to_bits(), a.max(b).to_bits(), "{a} {b}");
                assert_eq!(min(a, b).to_bits(), a.min(b).to_bits(), "{a} {b}");
            }
            let nearest = if a.is_nan() { -1.0 } else { a.clamp(-1.0, 1.0) };
            assert_eq!(within(a, -1.0, 1.0).to_bits(), nearest.to_bits(), "{a}");
        }
    }
}

//! Floats as line protocol has them: the shortest digits that read back as the same number.
//!
//! What we write has few decimals as a rule: readings have, and expectations and limits are rounded to
//! the grain of their series. A number of at most fifteen digits is the only one of so many that reads
//! back as itself; so when one of four decimals does, it is the shortest but for its zeros. A
//! multiplication and a division tell; all other numbers take the general way.

/// Ten to the decimals that are tried.
const TEN_THOUSAND: f64 = 10_000.0;
/// Numbers from which on the general way is taken: below it there are at most thirteen digits.
const LARGE: f64 = 1e9;
/// Bytes before the point: nine digits and a sign.
const POINT: usize = 10;

/// Appends a number, with a point or an exponent, so that it stays a float for every reader.
#[inline]
pub(super) fn write(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    if size < LARGE {
        let digits = (size * TEN_THOUSAND + 0.5) as i64;
        if (digits as f64 / TEN_THOUSAND).to_bits() == size.to_bits() {
            return write_decimal(out, value.is_sign_negative(), digits as u64);
        }
    }
    out.extend_from_slice(zmij::Buffer::new().format(value).as_bytes());
}

/// Appends a number of ten thousandths; at least one decimal, and no zero behind that.
fn write_decimal(out: &mut Vec<u8>, is_negative: bool, digits: u64) {
    let digit = |number: u32| b'0' + (number % 10) as u8;
    let (mut whole, part) = ((digits / 10_000) as u32, (digits % 10_000) as u32);
    let mut text = [b'.'; POINT + 5];
    let decimals = [part / 1_000, part / 100, part / 10, part].map(digit);
    text[POINT + 1..].copy_from_slice(&decimals);
    let zeros = decimals.iter().rev().take_while(|&&byte| byte == b'0');
    let end = text.len() - zeros.count().min(3);
    let mut at = POINT;
    loop {
        at -= 1;
        text[at] = digit(whole);
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    if is_negative {
        at -= 1;
        text[at] = b'-';
    }
    out.extend_from_slice(&text[at..end]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_the_same_as_the_general_way(value: f64) -> Result<(), TestCaseError> {
        let mut out = Vec::new();
        write(&mut out, value);
        let general = zmij::Buffer::new().format(value).to_owned();
        prop_assert_eq!(String::from_utf8_lossy(&out), general);
        Ok(())
    }

    proptest! {
        /// For all numbers, with few decimals or many.
        #[test]
        fn the_short_way_writes_what_the_general_way_does(
            digits in -99_999_999_999_999_i64..99_999_999_999_999,
            decimals in 0..8_i32,
            bits in any::<u64>(),
            ulps in 0..3_u64,
        ) {
            let value = digits as f64 / 10_f64.powi(decimals);
            is_the_same_as_the_general_way(value)?;
            is_the_same_as_the_general_way(f64::from_bits(value.to_bits() + ulps))?;
            is_the_same_as_the_general_way(f64::from_bits(bits))?;
        }

        /// For all small numbers with few digits, as scores and residuals are.
        #[test]
        fn it_does_so_near_zero(digits in -20_000_i64..20_000, decimals in 0..6_i32) {
            is_the_same_as_the_general_way(digits as f64 / 10_f64.powi(decimals))?;
        }
    }

    #[test]
    fn it_does_so_at_the_ends() {
        for value in [
            0.0,
            -0.0,
            1e9,
            999_999_999.999_9,
            -999_999_999.999_9,
            0.000_1,
            1e-5,
            1e300,
        ] {
            is_the_same_as_the_general_way(value).unwrap();
        }
    }
}

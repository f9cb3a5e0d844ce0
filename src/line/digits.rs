//! Decimal digits, eight at a time.

/// What eight digits amount to; `None` when one of the bytes is not a digit.
///
/// Neighbours are joined within one word: digits to pairs, pairs to fours, fours to the whole.
#[inline]
pub(super) fn eight(bytes: &[u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let text = u64::from_le_bytes(*bytes);
    // '0' to '9' are 0x30 to 0x39: the upper half of a byte is 3, and still is when 6 are added.
    if text & HIGH != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let digits = text - ZEROS; // the first in the lowest byte
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// Goes on with the digits at `bytes[at..]`: what all of them amount to, which wraps beyond 19, and where they end.
#[inline]
pub(super) fn run(bytes: &[u8], mut at: usize, mut sum: u64) -> (u64, usize) {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk)
        && let Some(digits) = eight(chunk)
    {
        sum = sum.wrapping_mul(100_000_000).wrapping_add(digits);
        at += 8;
    }
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        at += 1;
    }
    (sum, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// For all numbers, their digits amount to them, and end where another byte stands.
        #[test]
        fn a_run_of_digits_is_the_number_that_is_written(number: u64, zeros in 0_usize..20, end in "[^0-9]{0,9}") {
            let digits = format!("{}{number}", "0".repeat(zeros));
            let text = format!("x{digits}{end}1");
            let ends = if end.is_empty() { None } else { Some(1 + digits.len()) };
            let (sum, at) = run(text.as_bytes(), 1, 0);
            if let Some(ends) = ends {
                prop_assert_eq!((sum, at), (number, ends));
            } else {
                prop_assert_eq!((sum, at), (number.wrapping_mul(10).wrapping_add(1), text.len()));
            }
        }

        /// For all bytes, eight of them are a number when the standard library says so.
        #[test]
        fn eight_bytes_are_digits_or_not(bytes: [u8; 8], digits in "[0-9]{8}", place in 0_usize..8, other: u8) {
            let mut near: [u8; 8] = digits.as_bytes().try_into().unwrap();
            prop_assert_eq!(eight(&near), digits.parse().ok());
            near[place] = other;
            for bytes in [bytes, near] {
                let all = bytes.iter().all(u8::is_ascii_digit);
                let text = std::str::from_utf8(&bytes).ok().filter(|_| all);
                prop_assert_eq!(eight(&bytes), text.and_then(|text| text.parse().ok()));
            }
        }
    }
}

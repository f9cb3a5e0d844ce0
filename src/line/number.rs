//! One field value: number, boolean or string.
//!
//! Numbers follow the union of two grammars: Telegraf's (`1.`, `.5`, `1.e5`) and the
//! specification's (leading zeros in integers). Results are correctly rounded: at most 19 digits that make
//! a whole number of at most 2^53 are one exact division (Clinger 1990);
//! everything else goes to `std`.

use super::{Rejected, digits};

/// What stands behind the `=` of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A float, an integer (`i`) or an unsigned (`u`): always finite, the only kind that is modelled.
    Number(f64),
    /// A string or a boolean: passes through.
    Other,
}

/// Exactly representable powers of ten.
const POWERS_OF_TEN: [f64; 20] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19,
];
/// Any number of so many digits is below 2^64; with a digit fewer it is below 2^63 too.
const DIGITS_MAX: usize = 19;
/// Whole numbers up to here are exact as floats.
const WHOLE_MAX: u64 = 1 << 53;

/// Reads the unquoted value that starts at `bytes[0]`; returns it and its length.
///
/// The value must end at the slice's end, at a comma or at a blank; the caller checks what follows.
///
/// # Errors
/// [`Rejected::BadValue`] when no value starts here, [`Rejected::OutOfRange`] when one does not fit.
pub fn read(bytes: &[u8]) -> Result<(Value, usize), Rejected> {
    match bytes.first() {
        Some(b'0'..=b'9' | b'-' | b'.') => number(bytes),
        Some(b't' | b'T' | b'f' | b'F') => boolean(bytes),
        _ => Err(Rejected::BadValue),
    }
}

fn boolean(bytes: &[u8]) -> Result<(Value, usize), Rejected> {
    let len = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    match &bytes[..len] {
        b"t" | b"T" | b"true" | b"True" | b"TRUE" | b"f" | b"F" | b"false" | b"False"
        | b"FALSE" => Ok((Value::Other, len)),
        _ => Err(Rejected::BadValue),
    }
}

fn number(bytes: &[u8]) -> Result<(Value, usize), Rejected> {
    let negative = bytes[0] == b'-';
    let first = usize::from(negative);
    let (mut mantissa, mut at) = digits::run(bytes, first, 0); // exact while there are at most DIGITS_MAX digits
    let mut digits = at - first;
    let mut fraction = 0;
    match bytes.get(at) {
        Some(b'i' | b'u') if (1..DIGITS_MAX).contains(&digits) && !negative => {
            return Ok((Value::Number(mantissa as f64), at + 1));
        }
        Some(b'i') if digits > 0 => return integer(&bytes[..at]).map(|v| (v, at + 1)),
        Some(b'u') if digits > 0 && !negative => {
            return unsigned(&bytes[..at]).map(|v| (v, at + 1));
        }
        Some(b'.') => {
            let point = at;
            (mantissa, at) = digits::run(bytes, point + 1, mantissa);
            fraction = at - point - 1;
            digits += fraction;
        }
        _ => {}
    }
    if digits == 0 {
        return Err(Rejected::BadValue);
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let exponent = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if exponent == 0 {
            return Err(Rejected::BadValue);
        }
        at += exponent;
        return float(&bytes[..at]).map(|v| (v, at));
    }
    if digits <= DIGITS_MAX && mantissa <= WHOLE_MAX {
        let magnitude = mantissa as f64 / POWERS_OF_TEN[fraction];
        let value = if negative { -magnitude } else { magnitude };
        return Ok((Value::Number(value), at));
    }
    float(&bytes[..at]).map(|v| (v, at))
}

fn text(bytes: &[u8]) -> Result<&str, Rejected> {
    std::str::from_utf8(bytes).map_err(|_| Rejected::BadValue)
}

fn integer(bytes: &[u8]) -> Result<Value, Rejected> {
    let value: i64 = text(bytes)?.parse().map_err(|_| Rejected::OutOfRange)?;
    Ok(Value::Number(value as f64))
}

fn unsigned(bytes: &[u8]) -> Result<Value, Rejected> {
    let value: u64 = text(bytes)?.parse().map_err(|_| Rejected::OutOfRange)?;
    Ok(Value::Number(value as f64))
}

fn float(bytes: &[u8]) -> Result<Value, Rejected> {
    let value: f64 = text(bytes)?.parse().map_err(|_| Rejected::BadValue)?;
    if value.is_finite() {
        Ok(Value::Number(value))
    } else {
        Err(Rejected::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Result<Value, Rejected> {
        read(text.as_bytes()).map(|(value, len)| {
            assert_eq!(len, text.len(), "the whole of {text:?} is the value");
            value
        })
    }

    #[test]
    fn telegrafs_and_the_specifications_numbers_are_read() {
        for (text, expected) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("1.e5", 1e5),
            ("1E-5", 1e-5),
            ("007", 7.0),
            ("007i", 7.0),
            ("-0i", 0.0),
            ("9223372036854775807i", 9_223_372_036_854_775_807.0),
            ("18446744073709551615u", 18_446_744_073_709_551_615.0),
            ("1e-400", 0.0),
        ] {
            assert_eq!(value(text), Ok(Value::Number(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "NaN", "Inf", "-inf", "+1", "0x10", ".", "-", "1e", "1e+", "-1u", "tRUE", "truely", "",
        ] {
            let whole = read(text.as_bytes()).map(|(_, len)| len == text.len());
            assert_ne!(whole, Ok(true), "{text}");
        }
        for text in ["1e400", "9223372036854775808i", "18446744073709551616u"] {
            assert_eq!(value(text), Err(Rejected::OutOfRange), "{text}");
        }
    }

    proptest! {
        /// For all finite floats, in plain and in exponent notation, the value read is the one
        /// `std` reads, bit for bit.
        #[test]
        fn floats_are_correctly_rounded(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            for text in [format!("{number}"), format!("{number:e}"), format!("{number:.3}")] {
                let Ok(Value::Number(read)) = value(&text) else { panic!("{text} is a number") };
                prop_assert_eq!(read.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
        }

        /// For all decimals of few or many digits, as sensors and programs write them, the same.
        #[test]
        fn plain_decimals_are_correctly_rounded(digits: i64, shift in 0_u32..60, places in 0_usize..20) {
            let digits = digits >> shift;
            let sign = if digits < 0 { "-" } else { "" };
            let padded = format!("{:0>20}", digits.unsigned_abs());
            let (whole, fraction) = padded.split_at(padded.len() - places);
            let whole = whole.trim_start_matches('0');
            let text = format!("{sign}{}.{fraction}", if whole.is_empty() { "0" } else { whole });
            let Ok(Value::Number(read)) = value(&text) else { panic!("{text} is a number") };
            prop_assert_eq!(read.to_bits(), text.parse::<f64>().unwrap().to_bits());
        }

        /// For all integers the same.
        #[test]
        fn integers_are_the_nearest_floats(number: i64, unsigned: u64, shift in 0_u32..64, zeros in 0_usize..4) {
            let zeros = "0".repeat(zeros);
            let (number, unsigned) = (number >> shift, unsigned >> shift);
            let sign = if number < 0 { "-" } else { "" };
            let signed = format!("{sign}{zeros}{}i", number.unsigned_abs());
            prop_assert_eq!(value(&signed), Ok(Value::Number(number as f64)));
            prop_assert_eq!(value(&format!("{zeros}{unsigned}u")), Ok(Value::Number(unsigned as f64)));
        }
    }
}

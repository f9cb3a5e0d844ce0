//! Durations as people type them: Go's spelling, and days and weeks.
//!
//! `"1h30m"`, `"-10h"`, `"1.5h"`, `".5s"`, `"300ms"`, `"100us"`, `"7d"`, `"0"`: an optional sign,
//! then numbers with a unit each, largest or smallest first. Units: `ns`, `us` (`µs`), `ms`, `s`,
//! `m` (minutes, as in Go), `h`, `d` (24 hours), `w` (7 days). Blanks, words (`minutes`) and bare
//! numbers other than `0` are refused: a number without a unit is a mistake more often than not.
//!
//! The result is exact in nanoseconds; what a fraction has beyond that is cut off. There is no
//! calendar here: a day is 24 hours, and no unit is longer than a week.

use std::fmt;

/// Nanoseconds of each unit.
const UNITS: [(&str, i128); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
];

/// Why a text is no duration. Its `Display` is the text a user reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Where a number should stand there is none.
    NoNumber,
    /// A number without a unit, or with one that is not known.
    NoUnit,
    /// More than 292 years.
    TooLong,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNumber => "a duration is a number and a unit, such as 10s, 1h30m or -7d",
            Self::NoUnit => "a duration needs a unit: ns, us, ms, s, m (minutes), h, d or w",
            Self::TooLong => "a duration of more than 292 years",
        })
    }
}

impl std::error::Error for Malformed {}

/// The nanoseconds that `text` means.
///
/// # Errors
/// When it means none, or more than 64 bits of them.
pub fn parse(text: &str) -> Result<i64, Malformed> {
    let (sign, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(Malformed::NoNumber);
    }
    let mut sum = 0_i128;
    while !rest.is_empty() {
        let term;
        (term, rest) = first_term(rest)?;
        sum += term;
        if sum > i128::from(u64::MAX) {
            return Err(Malformed::TooLong);
        }
    }
    i64::try_from(sign * sum).map_err(|_| Malformed::TooLong)
}

/// The nanoseconds of the first number with its unit, and the text behind them.
fn first_term(text: &str) -> Result<(i128, &str), Malformed> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Malformed::NoNumber);
    }
    let name = rest
        .find(|c: char| c == '.' || c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name);
    let unit = UNITS.iter().find(|(known, _)| *known == name);
    let (_, unit) = unit.ok_or(Malformed::NoUnit)?;
    let whole = match whole {
        "" => 0,
        whole => whole.parse::<u64>().map_err(|_| Malformed::TooLong)?,
    };
    let mut part = 0_i128;
    let mut scale = 1_i128;
    for digit in fraction.bytes().take(18) {
        part = part * 10 + i128::from(digit - b'0');
        scale *= 10;
    }
    Ok((i128::from(whole) * unit + part * unit / scale, rest))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_spellings_mean_what_they_mean_in_go() {
        for (text, ns) in [
            ("0", 0),
            ("-0", 0),
            ("5s", 5_000_000_000),
            ("+5s", 5_000_000_000),
            ("-10h", -36_000_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("-1h30m", -5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("300ms", 300_000_000),
            ("100us", 100_000),
            ("12µs", 12_000),
            ("1m1ms", 60_001_000_000),
            ("39h9m14.425s", 140_954_425_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000 - 1),
            ("9223372036854775807ns", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
        ] {
            assert_eq!(parse(text), Ok(ns), "{text}");
        }
    }

    #[test]
    fn days_and_weeks_are_known() {
        assert_eq!(parse("7d"), parse("168h"));
        assert_eq!(parse("2w1d"), parse("360h"));
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", Malformed::NoNumber),
            ("-", Malformed::NoNumber),
            ("s", Malformed::NoNumber),
            (".s", Malformed::NoNumber),
            ("--5s", Malformed::NoNumber),
            (" 5s", Malformed::NoNumber),
            ("5", Malformed::NoUnit),
            ("1h30", Malformed::NoUnit),
            ("5 s", Malformed::NoUnit),
            ("5S", Malformed::NoUnit),
            ("5minutes", Malformed::NoUnit),
            ("1.5.5s", Malformed::NoUnit),
            ("1h-5m", Malformed::NoUnit),
            ("300w1000000d", Malformed::TooLong),
            ("9223372036854775808ns", Malformed::TooLong),
            ("99999999999999999999999s", Malformed::TooLong),
        ] {
            assert_eq!(parse(text), Err(reason), "{text:?}");
        }
    }
}

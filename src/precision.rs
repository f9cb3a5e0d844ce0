//! The unit of the timestamps in a file: `s`, `ms`, `us` or `ns`.

use std::fmt;
use std::str::FromStr;

/// A unit of time that line protocol is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds: what Telegraf writes and reads.
    #[default]
    Ns,
}

impl Precision {
    const ALL: [Self; 4] = [Self::S, Self::Ms, Self::Us, Self::Ns];

    /// The nanoseconds of one unit.
    #[must_use]
    pub const fn unit_ns(self) -> i64 {
        match self {
            Self::S => 1_000_000_000,
            Self::Ms => 1_000_000,
            Self::Us => 1_000,
            Self::Ns => 1,
        }
    }

    /// A timestamp in this unit as nanoseconds; what leaves the range becomes its end.
    #[must_use]
    pub const fn to_nanos(self, stamp: i64) -> i64 {
        stamp.saturating_mul(self.unit_ns())
    }

    /// Nanoseconds in this unit, rounded down.
    #[must_use]
    pub const fn of_nanos(self, nanos: i64) -> i64 {
        nanos.div_euclid(self.unit_ns())
    }

    /// The unit in which `stamp` is a time between the years 2001 and 2128, if there is one.
    ///
    /// A recording whose stamps are small on purpose (0, 1, 2, …) belongs to no unit.
    #[must_use]
    pub fn likely(stamp: i64) -> Option<Self> {
        const SECONDS: std::ops::Range<i64> = 1_000_000_000..5_000_000_000;
        Self::ALL
            .into_iter()
            .find(|unit| SECONDS.contains(&(stamp / (1_000_000_000 / unit.unit_ns()))))
    }

    /// What to tell the user when `stamp` looks like another unit than this one.
    #[must_use]
    pub fn doubt(self, stamp: i64) -> Option<String> {
        let likely = Self::likely(stamp).filter(|&likely| likely != self)?;
        Some(format!(
            "the timestamps look like {likely}, not {self}: try --precision {likely}"
        ))
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        })
    }
}

impl FromStr for Precision {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.to_string() == text)
            .ok_or("a precision is one of s, ms, us and ns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_is_told_apart_by_its_size() {
        for (stamp, unit) in [
            (1_596_653_152, Some(Precision::S)),
            (1_596_653_152_918, Some(Precision::Ms)),
            (1_596_653_152_918_531, Some(Precision::Us)),
            (1_596_653_152_918_531_000, Some(Precision::Ns)),
            (0, None),
            (17, None),
            (-1_596_653_152, None),
            (360_000_000_000, None),
        ] {
            assert_eq!(Precision::likely(stamp), unit, "{stamp}");
        }
    }

    #[test]
    fn a_stamp_survives_the_way_to_nanoseconds_and_back() {
        assert_eq!(
            Precision::Ms.of_nanos(Precision::Ms.to_nanos(1_600_000_000_123)),
            1_600_000_000_123
        );
        assert_eq!(Precision::S.of_nanos(-1), -1);
        assert_eq!(Precision::S.to_nanos(i64::MAX), i64::MAX);
    }

    #[test]
    fn stamps_of_another_unit_are_noticed() {
        let doubt = Precision::Ns.doubt(1_596_653_152).unwrap();
        assert_eq!(
            doubt,
            "the timestamps look like s, not ns: try --precision s"
        );
        assert_eq!(Precision::S.doubt(1_596_653_152), None);
        assert_eq!(Precision::Ms.doubt(17), None);
    }

    #[test]
    fn only_the_four_units_are_taken() {
        assert_eq!("us".parse(), Ok(Precision::Us));
        for text in ["", "S", "sec", "n"] {
            assert!(text.parse::<Precision>().is_err(), "{text}");
        }
    }
}

//! Why a line is not line protocol, in words for the log.

use std::fmt;

/// The reason a record was refused. Its `Display` is the text an operator reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// Nothing before the first comma or blank.
    NoMeasurement,
    /// A tag without `=`, without a key or without a value.
    BadTag,
    /// Nothing behind the series.
    NoFields,
    /// A field without a key or without `=`.
    BadFieldKey,
    /// What stands behind `=` is no number, boolean or string.
    BadValue,
    /// A number, but not one that fits: an integer beyond 64 bits or an infinite float.
    OutOfRange,
    /// A string whose closing quote is missing.
    OpenString,
    /// What stands behind the fields is no timestamp.
    BadTime,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMeasurement => "no measurement name",
            Self::BadTag => "a tag is not key=value",
            Self::NoFields => "no fields",
            Self::BadFieldKey => "a field is not key=value",
            Self::BadValue => "a value is no number, boolean or string",
            Self::OutOfRange => "a number is out of range",
            Self::OpenString => "a string is not closed",
            Self::BadTime => "the timestamp is no 64-bit integer",
        })
    }
}

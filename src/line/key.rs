//! The series part of a record: measurement and tags.
//!
//! It reaches to the first blank that is not escaped, and the escape rule is Telegraf's: in the
//! measurement a backslash pairs with whatever follows, in tags a blank, comma or `=` is escaped
//! when a backslash stands directly before it, whatever precedes that backslash (`t=x\\ y` is the
//! one value `x\\ y`). Names stay in their escaped form throughout; nothing is ever unescaped, so
//! nothing can change on its way through.
//!
//! Here "series" is measurement + tag set. One field of it, which is what gets a model, is the
//! measurement + sorted tag set + *field key*: the registry puts the two together.

use super::{Rejected, is_blank};

/// Measurement and tags of one record, borrowed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series<'a> {
    /// As written, escapes included; never empty.
    pub measurement: &'a [u8],
    /// Sorted by key, each key once (the last value counts, as in Telegraf); as written.
    pub tags: Vec<(&'a [u8], &'a [u8])>,
}

impl Series<'_> {
    /// The one spelling of this series: the tags sorted, each key once.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.measurement);
        for (key, value) in &self.tags {
            out.push(b',');
            out.extend_from_slice(key);
            out.push(b'=');
            out.extend_from_slice(value);
        }
    }
}

/// Where the series part of a trimmed record ends: the first blank that is not escaped.
///
/// `None` when the record has no such blank, and so no fields.
#[must_use]
pub fn series_end(record: &[u8]) -> Option<usize> {
    if let Some(blank) = memchr::memchr(b' ', record) {
        let name = &record[..blank];
        if !name.ends_with(b"\\") && memchr::memchr3(b'\t', 0x0b, 0x0c, name).is_none() {
            return Some(blank);
        }
    }
    let mut walk = Walk::default();
    record.iter().position(|&byte| walk.step(byte) == Part::End)
}

/// What a byte of the series part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Part of a name or value, plain or escaped.
    Inside,
    /// A comma between measurement and tags, or between tags.
    Comma,
    /// The `=` between a tag's key and its value.
    Equals,
    /// The blank or line end that ends the series.
    End,
}

/// Telegraf's escape rule, one byte at a time; also the framer's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Walk {
    in_tags: bool,
    escaped: bool,
}

impl Walk {
    pub(crate) fn step(&mut self, byte: u8) -> Part {
        let escaped = std::mem::replace(&mut self.escaped, false);
        match byte {
            b'\n' => Part::End,
            b'\\' => {
                // In the measurement two backslashes are a pair; in tags the second one escapes.
                self.escaped = self.in_tags || !escaped;
                Part::Inside
            }
            b' ' if escaped => Part::Inside,
            _ if is_blank(byte) => Part::End,
            b',' if !escaped => {
                self.in_tags = true;
                Part::Comma
            }
            b'=' if !escaped && self.in_tags => Part::Equals,
            _ => Part::Inside,
        }
    }
}

/// Reads a series part, as [`series_end`] cut it.
///
/// # Errors
/// [`Rejected::NoMeasurement`] or [`Rejected::BadTag`].
pub fn parse(series: &[u8]) -> Result<Series<'_>, Rejected> {
    if series.contains(&b'\r') {
        return Err(Rejected::BadTag);
    }
    let mut walk = Walk::default();
    let mut commas = Vec::new();
    let mut equals = Vec::new();
    for (at, &byte) in series.iter().enumerate() {
        match walk.step(byte) {
            Part::Comma => commas.push(at),
            Part::Equals => equals.push(at),
            Part::Inside | Part::End => {}
        }
    }
    let name_end = commas.first().copied().unwrap_or(series.len());
    if name_end == 0 {
        return Err(Rejected::NoMeasurement);
    }
    let mut tags = Vec::with_capacity(commas.len());
    let mut equals = equals.into_iter();
    let ends = commas.iter().skip(1).copied().chain([series.len()]);
    for (&comma, end) in commas.iter().zip(ends) {
        let equal = equals
            .next()
            .filter(|&at| comma < at && at < end)
            .ok_or(Rejected::BadTag)?;
        let (key, value) = (&series[comma + 1..equal], &series[equal + 1..end]);
        if key.is_empty() || value.is_empty() {
            return Err(Rejected::BadTag);
        }
        tags.push((key, value));
    }
    if equals.next().is_some() {
        return Err(Rejected::BadTag);
    }
    tags.sort_by_key(|&(key, _)| key);
    tags.reverse();
    tags.dedup_by_key(|&mut (key, _)| key);
    tags.reverse();
    Ok(Series {
        measurement: &series[..name_end],
        tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(series: &[u8]) -> Result<String, Rejected> {
        let mut out = Vec::new();
        parse(series)?.write_canonical(&mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_series_ends_at_the_first_blank_that_is_not_escaped() {
        for (record, end) in [
            ("m v=1", Some(1)),
            ("m\tv=1", Some(1)),
            ("m\x0bv=1 2", Some(1)),
            ("m,t=a v=1", Some(5)),
            (r"we\ ird,t=a\ b v=1", Some(14)),
            (r"m,t=x\\ y v=1", Some(9)),
            (r"m\\ v=1", Some(3)),
            ("m", None),
            ("m,t=a", None),
        ] {
            assert_eq!(series_end(record.as_bytes()), end, "{record:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_series_is_the_same_series() {
        for spelling in ["m,a=1,b=2", "m,b=2,a=1", "m,b=0,a=9,b=2,a=1"] {
            assert_eq!(
                canonical(spelling.as_bytes()).as_deref(),
                Ok("m,a=1,b=2"),
                "{spelling}"
            );
        }
        assert_eq!(canonical(b"m=x,t=\"a\"").as_deref(), Ok("m=x,t=\"a\""));
        assert_eq!(
            canonical(br"m\,n,t\=u=a\,b\=c").as_deref(),
            Ok(r"m\,n,t\=u=a\,b\=c")
        );
    }

    #[test]
    fn broken_tags_are_refused() {
        for series in [
            "m,", "m,t", "m,t=", "m,=a", "m,t=a,", "m,t=a=b", "m,,t=a", "m,a,b=c", "m\r,t=a",
        ] {
            assert_eq!(
                canonical(series.as_bytes()),
                Err(Rejected::BadTag),
                "{series}"
            );
        }
        assert_eq!(canonical(b",t=a"), Err(Rejected::NoMeasurement));
        assert_eq!(canonical(b""), Err(Rejected::NoMeasurement));
    }
}

//! One line of line protocol, field by field: the only writer in the program.
//!
//! A record is appended to a buffer and taken back whole if one of its numbers is not finite, so the
//! buffer never holds a partial line. Floats are written in the shortest form that reads back as the
//! same number; `5.0` is a float everywhere, and so is `1e300`.

use super::names::{Names, Template};
use super::number;
use crate::precision::Precision;

/// A record being written.
#[derive(Debug)]
pub struct Record<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    separator: u8, // before the next field: a blank, then commas
    sound: bool,   // every number so far was finite
}

impl<'a> Record<'a> {
    /// Begins a record about the field `field` (escaped as it came) of a series.
    pub fn begin(out: &'a mut Vec<u8>, name: &Template, names: &Names, field: &[u8]) -> Self {
        let start = out.len();
        names.write(out, name, field, None);
        Self {
            out,
            start,
            separator: b' ',
            sound: true,
        }
    }

    /// The same about a threshold of that field, in a form that needs no escapes.
    pub fn begin_threshold(
        out: &'a mut Vec<u8>,
        name: &Template,
        names: &Names,
        field: &[u8],
        threshold: &str,
    ) -> Self {
        let start = out.len();
        names.write(out, name, field, Some(threshold));
        Self {
            out,
            start,
            separator: b' ',
            sound: true,
        }
    }

    /// Begins a record with this measurement and one tag, both plain text.
    pub fn begin_plain(out: &'a mut Vec<u8>, measurement: &str, tag: (&str, &str)) -> Self {
        let start = out.len();
        out.extend_from_slice(measurement.as_bytes());
        if !tag.1.is_empty() {
            out.push(b',');
            out.extend_from_slice(tag.0.as_bytes());
            out.push(b'=');
            write_escaped(out, tag.1);
        }
        Self {
            out,
            start,
            separator: b' ',
            sound: true,
        }
    }

    /// A float field. A value that is not finite takes the whole record back.
    #[inline]
    pub fn float(&mut self, key: &str, value: f64) -> &mut Self {
        self.key(key);
        self.sound &= value.is_finite();
        number::write(self.out, value);
        self
    }

    /// A float field that may be absent.
    #[inline]
    pub fn maybe_float(&mut self, key: &str, value: Option<f64>) -> &mut Self {
        if let Some(value) = value {
            self.float(key, value);
        }
        self
    }

    /// An integer field.
    pub fn int(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        self.out
            .extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        self.out.push(b'i');
        self
    }

    /// A boolean field.
    pub fn bool(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key);
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// A string field.
    pub fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.out.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                b'\n' | b'\r' => self.out.push(b' '),
                _ => self.out.push(byte),
            }
        }
        self.out.push(b'"');
        self
    }

    /// Ends the line. False when the record had to be taken back.
    pub fn end(&mut self, nanos: i64, precision: Precision) -> bool {
        if !self.sound {
            self.out.truncate(self.start);
            return false;
        }
        self.out.push(b' ');
        let time = precision.of_nanos(nanos);
        self.out
            .extend_from_slice(itoa::Buffer::new().format(time).as_bytes());
        self.out.push(b'\n');
        true
    }

    #[inline]
    fn key(&mut self, key: &str) {
        self.out.push(self.separator);
        self.separator = b',';
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b'=');
    }
}

/// A tag value, escaped; what no database takes becomes an underscore.
fn write_escaped(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b' ' | b',' | b'=' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 | b'\\' | 0x7f => out.push(b'_'),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{fields, grammar, key, number::Value};
    use proptest::prelude::*;

    proptest! {
        /// For all numbers, a record reads back as what was written, or is not there at all.
        #[test]
        fn a_record_reads_back_or_is_taken_back(bits in any::<u64>(), int in any::<i64>(), nanos in any::<i64>(), text in ".{0,20}", tag in ".{0,10}") {
            let number = f64::from_bits(bits);
            let mut out = b"before\n".to_vec();
            let mut record = Record::begin_plain(&mut out, "m", ("t", &tag));
            record.float("f", number).int("i", int).bool("b", true).text("s", &text);
            let written = record.end(nanos, Precision::Ns);
            prop_assert_eq!(written, number.is_finite());
            let line = out.strip_prefix(b"before\n").unwrap();
            if !written {
                prop_assert!(line.is_empty());
                return Ok(());
            }
            let line = line.strip_suffix(b"\n").unwrap();
            prop_assert!(grammar::accepts(line), "{}", String::from_utf8_lossy(line));
            let mut found = Vec::new();
            let tail = fields::parse(line, key::series_end(line).unwrap(), &mut found).unwrap();
            let Value::Number(read) = found[0].value else { panic!("a float") };
            prop_assert_eq!(read.to_bits(), number.to_bits());
            prop_assert_eq!(tail.time.map(|(time, _)| time), Some(nanos));
        }
    }

    #[test]
    fn floats_stay_floats() {
        for (value, text) in [
            (5.0, "v=5.0"),
            (-0.0, "v=-0.0"),
            (0.1, "v=0.1"),
            (1e300, "v=1e+300"),
        ] {
            let mut out = Vec::new();
            Record::begin_plain(&mut out, "m", ("t", ""))
                .float("v", value)
                .end(1, Precision::Ns);
            let line = String::from_utf8(out).unwrap();
            assert_eq!(line, format!("m {text} 1\n"));
        }
    }
}

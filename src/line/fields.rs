//! The part of a record behind the series: fields and timestamp.
//!
//! One pass, no allocation beyond the caller's buffer. A record is taken or refused as a whole:
//! nothing of a line with a broken last field is ever observed.

use std::ops::Range;

use super::number::{self, Value};
use super::{Rejected, digits, is_blank};

/// One field, as positions in the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key as written, escapes included; never empty.
    pub key: Range<usize>,
    /// Number or not.
    pub value: Value,
}

/// Fields of a record that are kept. Nobody models so many of one series; further ones are read as
/// strictly, and counted, so that a line of 16 MiB does not take ten times that in memory.
pub const FIELDS_MAX: usize = 4_096;

/// What stands behind the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Where the last field ends.
    pub fields_end: usize,
    /// The timestamp and its place; `None` when the line has none.
    pub time: Option<(i64, Range<usize>)>,
    /// Numbers behind the first [`FIELDS_MAX`] fields.
    pub unkept: u64,
}

/// Reads fields and time of `record`, whose series part ends at `from`, into `fields`.
///
/// # Errors
/// The first thing that neither Telegraf nor the specification would take.
pub fn parse(record: &[u8], from: usize, fields: &mut Vec<Field>) -> Result<Tail, Rejected> {
    fields.clear();
    let mut at = skip_blanks(record, from);
    if at >= record.len() {
        return Err(Rejected::NoFields);
    }
    let mut unkept = 0;
    loop {
        let equals = key_end(record, at).ok_or(Rejected::BadFieldKey)?;
        let key = at..equals;
        let (value, end) = value_at(record, equals + 1)?;
        if fields.len() < FIELDS_MAX {
            fields.push(Field { key, value });
        } else {
            unkept += u64::from(matches!(value, Value::Number(_)));
        }
        at = end;
        match record.get(at) {
            Some(b',') => at += 1,
            None => {
                return Ok(Tail {
                    fields_end: at,
                    time: None,
                    unkept,
                });
            }
            Some(&byte) if is_blank(byte) => break,
            Some(_) => return Err(Rejected::BadValue),
        }
    }
    let fields_end = at;
    Ok(Tail {
        fields_end,
        time: time_at(record, skip_blanks(record, at))?,
        unkept,
    })
}

/// The content of a field that is a string, without its quotes and escapes.
#[must_use]
pub fn text(record: &[u8], field: &Field) -> Option<Vec<u8>> {
    let start = field.key.end + 2;
    let quoted = record.get(field.key.end + 1) == Some(&b'"');
    let end = string_end(record, start).filter(|_| quoted)?;
    let content = &record[start..end - 1];
    let mut text = Vec::with_capacity(content.len());
    let mut bytes = content.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let escaped = bytes.next_if(|next| byte == b'\\' && matches!(next, b'"' | b'\\'));
        text.push(escaped.unwrap_or(byte));
    }
    Some(text)
}

/// The value of a field that is a boolean.
#[must_use]
pub fn boolean(record: &[u8], field: &Field) -> Option<bool> {
    match record.get(field.key.end + 1)? {
        b't' | b'T' => Some(true),
        b'f' | b'F' => Some(false),
        _ => None,
    }
}

fn skip_blanks(record: &[u8], from: usize) -> usize {
    from + record[from..]
        .iter()
        .take_while(|&&byte| is_blank(byte))
        .count()
}

/// The position of the `=` that ends the key at `from`; a backslash pairs with what follows it.
fn key_end(record: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match *record.get(at)? {
            b'=' => return (at > from).then_some(at),
            b'\\' => {
                let next = *record.get(at + 1)?;
                if next != b' ' && (is_blank(next) || next == b'\r' || next == b'\n') {
                    return None;
                }
                at += 2;
            }
            b',' | b'\r' | b'\n' => return None,
            byte if is_blank(byte) => return None,
            _ => at += 1,
        }
    }
}

fn value_at(record: &[u8], at: usize) -> Result<(Value, usize), Rejected> {
    if record.get(at) == Some(&b'"') {
        let end = string_end(record, at + 1).ok_or(Rejected::OpenString)?;
        return Ok((Value::Other, end));
    }
    let (value, len) = number::read(&record[at.min(record.len())..])?;
    Ok((value, at + len))
}

/// Behind the closing quote of the string whose content starts at `at`.
fn string_end(record: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', record.get(at..)?)?;
        if record[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn time_at(record: &[u8], at: usize) -> Result<Option<(i64, Range<usize>)>, Rejected> {
    let negative = record.get(at) == Some(&b'-');
    let first = at + usize::from(negative);
    let (magnitude, end) = digits::run(record, first, 0);
    if skip_blanks(record, end) < record.len() {
        return Err(Rejected::BadTime);
    }
    match end - first {
        0 if negative => Err(Rejected::BadTime),
        0 => Ok(None),
        1..=19 => {
            let time = if negative {
                0_i64.checked_sub_unsigned(magnitude)
            } else {
                i64::try_from(magnitude).ok()
            };
            Ok(Some((time.ok_or(Rejected::BadTime)?, at..end)))
        }
        // Leading zeros, which the specification allows, or too large.
        _ => {
            let text = std::str::from_utf8(&record[at..end]).ok();
            let time = text.and_then(|text| text.parse().ok());
            Ok(Some((time.ok_or(Rejected::BadTime)?, at..end)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str) -> Result<(Vec<String>, Option<i64>), Rejected> {
        let from = super::super::key::series_end(record.as_bytes()).unwrap_or(record.len());
        let mut fields = Vec::new();
        let tail = parse(record.as_bytes(), from, &mut fields)?;
        let shown = fields.iter().map(|field| {
            let key = &record[field.key.clone()];
            match field.value {
                Value::Number(number) => format!("{key}={number}"),
                Value::Other => key.to_owned(),
            }
        });
        Ok((shown.collect(), tail.time.map(|(time, _)| time)))
    }

    #[test]
    fn all_kinds_of_fields_and_blanks_are_read() {
        let record = "m  a=1,b=2i,c=3u,d=t,e=\"x y,z=\\\"q\\\"\nw\",f\\ g\\==4\t 17  ";
        let (fields, time) = read(record).unwrap();
        assert_eq!(fields, ["a=1", "b=2", "c=3", "d", "e", "f\\ g\\==4"]);
        assert_eq!(time, Some(17));
        assert_eq!(read("m v=1").unwrap().1, None);
        assert_eq!(read("m v=1 ").unwrap().1, None);
        assert_eq!(read("m v=1 -1").unwrap().1, Some(-1));
        assert_eq!(read("m v=1 000000000000000000017").unwrap().1, Some(17));
        assert_eq!(
            read("m v=1 -9223372036854775808").unwrap().1,
            Some(i64::MIN)
        );
    }

    #[test]
    fn a_record_is_refused_as_a_whole() {
        for (record, reason) in [
            ("m", Rejected::NoFields),
            ("m ", Rejected::NoFields),
            ("m v=1,", Rejected::BadFieldKey),
            ("m v=1, 1", Rejected::BadFieldKey),
            ("m =1", Rejected::BadFieldKey),
            ("m v", Rejected::BadFieldKey),
            ("m v=", Rejected::BadValue),
            ("m v=1_000", Rejected::BadValue),
            ("m v=1I", Rejected::BadValue),
            ("m v=\"a\"b", Rejected::BadValue),
            ("m v=\"a", Rejected::OpenString),
            ("m v=\"a\\\"", Rejected::OpenString),
            ("m v=1 +1", Rejected::BadTime),
            ("m v=1 1.5", Rejected::BadTime),
            ("m v=1 -", Rejected::BadTime),
            ("m v=1 9223372036854775808", Rejected::BadTime),
            ("m v=1 10000000000000000000", Rejected::BadTime),
            ("m v=1 1 1", Rejected::BadTime),
        ] {
            assert_eq!(read(record), Err(reason), "{record:?}");
        }
    }
}

//! Our scanners against InfluxData's parser.

use std::fmt::Debug;

use brewcast::line::number::Value;
use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};

use super::point;

/// Where that parser is known to be wrong, or of another mind than Telegraf and the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownFault {
    /// `1e400` is read as infinite.
    Infinite,
    /// `m f=1, 1` is accepted.
    TrailingComma,
    /// `m,a,b=c v=1`, `m,t=a=b v=1` and the like: what must be escaped stands there unescaped.
    LooseNames,
    /// Tab, vertical tab, form feed and carriage return are parts of names, not blanks or line ends.
    Blanks,
}

/// For all records: reading never panics, and one that InfluxData's parser takes gives the same
/// numbers, keys and time with ours, but for its known faults.
pub fn scanner(data: &[u8]) {
    let record = super::text(data);
    let _ = point::read(&record);
    let record = record.split(|&byte| byte == b'\n').next().unwrap_or(&[]);
    if let Ok(text) = std::str::from_utf8(record) {
        compare(text);
    }
}

/// Compares one record, which the framer or the caller has cut; the fault that kept it from being
/// compared, if any.
pub fn compare(record: &str) -> Option<KnownFault> {
    let mut lines = parse_lines(record);
    let (Some(Ok(theirs)), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let is_infinite =
        |value: &FieldValue<'_>| matches!(value, FieldValue::F64(value) if !value.is_finite());
    if theirs.field_set.iter().any(|(_, value)| is_infinite(value)) {
        return Some(KnownFault::Infinite);
    }
    if record.contains(['\t', '\u{b}', '\u{c}', '\r']) {
        return Some(KnownFault::Blanks);
    }
    let ours = match point::read(record.as_bytes()) {
        Ok(Some(ours)) => ours,
        _ if has_trailing_comma(record) => return Some(KnownFault::TrailingComma),
        _ if has_loose_name(&theirs) => return Some(KnownFault::LooseNames),
        other => panic!("{record:?}: InfluxData's parser takes it, ours says {other:?}"),
    };
    assert_same(record, &ours, &theirs);
    None
}

fn assert_same(record: &str, ours: &point::Point, theirs: &ParsedLine<'_>) {
    assert_eq!(ours.time, theirs.timestamp, "the time of {record:?}");
    let numbers = theirs.field_set.iter().map(|(key, value)| {
        let number = match value {
            FieldValue::I64(value) => Value::Number(*value as f64),
            FieldValue::U64(value) => Value::Number(*value as f64),
            FieldValue::F64(value) => Value::Number(*value),
            FieldValue::String(_) | FieldValue::Boolean(_) => Value::Other,
        };
        (key.as_str().as_bytes().to_vec(), number)
    });
    let theirs_of_each = point::last_of_each(numbers);
    // Two backslashes are one to that parser and two to Telegraf.
    if record.contains('\\') {
        let values = |fields: &[(Vec<u8>, Value)]| fields.iter().map(|(_, value)| *value).collect();
        same(
            record,
            &sorted(values(&ours.fields)),
            &sorted(values(&theirs_of_each)),
        );
    } else {
        same(record, &ours.fields, &theirs_of_each);
        same(
            record,
            &ours.measurement,
            &theirs.series.measurement.as_str().as_bytes().to_vec(),
        );
    }
}

fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    let number = |value: &Value| match value {
        Value::Number(number) => *number,
        Value::Other => f64::INFINITY,
    };
    values.sort_by(|a, b| number(a).total_cmp(&number(b)));
    values
}

fn same<T: PartialEq + Debug>(record: &str, ours: &T, theirs: &T) {
    assert_eq!(ours, theirs, "{record:?}: ours and InfluxData's parser");
}

/// Whether a name has a character that must be escaped.
fn has_loose_name(theirs: &ParsedLine<'_>) -> bool {
    let tags = theirs.series.tag_set.iter().flatten();
    let in_tags = tags.flat_map(|(key, value)| [key, value]);
    let names = in_tags.chain(theirs.field_set.iter().map(|(key, _)| key));
    let mut names = names.map(|name| name.as_str());
    names.any(|name| name.contains([',', ' ', '=']))
}

/// Whether the fields end in a comma: that parser drops it without a word.
fn has_trailing_comma(record: &str) -> bool {
    let is_of_time = |c: char| c == ' ' || c == '-' || c.is_ascii_digit();
    record.trim_end_matches(is_of_time).ends_with(',')
}

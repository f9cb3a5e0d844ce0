//! One record, read with our scanners into names and values that can be compared.

use brewcast::line::number::Value;
use brewcast::line::{Rejected, fields, key, trim};

/// A record as Telegraf would have it: names unescaped, each key once, the last value counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub measurement: Vec<u8>,
    pub tags: Vec<(Vec<u8>, Vec<u8>)>,
    pub fields: Vec<(Vec<u8>, Value)>,
    pub time: Option<i64>,
}

/// Reads one record; `None` for a blank line or a comment.
pub fn read(record: &[u8]) -> Result<Option<Point>, Rejected> {
    let line = trim(record);
    if line.is_empty() || line[0] == b'#' {
        return Ok(None);
    }
    let end = key::series_end(line).ok_or(Rejected::NoFields)?;
    let series = key::parse(&line[..end])?;
    let mut found = Vec::new();
    let tail = fields::parse(line, end, &mut found)?;
    let tags = series.tags.iter();
    let fields = found.iter();
    Ok(Some(Point {
        measurement: unescape(series.measurement, b", "),
        tags: last_of_each(tags.map(|(key, value)| (unescape_key(key), unescape_key(value)))),
        fields: last_of_each(
            fields.map(|field| (unescape_key(&line[field.key.clone()]), field.value)),
        ),
        time: tail.time.map(|(time, _)| time),
    }))
}

/// Sorted by key, the last of each key.
pub fn last_of_each<V>(pairs: impl Iterator<Item = (Vec<u8>, V)>) -> Vec<(Vec<u8>, V)> {
    let map: std::collections::BTreeMap<_, _> = pairs.collect();
    map.into_iter().collect()
}

/// Tag keys, tag values and field keys.
fn unescape_key(name: &[u8]) -> Vec<u8> {
    unescape(name, b",= ")
}

/// Telegraf's rule: a backslash goes when one of `escaped` stands behind it, else it stays.
fn unescape(name: &[u8], escaped: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for (at, &byte) in name.iter().enumerate() {
        let next = name.get(at + 1);
        if byte != b'\\' || !next.is_some_and(|next| escaped.contains(next)) {
            out.push(byte);
        }
    }
    out
}

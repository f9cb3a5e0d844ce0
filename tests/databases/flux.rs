//! Rows of an annotated CSV, as Flux gives them (InfluxDB 2: "Annotated CSV").
//!
//! Each table has a `#datatype` line that says what its columns are; an error in the middle of an answer
//! comes as a table with the column `error`.

use std::collections::BTreeMap;
use std::time::SystemTime;

use csv::{ReaderBuilder, StringRecord};

use super::stored::Value;

/// One row: the columns that are not empty, but for `result` and `table`; times are ns.
pub(crate) type Row = BTreeMap<String, Value>;

/// All rows of all tables, or the error that the answer holds.
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut types, mut names, mut defaults) = Default::default();
    let mut is_head = true;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        match record.get(0) {
            Some("#datatype") => (types, is_head) = (record, true),
            Some("#default") => defaults = record,
            Some("#group") => {}
            _ if is_head => (names, is_head) = (record, false),
            _ => rows.push(row(&record, &names, &types, &defaults)?),
        }
    }
    Ok(rows)
}

fn row(
    record: &StringRecord,
    names: &StringRecord,
    types: &StringRecord,
    defaults: &StringRecord,
) -> Result<Row, String> {
    let mut row = Row::new();
    for (at, text) in record.iter().enumerate() {
        let text = if text.is_empty() {
            defaults.get(at).unwrap_or_default()
        } else {
            text
        };
        let (name, kind) = (&names[at], &types[at]);
        if name == "error" {
            return Err(text.to_owned());
        }
        if text.is_empty() || ["", "result", "table"].contains(&name) {
            continue;
        }
        let fault = || format!("{name}: {text} is no {kind}");
        let value = match kind {
            "double" => Value::Float(text.parse().map_err(|_| fault())?),
            "long" => Value::Integer(text.parse().map_err(|_| fault())?),
            "unsignedLong" => Value::Unsigned(text.parse().map_err(|_| fault())?),
            "boolean" => Value::Boolean(text == "true"),
            "dateTime:RFC3339" => Value::Integer(nanos(text).ok_or_else(fault)?),
            _ => Value::Text(text.to_owned()),
        };
        row.insert(name.to_owned(), value);
    }
    Ok(row)
}

fn nanos(text: &str) -> Option<i64> {
    let time = humantime::parse_rfc3339(text).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}

//! SQL over what InfluxDB 3 would hold, run by the engine it is built on, Apache DataFusion.
//!
//! InfluxDB 3 itself is not to be had here. What stands in: one table per measurement, `time` in ns
//! without a zone, tags as dictionaries of strings, fields by their types; a second record of a point
//! has overwritten the first. `VALIDATORS_PYTHON` names a Python with DataFusion (`.ci/validators`).

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Map, Value as Json, json};

use super::brewery::Brewery;
use super::flux::Row;
use super::server::needed;
use super::stored::{Stored, Value};

/// The interpreter that has the engine, and a brewery; `None` where one of them is not to be had.
pub(crate) fn with_brewery() -> Option<(String, Brewery)> {
    let python = needed("VALIDATORS_PYTHON")?;
    Some((python, Brewery::new("")?))
}

/// The rows of each query, or what is wrong with it.
pub(crate) fn run(
    python: &str,
    stored: &Stored,
    queries: &[String],
) -> Vec<Result<Vec<Row>, String>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/databases/sql.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("VALIDATORS_PYTHON starts");
    let input = json!({"tables": tables(stored), "queries": queries}).to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    answers.iter().map(answer).collect()
}

fn answer(answer: &Json) -> Result<Vec<Row>, String> {
    if let Some(fault) = answer["error"].as_str() {
        return Err(fault.to_owned());
    }
    let rows = answer["rows"].as_array().unwrap().iter();
    Ok(rows
        .map(|row| row.as_object().unwrap().iter().filter_map(cell).collect())
        .collect())
}

fn cell((name, value): (&String, &Json)) -> Option<(String, Value)> {
    let value = match value {
        Json::Null => return None,
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::String(text) => Value::Text(text.clone()),
        number => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Float(number.as_f64().unwrap()),
        },
    };
    Some((name.clone(), value))
}

/// Tables by name: their columns with types, and rows.
fn tables(stored: &Stored) -> Json {
    let mut tables: BTreeMap<&str, (BTreeMap<&str, &str>, Vec<Json>)> = BTreeMap::new();
    for ((measurement, tags, time), fields) in stored {
        let (columns, rows) = tables.entry(measurement).or_default();
        let mut row = Map::from_iter([("time".to_owned(), json!(time))]);
        for (key, value) in tags {
            assert_eq!(
                *columns.entry(key).or_insert("tag"),
                "tag",
                "{measurement}.{key}"
            );
            row.insert(key.clone(), json!(value));
        }
        for (key, value) in fields {
            let kind = value.kind();
            // A column is a tag or a field of one type, for ever: InfluxDB 3 refuses what is not.
            assert_eq!(
                *columns.entry(key).or_insert(kind),
                kind,
                "{measurement}.{key}"
            );
            row.insert(
                key.clone(),
                match value {
                    Value::Float(number) => json!(number),
                    Value::Integer(number) => json!(number),
                    Value::Unsigned(number) => json!(number),
                    Value::Boolean(flag) => json!(flag),
                    Value::Text(text) => json!(text),
                },
            );
        }
        rows.push(Json::Object(row));
    }
    let table = |(columns, rows)| json!({"columns": columns, "rows": rows});
    let tables = tables
        .into_iter()
        .map(|(name, parts)| (name.to_owned(), table(parts)));
    Json::Object(tables.collect())
}

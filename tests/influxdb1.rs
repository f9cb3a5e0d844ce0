//! Telegraf, brewcast and a real InfluxDB 1: what was sent is what is there.
//!
//! `INFLUXDB1_BIN` names the server and `TELEGRAF_BIN` the agent (`.ci/servers` gets both); without them
//! the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::{BTreeMap, BTreeSet};

use databases::brewery::Brewery;
use databases::server::Server;
use databases::stored::{Stored, Value, assert_forecasts_overwrite, assert_same, measurements, of};
use serde_json::Value as Json;

/// A brewery and the database that it is sent to, with an output that keeps everything.
fn brewery() -> Option<(Server, Brewery)> {
    let server = Server::influxdb1()?;
    let output = format!(
        "[[outputs.influxdb]]\n  urls = ['{}']\n  database = 'brew'\n  skip_database_creation = true\n",
        server.url
    );
    let brewery = Brewery::new(&output)?;
    Some((server, brewery))
}

/// Everything in the database, with types as the server has them.
fn stored(server: &Server) -> Stored {
    let mut stored = Stored::new();
    let kinds = kinds(server);
    for series in server.influxql("SELECT * FROM /.*/ GROUP BY *") {
        let name = series["name"].as_str().unwrap();
        let tags = series["tags"].as_object().into_iter().flatten();
        let tags = tags.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
        // A tag that a series lacks is an empty one.
        let tags: BTreeMap<String, String> = tags.filter(|(_, value)| !value.is_empty()).collect();
        let columns: Vec<&str> = texts(&series["columns"]);
        for row in series["values"].as_array().unwrap() {
            let mut fields = BTreeMap::new();
            for (column, value) in columns.iter().zip(row.as_array().unwrap()).skip(1) {
                if !value.is_null() {
                    let kind = &kinds[&(name.to_owned(), (*column).to_owned())];
                    fields.insert((*column).to_owned(), typed(value, kind));
                }
            }
            let point = (name.to_owned(), tags.clone(), row[0].as_i64().unwrap());
            stored.insert(point, fields);
        }
    }
    stored
}

fn texts(list: &Json) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

/// The type of each field of each measurement.
fn kinds(server: &Server) -> BTreeMap<(String, String), String> {
    let mut kinds = BTreeMap::new();
    for series in server.influxql("SHOW FIELD KEYS") {
        let name = series["name"].as_str().unwrap();
        for row in series["values"].as_array().unwrap() {
            let row = texts(row);
            let before = kinds.insert((name.to_owned(), row[0].to_owned()), row[1].to_owned());
            assert_eq!(before, None, "{name} {row:?}: a field of two types");
        }
    }
    kinds
}

fn typed(value: &Json, kind: &str) -> Value {
    match kind {
        "float" => Value::Float(value.as_f64().unwrap()),
        "integer" => Value::Integer(value.as_i64().unwrap()),
        "boolean" => Value::Boolean(value.as_bool().unwrap()),
        _ => Value::Text(value.as_str().unwrap().to_owned()),
    }
}

#[test]
fn every_record_is_in_influxdb_1_as_it_was_sent() {
    let Some((server, brewery)) = brewery() else {
        return;
    };
    let sent = brewery.run();
    let stored = stored(&server);
    let kinds = ["_anomaly", "_forecast", "_event"].map(|kind| format!("temperature{kind}"));
    let wanted: BTreeSet<&str> = kinds.iter().map(String::as_str).collect();
    assert!(wanted.is_subset(&measurements(&stored)));
    assert!(measurements(&stored).contains("pressure_eta"));
    assert_same(&stored, &sent.stored);
}

#[test]
fn forecasts_lie_in_the_future_and_a_new_one_overwrites_the_old_one_in_influxdb_1() {
    let Some((server, brewery)) = brewery() else {
        return;
    };
    let sent = brewery.run();
    let stored = stored(&server);
    assert_forecasts_overwrite(&stored, &sent.lines);
    let end_ns = brewery.end_s * 1_000_000_000;
    let ahead = of(&stored, "temperature_forecast").filter(|(point, _)| end_ns < point.2);
    assert!(ahead.count() >= 8, "too few points in the future");
}

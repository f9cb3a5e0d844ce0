//! Telegraf, brewcast and a real InfluxDB 2: what was sent is what is there, and who may send it.
//!
//! `INFLUXDB2_BIN` names the server and `TELEGRAF_BIN` the agent (`.ci/servers` gets both); without them
//! the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeMap;

use databases::brewery::Brewery;
use databases::flux::Row;
use databases::http::{get, post_lines};
use databases::server::Influx2;
use databases::stored::{Stored, Value, assert_forecasts_overwrite, assert_same, of};
use serde_json::json;

const EVERYTHING: &str = "from(bucket: \"brew\") |> range(start: 0, stop: 10d)";

fn output(influx: &Influx2, token: &str) -> String {
    format!(
        "[[outputs.influxdb_v2]]\n  urls = ['{}']\n  token = '{token}'\n  organization = 'home'\n  \
         bucket = 'brew'\n",
        influx.server.url
    )
}

/// Everything in the bucket.
fn stored(influx: &Influx2) -> Stored {
    let mut stored = Stored::new();
    for mut row in influx.flux(EVERYTHING) {
        let mut text = |name: &str| match row.remove(name) {
            Some(Value::Text(text)) => text,
            other => panic!("{name} is {other:?}"),
        };
        let (measurement, field) = (text("_measurement"), text("_field"));
        let (Some(Value::Integer(ns)), Some(value)) = (row.remove("_time"), row.remove("_value"))
        else {
            panic!("{row:?}")
        };
        let tags = tags(row);
        stored
            .entry((measurement, tags, ns))
            .or_default()
            .insert(field, value);
    }
    stored
}

fn tags(row: Row) -> BTreeMap<String, String> {
    let tags = row.into_iter().filter(|(name, _)| !name.starts_with('_'));
    tags.map(|(name, value)| (name, value.text().to_owned()))
        .collect()
}

#[test]
fn every_record_is_in_influxdb_2_as_it_was_sent() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = Brewery::new(&output(&influx, &influx.write_token())) else {
        return;
    };
    let sent = brewery.run();
    let stored = stored(&influx);
    assert!(0 < of(&stored, "temperature_event").count());
    assert!(0 < of(&stored, "pressure_eta").count());
    assert_same(&stored, &sent.stored);
}

#[test]
fn forecasts_lie_in_the_future_and_a_new_one_overwrites_the_old_one_in_influxdb_2() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = Brewery::new(&output(&influx, &influx.write_token())) else {
        return;
    };
    let sent = brewery.run();
    let stored = stored(&influx);
    assert_forecasts_overwrite(&stored, &sent.lines);
    let ahead = "from(bucket: \"brew\") |> range(start: now(), stop: 1h)
        |> filter(fn: (r) => r._measurement == \"temperature_forecast\" and r._field == \"yhat\")";
    assert!(influx.flux(ahead).len() >= 8, "nothing in the future");
}

#[test]
fn the_token_can_write_its_bucket_and_nothing_else() {
    let Some(influx) = Influx2::new() else { return };
    let org = &influx.org_id;
    influx.post(
        "/api/v2/buckets",
        &json!({"orgID": org, "name": "other", "retentionRules": []}),
    );
    let token = influx.write_token();
    let write = |bucket: &str| {
        let at = influx
            .server
            .at(&format!("/api/v2/write?org=home&bucket={bucket}"));
        post_lines(&at, &token, "m v=1\n").unwrap().status
    };
    assert_eq!(write("brew"), 204);
    // What it may not write it may not even see.
    assert!([401, 403, 404].contains(&write("other")));
    assert!([401, 403, 404].contains(&write("_monitoring")));
    let reply = influx.flux_reply(&token, "from(bucket: \"brew\") |> range(start: -1h)");
    assert!(
        reply.status != 200 && !reply.body.contains("_value"),
        "{reply:?}"
    );
    for (list, key) in [
        ("buckets", "buckets"),
        ("tasks", "tasks"),
        ("dashboards", "dashboards"),
        ("authorizations", "authorizations"),
    ] {
        let reply = get(&influx.server.at(&format!("/api/v2/{list}")), &token).unwrap();
        let seen = if reply.status < 300 {
            reply.json()[key].clone()
        } else {
            json!([])
        };
        assert_eq!(seen, json!([]), "{list}");
    }
    let forged = json!({"orgID": org, "description": "more", "permissions":
        [{"action": "read", "resource": {"type": "buckets", "orgID": org}}]});
    let at = influx.server.at("/api/v2/authorizations");
    let reply = databases::http::post(&at, &token, &forged.to_string()).unwrap();
    assert!([401, 403].contains(&reply.status), "{reply:?}");
}

#[test]
fn with_a_wrong_token_telegraf_says_so_and_keeps_what_it_has() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = Brewery::new(&output(&influx, "wrong")) else {
        return;
    };
    let ended = brewery.scene.run(&["--once"]);
    assert!(!ended.status.success());
    assert!(ended.log.contains("unauthorized"), "{}", ended.log);
    assert!(influx.flux(EVERYTHING).is_empty());
}

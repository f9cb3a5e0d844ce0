//! What `deploy/influxdb1` has for InfluxQL, and what is the same for every query that is shipped: run on
//! a real InfluxDB 1, the check also on the 1.x interface of a real InfluxDB 2.
//!
//! `INFLUXDB1_BIN`, `INFLUXDB2_BIN` and `TELEGRAF_BIN` name the programs (`.ci/servers` gets them);
//! without them the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use databases::brewery::{Brewery, LINES};
use databases::influx2::brewery_with;
use databases::server::{ADMIN, Influx2, Server, influxql};

const CHECK: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/deploy/influxdb1/check_events.sh"
);
const CONTINUOUS: &str = include_str!("../deploy/influxdb1/continuous.iql");

fn check(url: &str, token: &str) -> Output {
    let mut command = Command::new("sh");
    command
        .arg(CHECK)
        .env("INFLUX_HOST", url)
        .env("no_proxy", "127.0.0.1");
    if !token.is_empty() {
        command.env("INFLUX_TOKEN", token);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn wait_for_the_last_report(url: &str, token: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let last = format!("SELECT \"lines\" FROM \"brewcast\" WHERE \"lines\" = {LINES}");
    while influxql(url, token, &last).is_ok_and(|series| series.is_empty()) {
        assert!(Instant::now() < deadline, "the last report does not arrive");
        thread::sleep(Duration::from_millis(50));
    }
}

fn assert_check_finds_the_warm_vat(url: &str, token: &str, brewery: &Brewery) {
    assert_eq!(
        check(url, token).status.code(),
        Some(0),
        "before anything came"
    );
    let running = brewery.start();
    wait_for_the_last_report(url, token);
    let open = check(url, token);
    assert_eq!(open.status.code(), Some(2), "{}", said(&open));
    assert!(
        said(&open).starts_with("CRITICAL: 1 open\n"),
        "{}",
        said(&open)
    );
    assert!(said(&open).contains("brew=bv_2"), "{}", said(&open));
    running.signal(rustix::process::Signal::TERM);
    running.end(Duration::from_secs(30)).assert_understood(); // which closes the event
    let closed = check(url, token);
    assert_eq!(closed.status.code(), Some(0), "{}", said(&closed));
}

#[test]
fn the_check_says_which_events_are_open_in_influxdb_1() {
    let Some((server, brewery)) = Brewery::with_influxdb1() else {
        return;
    };
    assert_check_finds_the_warm_vat(&server.url, "", &brewery);
    assert_eq!(check("http://127.0.0.1:1", "").status.code(), Some(3));
}

#[test]
fn the_check_says_which_events_are_open_in_influxdb_2() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = brewery_with(&influx, &influx.write_token()) else {
        return;
    };
    assert_check_finds_the_warm_vat(&influx.server.url, ADMIN, &brewery);
    assert_eq!(check(&influx.server.url, "wrong").status.code(), Some(3));
}

#[test]
fn the_continuous_query_keeps_the_worst_score_of_each_minute() {
    let Some(server) = Server::influxdb1() else {
        return;
    };
    server.influxql("DROP DATABASE brew");
    let statements: Vec<&str> = CONTINUOUS
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    // Every second instead of every minute; as far back as the brewery goes.
    let soon = statements
        .join("\n")
        .replace("EVERY 1m FOR 10m", "EVERY 1s FOR 30m");
    server.influxql(&soon);
    let output =
        include_str!("../deploy/telegraf/influxdb1.conf").replace("${INFLUX_HOST}", &server.url);
    let Some(brewery) = Brewery::new(&output) else {
        return;
    };
    brewery.run();
    let kept = "SELECT max(\"anomaly_score\") FROM \"years\".\"temperature_anomaly\" GROUP BY *";
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.influxql(kept).len() < 2 {
        assert!(Instant::now() < deadline, "nothing is kept");
        thread::sleep(Duration::from_millis(100));
    }
    let worst = |from: &str| {
        let query = format!("SELECT max(\"anomaly_score\") FROM {from} WHERE \"brew\" = 'bv_1'");
        server.influxql(&query)[0]["values"][0][1].as_f64().unwrap()
    };
    let (kept, sent) = (
        worst("\"years\".\"temperature_anomaly\""),
        worst("\"temperature_anomaly\""),
    );
    assert!((kept - sent).abs() < 1e-12, "{kept} is kept of {sent}");
}

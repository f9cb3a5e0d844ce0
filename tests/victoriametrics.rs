//! Telegraf, brewcast and a real VictoriaMetrics, with the output settings of
//! `deploy/telegraf/victoriametrics.conf`.
//!
//! VictoriaMetrics takes line protocol and keeps floats only: a string becomes 0, a point at a time that
//! is there already is kept beside it, one beyond two days from now is thrown away. The settings leave
//! out what it can't keep. `VICTORIA_METRICS_BIN` names the server and `TELEGRAF_BIN` the agent
//! (`.ci/servers` gets both); without them the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use databases::brewery::{Brewery, LINES, POINTS, now_s};
use databases::http::{escape, get};
use databases::server::Server;
use databases::stored::Stored;
use serde_json::Value as Json;

/// The output as it is shipped, at the address of the test's server.
fn output(server: &Server) -> String {
    let shipped = include_str!("../deploy/telegraf/victoriametrics.conf");
    shipped.replace("${VICTORIA_METRICS_URL}", &server.url)
}

/// All samples: by name and labels, then by time in ms.
type Samples = BTreeMap<BTreeMap<String, String>, Vec<(i64, f64)>>;

fn samples(server: &Server) -> Samples {
    get(&server.at("/internal/force_flush"), "").unwrap();
    let all = escape("{__name__!=\"\"}");
    let end = now_s() + 30 * 86_400;
    let reply = get(
        &server.at(&format!("/api/v1/export?match[]={all}&start=0&end={end}")),
        "",
    )
    .unwrap();
    let mut samples = Samples::new();
    for line in reply.body.lines() {
        let series: Json = serde_json::from_str(line).unwrap();
        let labels = series["metric"].as_object().unwrap().iter();
        let labels = labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        let times = series["timestamps"].as_array().unwrap().iter();
        let values = series["values"].as_array().unwrap();
        let pairs = times
            .zip(values)
            .map(|(time, value)| (time.as_i64().unwrap(), value.as_f64().unwrap()));
        samples.insert(
            labels.filter(|(name, _)| name != "db").collect(),
            pairs.collect(),
        );
    }
    samples
}

/// The numbers of our records, as VictoriaMetrics names them.
fn expected(stored: &Stored, dropped: &[&str]) -> Samples {
    let mut samples = Samples::new();
    for ((measurement, tags, time), fields) in stored {
        for (field, value) in fields {
            let Some(number) = value
                .number()
                .filter(|_| !dropped.contains(&field.as_str()))
            else {
                continue;
            };
            let mut labels = tags.clone();
            labels.insert("__name__".into(), format!("{measurement}_{field}"));
            samples
                .entry(labels)
                .or_default()
                .push((time / 1_000_000, number));
        }
    }
    samples
}

fn dropped_rows(server: &Server) -> f64 {
    let metrics = get(&server.at("/metrics"), "").unwrap().body;
    let rows = metrics
        .lines()
        .filter(|line| line.starts_with("vm_rows_ignored_total"));
    rows.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

/// Fields that only a database with strings and whole numbers can keep.
const LEFT_OUT: [&str; 9] = [
    "kind",
    "reason",
    "state",
    "event_id",
    "crossing",
    "version",
    "start_ns",
    "end_ns",
    "issued_at",
];

#[test]
fn every_number_is_in_victoriametrics_once_and_no_string() {
    let Some(server) = Server::victoria_metrics() else {
        return;
    };
    let Some(brewery) = Brewery::new(&output(&server)) else {
        return;
    };
    let sent = brewery.run();
    let found = samples(&server);
    let ours = |labels: &BTreeMap<String, String>| labels.contains_key("field");
    for (labels, samples) in found.iter().filter(|(labels, _)| ours(labels)) {
        let name = &labels["__name__"];
        let times: BTreeSet<i64> = samples.iter().map(|(time, _)| *time).collect();
        if !name.contains("_forecast_") {
            let twice = samples.len() - times.len();
            assert_eq!(twice, 0, "{labels:?}: two samples at one time");
        }
        assert!(
            !LEFT_OUT
                .iter()
                .any(|field| name.ends_with(&format!("_{field}"))),
            "{name}"
        );
    }
    let expected = expected(&sent.stored, &LEFT_OUT);
    for (labels, samples) in expected.iter().filter(|(labels, _)| ours(labels)) {
        if !labels["__name__"].contains("_forecast_") {
            assert_eq!(found.get(labels), Some(samples), "{labels:?}");
        }
    }
    assert!(
        found
            .keys()
            .any(|labels| labels["__name__"] == "temperature_event_active")
    );
    assert!(dropped_rows(&server) == 0.0);
}

/// But for the second issue: the first comes with the end of the warm-up, the others at a pace of their own.
#[test]
fn every_time_is_forecast_once_in_victoriametrics_and_some_are_in_the_future() {
    let Some(server) = Server::victoria_metrics() else {
        return;
    };
    let Some(brewery) = Brewery::new(&output(&server)) else {
        return;
    };
    let sent = brewery.run();
    let last_word = expected(&sent.stored, &LEFT_OUT);
    let mut found = samples(&server);
    found.retain(|labels, _| labels["__name__"].ends_with("_forecast_yhat"));
    assert_eq!(found.len(), 5);
    for (labels, samples) in &found {
        let second_issue_s = brewery.end_s - POINTS + 30 + 20 + 20;
        let settled = samples
            .iter()
            .filter(|(time, _)| second_issue_s * 1000 < *time);
        let settled: Vec<_> = settled.collect();
        let times: BTreeSet<i64> = settled.iter().map(|(time, _)| *time).collect();
        assert!(times.len() > 100, "{} times", times.len());
        assert_eq!(
            times.len(),
            settled.len(),
            "{labels:?}: a time was forecast twice"
        );
        for sample in settled {
            assert!(last_word[labels].contains(sample), "{labels:?} {sample:?}");
        }
    }
    let end_ms = brewery.end_s * 1000;
    let last = found.values().filter_map(|samples| samples.last());
    assert!(
        last.into_iter().any(|(time, _)| end_ms < *time),
        "none in the future"
    );
}

#[test]
fn a_forecast_beyond_two_days_is_not_sent_to_victoriametrics() {
    let Some(server) = Server::victoria_metrics() else {
        return;
    };
    let far = "[model]\ncadence = '1h'\n";
    let Some(brewery) = Brewery::with_settings(&output(&server), far) else {
        return;
    };
    let lines: String = (0..100)
        .map(|n| {
            format!(
                "daily v={}.5 {}000000000\n",
                n % 5,
                brewery.end_s - (99 - n) * 36_000
            )
        })
        .collect();
    brewery.scene.write("in.lp", &lines);
    let settings = "[model]\ncadence = '10h'\n[forecast]\nhorizon = 16\npoints = 8\nevery = 2\n";
    brewery.scene.write("brewcast.toml", settings);
    let sent = brewery.run();
    let last = sent.stored.keys().map(|point| point.2).max().unwrap();
    assert!(
        brewery.end_s + 3 * 86_400 < last / 1_000_000_000,
        "nothing is forecast so far"
    );
    assert!(dropped_rows(&server) == 0.0);
    let found = samples(&server);
    let forecast = found
        .iter()
        .find(|(labels, _)| labels["__name__"] == "daily_forecast_yhat");
    assert!(brewery.end_s * 1000 < forecast.unwrap().1.last().unwrap().0);
}

/// The alert rules that are shipped, in the words of the server.
#[test]
fn the_queries_of_the_alert_rules_find_the_warm_vat() {
    let Some(server) = Server::victoria_metrics() else {
        return;
    };
    let Some(brewery) = Brewery::new(&output(&server)) else {
        return;
    };
    let _running = brewery.start();
    let rules: Json =
        serde_saphyr::from_str(include_str!("../deploy/victoriametrics/alerts.yml")).unwrap();
    let rules: Vec<&Json> = rules["groups"][0]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert!(!rules.is_empty());
    let firing = |expression: &str| {
        get(&server.at("/internal/force_flush"), "").unwrap();
        let at = server.at(&format!(
            "/api/v1/query?nocache=1&query={}",
            escape(expression)
        ));
        let answer = get(&at, "").unwrap().expect_json(expression);
        answer["data"]["result"].as_array().unwrap().clone()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while firing(&format!("brewcast_lines == {LINES}")).is_empty() {
        assert!(Instant::now() < deadline, "the last report does not arrive");
        thread::sleep(Duration::from_millis(50));
    }
    for rule in rules {
        let (name, expression) = (
            rule["alert"].as_str().unwrap(),
            rule["expr"].as_str().unwrap(),
        );
        let found = firing(expression);
        match name {
            "BrewcastEventOpen" => {
                assert_eq!(found.len(), 1, "{found:?}");
                assert_eq!(found[0]["metric"]["brew"], "bv_2");
            }
            "BrewcastScoreHigh" => assert!(!found.is_empty()),
            _ => assert!(found.is_empty(), "{name}: {found:?}"),
        }
    }
}

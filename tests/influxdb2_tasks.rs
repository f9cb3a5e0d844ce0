//! The tasks of `deploy/influxdb2/tasks`, run by a real InfluxDB 2: which statuses they write, and what they
//! tell a loopback endpoint.
//!
//! `INFLUXDB2_BIN` names the server, `TELEGRAF_BIN` the agent (`.ci/servers` gets them); without them the
//! tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use databases::brewery::now_s;
use databases::http::{patch, post_lines};
use databases::influx2::{TASKS, brewery_with, create, run, statuses};
use databases::server::{ADMIN, Influx2};
use serde_json::{Value as Json, json};

/// A verdict as brewcast writes it, so many seconds ago.
fn verdict(series: &str, ago_s: i64, y: f64, score: f64) -> String {
    let (time, flagged) = (now_s() - ago_s, score > 1.0);
    format!(
        "temperature_anomaly,{series} y={y:?},yhat=20.0,yhat_lower=19.0,yhat_upper=21.0,\
         residual=0.5,anomaly_score={score:?},is_anomaly={flagged} {time}000000000\n"
    )
}

fn write(influx: &Influx2, lines: &str) {
    let at = influx.server.at("/api/v2/write?org=home&bucket=brew");
    let reply = post_lines(&at, ADMIN, lines).unwrap();
    assert_eq!(reply.status, 204, "{}", reply.body);
}

/// Series with `host`, with other tags, with none at all: one status each, the worst of the minute.
#[test]
fn the_score_check_writes_a_status_for_each_series_also_without_the_tag() {
    let Some(influx) = Influx2::new() else { return };
    let lines = [
        verdict("field=t,host=pi", 20, 25.0, 3.5),
        verdict("field=t,host=pi", 10, 20.0, 0.1),
        verdict("field=t,brew=bv_1", 10, 20.5, 1.25),
        verdict("field=t", 10, 20.0, 0.5),
    ];
    write(&influx, &lines.concat());
    run(&influx, &create(&influx, TASKS[0].1));
    let found: BTreeSet<(String, String)> =
        statuses(&influx, "brewcast score").into_iter().collect();
    let expected = [
        (
            "crit",
            "temperature_anomaly pi t: 25 where 20 was expected (score 3.5)",
        ),
        (
            "ok",
            "temperature_anomaly - t: 20 where 20 was expected (score 0.5)",
        ),
        (
            "warn",
            "temperature_anomaly - t: 20.5 where 20 was expected (score 1.25)",
        ),
    ];
    let expected = expected.map(|(level, message)| (level.to_owned(), message.to_owned()));
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn the_silence_check_tells_the_series_of_which_no_verdict_comes() {
    let Some(influx) = Influx2::new() else { return };
    let lines = [
        verdict("field=t,host=pi", 10, 20.0, 0.1),
        verdict("field=t,host=gone", 600, 20.0, 0.1),
        verdict("field=t", 600, 20.0, 0.1),
    ];
    // A forecast of the future is no sign of life.
    let ahead = format!(
        "temperature_forecast,field=t,host=gone yhat=20.0,step=40i {}000000000\n",
        now_s() + 600
    );
    write(&influx, &(lines.concat() + &ahead));
    run(&influx, &create(&influx, TASKS[1].1));
    let mut found = statuses(&influx, "brewcast silence");
    found.sort();
    let expected = [
        (
            "crit",
            "temperature_anomaly - t: no verdict for five minutes",
        ),
        (
            "crit",
            "temperature_anomaly gone t: no verdict for five minutes",
        ),
        ("ok", "temperature_anomaly pi t: verdicts come"),
    ];
    assert_eq!(
        found,
        expected.map(|(level, message)| (level.to_owned(), message.to_owned()))
    );
}

/// From the real Telegraf to the loopback endpoint: the warm vat is a critical status, and one POST.
#[test]
fn the_warm_vat_is_told_to_the_endpoint_once() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = brewery_with(&influx, &influx.write_token()) else {
        return;
    };
    let (server, posts) = endpoint();
    let secrets = json!({"BREWCAST_WEBHOOK": format!("http://{server}/hook")});
    let at = format!("/api/v2/orgs/{}/secrets", influx.org_id);
    let reply = patch(&influx.server.at(&at), ADMIN, &secrets.to_string()).unwrap();
    assert_eq!(reply.status, 204, "{}", reply.body);
    // Every minute would be a long test: the same files, every five seconds.
    for (_, flux) in TASKS {
        let soon = flux
            .replacen("every: 1m, offset: 5s", "every: 5s, offset: 1s", 1)
            .replacen("every: 1m, offset: 10s", "every: 5s, offset: 2s", 1)
            .replace("start: -task.every", "start: -5m");
        assert!(soon.contains("every: 5s"));
        create(&influx, &soon);
    }
    write(
        &influx,
        &verdict("brew=bv_2,field=temperature", 200, 20.0, 0.1),
    );
    let deadline = Instant::now() + Duration::from_secs(60);
    while statuses(&influx, "brewcast score").is_empty() {
        assert!(Instant::now() < deadline, "no status");
        thread::sleep(Duration::from_millis(100));
    }
    brewery.run();
    let first: Json = posts
        .recv_timeout(Duration::from_secs(60))
        .expect("nothing is told");
    assert_eq!(first["level"], "crit");
    let message = first["message"].as_str().unwrap();
    assert!(
        message.starts_with("temperature_anomaly - temperature: 25"),
        "{message}"
    );
    // Two more periods: the status stays critical, which is no news.
    let more = posts.recv_timeout(Duration::from_secs(11));
    assert!(more.is_err(), "told again: {more:?}");
}

/// A web server on a free loopback port that hands on what is posted to it.
fn endpoint() -> (String, mpsc::Receiver<Json>) {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let address = server.server_addr().to_string();
    let (sender, posts) = mpsc::channel();
    thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let posted: Json = serde_json::from_reader(request.as_reader()).unwrap_or_default();
            request.respond(tiny_http::Response::empty(204)).ok();
            if sender.send(posted).is_err() {
                return;
            }
        }
    });
    (address, posts)
}

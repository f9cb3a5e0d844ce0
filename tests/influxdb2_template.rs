//! `deploy/influxdb2`: the template, the tokens and the tasks, applied to a real InfluxDB 2 by its own
//! command line, as `setup.sh` does it, and run.
//!
//! `INFLUXDB2_BIN` names the server, `INFLUX_BIN` its command line, `TELEGRAF_BIN` the agent
//! (`.ci/servers` gets them); without them the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use databases::brewery::{Brewery, now_s};
use databases::flux::Row;
use databases::grafana::list;
use databases::http::{get, post_lines};
use databases::server::{ADMIN, Influx2, needed};
use databases::stored::Value;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const TEMPLATE: &str = include_str!("../deploy/influxdb2/template.yml");
const TASKS: [(&str, &str); 3] = [
    (
        "brewcast score",
        include_str!("../deploy/influxdb2/tasks/score.flux"),
    ),
    (
        "brewcast silence",
        include_str!("../deploy/influxdb2/tasks/silence.flux"),
    ),
    (
        "brewcast notify",
        include_str!("../deploy/influxdb2/tasks/notify.flux"),
    ),
];

fn documents() -> Vec<Json> {
    serde_saphyr::from_multiple(TEMPLATE).unwrap()
}

/// Runs `setup.sh` with the real command line; gives the folder of the tokens.
fn set_up(influx: &Influx2) -> Option<TempDir> {
    let program = needed("INFLUX_BIN")?;
    let folder = TempDir::new().unwrap();
    run_setup(influx, &program, folder.path());
    Some(folder)
}

fn run_setup(influx: &Influx2, program: &str, folder: &Path) {
    let path = format!(
        "{}:{}",
        Path::new(program).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("sh")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/deploy/influxdb2/setup.sh"
        ))
        .arg(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("INFLUX_HOST", &influx.server.url)
        .env("INFLUX_TOKEN", ADMIN)
        .env("INFLUX_ORG", "home")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

fn secret(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name))
        .unwrap()
        .trim()
        .to_owned()
}

fn names(json: &Json) -> BTreeSet<String> {
    let names = list(json).iter().filter_map(|thing| thing["name"].as_str());
    names.map(str::to_owned).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn setup_makes_bucket_dashboard_checks_tasks_and_tokens_once() {
    let Some(influx) = Influx2::new() else { return };
    let Some(folder) = set_up(&influx) else {
        return;
    };
    let token = secret(folder.path(), "telegraf/write_token");
    run_setup(&influx, &needed("INFLUX_BIN").unwrap(), folder.path()); // once more, to no effect
    assert_eq!(secret(folder.path(), "telegraf/write_token"), token);
    let org = &influx.org_id;
    let dashboards = influx.get(&format!("/api/v2/dashboards?orgID={org}"));
    assert_eq!(names(&dashboards["dashboards"]), set(&["brewcast"]));
    assert_eq!(list(&dashboards["dashboards"]).len(), 1);
    assert_eq!(list(&dashboards["dashboards"][0]["cells"]).len(), 6);
    let tasks = influx.get(&format!("/api/v2/tasks?orgID={org}"));
    let tasks = names(&tasks["tasks"]);
    assert!(
        set(&TASKS.map(|(name, _)| name)).is_subset(&tasks),
        "{tasks:?}"
    );
    let checks = influx.get(&format!("/api/v2/checks?orgID={org}"));
    assert_eq!(
        names(&checks["checks"]),
        set(&["brewcast event", "brewcast alive"])
    );
    let variables = influx.get(&format!("/api/v2/variables?orgID={org}"));
    assert_eq!(
        names(&variables["variables"]),
        set(&["measurement", "field", "brew"])
    );
}

#[test]
fn the_tokens_that_setup_makes_may_do_one_thing_each_and_nobody_else_reads_them() {
    let Some(influx) = Influx2::new() else { return };
    let Some(folder) = set_up(&influx) else {
        return;
    };
    let write = secret(folder.path(), "telegraf/write_token");
    let read = secret(folder.path(), "grafana/read_token");
    let at = influx.server.at("/api/v2/write?org=home&bucket=brew");
    assert_eq!(post_lines(&at, &write, "m v=1\n").unwrap().status, 204);
    assert_eq!(post_lines(&at, &read, "m v=1\n").unwrap().status, 403);
    let query = "from(bucket: \"brew\") |> range(start: -1h)";
    assert!(influx.flux_reply(&read, query).body.contains("_value"));
    assert!(!influx.flux_reply(&write, query).body.contains("_value"));
    for token in [&write, &read] {
        let tasks = get(&influx.server.at("/api/v2/tasks"), token).unwrap();
        assert!(
            tasks.status != 200 || tasks.json()["tasks"] == json!([]),
            "{tasks:?}"
        );
    }
    for name in ["telegraf/write_token", "grafana/read_token"] {
        let mode = fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// The template says what `tasks/` says, but for what a template can't have.
#[test]
fn the_tasks_of_the_template_are_those_of_the_files() {
    let documents = documents();
    for (name, file) in TASKS {
        let task = documents
            .iter()
            .find(|one| one["spec"]["name"] == name && one["kind"] == "Task");
        let spec = &task.unwrap_or_else(|| panic!("no {name}"))["spec"];
        let (option, rest): (Vec<&str>, Vec<&str>) = file
            .lines()
            .partition(|line| line.starts_with("option task"));
        let (every, offset) = (
            spec["every"].as_str().unwrap(),
            spec["offset"].as_str().unwrap(),
        );
        assert_eq!(
            option,
            [format!(
                "option task = {{name: \"{name}\", every: {every}, offset: {offset}}}"
            )]
        );
        let words = |text: &str| -> Vec<String> {
            let text = text
                .replace("-task.every", "-1m")
                .replace("task.every", "1m");
            text.split_whitespace().map(str::to_owned).collect()
        };
        let from = rest
            .iter()
            .position(|line| line.starts_with("import"))
            .unwrap();
        assert_eq!(
            words(spec["query"].as_str().unwrap()),
            words(&rest[from..].join("\n"))
        );
    }
}

/// Every query of the template's dashboard and variables answers, for a series with tags.
#[test]
fn the_cells_of_the_template_show_what_was_sent() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = brewery(&influx) else {
        return;
    };
    brewery.run();
    let chosen = "option v = {timeRangeStart: -20m, timeRangeStop: 10m, windowPeriod: 10s, \
                  measurement: \"temperature\", field: \"temperature\", brew: \"bv_2\"}\n";
    let mut cells = 0;
    for document in documents() {
        if document["kind"] == "Variable" {
            let rows = influx.flux(document["spec"]["query"].as_str().unwrap());
            assert!(!rows.is_empty(), "{document}");
        }
        for cell in list(&document["spec"]["charts"]) {
            let query = cell["queries"][0]["query"].as_str().unwrap();
            let rows = influx.flux(&format!("{chosen}{query}"));
            assert!(!rows.is_empty(), "{}", cell["name"]);
            cells += 1;
            if cell["kind"] == "Band" {
                assert_is_band(&influx, &format!("{chosen}{query}"), &brewery);
            }
        }
    }
    assert_eq!(cells, 6);
}

/// A band finds its three lines by the names of their results.
fn assert_is_band(influx: &Influx2, query: &str, brewery: &Brewery) {
    let body = influx.flux_reply(ADMIN, query).body;
    for line in ["yhat_upper", "yhat", "yhat_lower"] {
        assert!(body.contains(&format!(",{line},")), "no result {line}");
    }
    let times = influx.flux(query);
    let last = times.iter().map(time_ns).max().unwrap();
    assert!(
        brewery.end_s * 1_000_000_000 < last,
        "no forecast in the band"
    );
}

fn time_ns(row: &Row) -> i64 {
    match row["_time"] {
        Value::Integer(ns) => ns,
        _ => 0,
    }
}

/// The brewery after `setup.sh`, with the token as it is in its file.
fn brewery(influx: &Influx2) -> Option<Brewery> {
    let folder = set_up(influx)?;
    brewery_with(influx, &secret(folder.path(), "telegraf/write_token"))
}

/// The brewery, with the output as it is shipped.
fn brewery_with(influx: &Influx2, token: &str) -> Option<Brewery> {
    let output = include_str!("../deploy/telegraf/influxdb2.conf");
    let brewery = Brewery::new(&output.replace("${INFLUX_HOST}", &influx.server.url))?;
    brewery.secret("write_token", token);
    Some(brewery)
}

/// Creates a task as it is in its file; gives its id.
fn create(influx: &Influx2, flux: &str) -> String {
    let body = json!({"orgID": influx.org_id, "flux": flux, "status": "active"});
    let made = influx.post("/api/v2/tasks", &body);
    made["id"].as_str().unwrap().to_owned()
}

/// Runs a task now, to its end; a run that fails is a fault.
fn run(influx: &Influx2, task: &str) {
    let started = influx.post(&format!("/api/v2/tasks/{task}/runs"), &json!({}));
    let run = started["id"].as_str().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let at = influx
            .server
            .at(&format!("/api/v2/tasks/{task}/runs/{run}"));
        let reply = get(&at, ADMIN).unwrap();
        let state = if reply.status == 200 {
            reply.json()["status"].clone()
        } else {
            Json::Null
        };
        match state.as_str() {
            Some("success") => return,
            Some("failed" | "canceled") => {
                let logs = influx.get(&format!("/api/v2/tasks/{task}/runs/{run}/logs"));
                panic!("{task}: {logs}");
            }
            _ => assert!(Instant::now() < deadline, "{task}: does not end"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The statuses of a check: of each series the level, by its message.
fn statuses(influx: &Influx2, check: &str) -> Vec<(String, String)> {
    let query = format!(
        "from(bucket: \"_monitoring\") |> range(start: -1h, stop: 1h)
         |> filter(fn: (r) => r._measurement == \"statuses\" and r._check_name == \"{check}\")
         |> filter(fn: (r) => r._field == \"_message\")"
    );
    let rows = influx.flux(&query);
    rows.iter()
        .map(|row| {
            (
                row["_level"].text().to_owned(),
                row["_value"].text().to_owned(),
            )
        })
        .collect()
}

/// The checks that InfluxDB itself makes of the template, on what Telegraf sent.
#[test]
fn the_checks_of_the_template_write_statuses() {
    let Some(influx) = Influx2::new() else { return };
    let Some(brewery) = brewery(&influx) else {
        return;
    };
    let _running = brewery.start();
    let checks = influx.get(&format!("/api/v2/checks?orgID={}", influx.org_id));
    let task = |name: &str| {
        let check = list(&checks["checks"])
            .iter()
            .find(|check| check["name"] == name);
        check.unwrap()["taskID"].as_str().unwrap().to_owned()
    };
    for (name, level, message) in [
        ("brewcast event", "crit", "temperature: crit"),
        ("brewcast alive", "ok", "cellar: ok"),
    ] {
        // What was sent last may not be there yet.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut found = Vec::new();
        while found.is_empty() {
            assert!(Instant::now() < deadline, "{name}: no status");
            run(&influx, &task(name));
            found = statuses(&influx, name);
        }
        assert!(
            found
                .iter()
                .all(|status| *status == (level.into(), message.into())),
            "{found:?}"
        );
    }
}

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
    patch(
        &influx,
        &format!("/api/v2/orgs/{}/secrets", influx.org_id),
        &secrets,
    );
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

fn patch(influx: &Influx2, path: &str, body: &Json) {
    let reply = databases::http::patch(&influx.server.at(path), ADMIN, &body.to_string()).unwrap();
    assert!(reply.status < 300, "{reply:?}");
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

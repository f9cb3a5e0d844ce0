//! `deploy/influxdb2`: the template and the tokens, applied to a real InfluxDB 2 by its own command line, as
//! `setup.sh` does it.
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
use std::time::{Duration, Instant};

use databases::brewery::Brewery;
use databases::flux::Row;
use databases::grafana::list;
use databases::http::{get, post_lines};
use databases::influx2::{TASKS, brewery_with, run, statuses};
use databases::server::{ADMIN, Influx2, needed};
use databases::stored::Value;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const TEMPLATE: &str = include_str!("../deploy/influxdb2/template.yml");
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

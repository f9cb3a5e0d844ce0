//! The files of `deploy/` as such: each is named by a test and by the guide, none holds a secret; and those
//! for a machine: the processor in the real Telegraf, the drop-in before systemd's own verifier, what
//! Grafana is given, with the queries of its alerts run on a real InfluxDB 2.
//!
//! `.ci/servers` gets the programs; without one its test says that it skips. Not shown: Grafana.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::telegraf_agent::{Scene, is_ours};
use databases::brewery::Brewery;
use databases::grafana::list;
use databases::server::{ADMIN, Influx2, influxql};
use databases::shipped::{STATE, files, in_place, root, said, yaml};
use tempfile::TempDir;

const DATASOURCES: &str = include_str!("../deploy/grafana/provisioning/datasources/brewcast.yaml");
const ALERTS: &str = include_str!("../deploy/grafana/provisioning/alerting/brewcast.yaml");
const PROCESSOR: &str = include_str!("../deploy/telegraf/brewcast.conf");
const DROP_IN: &str = include_str!("../deploy/systemd/brewcast.conf");

#[test]
fn every_file_of_deploy_is_named_by_a_test() {
    let mut tests = String::new();
    for file in files("tests").iter().filter(|file| file.ends_with(".rs")) {
        tests += &fs::read_to_string(root().join(file)).unwrap();
    }
    // The scripts of the package are run by the step that installs it.
    tests += &fs::read_to_string(root().join(".ci/package")).unwrap();
    tests += &fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for file in files("deploy") {
        let folder = format!("{}/\"", Path::new(&file).parent().unwrap().display());
        let is_named =
            tests.contains(&file) || tests.contains(&format!("maintainer-scripts = \"{folder}"));
        assert!(is_named, "no test names {file}");
    }
}

/// `deploy/README.md` names every file, and only files that are there.
#[test]
fn the_guide_of_deploy_names_every_file_and_no_other() {
    let guide = fs::read_to_string(root().join("deploy/README.md")).unwrap();
    let links = guide.split("](").skip(1);
    let named: BTreeSet<String> = links
        .map(|rest| format!("deploy/{}", rest.split(')').next().unwrap()))
        .collect();
    let mut there = BTreeSet::from_iter(files("deploy"));
    there.remove("deploy/README.md");
    assert_eq!(named, there);
}

/// A token is in a file of its own, in the environment or in a secret store; never in one of ours.
#[test]
fn no_file_of_deploy_holds_a_secret() {
    let mut settings = 0;
    for file in files("deploy") {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        for line in text.lines() {
            let line = line.trim_start_matches(['#', ' ', '-']);
            let Some((key, value)) = line.split_once([':', '=']) else {
                continue;
            };
            let key = key.trim().trim_matches('"').to_lowercase();
            let is_name = key.chars().all(|c| c.is_alphanumeric() || c == '_');
            let is_secret = ["token", "password"].iter().any(|word| key.ends_with(word));
            if !is_name || !is_secret || value.trim() == "false" {
                continue;
            }
            let value = value.trim().trim_matches(['"', '\'', '{']);
            let is_elsewhere = value.starts_with('$') || value.starts_with("@{");
            assert!(is_elsewhere || value == "...", "{file}: {line}");
            settings += 1;
        }
    }
    assert!(8 <= settings, "{settings}: the test looks past them");
}

#[test]
fn scripts_can_be_run_and_have_no_faults_that_a_shell_sees() {
    for file in files("deploy") {
        let path = root().join(&file);
        let is_script = fs::read_to_string(&path).unwrap().starts_with("#!/bin/sh");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(is_script, mode & 0o111 != 0, "{file}");
        if is_script {
            let (is_well, said) = said(Command::new("sh").arg("-n").arg(&path));
            assert!(is_well, "{file}: {said}");
        }
    }
}

/// The processor as a package puts it into telegraf.d, with the settings as they are shipped.
#[test]
fn the_processor_of_the_package_runs_in_telegraf_and_has_none_of_the_classic_mistakes() {
    let Some(scene) = Scene::new() else { return };
    let settings = include_str!("../cmd/brewcast/brewcast.toml");
    scene.write("in.lp", "m,host=a v=1 1700000000000000000\n");
    let agent = "[agent]\n  omit_hostname = true\n  skip_processors_after_aggregators = true\n";
    let processor = in_place(&scene, PROCESSOR, settings);
    scene.configure(&[agent, &scene.file_input(), &processor, &scene.file_output()]);
    scene.run(&["--once"]).assert_understood();
    let arrived = scene.arrived();
    assert!(
        arrived
            .lines()
            .any(|line| line.starts_with("m,host=a v=1 "))
    );
    assert!(
        arrived
            .lines()
            .any(|line| is_ours(line) && line.contains("config_ok=1i"))
    );
    let (is_well, kept) = said(
        Command::new(env!("CARGO_BIN_EXE_brewcast"))
            .arg("inspect")
            .arg(scene.path("state")),
    );
    assert!(is_well && kept.contains("m,host=a v"), "{kept}");
    let (is_well, faults) = said(
        Command::new(env!("CARGO_BIN_EXE_brewcast"))
            .args(["check", "--config"])
            .arg(scene.path("brewcast.toml"))
            .arg("--telegraf")
            .arg(scene.path("telegraf.conf")),
    );
    assert!(is_well, "{faults}");
}

/// What keeps a state keeps it in one place, and everything that has to be there for it makes that place.
#[test]
fn the_state_is_kept_in_the_folder_that_package_image_systemd_and_kubernetes_make() {
    let folder = Path::new(STATE).parent().unwrap().to_str().unwrap();
    let of = |file: &str| fs::read_to_string(root().join("deploy").join(file)).unwrap();
    for file in ["telegraf/brewcast.conf", "kubernetes/brewcast.yaml"] {
        assert!(of(file).contains(&format!("\"{STATE}\"")), "{file}");
    }
    for (file, made) in [
        ("debian/postinst", format!("-m 0750 {folder}\n")),
        ("debian/postrm", format!("rm -rf {folder}\n")),
        ("docker/Dockerfile", format!("mkdir -p {folder} ")),
        ("docker-compose.yml", format!("state:{folder}\n")),
        ("kubernetes/brewcast.yaml", format!("mountPath: {folder}\n")),
        (
            "systemd/brewcast.conf",
            format!(
                "StateDirectory={}\n",
                folder.strip_prefix("/var/lib/").unwrap()
            ),
        ),
    ] {
        assert!(of(file).contains(&made), "{file}: {made}");
    }
}

#[test]
fn the_drop_in_is_understood_by_systemd() {
    let (is_there, _) = said(Command::new("sh").args(["-c", "command -v systemd-analyze"]));
    if !is_there {
        let why = "SKIPPED: no systemd-analyze: the_drop_in_is_understood_by_systemd needs it";
        writeln!(std::io::stderr(), "{why}").ok();
        return;
    }
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("telegraf.service");
    fs::write(
        &unit,
        "[Service]\nType=notify\nUser=root\nExecStart=/bin/true\nRestart=on-failure\n",
    )
    .unwrap();
    let drop_ins = folder.path().join("telegraf.service.d");
    fs::create_dir(&drop_ins).unwrap();
    fs::write(drop_ins.join("brewcast.conf"), DROP_IN).unwrap();
    let (is_well, said) = said(Command::new("systemd-analyze").arg("verify").arg(&unit));
    assert!(is_well && !said.contains("brewcast.conf"), "{said}");
}

/// Data sources by uid: what the rules and the dashboards ask is provisioned.
#[test]
fn what_grafana_is_given_refers_to_things_that_exist() {
    let sources = yaml(DATASOURCES);
    let mut uids: BTreeSet<&str> = list(&sources["datasources"])
        .iter()
        .map(|one| one["uid"].as_str().unwrap())
        .collect();
    uids.insert("__expr__");
    let alerts = yaml(ALERTS);
    for rule in list(&alerts["groups"][0]["rules"]) {
        let steps: BTreeSet<&str> = list(&rule["data"])
            .iter()
            .map(|step| step["refId"].as_str().unwrap())
            .collect();
        assert!(
            steps.contains(rule["condition"].as_str().unwrap()),
            "{rule}"
        );
        for step in list(&rule["data"]) {
            assert!(
                uids.contains(step["datasourceUid"].as_str().unwrap()),
                "{step}"
            );
            assert_eq!(step["refId"], step["model"]["refId"]);
            if let Some(before) = step["model"]["expression"].as_str() {
                assert!(steps.contains(before), "{step}");
            }
        }
    }
}

/// The four rules, on what Telegraf sent: the warm vat has an open event and a high score; nothing is silent or left out.
#[test]
fn the_queries_of_grafanas_alerts_find_the_warm_vat() {
    let Some(influx) = Influx2::new() else { return };
    let output = include_str!("../deploy/telegraf/influxdb2.conf");
    let output = output.replace("${INFLUX_HOST}", &influx.server.url);
    let Some(brewery) = Brewery::new(&output) else {
        return;
    };
    brewery.secret("write_token", &influx.write_token());
    let _running = brewery.start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let report = "SELECT * FROM \"brewcast\"";
    while influxql(&influx.server.url, ADMIN, report).is_ok_and(|series| series.is_empty()) {
        assert!(Instant::now() < deadline, "no report");
        thread::sleep(Duration::from_millis(50));
    }
    let alerts = yaml(ALERTS);
    let query = |uid: &str| {
        let rules = list(&alerts["groups"][0]["rules"]).iter();
        let rule = rules.clone().find(|rule| rule["uid"] == uid).unwrap();
        rule["data"][0]["model"]["query"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let flux = |uid: &str| {
        // Imports stand first.
        let text = query(uid).replace("v.timeRangeStart", "-1d");
        influx.flux(&text.replace("v.timeRangeStop", "1h"))
    };
    let open: Vec<_> = flux("brewcast-event-open");
    let open = open
        .iter()
        .filter(|row| row["_value"].number() == Some(1.0));
    assert_eq!(
        open.map(|row| row["brew"].text()).collect::<Vec<_>>(),
        ["bv_2"]
    );
    let left_out = flux("brewcast-left-out");
    assert_eq!(left_out.len(), 7, "each of the counters: {left_out:?}");
    assert!(
        left_out
            .iter()
            .all(|row| row["_value"].number() == Some(0.0))
    );
    assert_eq!(flux("brewcast-silent")[0]["_value"].number(), Some(1.0));
    let high = query("brewcast-score-high").replace("$timeFilter", "time > now() - 1h");
    let high = influxql(&influx.server.url, ADMIN, &high).unwrap();
    let worst = |brew: &str| {
        let of = high
            .iter()
            .find(|series| series["tags"]["brew"] == brew)
            .unwrap();
        of["values"][0][1].as_f64().unwrap()
    };
    assert!(1.75 < worst("bv_2"));
}

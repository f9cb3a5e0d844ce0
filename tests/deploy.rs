//! What of `deploy/` no server here can be started for, held against schemas and against the files that it
//! speaks of; and that each file of `deploy/` is named by a test.
//!
//! Compose: its own loader and its schema. Kubernetes: the schemas of its API, strictly. Grafana: what
//! is provisioned exists, the alerts' queries run on a real InfluxDB 2. systemd: its own verifier. Telegraf's
//! files: the real Telegraf, with brewcast in it. `.ci/servers` and `.ci/validators` get the programs;
//! without one its test says that it skips. Not shown: that containers start.

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
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::telegraf_agent::{Scene, is_ours};
use databases::brewery::Brewery;
use databases::grafana::list;
use databases::http::get;
use databases::server::{ADMIN, Influx2, influxql, needed};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const COMPOSE: &str = include_str!("../deploy/docker-compose.yml");
const DOCKERFILE: &str = include_str!("../deploy/docker/Dockerfile");
const DEMO: &str = include_str!("../deploy/docker/demo.conf");
const KUBERNETES: &str = include_str!("../deploy/kubernetes/brewcast.yaml");
const DATASOURCES: &str = include_str!("../deploy/grafana/provisioning/datasources/brewcast.yaml");
const PROVIDERS: &str = include_str!("../deploy/grafana/provisioning/dashboards/brewcast.yaml");
const ALERTS: &str = include_str!("../deploy/grafana/provisioning/alerting/brewcast.yaml");
const PROCESSOR: &str = include_str!("../deploy/telegraf/brewcast.conf");
const DROP_IN: &str = include_str!("../deploy/systemd/brewcast.conf");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(text: &str) -> Json {
    serde_saphyr::from_str(text).unwrap()
}

/// All files below a folder, relative to the project's root.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&name));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// Runs a program; what it says, and whether it was content.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn every_file_of_deploy_is_named_by_a_test() {
    let mut tests = String::new();
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            tests += &fs::read_to_string(path).unwrap();
        }
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

#[test]
fn the_composition_is_loaded_by_the_loader_of_compose_and_wants_a_secret() {
    let Some(compose) = needed("COMPOSE_BIN") else {
        return;
    };
    let file = root().join("deploy/docker-compose.yml");
    let (is_well, model) = said(
        Command::new(&compose)
            .args(["-format", "json", "-no-interpolation"])
            .arg(&file),
    );
    assert!(is_well, "{model}");
    let model: Json = serde_json::from_str(&model).unwrap();
    let services: BTreeSet<&String> = model["services"].as_object().unwrap().keys().collect();
    let wanted = ["grafana", "influxdb", "setup", "telegraf"].map(str::to_owned);
    assert_eq!(services, wanted.iter().collect());
    let (is_well, refusal) = said(Command::new(&compose).arg(&file).env_remove("DEMO_SECRET"));
    assert!(!is_well && refusal.contains("set DEMO_SECRET"), "{refusal}");
}

#[test]
fn the_composition_fits_the_schema_of_compose() {
    let Some(python) = needed("VALIDATORS_PYTHON") else {
        return;
    };
    let check = [
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
    ];
    let file = root().join("deploy/docker-compose.yml");
    let (is_well, said) = said(Command::new(python).args(check).arg(file));
    assert!(is_well, "{said}");
}

/// Every file that is mounted or copied is there, and every path that one file names another one makes.
#[test]
fn the_composition_refers_to_things_that_exist() {
    let compose = yaml(COMPOSE);
    let volumes: BTreeSet<&String> = compose["volumes"].as_object().unwrap().keys().collect();
    for (name, service) in compose["services"].as_object().unwrap() {
        for mount in list(&service["volumes"]) {
            let source = mount.as_str().unwrap().split(':').next().unwrap();
            match source.strip_prefix("./") {
                Some(path) => assert!(
                    root().join("deploy").join(path).exists(),
                    "{name}: {source}"
                ),
                None => assert!(volumes.contains(&source.to_owned()), "{name}: {source}"),
            }
        }
        for port in list(&service["ports"]) {
            assert!(
                port.as_str().unwrap().starts_with("127.0.0.1:"),
                "{name}: {port}"
            );
        }
    }
    let copied: Vec<&str> = DOCKERFILE
        .lines()
        .filter(|line| line.starts_with("COPY "))
        .collect();
    for line in &copied {
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let (_, sources) = words.split_last().unwrap();
        for source in sources.iter().filter(|_| !line.contains("--from=")) {
            assert!(root().join(source).exists(), "{line}");
        }
    }
    let build = &compose["services"]["telegraf"]["build"];
    let dockerfile = build["dockerfile"].as_str().unwrap();
    assert!(root().join(dockerfile).exists());
    let demo = compose["services"]["telegraf"]["command"][1]
        .as_str()
        .unwrap();
    let made = demo.strip_prefix("/usr/share/brewcast/").unwrap();
    assert!(
        copied
            .iter()
            .any(|line| line.contains(&format!("deploy/docker/{made}")))
    );
    let dashboards = yaml(PROVIDERS)["providers"][0]["options"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(COMPOSE.contains(&format!("./grafana/dashboards:{dashboards}:ro")));
}

#[test]
fn the_daemon_set_fits_the_schemas_of_kubernetes_strictly() {
    let Some(python) = needed("VALIDATORS_PYTHON") else {
        return;
    };
    let check = ["-m", "kubernetes_validate", "--strict"];
    let file = root().join("deploy/kubernetes/brewcast.yaml");
    let (is_well, said) = said(Command::new(python).args(check).arg(file));
    assert!(is_well, "{said}");
}

#[test]
fn the_daemon_set_refers_to_things_that_exist() {
    let documents: Vec<Json> = serde_saphyr::from_multiple(KUBERNETES).unwrap();
    let of = |kind: &str| documents.iter().find(|one| one["kind"] == kind).unwrap();
    let pod = &of("DaemonSet")["spec"]["template"]["spec"];
    let volumes: BTreeSet<&str> = list(&pod["volumes"])
        .iter()
        .map(|volume| volume["name"].as_str().unwrap())
        .collect();
    for container in list(&pod["containers"])
        .iter()
        .chain(list(&pod["initContainers"]))
    {
        for mount in list(&container["volumeMounts"]) {
            assert!(volumes.contains(mount["name"].as_str().unwrap()), "{mount}");
        }
    }
    assert_eq!(
        pod["volumes"][0]["configMap"]["name"],
        of("ConfigMap")["metadata"]["name"]
    );
    assert_eq!(
        pod["serviceAccountName"],
        of("ServiceAccount")["metadata"]["name"]
    );
    let labels = &of("DaemonSet")["spec"]["template"]["metadata"]["labels"];
    assert_eq!(of("DaemonSet")["spec"]["selector"]["matchLabels"], *labels);
    let namespaces: BTreeSet<String> = documents
        .iter()
        .map(|one| one["metadata"]["namespace"].to_string())
        .collect();
    assert_eq!(namespaces.len(), 1);
    // What the configuration of Telegraf names is mounted.
    let telegraf = of("ConfigMap")["data"]["telegraf.conf"].as_str().unwrap();
    for path in ["/etc/telegraf", "/run/secrets/brewcast"] {
        assert!(telegraf.contains(path));
        let mounts = list(&pod["containers"][0]["volumeMounts"]);
        assert!(
            mounts.iter().any(|mount| mount["mountPath"] == path),
            "{path}"
        );
    }
    for variable in ["NODE_NAME", "INFLUX_HOST"] {
        assert!(telegraf.contains(&format!("${{{variable}}}")));
        assert!(
            list(&pod["containers"][0]["env"])
                .iter()
                .any(|one| one["name"] == variable)
        );
    }
}

/// brewcast, with the settings at the path that the image has, as the one just built.
fn in_place(scene: &Scene, text: &str, settings: &str) -> String {
    let program = env!("CARGO_BIN_EXE_brewcast");
    scene.write("brewcast.toml", settings);
    text.replace("/usr/bin/brewcast", program)
        .replace(
            "/usr/bin/metric-replayer",
            env!("CARGO_BIN_EXE_metric-replayer"),
        )
        .replace(
            "/etc/telegraf/brewcast.toml",
            &scene.path("brewcast.toml").display().to_string(),
        )
        .replace(
            "/run/secrets/brewcast",
            &secrets(scene).display().to_string(),
        )
}

/// Secrets as Kubernetes mounts them: by way of links, so that all of them change at once.
fn secrets(scene: &Scene) -> PathBuf {
    let folder = scene.path("secrets");
    if !folder.exists() {
        fs::create_dir_all(folder.join("..2026")).unwrap();
        symlink("..2026", folder.join("..data")).unwrap();
        symlink("..data/write_token", folder.join("write_token")).unwrap();
    }
    folder
}

/// The configuration of the DaemonSet, in the real Telegraf: the node is watched, and brewcast is content.
#[test]
fn the_configuration_of_the_daemon_set_runs_in_telegraf() {
    let Some(scene) = Scene::new() else { return };
    let documents: Vec<Json> = serde_saphyr::from_multiple(KUBERNETES).unwrap();
    let map = documents
        .iter()
        .find(|one| one["kind"] == "ConfigMap")
        .unwrap();
    let settings = map["data"]["brewcast.toml"].as_str().unwrap();
    let telegraf = map["data"]["telegraf.conf"].as_str().unwrap();
    let telegraf = telegraf
        .replace("${NODE_NAME}", "node-1")
        .replace("${INFLUX_HOST}", "http://127.0.0.1:1");
    scene.configure(&[&in_place(&scene, &telegraf, settings)]);
    fs::write(secrets(&scene).join("write_token"), "of-the-test").unwrap();
    let ended = scene.run(&["--test"]);
    ended.assert_understood();
    for measurement in ["mem,", "system,", "brewcast,"] {
        assert!(
            ended.stdout.contains(&format!("> {measurement}")),
            "{}",
            ended.stdout
        );
    }
    assert!(ended.stdout.contains("host=node-1") && ended.stdout.contains("config_ok=1i"));
    let check = Command::new(env!("CARGO_BIN_EXE_brewcast"))
        .args(["check", "--strict", "--config"])
        .arg(scene.path("brewcast.toml"))
        .arg("--telegraf")
        .arg(scene.path("telegraf.conf"))
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

/// What the image runs: `demo.sh` with the configuration and the recording that are copied into it, against
/// a real InfluxDB 2 with the token that `setup.sh` makes. The beer arrives, up to now, with its forecast.
#[test]
fn the_demo_of_the_image_shows_the_beer() {
    let (Some(influx), Some(scene)) = (Influx2::new(), Scene::new()) else {
        return;
    };
    let settings = include_str!("../cmd/brewcast/brewcast.toml");
    scene.write("demo.conf", &in_place(&scene, DEMO, settings));
    scene.write("brewcast.conf", &in_place(&scene, PROCESSOR, settings));
    fs::write(secrets(&scene).join("write_token"), influx.write_token()).unwrap();
    let programs = scene.path("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_restamp"), programs.join("restamp")).unwrap();
    symlink(
        std::env::var("TELEGRAF_BIN").unwrap(),
        programs.join("telegraf"),
    )
    .unwrap();
    let log = fs::File::create(scene.path("log")).unwrap();
    let mut demo = Command::new("sh")
        .arg(root().join("deploy/docker/demo.sh"))
        .arg(root().join("data/temps.txt.gz"))
        .args([scene.path("demo.conf"), scene.path("brewcast.conf")])
        .env(
            "PATH",
            format!("{}:{}", programs.display(), std::env::var("PATH").unwrap()),
        )
        .env("INFLUX_HOST", &influx.server.url)
        .env("TMPDIR", scene.path(""))
        .stderr(log)
        .spawn()
        .unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let future = "from(bucket: \"brew\") |> range(start: now(), stop: 1h)
        |> filter(fn: (r) => r._measurement == \"temperature_forecast\" and r._field == \"yhat\")";
    let past = "from(bucket: \"brew\") |> range(start: -1h)
        |> filter(fn: (r) => r._measurement == \"temperature\") |> group() |> count()";
    while influx.flux(future).is_empty() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let (ahead, behind) = (influx.flux(future), influx.flux(past));
    demo.kill().ok();
    demo.wait().ok();
    assert!(!ahead.is_empty(), "{}", scene.read("log"));
    let readings = behind[0]["_value"].number().unwrap();
    assert!(1_500.0 < readings, "{readings} readings of half an hour");
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
    let (is_well, faults) = said(
        Command::new(env!("CARGO_BIN_EXE_brewcast"))
            .args(["check", "--config"])
            .arg(scene.path("brewcast.toml"))
            .arg("--telegraf")
            .arg(scene.path("telegraf.conf")),
    );
    assert!(is_well, "{faults}");
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

/// The three rules, on what Telegraf sent: the warm vat has an open event and a high score; nothing is silent.
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
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let report = "SELECT * FROM \"brewcast\"";
    while influxql(&influx.server.url, ADMIN, report).is_ok_and(|series| series.is_empty()) {
        assert!(std::time::Instant::now() < deadline, "no report");
        std::thread::sleep(std::time::Duration::from_millis(50));
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
        let range = "option v = {timeRangeStart: -1d, timeRangeStop: 1h}\n";
        influx.flux(&format!("{range}{}", query(uid)))
    };
    let open: Vec<_> = flux("brewcast-event-open");
    let open = open
        .iter()
        .filter(|row| row["_value"].number() == Some(1.0));
    assert_eq!(
        open.map(|row| row["brew"].text()).collect::<Vec<_>>(),
        ["bv_2"]
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
    assert!(get(&influx.server.at("/health"), "").unwrap().json()["status"] == json!("pass"));
}

//! The composition, the image and the DaemonSet of `deploy/`, as far as it goes without containers.
//!
//! Compose: its own loader and its schema. Kubernetes: the schemas of its API, strictly. What they refer to
//! exists, and what Telegraf is to run in them the real Telegraf runs here, with brewcast in it, against a
//! real InfluxDB 2. `.ci/servers` and `.ci/validators` get the programs; without one its test says that
//! it skips. Not shown: that containers start.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::telegraf_agent::Scene;
use databases::grafana::list;
use databases::server::{Influx2, needed};
use databases::shipped::{in_place, root, said, secrets, yaml};
use serde_json::Value as Json;

const COMPOSE: &str = include_str!("../deploy/docker-compose.yml");
const DOCKERFILE: &str = include_str!("../deploy/docker/Dockerfile");
const DEMO: &str = include_str!("../deploy/docker/demo.conf");
const KUBERNETES: &str = include_str!("../deploy/kubernetes/brewcast.yaml");
const PROCESSOR: &str = include_str!("../deploy/telegraf/brewcast.conf");
const PROVIDERS: &str = include_str!("../deploy/grafana/provisioning/dashboards/brewcast.yaml");

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
    assert!(scene.path("state").exists(), "the state is kept");
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
    let deadline = Instant::now() + Duration::from_secs(60);
    let future = "from(bucket: \"brew\") |> range(start: now(), stop: 1h)
        |> filter(fn: (r) => r._measurement == \"temperature_forecast\" and r._field == \"yhat\")";
    let past = "from(bucket: \"brew\") |> range(start: -1h)
        |> filter(fn: (r) => r._measurement == \"temperature\") |> group() |> count()";
    while influx.flux(future).is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(100));
    }
    let (ahead, behind) = (influx.flux(future), influx.flux(past));
    demo.kill().ok();
    demo.wait().ok();
    assert!(!ahead.is_empty(), "{}", scene.read("log"));
    let readings = behind[0]["_value"].number().unwrap();
    assert!(1_500.0 < readings, "{readings} readings of half an hour");
}

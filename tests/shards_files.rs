//! The files of `deploy/kafka` as such: the composition and the StatefulSet by their loaders and schemas, what
//! they refer to, and that all of them speak of the same shards. What they run is run in `shards.rs`.
//!
//! `.ci/validators` gets the programs; without one its test says that it skips. Not shown: that containers
//! start.

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
use std::process::Command;

use common::telegraf_agent::{ONCE, Scene, agent};
use databases::grafana::list;
use databases::server::needed;
use databases::shipped::{files, in_place, root, said, yaml};
use serde_json::Value as Json;
use tempfile::TempDir;

const COMPOSE: &str = include_str!("../deploy/kafka/compose.yml");
const KUBERNETES: &str = include_str!("../deploy/kafka/statefulset.yaml");
const PRODUCER: &str = include_str!("../deploy/kafka/producer.conf");
const SHARD: &str = include_str!("../deploy/kafka/shard.conf");

#[test]
fn the_composition_is_loaded_on_top_of_that_of_the_demonstration() {
    let (Some(compose), Some(python)) = (needed("COMPOSE_BIN"), needed("VALIDATORS_PYTHON")) else {
        return;
    };
    let files =
        ["deploy/docker-compose.yml", "deploy/kafka/compose.yml"].map(|file| root().join(file));
    let (is_well, model) = said(
        Command::new(&compose)
            .args(["-format", "json", "-no-interpolation"])
            .args(&files),
    );
    assert!(is_well, "{model}");
    let model: Json = serde_json::from_str(&model).unwrap();
    let services: BTreeSet<&str> = model["services"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for shard in ["brewcast-0", "brewcast-1", "brewcast-2"] {
        assert!(services.contains(shard), "{services:?}");
        assert_eq!(model["services"][shard]["environment"]["SHARD"], shard);
    }
    let sender = &model["services"]["telegraf"];
    // What two files set is a list after it was put together.
    let variables = list(&sender["environment"]);
    assert!(
        variables.contains(&"KAFKA=kafka:9092".into()),
        "{variables:?}"
    );
    assert!(
        sender["depends_on"]["topics"].is_object() && sender["depends_on"]["setup"].is_object()
    );
    let check = [
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
    ];
    let (is_well, said) = said(Command::new(python).args(check).arg(&files[1]));
    assert!(is_well, "{said}");
}

/// A volume each: two shards with one state file would overwrite what the other has learnt.
#[test]
fn each_shard_of_the_composition_has_a_volume_of_its_own() {
    let compose = yaml(COMPOSE);
    let mut states = BTreeSet::new();
    for (name, service) in compose["services"].as_object().unwrap() {
        for mount in list(&service["volumes"])
            .iter()
            .map(|mount| mount.as_str().unwrap())
        {
            let source = mount.split(':').next().unwrap();
            if let Some(path) = source.strip_prefix("./") {
                assert!(root().join("deploy").join(path).exists(), "{name}: {mount}");
            }
            if mount.ends_with(":/var/lib/telegraf/brewcast") {
                assert!(states.insert(source.to_owned()), "{name}: {mount}");
            }
        }
    }
    assert_eq!(states.len(), 3);
}

#[test]
fn the_stateful_set_fits_the_schemas_of_kubernetes_strictly() {
    let Some(python) = needed("VALIDATORS_PYTHON") else {
        return;
    };
    let file = root().join("deploy/kafka/statefulset.yaml");
    let (is_well, said) = said(
        Command::new(python)
            .args(["-m", "kubernetes_validate", "--strict"])
            .arg(file),
    );
    assert!(is_well, "{said}");
}

fn of(kind: &str) -> Json {
    let documents: Vec<Json> = serde_saphyr::from_multiple(KUBERNETES).unwrap();
    documents
        .into_iter()
        .find(|one| one["kind"] == kind)
        .unwrap()
}

#[test]
fn the_stateful_set_refers_to_things_that_exist() {
    let set = of("StatefulSet");
    let pod = &set["spec"]["template"]["spec"];
    let names = |of: &Json, path: &str| -> BTreeSet<String> {
        let names = list(of).iter().map(|one| one.pointer(path).unwrap());
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let mut volumes = names(&pod["volumes"], "/name");
    volumes.extend(names(
        &set["spec"]["volumeClaimTemplates"],
        "/metadata/name",
    ));
    for container in list(&pod["containers"])
        .iter()
        .chain(list(&pod["initContainers"]))
    {
        let mounted = names(&container["volumeMounts"], "/name");
        assert!(mounted.is_subset(&volumes), "{mounted:?}");
        let variables = names(&container["env"], "/name");
        for variable in ["SHARD", "KAFKA", "INFLUX_HOST"] {
            assert!(variables.contains(variable), "{variables:?}");
        }
    }
    assert_eq!(
        pod["serviceAccountName"],
        of("ServiceAccount")["metadata"]["name"]
    );
    assert_eq!(
        set["spec"]["serviceName"],
        of("Service")["metadata"]["name"]
    );
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    assert_eq!(set["spec"]["selector"]["matchLabels"], *labels);
    assert_eq!(of("Service")["spec"]["selector"], *labels);
    // What the processes name: files that the command in the head puts into the ConfigMap, and mounts.
    let command = KUBERNETES.lines().take_while(|line| line.starts_with('#'));
    let head: String = command.collect();
    for container in ["containers", "initContainers"] {
        for word in list(&pod[container][0]["command"])
            .iter()
            .map(|word| word.as_str().unwrap())
        {
            if let Some(file) = word.strip_prefix("/etc/telegraf/") {
                assert!(head.contains(&format!("--from-file={file}")), "{file}");
            }
        }
    }
    for path in ["/var/lib/telegraf/brewcast", "/etc/telegraf/"] {
        assert!(SHARD.contains(path));
        let mounts = names(&pod["containers"][0]["volumeMounts"], "/mountPath");
        assert!(mounts.contains(path.trim_end_matches('/')), "{mounts:?}");
    }
}

/// Pods are named after their set, and a pod reads the topic of its name.
#[test]
fn sender_composition_and_stateful_set_have_the_same_shards() {
    let set = of("StatefulSet");
    let shards = set["spec"]["replicas"].as_u64().unwrap();
    assert!(PRODUCER.contains(&format!("    shards = {shards}\n")));
    let name = set["metadata"]["name"].as_str().unwrap();
    assert!(PRODUCER.contains(&format!("    prefix = \"{name}-\"\n")));
    let compose = yaml(COMPOSE);
    let made = &compose["services"]["topics"]["command"][2];
    assert_eq!(made.as_str().unwrap(), shards.to_string());
    let services = compose["services"].as_object().unwrap();
    let prefix = format!("{name}-");
    let of_compose = services
        .keys()
        .filter(|service| service.starts_with(&prefix));
    assert_eq!(of_compose.count() as u64, shards);
    let script = include_str!("../deploy/kafka/topics.sh");
    assert!(script.contains(&format!("--topic \"{name}-$shard\"")));
}

#[test]
fn the_unit_of_a_shard_is_understood_by_systemd_and_names_files_that_there_are() {
    let unit = include_str!("../deploy/kafka/brewcast-shard@.service");
    for file in ["shard.conf", "resume.sh"] {
        assert!(unit.contains(&format!("/etc/telegraf/shards/{file}")));
        assert!(root().join("deploy/kafka").join(file).exists());
    }
    let (is_there, _) = said(Command::new("sh").args(["-c", "command -v systemd-analyze"]));
    if !is_there {
        writeln!(
            std::io::stderr(),
            "SKIPPED: no systemd-analyze: the unit of a shard is not looked at"
        )
        .ok();
        return;
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("brewcast-shard@brewcast-0.service");
    // Neither program nor user need be here.
    let unit = unit
        .replace("/usr/bin/telegraf", "/bin/true")
        .replace("User=telegraf", "User=root");
    fs::write(&file, unit).unwrap();
    let (is_well, said) = said(Command::new("systemd-analyze").arg("verify").arg(&file));
    assert!(is_well && !said.contains("brewcast-shard"), "{said}");
}

/// The page names every file beside it, and what it refers to is there: files, and tests that renew a figure.
#[test]
fn the_page_names_every_file_and_refers_to_things_that_exist() {
    let page = include_str!("../deploy/kafka/README.md");
    let links = page
        .split("](")
        .skip(1)
        .map(|rest| rest.split([')', '#']).next().unwrap());
    let links: BTreeSet<&str> = links.collect();
    for link in &links {
        assert!(root().join("deploy/kafka").join(link).exists(), "{link}");
    }
    for file in files("deploy/kafka") {
        let name = file.strip_prefix("deploy/kafka/").unwrap();
        assert!(name == "README.md" || links.contains(name), "{file}");
    }
    for part in page.split("--test ").skip(1) {
        let name = part.split(' ').next().unwrap();
        assert!(root().join(format!("tests/{name}.rs")).exists(), "{name}");
    }
}

/// What the sender would send where, with one of its constants set otherwise.
fn routed(lines: &str, was: &str, is: &str) -> Option<Vec<String>> {
    let scene = Scene::new()?;
    scene.write("in.lp", lines);
    let (routing, _) = PRODUCER.split_once("[[outputs.kafka]]").unwrap();
    assert!(routing.contains(was));
    let routing = routing.replace(was, is);
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &routing,
        &scene.file_output(),
    ]);
    scene.run(&["--once"]).assert_understood();
    Some(scene.arrived().lines().map(str::to_owned).collect())
}

#[test]
fn all_of_a_host_goes_to_one_shard_where_that_is_wanted() {
    let mut lines = String::new();
    for n in 0..60 {
        lines += &format!(
            "cpu,cpu=c{n},host=a v={n} 1700000000000000000\nsite_{n} v=1 1700000000000000000\n"
        );
    }
    let shards = |routed: &[String], of: &str| -> BTreeSet<String> {
        let own = routed.iter().filter(|line| line.starts_with(of));
        own.map(|line| {
            line.split_once("_shard=")
                .unwrap()
                .1
                .split([',', ' '])
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
    };
    let constant = "by = \"\"\n";
    let Some(mixed) = routed(&lines, constant, constant) else {
        return;
    };
    let by_host = routed(&lines, constant, "by = \"host\"\n").unwrap();
    assert_eq!((mixed.len(), by_host.len()), (120, 120));
    for of in ["cpu,", "site_"] {
        assert_eq!(shards(&mixed, of).len(), 3, "{of}");
    }
    assert_eq!(shards(&by_host, "cpu,").len(), 1);
    assert_eq!(
        shards(&by_host, "site_").len(),
        3,
        "what has no host is spread"
    );
}

/// A silence may be meant for series of any shard.
#[test]
fn a_silence_goes_to_every_shard() {
    let silence = "brewcast_silence,host=db1 duration=\"2h\" 1700000000000000000\n";
    let Some(mut sent) = routed(silence, "shards = 3\n", "shards = 5\n") else {
        return;
    };
    sent.sort();
    let wanted: Vec<String> = (0..5)
        .map(|i| {
            silence
                .trim_end()
                .replace(",host", &format!(",_shard=brewcast-{i},host"))
        })
        .collect();
    assert_eq!(sent, wanted);
}

#[test]
fn a_shard_makes_none_of_the_classic_mistakes() {
    let Some(scene) = Scene::new() else { return };
    let settings = include_str!("../cmd/brewcast/brewcast.toml");
    scene.configure(&[&in_place(&scene, SHARD, settings)]);
    let (is_well, faults) = said(
        Command::new(env!("CARGO_BIN_EXE_brewcast"))
            .args(["check", "--strict", "--config"])
            .arg(scene.path("brewcast.toml"))
            .arg("--telegraf")
            .arg(scene.path("telegraf.conf")),
    );
    assert!(is_well, "{faults}");
}

//! Files of `deploy/` as the tests use them: found, parsed, run with programs and paths of the test in place
//! of those that an image or a package has.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;

use crate::common::telegraf_agent::Scene;

/// The project's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A YAML file of one document.
pub(crate) fn yaml(text: &str) -> Json {
    serde_saphyr::from_str(text).unwrap()
}

/// All files below a folder, relative to the project's root.
pub(crate) fn files(folder: &str) -> Vec<String> {
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
pub(crate) fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Secrets as Kubernetes mounts them: by way of links, so that all of them change at once.
pub(crate) fn secrets(scene: &Scene) -> PathBuf {
    let folder = scene.path("secrets");
    if !folder.exists() {
        fs::create_dir_all(folder.join("..2026")).unwrap();
        symlink("..2026", folder.join("..data")).unwrap();
        symlink("..data/write_token", folder.join("write_token")).unwrap();
    }
    folder
}

/// Where what is shipped keeps what was learnt.
pub(crate) const STATE: &str = "/var/lib/telegraf/brewcast/state";

/// brewcast, with the settings at the path that the image has, as the one just built, and a state in the scene.
pub(crate) fn in_place(scene: &Scene, text: &str, settings: &str) -> String {
    let program = env!("CARGO_BIN_EXE_brewcast");
    let state = scene.path("state").display().to_string();
    scene.write("brewcast.toml", &settings.replace(STATE, &state));
    text.replace("/usr/bin/brewcast", program)
        .replace(
            "/usr/bin/metric-replayer",
            env!("CARGO_BIN_EXE_metric-replayer"),
        )
        .replace(
            "/etc/telegraf/brewcast.toml",
            &scene.path("brewcast.toml").display().to_string(),
        )
        .replace(STATE, &state)
        .replace(
            "/run/secrets/brewcast",
            &secrets(scene).display().to_string(),
        )
}

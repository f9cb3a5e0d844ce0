//! Files as real programs write them go through `brewcast backtest` and `brewcast plot`: what `influxd inspect
//! export-lp` of InfluxDB 2 gives (a field a line, series after series, so that time begins again and again), and what
//! Telegraf's `outputs.file` writes, plain and compressed.
//!
//! `INFLUXDB2_BIN` and `TELEGRAF_BIN` name the programs (`.ci/servers` gets both); without them the tests say that
//! they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::program::run;
use common::telegraf_agent::{ONCE, Scene, agent};
use databases::http::post_lines;
use databases::server::{ADMIN, Influx2};
use serde_json::Value;
use tempfile::TempDir;

const POINTS: i64 = 600;

/// Lines of two hosts with several fields of every type, by time; one reading leaps.
fn lines() -> String {
    let mut text = String::new();
    for n in 0..POINTS {
        let time = format!("{}000000000", 1_700_000_000 + 10 * n);
        for (host, level) in [("a", 40.0), ("b\\ c", 60.0)] {
            let ragged = (n * 7_919 % 101) as f64 / 50.0;
            let leap = if n == 450 && host == "a" { 25.0 } else { 0.0 };
            let (used, count) = (level + ragged + leap, n * n % 7);
            writeln!(
                text,
                "mem,host={host} used_percent={used},count={count}i,ok=true,label=\"a, b\" {time}"
            )
            .unwrap();
        }
    }
    text
}

/// The series of a backtest of this file, by name, and the picture of it.
fn series_and_picture(path: &Path, folder: &TempDir) -> (Vec<Value>, String) {
    let (path, svg) = (path.to_str().unwrap(), folder.path().join("x.svg"));
    let ran = run(&["backtest", path, "--json", "--references", "0"], b"");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{path}");
    let mut report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let mut series = std::mem::take(report["series"].as_array_mut().unwrap());
    series.sort_by_key(|one| one["name"].as_str().unwrap().to_owned());
    let drawn = run(&["plot", path, "-o", svg.to_str().unwrap()], b"");
    assert_eq!((drawn.code, drawn.stderr.as_str()), (Some(0), ""), "{path}");
    (series, fs::read_to_string(svg).unwrap())
}

/// What the lines give as they are.
fn as_they_are(folder: &TempDir) -> (Vec<Value>, String) {
    let path = folder.path().join("in.lp");
    fs::write(&path, lines()).unwrap();
    let (series, picture) = series_and_picture(&path, folder);
    let names: Vec<&str> = series
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let expected = [
        "mem,host=a count",
        "mem,host=a used_percent",
        "mem,host=b\\ c count",
        "mem,host=b\\ c used_percent",
    ];
    assert_eq!(names, expected);
    assert_eq!(series[1]["events_opened"], 1, "the leap");
    (series, picture)
}

#[test]
fn an_export_of_a_real_influxdb_2_is_what_was_written_to_it() {
    let Some(influx) = Influx2::new() else { return };
    let at = influx.server.at("/api/v2/write?org=home&bucket=brew");
    let reply = post_lines(&at, ADMIN, &lines()).unwrap();
    assert_eq!(reply.status, 204, "{}", reply.body);
    let folder = TempDir::new().unwrap();
    let expected = as_they_are(&folder);
    for (name, more) in [("export.lp", &[][..]), ("export.lp.gz", &["--compress"])] {
        let path = folder.path().join(name);
        influx.export(&path, more);
        if more.is_empty() {
            assert_is_series_after_series(&fs::read_to_string(&path).unwrap());
        }
        let found = series_and_picture(&path, &folder);
        assert!(found.0 == expected.0, "{name}: {:?}", found.0);
        assert!(found.1 == expected.1, "{name}: the same picture");
    }
}

/// One field a line, and each field of each series by itself.
fn assert_is_series_after_series(export: &str) {
    let is_data = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let (mut seen, mut last) = (BTreeSet::new(), "");
    for line in export.lines().filter(is_data) {
        let (series, _) = line.rsplit_once('=').unwrap();
        if series != last {
            assert!(seen.insert(series), "{line}: comes again");
            last = series;
        }
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}

#[test]
fn files_of_a_real_telegraf_plain_and_compressed_are_what_went_in() {
    let Some(scene) = Scene::new() else { return };
    let folder = TempDir::new().unwrap();
    let expected = as_they_are(&folder);
    scene.write("in.lp", &lines());
    let packed = format!(
        "[[outputs.file]]\n  files = ['{}']\n  data_format = 'influx'\n  compression_algorithm = 'gzip'\n",
        scene.path("out.lp.gz").display()
    );
    // More lines than a batch has: the compressed file has several members.
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &scene.file_output(),
        &packed,
    ]);
    scene.run(&["--once"]).assert_understood();
    for name in ["out.lp", "out.lp.gz"] {
        let path = scene.path(name);
        let is_packed = fs::read(&path).unwrap().starts_with(b"\x1f\x8b");
        assert_eq!(is_packed, name.ends_with(".gz"));
        let found = series_and_picture(&path, &folder);
        assert!(found.0 == expected.0, "{name}: {:?}", found.0);
        assert!(found.1 == expected.1, "{name}: the same picture");
    }
}

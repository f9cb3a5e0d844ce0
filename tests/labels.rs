//! `--labels` from outside: what is counted by hand, and what the benchmark's own tool counts.
//!
//! That tool is `score.py` beside the data that `BREWCAST_BENCH` names, else in `../shared/bench`; without it, or
//! without Python, that part says that it skips.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::program::{Ran, run};
use serde_json::Value;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A minute apart from 1,700,000,000 s on, with leaps of 90 at these points.
fn lines(series: &str, count: i64, leaps: &[i64]) -> String {
    let mut text = String::new();
    for i in 0..count {
        let ragged = (i * 7_919 % 101) as f64 / 50.0;
        let off = if leaps.contains(&i) { 90.0 } else { 0.0 };
        let time = 1_700_000_000 + 60 * i;
        writeln!(text, "{series}={} {time}000000000", 20.0 + ragged + off).unwrap();
    }
    text
}

/// The time of a point.
fn at(point: i64) -> String {
    format!("{}000000000", 1_700_000_000 + 60 * point)
}

fn backtest(folder: &TempDir, text: &str, labels: &str, arguments: &[&str]) -> Ran {
    let [input, known] = ["in.lp", "labels.csv"].map(|name| folder.path().join(name));
    fs::write(&input, text).unwrap();
    fs::write(&known, labels).unwrap();
    let (input, known) = (input.to_str().unwrap(), known.to_str().unwrap());
    let common = ["backtest", input, "--labels", known, "--references", "0"];
    run(&[&common, arguments].concat(), b"")
}

/// Three leaps, of which one is labelled, one is in a neutral label and one is in none; one label has no leap.
fn case() -> (String, String) {
    let text =
        lines("m,room=cellar v", 900, &[300, 500, 700]) + &lines("m,room=attic v", 900, &[300]);
    let mut labels = "series,start,end,evaluate\n".to_owned();
    for (from, to, evaluate) in [(5, 9, 1), (298, 302, 1), (400, 409, 1), (500, 500, 0)] {
        writeln!(labels, "cellar,{},{},{evaluate}", at(from), at(to)).unwrap();
    }
    (text, labels)
}

#[test]
fn precision_recall_and_f1_are_those_counted_by_hand() {
    let folder = TempDir::new().unwrap();
    let (text, labels) = case();
    let ran = backtest(&folder, &text, &labels, &["--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let of = |name: &str| {
        let series = report["series"].as_array().unwrap().iter();
        let mut series = series.filter(|one| one["name"] == name);
        series.next().unwrap()["labels"].clone()
    };
    assert_eq!(of("m,room=attic v"), Value::Null, "nothing is known of it");
    let found = of("m,room=cellar v");
    let expected = serde_json::json!({
        "labels": 2, "found": 1, "false_alarms": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5,
        "points": {
            "labelled": 15, "found": 1, "false_flags": 1,
            "precision": 0.5, "recall": 1.0 / 15.0, "f1": 2.0 / 17.0,
        },
        "labels_left_out": 1,
        "missed": [{ "start_ns": 1_700_024_000_000_000_000_i64, "end_ns": 1_700_024_540_000_000_000_i64 }],
    });
    assert_eq!(found, expected);
    let mut total = expected;
    total["missed"] = serde_json::json!([]);
    assert_eq!(report["totals"]["labels"], total);
}

#[test]
fn the_text_and_the_page_tell_what_was_found_and_the_chart_shows_the_labels() {
    let folder = TempDir::new().unwrap();
    let (text, labels) = case();
    let html = folder.path().join("r.html");
    let ran = backtest(&folder, &text, &labels, &["--html", html.to_str().unwrap()]);
    let out = String::from_utf8(ran.stdout).unwrap();
    let found = "1 of 2 labels found, 1 false alarm: precision 50.0 %, recall 50.0 %, F1 0.500";
    let points =
        "1 of 15 points in labels flagged, 1 outside: precision 50.0 %, recall 6.7 %, F1 0.118";
    let page = fs::read_to_string(html).unwrap();
    for line in [found, points, "missed: 2023-11-15 04:53:20"] {
        assert!(out.contains(&format!("  {line}\n")), "{line}: {out}");
        assert!(
            page.contains(&line.replace("missed", "Missed")),
            "the page has {line}"
        );
    }
    let ink = "fill=\"var(--ink)\"";
    let bars = page.matches(&format!("opacity=\"0.8\" {ink}")).count();
    assert_eq!(bars, 3, "labels of one series");
    assert_eq!(page.matches(&format!("opacity=\"0.25\" {ink}")).count(), 1);
    assert!(page.contains("bar at the bottom: a label"));
}

#[test]
fn the_delay_decides_what_is_found() {
    let folder = TempDir::new().unwrap();
    let labels = format!("series,start\n*,{}\n", at(290));
    for (delay, found) in [("9", 0), ("10", 1)] {
        let text = lines("m v", 600, &[300]);
        let ran = backtest(&folder, &text, &labels, &["--json", "--delay", delay]);
        let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(report["totals"]["labels"]["found"], found, "{delay}");
    }
}

#[test]
fn labels_that_cannot_be_read_end_with_2_and_names_of_nobody_are_told() {
    let folder = TempDir::new().unwrap();
    let text = lines("m v", 200, &[]);
    let ran = backtest(&folder, &text, "series,start\nm v,soon\n", &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("labels.csv: line 2: soon: write a time as"),
        "{}",
        ran.stderr
    );
    let ran = backtest(
        &folder,
        &text,
        &format!("series,start\nnobody,{}\n", at(9)),
        &[],
    );
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr.starts_with("W! ") && ran.stderr.contains("no series is \"nobody\""),
        "{}",
        ran.stderr
    );
    let labels = format!("series,start\nnobody,{}\n", at(9));
    let ran = backtest(&folder, &text, &labels, &["--series", "m*"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(0), ""),
        "others are not wanted"
    );
    let ran = run(&["backtest", "x.lp", "--labels", "/nowhere.csv"], b"");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

/// The tool, if it is there and runs.
fn score_tool() -> Option<PathBuf> {
    let data = std::env::var_os("BREWCAST_BENCH").map_or_else(
        || Path::new(ROOT).join("../shared/bench/data"),
        PathBuf::from,
    );
    let tool = data.join("../score.py");
    let is_there = tool.exists() && Command::new("python3").arg("--version").output().is_ok();
    if !is_there {
        let why = "SKIPPED: no score.py: BREWCAST_BENCH is not set and ../shared is not there, or no python3";
        writeln!(std::io::stderr().lock(), "{why}").unwrap(); // past the capture of the test runner
    }
    is_there.then_some(tool)
}

/// A folder with this recording whose wrong points are all those in a label, judged from the same point on.
fn set(source: &Path) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    fs::copy(
        source.join("temps.txt.gz"),
        folder.path().join("temps.txt.gz"),
    )
    .unwrap();
    let labels = fs::read_to_string(source.join("labels.csv")).unwrap();
    fs::write(folder.path().join("labels.csv"), &labels).unwrap();
    let mut settings: Value =
        serde_json::from_str(&fs::read_to_string(source.join("set.json")).unwrap()).unwrap();
    settings["warmup"] = 30.into();
    let delay = settings["delay"].to_string();
    fs::write(folder.path().join("set.json"), settings.to_string()).unwrap();
    let mut points = "series,index\n".to_owned();
    let mut reader = csv::Reader::from_reader(labels.as_bytes());
    for row in reader
        .records()
        .map(Result::unwrap)
        .filter(|row| &row[6] == "1")
    {
        let [first, last] = [1, 2].map(|column| row[column].parse::<usize>().unwrap());
        for index in first..=last {
            writeln!(points, "{},{index}", &row[0]).unwrap();
        }
    }
    fs::write(folder.path().join("points.csv"), points).unwrap();
    (folder, delay)
}

/// For the recording in data/ and for the real one: every count and every ratio is that of the benchmark's tool.
#[test]
fn the_figures_are_those_of_the_benchmarks_own_tool() {
    let Some(tool) = score_tool() else { return };
    let sources = [
        Path::new(ROOT).join("data"),
        tool.with_file_name("data/brew"),
    ];
    for source in sources.iter().filter(|source| source.exists()) {
        let (folder, delay) = set(source);
        let [scores, labels, recording] =
            ["scores.json", "labels.csv", "temps.txt.gz"].map(|name| folder.path().join(name));
        let scored = Command::new("python3")
            .arg(&tool)
            .args(["events", "--no-oracle", "--set"])
            .arg(folder.path())
            .arg("--json")
            .arg(&scores)
            .args(["--", env!("CARGO_BIN_EXE_brewcast"), "--verdicts", "all"])
            .output()
            .unwrap();
        assert!(
            scored.status.success(),
            "{}",
            String::from_utf8_lossy(&scored.stderr)
        );
        let theirs: Value = serde_json::from_str(&fs::read_to_string(scores).unwrap()).unwrap();
        let [labels, recording] = [&labels, &recording].map(|path| path.to_str().unwrap());
        let arguments = [
            "backtest",
            recording,
            "--labels",
            labels,
            "--delay",
            &delay,
            "--json",
            "--references",
            "0",
        ];
        let ran = run(&arguments, b"");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let ours: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let (ours, theirs) = (&ours["totals"]["labels"], &theirs["total"]);
        for (our, their) in [
            ("labels", "segments"),
            ("found", "found"),
            ("false_alarms", "false_alarms"),
        ] {
            assert_eq!(ours[our], theirs[their], "{}: {our}", source.display());
        }
        assert!(ours["found"].as_u64() > Some(10));
        if source.ends_with("data/brew") {
            let page = fs::read_to_string(Path::new(ROOT).join("docs/alternatives.md")).unwrap();
            let row = format!("| brewcast | defaults | {} |", ours["found"]);
            assert!(page.contains(&row), "{row}");
        }
        for (our, their) in [
            (&ours["precision"], "precision"),
            (&ours["recall"], "recall"),
            (&ours["f1"], "f1"),
            (&ours["points"]["precision"], "point_precision"),
            (&ours["points"]["recall"], "point_recall"),
            (&ours["points"]["f1"], "point_f1"),
        ] {
            let (our, theirs) = (our.as_f64().unwrap(), theirs[their].as_f64().unwrap());
            assert!(
                (our - theirs).abs() < 6e-5,
                "{}: {their}: {our} and {theirs}",
                source.display()
            );
        }
    }
}

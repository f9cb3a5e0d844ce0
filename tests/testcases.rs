//! Named cases: what goes in, what must come out, and why.
//!
//! Each folder of `tests/testcases/` is one case, its name the claim:
//!
//! * `input.influx`: what is read;
//! * `expected.out`: what must be written, compared line by line: numbers with a relative tolerance of
//!   [`TOLERANCE`], everything else exactly;
//! * `why.txt`: what the case shows, for a reader;
//! * `brewcast.toml` and `args` (one argument a line): settings, both optional.
//!
//! The `brewcast` record is off. A new case needs no code: without `expected.out` it fails, and the message
//! names a file with what came out. Look at that critically, then copy it. Log lines are not compared.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::program::run;

/// Relative; machines may differ in the last bits of a logarithm.
const TOLERANCE: f64 = 1e-9;

#[test]
fn every_case_comes_out_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testcases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let faults: Vec<String> = cases.iter().filter_map(|case| fault(case)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// What is wrong with a case.
fn fault(case: &Path) -> Option<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    if fs::read_to_string(case.join("why.txt")).is_ok_and(|why| why.len() > 20) {
        let actual = actual(case);
        let wrong = match fs::read_to_string(case.join("expected.out")) {
            Ok(expected) => difference(&expected, &actual)?,
            Err(_) => "there is no expected.out".to_owned(),
        };
        let kept = std::env::temp_dir().join(format!("brewcast-{name}.out"));
        fs::write(&kept, actual).unwrap();
        return Some(format!(
            "{name}: {wrong}; what came out: {}",
            kept.display()
        ));
    }
    Some(format!("{name}: there is no why.txt"))
}

fn actual(case: &Path) -> String {
    let mut arguments = vec!["--report-every".to_owned(), "0s".to_owned()];
    let config = case.join("brewcast.toml");
    if config.exists() {
        let path = config.to_str().unwrap().to_owned();
        arguments.extend(["--strict".to_owned(), "--config".to_owned(), path]);
    }
    if let Ok(more) = fs::read_to_string(case.join("args")) {
        arguments.extend(more.lines().map(str::to_owned));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let input = fs::read(case.join("input.influx")).unwrap();
    let ran = run(&arguments, &input);
    assert_eq!(ran.code, Some(0), "{}: {}", case.display(), ran.stderr);
    String::from_utf8(ran.stdout).unwrap()
}

/// The first line that differs.
fn difference(expected: &str, actual: &str) -> Option<String> {
    let (mut left, mut right) = (expected.lines(), actual.lines());
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (Some(expected), Some(actual)) if are_alike(expected, actual) => {}
            (expected, actual) => {
                let shown = |line: Option<&str>| line.unwrap_or("the end").to_owned();
                return Some(format!(
                    "line {number} is\n  {}\nand not\n  {}\n",
                    shown(actual),
                    shown(expected)
                ));
            }
        }
    }
    None
}

/// Equal but for the last digits of numbers.
fn are_alike(expected: &str, actual: &str) -> bool {
    let (mut left, mut right) = (pieces(expected), pieces(actual));
    left.len() == right.len()
        && left
            .drain(..)
            .zip(right.drain(..))
            .all(|(a, b)| a == b || are_close(a, b))
}

/// A line cut where a number could begin or end.
fn pieces(line: &str) -> Vec<&str> {
    line.split_inclusive([',', '=', ' ', '[', ']', ';'])
        .collect()
}

fn are_close(a: &str, b: &str) -> bool {
    let number = |text: &str| text.trim_end_matches([',', ' ', ']', ';']).parse::<f64>();
    let end = |text: &str| text.chars().next_back().filter(|end| !end.is_ascii_digit());
    match (number(a), number(b)) {
        // A timestamp has no point: it is compared as text.
        (Ok(x), Ok(y)) if a.contains('.') && b.contains('.') => {
            (x - y).abs() <= TOLERANCE * x.abs().max(y.abs()) && end(a) == end(b)
        }
        _ => false,
    }
}

#[test]
fn numbers_are_compared_as_numbers_and_the_rest_as_text() {
    let line = "m_anomaly,field=v y=20.1,yhat=20.0,is_anomaly=true 1700000000000000000";
    for (other, alike) in [
        (line.to_owned(), true),
        (line.replace("20.1", "20.100000001"), true),
        (line.replace("20.1", "20.1001"), false),
        (line.replace("20.0,", "20.0 "), false),
        (line.replace("true", "false"), false),
        (
            line.replace("1700000000000000000", "1700000000000000001"),
            false,
        ),
        (line.replace("yhat=20.0,", ""), false),
    ] {
        assert_eq!(are_alike(line, &other), alike, "{other}");
    }
    assert!(difference("a v=1 1\n", "a v=1 1\na v=2 2\n").is_some());
}

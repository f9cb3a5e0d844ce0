//! The contract of stderr, which Telegraf reads line by line and files by prefix.
//!
//! Each test is a promise of the built binary, and its name says which. A line of 64 KiB would end
//! Telegraf's reading for good, a line without a prefix is an error to it, and a flood drowns the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs;

use common::program::{START_S, line, lines, run};
use tempfile::TempDir;

/// Every line has one of Telegraf's prefixes and is short.
fn assert_well_formed(stderr: &str) {
    assert!(stderr.is_empty() || stderr.ends_with('\n'), "{stderr}");
    for line in stderr.lines() {
        let prefix = line.get(..3).unwrap_or("");
        assert!(["E! ", "W! ", "I! ", "D! "].contains(&prefix), "{line}");
        assert!(line.len() < 4096, "{} bytes", line.len());
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn nothing_is_said_when_all_is_well() {
    let mut input = lines("m,host=a", 200);
    input += "m,host=a v=88 1700000201000000000\n"; // an anomaly is no news for the log
    input += "# a comment\n\n\r\nm v=1i,w=2u,s=\"x\ny\",b=t 1700000202000000000\r\n";
    let ran = run(&["--final-forecast"], input.as_bytes());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.counter("flags"), 1);
}

#[test]
fn a_bad_line_of_a_megabyte_is_one_short_warning() {
    let mut input = lines("m", 2).into_bytes();
    input.extend(std::iter::repeat_n(b'x', 1_000_000));
    input.extend(b"\xff\x1b[31m\n");
    input.extend(line("m", 2).into_bytes());
    let ran = run(&[], &input);
    assert_well_formed(&ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("W! line 3 dropped: "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.len() < 512, "at most 256 bytes of the line");
    assert_eq!(
        (ran.counter("lines"), ran.counter("lines_rejected")),
        (3, 1)
    );
}

#[test]
fn ten_thousand_bad_lines_are_a_few_warnings_and_all_counted() {
    let mut input = "no fields here at all\n".repeat(5_000);
    input += &"m v=1,\u{1}\u{7f}\u{e4} 1\n".repeat(5_000);
    input += "m v=1 1\n";
    let ran = run(&[], input.as_bytes());
    assert_well_formed(&ran.stderr);
    let said = ran.stderr.lines().count();
    assert!((2..100).contains(&said), "{said}");
    let last = ran.stderr.lines().last().unwrap();
    assert!(last.ends_with(" more lines dropped"), "{last}");
    assert_eq!(ran.counter("lines_rejected"), 10_000);
    assert_eq!(ran.lines()[0], "m v=1 1");
}

#[test]
fn faults_of_a_configuration_are_one_line_each_whatever_is_in_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("brewcast.toml");
    let text = format!(
        "[{}]\n[detect]\n\"a\\nb\\u0007\" = 1\ndirection = \"{}\"\n",
        "x".repeat(9_000),
        "\u{e4}".repeat(9_000)
    );
    fs::write(&path, text).unwrap();
    let ran = run(&["--config", path.to_str().unwrap()], b"");
    assert_well_formed(&ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 3, "{}", ran.stderr);
}

#[test]
fn timestamps_that_look_like_seconds_give_exactly_one_warning() {
    let seconds: String = (0..50)
        .map(|n| format!("a v={n} {0}\nb v={n} {0}\n", START_S + n))
        .collect();
    let ran = run(&["--report-every", "0s"], seconds.as_bytes());
    assert_well_formed(&ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("W! ") && ran.stderr.contains("--precision s"));
    let ran = run(&["--precision", "s"], seconds.as_bytes());
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_log_level_of_error_silences_warnings() {
    let ran = run(&["--log", "error"], b"junk\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.counter("lines_rejected"), 1);
}

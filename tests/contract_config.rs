//! The contract of command line, configuration file and the `brewcast` record.
//!
//! Each test is a promise of the built binary to an operator, and its name says which. What the single
//! settings mean is tested where they are read; here it is what becomes of right and wrong ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs;
use std::time::Duration;

use common::program::{START_S, brewcast, line, lines, run, run_with};
use common::telegraf_process::Agent;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(30);

/// A folder with a configuration file, and the file's name.
fn config(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("brewcast.toml");
    fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_owned();
    (folder, name)
}

#[test]
fn a_bad_command_line_ends_with_2() {
    for arguments in [
        &["--no-such-option"][..],
        &["no-such-command"],
        &["--precision", "minutes"],
        &["--horizon", "soon"],
        &["--verdicts", "some"],
        &["--false-alarms", "often"],
    ] {
        let ran = run(arguments, b"m v=1 1\n");
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.stdout.is_empty(), "{arguments:?}: {ran:?}");
        let wrong = arguments.last().unwrap();
        assert!(ran.stderr.contains(wrong), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn with_a_bad_or_missing_config_file_everything_passes_through_and_it_complains() {
    let (_bad, bad) = config("[forecast]\nhorizn = 40\n");
    let (_broken, broken) = config("[forecast\n");
    let (_folder, good) = config("");
    let missing = good + ".not";
    let input = lines("m", 60);
    for (file, hint) in [
        (&bad, ":2:1: there is no setting forecast.horizn"),
        (&broken, ":1:"),
        (&missing, "brewcast.toml.not: "),
    ] {
        let ran = run(&["--config", file, "--verdicts", "all"], input.as_bytes());
        assert_eq!(ran.code, Some(0));
        let stdout = std::str::from_utf8(&ran.stdout).unwrap();
        let record = stdout.strip_prefix(&input).expect("all lines, then ours");
        assert_eq!(record.lines().count(), 1, "{record}");
        assert_eq!(ran.counter("config_ok"), 0);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with("E! ") && ran.stderr.contains(hint),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn with_strict_a_bad_or_missing_config_file_ends_with_2() {
    let (_bad, bad) = config("[forecast]\nhorizn = 40\n");
    let missing = bad.clone() + ".not";
    for file in [&bad, &missing] {
        let ran = run(&["--strict", "--config", file], b"m v=1 1\n");
        assert_eq!(ran.code, Some(2));
        assert!(ran.stdout.is_empty());
        assert!(ran.stderr.starts_with("E! "), "{}", ran.stderr);
    }
    let (_good, good) = config("[forecast]\nhorizon = 80\n");
    assert_eq!(run(&["--strict", "--config", &good], b"").code, Some(0));
}

#[test]
fn check_tells_fine_from_doubtful_from_invalid_by_its_status() {
    for (text, code, stderr) in [
        ("[forecast]\nhorizon = 80\n", 0, ""),
        ("[forecast]\nevery = 7\n", 1, "W! "),
        ("[forecast]\nevery = \"x\"\n", 2, "E! "),
    ] {
        let (_folder, name) = config(text);
        let ran = run(&["check", "--config", &name], b"");
        assert_eq!(ran.code, Some(code), "{text}");
        assert_eq!(ran.stderr.is_empty(), stderr.is_empty(), "{}", ran.stderr);
        assert!(ran.stderr.starts_with(stderr), "{}", ran.stderr);
    }
    let ran = run(&["check", "--config", "/no/such/brewcast.toml"], b"");
    assert_eq!(ran.code, Some(2));
}

#[test]
fn what_check_prints_loads_again_with_the_same_effect() {
    let (_folder, name) = config("[forecast]\nhorizon = 10\npoints = \"all\"\nevery = 5\n");
    let arguments = ["--report-every", "0s", "--verdicts", "all"];
    let shown = run(
        &[&["check", "--config", &name][..], &arguments].concat(),
        b"",
    );
    assert_eq!(shown.code, Some(0));
    let (_again, again) = config(std::str::from_utf8(&shown.stdout).unwrap());
    assert_eq!(run(&["check", "--config", &again], b"").code, Some(0));
    let input = lines("m", 60);
    let first = run(
        &[&["--config", &name][..], &arguments].concat(),
        input.as_bytes(),
    );
    let second = run(&["--config", &again], input.as_bytes());
    assert_eq!(first.lines(), second.lines());
    assert!(first.lines().len() > 90, "verdicts and forecasts");
}

#[test]
fn one_dash_is_as_good_as_two() {
    let (_folder, name) = config("[output]\npassthrough = false\n[report]\nevery = \"0s\"\n");
    for dashes in ["-", "--"] {
        let ran = run(&[&format!("{dashes}config"), &name], b"m v=1 1\n");
        assert_eq!((ran.code, ran.stdout.len()), (Some(0), 0), "{ran:?}");
    }
}

#[test]
fn the_command_line_wins_over_the_file() {
    let (_folder, name) = config("[output]\nverdicts = \"none\"\n");
    let input = lines("m", 40);
    let of = |more: &[&str]| {
        let arguments = [&["--config", &name, "--report-every", "0s"], more].concat();
        run(&arguments, input.as_bytes())
            .lines_of("m_anomaly,")
            .len()
    };
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&["--verdicts", "all"]), 10);
}

#[test]
fn the_brewcast_record_comes_while_nothing_arrives() {
    let agent = Agent::start(brewcast(&["--report-every", "20ms"]));
    for _ in 0..3 {
        let record = String::from_utf8(agent.next_line(SOON).unwrap()).unwrap();
        assert!(record.starts_with("brewcast,instance="), "{record}");
        assert!(record.contains("lines=0i,"), "{record}");
        assert!(record.contains("config_ok=1i"), "{record}");
    }
    let stopped = agent.stop();
    assert_eq!(stopped.stderr, "");
}

#[test]
fn the_brewcast_record_comes_at_the_end() {
    let ran = run(&["--report-every", "1h"], line("m", 0).as_bytes());
    assert_eq!(ran.lines().len(), 2);
    assert_eq!((ran.counter("lines"), ran.counter("points")), (1, 1));
}

#[test]
fn a_report_interval_of_zero_turns_the_brewcast_record_off() {
    let ran = run(&["--report-every", "0s"], line("m", 0).as_bytes());
    assert_eq!(ran.lines(), [line("m", 0).trim_end()]);
}

/// One that is not made of what a tag value may hold still gives a record that a database takes.
#[test]
fn the_instance_is_a_setting() {
    let (_folder, name) = config("[report]\ninstance = \"cellar 1, left=yes\"\n");
    let ran = run(&["--config", &name], b"");
    let records = ran.lines();
    assert!(
        records[0].starts_with("brewcast,instance=cellar\\ 1\\,\\ left\\=yes lines=0i"),
        "{records:?}"
    );
}

/// Several on one machine have one file and a name each; also one that reads like a number.
#[test]
fn the_instance_is_named_on_the_command_line_too() {
    let (_folder, name) = config("[report]\ninstance = \"cellar\"\n");
    for instance in ["brewcast-3", "3", "true", "[a]"] {
        let ran = run(&["--config", &name, "--instance", instance], b"");
        let records = ran.lines();
        let start = format!("brewcast,instance={instance} lines=0i");
        assert!(records[0].starts_with(&start), "{records:?}");
    }
}

#[test]
fn what_is_outside_the_range_is_flagged_with_a_reason_that_says_so() {
    let mut input = lines("m", 60);
    input += &format!("m v=30 {}000000000\n", START_S + 60);
    let ran = run_with(
        "[detect]\nrange = [-inf, 25]\ndirection = \"below\"\n",
        &["--verdicts", "anomalous"],
        input.as_bytes(),
    );
    let flagged = ran.lines_of("m_anomaly,");
    assert_eq!(flagged.len(), 1, "{flagged:?}");
    for part in [
        "yhat_upper=25.0",
        "is_anomaly=true",
        "kind=\"out_of_range\"",
        "reason=\"30 where at most 25 is allowed; ",
    ] {
        assert!(flagged[0].contains(part), "{part}: {flagged:?}");
    }
    let (_folder, name) = config("[detect]\nrange = [25.0, 5.0]\n");
    let checked = run(&["check", "--config", &name], b"");
    assert_eq!(checked.code, Some(2));
    let hint = ":2:1: detect.range = [25.0, 5.0]: write the lower number first: [5.0, 25.0]";
    assert!(checked.stderr.contains(hint), "{}", checked.stderr);
}

#[test]
fn a_policy_wins_over_the_command_line_and_check_prints_it() {
    let policy = "[[policy]]\nmatch = { measurement = \"q*\" }\nverdicts = \"none\"\n";
    let (_folder, name) = config(policy);
    let arguments = [
        "--config",
        &name,
        "--report-every",
        "0s",
        "--verdicts",
        "all",
    ];
    let input = lines("m", 40) + &lines("quiet", 40);
    let ran = run(&arguments, input.as_bytes());
    assert_eq!(ran.lines_of("m_anomaly,").len(), 10);
    assert_eq!(ran.lines_of("quiet_anomaly,").len(), 0);
    let shown = run(&[&["check"], &arguments[..]].concat(), b"");
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    let (_again, again) = config(std::str::from_utf8(&shown.stdout).unwrap());
    let second = run(&["--config", &again], input.as_bytes());
    assert_eq!(ran.lines(), second.lines());
    let (_wrong, wrong) = config("[[policy]]\nmatch = { feild = \"v\" }\n");
    let ran = run(&["--config", &wrong, "--verdicts", "all"], input.as_bytes());
    assert_eq!(ran.counter("config_ok"), 0);
    let hint = ":2:11: there is no match.feild; did you mean field?";
    assert!(ran.stderr.contains(hint), "{}", ran.stderr);
}

//! Replays the seeds of the fuzz targets through their checks, so that what fuzzing once found or
//! reached stays checked in every test run.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stderr)]

#[path = "../fuzz/checks/mod.rs"]
mod checks;

use std::fs;
use std::path::Path;

use checks::KnownFault;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(
        (1..100).contains(&seeds.len()),
        "a few seeds in {}",
        folder.display()
    );
    for seed in seeds {
        eprintln!("{}", seed.display()); // shown when the check fails
        check(&fs::read(&seed).unwrap());
    }
}

#[test]
fn the_framer_keeps_its_promises_on_every_seed() {
    replay("framing", checks::framing);
}

#[test]
fn the_scanner_agrees_with_influxdatas_parser_on_every_seed() {
    replay("scanner", checks::scanner);
}

#[test]
fn the_filter_keeps_its_promises_on_every_seed() {
    replay("filter", checks::filter);
}

#[test]
fn settings_of_every_seed_load_or_are_refused_and_lines_pass() {
    replay("config", checks::config);
}

#[test]
fn only_the_timestamp_changes_in_every_seed() {
    replay("restamp", checks::restamp);
}

#[test]
fn whatever_a_state_file_holds_lines_pass_on_every_seed() {
    replay("state", checks::state);
}

/// Else the checks above would say little.
#[test]
fn a_run_of_lines_gets_as_far_as_verdicts_and_forecasts() {
    let run = [200, 255, 1, 0xf0, 120, 4];
    assert!(checks::our_lines(&run) > 80);
}

#[test]
fn the_known_faults_of_influxdatas_parser_are_still_its_faults() {
    for (record, fault) in [
        ("m v=1e400 1", KnownFault::Infinite),
        ("m v=1, 1", KnownFault::TrailingComma),
        ("b k=0e-5,   5   ", KnownFault::TrailingComma),
        ("we\\ i,d,=m v=1 1", KnownFault::LooseNames),
        ("m,t=a=b v=0e0 1", KnownFault::LooseNames),
        ("m\r,t=a v=-0e0 1", KnownFault::Blanks),
        ("m\u{b}n v=1", KnownFault::Blanks),
    ] {
        assert_eq!(checks::compare(record), Some(fault), "{record:?}");
    }
    // Found by fuzzing: 20 digits, but 64 bits.
    assert_eq!(checks::compare("m v=1 08000000000000000000"), None);
    assert!(checks::point::read(b"m v=1 08000000000000000000").is_ok());
}

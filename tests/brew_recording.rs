//! The real recording: never forecast worse than by its last value.
//!
//! It is not part of the project: the file is the one that `BREW_RECORDING` names, else the one in
//! `../shared`, and without either the test says so and skips. Wrong readings are left out where the
//! labels beside that file tell them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::records;
use brewcast::series::Series;

/// Rows of each series that are inside a label, from the file beside the recording.
fn labelled(recording: &std::path::Path) -> BTreeMap<String, Vec<(usize, usize)>> {
    let mut rows: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    let text = std::fs::read_to_string(recording.with_file_name("labels.csv")).unwrap_or_default();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let span = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        rows.entry(cells[0].to_owned()).or_default().push(span);
    }
    rows
}

/// The values of each series in the order of the file.
fn values(recording: &std::path::Path) -> BTreeMap<String, Vec<f64>> {
    let mut text = String::new();
    records::open(recording)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines() {
        let (series, rest) = line.split_once(' ').unwrap();
        let name = series.rsplit('=').next().unwrap();
        let value = rest.split(['=', ' ']).nth(1).unwrap().parse().unwrap();
        values.entry(name.to_owned()).or_default().push(value);
    }
    values
}

#[test]
fn clean_readings_are_never_forecast_worse_than_by_the_last_value() {
    let shared =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/data/brew/temps.txt.gz");
    let recording = std::env::var("BREW_RECORDING").map_or(shared, PathBuf::from);
    if !recording.exists() {
        let why = "SKIPPED: no recording: BREW_RECORDING is not set and ../shared is not there";
        writeln!(std::io::stderr().lock(), "{why}").unwrap(); // past the capture of the test runner
        return;
    }
    let settings = config::load(None, &[("forecast.horizon", "1".to_owned())]);
    let options = settings.options("host", Precision::Ns, false);
    let rules = &options.policies.rest().rules;
    let labels = labelled(&recording);
    for (name, values) in values(&recording) {
        let is_labelled = |row: usize| {
            let spans = labels.get(&name).map_or(&[][..], Vec::as_slice);
            spans
                .iter()
                .any(|&(first, last)| (first..=last).contains(&row))
        };
        let (mut ours, mut naive, mut count) = (0.0, 0.0, 0);
        let (mut series, mut ahead) = (Series::new(0, 0), Vec::new());
        for (row, &value) in values.iter().enumerate() {
            if let (Some(next), false) = (ahead.first(), is_labelled(row)) {
                let next: &brewcast::series::Ahead = next;
                ours += (value - next.yhat).abs();
                naive += (value - values[row - 1]).abs();
                count += 1;
            }
            let time = i64::try_from(row).unwrap() * 1_000_000_000;
            let _ = series.observe(time, value, rules);
            series.issue(rules, &mut ahead);
        }
        assert!(count > 1_000, "{name}: {count} targets");
        assert!(ours <= 1.05 * naive, "{name}: {ours} beside {naive}");
    }
}

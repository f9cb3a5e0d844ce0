//! What holds for every list of policies.
//!
//! Properties of `filter::Filter` in-process, over streams made from seeds; each doc comment states one as
//! "for all ... then ...".

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use brewcast::config;
use brewcast::filter::Filter;
use brewcast::precision::Precision;
use common::filter::feed;
use common::streams::{lines, points};
use proptest::prelude::*;

const SERIES: [&str; 4] = ["m,s=a", "m,s=b,t=x", "n,s=a", "n\\ o,s=a\\ b"];

/// What a policy may match, and which of [`SERIES`] that is.
const MATCHES: [(&str, [bool; 4]); 9] = [
    ("", [true; 4]),
    ("match = {}", [true; 4]),
    (
        "match = { measurement = \"m\" }",
        [true, true, false, false],
    ),
    (
        "match = { measurement = \"n*\", field = \"?\" }",
        [false, false, true, true],
    ),
    (
        "match = { measurement = \"n o\" }",
        [false, false, false, true],
    ),
    (
        "match = { tags = { s = \"a\" } }",
        [true, false, true, false],
    ),
    (
        "match = { tags = { s = \"a b\" } }",
        [false, false, false, true],
    ),
    (
        "match = { tags = { t = \"*\" } }",
        [false, true, false, false],
    ),
    ("match = { field = \"w*\" }", [false; 4]),
];

/// What it may set: the table that has it, and the key.
const KEYS: [(&str, &str); 10] = [
    ("output", "verdicts = \"all\""),
    ("output", "verdicts = \"none\""),
    ("output", "forecasts = false"),
    ("detect", "direction = \"above\""),
    ("detect", "range = [-5, 50.5]"),
    ("detect", "false_alarms = 0.01"),
    ("forecast", "thresholds = [10, 20]"),
    ("forecast", "horizon = 8"),
    ("model", "warmup = 60"),
    ("model", "forecaster = \"naive\""),
];

/// The common settings: with no concurrent events, which know of other series.
const COMMON: [(&str, &str); 3] = [
    ("output", "events = false"),
    ("detect", "min_deviation = 0.5"),
    ("forecast", "coverage = 0.9"),
];

/// A file with these common settings.
fn tables(keys: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for table in ["model", "forecast", "detect", "output"] {
        let here = keys.iter().filter(|(place, _)| *place == table);
        text += &format!("[{table}]\n");
        here.for_each(|(_, key)| text += &format!("{key}\n"));
    }
    text
}

/// A policy: a match, and a choice of keys of different names.
fn policy() -> impl Strategy<Value = (usize, Vec<usize>)> {
    let keys = proptest::sample::subsequence((1..KEYS.len()).collect::<Vec<_>>(), 0..4);
    (0..MATCHES.len(), keys)
}

/// What the filter makes of an input, with settings that may have warnings.
fn run(settings: &str, input: &str) -> Vec<u8> {
    let settings = config::load(Some(("test", settings)), &[]);
    assert!(settings.are_usable(), "{:?}", settings.faults);
    let mut filter = Filter::new(settings.options("test", Precision::Ns, false));
    feed(&mut filter, input.as_bytes(), true)
}

/// What the filter writes about one series.
fn about(out: &[u8], series: &str) -> Vec<String> {
    let (name, tags) = series.split_once(',').unwrap();
    let tags = tags.split(',').map(|tag| format!(",{tag}"));
    let tags: Vec<String> = tags.collect();
    let text = std::str::from_utf8(out).unwrap();
    let is_about = |line: &&str| {
        let head = line.split(" y").next().unwrap();
        let rest = head
            .strip_prefix(name)
            .filter(|rest| rest.starts_with(['_', ',']));
        let ends = |at: usize, tag: &str| {
            let behind = &head[at + tag.len()..];
            behind.starts_with([',', ' ']) || behind.is_empty()
        };
        let has = |tag: &String| head.find(tag.as_str()).is_some_and(|at| ends(at, tag));
        rest.is_some() && tags.iter().all(has) && head.contains(",t=") == series.contains(",t=")
    };
    text.lines().filter(is_about).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// For all lists of policies in all orders, then what is written about a series is what would be written with
    /// the settings of the first policy that matches it as the common ones.
    #[test]
    fn the_first_match_counts_and_no_other(seed in any::<u32>(), policies in proptest::collection::vec(policy(), 0..6)) {
        let mut settings = tables(&COMMON);
        for (matches, keys) in &policies {
            settings += &format!("[[policy]]\n{}\n", MATCHES[*matches].0);
            keys.iter().for_each(|&key| settings += &format!("{}\n", KEYS[key].1));
        }
        let streams: Vec<Vec<String>> = SERIES
            .iter()
            .enumerate()
            .map(|(n, series)| lines(series, &points(u64::from(seed) + n as u64, 120, true)))
            .collect();
        let mixed: String = (0..120).flat_map(|i| streams.iter().map(move |lines| lines[i].as_str())).collect();
        let out = run(&settings, &mixed);
        for (n, series) in SERIES.iter().enumerate() {
            let first = policies.iter().find(|(matches, _)| MATCHES[*matches].1[n]);
            let own = first.map_or(&[][..], |(_, keys)| keys);
            let alone = [&COMMON[..], &own.iter().map(|&key| KEYS[key]).collect::<Vec<_>>()].concat();
            let alone = run(&tables(&alone), &streams[n].concat());
            prop_assert_eq!(about(&out, series), about(&alone, series), "{}\n{}", series, settings);
        }
    }
}

//! `brewcast backtest` from outside: what it prints, what it takes, how it ends, and what must hold for its
//! figures whatever the data.

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

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::tools::backtest::{self, History, Pick, Plan};
use common::program::{Ran, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tempfile::TempDir;

const HOUR_S: i64 = 3_600;

/// Line protocol of one series, `step_s` apart.
fn lines(series: &str, step_s: i64, values: impl IntoIterator<Item = f64>) -> String {
    let mut text = String::new();
    for (time, value) in (0..).map(|i| 1_700_000_000 + i * step_s).zip(values) {
        writeln!(text, "{series}={value} {time}000000000").unwrap();
    }
    text
}

/// A walk in steps of up to a tenth's multiples, so that sums are those of decimals.
fn walk(seed: u64, count: usize) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut tenths = 1_000;
    let mut step = || {
        tenths += (0..4).map(|_| random.random_range(-10..=10)).sum::<i32>();
        f64::from(tenths) / 10.0
    };
    (0..count).map(|_| step()).collect()
}

/// Hours with a day in them.
fn days(count: usize) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut hour = |i: usize| {
        let shape = (i as f64 * std::f64::consts::TAU / 24.0).sin();
        let value: f64 = 50.0 + 20.0 * shape + random.random_range(-1.0..1.0);
        (value * 10.0).round() / 10.0
    };
    (0..count).map(&mut hour).collect()
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Runs it on a file of this text.
fn backtest(text: &str, arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "in.lp", text.as_bytes());
    run(
        &[&["backtest", path.to_str().unwrap()], arguments].concat(),
        b"",
    )
}

fn json(text: &str, arguments: &[&str]) -> Value {
    let ran = backtest(text, &[arguments, &["--json"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    serde_json::from_slice(&ran.stdout).unwrap()
}

#[test]
fn a_small_file_gives_this_report() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/backtest");
    let mut text = lines("house,room=attic t", 60, walk(3, 400));
    let gappy = days(300).into_iter().enumerate();
    for (i, value) in gappy.filter(|(i, _)| i % 50 != 7) {
        let time = 1_700_000_000 + i as i64 * HOUR_S;
        writeln!(text, "power w={value} {time}000000000").unwrap();
    }
    text += "house,room=attic t=1\nbroken\n";
    let ran = backtest(&text, &["--forecaster", "naive"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("W! ") && ran.stderr.lines().count() == 1);
    let actual = String::from_utf8(ran.stdout).unwrap();
    let expected = fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
    let kept = std::env::temp_dir().join("brewcast-backtest.txt");
    fs::write(&kept, &actual).unwrap();
    assert!(actual == expected, "what came out: {}", kept.display());
}

/// For a gauge and for a counter, the last-value forecaster is the last value.
#[test]
fn the_ratio_of_the_last_value_to_itself_is_one_and_its_intervals_hold() {
    let gauge = walk(11, 12_000);
    let steps = gauge
        .iter()
        .map(|value| (value * 10.0).rem_euclid(30.0).floor());
    let mut sum = 0.0;
    let counter = steps.map(|step| {
        sum += step;
        sum
    });
    let text = lines("m gauge", 60, gauge.iter().copied()) + &lines("m counter", 60, counter);
    let report = json(&text, &["--forecaster", "naive", "--references", "0"]);
    for series in report["series"].as_array().unwrap() {
        let figures = series["steps"].as_array().unwrap().iter();
        for figures in figures.chain([&series["whole"]]) {
            let ratio = figures["beside"]["last_value"]["ratio"].as_f64().unwrap();
            // The mix holds its values in 32 bits.
            assert!((ratio - 1.0).abs() < 1e-6, "{}: {ratio}", series["name"]);
        }
    }
    let gauge = &report["series"][1];
    assert_eq!(gauge["name"], "m gauge");
    for figures in gauge["steps"].as_array().unwrap() {
        let coverage = figures["coverage"].as_f64().unwrap();
        assert!((0.93..=0.97).contains(&coverage), "{figures}");
    }
    assert_eq!(report["totals"]["worse_than_last_value"], 0);
}

/// For an even series, the error of the last value is what two loops over the file give.
#[test]
fn the_error_of_the_last_value_is_that_of_two_loops() {
    const WARMUP: usize = 30;
    let values = walk(23, 500);
    let report = json(
        &lines("m v", 60, values.iter().copied()),
        &["--references", "0"],
    );
    let series = &report["series"][0];
    let (horizon, every) = (40, 19);
    assert_eq!(
        (&series["horizon"], &series["every"]),
        (&40.into(), &19.into())
    );
    for figures in series["steps"].as_array().unwrap() {
        let [first, last] = ["first", "last"].map(|name| figures[name].as_u64().unwrap() as usize);
        let (mut sum, mut points) = (0.0, 0);
        for origin in (WARMUP..values.len()).step_by(every) {
            for step in first..=last.min(horizon) {
                if let Some(value) = values.get(origin + step) {
                    sum += (value - values[origin]).abs();
                    points += 1;
                }
            }
        }
        let other = &figures["beside"]["last_value"];
        assert_eq!(other["points"], points, "{first}-{last}");
        let mae = other["other_mae"].as_f64().unwrap();
        assert!(
            (mae - sum / f64::from(points)).abs() < 1e-9,
            "{first}-{last}: {mae}"
        );
    }
}

#[test]
fn what_is_judged_and_flagged_is_what_the_filter_judges_and_flags() {
    let spikes = days(600).into_iter().enumerate();
    let spikes = spikes.map(|(i, value)| value + if i % 97 == 50 { 300.0 } else { 0.0 });
    let text: String = lines("power w", HOUR_S, spikes)
        .lines()
        .enumerate()
        .filter(|(number, _)| number % 41 != 13)
        .flat_map(|(_, line)| [line, "\n"])
        .collect();
    let filtered = run(&["--verdicts", "none"], text.as_bytes());
    let report = json(&text, &["--references", "0"]);
    let series = &report["series"][0];
    for (ours, theirs) in [
        ("events_opened", "events_opened"),
        ("flags", "flags"),
        ("judged", "points_judged"),
        ("missing", "points_missing"),
    ] {
        assert_eq!(series[ours], filtered.counter(theirs), "{ours}");
    }
    assert!(series["flags"].as_u64() > Some(3) && series["gaps"].as_u64() > Some(3));
}

#[test]
fn each_series_is_treated_as_its_policy_has_it() {
    let folder = TempDir::new().unwrap();
    let settings = "[[policy]]\nmatch = { tags = { s = \"off\" } }\nmodel = false\n\
                    [[policy]]\nmatch = { tags = { s = \"high\" } }\ndirection = \"above\"\ncoverage = 0.8\n\
                    horizon = 10\n";
    let settings = file(&folder, "b.toml", settings.as_bytes());
    let config = ["--config", settings.to_str().unwrap()];
    let values = || {
        let values = walk(5, 400).into_iter().enumerate();
        values.map(|(i, y)| y + if i % 97 == 50 { -300.0 } else { 0.0 })
    };
    let text: String = ["off", "high", "rest"]
        .iter()
        .map(|series| lines(&format!("m,s={series} v"), 60, values()))
        .collect();
    let report = json(&text, &[&config[..], &["--references", "0"]].concat());
    let told: Vec<String> = report["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let keys = ["name", "policy", "coverage", "horizon"];
            keys.map(|key| one[key].to_string()).join(" ")
        })
        .collect();
    assert_eq!(
        told,
        ["\"m,s=high v\" 2 0.8 10", "\"m,s=rest v\" null 0.95 40"]
    );
    assert_eq!(report["input"]["points_left_out"], 400);
    let flags = |n: usize| report["series"][n]["flags"].as_u64().unwrap();
    assert!(flags(0) < flags(1), "{} {}", flags(0), flags(1));
    let filtered = run(
        &[&config[..], &["--verdicts", "none"]].concat(),
        text.as_bytes(),
    );
    assert_eq!(report["totals"]["flags"], filtered.counter("flags"));
    let shown = backtest(&text, &[&config[..], &["--references", "0"]].concat());
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("  policy 2: intervals of 80 %\n"), "{shown}");
}

#[test]
fn the_totals_are_medians_and_counts_over_the_series() {
    let text = |seed| lines(&format!("m,s={seed} v"), 60, walk(seed, 300));
    let report = json(
        &(1..=9).map(text).collect::<String>(),
        &["--references", "1"],
    );
    for other in ["last_value", "auto_ets"] {
        let series = report["series"].as_array().unwrap().iter();
        let ratios = series.map(|one| one["whole"]["beside"][other]["ratio"].as_f64().unwrap());
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let total = &report["totals"]["whole"]["ratio"][other];
        assert_eq!(
            (total["median"].as_f64(), &total["series"]),
            (Some(ratios[4]), &9.into())
        );
        if other == "last_value" {
            let worse = ratios.iter().filter(|&&ratio| ratio > 1.05).count();
            assert!((1..9).contains(&worse), "both kinds are there: {ratios:?}");
            assert_eq!(report["totals"]["worse_than_last_value"], worse);
            assert_eq!(report["totals"]["worse_share"], worse as f64 / 9.0);
        }
    }
}

#[test]
fn a_day_is_found_and_every_comparison_is_there() {
    let report = json(
        &lines("power w", HOUR_S, days(24 * 30)),
        &["--horizon", "24"],
    );
    let series = &report["series"][0];
    assert_eq!(series["seasons"][0]["length_s"], 86_400.0);
    let after = series["seasons"][0]["after_points"].as_u64().unwrap();
    assert!((48..400).contains(&after), "{after}");
    assert_eq!(
        (&series["horizon"], &series["every"]),
        (&24.into(), &11.into())
    );
    let whole = &series["whole"]["beside"];
    let ratio = |name: &str| whole[name]["ratio"].as_f64().unwrap();
    assert!(
        ratio("last_value") < 0.5 && ratio("auto_ets") < 0.5,
        "{whole}"
    );
    assert!((0.3..1.0).contains(&ratio("seasonal_naive")), "{whole}");
    assert!((0.3..2.0).contains(&ratio("mstl")), "{whole}");
    for fits in ["auto_ets_fits", "mstl_fits"] {
        let origins = series[fits]["origins"].as_u64().unwrap();
        assert!((5..=32).contains(&origins), "{fits}: {origins}");
        assert_eq!(series[fits]["failed"], 0);
    }
    let sum: f64 = series["weights"]
        .as_object()
        .unwrap()
        .values()
        .map(|w| w.as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    let text = backtest(
        &lines("power w", HOUR_S, days(24 * 30)),
        &["--horizon", "24"],
    );
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(&format!("seasons: 1d found after {after} points")),
        "{text}"
    );
}

/// The paths of all members, `[]` for those of a list.
fn paths(value: &Value, path: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(members) if !path.ends_with("weights") => members
            .iter()
            .for_each(|(key, value)| paths(value, &format!("{path}.{key}"), into)),
        Value::Array(items) => items
            .iter()
            .for_each(|item| paths(item, &format!("{path}[]"), into)),
        _ => into.push(path.to_owned()),
    }
}

/// Adding to this list is fine; taking away or renaming is a change of `format`.
#[test]
fn the_json_has_the_shape_that_is_promised() {
    let spiky = days(400).into_iter().enumerate();
    let spiky = spiky.map(|(i, y)| if i == 300 { y + 500.0 } else { y });
    let text = lines("power w", HOUR_S, spiky) + &lines("power flat", HOUR_S, [5.0; 400]);
    let report = json(&text, &["--time"]);
    let mut found = Vec::new();
    paths(&report, "", &mut found);
    found.sort();
    found.dedup();
    let beside = ["auto_ets", "last_value", "mstl", "seasonal_naive"];
    let mut expected: Vec<String> = [
        "coverage",
        "forecaster",
        "format",
        "version",
        "input.files",
        "input.lines",
        "input.lines_own",
        "input.lines_rejected",
        "input.points",
        "input.points_left_out",
        "input.points_untimed",
        "totals.events_opened",
        "totals.flags",
        "totals.other_budgets[].allowed",
        "totals.other_budgets[].budget",
        "totals.other_budgets[].events",
        "totals.other_budgets[].is_too_short",
        "totals.flags_expected",
        "totals.judged",
        "totals.labels",
        "totals.longest",
        "totals.origins",
        "totals.series",
        "totals.series_broken",
        "totals.series_too_short",
        "totals.worse_share",
        "totals.worse_than_last_value",
        "series[].auto_ets_fits.failed",
        "series[].auto_ets_fits.origins",
        "series[].cadence_s",
        "series[].coverage",
        "series[].events_opened",
        "series[].events[].end_ns",
        "series[].events[].expected",
        "series[].events[].flags",
        "series[].events[].kind",
        "series[].events[].peak_score",
        "series[].events[].peak_value",
        "series[].events[].start_ns",
        "series[].every",
        "series[].flags",
        "series[].flags_expected",
        "series[].gaps",
        "series[].horizon",
        "series[].is_counter",
        "series[].judged",
        "series[].labels",
        "series[].late",
        "series[].missing",
        "series[].mstl_fits.failed",
        "series[].mstl_fits.origins",
        "series[].name",
        "series[].ns_per_point",
        "series[].origins",
        "series[].other_budgets[].allowed",
        "series[].other_budgets[].budget",
        "series[].other_budgets[].events",
        "series[].other_budgets[].is_too_short",
        "series[].policy",
        "series[].points",
        "series[].seasons[].after_points",
        "series[].seasons[].length_s",
        "series[].weights",
    ]
    .map(|path| format!(".{path}"))
    .to_vec();
    for part in ["series[].steps[]", "series[].whole"] {
        for name in ["first", "last", "points", "mae", "coverage", "width"] {
            expected.push(format!(".{part}.{name}"));
        }
        for other in beside {
            for name in ["points", "mae", "other_mae", "ratio"] {
                expected.push(format!(".{part}.beside.{other}.{name}"));
            }
        }
    }
    for part in ["totals.steps[]", "totals.whole"] {
        for name in ["first", "last", "points", "coverage"] {
            expected.push(format!(".{part}.{name}"));
        }
        for other in beside {
            for name in ["median", "series"] {
                expected.push(format!(".{part}.ratio.{other}.{name}"));
            }
        }
    }
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(report["format"], 1);
    let flat = &report["series"][0];
    assert_eq!(flat["name"], "power flat");
    let ratio = &flat["whole"]["beside"]["last_value"]["ratio"];
    assert!(ratio.is_null(), "neither was ever wrong");
    assert!(flat["ns_per_point"].as_f64().unwrap() > 0.0);
    assert_eq!(
        report["totals"]["whole"]["ratio"]["last_value"]["series"],
        1
    );
}

#[test]
fn plain_gzipped_and_piped_files_are_the_same() {
    let text = lines("m v", 60, walk(5, 300));
    let plain = backtest(&text, &[]).stdout;
    assert!(!plain.is_empty());
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzipped = gzip.finish().unwrap();
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "in.lp.gz", &gzipped);
    assert!(run(&["backtest", path.to_str().unwrap()], b"").stdout == plain);
    assert!(run(&["backtest", "-"], text.as_bytes()).stdout == plain);
    assert!(run(&["backtest", "-"], &gzipped).stdout == plain);
    let cut = file(&folder, "cut.gz", &gzipped[..gzipped.len() / 2]);
    let ran = run(&["backtest", cut.to_str().unwrap()], b"");
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    assert!(ran.stderr.starts_with("E! cannot read ") && ran.stderr.contains("cut.gz"));
}

#[test]
fn faulty_lines_are_reported_a_few_times_and_cost_nothing_else() {
    let good = lines("m v", 60, walk(5, 300));
    let mut bad = String::new();
    for (number, line) in good.lines().enumerate() {
        writeln!(bad, "{line}").unwrap();
        if number % 10 == 0 {
            writeln!(bad, "junk {number}").unwrap();
        }
    }
    let (clean, dirty) = (backtest(&good, &[]), backtest(&bad, &[]));
    assert_eq!((clean.stderr.as_str(), dirty.code), ("", Some(0)));
    assert_eq!(dirty.stderr.lines().count(), 11, "{}", dirty.stderr);
    assert!(
        dirty.stderr.contains("in.lp: line 2 dropped"),
        "{}",
        dirty.stderr
    );
    assert!(
        dirty.stderr.contains("20 more lines dropped"),
        "{}",
        dirty.stderr
    );
    let rest = |ran: &Ran| {
        let lines = ran.lines().into_iter().map(str::to_owned);
        let kept = lines
            .filter(|line| !line.starts_with("Left out: lines that are no line protocol (30)"));
        kept.collect::<Vec<_>>()
    };
    assert_eq!(rest(&clean), rest(&dirty));
    assert_eq!(dirty.lines().len(), clean.lines().len() + 1);
}

#[test]
fn what_cannot_be_run_ends_with_a_reason_and_its_status() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing.lp");
    let missing = missing.to_str().unwrap();
    let long = lines("m v", 60, walk(5, 100));
    let few = lines("m v", 60, walk(5, 20));
    let say = |ran: Ran, code: i32, said: &str| {
        assert_eq!(
            (ran.code, ran.stdout.len()),
            (Some(code), 0),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.starts_with("E! ") && ran.stderr.contains(said),
            "{}",
            ran.stderr
        );
    };
    say(run(&["backtest", missing], b""), 2, "cannot open");
    say(run(&["backtest", "-"], few.as_bytes()), 1, "has 20 points");
    say(run(&["backtest", "-"], b""), 1, "no series was selected");
    say(
        run(&["backtest", "-", "--series", "x*"], long.as_bytes()),
        1,
        "no series was selected",
    );
    say(
        run(&["backtest", "-", "--series", "a["], long.as_bytes()),
        2,
        "--series",
    );
    say(
        run(&["backtest", "-", "--horizon", "soon"], long.as_bytes()),
        2,
        "forecast.horizon",
    );
    say(
        run(&["backtest", "-", "--config", missing], long.as_bytes()),
        2,
        "missing.lp",
    );
    assert_eq!(run(&["backtest"], b"").code, Some(2));
}

#[test]
fn settings_and_globs_choose_the_series() {
    let text = lines("m,h=a v", 60, walk(1, 200)) + &lines("m,h=b v", 60, walk(2, 300));
    let names = |report: &Value| -> Vec<String> {
        let series = report["series"].as_array().unwrap();
        series
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&json(&text, &[])),
        ["m,h=b v", "m,h=a v"],
        "the largest first"
    );
    assert_eq!(names(&json(&text, &["--series", "*h=a*"])), ["m,h=a v"]);
    let folder = TempDir::new().unwrap();
    let config = file(
        &folder,
        "b.toml",
        b"[forecast]\nhorizon = 7\ncoverage = 0.5\n",
    );
    let report = json(&text, &["--config", config.to_str().unwrap()]);
    assert_eq!(
        (&report["series"][0]["horizon"], &report["coverage"]),
        (&7.into(), &0.5.into())
    );
    let steps = report["series"][0]["steps"].as_array().unwrap();
    assert_eq!(
        steps
            .iter()
            .map(|s| s["last"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [1, 3, 7]
    );
}

/// What the library makes of these files, as JSON.
fn report(files: &[String]) -> String {
    let settings = config::load(None, &[("forecast.horizon", "10".to_owned())]);
    let options = settings.options("test", Precision::Ns, false);
    let mut history = History::new(&options, Pick::default());
    for file in files {
        history
            .read(file.as_bytes(), &mut |said| panic!("{said}"))
            .unwrap();
    }
    let (tracks, counts) = history.finish();
    let plan = Plan {
        references: 2,
        clock: None,
        canvas: None,
    };
    let report = backtest::run(tracks, counts, &options, plan, &mut |_| ());
    serde_json::to_string(&report).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// For all orders of files, and all ways in which series take turns within a file, the report is the same.
    #[test]
    fn the_order_of_files_and_series_makes_no_difference(seed in any::<u64>(), turns in proptest::collection::vec(0_usize..3, 400)) {
        let series = [("m,s=a v", 120), ("m,s=b v", 120), ("n w", 90)];
        let text = |(at, (name, count)): (usize, &(&str, usize))| lines(name, 60, walk(seed ^ at as u64, *count));
        let texts: Vec<String> = series.iter().enumerate().map(text).collect();
        let plain = report(&[texts.concat()]);
        let mut queues: Vec<_> = texts.iter().map(|text| text.lines()).collect();
        let mut mixed = String::new();
        for turn in turns {
            mixed.extend(queues[turn].next().into_iter().flat_map(|line| [line, "\n"]));
        }
        for queue in queues {
            mixed.extend(queue.flat_map(|line| [line, "\n"]));
        }
        prop_assert_eq!(&plain, &report(&[mixed]));
        let halves: Vec<String> = texts
            .iter()
            .flat_map(|text| {
                let middle = text.match_indices('\n').nth(50).unwrap().0 + 1;
                [text[middle..].to_owned(), text[..middle].to_owned()]
            })
            .collect();
        let in_order: Vec<String> = halves.iter().rev().cloned().collect();
        prop_assert_eq!(report(&halves), report(&in_order));
    }
}

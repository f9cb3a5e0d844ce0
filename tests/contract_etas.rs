//! The contract of thresholds: what an operator who sets one can count on.
//!
//! Each test is a promise of the built binary, and its name says which. Most run a straight line, whose
//! forecast no forecaster can get wrong; how often states change on rough data is in `etas.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::program::{Ran, START_S, run, run_with};
use common::records::{Eta, etas};

/// A straight line is what every forecaster with a trend that lasts says of a straight line.
const STRAIGHT: &str = "[model]\nforecaster = \"ets\"\ntrend = \"linear\"\n";
const QUIET: &[&str] = &["--report-every", "0s", "--verdicts", "none"];

/// One line a minute: these values.
fn every_minute(series: &str, values: impl IntoIterator<Item = f64>) -> String {
    let values = (0..).zip(values);
    let line = |(n, value): (i64, f64)| format!("{series} v={value} {}000000000\n", minute(n));
    values.map(line).collect()
}

/// Time of the n-th line, s.
fn minute(n: i64) -> i64 {
    START_S + 60 * n
}

/// 10 and a tenth more each minute.
fn ramp(count: i32) -> impl Iterator<Item = f64> {
    (0..count).map(|n| f64::from(100 + n) / 10.0)
}

fn watched(thresholds: &str, input: &str) -> Vec<Eta> {
    let arguments = [QUIET, &["--thresholds", thresholds]].concat();
    etas(&run_with(STRAIGHT, &arguments, input.as_bytes()).stdout)
}

fn states(etas: &[Eta]) -> Vec<(&str, &str)> {
    etas.iter()
        .map(|eta| (eta.state.as_str(), eta.crossing.as_str()))
        .collect()
}

#[test]
fn the_time_to_the_threshold_counts_from_the_point_behind_which_it_stands() {
    let etas = watched("16", &every_minute("m", ramp(100)));
    assert!(etas.len() >= 2, "{etas:?}");
    let (last, approaching) = etas.split_last().unwrap();
    for (eta, state) in approaching.iter().zip(states(approaching)) {
        assert_eq!(state, ("approaching", "above"));
        let due = (minute(60) - eta.time / 1_000_000_000) as f64;
        assert!((eta.eta.unwrap() - due).abs() < 1.0, "{due}: {eta:?}");
        assert!(eta.lower.unwrap() <= due + 1.0, "{eta:?}");
        assert!(eta.upper.is_none_or(|upper| upper >= due - 1.0), "{eta:?}");
        assert!(eta.probability.unwrap() > 0.9, "{eta:?}");
    }
    assert_eq!(states(&etas).last(), Some(&("crossed", "above")));
    assert_eq!(
        last.time,
        minute(61) * 1_000_000_000,
        "the second point there"
    );
    assert_eq!((last.eta, last.probability), (None, None));
}

#[test]
fn a_threshold_below_is_approached_from_above() {
    let etas = watched("-16.0", &every_minute("m", ramp(100).map(|y| -y)));
    assert_eq!(etas[0].threshold, "-16");
    let states = states(&etas);
    assert_eq!(states[0], ("approaching", "below"));
    assert_eq!(states.last(), Some(&("crossed", "below")));
}

#[test]
fn a_ramp_that_ends_is_cleared_once() {
    let flat = std::iter::repeat_n(13.5, 200);
    let etas = watched("16", &every_minute("m", ramp(36).chain(flat)));
    let states = states(&etas);
    assert_eq!(states.last(), Some(&("cleared", "above")), "{etas:?}");
    let ends = states.iter().filter(|(state, _)| *state != "approaching");
    assert_eq!(ends.count(), 1, "{etas:?}");
    assert!(etas.last().unwrap().probability.unwrap() < 0.5);
}

#[test]
fn a_series_that_is_beyond_from_the_start_has_no_record() {
    assert_eq!(watched("9", &every_minute("m", ramp(100))), []);
}

#[test]
fn what_was_said_is_taken_back_when_the_series_begins_anew() {
    let hourly: String = (1..30)
        .map(|n| format!("m v=13.4 {}000000000\n", minute(34) + 3_600 * n))
        .collect();
    let config = format!("{STRAIGHT}[forecast]\nthresholds = [16]\nevery = \"100h\"\n");
    let input = every_minute("m", ramp(35)) + &hourly;
    let etas = etas(&run_with(&config, QUIET, input.as_bytes()).stdout);
    assert_eq!(
        states(&etas),
        [("approaching", "above"), ("cleared", "above")]
    );
    assert_eq!(etas[1].probability, None, "nothing is forecast");
    assert!(
        etas[1].time > minute(34 + 5 * 60) * 1_000_000_000,
        "with the new cadence"
    );
}

#[test]
fn a_counter_is_watched_by_its_total() {
    let total = (0..200).map(|n| f64::from(1_000 * n + 10 * (n % 7)));
    let arguments = [QUIET, &["--thresholds", "100000"]].concat();
    let ran = run(&arguments, every_minute("net", total).as_bytes());
    let etas = etas(&ran.stdout);
    assert_eq!(states(&etas)[0], ("approaching", "above"));
    let (last, approaching) = etas.split_last().unwrap();
    assert_eq!(last.state, "crossed", "{etas:?}");
    let due = (minute(100) - approaching.last().unwrap().time / 1_000_000_000) as f64;
    let eta = approaching.last().unwrap().eta.unwrap();
    assert!((eta - due).abs() < 120.0, "{eta} for {due}");
}

#[test]
fn etas_come_although_forecasts_are_not_written() {
    let input = every_minute("m", ramp(100));
    let config = format!("{STRAIGHT}[forecast]\nthresholds = [16]\n[output]\nforecasts = false\n");
    let ran = run_with(&config, &["--verdicts", "none"], input.as_bytes());
    assert_eq!(ran.lines_of("m_forecast,").len(), 0);
    assert_eq!(etas(&ran.stdout), watched("16", &input));
    assert_eq!(ran.counter("forecasts"), 0);
    let written = i64::try_from(etas(&ran.stdout).len()).unwrap();
    assert_eq!(ran.counter("etas"), written);
}

#[test]
fn a_final_forecast_has_its_etas() {
    let input = every_minute("m", ramp(55));
    let arguments = [QUIET, &["--thresholds", "16"]].concat();
    let before = run_with(STRAIGHT, &arguments, input.as_bytes());
    let arguments = [&arguments[..], &["--final-forecast"]].concat();
    let after = run_with(STRAIGHT, &arguments, input.as_bytes());
    let (before, after) = (etas(&before.stdout), etas(&after.stdout));
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 1);
    let last = after.last().unwrap();
    assert_eq!(last.time, minute(54) * 1_000_000_000);
    assert!((last.eta.unwrap() - 360.0).abs() < 1.0, "{last:?}");
}

/// In the order of one line: verdict, forecast, thresholds in the order of the settings.
#[test]
fn records_stand_behind_verdict_and_forecast() {
    let config = format!("{STRAIGHT}[forecast]\nthresholds = [14.5, 14]\n");
    let input = every_minute("m", ramp(60));
    let ran = run_with(&config, &["--verdicts", "all"], input.as_bytes());
    let lines = ran.lines();
    let first = lines.iter().position(|line| line.contains("_eta,"));
    let block: Vec<&str> = lines[first.expect("an eta") - 10..][..12]
        .iter()
        .map(|line| line.split(['=', ' ']).next().unwrap())
        .collect();
    let forecasts = ["m_forecast,field"; 8];
    assert_eq!(block[..2], ["m", "m_anomaly,field"]);
    assert_eq!(block[2..10], forecasts);
    assert_eq!(block[10..], ["m_eta,field"; 2]);
    let tags = &lines[first.unwrap()..][..2];
    assert!(tags[0].contains(",threshold=14.5 ") && tags[1].contains(",threshold=14 "));
}

#[test]
fn a_second_brewcast_passes_the_etas_of_the_first_and_models_none_of_them() {
    let first = run_with(
        STRAIGHT,
        &[QUIET, &["--thresholds", "16"]].concat(),
        every_minute("m", ramp(100)).as_bytes(),
    );
    let ours = first.lines_of("m_eta,");
    assert!(ours.len() >= 2);
    let input = ours.join("\n") + "\n";
    let second = run(&["--report-every", "1h"], input.as_bytes());
    assert_eq!(second.lines()[..ours.len()], ours);
    assert_eq!(second.lines().len(), ours.len() + 1);
    let count = i64::try_from(ours.len()).unwrap();
    assert_eq!(
        (second.counter("lines_own"), second.counter("points")),
        (count, 0)
    );
}

#[test]
fn names_tags_and_precision_are_those_of_all_records() {
    let input: String = ramp(100)
        .zip(0..)
        .map(|(y, n)| format!("m,threshold=9,state=de v={y} {}\n", minute(n)))
        .collect();
    let config = format!("{STRAIGHT}[output]\neta_name = \"etas\"\n");
    let arguments = [QUIET, &["--thresholds", "16", "--precision", "s"]].concat();
    let ran = run_with(&config, &arguments, input.as_bytes());
    let last = *ran.lines_of("etas,").last().expect("records");
    let wanted = format!(
        "etas,field=v,source_measurement=m,source_state=de,source_threshold=9,threshold=16 \
         state=\"crossed\",crossing=\"above\" {}",
        minute(61)
    );
    assert_eq!(last, wanted);
}

#[test]
fn wrong_thresholds_end_with_2_and_say_what_to_write() {
    for (value, hint) in [
        ("warm", "[18.0, 22.0]"),
        ("[1, 1.0]", "twice"),
        ("[nan]", "[18.0, 22.0]"),
        ("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "at most 16"),
    ] {
        let ran: Ran = run(&["--thresholds", value], b"m v=1 1\n");
        assert_eq!(ran.code, Some(2), "{value}");
        assert!(ran.stderr.contains(hint), "{value}: {}", ran.stderr);
    }
}

//! What a backtest suggests: each suggestion comes on data made for it, and none on data that ask for nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fmt::Write as _;

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::tools::advice::{self, Advice, Rule};
use brewcast::tools::backtest::{self, History, Pick, Plan, Report};
use brewcast::tools::{backtest::text, page};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
type Settings<'a> = &'a [(&'a str, &'a str)];

/// Normal noise, nearly: the sum of twelve.
fn noise(random: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| random.random_range(-0.5..0.5)).sum()
}

fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Line protocol of one series.
fn lines(series: &str, points: impl IntoIterator<Item = (i64, f64)>) -> String {
    let mut text = String::new();
    for (seconds, value) in points {
        let time = 1_700_000_000 + seconds;
        writeln!(text, "{series}={value} {time}000000000").unwrap();
    }
    text
}

/// Every so many seconds.
fn every(step: i64, values: impl IntoIterator<Item = f64>) -> impl Iterator<Item = (i64, f64)> {
    (0..).map(move |i| i * step).zip(values)
}

fn report(text: &str, settings: Settings<'_>) -> Report {
    let overrides = settings
        .iter()
        .map(|(key, value)| (*key, (*value).to_owned()));
    let overrides: Vec<_> = overrides.collect();
    let settings = config::load(None, &overrides);
    assert_eq!(settings.faults, []);
    let options = settings.options("test", Precision::Ns, false);
    let mut history = History::new(&options, Pick::default());
    history
        .read(text.as_bytes(), &mut |said| panic!("{said}"))
        .unwrap();
    let (tracks, counts) = history.finish();
    let plan = Plan {
        references: 0,
        clock: None,
        canvas: None,
    };
    backtest::run(tracks, counts, &options, plan, &mut |_| ())
}

fn advice(text: &str, settings: Settings<'_>) -> Vec<Advice> {
    let report = report(text, settings);
    assert_eq!(report.series.len(), 1);
    advice::of(&report.series[0])
}

fn rules(all: &[Advice]) -> Vec<Rule> {
    all.iter().map(|advice| advice.rule).collect()
}

fn only(all: &[Advice], rule: Rule) -> Advice {
    assert_eq!(rules(all), [rule], "{all:?}");
    all[0].clone()
}

/// Noise with a leap of 80 at every 150th point.
fn misread(seed: u64) -> Vec<f64> {
    let mut random = random(seed);
    let value = |i: usize| noise(&mut random) + if i % 150 == 149 { 80.0 } else { 0.0 };
    (0..4_000).map(value).collect()
}

fn walk(seed: u64, count: usize) -> Vec<f64> {
    let mut random = random(seed);
    let mut y = 0.0;
    let step = |_| {
        y += noise(&mut random);
        y
    };
    (0..count).map(step).collect()
}

#[test]
fn clean_data_ask_for_nothing() {
    let mut dice = random(1);
    let flat = lines("m v", every(MINUTE, (0..6_000).map(|_| noise(&mut dice))));
    let day = |i: i32| 30.0 * (f64::from(i) * std::f64::consts::TAU / 24.0).sin();
    let days = lines(
        "m v",
        every(HOUR, (0..1_500).map(|i| day(i) + noise(&mut dice))),
    );
    let walk = lines("m v", every(MINUTE, walk(3, 6_000)));
    for text in [flat, days, walk] {
        assert_eq!(advice(&text, &[]), []);
    }
}

#[test]
fn leaps_that_no_budget_tells_apart_ask_for_a_deviation_of_their_size() {
    let advice = advice(&lines("m v", every(MINUTE, misread(5))), &[]);
    let advice = only(&advice, Rule::Deviation);
    let setting = advice.setting.unwrap();
    let size: f64 = setting
        .strip_prefix("min_deviation = ")
        .unwrap()
        .parse()
        .unwrap();
    assert!((70.0..90.0).contains(&size), "{setting}");
    assert!(
        advice.why.contains("events where chance alone gives"),
        "{}",
        advice.why
    );
}

/// From the middle on many points are five to six deviations off: told by a large budget, mostly not by a small one.
#[test]
fn events_that_a_rarer_budget_leaves_out_ask_for_that_budget() {
    let mut dice = random(6);
    let value = |i: usize| {
        let is_off = i > 6_000 && dice.random_range(0..45) == 0;
        let side = if dice.random() { 1.0 } else { -1.0 };
        let off = if is_off {
            side * dice.random_range(5.0..6.0)
        } else {
            0.0
        };
        noise(&mut dice) + off
    };
    let text = lines("m v", every(MINUTE, (0..10_000).map(value)));
    let advice = advice(&text, &[("detect.false_alarms", "1/day")]);
    let advice = only(&advice, Rule::Budget);
    let setting = advice.setting.unwrap();
    assert!(setting.starts_with("false_alarms = \"1/"), "{setting}");
    assert_ne!(setting, "false_alarms = \"1/day\"");
}

/// A day of values that have nothing to do with their neighbours, repeated to the digit.
#[test]
fn a_season_that_the_forecast_is_worse_than_is_to_be_named() {
    let mut dice = random(7);
    let day: Vec<f64> = (0..24).map(|_| 100.0 * noise(&mut dice)).collect();
    let values = (0..24 * 40).map(|i| day[i % 24] + 0.001 * noise(&mut dice));
    let text = lines("m v", every(HOUR, values.collect::<Vec<_>>()));
    let found = advice(&text, &[]);
    let advice = only(&found, Rule::Season);
    assert_eq!(advice.setting.as_deref(), Some("season = \"1d\""));
    let named = self::advice(&text, &[("model.season", "24h")]);
    assert!(!rules(&named).contains(&Rule::Season), "{named:?}");
}

#[test]
fn a_forecast_worse_than_the_last_value_asks_for_the_naive_one() {
    let text = lines("m v", every(MINUTE, walk(8, 6_000)));
    let settings = [("model.forecaster", "ets"), ("model.trend", "linear")];
    let advice = advice(&text, &settings);
    let advice = only(&advice, Rule::Naive);
    assert_eq!(advice.setting.as_deref(), Some("forecaster = \"naive\""));
}

/// Steps that grow for as long as the series lasts.
#[test]
fn intervals_that_hold_too_little_are_not_to_be_trusted() {
    let mut dice = random(9);
    let mut y = 0.0;
    let step = |i: i32| {
        y += noise(&mut dice) * (f64::from(i) / 60.0).exp2();
        y
    };
    let text = lines("m v", every(MINUTE, (0..1_500).map(step)));
    let found = advice(
        &text,
        &[
            ("detect.direction", "above"),
            ("detect.min_deviation", "1e12"),
        ],
    );
    let told = found.iter().find(|advice| advice.rule == Rule::Intervals);
    let told = told.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(told.setting, None);
    assert!(
        told.why.contains("inside the 95 % interval"),
        "{}",
        told.why
    );
}

#[test]
fn many_missing_points_ask_for_the_time_between_points() {
    let mut dice = random(10);
    let all: Vec<(i64, f64)> = every(MINUTE, (0..3_000).map(|_| noise(&mut dice))).collect();
    let some = all.into_iter().filter(|_| dice.random_range(0..10) < 7);
    let found = advice(&lines("m v", some.collect::<Vec<_>>()), &[]);
    let advice = only(&found, Rule::Cadence);
    assert!(
        advice.why.contains("missing on a step of 1m"),
        "{}",
        advice.why
    );
}

#[test]
fn suggestions_that_are_alike_are_told_once() {
    let text: String = (0..5)
        .map(|i| lines(&format!("m,h={i} v"), every(MINUTE, misread(20 + i))))
        .collect();
    let report = report(&text, &[]);
    let groups = advice::of_all(&report.worst_first());
    assert_eq!(groups.len(), 1, "{groups:?}");
    let mut who = groups[0].series.clone();
    who.sort_unstable();
    assert_eq!(who, [0, 1, 2, 3, 4]);
    let view = text::View {
        rows: 20,
        details: 0,
    };
    let told = text::render(&report, view);
    let setting = groups[0].advice.setting.as_deref().unwrap();
    let sizes = setting
        .strip_prefix("min_deviation = ")
        .unwrap()
        .split(" to ");
    let sizes: Vec<f64> = sizes.map(|size| size.parse().unwrap()).collect();
    assert!(
        70.0 < sizes[0] && sizes[0] < sizes[1] && sizes[1] < 90.0,
        "{setting}"
    );
    assert!(
        told.contains(&format!(
            "SUGGESTIONS\n{setting}\n  5 series: far more events"
        )),
        "{told}"
    );
    let page = page::of_report(&report).unwrap();
    assert!(page.contains(&format!("5 series: <code>{setting}</code>")));
    let two = report_of_two();
    assert_eq!(
        advice::of_all(&two.worst_first()).len(),
        2,
        "each with its figures"
    );
}

fn report_of_two() -> Report {
    let of = |i: u64| lines(&format!("m,h={i} v"), every(MINUTE, misread(30 + i)));
    report(&(of(0) + &of(1)), &[])
}

/// A week of minutes tells 1/day and 1/week; a month and a year are the same to it.
#[test]
fn budgets_that_the_data_are_too_short_for_are_said_to_be() {
    let mut dice = random(11);
    let text = lines("m v", every(MINUTE, (0..10_080).map(|_| noise(&mut dice))));
    let report = report(&text, &[]);
    let short = |all: &[backtest::happened::Opened]| -> Vec<bool> {
        all.iter().map(|one| one.is_too_short).collect()
    };
    let series = &report.series[0];
    assert_eq!(short(&series.other_budgets), [false, false, true, true]);
    assert_eq!(
        short(&report.totals.other_budgets),
        [false, false, true, true]
    );
    assert_eq!(
        series.other_budgets[2].events,
        series.other_budgets[3].events
    );
    let view = text::View {
        rows: 1,
        details: 1,
    };
    let told = text::render(&report, view);
    let events = series.other_budgets[3].events;
    let words =
        format!("; {events} with 1/month and 1/year, which the data are too short to tell apart\n");
    assert!(told.contains(&words), "{told}");
    let page = page::of_report(&report).unwrap();
    assert!(page.contains("which the data are too short to tell apart."));
}

//! The contract of events: what an operator who is paged by them can count on.
//!
//! Each test is a promise of the built binary, and its name says which.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::filter::{feed, filter};
use common::program::{START_S, run_with};

const QUIET: &[&str] = &["--report-every", "0s", "--verdicts", "none"];

/// A quiet reading of a second, and what it is replaced by at these seconds.
fn readings(series: &str, seconds: i64, odd: &[(i64, f64)]) -> Vec<String> {
    let value = |n: i64| {
        let odd = odd.iter().find(|&&(at, _)| at == n);
        odd.map_or(20.0 + (n * 7 % 5) as f64 / 10.0, |&(_, value)| value)
    };
    let line = |n: i64| format!("{series} v={} {}000000000\n", value(n), START_S + n);
    (0..seconds).map(line).collect()
}

/// The `_event` records of this input: their fields, by name.
fn events(input: &str) -> Vec<String> {
    events_with("[forecast]\nhorizon = 10\n", input)
}

fn events_with(settings: &str, input: &str) -> Vec<String> {
    let ran = run_with(settings, QUIET, input.as_bytes());
    let out = String::from_utf8(ran.stdout).unwrap();
    let is_event = |line: &&str| line.contains("_event,");
    out.lines().filter(is_event).map(str::to_owned).collect()
}

fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let from = line.find(&format!("{name}=")).unwrap() + name.len() + 1;
    let rest = &line[from..];
    if let Some(text) = rest.strip_prefix('"') {
        return text.split('"').next().unwrap();
    }
    rest.split([',', ' ']).next().unwrap()
}

fn states(events: &[String]) -> Vec<&str> {
    events.iter().map(|line| field(line, "state")).collect()
}

#[test]
fn an_event_is_told_when_it_opens_gets_worse_and_is_over() {
    let odd = [(200, 23.0), (205, 40.0), (206, 39.0)];
    let events = events(&readings("m", 300, &odd).concat());
    assert_eq!(states(&events), ["open", "update", "closed"], "{events:#?}");
    let times: Vec<i64> = events
        .iter()
        .map(|line| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap() / 1_000_000_000)
        .collect();
    assert_eq!(times, [200, 205, 246].map(|n| START_S + n));
    assert!(
        events
            .iter()
            .all(|line| field(line, "event_id") == field(&events[0], "event_id"))
    );
    let closed = &events[2];
    assert_eq!(field(closed, "active"), "0i");
    assert_eq!(field(closed, "duration_s"), "6.0");
    assert_eq!(field(closed, "peak_value"), "40.0");
    assert!(field(closed, "reason").starts_with("as expected again after 3 flags"));
}

#[test]
fn what_comes_and_goes_for_good_becomes_the_new_normal() {
    let noise = |n: i64| ((n * 7_919 % 1_009) as f64 - 504.0) / 504.0;
    let is_high = |n: i64| n > 2_000 && n / 5 % 2 == 1;
    let value = |n: i64| 50.0 + noise(n) + if is_high(n) { 20.0 } else { 0.0 };
    let line = |n: i64| format!("m v={} {}000000000\n", value(n), START_S + n);
    let events = events(&(0..12_000).map(line).collect::<String>());
    let last = events.last().unwrap();
    assert_eq!(field(last, "state"), "closed");
    assert!(field(last, "reason").starts_with("this is the new normal"));
    let over = field(last, "end_ns").trim_end_matches('i');
    let over = over.parse::<i64>().unwrap() / 1_000_000_000 - START_S;
    assert!((2_200..3_000).contains(&over), "{over}");
}

#[test]
fn the_id_is_the_same_for_the_same_data() {
    let input = readings("m,host=a", 260, &[(200, 40.0)]).concat();
    let (first, again) = (events(&input), events(&input));
    assert_eq!(first, again);
    let other = events(&readings("m,host=b", 260, &[(200, 40.0)]).concat());
    assert_ne!(field(&first[0], "event_id"), field(&other[0], "event_id"));
}

#[test]
fn an_event_that_is_open_at_the_end_is_closed() {
    let events = events(&readings("m", 210, &[(205, 40.0)]).concat());
    assert_eq!(states(&events), ["open", "closed"]);
    assert_eq!(field(&events[1], "reason"), "brewcast stopped");
}

#[test]
fn an_event_of_a_series_that_is_forgotten_is_closed() {
    let mut filter = filter("[limits]\nidle = \"1h\"\n");
    let mut out = Vec::new();
    filter.tick(1_000_000, &mut out);
    let input = readings("m", 210, &[(205, 40.0)]).concat();
    feed(&mut filter, input.as_bytes(), false);
    filter.tick(1_000_000 + 2 * 3_600, &mut out);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().count(), 1, "{out}");
    assert_eq!(field(&out, "state"), "closed");
    assert!(field(&out, "reason").starts_with("no more points"), "{out}");
}

#[test]
fn events_say_how_many_others_are_in_trouble() {
    let series: Vec<Vec<String>> = ["m,s=a", "m,s=b", "m,s=c", "m,s=d", "m,s=e"]
        .iter()
        .enumerate()
        .map(|(n, name)| match n {
            3.. => readings(name, 260, &[]),
            _ => readings(name, 260, &[(200 + n as i64, 40.0)]),
        })
        .collect();
    let input: String = (0..260)
        .flat_map(|second| series.iter().map(move |lines| lines[second].as_str()))
        .collect();
    let events = events(&input);
    let opened = events.iter().filter(|line| field(line, "state") == "open");
    let others: Vec<(&str, &str)> = opened
        .map(|line| (field(line, "concurrent"), field(line, "concurrent_share")))
        .collect();
    assert_eq!(others, [("0i", "0.0"), ("1i", "0.25"), ("2i", "0.5")]);
}

#[test]
fn a_level_that_stays_is_one_event_and_then_normal() {
    let odd: Vec<(i64, f64)> = (200..600)
        .map(|n| (n, 30.0 + (n * 7 % 5) as f64 / 10.0))
        .collect();
    let events = events(&readings("m", 600, &odd).concat());
    assert_eq!(states(&events)[0], "open");
    let last = events.last().unwrap();
    assert_eq!(field(last, "state"), "closed");
    assert!(
        field(last, "reason").starts_with("this is the new normal"),
        "{last}"
    );
    let opened = events.iter().filter(|line| field(line, "state") == "open");
    assert_eq!(opened.count(), 1, "{events:#?}");
}

#[test]
fn the_way_back_is_no_second_event() {
    let odd: Vec<(i64, f64)> = (200..325)
        .map(|n| (n, 30.0 + (n * 7 % 5) as f64 / 10.0))
        .collect();
    let events = events(&readings("m", 600, &odd).concat());
    let opened = events.iter().filter(|line| field(line, "state") == "open");
    assert_eq!(opened.count(), 1, "{events:#?}");
}

#[test]
fn what_is_not_allowed_never_becomes_the_new_normal() {
    let odd: Vec<(i64, f64)> = (200..600)
        .map(|n| (n, 30.0 + (n * 7 % 5) as f64 / 10.0))
        .collect();
    let input = readings("m", 600, &odd).concat();
    let events = events_with("[detect]\nrange = [0, 25]\n", &input);
    assert_eq!(states(&events).first(), Some(&"open"));
    let closed = events
        .iter()
        .filter(|line| field(line, "state") == "closed");
    let reasons: Vec<&str> = closed.map(|line| field(line, "reason")).collect();
    assert_eq!(reasons, ["brewcast stopped"], "{events:#?}");
    assert!(
        events
            .iter()
            .all(|line| field(line, "kind") == "out_of_range")
    );
}

#[test]
fn something_far_worse_after_ten_quiet_points_is_an_event_of_its_own() {
    let events = events(&readings("m", 300, &[(200, 23.0), (220, 80.0)]).concat());
    assert_eq!(
        states(&events),
        ["open", "closed", "open", "closed"],
        "{events:#?}"
    );
    let time =
        |line: &str| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap() / 1_000_000_000;
    let times: Vec<i64> = events.iter().map(|line| time(line)).collect();
    assert_eq!(times, [200, 219, 220, 260].map(|n| START_S + n));
    let id = |at: usize| field(&events[at], "event_id");
    assert_eq!((id(0), id(2)), (id(1), id(3)));
    assert_ne!(id(0), id(2));
    assert!(field(&events[1], "reason").starts_with("a worse one begins"));
}

#[test]
fn an_event_is_called_by_what_it_turns_out_to_be() {
    let stuck: Vec<(i64, f64)> = (6_000..6_040).map(|at| (at, 20.2)).collect();
    let called = events(&readings("m", 6_100, &stuck).concat());
    assert_eq!(field(&called[0], "kind"), "flatline", "{called:#?}");
    let reason = field(&called[0], "reason");
    assert!(
        reason.starts_with("20.2 came 16 times in a row"),
        "{reason}"
    );
    let mut lines = readings("m", 6_200, &[]);
    lines.drain(6_000..6_060);
    let missed = events(&lines.concat());
    assert_eq!(field(&missed[0], "kind"), "gap", "{missed:#?}");
    assert!(field(&missed[0], "reason").starts_with("60 points were missing"));
}

#[test]
fn a_rarer_budget_never_opens_more() {
    let odd: Vec<(i64, f64)> = (100..2_900)
        .filter(|at| at % 97 < 3 || at / 300 % 3 == 1 || (*at > 2_400 && at % 40 == 0))
        .map(|at| (at, 20.0 + (at % 13) as f64))
        .collect();
    let input = readings("m", 3_000, &odd).concat();
    let ran = run_with("", &["--report-every", "1h"], input.as_bytes());
    let out = String::from_utf8(ran.stdout).unwrap();
    let own = out
        .lines()
        .find(|line| line.starts_with("brewcast,"))
        .unwrap();
    let count = |name: &str| -> u64 { field(own, name).trim_end_matches('i').parse().unwrap() };
    let opened = [
        "events_opened_at_1_day",
        "events_opened",
        "events_opened_at_1_month",
        "events_opened_at_1_year",
    ]
    .map(count);
    assert!(
        opened[1] > 5 && opened.is_sorted_by(|a, b| a >= b),
        "{opened:?}"
    );
}

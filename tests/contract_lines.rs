//! The contract of the lines themselves: what passes, what is counted, what is written about.
//!
//! Each test is a promise of the built binary to whoever reads its output, and its name says which. The
//! numbers in the records are not judged here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::filter::{feed, filter};
use common::program::{self, Ran, START_S, line, lines, run};

/// Runs with a configuration file of this text, judging everything.
fn run_with(config: &str, input: &[u8]) -> Ran {
    program::run_with(config, &["--verdicts", "all"], input)
}

/// What is left of the output without our own records.
fn passed(ran: &Ran) -> Vec<u8> {
    let ours = [
        &b"m_anomaly,"[..],
        b"m_forecast,",
        b"n_anomaly,",
        b"brewcast,",
    ];
    let mut left = Vec::new();
    for line in ran.stdout.split_inclusive(|&byte| byte == b'\n') {
        if !ours.iter().any(|start| line.starts_with(start)) {
            left.extend_from_slice(line);
        }
    }
    left
}

#[test]
fn the_same_input_gives_the_same_output() {
    let input: String = (0..200)
        .map(|n| line("m,s=a", n) + &line("m,s=b", n) + &line("n", n * 7 % 200))
        .collect();
    let arguments = [
        "--report-every",
        "0s",
        "--verdicts",
        "all",
        "--final-forecast",
    ];
    let first = run(&arguments, input.as_bytes());
    let second = run(&arguments, input.as_bytes());
    assert!(first.stdout == second.stdout);
    assert!(first.lines_of("m_forecast,").len() > 100);
}

#[test]
fn a_second_brewcast_passes_the_records_of_the_first_and_models_none_of_them() {
    let first = run(
        &["--verdicts", "all", "--report-every", "1h"],
        lines("m", 100).as_bytes(),
    );
    let ours = first.lines().len() - 100;
    assert!(ours > 80);
    let second = run_with("[output]\nforecasts = false\n", &first.stdout);
    assert_eq!(second.counter("lines_own"), i64::try_from(ours).unwrap());
    assert_eq!(second.counter("points"), 100);
    let mut left = second.lines().into_iter();
    for line in first.lines() {
        assert!(
            left.any(|passed| passed == line),
            "{line} is missing or late"
        );
    }
    assert!(!second.lines().iter().any(|line| line.contains("_anomaly_")));
}

/// The first's records also pass where nothing else does, and where there is no room for a series.
#[test]
fn records_of_another_brewcast_pass_whatever_the_limits() {
    let first = run(
        &["--verdicts", "all", "--report-every", "1h"],
        lines("m", 40).as_bytes(),
    );
    let mut ours = first.lines();
    ours.retain(|line| !line.starts_with("m "));
    let input = ours.join("\n") + "\n" + &lines("m", 40); // they are met first
    let config = "[output]\npassthrough = false\nforecasts = false\n[limits]\nmax_series = 1\n";
    let second = run_with(config, input.as_bytes());
    assert_eq!(second.lines()[..ours.len()], ours);
    assert_eq!(second.counter("points_unmodelled"), 0);
    assert_eq!(second.counter("points_judged"), 10);
    assert_eq!(second.stderr, "");
}

#[test]
fn a_series_named_with_invalid_utf8_passes_and_is_not_written_about() {
    let mut input = Vec::new();
    for n in 0..40 {
        input.extend(b"m,host=\xff\xfe ");
        input.extend(line("", n).trim_start().as_bytes());
    }
    let ran = run_with("", &input);
    assert!(ran.stdout.starts_with(&input));
    assert_eq!(ran.stdout.split(|&b| b == b'\n').count(), 40 + 2);
    assert!(ran.stderr.starts_with("W! "), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn precision_s_reads_and_writes_seconds() {
    let input: String = (0..31)
        .map(|n| format!("m v={} {}\n", n % 4, START_S + n))
        .collect();
    let ran = run(&["--precision", "s", "--verdicts", "all"], input.as_bytes());
    assert!(ran.stdout.starts_with(input.as_bytes()));
    let end = |line: &&str| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap();
    let verdicts: Vec<i64> = ran.lines_of("m_anomaly,").iter().map(end).collect();
    assert_eq!(verdicts, [START_S + 30]);
    let forecasts: Vec<i64> = ran.lines_of("m_forecast,").iter().map(end).collect();
    let due: Vec<i64> = (1..=8).map(|i| START_S + 30 + 5 * i).collect();
    assert_eq!(forecasts, due);
    assert_eq!(
        end(&ran.lines_of("brewcast,")[0]).to_string().len(),
        10,
        "seconds"
    );
}

#[test]
fn more_series_than_the_limit_pass_through_are_counted_and_warned_of_once() {
    let input: String = (0..40)
        .map(|n| line("m,s=a", n) + &line("m,s=b", n) + &line("m,s=c", n) + &line("m,s=d", n))
        .collect();
    let ran = run_with("[limits]\nmax_series = 2\n", input.as_bytes());
    assert_eq!(passed(&ran), input.as_bytes());
    let judged = |tag: &str| {
        ran.lines_of("m_anomaly,")
            .iter()
            .filter(|l| l.contains(tag))
            .count()
    };
    assert_eq!(["s=a", "s=b", "s=c", "s=d"].map(judged), [10, 10, 0, 0]);
    assert_eq!(ran.counter("series"), 2);
    assert_eq!(ran.counter("points"), 160);
    assert_eq!(ran.counter("points_unmodelled"), 80);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("W! limits.max_series = 2"),
        "{}",
        ran.stderr
    );
}

#[test]
fn fields_beyond_the_limit_pass_through_are_counted_and_warned_of_once() {
    let input: String = (0..40)
        .map(|n| format!("m a=1.5,b=2.5,c=3.5 {}000000000\n", START_S + n))
        .collect();
    let ran = run_with("[limits]\nmax_series = 2\n", input.as_bytes());
    assert_eq!(passed(&ran), input.as_bytes());
    assert_eq!(ran.counter("points_unmodelled"), 40);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn a_line_beyond_the_limit_passes_byte_for_byte_unmodelled_and_counted() {
    let long = format!(
        "m v=1,s=\"{}\",w=2 {START_S}000000000\n",
        "x\ny\\\"".repeat(60_000)
    );
    let input = line("m", 1) + &long + &line("m", 2);
    let ran = run_with("[limits]\nline_bytes = \"1KiB\"\n", input.as_bytes());
    assert_eq!(passed(&ran), input.as_bytes());
    assert_eq!(ran.counter("lines_overlong"), 1);
    assert_eq!((ran.counter("lines"), ran.counter("points")), (3, 2));
    assert_eq!(ran.counter("lines_rejected"), 0);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("W! "), "{}", ran.stderr);
}

#[test]
fn a_string_of_several_lines_passes_byte_for_byte() {
    let input = "m v=1,s=\"a\nb v=2 2\n\n# c\r\n\\\"d\" 1\r\nm v=3 3\n";
    let ran = run_with("", input.as_bytes());
    assert_eq!(passed(&ran), input.as_bytes());
    assert_eq!((ran.counter("lines"), ran.counter("points")), (2, 2));
    assert_eq!(ran.counter("lines_rejected"), 0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_rejected_line_costs_itself_only() {
    let good = line("m", 0) + &line("m", 1) + &line("m", 2);
    let input = line("m", 0) + "m v=\"open 1\n" + &line("m", 1) + "m v 1\n" + &line("m", 2);
    let ran = run_with("", input.as_bytes());
    assert_eq!(passed(&ran), good.as_bytes());
    assert_eq!(ran.counter("lines_rejected"), 2);
}

#[test]
fn lines_without_a_timestamp_pass_are_counted_and_get_no_verdict() {
    let input = "m v=1,w=2i,s=\"x\"\n".repeat(50);
    let ran = run_with("", input.as_bytes());
    assert_eq!(passed(&ran), input.as_bytes());
    assert_eq!(ran.lines_of("m_").len(), 0);
    assert_eq!(ran.counter("points_untimed"), 100);
}

#[test]
fn a_final_forecast_is_one_forecast_per_series_at_the_end() {
    let input: String = (0..33)
        .map(|n| line("m,s=a", n) + &line("m,s=b", n))
        .collect();
    let issued = |arguments: &[&str]| {
        let ran = run(arguments, input.as_bytes());
        let last = format!("issued_at={}000000000i", START_S + 32);
        ["s=a", "s=b"].map(|tag| {
            let mut lines = ran.lines_of("m_forecast,");
            lines.retain(|line| line.contains(tag));
            let at_the_end = lines.iter().filter(|line| line.contains(&last)).count();
            (lines.len(), at_the_end)
        })
    };
    assert_eq!(issued(&[]), [(8, 0), (8, 0)]);
    assert_eq!(issued(&["--final-forecast"]), [(16, 8), (16, 8)]);
}

/// By arrival, not by the time of the points; and not before ten of its own steps.
#[test]
fn idle_series_are_forgotten() {
    const HOUR: u64 = 3_600;
    let mut filter = filter("[limits]\nidle = \"1h\"\nmax_series = 2\n");
    filter.tick(1_000_000, &mut Vec::new());
    feed(&mut filter, lines("m,s=a", 40).as_bytes(), false);
    let hourly: String = (0..40)
        .map(|n| format!("m,s=b v={n} {}000000000\n", START_S + n * 3_600))
        .collect();
    feed(&mut filter, hourly.as_bytes(), false);
    let next = |filter: &mut _, series, n| {
        let said = feed(filter, line(series, n).as_bytes(), false);
        said.split(|&byte| byte == b'\n').count() - 1
    };
    filter.tick(1_000_000 + HOUR, &mut Vec::new());
    assert_eq!(filter.tally().series_forgotten, 0);
    filter.tick(1_000_000 + HOUR + 60, &mut Vec::new());
    assert_eq!(filter.tally().series_forgotten, 1, "the one of a second");
    filter.tick(1_000_000 + 10 * HOUR, &mut Vec::new());
    assert_eq!(filter.tally().series_forgotten, 1);
    let before = filter.tally().points_warming;
    assert_eq!(next(&mut filter, "m,s=a", 50_000), 1, "begins anew");
    assert_eq!(filter.tally().points_warming, before + 1);
    filter.tick(1_000_000 + 10 * HOUR + 60, &mut Vec::new());
    assert_eq!(filter.tally().series_forgotten, 2, "the hourly one");
    next(&mut filter, "m,s=c", 0);
    assert_eq!(filter.tally().points_unmodelled, 0, "there is room again");
}

//! The contract under odd loads: wide lines, long names, stray quotes, a reader that does not read.
//!
//! Each test is a promise of the built binary, and its name says which. That memory and time are
//! bounded shows in the counters of what was left out; how fast it is is for the benches.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::program::{START_S, brewcast, lines, run, run_with};
use rustix::process::{Pid, Signal, kill_process};

/// The program with open pipes, silent but for what it is fed.
fn spawn() -> Child {
    let mut command = brewcast(&["--report-every", "0s"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_bad_config_passes_everything_even_where_it_says_not_to() {
    let config =
        "[output]\npassthrough = false\n[report]\nevery = \"0s\"\n[forecast]\nhorizn = 3\n";
    let ran = run_with(config, &[], b"m v=1 1\n");
    assert_eq!(ran.lines()[0], "m v=1 1");
    assert_eq!(ran.counter("config_ok"), 0);
}

#[test]
fn a_contradiction_on_the_command_line_ends_with_2() {
    let ran = run(&["--horizon", "10", "--points", "100"], b"m v=1 1\n");
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    assert!(ran.stderr.contains("forecast.points"), "{}", ran.stderr);
}

#[test]
fn check_reports_a_missing_telegraf_file_beside_the_other_faults() {
    let ran = run(
        &[
            "check",
            "--horizon",
            "soon",
            "--telegraf",
            "/nowhere/telegraf.conf",
        ],
        b"",
    );
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("forecast.horizon") && ran.stderr.contains("/nowhere"),
        "{}",
        ran.stderr
    );
}

#[test]
fn of_a_very_wide_line_the_first_fields_are_modelled() {
    let mut input = String::new();
    for second in 0..3 {
        let fields: Vec<String> = (0..20_000).map(|field| format!("f{field}=1")).collect();
        writeln!(
            input,
            "m {} {}",
            fields.join(","),
            (START_S + second) * 1_000_000_000
        )
        .unwrap();
    }
    let ran = run(&[], input.as_bytes());
    assert!(
        ran.stdout.starts_with(input.as_bytes()),
        "it passes as it came"
    );
    assert_eq!(ran.counter("series"), 1_024);
    let wide = 3 * (20_000 - 1_024);
    assert_eq!(
        (ran.counter("points"), ran.counter("points_unmodelled")),
        (60_000, wide)
    );
    assert_eq!(ran.counter("points_wide"), wide);
    assert_eq!(ran.stderr.matches("1,024 fields").count(), 1);
}

#[test]
fn series_with_very_long_names_pass_and_are_counted() {
    let long = "x".repeat(100_000);
    let input = format!("m,t={long} v=1 1\nm,t={long}y v=1 1\nm,t=a v=1 1\n");
    let ran = run(&[], input.as_bytes());
    assert!(ran.stdout.starts_with(input.as_bytes()));
    assert_eq!(
        (ran.counter("series"), ran.counter("keys_unwritable")),
        (1, 2)
    );
    assert_eq!(
        ran.stderr
            .lines()
            .filter(|line| line.contains("65536"))
            .count(),
        1
    );
}

#[test]
fn what_is_never_modelled_takes_no_room() {
    let input = format!("log msg=\"x\" 1\nraw v=1\n{}", lines("m,s=1", 40));
    let ran = run_with("[limits]\nmax_series = 1\n", &[], input.as_bytes());
    assert_eq!(
        (ran.counter("series"), ran.counter("points_judged")),
        (1, 10)
    );
}

#[test]
fn field_keys_that_a_database_refuses_are_counted() {
    let ran = run(&[], b"m a\xff=1,b=1 1700000000000000000\n");
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(
        out.contains(",fields_unwritable=1i,") && out.contains(",series=1i,"),
        "{out}"
    );
}

#[test]
fn a_line_cut_inside_its_tags_by_the_limit_passes() {
    let long = format!("m,t={},u=b v=1 1\n", "x".repeat(3_000));
    let comment = format!("#{}\n", "y".repeat(3_000));
    let input = format!("{comment}{long}m v=1 1\n");
    let ran = run_with("[limits]\nline_bytes = \"1KiB\"\n", &[], input.as_bytes());
    assert!(ran.stdout.starts_with(input.as_bytes()));
    assert_eq!(
        (ran.counter("lines"), ran.counter("lines_overlong")),
        (2, 2)
    );
}

#[test]
fn a_stray_quote_before_a_blank_line_costs_only_its_own_line() {
    let rest = format!("\n# note\n{}", lines("m,s=1", 60));
    let input = format!("m s=\"open 1\n{rest}");
    let ran = run_with("[limits]\nline_bytes = \"1KiB\"\n", &[], input.as_bytes());
    assert!(ran.lines().starts_with(&["", "# note"]));
    assert_eq!(
        (ran.counter("lines_rejected"), ran.counter("points_judged")),
        (1, 30)
    );
}

/// A quote that nobody closes must not hold back a stream that goes on.
#[test]
fn a_stray_quote_holds_nothing_back_for_long() {
    let mut child = spawn();
    let mut stdin = child.stdin.take().unwrap();
    let good = "cpu v=1 1\ncpu v=1 2\n";
    write!(stdin, "m s=\"open 1\n{good}").unwrap();
    let mut out = vec![0; good.len()];
    child.stdout.take().unwrap().read_exact(&mut out).unwrap(); // while the input stays open
    assert_eq!(out, good.as_bytes());
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn after_sigterm_a_full_pipe_does_not_hold_it_beyond_four_seconds() {
    let mut child = spawn();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let more = lines("m,s=1", 20_000);
    let feeder = std::thread::spawn(move || drop(stdin.write_all(more.as_bytes())));
    stdout.read_exact(&mut [0]).unwrap(); // it has written, so its handlers are set
    let full = || rustix::io::ioctl_fionread(&stdout).unwrap() >= 60_000;
    while !full() {
        std::thread::yield_now();
    }
    let start = Instant::now();
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    feeder.join().unwrap();
}

#[test]
fn any_horizon_alone_gives_forecasts_that_overwrite_each_other() {
    for horizon in ["7", "40", "60", "101"] {
        let input = lines("m,s=1", 400);
        let ran = run(
            &["--horizon", horizon, "--verdicts", "none"],
            input.as_bytes(),
        );
        let times: Vec<&str> = ran
            .lines_of("m_forecast,")
            .iter()
            .map(|line| line.rsplit(' ').next().unwrap())
            .collect();
        let mut once = times.clone();
        once.sort_unstable();
        once.dedup();
        assert!(
            10 * once.len() < 8 * times.len(),
            "{horizon}: {} of {}",
            once.len(),
            times.len()
        );
    }
}

#[test]
fn models_that_start_together_take_turns_and_every_line_passes() {
    let (series, rounds) = (5_000, 34);
    let mut input = String::new();
    for round in 0..rounds {
        for name in 0..series {
            let (value, time) = ((7 * round + name) % 11, START_S + 10 * round);
            writeln!(input, "m,s={name} v={value} {time}000000000").unwrap();
        }
    }
    let ran = run(&["--verdicts", "anomalous"], input.as_bytes());
    let passed = ran
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("m,s="));
    assert!(passed.eq(input.lines()), "all pass in their order");
    let (waited, judged) = (ran.counter("starts_deferred"), ran.counter("points_judged"));
    assert!((1..1_000).contains(&waited), "{waited} waited");
    assert_eq!(judged, 4 * series - waited, "and all come to their turn");
}

#[test]
fn names_take_no_more_room_than_there_is_for_all_of_them() {
    let mut input = String::new();
    for series in 0..200 {
        let long = format!("{series:060000}");
        writeln!(input, "m,t={long} v=1 {START_S}000000000").unwrap();
    }
    let ran = run_with("[limits]\nmax_series = 1000\n", &[], input.as_bytes());
    assert!(ran.stdout.starts_with(input.as_bytes()), "all pass");
    let (series, refused) = (ran.counter("series"), ran.counter("points_refused"));
    assert!((20..100).contains(&series), "{series} have room");
    assert_eq!(
        (refused, ran.counter("points_unmodelled")),
        (200 - series, 200 - series)
    );
    assert_eq!(ran.stderr.matches("no room").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_field_key_beyond_its_limit_passes_and_is_counted() {
    let long = "k".repeat(70_000);
    let input = format!("m {long}=1,v=1 {START_S}000000000\n");
    let ran = run(&[], input.as_bytes());
    assert!(ran.stdout.starts_with(input.as_bytes()));
    assert_eq!(
        (ran.counter("series"), ran.counter("points_refused")),
        (1, 1)
    );
}

/// An output of Telegraf drops its oldest metrics when more than it holds comes at once.
#[test]
fn forecasts_wait_when_one_line_has_given_5000_lines() {
    let (fields, lines) = (1_000, 36);
    let mut input = String::new();
    for n in 0..lines {
        let fields: Vec<String> = (0..fields)
            .map(|f| format!("f{f}={}", (7 * n + f) % 10))
            .collect();
        writeln!(input, "m {} {}000000000", fields.join(","), START_S + n).unwrap();
    }
    let arguments = ["--points", "all", "--every", "1", "--verdicts", "all"];
    let ran = run(&arguments, input.as_bytes());
    let mut ours = 0;
    let mut most = 0;
    let mut passed = Vec::new();
    for line in ran.lines() {
        if line.starts_with("m ") {
            (ours, most) = (0, most.max(ours));
            passed.push(line);
        } else {
            ours += 1;
        }
    }
    assert!(passed.into_iter().eq(input.lines()));
    // Of those 5,000 the last may begin a forecast of 40; verdicts and events are never held back.
    assert!((5_000..=5_040 + 3 * 1_000).contains(&most), "{most}");
    let issues = ran.counter("forecasts") / 40;
    let wanted = ran.counter("points_judged");
    assert_eq!(ran.counter("forecasts_deferred"), wanted - issues);
    let spoken_of = |f| {
        let start = format!("m_forecast,field=f{f} ");
        ran.stdout
            .windows(start.len())
            .any(|bytes| bytes == start.as_bytes())
    };
    assert!(
        [0, 500].into_iter().all(spoken_of),
        "all come to their turn"
    );
}

//! The contract of silences: what an operator who announces a maintenance can count on.
//!
//! Each test is a promise of the built binary, and its name says which.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::program::{Ran, START_S, run_with};

const HEEDED: &str = "[select]\nsilence = true\n[output]\nverdicts = \"all\"\nforecasts = false\n";

/// A reading of a second in the noise of a few tenths around these levels, the last one to the end.
fn readings(series: &str, seconds: i64, levels: &[(i64, f64)]) -> Vec<String> {
    let level = |n: i64| {
        let levels = levels.iter().rev();
        let mut here = levels.filter(|&&(from, _)| from <= n);
        here.next().map_or(20.0, |&(_, level)| level)
    };
    let line = |n: i64| {
        let value = level(n) + (n * 7 % 5) as f64 / 10.0;
        format!("{series} v={value} {}000000000\n", START_S + n)
    };
    (0..seconds).map(line).collect()
}

/// These lines with others before the reading of some seconds; `@` is that second.
fn with(readings: &[String], more: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (n, line) in readings.iter().enumerate() {
        for (_, more) in more.iter().filter(|(at, _)| *at == n) {
            let time = format!("{}000000000", START_S + n as i64);
            text += &format!("{}\n", more.replace('@', &time));
        }
        text += line;
    }
    text
}

fn run(settings: &str, input: &str) -> Ran {
    run_with(settings, &[], input.as_bytes())
}

/// The seconds of the verdicts on these series, and of the flags among them.
fn verdicts(ran: &Ran, start: &str) -> (Vec<i64>, Vec<i64>) {
    let lines = ran.lines_of(start);
    let second = |line: &&str| {
        line.rsplit(' ').next().unwrap().parse::<i64>().unwrap() / 1_000_000_000 - START_S
    };
    let flagged = lines.iter().filter(|line| line.contains("is_anomaly=true"));
    (
        lines.iter().map(second).collect(),
        flagged.map(second).collect(),
    )
}

#[test]
fn a_silenced_series_has_no_verdicts_no_flags_and_no_events() {
    let silence = "brewcast_silence,host=a  duration=\"1m\",why=\"disks \\\"new\\\"\" @ ";
    let input = with(
        &readings("m,host=a", 400, &[(210, 90.0), (240, 20.0)]),
        &[(200, silence)],
    );
    let ran = run(HEEDED, &input);
    let out = std::str::from_utf8(&ran.stdout).unwrap();
    let passed = out
        .lines()
        .filter(|line| !line.contains(",field=v,") && !line.starts_with("brewcast,"));
    assert!(passed.eq(input.lines()), "every line as it came");
    let (judged, flagged) = verdicts(&ran, "m_anomaly,");
    let expected: Vec<i64> = (30..200).chain(260..400).collect();
    assert_eq!((judged, flagged), (expected, vec![]));
    assert_eq!(ran.lines_of("m_event,").len(), 0);
    for (counter, count) in [
        ("silences", 1),
        ("silences_refused", 0),
        ("points_silenced", 60),
        ("points_judged", 310),
        ("points_missing", 0),
        ("lines_own", 1),
        ("flags", 0),
    ] {
        assert_eq!(ran.counter(counter), count, "{counter}");
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn series_without_its_tags_are_as_ever_and_one_without_tags_is_for_all() {
    let one = |silence: &str, series: &str| {
        let input = with(
            &readings(series, 300, &[(210, 90.0), (215, 20.0)]),
            &[(200, silence)],
        );
        let ran = run(HEEDED, &input);
        (ran.counter("points_silenced"), ran.counter("flags") > 0)
    };
    let both = "brewcast_silence,host=a,path=/x\\ y duration=\"1m\" @";
    assert_eq!(one(both, "m,dc=1,host=a,path=/x\\ y"), (60, false));
    for series in ["m", "m,host=a", "m,host=b,path=/x\\ y", "m,host=a,path=/x"] {
        assert_eq!(one(both, series), (0, true), "{series}");
        let all = "brewcast_silence duration=\"1m\" @";
        assert_eq!(one(all, series), (60, false), "{series}");
    }
}

#[test]
fn an_event_that_is_open_is_closed_with_a_reason_that_says_so() {
    let silence = "brewcast_silence duration=\"5m\" @";
    let input = with(&readings("m", 300, &[(205, 90.0)]), &[(210, silence)]);
    let ran = run(HEEDED, &input);
    let events = ran.lines_of("m_event,");
    assert_eq!(events.len(), 2, "{events:#?}");
    assert!(
        events[1].contains("active=0i,state=\"closed\""),
        "{events:#?}"
    );
    assert!(
        events[1].contains("reason=\"silenced after 5 flags; the worst: 9"),
        "{events:#?}"
    );
    assert!(
        events[1].ends_with(&format!(" {}000000000", START_S + 210)),
        "{events:#?}"
    );
}

#[test]
fn a_level_that_changed_is_learnt_unless_it_teaches_nothing() {
    let at = |silence: &str| {
        let input = with(&readings("m", 500, &[(210, 60.0)]), &[(200, silence)]);
        verdicts(&run(HEEDED, &input), "m_anomaly,").1
    };
    assert_eq!(at("brewcast_silence duration=\"100s\" @"), []);
    assert_eq!(at("brewcast_silence duration=\"30s\",learn=true @"), []);
    let unlearnt = at("brewcast_silence duration=\"100s\",learn=false @");
    assert_eq!(unlearnt.first(), Some(&300), "{unlearnt:?}");
}

#[test]
fn what_teaches_nothing_leaves_no_trace() {
    let silence = "brewcast_silence duration=\"100s\",learn=false @";
    let quiet = readings("m", 500, &[]);
    let wild = readings("m", 500, &[(200, 9e9), (250, -40.0), (300, 20.0)]);
    let out = |readings: &[String]| {
        let ran = run(HEEDED, &with(readings, &[(200, silence)]));
        let lines = ran.lines_of("m_anomaly,");
        lines
            .iter()
            .map(|&line| line.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(out(&quiet), out(&wild));
    let (judged, flagged) = verdicts(&run(HEEDED, &with(&wild, &[(200, silence)])), "m_anomaly,");
    assert_eq!((judged.contains(&300), flagged), (true, vec![]));
}

/// It is not flagged for having gone on, neither at once nor in the points that follow.
#[test]
fn a_series_that_moves_on_meanwhile_goes_on_from_there() {
    let noise = |n: i64| (n * 7919 % 13 - 6) as f64 / 20.0;
    let sine: &dyn Fn(i64) -> f64 = &|n| 20.0 + 5.0 * (n as f64 / 20.0).sin() + noise(n);
    let ramp: &dyn Fn(i64) -> f64 = &|n| n as f64 / 2.0 + noise(n) + (n % 3) as f64;
    let saw: &dyn Fn(i64) -> f64 = &|n| ((n % 150) - 75).abs() as f64 / 5.0 + noise(n);
    for (name, value) in [("sine", sine), ("ramp", ramp), ("saw", saw)] {
        for learn in ["true", "false"] {
            let line = |n: i64| format!("m v={} {}000000000\n", value(n), START_S + n);
            let lines: Vec<String> = (0..600).map(line).collect();
            let silence = format!("brewcast_silence duration=\"1m\",learn={learn} @");
            let settings = format!("{HEEDED}[detect]\nfalse_alarms = \"1/hour\"\n");
            let ran = run(&settings, &with(&lines, &[(400, &silence)]));
            let (_, flagged) = verdicts(&ran, "m_anomaly,");
            let after: Vec<&i64> = flagged.iter().filter(|&&n| n >= 400).collect();
            assert!(after.is_empty(), "{name} {learn}: {after:?}");
        }
    }
}

#[test]
fn a_second_one_takes_the_place_of_the_first_and_0s_ends_it() {
    let first = "brewcast_silence,host=a duration=\"2m\" @";
    let silenced = |more: &[(usize, &str)]| {
        let input = with(&readings("m,host=a", 500, &[]), more);
        run(HEEDED, &input).counter("points_silenced")
    };
    assert_eq!(silenced(&[(200, first)]), 120);
    let shorter = "brewcast_silence,host=a duration=\"10s\" @";
    assert_eq!(silenced(&[(200, first), (230, shorter)]), 40);
    let end = "brewcast_silence,host=a duration=\"0s\" @";
    assert_eq!(silenced(&[(200, first), (230, end)]), 30);
    let other = "brewcast_silence duration=\"0s\" @";
    assert_eq!(silenced(&[(200, first), (230, other)]), 120);
}

/// Also before it begins: a maintenance is announced.
#[test]
fn it_acts_from_its_arrival_on_and_in_the_time_of_the_data() {
    let silenced = |arrives: usize, begins: i64| {
        let line = format!(
            "brewcast_silence duration=\"1m\" {}000000000",
            START_S + begins
        );
        let input = with(&readings("m", 400, &[]), &[(arrives, &line)]);
        run(HEEDED, &input).counter("points_silenced")
    };
    assert_eq!(silenced(200, 200), 60);
    assert_eq!(silenced(230, 200), 30);
    assert_eq!(silenced(300, 200), 0);
    assert_eq!(silenced(100, 200), 60);
}

#[test]
fn what_is_not_understood_is_refused_with_what_to_write_instead() {
    let wrong = [
        ("brewcast_silence duration=\"1m\"", "write a timestamp"),
        ("brewcast_silence duration=60 @", "duration=\"2h\""),
        ("brewcast_silence learn=true @", "duration=\"2h\""),
        ("brewcast_silence duration=\"2 hours\" @", "needs a unit"),
        ("brewcast_silence duration=\"-1h\" @", "not negative"),
        (
            "brewcast_silence duration=\"1h\",learn=\"no\" @",
            "learn=true or learn=false",
        ),
    ];
    let more: Vec<(usize, &str)> = wrong.iter().map(|&(line, _)| (50, line)).collect();
    let ran = run(HEEDED, &with(&readings("m", 100, &[]), &more));
    assert_eq!(
        (ran.counter("silences"), ran.counter("silences_refused")),
        (0, 6)
    );
    assert_eq!(ran.counter("points_silenced"), 0);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    for (line, (_, hint)) in lines.iter().zip(wrong) {
        assert!(
            line.starts_with("W! line 5") && line.contains(hint),
            "{hint}: {line}"
        );
    }
    let many = vec![(50, "brewcast_silence duration=60 @"); 50];
    let ran = run(HEEDED, &with(&readings("m", 100, &[]), &many));
    assert_eq!(
        (ran.counter("silences_refused"), ran.stderr.lines().count()),
        (50, 10)
    );
}

#[test]
fn by_default_it_passes_and_does_nothing_and_that_is_said_once() {
    let silence = "brewcast_silence duration=\"1m\" @";
    let input = with(&readings("m", 100, &[]), &[(50, silence), (60, silence)]);
    let settings = "[output]\npassthrough = false\n[report]\nlog = \"info\"\n";
    let ran = run(settings, &input);
    assert_eq!(ran.lines_of("brewcast_silence ").len(), 2);
    assert_eq!(
        (ran.counter("silences"), ran.counter("points_silenced")),
        (0, 0)
    );
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(
        ran.stderr.starts_with("I! a brewcast_silence line "),
        "{}",
        ran.stderr
    );
    assert_eq!(run("", &input).stderr, "");
}

/// And is not flagged in hindsight: a series that warms up during a silence warms up as ever.
#[test]
fn a_series_that_begins_during_a_silence_warms_up_unless_it_is_to_learn_nothing() {
    for (learn, first) in [("true", 60), ("false", 90)] {
        let silence = format!("brewcast_silence duration=\"60s\",learn={learn} @");
        let input = with(&readings("m", 200, &[]), &[(0, &silence)]);
        let (judged, flagged) = verdicts(&run(HEEDED, &input), "m_anomaly,");
        assert_eq!((judged.first(), flagged), (Some(&first), vec![]), "{learn}");
    }
}

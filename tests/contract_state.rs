//! The contract of the state file: what outlives the program, and what never harms it.
//!
//! Each test is a promise of the built binary, and its name says which.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::series::Rules;
use brewcast::state::file::{self, Read1};
use brewcast::state::part::{FitV1, Part, SlotV1};
use brewcast::state::series::StageV1;
use tempfile::TempDir;

const START_S: i64 = 1_700_000_000;

/// Line `n` of a stream of three series: one with a day's noise and spikes, a display, a counter.
fn line(n: i64) -> String {
    let time = START_S + 60 * n;
    let value = noise(n) + if n % 400 == 399 { 35.0 } else { 20.0 };
    let display = f64::from((n / 7 % 3) as i32).mul_add(0.1, 20.0);
    let counter = 10 * n + n % 3;
    format!("m,host=a v={value},d={display:.1},c={counter}i {time}000000000\n")
}

fn noise(n: i64) -> f64 {
    ((n * 7_919) % 1_009) as f64 / 1_009.0
}

fn lines(from: i64, until: i64) -> String {
    (from..until).map(line).collect()
}

/// A place for a state file.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("brewcast.state")
    }
}

fn command(state: Option<&Path>, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brewcast"));
    command.args(["--report-every", "0s", "--verdicts", "all"]);
    command.args(more);
    if let Some(state) = state {
        command.arg("--state").arg(state);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn start(state: Option<&Path>, more: &[&str]) -> Child {
    command(state, more).spawn().unwrap()
}

fn run(state: Option<&Path>, more: &[&str], input: &str) -> Output {
    let mut child = start(state, more);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The records, without what is said because the program stops.
fn going_on(text: &str) -> Vec<&str> {
    let is_end = |line: &&str| line.contains("reason=\"brewcast stopped\"");
    text.lines().filter(|line| !is_end(line)).collect()
}

#[test]
fn after_a_clean_stop_the_verdicts_are_those_of_an_uninterrupted_run_bit_for_bit() {
    let whole = out(&run(None, &[], &lines(0, 3_000)));
    for cuts in [&[10][..], &[400, 401], &[31, 700, 1_599, 1_604, 2_990]] {
        let place = Place::new();
        let (mut from, mut all) = (0, String::new());
        for &until in cuts.iter().chain(&[3_000]) {
            let ran = run(Some(&place.path()), &[], &lines(from, until));
            assert_eq!(said(&ran), "");
            all += &out(&ran);
            from = until;
        }
        assert_eq!(going_on(&all), going_on(&whole), "{cuts:?}");
    }
}

#[test]
fn an_event_that_is_open_at_the_end_goes_on_with_its_id() {
    let place = Place::new();
    let first = out(&run(Some(&place.path()), &[], &lines(0, 1_605)));
    let second = out(&run(Some(&place.path()), &[], &lines(1_605, 1_700)));
    let id = |text: &str, state: &str| {
        let state = format!("state=\"{state}\"");
        let line = text.lines().rfind(|line| line.contains(&state)).unwrap();
        let from = line.find("event_id=\"").unwrap() + 10;
        line[from..from + 36].to_owned()
    };
    assert!(!first.contains("brewcast stopped"));
    assert_eq!(id(&first, "open"), id(&second, "closed"));
}

#[test]
fn warm_start_from_history_judges_the_first_point() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 1_000));
    let ran = out(&run(Some(&place.path()), &[], &line(1_000)));
    assert_eq!(ran.matches("is_anomaly=false").count(), 3, "{ran}");
}

#[test]
fn a_second_process_with_the_same_path_runs_without_state_and_says_so() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 500));
    let mut first = start(Some(&place.path()), &[]);
    let mut to_first = first.stdin.take().unwrap();
    to_first.write_all(line(500).as_bytes()).unwrap();
    let mut from_first = BufReader::new(first.stdout.take().unwrap());
    from_first.read_line(&mut String::new()).unwrap(); // it runs, so it has the lock
    let before = fs::read(place.path()).unwrap();
    let second = run(Some(&place.path()), &[], &lines(500, 520));
    assert!(said(&second).starts_with("W! state ") && said(&second).contains("another brewcast"));
    assert_eq!(said(&second).lines().count(), 1);
    assert_eq!(out(&second).matches("m,host=a ").count(), 20);
    assert_eq!(fs::read(place.path()).unwrap(), before);
    drop(to_first);
    assert!(first.wait().unwrap().success());
}

/// The file was written by the first version that wrote any, after `lines(0, 1_605)`; it is never written anew.
#[test]
fn a_file_of_version_1_is_read_for_ever() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/state/v1");
    let place = Place::new();
    fs::copy(golden.with_extension("state"), place.path()).unwrap();
    let ran = run(Some(&place.path()), &[], &lines(1_605, 1_640));
    assert_eq!(said(&ran), "");
    let actual = out(&ran);
    let expected = fs::read_to_string(golden.with_extension("expected")).unwrap();
    assert_eq!(going_on(&actual), going_on(&expected));
}

#[test]
fn what_is_no_state_file_is_left_alone() {
    for content in [
        &b"[agent]\n  interval = \"10s\"\n"[..],
        b"",
        b"brewcast state 9\n....",
    ] {
        let place = Place::new();
        fs::write(place.path(), content).unwrap();
        let ran = run(Some(&place.path()), &[], &lines(0, 50));
        assert!(said(&ran).starts_with("E! state "), "{}", said(&ran));
        assert_eq!(out(&ran).matches("m,host=a ").count(), 50);
        assert_eq!(fs::read(place.path()).unwrap(), content);
    }
}

/// For every place at which a file may be cut off or hit: the metrics pass, it is said, there is a copy of what was
/// there, and the next file is whole.
#[test]
fn a_damaged_file_costs_what_was_in_it_and_never_a_metric() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 300));
    let good = fs::read(place.path()).unwrap();
    // Of the first part its length, its checksum, its beginning; then all over; of the end its length and its checksum.
    let first = [17, 20, 21, 24, 25, 26];
    let last = [8, 5, 4, 1].map(|back| good.len() - back);
    let between = (40..good.len()).step_by(good.len() / 12);
    for at in first.into_iter().chain(between).chain(last) {
        let mut hit = good.clone();
        hit[at] ^= 0x20;
        for bad in [&hit[..], &good[..at]] {
            fs::write(place.path(), bad).unwrap();
            let ran = run(Some(&place.path()), &[], &lines(300, 330));
            assert!(said(&ran).starts_with("W! state "), "{at}: {}", said(&ran));
            assert_eq!(out(&ran).matches("m,host=a ").count(), 30);
            assert!(!out(&ran).contains("is_anomaly=true"));
            let aside = place.path().with_extension("state.damaged");
            assert_eq!(fs::read(aside).unwrap(), bad);
            assert_eq!(said(&run(Some(&place.path()), &[], &lines(330, 331))), "");
        }
    }
}

#[test]
fn a_directory_that_is_missing_is_said_and_nothing_is_lost() {
    let place = Place::new();
    let nowhere = place.0.path().join("none").join("brewcast.state");
    let ran = run(Some(&nowhere), &[], &lines(0, 50));
    assert!(said(&ran).starts_with("E! state "), "{}", said(&ran));
    assert_eq!(said(&ran).lines().count(), 1);
    assert_eq!(out(&ran).matches("m,host=a ").count(), 50);
}

#[test]
fn with_another_horizon_the_judge_goes_on_and_with_other_values_all_begins_anew() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 2_000));
    let saved = fs::read(place.path()).unwrap();
    let same = out(&run(Some(&place.path()), &[], &lines(2_000, 2_010)));
    fs::write(place.path(), &saved).unwrap();
    let ran = run(
        Some(&place.path()),
        &["--horizon", "64", "--every", "32"],
        &lines(2_000, 2_010),
    );
    let verdicts = |text: &str| -> Vec<String> {
        let judged = text.lines().filter(|line| line.starts_with("m_anomaly,"));
        judged.map(str::to_owned).collect()
    };
    assert_eq!(verdicts(&out(&ran)), verdicts(&same));
    assert!(out(&ran).contains("step=64i"));
    assert_eq!(said(&ran), "");
    fs::write(place.path(), &saved).unwrap();
    let ran = run(
        Some(&place.path()),
        &["--cadence", "60s"],
        &lines(2_000, 2_010),
    );
    assert!(said(&ran).contains("3 series begin anew"), "{}", said(&ran));
    assert_eq!(verdicts(&out(&ran)).len(), 0);
}

#[test]
fn a_wrong_configuration_does_not_overwrite_what_was_known() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 200));
    let before = fs::read(place.path()).unwrap();
    let config = place.0.path().join("brewcast.toml");
    fs::write(&config, "[model]\nwarmup = \"soon\"\n").unwrap();
    let ran = run(
        Some(&place.path()),
        &["--config", config.to_str().unwrap()],
        &lines(200, 220),
    );
    assert_eq!(out(&ran).matches("m,host=a ").count(), 20);
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn sigterm_saves() {
    let place = Place::new();
    let mut child = start(Some(&place.path()), &[]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdin.write_all(lines(0, 500).as_bytes()).unwrap();
    let mut line = String::new();
    while !line.starts_with(&self::line(499)) {
        line.clear();
        stdout.read_line(&mut line).unwrap();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    let ran = out(&run(Some(&place.path()), &[], &self::line(500)));
    assert_eq!(ran.matches("is_anomaly=").count(), 3, "{ran}");
}

/// Killed at any time, while files are written all the time: the state loads, and ordinary data are no alarm.
#[test]
fn after_a_kill_the_last_file_is_whole_and_ordinary_data_are_no_alarm() {
    let place = Place::new();
    let config = place.0.path().join("brewcast.toml");
    fs::write(&config, "[state]\nevery = \"1s\"\n").unwrap();
    let config = config.to_str().unwrap().to_owned();
    let calm = |n: i64| {
        line(n).replace(
            &format!("v={}", 35.0 + noise(n)),
            &format!("v={}", 20.0 + noise(n)),
        )
    };
    run(
        Some(&place.path()),
        &[],
        &(0..2_000).map(calm).collect::<String>(),
    );
    let mut at = 2_000;
    for round in 0..8 {
        let mut child = start(Some(&place.path()), &["--config", &config]);
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let until = at + 200 + 37 * round;
        let input: String = (at..until).map(calm).collect();
        let writer = std::thread::spawn(move || {
            drop(stdin.write_all(input.as_bytes()));
            stdin
        });
        let mut text = String::new();
        while !text.contains(&calm(until - 1 - round)) {
            let before = text.len();
            stdout.read_line(&mut text).unwrap();
            assert!(text.len() > before, "it ended by itself");
        }
        // What was not saved before the kill is missing; nobody knows that it was not there.
        let is_alarm = |line: &&str| line.contains("is_anomaly=true");
        assert_eq!(text.lines().find(is_alarm), None, "round {round}");
        let is_judged = |line: &&str| line.starts_with("m_anomaly,");
        assert!(text.lines().filter(is_judged).count() > 0);
        child.kill().unwrap();
        child.wait().unwrap();
        drop(writer.join());
        at = until;
    }
    let ran = run(
        Some(&place.path()),
        &[],
        &(at..at + 10).map(calm).collect::<String>(),
    );
    assert_eq!(said(&ran), "");
    assert_eq!(out(&ran).matches("is_anomaly=false").count(), 30);
}

/// One series of a good file is put out of joint in a place that a checksum cannot see: its judge, or what its
/// model was made for. It begins anew, in no other way than a series that was never seen; the others go on.
#[test]
fn a_series_that_does_not_come_back_begins_as_in_a_cold_start_and_the_others_go_on() {
    let harm: [fn(&mut SlotV1); 3] = [
        |slot| {
            let StageV1::Live(live) = &mut slot.series.stage else {
                panic!("it is live");
            };
            live.judge.recent.next = 200;
        },
        |slot| slot.series.cadence.step = -1,
        |slot| slot.fit = FitV1::of(&rules("model.cadence", "60s")),
    ];
    let field_of = |text: &str, field: &str| -> Vec<String> {
        let tag = format!(",field={field},");
        let is_it = |line: &&str| line.contains(&tag) && !line.contains("brewcast stopped");
        let lines = text.lines().filter(is_it);
        lines.map(str::to_owned).collect()
    };
    let whole = out(&run(None, &[], &lines(0, 2_000)));
    let before = out(&run(None, &[], &lines(0, 1_000)));
    let cold = out(&run(None, &[], &lines(1_000, 2_000)));
    for harm in harm {
        let place = Place::new();
        run(Some(&place.path()), &[], &lines(0, 1_000));
        change(&place.path(), "v", harm);
        let ran = run(Some(&place.path()), &[], &lines(1_000, 2_000));
        assert!(said(&ran).contains("1 series begin anew"), "{}", said(&ran));
        let ran = out(&ran);
        assert!(field_of(&cold, "v").len() > 900);
        assert_eq!(field_of(&ran, "v"), field_of(&cold, "v"));
        for field in ["d", "c"] {
            let went = field_of(&before, field);
            let all = [went, field_of(&ran, field)].concat();
            assert_eq!(all, field_of(&whole, field));
        }
    }
}

fn rules(key: &'static str, value: &str) -> Rules {
    let settings = config::load(None, &[(key, value.to_owned())]);
    let options = settings.options("host", Precision::Ns, false);
    options.policies.rest().rules.clone()
}

/// Does something to what a state file has of a field.
fn change(path: &Path, field: &str, harm: fn(&mut SlotV1)) {
    let bytes = fs::read(path).unwrap();
    let mut input = &bytes[..];
    assert!(file::is_state(&mut input).unwrap());
    let mut changed = Vec::new();
    file::begin(&mut changed).unwrap();
    while let Read1::Part(part) = file::read(&mut input).unwrap() {
        let mut part = Part::from_bytes(&part).unwrap();
        if let Part::GroupsV1(groups) = &mut part {
            let slots = groups.iter_mut().flat_map(|group| &mut group.slots);
            slots
                .filter(|slot| slot.field == field.as_bytes())
                .for_each(harm);
        }
        file::write(&mut changed, &part.to_bytes().unwrap()).unwrap();
    }
    file::end(&mut changed).unwrap();
    assert_ne!(changed, bytes);
    fs::write(path, changed).unwrap();
}

/// As Telegraf starts two beside aggregators: the one that waits for aggregates starts first.
#[test]
fn of_two_processes_with_the_same_path_the_one_that_is_fed_first_has_the_state() {
    let place = Place::new();
    run(Some(&place.path()), &[], &lines(0, 500));
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_brewcast"))
        .args(["--report-every", "1s", "--state"])
        .arg(place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut from_waiting = BufReader::new(waiting.stdout.take().unwrap());
    let mut report = String::new();
    from_waiting.read_line(&mut report).unwrap(); // it runs, and nothing has come
    assert!(report.contains("series_restored=0i"), "{report}");
    let fed = run(Some(&place.path()), &[], &lines(500, 520));
    assert_eq!(
        (
            said(&fed).as_str(),
            out(&fed).matches("is_anomaly=").count()
        ),
        ("", 60)
    );
    drop(waiting.stdin.take());
    assert!(waiting.wait().unwrap().success());
    let next = out(&run(Some(&place.path()), &[], &line(520)));
    assert_eq!(
        next.matches("is_anomaly=").count(),
        3,
        "the one that heard nothing wrote nothing"
    );
}

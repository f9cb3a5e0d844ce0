//! The promises of `metric-replayer`: see the header of `cmd/metric-replayer/main.rs`.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod companions;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use brewcast::drain::drain;
use companions::{Ran, await_bytes, file, gzip, now_ns, path, stamps};
use rustix::io::ioctl_fionread;

const REPLAYER: &str = env!("CARGO_BIN_EXE_metric-replayer");
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
const MOMENT: i64 = 300_000_000;

/// Replays `recording` to its end, with nobody holding stdin.
fn replay(args: &[&str], recording: &[u8]) -> Ran {
    let file = file(recording);
    companions::run(REPLAYER, &[&["-filename", path(&file)], args].concat(), b"")
}

/// A replayer whose stdin is held open, as Telegraf does.
struct Replayer {
    child: Child,
    stdin: Option<ChildStdin>, // until it is closed
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    _recording: tempfile::NamedTempFile,
}

impl Replayer {
    fn start(args: &[&str], recording: impl AsRef<[u8]>) -> Self {
        let recording = file(recording.as_ref());
        let mut child = Command::new(REPLAYER)
            .args(["-filename", path(&recording)])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child,
            _recording: recording,
        }
    }

    fn lines(&mut self, count: usize) -> String {
        let mut lines = String::new();
        for _ in 0..count {
            if self.stdout.buffer().is_empty() {
                await_bytes(self.stdout.get_ref());
            }
            assert_ne!(
                self.stdout.read_line(&mut lines).unwrap(),
                0,
                "one more line"
            );
        }
        lines
    }

    fn note(&mut self) -> String {
        if self.stderr.buffer().is_empty() {
            await_bytes(self.stderr.get_ref());
        }
        let mut note = String::new();
        self.stderr.read_line(&mut note).unwrap();
        note
    }

    /// Sends a newline, as Telegraf may; returns when it has been read, so when the program lives.
    fn prove_alive(&mut self) {
        let mut stdin = self.stdin.as_ref().unwrap();
        stdin.write_all(b"\n").expect("somebody reads stdin");
        drain(stdin, Duration::from_secs(60));
        assert_eq!(ioctl_fionread(stdin), Ok(0), "somebody reads stdin");
    }

    /// Closes stdin. The exit code, and what was still written to stdout and stderr.
    fn release(mut self) -> (Option<i32>, String, String) {
        self.stdin = None;
        await_bytes(self.stdout.get_ref());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

fn nothing_more() -> (Option<i32>, String, String) {
    (Some(0), String::new(), String::new())
}

#[test]
fn past_lines_leave_at_once_and_as_they_are() {
    let recording =
        b"# a comment\n\n m,t=\xff\\ x  s=\"a\nb 9\"\t0017 \r\nm v=1 5\r\nm v=2\nm v=3 -7";
    let ran = replay(&[], recording);
    assert_eq!(ran.stdout, [&recording[..], b"\n"].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_future_line_does_not_leave_before_its_time_but_the_lines_before_it_do() {
    for (precision, unit) in [("ns", 1), ("us", 1000), ("ms", 1_000_000)] {
        let due = (now_ns() + MOMENT) / unit;
        let recording = format!("m v=1 5\n# c\nm v=2\nm v=3 {due}\nm v=4\n");
        let mut replayer = Replayer::start(&["-precision", precision], recording);
        assert_eq!(replayer.lines(3), "m v=1 5\n# c\nm v=2\n");
        assert_eq!(replayer.lines(2), format!("m v=3 {due}\nm v=4\n"));
        assert!(now_ns() >= due * unit);
        assert!(replayer.note().starts_with("I! "));
        assert_eq!(replayer.release(), nothing_more());
    }
}

#[test]
fn a_wait_of_hours_ends_when_stdin_closes() {
    let later = now_ns() + 10 * HOUR;
    let mut replayer = Replayer::start(&[], format!("m v=1 5\nm v=2 {later}\n"));
    assert_eq!(replayer.lines(1), "m v=1 5\n");
    replayer.prove_alive();
    replayer.prove_alive();
    assert_eq!(replayer.release(), nothing_more());
}

#[test]
fn at_the_end_it_stays_until_stdin_closes() {
    let mut replayer = Replayer::start(&[], "m v=1 5\nm v=2 6");
    assert_eq!(replayer.lines(2), "m v=1 5\nm v=2 6\n");
    let note = replayer.note();
    assert!(
        note.starts_with("I! ") && note.contains("2 records"),
        "{note}"
    );
    replayer.prove_alive();
    assert_eq!(replayer.release(), nothing_more());
}

#[test]
fn ctrl_c_and_hang_ups_are_left_to_the_program_that_holds_stdin() {
    let mut replayer = Replayer::start(&[], "m v=1 5\n");
    replayer.note();
    for signal in ["-INT", "-HUP"] {
        let id = replayer.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        replayer.prove_alive();
    }
    assert_eq!(replayer.lines(1), "m v=1 5\n");
    assert_eq!(replayer.release(), nothing_more());
}

#[test]
fn a_speed_starts_now_and_plays_the_spacing_so_many_times_faster() {
    for first in [1_596_653_152 * SECOND, now_ns() + 1000 * HOUR] {
        let (second, third) = (first + HOUR, first + 2 * HOUR);
        let recording = format!("m v=1 {first}\nm v=2 {second}\nm v=3 {third}\n");
        let start = Instant::now();
        let mut replayer = Replayer::start(&["--speed", "36000"], &recording);
        replayer.lines(2);
        assert!(start.elapsed() >= Duration::from_millis(100));
        assert_eq!(replayer.lines(1), format!("m v=3 {third}\n"));
        assert!(start.elapsed() >= Duration::from_millis(200));
        assert!(replayer.note().contains("3 records"));
        assert_eq!(replayer.release(), nothing_more());
    }
}

#[test]
fn at_a_slow_speed_a_past_recording_waits_and_the_wait_ends_when_stdin_closes() {
    let mut replayer = Replayer::start(&["-speed=0.001"], "m v=1 0\nm v=2 10000000000\n");
    assert_eq!(replayer.lines(1), "m v=1 0\n");
    assert_eq!(replayer.release(), nothing_more());
}

#[test]
fn a_loop_goes_on_where_the_last_round_ended() {
    let recording = "m v=1 1000\nm v=one 1\n# c\nm v=2 1010\r\nm v=3\nm v=4 1020";
    let args = ["--loop", "--speed", "1", "--precision", "ms"];
    let mut replayer = Replayer::start(&args, recording);
    let round = |first: i64| {
        let (second, third) = (first + 10, first + 20);
        format!("m v=1 {first}\n# c\nm v=2 {second}\r\nm v=3\nm v=4 {third}\n")
    };
    let expected = [round(1000), round(1030), round(1060), round(1090)].concat();
    assert_eq!(replayer.lines(20), expected);
    let (code, _, notes) = replayer.release();
    assert_eq!(code, Some(0));
    assert!(
        notes.starts_with("W! line 2 ") && notes.lines().count() == 1,
        "{notes}"
    );
}

#[test]
fn a_loop_by_the_clock_plays_history_once_and_then_live() {
    let recording = format!("m v=1 {}\nm v=2 {}\n", 5 * SECOND, 5 * SECOND + MOMENT);
    let start = now_ns();
    let mut replayer = Replayer::start(&["--loop"], &recording);
    assert_eq!(replayer.lines(2), recording);
    let live = stamps(&replayer.lines(3));
    let now = now_ns();
    assert!(start <= live[0] && live[2] <= now);
    assert_eq!((live[1] - live[0], live[2] - live[1]), (MOMENT, MOMENT));
    assert_eq!(replayer.release().0, Some(0));
}

#[test]
fn a_loop_without_any_timestamp_ends() {
    let mut replayer = Replayer::start(&["--loop"], "m v=1\n");
    assert!(replayer.note().starts_with("W! there is no next round"));
    assert!(replayer.note().contains("1 records"));
    assert_eq!(replayer.lines(1), "m v=1\n");
    assert_eq!(replayer.release(), nothing_more());
}

#[test]
fn a_bad_line_is_reported_and_skipped_and_its_neighbours_are_played() {
    let ran = replay(&[], b"m v=1 1\nm s=\"open 1\nm v=2 2\njunk\nm v=3 3\n");
    assert_eq!(ran.text(), "m v=1 1\nm v=2 2\nm v=3 3\n");
    let notes: Vec<&str> = ran.stderr.lines().collect();
    assert!(notes[0].starts_with("W! line 2 ") && notes[1].starts_with("W! line 4 "));
    assert_eq!((ran.code, notes.len()), (0, 2));
}

#[test]
fn an_overlong_line_leaves_as_it_is() {
    let long = format!("m s=\"{}\" 1\n", "x\\\"".repeat(6_000_000));
    let recording = format!("m v=1 1\n{long}m v=2 2\n{long}");
    let ran = replay(&[], recording.trim_end().as_bytes());
    assert!(ran.stdout == recording.as_bytes());
    let notes: Vec<&str> = ran.stderr.lines().collect();
    assert!(notes[0].starts_with("W! line 2 ") && notes[1].starts_with("W! line 4 "));
}

#[test]
fn a_recording_comes_from_stdin_or_gzipped_too_and_then_the_end_is_the_end() {
    let lines = "m v=1 1\n".repeat(100_000);
    for content in [lines.as_bytes(), &gzip(lines.as_bytes())] {
        let from_stdin = companions::run(REPLAYER, &["--filename=-"], content);
        for ran in [from_stdin, replay(&[], content)] {
            assert!(ran.stdout == lines.as_bytes());
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        }
    }
}

#[test]
fn a_recording_that_breaks_off_is_an_error_at_the_end_not_a_restart() {
    let mut cut = gzip("m v=1 1\n".repeat(1000).as_bytes());
    cut.truncate(cut.len() - 4);
    let mut replayer = Replayer::start(&[], cut);
    replayer.lines(1000);
    assert!(replayer.note().starts_with("E! "));
    replayer.prove_alive();
    assert_eq!(replayer.release(), (Some(1), String::new(), String::new()));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly_even_in_a_wait_of_hours() {
    let later = now_ns() + 10 * HOUR;
    let waiting = format!("m v=1 5\nm v=2 {later}\n");
    let burst = "m v=1 5\n".repeat(1_000_000);
    for recording in [waiting, burst, "m v=1 5\n".into()] {
        let mut replayer = Replayer::start(&[], recording);
        replayer.lines(1);
        drop(replayer.stdout);
        await_bytes(replayer.stderr.get_ref());
        assert_eq!(replayer.child.wait().unwrap().code(), Some(0));
        let note = &mut String::new();
        replayer.stderr.read_to_string(note).unwrap();
        assert!(note.is_empty() || note.starts_with("I! "), "{note}");
    }
}

#[test]
fn it_does_not_end_before_its_last_lines_have_been_read() {
    let start = Instant::now();
    let mut replayer = Replayer::start(&[], "m v=1 5\n");
    replayer.stdin = None;
    assert!(replayer.child.wait().unwrap().success());
    assert!(
        start.elapsed() >= Duration::from_secs(2),
        "nobody was reading"
    );
    assert_eq!(replayer.lines(1), "m v=1 5\n");
}

#[test]
fn times_of_another_unit_are_noticed() {
    let ran = replay(&[], b"m v=1 1596653152\nm v=1 1596653153\n");
    assert_eq!(
        ran.stderr,
        "W! the timestamps look like s, not ns: try --precision s\n"
    );
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_missing_file_with_1() {
    for args in [
        &[][..],
        &["-filename", "-", "--loop"],
        &["-filename", "x", "-speed", "0"],
        &["-filename", "x", "-precision", "m"],
        &["-filename", "x", "y"],
    ] {
        let ran = companions::run(REPLAYER, args, b"m v=1 1\n");
        assert_eq!((ran.code, ran.text()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains("--filename") || ran.stderr.contains("error: "));
    }
    let ran = companions::run(REPLAYER, &["-filename", "/nowhere/at/all"], b"");
    assert_eq!((ran.code, ran.text()), (1, ""));
    assert!(ran.stderr.starts_with("E! cannot open /nowhere/at/all: "));
}

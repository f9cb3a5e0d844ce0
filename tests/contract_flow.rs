//! The contract between the program and Telegraf: when bytes leave, and how it ends.
//!
//! Each test is a promise of the built binary to the agent that runs it, and its name says which. The
//! agent is the stand-in of `common/telegraf_process.rs`, which cuts the reader off when the child exits.
//! Nothing here judges what the records say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use common::program::{brewcast, line, lines, run};
use common::telegraf_process::{Agent, Rules, Signalled, Stopped};
use rustix::process::Signal;

const SOON: Duration = Duration::from_secs(30); // a limit for what should come at once
const PROMISE: Duration = Duration::from_secs(4); // the longest way out
const QUIET: &[&str] = &["--report-every", "0s", "--verdicts", "all"];

fn text(line: &[u8]) -> &str {
    std::str::from_utf8(line).unwrap()
}

fn next(agent: &Agent) -> String {
    text(&agent.next_line(SOON).expect("a line")).to_owned() + "\n"
}

/// Ended by itself, well and without a word.
fn assert_clean(stopped: &Stopped) {
    assert_eq!(stopped.signalled, Signalled::No);
    assert_eq!(stopped.status.unwrap().code(), Some(0));
    assert_eq!(stopped.stderr, "");
    assert_eq!(stopped.lives.starts, 1);
}

/// No end of input, no second line and no full buffer is needed.
#[test]
fn a_lines_verdict_appears_at_once_on_an_idle_pipe() {
    let agent = Agent::start(brewcast(QUIET));
    for n in 0..30 {
        agent.write(line("m", n).as_bytes()).unwrap();
        assert_eq!(next(&agent), line("m", n));
    }
    agent.write(line("m", 30).as_bytes()).unwrap();
    assert_eq!(next(&agent), line("m", 30));
    let verdict = next(&agent);
    assert!(verdict.starts_with("m_anomaly,field=v y="), "{verdict}");
    assert_clean(&agent.stop());
}

#[test]
fn whole_lines_leave_while_the_rest_of_a_line_is_still_to_come() {
    let agent = Agent::start(brewcast(QUIET));
    agent.write(b"m v=1 1\nm v=2 2\nm v=3").unwrap();
    assert_eq!(next(&agent), "m v=1 1\n");
    assert_eq!(next(&agent), "m v=2 2\n");
    agent.write(b"4 3\n").unwrap();
    assert_eq!(next(&agent), "m v=34 3\n");
    assert_clean(&agent.stop());
}

/// What is left to say at the end fits into the pipe: written, and not yet read.
#[test]
fn a_reader_that_is_slow_and_cut_off_at_the_exit_loses_nothing() {
    let input: String = (0..20)
        .map(|series| lines(&format!("m,s=s{series}"), 40))
        .collect();
    let arguments = [QUIET, &["--final-forecast"]].concat();
    let rules = Rules {
        stall_at_stop: Duration::from_millis(500),
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(brewcast(&arguments), rules);
    agent.write(input.as_bytes()).unwrap();
    for line in run(QUIET, input.as_bytes()).lines() {
        assert_eq!(next(&agent).trim_end(), line);
    }
    agent.close_stdin();
    let stopped = agent.stop();
    assert_clean(&stopped);
    assert!(stopped.took < PROMISE, "{:?}", stopped.took);
    assert_eq!(
        text(&stopped.stdout),
        text(&run(&arguments, input.as_bytes()).stdout)
    );
}

/// What nobody reads can't keep it either.
#[test]
fn a_reader_that_stopped_reading_does_not_hold_it_beyond_four_seconds() {
    let rules = Rules {
        stall_at_stop: SOON,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(brewcast(QUIET), rules);
    agent.write(b"m v=1 1\n").unwrap();
    next(&agent);
    agent.write(b"m v=2 2").unwrap(); // leaves at the end of the input only
    let stopped = agent.stop();
    assert_clean(&stopped);
    assert!(stopped.took < PROMISE, "{:?}", stopped.took);
    assert_eq!(text(&stopped.stdout), "m v=1 1\n");
}

#[test]
fn a_last_line_without_a_newline_leaves_with_one() {
    let ran = run(QUIET, b"m v=1 1\nm v=2 2");
    assert_eq!(text(&ran.stdout), "m v=1 1\nm v=2 2\n");
}

#[test]
fn a_closed_output_is_a_quiet_end() {
    let mut child = brewcast(QUIET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"m v=1 1\n").unwrap();
    let output = child.wait_with_output().unwrap(); // the input is still open
    drop(stdin);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn after_sigterm_it_filters_on_until_the_end_of_the_input() {
    let agent = Agent::start(brewcast(QUIET));
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(next(&agent), "m v=1 1\n");
    agent.send(Signal::TERM);
    agent.write(b"m v=2 2\n").unwrap();
    assert_eq!(next(&agent), "m v=2 2\n");
    agent.write(b"m v=3 3").unwrap();
    let stopped = agent.stop();
    assert_clean(&stopped);
    assert_eq!(text(&stopped.stdout), "m v=1 1\nm v=2 2\nm v=3 3\n");
}

#[test]
fn after_sigterm_it_ends_within_four_seconds_although_the_input_does_not() {
    let agent = Agent::start(brewcast(QUIET));
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(next(&agent), "m v=1 1\n");
    agent.send(Signal::TERM);
    assert!(agent.wait_for(PROMISE, |lives| lives.ends == 1));
    assert_clean(&agent.stop());
}

/// Half a line could be half a number.
#[test]
fn a_line_that_sigterm_cuts_short_does_not_leave() {
    let agent = Agent::start(brewcast(QUIET));
    agent.write(b"m v=1 1\nm v=2 17000").unwrap();
    assert_eq!(next(&agent), "m v=1 1\n");
    agent.send(Signal::TERM);
    assert!(agent.wait_for(PROMISE, |lives| lives.ends == 1));
    let stopped = agent.stop();
    assert_clean(&stopped);
    assert_eq!(text(&stopped.stdout), "m v=1 1\n");
}

/// The wait for a last reader is part of the four seconds.
#[test]
fn after_sigterm_a_reader_that_stopped_reading_does_not_hold_it_beyond_four_seconds() {
    let mut child = brewcast(QUIET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"m v=1 1\n").unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 8];
    std::io::Read::read_exact(&mut stdout, &mut first).unwrap(); // it runs, its handlers are set
    stdin.write_all(b"m v=2 2\n").unwrap(); // and this nobody reads
    let start = std::time::Instant::now();
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(start.elapsed() < PROMISE, "{:?}", start.elapsed());
    drop(stdin);
}

#[test]
fn sigint_and_sighup_are_left_to_the_one_that_feeds_the_pipe() {
    let agent = Agent::start(brewcast(QUIET));
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(next(&agent), "m v=1 1\n");
    agent.send(Signal::INT);
    agent.send(Signal::HUP);
    agent.write(b"m v=2 2\n").unwrap();
    assert_eq!(next(&agent), "m v=2 2\n");
    assert_clean(&agent.stop());
}

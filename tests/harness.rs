//! Proof that the stand-in for Telegraf's process handling does what Telegraf does.
//!
//! The children are `sh` and `cat`; no test here needs the program or Telegraf. Each figure that is held
//! against is one of Telegraf's own `internal/process` and `processors.execd`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::telegraf_process::{Agent, Rules, Signalled};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(30); // a limit for what should come at once
const MOMENT: Duration = Duration::from_millis(100);

fn sh(script: &str, arguments: &[&Path]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).args(arguments);
    command
}

/// 800 lines that fit into a pipe.
fn burst(folder: &TempDir) -> (PathBuf, Vec<u8>) {
    let text: String = (0..800)
        .map(|n| format!("burst,host=a n={n}i,value=20.5 {n}\n"))
        .collect();
    assert!(text.len() < 64 * 1024);
    let path = folder.path().join("burst.lp");
    fs::write(&path, &text).unwrap();
    (path, text.into_bytes())
}

#[test]
fn lines_come_back_as_they_were_written() {
    let agent = Agent::start(Command::new("cat"));
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(agent.next_line(SOON).unwrap(), b"m v=1 1");
    agent.write(b"m s=\"two\nlines\" 2\n").unwrap();
    assert_eq!(agent.next_line(SOON).unwrap(), b"m s=\"two");
    assert_eq!(agent.next_line(SOON).unwrap(), b"lines\" 2");
    let stopped = agent.stop();
    assert_eq!(stopped.signalled, Signalled::No);
    assert!(stopped.status.unwrap().success());
    assert_eq!(stopped.stdout, b"m v=1 1\nm s=\"two\nlines\" 2\n");
}

#[test]
fn a_metric_larger_than_the_pipe_goes_through() {
    let agent = Agent::start(Command::new("cat"));
    let metric = format!("m s=\"{}\" 1\n", "x".repeat(600_000));
    agent.write(metric.as_bytes()).unwrap();
    assert_eq!(agent.next_line(SOON).unwrap().len() + 1, metric.len());
    agent.stop();
}

/// Fact 1 of the contract: exit at once, and what the reader has not yet read is gone, at exit status 0.
#[test]
fn what_is_in_the_pipe_when_the_child_exits_is_lost() {
    let folder = TempDir::new().unwrap();
    let (path, _) = burst(&folder);
    let rules = Rules {
        stall_at_stop: SOON,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh("cat >/dev/null; exec cat \"$0\"", &[&path]), rules);
    let stopped = agent.stop();
    assert!(stopped.stdout.is_empty());
    assert!(stopped.status.unwrap().success());
    assert_eq!(stopped.signalled, Signalled::No);
}

/// The same child, which stays until its output has been read, loses nothing.
#[test]
fn what_is_read_before_the_child_exits_is_kept() {
    let folder = TempDir::new().unwrap();
    let (path, text) = burst(&folder);
    let release = folder.path().join("release");
    let script = "cat >/dev/null; cat \"$0\"; until [ -e \"$1\" ]; do sleep 0.01; done";
    let rules = Rules {
        stall_at_stop: MOMENT,
        term_after: SOON,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh(script, &[&path, &release]), rules);
    agent.close_stdin();
    for _ in 0..800 {
        agent.next_line(SOON).expect("a line");
    }
    fs::write(&release, "").unwrap();
    let stopped = agent.stop();
    assert_eq!(stopped.stdout, text);
    assert!(MOMENT <= stopped.took);
}

#[test]
fn a_child_that_ignores_the_end_of_stdin_gets_sigterm() {
    let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done";
    let rules = Rules {
        term_after: MOMENT,
        kill_after: SOON,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh(script, &[]), rules);
    agent.next_line(SOON).expect("the trap is set");
    let stopped = agent.stop();
    assert_eq!(stopped.signalled, Signalled::Term);
    assert_eq!(stopped.status.unwrap().code(), Some(7));
    assert!(MOMENT <= stopped.took);
}

#[test]
fn a_child_that_ignores_sigterm_too_gets_sigkill() {
    let script = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
    let rules = Rules {
        term_after: MOMENT,
        kill_after: MOMENT,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh(script, &[]), rules);
    agent.next_line(SOON).expect("the trap is set");
    let stopped = agent.stop();
    assert_eq!(stopped.signalled, Signalled::Kill);
    assert_eq!(stopped.status.unwrap().signal(), Some(9));
    assert!(2 * MOMENT <= stopped.took);
}

#[test]
fn stderr_lines_below_the_limit_are_read_on() {
    let script =
        "head -c 65535 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'W! after' >&2; exec cat";
    let agent = Agent::start(sh(script, &[]));
    assert_eq!(agent.next_stderr_line(SOON).unwrap().len(), 65_535);
    assert_eq!(agent.next_stderr_line(SOON).unwrap(), b"W! after");
    assert!(agent.stop().stderr.ends_with("xx\nW! after\n"));
}

#[test]
fn a_stderr_line_of_64_kib_ends_the_log_and_metrics_go_on() {
    let script = "echo 'W! before' >&2; head -c 65536 /dev/zero >&2; echo >&2; echo 'W! after' >&2; exec cat";
    let agent = Agent::start(sh(script, &[]));
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(agent.next_line(SOON).unwrap(), b"m v=1 1");
    assert_eq!(agent.stop().stderr, "W! before\n");
}

#[test]
fn a_child_that_logs_on_after_that_blocks_for_ever() {
    let script = "echo ready; head -c 200000 /dev/zero >&2; exec cat";
    let rules = Rules {
        term_after: MOMENT,
        kill_after: SOON,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh(script, &[]), rules);
    agent.next_line(SOON).expect("the child runs");
    agent.write(b"m v=1 1\n").unwrap();
    assert_eq!(agent.next_line(2 * MOMENT), None);
    assert_ne!(agent.stop().signalled, Signalled::No);
}

#[test]
fn a_child_that_exits_is_started_again() {
    let rules = Rules {
        restart_delay: MOMENT,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh("read -r line", &[]), rules);
    agent.write(b"m v=1 1\n").unwrap();
    assert!(agent.wait_for(SOON, |lives| lives.starts == 2));
    agent.write(b"m v=2 2\n").unwrap();
    assert!(agent.wait_for(SOON, |lives| lives.ends == 2));
    let stopped = agent.stop();
    assert!(2 <= stopped.lives.starts);
    assert_eq!(stopped.lives.starts, stopped.lives.ends);
}

#[test]
fn writes_fail_while_the_child_is_down() {
    let agent = Agent::start(sh("exit 0", &[])); // again in ten seconds
    assert!(agent.wait_for(SOON, |lives| lives.ends == 1));
    assert_eq!(
        agent.write(b"m v=1 1\n").unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    let stopped = agent.stop();
    assert_eq!(stopped.lives.starts, 1);
    assert!(stopped.took < Rules::TELEGRAF.term_after);
}

#[test]
fn a_child_that_does_not_read_blocks_the_writer() {
    let rules = Rules {
        write_limit: MOMENT,
        term_after: MOMENT,
        ..Rules::TELEGRAF
    };
    let agent = Agent::start_with(sh("exec sleep 60", &[]), rules);
    let metric = format!("m s=\"{}\" 1\n", "x".repeat(600_000));
    assert_eq!(
        agent.write(metric.as_bytes()).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
    assert_eq!(agent.stop().signalled, Signalled::Term);
}

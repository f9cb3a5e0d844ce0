//! The built `brewcast` as a process, and lines to feed it.
//!
//! The lines are the same on every run: a level with a little noise, one point a second.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// Time of the first point of [`line`], in seconds.
pub(crate) const START_S: i64 = 1_700_000_000;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// All of stdout.
    pub(crate) stdout: Vec<u8>,
    /// All of stderr.
    pub(crate) stderr: String,
    /// The exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Ran {
    /// The lines of stdout, which has to be text.
    pub(crate) fn lines(&self) -> Vec<&str> {
        std::str::from_utf8(&self.stdout).unwrap().lines().collect()
    }

    /// The lines of stdout that begin so.
    pub(crate) fn lines_of(&self, start: &str) -> Vec<&str> {
        let mut lines = self.lines();
        lines.retain(|line| line.starts_with(start));
        lines
    }

    /// A counter of the last `brewcast` record.
    pub(crate) fn counter(&self, name: &str) -> i64 {
        let records = self.lines_of("brewcast,");
        let record = records.last().expect("a brewcast record");
        let (_, rest) = record.split_once(&format!("{name}=")).expect(name);
        let digits = rest.split('i').next().unwrap();
        digits.parse().expect("an integer field")
    }
}

/// The program with these arguments.
pub(crate) fn brewcast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brewcast"));
    command.args(arguments);
    command
}

/// Runs the program over `input` to its end.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = brewcast(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may end before it has read everything: that is for the test to judge by what came out.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// The value of the `n`-th point: 20 and up to 0.9 more, in tenths.
pub(crate) fn value(n: i64) -> f64 {
    let mixed = (n.unsigned_abs() + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    20.0 + f64::from(u32::try_from((mixed >> 40) % 10).unwrap()) / 10.0
}

/// The `n`-th line of a series, newline included.
pub(crate) fn line(series: &str, n: i64) -> String {
    format!("{series} v={} {}000000000\n", value(n), START_S + n)
}

/// The first `count` lines of a series.
pub(crate) fn lines(series: &str, count: i64) -> String {
    (0..count).map(|n| line(series, n)).collect()
}

/// Runs the program over `input` with a configuration file of this text.
pub(crate) fn run_with(config: &str, arguments: &[&str], input: &[u8]) -> Ran {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("brewcast.toml");
    fs::write(&path, config).unwrap();
    let file = ["--config", path.to_str().unwrap()];
    run(&[arguments, &file].concat(), input)
}

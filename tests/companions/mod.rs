//! Running the two companion programs as a user would.

#![allow(clippy::expect_used, clippy::unwrap_used)]
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part"
)]

use std::io::Write;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What a program that ran to its end has left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    /// Stdout, where it is text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the output is text")
    }
}

/// Runs `program` with `stdin` as a file, so that nothing has to be pumped.
pub(crate) fn run(program: &str, args: &[&str], stdin: &[u8]) -> Ran {
    let output = Command::new(program)
        .args(args)
        .stdin(file(stdin).reopen().expect("it is there"))
        .stderr(Stdio::piped())
        .output()
        .expect("the program starts");
    Ran {
        code: output.status.code().expect("no signal ended it"),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("notes are text"),
    }
}

/// Returns when the pipe has something to read, or has ended. A test may fail, but not hang.
pub(crate) fn await_bytes(pipe: impl AsFd) {
    let timeout = Timespec {
        tv_sec: 20,
        tv_nsec: 0,
    };
    let ready = poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&timeout));
    assert_eq!(ready, Ok(1), "nothing comes and nothing ends");
}

/// A file with this content, removed when dropped.
pub(crate) fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(content).expect("room for it");
    std::io::Seek::rewind(&mut file).expect("a file can be rewound");
    file
}

pub(crate) fn path(file: &tempfile::NamedTempFile) -> &str {
    Path::to_str(file.path()).expect("its name is text")
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn now_ns() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_nanos()).unwrap()
}

/// The timestamps behind the last blank of each line.
pub(crate) fn stamps(text: &str) -> Vec<i64> {
    text.lines()
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect()
}

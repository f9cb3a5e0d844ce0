//! The built program under load, looked at while it runs: how much memory it took, what came out.
//!
//! Nothing here waits for ever: a program that says nothing for [`LIMIT`] is killed, and the test fails.

use std::fs;
use std::io::{Read, Seek, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

use super::program::brewcast;

/// Silence that is a hang.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The line behind everything: nothing is said about a string.
const MARK: &[u8] = b"zz_mark s=\"x\" 1\n";

/// A program that runs; killed when dropped.
pub(crate) struct Loaded {
    child: Child,
    stderr: Option<fs::File>,
    /// Its stdin, until somebody feeds it.
    pub(crate) stdin: Option<ChildStdin>,
    /// Its stdout.
    pub(crate) stdout: ChildStdout,
}

/// What a program left behind.
pub(crate) struct Left {
    /// What came out, without the mark.
    pub(crate) out: Vec<u8>,
    /// The most memory it took, in KiB.
    pub(crate) peak_kib: u64,
    /// The exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Loaded {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let stderr = tempfile::tempfile().unwrap();
        let mut child = brewcast(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr.try_clone().unwrap())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().unwrap(),
            child,
            stderr: Some(stderr),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// Reads what is there; 0 at the end.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> usize {
        let timeout = Timespec::try_from(LIMIT).unwrap();
        let pipe = self.stdout.as_fd();
        let ready = poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&timeout)).unwrap();
        assert_eq!(ready, 1, "it said nothing for {LIMIT:?}");
        self.stdout.read(room).unwrap()
    }

    /// The most memory it took so far, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.status("VmHWM:").parse().unwrap()
    }

    /// A word of `/proc/PID/status`.
    pub(crate) fn status(&self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    }

    /// Feeds it, reads what comes until all has passed, ends its input and waits for its end.
    pub(crate) fn pass(mut self, input: Vec<u8>) -> Left {
        let mut stdin = self.stdin.take().unwrap();
        let feeder = thread::spawn(move || {
            stdin.write_all(&input).unwrap();
            stdin.write_all(MARK).unwrap();
            stdin
        });
        let mut out = Vec::new();
        let mut room = vec![0; 1 << 16];
        while !out.ends_with(MARK) {
            let read = self.read(&mut room);
            assert_ne!(read, 0, "it ended before its input did");
            out.extend_from_slice(&room[..read]);
        }
        out.truncate(out.len() - MARK.len());
        let peak_kib = self.peak_kib();
        drop(feeder.join().unwrap());
        self.end(out, peak_kib)
    }

    /// Reads the rest and waits for the end.
    pub(crate) fn end(mut self, mut out: Vec<u8>, peak_kib: u64) -> Left {
        drop(self.stdin.take());
        let mut room = vec![0; 1 << 16];
        loop {
            let read = self.read(&mut room);
            if read == 0 {
                break;
            }
            out.extend_from_slice(&room[..read]);
        }
        self.wait(out, peak_kib)
    }

    /// Closes its stdout, as a reader that goes away, and waits for its end.
    pub(crate) fn hang_up(mut self) -> Left {
        let (reader, _) = std::io::pipe().unwrap();
        self.stdout = ChildStdout::from(std::os::fd::OwnedFd::from(reader));
        self.wait(Vec::new(), 0)
    }

    fn wait(mut self, out: Vec<u8>, peak_kib: u64) -> Left {
        let code = self.child.wait().unwrap().code();
        let mut stderr = String::new();
        let mut log = self.stderr.take().unwrap();
        log.rewind().unwrap();
        log.read_to_string(&mut stderr).unwrap();
        Left {
            out,
            peak_kib,
            code,
            stderr,
        }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.child.kill().ok(); // nothing, when it has been waited for
        self.child.wait().ok();
    }
}

impl Left {
    /// A counter of the last `brewcast` record.
    pub(crate) fn counter(&self, name: &str) -> i64 {
        let start = b"\nbrewcast,";
        let at = self
            .out
            .windows(start.len())
            .rposition(|bytes| bytes == start)
            .unwrap();
        let record = String::from_utf8_lossy(&self.out[at + 1..]);
        let (_, rest) = record.split_once(&format!("{name}=")).expect(name);
        rest.split('i').next().unwrap().parse().unwrap()
    }

    /// Ended by itself and well, and every line that is not ours is one of the input, in its order.
    pub(crate) fn assert_passed(&self, input: &[u8]) {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        assert_passed(&self.out, input);
    }
}

/// Holds the lines that are not ours against the input.
pub(crate) fn assert_passed(out: &[u8], input: &[u8]) {
    let ours = |line: &&[u8]| {
        let head = line.split(|&byte| byte == b' ').next().unwrap();
        let has = |part: &[u8]| head.windows(part.len()).any(|bytes| bytes == part);
        head.starts_with(b"brewcast,") || head.len() < 1_000 && has(b",field=")
    };
    let mut passed = out
        .split_inclusive(|&byte| byte == b'\n')
        .filter(|line| !ours(line));
    let shown = |line: Option<&[u8]>| {
        line.map(|line| String::from_utf8_lossy(&line[..line.len().min(100)]).into_owned())
    };
    for (n, line) in input.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let came = passed.next();
        if came != Some(line) {
            panic!(
                "line {n}: {:?} came for {:?}",
                shown(came),
                shown(Some(line))
            );
        }
    }
    assert_eq!(shown(passed.next()), None, "more came than went in");
}

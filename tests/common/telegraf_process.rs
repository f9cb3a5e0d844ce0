//! Telegraf's handling of an execd child, without Telegraf.
//!
//! What it is: the process part of `[[processors.execd]]` (`internal/process` of Telegraf 1.39) in a few
//! threads, so that a test of a child's life takes milliseconds. It promises what Telegraf does:
//!
//! * three pipes; one `write(2)` for each metric, more only when the pipe is full;
//! * stdout is read 1 KiB at a time, and the reader is **cut off the moment the child is reaped**: what is
//!   still in the pipe then is lost;
//! * the stderr reader stops for ever at a line of 64 KiB or more, and its pipe then fills;
//! * stop: close stdin, SIGTERM after a first grace time, SIGKILL after a second;
//! * a child that exits, whatever its status, is started again after `restart_delay`; writes fail meanwhile;
//!   if that start fails there is no further attempt.
//!
//! [`Rules::stall_at_stop`] makes the loss certain that is a race in Telegraf: from the moment that stdin is
//! closed the stdout reader does not read for so long, or until the child is reaped.
//!
//! It does not parse or serialize metrics, log, or keep a blocked write waiting for ever
//! ([`Rules::write_limit`]; Telegraf has no such limit).

use std::io::{self, PipeReader, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::telegraf_pipes::{Lines, cut_before_readable, cut_within, wait_for_cut, write_within};

/// The longest stderr line plus one, of Go's `bufio.Scanner`.
const STDERR_LINE_MAX: usize = 64 * 1024;

/// The times of the agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// From closed stdin to SIGTERM.
    pub(crate) term_after: Duration,
    /// From SIGTERM to SIGKILL.
    pub(crate) kill_after: Duration,
    /// From the end of a child to the start of the next.
    pub(crate) restart_delay: Duration,
    /// How long the stdout reader is held back from the moment that stdin is closed; zero: not at all.
    pub(crate) stall_at_stop: Duration,
    /// A write that takes longer fails with `TimedOut`.
    pub(crate) write_limit: Duration,
}

impl Rules {
    /// Telegraf's own.
    pub(crate) const TELEGRAF: Rules = Rules {
        term_after: Duration::from_secs(5),
        kill_after: Duration::from_secs(5),
        restart_delay: Duration::from_secs(10),
        stall_at_stop: Duration::ZERO,
        write_limit: Duration::from_secs(60),
    };
}

/// The strongest signal that the stop needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signalled {
    /// The end of stdin was enough.
    No,
    /// SIGTERM.
    Term,
    /// SIGTERM and SIGKILL.
    Kill,
}

/// What is known of the child's lives so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lives {
    /// Children started.
    pub(crate) starts: u32,
    /// Children reaped, readers ended.
    pub(crate) ends: u32,
}

/// What is left when the agent has stopped.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// All that the stdout reader got, over all lives.
    pub(crate) stdout: Vec<u8>,
    /// All whole lines that the stderr reader got.
    pub(crate) stderr: String,
    /// Of the last child.
    pub(crate) status: Option<ExitStatus>,
    /// From closing stdin to the end.
    pub(crate) took: Duration,
    /// The strongest signal that was sent.
    pub(crate) signalled: Signalled,
    /// Children started and ended.
    pub(crate) lives: Lives,
}

#[derive(Default)]
struct State {
    stopping: Option<Instant>,
    pid: Option<Pid>, // None: no child, or reaped; never signal then
    status: Option<ExitStatus>,
    lives: Lives,
    finished: bool, // no child and none to come
    stdout: Lines,
    stderr: Lines,
}

struct Shared {
    rules: Rules,
    stdin: Mutex<Option<ChildStdin>>,
    state: Mutex<State>,
    changed: Condvar,
}

/// A running child and the threads around it.
pub(crate) struct Agent {
    shared: Arc<Shared>,
    supervisor: Option<JoinHandle<()>>,
}

impl Agent {
    /// Starts the child under Telegraf's own rules.
    pub(crate) fn start(command: Command) -> Agent {
        Agent::start_with(command, Rules::TELEGRAF)
    }

    /// Starts the child.
    pub(crate) fn start_with(mut command: Command, rules: Rules) -> Agent {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let shared = Arc::new(Shared {
            rules,
            stdin: Mutex::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let child = shared.spawn(&mut command).expect("the child starts");
        let supervised = Arc::clone(&shared);
        let supervisor = thread::spawn(move || supervise(&supervised, command, child));
        Agent {
            shared,
            supervisor: Some(supervisor),
        }
    }

    /// Hands over one metric: one line, or one record of several lines.
    pub(crate) fn write(&self, metric: &[u8]) -> io::Result<()> {
        let mut stdin = self.shared.stdin.lock().unwrap();
        match stdin.as_mut() {
            Some(pipe) => write_within(pipe, metric, self.shared.rules.write_limit),
            None => Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "file already closed",
            )),
        }
    }

    /// The next line of stdout, without its newline; none within the time: `None`.
    pub(crate) fn next_line(&self, timeout: Duration) -> Option<Vec<u8>> {
        self.shared.wait(timeout, |state| state.stdout.take())
    }

    /// The next line of stderr.
    pub(crate) fn next_stderr_line(&self, timeout: Duration) -> Option<Vec<u8>> {
        self.shared.wait(timeout, |state| state.stderr.take())
    }

    /// Waits for something in the child's lives; says whether it came.
    pub(crate) fn wait_for(&self, timeout: Duration, wanted: impl Fn(Lives) -> bool) -> bool {
        self.shared
            .wait(timeout, |state| wanted(state.lives).then_some(()))
            .is_some()
    }

    /// Sends the running child a signal, as somebody else than Telegraf would.
    pub(crate) fn send(&self, signal: Signal) {
        self.shared.signal(signal);
    }

    /// The first step of [`Agent::stop`], for a test that wants to look at what comes then.
    pub(crate) fn close_stdin(&self) {
        self.shared
            .state
            .lock()
            .unwrap()
            .stopping
            .get_or_insert_with(Instant::now);
        self.shared.changed.notify_all();
        *self.shared.stdin.lock().unwrap() = None;
    }

    /// Stops the child as Telegraf does.
    pub(crate) fn stop(mut self) -> Stopped {
        self.close_stdin();
        let rules = self.shared.rules;
        let mut signalled = Signalled::No;
        if !self.shared.finished_within(rules.term_after) {
            signalled = Signalled::Term;
            self.shared.signal(Signal::TERM);
            if !self.shared.finished_within(rules.kill_after) {
                signalled = Signalled::Kill;
                self.shared.signal(Signal::KILL);
            }
        }
        self.supervisor.take().unwrap().join().unwrap();
        let mut state = self.shared.state.lock().unwrap();
        Stopped {
            took: state.stopping.unwrap().elapsed(),
            stdout: std::mem::take(&mut state.stdout.bytes),
            stderr: String::from_utf8_lossy(&state.stderr.bytes).into_owned(),
            status: state.status,
            signalled,
            lives: state.lives,
        }
    }
}

/// A test that failed must not leave a child behind.
impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(supervisor) = self.supervisor.take() {
            self.shared
                .state
                .lock()
                .unwrap()
                .stopping
                .get_or_insert_with(Instant::now);
            self.shared.signal(Signal::KILL);
            self.shared.changed.notify_all();
            supervisor.join().ok();
        }
    }
}

impl Shared {
    fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let mut child = command.spawn()?;
        let pipe = child.stdin.take().unwrap();
        fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
        let mut state = self.state.lock().unwrap();
        state.pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        state.lives.starts += 1;
        if state.stopping.is_none() {
            *self.stdin.lock().unwrap() = Some(pipe);
        }
        self.changed.notify_all();
        Ok(child)
    }

    fn wait<T>(&self, timeout: Duration, find: impl Fn(&mut State) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + timeout;
        let mut state = self.state.lock().unwrap();
        loop {
            if let Some(found) = find(&mut state) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    fn finished_within(&self, timeout: Duration) -> bool {
        self.wait(timeout, |state| state.finished.then_some(()))
            .is_some()
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.state.lock().unwrap().pid {
            kill_process(pid, signal).expect("a child that is not reaped can be signalled");
        }
    }

    /// What is left of the stall. The reader holds the state from asking until it has read: once stdin is
    /// closed, no byte slips through.
    fn stalled(&self, state: &State) -> Option<Duration> {
        let until = state.stopping? + self.rules.stall_at_stop;
        until
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }
}

/// Waits, cuts off, waits, starts again.
fn supervise(shared: &Arc<Shared>, mut command: Command, first: Child) {
    let mut child = Ok(first);
    while let Ok(running) = child {
        live(shared, running);
        let stop = shared.wait(shared.rules.restart_delay, |state| state.stopping);
        if stop.is_some() {
            break;
        }
        child = shared.spawn(&mut command);
    }
    shared.state.lock().unwrap().finished = true;
    shared.changed.notify_all();
}

/// One life of the child, until it is reaped and its readers are cut off.
fn live(shared: &Arc<Shared>, mut child: Child) {
    let (stdout_cut, cut_stdout) = io::pipe().unwrap();
    let (stderr_cut, cut_stderr) = io::pipe().unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (for_stdout, for_stderr) = (Arc::clone(shared), Arc::clone(shared));
    let readers = [
        thread::spawn(move || read_stdout(&for_stdout, stdout, &stdout_cut)),
        thread::spawn(move || read_stderr(&for_stderr, stderr, &stderr_cut)),
    ];
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    while waitid(
        WaitId::Pid(pid),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )
    .is_err()
    {}
    {
        let mut state = shared.state.lock().unwrap();
        state.status = Some(child.wait().unwrap());
        state.pid = None;
    }
    drop((cut_stdout, cut_stderr));
    *shared.stdin.lock().unwrap() = None;
    for reader in readers {
        reader.join().unwrap();
    }
    shared.state.lock().unwrap().lives.ends += 1;
    shared.changed.notify_all();
}

fn read_stdout(shared: &Shared, mut stdout: ChildStdout, cut: &PipeReader) {
    let mut block = [0; 1024];
    while !cut_before_readable(&stdout, cut) {
        let mut state = shared.state.lock().unwrap();
        if let Some(left) = shared.stalled(&state) {
            drop(state);
            if cut_within(cut, left) {
                return;
            }
            continue;
        }
        match stdout.read(&mut block) {
            Ok(0) | Err(_) => return,
            Ok(n) => state.stdout.bytes.extend_from_slice(&block[..n]),
        }
        shared.changed.notify_all();
    }
}

fn read_stderr(shared: &Shared, mut stderr: ChildStderr, cut: &PipeReader) {
    let mut line = Vec::new();
    let mut block = [0; 4096];
    while !cut_before_readable(&stderr, cut) {
        let room = block.len().min(STDERR_LINE_MAX - line.len());
        match stderr.read(&mut block[..room]) {
            Ok(0) | Err(_) => break,
            Ok(n) => line.extend_from_slice(&block[..n]),
        }
        if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
            let whole: Vec<u8> = line.drain(..=end).collect();
            shared.state.lock().unwrap().stderr.bytes.extend(whole);
            shared.changed.notify_all();
        } else if line.len() >= STDERR_LINE_MAX {
            wait_for_cut(cut); // the pipe stays open, and nobody reads it
            return;
        }
    }
}

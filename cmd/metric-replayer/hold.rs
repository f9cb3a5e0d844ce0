//! What keeps the replayer alive, and ends its waits: stdin and the reader of stdout.
//!
//! Telegraf gives its child a pipe as stdin and closes it to stop the child. So a wait must end at
//! that moment, not when the next record is due. Whatever arrives there before (Telegraf's
//! `signal = "STDIN"` sends newlines) is read and ignored. A pipe, a socket or a terminal can be
//! held open by somebody and is watched. A file or `/dev/null` cannot, and a stdin that is the
//! recording itself is somebody else's to read: then nothing holds us, and the end is the end.
//!
//! A wait also ends when nobody reads stdout any more.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, read};
use signal_hook::consts::{SIGHUP, SIGINT};

/// The longest single wait: by then the wall clock may have been set.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The time is up, or it is worth looking at the clock again.
    Over,
    /// We are not needed any more.
    Released,
}

/// What stdin is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// A pipe or socket that another program closes when it has had enough.
    Pipe,
    /// A terminal: somebody may end us with Ctrl-D, or Ctrl-C.
    Terminal,
    /// Nothing that could be held open.
    Nobody,
}

impl Hold {
    /// What stdin is, if it is not the recording itself.
    pub(crate) fn of_stdin(is_recording: bool) -> Self {
        let stdin = io::stdin();
        let kind = fstat(&stdin).map(|stat| FileType::from_raw_mode(stat.st_mode));
        match kind {
            _ if is_recording => Self::Nobody,
            Ok(FileType::Fifo | FileType::Socket) => Self::Pipe,
            _ if stdin.is_terminal() => Self::Terminal,
            _ => Self::Nobody,
        }
    }

    /// Leaves Ctrl-C and hang-ups to the program that holds the pipe: it stops us by closing it.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn ignore_signals(self) -> io::Result<()> {
        if self == Self::Pipe {
            let nobody_looks = Arc::new(AtomicBool::new(false));
            for signal in [SIGINT, SIGHUP] {
                signal_hook::flag::register(signal, Arc::clone(&nobody_looks))?;
            }
        }
        Ok(())
    }

    /// Waits for at most `at_most`, or a minute.
    ///
    /// # Errors
    /// When waiting is not possible.
    pub(crate) fn wait(self, stdout: &File, at_most: Duration) -> io::Result<Wait> {
        let at_most = at_most.min(WAIT_MAX);
        let timeout = Timespec {
            tv_sec: at_most.as_secs() as i64,
            tv_nsec: at_most.subsec_nanos().into(),
        };
        let stdin = io::stdin();
        let mut watched = [
            PollFd::new(stdout, PollFlags::empty()),
            PollFd::new(&stdin, PollFlags::IN),
        ];
        let count = if self == Self::Nobody { 1 } else { 2 };
        match poll(&mut watched[..count], Some(&timeout)) {
            Ok(0) | Err(Errno::INTR) => return Ok(Wait::Over),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let [stdout, stdin_ready] = watched.map(|fd| fd.revents());
        if stdout.intersects(PollFlags::ERR | PollFlags::HUP) {
            return Ok(Wait::Released);
        }
        if stdin_ready.is_empty() {
            return Ok(Wait::Over);
        }
        Ok(match read(&stdin, &mut [0; 4096]) {
            Ok(1..) | Err(Errno::INTR | Errno::AGAIN) => Wait::Over,
            Ok(0) | Err(_) => Wait::Released,
        })
    }

    /// Waits until we are not needed any more.
    ///
    /// # Errors
    /// When waiting is not possible.
    pub(crate) fn wait_for_release(self, stdout: &File) -> io::Result<()> {
        while self != Self::Nobody && self.wait(stdout, WAIT_MAX)? == Wait::Over {}
        Ok(())
    }
}

//! Standard input without a buffer of its own, so that "would block" can be asked.

use std::io;
use std::time::Duration;

use brewcast::filter::run::Input;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

/// Standard input.
#[derive(Debug)]
pub(crate) struct Stdin(io::Stdin);

impl Stdin {
    pub(crate) fn new() -> Self {
        Self(io::stdin())
    }

    /// Whether another process feeds us.
    pub(crate) fn is_pipe(&self) -> bool {
        let kind = fstat(&self.0).map(|stat| FileType::from_raw_mode(stat.st_mode));
        matches!(kind, Ok(FileType::Fifo | FileType::Socket))
    }
}

impl Input for Stdin {
    fn is_ready(&mut self, at_most: Duration) -> io::Result<bool> {
        let timeout = Timespec {
            tv_sec: i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: at_most.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(&self.0, &mut *room) {
                Err(Errno::INTR) => {}
                done => return done.map_err(io::Error::from),
            }
        }
    }
}

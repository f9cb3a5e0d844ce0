//! Standard input without a buffer of its own, so that "would block" can be asked.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use brewcast::filter::run::Input;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

/// Standard input.
#[derive(Debug)]
pub(crate) struct Stdin {
    stdin: io::Stdin,
    wake: UnixStream, // readable when a signal came
}

impl Stdin {
    /// Standard input; a wait for it ends when `signal` comes, or came since the last wait.
    pub(crate) fn new(signal: i32) -> io::Result<Self> {
        Ok(Self {
            stdin: io::stdin(),
            wake: wake_on(signal)?,
        })
    }

    /// Whether another process feeds us.
    pub(crate) fn is_pipe(&self) -> bool {
        let kind = fstat(&self.stdin).map(|stat| FileType::from_raw_mode(stat.st_mode));
        matches!(kind, Ok(FileType::Fifo | FileType::Socket))
    }
}

impl Input for Stdin {
    fn is_ready(&mut self, at_most: Duration) -> io::Result<bool> {
        wait(&self.stdin, &mut self.wake, at_most)
    }

    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(&self.stdin, &mut *room) {
                Err(Errno::INTR) => {}
                done => return done.map_err(io::Error::from),
            }
        }
    }
}

/// Something that becomes readable when the signal comes: one that comes between a look at a flag and
/// the wait after it would otherwise be noticed only when the wait is over.
fn wake_on(signal: i32) -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(signal, writer)?;
    Ok(reader)
}

/// Whether `input` is readable or at its end, waiting for that until a signal or the time ends the wait.
/// Without a wait the signal is kept for the next one.
fn wait(input: impl AsFd, wake: &mut UnixStream, at_most: Duration) -> io::Result<bool> {
    let timeout = Timespec {
        tv_sec: i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: at_most.subsec_nanos().into(),
    };
    let mut fds = [
        PollFd::new(&input, PollFlags::IN),
        PollFd::new(wake, PollFlags::IN),
    ];
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) => {}
        Err(Errno::INTR) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let [is_ready, is_woken] = fds.map(|fd| !fd.revents().is_empty());
    if is_woken && !at_most.is_zero() {
        drop(wake.read(&mut [0; 64])); // a signal or several: the flag says it
    }
    Ok(is_ready)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal_hook::consts::SIGUSR1;
    use std::io::Write;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_signal_before_the_wait_ends_it() {
        let (input, mut feed) = io::pipe().unwrap();
        let mut wake = wake_on(SIGUSR1).unwrap();
        signal_hook::low_level::raise(SIGUSR1).unwrap();
        assert!(!wait(&input, &mut wake, Duration::ZERO).unwrap());
        assert!(!wait(&input, &mut wake, LONG).unwrap());
        assert!(!wait(&input, &mut wake, Duration::from_millis(1)).unwrap());
        feed.write_all(b"x").unwrap();
        assert!(wait(&input, &mut wake, LONG).unwrap());
        drop(feed);
        assert!(
            wait(&input, &mut wake, LONG).unwrap(),
            "its end is readable"
        );
    }
}

//! The pipes between the stand-in for Telegraf and its child: waiting with an eye on the child's end.
//!
//! The end of the child is a pipe of its own, `cut`: its write end is dropped when the child is reaped, so
//! one `poll` can wait for data and for the end at once. Nothing here knows of processes or threads.

use std::io::{self, PipeReader, Write};
use std::os::fd::AsFd;
use std::process::ChildStdin;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What a reader got, and how much of it a test has taken.
#[derive(Default)]
pub(crate) struct Lines {
    /// All of it.
    pub(crate) bytes: Vec<u8>,
    taken: usize, // start of the next line to hand out
}

impl Lines {
    /// The next whole line, without its newline.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let rest = &self.bytes[self.taken..];
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = rest[..end].to_vec();
        self.taken += end + 1;
        Some(line)
    }
}

/// Waits until the child is reaped.
pub(crate) fn wait_for_cut(cut: &PipeReader) {
    while poll(&mut [PollFd::new(cut, PollFlags::IN)], None).is_err() {}
}

/// Waits until there is something to read, or the child is reaped: that goes first.
pub(crate) fn cut_before_readable(pipe: &impl AsFd, cut: &PipeReader) -> bool {
    let mut fds = [
        PollFd::new(cut, PollFlags::IN),
        PollFd::new(pipe, PollFlags::IN),
    ];
    while poll(&mut fds, None).is_err() {}
    !fds[0].revents().is_empty()
}

/// Whether the child is reaped within the time.
pub(crate) fn cut_within(cut: &PipeReader, timeout: Duration) -> bool {
    let timeout = Timespec::try_from(timeout).unwrap();
    matches!(
        poll(&mut [PollFd::new(cut, PollFlags::IN)], Some(&timeout)),
        Ok(1..)
    )
}

/// Writes all of it, in one `write(2)` when there is room, to a pipe that does not block.
pub(crate) fn write_within(
    pipe: &mut ChildStdin,
    mut bytes: &[u8],
    limit: Duration,
) -> io::Result<()> {
    let deadline = Instant::now() + limit;
    while !bytes.is_empty() {
        match pipe.write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                    return Err(io::ErrorKind::TimedOut.into());
                };
                let left = Timespec::try_from(left).unwrap();
                poll(&mut [PollFd::new(pipe, PollFlags::OUT)], Some(&left)).ok();
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

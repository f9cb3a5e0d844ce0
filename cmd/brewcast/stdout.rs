//! Standard output that can give up: a reader that has stopped reading must not keep us from ending.
//!
//! A blocking write to a full pipe goes on after a signal, so SIGTERM would wait for the reader. Where
//! stdout is a pipe it is opened once more without blocking (the flag belongs to an open file, and
//! nobody else's is changed) and waited for with `poll`. Elsewhere, and where there is no `/proc`,
//! writes block.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::pipe::fcntl_setpipe_size;

/// After a request to stop, the longest wait for a reader that takes nothing.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Room asked for in the pipe: with the usual 64 KiB a full stream is a quarter slower.
const PIPE_BYTES: usize = 1 << 20;
/// A look at the flag at least this often.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Standard output.
#[derive(Debug)]
pub(crate) struct Stdout {
    file: File,
    stop: Arc<AtomicBool>,
    waiting_since: Option<Instant>, // after a request to stop
}

impl Stdout {
    /// Standard output, unbuffered; it gives up some time after `stop` is set.
    pub(crate) fn new(stop: &Arc<AtomicBool>) -> io::Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        let is_pipe = fstat(&stdout)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo);
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let again = is_pipe.then(|| open("/proc/self/fd/1", flags, Mode::empty()));
        let file = match again {
            Some(Ok(pipe)) => {
                // More room means fewer turns between us and the reader. Not granted: as it was.
                let _ = fcntl_setpipe_size(&pipe, PIPE_BYTES);
                File::from(pipe)
            }
            Some(Err(_)) | None => File::from(stdout),
        };
        Ok(Self {
            file,
            stop: Arc::clone(stop),
            waiting_since: None,
        })
    }

    /// Waits for room; [`ErrorKind::TimedOut`] when we were asked to stop and nobody makes any.
    fn wait(&mut self) -> io::Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            let since = *self.waiting_since.get_or_insert_with(Instant::now);
            if since.elapsed() > PATIENCE {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        match poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], Some(&LOOK)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                done => {
                    self.waiting_since = None;
                    return done;
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Stdout {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

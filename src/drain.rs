//! The last wait before a process ends: until its reader has taken what was written.
//!
//! Telegraf stops reading a child's output the moment the child is gone, and what is still in the
//! pipe then is lost. So a program that has flushed its last line calls [`drain`] before it exits.
//!
//! It waits only where that can help: for a pipe that still has a reader. It returns when the pipe
//! is empty, when the reader has closed it, or when the time is up; it never fails.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, ioctl_fionread};

/// The pause between two looks at the pipe.
const PAUSE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 1_000_000,
};

/// Waits until the pipe behind `stdout` has been read empty, for `at_most` so long.
pub fn drain(stdout: impl AsFd, at_most: Duration) {
    let stdout = stdout.as_fd();
    let kind = fstat(stdout).map(|stat| FileType::from_raw_mode(stat.st_mode));
    if kind != Ok(FileType::Fifo) {
        return;
    }
    let start = Instant::now();
    while ioctl_fionread(stdout).is_ok_and(|unread| unread > 0) && start.elapsed() < at_most {
        let mut pipe = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut pipe, Some(&PAUSE)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return, // the reader is gone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write, pipe};

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_returns_only_when_the_reader_has_taken_everything() {
        let (mut reader, mut writer) = pipe().unwrap();
        let bytes = vec![b'x'; 40_000];
        writer.write_all(&bytes).unwrap();
        let taker = std::thread::spawn(move || {
            for piece in 0..40 {
                reader.read_exact(&mut [0; 1000]).unwrap();
                std::thread::sleep(Duration::from_millis(u64::from(piece % 10 == 0)));
            }
            reader
        });
        drain(&writer, LONG);
        assert_eq!(ioctl_fionread(&writer), Ok(0));
        drop(taker.join());
    }

    #[test]
    fn it_gives_up_when_the_time_is_up() {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(b"never read").unwrap();
        let start = Instant::now();
        drain(&writer, Duration::from_millis(20));
        assert!(start.elapsed() >= Duration::from_millis(20));
        assert_eq!(ioctl_fionread(&reader), Ok(10));
    }

    #[test]
    fn it_does_not_wait_for_a_reader_that_is_gone_nor_for_a_file() {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(b"never read").unwrap();
        drop(reader);
        let start = Instant::now();
        drain(&writer, LONG);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"kept").unwrap();
        drain(&file, LONG);
        assert!(start.elapsed() < LONG);
    }
}

//! A point a second of each series, appended to a file that Telegraf reads.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::fleet::mark;
use super::series::{Key, START_S, lines};

/// Sends rounds until it is stopped.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    rounds: Arc<AtomicI64>,
    writer: JoinHandle<()>,
}

impl Load {
    /// Begins with round `from`, at once.
    pub(crate) fn start(path: PathBuf, keys: Vec<Key>, from: i64) -> Load {
        let is_over = Arc::new(AtomicBool::new(false));
        let rounds = Arc::new(AtomicI64::new(from));
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&rounds));
        let writer = thread::spawn(move || {
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            let mut at = Instant::now();
            while !over.load(Ordering::Relaxed) {
                let n = count.load(Ordering::Relaxed);
                file.write_all(lines(&keys, n, n + 1, START_S).as_bytes())
                    .unwrap();
                count.store(n + 1, Ordering::Relaxed);
                at += Duration::from_secs(1);
                thread::sleep(at.saturating_duration_since(Instant::now())); // the rate of the load
            }
            file.write_all((mark(usize::MAX >> 8) + "\n").as_bytes())
                .unwrap();
        });
        Load {
            is_over,
            rounds,
            writer,
        }
    }

    /// Rounds sent so far, those before the load included.
    pub(crate) fn rounds(&self) -> i64 {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Waits until so many more rounds were sent.
    pub(crate) fn pass(&self, more: i64) {
        let until = self.rounds() + more;
        while self.rounds() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it; the rounds that were sent, and the mark that ends them.
    pub(crate) fn stop(self) -> (i64, String) {
        self.is_over.store(true, Ordering::Relaxed);
        self.writer.join().unwrap();
        (self.rounds.load(Ordering::Relaxed), mark(usize::MAX >> 8))
    }
}

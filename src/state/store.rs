//! The state file, its lock, and the one thread that writes it.
//!
//! A file is written beside the old one, synced, and takes its place; then the directory is synced. So there is
//! always a whole one, whenever the power fails. Two programs with one path would take turns in overwriting each
//! other's models: the second one does not get the lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::file::{self, Read1};

/// Parts on their way to the thread: few, because they wait in memory.
const ON_THE_WAY: usize = 4;
/// What the name of a file that is being written ends in.
const DRAFT: &str = ".tmp";
/// Bytes after which the disk is asked to have them: else all of them wait for it at the end, when time is short.
const SYNC_BYTES: usize = 32 << 20;
/// A look at whether there is room again.
const LOOK: Duration = Duration::from_millis(1);

/// Why there is no store.
#[derive(Debug)]
pub enum Refused {
    /// Another program has the lock.
    Locked,
    /// The lock cannot be had.
    Broken(io::Error),
}

/// What became of a file that was being written.
#[derive(Debug)]
pub struct Done {
    /// Which one, counted from 1.
    number: u64,
    /// Its bytes, or why it is not there; then the one before still is.
    pub result: io::Result<u64>,
}

#[derive(Debug)]
enum Job {
    Begin(u64),
    Part(Vec<u8>),
    Commit,
}

/// The state file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    jobs: SyncSender<Job>,
    done: Receiver<Done>,
    begun: u64,  // files
    _lock: File, // for as long as we live
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// There is no file.
    Nothing,
    /// It is none of ours, or of a version that nobody here knows.
    Foreign,
    /// Its parts, but for those that are damaged; and whether its end was there.
    Parts {
        /// Parts with a wrong checksum.
        damaged: usize,
        /// Whether it ended as it should.
        is_whole: bool,
    },
}

impl Store {
    /// The store at `path`, if nobody else has it.
    ///
    /// # Errors
    /// When somebody has, or the lock beside it cannot be made.
    pub fn open(path: &Path) -> Result<Self, Refused> {
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o640)
            .open(beside(path, ".lock"))
            .map_err(Refused::Broken)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refused::Locked),
            Err(TryLockError::Error(error)) => return Err(Refused::Broken(error)),
        }
        let (jobs, todo) = sync_channel(ON_THE_WAY);
        let (tell, done) = channel();
        let target = path.to_owned();
        thread::Builder::new()
            .name("state".to_owned())
            .spawn(move || {
                let mut draft = None;
                for job in todo {
                    if let Some(done) = work(job, &mut draft, &target)
                        && tell.send(done).is_err()
                    {
                        return;
                    }
                }
            })
            .map_err(Refused::Broken)?;
        Ok(Self {
            path: path.to_owned(),
            jobs,
            done,
            begun: 0,
            _lock: lock,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file a second name, which the next one does not take: it can be looked at, or read by another version.
    ///
    /// # Errors
    /// When it cannot have one.
    pub fn set_aside(&self) -> io::Result<PathBuf> {
        let aside = beside(&self.path, ".damaged");
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::hard_link(&self.path, &aside)?,
        }
        Ok(aside)
    }

    /// Begins a new file; whether the thread has time for it.
    pub fn begin(&mut self) -> bool {
        let has_begun = self.jobs.try_send(Job::Begin(self.begun + 1)).is_ok();
        self.begun += u64::from(has_begun);
        has_begun
    }

    /// Hands over the bytes of a part, to be written; they come back when the thread has no time for them yet.
    ///
    /// # Errors
    /// The part.
    pub fn add(&self, part: Vec<u8>) -> Result<(), Vec<u8>> {
        match self.jobs.try_send(Job::Part(part)) {
            Err(
                TrySendError::Full(Job::Part(part)) | TrySendError::Disconnected(Job::Part(part)),
            ) => Err(part),
            _ => Ok(()),
        }
    }

    /// That was the last part: the file takes the place of the old one; whether the thread has heard.
    pub fn commit(&self) -> bool {
        self.jobs.try_send(Job::Commit).is_ok()
    }

    /// What has become of a file.
    #[must_use]
    pub fn done(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }

    /// Writes a whole file and waits for it, until `deadline` at most. What became of files before comes first, that
    /// of this one last, unless it was not done by then.
    pub fn save(
        &mut self,
        parts: impl IntoIterator<Item = Vec<u8>>,
        deadline: Instant,
    ) -> Vec<Done> {
        let mut all = Vec::new();
        if wait(deadline, || self.begin()).is_none() {
            return all;
        }
        for part in parts {
            let mut part = Some(part);
            let is_taken = wait(deadline, || {
                part = part.take().and_then(|part| self.add(part).err());
                part.is_none()
            });
            all.extend(self.done.try_iter());
            if is_taken.is_none() || self.is_over(&all) {
                return all; // late, or it has failed already
            }
        }
        if wait(deadline, || self.commit()).is_some() {
            while !self.is_over(&all) {
                let left = deadline.saturating_duration_since(Instant::now());
                let Ok(done) = self.done.recv_timeout(left) else {
                    break;
                };
                all.push(done);
            }
        }
        all
    }

    /// Whether it is known what became of the last file.
    #[must_use]
    pub fn is_over(&self, all: &[Done]) -> bool {
        all.last().is_some_and(|done| done.number == self.begun)
    }

    /// Reads the file, and hands over its parts one after the other.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&self, mut take: impl FnMut(Vec<u8>)) -> io::Result<Loaded> {
        let mut input = match File::open(&self.path) {
            Ok(file) => BufReader::with_capacity(1 << 16, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Loaded::Nothing),
            Err(error) => return Err(error),
        };
        if !file::is_state(&mut input)? {
            return Ok(Loaded::Foreign);
        }
        let mut damaged = 0;
        loop {
            match file::read(&mut input)? {
                Read1::Part(part) => take(part),
                Read1::Damaged => damaged += 1,
                end @ (Read1::End | Read1::CutOff) => {
                    let is_whole = matches!(end, Read1::End);
                    return Ok(Loaded::Parts { damaged, is_whole });
                }
            }
        }
    }
}

/// Tries until it is done, or `deadline` has come.
fn wait(deadline: Instant, mut is_done: impl FnMut() -> bool) -> Option<()> {
    while !is_done() {
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(LOOK);
    }
    Some(())
}

/// A file that is being written, beside the one it is to replace. It has one name for ever: the lock makes that
/// ours, and what a crash leaves of it is overwritten by the next, where unique names would fill the disk.
struct Draft {
    number: u64,
    path: PathBuf,
    file: BufWriter<File>,
    unsynced: usize, // bytes
}

/// Does a job. A draft that cannot be written is dropped, and that is said at once; what comes for it then is
/// passed over.
fn work(job: Job, draft: &mut Option<Draft>, target: &Path) -> Option<Done> {
    let number = match (&job, &*draft) {
        (&Job::Begin(number), _) => number,
        (_, Some(draft)) => draft.number,
        (_, None) => return None,
    };
    let tried = match (job, &mut *draft) {
        (Job::Begin(number), _) => Draft::begin(number, target).map(|begun| {
            *draft = Some(begun);
            None
        }),
        (Job::Part(part), Some(draft)) => draft.write(&part).map(|()| None),
        (Job::Commit, Some(whole)) => whole.commit(target).map(Some),
        (_, None) => Ok(None),
    };
    let result = match tried {
        Ok(None) => return None,
        Ok(Some(bytes)) => Ok(bytes),
        Err(error) => {
            drop(fs::remove_file(beside(target, DRAFT))); // the room is wanted
            Err(error)
        }
    };
    *draft = None;
    Some(Done { number, result })
}

impl Draft {
    fn begin(number: u64, target: &Path) -> io::Result<Self> {
        let path = beside(target, DRAFT);
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o640)
            .open(&path)?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file::begin(&mut file)?;
        Ok(Self {
            number,
            path,
            file,
            unsynced: 0,
        })
    }

    fn write(&mut self, part: &[u8]) -> io::Result<()> {
        if part.is_empty() {
            return Err(io::Error::other("a part of it could not be made"));
        }
        file::write(&mut self.file, part)?;
        self.unsynced += part.len();
        if self.unsynced >= SYNC_BYTES {
            self.file.get_ref().sync_data()?;
            self.unsynced = 0;
        }
        Ok(())
    }

    fn commit(&mut self, target: &Path) -> io::Result<u64> {
        file::end(&mut self.file)?;
        self.file.flush()?;
        let file = self.file.get_ref();
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        fs::rename(&self.path, target)?;
        File::open(directory(target))?.sync_all()?;
        Ok(bytes)
    }
}

fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn directory(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

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
use super::part::Part;

/// Parts on their way to the thread: few, because they wait in memory.
const ON_THE_WAY: usize = 4;
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
pub enum Done {
    /// It is there, so many bytes.
    Saved(u64),
    /// It is not, and why. The one before is still there.
    Failed(io::Error),
}

#[derive(Debug)]
enum Job {
    Begin,
    Part(Box<Part>),
    Commit,
}

/// The state file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    jobs: SyncSender<Job>,
    done: Receiver<Done>,
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
            _lock: lock,
        })
    }

    /// Reads the file, and hands over its parts one after the other.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&self, take: impl FnMut(Vec<u8>)) -> io::Result<Loaded> {
        load(&self.path, take)
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
    pub fn begin(&self) -> bool {
        self.jobs.try_send(Job::Begin).is_ok()
    }

    /// Hands over a part, to be encoded and written; it comes back when the thread has no time for it yet.
    ///
    /// # Errors
    /// The part.
    pub fn add(&self, part: Box<Part>) -> Result<(), Box<Part>> {
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

    /// Writes a whole file and waits for it, until `deadline` at most; `None` when it was not done by then.
    pub fn save(&self, parts: impl IntoIterator<Item = Part>, deadline: Instant) -> Option<Done> {
        let waiting = |mut is_done: Box<dyn FnMut() -> bool + '_>| {
            while !is_done() {
                if Instant::now() >= deadline {
                    return None;
                }
                thread::sleep(LOOK);
            }
            Some(())
        };
        waiting(Box::new(|| self.begin()))?;
        for part in parts {
            let mut part = Some(Box::new(part));
            waiting(Box::new(|| {
                part = part.take().and_then(|part| self.add(part).err());
                part.is_none()
            }))?;
        }
        while self.done().is_some() {} // of files before
        waiting(Box::new(|| self.commit()))?;
        let left = deadline.saturating_duration_since(Instant::now());
        self.done.recv_timeout(left).ok()
    }
}

/// Reads the file at `path`, and hands over its parts one after the other.
///
/// # Errors
/// When it cannot be read.
pub fn load(path: &Path, mut take: impl FnMut(Vec<u8>)) -> io::Result<Loaded> {
    let mut input = match File::open(path) {
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

/// A file that is being written, beside the one it is to replace. It has one name for ever: the lock makes that
/// ours, and what a crash leaves of it is overwritten by the next, where unique names would fill the disk.
struct Draft {
    path: PathBuf,
    file: BufWriter<File>,
}

/// Does a job. A draft that cannot be written is dropped; what comes for it then is passed over.
fn work(job: Job, draft: &mut Option<Draft>, target: &Path) -> Option<Done> {
    let tried = match job {
        Job::Begin => Draft::begin(target).map(|begun| {
            *draft = Some(begun);
            None
        }),
        Job::Part(part) => match draft {
            Some(draft) => draft.write(&part).map(|()| None),
            None => Ok(None),
        },
        Job::Commit => match draft {
            Some(whole) => whole.commit(target).map(|bytes| {
                *draft = None;
                Some(Done::Saved(bytes))
            }),
            None => Ok(None),
        },
    };
    tried.unwrap_or_else(|error| {
        if let Some(draft) = draft.take() {
            drop(fs::remove_file(draft.path)); // the room is wanted
        }
        Some(Done::Failed(error))
    })
}

impl Draft {
    fn begin(target: &Path) -> io::Result<Self> {
        let path = beside(target, ".tmp");
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o640)
            .open(&path)?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file::begin(&mut file)?;
        Ok(Self { path, file })
    }

    fn write(&mut self, part: &Part) -> io::Result<()> {
        let bytes = part.to_bytes().map_err(io::Error::other)?;
        file::write(&mut self.file, &bytes)
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

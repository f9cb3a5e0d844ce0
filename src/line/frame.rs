//! Cuts a byte stream into records.
//!
//! A record is a line, except that a newline inside a quoted string field does not end it:
//! Telegraf's serializer writes such newlines raw. A quote opens a string only directly behind the
//! `=` of a field; quotes in measurements, tags, comments and behind the fields are plain bytes.
//!
//! Promises:
//! * The records and their line ends, put together again, are the stream.
//! * Where the stream is cut into blocks changes nothing.
//! * A broken line costs at most itself: when a record that was joined across newlines is refused,
//!   [`Framer::reject`] gives up only its first physical line and reading resumes at the second.
//! * Memory stays below the record limit plus one block. A longer record is reported once as
//!   [`Frame::Overlong`] and then either handed out in pieces or dropped, as the caller says.
//!
//! It knows just enough grammar to find quotes; whether a record is line protocol is not its matter.
//! A lone carriage return does not end a line. Work per byte is constant, also for hostile input: a
//! line that leaves a quote open closes the one that the line before it left open, so no byte is
//! looked at more than a few times.

use std::ops::Range;

use super::key::{Part, Walk};

/// The least room offered to one read: what a Linux pipe holds.
const BLOCK_BYTES: usize = 64 * 1024;

/// One record in the framer's buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record without its newline.
    pub content: Range<usize>,
    /// Behind the newline; equal to the content's end when the stream ended without one.
    pub next: usize,
    /// The number of its first physical line, from 1.
    pub line: u64,
}

/// What the framer found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole record.
    Record(Record),
    /// The beginning of a record beyond the limit: as many bytes as the limit allows. Answer with
    /// [`Framer::stream_through`] or [`Framer::reject`].
    Overlong(Record),
    /// More of a record that is streamed through; the last piece ends the record.
    Piece {
        /// The bytes, line end included where the record had one.
        bytes: Range<usize>,
        /// Whether the record ends here.
        last: bool,
    },
}

/// What the framer does with a record beyond the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// No such record is open.
    Whole,
    /// Its pieces are handed out.
    Stream,
    /// Everything to the next newline is dropped.
    Drop,
}

/// Where in a record the scan stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// No quote so far, so nothing but a newline matters.
    Unquoted,
    Lead,
    Series(Walk),
    BeforeKey,
    Key {
        escaped: bool,
    },
    ValueStart,
    Value,
    Quoted {
        escaped: bool,
    },
    AfterQuote,
    /// A comment, a timestamp or something malformed: ends at the next newline.
    Rest,
}

/// Cuts a stream into records; see the header of the file.
#[derive(Debug)]
pub struct Framer {
    record_max: usize,
    buffer: Vec<u8>,
    start: usize,   // of the open record; start <= scanned <= filled <= buffer.len()
    scanned: usize, // everything before it has been looked at
    filled: usize,  // everything before it has been read
    place: Place,
    mode: Mode,
    line: u64, // of the open record, from 1
}

impl Framer {
    /// A framer that holds records of at most `record_max` bytes.
    #[must_use]
    pub fn new(record_max: usize) -> Self {
        Self {
            record_max: record_max.max(1),
            buffer: vec![0; 4 * BLOCK_BYTES],
            start: 0,
            scanned: 0,
            filled: 0,
            place: Place::Unquoted,
            mode: Mode::Whole,
            line: 1,
        }
    }

    /// Room for the next read, never empty. Ranges handed out before are void after this.
    pub fn room(&mut self) -> &mut [u8] {
        if self.start == self.filled {
            (self.start, self.scanned, self.filled) = (0, 0, 0);
        } else if self.buffer.len() - self.filled < BLOCK_BYTES && self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.scanned -= self.start;
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < BLOCK_BYTES {
            let wanted = (2 * self.buffer.len()).min(self.record_max + 4 * BLOCK_BYTES);
            self.buffer.resize(wanted.max(self.filled + BLOCK_BYTES), 0);
        }
        &mut self.buffer[self.filled..]
    }

    /// Tells that the first `read` bytes of the room have been filled.
    pub fn fill(&mut self, read: usize) {
        self.filled = (self.filled + read).min(self.buffer.len());
    }

    /// The bytes of a range that was handed out since the last [`Framer::room`].
    #[must_use]
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The next record or piece; `None` when more must be read first.
    ///
    /// With `ended` the stream is over, and what is left counts as a record without a newline.
    pub fn next_frame(&mut self, ended: bool) -> Option<Frame> {
        if self.mode == Mode::Drop {
            self.drop_to_newline()?;
        }
        let end = self.scan();
        if self.mode == Mode::Stream {
            return self.piece(end, ended);
        }
        let known = end.unwrap_or(self.filled);
        if known - self.start > self.record_max {
            let content = self.start..self.start + self.record_max;
            let next = content.end;
            return Some(Frame::Overlong(Record {
                content,
                next,
                line: self.line,
            }));
        }
        match end {
            Some(end) => Some(Frame::Record(self.take(end, end + 1))),
            None if ended && self.start < self.filled => {
                Some(Frame::Record(self.take(self.filled, self.filled)))
            }
            None => None,
        }
    }

    /// What there is of a record that waits for a closing quote and has had a newline behind the open
    /// one: a string of several lines, or a quote that nobody will close. [`Framer::reject`] gives up
    /// its first physical line.
    #[must_use]
    pub fn open_string(&self) -> Option<Record> {
        let content = self.start..self.filled;
        let is_open = self.mode == Mode::Whole && matches!(self.place, Place::Quoted { .. });
        let is_joined = is_open && memchr::memchr(b'\n', &self.buffer[content.clone()]).is_some();
        let (next, line) = (content.end, self.line);
        is_joined.then_some(Record {
            content,
            next,
            line,
        })
    }

    /// Gives up the first physical line of `record`, the last frame handed out, and resumes
    /// reading behind it. Returns what was given up, as far as it is there.
    pub fn reject(&mut self, record: &Record) -> Record {
        let overlong = self.start < record.next;
        let content = &self.buffer[record.content.clone()];
        let first = match memchr::memchr(b'\n', content) {
            Some(newline) => record.content.start + newline,
            None if overlong => {
                self.resume_at(record.content.end, record.line);
                self.mode = Mode::Drop;
                return record.clone();
            }
            None => return record.clone(),
        };
        self.resume_at(first + 1, record.line + 1);
        Record {
            content: record.content.start..first,
            next: first + 1,
            line: record.line,
        }
    }

    /// Has the open overlong record handed out piece by piece, to its end.
    pub fn stream_through(&mut self) {
        self.scanned = self.start;
        self.place = Place::Lead;
        self.mode = Mode::Stream;
    }

    fn resume_at(&mut self, start: usize, line: u64) {
        self.start = start;
        self.scanned = start;
        self.place = Place::Unquoted;
        self.line = line;
    }

    /// Hands out the open record and moves on to the next.
    fn take(&mut self, end: usize, next: usize) -> Record {
        let record = Record {
            content: self.start..end,
            next,
            line: self.line,
        };
        self.resume_at(next, self.line + 1 + self.newlines(record.content.clone()));
        record
    }

    fn piece(&mut self, end: Option<usize>, ended: bool) -> Option<Frame> {
        let last = end.is_some() || ended;
        let next = end.map_or(self.filled, |end| end + 1);
        let bytes = self.start..next;
        if last {
            let content = bytes.start..end.unwrap_or(next);
            self.resume_at(next, self.line + 1 + self.newlines(content));
            self.mode = Mode::Whole;
        } else if bytes.is_empty() {
            return None;
        } else {
            self.line += self.newlines(bytes.clone());
            self.start = next;
        }
        Some(Frame::Piece { bytes, last })
    }

    /// Newlines inside a record; a record without a quote has none.
    fn newlines(&self, content: Range<usize>) -> u64 {
        match self.place {
            Place::Unquoted => 0,
            _ => memchr::memchr_iter(b'\n', &self.buffer[content]).count() as u64,
        }
    }

    fn drop_to_newline(&mut self) -> Option<()> {
        let open = &self.buffer[self.start..self.filled];
        let newline = memchr::memchr(b'\n', open);
        match newline {
            Some(at) => {
                self.resume_at(self.start + at + 1, self.line + 1);
                self.mode = Mode::Whole;
            }
            None => self.resume_at(self.filled, self.line),
        }
        newline.map(drop)
    }

    /// Advances to the newline that ends the open record, if it is there yet.
    fn scan(&mut self) -> Option<usize> {
        if matches!(self.place, Place::Unquoted) {
            let open = &self.buffer[self.scanned..self.filled];
            match memchr::memchr2(b'\n', b'"', open) {
                None => self.scanned = self.filled,
                Some(at) if open[at] == b'\n' => return Some(self.scanned + at),
                Some(_) => {
                    self.scanned = self.start;
                    self.place = Place::Lead;
                }
            }
        }
        while self.scanned < self.filled {
            let skipped = match self.place {
                Place::Rest => memchr::memchr(b'\n', self.open()),
                Place::Quoted { escaped: false } => memchr::memchr2(b'"', b'\\', self.open()),
                _ => Some(0),
            };
            let Some(skipped) = skipped else {
                self.scanned = self.filled;
                break;
            };
            self.scanned += skipped;
            match self.place.step(self.buffer[self.scanned]) {
                Some(place) => self.place = place,
                None => return Some(self.scanned),
            }
            self.scanned += 1;
        }
        None
    }

    fn open(&self) -> &[u8] {
        &self.buffer[self.scanned..self.filled]
    }
}

impl Place {
    /// The place behind `byte`; `None` when `byte` is the newline that ends the record.
    fn step(self, byte: u8) -> Option<Self> {
        let blank = super::is_blank(byte);
        Some(match (self, byte) {
            (Self::Quoted { escaped: true }, _) => Self::Quoted { escaped: false },
            (Self::Quoted { .. }, b'"') => Self::AfterQuote,
            (Self::Quoted { .. }, byte) => Self::Quoted {
                escaped: byte == b'\\',
            },
            (_, b'\n') => return None,
            (Self::Lead, _) if blank => Self::Lead,
            (Self::Lead, b'#') => Self::Rest,
            (Self::Lead, _) => Self::Series(Walk::default()).step(byte)?,
            (Self::Series(mut walk), _) => match walk.step(byte) {
                Part::End => Self::BeforeKey,
                Part::Inside | Part::Comma | Part::Equals => Self::Series(walk),
            },
            (Self::BeforeKey, _) if blank => Self::BeforeKey,
            (Self::BeforeKey, _) => Self::Key {
                escaped: byte == b'\\',
            },
            (Self::Key { escaped: true }, _) => Self::Key { escaped: false },
            (Self::Key { .. }, b'=') => Self::ValueStart,
            (Self::Key { .. }, _) if blank => Self::Rest,
            (Self::Key { .. }, _) => Self::Key {
                escaped: byte == b'\\',
            },
            (Self::ValueStart, b'"') => Self::Quoted { escaped: false },
            (Self::Value | Self::AfterQuote, b',') => Self::Key { escaped: false },
            (Self::ValueStart | Self::Value, _) if !blank && byte != b',' => Self::Value,
            (_, _) => Self::Rest,
        })
    }
}

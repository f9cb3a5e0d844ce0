//! Recordings: files of line protocol, read record by record.
//!
//! What the companion programs share: where a recording comes from ([`open`]: a file or stdin,
//! plain or gzipped), how it is read ([`Records`]) and how a record gets another time
//! ([`write_stamped`]). The bytes of the items, put together again
//! in their order with the line ends of the skipped ones, are the recording.
//!
//! Reading and cutting are two calls, so that the caller can flush exactly before a read that may
//! block:
//!
//! ```text
//! while records.read()? {
//!     while let Some(item) = records.next_item() { … }
//!     out.flush()?;
//! }
//! ```

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::ops::Range;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::line::Rejected;
use crate::line::frame::{Frame, Framer, Record};
use crate::line::stamp::{self, Stamp};

/// The longest record that is read as a whole; a longer one is an [`Item::Overlong`].
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the first two bytes of a gzip file are.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Opens the recording at `path`; `-` is stdin. Gzip is recognised by its content.
///
/// # Errors
/// When there is no such file, or its first bytes cannot be read.
pub fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        plain(io::stdin().lock())
    } else {
        plain(File::open(path)?)
    }
}

/// `reader`, decompressed if it is gzip (also when several gzip files were put together).
fn plain(mut reader: impl Read + 'static) -> io::Result<Box<dyn Read>> {
    let mut first = Vec::new();
    reader.by_ref().take(2).read_to_end(&mut first)?;
    let gzipped = first == GZIP_MAGIC;
    let whole = io::Cursor::new(first).chain(reader);
    Ok(if gzipped {
        Box::new(MultiGzDecoder::new(BufReader::new(whole)))
    } else {
        Box::new(whole)
    })
}

/// One piece of a recording.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A record, a comment or a blank line.
    Record {
        /// All of it, line end included where there is one.
        bytes: &'a [u8],
        /// Where its timestamp stands in `bytes`.
        stamp: Stamp,
        /// The number of its first line, from 1.
        line: u64,
    },
    /// A line that is not line protocol.
    Bad {
        /// The line without its line end.
        bytes: &'a [u8],
        /// What is wrong with it.
        reason: Rejected,
        /// Its number, from 1.
        line: u64,
    },
    /// A record longer than [`RECORD_BYTES_MAX`] begins; its bytes follow as pieces.
    Overlong {
        /// How it begins.
        bytes: &'a [u8],
        /// The number of its first line, from 1.
        line: u64,
    },
    /// More of that record.
    Piece(&'a [u8]),
}

/// Writes a record with the timestamp `time`, and every other byte as it is in `bytes`.
///
/// # Errors
/// Those of `out`.
pub fn write_stamped(
    out: &mut impl Write,
    bytes: &[u8],
    stamp: &Stamp,
    time: i64,
) -> io::Result<()> {
    let (before, blank, behind): (_, &[u8], _) = match stamp {
        Stamp::At(place, _) => (&bytes[..place.start], b"", &bytes[place.end..]),
        Stamp::Missing(at) => (&bytes[..*at], b" ", &bytes[*at..]),
        Stamp::None => return out.write_all(bytes),
    };
    out.write_all(before)?;
    out.write_all(blank)?;
    out.write_all(itoa::Buffer::new().format(time).as_bytes())?;
    out.write_all(behind)
}

/// Like [`Item`], with places in the framer's buffer.
enum Found {
    Record(Record, Stamp),
    Bad(Record, Rejected),
    Overlong(Record),
    Piece(Range<usize>),
}

/// Reads a recording.
#[derive(Debug)]
pub struct Records<R> {
    reader: R,
    framer: Framer,
    ended: bool,
}

impl<R: Read> Records<R> {
    /// The records of what `reader` reads.
    pub fn new(reader: R) -> Self {
        Self::with_limit(reader, RECORD_BYTES_MAX)
    }

    fn with_limit(reader: R, record_bytes_max: usize) -> Self {
        Self {
            reader,
            framer: Framer::new(record_bytes_max),
            ended: false,
        }
    }

    /// Reads once, after all items have been taken. `false` when there is nothing left to take.
    ///
    /// # Errors
    /// The reader's; what was read before has been handed out.
    pub fn read(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        loop {
            match self.reader.read(self.framer.room()) {
                Ok(read) => {
                    self.framer.fill(read);
                    self.ended = read == 0;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next item of what has been read; `None` when more must be read first.
    pub fn next_item(&mut self) -> Option<Item<'_>> {
        let found = self.find()?;
        let framer = &self.framer;
        Some(match found {
            Found::Record(record, stamp) => Item::Record {
                bytes: framer.bytes(record.content.start..record.next),
                stamp,
                line: record.line,
            },
            Found::Bad(record, reason) => Item::Bad {
                bytes: framer.bytes(record.content),
                reason,
                line: record.line,
            },
            Found::Overlong(record) => Item::Overlong {
                bytes: framer.bytes(record.content),
                line: record.line,
            },
            Found::Piece(bytes) => Item::Piece(framer.bytes(bytes)),
        })
    }

    fn find(&mut self) -> Option<Found> {
        Some(match self.framer.next_frame(self.ended)? {
            Frame::Record(record) => match stamp::find(self.framer.bytes(record.content.clone())) {
                Ok(stamp) => Found::Record(record, stamp),
                Err(reason) => Found::Bad(self.framer.reject(&record), reason),
            },
            Frame::Overlong(record) => {
                // A string that stays open over so many lines is a missing quote, not a value.
                if self.framer.bytes(record.content.clone()).contains(&b'\n') {
                    Found::Bad(self.framer.reject(&record), Rejected::OpenString)
                } else {
                    self.framer.stream_through();
                    Found::Overlong(record)
                }
            }
            Frame::Piece { bytes, .. } => Found::Piece(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from `stream` with a limit of 20 bytes, as text.
    fn read(stream: &str) -> Vec<String> {
        let mut records = Records::with_limit(stream.as_bytes(), 20);
        let mut out = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        while records.read().unwrap() {
            while let Some(item) = records.next_item() {
                out.push(match item {
                    Item::Record { bytes, line, .. } => format!("{line}:{}", text(bytes)),
                    Item::Bad {
                        bytes,
                        reason,
                        line,
                    } => format!("{line} {reason:?}:{}", text(bytes)),
                    Item::Overlong { line, .. } => format!("{line} long"),
                    Item::Piece(bytes) => text(bytes),
                });
            }
        }
        out
    }

    #[test]
    fn a_bad_line_is_named_and_its_neighbours_are_read() {
        assert_eq!(
            read("m v=1 1\njunk\n\nm v=2 2\r\nm v="),
            [
                "1:m v=1 1\n",
                "2 NoFields:junk",
                "3:\n",
                "4:m v=2 2\r\n",
                "5 BadValue:m v="
            ]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_line() {
        assert_eq!(
            read("m s=\"a 1\nm v=1 1\nm v=2 2\nm v=3 3\n"),
            [
                "1 OpenString:m s=\"a 1",
                "2:m v=1 1\n",
                "3:m v=2 2\n",
                "4:m v=3 3\n"
            ]
        );
    }

    #[test]
    fn an_overlong_record_is_handed_out_in_pieces() {
        let long = "m s=\"0123456789 0123456789\" 1\n";
        assert_eq!(
            read(&format!("{long}m v=1 1\n")),
            ["1 long", long, "2:m v=1 1\n"]
        );
    }
}

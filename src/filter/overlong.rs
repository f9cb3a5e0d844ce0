//! Records that may have no end: lines beyond `limits.line_bytes`, and quotes that nobody closes.
//!
//! A line beyond the limit is streamed through when it begins as line protocol. An open quote holds
//! back what follows it, so when it looks like a stray one the line is given up.

use crate::line::fields::{self, Field};
use crate::line::frame::Record;
use crate::line::{Rejected, key, trim};
use crate::report::Severity;

use super::Filter;

impl Filter {
    /// The line of a quote that is still open on a later line, if there is one.
    #[must_use]
    pub fn open_quote(&self) -> Option<u64> {
        self.framer.open_string().map(|record| record.line)
    }

    /// Gives up the line of a quote that has been open for too long, if the line behind it is one by
    /// itself; in a string of several lines it hardly is.
    pub fn give_up_open_quote(&mut self) {
        if let Some(record) = self.framer.open_string()
            && is_stray_quote(self.framer.bytes(record.content.clone()))
        {
            self.reject(&record, Rejected::OpenString);
        }
    }

    /// A line beyond the limit, of which the beginning is there.
    pub(super) fn take_overlong(&mut self, record: &Record) {
        let content = self.framer.bytes(record.content.clone());
        let why = match begins_a_line(content, &mut self.fields) {
            Err(why) => Some(why),
            Ok(()) => is_stray_quote(content).then_some(Rejected::OpenString),
        };
        if let Some(why) = why {
            self.reject(record, why);
            return;
        }
        self.tally.lines += u64::from(!trim(content).starts_with(b"#"));
        self.tally.lines_overlong += 1;
        let text = format!(
            "line {} is longer than limits.line_bytes: passed through, not modelled",
            record.line
        );
        self.log.say_once(Severity::Warning, &text);
        self.framer.stream_through();
    }
}

/// Whether the beginning of a record beyond the limit is line protocol as far as it goes.
fn begins_a_line(content: &[u8], into: &mut Vec<Field>) -> Result<(), Rejected> {
    let line = trim(content);
    if line.starts_with(b"#") {
        return Ok(());
    }
    let Some(end) = key::series_end(line).filter(|&end| end < line.len()) else {
        // Cut inside the tags: the last one may lack its value.
        let whole = memchr::memrchr(b',', line).map_or(line, |comma| &line[..comma]);
        return key::parse(line).or_else(|_| key::parse(whole)).map(drop);
    };
    key::parse(&line[..end])?;
    // Wherever it was cut: one of these makes a line of it, or its head up to the last comma is one.
    let completions: [&[u8]; 7] = [b"", b"\"", b"\"\"", b"0", b"k=0", b"rue", b"alse"];
    let head = memchr::memrchr(b',', &line[end..]).map(|comma| &line[..end + comma]);
    let mut whole = |line: &[u8]| fields::parse(line, end, into).map(drop);
    let mut done = head.map_or(Err(Rejected::BadValue), &mut whole);
    for rest in completions {
        done = done.or_else(|_| whole(&[line, rest].concat()));
    }
    done
}

/// Whether a record joined across newlines looks like lines of which the first has an open quote:
/// the next of its physical lines that is no comment and not blank is a line by itself.
pub(super) fn is_stray_quote(content: &[u8]) -> bool {
    let mut lines = content.split(|&byte| byte == b'\n').map(trim);
    let mut rest = lines
        .by_ref()
        .skip(1)
        .skip_while(|line| line.is_empty() || line[0] == b'#');
    let second = rest.next();
    let is_whole = rest.next().is_some(); // the last one may be cut
    let is_line = |line: &[u8]| {
        let end = key::series_end(line).filter(|&end| key::parse(&line[..end]).is_ok());
        end.is_some_and(|end| fields::parse(line, end, &mut Vec::new()).is_ok())
    };
    is_whole && second.is_some_and(is_line)
}

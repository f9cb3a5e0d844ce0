//! Lines beyond `limits.line_bytes`: streamed through when they begin as line protocol.

use crate::line::fields::{self, Field};
use crate::line::frame::Record;
use crate::line::{Rejected, key, trim};
use crate::report::Severity;

use super::Filter;

impl Filter {
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
        self.tally.lines += 1;
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
    let end = key::series_end(line).ok_or(Rejected::NoFields)?;
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
/// its second physical line is a line by itself.
fn is_stray_quote(content: &[u8]) -> bool {
    let mut lines = content.split(|&byte| byte == b'\n').skip(1);
    let second = lines.next().map(trim);
    let is_line = |line: &[u8]| {
        let end = key::series_end(line).filter(|&end| key::parse(&line[..end]).is_ok());
        end.is_some_and(|end| fields::parse(line, end, &mut Vec::new()).is_ok())
    };
    lines.next().is_some() && second.is_some_and(is_line)
}

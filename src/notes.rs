//! What the two companion programs say on stderr, in the form that Telegraf reads.
//!
//! Telegraf takes the severity of a child's line from its prefix (`E! `, `W! `, `I! `) and stops
//! reading for ever at a line of 64 KiB. So: one line per note, always with a prefix, never above
//! [`NOTE_BYTES_MAX`], and of a foreign line at most [`SHOWN_BYTES_MAX`] bytes.
//!
//! A stderr that is closed or full of errors is not worth a failure: write errors are ignored.

use std::io::Write;

/// The longest line ever written to stderr.
pub const NOTE_BYTES_MAX: usize = 4000;

/// How much of a skipped line is shown.
pub const SHOWN_BYTES_MAX: usize = 256;

/// How many skipped lines are reported one by one; the rest is only counted.
const REPORTED_MAX: u64 = 100;

/// How Telegraf files a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The program could not do what it was asked to.
    Error,
    /// It did, except for something that the user should look at.
    Warning,
    /// Nothing is wrong.
    Info,
}

/// Writes one note.
pub fn write(out: &mut impl Write, severity: Severity, text: &str) {
    let prefix = match severity {
        Severity::Error => "E! ",
        Severity::Warning => "W! ",
        Severity::Info => "I! ",
    };
    let mut line = String::from(prefix);
    for character in text.chars() {
        if line.len() + character.len_utf8() >= NOTE_BYTES_MAX {
            break;
        }
        line.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    line.push('\n');
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

/// Reports the lines that are skipped, and counts them.
#[derive(Debug, Default)]
pub struct Skipped {
    lines: u64,
}

impl Skipped {
    /// Reports one line: its number (from 1), why, and how it begins.
    pub fn report(&mut self, out: &mut impl Write, line: u64, why: &str, bytes: &[u8]) {
        self.lines += 1;
        if self.lines > REPORTED_MAX {
            return;
        }
        let shown = &bytes[..bytes.len().min(SHOWN_BYTES_MAX)];
        let more = if shown.len() < bytes.len() { "…" } else { "" };
        let shown = String::from_utf8_lossy(shown);
        let text = format!("line {line} skipped: {why}: {shown:?}{more}");
        write(out, Severity::Warning, &text);
    }

    /// At the end: the count, when not every line was reported.
    pub fn sum_up(&self, out: &mut impl Write) {
        if self.lines > REPORTED_MAX {
            let lines = self.lines;
            let text = format!("{lines} lines skipped, the first {REPORTED_MAX} reported");
            write(out, Severity::Warning, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_short_line_whatever_is_in_it() {
        for foreign in ["a\nb\r\u{1b}[1m", &"ä\n".repeat(100_000)] {
            let mut out = Vec::new();
            write(&mut out, Severity::Error, foreign);
            assert!(out.starts_with(b"E! ") && out.ends_with(b"\n"));
            assert!(out.len() < 4096);
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text.chars().filter(|c| c.is_control()).count(), 1);
        }
    }

    #[test]
    fn of_a_long_line_the_beginning_is_shown() {
        let mut out = Vec::new();
        let bytes = [b"m \xff\"".as_slice(), &[1; 100_000]].concat();
        Skipped::default().report(&mut out, 7, "no fields", &bytes);
        assert!(out.starts_with("W! line 7 skipped: no fields: \"m \u{fffd}\\\"\\u{1}".as_bytes()));
        assert!(out.ends_with("\\u{1}\"…\n".as_bytes()) && out.len() < 4096);
    }

    #[test]
    fn a_file_full_of_bad_lines_does_not_flood_the_log() {
        let mut out = Vec::new();
        let mut skipped = Skipped::default();
        for line in 1..=1000 {
            skipped.report(&mut out, line, "no fields", b"junk");
        }
        skipped.sum_up(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("W! 1000 lines skipped, the first 100 reported\n"));
    }
}

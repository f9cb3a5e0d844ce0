//! Lines for stderr, as Telegraf wants them.
//!
//! Telegraf sorts a child's stderr by the prefixes `E! W! I! D!`, takes a line without one for an
//! error, and stops reading for good at a line of 64 KiB. So every line has a prefix and stays below
//! 4 KiB. Nothing at all is written when all is well.
//!
//! Lines are collected here and written by the shell: the core does no I/O.

use std::fmt::{Display, Write as _};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work: `E!`.
    Error,
    /// Something is odd: `W!`.
    Warning,
    /// Something worth knowing: `I!`.
    Info,
    /// Something for those who build this: `D!`.
    Debug,
}

/// Longest line, prefix included.
const LINE_BYTES: usize = 4000;
/// Most bytes of foreign text in a line.
const QUOTE_BYTES: usize = 256;
/// Lines of a kind that are told in a minute.
const DESCRIBED_MAX: u32 = 10;

/// Collects lines for stderr.
#[derive(Debug)]
pub struct Log {
    severity: Severity,
    pending: String,
    said: Vec<String>, // what is said once
    rejects: Rejects,
    spared: u32, // lines that may be many, since the last relaxing
}

impl Log {
    /// A log that keeps lines of at least this severity.
    #[must_use]
    pub fn new(severity: Severity) -> Self {
        Self {
            severity,
            pending: String::new(),
            said: Vec::new(),
            rejects: Rejects::default(),
            spared: 0,
        }
    }

    /// Adds a line.
    pub fn say(&mut self, severity: Severity, text: &str) {
        if severity <= self.severity {
            self.pending.push_str(&line(severity, text));
        }
    }

    /// Adds a line unless one with this text was added before.
    pub fn say_once(&mut self, severity: Severity, text: &str) {
        const KINDS_MAX: usize = 100;
        if self.said.len() < KINDS_MAX && !self.said.iter().any(|said| said == text) {
            self.said.push(text.to_owned());
            self.say(severity, text);
        }
    }

    /// Adds a warning about an input line, unless there were many: see [`Rejects`].
    pub fn reject(&mut self, number: u64, why: &dyn Display, content: &[u8]) {
        if let Some(text) = self.rejects.describe(number, why, content) {
            self.say(Severity::Warning, &text);
        }
    }

    /// Adds a line, unless there were ten of these since the last [`Log::relax`].
    pub fn say_sparingly(&mut self, severity: Severity, text: &str) {
        if self.spared < DESCRIBED_MAX {
            self.say(severity, text);
        }
        self.spared = self.spared.saturating_add(1);
    }

    /// Says how many warnings were held back, and lets more through. For once a minute.
    pub fn relax(&mut self) {
        self.spared = 0;
        if let Some(text) = self.rejects.sum_up() {
            self.say(Severity::Warning, &text);
        }
    }

    /// Takes the lines collected so far.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.pending)
    }

    /// Whether there is nothing to take.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

/// Describes input lines that are not taken: ten of them, then only their number.
#[derive(Debug, Default)]
pub struct Rejects {
    lines: u32, // since the last summing up
}

impl Rejects {
    /// What to say about line `number`, if anything.
    pub fn describe(&mut self, number: u64, why: &dyn Display, content: &[u8]) -> Option<String> {
        self.lines = self.lines.saturating_add(1);
        let shown = || format!("line {number} dropped: {why}: \"{}\"", quote(content));
        (self.lines <= DESCRIBED_MAX).then(shown)
    }

    /// What to say about the lines that were not described, if there were any.
    pub fn sum_up(&mut self) -> Option<String> {
        let more = std::mem::take(&mut self.lines).saturating_sub(DESCRIBED_MAX);
        (more > 0).then(|| format!("{more} more lines dropped"))
    }
}

/// Writes one line. A stderr that is closed is no reason to fail.
pub fn write(out: &mut impl std::io::Write, severity: Severity, text: &str) {
    drop(out.write_all(line(severity, text).as_bytes()));
}

/// One line for stderr: prefix, text on one line and bounded, newline.
#[must_use]
pub fn line(severity: Severity, text: &str) -> String {
    let prefix = match severity {
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Info => 'I',
        Severity::Debug => 'D',
    };
    let mut line = format!("{prefix}! ");
    for character in text.chars() {
        if line.len() > LINE_BYTES - 8 {
            line.push_str("...");
            break;
        }
        line.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    line.push('\n');
    line
}

/// Foreign bytes as readable text of bounded length.
fn quote(content: &[u8]) -> String {
    let mut shown = String::new();
    for &byte in content {
        if shown.len() > QUOTE_BYTES - 7 {
            shown.push_str("...");
            break;
        }
        match byte {
            b' '..=b'~' => shown.push(char::from(byte)),
            _ => _ = write!(shown, "\\x{byte:02x}"),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_prefix_and_is_short() {
        for text in ["a\nb\r\nc", &"ä".repeat(100_000), ""] {
            let line = line(Severity::Warning, text);
            assert!(line.starts_with("W! ") && line.ends_with('\n') && line.len() <= 4096);
            assert_eq!(line.matches('\n').count(), 1);
        }
    }

    #[test]
    fn warnings_about_lines_are_limited_and_counted() {
        let mut log = Log::new(Severity::Warning);
        (0..25).for_each(|i| log.reject(i, &"no fields", &[0xff; 9000]));
        let said = log.take();
        assert_eq!(said.lines().count(), 10);
        assert!(
            said.lines().all(|line| line.len() < 400),
            "at most 256 bytes of the line"
        );
        log.relax();
        assert_eq!(log.take(), "W! 15 more lines dropped\n");
        log.relax();
        assert!(log.is_empty());
    }

    #[test]
    fn what_is_said_once_is_said_once_and_only_if_severe_enough() {
        let mut log = Log::new(Severity::Error);
        log.say_once(Severity::Error, "a");
        log.say_once(Severity::Error, "a");
        log.say(Severity::Warning, "b");
        assert_eq!(log.take(), "E! a\n");
    }
}

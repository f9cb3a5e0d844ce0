//! Bytes to points: the way in.
//!
//! [`frame`] cuts the stream into records, [`key`] reads what stands before the first blank (the
//! series), [`fields`] what stands behind it (values and time). Nothing here allocates per line,
//! copies a line or prints one again: originals leave as the bytes they came in.
//!
//! **What is accepted** is the union of two grammars: Telegraf's own parser, because everything it
//! forwards must pass, and the line protocol specification, because files are piped in by hand.
//! `tests/corpus.rs` holds that union against both, case by case.
//!
//! **Who is the authority.** The scanners here are fast and lenient. What we *write* is another
//! matter: [`grammar`] asks InfluxData's own parser, the one InfluxDB 3 descends from, whether it
//! would take a line, and a series whose name it refuses is passed through and never written about.

mod digits;
pub mod fields;
pub mod frame;
pub mod grammar;
pub mod key;
pub mod number;
mod rejected;
pub mod stamp;
pub mod unescape;

pub use rejected::Rejected;

/// Blanks as Telegraf's grammar has them: space, tab, vertical tab, form feed.
#[inline]
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

/// A record without the carriage return of a CRLF line end, without leading blanks.
///
/// Empty for a blank line. Starts with `#` for a comment.
#[must_use]
pub fn trim(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    let lead = record.iter().take_while(|&&byte| is_blank(byte)).count();
    &record[lead..]
}

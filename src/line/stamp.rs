//! The place of a record's timestamp, for programs that replace or wait for it.

use std::ops::Range;

use super::{Rejected, fields, is_blank, key, trim};

/// Where the timestamp of a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// A blank line or a comment: not a record.
    None,
    /// The bytes of the timestamp, and its value in the unit of the file.
    At(Range<usize>, i64),
    /// There is none; it would go here, behind a blank.
    Missing(usize),
}

/// Finds the timestamp of `record` (one record, without its line end).
///
/// # Errors
/// When the record is not line protocol.
pub fn find(record: &[u8]) -> Result<Stamp, Rejected> {
    let trimmed = trim(record);
    if trimmed.is_empty() || trimmed[0] == b'#' {
        return Ok(Stamp::None);
    }
    let lead = record.iter().take_while(|&&byte| is_blank(byte)).count();
    let end = key::series_end(trimmed).ok_or(Rejected::NoFields)?;
    key::parse(&trimmed[..end])?;
    let tail = fields::parse(trimmed, end, &mut Vec::new())?;
    Ok(match tail.time {
        Some((time, span)) => Stamp::At(span.start + lead..span.end + lead, time),
        None => Stamp::Missing(tail.fields_end + lead),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_is_found_behind_quotes_escapes_and_blanks() {
        assert_eq!(find(b"  m\\ n s=\"a 1 \" 17\r"), Ok(Stamp::At(16..18, 17)));
        assert_eq!(find(b"m v=1"), Ok(Stamp::Missing(5)));
        assert_eq!(find(b"m v=1 \r"), Ok(Stamp::Missing(5)));
        assert_eq!(find(b"# a comment"), Ok(Stamp::None));
        assert_eq!(find(b""), Ok(Stamp::None));
        assert_eq!(find(b"m,t= v=1 1"), Err(Rejected::BadTag));
    }
}

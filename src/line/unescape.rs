//! Names as they are meant: without the backslashes that line protocol needs.
//!
//! For comparing with what people write elsewhere. What passes through and what we write keeps its escapes.
//! As in Telegraf a backslash falls away before a character that needs one, and stays before any other.

use std::borrow::Cow;

/// A measurement.
#[must_use]
pub fn measurement(name: &[u8]) -> Cow<'_, [u8]> {
    without(name, b", ")
}

/// The key or the value of a tag, or the key of a field.
#[must_use]
pub fn name(name: &[u8]) -> Cow<'_, [u8]> {
    without(name, b",= ")
}

fn without<'a>(name: &'a [u8], special: &[u8]) -> Cow<'a, [u8]> {
    if memchr::memchr(b'\\', name).is_none() {
        return Cow::Borrowed(name);
    }
    let is_escape = |at: usize| {
        let next = name.get(at + 1);
        name[at] == b'\\' && next.is_some_and(|next| special.contains(next))
    };
    let kept = (0..name.len()).filter(|&at| !is_escape(at));
    Cow::Owned(kept.map(|at| name[at]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_falls_away_where_it_was_needed_and_stays_elsewhere() {
        for (written, meant) in [
            (r"plain", "plain"),
            (r"a\ b\,c\=d", "a b,c=d"),
            (r"C:\temp\", r"C:\temp\"),
            (r"\\ x", r"\ x"),
        ] {
            assert_eq!(&*name(written.as_bytes()), meant.as_bytes(), "{written}");
        }
        assert_eq!(&*measurement(br"a\ b\=c"), br"a b\=c");
    }
}

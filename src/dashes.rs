//! Command lines in Go's manner: one dash or two in front of a long name.
//!
//! Telegraf and the tools around it are used to `-config x`; our own parser wants `--config x`.
//! [`normalise`] turns the first into the second and touches nothing else: `-`, one-letter
//! switches (`-h`), negative values (`-10h`, `-.5s`), everything that has two dashes already, and
//! everything behind a bare `--` stay as they are.
//!
//! It does not know which words are values. A value that looks like a long name gets a second dash:
//! write `-filename ./-odd` for a file called `-odd`.

use std::ffi::OsString;

/// The command line `args`, program name included, with two dashes in front of every long name.
#[must_use]
pub fn normalise(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut options = true;
    args.enumerate()
        .map(|(position, arg)| {
            options = options && !(position > 0 && arg == "--");
            if position > 0 && options && has_one_dash(arg.as_encoded_bytes()) {
                let mut twice = OsString::from("-");
                twice.push(arg);
                twice
            } else {
                arg
            }
        })
        .collect()
}

/// Whether `arg` is a dash and a name of at least two characters that starts with a letter.
fn has_one_dash(arg: &[u8]) -> bool {
    match arg {
        [b'-', first, second, ..] => first.is_ascii_alphabetic() && *second != b'=',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(line: &str) -> String {
        let args = normalise(line.split(' ').map(OsString::from));
        let words: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn one_dash_and_two_are_the_same() {
        for line in [
            "restamp -filename x -interval=2s",
            "restamp --filename x --interval=2s",
            "restamp -filename x --interval=2s",
        ] {
            assert_eq!(normalised(line), "restamp --filename x --interval=2s");
        }
    }

    #[test]
    fn what_is_no_long_name_stays() {
        for line in [
            "restamp --start_offset -10h - -h -1h30m -.5s -h=1",
            "-program x",
            "restamp x -- -filename",
        ] {
            assert_eq!(normalised(line), line);
        }
    }

    #[cfg(unix)]
    #[test]
    fn words_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStringExt;
        let odd = OsString::from_vec(b"-filename=\xff".to_vec());
        let args = normalise(["restamp".into(), odd].into_iter());
        assert_eq!(args[1].as_encoded_bytes(), b"--filename=\xff");
    }
}

//! The one place where a panic inside a series is caught.
//!
//! A fault of ours in one series must not end the program, for while it is down every metric is lost. Who
//! calls this drops the series: what is left of it is not to be trusted. The line has passed before.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::report::{Log, Severity};

use super::Tally;
use super::registry::Registry;

/// Does work that appends to `out`; when it panics, what it had appended is taken back, and it is `None`.
pub(super) fn guard<T>(out: &mut Vec<u8>, work: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
    let written = out.len();
    let done = catch_unwind(AssertUnwindSafe(|| work(out))).ok();
    if done.is_none() {
        out.truncate(written);
    }
    done
}

/// What becomes of a series in which there was a panic.
pub(super) fn drop_series(
    registry: &mut Registry,
    group: usize,
    field: &[u8],
    tally: &mut Tally,
    log: &mut Log,
) {
    registry.give_up(group, field);
    tally.panics += 1;
    let text = "a series was dropped after a fault inside brewcast; its metrics pass through";
    log.say_sparingly(Severity::Error, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_half_written_before_a_panic_is_taken_back() {
        let mut out = b"m v=1 1\n".to_vec();
        let done = guard(&mut out, |out| {
            out.extend_from_slice(b"m_anomaly,field=v y=");
            assert!(out.is_empty(), "injected");
        });
        assert_eq!((done, out.as_slice()), (None, &b"m v=1 1\n"[..]));
        assert_eq!(guard(&mut out, |out| out.len()), Some(8));
    }
}

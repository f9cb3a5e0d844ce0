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
    let work = || {
        #[cfg(test)]
        tests::break_down_in_turn();
        work(out)
    };
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
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
    use std::cell::Cell;

    use super::*;
    use crate::config;
    use crate::filter::Filter;
    use crate::precision::Precision;

    thread_local! {
        /// How many more times there is no panic; below 0: never again.
        static WELL: Cell<i32> = const { Cell::new(-1) };
    }

    pub(super) fn break_down_in_turn() {
        let well = WELL.get();
        WELL.set((well - 1).max(-1));
        assert!(well != 0, "injected");
    }

    fn fresh() -> Filter {
        let settings = config::load(None, &[("output.verdicts", "all".to_owned())]);
        Filter::new(settings.options("host", Precision::Ns, true))
    }

    /// A filter that has two series with models, the bad one first.
    fn filter() -> Filter {
        let mut filter = fresh();
        for second in 0..40 {
            feed(&mut filter, second);
        }
        filter
    }

    /// A point to each; what the filter says to it.
    fn feed(filter: &mut Filter, second: i64) -> String {
        let time = (1_600_000_000 + second) * 1_000_000_000;
        let value = second % 3;
        let input = format!("m,s=bad v={value} {time}\nm,s=good v={value} {time}\n");
        filter.room()[..input.len()].copy_from_slice(input.as_bytes());
        filter.fill(input.len());
        let mut out = Vec::new();
        while filter.advance(false, &mut out) {}
        String::from_utf8(out).unwrap()
    }

    fn assert_one_is_dropped(filter: &mut Filter) {
        assert_eq!((filter.tally().panics, filter.registry.series()), (1, 1));
        assert!(filter.log().take().starts_with("E! a series was dropped"));
        let out = feed(filter, 40);
        let count = |prefix: &str| out.lines().filter(|line| line.starts_with(prefix)).count();
        assert_eq!((count("m,s=bad "), count("m,s=good ")), (1, 1), "{out}");
        let judged = ["s=bad", "s=good"].map(|tag| count(&format!("m_anomaly,field=v,{tag} ")));
        assert_eq!(judged, [0, 1], "{out}");
    }

    #[test]
    fn a_panic_inside_a_series_costs_that_series_and_nothing_else() {
        let mut filter = fresh();
        let mut out = String::new();
        for second in 0..40 {
            if second == 35 {
                WELL.set(0);
            }
            out += &feed(&mut filter, second);
        }
        let count = |prefix: &str| out.lines().filter(|line| line.starts_with(prefix)).count();
        let passed = (count("m,s=bad "), count("m,s=good "));
        assert_eq!(passed, (40, 40), "every line passes");
        assert_eq!(count("m_anomaly,field=v,s=bad "), 5, "until the fault");
        assert_eq!(count("m_anomaly,field=v,s=good "), 10, "on and on");
        assert_one_is_dropped(&mut filter);
    }

    #[test]
    fn a_panic_while_a_series_is_kept_costs_that_series_and_nothing_else() {
        let mut filter = filter();
        WELL.set(0);
        assert!(filter.keep_groups(0, 10).is_some());
        assert_one_is_dropped(&mut filter);
    }

    #[test]
    fn a_panic_at_the_end_costs_that_series_and_nothing_else() {
        let mut filter = filter();
        let mut out = Vec::new();
        WELL.set(0);
        filter.finish(false, &mut out);
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("m_forecast,field=v,s=good "), "{out}");
        assert!(!out.contains("s=bad"), "{out}");
        assert_one_is_dropped(&mut filter);
    }

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

//! When each record is due. No clock in here: the present is an argument.
//!
//! Without a speed a record is due at the time of its timestamp; what is past is due at once.
//! With a speed the first record is due now, whatever its timestamp, and each further one as long
//! after it as the timestamps say, that many times faster:
//!
//! `due = start + (stamp - first stamp) / speed`
//!
//! All times are nanoseconds. They are wider than 64 bits because a recording in seconds may reach
//! further than 292 years.

use std::time::Duration;

/// A number greater than zero and finite: how many times faster than it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Speed(f64);

impl std::str::FromStr for Speed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(times) if times > 0.0 && f64::is_finite(times) => Ok(Self(times)),
            _ => Err("a speed is a number above 0: 60 plays an hour in a minute"),
        }
    }
}

/// The pace of a recording.
#[derive(Debug)]
pub(crate) enum Pace {
    /// By the clock on the wall.
    Absolute,
    /// From the first record on, at this speed.
    Relative {
        /// How many times faster.
        speed: Speed,
        /// The first timestamp, and the moment it was asked for.
        start: Option<(i128, i128)>,
    },
}

impl Pace {
    /// Absolute without a speed, relative with one.
    pub(crate) fn new(speed: Option<Speed>) -> Self {
        speed.map_or(Self::Absolute, |speed| Self::Relative {
            speed,
            start: None,
        })
    }

    /// How long after `now_ns` the record of `stamp_ns` is due; zero when it is.
    pub(crate) fn wait(&mut self, stamp_ns: i128, now_ns: i128) -> Duration {
        let wait_ns = match self {
            Self::Absolute => stamp_ns - now_ns,
            Self::Relative { speed, start } => {
                let (first, started) = *start.get_or_insert((stamp_ns, now_ns));
                let elapsed = (stamp_ns - first) as f64 / speed.0;
                let due = started.saturating_add(elapsed.round() as i128);
                due.saturating_sub(now_ns)
            }
        };
        Duration::from_nanos(u64::try_from(wait_ns.max(0)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i128 = 1_000_000_000;

    fn relative(speed: &str) -> Pace {
        Pace::new(Some(speed.parse().unwrap()))
    }

    #[test]
    fn without_a_speed_a_record_is_due_at_its_own_time() {
        let mut pace = Pace::new(None);
        for (stamp, now, wait) in [(10, 4, 6), (10, 10, 0), (10, 11, 0), (-5, 0, 0)] {
            let wait = Duration::from_secs(wait);
            assert_eq!(pace.wait(stamp * SECOND, now * SECOND), wait);
        }
    }

    #[test]
    fn with_a_speed_the_first_record_is_due_now_and_the_others_as_much_sooner() {
        for first in [0, 1_596_653_152 * SECOND, -77] {
            let mut pace = relative("60");
            let now = 5 * SECOND;
            assert_eq!(pace.wait(first, now), Duration::ZERO);
            assert_eq!(pace.wait(first + 60 * SECOND, now), Duration::from_secs(1));
            assert_eq!(
                pace.wait(first + 3600 * SECOND, 50 * SECOND),
                Duration::from_secs(15)
            );
            assert_eq!(
                pace.wait(first + 3600 * SECOND, 70 * SECOND),
                Duration::ZERO
            );
            assert_eq!(pace.wait(first - SECOND, now), Duration::ZERO);
        }
    }

    #[test]
    fn a_speed_below_one_is_slow_motion() {
        let mut pace = relative("0.5");
        assert_eq!(pace.wait(0, 0), Duration::ZERO);
        assert_eq!(pace.wait(SECOND, 0), Duration::from_secs(2));
    }

    #[test]
    fn times_at_the_ends_of_the_range_do_not_overflow() {
        let far = i128::from(i64::MAX) * SECOND;
        assert!(Pace::new(None).wait(far, -far) > Duration::from_secs(u64::from(u32::MAX)));
        let mut slow = relative("1e-300");
        assert_eq!(slow.wait(-far, 5), Duration::ZERO);
        assert!(slow.wait(far, 0) > Duration::from_secs(u64::from(u32::MAX)));
    }

    #[test]
    fn what_is_no_speed_is_refused() {
        for text in ["0", "-1", "inf", "NaN", "fast", ""] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }
}

//! Which time each record gets. No clock and no bytes: the start comes in, times go out.

use brewcast::line::stamp::Stamp;
use brewcast::precision::Precision;

/// What happens to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// It stays as it is.
    Keep,
    /// It gets this timestamp.
    Set(i64),
    /// It would get one beyond 64 bits.
    Unfit,
}

/// Hands out the times of a recording, record by record.
#[derive(Debug)]
pub(crate) struct Times {
    unit_ns: i128,
    rule: Rule,
    /// With [`Rule::Shift`]: records that had nothing to shift.
    without_stamp: u64,
    /// The first timestamp of the recording, in its unit.
    first: Option<i64>,
    precision: Precision,
}

#[derive(Debug)]
enum Rule {
    /// The next record is at `next_ns`, each further one `interval_ns` later.
    Every { next_ns: i128, interval_ns: i128 },
    /// The first timestamp becomes `start`, and all move by as much; in units.
    Shift { start: i128 },
}

impl Times {
    /// From `start_ns` on, one record each `interval_ns`; what is finer than the unit is cut off.
    pub(crate) fn every(start_ns: i128, interval_ns: i64, precision: Precision) -> Self {
        let rule = Rule::Every {
            next_ns: start_ns,
            interval_ns: i128::from(interval_ns),
        };
        Self::new(rule, precision)
    }

    /// The spacing of the recording, from `start_ns` on.
    pub(crate) fn shifted(start_ns: i128, precision: Precision) -> Self {
        let start = start_ns.div_euclid(i128::from(precision.unit_ns()));
        Self::new(Rule::Shift { start }, precision)
    }

    fn new(rule: Rule, precision: Precision) -> Self {
        Self {
            unit_ns: i128::from(precision.unit_ns()),
            rule,
            without_stamp: 0,
            first: None,
            precision,
        }
    }

    /// The time of the next record, whose timestamp was `stamp`.
    pub(crate) fn next(&mut self, stamp: &Stamp) -> Time {
        let old = match stamp {
            Stamp::None => return Time::Keep,
            Stamp::At(_, old) => Some(*old),
            Stamp::Missing(_) => None,
        };
        let time = match (&mut self.rule, old) {
            (
                Rule::Every {
                    next_ns,
                    interval_ns,
                },
                _,
            ) => {
                let time = next_ns.div_euclid(self.unit_ns);
                *next_ns += *interval_ns;
                time
            }
            (Rule::Shift { start }, Some(old)) => {
                let first = *self.first.get_or_insert(old);
                *start + i128::from(old) - i128::from(first)
            }
            (Rule::Shift { .. }, None) => {
                self.without_stamp += 1;
                return Time::Keep;
            }
        };
        i64::try_from(time).map_or(Time::Unfit, Time::Set)
    }

    /// What the user should know at the end.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.without_stamp > 0 {
            let lines = self.without_stamp;
            warnings.push(format!(
                "{lines} lines without a timestamp passed unchanged"
            ));
        }
        let doubt = |stamp| self.precision.doubt(stamp);
        warnings.extend(self.first.and_then(doubt));
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMPLESS: Stamp = Stamp::Missing(0);

    fn at(stamp: i64) -> Stamp {
        Stamp::At(0..1, stamp)
    }

    #[test]
    fn every_record_is_one_interval_after_the_one_before() {
        let mut times = Times::every(-10, 25, Precision::Ns);
        let handed: Vec<Time> = [at(7), Stamp::None, STAMPLESS, at(i64::MAX)]
            .iter()
            .map(|stamp| times.next(stamp))
            .collect();
        assert_eq!(
            handed,
            [Time::Set(-10), Time::Keep, Time::Set(15), Time::Set(40)]
        );
    }

    #[test]
    fn fractions_of_the_unit_add_up() {
        let mut times = Times::every(10_000_000_000, 400_000_000, Precision::S);
        let handed: Vec<Time> = (0..6).map(|_| times.next(&STAMPLESS)).collect();
        assert_eq!(handed, [10, 10, 10, 11, 11, 12].map(Time::Set));
    }

    #[test]
    fn a_shift_keeps_the_spacing_of_the_recording_in_its_unit() {
        let mut times = Times::shifted(5_000_999_999, Precision::Ms);
        let stamps = [STAMPLESS, at(100), at(103), at(90), at(103)];
        let handed: Vec<Time> = stamps.iter().map(|stamp| times.next(stamp)).collect();
        let set = [5000, 5003, 4990, 5003].map(Time::Set);
        assert_eq!(handed, [&[Time::Keep], &set[..]].concat());
        assert_eq!(
            times.warnings(),
            ["1 lines without a timestamp passed unchanged"]
        );
    }

    #[test]
    fn a_time_beyond_64_bits_is_refused() {
        let mut times = Times::shifted(1, Precision::Ns);
        assert_eq!(times.next(&at(i64::MIN)), Time::Set(1));
        assert_eq!(times.next(&at(i64::MAX)), Time::Unfit);
    }

    #[test]
    fn stamps_of_another_unit_are_noticed() {
        let mut times = Times::shifted(1, Precision::Ns);
        times.next(&at(1_596_653_152));
        assert_eq!(
            times.warnings(),
            ["the timestamps look like s, not ns: try --precision s"]
        );
    }
}

//! What is done with numbers that are not modelled for want of room: counted, and said once.

use crate::report::{Log, Severity};

use super::registry::Refused;
use super::{Limits, Options, Tally};

/// Counts the numbers of a line behind so many that they were not kept.
pub(super) fn refuse_unkept(
    unkept: u64,
    is_timed: bool,
    options: &Options,
    tally: &mut Tally,
    log: &mut Log,
) {
    tally.points += unkept;
    if !is_timed {
        tally.points_untimed += unkept;
    } else if unkept > 0 {
        refuse(unkept, Refused::Wide, options, tally, log);
    }
}

/// Counts numbers that are not modelled, and says once which limit that is.
pub(super) fn refuse(
    points: u64,
    why: Refused,
    options: &Options,
    tally: &mut Tally,
    log: &mut Log,
) {
    tally.points_unmodelled += points;
    match why {
        Refused::Unwanted => {}
        Refused::Full => {
            tally.points_refused += points;
            warn_of_limit(&options.limits, log);
        }
        Refused::Wide => {
            tally.points_wide += points;
            let text = "a series has more than 1,024 fields: the others pass through, not modelled";
            log.say_once(Severity::Warning, text);
        }
    }
}

pub(super) fn warn_of_limit(limits: &Limits, log: &mut Log) {
    let max = limits.max_series;
    log.say_once(
        Severity::Warning,
        &format!("limits.max_series = {max}: no room for another series, or for its name: new ones pass through, not modelled"),
    );
}

//! Everything that is counted, since the start of the program.

use crate::series::what_if::BUDGETS_LEN;
use crate::series::{Ignored, Step};

/// Counters; they only grow, but for `series`.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Lines taken.
    pub lines: u64,
    /// Lines dropped because no grammar accepts them.
    pub lines_rejected: u64,
    /// Lines passed through in pieces because they are too long.
    pub lines_overlong: u64,
    /// Lines of our own that came back: passed through.
    pub lines_own: u64,
    /// Numbers in the lines taken.
    pub points: u64,
    /// … without a timestamp: passed through.
    pub points_untimed: u64,
    /// … of series that are not modelled.
    pub points_unmodelled: u64,
    /// … of them, those of series for which, or for whose names, there was no room.
    pub points_refused: u64,
    /// … of them, those behind too many other fields of their series.
    pub points_wide: u64,
    /// … before the last of their series.
    pub points_late: u64,
    /// … at the time, or in the step, of the last of their series.
    pub points_duplicate: u64,
    /// … that came while their series warmed up.
    pub points_warming: u64,
    /// … of them, those that would have been enough for a model, whose turn it was not.
    pub starts_deferred: u64,
    /// … that were silenced.
    pub points_silenced: u64,
    /// … that were judged.
    pub points_judged: u64,
    /// … that never came: steps left out before a judged point.
    pub points_missing: u64,
    /// Judged points with a score above 1.
    pub flags: u64,
    /// Of them, leaps of series that mostly stand still, which the budget does not cover.
    pub flags_leap: u64,
    /// Flags that chance alone would give: the sum of the budgets of the judged points.
    pub flags_expected: f64,
    /// Verdicts written.
    pub verdicts: u64,
    /// Forecast points written.
    pub forecasts: u64,
    /// Forecasts that were due and had to wait, because one line had given so many lines already.
    pub forecasts_deferred: u64,
    /// Records about thresholds written.
    pub etas: u64,
    /// Records about events written.
    pub events: u64,
    /// Events opened.
    pub events_opened: u64,
    /// Silences taken.
    pub silences: u64,
    /// Lines that asked for one in vain.
    pub silences_refused: u64,
    /// … that budgets of one a day, a month and a year would have opened.
    pub events_of_budgets: [u64; BUDGETS_LEN],
    /// Series held at the moment.
    pub series: u64,
    /// Series forgotten because they were idle.
    pub series_forgotten: u64,
    /// Series that went on from an earlier time.
    pub series_reanchored: u64,
    /// Series that warmed up again with another cadence.
    pub cadence_changes: u64,
    /// Counters that started again.
    pub counter_resets: u64,
    /// Series that warmed up again because numbers left the range of a float.
    pub out_of_range: u64,
    /// Series names that can't be written so that every database takes them.
    pub keys_unwritable: u64,
    /// Field keys that can't be written as a tag value so that every database takes them.
    pub fields_unwritable: u64,
    /// Series that go on from the state file.
    pub series_restored: u64,
    /// Series of the state file that begin anew: made for other settings, damaged, or of no use any more.
    pub series_not_restored: u64,
    /// State files written.
    pub state_saves: u64,
    /// State files that could not be written.
    pub state_failures: u64,
    /// Bytes of the last one.
    pub state_bytes: u64,
    /// Series dropped by a fault of ours.
    pub panics: u64,
}

impl Tally {
    /// Takes note of what became of a point.
    pub fn count(&mut self, step: &Step) {
        let counter = match step {
            Step::Judged {
                verdict, missing, ..
            } => {
                self.points_missing += u64::from(*missing);
                self.flags += u64::from(verdict.is_anomaly());
                self.flags_leap += u64::from(verdict.is_leap);
                self.flags_expected += verdict.allowance.budget;
                &mut self.points_judged
            }
            Step::Ignored(Ignored::WarmingUp) => &mut self.points_warming,
            Step::Ignored(Ignored::Silenced) => &mut self.points_silenced,
            Step::Ignored(Ignored::Late) => &mut self.points_late,
            Step::Ignored(Ignored::Duplicate) => &mut self.points_duplicate,
            Step::Ignored(Ignored::Reanchored) => &mut self.series_reanchored,
            Step::Ignored(Ignored::CadenceChanged) => &mut self.cadence_changes,
            Step::Ignored(Ignored::CounterReset | Ignored::CounterRevoked) => {
                &mut self.counter_resets
            }
            Step::Ignored(Ignored::OutOfRange) => &mut self.out_of_range,
        };
        *counter += 1;
    }

    /// Records written about series.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.verdicts + self.forecasts + self.etas + self.events
    }

    /// Takes note of which of the other budgets would have opened an event.
    pub fn count_openings(&mut self, opened: [bool; BUDGETS_LEN]) {
        for (count, opened) in self.events_of_budgets.iter_mut().zip(opened) {
            *count += u64::from(opened);
        }
    }

    /// The counters with the names they have in the `brewcast` record.
    #[must_use]
    pub fn counters(&self) -> [(&'static str, u64); 43] {
        let [a_day, a_month, a_year] = self.events_of_budgets;
        [
            ("lines", self.lines),
            ("lines_rejected", self.lines_rejected),
            ("lines_overlong", self.lines_overlong),
            ("lines_own", self.lines_own),
            ("points", self.points),
            ("points_untimed", self.points_untimed),
            ("points_unmodelled", self.points_unmodelled),
            ("points_refused", self.points_refused),
            ("points_wide", self.points_wide),
            ("points_late", self.points_late),
            ("points_duplicate", self.points_duplicate),
            ("points_warming", self.points_warming),
            ("starts_deferred", self.starts_deferred),
            ("points_silenced", self.points_silenced),
            ("points_judged", self.points_judged),
            ("points_missing", self.points_missing),
            ("flags", self.flags),
            ("flags_leap", self.flags_leap),
            ("verdicts", self.verdicts),
            ("forecasts", self.forecasts),
            ("forecasts_deferred", self.forecasts_deferred),
            ("etas", self.etas),
            ("events", self.events),
            ("events_opened", self.events_opened),
            ("events_opened_at_1_day", a_day),
            ("events_opened_at_1_month", a_month),
            ("events_opened_at_1_year", a_year),
            ("silences", self.silences),
            ("silences_refused", self.silences_refused),
            ("series", self.series),
            ("series_forgotten", self.series_forgotten),
            ("series_reanchored", self.series_reanchored),
            ("cadence_changes", self.cadence_changes),
            ("counter_resets", self.counter_resets),
            ("out_of_range", self.out_of_range),
            ("keys_unwritable", self.keys_unwritable),
            ("fields_unwritable", self.fields_unwritable),
            ("series_restored", self.series_restored),
            ("series_not_restored", self.series_not_restored),
            ("state_saves", self.state_saves),
            ("state_failures", self.state_failures),
            ("state_bytes", self.state_bytes),
            ("panics", self.panics),
        ]
    }
}

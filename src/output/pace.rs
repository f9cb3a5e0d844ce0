//! Which verdicts are worth a line.

/// Which verdicts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdicts {
    /// Every judged point.
    All,
    /// Flagged points and the first normal one after them.
    Anomalous,
    /// The same, and one judged point in so many nanoseconds of the series' own time.
    Every(i64),
    /// None.
    None,
}

/// What was written about one series last.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub(crate) next: i64,     // from this time on a normal verdict is due, ns
    pub(crate) flagged: bool, // the last verdict was a flag
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            next: i64::MIN,
            flagged: false,
        }
    }
}

impl Pace {
    /// Whether the verdict on the point at `time` is to be written.
    ///
    /// The last value written always tells the truth about `is_anomaly`: the first normal point
    /// after a flag is written too.
    pub fn wants(&mut self, verdicts: Verdicts, time: i64, flagged: bool) -> bool {
        let was_flagged = std::mem::replace(&mut self.flagged, flagged);
        let every = match verdicts {
            Verdicts::All => return true,
            Verdicts::None => return false,
            Verdicts::Anomalous => i64::MAX,
            Verdicts::Every(every) => every,
        };
        let behind = time.saturating_add(every) < self.next; // the series went back in time
        let due = every < i64::MAX && (time >= self.next || behind);
        let wanted = due || flagged || was_flagged;
        if wanted {
            self.next = time.saturating_add(every);
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(verdicts: Verdicts, points: &[(i64, bool)]) -> Vec<i64> {
        let mut pace = Pace::default();
        let wanted = points
            .iter()
            .filter(|&&(time, flagged)| pace.wants(verdicts, time, flagged));
        wanted.map(|&(time, _)| time).collect()
    }

    #[test]
    fn the_last_value_of_is_anomaly_tells_the_truth() {
        let points = [
            (0, false),
            (1, false),
            (2, true),
            (3, true),
            (4, false),
            (5, false),
            (9, false),
        ];
        assert_eq!(written(Verdicts::All, &points), [0, 1, 2, 3, 4, 5, 9]);
        assert_eq!(written(Verdicts::Anomalous, &points), [2, 3, 4]);
        assert_eq!(written(Verdicts::Every(5), &points), [0, 2, 3, 4, 9]);
        assert_eq!(written(Verdicts::None, &points), [0; 0]);
    }

    #[test]
    fn a_series_that_went_back_in_time_is_not_silent() {
        assert_eq!(
            written(
                Verdicts::Every(5),
                &[(1_000, false), (10, false), (11, false)]
            ),
            [1_000, 10]
        );
    }
}

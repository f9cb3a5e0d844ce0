//! A cap on the lines of ours that one line may give.
//!
//! An output of Telegraf holds 10,000 metrics by default and then drops its *oldest*, which are the
//! user's. A wide line with long forecasts could give that many at once. So beyond [`RECORDS_PER_LINE`] no
//! forecast is begun: those that are due wait for the next line of their series, and there the first that
//! waited are the first to speak. Verdicts and events are few, three a field at most, and are never held back.

use super::Tally;

/// Half of what an output of Telegraf holds.
const RECORDS_PER_LINE: u64 = 5_000;

/// What one line has given, and which of its fields may give forecasts.
#[derive(Debug)]
pub(super) struct Cap {
    records_max: u64,
    from: usize, // fields before this one have had their turn
    waiting: Option<usize>,
}

impl Cap {
    /// For a line of a series whose field at `from` is the first to speak.
    pub(super) fn new(tally: &Tally, from: usize) -> Self {
        Self {
            records_max: tally.records() + RECORDS_PER_LINE,
            from,
            waiting: None,
        }
    }

    /// Whether the field at `position` may begin a forecast.
    pub(super) fn is_room(&mut self, tally: &Tally, position: usize) -> bool {
        let is_room = tally.records() < self.records_max;
        if !is_room && self.waiting.is_none() {
            self.waiting = Some(position);
        }
        is_room && self.from <= position
    }

    /// The field that is the first to speak on the next line.
    pub(super) fn next(&self) -> usize {
        self.waiting.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_waited_are_the_first_on_the_next_line() {
        let mut tally = Tally::default();
        let mut line = |from| {
            let mut cap = Cap::new(&tally, from);
            let spoke = (0..10).filter(|&position| {
                let may = cap.is_room(&tally, position);
                tally.forecasts += if may { 1_000 } else { 0 };
                may
            });
            (spoke.collect::<Vec<usize>>(), cap.next())
        };
        assert_eq!(line(0), (vec![0, 1, 2, 3, 4], 5));
        assert_eq!(line(5), (vec![5, 6, 7, 8, 9], 0));
        assert_eq!(line(8), (vec![8, 9], 0));
        assert_eq!(line(0).1, 5);
    }
}

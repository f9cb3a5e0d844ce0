//! How many series have opened an event lately.
//!
//! A host that reboots is one trouble and not four hundred. Times are those of the data; what lies more
//! than a minute to either side, as in a replay of one series after the other, does not count.

use std::collections::{HashMap, VecDeque};

use crate::output::event::Concurrent;

/// How long an opening counts, ns.
const WINDOW: i64 = 60_000_000_000;
/// Most openings remembered.
const OPENINGS_MAX: usize = 100_000;

/// The openings of the last minute.
#[derive(Debug, Default)]
pub(super) struct Openings {
    order: VecDeque<(i64, u64)>,
    series: HashMap<u64, u32>, // openings in `order`, by the hash of the series
}

impl Openings {
    /// Takes note that the series with this hash has opened an event.
    pub(super) fn note(&mut self, time: i64, hash: u64) {
        self.forget(time);
        if self.order.len() == OPENINGS_MAX {
            self.forget_first();
        }
        self.order.push_back((time, hash));
        *self.series.entry(hash).or_default() += 1;
    }

    /// How many others of `series` series have opened an event within a minute before `time`.
    pub(super) fn others(&mut self, time: i64, hash: u64, series: usize) -> Concurrent {
        self.forget(time);
        let own = usize::from(self.series.contains_key(&hash));
        let others = (self.series.len() - own) as u32;
        let all = series.saturating_sub(1).max(1) as f64;
        Concurrent {
            others,
            share: (f64::from(others) / all).min(1.0),
        }
    }

    /// What is to be kept of them.
    pub(super) fn keep(&self) -> Vec<(i64, u64)> {
        self.order.iter().copied().collect()
    }

    /// Those that were kept.
    pub(super) fn restore(kept: Vec<(i64, u64)>) -> Self {
        let mut openings = Self::default();
        for (time, hash) in kept.into_iter().take(OPENINGS_MAX) {
            openings.order.push_back((time, hash));
            *openings.series.entry(hash).or_default() += 1;
        }
        openings
    }

    fn forget(&mut self, time: i64) {
        let is_far = |&(opened, _): &(i64, u64)| time.saturating_sub(opened).abs() > WINDOW;
        while self.order.front().is_some_and(is_far) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, hash)) = self.order.pop_front()
            && let Some(count) = self.series.get_mut(&hash)
        {
            *count -= 1;
            if *count == 0 {
                self.series.remove(&hash);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_count_for_a_minute_and_oneself_never() {
        let mut openings = Openings::default();
        for hash in 0..5 {
            openings.note(hash as i64, hash);
        }
        openings.note(5, 0);
        let at = |openings: &mut Openings, time: i64| openings.others(time, 0, 9);
        assert_eq!(at(&mut openings, 6).others, 4);
        assert!((at(&mut openings, 6).share - 0.5).abs() < 1e-12);
        assert_eq!(at(&mut openings, WINDOW + 3).others, 2);
        assert_eq!(at(&mut openings, 3 * WINDOW).others, 0);
    }
}

//! Which series is the worst: what one wants to look at first.

use std::cmp::Ordering;

use super::report::{Report, Series};

/// Series whose pictures are kept: the worst. Some 30 KB each.
pub(super) const CHARTS_MAX: usize = 2_000;

impl Report {
    /// The series as one wants to look at them: first those that told far more than their budget allows, then
    /// those whose forecast is farthest above the last value.
    #[must_use]
    pub fn worst_first(&self) -> Vec<&Series> {
        let mut all: Vec<&Series> = self.series.iter().collect();
        all.sort_by(|a, b| {
            b.trouble()
                .partial_cmp(&a.trouble())
                .unwrap_or(Ordering::Equal)
        });
        all
    }

    /// Keeps the pictures of the worst series only.
    pub(super) fn drop_charts(&mut self) {
        let with_chart = |series: &Series| series.chart.is_some();
        let mut all: Vec<&mut Series> = self
            .series
            .iter_mut()
            .filter(|one| with_chart(one))
            .collect();
        all.sort_by(|a, b| {
            b.trouble()
                .partial_cmp(&a.trouble())
                .unwrap_or(Ordering::Equal)
        });
        all.into_iter()
            .skip(CHARTS_MAX)
            .for_each(|series| series.chart = None);
    }
}

impl Series {
    /// Events for each that the budget allows, one at least being allowed; then the error over that of the
    /// last value.
    fn trouble(&self) -> (f64, f64) {
        let events = self.events_opened as f64 / self.flags_expected.max(1.0);
        let ratio = self.whole.beside.last_value.ratio;
        (events, if ratio.is_nan() { 0.0 } else { ratio })
    }
}

//! The axis of time below a chart, in shares of its width.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::{Chart, ticks};

/// From 0 to 1, with marks at round times.
#[derive(Clone, Debug)]
pub(super) struct Time {
    marks: Vec<(f64, String)>,
}

impl Time {
    /// For this chart, with at most so many marks.
    pub(super) fn of(chart: &Chart, most: usize) -> Self {
        let ticks = ticks::ticks(chart.from, chart.to, most).into_iter();
        let marks = ticks.map(|(time, label)| (chart.x(time), label));
        Self {
            marks: marks.collect(),
        }
    }
}

impl Ranged for Time {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (left, right): (i32, i32)) -> i32 {
        (f64::from(left) + value * f64::from(right - left)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.marks.iter().map(|(x, _)| *x).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..1.0
    }
}

impl ValueFormatter<f64> for Time {
    fn format_ext(&self, value: &f64) -> String {
        let mark = self.marks.iter().find(|(x, _)| (x - value).abs() < 1e-9);
        mark.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

//! Gathers a chart while a series goes through its points.

use crate::judge::Verdict;
use crate::series::Ahead;

use super::super::backtest::happened::Happened;
use super::super::backtest::labels::Label;
use super::{Canvas, Chart, Column, Flag, Future, share};

/// Columns that a forecast on the way has to cover to be drawn.
const SEEN_COLUMNS: f64 = 40.0;
/// Missing points from which the line is broken.
const GAP: u32 = 3;

/// A chart in the making.
#[derive(Clone, Debug)]
pub struct Collector {
    chart: Chart,
    is_after_gap: bool,    // since the last column with points
    last_forecast_to: i64, // where the last forecast that was kept ends
}

impl Collector {
    /// For the points from `first` to `last`, ns, and a forecast that reaches so far `after` them. None when
    /// nothing of that is wanted.
    #[must_use]
    pub fn new(canvas: Canvas, (first, last): (i64, i64), after: i64) -> Option<Self> {
        let from = canvas.from.map_or(first, |from| from.max(first));
        let to = canvas.to.unwrap_or(last.saturating_add(after));
        if from > last || to < first || to < from {
            return None;
        }
        let empty = Column {
            points: 0,
            x: 0.0,
            values: [0.0; 4],
            lower: None,
            upper: None,
            is_after_gap: false,
        };
        Some(Self {
            chart: Chart {
                from,
                to: to.max(from.saturating_add(1)),
                columns: vec![empty; canvas.columns.max(2) as usize],
                forecasts: Vec::new(),
                flags: Vec::new(),
                events: Vec::new(),
                labels: Vec::new(),
            },
            is_after_gap: false,
            last_forecast_to: i64::MIN,
        })
    }

    /// Takes in a point, with its verdict if there is one and the points that were missing before it.
    pub fn point(&mut self, time: i64, y: f64, verdict: Option<&Verdict>, missing: u32) {
        self.is_after_gap |= missing >= GAP;
        let Some((index, x)) = self.place(time) else {
            return;
        };
        let column = &mut self.chart.columns[index];
        column.take(x, y);
        column.is_after_gap |= std::mem::take(&mut self.is_after_gap);
        let Some(verdict) = verdict else { return };
        let outer = |known: Option<f64>, new: Option<f64>, of: fn(f64, f64) -> f64| {
            let both = known.zip(new).map(|(a, b)| of(a, b));
            both.or(known).or(new)
        };
        column.lower = outer(column.lower, verdict.lower, f64::min);
        column.upper = outer(column.upper, verdict.upper, f64::max);
        if verdict.is_anomaly() {
            self.flag(index, time, verdict);
        }
    }

    /// Takes in a forecast from a point; the last one is told to be.
    pub fn forecast(&mut self, path: &[Ahead], is_last: bool) {
        let (Some(first), Some(last)) = (path.first(), path.last()) else {
            return;
        };
        let (from, to) = (self.chart.from, self.chart.to);
        let width = self.chart.x(last.time) - self.chart.x(first.time);
        let is_seen = width * self.chart.columns.len() as f64 >= SEEN_COLUMNS;
        let is_free = self.last_forecast_to <= first.time;
        if first.time < from || first.time > to || !(is_last || is_seen && is_free) {
            return;
        }
        if is_last && !is_free {
            let forecasts = &mut self.chart.forecasts;
            forecasts.retain(|one| one.last().is_none_or(|end| end.time <= first.time));
        }
        self.last_forecast_to = last.time;
        let step = |ahead: &Ahead| Future {
            time: ahead.time,
            values: [ahead.yhat, ahead.lower, ahead.upper],
        };
        let steps = path.iter().filter(|ahead| ahead.time <= to).map(step);
        self.chart.forecasts.push(steps.collect());
    }

    /// The chart, with what has happened and what is known.
    #[must_use]
    pub fn finish(mut self, events: &[Happened], labels: &[Label]) -> Chart {
        let Chart { from, to, .. } = self.chart;
        let touches = |event: &&Happened| event.start <= to && from <= event.end;
        self.chart.events = events.iter().filter(touches).copied().collect();
        let touches = |label: &&Label| label.start <= to && from <= label.end;
        self.chart.labels = labels.iter().filter(touches).copied().collect();
        self.chart
    }

    fn place(&self, time: i64) -> Option<(usize, f64)> {
        let Chart {
            from, to, columns, ..
        } = &self.chart;
        if !(*from..=*to).contains(&time) {
            return None;
        }
        let x = share(time, *from, *to);
        let index = (x * columns.len() as f64) as usize;
        Some((index.min(columns.len() - 1), x))
    }

    fn flag(&mut self, index: usize, time: i64, verdict: &Verdict) {
        let flag = Flag {
            time,
            y: verdict.y,
            kind: verdict.cause.kind,
            score: verdict.score,
        };
        let same = self
            .chart
            .flags
            .iter()
            .rposition(|known| known.kind == flag.kind)
            .filter(|&known| {
                self.place(self.chart.flags[known].time).map(|at| at.0) == Some(index)
            });
        match same.map(|known| &mut self.chart.flags[known]) {
            Some(known) if known.score < flag.score => *known = flag,
            Some(_) => {}
            None => self.chart.flags.push(flag),
        }
    }
}

impl Column {
    fn take(&mut self, x: f64, y: f64) {
        if self.points == 0 {
            self.values = [y; 4];
            (self.points, self.x) = (1, x);
            return;
        }
        self.points = self.points.saturating_add(1);
        self.x += (x - self.x) / f64::from(self.points);
        let [_, one, other, last] = &mut self.values;
        *last = y;
        // Of the two extremes the one that came first stands first.
        let (low, high) = (one.min(*other), one.max(*other));
        if y < low {
            (*one, *other) = (high, y);
        } else if y > high {
            (*one, *other) = (low, y);
        }
    }
}

impl Chart {
    /// The same with one column for each `by`.
    #[must_use]
    pub fn coarser(&self, by: usize) -> Self {
        let columns = self.columns.chunks(by.max(1));
        Self {
            columns: columns.filter_map(Column::merged).collect(),
            ..self.clone()
        }
    }
}

impl Column {
    /// One column of several neighbours.
    fn merged(all: &[Self]) -> Option<Self> {
        let mut filled = all.iter().filter(|column| column.points > 0);
        let mut whole = *filled.next()?;
        for column in filled {
            let points = f64::from(whole.points) + f64::from(column.points);
            whole.x += (column.x - whole.x) * f64::from(column.points) / points;
            whole.points = whole.points.saturating_add(column.points);
            let [_, one, other, last] = &mut whole.values;
            let ([low, high], [_, a, b, end]) = ([one.min(*other), one.max(*other)], column.values);
            if a.min(b) < low {
                (*one, *other) = (high.max(a.max(b)), a.min(b));
            } else {
                (*one, *other) = (low, high.max(a.max(b)));
            }
            *last = end;
            let outer = |x: Option<f64>, y: Option<f64>, of: fn(f64, f64) -> f64| {
                x.zip(y).map(|(x, y)| of(x, y)).or(x).or(y)
            };
            whole.lower = outer(whole.lower, column.lower, f64::min);
            whole.upper = outer(whole.upper, column.upper, f64::max);
            whole.is_after_gap |= column.is_after_gap;
        }
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collector(columns: u32, last: i64) -> Collector {
        let canvas = Canvas {
            from: None,
            to: None,
            columns,
        };
        Collector::new(canvas, (0, last), 0).unwrap()
    }

    #[test]
    fn a_column_keeps_the_extremes_of_its_points() {
        let mut all = collector(10, 999);
        for i in 0..1_000_i64 {
            let y = if i == 555 { -7.0 } else { (i % 13) as f64 };
            all.point(i, y, None, 0);
        }
        let chart = all.finish(&[], &[]);
        assert!(chart.columns.iter().all(|column| column.points >= 99));
        let [_, one, other, _] = chart.columns[5].values;
        assert!((one.min(other) + 7.0).abs() < 1e-12 && (one.max(other) - 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_coarser_chart_keeps_points_and_extremes() {
        let mut all = collector(90, 999);
        for i in 0..1_000_i64 {
            all.point(i, if i == 555 { -7.0 } else { (i % 13) as f64 }, None, 0);
        }
        let coarse = all.finish(&[], &[]).coarser(3);
        assert_eq!(coarse.columns.len(), 30);
        let points: u32 = coarse.columns.iter().map(|column| column.points).sum();
        assert_eq!(points, 1_000);
        let of = |at: usize| {
            let [_, a, b, _] = coarse.columns[at].values;
            [a.min(b) as i64, a.max(b) as i64]
        };
        assert_eq!([of(3), of(16)], [[0, 12], [-7, 12]]);
    }

    #[test]
    fn a_short_series_is_kept_point_by_point() {
        let mut all = collector(100, 9);
        (0..10).for_each(|i| all.point(i, i as f64, None, 0));
        let chart = all.finish(&[], &[]);
        let values = chart.columns.iter().filter(|column| column.points > 0);
        let values: Vec<f64> = values.map(|column| column.values[0]).collect();
        assert_eq!(values, (0..10).map(f64::from).collect::<Vec<_>>());
    }

    #[test]
    fn only_the_time_that_is_wanted_is_kept() {
        let canvas = Canvas {
            from: Some(300),
            to: Some(400),
            columns: 50,
        };
        let mut some = Collector::new(canvas, (0, 999), 0).unwrap();
        (0..1_000).for_each(|i| some.point(i, 1.0, None, 0));
        let points: u32 = some.chart.columns.iter().map(|column| column.points).sum();
        assert_eq!(points, 101);
        let before = Canvas {
            to: Some(-5),
            from: None,
            ..canvas
        };
        assert!(Collector::new(before, (0, 999), 0).is_none());
    }

    #[test]
    fn times_from_end_to_end_of_an_i64_are_drawn() {
        let canvas = Canvas {
            from: None,
            to: None,
            columns: 8,
        };
        let mut all = Collector::new(canvas, (i64::MIN, i64::MAX), 9).unwrap();
        for time in [i64::MIN, 0, i64::MAX] {
            all.point(time, 1.0, None, 0);
        }
        let filled: Vec<usize> = (0..8)
            .filter(|&i| all.chart.columns[i].points > 0)
            .collect();
        assert_eq!(filled, [0, 4, 7]);
    }
}

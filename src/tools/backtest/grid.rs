//! The values of a series on its time grid, and the forecasts that need no model.
//!
//! One value a step, the newest last; of a counter its increments, as the forecaster has them. Missing
//! steps of a gauge hold the value before them, those of a counter the mean increment over the gap.

use std::collections::VecDeque;

/// Values kept: a week at a second, and as much again for good measure. 8 MB while a series is at work.
const KEPT_MAX: usize = 1 << 20;

/// What a series was, step by step.
#[derive(Debug)]
pub(super) struct Grid {
    values: VecDeque<f64>,
    is_counter: bool,
    last: f64, // the last value as it came
}

impl Grid {
    /// From the points of a warm-up, `cadence` ns (> 0) apart.
    pub(super) fn start(points: &[(i64, f64)], cadence: i64, is_counter: bool) -> Self {
        let mut grid = Self {
            values: VecDeque::new(),
            is_counter,
            last: points.first().map_or(0.0, |point| point.1),
        };
        if !is_counter {
            grid.values.extend(points.first().map(|point| point.1));
        }
        for pair in points.windows(2) {
            let distance = pair[1].0.saturating_sub(pair[0].0);
            let steps = distance.saturating_add(cadence / 2) / cadence.max(1);
            grid.push(u32::try_from(steps).unwrap_or(u32::MAX), pair[1].1);
        }
        grid
    }

    /// Takes in the value of `steps` steps behind the last one.
    pub(super) fn push(&mut self, steps: u32, y: f64) {
        let steps = (steps.max(1) as usize).min(KEPT_MAX);
        if self.is_counter {
            let mean = (y - self.last) / steps as f64;
            // A counter that started again says nothing about its increments.
            let mean = if mean < 0.0 { self.newest() } else { mean };
            self.values.extend(std::iter::repeat_n(mean, steps));
        } else {
            let before = self.newest();
            self.values.extend(std::iter::repeat_n(before, steps - 1));
            self.values.push_back(y);
        }
        self.last = y;
        let surplus = self.values.len().saturating_sub(KEPT_MAX);
        self.values.drain(..surplus);
    }

    fn newest(&self) -> f64 {
        self.values.back().copied().unwrap_or(0.0)
    }

    /// The newest values, at most `most` of them, oldest first.
    pub(super) fn tail(&self, most: usize) -> Vec<f64> {
        let skipped = self.values.len().saturating_sub(most);
        self.values.iter().skip(skipped).copied().collect()
    }

    /// The last value for every step; of a counter, the last increment carried on.
    pub(super) fn last_value(&self, horizon: u32) -> Vec<f64> {
        self.in_units_of_the_series(vec![self.newest(); horizon as usize])
    }

    /// The value one season of `season_length` steps before; none while there is no whole season.
    pub(super) fn seasonal_naive(&self, season_length: usize, horizon: u32) -> Option<Vec<f64>> {
        let start = self.values.len().checked_sub(season_length)?;
        let season = |step: usize| self.values[start + step % season_length];
        let path = (season_length > 0).then(|| (0..horizon as usize).map(season).collect())?;
        Some(self.in_units_of_the_series(path))
    }

    /// A path of what the grid holds as values of the series: of a counter, summed up.
    pub(super) fn in_units_of_the_series(&self, mut path: Vec<f64>) -> Vec<f64> {
        if self.is_counter {
            let mut sum = 0.0;
            for value in &mut path {
                sum += *value;
                *value = self.last + sum;
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn gauge(values: &[f64]) -> Grid {
        let times = (0..).map(|i| i * SECOND);
        let points: Vec<(i64, f64)> = times.zip(values.iter().copied()).collect();
        Grid::start(&points, SECOND, false)
    }

    #[test]
    fn a_gap_holds_the_value_before_it() {
        let mut grid = gauge(&[1.0, 2.0]);
        grid.push(3, 5.0);
        assert_eq!(grid.tail(10), [1.0, 2.0, 2.0, 2.0, 5.0]);
        assert_eq!(grid.tail(2), [2.0, 5.0]);
        grid.push(u32::MAX, 7.0);
        assert_eq!(grid.values.len(), KEPT_MAX);
        let points = [(0, 1.0), (SECOND, 2.0), (4 * SECOND, 5.0)];
        let same = Grid::start(&points, SECOND, false);
        assert_eq!(same.tail(10), [1.0, 2.0, 2.0, 2.0, 5.0]);
    }

    #[test]
    fn the_naive_forecasts_repeat_the_last_value_and_the_last_season() {
        let grid = gauge(&[9.0, 1.0, 2.0, 3.0]);
        assert_eq!(grid.last_value(2), [3.0, 3.0]);
        let season = grid.seasonal_naive(3, 4);
        assert_eq!(season, Some(vec![1.0, 2.0, 3.0, 1.0]));
        assert_eq!(grid.seasonal_naive(5, 1), None);
        assert_eq!(grid.seasonal_naive(0, 1), None);
    }

    #[test]
    fn a_counter_goes_on_as_it_rose() {
        let points = [(0, 100.0), (SECOND, 101.0), (2 * SECOND, 104.0)];
        let mut grid = Grid::start(&points, SECOND, true);
        assert_eq!(grid.last_value(2), [107.0, 110.0]);
        assert_eq!(grid.seasonal_naive(2, 3), Some(vec![105.0, 108.0, 109.0]));
        grid.push(2, 108.0);
        assert_eq!(grid.tail(9), [1.0, 3.0, 2.0, 2.0]);
        grid.push(1, 0.0);
        assert_eq!(grid.tail(1), [2.0], "a reset is no increment");
        assert_eq!(grid.last_value(1), [2.0]);
    }
}

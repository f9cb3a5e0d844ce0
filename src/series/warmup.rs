//! The first points of a series, until there are enough to start a model.
//!
//! They tell the step of the series and whether it is a counter; put on the grid, with holes filled
//! by straight lines, they are the window that the model starts from. Nothing is judged meanwhile:
//! a series that warms up is neither normal nor anomalous.

use super::cadence::Cadence;
use super::counter;
use super::extent::Extent;
use super::step;

/// Least points that a step can be told from.
const LEAST: u32 = 9;
/// Points that a model is started from; a longer warm-up only delays the first verdict.
const ENOUGH: u32 = 30;

/// Points gathered so far, in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Warmup {
    pub(crate) times: Vec<i64>,
    pub(crate) values: Vec<f64>,
    pub(crate) enough: usize,
}

/// What the points told.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// One value per step, oldest first; increments when `is_counter`.
    pub(super) window: Vec<f64>,
    /// Modelled by increments.
    pub(super) is_counter: bool,
    /// The last point's value.
    pub(super) last: f64,
    /// Points gathered.
    pub(super) points: u32,
}

impl Warmup {
    pub(super) fn new() -> Self {
        Self {
            times: Vec::new(),
            values: Vec::new(),
            enough: LEAST as usize,
        }
    }

    /// Adds a point; says whether there are enough now, given when verdicts are wanted.
    pub(super) fn add(
        &mut self,
        time: i64,
        value: f64,
        cadence: Option<i64>,
        warmup: Extent,
    ) -> bool {
        self.times.push(time);
        self.values.push(value);
        if self.times.len() == LEAST as usize {
            let step_ns = cadence.or_else(|| step::estimate(&self.times)).unwrap_or(1);
            self.enough = warmup.steps(step_ns, LEAST).min(ENOUGH) as usize;
        }
        self.times.len() >= self.enough
    }

    /// Points gathered so far.
    pub(super) fn points(&self) -> usize {
        self.times.len()
    }

    /// Sets the step of `grid` and puts the points on it.
    pub(super) fn finish(
        &self,
        grid: &mut Cadence,
        cadence: Option<i64>,
        counter: Option<bool>,
        window: Extent,
    ) -> Start {
        let step_ns = cadence.or_else(|| step::estimate(&self.times)).unwrap_or(1);
        grid.set_step(step_ns, &self.times);
        if cadence.is_some() {
            grid.keep_step();
        }
        let is_counter = counter.unwrap_or_else(|| counter::looks_like_one(&self.values));
        let mut values = self.on_grid(step_ns, window.steps(step_ns, 2) as usize);
        if is_counter {
            values = values
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).max(0.0))
                .collect();
        }
        Start {
            window: values,
            is_counter,
            last: self.values.last().copied().unwrap_or(0.0),
            points: u32::try_from(self.values.len()).unwrap_or(u32::MAX),
        }
    }

    /// One value per step, at most the newest `most` of them; missing ones on a straight line.
    fn on_grid(&self, step: i64, most: usize) -> Vec<f64> {
        let slot =
            |time: i64| time.saturating_sub(self.times[0]).saturating_add(step / 2) / step.max(1);
        let mut values = Vec::new();
        let pairs = self.times.windows(2).zip(self.values.windows(2));
        values.extend(self.values.first());
        for (times, pair) in pairs {
            let steps = usize::try_from(slot(times[1]) - slot(times[0]))
                .unwrap_or(0)
                .min(most);
            let share = |i: usize| i as f64 / steps as f64;
            values.extend((1..steps).map(|i| pair[0] + share(i) * (pair[1] - pair[0])));
            values.push(pair[1]);
        }
        let surplus = values.len().saturating_sub(most.max(2));
        values.drain(..surplus);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_by_straight_lines() {
        let mut warmup = Warmup::new();
        let mut grid = Cadence::new(0);
        for i in [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13] {
            grid.arrive(i * 1_000_000_000);
            warmup.add(i * 1_000_000_000, i as f64 * 2.0, None, Extent::Steps(11));
        }
        let start = warmup.finish(&mut grid, None, Some(false), Extent::Steps(120));
        let line: Vec<f64> = (0..=13).map(|i| f64::from(i) * 2.0).collect();
        assert_eq!(start.window, line);
        let counter = warmup.finish(&mut grid, None, None, Extent::Time(5_000_000_000));
        assert!(counter.is_counter);
        assert_eq!(counter.window, [2.0; 4]);
    }

    #[test]
    fn a_warmup_given_as_a_duration_is_as_many_points() {
        let enough = |warmup| {
            let mut gathered = Warmup::new();
            (1..).find(|&i| gathered.add(i * 1_000_000_000, 0.0, None, warmup))
        };
        assert_eq!(enough(Extent::Time(20_000_000_000)), Some(20));
        assert_eq!(enough(Extent::Steps(20)), Some(20));
        assert_eq!(enough(Extent::Steps(500)), Some(i64::from(ENOUGH)));
    }
}

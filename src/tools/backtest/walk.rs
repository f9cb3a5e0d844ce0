//! One series from its first point to its last, and what its forecasts were worth.
//!
//! Points go to the series in their order, as in the filter. From every so manieth judged point (an
//! *origin*) the forecast over the whole horizon is kept, with those of others beside it, and held against the
//! points that come after; steps without a point do not count. An origin knows nothing of what comes
//! after it: over a prefix of the points all origins say the same.
//!
//! Where the grid breaks (another cadence, a clock set back, a counter that starts again) the forecasts on
//! their way are given up.

use std::time::Duration;

use crate::judge::Verdict;
use crate::model::calendar::Season;
use crate::series::{Ahead, Ignored, Rules, Series, Step};
use crate::tools::chart::collect::Collector;

use super::Clock;
use super::agreement::Watched;
use super::errors::ByRival;
use super::grid::Grid;
use super::history::Point;
use super::labels::Known;
use super::origin::{Origin, distance_of_origins};
use super::outcome::{Fits, Found, Outcome};
use super::reference::{self, ETS_WINDOW, Fitted};

/// A series on its way through its points.
pub(super) struct Walk<'a> {
    rules: &'a Rules,
    references: u32, // origins that are compared with the references
    clock: Option<Clock>,
    series: Series,
    young: Vec<Point>, // since the series began to warm up
    grid: Option<Grid>,
    open: Vec<Origin>,
    until_origin: u32,        // judged points
    seasons: Vec<(i64, u64)>, // length and points, all that were ever in use
    ahead: Vec<Ahead>,        // scratch
    chart: Option<Collector>,
    watched: Option<Watched>, // if labels are known
    outcome: Outcome,
}

impl<'a> Walk<'a> {
    /// Before its first point.
    pub(super) fn new(
        first: Point,
        phase: u32,
        rules: &'a Rules,
        references: u32,
        clock: Option<Clock>,
    ) -> Self {
        Self {
            rules,
            references,
            clock,
            series: Series::new(first.0, phase),
            young: Vec::new(),
            grid: None,
            open: Vec::new(),
            until_origin: 0,
            seasons: Vec::new(),
            ahead: Vec::new(),
            chart: None,
            watched: None,
            outcome: Outcome {
                coverage: rules.coverage,
                ..Outcome::default()
            },
        }
    }

    /// Draws on the way.
    pub(super) fn with_chart(mut self, chart: Option<Collector>) -> Self {
        self.chart = chart;
        self
    }

    /// Holds the flags against what is known.
    pub(super) fn with_labels(mut self, known: Option<Known>) -> Self {
        self.watched = known.map(Watched::new);
        self
    }

    /// All points; `progress` is told their number now and then.
    pub(super) fn run(mut self, points: &[Point], progress: &mut dyn FnMut(u64)) -> Outcome {
        let mut since = self.now();
        let mut told = 0;
        for (index, &point) in points.iter().enumerate() {
            let is_origin = self.observe(point);
            if is_origin {
                self.outcome.elapsed += self.now().saturating_sub(since);
                self.begin_origin(points.len() - index - 1);
                progress((index - told) as u64);
                told = index;
                since = self.now();
            }
        }
        self.outcome.elapsed += self.now().saturating_sub(since);
        progress((points.len() - told) as u64);
        self.finish()
    }

    fn now(&self) -> Duration {
        self.clock.map_or(Duration::ZERO, |clock| clock())
    }

    /// Takes in a point; says whether a forecast is to be kept from there.
    fn observe(&mut self, (time, y): Point) -> bool {
        let last_time = self.series.last_time();
        let step = self.series.observe(time, y, self.rules);
        self.outcome.tally.count(&step);
        self.note(time, y, &step);
        match step {
            Step::Judged { missing, .. } => {
                let steps = missing.saturating_add(1);
                self.outcome.gaps += u64::from(missing > 0);
                if let Some(grid) = &mut self.grid {
                    grid.push(steps, y);
                }
                let errors = &mut self.outcome.errors;
                self.open.retain_mut(|origin| origin.meet(steps, y, errors));
                self.note_seasons();
                self.until_origin = self.until_origin.saturating_sub(1);
                self.until_origin == 0
            }
            Step::Ignored(why) => {
                self.pass_over(why, time.saturating_sub(last_time), (time, y));
                false
            }
        }
    }

    /// What is told and drawn of a point.
    fn note(&mut self, time: i64, y: f64, step: &Step) {
        let (cadence, happened) = (self.series.cadence(), &mut self.outcome.happened);
        let (judged, missing) = match step {
            Step::Judged {
                verdict,
                missing,
                adopted,
            } => {
                happened.observe(time, verdict, *adopted, cadence);
                (Some(verdict), *missing)
            }
            Step::Ignored(Ignored::Late | Ignored::Duplicate) => return,
            Step::Ignored(_) => {
                if self.series.is_warming() {
                    happened.close();
                }
                (None, 0)
            }
        };
        if let Some(chart) = &mut self.chart {
            chart.point(time, y, judged, missing);
        }
        if let Some(watched) = &mut self.watched {
            watched.note(time, judged.map(Verdict::is_anomaly));
        }
    }

    /// What a point that is not judged means for what is on its way.
    fn pass_over(&mut self, why: Ignored, distance: i64, point: Point) {
        match why {
            Ignored::Late | Ignored::Duplicate => return,
            Ignored::WarmingUp | Ignored::Silenced => {}
            Ignored::CounterReset => self.open.clear(),
            Ignored::Reanchored if !self.series.is_warming() => self.open.clear(),
            Ignored::Reanchored
            | Ignored::CadenceChanged
            | Ignored::CounterRevoked
            | Ignored::OutOfRange => {
                self.open.clear();
                self.grid = None;
                self.young.clear();
                self.until_origin = 0;
            }
        }
        let cadence = self.series.cadence().max(1);
        if let Some(grid) = &mut self.grid {
            let steps = distance.saturating_add(cadence / 2) / cadence;
            grid.push(u32::try_from(steps).unwrap_or(1), point.1);
            return;
        }
        self.young.push(point);
        if !self.series.is_warming() {
            let is_counter = self.series.is_counter();
            self.grid = Some(Grid::start(&self.young, cadence, is_counter));
            self.young = Vec::new();
        }
    }

    /// Keeps the forecast from here.
    fn begin_origin(&mut self, points_left: usize) {
        let cadence = self.series.cadence();
        let seasons = self.seasons_in_steps(cadence);
        let Some(grid) = &self.grid else { return };
        let horizon = self.rules.horizon.steps(cadence, 1);
        self.outcome.horizon = horizon;
        self.outcome.every = distance_of_origins(horizon);
        self.until_origin = self.outcome.every;
        self.series.path(self.rules, &mut self.ahead);
        let mut path = vec![[f64::NAN; 3]; horizon as usize];
        for ahead in self.ahead.iter().filter(|ahead| ahead.step > 0) {
            path[ahead.step as usize - 1] = [ahead.yhat, ahead.lower, ahead.upper];
        }
        if let Some(chart) = &mut self.chart {
            chart.forecast(&self.ahead, false);
        }
        let longest = seasons.last().copied().unwrap_or(0);
        let mut others = ByRival {
            last_value: Some(grid.last_value(horizon)),
            seasonal_naive: grid.seasonal_naive(longest, horizon),
            auto_ets: None,
            mstl: None,
        };
        if self.outcome.is_reference_due(self.references, points_left) {
            let window = grid.tail(reference::mstl_window(&seasons));
            let newest = &window[window.len().saturating_sub(ETS_WINDOW)..];
            let counted = |fitted: Fitted, fits: &mut Fits| match fitted {
                Fitted::Path(path) => {
                    fits.origins += 1;
                    Some(grid.in_units_of_the_series(path))
                }
                Fitted::Failed => {
                    fits.failed += 1;
                    None
                }
                Fitted::NotTried => None,
            };
            let outcome = &mut self.outcome;
            others.auto_ets = counted(reference::auto_ets(newest, horizon), &mut outcome.auto_ets);
            let mstl = reference::mstl(&window, &seasons, horizon);
            others.mstl = counted(mstl, &mut outcome.mstl);
        }
        let weights = self.series.forecaster().and_then(|one| one.path_weights());
        self.outcome.weigh(weights);
        self.outcome.origins += 1;
        self.open.push(Origin {
            age: 0,
            path,
            others,
        });
    }

    /// The seasons in use, in ns, the shortest first.
    fn seasons_in_use(&mut self) -> Vec<i64> {
        let found = self.series.forecaster().map_or([0; 4], |one| one.seasons());
        let mut seasons = found.to_vec();
        let cadence = self.series.cadence();
        if let Season::Given(given) = self.rules.season.at(cadence) {
            let is_new = |length: &i64| found.iter().all(|known| (known - length).abs() >= cadence);
            seasons.extend(given.into_iter().filter(is_new));
        }
        seasons.retain(|&length| length > 0);
        seasons.sort_unstable();
        seasons.dedup();
        seasons
    }

    fn seasons_in_steps(&mut self, cadence: i64) -> Vec<usize> {
        let cadence = cadence.max(1);
        let steps = |length: i64| usize::try_from((length + cadence / 2) / cadence).unwrap_or(0);
        let mut seasons: Vec<usize> = self.seasons_in_use().into_iter().map(steps).collect();
        seasons.retain(|&steps| steps > 1);
        seasons
    }

    fn note_seasons(&mut self) {
        let found = self.series.forecaster().map_or([0; 4], |one| one.seasons());
        for length in found.into_iter().filter(|&length| length > 0) {
            if !self.seasons.iter().any(|&(known, _)| known == length) {
                let points = self.outcome.tally.points_judged + self.outcome.tally.points_warming;
                let points = if self.is_given(length) { 0 } else { points };
                self.seasons.push((length, points));
            }
        }
    }

    fn is_given(&self, length: i64) -> bool {
        let cadence = self.series.cadence();
        match self.rules.season.at(cadence) {
            Season::Given(given) => given.iter().any(|one| (one - length).abs() < cadence),
            Season::Auto | Season::None => false,
        }
    }

    fn finish(mut self) -> Outcome {
        self.outcome.cadence_ns = self.series.cadence();
        self.outcome.is_counter = self.series.is_counter();
        let in_use = self.seasons_in_use();
        let first = |length: i64| {
            let known = self.seasons.iter().find(|&&(known, _)| known == length);
            known.map_or(0, |&(_, points)| points)
        };
        let found = |length_ns: i64| Found {
            length_ns,
            after_points: first(length_ns),
        };
        self.outcome.seasons = in_use.into_iter().map(found).collect();
        self.outcome.happened.close();
        if let Some(mut chart) = self.chart.take() {
            self.ahead.clear();
            self.series.path(self.rules, &mut self.ahead);
            chart.forecast(&self.ahead, true);
            let labels = self.watched.as_ref().map_or(&[][..], Watched::labels);
            self.outcome.chart = Some(chart.finish(&self.outcome.happened.kept, labels));
        }
        self.outcome.hits = self.watched.map(Watched::finish);
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::config;
    use crate::precision::Precision;

    fn rules(overrides: &[(&str, String)]) -> Rules {
        let settings = config::load(None, overrides);
        let options = settings.options("test", Precision::Ns, false);
        options.policies.rest().rules.clone()
    }

    /// Every forecast that is kept on the way, with those of the others, as text.
    fn origins(points: &[Point], references: u32) -> Vec<String> {
        let rules = rules(&[]);
        let mut walk = Walk::new(points[0], 3, &rules, references, None);
        let mut kept = Vec::new();
        for (index, &point) in points.iter().enumerate() {
            if walk.observe(point) {
                // The number of points to come only chooses where the references are fitted.
                walk.begin_origin(5_000 - index);
                let Origin { path, others, .. } = walk.open.last().unwrap();
                kept.push(format!("{path:?} {others:?}"));
            }
        }
        kept
    }

    /// Hours with a day in them, ragged.
    fn hours(count: u32) -> Vec<Point> {
        let hour = |i: u32| {
            let ragged = f64::from(i.wrapping_mul(2_654_435_761) >> 20) / 1_000.0;
            let day = (f64::from(i) * std::f64::consts::TAU / 24.0).sin();
            (i64::from(i) * 3_600_000_000_000, 10.0 * day + ragged)
        };
        (0..count).map(hour).collect()
    }

    #[test]
    fn a_forecast_does_not_depend_on_what_comes_after_it() {
        let points = hours(500);
        for (references, counts) in [(1_000, [333].as_slice()), (0, &[100, 200, 402])] {
            let all = origins(&points, references);
            let has_mstl = all.last().is_some_and(|last| last.contains("mstl: Some"));
            assert!(all.len() > 20 && has_mstl == (references > 0));
            for &count in counts {
                let prefix = origins(&points[..count], references);
                assert!(prefix.len() > 2);
                assert_eq!(prefix[..], all[..prefix.len()]);
                let mut other_future = points.clone();
                let to_come = other_future[count..].iter_mut();
                to_come.for_each(|point| point.1 = 1e6);
                let other = origins(&other_future, references);
                assert_eq!(other[..prefix.len()], all[..prefix.len()]);
                assert_ne!(other.last(), all.last());
            }
        }
    }

    #[test]
    fn what_breaks_the_grid_ends_the_forecasts_on_their_way() {
        let minute = 60_000_000_000;
        let quick = (0..200).map(|i| (i * minute, (i % 7) as f64));
        // The new step is noticed within ten points; the level changes in the warm-up after that.
        let level = |i: i64| if i < 20 { 0.0 } else { 1e6 };
        let slow = (1..100).map(|i| ((199 + 10 * i) * minute, level(i) + (i % 5) as f64));
        let points: Vec<Point> = quick.chain(slow).collect();
        let rules = rules(&[("model.forecaster", "naive".to_owned())]);
        let outcome = Walk::new(points[0], 0, &rules, 0, None).run(&points, &mut |_| ());
        assert_eq!(outcome.tally.cadence_changes, 1);
        assert_eq!(outcome.cadence_ns, 10 * minute);
        let whole = outcome.errors.whole();
        assert!(outcome.origins > 10 && whole.points > 300, "{outcome:?}");
        assert!(
            whole.absolute < 1e6,
            "none met the new level: {}",
            whole.absolute
        );
    }
}

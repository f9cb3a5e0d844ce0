//! The engine over history: how far off its forecasts were, how honest its intervals, how many its flags.
//!
//! In reading order: [`history`] sorts the points of files by series; [`walk`] takes one series through the
//! engine that the filter runs, point by point, and keeps forecasts to be held against what came, beside
//! those of `grid` (naive ones) and of [`reference`](mod@reference) (known methods, fitted a few times);
//! [`labels`] says what is known to have been wrong, and [`agreement`] holds the flags against it;
//! [`errors`] sums; [`report`] is the result, and [`text`] draws it for a terminal.
//!
//! The same points and settings give the same report, in whatever order files and series came. Nothing
//! is printed here, and times are told only when a clock is handed in.

pub mod agreement;
pub mod errors;
mod grid;
pub mod happened;
pub mod history;
pub mod labels;
pub mod median;
pub(super) mod numbers;
mod origin;
pub mod outcome;
mod rank;
pub mod reference;
pub mod report;
pub mod text;
pub(super) mod told;
pub mod walk;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use globset::GlobSet;

use crate::filter::{Options, select};
use crate::series::Rules;

use super::chart::Canvas;
use super::chart::collect::Collector;

pub use history::History;
use history::{Counts, Point, Track};
pub use labels::Labels;
use outcome::Outcome;
pub use report::Report;
use walk::Walk;

/// The time since any fixed moment.
pub type Clock = fn() -> Duration;

/// Fits of each reference over all series: at up to some 50 ms for both, half a minute.
const FITS_MAX: u32 = 640;

/// Newest points whose distance is taken for the time between points, before the series has learnt it.
const CADENCE_POINTS: usize = 100;

/// Which series are wanted, by name.
#[derive(Clone, Debug, Default)]
pub struct Pick(Option<GlobSet>);

impl Pick {
    /// Those whose name (`measurement,tags field`) matches one of these globs; without any, all.
    ///
    /// # Errors
    /// The first pattern that is no glob, and why.
    pub fn new(patterns: &[String]) -> Result<Self, String> {
        let globs = (!patterns.is_empty()).then(|| select::globs(patterns));
        Ok(Self(globs.transpose()?))
    }

    fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|globs| globs.is_match(name))
    }
}

/// What there is to decide beside the settings.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Origins of a series at which the references are fitted; 0: none are. With many series it is fewer,
    /// and only the largest have any.
    pub references: u32,
    /// What measures the time per point; none: it is not told.
    pub clock: Option<Clock>,
    /// What is to be drawn of each series; none: nothing is.
    pub canvas: Option<Canvas>,
}

/// Takes all series through the engine. `progress` is told how many points were done since the last call.
#[must_use]
pub fn run(
    tracks: Vec<Track>,
    counts: Counts,
    options: &Options,
    plan: Plan,
    progress: &mut dyn FnMut(u64),
) -> Report {
    let count = u32::try_from(tracks.len()).unwrap_or(u32::MAX).max(1);
    let references = plan.references.min((FITS_MAX / count).max(1));
    let with_references = FITS_MAX / references.max(1);
    let mut report = Report::new(counts, options);
    for (mut track, index) in tracks.into_iter().zip(0..) {
        let known = track.known.take();
        let (name, phase, policy) = (track.name.clone(), track.phase, track.policy);
        let points = track.points();
        let Some(&first) = points.first() else {
            continue;
        };
        let references = if index < with_references {
            references
        } else {
            0
        };
        let rules = &options.policies.get(policy).rules;
        let collector = plan
            .canvas
            .and_then(|canvas| collector(canvas, &points, rules));
        let walk = Walk::new(first, phase, rules, references, plan.clock)
            .with_chart(collector)
            .with_labels(known);
        let walked = catch_unwind(AssertUnwindSafe(|| walk.run(&points, progress)));
        match walked {
            Ok(outcome) => {
                let outcome = Outcome {
                    policy: options.policies.number(policy),
                    ..outcome
                };
                report.add(name, points.len(), outcome, plan.clock.is_some());
            }
            Err(_) => report.totals.series_broken += 1,
        }
    }
    report.sum_up();
    report
}

/// What draws these points, with room for the forecast after them.
fn collector(canvas: Canvas, points: &[Point], rules: &Rules) -> Option<Collector> {
    let times = points.iter().map(|(time, _)| *time);
    let (first, last) = times.fold((i64::MAX, i64::MIN), |(first, last), time| {
        (first.min(time), last.max(time))
    });
    let newest = &points[points.len().saturating_sub(CADENCE_POINTS)..];
    let steps = newest
        .windows(2)
        .map(|pair| pair[1].0.saturating_sub(pair[0].0));
    let mut steps: Vec<i64> = steps.filter(|&step| step > 0).collect();
    steps.sort_unstable();
    let cadence = steps.get(steps.len() / 2).copied().unwrap_or(0);
    let horizon = i64::from(rules.horizon.steps(cadence, 1));
    Collector::new(canvas, (first, last), cadence.saturating_mul(horizon))
}

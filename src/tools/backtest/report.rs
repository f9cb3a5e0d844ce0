//! The result of a backtest, as it is written with `--json`.
//!
//! Names and meanings stay; what is new is added. Numbers are finite or null: null is a mean over no
//! points, or a ratio of which one side is missing or never wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::filter::Options;
use crate::model::forecaster::Kind;
use crate::model::mix::candidates::NAMES;
use crate::tools::chart::Chart;

use super::agreement::{Agreement, Hits};
use super::errors::{ByRival, Duel, Sums};
use super::happened::{self, Happened, Opened};
use super::history::Counts;
use super::median::Median;
use super::outcome::{Fits, Found, Outcome};
use super::rank;

/// Changes when a name or a meaning does.
const FORMAT: u32 = 1;
/// How much more than the error of the last value counts as worse.
const WORSE: f64 = 1.05;

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// 1.
    pub format: u32,
    /// Of brewcast.
    pub version: &'static str,
    /// `auto`, `ets` or `naive`; a policy may have another.
    pub forecaster: &'static str,
    /// Share of the points that intervals are to hold; a policy may have another.
    pub coverage: f64,
    /// What was read.
    pub input: Counts,
    /// Over all series.
    pub totals: Totals,
    /// Each series that was compared, those with the most points first.
    pub series: Vec<Series>,
}

/// Over all series.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Series with a forecast that could be compared.
    pub series: u64,
    /// Series that ended before there was one.
    pub series_too_short: u64,
    /// Series given up after a fault inside brewcast.
    pub series_broken: u64,
    /// Points of the longest series.
    pub longest: u64,
    /// Origins.
    pub origins: u64,
    /// Points that were judged.
    pub judged: u64,
    /// … and flagged.
    pub flags: u64,
    /// Flags that the budget allows.
    pub flags_expected: f64,
    /// Events that were opened.
    pub events_opened: u64,
    /// … that other budgets would have opened.
    pub other_budgets: Vec<Opened>,
    /// How the flags agree with the labels, over the series that have any; null without.
    pub labels: Option<Agreement>,
    #[serde(skip)]
    hits: Option<Hits>,
    /// Series whose error is more than 5 % above that of the last value.
    pub worse_than_last_value: u64,
    /// … as a share of the series for which there is such a ratio.
    pub worse_share: f64,
    /// By steps ahead.
    pub steps: Vec<Means>,
    /// All steps together.
    pub whole: Means,
}

/// Errors over all series.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Means {
    /// First step ahead.
    pub first: u32,
    /// Last step ahead.
    pub last: u32,
    /// Points compared.
    pub points: u64,
    /// Share of them inside their interval.
    pub coverage: f64,
    /// Medians over the series of the ratio of errors.
    pub ratio: ByRival<Median>,
}

/// One series.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// `measurement,tags field`.
    pub name: String,
    /// The number of its policy in the settings, from 1.
    pub policy: Option<u16>,
    /// Share of the points that its intervals are to hold.
    pub coverage: f64,
    /// Points.
    pub points: u64,
    /// … that were judged.
    pub judged: u64,
    /// … that came after a later one, or twice.
    pub late: u64,
    /// Points that never came, counted in steps between judged points.
    pub missing: u64,
    /// Gaps in which they were missing.
    pub gaps: u64,
    /// Time between points, seconds.
    pub cadence_s: f64,
    /// Whether it is modelled by its increments.
    pub is_counter: bool,
    /// Steps of a forecast.
    pub horizon: u32,
    /// Forecasts that were compared.
    pub origins: u32,
    /// Judged points from one to the next.
    pub every: u32,
    /// Seasons in use at the end, the shortest first.
    pub seasons: Vec<Season>,
    /// Mean share of each candidate in the forecast, in [0, 1], the sum being 1; empty outside of the mix.
    pub weights: BTreeMap<&'static str, f64>,
    /// Points that were flagged.
    pub flags: u64,
    /// Flags that the budget allows.
    pub flags_expected: f64,
    /// Events that were opened.
    pub events_opened: u64,
    /// … that other budgets would have opened.
    pub other_budgets: Vec<Opened>,
    /// The first 1,000 of them.
    pub events: Vec<Happened>,
    /// How the flags agree with the labels; null where nothing is known.
    pub labels: Option<Agreement>,
    /// Mean time to learn and judge a point; only with `--time`.
    pub ns_per_point: Option<f64>,
    /// Fits of `AutoETS`.
    pub auto_ets_fits: FitCounts,
    /// Fits of MSTL.
    pub mstl_fits: FitCounts,
    /// By steps ahead.
    pub steps: Vec<Figures>,
    /// All steps together.
    pub whole: Figures,
    /// Its picture, if pictures were wanted.
    #[serde(skip)]
    pub chart: Option<Chart>,
}

/// A season.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Season {
    /// Its length in seconds.
    pub length_s: f64,
    /// Points after which it was first in use; 0: it was given.
    pub after_points: u64,
}

/// Fits of a reference.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FitCounts {
    /// Origins that it forecast from; errors beside it are over these only.
    pub origins: u32,
    /// Fits that failed.
    pub failed: u32,
}

/// Errors of a series over a range of steps ahead.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// First step ahead.
    pub first: u32,
    /// Last step ahead.
    pub last: u32,
    /// Points compared.
    pub points: u64,
    /// Mean absolute error, in the unit of the series.
    pub mae: f64,
    /// Share of the points inside their interval.
    pub coverage: f64,
    /// Mean width of the interval, in the unit of the series.
    pub width: f64,
    /// Beside other forecasts.
    pub beside: ByRival<Beside>,
}

/// Errors beside another forecast, at the points that both spoke of.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Beside {
    /// These points.
    pub points: u64,
    /// Mean absolute error of brewcast.
    pub mae: f64,
    /// Mean absolute error of the other one.
    pub other_mae: f64,
    /// The former over the latter.
    pub ratio: f64,
}

impl Report {
    /// Without a series yet.
    pub(super) fn new(input: Counts, options: &Options) -> Self {
        let rules = &options.policies.rest().rules;
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            forecaster: match rules.model.kind {
                Kind::Auto => "auto",
                Kind::Ets => "ets",
                Kind::Naive => "naive",
            },
            coverage: rules.coverage,
            input,
            totals: Totals::default(),
            series: Vec::new(),
        }
    }

    /// Takes in a series; those with the most points come first.
    pub(super) fn add(&mut self, name: String, points: usize, outcome: Outcome, is_timed: bool) {
        let points = points as u64;
        self.totals.longest = self.totals.longest.max(points);
        self.totals.judged += outcome.tally.points_judged;
        self.totals.flags += outcome.tally.flags;
        self.totals.flags_expected += outcome.tally.flags_expected;
        self.totals.events_opened += outcome.happened.opened;
        let others = outcome.happened.others();
        happened::sum_up(&mut self.totals.other_budgets, &others);
        if let Some(hits) = &outcome.hits {
            self.totals.hits.get_or_insert_default().add(hits);
        }
        let whole = outcome.errors.whole();
        if whole.points == 0 {
            self.totals.series_too_short += 1;
            return;
        }
        self.totals.series += 1;
        self.totals.origins += u64::from(outcome.origins);
        let mut series = Series::of(name, points, &outcome, &whole);
        if is_timed {
            series.ns_per_point = Some(outcome.elapsed.as_nanos() as f64 / points as f64);
        }
        series.other_budgets = others;
        series.events = outcome.happened.kept;
        series.chart = outcome.chart;
        self.series.push(series);
        if self.series.len().is_multiple_of(rank::CHARTS_MAX) {
            self.drop_charts();
        }
    }

    /// Sums up when all series are in.
    pub(super) fn sum_up(&mut self) {
        let horizon = self.series.iter().map(|series| series.horizon).max();
        let all = self.series.iter().flat_map(|series| &series.steps);
        let octaves = all.map(|figures| figures.first.ilog2() as usize + 1).max();
        let of = |octave: usize| {
            let steps = self.series.iter().flat_map(|series| &series.steps);
            steps.filter(move |figures| figures.first == 1 << octave)
        };
        self.totals.steps = (0..octaves.unwrap_or(0))
            .map(|octave| Means::of(&of(octave).collect::<Vec<_>>()))
            .collect();
        let whole: Vec<&Figures> = self.series.iter().map(|series| &series.whole).collect();
        self.totals.whole = Means::of(&whole);
        self.totals.whole.first = 1;
        self.totals.whole.last = horizon.unwrap_or(0);
        let ratios = whole.iter().map(|figures| figures.beside.last_value.ratio);
        let ratios: Vec<f64> = ratios.filter(|ratio| !ratio.is_nan()).collect();
        let worse = ratios.iter().filter(|&&ratio| ratio > WORSE).count();
        self.totals.labels = self.totals.hits.as_ref().map(Hits::agreement);
        self.totals.worse_than_last_value = worse as u64;
        self.totals.worse_share = worse as f64 / ratios.len() as f64;
    }
}

impl Series {
    fn of(name: String, points: u64, outcome: &Outcome, whole: &Sums) -> Self {
        let tally = &outcome.tally;
        let steps = outcome.errors.ranges(outcome.horizon);
        let steps = steps.filter(|(_, _, sums)| sums.points > 0);
        let seconds = |ns: i64| ns as f64 / 1e9;
        let season = |found: &Found| Season {
            length_s: seconds(found.length_ns),
            after_points: found.after_points,
        };
        let shares = NAMES.iter().zip(outcome.weights);
        let share = |(&name, sum): (_, f64)| (name, sum / f64::from(outcome.weighed));
        Self {
            name,
            policy: outcome.policy,
            coverage: outcome.coverage,
            points,
            judged: tally.points_judged,
            late: tally.points_late + tally.points_duplicate,
            missing: tally.points_missing,
            gaps: outcome.gaps,
            cadence_s: seconds(outcome.cadence_ns),
            is_counter: outcome.is_counter,
            horizon: outcome.horizon,
            origins: outcome.origins,
            every: outcome.every,
            seasons: outcome.seasons.iter().map(season).collect(),
            weights: if outcome.weighed > 0 {
                shares.map(share).collect()
            } else {
                BTreeMap::new()
            },
            flags: tally.flags,
            flags_expected: tally.flags_expected,
            events_opened: outcome.happened.opened,
            other_budgets: Vec::new(),
            events: Vec::new(),
            labels: outcome.hits.as_ref().map(Hits::agreement),
            ns_per_point: None,
            auto_ets_fits: FitCounts::of(outcome.auto_ets),
            mstl_fits: FitCounts::of(outcome.mstl),
            steps: steps
                .map(|(first, last, sums)| Figures::of((first, last), sums))
                .collect(),
            whole: Figures::of((1, outcome.horizon), whole),
            chart: None,
        }
    }
}

impl FitCounts {
    fn of(fits: Fits) -> Self {
        Self {
            origins: fits.origins,
            failed: fits.failed,
        }
    }
}

impl Figures {
    fn of((first, last): (u32, u32), sums: &Sums) -> Self {
        let points = sums.points as f64;
        Self {
            first,
            last,
            points: sums.points,
            mae: sums.absolute / points,
            coverage: sums.inside as f64 / points,
            width: sums.width / points,
            beside: sums.duels.map(|duel: &Duel| Beside {
                points: duel.points,
                mae: duel.ours / duel.points as f64,
                other_mae: duel.theirs / duel.points as f64,
                ratio: duel.ratio(),
            }),
        }
    }
}

impl Means {
    /// Over these figures of different series.
    fn of(all: &[&Figures]) -> Self {
        let points: u64 = all.iter().map(|figures| figures.points).sum();
        let inside = |figures: &&Figures| figures.coverage * figures.points as f64;
        let inside: f64 = all.iter().map(inside).map(f64::round).sum();
        let median = |of: &dyn Fn(&ByRival<Beside>) -> f64| {
            Median::of(all.iter().map(|figures| of(&figures.beside)).collect())
        };
        Self {
            first: all.iter().map(|figures| figures.first).min().unwrap_or(0),
            last: all.iter().map(|figures| figures.last).max().unwrap_or(0),
            points,
            coverage: inside / points as f64,
            ratio: ByRival {
                last_value: median(&|beside| beside.last_value.ratio),
                seasonal_naive: median(&|beside| beside.seasonal_naive.ratio),
                auto_ets: median(&|beside| beside.auto_ets.ratio),
                mstl: median(&|beside| beside.mstl.ratio),
            },
        }
    }
}

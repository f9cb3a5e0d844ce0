//! One series of a state file: what is known of it, and what would be flagged next.
//!
//! The alarm limits are not computed here: a copy of the series is shown its last value once more, a step later, and
//! what it says of that is what the next point will be held against.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::filter::Options;
use crate::judge::Verdict;
use crate::judge::standing::Standing;
use crate::line::key;
use crate::model::Forecaster;
use crate::model::mix::Grown;
use crate::model::mix::candidates;
use crate::output::anomaly::sentence;
use crate::series::event::Events;
use crate::series::live::Live;
use crate::series::observe::Stage;
use crate::series::{Rules, Series, Step};
use crate::state::kept::Kept;
use crate::state::part::{FitV1, SlotV1};
use crate::state::series::EtaStageV1;

/// A series as it was saved.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// `measurement,tags field`, readable.
    pub series: String,
    /// The policy that it would have now; none: the common settings.
    pub policy: Option<u16>,
    /// What becomes of it with the settings given.
    pub goes_on: GoesOn,
    /// Time of its last point, ns.
    pub last_time_ns: i64,
    /// That point.
    pub last_value: Option<f64>,
    /// For how long it had not come when it was saved, s.
    pub idle_s: u64,
    /// The learnt time between points, s; 0 while it is not known.
    pub cadence_s: f64,
    /// Points seen since it has a model, or since it began to warm up.
    pub points: u64,
    /// Points that are needed before there is a model; none: it has one.
    pub points_wanted: Option<u64>,
    /// Whether it is modelled by its increments.
    pub is_counter: bool,
    /// Whether the last point was flagged.
    pub is_flagged: bool,
    /// What the next point is held against.
    pub judge: Option<Judged>,
    /// How it is forecast.
    pub forecast: Option<Forecast>,
    /// The event that is open.
    pub event: Option<OpenEvent>,
    /// Where it stands to its thresholds.
    pub thresholds: Vec<Threshold>,
    /// The last values that its forecaster keeps, oldest first, to a thousandth of their spread; of a counter the
    /// increments; null: missing.
    pub recent: Vec<Option<f64>>,
}

/// What becomes of a series with the settings given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoesOn {
    /// It goes on where it was.
    Yes,
    /// Its judge does; its forecaster begins with the values it kept.
    ForecasterAnew,
    /// Other values are modelled: it begins anew.
    Anew,
    /// It is not modelled any more.
    NotModelled,
}

/// What the next point is held against.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// What is expected of it.
    pub expected: f64,
    /// Below it the point is flagged; null where that side has no alarm.
    pub lower: Option<f64>,
    /// Above it the point is flagged; null where that side has no alarm.
    pub upper: Option<f64>,
    /// Usual error of the expectation.
    pub scale: f64,
    /// Errors that the tail was learnt from, and its limit in scales; 0: not learnt yet.
    pub tail_points: u64,
    /// See there.
    pub tail_limit: f64,
    /// Probability of a flag by chance that the settings give a point (`detect.false_alarms`).
    pub budget: f64,
    /// The one in force: not less than so many points can tell, and moved a little by what came of it.
    pub in_force: f64,
    /// The channels that look at more than the point.
    pub channels: Vec<Channel>,
}

/// Where a channel stands and where it flags.
#[derive(Clone, Debug, Serialize)]
pub struct Channel {
    /// The kind of what it finds.
    pub kind: &'static str,
    /// Where it stands.
    pub now: f64,
    /// Below it there is a flag.
    pub low: Option<f64>,
    /// Above it there is a flag. Neither: too little has been seen, or the channel does not count here.
    pub high: Option<f64>,
}

/// How a series is forecast.
#[derive(Clone, Debug, Serialize)]
pub struct Forecast {
    /// `mix` or `ets`.
    pub forecaster: &'static str,
    /// Lengths of the seasons found, s.
    pub seasons_s: Vec<f64>,
    /// What each candidate weighs in the forecast of several steps.
    pub weights: BTreeMap<&'static str, f64>,
    /// Error of the weighted median for the next value over that of the last value, over some 200 points; where it is
    /// not below 0.98 the last value speaks. Null: not known.
    pub over_last_value: Option<f64>,
    /// The last step of the forecast from here.
    pub steps: u32,
    /// The forecast for it.
    pub yhat: Option<f64>,
    /// Its interval.
    pub lower: Option<f64>,
    /// See there.
    pub upper: Option<f64>,
}

/// An event that is open.
#[derive(Clone, Debug, Serialize)]
pub struct OpenEvent {
    /// Its kind.
    pub kind: &'static str,
    /// Time of its first flag, ns.
    pub start_ns: i64,
    /// Time of its last flag so far, ns.
    pub end_ns: i64,
    /// Flags so far.
    pub flags: u32,
    /// Points in a row that were none; after 40 it is over.
    pub quiet: u8,
    /// Of its worst flag.
    pub peak_score: f64,
    /// See there.
    pub peak_value: f64,
    /// See there.
    pub expected: f64,
    /// One sentence.
    pub reason: String,
}

/// Where a series stands to a threshold.
#[derive(Clone, Debug, Serialize)]
pub struct Threshold {
    /// Which one.
    pub threshold: f64,
    /// `near`, `away` or `approaching`.
    pub state: &'static str,
}

impl Seen {
    /// Looks at a series; `None` when what was kept of it does not fit together.
    pub(super) fn of(
        name: String,
        group: &[u8],
        idle_s: u64,
        slot: SlotV1,
        options: &Options,
    ) -> Option<Self> {
        let names = key::parse(group).ok()?;
        let index = options.policies.find(&names, &slot.field);
        let policy = options.policies.get(index);
        let is_selected = policy.is_modelled
            && options.select.has_measurement(names.measurement)
            && options.select.has_field(&slot.field);
        let goes_on = match FitV1::of(&policy.rules) {
            _ if !is_selected => GoesOn::NotModelled,
            fit if fit.values != slot.fit.values => GoesOn::Anew,
            fit if fit.model != slot.fit.model => GoesOn::ForecasterAnew,
            _ => GoesOn::Yes,
        };
        let watches = slot.thresholds.iter().zip(&slot.etas.watches);
        let thresholds = watches.map(|(&threshold, watch)| Threshold {
            threshold,
            state: match watch.stage {
                EtaStageV1::Near => "near",
                EtaStageV1::Away(_) => "away",
                EtaStageV1::Approaching(..) => "approaching",
            },
        });
        let thresholds = thresholds.collect();
        let series = Series::restore(slot.series)?;
        let events = Events::restore(slot.events)?;
        let (points, points_wanted, last_value, live) = match &series.stage {
            Stage::Warming(warmup) => {
                let wanted = Some(warmup.enough as u64);
                let last = warmup.values.last().copied();
                (warmup.times.len() as u64, wanted, last, None)
            }
            Stage::Live(live) => (live.points.into(), None, Some(live.last), Some(live)),
        };
        let recent = live.map_or_else(Vec::new, |live| live.forecaster.recent());
        Some(Self {
            series: name,
            policy: options.policies.number(index),
            goes_on,
            last_time_ns: series.last_time(),
            last_value,
            idle_s,
            cadence_s: series.cadence() as f64 / 1e9,
            points,
            points_wanted,
            is_counter: series.is_counter(),
            is_flagged: slot.pace.flagged,
            judge: live.and_then(|live| Judged::of(&series, live, &policy.rules)),
            forecast: live.map(|live| Forecast::of(&series, live, &policy.rules)),
            event: OpenEvent::of(&events, series.cadence()),
            thresholds,
            recent: recent
                .into_iter()
                .map(|x| Some(x).filter(|x| x.is_finite()))
                .collect(),
        })
    }
}

impl Judged {
    fn of(series: &Series, live: &Live, rules: &Rules) -> Option<Self> {
        let verdict = next_verdict(series, live, rules)?;
        let (judge, allowance) = (&live.judge, verdict.allowance);
        let channels = judge.standings(allowance).into_iter().map(Channel::of);
        Some(Self {
            expected: verdict.expected,
            lower: verdict.lower,
            upper: verdict.upper,
            scale: judge.scale(),
            tail_points: judge.tail.points.into(),
            tail_limit: judge.tail.limit().into(),
            budget: rules.rule.false_alarms.per_point(series.cadence()),
            in_force: allowance.in_force,
            channels: channels.collect(),
        })
    }
}

/// What would be said of the last value if it came again at the next step.
fn next_verdict(series: &Series, live: &Live, rules: &Rules) -> Option<Verdict> {
    let mut copy = series.clone();
    let time = series.last_time().checked_add(series.cadence().max(1))?;
    match copy.observe(time, live.last, rules) {
        Step::Judged { verdict, .. } => Some(verdict),
        Step::Ignored(_) => None,
    }
}

impl Channel {
    fn of(standing: Standing) -> Self {
        let finite = |limit: Option<f64>| limit.filter(|limit| limit.is_finite());
        Self {
            kind: standing.kind.name(),
            now: Some(standing.now)
                .filter(|now| now.is_finite())
                .unwrap_or(0.0),
            low: finite(standing.low),
            high: finite(standing.high),
        }
    }
}

impl Forecast {
    fn of(series: &Series, live: &Live, rules: &Rules) -> Self {
        let forecaster = &live.forecaster;
        let grown = match forecaster {
            Forecaster::Mix(grids) => grids.fine().grown(),
            Forecaster::Ets(..) => None,
        };
        let seasons = forecaster.seasons().into_iter().filter(|&ns| ns > 0);
        let mut path = Vec::new();
        series.clone().path(rules, &mut path); // who asks for a path changes the series
        let last = path.last().filter(|ahead| ahead.step > 0);
        Self {
            forecaster: match forecaster {
                Forecaster::Mix(_) => "mix",
                Forecaster::Ets(..) => "ets",
            },
            seasons_s: seasons.map(|ns| ns as f64 / 1e9).collect(),
            weights: weights(forecaster),
            over_last_value: grown.and_then(over_last_value),
            steps: last.map_or(0, |ahead| ahead.step),
            yhat: last.map(|ahead| ahead.yhat),
            lower: last.map(|ahead| ahead.lower),
            upper: last.map(|ahead| ahead.upper),
        }
    }
}

/// Shares of the candidates that are heard.
fn weights(forecaster: &Forecaster) -> BTreeMap<&'static str, f64> {
    let Some(weights) = forecaster.path_weights() else {
        return BTreeMap::new();
    };
    let heard: Vec<usize> = weights.heard.iter().collect();
    let all: f64 = heard.iter().map(|&one| f64::from(weights.of[one])).sum();
    let share = |one: usize| (candidates::NAMES[one], f64::from(weights.of[one]) / all);
    heard.into_iter().map(share).collect()
}

fn over_last_value(grown: &Grown) -> Option<f64> {
    let ratio = f64::from(grown.guard.median[1]) / f64::from(grown.guard.last[1]);
    Some(ratio).filter(|ratio| ratio.is_finite())
}

impl OpenEvent {
    fn of(events: &Events, cadence: i64) -> Option<Self> {
        let open = events.open.as_deref()?;
        let event = &open.event;
        Some(Self {
            kind: event.named.cause.kind.name(),
            start_ns: event.start,
            end_ns: event.end,
            flags: event.flags,
            quiet: open.quiet,
            peak_score: event.peak.score,
            peak_value: event.peak.y,
            expected: event.peak.expected,
            reason: sentence(&event.named, cadence),
        })
    }
}

//! What the state file is made of: parts that can be read one without the other.
//!
//! A part is one of these for ever: a new shape is a new one behind the last. A part that cannot be read, because a
//! newer version wrote it or because it is damaged, costs what is in it and nothing else.

use serde::{Deserialize, Serialize};

use crate::output::Pace;
use crate::series::event::Events;
use crate::series::extent::Extent;
use crate::series::rules::SeasonRule;
use crate::series::what_if::WhatIf;
use crate::series::{Etas, Rules, Series};

use super::kept::{Kept, Live};
use super::series::{EtasV1, EventsV1, PaceV1, SeriesV1, WhatIfV1};

/// Room that is made for a group at first.
const BYTES_OF_GROUP: usize = 4096;

/// A part of the state file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// What is not of a series. It is the first one.
    HeadV1(HeadV1),
    /// Some of the groups.
    GroupsV1(Vec<GroupV1>),
}

/// What is not of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeadV1 {
    /// Version of the program that wrote it.
    pub version: String,
    /// When, seconds since 1970.
    pub written_s: u64,
    /// Series at that time.
    pub series: u64,
    /// Points saved for models to start.
    pub turns: u32,
    /// The openings of the last minute: time and series.
    pub openings: Vec<(i64, u64)>,
    /// What is not to be judged for a while.
    pub silences: Vec<SilenceV1>,
    /// Time of the last point that silences were asked for, ns.
    pub silences_now: i64,
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SilenceV1 {
    /// Names and values, sorted by name.
    pub tags: Vec<(Vec<u8>, Vec<u8>)>,
    /// From when, ns.
    pub from: i64,
    /// Until when, ns.
    pub until: i64,
    /// Whether points are learnt meanwhile.
    pub learns: bool,
}

/// One measurement with its tag set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupV1 {
    /// Measurement and sorted tags as line protocol has them.
    pub key: Vec<u8>,
    /// For how long it has not come, s.
    pub idle_s: u64,
    /// Its fields that have a model.
    pub slots: Vec<SlotV1>,
}

/// One field of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotV1 {
    /// The field key as line protocol has it.
    pub field: Vec<u8>,
    /// What the model was made for.
    pub fit: FitV1,
    /// The series.
    pub series: SeriesV1,
    /// What was written about it last.
    pub pace: PaceV1,
    /// Where it stands to its thresholds.
    pub etas: EtasV1,
    /// Those thresholds.
    pub thresholds: Vec<f64>,
    /// Its anomaly that is open.
    pub events: EventsV1,
    /// What other budgets would have opened.
    pub what_if: WhatIfV1,
}

/// The settings that a model is made for. With other ones it cannot go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitV1 {
    /// How points become values.
    pub values: ValuesV1,
    /// How those are forecast.
    pub model: ModelV1,
}

/// How points become values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValuesV1 {
    counter: Option<bool>,
    cadence: Option<i64>,
}

/// How values are forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelV1 {
    kind: u8,
    trend: u8,
    season: Vec<ExtentV1>,
    is_auto: bool,
    window: ExtentV1,
    horizon: ExtentV1,
    coverage: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum ExtentV1 {
    Steps(u32),
    Time(i64),
}

impl FitV1 {
    /// What a model of these rules is made for.
    #[must_use]
    pub fn of(rules: &Rules) -> Self {
        let season = match rules.season {
            SeasonRule::Auto | SeasonRule::None => Vec::new(),
            SeasonRule::Given(one, other) => [Some(one), other]
                .into_iter()
                .flatten()
                .map(extent)
                .collect(),
        };
        Self {
            values: ValuesV1 {
                counter: rules.counter,
                cadence: rules.cadence,
            },
            model: ModelV1 {
                kind: rules.model.kind.keep(),
                trend: rules.model.trend.keep(),
                season,
                is_auto: rules.season == SeasonRule::Auto,
                window: extent(rules.window),
                horizon: extent(rules.horizon),
                coverage: rules.coverage,
            },
        }
    }
}

fn extent(extent: Extent) -> ExtentV1 {
    match extent {
        Extent::Steps(steps) => ExtentV1::Steps(steps),
        Extent::Time(ns) => ExtentV1::Time(ns),
    }
}

/// A group that is live, written as a [`GroupV1`] would be.
#[derive(Debug, Serialize)]
pub struct LiveGroup<'a> {
    /// See there; so are the others.
    pub key: &'a [u8],
    /// For how long it has not come, s.
    pub idle_s: u64,
    /// Its fields that have a model.
    pub slots: Vec<LiveSlot<'a>>,
}

/// A field that is live, written as a [`SlotV1`] would be.
#[derive(Debug, Serialize)]
pub struct LiveSlot<'a> {
    /// See there; so are the others.
    pub field: &'a [u8],
    /// What the model was made for.
    pub fit: FitV1,
    /// The series.
    pub series: Live<'a, Series>,
    /// What was written about it last.
    pub pace: Live<'a, Pace>,
    /// Where it stands to its thresholds.
    pub etas: Live<'a, Etas>,
    /// Those thresholds.
    pub thresholds: &'a [f64],
    /// Its anomaly that is open.
    pub events: Live<'a, Events>,
    /// What other budgets would have opened.
    pub what_if: Live<'a, WhatIf>,
}

/// The bytes of a [`Part::GroupsV1`] of these groups.
///
/// # Errors
/// Never: the format has no other limits than memory.
pub fn bytes_of_groups(groups: &[LiveGroup<'_>]) -> Result<Vec<u8>, postcard::Error> {
    let mut bytes = vec![1]; // the second of the parts
    bytes.reserve(groups.len() * BYTES_OF_GROUP);
    postcard::to_extend(groups, bytes)
}

impl Part {
    /// Its bytes.
    ///
    /// # Errors
    /// Never on what a filter keeps; the format has no other limits than memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// The part of these bytes.
    ///
    /// # Errors
    /// When they are none that this version knows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

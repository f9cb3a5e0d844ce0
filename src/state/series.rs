//! What is kept of a series: its grid, its model, its judge, and what was said about it.

use serde::{Deserialize, Serialize, Serializer};

use crate::model::interval::Sum;
use crate::output::Pace;
use crate::series::cadence::Cadence;
use crate::series::counter::Falls;
use crate::series::eta::{self, Etas, Watch};
use crate::series::event::{Event, Events, Open};
use crate::series::live::Live;
use crate::series::observe::{self, Series};
use crate::series::reach::Crossing;
use crate::series::warmup::Warmup;
use crate::series::what_if::WhatIf;

use super::judge::{JudgeV1, VerdictV1};
use super::kept::{self, Kept, kept, kept_choice};
use super::model::{CoarseV1, ForecasterV1};

kept!(SeriesV1 of Series {
    cadence: CadenceV1,
    stage: StageV1,
    is_gauge: bool,
    phase: u32,
    coarse: Option<CoarseV1>,
});

kept!(CadenceV1 of Cadence {
    step: i64,
    grid: i64,
    phase: i64,
    last: i64,
    recent: Vec<i64>,
    arrivals: u32,
    is_given: bool,
    late: u8,
    late_at: i64,
} where |cadence| cadence.step >= 0);

/// What is kept of where a series is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of the live type")]
pub enum StageV1 {
    Warming(WarmupV1),
    Live(Box<LiveV1>),
}

impl Kept for observe::Stage {
    type Record = StageV1;

    fn keep(&self) -> StageV1 {
        match self {
            Self::Warming(warmup) => StageV1::Warming(warmup.keep()),
            Self::Live(live) => StageV1::Live(Box::new(live.keep())),
        }
    }

    fn restore(record: StageV1) -> Option<Self> {
        Some(match record {
            StageV1::Warming(warmup) => Self::Warming(Warmup::restore(warmup)?),
            StageV1::Live(live) => Self::Live(Kept::restore(*live)?),
        })
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Warming(warmup) => {
                to.serialize_newtype_variant("StageV1", 0, "Warming", &kept::Live(warmup))
            }
            Self::Live(live) => {
                to.serialize_newtype_variant("StageV1", 1, "Live", &kept::Live(live))
            }
        }
    }
}

kept!(WarmupV1 of Warmup {
    times: Vec<i64>,
    values: Vec<f64>,
    enough: u64,
} where |warmup| warmup.times.len() == warmup.values.len());

kept!(LiveV1 of Live {
    forecaster: ForecasterV1,
    judge: JudgeV1,
    sum: u8,
    falls: FallsV1,
    last: f64,
    points: u32,
    issue_in: u32,
    overdue: u32,
    unseen: u32,
    unheard: u32,
    has_issued: bool,
    is_back: bool,
} but pending);

kept_choice!(Sum {
    0 = Value,
    1 = Increments,
});

kept!(FallsV1 of Falls { remembered: f32 });

kept!(PaceV1 of Pace { next: i64, flagged: bool });

kept!(WhatIfV1 of WhatIf { left: Vec<u8> });

kept!(EtasV1 of Etas { watches: Vec<WatchV1> });

kept!(WatchV1 of Watch { stage: EtaStageV1, beyond: u8 });

/// What is kept of where a series stands to a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of the live type")]
pub enum EtaStageV1 {
    Near,
    Away(u8),
    Approaching(u8, u8),
}

impl Kept for eta::Stage {
    type Record = EtaStageV1;

    fn keep(&self) -> EtaStageV1 {
        match self {
            Self::Near => EtaStageV1::Near,
            Self::Away(crossing) => EtaStageV1::Away(crossing.keep()),
            Self::Approaching(crossing, issues) => {
                EtaStageV1::Approaching(crossing.keep(), *issues)
            }
        }
    }

    fn restore(record: EtaStageV1) -> Option<Self> {
        Some(match record {
            EtaStageV1::Near => Self::Near,
            EtaStageV1::Away(crossing) => Self::Away(Crossing::restore(crossing)?),
            EtaStageV1::Approaching(crossing, issues) => {
                Self::Approaching(Crossing::restore(crossing)?, issues)
            }
        })
    }
}

kept_choice!(Crossing {
    0 = Above,
    1 = Below,
});

kept!(EventsV1 of Events {
    open: Option<OpenV1>,
    former: Option<(i64, EventV1)>,
});

kept!(OpenV1 of Open {
    event: EventV1,
    told: f64,
    kind: u8,
    quiet: u8,
    is_adopted: bool,
    last: i64,
    has_told: bool,
});

kept!(EventV1 of Event {
    start: i64,
    end: i64,
    flags: u32,
    peak: VerdictV1,
    named: VerdictV1,
});

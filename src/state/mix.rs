//! What is kept of the mix.

use serde::{Deserialize, Serialize, Serializer};

use crate::model::mix::autoregression::Autoregression;
use crate::model::mix::candidates::Weights;
use crate::model::mix::cleaning::Cleaning;
use crate::model::mix::conformal::{Conformal, Mean, Scale, SlotScales};
use crate::model::mix::drift::Drift;
use crate::model::mix::fitted::Fitted;
use crate::model::mix::guard::Guard;
use crate::model::mix::horizons::Horizons;
use crate::model::mix::lags::Lags;
use crate::model::mix::least_squares::LeastSquares;
use crate::model::mix::levels::Levels;
use crate::model::mix::logs::Logs;
use crate::model::mix::paths::{Path, Paths};
use crate::model::mix::ring::Ring;
use crate::model::mix::scores::Scores;
use crate::model::mix::search::{Search, Seasons};
use crate::model::mix::set::Set;
use crate::model::mix::shapes::Shapes;
use crate::model::mix::slots::Slots;
use crate::model::mix::trend::Trend;
use crate::model::mix::waiting::Waiting;
use crate::model::mix::{Grown, Mix, Setup, Stage};

use super::kept::{Kept, Live, kept};

kept!(MixV1 of Mix {
    setup: SetupV1,
    stage: StageV1,
    was_beyond: bool,
});

kept!(SetupV1 of Setup {
    horizon: u32,
    capacity: u16,
    coverage: f32,
    seasons: SeasonsV1,
    phase: u32,
    sums: bool,
    naive: bool,
    waits: bool,
});

/// What is kept of where a mix is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of the live type")]
pub enum StageV1 {
    Young { first: Vec<f64>, count: u32 },
    Waiting(Box<WaitingV1>),
    Grown(Box<GrownV1>),
}

impl Kept for Stage {
    type Record = StageV1;

    fn keep(&self) -> StageV1 {
        match self {
            Self::Young { first, count } => StageV1::Young {
                first: first.keep(),
                count: *count,
            },
            Self::Waiting(waiting) => StageV1::Waiting(Box::new(waiting.keep())),
            Self::Grown(grown) => StageV1::Grown(Box::new(grown.keep())),
        }
    }

    fn restore(record: StageV1) -> Option<Self> {
        Some(match record {
            StageV1::Young { first, count } => Self::Young {
                first: Kept::restore(first)?,
                count,
            },
            StageV1::Waiting(waiting) => Self::Waiting(Kept::restore(*waiting)?),
            StageV1::Grown(grown) => Self::Grown(Kept::restore(*grown)?),
        })
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Young { .. } => self.keep().serialize(to),
            Self::Waiting(waiting) => {
                to.serialize_newtype_variant("StageV1", 1, "Waiting", &Live(waiting))
            }
            Self::Grown(grown) => to.serialize_newtype_variant("StageV1", 2, "Grown", &Live(grown)),
        }
    }
}

kept!(WaitingV1 of Waiting {
    ring: RingV1,
    search: SearchV1,
    count: u32,
    least: f64,
});

kept!(GrownV1 of Grown {
    points: u32,
    last: f64,
    ring: RingV1,
    levels: LevelsV1,
    drift: DriftV1,
    trend: TrendV1,
    fitted: FittedV1,
    has_outlook: bool,
    cleaning: CleaningV1,
    losses: Vec<f32>,
    guard: GuardV1,
    judged: u16,
    weights: WeightsV1,
    asleep: u16,
    paths: PathsV1,
    issued: u32,
    due: u32,
    shapes: Vec<Vec<u8>>,
    conformal: ConformalV1,
    search: SearchV1,
    bounds: (f32, f32),
    is_positive: bool,
    is_nonnegative: bool,
    shift: f64,
    sums: bool,
    naive: bool,
});

impl Kept for Set {
    type Record = u16;

    fn keep(&self) -> u16 {
        self.0
    }

    fn restore(record: u16) -> Option<Self> {
        Some(Self(record))
    }
}

impl Kept for Shapes {
    type Record = Vec<Vec<u8>>;

    fn keep(&self) -> Self::Record {
        self.0.keep()
    }

    fn restore(record: Self::Record) -> Option<Self> {
        Kept::restore(record).map(Self)
    }
}

kept!(RingV1 of Ring {
    offset: f64,
    scale: f64,
    codes: Vec<i16>,
    capacity: u16,
    next: u16,
} where Ring::is_sound);

kept!(LevelsV1 of Levels {
    newest: Vec<f32>,
    gates: Vec<f32>,
    refused: Vec<u8>,
    usual_change: f32,
    smoothed: f32,
    mean: f32,
    count: u16,
});

kept!(DriftV1 of Drift { regression: LeastSquaresV1, size: f32 });

kept!(LeastSquaresV1 of LeastSquares {
    quads: Vec<Vec<f32>>,
    count: u8,
    start: f32,
    forget: f32,
    usual: f32,
    seen: u8,
} where LeastSquares::is_sound);

kept!(TrendV1 of Trend { level: f32, slope: f32 });

kept!(FittedV1 of Fitted {
    seasons: Vec<u16>,
    lags: LagsV1,
    values: AutoregressionV1,
    logs: Option<AutoregressionV1>,
    slots: Option<SlotsV1>,
});

kept!(LagsV1 of Lags { lags: Vec<u16>, count: u8 } where |lags| usize::from(lags.count) <= lags.lags.len());

kept!(AutoregressionV1 of Autoregression {
    regression: LeastSquaresV1,
    logs: Option<LogsV1>,
    has_outlook: bool,
});

kept!(LogsV1 of Logs { zero: f32, mean: f32, spread: f32 });

kept!(SlotsV1 of Slots {
    seasons: Vec<u16>,
    level: f32,
    residual: f32,
    tables: Vec<Vec<i16>>,
    at: Vec<u16>,
} where Slots::is_sound);

kept!(CleaningV1 of Cleaning {
    usual: f32,
    trust: f32,
    run: u8,
    pending: Option<(f32, bool)>,
    points: u32,
});

kept!(GuardV1 of Guard {
    median: Vec<f32>,
    last: Vec<f32>,
    count: u8,
});

kept!(WeightsV1 of Weights { of: Vec<u8>, heard: u16 });

kept!(PathsV1 of Paths {
    horizons: HorizonsV1,
    of_means: bool,
    open: Vec<PathV1>,
    arrived: u32,
    losses: Vec<f32>,
    weights: Vec<u8>,
} where Paths::is_sound);

kept!(HorizonsV1 of Horizons { steps: Vec<u8>, count: u8 } where |kept| {
    usize::from(kept.count) <= kept.steps.len()
});

kept!(PathV1 of Path {
    base: f32,
    unit: f32,
    sum: f32,
    came: u8,
    age: u8,
    next: u8,
    present: u16,
    weight: f32,
    errors: Vec<f32>,
    codes: Vec<i16>,
});

kept!(ConformalV1 of Conformal {
    values: Option<ScaleV1>,
    logs: Option<ScaleV1>,
    coverage: f32,
});

kept!(ScaleV1 of Scale {
    octaves: Vec<MeanV1>,
    slots: Option<SlotScalesV1>,
    path: ScoresV1,
    step: ScoresV1,
    interval_score: f32,
    usual_step: f32,
    turn: u8,
});

kept!(MeanV1 of Mean { sum: f32, weight: f32 });

kept!(SlotScalesV1 of SlotScales { of: Vec<f32>, learnt: u16 });

kept!(ScoresV1 of Scores {
    codes: Vec<u8>,
    capacity: u16,
    next: u16,
    quantile: f32,
} where |scores| scores.codes.len() <= scores.capacity.into() && scores.next < scores.capacity.max(1));

kept!(SearchV1 of Search {
    seasons: SeasonsV1,
    due: u32,
    before: Vec<u16>,
    tests: u8,
    unknown: u16,
});

/// What is kept of which seasons there may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of the live type")]
pub enum SeasonsV1 {
    Auto(u16, u16),
    Given(u16, u16),
}

impl Kept for Seasons {
    type Record = SeasonsV1;

    fn keep(&self) -> SeasonsV1 {
        match *self {
            Self::Auto([a, b]) => SeasonsV1::Auto(a, b),
            Self::Given([a, b]) => SeasonsV1::Given(a, b),
        }
    }

    fn restore(record: SeasonsV1) -> Option<Self> {
        Some(match record {
            SeasonsV1::Auto(a, b) => Self::Auto([a, b]),
            SeasonsV1::Given(a, b) => Self::Given([a, b]),
        })
    }
}

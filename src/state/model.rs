//! What is kept of a forecaster.

use serde::{Deserialize, Serialize, Serializer};

use crate::model::Forecaster;
use crate::model::coarse::Coarse;
use crate::model::ets::stream::Ets;
use crate::model::forecaster::Kind;
use crate::model::grids::Grids;

use super::ets::EtsV1;
use super::kept::{Kept, Live, kept, kept_choice};
use super::mix::MixV1;

/// What is kept of whichever it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are those of the live type")]
pub enum ForecasterV1 {
    Mix(Box<GridsV1>),
    Ets(Box<EtsV1>, f64),
}

impl Kept for Forecaster {
    type Record = ForecasterV1;

    fn keep(&self) -> ForecasterV1 {
        match self {
            Self::Mix(grids) => ForecasterV1::Mix(Box::new(grids.keep())),
            Self::Ets(ets, half_width) => ForecasterV1::Ets(Box::new(ets.keep()), *half_width),
        }
    }

    fn restore(record: ForecasterV1) -> Option<Self> {
        Some(match record {
            ForecasterV1::Mix(grids) => Self::Mix(Box::new(Grids::restore(*grids)?)),
            ForecasterV1::Ets(ets, half_width) => {
                Self::Ets(Box::new(Ets::restore(*ets)?), half_width)
            }
        })
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Mix(grids) => {
                to.serialize_newtype_variant("ForecasterV1", 0, "Mix", &Live(grids))
            }
            Self::Ets(..) => self.keep().serialize(to),
        }
    }
}

kept!(GridsV1 of Grids {
    step_ns: i64,
    time: i64,
    horizon: u32,
    sums: bool,
    fine: MixV1,
    coarse: Option<CoarseV1>,
} where |grids| grids.step_ns > 0 && grids.horizon > 0);

kept!(CoarseV1 of Coarse {
    bucket_ns: i64,
    bucket: Option<i64>,
    sum: f64,
    count: u32,
    has_points: bool,
    reach: u32,
    means: Vec<f64>,
    mix: MixV1,
} where |coarse| coarse.bucket_ns > 0);

kept_choice!(Kind {
    0 = Auto,
    1 = Ets,
    2 = Naive,
});

//! What is kept of the innovations family.

use crate::model::ets::fit::Shape;
use crate::model::ets::form::Form;
use crate::model::ets::range::Range;
use crate::model::ets::season::Season;
use crate::model::ets::seasonal::Seasonal;
use crate::model::ets::state::{Params, State};
use crate::model::ets::stream::{Ets, Member, Trend};
use crate::model::ring::Ring;

use super::kept::{kept, kept_choice};

kept!(EtsV1 of Ets {
    trend: u8,
    lengths: Vec<u64>,
    sum: u8,
    ring: RingV1,
    capacity: u64,
    form: u8,
    members: Vec<MemberV1>,
    variance: f64,
    points: f64,
    age: u32,
    known: u32,
    refit_in: u32,
    missing: u64,
    speaker: u64,
    range: RangeV1,
} where |ets| ets.speaker < ets.members.len() && ets.ring.capacity == ets.capacity);

kept!(MemberV1 of Member {
    shape: u8,
    params: ParamsV1,
    state: SeasonalV1,
    loss: f64,
});

kept!(ParamsV1 of Params {
    alpha: f64,
    beta: f64,
    phi: f64,
    gamma: Vec<f64>,
});

kept!(SeasonalV1 of Seasonal {
    line: LineV1,
    seasons: Vec<SeasonV1>,
});

kept!(LineV1 of State { level: f64, trend: f64 });

kept!(SeasonV1 of Season {
    slots: Vec<f64>,
    next: u64,
} where |season| season.next < season.slots.len().max(1));

kept!(RangeV1 of Range {
    block: (f64, f64),
    previous: (f64, f64),
    room: u64,
    is_negative: bool,
});

kept!(RingV1 of Ring {
    base: f64,
    offsets: Vec<f32>,
    capacity: u64,
    next: u64,
} where |ring| ring.offsets.len() <= ring.capacity && ring.next < ring.capacity.max(1));

kept_choice!(Shape {
    0 = Level,
    1 = Damped,
    2 = Linear,
});

kept_choice!(Form {
    0 = Additive,
    1 = Multiplicative,
});

kept_choice!(Trend {
    0 = Auto,
    1 = None,
    2 = Damped,
    3 = Linear,
});

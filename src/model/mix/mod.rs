//! The forecaster: a dozen simple candidates, combined by the losses of their own past forecasts.
//!
//! In reading order: [`ring`] keeps the values, [`levels`], [`drift`], [`autoregression`] (on
//! [`least_squares`]) and [`slots`] are the candidates, [`candidates`] makes one forecast of theirs,
//! [`paths`] judges them ([`horizons`]: how far ahead), [`cleaning`] keeps wrong readings out of what
//! they learn, [`search`] and [`dip`] find seasons and [`arrival`] takes one in, [`conformal`] makes
//! the intervals; [`grown`] has what happens at a point, from top to bottom. [`Mix`] is all of it on one
//! grid.
//!
//! Every candidate is O(1) a point; nothing is optimised per series. Paths are issued every so many
//! points and season tests are spaced geometrically, both at a phase of the series' own, so that series
//! which started together do not work together.
//!
//! Promises: the same values give the same forecasts; every forecast is finite and within the range of
//! the ring widened by half; what never was negative is not forecast below 0; a step costs a bounded
//! time whatever the season.

mod ahead;
pub mod arrival;
pub mod autoregression;
pub mod candidates;
mod change;
pub mod cleaning;
pub mod conformal;
pub mod dip;
pub mod drift;
pub mod fitted;
pub mod ground;
pub mod grown;
pub mod guard;
pub mod horizons;
pub mod lags;
pub mod least_squares;
pub mod levels;
pub mod logs;
pub mod outlook;
pub mod paths;
pub mod ring;
pub mod scores;
pub mod search;
pub mod set;
pub mod shapes;
mod sleep;
pub mod slots;
pub mod trend;
pub(crate) mod waiting;
mod weighing;

pub use grown::Grown;
pub use outlook::Outlook;
pub use search::Seasons;

use crate::minmax;
use candidates::{COUNT, DRIFT, Each, Set};
use ring::Ring;

use crate::model::steps::Steps;
use waiting::Waiting;

/// Values from which units are taken.
pub(crate) const FIRST: usize = 8;

/// What a mix has to know beside the values.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// How far ahead forecasts are judged, steps; at least 1.
    pub horizon: u32,
    /// Values kept, at least 120.
    pub capacity: u16,
    /// Share of the outcomes that intervals are to hold, in (0, 1).
    pub coverage: f32,
    /// Which seasons there may be.
    pub seasons: Seasons,
    /// Shifts the steps at which paths are issued and seasons looked for.
    pub phase: u32,
    /// Whether it is the sum of the values that is forecast.
    pub sums: bool,
    /// Whether only the last value may speak.
    pub naive: bool,
    /// Whether there is no forecast, only a ring, until a season has been found.
    pub waits: bool,
}

/// A forecaster on one grid.
#[derive(Clone, Debug)]
pub struct Mix {
    pub(crate) setup: Setup,
    pub(crate) stage: Stage,
    pub(crate) was_beyond: bool, // the last value, which was let pass
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// Too few values, or all of them alike.
    Young {
        first: Box<[f64; FIRST]>,
        count: u32,
    },
    /// No season yet, for a mix that waits for one.
    Waiting(Box<Waiting>),
    /// Whatever comes.
    Grown(Box<Grown>),
}

impl Mix {
    /// One that has seen nothing; it expects 0.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            stage: Stage::Young {
                first: Box::new([0.0; FIRST]),
                count: 0,
            },
            was_beyond: false,
        }
    }

    /// Takes in the value of the next step. `outlook` is what a coarser grid expects.
    ///
    /// A single value that units cannot hold is a misread and let pass; the second in a row begins
    /// everything anew. So does a ring in whose units the values of today are all alike.
    pub fn learn(&mut self, y: f64, outlook: Option<&Outlook>) {
        let is_beyond = self.is_beyond(y);
        let is_first = !std::mem::replace(&mut self.was_beyond, is_beyond);
        if is_beyond && is_first {
            return self.pass(outlook);
        }
        let is_blind = match &self.stage {
            Stage::Young { .. } => false,
            Stage::Waiting(waiting) => waiting.is_blind(),
            Stage::Grown(grown) => grown.is_blind(y),
        };
        if is_beyond || is_blind {
            *self = Self::new(self.setup);
        }
        let setup = &self.setup;
        match &mut self.stage {
            Stage::Grown(grown) => grown.learn(y, outlook, setup),
            Stage::Young { first, count } => {
                first.rotate_left(1);
                first[FIRST - 1] = y;
                *count = count.saturating_add(1);
                if (*count as usize) < FIRST {
                    return;
                }
                if let Some(ring) = Ring::start(&**first, setup.capacity.into()) {
                    self.stage = Stage::start(ring, &**first, *count, setup);
                }
            }
            Stage::Waiting(waiting) => {
                if let Some(grown) = waiting.learn(y, setup) {
                    self.stage = Stage::Grown(Box::new(grown));
                }
            }
        }
    }

    /// Whether a value is so far from those before it that units cannot hold it.
    fn is_beyond(&self, y: f64) -> bool {
        let z = match &self.stage {
            Stage::Young { .. } => 0.0,
            Stage::Waiting(waiting) => waiting.ring().unit(y),
            Stage::Grown(grown) => grown.ring().unit(y),
        };
        z.is_nan() || z.abs() >= FARTHEST
    }

    /// Lets a step pass whose value is missing.
    pub fn pass(&mut self, outlook: Option<&Outlook>) {
        match &mut self.stage {
            Stage::Grown(grown) => grown.pass(outlook),
            Stage::Young { .. } => {}
            Stage::Waiting(waiting) => waiting.pass(),
        }
    }

    /// Lets so many steps pass at once that nothing is left of them but the place in the seasons.
    pub fn skip(&mut self, steps: u32) {
        let round = self.round();
        if let Stage::Grown(grown) = &mut self.stage {
            (0..steps % round).for_each(|_| grown.pass(None));
        }
    }

    /// Goes so many steps back in time, which is on to the same place in the seasons.
    pub fn turn_back(&mut self, steps: i64) {
        let round = i64::from(self.round());
        self.skip((-steps).rem_euclid(round) as u32);
    }

    /// Steps after which both seasons are where they were: their least common multiple.
    fn round(&self) -> u32 {
        let [a, b] = self.seasons().map(|season| u32::from(season).max(1));
        let (mut gcd, mut rest) = (a, b);
        while rest > 0 {
            (gcd, rest) = (rest, gcd % rest);
        }
        a / gcd * b
    }

    /// What is expected of the next value.
    #[must_use]
    pub fn next(&self, outlook: Option<&Outlook>) -> f64 {
        match &self.stage {
            Stage::Grown(grown) => grown.next(outlook),
            Stage::Young { first, .. } => first[FIRST - 1],
            Stage::Waiting(waiting) => waiting.last(),
        }
    }

    /// Writes forecast and interval (`yhat`, lower, upper) of the values so many steps ahead.
    pub fn forecast(&self, steps: Steps, outlook: Option<&Outlook>, out: &mut Vec<[f64; 3]>) {
        out.clear();
        match &self.stage {
            Stage::Grown(grown) => grown.forecast(steps, outlook, out),
            Stage::Young { .. } | Stage::Waiting(_) => {
                let step = |index: u32| {
                    if self.setup.sums {
                        f64::from(index)
                    } else {
                        1.0
                    }
                };
                out.extend(steps.iter().map(|index| [step(index) * self.next(None); 3]));
            }
        }
    }

    /// The forecasts of the next `steps` values; none before a first season or value.
    #[must_use]
    pub fn expectations(&self, steps: u32) -> Vec<f64> {
        self.grown().map_or_else(Vec::new, |grown| {
            grown.expectations(Steps::up_to(steps), None)
        })
    }

    /// The newest value, cleaned; none before there are units.
    #[must_use]
    pub fn newest(&self) -> Option<f64> {
        self.grown()
            .map(|grown| grown.ring().value(grown.ring().lag(1)))
    }

    /// The values that are kept, cleaned, oldest first.
    #[must_use]
    pub fn recent(&self) -> Vec<f64> {
        let of = |ring: &Ring| ring.to_vec().into_iter().map(|z| ring.value(z)).collect();
        match &self.stage {
            Stage::Young { first, count } => first[..FIRST.min(*count as usize)].to_vec(),
            Stage::Waiting(waiting) => of(waiting.ring()),
            Stage::Grown(grown) => of(grown.ring()),
        }
    }

    /// The range that forecasts stay in.
    #[must_use]
    pub fn range(&self, outlook: &Outlook) -> (f64, f64) {
        let any = (f64::NEG_INFINITY, f64::INFINITY);
        self.grown().map_or(any, |grown| grown.range(outlook))
    }

    /// The lower limit of a forecast: not below 0 where nothing ever was.
    #[must_use]
    pub fn within_sign(&self, y: f64) -> f64 {
        self.grown().map_or(y, |grown| grown.bound(y))
    }

    /// How many times as wide as one step ahead a forecast is `steps` steps ahead, by the closed form.
    #[must_use]
    pub fn width(&self, steps: u32) -> f64 {
        let Some(grown) = self.grown() else {
            return f64::from(steps).sqrt();
        };
        let mut widths = Vec::new();
        grown.widths(false, steps as usize, &mut widths);
        widths.last().map_or(1.0, |&width| f64::from(width))
    }

    /// The part of it that has units, once there are some.
    #[must_use]
    pub fn grown(&self) -> Option<&Grown> {
        match &self.stage {
            Stage::Grown(grown) => Some(grown),
            Stage::Young { .. } | Stage::Waiting(_) => None,
        }
    }

    /// [`Mix::grown`], to change it.
    #[must_use]
    pub fn grown_mut(&mut self) -> Option<&mut Grown> {
        match &mut self.stage {
            Stage::Grown(grown) => Some(grown),
            Stage::Young { .. } | Stage::Waiting(_) => None,
        }
    }

    /// The seasons in use, in steps; 0: none.
    #[must_use]
    pub fn seasons(&self) -> [u16; 2] {
        self.grown().map_or([0; 2], Grown::seasons)
    }

    /// Bytes it takes, what is behind pointers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let behind = match &self.stage {
            Stage::Young { first, .. } => size_of_val(&**first),
            Stage::Waiting(waiting) => waiting.bytes(),
            Stage::Grown(grown) => grown.bytes(),
        };
        size_of::<Self>() + behind
    }
}

impl Stage {
    fn start(ring: Ring, first: &[f64], count: u32, setup: &Setup) -> Self {
        if !setup.waits {
            return Self::Grown(Box::new(Grown::start(ring, first, count, setup)));
        }
        Self::Waiting(Box::new(Waiting::start(ring, first, count, setup)))
    }
}

/// Units beyond which everything begins anew: their squares still fit into an f32.
const FARTHEST: f32 = 1e15;

/// Values from which on it is worth looking for seasons.
const SEARCHABLE: usize = 12;

/// The forecasts of all candidates for one step.
#[derive(Clone, Copy, Debug)]
struct Voices {
    forecasts: Each,
    present: Set,
}

impl Voices {
    fn none() -> Self {
        Self {
            forecasts: [0.0; COUNT],
            present: Set::CONSTANT,
        }
    }

    /// Keeps the candidates that could leave the range of the data in it.
    fn clamp(&mut self, low: f32, high: f32) {
        for forecast in &mut self.forecasts[DRIFT..] {
            *forecast = minmax::within(*forecast, low, high);
        }
    }
}

//! The family as a stream: one value a step in, forecasts out.
//!
//! ```text
//! learn(y)      a step with a value        pass(steps)        steps without one
//! next()        what the next one will be  forecast(h, ...)   the next h with their interval
//! ```
//! Promises: works from the first value on (which then is the forecast); a season joins when two of its
//! periods have been seen; all that is learnt from a value is learnt after it was forecast; forecasts are
//! finite for all finite values, stay within the lately seen range widened by half of it (unless the
//! settings ask for a trend), and are not negative when no value was. Work per value is a few
//! operations for each component; fits come at ages that double, at most every eight rings.
//!
//! Memory: 4 bytes for each value of the ring ([`Ets::ring_size`]) and 8 for each slot of a season, with
//! [`Trend::Auto`] 16.
//!
//! Does not find seasons, keep time, or doubt a value: the next one is most often near the last, right or
//! wrong.

use super::fit::Shape;
use super::form::Form;
use super::interval::{self, Sum};
use super::range::Range;
use super::seasonal::Seasonal;
use super::state::{Params, State};
use crate::model::ring::Ring;
use crate::model::steps::Steps;

/// Longest season that is modelled, in steps: a day of seconds. It takes 2 MB; a longer one is left
/// out, as if it were not set.
pub const SEASON_MAX: u32 = 86_400;

/// The ring beside a season holds this many of its periods, as far as [`RING_USUAL`] reaches.
/// M4 hourly, season 24, by ring: 5 periods .64 to .68, 10 periods .61, 21 periods .53 to .58 (overall
/// weighted average at the last origin and at four before it).
const RING_PERIODS: u32 = 21;
/// Size of a ring, in steps, that is given to a season without being asked for: 2 KB.
const RING_USUAL: u32 = 504;
/// Periods of the longest season that any ring holds: two to start from, one to be judged by.
const RING_PERIODS_MIN: u32 = 3;

/// Memory of the discounted errors that the trend is chosen by: half of what counts is the last 34
/// points.
const DISCOUNT: f64 = 0.98;

/// Weight of a new squared innovation in the variance once there are many: a memory of 200 points,
/// because a variance needs more of them than a mean.
const VARIANCE_GAIN: f64 = 0.005;

/// Most that an innovation counts in the variance, in standard deviations: one wrong reading of 50
/// would widen the intervals for hundreds of points.
const CLIP: f64 = 6.0;

/// Most of an innovation that the seasons believe, in standard deviations. M4 hourly, season 24, no
/// trend, with 2 % of readings wrong by five standard deviations of the series: overall weighted average
/// .77 and .83 with it, .83 and .91 without; no difference without wrong readings.
const SEASON_CLIP: f64 = 4.0;

/// Largest value that is taken as it is; what is beyond counts as this. Its square, and that of all
/// that is computed from it, is a finite number.
const VALUE_MAX: f64 = 1e140;

/// What trend there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// A damped trend where it forecasts better than none.
    Auto,
    /// A level only.
    None,
    /// A trend that fades: the forecast flattens out.
    Damped,
    /// A trend that never fades: the forecast is a straight line.
    Linear,
}

/// What a series is to be modelled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EtsSetup {
    /// What trend there is.
    pub trend: Trend,
    /// Lengths of the seasons in steps, in any order; 0: none. Less than 2 and more than [`SEASON_MAX`]
    /// count as none.
    pub seasons: [u32; 2],
    /// Least number of values that are kept for fitting; a season may need more ([`Ets::ring_size`]).
    pub window: u32,
    /// Whether the values are those of the series or the increments of a counter.
    pub sum: Sum,
}

/// One candidate: a level with or without a trend, and the seasons.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) shape: Shape,
    pub(crate) params: Params,
    pub(crate) state: Seasonal,
    pub(crate) loss: f64, // discounted mean absolute one-step error, on the scale of the form
}

/// Exponential smoothing of one series, as it comes.
#[derive(Clone, Debug)]
pub struct Ets {
    pub(crate) trend: Trend,
    pub(crate) lengths: [usize; 2], // as set, the shorter first
    pub(crate) sum: Sum,
    pub(crate) ring: Ring,
    pub(crate) capacity: usize, // of the ring
    pub(crate) form: Form,
    pub(crate) members: Vec<Member>, // one, or two to choose from
    pub(crate) variance: f64,        // of the speaker's innovations, on the scale of the form, >= 0
    pub(crate) points: f64,          // behind the variance
    pub(crate) age: u32,             // values, saturating
    pub(crate) known: u32,           // values since the ring was last empty, saturating
    pub(crate) refit_in: u32,        // values
    pub(crate) missing: usize,       // steps since the last value, saturating
    pub(crate) speaker: usize,       // index into members
    pub(crate) range: Range,
}

impl Ets {
    /// A model that has seen nothing; it expects 0.
    #[must_use]
    pub fn new(setup: EtsSetup) -> Self {
        let member = |shape: Shape| Member {
            shape,
            params: shape.usual([0; 2]),
            state: Seasonal::from(State {
                level: 0.0,
                trend: 0.0,
            }),
            loss: 0.0,
        };
        let members = match setup.trend {
            Trend::Auto => vec![member(Shape::Level), member(Shape::Damped)],
            Trend::None => vec![member(Shape::Level)],
            Trend::Damped => vec![member(Shape::Damped)],
            Trend::Linear => vec![member(Shape::Linear)],
        };
        let capacity = Self::ring_size(setup);
        Self {
            trend: setup.trend,
            lengths: lengths(setup.seasons),
            sum: setup.sum,
            ring: Ring::new(capacity),
            capacity,
            form: Form::Additive,
            members,
            variance: 0.0,
            points: 0.0,
            age: 0,
            known: 0,
            refit_in: Self::FIRST_FIT,
            missing: 0,
            speaker: 0,
            range: Range::new(),
        }
    }

    /// Values that are kept for fitting: the window, or as many as its longest season needs.
    #[must_use]
    pub fn ring_size(setup: EtsSetup) -> usize {
        let longest = lengths(setup.seasons).into_iter().max().unwrap_or(0) as u32;
        let of_season = (RING_PERIODS * longest)
            .min(RING_USUAL)
            .max(RING_PERIODS_MIN * longest);
        setup.window.max(of_season).max(1) as usize
    }

    /// Takes in the value of the next step. One that is not finite is a step without a value.
    pub fn learn(&mut self, y: f64) {
        if !y.is_finite() {
            self.pass(1);
            return;
        }
        let y = y.clamp(-VALUE_MAX, VALUE_MAX);
        self.ring.push(y);
        self.range.learn(y, self.capacity);
        self.missing = 0;
        self.known = self.known.saturating_add(1);
        self.age = self.age.saturating_add(1);
        if self.age == 1 {
            for member in &mut self.members {
                member.state.line.level = y;
            }
        } else {
            self.update(y);
        }
        self.refit_when_due();
    }

    fn update(&mut self, y: f64) {
        if self.form == Form::Multiplicative && y <= 0.0 {
            self.leave_logarithms();
        }
        let z = self.form.apply(y);
        let sigma = if self.variance > 0.0 {
            self.sigma()
        } else {
            f64::INFINITY
        };
        let mut spoken = 0.0;
        for (index, member) in self.members.iter_mut().enumerate() {
            let innovation = z - member.state.one_step(&member.params);
            member.loss += (1.0 - DISCOUNT) * (innovation.abs() - member.loss);
            let Member { state, params, .. } = member;
            state.update_within(params, innovation, SEASON_CLIP * sigma);
            if index == self.speaker {
                spoken = innovation;
            }
        }
        self.points += 1.0;
        let gain = VARIANCE_GAIN.max(1.0 / self.points);
        let believed = spoken.abs().min(CLIP * sigma);
        self.variance += gain * (believed * believed - self.variance);
        self.choose();
    }

    /// Lets `steps` steps pass without a value: all components go on as expected.
    ///
    /// Takes as long as pushing `steps` values into the ring, or emptying it.
    pub fn pass(&mut self, steps: u32) {
        if self.age == 0 {
            return;
        }
        for member in &mut self.members {
            member.state.pass(&member.params, steps);
            let line = &mut member.state.line;
            line.level = line.level.clamp(-VALUE_MAX, VALUE_MAX);
        }
        self.missing = self.missing.saturating_add(steps as usize);
        if self.missing >= self.capacity {
            self.ring.clear();
            self.known = 0;
        } else {
            (0..steps).for_each(|_| self.ring.push_missing());
        }
    }

    /// The forecast of the next value, in the unit of the values.
    #[must_use]
    pub fn next(&self) -> f64 {
        let speaker = self.speaker();
        self.in_range(speaker.state.one_step(&speaker.params))
    }

    /// Writes the forecasts of the next `steps` values into `out`, in the unit of the values; those of a
    /// counter's increments are increments.
    pub fn path(&self, out: &mut Vec<f64>, steps: u32) {
        let Member { state, params, .. } = self.speaker();
        out.clear();
        out.extend((1..=steps).map(|step| self.in_range(state.ahead(params, step))));
    }

    /// Writes `[yhat, lower, upper]` of the next `steps` values into `out`: the forecast and the
    /// prediction interval of `half_width` standard deviations to either side (1.96 for 95 %).
    ///
    /// For [`Sum::Increments`] they are what the counter will have risen by since the last value.
    /// Multiplicative forecasts have their interval on logarithms: it is positive, and longer above than
    /// below. `lower <= yhat <= upper`, all finite.
    pub fn forecast(&self, steps: Steps, half_width: f64, out: &mut Vec<[f64; 3]>) {
        let Member { state, params, .. } = self.speaker();
        let mut total = 0.0;
        out.clear();
        for (step, width) in (1..=steps.last()).zip(self.widths()) {
            if self.sum == Sum::Value && !steps.has(step) {
                continue;
            }
            let y = self.in_range(state.ahead(params, step));
            total += y;
            let yhat = match self.sum {
                Sum::Value => y,
                Sum::Increments => total,
            };
            if !steps.has(step) {
                continue;
            }
            let half = half_width * self.sigma() * width;
            let z = self.form.apply(yhat);
            let lower = self.range.floor(self.form.invert(z - half)).min(yhat);
            let upper = self.form.invert(z + half).max(yhat);
            out.push([yhat, lower, upper]);
        }
    }

    /// Standard deviation of one step's innovation, on the scale of [`Ets::form`]: in the unit of the
    /// values, or of their natural logarithms.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Standard deviations 1, 2, 3 ... steps ahead in units of [`Ets::sigma`], on the same scale.
    pub fn widths(&self) -> impl Iterator<Item = f64> + use<> {
        let Member { state, params, .. } = self.speaker();
        interval::widths(*params, state.lengths(), self.sum)
    }

    /// The values that are kept, oldest first; NaN where one is missing.
    #[must_use]
    pub fn recent(&self) -> Vec<f64> {
        let mut values = Vec::new();
        self.ring.copy_to(&mut values);
        values
    }

    /// How the components combine at present.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The components that the forecasts come from, on the scale of [`Ets::form`].
    #[must_use]
    pub fn state(&self) -> &Seasonal {
        &self.speaker().state
    }

    /// The smoothing parameters that the forecasts come from.
    #[must_use]
    pub fn params(&self) -> Params {
        self.speaker().params
    }

    /// Whether the forecasts are finite. Slots are not looked at: one that was not finite would have
    /// taken the level with it.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.variance.is_finite() && self.members.iter().all(|m| m.state.line.is_finite())
    }

    pub(super) fn speaker(&self) -> &Member {
        &self.members[self.speaker]
    }

    /// The trend speaks when its forecasts have been better lately.
    pub(super) fn choose(&mut self) {
        let better = |a: &Member, b: &Member| a.loss < b.loss;
        let has_choice = self.members.len() > 1;
        self.speaker = usize::from(has_choice && better(&self.members[1], &self.members[0]));
    }

    fn in_range(&self, z: f64) -> f64 {
        let is_asked_for = matches!(self.trend, Trend::Damped | Trend::Linear);
        self.range.clamp(self.form.invert(z), is_asked_for)
    }
}

/// The lengths that count, the shorter one first and 0 last.
fn lengths(seasons: [u32; 2]) -> [usize; 2] {
    let mut lengths = seasons.map(|length| {
        if (2..=SEASON_MAX).contains(&length) {
            length as usize
        } else {
            0
        }
    });
    if lengths[0] == lengths[1] {
        lengths[1] = 0;
    }
    lengths.sort_unstable_by_key(|&length| if length > 0 { length } else { usize::MAX });
    lengths
}

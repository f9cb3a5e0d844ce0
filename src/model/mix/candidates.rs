//! Who may speak, and how their voices make one forecast.
//!
//! A forecast is the **weighted median** of the candidates: the weight of each is
//! `(smallest loss / own loss)^p`, the losses being those of its own past forecasts. A median is nearly
//! immune to a bad candidate, which a mean is not; selection of the best one alone is worse than both.

pub use super::set::Set;

use crate::approx::{exp, ln};
use crate::minmax;

/// Number of candidates.
pub const COUNT: usize = 16;

/// The last value.
pub const LAST: usize = 0;
/// The level behind a gate that 30 refusals in a row open.
pub const GATE_30: usize = 1;
/// Mean of the last value and that level.
pub const MIDDLE: usize = 2;
/// The level behind a gate that 120 refusals open.
pub const GATE_120: usize = 3;
/// Median of the last five.
pub const MEDIAN: usize = 4;
/// Simple exponential smoothing.
pub const SMOOTHED: usize = 5;
/// Mean of the last few hundred.
pub const MEAN: usize = 6;
/// Autoregression on differences.
pub const DRIFT: usize = 7;
/// Autoregression on logarithms.
pub const LOGS: usize = 8;
/// Autoregression on values.
pub const VALUES: usize = 9;
/// The value one first season ago.
pub const SEASON_1: usize = 10;
/// The value one second season ago.
pub const SEASON_2: usize = 11;
/// Seasonal smoothing.
pub const SLOTS: usize = 12;
/// The last value, moved as the outlook moves.
pub const MOVED: usize = 13;
/// The outlook of the coarse grid itself.
pub const OUTLOOK: usize = 14;
/// The damped trend.
pub const TREND: usize = 15;

/// Short names of the candidates, for reports.
pub const NAMES: [&str; COUNT] = [
    "last value",
    "gate of 30",
    "middle",
    "gate of 120",
    "median of 5",
    "smoothed",
    "mean",
    "drift",
    "AR of logs",
    "AR of values",
    "season 1",
    "season 2",
    "smoothed seasons",
    "moved by outlook",
    "outlook",
    "trend",
];

/// A number for each candidate.
pub type Each = [f32; COUNT];

/// Exponent of a weight for the paths. 4 to 8 give the same on M4; on streams without structure 4 is 2
/// to 8 % worse.
const PATH_POWER: i32 = 6;
/// Exponent of a weight for one step; 8 to 16 are alike.
const STEP_POWER: i32 = 12;
/// What the weight of the last value is multiplied by for one step; 1.5 to 3 are alike.
const LAST_VALUE_FACTOR: f32 = 2.0;
/// Drift and trend speak only while their loss is below this share of the last value's; ungated they are
/// more near-copies of the last value, and near-copies outvote the rest of a median.
const TREND_GATE: f32 = 0.95;
/// Weights up to this are left out: 2 % of the largest.
const AUDIBLE: u8 = 5;
/// Negative logarithms of shares from which on they are inaudible.
const DEAF: f32 = 7.0;
/// Least loss, in those of the last value: a season that repeats itself exactly never misses.
const LEAST: f32 = 1e-6;

/// What candidates weigh, and which of them are heard.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    pub(crate) of: [u8; COUNT], // in 1/255 of the largest
    pub(crate) heard: Set,
}

impl Weights {
    /// Only the last value is heard.
    pub const LAST_VALUE: Self = {
        let mut of = [0; COUNT];
        of[LAST] = u8::MAX;
        Self {
            of,
            heard: Set(1 << LAST),
        }
    };

    /// Weights of the paths for these losses of the candidates in `known`.
    #[must_use]
    pub fn of_paths(losses: &Each, known: Set) -> Self {
        Self::new(losses, known, PATH_POWER, 1.0)
    }

    /// Weights of one step.
    #[must_use]
    pub fn of_steps(losses: &Each, known: Set) -> Self {
        Self::new(losses, known, STEP_POWER, LAST_VALUE_FACTOR)
    }

    fn new(losses: &Each, known: Set, power: i32, last_value_factor: f32) -> Self {
        let least = known
            .iter()
            .map(|candidate| losses[candidate])
            .fold(f32::INFINITY, |least, loss| minmax::min(loss, least));
        let last = losses[LAST];
        if !(last > 0.0 && least.is_finite()) {
            return Self::LAST_VALUE; // nothing is known yet, or nothing ever moved
        }
        let least = least.max(LEAST * last);
        let mut shares = [0.0; COUNT];
        for candidate in known.iter() {
            let is_gated = candidate == DRIFT || candidate == TREND;
            if is_gated && losses[candidate] > TREND_GATE * losses[LAST] {
                continue;
            }
            shares[candidate] = (least / minmax::max(losses[candidate], least)).powi(power);
        }
        shares[LAST] *= last_value_factor;
        Self::of_shares(&shares)
    }

    fn of_shares(shares: &Each) -> Self {
        let most = shares
            .iter()
            .fold(0.0, |most, &share| minmax::max(share, most));
        let per_most = f32::from(u8::MAX) / most;
        let of = shares.map(|share| (share * per_most + 0.5) as u8);
        let mut heard = 0;
        for (candidate, &of) in of.iter().enumerate() {
            heard |= u16::from(of > AUDIBLE) << candidate;
        }
        Self {
            of,
            heard: Set(heard),
        }
    }

    /// The candidates that are heard: what others say makes no difference.
    #[must_use]
    #[inline]
    pub fn heard(&self) -> Set {
        self.heard
    }

    /// The weight of a candidate, 1 that of the one with the largest.
    #[must_use]
    #[inline]
    pub fn of(&self, candidate: usize) -> f32 {
        f32::from(self.of[candidate]) / f32::from(u8::MAX)
    }

    /// The candidate at the weighted median of `forecasts`, so that a quantised series keeps its own
    /// values. The last value when none of those that are heard is in `present`.
    #[must_use]
    #[inline]
    pub fn median_candidate(&self, forecasts: &Each, present: Set) -> usize {
        let speakers = self.heard.and(present);
        if speakers.0.is_power_of_two() {
            return speakers.0.trailing_zeros() as usize; // most often the last value
        }
        let order = Order::of(forecasts, speakers, self);
        let mut sum = 0;
        for &candidate in order.candidates() {
            sum += u32::from(self.of[candidate as usize]);
            if 2 * sum >= order.total {
                return candidate as usize;
            }
        }
        LAST
    }

    /// The weighted median of `forecasts`, linear between the midpoints of the cumulated weights.
    #[must_use]
    pub fn median(&self, forecasts: &Each, present: Set) -> f32 {
        let speakers = self.heard.and(present);
        if speakers.0.is_power_of_two() {
            return forecasts[speakers.0.trailing_zeros() as usize];
        }
        let order = Order::of(forecasts, speakers, self);
        let half = 0.5 * order.total as f32;
        let mut sum = 0.0;
        let mut below: Option<(f32, f32)> = None;
        for &candidate in order.candidates() {
            let weight = f32::from(self.of[candidate as usize]);
            let forecast = forecasts[candidate as usize];
            let middle = sum + 0.5 * weight;
            if middle >= half {
                return match below {
                    None => forecast,
                    Some((at, value)) => value + (forecast - value) * ((half - at) / (middle - at)),
                };
            }
            below = Some((middle, forecast));
            sum += weight;
        }
        below.map_or(forecasts[LAST], |(_, forecast)| forecast)
    }
}

/// Losses of one step and of paths, for weights part of the way from the one to the other: in those of
/// the last value they count geometrically.
#[derive(Clone, Debug)]
pub struct Blend {
    near: Each, // ln of the loss in those of the last value
    far: Each,
    known: Set,
}

impl Blend {
    /// Of the candidates in `known`; `None` while the last value has no loss.
    #[must_use]
    pub fn new(steps: &Each, paths: &Each, known: Set) -> Option<Self> {
        if !(steps[LAST] > 0.0 && paths[LAST] > 0.0) {
            return None;
        }
        let in_last = |losses: &Each| losses.map(|loss| ln((loss / losses[LAST]).max(LEAST)));
        Some(Self {
            near: in_last(steps),
            far: in_last(paths),
            known,
        })
    }

    /// The weights `along` the way: those of one step at 0, of the paths at 1. The weight of the last
    /// value is multiplied by `favour` at 0.
    #[must_use]
    pub fn at(&self, along: f32, favour: f32) -> Weights {
        let mut losses = [f32::INFINITY; COUNT]; // ln
        let mut least = f32::INFINITY;
        for candidate in self.known.iter() {
            let loss = (1.0 - along) * self.near[candidate] + along * self.far[candidate];
            let is_gated = candidate == DRIFT || candidate == TREND;
            least = minmax::min(loss, least);
            if !is_gated || loss <= TREND_GATE.ln() {
                losses[candidate] = loss;
            }
        }
        let mut shares = losses.map(|loss| {
            let behind = PATH_POWER as f32 * (loss - least);
            let share = exp(-behind.min(DEAF));
            if behind < DEAF { share } else { 0.0 }
        });
        shares[LAST] *= favour.powf(1.0 - along);
        Weights::of_shares(&shares)
    }
}

/// Forecasts of the values 1, 2, 3 ... steps ahead become those of the mean of the values up to there.
pub fn running_means(forecasts: &mut [Each]) {
    let mut sums = [0.0; COUNT];
    for (before, forecasts) in forecasts.iter_mut().enumerate() {
        for (sum, forecast) in sums.iter_mut().zip(forecasts) {
            *sum += *forecast;
            *forecast = *sum / (before + 1) as f32;
        }
    }
}

/// Candidates by their forecasts.
struct Order {
    candidates: [u8; COUNT],
    count: usize,
    total: u32,
}

impl Order {
    #[inline]
    fn of(forecasts: &Each, heard: Set, weights: &Weights) -> Self {
        let mut order = Self {
            candidates: [0; COUNT],
            count: 0,
            total: 0,
        };
        let mut sorted = [0.0; COUNT];
        for candidate in heard.iter() {
            let forecast = forecasts[candidate];
            let mut at = order.count;
            while at > 0 && sorted[at - 1] > forecast {
                sorted[at] = sorted[at - 1];
                order.candidates[at] = order.candidates[at - 1];
                at -= 1;
            }
            sorted[at] = forecast;
            order.candidates[at] = candidate as u8;
            order.count += 1;
            order.total += u32::from(weights.of[candidate]);
        }
        order
    }

    fn candidates(&self) -> &[u8] {
        &self.candidates[..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(candidates: &[usize]) -> Set {
        let mut set = Set::default();
        candidates.iter().for_each(|&candidate| set.add(candidate));
        set
    }

    #[test]
    fn a_bad_candidate_does_not_move_the_median() {
        let mut losses = [1.0; COUNT];
        losses[VALUES] = 3.0;
        let known = known(&[LAST, MEDIAN, VALUES]);
        let weights = Weights::of_paths(&losses, known);
        let mut forecasts = [0.0; COUNT];
        (forecasts[LAST], forecasts[MEDIAN], forecasts[VALUES]) = (5.0, 5.0, 1e9);
        assert!((weights.median(&forecasts, known) - 5.0).abs() < 1e-6);
    }

    #[test]
    fn equal_candidates_meet_in_the_middle() {
        let known = known(&[LAST, MEDIAN]);
        let weights = Weights::of_paths(&[2.0; COUNT], known);
        let mut forecasts = [0.0; COUNT];
        (forecasts[LAST], forecasts[MEDIAN]) = (1.0, 2.0);
        assert!((weights.median(&forecasts, known) - 1.5).abs() < 1e-6);
        let steps = Weights::of_steps(&[2.0; COUNT], known);
        assert_eq!(steps.median_candidate(&forecasts, known), LAST);
    }

    #[test]
    fn the_drift_is_heard_only_where_it_is_clearly_better_than_the_last_value() {
        let mut losses = [1.0; COUNT];
        let known = known(&[LAST, DRIFT]);
        for (loss, is_heard) in [(0.96, false), (0.94, true)] {
            losses[DRIFT] = loss;
            let weights = Weights::of_paths(&losses, known);
            assert_eq!(weights.of(DRIFT) > 0.0, is_heard, "{loss}");
        }
    }

    #[test]
    fn where_nothing_ever_moved_the_last_value_speaks() {
        let weights = Weights::of_paths(&[0.0; COUNT], known(&[LAST, SMOOTHED]));
        assert!(weights.of(SMOOTHED) <= 0.0 && weights.of(LAST) >= 1.0);
    }
}

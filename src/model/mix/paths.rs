//! Forecasts on their way: every candidate's, until the values they are about have come.
//!
//! Every so many steps all candidates that are awake issue a path. It is kept at a few steps
//! ([`super::horizons`]) in 16 bits, as difference to the last value in a unit of its own, so that a
//! large level costs no digits. The loss of a candidate is its mean absolute error over the steps of a
//! path, discounted from path to path. The seasonal naives are not stored: when a step is judged, the
//! ring still has what they said.

use super::candidates::{
    COUNT, DRIFT, Each, LAST, LOGS, MOVED, OUTLOOK, SEASON_1, SEASON_2, SLOTS, Set, TREND, VALUES,
};
use super::horizons::Horizons;
use super::ring::Change;
use crate::minmax;

/// Paths that may be on their way at once.
const OPEN_MAX: usize = 4;
/// Candidates that are constant along a path, the last value (always the base) left out.
const CONSTANT: usize = 6;
/// Candidates whose path varies and is stored.
const VARYING: [usize; 7] = [DRIFT, LOGS, VALUES, SLOTS, MOVED, OUTLOOK, TREND];
/// Codes of the largest departure of a path.
const CODES: f32 = 32_000.0;

/// What is issued: every candidate's forecasts at the kept steps.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The forecasts, in units.
    pub forecasts: Vec<Each>,
    /// Whose they are.
    pub present: Set,
    /// The forecast that is made of them.
    pub combined: Vec<f32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) base: f32,
    pub(crate) unit: f32,
    pub(crate) sum: f32, // of the values that came since
    pub(crate) came: u8, // how many those are
    pub(crate) age: u8,  // steps since it was issued
    pub(crate) next: u8, // of the kept steps
    pub(crate) present: Set,
    pub(crate) weight: f32,       // of the steps judged so far
    pub(crate) errors: Each,      // weighted sums, in units
    pub(crate) codes: Box<[i16]>, // the constant ones, then per step: combined, varying
}

/// One step of a path, judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Steps ahead, from 1.
    pub step: usize,
    /// Which of the kept steps that is.
    pub index: usize,
    /// What was forecast, in units: the value, or the sum of the values since the path was issued.
    pub forecast: f32,
    /// What came.
    pub outcome: f32,
}

/// The paths on their way, and what those that have arrived say of the candidates.
#[derive(Clone, Debug)]
pub struct Paths {
    pub(crate) horizons: Horizons,
    pub(crate) of_means: bool, // forecasts are of the mean since the path was issued
    pub(crate) open: Vec<Path>,
    pub(crate) arrived: u32,
    pub(crate) losses: Each,
    pub(crate) weights: [u8; COUNT], // discounted number of paths behind each loss, in eighths
}

impl Paths {
    /// None yet. With `of_means` forecasts are of the mean of the values from the next one to the step.
    #[must_use]
    pub fn new(horizons: Horizons, of_means: bool) -> Self {
        Self {
            horizons,
            of_means,
            open: Vec::new(),
            arrived: 0,
            losses: [0.0; COUNT],
            weights: [0; COUNT],
        }
    }

    /// Whether its parts fit together.
    pub(crate) fn is_sound(&self) -> bool {
        let steps = self.horizons.as_slice().len();
        self.open.iter().all(|path| {
            let stride = 1 + stored(path.present).count();
            usize::from(path.next) <= steps && path.codes.len() == CONSTANT + steps * stride
        })
    }

    /// The steps that are kept.
    #[must_use]
    pub fn horizons(&self) -> &Horizons {
        &self.horizons
    }

    /// Paths that have arrived.
    #[must_use]
    pub fn arrived(&self) -> u32 {
        self.arrived
    }

    /// Mean absolute error of each candidate's paths, in units, of those that have arrived.
    #[must_use]
    pub fn losses(&self) -> &Each {
        &self.losses
    }

    /// The candidates with a path that has arrived.
    #[must_use]
    pub fn known(&self) -> Set {
        known(&self.weights.map(f32::from))
    }

    /// The losses along a path as they count, and whose they are. While hardly any path has arrived,
    /// those on their way count by as much as has come of them: a disk must not fill up unseen for two
    /// horizons.
    #[must_use]
    pub fn standing(&self) -> (Each, Set) {
        let (mut losses, mut weights) = (self.losses, self.weights.map(decode));
        if self.arrived < FEW {
            for path in self.open.iter().filter(|path| path.weight > 0.0) {
                for candidate in path.present.iter() {
                    let weight = weights[candidate] + path.weight;
                    let loss = path.errors[candidate] / path.weight;
                    losses[candidate] += (loss - losses[candidate]) * path.weight / weight;
                    weights[candidate] = weight;
                }
            }
        }
        self.doubt(&mut losses);
        (losses, known(&weights))
    }

    /// A candidate that has been better than the naive ones along a few paths is not that much better:
    /// its lead over the best of them counts for as much as is known. Of a season more is known than
    /// those paths.
    fn doubt(&self, losses: &mut Each) {
        let paths = self.arrived as f32 + 0.5;
        let share = paths / (paths + DOUBT);
        let naive = [LAST, SEASON_1, SEASON_2, SLOTS, MOVED, OUTLOOK].map(|naive| losses[naive]);
        let known = naive.into_iter().filter(|&loss| loss > 0.0);
        let best = known.fold(f32::INFINITY, f32::min);
        for loss in losses.iter_mut().filter(|loss| **loss < best) {
            *loss = best + share * (*loss - best);
        }
    }

    /// Takes a candidate's loss from elsewhere; a weight of 0 makes it unknown.
    pub fn set_loss(&mut self, candidate: usize, loss: f32, weight: f32) {
        self.losses[candidate] = loss;
        self.weights[candidate] = encode(weight);
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |path: &Path| size_of_val(&*path.codes);
        self.open.capacity() * size_of::<Path>() + self.open.iter().map(of).sum::<usize>()
    }

    /// Forgets the paths on their way, and that many have arrived: what they say is of other candidates.
    /// Of the new ones `known` are known.
    pub fn restart(&mut self, known: u32) {
        self.open.clear();
        self.arrived = self.arrived.max(known).min(RESTART);
    }

    /// Sends a path on its way, from the last value.
    pub fn issue(&mut self, issue: &Issue, last: f32) {
        if self.open.len() == OPEN_MAX {
            self.open.remove(0);
        }
        let mut largest = 0.0_f32;
        for candidate in issue.present.iter() {
            for forecasts in &issue.forecasts {
                largest = minmax::max((forecasts[candidate] - last).abs(), largest);
            }
        }
        let unit = (largest / CODES).max(1e-30);
        let per_unit = 1.0 / unit;
        let code = |z: f32| nearest((z - last) * per_unit);
        let stride = 1 + stored(issue.present).count();
        let mut codes = Vec::with_capacity(CONSTANT + issue.combined.len() * stride);
        let constant = &issue.forecasts[0][1..=CONSTANT];
        codes.extend(constant.iter().map(|&z| code(z)));
        for (forecasts, &combined) in issue.forecasts.iter().zip(&issue.combined) {
            codes.push(code(combined));
            let varying = stored(issue.present);
            codes.extend(varying.map(|candidate| code(forecasts[candidate])));
        }
        self.open.reserve_exact(1);
        self.open.push(Path {
            base: last,
            unit,
            sum: 0.0,
            came: 0,
            age: 0,
            next: 0,
            present: issue.present,
            weight: 0.0,
            errors: [0.0; COUNT],
            codes: codes.into_boxed_slice(),
        });
    }

    /// Whether the next value is judged by a path.
    #[inline]
    #[must_use]
    pub fn is_due(&self) -> bool {
        let steps = self.horizons.as_slice();
        self.open
            .iter()
            .any(|path| path.age + 1 == steps[usize::from(path.next)])
    }

    /// Lets a step pass. `outcome` is its value in units, `None` where it is missing; `naive(step)` what
    /// the seasonal naives said `step` steps before of it, or of the mean up to it. Says what was judged
    /// to `judged`, and whether a path has arrived.
    pub fn advance(
        &mut self,
        outcome: Option<f32>,
        naive: impl Fn(u32) -> [Option<f32>; 2],
        mut judged: impl FnMut(Judged),
    ) -> bool {
        let horizons = self.horizons;
        let mut has_arrived = false;
        for path in &mut self.open {
            path.age += 1;
            if let Some(z) = outcome {
                path.sum += z;
                path.came += 1;
            }
            let index = usize::from(path.next);
            if path.age != horizons.as_slice()[index] {
                continue;
            }
            path.next += 1;
            if let Some(z) = outcome {
                let mean = path.sum / f32::from(path.came);
                let came = if self.of_means { mean } else { z };
                path.judge(
                    index,
                    horizons.weight(index),
                    came,
                    naive(u32::from(path.age)),
                );
                let mut one = path.judged(index, came);
                if self.of_means {
                    one.forecast *= f32::from(path.age);
                    one.outcome = mean * f32::from(path.age);
                }
                judged(one);
            }
            has_arrived |= usize::from(path.next) == horizons.as_slice().len();
        }
        if has_arrived {
            self.fold_in();
        }
        has_arrived
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, change: Change) {
        for path in &mut self.open {
            path.base = change.value(path.base);
            path.unit *= change.stretch;
            path.sum = (path.sum - f32::from(path.came) * change.shift) * change.stretch;
            path.errors.iter_mut().for_each(|e| *e *= change.stretch);
        }
        self.losses.iter_mut().for_each(|e| *e *= change.stretch);
    }

    /// Lets the paths that have arrived into the losses, and forgets them.
    fn fold_in(&mut self) {
        let horizons = self.horizons;
        let kept = horizons.as_slice().len();
        let [young, old] = horizons.gaps();
        let is_done = |path: &Path| usize::from(path.next) == kept;
        let Self {
            open,
            arrived,
            losses,
            weights,
            ..
        } = self;
        for path in open.iter().filter(|path| is_done(path)) {
            *arrived = arrived.saturating_add(1);
            let gap = if *arrived > SETTLED { old } else { young };
            if path.weight < LEAST_WEIGHT {
                continue; // nearly all of it is missing
            }
            let keep = horizons.keep(gap);
            for candidate in path.present.iter() {
                let loss = path.errors[candidate] / path.weight;
                let weight = decode(weights[candidate]) * keep;
                losses[candidate] = (losses[candidate] * weight + loss) / (weight + 1.0);
                weights[candidate] = encode(weight + 1.0);
            }
        }
        open.retain(|path| !is_done(path));
    }
}

/// Paths that a lead over the last value has to be confirmed by to count by half. From 1 to 10 the
/// scores on M4 get better by .002, those of series with a season and 16 to 48 points worse by a third.
const DOUBT: f32 = 3.0;
/// Paths from which on those on their way do not count.
const FEW: u32 = 3;
/// Paths after which they are issued less often.
pub const SETTLED: u32 = 60;
/// Paths that count as arrived after a restart.
const RESTART: u32 = 12;
/// Least share of a path that must have been judged.
pub const LEAST_WEIGHT: f32 = 0.3;

impl Path {
    fn judge(&mut self, index: usize, weight: f32, z: f32, naive: [Option<f32>; 2]) {
        let off = |code: i16| weight * (self.base + f32::from(code) * self.unit - z).abs();
        self.weight += weight;
        self.errors[0] += off(0);
        let (constant, rest) = self.codes.split_at(CONSTANT);
        for (error, &code) in self.errors[1..].iter_mut().zip(constant) {
            *error += off(code);
        }
        let stride = 1 + stored(self.present).count();
        let codes = &rest[index * stride + 1..(index + 1) * stride];
        for (candidate, &code) in stored(self.present).zip(codes) {
            self.errors[candidate] += off(code);
        }
        for (candidate, forecast) in [SEASON_1, SEASON_2].into_iter().zip(naive) {
            match forecast {
                Some(forecast) => self.errors[candidate] += weight * (forecast - z).abs(),
                None => self.present.remove(candidate),
            }
        }
    }

    fn judged(&self, index: usize, z: f32) -> Judged {
        let stride = 1 + stored(self.present).count();
        let code = self.codes[CONSTANT + index * stride];
        Judged {
            step: usize::from(self.age),
            index,
            forecast: self.base + f32::from(code) * self.unit,
            outcome: z,
        }
    }
}

/// A number of paths in eighths: there are no more than 25, the horizons' memory over their least gap.
fn encode(paths: f32) -> u8 {
    let least = u8::from(paths > 0.0);
    ((8.0 * paths + 0.5) as u8).max(least)
}

fn decode(eighths: u8) -> f32 {
    f32::from(eighths) / 8.0
}

/// The nearest whole number; saturates.
fn nearest(x: f32) -> i16 {
    (x + 0.5_f32.copysign(x)) as i16
}

/// The candidates with a weight.
fn known(weights: &Each) -> Set {
    let mut known = Set::default();
    for (candidate, &weight) in weights.iter().enumerate() {
        if weight > 0.0 {
            known.add(candidate);
        }
    }
    known
}

/// The candidates of `present` whose path is stored.
fn stored(present: Set) -> impl Iterator<Item = usize> {
    VARYING
        .into_iter()
        .filter(move |&candidate| present.has(candidate))
}

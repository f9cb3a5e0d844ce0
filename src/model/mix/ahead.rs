//! Forecasts and their intervals: what is said to the outside, and the paths that are kept to be judged.

use super::candidates::{COUNT, DRIFT, Each, LAST, Set, TREND, Weights, running_means};
use super::conformal::Measure;
use super::ground::Ground;
use super::grown::{Grown, widened};
use super::horizons::Horizons;
use super::outlook::Outlook;
use super::paths::{Issue, SETTLED};
use super::shapes::Shapes;
use super::sleep::{NAP, WATCHED};
use crate::minmax;
use crate::model::steps::Steps;

/// Paths between two computations of the closed-form widths, once paths have arrived.
pub(super) const SHAPES_EVERY: u32 = 4;
/// Half the width of the widest interval, in ranges of the ring.
const WIDEST: f32 = 2.0;
/// Largest half width of an interval on logarithms: a factor of 5e8.
const LOG_HALF_MAX: f32 = 20.0;

impl Grown {
    /// What is expected of the next value.
    pub(super) fn next(&self, outlook: Option<&Outlook>) -> f64 {
        let outlook = outlook.filter(|_| self.has_outlook);
        let expected = self.ask(outlook, Set::ALL);
        if expected.speaker == LAST {
            return self.last; // the very value
        }
        self.bound(self.ring.value(expected.voices.forecasts[expected.speaker]))
    }

    /// The forecasts of the values so many steps ahead, or of their sum up to there, without intervals.
    pub(super) fn expectations(&self, steps: Steps, outlook: Option<&Outlook>) -> Vec<f64> {
        let outlook = outlook.filter(|_| self.has_outlook);
        // A mean is of all steps up to there.
        let asked = if self.sums {
            Steps::up_to(steps.last())
        } else {
            steps
        };
        let horizon = self.paths.horizons().last();
        let mut weighing = self.weighing();
        let weights = |step: u32| weighing.at(step.min(horizon));
        let weights: Vec<Weights> = steps.iter().map(weights).collect();
        let heard = weights
            .iter()
            .fold(Set::default(), |heard, weights| heard.or(weights.heard()));
        let each = asked.iter().map(|step| step as usize);
        let (mut forecasts, present) = self.all_paths(each, outlook, heard);
        if self.sums {
            running_means(&mut forecasts);
        }
        let yhat = |((step, forecasts), weights): ((u32, &Each), &Weights)| {
            if step == 1 {
                return self.next(outlook);
            }
            let yhat = self.bound(self.ring.value(weights.median(forecasts, present)));
            if self.sums {
                yhat * f64::from(step)
            } else {
                yhat
            }
        };
        let pairs = asked.iter().zip(&forecasts);
        pairs
            .filter(|(step, _)| steps.has(*step))
            .zip(&weights)
            .map(yhat)
            .collect()
    }

    /// Writes forecast and interval of the values so many steps ahead, or of their sum up to there.
    pub(super) fn forecast(
        &self,
        steps: Steps,
        outlook: Option<&Outlook>,
        out: &mut Vec<[f64; 3]>,
    ) {
        let rising = self.sums && self.is_nonnegative; // what is forecast never falls
        let asked = if rising {
            Steps::up_to(steps.last())
        } else {
            steps
        };
        let mut expected = self.expectations(asked, outlook).into_iter();
        let measure = self.conformal.measure();
        let mut shapes = Vec::new();
        self.widths(measure == Measure::Logs, steps.last() as usize, &mut shapes);
        let halves = self.conformal.halves();
        let zero = self.zero();
        let has_season = self.seasons()[0] > 0;
        let widest = if self.sums {
            f32::INFINITY
        } else {
            WIDEST * (self.bounds.1 - self.bounds.0)
        };
        let (mut sum, mut half) = (0.0_f64, 0.0_f32);
        for (step, &shape) in (1..).zip(&shapes) {
            if !has_season || steps.has(step) {
                let own = halves.at(step as usize, self.slot(step as usize - 1), shape);
                // Without a calmer hour ahead nothing is known better later than sooner.
                half = if has_season { own } else { half.max(own) };
            }
            let Some(mut yhat) = asked.has(step).then(|| expected.next()).flatten() else {
                continue;
            };
            let z = self.ring.unit(yhat);
            if rising {
                yhat = yhat.max(sum);
                sum = yhat;
            }
            if !steps.has(step) {
                continue;
            }
            let (below, above) = match measure {
                Measure::Values => (half, half),
                Measure::Logs => {
                    let factor = half.min(LOG_HALF_MAX).exp();
                    (
                        (z + zero) * (1.0 - 1.0 / factor),
                        (z + zero) * (factor - 1.0),
                    )
                }
            };
            let size = self.ring.scale();
            let (below, above) = (below.min(widest), above.min(widest));
            out.push([
                yhat,
                self.bound(yhat - size * f64::from(below)).min(yhat),
                yhat + size * f64::from(above),
            ]);
        }
    }

    /// What the candidates weigh at the horizon.
    #[must_use]
    pub fn path_weights(&self) -> Weights {
        if self.naive {
            return Weights::LAST_VALUE;
        }
        let (losses, known) = self.paths.standing();
        Weights::of_paths(&losses, known)
    }

    /// The forecasts at these steps of every candidate in `awake`; those that cost nothing come too.
    fn all_paths(
        &self,
        steps: impl Iterator<Item = usize> + Clone,
        outlook: Option<&Outlook>,
        awake: Set,
    ) -> (Vec<Each>, Set) {
        let mut first = [0.0; COUNT];
        let mut present = self.levels.forecast(&mut first);
        let longest = steps.clone().last().unwrap_or(1);
        let bounds = self.bounds_and(outlook);
        let mut forecasts = vec![first; steps.clone().count()];
        let mut scratch = Vec::new();
        if self.drift.is_ready() && awake.has(DRIFT) {
            self.drift.path(&self.ring, bounds, longest, &mut scratch);
            for (step, forecasts) in steps.clone().zip(&mut forecasts) {
                forecasts[DRIFT] = scratch[step - 1];
            }
            present.add(DRIFT);
        }
        if awake.has(TREND) {
            for (step, forecasts) in steps.clone().zip(&mut forecasts) {
                forecasts[TREND] = self.trend.ahead(step);
            }
            present.add(TREND);
        }
        let ground = Ground {
            ring: &self.ring,
            outlook,
            last: self.levels.last(),
            bounds,
        };
        let fitted = self
            .fitted
            .paths(ground, awake, steps, &mut forecasts, &mut scratch);
        present.0 |= fitted.0;
        let (low, high) = widened(bounds);
        for forecasts in &mut forecasts {
            for forecast in &mut forecasts[DRIFT..] {
                *forecast = minmax::within(*forecast, low, high);
            }
        }
        (forecasts, present)
    }

    /// Sends a path on its way.
    pub(super) fn issue(&mut self, outlook: Option<&Outlook>) {
        let horizons = *self.paths.horizons();
        let arrived = self.paths.arrived();
        let is_full = self.issued.is_multiple_of(NAP) || arrived < WATCHED;
        let awake = if is_full {
            Set::ALL
        } else {
            Set(!self.asleep.0)
        };
        let steps = horizons.as_slice().iter().map(|&step| usize::from(step));
        let (forecasts, present) = if self.sums {
            let every = 1..=horizons.last() as usize;
            let (mut means, present) = self.all_paths(every, outlook, awake);
            running_means(&mut means);
            (steps.clone().map(|step| means[step - 1]).collect(), present)
        } else {
            self.all_paths(steps.clone(), outlook, awake)
        };
        let mut weighing = self.weighing();
        let combined = forecasts.iter().zip(horizons.as_slice());
        let combined = combined
            .map(|(f, &step)| weighing.at(step.into()).median(f, present))
            .collect();
        if arrived < 24 || self.issued.is_multiple_of(SHAPES_EVERY) {
            self.renew_shapes(&horizons);
        }
        let issue = Issue {
            forecasts,
            present,
            combined,
        };
        self.paths.issue(&issue, self.levels.last());
        self.issued = self.issued.wrapping_add(1);
        let [young, old] = horizons.gaps();
        let gap = if arrived > SETTLED { old } else { young };
        self.due = self.points.saturating_add(gap);
    }

    pub(super) fn renew_shapes(&mut self, horizons: &Horizons) {
        let mut widths = [Vec::new(), Vec::new()];
        for (on_logs, widths) in [false, true].into_iter().zip(&mut widths) {
            self.widths(on_logs, horizons.last() as usize, widths);
        }
        self.shapes = Shapes::at(horizons, [&widths[0], &widths[1]]);
    }

    /// Closed-form widths 1, 2 ... `steps` ahead, of the value or of the sum of the values.
    pub(super) fn widths(&self, on_logs: bool, steps: usize, out: &mut Vec<f32>) {
        let has_response = !self.naive && self.fitted.response(on_logs, steps, out);
        if !has_response {
            // The last value is the forecast of a random walk; it responds with 1 for ever.
            out.clear();
            out.resize(steps, 1.0);
        }
        let (mut carried, mut variance) = (0.0, 0.0);
        for psi in out.iter_mut() {
            carried = if self.sums { carried + *psi } else { *psi };
            variance += carried * carried;
            *psi = variance.sqrt();
        }
    }

    /// The range of the data, that of the outlook included: a young series with an old coarse grid has
    /// seen little of its day.
    fn bounds_and(&self, outlook: Option<&Outlook>) -> (f32, f32) {
        let means = outlook.map_or(&[][..], |outlook| outlook.means);
        means.iter().fold(self.bounds, |(low, high), &mean| {
            let z = self.ring.unit(mean);
            (minmax::min(z, low), minmax::max(z, high))
        })
    }

    /// The range that forecasts stay in where there is this outlook.
    pub(super) fn range(&self, outlook: &Outlook) -> (f64, f64) {
        let (low, high) = widened(self.bounds_and(Some(outlook)));
        (self.ring.value(low), self.ring.value(high))
    }

    /// A value that never was negative is not forecast to be.
    pub(super) fn bound(&self, y: f64) -> f64 {
        if self.is_nonnegative { y.max(0.0) } else { y }
    }
}

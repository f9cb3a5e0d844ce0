//! Prediction intervals that hold what they say: quantiles of past scores, not of a distribution.
//!
//! ```text
//! half width(h) = quantile x octave scale(h) x slot scale(t+h) x shape(h)
//! ```
//! * shape: `sqrt(1 + psi_1^2 + ... + psi_(h-1)^2)` from the autoregression's own response;
//! * octave scale: discounted mean of |error| / shape for steps 1, 2-3, 4-7 ..., drawn to the mean of all;
//! * slot scale: for 24 parts of the first season, discounted mean of what is left, drawn to 1;
//! * quantile: of |error| / (all of these) over the last 256 scores at rank `coverage x (n + kappa)`
//!   (split conformal prediction: Vovk, Gammerman & Shafer 2005). The scores of one path depend on each
//!   other, so each path counts as fewer than it has: that is kappa.
//!
//! The same on logarithms where values are positive; of both, the one with the smaller interval score
//! (Gneiting & Raftery 2007) speaks.

use super::horizons::{OCTAVES, octave};

/// Scores kept.
const SCORES: usize = 256;
/// Codes per natural logarithm of a score: steps of 3 %.
const CODES: f32 = 33.3;
/// The code of a score of 1.
const ONE: f32 = 128.0;
/// What the mean of a scale keeps from score to score: a memory of 33.
const KEEP: f32 = 0.97;
/// Scores' worth of the mean of all in an octave's scale.
const OCTAVE_PRIOR: f32 = 30.0;
/// Scores' worth of 1 in a slot's scale.
const SLOT_PRIOR: f32 = 6.0;
/// What a slot's scale keeps from one error of one step to the next.
const SLOT_KEEP: f32 = 0.95;
/// Weight of an error in the usual one of one step.
const STEP_GAIN: f32 = 0.01;
/// Weight of an interval score in the mean one.
const SCORE_GAIN: f32 = 0.01;
/// Slots of a season.
pub const SLOTS: usize = 24;
/// Scores from which on a quantile is taken of them.
const ENOUGH: usize = 20;
/// The quantile before that, raised and lowered score by score; that of a normal at 95 % over its
/// mean absolute value is 2.46.
const FIRST_QUANTILE: f32 = 2.5;
/// Scores after which the worse of the two scales is no longer fed.
const DECIDED: usize = 200;
/// kappa, in kept steps of a path, without a season and with one. Measured coverage of 95 % intervals on
/// M4 Hourly (two ends of the series): .935 and .953 at .4, .944 and .962 at .6, .955 and .970 at .8;
/// Weekly .961 and .940 at .1, .964 and .945 at .2.
const KAPPA: [f32; 2] = [0.1, 0.5];

/// A discounted mean.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f32,
    weight: f32,
}

impl Mean {
    fn add(&mut self, keep: f32, x: f32) {
        self.sum = keep * self.sum + x;
        self.weight = keep * self.weight + 1.0;
    }
}

/// Scores on one scale, values or logarithms.
#[derive(Clone, Debug)]
struct Scale {
    octaves: [Mean; OCTAVES],
    slots: Option<Box<[Mean; SLOTS]>>,
    scores: Vec<u8>,
    next: u16,
    quantile: f32,
    interval_score: f32,
    usual_step: f32,
}

/// What an error is measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Values in units.
    Values,
    /// Natural logarithms.
    Logs,
}

/// The intervals of a stream.
#[derive(Clone, Debug)]
pub struct Conformal {
    values: Scale,
    logs: Option<Scale>,
    coverage: f32,
}

impl Conformal {
    /// Nothing learnt. `coverage` in (0, 1).
    #[must_use]
    pub fn new(coverage: f32, has_logs: bool, has_season: bool) -> Self {
        Self {
            values: Scale::new(has_season),
            logs: has_logs.then(|| Scale::new(has_season)),
            coverage,
        }
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |scale: &Scale| {
            scale.scores.capacity()
                + scale
                    .slots
                    .as_ref()
                    .map_or(0, |slots| size_of_val(&**slots))
        };
        of(&self.values) + self.logs.as_ref().map_or(0, of)
    }

    /// Values turned negative: logarithms are over.
    pub fn end_logs(&mut self) {
        self.logs = None;
    }

    /// What the intervals are measured on.
    #[must_use]
    pub fn measure(&self) -> Measure {
        match &self.logs {
            Some(logs) if logs.interval_score < self.values.interval_score => Measure::Logs,
            _ => Measure::Values,
        }
    }

    /// Half the width `step` steps ahead in `slot`, for a closed-form width of `shape`.
    #[must_use]
    pub fn half_width(&self, step: usize, slot: usize, shape: f32) -> f32 {
        let scale = self.speaking();
        scale.quantile * scale.size(step, slot) * shape
    }

    /// Learns the error of a step of a path. `zero` is what logarithms add to values in units.
    pub fn learn(
        &mut self,
        step: usize,
        slot: usize,
        (forecast, outcome): (f32, f32),
        shapes: [f32; 2],
        zero: f32,
    ) {
        let measure = self.measure();
        let is_decided = self
            .logs
            .as_ref()
            .is_some_and(|logs| logs.scores.len().min(self.values.scores.len()) >= DECIDED);
        if !is_decided || measure == Measure::Values {
            let half = self.values.half(step, slot, shapes[0]);
            let score = interval_score((forecast - half, forecast + half), outcome, self.coverage);
            let error = (outcome - forecast).abs() / shapes[0];
            self.values.learn(step, slot, error, score);
        }
        let Some(logs) = &mut self.logs else { return };
        let (f, y) = (forecast + zero, outcome + zero);
        if (is_decided && measure == Measure::Values) || f <= 0.0 || y <= 0.0 {
            return;
        }
        let factor = logs.half(step, slot, shapes[1]).min(20.0).exp();
        let score = interval_score((f / factor, f * factor), y, self.coverage);
        let error = (y / f).ln().abs() / shapes[1];
        logs.learn(step, slot, error, score);
    }

    /// Learns the error of one step, for the slot it fell in.
    pub fn learn_step(&mut self, slot: usize, (forecast, outcome): (f32, f32), zero: f32) {
        self.values.learn_step(slot, (outcome - forecast).abs());
        if let Some(logs) = &mut self.logs {
            let (f, y) = (forecast + zero, outcome + zero);
            if f > 0.0 && y > 0.0 {
                let r = (y - f) / (y + f); // ln(y / f) = 2 artanh r
                logs.learn_step(slot, (2.0 * r * (1.0 + r * r / 3.0)).abs());
            }
        }
    }

    /// Takes the quantiles anew, after a path of `kept` steps.
    pub fn settle(&mut self, kept: usize, has_season: bool) {
        let kappa = KAPPA[usize::from(has_season)] * kept as f32;
        self.values.settle(self.coverage, kappa);
        if let Some(logs) = &mut self.logs {
            logs.settle(self.coverage, kappa);
        }
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, stretch: f32) {
        self.values.usual_step *= stretch;
        self.values.interval_score *= stretch;
        for octave in &mut self.values.octaves {
            octave.sum *= stretch;
        }
        if let Some(logs) = &mut self.logs {
            logs.interval_score *= stretch;
        }
    }

    fn speaking(&self) -> &Scale {
        match (&self.logs, self.measure()) {
            (Some(logs), Measure::Logs) => logs,
            _ => &self.values,
        }
    }
}

/// Width, and what lies outside weighed by `2 / (1 - coverage)`.
fn interval_score((low, high): (f32, f32), y: f32, coverage: f32) -> f32 {
    high - low + 2.0 / (1.0 - coverage) * ((low - y).max(0.0) + (y - high).max(0.0))
}

impl Scale {
    fn new(has_season: bool) -> Self {
        Self {
            octaves: [Mean::default(); OCTAVES],
            slots: has_season.then(|| Box::new([Mean::default(); SLOTS])),
            scores: Vec::new(),
            next: 0,
            quantile: FIRST_QUANTILE,
            interval_score: 0.0,
            usual_step: 0.0,
        }
    }

    fn half(&self, step: usize, slot: usize, shape: f32) -> f32 {
        self.quantile * self.size(step, slot) * shape
    }

    /// Expected |error| / shape.
    fn size(&self, step: usize, slot: usize) -> f32 {
        let all = self
            .octaves
            .iter()
            .fold(Mean::default(), |all, octave| Mean {
                sum: all.sum + octave.sum,
                weight: all.weight + octave.weight,
            });
        if all.weight <= 0.0 {
            return 0.0;
        }
        let own = self.octaves[octave(step)];
        let octave = (own.sum + OCTAVE_PRIOR * all.sum / all.weight) / (own.weight + OCTAVE_PRIOR);
        let slot = self.slots.as_ref().map_or(1.0, |slots| {
            (slots[slot].sum + SLOT_PRIOR) / (slots[slot].weight + SLOT_PRIOR)
        });
        octave * slot
    }

    fn learn(&mut self, step: usize, slot: usize, error: f32, interval_score: f32) {
        let octave = octave(step);
        let is_known = self.octaves[octave].weight > 0.0;
        if is_known {
            self.keep_score(error / self.size(step, slot).max(1e-12));
            self.interval_score += SCORE_GAIN * (interval_score - self.interval_score);
        }
        let mean = if is_known {
            self.octaves[octave].sum / self.octaves[octave].weight
        } else {
            error
        };
        self.octaves[octave].add(KEEP, error);
        if let Some(slots) = &mut self.slots {
            slots[slot].add(KEEP, (error / mean.max(1e-12)).min(10.0));
        }
    }

    fn keep_score(&mut self, score: f32) {
        let code = (super::ln::ln(score) * CODES + ONE).round() as u8; // saturates
        if self.scores.len() < SCORES {
            self.scores.push(code);
        } else {
            self.scores[usize::from(self.next)] = code;
            self.next = (self.next + 1) % SCORES as u16;
        }
        if self.scores.len() < ENOUGH {
            let factor = if score > self.quantile { 1.0789 } else { 0.996 };
            self.quantile = (self.quantile * factor).clamp(0.8, 12.0);
        }
    }

    fn learn_step(&mut self, slot: usize, error: f32) {
        let Some(slots) = &mut self.slots else { return };
        if self.usual_step > 0.0 {
            slots[slot].add(SLOT_KEEP, (error / self.usual_step).min(10.0));
            self.usual_step += STEP_GAIN * (error - self.usual_step);
        } else {
            self.usual_step = error;
        }
    }

    fn settle(&mut self, coverage: f32, kappa: f32) {
        let count = self.scores.len();
        if count < ENOUGH {
            return;
        }
        let rank = (coverage * (count as f32 + kappa)).ceil() as usize;
        let mut beyond = count - rank.min(count); // scores above the quantile
        let mut histogram = [0_u16; 256];
        for &score in &self.scores {
            histogram[usize::from(score)] += 1;
        }
        let mut code = 255;
        while code > 0 && usize::from(histogram[code]) <= beyond {
            beyond -= usize::from(histogram[code]);
            code -= 1;
        }
        self.quantile = ((code as f32 - ONE) / CODES).exp();
    }
}

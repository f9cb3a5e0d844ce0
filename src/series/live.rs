//! What happens to a point of a series that is warm, from top to bottom.
//!
//! The order is the contract: the expectation is made before the value is looked at, the verdict
//! before anything is learnt from it. What is flagged teaches the judge nothing until it has lasted
//! for `adopt_after` points; the forecaster learns everything as it came, because the next value is
//! most often near the last one, right or wrong.

use crate::judge::Judge;
use crate::judge::grain::Grain;
use crate::model::Forecaster;
use crate::model::interval::Sum;
use crate::model::ring::Ring;

use super::cadence::Cadence;
use super::counter::Falls;
use super::observe::{Ahead, Ignored, Step};
use super::rules::Rules;
use super::warmup::Start;

/// Windows between two fits once a series is old; before that, whenever its age has doubled. Fits
/// more often than that change nothing that is measurable on the brew recording.
const REFIT_WINDOWS: u32 = 8;

/// The model and the judge of a series.
#[derive(Clone, Debug)]
pub(super) struct Live {
    forecaster: Forecaster,
    judge: Judge,
    ring: Ring, // of values or increments
    sum: Sum,
    falls: Falls,
    last: f64,     // the last value, as it came
    points: u32,   // seen, saturating
    refit_in: u32, // points
    issue_in: u32, // steps
    overdue: u32,  // steps that went by without a point since an issue was due
    has_issued: bool,
}

impl Live {
    pub(super) fn start(start: &Start, rules: &Rules, window: u32) -> Self {
        let mut ring = Ring::new(window as usize);
        start.window.iter().for_each(|&x| ring.push(x));
        Self {
            forecaster: Forecaster::start(&start.window, rules.model),
            judge: Judge::start(&start.window),
            ring,
            sum: if start.is_counter {
                Sum::Increments
            } else {
                Sum::Value
            },
            falls: Falls::default(),
            last: start.last,
            points: start.points,
            refit_in: start.points,
            issue_in: 0,
            overdue: 0,
            has_issued: false,
        }
    }

    /// Takes in a point that is `steps` steps behind the last one.
    pub(super) fn observe(
        &mut self,
        steps: u32,
        y: f64,
        cadence: i64,
        rules: &Rules,
        scratch: &mut Vec<f64>,
    ) -> Step {
        let window = rules.window.steps(cadence, 2);
        let missing = steps - 1;
        let steps = steps.min(window); // a longer silence says no more than one of a whole window
        self.points = self.points.saturating_add(1);
        self.near_issue(missing.saturating_add(1), cadence, rules);
        if self.sum == Sum::Increments && y < self.last {
            return Step::Ignored(self.reset(steps, y));
        }
        // A counter is judged by its mean increment since the last point; y stays what it is.
        let (base, share) = match self.sum {
            Sum::Value => (0.0, 1.0),
            Sum::Increments => (self.last, f64::from(steps)),
        };
        let x = (y - base) / share;
        let expected = base + share * self.judge.expected();
        let width = self.forecaster.width(self.sum, steps);
        let p0 = rules.rule.false_alarms.per_point(cadence);
        let verdict = self.judge.judge(y, expected, width, p0, &rules.rule);
        if !(x.is_finite() && expected.is_finite() && verdict.residual().is_finite()) {
            return Step::Ignored(Ignored::OutOfRange);
        }
        let gap_width = (missing > 0).then_some(width / share);
        let warming = self.points <= rules.warmup.steps(cadence, 1);
        if warming {
            self.judge.warm_up(x, gap_width);
        } else {
            let patience = rules.adopt_after.steps(cadence, 1);
            self.judge.learn(x, &verdict, gap_width, patience);
        }
        self.learn(steps, x, rules);
        self.last = y;
        self.refit_when_due(window, rules, scratch);
        if !(self.forecaster.is_finite() && self.judge.is_finite()) {
            return Step::Ignored(Ignored::OutOfRange);
        }
        if warming {
            return Step::Ignored(Ignored::WarmingUp);
        }
        Step::Judged { verdict, missing }
    }

    /// Lets `steps` pass on the way to the next issue. When there was no point at the step it was due,
    /// it waits for one from where its times meet those of the last issue again, but not for longer than
    /// `every`.
    fn near_issue(&mut self, steps: u32, cadence: i64, rules: &Rules) {
        let late = steps.saturating_sub(self.issue_in);
        self.issue_in = self.issue_in.saturating_sub(steps);
        if late == 0 || !self.has_issued {
            return;
        }
        self.overdue = self.overdue.saturating_add(late);
        if self.overdue < rules.every.steps(cadence, 1) {
            let stride = rules.stride(cadence);
            self.issue_in = (stride - late % stride) % stride;
        }
    }

    /// A counter fell.
    fn reset(&mut self, steps: u32, y: f64) -> Ignored {
        self.last = y;
        self.forecaster.pass(steps);
        if self.falls.fell() {
            Ignored::CounterRevoked
        } else {
            Ignored::CounterReset
        }
    }

    /// The forecaster learns every value as it came; missing ones are filled by what it expects.
    fn learn(&mut self, steps: u32, x: f64, rules: &Rules) {
        self.falls.rose();
        for step in 1..steps {
            self.ring.push(self.forecaster.ahead(step));
        }
        self.forecaster.learn(steps, x, rules.model);
        self.ring.push(x);
    }

    fn refit_when_due(&mut self, window: u32, rules: &Rules, scratch: &mut Vec<f64>) {
        self.refit_in = self.refit_in.saturating_sub(1);
        if self.refit_in == 0 {
            self.ring.copy_to(scratch);
            self.forecaster.refit(scratch, rules.model);
            self.refit_in = self.points.min(REFIT_WINDOWS.saturating_mul(window));
        }
    }

    pub(super) fn issue_is_due(&self) -> bool {
        self.issue_in == 0
    }

    /// Writes the forecast from here into `out`, and sets the next one's turn.
    pub(super) fn issue(
        &mut self,
        grid: &Cadence,
        rules: &Rules,
        stagger: u8,
        out: &mut Vec<Ahead>,
    ) {
        let horizon = rules.horizon.steps(grid.step(), 1);
        let every = rules.every.steps(grid.step(), 1);
        let stride = rules.stride(grid.step());
        let earlier = every / stride * u32::from(stagger) / 256 * stride;
        let is_first = !std::mem::replace(&mut self.has_issued, true);
        self.issue_in = if is_first {
            every - earlier.min(every - 1)
        } else {
            every
        };
        self.overdue = 0;
        self.ahead(grid, horizon, stride, rules.half_width, out);
    }

    /// Writes the last point as step 0 and the forecast of every step up to the horizon into `out`.
    pub(super) fn path(&self, grid: &Cadence, rules: &Rules, out: &mut Vec<Ahead>) {
        out.push(Ahead {
            time: grid.last(),
            step: 0,
            yhat: self.last,
            lower: self.last,
            upper: self.last,
        });
        let horizon = rules.horizon.steps(grid.step(), 1);
        self.ahead(grid, horizon, 1, rules.half_width, out);
    }

    fn ahead(
        &self,
        grid: &Cadence,
        horizon: u32,
        stride: u32,
        half_width: f64,
        out: &mut Vec<Ahead>,
    ) {
        let grain = Grain::of(self.judge.scale());
        let mut total = self.last;
        for (step, width) in (1..=horizon).zip(self.forecaster.widths(self.sum)) {
            let is_written = (horizon - step).is_multiple_of(stride);
            if !is_written && self.sum == Sum::Value {
                continue;
            }
            let x = self.forecaster.ahead(step);
            total += x.max(0.0); // a counter does not fall
            if !is_written {
                continue;
            }
            let yhat = if self.sum == Sum::Increments {
                total
            } else {
                x
            };
            let yhat = grain.expectation(yhat);
            let half = half_width * self.forecaster.sigma() * width;
            let mut lower = grain.limit(yhat - half).min(yhat);
            if self.sum == Sum::Increments {
                lower = lower.max(self.last).min(yhat);
            }
            let upper = grain.limit(yhat + half).max(yhat);
            let Some(time) = grid.ahead(step) else { return };
            let ahead = Ahead {
                time,
                step,
                yhat,
                lower,
                upper,
            };
            if [ahead.yhat, ahead.lower, ahead.upper]
                .iter()
                .all(|number| number.is_finite())
            {
                out.push(ahead);
            }
        }
    }
}

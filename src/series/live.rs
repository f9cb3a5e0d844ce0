//! What happens to a point of a series that is warm, from top to bottom.
//!
//! The order is the contract: the expectation is made before the value is looked at, the verdict
//! before anything is learnt from it. What is flagged teaches the judge nothing until it has lasted
//! for `adopt_after` points; the forecaster learns everything as it came, because the next value is
//! most often near the last one, right or wrong.

use crate::judge::grain::Grain;
use crate::judge::{Judge, Point, verdict};
use crate::model::coarse::Coarse;
use crate::model::interval::Sum;
use crate::model::{Forecaster, Steps};

use super::cadence::Cadence;
use super::counter::Falls;
use super::observe::{Ahead, Ignored, Silence, Step};
use super::pending::{self, Pending};
use super::rules::Rules;
use super::warmup::Start;

/// Steps without a point after which the band grows no wider.
const GAP_MAX: u32 = 120;
/// Scales that the first point after points that were let pass may be off by, as wide as after a gap.
const PLAUSIBLE: f64 = 6.0;

/// The model and the judge of a series.
///
/// A point costs some 2,600 instructions at once, with those of the judge; what the forecaster makes of it comes later,
/// of up to eight points together. What is touched at once lies together here, rings and tables apart.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) forecaster: Forecaster, // but for what is pending
    pub(crate) pending: Pending,
    pub(crate) judge: Judge,
    pub(crate) sum: Sum,
    pub(crate) falls: Falls,
    pub(crate) last: f64,     // the last value, as it came
    pub(crate) points: u32,   // seen, saturating
    pub(crate) issue_in: u32, // steps
    pub(crate) overdue: u32,  // steps that went by without a point since an issue was due
    pub(crate) unseen: u32,   // steps let pass since the last point that was learnt
    pub(crate) unheard: u32,  // points learnt in the silence that is on, saturating
    pub(crate) has_issued: bool,
    pub(crate) is_back: bool, // the program was away since the last point: what is missing may have been there
}

impl Live {
    /// From the points of a warm-up, the last of which was at `time` on the grid. `coarse` is what the
    /// series knew at another cadence.
    pub(super) fn start(
        start: &Start,
        (time, cadence): (i64, i64),
        rules: &Rules,
        phase: u32,
        coarse: Option<Box<Coarse>>,
    ) -> Self {
        let sum = if start.is_counter {
            Sum::Increments
        } else {
            Sum::Value
        };
        let mut forecaster = Forecaster::new(&rules.forecaster(cadence, sum, phase));
        if let Some(coarse) = coarse {
            forecaster.take_coarse(coarse);
        }
        let back = (0..start.window.len() as i64).rev();
        let mut judge: Option<Judge> = None;
        for (&x, back) in start.window.iter().zip(back) {
            let time = time.saturating_sub(back.saturating_mul(cadence));
            forecaster.learn(time, x);
            match &mut judge {
                None => {
                    let mut first = Judge::start(cadence, time, x);
                    first.preset(&start.window);
                    judge = Some(first);
                }
                Some(judge) => _ = judge.observe(&unjudged(time, x)),
            }
        }
        Self {
            forecaster,
            pending: Pending::default(),
            judge: judge.unwrap_or_else(|| Judge::start(cadence, time, start.last)),
            sum,
            falls: Falls::default(),
            last: start.last,
            points: start.points,
            issue_in: 0,
            overdue: 0,
            unseen: 0,
            unheard: 0,
            has_issued: false,
            is_back: false,
        }
    }

    /// The program was away since the last point. Nobody here saw what is missing at the next one, so it is no gap.
    pub(super) fn come_back(&mut self) {
        self.is_back = true;
    }

    /// Another forecaster, from the values of the one before, the last of which was at `time` on the grid.
    pub(super) fn refit(&mut self, time: i64, cadence: i64, rules: &Rules, phase: u32) {
        self.catch_up();
        let values = self.forecaster.recent();
        let new = Forecaster::new(&rules.forecaster(cadence, self.sum, phase));
        let old = std::mem::replace(&mut self.forecaster, new);
        if let Some(coarse) = old.into_coarse().filter(|_| self.sum == Sum::Value) {
            self.forecaster.take_coarse(coarse);
        }
        let back = (0..values.len() as i64).rev();
        for (x, back) in values.into_iter().zip(back) {
            let time = time.saturating_sub(back.saturating_mul(cadence));
            if x.is_finite() {
                self.forecaster.learn(time, x);
            } else {
                self.forecaster.pass(1);
            }
        }
        (self.issue_in, self.has_issued) = (0, false);
    }

    /// What is known that does not depend on the cadence.
    pub(super) fn into_coarse(mut self) -> Option<Box<Coarse>> {
        self.catch_up();
        let is_gauge = self.sum == Sum::Value; // increments depend on the step
        is_gauge.then(|| self.forecaster.into_coarse()).flatten()
    }

    /// Takes in a point that is `steps` steps behind the last one, at `time` on the grid. Under a
    /// silence it is learnt without a verdict.
    pub(super) fn observe(
        &mut self,
        (steps, time): (u32, i64),
        y: f64,
        cadence: i64,
        rules: &Rules,
        silence: Option<Silence>,
    ) -> Step {
        let missing = steps - 1;
        self.points = self.points.saturating_add(1);
        self.near_issue(missing.saturating_add(1), cadence, rules);
        if self.sum == Sum::Increments && y < self.last {
            return Step::Ignored(self.reset(steps, y, rules));
        }
        // A counter is judged by its mean increment since the last point; y stays what it is.
        let (base, share) = match self.sum {
            Sum::Value => (0.0, 1.0),
            Sum::Increments => (self.last, f64::from(steps)),
        };
        let x = (y - base) / share;
        let warming = self.points <= rules.warmup.steps(cadence, 1);
        let behind = steps.saturating_add(self.unseen);
        self.hear(silence, time);
        if behind > 1 {
            self.catch_up();
        }
        let width = self.forecaster.width(behind.min(GAP_MAX)) / share;
        let is_back = std::mem::take(&mut self.is_back);
        let is_behind = self.unseen > 0;
        let room = is_behind.then(|| self.resume(x, time, width)).flatten();
        let mut opinion = self.judge.observe(&Point {
            time,
            x,
            width,
            is_after_gap: behind > 1,
            missing: if is_back { 0 } else { missing },
            p0: rules.rule.false_alarms.per_point(cadence),
            adopt_after: rules.adopt_after.steps(cadence, 1),
            flags_leaps: rules.rule.leaps,
            is_judged: silence.is_none() && !warming && room.is_none(),
        });
        if let Some(room) = room {
            opinion.half = opinion.half.max(room);
            self.judge.arrive(x, time);
        }
        let verdict = verdict::decide(y, (base, share), &opinion, &rules.rule);
        if !(x.is_finite() && verdict.expected.is_finite() && verdict.residual().is_finite()) {
            return Step::Ignored(Ignored::OutOfRange);
        }
        self.learn(steps, time, x);
        self.last = y;
        if !(self.forecaster.is_finite() && self.judge.is_finite()) {
            return Step::Ignored(Ignored::OutOfRange);
        }
        if warming {
            return Step::Ignored(Ignored::WarmingUp);
        }
        if silence.is_some() {
            return Step::Ignored(Ignored::Silenced);
        }
        Step::Judged {
            verdict,
            missing,
            adopted: opinion.is_adopted && verdict.beyond.is_none(), // never the new normal
        }
    }

    /// Points were let pass, and the series may have moved: by how much `x` may be off, if it is off by less.
    fn resume(&mut self, x: f64, time: i64, width: f64) -> Option<f64> {
        let mut next = Vec::new();
        self.forecaster.forecast(1, &mut next);
        let [yhat, ..] = next.pop()?;
        self.judge.resume(x, yhat, time);
        let room = PLAUSIBLE * self.judge.scale() * width;
        let off = (x - self.judge.expected(time)).abs();
        (off < 0.99 * room).then_some(room) // limits are rounded
    }

    /// A silence begins, goes on or is over with the point at `time`.
    fn hear(&mut self, silence: Option<Silence>, time: i64) {
        if silence.is_some() {
            if self.unheard == 0 {
                self.judge.fall_silent();
            }
            self.unheard = self.unheard.saturating_add(1);
        } else if self.unheard > 0 {
            self.judge.settle(std::mem::take(&mut self.unheard), time);
        }
    }

    /// Lets a point pass that is to teach nothing: as if it were missing, but for where a counter stands.
    pub(super) fn pass_over(&mut self, steps: u32, y: f64, cadence: i64, rules: &Rules) {
        self.near_issue(steps, cadence, rules);
        self.pass(steps);
        self.unseen = self.unseen.saturating_add(steps);
        self.last = y;
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
    fn reset(&mut self, steps: u32, y: f64, rules: &Rules) -> Ignored {
        self.last = y;
        self.pass(steps);
        if self.falls.fell() && rules.counter.is_none() {
            Ignored::CounterRevoked
        } else {
            Ignored::CounterReset
        }
    }

    /// The forecaster is to learn every value as it came; missing ones are filled by what it expects.
    fn learn(&mut self, steps: u32, time: i64, x: f64) {
        self.falls.rose();
        self.unseen = 0;
        if steps > 1 {
            self.pass(steps - 1);
        }
        if !self.forecaster.may_wait() {
            return self.forecaster.learn(time, x);
        }
        if self.pending.is_full() {
            self.catch_up();
        }
        self.pending.push(time, x);
    }

    /// The forecaster lets steps pass.
    fn pass(&mut self, steps: u32) {
        self.catch_up();
        self.forecaster.pass(steps);
    }

    /// The forecaster learns what it has still to learn.
    pub(super) fn catch_up(&mut self) {
        if !self.pending.is_empty() {
            self.forecaster.prefetch_paths();
        }
        for (time, x) in self.pending.take() {
            self.forecaster.learn(time, x);
        }
    }

    /// The same when it is the turn of the series, so that those which began together do not do it together.
    pub(super) fn catch_up_in_turn(&mut self, phase: u32) {
        if is_turn(self.points, phase) {
            self.catch_up();
        }
    }

    pub(super) fn forecaster(&mut self) -> &Forecaster {
        self.catch_up();
        &self.forecaster
    }

    pub(super) fn is_counter(&self) -> bool {
        self.sum == Sum::Increments
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
        self.ahead(grid, horizon, stride, out);
    }

    /// Writes the last point as step 0 and the forecast of every step up to the horizon into `out`.
    pub(super) fn path(&mut self, grid: &Cadence, rules: &Rules, out: &mut Vec<Ahead>) {
        out.push(Ahead {
            time: grid.last(),
            step: 0,
            yhat: self.last,
            lower: self.last,
            upper: self.last,
        });
        let horizon = rules.horizon.steps(grid.step(), 1);
        self.ahead(grid, horizon, 1, out);
    }

    fn ahead(&mut self, grid: &Cadence, horizon: u32, stride: u32, out: &mut Vec<Ahead>) {
        self.catch_up();
        let grain = Grain::of(self.judge.scale());
        let base = match self.sum {
            Sum::Value => 0.0,
            Sum::Increments => self.last,
        };
        let steps = Steps::counted_back(horizon, stride);
        let mut path = Vec::with_capacity(steps.iter().count());
        self.forecaster.forecast_at(steps, &mut path);
        for (step, values) in steps.iter().zip(&path) {
            let [yhat, lower, upper] = values.map(|value| base + value);
            let yhat = grain.expectation(yhat);
            let mut lower = grain.limit(lower).min(yhat);
            if self.sum == Sum::Increments {
                lower = lower.max(self.last).min(yhat); // a counter does not fall
            }
            let upper = grain.limit(upper).max(yhat);
            let Some(time) = grid.ahead(step) else { return };
            if [yhat, lower, upper].iter().all(|number| number.is_finite()) {
                out.push(Ahead {
                    time,
                    step,
                    yhat,
                    lower,
                    upper,
                });
            }
        }
    }
}

/// Whether a series with so many points catches up with the last of them.
#[inline]
pub(super) fn is_turn(points: u32, phase: u32) -> bool {
    points
        .wrapping_add(phase)
        .is_multiple_of(pending::MOST as u32)
}

/// A point of the warm-up.
fn unjudged(time: i64, x: f64) -> Point {
    Point {
        time,
        x,
        width: 1.0,
        is_after_gap: false,
        missing: 0,
        flags_leaps: true,
        p0: 1e-3,
        adopt_after: u32::MAX,
        is_judged: false,
    }
}

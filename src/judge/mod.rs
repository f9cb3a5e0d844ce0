//! Observation to verdict.
//!
//! [`expectation`] says what was to be expected, [`scale`] by how much such expectations are usually
//! off, [`tail`] how improbable a given error is; [`verdict`] puts that against the budget and draws
//! the band, and [`Judge`] holds what of it a series remembers. What is flagged is not learnt, until
//! it has lasted for so long that it is the new normal.
//!
//! The expectation is not the forecast. A forecaster should follow what it sees; a judge must not
//! follow what should surprise it.
//!
//! Score, band and flag are one thing: a point is flagged exactly when it lies outside the printed
//! band, and exactly then its score is above 1.

pub mod budget;
pub mod expectation;
pub mod grain;
pub mod scale;
pub mod tail;
pub mod verdict;

use expectation::Expectation;
use scale::Scale;
pub use verdict::{Direction, Rule, Verdict};

/// What a series remembers for judging.
#[derive(Clone, Debug)]
pub struct Judge {
    expectation: Expectation,
    scale: Scale,
    unsettled: u32, // flagged points beyond the quiet ones since the last normal state
    flagged_run: u32, // flagged points since the last quiet one
}

impl Judge {
    /// A judge that has seen these values, one per step, oldest first, and learnt from them.
    #[must_use]
    pub fn start(window: &[f64]) -> Self {
        let first = window.first().copied().unwrap_or(0.0);
        let mut judge = Self {
            expectation: Expectation::new(first),
            scale: Scale::default(),
            unsettled: 0,
            flagged_run: 0,
        };
        let steps = window.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        judge.scale.saw_first_steps(steps);
        for &value in window {
            judge.scale.learn((value - judge.expectation.value()).abs());
            judge.expectation.accept(value);
        }
        judge
    }

    /// What the next point is expected to be.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expectation.value()
    }

    /// Judges `y` against `expected`, whose error is `width` times as wide as that of the next
    /// point's expectation. `p0` is the budget of the point.
    #[must_use]
    pub fn judge(&self, y: f64, expected: f64, width: f64, p0: f64, rule: &Rule) -> Verdict {
        verdict::decide(y, expected, width, p0, &self.scale, rule)
    }

    /// Learns `value`, which came with this verdict: in full when it was normal, hardly when it was
    /// flagged, and as the new normal after `adopt_after` flagged points (quiet ones counted back).
    ///
    /// After a gap, `gap_width` says how many times wider that made the error: see [`Judge::warm_up`].
    pub fn learn(
        &mut self,
        value: f64,
        verdict: &Verdict,
        gap_width: Option<f64>,
        adopt_after: u32,
    ) {
        if !verdict.is_anomaly() {
            self.flagged_run = 0;
            self.unsettled = self.unsettled.saturating_sub(1);
            self.warm_up(value, gap_width);
            return;
        }
        let error = (value - self.expectation.value()).abs() / gap_width.unwrap_or(1.0);
        self.flagged_run += 1;
        self.unsettled += 1;
        self.scale.learn_flagged(error, self.flagged_run);
        self.expectation.hold(value);
        if self.unsettled >= adopt_after {
            self.unsettled = 0;
            self.flagged_run = 0;
            self.expectation.adopt();
        }
    }

    /// Learns a normal value, or one that is not judged.
    ///
    /// After a gap the scale can only widen: how much wider the gap made the error is an estimate,
    /// and errors divided by too much would narrow the scale.
    pub fn warm_up(&mut self, value: f64, gap_width: Option<f64>) {
        let error = (value - self.expectation.value()).abs();
        match gap_width {
            None => {
                self.scale.learn(error);
                self.scale.saw_step(self.expectation.step_to(value));
            }
            Some(width) if error > width * self.scale.current() => self.scale.learn(error / width),
            Some(_) => {}
        }
        self.expectation.accept(value);
    }

    /// By how much expectations are usually off, in the unit of the data.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale.current()
    }

    /// Whether everything in here is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.expectation.value().is_finite() && self.scale.current().is_finite()
    }
}

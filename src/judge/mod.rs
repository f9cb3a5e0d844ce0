//! Innovation to verdict.
//!
//! [`scale`] says how large an innovation usually is, [`tail`] how improbable one of a given size is,
//! [`verdict`] puts both against the budget and draws the band, and [`Judge`] holds what of it a
//! series remembers. What is flagged is not learnt, until it has lasted for so long that it is the
//! new normal.
//!
//! Score, band and flag are one thing: a point is flagged exactly when it lies outside the printed
//! band, and exactly then its score is above 1.

pub mod budget;
pub mod grain;
pub mod scale;
pub mod tail;
pub mod verdict;

use scale::Scale;
pub use verdict::{Direction, Rule, Verdict};

/// What is to be done with a point that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Learn from it.
    Learn,
    /// Pass over it as if it had been as expected.
    Hold,
    /// The unexpected has lasted: this is the new normal.
    Adopt,
}

/// What a series remembers for judging.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    scale: Scale,
    unsettled: u32, // flagged points beyond the quiet ones since the last normal state
    flagged_run: u32, // flagged points since the last quiet one
}

impl Judge {
    /// Judges `y` against `expected`, which was made before `y` was seen and whose error is
    /// `width` times as wide as that of one step. `p0` is the budget of the point.
    #[must_use]
    pub fn judge(&self, y: f64, expected: f64, width: f64, p0: f64, rule: &Rule) -> Verdict {
        verdict::decide(y, expected, width, p0, &self.scale, rule)
    }

    /// Learns from a judged point how large innovations are, and says what the model should do.
    pub fn settle(&mut self, verdict: &Verdict, width: f64, adopt_after: u32) -> Lesson {
        let innovation = (verdict.y - verdict.expected).abs() / width;
        if !verdict.is_anomaly() {
            self.flagged_run = 0;
            self.unsettled = self.unsettled.saturating_sub(1);
            self.scale.learn(innovation);
            return Lesson::Learn;
        }
        self.flagged_run += 1;
        self.unsettled += 1;
        self.scale.learn_flagged(innovation, self.flagged_run);
        if self.unsettled < adopt_after {
            return Lesson::Hold;
        }
        self.unsettled = 0;
        self.flagged_run = 0;
        Lesson::Adopt
    }

    /// Learns from an innovation that is not judged: warming up.
    pub fn warm_up(&mut self, innovation: f64) {
        self.scale.learn(innovation.abs());
    }

    /// Takes note of the step between two observations in a row: what the data are rounded to.
    pub fn saw_step(&mut self, step: f64) {
        self.scale.saw_step(step.abs());
    }

    /// How large an innovation usually is, in the unit of the data.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale.current()
    }
}

//! The channels that see how a series goes on, not where it is: gaps, runs, unrest, slope.
//!
//! What they find is flagged and teaches the other parts nothing: a value that stands still is where it was
//! expected. Each of the two that have a tail gets a tenth of the budget; gaps and runs cost next to nothing of
//! it on stationary data.

use super::gaps::Gaps;
use super::kind::{Finding, Findings, Kind, TREND_ALONE, VARIANCE_ALONE};
use super::runs::Runs;
use super::slope::Slope;
use super::unrest::Unrest;

/// Share of the budget of the slope and of the unrest.
const CHANNEL: f64 = 0.1;
/// Looks after a flag that are not flagged too: what goes on is told often enough to keep its event open.
const LOOKS: u8 = 3;

/// The channels of one series.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    pub(crate) runs: Runs,
    pub(crate) gaps: Gaps,
    pub(crate) unrest: Unrest,
    pub(crate) slope: Slope,
    pub(crate) left: [u8; 2], // looks of both that are not flagged
}

/// A point as these channels see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The value less the season; `None` at a time of the day that was not seen.
    pub(super) d: Option<f64>,
    /// Usual size of errors at this time of the day.
    pub(super) scale: f32,
    /// Whether it is the last value again.
    pub(super) is_repeat: bool,
    /// Departures up to this are none, of a series that mostly stands still; else 0.
    pub(super) rest: f32,
    /// Whether it does not follow the last one.
    pub(super) is_after_gap: bool,
    /// Points missing before it.
    pub(super) missing: u32,
    /// Budget of a point.
    pub(super) p: f64,
    /// Surprises after which they are the new normal.
    pub(super) adopt_after: u32,
    /// Whether it is known how long the series stands still, or is silent, on a usual day.
    pub(super) is_settled: bool,
}

impl Channels {
    pub(super) fn start() -> Self {
        Self {
            runs: Runs::start(),
            gaps: Gaps::default(),
            unrest: Unrest::default(),
            slope: Slope::default(),
            left: [0; 2],
        }
    }

    /// Takes in a point; what there is to say of it. Without `is_judged` nothing is a surprise.
    pub(super) fn observe(&mut self, seen: &Seen, is_judged: bool, found: &mut Findings) {
        let is_settled = is_judged && seen.is_settled;
        let usual_gap = self.gaps.usual();
        let gap = self.gaps.observe(seen.missing, seen.p, is_settled);
        if seen.is_after_gap {
            self.interrupt();
        }
        if is_settled && gap > 0.0 {
            found.add(Finding {
                kind: Kind::Gap,
                score: gap,
                off: seen.missing.into(),
                usual: usual_gap,
            });
        }
        let run = self
            .runs
            .observe(seen.is_repeat, seen.p, seen.adopt_after, is_settled);
        if is_settled && run > 0.0 {
            self.runs.flag(run > 1.0);
            found.add(Finding {
                kind: Kind::Flatline,
                score: run,
                off: self.runs.run().into(),
                usual: self.runs.usual(),
            });
        }
        let Some(d) = seen.d else {
            self.interrupt();
            return;
        };
        let p = CHANNEL * seen.p;
        let is_resting = seen.is_repeat && seen.rest > 0.0; // that says nothing about its steps
        let unrest = if is_resting {
            0.0
        } else {
            self.unrest.observe(d, seen.scale, p, seen.adopt_after)
        };
        let slope = self.slope.observe(d, p, seen.rest, seen.adopt_after);
        if is_judged && unrest > 0.0 {
            let off = self.unrest.times();
            found.add(Finding {
                kind: Kind::VarianceChange,
                score: paced(unrest / VARIANCE_ALONE, &mut self.left[0]),
                off,
                usual: 1.0,
            });
        }
        if is_judged && slope > 0.0 {
            let off = self.slope.off();
            found.add(Finding {
                kind: Kind::TrendChange,
                score: paced(slope / TREND_ALONE, &mut self.left[1]),
                off,
                usual: 0.0,
            });
        }
    }

    /// What was seen so far does not lead on to the next point: points are missing, or values are from now on
    /// measured from elsewhere.
    pub(super) fn interrupt(&mut self) {
        self.unrest.interrupt();
        self.slope.restart();
    }
}

/// The score of a look, 1 at most for the next ones after a flag.
fn paced(score: f32, left: &mut u8) -> f32 {
    if score <= 1.0 || *left > 0 {
        *left = left.saturating_sub(1);
        return score.min(1.0);
    }
    *left = LOOKS;
    score
}

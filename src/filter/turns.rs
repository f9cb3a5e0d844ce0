//! Whose model may start now.
//!
//! To start a model is to replay its whole warm-up: as much work as some thirty points. An agent that
//! begins with 100,000 series has them all ready at the same point, and everything it collects would wait
//! behind all of them. So starts are paid for: every point puts by a share of one, up to
//! [`SAVED`], and a start that finds nothing saved waits for a later point of its series; until then the
//! series warms up on, and learns from all of its points when its turn comes. What waits is counted; lines
//! pass through meanwhile.
//!
//! *Input outruns the engine* is meant in this sense, of points and not of seconds: more models want to
//! start than the points since then have paid for. A clock, or how full the pipe is, would say it better
//! on one machine on one day, but then the same input would not give the same output twice, and a
//! backtest, a test and a restart from saved state would each see other verdicts than the stream did. All
//! other work is a bounded and even cost of a point (paths, forecasts and tests for seasons have a phase of
//! their own for each series), so that nothing is left that could be put off to catch up but the verdicts
//! themselves; which of those are missing must not depend on the weather either, so there the pipe holds
//! up the writer, who is Telegraf, and who waits.

/// Points that pay for a start: meanwhile a point costs some five times as much as usual.
const POINTS_PER_START: u32 = 8;
/// Starts that are saved up at most: fleets up to this size start as one.
const SAVED: u32 = 4_096;

/// What was put by for starts, and how many had to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    saved: u32, // points, not yet used
    waited: u64,
}

impl Default for Turns {
    /// All that can be saved is there.
    fn default() -> Self {
        Self {
            saved: SAVED * POINTS_PER_START,
            waited: 0,
        }
    }
}

impl Turns {
    /// A point of a series that is modelled.
    #[inline]
    pub(super) fn pay(&mut self) {
        self.saved = (self.saved + 1).min(SAVED * POINTS_PER_START);
    }

    /// Whether a series that has points enough may start its model.
    pub(super) fn may_start(&mut self) -> bool {
        let rest = self.saved.checked_sub(POINTS_PER_START);
        self.saved = rest.unwrap_or(self.saved);
        self.waited += u64::from(rest.is_none());
        rest.is_some()
    }

    /// Points that are saved.
    pub(super) fn saved(&self) -> u32 {
        self.saved
    }

    /// With so many points saved.
    pub(super) fn with(saved: u32) -> Self {
        Self {
            saved: saved.min(SAVED * POINTS_PER_START),
            waited: 0,
        }
    }

    /// Points at which a model had to wait for its turn.
    pub(super) fn waited(&self) -> u64 {
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_beyond_those_saved_wait_for_points() {
        let mut turns = Turns::default();
        assert!((0..SAVED).all(|_| turns.may_start()));
        assert!(!turns.may_start());
        let starts = (0..80).filter(|_| {
            turns.pay();
            turns.may_start()
        });
        assert_eq!(starts.count(), 10);
        assert_eq!(turns.waited(), 1 + 70);
        (0..10 * SAVED).for_each(|_| turns.pay());
        assert_eq!(
            turns.saved,
            SAVED * POINTS_PER_START,
            "what is saved is bounded"
        );
    }
}

//! What all findings on a point come to: what decides, what names its event, the score.

use super::kind::{Finding, Kind};

/// Least score of what is not allowed: more than chance ever gives.
pub(super) const NOT_ALLOWED: f32 = 2.0;

/// The findings on a point so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighed {
    /// What decides.
    pub(super) cause: Finding,
    /// What names the event.
    pub(super) named: Option<Finding>,
    /// The greatest score.
    pub(super) score: f32,
    /// The greatest score that stands for a probability and is not suppressed by the rule.
    pub(super) improbable: f32,
    /// Whether anything is beyond its limit.
    pub(super) is_flagged: bool,
    is_outside: bool,
}

impl Weighed {
    /// The point by itself, which may be outside the band, and on the side that is wanted or not.
    pub(super) fn own(own: Finding, is_outside: bool, is_wanted: bool) -> Self {
        Self {
            cause: own,
            named: is_outside.then_some(own),
            score: own.score,
            improbable: if is_wanted { own.score } else { 0.0 },
            is_flagged: is_outside,
            is_outside,
        }
    }

    /// What another channel found.
    pub(super) fn hear(&mut self, finding: Finding) {
        let rank = finding.kind.rank();
        self.is_flagged |= finding.score > 1.0;
        let is_greater = self.named.is_none_or(|named| rank > named.kind.rank());
        if finding.score > finding.kind.names_from() && is_greater {
            self.named = Some(finding);
        }
        // A point that is a surprise by itself is called so, new extreme or not.
        let is_told = self.is_outside && finding.kind == Kind::OutOfRange;
        if finding.score > self.score && !is_told {
            self.cause = finding;
        }
        self.score = self.score.max(finding.score);
        self.improbable = self.improbable.max(finding.score);
    }

    /// It is beyond what is allowed by `off`: that is what is said of it.
    pub(super) fn forbid(&mut self, off: f64) {
        self.score = self.score.max(NOT_ALLOWED);
        self.is_flagged = true;
        self.cause = Finding {
            kind: Kind::OutOfRange,
            score: self.score,
            off,
            usual: 0.0,
        };
        self.named = Some(self.cause);
    }
}

//! What is said of a point: band, score, flag, kind, under the rule of the user.
//!
//! The band is drawn first: `expected ± half`, `half` being the limit of the point by itself, or what the
//! user asks for if that is more. A point outside the band is flagged; so is one inside it when a channel
//! that looks at more than the point is beyond its own limit. `anomaly_score` is `ln p / ln p0`: 0 exactly
//! as expected, 1 at the limit. Where the user asks for more than the limit, it stays at 1 up to the edge of the
//! band and jumps there. The band is cut to the range that the user allows: what is outside of that is flagged
//! whatever else the rule says, and however probable it is.

use super::Opinion;
use super::budget::{Allowance, Budget};
use super::grain::{Grain, whole};
use super::kind::{Finding, Kind};
use super::weighing::Weighed;
use crate::minmax;

/// Which side of the expectation is worth an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both sides.
    Both,
    /// Only above.
    Above,
    /// Only below.
    Below,
}

/// What the user wants flagged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// False alarms to bear.
    pub false_alarms: Budget,
    /// Sides that are flagged.
    pub direction: Direction,
    /// A flag also needs a residual above this, in the unit of the data; >= 0.
    pub min_deviation: f64,
    /// A flag also needs a residual above this share of the expectation; >= 0.
    pub min_relative_deviation: f64,
    /// Lowest and highest value allowed, infinite where there is no bound; low < high.
    pub range: [f64; 2],
    /// Whether every leap of a series that mostly stands still is flagged, beyond the budget.
    pub leaps: bool,
}

/// What became of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The observation.
    pub y: f64,
    /// The expectation it was judged against, made before it was seen.
    pub expected: f64,
    /// Below it a point is flagged; `None` when this side is never flagged.
    pub lower: Option<f64>,
    /// Above it a point is flagged; `None` when this side is never flagged.
    pub upper: Option<f64>,
    /// 0 as expected, 1 at the limit, at most 100; above 1 exactly when flagged.
    pub score: f64,
    /// What decided, with the highest score.
    pub cause: Finding,
    /// What it makes of its event: the greatest kind that was found.
    pub named: Option<Finding>,
    /// The end of the allowed range that the point is beyond; `None` within it.
    pub beyond: Option<f64>,
    /// Natural logarithm of the probability that the score stands for.
    pub ln_p: f64,
    /// What the numbers are rounded to.
    pub grain: Grain,
    /// The probability it was judged with.
    pub allowance: Allowance,
    /// Whether it is flagged only as a leap, outside the budget.
    pub is_leap: bool,
}

/// Highest score: beyond it numbers say nothing.
const SCORE_MAX: f64 = 100.0;
/// Scores are printed in thousandths.
const SCORE_STEPS: f64 = 1000.0;

impl Verdict {
    /// Whether the point is flagged.
    #[must_use]
    pub fn is_anomaly(&self) -> bool {
        self.score > 1.0
    }

    /// The same, decided by what names its event.
    #[must_use]
    pub fn as_named(&self) -> Self {
        let Some(named) = self.named else {
            return *self;
        };
        let score = f64::from(named.score).clamp(1.0, SCORE_MAX);
        Self {
            cause: named,
            ln_p: score / self.score.max(1.0) * self.ln_p,
            ..*self
        }
    }

    /// Observation minus expectation.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.grain.expectation(self.y - self.expected)
    }
}

impl Rule {
    /// The end of the allowed range that `y` is beyond, if it is.
    fn beyond(&self, y: f64) -> Option<f64> {
        let [low, high] = self.range;
        if y < low {
            return Some(low);
        }
        (y > high).then_some(high)
    }

    /// The alarm limits of a point that may be off by `half`, within the allowed range.
    fn band(&self, expected: f64, half: f64, grain: Grain) -> [Option<f64>; 2] {
        let [low, high] = self.range;
        let side = |is_wanted: bool, bound: f64, end: f64| {
            let bound = Some(grain.limit(bound)).filter(|b| is_wanted && b.is_finite());
            let bound = bound.map_or(end, |bound| minmax::within(bound, low, high));
            Some(bound).filter(|b| b.is_finite())
        };
        [
            side(self.direction != Direction::Above, expected - half, low),
            side(self.direction != Direction::Below, expected + half, high),
        ]
    }
}

/// Applies the rule to an opinion. For a counter the opinion is on its mean increment: `base` is its last
/// value and `share` the steps since.
#[must_use]
pub fn decide(y: f64, (base, share): (f64, f64), opinion: &Opinion, rule: &Rule) -> Verdict {
    let grain = Grain::of(opinion.scale * share);
    let expected = grain.expectation(base + share * opinion.expected);
    let relative = rule.min_relative_deviation * expected.abs();
    let wanted = minmax::max(relative, rule.min_deviation);
    let half = minmax::max(share * opinion.half, wanted);
    let [lower, upper] = rule.band(expected, half, grain);
    let is_outside = lower.is_some_and(|bound| y < bound) || upper.is_some_and(|bound| y > bound);
    let is_wanted = |finding: &Finding| {
        let is_on_side = match rule.direction {
            Direction::Both => true,
            Direction::Above => finding.off > 0.0,
            Direction::Below => finding.off < 0.0,
        };
        let is_far = (y - expected).abs() >= wanted;
        (is_on_side || !finding.kind.has_side()) && (is_far || !finding.kind.has_size())
    };
    let own = Finding {
        kind: if y > expected { Kind::Spike } else { Kind::Dip },
        score: opinion.score.min(if is_outside { f32::MAX } else { 1.0 }),
        off: y - expected,
        usual: 0.0,
    };
    let mut weighed = Weighed::own(own, is_outside, is_wanted(&own));
    for finding in opinion.found.iter().filter(|finding| is_wanted(finding)) {
        let mut finding = *finding;
        if finding.kind.has_side() {
            finding.off = grain.limit(share * finding.off);
        }
        weighed.hear(finding);
    }
    let beyond = rule.beyond(y);
    if let Some(end) = beyond {
        weighed.forbid(grain.limit(y - end));
    }
    let score = whole(f64::from(weighed.score).min(SCORE_MAX) * SCORE_STEPS) / SCORE_STEPS;
    let score = if weighed.is_flagged {
        score.max(1.0 + 1.0 / SCORE_STEPS)
    } else {
        score.min(1.0)
    };
    Verdict {
        y,
        expected,
        lower,
        upper,
        score,
        cause: weighed.cause,
        named: weighed.named,
        beyond,
        ln_p: f64::from(weighed.improbable).min(score) * opinion.allowance.in_force.ln(),
        grain,
        allowance: opinion.allowance,
        is_leap: opinion.is_leap && is_outside && weighed.cause.kind == own.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind::Findings;
    use super::super::weighing::NOT_ALLOWED;
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule {
        false_alarms: Budget::PerPoint(1e-4),
        direction: Direction::Both,
        min_deviation: 0.0,
        min_relative_deviation: 0.0,
        range: [f64::NEG_INFINITY, f64::INFINITY],
        leaps: true,
    };

    /// An exponential tail with its limit at `half`.
    fn opinion(y: f64, expected: f64, half: f64) -> Opinion {
        let score = ((y - expected).abs() / half) as f32;
        Opinion {
            expected,
            half,
            scale: half / 6.0,
            score,
            found: Findings::default(),
            is_leap: false,
            allowance: Allowance {
                budget: 1e-4,
                in_force: 1e-4,
                least: 1e-4,
            },
            is_adopted: false,
        }
    }

    proptest! {
        /// For all points, rules and limits: outside the printed band is flagged, flagged is a score
        /// above 1, and nothing printed is infinite.
        #[test]
        fn score_band_and_flag_are_one_thing(
            y in -1e4_f64..1e4, expected in -1e4_f64..1e4, half in 1e-2_f64..1e4, steps in 1_u32..50,
            other in proptest::option::of((0.0_f32..3.0, -1e3_f64..1e3)),
            deviation in 0.0_f64..100.0, relative in 0.0_f64..0.5,
            direction in proptest::sample::select(vec![Direction::Both, Direction::Above, Direction::Below]),
            low in prop_oneof![Just(f64::NEG_INFINITY), -1e4_f64..0.0], high in prop_oneof![Just(f64::INFINITY), 0.0_f64..1e4],
        ) {
            let rule = Rule {
                direction, min_deviation: deviation, min_relative_deviation: relative, range: [low, high], ..RULE
            };
            let mut opinion = opinion(y, expected, half);
            if let Some((score, off)) = other {
                opinion.found.add(Finding { kind: Kind::LevelShift, score, off, usual: 0.0 });
            }
            let verdict = decide(y, (0.0, f64::from(steps)), &opinion, &rule);
            let outside = verdict.lower.is_some_and(|low| y < low) || verdict.upper.is_some_and(|up| y > up);
            prop_assert!(verdict.is_anomaly() || !outside);
            prop_assert!(!verdict.is_anomaly() || outside || verdict.cause.kind == Kind::LevelShift);
            let is_allowed = (low..=high).contains(&y);
            prop_assert_eq!(verdict.beyond.is_none(), is_allowed);
            prop_assert!(is_allowed || verdict.score >= NOT_ALLOWED.into() && verdict.cause.kind == Kind::OutOfRange);
            prop_assert!(verdict.lower.zip(verdict.upper).is_none_or(|(low, high)| low <= high));
            prop_assert!([verdict.lower, verdict.upper].into_iter().flatten().all(|b| b.is_finite() && low <= b && b <= high));
            prop_assert!((0.0..=SCORE_MAX).contains(&verdict.score));
            prop_assert!(verdict.residual().is_finite() && verdict.ln_p.is_finite());
            prop_assert_eq!(verdict.lower.is_none(), direction == Direction::Above && low.is_infinite());
            prop_assert_eq!(verdict.upper.is_none(), direction == Direction::Below && high.is_infinite());
        }
    }

    #[test]
    fn what_a_rule_suppresses_is_capped_at_one() {
        let far = |rule: Rule| {
            let mut opinion = opinion(500.0, 0.0, 6.0);
            opinion.found.add(Finding {
                kind: Kind::LevelShift,
                score: 3.0,
                off: 400.0,
                usual: 0.0,
            });
            decide(500.0, (0.0, 1.0), &opinion, &rule).score
        };
        assert!(far(RULE) > 50.0);
        for rule in [
            Rule {
                direction: Direction::Below,
                ..RULE
            },
            Rule {
                min_deviation: 1000.0,
                ..RULE
            },
        ] {
            assert!((far(rule) - 1.0).abs() < 1e-12);
        }
    }

    /// A gap is on no side of anything and has no size in the unit of the data.
    #[test]
    fn what_has_neither_side_nor_size_is_flagged_under_any_rule() {
        let flagged = |kind: Kind| {
            let rule = Rule {
                direction: Direction::Below,
                min_deviation: 5.0,
                ..RULE
            };
            let mut opinion = opinion(0.5, 0.0, 6.0);
            opinion.found.add(Finding {
                kind,
                score: 2.0,
                off: 60.0,
                usual: 3.0,
            });
            decide(0.5, (0.0, 1.0), &opinion, &rule).is_anomaly()
        };
        assert!(flagged(Kind::Gap) && flagged(Kind::Flatline));
        assert!(!flagged(Kind::LevelShift) && !flagged(Kind::VarianceChange));
    }
}

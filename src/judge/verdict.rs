//! One point against its expectation: band, score, flag.
//!
//! The band is drawn first: `expected ± half`. `half` is the limit, that is the limit of the tail at
//! the budget of the point or some quanta of the data, or what the user asks for if that is more. A
//! point outside the band is flagged. `anomaly_score` is the distance in *limits*, which for an
//! exponential tail is `ln p / ln p0`: 0 exactly as expected, 1 at the limit. Where the user asks for
//! more than the limit, it stays at 1 up to the edge of the band and jumps there.

use super::budget::Budget;
use super::grain::Grain;
use super::scale::Scale;
use super::tail;

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
    /// What the numbers are rounded to.
    pub grain: Grain,
    /// Budget of this point: the probability of a flag on data that go on as they were.
    pub p0: f64,
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

    /// Observation minus expectation.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.grain.expectation(self.y - self.expected)
    }

    /// Natural logarithm of the probability that the score stands for: `p0` to the power of it. Where
    /// the limit is drawn by the quantum of the data and not by the tail, it is that much nearer.
    #[must_use]
    pub fn ln_p(&self) -> f64 {
        self.score * self.p0.ln()
    }

    /// What kind of anomaly a flagged point is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.y > self.expected {
            "spike"
        } else {
            "dip"
        }
    }
}

/// Draws the band and decides; see [`super::Judge::judge`].
#[must_use]
pub fn decide(y: f64, expected: f64, width: f64, p0: f64, scale: &Scale, rule: &Rule) -> Verdict {
    let grain = Grain::of(scale.current());
    let expected = grain.expectation(expected);
    let limit = (tail::limit(p0) * scale.current()).max(scale.least_flagged()) * width;
    let wanted = rule
        .min_deviation
        .max(rule.min_relative_deviation * expected.abs());
    let half = limit.max(wanted);
    let side =
        |wanted: bool, bound: f64| Some(grain.limit(bound)).filter(|b| wanted && b.is_finite());
    let lower = side(rule.direction != Direction::Above, expected - half);
    let upper = side(rule.direction != Direction::Below, expected + half);
    let flagged = lower.is_some_and(|bound| y < bound) || upper.is_some_and(|bound| y > bound);
    let distance = if limit.is_finite() {
        (y - expected).abs() / limit
    } else {
        0.0
    };
    let score = (distance.min(SCORE_MAX) * SCORE_STEPS).round() / SCORE_STEPS;
    let score = if flagged {
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
        grain,
        p0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule {
        false_alarms: Budget::PerPoint(1e-4),
        direction: Direction::Both,
        min_deviation: 0.0,
        min_relative_deviation: 0.0,
    };

    fn scale_of(size: f64) -> Scale {
        let mut scale = Scale::default();
        for _ in 0..100 {
            scale.learn(size);
            scale.saw_step(size);
        }
        scale
    }

    proptest! {
        /// For all points, rules and scales: flagged, outside the printed band and score above 1
        /// are the same thing, and nothing printed is infinite.
        #[test]
        fn score_band_and_flag_are_one_thing(
            y in -1e4_f64..1e4, expected in -1e4_f64..1e4, size in 1e-3_f64..1e3, width in 1.0_f64..50.0,
            p0 in 1e-7_f64..1e-3, deviation in 0.0_f64..100.0, relative in 0.0_f64..0.5,
            direction in proptest::sample::select(vec![Direction::Both, Direction::Above, Direction::Below]),
        ) {
            let rule = Rule { direction, min_deviation: deviation, min_relative_deviation: relative, ..RULE };
            let verdict = decide(y, expected, width, p0, &scale_of(size), &rule);
            let outside = verdict.lower.is_some_and(|low| y < low) || verdict.upper.is_some_and(|up| y > up);
            prop_assert_eq!(verdict.is_anomaly(), outside);
            prop_assert!((0.0..=SCORE_MAX).contains(&verdict.score));
            prop_assert!(verdict.residual().is_finite() && verdict.ln_p().is_finite());
            prop_assert_eq!(verdict.lower.is_none(), direction == Direction::Above);
            prop_assert_eq!(verdict.upper.is_none(), direction == Direction::Below);
        }

        /// For all factors, scaling a series scales its residuals and band and leaves its scores.
        #[test]
        fn scores_do_not_depend_on_the_unit(y in -50.0_f64..50.0, exponent in -6..6) {
            let k = 10_f64.powi(exponent);
            let plain = decide(y, 3.0, 1.0, 1e-4, &scale_of(1.7), &RULE);
            let scaled = decide(k * y, k * 3.0, 1.0, 1e-4, &scale_of(k * 1.7), &RULE);
            prop_assert!((plain.score - scaled.score).abs() <= 0.002, "{} {}", plain.score, scaled.score);
        }
    }

    #[test]
    fn what_a_rule_suppresses_is_capped_at_one() {
        let far = |rule: Rule| decide(500.0, 0.0, 1.0, 1e-4, &scale_of(1.0), &rule).score;
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
}

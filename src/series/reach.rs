//! When a forecast reaches a threshold, and how probable that is.
//!
//! A *path* is the last point (step 0) and the forecast of each step up to the horizon, joined by
//! straight lines. A threshold is reached *at* it or beyond it, so that 100 % can be reached and
//! 0 bytes free can be.
//!
//! Promised: earliest <= expected <= latest as far as they are there; nothing but finite numbers.
//! Shifting or scaling path and threshold together changes nothing. What the threshold means, and
//! whether reaching it is news, is not decided here.

use statrs::function::erf::erfc;

use super::observe::Ahead;

/// Which way a threshold is crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// From below to the threshold or above it.
    Above,
    /// From above to the threshold or below it.
    Below,
}

impl Crossing {
    /// Whether a value has reached the threshold.
    #[must_use]
    pub fn has_reached(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => value >= threshold,
            Self::Below => value <= threshold,
        }
    }

    /// The limit of the interval that reaches the threshold first, and the one that does so last.
    fn limits(self) -> [fn(&Ahead) -> f64; 2] {
        match self {
            Self::Above => [|ahead| ahead.upper, |ahead| ahead.lower],
            Self::Below => [|ahead| ahead.lower, |ahead| ahead.upper],
        }
    }
}

/// When a path reaches a threshold: seconds after its first point, >= 0; `None`: not on this path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// When the near limit of the interval does.
    pub earliest: Option<f64>,
    /// When the forecast does.
    pub expected: Option<f64>,
    /// When the far limit of the interval does.
    pub latest: Option<f64>,
    /// That the value is at or beyond the threshold at the step where that is most probable; in
    /// `[0, 1]`, to three decimals. To be there at *some* step is at least as probable, up to twice
    /// as much for a walk without drift (the reflection principle).
    pub probability: f64,
}

impl Reach {
    /// Where and how probably `path` reaches `threshold`. `half_width` is half the width of its
    /// interval in standard deviations, > 0.
    #[must_use]
    pub fn of(path: &[Ahead], threshold: f64, crossing: Crossing, half_width: f64) -> Self {
        let [near, far] = crossing.limits();
        let first = |line: fn(&Ahead) -> f64| first(path, line, threshold, crossing);
        let expected = first(|ahead| ahead.yhat);
        // The lines never cross; their points of intersection may, in the last digit.
        let until = expected.unwrap_or(f64::INFINITY);
        let since = expected.unwrap_or(0.0);
        let steps = path.get(1..).unwrap_or_default();
        let far_beyond = steps
            .iter()
            .map(|ahead| beyond(ahead, threshold, crossing, half_width))
            .fold(f64::NEG_INFINITY, f64::max);
        Self {
            earliest: first(near).map(|seconds| seconds.min(until)),
            expected,
            latest: first(far).map(|seconds| seconds.max(since)),
            probability: (1_000.0 * normal_cdf(far_beyond)).round() / 1_000.0,
        }
    }
}

/// How far beyond the threshold a forecast is, in its standard deviations; negative before it,
/// infinite where there is no deviation.
///
/// The two sides of an interval may differ (a counter does not fall), so the deviation is that of
/// the side on which the threshold lies.
#[must_use]
pub fn beyond(ahead: &Ahead, threshold: f64, crossing: Crossing, half_width: f64) -> f64 {
    let [near, far] = crossing.limits();
    let distance = (ahead.yhat - threshold).abs();
    let (side, sign) = if crossing.has_reached(ahead.yhat, threshold) {
        (far, 1.0)
    } else {
        (near, -1.0)
    };
    let deviation = (side(ahead) - ahead.yhat).abs() / half_width;
    if deviation > 0.0 {
        sign * distance / deviation
    } else {
        sign * f64::INFINITY
    }
}

/// Seconds until a line through the path first reaches the threshold.
fn first(
    path: &[Ahead],
    line: fn(&Ahead) -> f64,
    threshold: f64,
    crossing: Crossing,
) -> Option<f64> {
    let start = path.first()?;
    let has_reached = |ahead: &Ahead| crossing.has_reached(line(ahead), threshold);
    if has_reached(start) {
        return Some(0.0);
    }
    let lead = |ahead: &Ahead| ahead.time.saturating_sub(start.time).max(0) as f64 / 1e9;
    let pair = path.windows(2).find(|pair| has_reached(&pair[1]))?;
    let share = share(line(&pair[0]), line(&pair[1]), threshold);
    Some(lead(&pair[0]) + share * (lead(&pair[1]) - lead(&pair[0])))
}

/// How much of the way from one value to another, different one lies before `at`, which is between
/// them; in `[0, 1]`.
fn share(from: f64, to: f64, at: f64) -> f64 {
    let way = to - from;
    if way.is_finite() {
        (at - from) / way
    } else {
        (at / 2.0 - from / 2.0) / (to / 2.0 - from / 2.0)
    }
}

/// P(X <= z) of a standard normal X.
fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000_000;

    /// A path that begins with a point, with these forecasts and half widths.
    fn path(start: f64, steps: &[(f64, f64)]) -> Vec<Ahead> {
        let one = |(step, &(yhat, half)): (u32, &(f64, f64))| Ahead {
            time: i64::from(step) * SECOND,
            step,
            yhat,
            lower: yhat - half,
            upper: yhat + half,
        };
        (0..)
            .zip(&[&[(start, 0.0)], steps].concat())
            .map(one)
            .collect()
    }

    /// 20 now, 0.5 more a step, and half widths of 0.1 times the step.
    fn ramp() -> Vec<Ahead> {
        let steps: Vec<(f64, f64)> = (1..=40)
            .map(|h| (20.0 + 0.5 * f64::from(h), 0.1 * f64::from(h)))
            .collect();
        path(20.0, &steps)
    }

    fn near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|found| (found - wanted).abs() < 1e-9)
    }

    #[test]
    fn a_ramp_reaches_where_its_lines_meet_the_threshold() {
        let reach = Reach::of(&ramp(), 30.2, Crossing::Above, 2.0);
        assert!(near(reach.earliest, 10.2 / 0.6), "{reach:?}");
        assert!(near(reach.expected, 10.2 / 0.5), "{reach:?}");
        assert!(near(reach.latest, 10.2 / 0.4), "{reach:?}");
        // At step 40: 9.8 beyond, deviation 2.
        assert_eq!(reach.probability.to_string(), "1");
        let far = Reach::of(&ramp(), 43.0, Crossing::Above, 2.0);
        assert!(near(far.earliest, 23.0 / 0.6), "{far:?}");
        assert_eq!((far.expected, far.latest), (None, None));
        // At step 40: 3 short, deviation 2; Phi(-1.5).
        assert_eq!(far.probability.to_string(), "0.067");
    }

    #[test]
    fn a_value_at_the_threshold_has_reached_it_from_either_side() {
        for crossing in [Crossing::Above, Crossing::Below] {
            assert!(crossing.has_reached(100.0, 100.0));
            let still = path(100.0, &[(100.0, 0.0)]);
            let reach = Reach::of(&still, 100.0, crossing, 2.0);
            assert_eq!(reach.expected, Some(0.0));
            assert_eq!(reach.probability.to_string(), "1");
        }
    }

    #[test]
    fn without_a_deviation_it_is_certain_one_way_or_the_other() {
        let still = path(5.0, &[(5.0, 0.0), (5.0, 0.0)]);
        let reach = Reach::of(&still, 6.0, Crossing::Above, 2.0);
        assert_eq!(reach.probability.to_string(), "0");
        assert_eq!(
            (reach.earliest, reach.expected, reach.latest),
            (None, None, None)
        );
        let none = Reach::of(&[], 6.0, Crossing::Above, 2.0);
        assert_eq!(
            (none.expected, none.probability.to_string()),
            (None, "0".to_owned())
        );
    }

    fn steps() -> impl Strategy<Value = Vec<(f64, f64)>> {
        proptest::collection::vec((-50.0_f64..50.0, 0.0_f64..20.0), 1..30)
    }

    proptest! {
        /// For all paths and thresholds, then the near limit reaches no later than the forecast, and
        /// the far limit no earlier; whatever reaches does so within the horizon.
        #[test]
        fn earliest_expected_and_latest_are_in_order(start in -50.0_f64..50.0, steps in steps(), threshold in -60.0_f64..60.0, above in any::<bool>()) {
            let crossing = if above { Crossing::Above } else { Crossing::Below };
            let reach = Reach::of(&path(start, &steps), threshold, crossing, 2.0);
            prop_assert!(reach.expected.is_none() || reach.earliest.is_some());
            prop_assert!(reach.latest.is_none() || reach.expected.is_some());
            let all = [Some(0.0), reach.earliest, reach.expected, reach.latest, Some(steps.len() as f64)];
            let there: Vec<f64> = all.into_iter().flatten().collect();
            prop_assert!(there.is_sorted(), "{:?}", reach);
            prop_assert!((0.0..=1.0).contains(&reach.probability));
            let later = steps.iter().any(|&(yhat, _)| crossing.has_reached(yhat, threshold));
            let half_or_more = if later { reach.probability >= 0.5 } else { reach.probability <= 0.5 };
            prop_assert!(half_or_more, "half is where the forecast itself gets there: {:?}", reach);
        }

        /// For all paths, shifting and scaling path and threshold together changes nothing, and
        /// mirroring them changes the direction only.
        #[test]
        fn the_unit_does_not_matter(start in -50_i32..50, steps in proptest::collection::vec((-50_i32..50, 0_i32..20), 1..30), threshold in -60_i32..60, shift in -500_i32..500, exponent in -20_i32..20) {
            let plain = |x: i32| f64::from(x);
            let moved = |x: i32| f64::from(x + shift) * 2_f64.powi(exponent); // exact
            let mirrored = |x: i32| -f64::from(x);
            let reach = |map: &dyn Fn(i32) -> f64, crossing| {
                let base = map(0);
                let steps: Vec<(f64, f64)> = steps.iter().map(|&(yhat, half)| (map(yhat), (map(half) - base).abs())).collect();
                Reach::of(&path(map(start), &steps), map(threshold), crossing, 2.0)
            };
            let above = reach(&plain, Crossing::Above);
            prop_assert_eq!(above, reach(&moved, Crossing::Above));
            prop_assert_eq!(above, reach(&mirrored, Crossing::Below));
        }

        /// For all numbers a float can be, nothing that is not finite comes out.
        #[test]
        fn everything_is_finite(start in any::<f64>(), steps in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<i64>()), 0..10), threshold in any::<f64>()) {
            let finite = |x: f64| if x.is_finite() { x } else { f64::MAX };
            let mut path = path(finite(start), &[]);
            path.extend(steps.iter().map(|&(yhat, lower, upper, time)| {
                let yhat = finite(yhat);
                Ahead { time, step: 1, yhat, lower: finite(lower).min(yhat), upper: finite(upper).max(yhat) }
            }));
            for crossing in [Crossing::Above, Crossing::Below] {
                let reach = Reach::of(&path, finite(threshold), crossing, 1.96);
                let all = [reach.earliest, reach.expected, reach.latest, Some(reach.probability)];
                prop_assert!(all.into_iter().flatten().all(f64::is_finite), "{:?}", reach);
            }
        }
    }
}

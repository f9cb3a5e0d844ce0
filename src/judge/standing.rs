//! Where each channel stands, and from where on it would flag: for a person who asks why there was a flag, or none.
//!
//! Not said here: the alarm limits of a single point, which every verdict has.

use super::budget::Allowance;
use super::unrest::FLOOR;
use super::{Judge, Kind};

/// Where a channel stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// What it finds.
    pub kind: Kind,
    /// Where it stands: see [`Judge::standings`].
    pub now: f64,
    /// Below it there is a flag; `None` where that side has none.
    pub low: Option<f64>,
    /// Above it there is a flag; `None` where that side has none. Neither: too little has been seen.
    pub high: Option<f64>,
}

impl Judge {
    /// The channels that look at more than the point, each in its unit: the last value (or increment) against all
    /// seen; the mean of the last five off the level; the way of the level over [`super::slope::WINDOW`] points; the
    /// last steps, in usual ones; missing points; points of the same value. What a user asks for beyond that
    /// (`min_deviation`) is not in it.
    #[must_use]
    pub fn standings(&self, allowance: Allowance) -> [Standing; 6] {
        let floor = self.floor();
        let range = &self.range;
        let scale = self.scale.without_day(floor);
        let margin = range.margin((scale, floor), self.points, allowance);
        let level = &self.level;
        let mean = level.recent.iter().sum::<f32>() / level.recent.len() as f32;
        let shift = level.tail.limit() * level.scale.without_day(floor);
        let channels = &self.channels;
        let (unrest, slope) = (&channels.unrest, &channels.slope);
        let unit = unrest.deviation.max(FLOOR * unrest.slow);
        let larger = 1.0 + unrest.tail.limit() * unit / unrest.slow;
        let settled = |limit: f32| Some(f64::from(limit)).filter(|_| self.is_settled());
        // A tail is fitted as soon as it is asked.
        let fitted = |limit: f32, by: f32| Some(f64::from(by)).filter(|_| limit > 0.0);
        let both = |kind, now: f32, limit: Option<f64>| Standing {
            kind,
            now: now.into(),
            low: limit.map(|limit| -limit),
            high: limit,
        };
        let above = |kind, now, high| Standing {
            kind,
            now,
            low: None,
            high,
        };
        [
            Standing {
                kind: Kind::OutOfRange,
                now: self.moves.last,
                low: Some(range.low - margin),
                high: Some(range.high + margin),
            },
            both(Kind::LevelShift, mean, fitted(level.tail.limit(), shift)),
            both(
                Kind::TrendChange,
                slope.off,
                fitted(slope.tail.limit(), slope.tail.limit() * slope.scale),
            ),
            above(
                Kind::VarianceChange,
                unrest.times(),
                fitted(unrest.tail.limit(), larger),
            ),
            above(Kind::Gap, 0.0, settled(channels.gaps.longest.limit())),
            above(
                Kind::Flatline,
                channels.runs.run().into(),
                settled(channels.runs.longest.limit()),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Point;
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn point(n: i64, x: f64, missing: u32) -> Point {
        Point {
            time: SECOND * n,
            x,
            width: 1.0,
            is_after_gap: missing > 0,
            missing,
            p0: 1e-4,
            adopt_after: 120,
            flags_leaps: true,
            is_judged: true,
        }
    }

    fn noise(n: i64) -> f64 {
        let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        (mixed % 1_000) as f64 / 100.0
    }

    fn standing(judge: &Judge, kind: Kind) -> Standing {
        let allowance = judge.allowance(1e-4);
        let all = judge.standings(allowance);
        *all.iter().find(|standing| standing.kind == kind).unwrap()
    }

    fn seen(points: i64) -> Judge {
        let mut judge = Judge::start(SECOND, 0, noise(0));
        (1..points).for_each(|n| _ = judge.observe(&point(n, noise(n), 0)));
        judge
    }

    #[test]
    fn a_channel_that_has_seen_too_little_has_no_limits() {
        let judge = seen(60);
        for kind in [
            Kind::LevelShift,
            Kind::TrendChange,
            Kind::VarianceChange,
            Kind::Gap,
        ] {
            let Standing { low, high, .. } = standing(&judge, kind);
            assert_eq!((low, high), (None, None), "{kind:?}");
        }
    }

    /// What is said of the next point is what is then found.
    #[test]
    fn a_run_and_a_gap_are_flagged_from_their_limits_on() {
        let judge = seen(6_000);
        let found = |judge: &mut Judge, point: &Point, kind: Kind| {
            let opinion = judge.observe(point);
            opinion
                .found
                .iter()
                .any(|finding| finding.kind == kind && finding.score > 1.0)
        };
        let gap = standing(&judge, Kind::Gap).high.unwrap() as u32;
        for (missing, is_flag) in [(gap, false), (gap + 1, true)] {
            let next = point(6_001 + i64::from(missing), noise(1), missing);
            assert_eq!(found(&mut judge.clone(), &next, Kind::Gap), is_flag);
        }
        let mut judge = judge;
        let mut flagged_at = None;
        for n in 6_000..6_100 {
            let limit = standing(&judge, Kind::Flatline).high.unwrap();
            if found(&mut judge, &point(n, 5.0, 0), Kind::Flatline) {
                flagged_at = Some((standing(&judge, Kind::Flatline).now, limit));
                break;
            }
        }
        let (run, limit) = flagged_at.unwrap();
        assert!(run > limit && run <= limit + 1.0, "{run} of {limit}");
    }

    #[test]
    fn a_value_beyond_everything_seen_is_out_of_range_from_the_limit_on() {
        let judge = seen(2_000);
        let Standing { low, high, .. } = standing(&judge, Kind::OutOfRange);
        let (low, high) = (low.unwrap(), high.unwrap());
        for (x, is_beyond) in [
            (high - 0.01, false),
            (high + 0.01, true),
            (low - 0.01, true),
        ] {
            let scored = judge.range.score(x, || {
                let scale = judge.scale.without_day(judge.floor());
                let allowance = judge.allowance(1e-4);
                let floor = judge.floor();
                judge.range.margin((scale, floor), judge.points, allowance)
            });
            assert_eq!(scored.1 > 1.0, is_beyond, "{x}");
        }
    }
}

//! The scores of a point: by itself, of the level, of the range.

use super::budget::Allowance;
use super::kind::{Finding, Findings, Kind};
use super::level::Shift;
use super::sides::Expected;
use super::{Judge, Opinion, Point};
use crate::minmax;

/// Typical steps below which an error is no surprise, and while few steps are known.
const QUANTA: [f32; 2] = [2.5, 6.0];
/// Steps that are known after which the first of them counts.
const FEW_STEPS: u16 = 30;
/// Typical steps below which a shift of the level, or a new extreme of a series with a quantum, is none.
const LEVEL_QUANTA: f32 = 1.5;
/// Least score of a point for a new extreme to count.
const RANGE_SCORE: f32 = 0.5;

/// What is said of a point by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spike {
    /// By how much it may be off.
    pub(super) half: f64,
    /// Above 1 exactly when it is off by more.
    pub(super) score: f32,
    /// Whether it is only because of the edge.
    is_leap: bool,
}

impl Judge {
    /// The scores of a point against what was expected.
    pub(super) fn score(
        &self,
        point: &Point,
        expected: &Expected,
        shift: Option<Shift>,
        (floor, allowance): (f32, Allowance),
    ) -> Opinion {
        let size = (point.x - expected.value).abs();
        let mut spike = self.spike(size, expected.scale, point);
        // The first quiet point after surprises is shown the band from before them.
        if let Some(scale) = expected.calm_scale {
            let calm = self.spike(size, scale, point);
            if size <= calm.half {
                spike = calm;
            }
        }
        let mut found = Findings::default();
        let few = self.moves.count() < FEW_STEPS;
        let quantum = LEVEL_QUANTA * self.moves.typical();
        if let Some(shift) = shift.filter(|shift| !few && shift.mean.abs() >= quantum) {
            found.add(Finding {
                kind: Kind::LevelShift,
                score: shift.score,
                off: shift.mean.into(),
                usual: 0.0,
            });
        }
        let scales = (expected.scale, floor);
        let margin = || self.range.margin(scales, self.points, allowance);
        let (excess, score) = self.range.score(point.x, margin);
        let is_grain = self.moves.has_quantum() && excess < f64::from(quantum);
        if excess > 0.0 && spike.score > RANGE_SCORE && !is_grain && !few {
            found.add(Finding {
                kind: Kind::OutOfRange,
                score,
                off: excess.copysign(point.x - expected.value),
                usual: 0.0,
            });
        }
        Opinion {
            expected: expected.value,
            half: spike.half,
            scale: f64::from(expected.scale) * point.width,
            score: spike.score,
            found,
            is_leap: spike.is_leap,
            allowance,
            is_adopted: false,
        }
    }

    /// How much a point may be off by, and its score.
    pub(super) fn spike(&self, size: f64, scale: f32, point: &Point) -> Spike {
        let few = usize::from(self.moves.count() < FEW_STEPS);
        if self.moves.count() == 0 {
            return Spike {
                half: f64::INFINITY, // the first move of all is no surprise
                score: 0.0,
                is_leap: false,
            };
        }
        let unit = f64::from(scale).max(f64::MIN_POSITIVE) * point.width;
        let z = (size / unit).min(1e9) as f32;
        let least = f64::from(1.0001 * QUANTA[few] * self.moves.typical()) * point.width;
        let mut half = minmax::max(f64::from(self.tail.limit()) * unit, least);
        let mut score = self.tail.score(z);
        let mut is_leap = false;
        if point.flags_leaps
            && !self.leaps.is_given_up()
            && let Some(edge) = self.moves.edge()
            && f64::from(edge) * point.width < half
        {
            let edge = f64::from(edge) * point.width;
            is_leap = (edge..=half).contains(&size);
            half = edge;
            score = score.max(1.0 + 0.5 * (size / edge - 1.0).clamp(0.0, 2.0) as f32);
        }
        let score = if size > half {
            score.max(1.0001)
        } else {
            score.min(0.99)
        };
        Spike {
            half,
            score,
            is_leap,
        }
    }
}

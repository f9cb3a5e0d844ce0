//! What a judge learns from a point, once it has been scored.
//!
//! A normal point teaches everything. A surprise teaches the scales a little, the tail only as the first
//! of its event and when it was barely one, and the level nothing, until it has lasted: then it is the new
//! normal, and the way back to the level before is no second event.

use super::day::Place;
use super::episode::SCALES;
use super::level::Shift;
use super::scale::{Saved, Scale};
use super::sides::{Expected, Sides};
use super::tail::NEARLY;
use super::{Judge, Opinion, Point};

/// Errors after which points at rest no longer count in the scales.
const RESTING: u16 = 50;
/// Raw values that become the normal ones at an adoption.
const ADOPTED: usize = 16;

/// Burden, in `adopt_after`s, at which what comes and goes is the new normal.
const WILD: f32 = 2.0;
/// By how much more than to the usual surprise the scales are widened then.
const WIDER: f32 = 1.5;

impl Judge {
    /// Learns a point; whether it was adopted with what came before.
    pub(super) fn learn(
        &mut self,
        point: &Point,
        place: Place,
        sides: &Sides,
        opinion: &Opinion,
        shift: Option<Shift>,
    ) -> bool {
        let expected = sides.chosen();
        let is_surprise = opinion.is_surprise();
        self.moves.learn(point.x, self.episode.is_on());
        let mut has_opened = false;
        let before = if is_surprise {
            let plain = self.scale.save();
            let daily = self
                .usual
                .as_ref()
                .map_or(plain, |usual| usual.scale.save());
            let scales = [plain, daily, self.level.scale_mut().save()];
            let own = (point.x - expected.value).abs() / opinion.half;
            let size = shift.map_or(0.0, |shift| shift.score).max(own as f32);
            has_opened = self.episode.surprise(scales, size);
            None
        } else {
            self.episode.calm()
        };
        let is_sole = opinion.is_leap && !opinion.found.has_surprise();
        self.governor
            .note(opinion.allowance.budget, has_opened && !is_sole);
        self.leaps.age(point.flags_leaps);
        let surprises = if is_surprise {
            self.episode.surprises()
        } else {
            0
        };
        let size = (point.x - expected.value).abs();
        let z = (size / f64::from(expected.scale).max(f64::MIN_POSITIVE)).min(1e9) as f32;
        let is_near = surprises == 1 && z < NEARLY * self.tail.limit();
        if !self.moves.is_straight() && !opinion.found.has_flatline() {
            self.learn_scales(point, sides, surprises);
            let is_tail_learnt = (!is_surprise || is_near) && !point.is_after_gap;
            if is_tail_learnt {
                self.tail.learn(z);
            }
            let is_moving = |shift: &&Shift| !self.is_resting(shift.mean.abs());
            if let Some(shift) = shift.as_ref().filter(is_moving) {
                self.level.learn(shift, surprises, is_tail_learnt);
            }
        }
        self.learn_levels(point, place, sides, opinion, before);
        self.range.learn(point.x);
        self.points = self.points.saturating_add(1);
        self.episode.age();
        is_surprise && self.adopt_in_time(point, sides)
    }

    /// The level, the season and the last values; the scales go back to `before`, if there is one.
    fn learn_levels(
        &mut self,
        point: &Point,
        place: Place,
        sides: &Sides,
        opinion: &Opinion,
        before: Option<[Saved; SCALES]>,
    ) {
        let (expected, is_surprise) = (sides.chosen(), opinion.is_surprise());
        let cleaned = if is_surprise { expected.value } else { point.x };
        if let Some(base) = sides.base {
            self.level.follow(cleaned - base);
        }
        if let Some([plain, daily, level]) = before {
            self.scale.restore(plain);
            self.level.scale_mut().restore(level);
            if let Some(usual) = &mut self.usual {
                usual.scale.restore(daily);
            }
        }
        self.recent.push(point.x, cleaned);
        let kept = if is_surprise {
            opinion.half
        } else {
            f64::INFINITY
        };
        if let Some(usual) = &mut self.usual {
            if let Some(at) = sides.usual {
                usual.push(cleaned, at);
            }
            let off = (point.x - expected.value).clamp(-kept, kept);
            let is_young = usual.is_young(place.slot);
            let x = if is_young {
                point.x
            } else {
                expected.value + off
            };
            usual.season_mut().learn(x);
        }
    }

    /// Both expectations' errors and scales.
    fn learn_scales(&mut self, point: &Point, sides: &Sides, surprises: u32) {
        let is_at_rest = self.moves.is_at_rest();
        let rest = self.floor();
        let learn = |expected: &Expected, scale: &mut Scale, error: &mut f32| {
            let size = ((point.x - expected.value).abs() / point.width) as f32;
            let gain = 0.002_f32.max(1.0 / f32::from(scale.points().max(1)));
            *error += gain * (size.min(6.0 * expected.scale) - *error);
            // How much wider a gap made the error is an estimate: it may widen the scale, not narrow it.
            let is_resting = is_at_rest && size <= rest && scale.points() > RESTING;
            if !is_resting && (!point.is_after_gap || size > expected.scale) {
                scale.learn(size, expected.scale, surprises);
            }
        };
        learn(&sides.plain, &mut self.scale, &mut self.error);
        if let (Some(usual), Some(daily)) = (&mut self.usual, &sides.daily) {
            learn(daily, &mut usual.scale, &mut usual.error);
        }
    }

    /// Whether nothing has moved, and the departure is less than a move: what a series does while it stands
    /// still says nothing about how it moves, and after a quiet night every blip would be rare.
    fn is_resting(&self, departure: f32) -> bool {
        self.moves.is_at_rest() && departure <= self.floor()
    }

    /// What is usually a surprise is none from now on.
    fn widen(&mut self) {
        let factor = WIDER * self.episode.size();
        self.scale.widen(factor);
        self.level.scale_mut().widen(factor);
        if let Some(usual) = &mut self.usual {
            usual.scale.widen(factor);
        }
    }

    /// What has lasted is normal: after `adopt_after` surprises, or where a reading beyond the edge lives. What
    /// has come and gone for long is normal too: then it is the scales that change, not the level.
    fn adopt_in_time(&mut self, point: &Point, sides: &Sides) -> bool {
        let is_late = self.episode.streak() >= point.adopt_after;
        if !is_late && self.episode.burden() >= WILD * point.adopt_after as f32 {
            self.widen();
            self.episode.adopt(None);
            return true;
        }
        let alive = if self.moves.edge().is_some() {
            usize::from(self.moves.ordinary())
        } else {
            0
        };
        let count = match (is_late, alive) {
            (true, _) => ADOPTED,
            (false, 1..) => (alive + 1).min(ADOPTED),
            (false, 0) => return false,
        };
        let former = (count == ADOPTED).then(|| self.level.slow());
        let level = self.recent.adopt(count);
        if let (Some(usual), Some(at)) = (&mut self.usual, sides.usual) {
            usual.adopt(self.recent.cleaned(), at);
        }
        if let (Some(level), Some(base)) = (level, sides.base) {
            self.level.adopt(level - base);
        }
        self.episode.adopt(former);
        self.leaps.adopt();
        if self.leaps.is_given_up() {
            self.widen();
        }
        true
    }

    /// Whether the series has gone back to the level before the last adoption; then it is the level again.
    pub(super) fn returns(&mut self, point: &Point, sides: &Sides) -> bool {
        let (Some(former), Some(base)) = (self.episode.former(), sides.base) else {
            return false;
        };
        let expected = sides.chosen();
        let half = self.spike(0.0, expected.scale, point).half;
        let back = former + base;
        if (point.x - expected.value).abs() <= half || (point.x - back).abs() > half {
            return false;
        }
        self.restart_at(back, sides);
        self.episode.adopt(None);
        true
    }
}

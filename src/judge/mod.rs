//! Observation to verdict.
//!
//! What happens at a point, in this order: it is predicted, scored, decided on and learnt. [`recent`] and
//! [`usual`] say what was to be expected, plainly and by the time of day; [`scale`] how large such errors
//! usually are, [`tail`] how improbable one is; [`level`] and [`range`] look at more than one point;
//! [`moves`] knows the quantum of the data; [`episode`] how long something has been going on; [`verdict`]
//! draws the band and applies the rule of the user.
//!
//! The expectation is not the forecast. A forecaster should follow what it sees; a judge must not follow
//! what should surprise it.
//!
//! A point outside the printed band is flagged; a flag inside it comes from a channel that looks at more
//! than the point. The score is above 1 exactly when the point is flagged.

pub mod budget;
pub mod day;
pub mod episode;
pub mod grain;
mod learning;
pub mod level;
pub mod moves;
pub mod pareto;
pub mod range;
pub mod recent;
pub mod scale;
pub mod season;
mod settle;
mod sides;
pub mod tail;
pub mod usual;
pub mod verdict;

use day::{Day, Place};
use episode::Episode;
use level::{Level, Shift};
use moves::Moves;
use range::Range;
use recent::Recent;
use scale::Scale;
use sides::{Expected, Sides};
use tail::Tail;
use usual::Usual;
pub use verdict::{Direction, Kind, Rule, Verdict};

/// Share of the budget that the score of a point and that of the level each get; they overlap. One half is
/// timid, 1 a little bold.
const CHANNEL: f64 = 0.75;
/// A budget is at least one point in so many that were seen: no extrapolation far beyond the data. Over
/// the life of a series that costs a third of the logarithm of its points.
const HONEST: f64 = 3.0;
/// Most that a budget may be.
const P_MAX: f64 = 0.02;
/// Errors learnt before a point is judged.
const WARM: u16 = 30;
/// Typical steps below which an error is no surprise, and while few steps are known.
const QUANTA: [f32; 2] = [2.5, 6.0];
/// Steps that are known after which the first of them counts.
const FEW_STEPS: u16 = 30;
/// Typical steps below which a shift of the level, or a new extreme of a series with a quantum, is none.
const LEVEL_QUANTA: f32 = 1.5;
/// Share of the typical step below which a scale never falls.
const FLOOR: f32 = 0.35;
/// Least score of a point for a new extreme to count.
const RANGE_SCORE: f32 = 0.5;
/// What a series remembers for judging.
#[derive(Clone, Debug)]
pub struct Judge {
    day: Day,
    slot: u8,    // of the last point
    points: u32, // seen, saturating
    recent: Recent,
    scale: Scale,
    error: f32, // discounted absolute error of the plain expectation
    usual: Option<Box<Usual>>,
    tail: Tail,
    level: Level,
    range: Range,
    moves: Moves,
    episode: Episode,
}

/// A point to judge.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// When, ns.
    pub time: i64,
    /// What: the value, or the mean increment of a counter.
    pub x: f64,
    /// How many times wider than usual the error of its expectation is: more after a gap, less where it
    /// is the mean of many increments.
    pub width: f64,
    /// Whether points are missing before it.
    pub is_after_gap: bool,
    /// Probability with which a point of a series that goes on as it was may be flagged.
    pub p0: f64,
    /// Surprises beyond quiet points after which they are the new normal.
    pub adopt_after: u32,
    /// Whether there may be a surprise.
    pub is_judged: bool,
}

/// What is to be said about a point.
#[derive(Clone, Copy, Debug)]
pub struct Opinion {
    /// What was expected of it.
    pub expected: f64,
    /// By how much it may be off without a surprise; infinite while nothing has moved.
    pub half: f64,
    /// Usual size of an error.
    pub scale: f64,
    /// The score of the point by itself, above 1 exactly when it is off by more.
    pub score: f32,
    /// What the channels that look at more than the point say, the loudest of them: what, its score and
    /// by how much it is off.
    pub other: Option<(Kind, f32, f64)>,
    /// Budget that was in force.
    pub p: f64,
    /// Whether what was surprising has become the new normal with it.
    pub is_adopted: bool,
}

impl Opinion {
    /// Whether it is a surprise.
    #[must_use]
    pub fn is_surprise(&self) -> bool {
        self.score > 1.0 || self.other.is_some_and(|(_, score, _)| score > 1.0)
    }
}

impl Judge {
    /// A judge that has seen a first value, of points `cadence` ns apart.
    #[must_use]
    pub fn start(cadence: i64, time: i64, x: f64) -> Self {
        let day = Day::new(cadence);
        let usual = (day.slots() > 0).then(|| Box::new(Usual::new(day.slots(), time, x)));
        Self {
            day,
            slot: day.place(time).slot as u8,
            points: 1,
            recent: Recent::start(x),
            scale: Scale::default(),
            error: 0.0,
            usual,
            tail: Tail::default(),
            level: Level::start(x),
            range: Range::of(x),
            moves: Moves::start(x),
            episode: Episode::default(),
        }
    }

    /// Learns how large steps are from the first values of the series, before it sees them.
    pub fn preset(&mut self, values: &[f64]) {
        self.moves.preset(values);
    }

    /// Judges a point and learns from it.
    pub fn observe(&mut self, point: &Point) -> Opinion {
        let place = self.day.place(point.time);
        self.turn_to(place.slot);
        self.begin_day(point.time, place);
        let floor = FLOOR * self.moves.typical();
        let mut sides = self.sides(place, floor);
        if self.returns(point, &sides) {
            sides = self.sides(place, floor);
        }
        let expected = sides.chosen();
        let p = point
            .p0
            .max(1.0 / (HONEST * f64::from(self.points)))
            .min(P_MAX);
        self.tail.refit(CHANNEL * p);
        let shift = sides
            .base
            .and_then(|base| self.level.look(point.x - base, place, floor, CHANNEL * p));
        let mut opinion = self.score(point, &expected, shift, (floor, p));
        let is_judged = point.is_judged && self.scale.points() >= WARM;
        if !is_judged {
            (opinion.score, opinion.other) = (opinion.score.min(1.0), None);
        }
        opinion.is_adopted = self.learn(point, place, &sides, &opinion, shift);
        opinion
    }

    /// By how much expectations are usually off.
    #[must_use]
    pub fn scale(&self) -> f64 {
        let floor = FLOOR * self.moves.typical();
        self.scale.without_day(floor).into()
    }

    /// Whether everything in here is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let usual = self.usual.as_ref();
        self.recent.median().is_finite()
            && self.scale.is_finite()
            && self.level.is_finite()
            && usual.is_none_or(|usual| usual.scale.is_finite())
    }

    /// Bytes of it, what is behind pointers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let usual = self.usual.as_ref();
        size_of::<Self>()
            + self.scale.bytes()
            + self.level.bytes()
            + usual.map_or(0, |usual| size_of::<Usual>() + usual.bytes())
    }

    /// The slots of the day that are over.
    fn turn_to(&mut self, slot: usize) {
        let before = usize::from(std::mem::replace(&mut self.slot, slot as u8));
        if before == slot {
            return;
        }
        let slots = self.day.slots();
        if let Some(usual) = &mut self.usual {
            usual.season_mut().end_slot(before);
            if !usual.has_begun() {
                return; // most series live for less than a day: no tables yet
            }
            usual.scale.end_slot(before, slots);
            self.scale.end_slot(before, slots);
            self.level.scale_mut().end_slot(before, slots);
        }
    }

    fn begin_day(&mut self, time: i64, place: Place) {
        let plain = (&self.scale, self.error);
        let cleaned = self.recent.cleaned();
        let usual = self.usual.as_mut();
        if let Some(left) = usual.and_then(|usual| usual.begin((time, place), cleaned, plain)) {
            self.level.restart(left);
        }
    }

    /// The plain expectation and that of the day.
    fn sides(&self, place: Place, floor: f32) -> Sides {
        let saved = self.episode.saved();
        let calm = |scale: &Scale, index: usize| {
            saved.map(|saved| scale.as_saved(saved[index], place, floor))
        };
        let plain = Expected {
            value: self.recent.median(),
            scale: self.scale.at(place, floor),
            calm_scale: calm(&self.scale, 0),
            error: self.error,
        };
        let usual = self.usual.as_ref();
        let at = usual.and_then(|usual| usual.at(place));
        let daily = usual.zip(at).and_then(|(usual, at)| {
            Some(Expected {
                value: usual.expected(at)?,
                scale: usual.scale.at(place, floor),
                calm_scale: calm(&usual.scale, 1),
                error: usual.error,
            })
        });
        let has_begun = usual.is_some_and(|usual| usual.has_begun());
        Sides {
            plain,
            daily,
            usual: at,
            base: if has_begun { at } else { Some(0.0) },
        }
    }

    /// The scores of a point against what was expected.
    fn score(
        &self,
        point: &Point,
        expected: &Expected,
        shift: Option<Shift>,
        (floor, p): (f32, f64),
    ) -> Opinion {
        let size = (point.x - expected.value).abs();
        let (mut half, mut score) = self.spike(size, expected.scale, point.width);
        // The first quiet point after surprises is shown the band from before them.
        if let Some(scale) = expected.calm_scale {
            let calm = self.spike(size, scale, point.width);
            if size <= calm.0 {
                (half, score) = calm;
            }
        }
        let few = self.moves.count() < FEW_STEPS;
        let quantum = LEVEL_QUANTA * self.moves.typical();
        let level = shift
            .filter(|shift| !few && shift.mean.abs() >= quantum)
            .map(|shift| (Kind::LevelShift, shift.score, f64::from(shift.mean)));
        let (excess, beyond) = self.range.score(point.x, floor);
        let is_grain = self.moves.has_quantum() && excess < f64::from(quantum);
        let is_new = excess > 0.0 && score > RANGE_SCORE && !is_grain && !few;
        let range = is_new.then_some((
            Kind::OutOfRange,
            beyond,
            excess.copysign(point.x - expected.value),
        ));
        let louder = |a: (Kind, f32, f64), b: (Kind, f32, f64)| if b.1 > a.1 { b } else { a };
        Opinion {
            expected: expected.value,
            half,
            scale: f64::from(expected.scale) * point.width,
            score,
            other: level.into_iter().chain(range).reduce(louder),
            p,
            is_adopted: false,
        }
    }

    /// How much a point may be off by, and its score.
    fn spike(&self, size: f64, scale: f32, width: f64) -> (f64, f32) {
        let few = usize::from(self.moves.count() < FEW_STEPS);
        if self.moves.count() == 0 {
            return (f64::INFINITY, 0.0); // the first move of all is no surprise
        }
        let unit = f64::from(scale).max(f64::MIN_POSITIVE) * width;
        let z = (size / unit).min(1e9) as f32;
        let least = f64::from(1.0001 * QUANTA[few] * self.moves.typical()) * width;
        let mut half = (f64::from(self.tail.limit()) * unit).max(least);
        let mut score = self.tail.score(z);
        if let Some(edge) = self.moves.edge().map(|edge| f64::from(edge) * width)
            && edge < half
        {
            half = edge;
            score = score.max(1.0 + 0.5 * (size / edge - 1.0).clamp(0.0, 2.0) as f32);
        }
        let score = if size > half {
            score.max(1.0001)
        } else {
            score.min(0.99)
        };
        (half, score)
    }
}

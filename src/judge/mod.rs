//! Observation to verdict.
//!
//! What happens at a point, in this order: it is predicted, scored, decided on and learnt. [`recent`] and
//! [`usual`] say what was to be expected, plainly and by the time of day; [`scale`] how large such errors
//! usually are, [`tail`] how improbable one is; [`level`] and [`range`] look at more than one point, and
//! [`gaps`], [`runs`], [`unrest`] and [`slope`] at how they go on; [`moves`] knows the quantum of the data, [`leaps`]
//! when to leave it; [`standing`] says where each channel stands; [`episode`] how long something has been going on; [`governor`] what of the budget is in
//! force; [`verdict`] draws the band and applies the rule of the user.
//!
//! The expectation is not the forecast. A forecaster should follow what it sees; a judge must not follow
//! what should surprise it.
//!
//! A point outside the printed band is flagged; a flag inside it comes from a channel that looks at more
//! than the point. The score is above 1 exactly when the point is flagged.

pub mod budget;
pub(crate) mod channels;
pub mod day;
pub mod episode;
pub mod gaps;
pub mod governor;
pub mod grain;
pub mod kind;
pub mod leaps;
mod learning;
pub mod level;
pub mod moves;
pub mod pareto;
mod prefetch;
pub mod range;
pub mod recent;
pub mod runs;
pub mod scale;
mod scoring;
pub mod season;
mod settle;
mod sides;
pub mod slope;
pub mod standing;
pub mod tail;
pub mod unrest;
pub mod usual;
pub mod verdict;
mod weighing;

use budget::Allowance;
use channels::{Channels, Seen};
use day::{Day, Place};
use episode::Episode;
use governor::Governor;
pub use kind::{Finding, Findings, Kind};
use leaps::Leaps;
use level::Level;
use moves::Moves;
use range::Range;
use recent::Recent;
use scale::Scale;
use sides::{Expected, Sides};
use tail::Tail;
use usual::Usual;
pub use verdict::{Direction, Rule, Verdict};

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
/// Share of the typical step below which a scale never falls.
const FLOOR: f32 = 0.35;
/// Points after which it is known how long a series stands still, or is silent, if a day takes longer; and the
/// least, if there is no day.
const SETTLED: [u32; 2] = [5_000, 100];

/// What a series remembers for judging, 1.4 KB and a table of the day.
///
/// A point costs some 1,800 instructions, however many came before, and more when a tail is to be fitted anew.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(crate) day: Day,
    pub(crate) slot: u8,    // of the last point
    pub(crate) points: u32, // seen, saturating
    pub(crate) recent: Recent,
    pub(crate) scale: Scale,
    pub(crate) error: f32, // discounted absolute error of the plain expectation
    pub(crate) usual: Option<Usual>,
    pub(crate) tail: Tail,
    pub(crate) level: Level,
    pub(crate) range: Range,
    pub(crate) moves: Moves,
    pub(crate) leaps: Leaps,
    pub(crate) channels: Channels,
    pub(crate) governor: Governor,
    pub(crate) episode: Episode,
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
    /// Whether it does not follow the last one that was looked at.
    pub is_after_gap: bool,
    /// Points missing before it; 0 where those were not looked at.
    pub missing: u32,
    /// Probability with which a point of a series that goes on as it was may be flagged.
    pub p0: f64,
    /// Surprises beyond quiet points after which they are the new normal.
    pub adopt_after: u32,
    /// Whether leaps of a series that mostly stands still are flagged beyond the budget.
    pub flags_leaps: bool,
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
    /// What the channels that look at more than the point found.
    pub found: Findings,
    /// Whether it is a surprise by itself only as a leap beyond the edge, outside the budget.
    pub is_leap: bool,
    /// The probability it was judged with.
    pub allowance: Allowance,
    /// Whether what was surprising has become the new normal with it.
    pub is_adopted: bool,
}

impl Opinion {
    /// Whether its value is a surprise.
    #[must_use]
    pub fn is_surprise(&self) -> bool {
        self.score > 1.0 || self.found.has_surprise()
    }
}

impl Judge {
    /// A judge that has seen a first value, of points `cadence` ns apart.
    #[must_use]
    pub fn start(cadence: i64, time: i64, x: f64) -> Self {
        let day = Day::new(cadence);
        let usual = (day.slots() > 0).then(|| Usual::new(day.slots(), time, x));
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
            leaps: Leaps::new(cadence),
            channels: Channels::start(),
            governor: Governor::default(),
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
        let floor = self.floor();
        let mut sides = self.sides(place, floor);
        if self.returns(point, &sides) {
            sides = self.sides(place, floor);
        }
        let allowance = self.allowance(point.p0);
        let p = allowance.in_force;
        self.tail.refit(CHANNEL * p);
        let d = sides.base.map(|base| point.x - base);
        let shift = d.and_then(|d| self.level.look(d, place, floor, CHANNEL * p));
        let mut opinion = self.score(point, &sides.chosen(), shift, (floor, allowance));
        let is_judged = point.is_judged && self.scale.points() >= WARM;
        if !is_judged {
            opinion.score = opinion.score.min(1.0);
            opinion.found = Findings::default();
        }
        let seen = Seen {
            d,
            scale: self.scale.slow_at(place).max(floor),
            is_repeat: self.moves.is_repeat(point.x),
            rest: if self.moves.is_still() { floor } else { 0.0 },
            is_after_gap: point.is_after_gap,
            missing: point.missing,
            p,
            adopt_after: point.adopt_after,
            is_settled: self.is_settled(),
        };
        self.channels.observe(&seen, is_judged, &mut opinion.found);
        opinion.is_adopted = self.learn(point, place, &sides, &opinion, shift);
        opinion
    }

    fn allowance(&self, p0: f64) -> Allowance {
        let least = (1.0 / (HONEST * f64::from(self.points))).min(P_MAX);
        let budget = p0.clamp(least, P_MAX);
        Allowance {
            budget,
            in_force: (self.governor.share() * budget).max(least),
            least,
        }
    }

    /// What a scale never falls below.
    fn floor(&self) -> f32 {
        FLOOR * self.moves.typical()
    }

    /// Whether a day has been seen, or so many points that it does not matter.
    fn is_settled(&self) -> bool {
        let has_begun = |usual: &Usual| usual.has_begun();
        let is_day_over = self.usual.as_ref().is_none_or(has_begun);
        is_day_over && self.points >= SETTLED[1] || self.points >= SETTLED[0]
    }

    /// By how much expectations are usually off.
    #[must_use]
    pub fn scale(&self) -> f64 {
        let floor = self.floor();
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

    /// Whether its parts are of one day.
    pub(crate) fn is_sound(&self) -> bool {
        let slots = self.day.slots();
        let usual = self.usual.as_ref();
        usual.is_some() == (slots > 0)
            && usize::from(self.slot) < slots.max(1)
            && usual.is_none_or(|usual| usual.is_of(slots))
            && self.scale.is_of(slots)
            && self.level.scale.is_of(slots)
    }

    /// Bytes of it, what is behind pointers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let usual = self.usual.as_ref();
        size_of::<Self>() + self.scale.bytes() + self.level.bytes() + usual.map_or(0, Usual::bytes)
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
            self.channels.interrupt(); // levels are measured from the season from now on
        }
    }

    /// The plain expectation and that of the day.
    fn sides(&self, place: Place, floor: f32) -> Sides {
        let saved = self.episode.saved();
        let plain = Expected {
            value: self.recent.median(),
            scale: self.scale.at_hour(place, floor),
            calm_scale: saved.map(|saved| self.scale.at_hour_as_saved(saved[0], place, floor)),
            error: self.error,
        };
        let usual = self.usual.as_ref();
        let at = usual.and_then(|usual| usual.at(place));
        let daily = usual.zip(at).and_then(|(usual, at)| {
            Some(Expected {
                value: usual.expected(at)?,
                scale: usual.scale.at(place, floor),
                calm_scale: saved.map(|saved| usual.scale.at_as_saved(saved[1], place, floor)),
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
}

//! The day of a series as an expectation: what is usual at this time, and by how much it is off today.
//!
//! `season(t) + median of the last three (x - season)`. It exists from one day of data on, and begins with
//! the level, the scale and the error of the plain expectation: else the shock of its arrival would stay in the
//! means for days.

use super::day::{DAY, Place};
use super::recent::{MEDIAN, median};
use super::scale::Scale;
use super::season::Season;

/// What a series knows of its day.
#[derive(Clone, Debug)]
pub struct Usual {
    pub(crate) season: Season,
    pub(crate) since: i64,                  // ns
    pub(crate) left: Option<[f64; MEDIAN]>, // the last cleaned values less the season, once there is a day of data
    /// Of its expectation's errors.
    pub scale: Scale,
    /// Its discounted absolute error.
    pub error: f32,
}

impl Usual {
    /// Nothing known; the data begin with `x` at `time`.
    #[must_use]
    pub fn new(slots: usize, time: i64, x: f64) -> Self {
        Self {
            season: Season::new(slots, x),
            since: time,
            left: None,
            scale: Scale::default(),
            error: 0.0,
        }
    }

    /// What is usual at this place, once there is a day of data.
    #[must_use]
    #[inline]
    pub fn at(&self, place: Place) -> Option<f64> {
        self.left.and_then(|_| self.season.at(place))
    }

    /// Whether it expects anything at all.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.left.is_some()
    }

    /// What is expected where `usual` is usual.
    #[must_use]
    #[inline]
    pub fn expected(&self, usual: f64) -> Option<f64> {
        self.left.map(|left| usual + median(left))
    }

    /// Begins to expect, when a day of data has been seen; says what is left of the level.
    pub fn begin(
        &mut self,
        (time, place): (i64, Place),
        cleaned: [f64; MEDIAN],
        (scale, error): (&Scale, f32),
    ) -> Option<f64> {
        if self.left.is_some() || time.saturating_sub(self.since) < DAY {
            return None;
        }
        let usual = self.season.at(place)?;
        let left = cleaned.map(|x| x - usual);
        self.left = Some(left);
        self.scale = scale.copied();
        self.error = error;
        Some(median(left))
    }

    /// Takes in a cleaned value where `usual` is usual.
    #[inline]
    pub fn push(&mut self, cleaned: f64, usual: f64) {
        if let Some(left) = &mut self.left {
            *left = [left[1], left[2], cleaned - usual];
        }
    }

    /// The level moved: these are the last values now.
    pub fn adopt(&mut self, cleaned: [f64; MEDIAN], usual: f64) {
        if let Some(left) = &mut self.left {
            *left = cleaned.map(|x| x - usual);
        }
    }

    /// The season, to learn.
    pub fn season_mut(&mut self) -> &mut Season {
        &mut self.season
    }

    /// Whether the season takes in flagged values as they came.
    #[must_use]
    pub fn is_young(&self, slot: usize) -> bool {
        self.season.is_young(slot)
    }

    /// Whether it is of a day of so many slots.
    pub(crate) fn is_of(&self, slots: usize) -> bool {
        self.season.means.len() == slots && self.scale.is_of(slots)
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.season.bytes() + self.scale.bytes()
    }
}

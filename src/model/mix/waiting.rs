//! A grid that only keeps values until a season has been found in them.
//!
//! That is a coarse grid beside the points: without a season it has nothing to tell them.

use super::grown::Grown;
use super::ring::{FAR, Ring};
use super::search::{Finding, Search};
use super::{SEARCHABLE, Setup};

/// Points between two looks at whether the ring has become blind.
const LOOK_EVERY: u32 = 128;

/// A ring without a forecaster.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) ring: Ring,
    pub(crate) search: Search,
    pub(crate) count: u32, // steps seen, saturating
    pub(crate) least: f64, // value seen
}

impl Waiting {
    /// From the newest values, `count` seen so far, in the units of `ring`, which is empty.
    pub(super) fn start(mut ring: Ring, values: &[f64], count: u32, setup: &Setup) -> Self {
        values.iter().for_each(|&y| ring.push(ring.unit(y)));
        Self {
            ring,
            search: Search::new(setup.seasons, setup.phase),
            count,
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }

    /// The values.
    pub(super) fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The newest value.
    pub(super) fn last(&self) -> f64 {
        self.ring.value(self.ring.lag(1))
    }

    /// Whether everything should begin anew: the values of today are all alike in its units.
    pub(super) fn is_blind(&self) -> bool {
        self.count.is_multiple_of(LOOK_EVERY) && self.ring.is_blind()
    }

    /// Takes in a value; a forecaster once there is a season.
    pub(super) fn learn(&mut self, y: f64, setup: &Setup) -> Option<Grown> {
        if self.ring.unit(y).abs() > FAR {
            self.ring.recentre(self.ring.unit(y));
        }
        self.ring.push(self.ring.unit(y));
        self.least = self.least.min(y);
        self.count = self.count.saturating_add(1);
        if !self.search.is_due(self.count) || self.ring.len() < SEARCHABLE {
            return None;
        }
        let (values, capacity) = (self.ring.to_vec(), self.ring.capacity());
        let none = [0; 2];
        match self
            .search
            .test(self.count, &values, none, capacity, |_| false)
        {
            Finding::Found(seasons) => {
                let (search, held) = (self.search.clone(), (&self.ring, self.least));
                Some(Grown::start_with(held, seasons, search, self.count, setup))
            }
            Finding::Nothing => None,
        }
    }

    /// Lets a step pass whose value is missing.
    pub(super) fn pass(&mut self) {
        self.ring.push(self.ring.lag(1));
        self.count = self.count.saturating_add(1);
    }

    /// Bytes of it, what is behind pointers included.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.ring.bytes()
    }
}

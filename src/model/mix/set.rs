//! Sets of candidates.

use super::candidates::COUNT;

/// A set of candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set(pub u16);

impl Set {
    /// All of them.
    pub const ALL: Self = Self(u16::MAX);
    /// Those whose forecast is one number at every horizon.
    pub const CONSTANT: Self = Self(0b111_1111);

    /// Whether it has this candidate.
    #[must_use]
    #[inline]
    pub fn has(self, candidate: usize) -> bool {
        self.0 >> candidate & 1 == 1
    }

    /// Adds a candidate.
    #[inline]
    pub fn add(&mut self, candidate: usize) {
        self.0 |= 1 << candidate;
    }

    /// Takes a candidate out.
    #[inline]
    pub fn remove(&mut self, candidate: usize) {
        self.0 &= !(1 << candidate);
    }

    /// What either has.
    #[must_use]
    #[inline]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    #[inline]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The candidates, in order.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let candidate = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (candidate < COUNT).then_some(candidate)
        })
    }
}

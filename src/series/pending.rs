//! Points that the forecaster of a series has still to learn.
//!
//! Most points ask the forecaster nothing: only a forecast, a gap, a point behind a silence and the state do, and they
//! have it catch up first. It is the larger part of a series, and where series are many none of it is in the cache of
//! the processor: learning a few points together, it is fetched once for all of them. What the forecaster knows
//! afterwards is the same to the bit.
//!
//! Promises: oldest first; never more than [`MOST`]. Nothing waits in a series that is kept.

/// Points that wait at most.
pub(super) const MOST: usize = 8;

/// Times on the grid (ns) and values, one step apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    points: [(i64, f64); MOST],
    count: u8,
}

impl Pending {
    /// Adds a point. It must not be full.
    #[inline]
    pub(super) fn push(&mut self, time: i64, x: f64) {
        self.points[usize::from(self.count)] = (time, x);
        self.count += 1;
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        usize::from(self.count) == MOST
    }

    /// What waits; nothing does afterwards.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (i64, f64)> {
        let count = std::mem::take(&mut self.count);
        self.points.into_iter().take(count.into())
    }
}

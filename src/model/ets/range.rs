//! The range that values lately had, so that a forecast does not leave it far behind.
//!
//! Two blocks of extremes, each over as many values as the ring holds: the range of at least the
//! last ring of values and at most the last two, at two comparisons a value and with no memory of
//! the values themselves.

/// How far beyond its range a series may be forecast, as a share of that range: what goes further is
/// a trend that a few points have led on.
const BEYOND: f64 = 0.5;

/// Extremes of the last values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) block: (f64, f64), // lowest and highest; the other way round while empty
    pub(crate) previous: (f64, f64), // of the block before
    pub(crate) room: usize,       // values until the block is full
    pub(crate) is_negative: bool, // whether any value ever was
}

const EMPTY: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

impl Range {
    pub(super) fn new() -> Self {
        Self {
            block: EMPTY,
            previous: EMPTY,
            room: 0,
            is_negative: false,
        }
    }

    /// Takes in a value; `size` is the number of values in a block, >= 1.
    #[inline]
    pub(super) fn learn(&mut self, y: f64, size: usize) {
        if self.room == 0 {
            self.previous = std::mem::replace(&mut self.block, EMPTY);
            self.room = size;
        }
        self.room -= 1;
        self.block = (self.block.0.min(y), self.block.1.max(y));
        self.is_negative |= y < 0.0;
    }

    /// `y` inside the range widened by half of it on either side, and not negative if no value was.
    /// `y` itself but for its sign when `is_free`, or when nothing has been seen.
    #[inline]
    pub(super) fn clamp(&self, y: f64, is_free: bool) -> f64 {
        let low = self.block.0.min(self.previous.0);
        let high = self.block.1.max(self.previous.1);
        let beyond = BEYOND * (high - low);
        let y = if is_free || low > high {
            y
        } else {
            y.max(low - beyond).min(high + beyond)
        };
        self.floor(y)
    }

    /// `y`, but not negative if no value was.
    #[inline]
    pub(super) fn floor(&self, y: f64) -> f64 {
        if self.is_negative { y } else { y.max(0.0) }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // halves and sums of small whole numbers are exact
mod tests {
    use super::*;

    #[test]
    fn at_least_the_last_block_counts_and_at_most_the_last_two() {
        let mut range = Range::new();
        let clamped = |range: &Range| [range.clamp(-1e9, false), range.clamp(1e9, false)];
        (0..10).for_each(|_| range.learn(100.0, 10));
        (0..10).for_each(|_| range.learn(50.0, 10));
        assert_eq!(clamped(&range), [25.0, 125.0]);
        range.learn(60.0, 10);
        assert_eq!(clamped(&range), [45.0, 65.0]);
    }

    #[test]
    fn what_never_was_negative_is_not_clamped_below_zero_even_when_free() {
        let mut range = Range::new();
        range.learn(1.0, 10);
        range.learn(5.0, 10);
        assert_eq!(
            [range.clamp(-9.0, false), range.clamp(-9.0, true)],
            [0.0; 2]
        );
        assert_eq!(range.clamp(99.0, true), 99.0);
        range.learn(-1.0, 10);
        assert_eq!(
            [range.clamp(-9.0, false), range.clamp(-9.0, true)],
            [-4.0, -9.0]
        );
    }
}

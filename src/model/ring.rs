//! The last values of a series, one per step, in half the room.
//!
//! Values are kept as f32 offsets from an f64 base. The base is moved to the newest value every time
//! the ring has gone round, so that a level of 1e9 keeps the digits of its noise: the error of a
//! value is at most 2^-24 of its distance from the base.

/// A ring of the last values.
#[derive(Clone, Debug)]
pub struct Ring {
    pub(crate) base: f64,
    pub(crate) offsets: Vec<f32>, // at most `capacity`
    pub(crate) capacity: usize,   // >= 1
    pub(crate) next: usize,       // where the next value goes once the ring is full
}

impl Ring {
    /// An empty ring for `capacity` values (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            base: 0.0,
            offsets: Vec::new(),
            capacity: capacity.max(1),
            next: 0,
        }
    }

    /// Adds the newest value; the oldest goes when the ring is full.
    pub fn push(&mut self, value: f64) {
        if self.offsets.is_empty() {
            self.base = value;
        }
        if self.offsets.len() < self.capacity {
            if self.offsets.capacity() == self.offsets.len() {
                let room = self.capacity - self.offsets.len();
                let more = self.offsets.len().max(8).min(room);
                self.offsets.reserve_exact(more);
            }
            self.offsets.push(offset(value, self.base));
            return;
        }
        if self.next == 0 {
            self.move_base(value);
        }
        self.offsets[self.next] = offset(value, self.base);
        self.next = (self.next + 1) % self.capacity;
    }

    /// Adds a step without a value, NaN when read; the oldest value goes when the ring is full.
    ///
    /// Not before the first value: the ring has no base until then.
    pub fn push_missing(&mut self) {
        if self.offsets.len() < self.capacity {
            self.offsets.push(f32::NAN);
            return;
        }
        self.offsets[self.next] = f32::NAN;
        self.next = (self.next + 1) % self.capacity;
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.offsets.clear();
        self.next = 0;
    }

    /// Values and steps without one that are held, at most the capacity.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether nothing has been added since the start or the last [`Ring::clear`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Writes the values into `out`, oldest first.
    pub fn copy_to(&self, out: &mut Vec<f64>) {
        out.clear();
        let (newer, older) = self.offsets.split_at(self.next);
        out.extend(
            older
                .iter()
                .chain(newer)
                .map(|&offset| self.base + f64::from(offset)),
        );
    }

    fn move_base(&mut self, base: f64) {
        for kept in &mut self.offsets {
            *kept = offset(self.base + f64::from(*kept), base);
        }
        self.base = base;
    }
}

fn offset(value: f64, base: f64) -> f32 {
    ((value - base) as f32).clamp(f32::MIN, f32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_large_level_keeps_the_digits_of_its_noise() {
        let mut ring = Ring::new(120);
        let value = |i: u32| 1e9 + 0.5 * f64::from(i) + 0.01 * f64::from(i % 7);
        (0..100_000).for_each(|i| ring.push(value(i)));
        let mut kept = Vec::new();
        ring.copy_to(&mut kept);
        for (i, kept) in (100_000 - 120..).zip(kept) {
            assert!((kept - value(i)).abs() < 1e-4, "{i}: {kept}");
        }
    }

    #[test]
    fn steps_without_a_value_are_kept_in_their_place() {
        let mut ring = Ring::new(4);
        ring.push(5.0);
        ring.push_missing();
        (6..9).for_each(|y| ring.push(f64::from(y)));
        let mut kept = Vec::new();
        ring.copy_to(&mut kept);
        assert!(kept[0].is_nan());
        assert_eq!(kept[1..], [6.0, 7.0, 8.0]);
        ring.clear();
        ring.push(1e9);
        ring.copy_to(&mut kept);
        assert_eq!(kept, [1e9]);
    }

    proptest! {
        /// For all values and sizes, the ring holds the last ones, in order, to f32 precision.
        #[test]
        fn the_last_values_are_kept_in_order(
            values in proptest::collection::vec(-1e3_f64..1e3, 1..200), capacity in 1_usize..50,
        ) {
            let mut ring = Ring::new(capacity);
            values.iter().for_each(|&value| ring.push(value));
            let mut kept = Vec::new();
            ring.copy_to(&mut kept);
            let last = &values[values.len().saturating_sub(capacity)..];
            prop_assert_eq!(kept.len(), last.len());
            for (kept, value) in kept.iter().zip(last) {
                prop_assert!((kept - value).abs() < 1e-3);
            }
        }
    }
}

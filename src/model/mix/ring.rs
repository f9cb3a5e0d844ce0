//! The last values of a stream, one per step, in 16 bits each.
//!
//! A value is kept in *units*: `z = (y - offset) / scale`, to 1/1024 of the scale, with the mean and
//! the standard deviation of the values around as offset and scale. That is fine enough for every
//! candidate (in f32 the scores on M4 differ in the fourth digit) and holds 32 scales either way; when
//! a value comes near that, [`Ring::recentre`] finds new units and says by how much the old ones have
//! changed, so that whoever holds numbers in units can follow.
//!
//! Promises: lags are those of the values pushed, to half a code. Does not hold the newest value
//! exactly; who needs it keeps it.

/// Codes per scale.
const CODES: f32 = 1024.0;

/// Units beyond which the ring asks to be recentred: the codes end at 32.
pub const FAR: f32 = 30.0;

/// Range in units below which nothing is told apart.
const BLIND: f32 = 8.0 / CODES;

/// Values by which the room grows while the ring is young.
const GROWTH: usize = 64;

/// Values in units of a scale, the newest at lag 1.
#[derive(Clone, Debug)]
pub struct Ring {
    pub(crate) offset: f64,
    pub(crate) scale: f64, // > 0
    pub(crate) codes: Vec<i16>,
    pub(crate) capacity: u16,
    pub(crate) next: u16, // where the next value goes once the ring is full
}

/// A change of units: `new = (old - shift) * stretch`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// In old units.
    pub shift: f32,
    /// New units per old unit, > 0.
    pub stretch: f32,
}

impl Change {
    /// A value in the new units.
    #[must_use]
    pub fn value(self, old: f32) -> f32 {
        (old - self.shift) * self.stretch
    }
}

impl Ring {
    /// A ring of at most `capacity` values (at least one) in units of the mean and the spread of
    /// `first`; `None` when those are too much alike to give a spread.
    #[must_use]
    pub fn start(first: &[f64], capacity: usize) -> Option<Self> {
        let count = first.len().max(1) as f64;
        let mean = first.iter().map(|y| y / count).sum::<f64>();
        let variance = first
            .iter()
            .map(|y| ((y - mean) / count.sqrt()).powi(2))
            .sum::<f64>();
        let scale = variance.sqrt();
        // Below 1e-13 of the level a spread is rounding.
        if !(scale > 1e-300 && scale > 1e-13 * mean.abs() && scale.is_finite()) {
            return None;
        }
        Some(Self {
            offset: mean,
            scale,
            codes: Vec::new(),
            capacity: capacity.clamp(1, usize::from(u16::MAX)) as u16,
            next: 0,
        })
    }

    /// Whether its parts fit together.
    pub(crate) fn is_sound(&self) -> bool {
        let capacity = usize::from(self.capacity);
        let has_room = self.codes.len() <= capacity && self.next < self.capacity.max(1);
        has_room && self.scale > 0.0 && self.scale.is_finite() && self.offset.is_finite()
    }

    /// An empty ring in the units of this one.
    #[must_use]
    pub fn empty_twin(&self) -> Self {
        Self {
            codes: Vec::with_capacity(self.codes.len()),
            next: 0,
            ..*self
        }
    }

    /// A value in units.
    #[must_use]
    #[inline]
    pub fn unit(&self, y: f64) -> f32 {
        ((y - self.offset) / self.scale) as f32
    }

    /// A number of units as a value.
    #[must_use]
    #[inline]
    pub fn value(&self, z: f32) -> f64 {
        self.offset + self.scale * f64::from(z)
    }

    /// The size of a unit, > 0.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// The distance between two values that it tells apart.
    #[must_use]
    pub fn grain(&self) -> f64 {
        self.scale / f64::from(CODES)
    }

    /// The value 0 in units, with its sign turned: `y / scale = z + zero()`.
    #[must_use]
    pub fn zero(&self) -> f64 {
        self.offset / self.scale
    }

    /// Values held.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether no value is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Most values it will hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity.into()
    }

    /// Bytes of the values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        2 * self.codes.capacity()
    }

    /// Adds the newest value, in units; the oldest goes when the ring is full.
    #[inline]
    pub fn push(&mut self, z: f32) {
        let code = encode(z);
        let capacity = self.capacity();
        if self.codes.len() == capacity {
            self.codes[usize::from(self.next)] = code;
            self.next += 1;
            if self.next == self.capacity {
                self.next = 0;
            }
            return;
        }
        if self.codes.capacity() == self.codes.len() {
            let room = capacity - self.codes.len();
            self.codes.reserve_exact(room.min(GROWTH));
        }
        self.codes.push(code);
    }

    /// The value `lag` steps back, in units; 1 is the newest, at most [`Ring::len`].
    #[must_use]
    #[inline]
    pub fn lag(&self, lag: usize) -> f32 {
        let len = self.codes.len();
        let next = usize::from(self.next);
        let at = if next >= lag {
            next - lag
        } else {
            next + len - lag
        };
        decode(self.codes[at])
    }

    /// The newest `N` values in units, the newest first; there must be so many.
    #[must_use]
    #[inline]
    pub fn newest<const N: usize>(&self) -> [f32; N] {
        let next = usize::from(self.next);
        let end = if next == 0 { self.codes.len() } else { next };
        let in_a_row = self.codes[..end].last_chunk::<N>();
        match in_a_row {
            Some(codes) => std::array::from_fn(|index| decode(codes[N - 1 - index])),
            None => std::array::from_fn(|index| self.lag(index + 1)),
        }
    }

    /// Appends the newest `count` values to `out` in units, oldest first.
    pub fn copy_newest(&self, count: usize, out: &mut Vec<f32>) {
        let (newer, older) = self.codes.split_at(self.next.into());
        let skip = self.codes.len() - count.min(self.codes.len());
        let from_older = older.get(skip..).unwrap_or(&[]);
        let from_newer = &newer[skip.saturating_sub(older.len())..];
        out.extend(
            from_older
                .iter()
                .chain(from_newer)
                .map(|&code| decode(code)),
        );
    }

    /// All values in units, oldest first.
    #[must_use]
    pub fn to_vec(&self) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.len());
        self.copy_newest(self.len(), &mut values);
        values
    }

    /// Least and greatest value held, in units.
    #[must_use]
    pub fn extremes(&self) -> (f32, f32) {
        let (mut least, mut greatest) = (i16::MAX, i16::MIN);
        for &code in &self.codes {
            least = least.min(code);
            greatest = greatest.max(code);
        }
        (decode(least), decode(greatest))
    }

    /// Whether what it holds, once it is full, is told apart by a few codes at most: its units are those
    /// of a misread or of a level that is long gone.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        let (least, greatest) = self.extremes();
        self.len() == self.capacity() && greatest - least < BLIND
    }

    /// Takes the mean and the spread of what it holds and of `next`, the value about to be pushed, as
    /// its new units. `None`, and no change, when everything is alike.
    pub fn recentre(&mut self, next: f32) -> Option<Change> {
        let values = self.to_vec();
        let count = (values.len() + 1) as f32;
        let shift = (values.iter().sum::<f32>() + next) / count;
        let square = |z: f32| (z - shift) * (z - shift);
        let variance = (values.iter().map(|&z| square(z)).sum::<f32>() + square(next)) / count;
        // A lone value far out may lie beyond the codes in its own spread.
        let spread = variance.sqrt().max((next - shift).abs() / (0.5 * FAR));
        if !(spread > 1e-4 && spread.is_finite()) {
            return None;
        }
        let change = Change {
            shift,
            stretch: 1.0 / spread,
        };
        self.offset += self.scale * f64::from(shift);
        self.scale *= f64::from(spread);
        for code in &mut self.codes {
            *code = encode(change.value(decode(*code)));
        }
        Some(change)
    }
}

#[inline]
fn encode(z: f32) -> i16 {
    (z * CODES + 0.5_f32.copysign(z)) as i16 // to the nearest; saturates
}

#[inline]
fn decode(code: i16) -> f32 {
    f32::from(code) * (1.0 / CODES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_values_are_those_at_the_lags_wherever_the_ring_begins() {
        let first: Vec<f64> = (0..8).map(f64::from).collect();
        let mut ring = Ring::start(&first, 20).unwrap();
        for i in 0..50_i16 {
            ring.push(f32::from(i * 7 % 11) / 4.0);
            if ring.len() >= 6 {
                let lags: [f32; 6] = std::array::from_fn(|index| ring.lag(index + 1));
                assert_eq!(
                    ring.newest::<6>().map(f32::to_bits),
                    lags.map(f32::to_bits),
                    "{i}"
                );
            }
        }
    }
}

//! The candidates whose forecast is one number at every horizon, all O(1) a point.
//!
//! 1. the last value;
//! 2. the *gate of 30*: the last value that was within 3.5 usual changes of the one before it in this
//!    row; 30 refusals in a row open the gate, so a misread of half a minute leaves it where it was;
//! 3. the mean of these two;
//! 4. the gate of 120;
//! 5. the median of the last five;
//! 6. simple exponential smoothing, slow: `s += .02 (y - s)`, a plain mean at first;
//! 7. the same with a memory of 500, once it is apart from the other.
//!
//! All see the values as they came. On the brew recording the weighted median of these is better 40
//! steps ahead than any one of them and than the last value by 5 %.

use super::candidates::{Each, GATE_30, GATE_120, LAST, MEAN, MEDIAN, MIDDLE, SMOOTHED, Set};
use super::ring::Change;
use crate::minmax::{max, min};

/// Usual changes that pass a gate.
const GATE: f32 = 3.5;
/// Refusals in a row that open each gate.
const PATIENCE: [u8; 2] = [30, 120];
/// Step by which the usual change follows the median of the changes that are not zero.
const FOLLOW: f32 = 0.05;
/// Values in the memory of the slow mean.
const MEMORY: u16 = 500;
/// Values before it speaks: up to 50 it is the smoothed one, and copies outvote the rest.
const APART: u16 = 150;
/// Weight of a value in the smoothed one: a memory of 50.
const SMOOTHING: f32 = 0.02;

/// The constant candidates, in units of the ring.
#[derive(Clone, Debug)]
pub struct Levels {
    pub(crate) newest: [f32; 5], // newest first
    pub(crate) gates: [f32; 2],
    pub(crate) refused: [u8; 2],
    pub(crate) usual_change: f32, // median of the changes that are not zero; 0 before the first
    pub(crate) smoothed: f32,
    pub(crate) mean: f32,
    pub(crate) count: u16, // values seen, at most [`MEMORY`]
}

impl Levels {
    /// After one value.
    #[must_use]
    pub fn start(z: f32) -> Self {
        Self {
            newest: [z; 5],
            gates: [z; 2],
            refused: [0; 2],
            usual_change: 0.0,
            smoothed: z,
            mean: z,
            count: 1,
        }
    }

    /// The last value.
    #[must_use]
    #[inline]
    pub fn last(&self) -> f32 {
        self.newest[0]
    }

    /// Least and greatest of the last five values.
    #[must_use]
    pub fn extremes(&self) -> (f32, f32) {
        let fold = |f: fn(f32, f32) -> f32| self.newest.iter().copied().reduce(f).unwrap_or(0.0);
        (fold(f32::min), fold(f32::max))
    }

    /// Writes the forecasts of these candidates, and says who they are.
    #[inline]
    pub fn forecast(&self, out: &mut Each) -> Set {
        out[LAST] = self.newest[0];
        out[GATE_30] = self.gates[0];
        out[MIDDLE] = 0.5 * (self.newest[0] + self.gates[0]);
        out[GATE_120] = self.gates[1];
        out[MEDIAN] = self.median();
        out[SMOOTHED] = self.smoothed;
        out[MEAN] = self.mean;
        let mut present = Set::CONSTANT;
        if self.count < APART {
            present.remove(MEAN);
        }
        present
    }

    /// Takes in a value.
    #[inline]
    pub fn learn(&mut self, z: f32) {
        let change = (z - self.newest[0]).abs();
        if change > 1e-6 {
            if self.usual_change <= 0.0 {
                self.usual_change = change;
            } else if change > self.usual_change {
                self.usual_change *= 1.0 + FOLLOW;
            } else {
                self.usual_change *= 1.0 - FOLLOW;
            }
        }
        let gates = self.gates.iter_mut().zip(&mut self.refused).zip(PATIENCE);
        for ((gate, refused), patience) in gates {
            *refused += 1;
            if (z - *gate).abs() <= GATE * self.usual_change || *refused >= patience {
                *gate = z;
                *refused = 0;
            }
        }
        self.count = (self.count + 1).min(MEMORY);
        let share = 1.0 / f32::from(self.count);
        self.smoothed += SMOOTHING.max(share) * (z - self.smoothed);
        self.mean += share * (z - self.mean);
        self.newest = [
            z,
            self.newest[0],
            self.newest[1],
            self.newest[2],
            self.newest[3],
        ];
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, change: Change) {
        let moved = |z: &mut f32| *z = change.value(*z);
        self.newest.iter_mut().for_each(moved);
        self.gates.iter_mut().for_each(moved);
        self.smoothed = change.value(self.smoothed);
        self.mean = change.value(self.mean);
        self.usual_change *= change.stretch;
    }

    /// The median of the last five.
    #[inline]
    fn median(&self) -> f32 {
        let [a, b, c, d, e] = self.newest;
        // Of two pairs the least and the greatest of four cannot be it.
        let low = max(min(a, b), min(c, d));
        let high = min(max(a, b), max(c, d));
        max(min(low, high), min(max(low, high), e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_excursion_does_not_move_the_gate_and_a_new_level_does() {
        let mut levels = Levels::start(0.0);
        let mut out = [0.0; super::super::candidates::COUNT];
        let wave = |i: u32| if i.is_multiple_of(2) { 0.1 } else { -0.1 };
        (0..50).for_each(|i| levels.learn(wave(i)));
        (0..29).for_each(|_| levels.learn(8.0));
        levels.forecast(&mut out);
        assert!(out[GATE_30].abs() < 0.2 && out[LAST] > 7.9, "{out:?}");
        levels.learn(8.0);
        levels.forecast(&mut out);
        assert!(out[GATE_30] > 7.9 && out[GATE_120].abs() < 0.2, "{out:?}");
    }

    proptest! {
        /// For all values, the median is the third of the five in order.
        #[test]
        fn the_median_of_five_is_the_third(values in proptest::array::uniform5((-10.0_f64..10.0).prop_map(|x| x as f32))) {
            let mut levels = Levels::start(0.0);
            values.iter().for_each(|&z| levels.learn(z));
            let mut sorted = values;
            sorted.sort_unstable_by(f32::total_cmp);
            prop_assert!((levels.median() - sorted[2]).abs() < 1e-9);
        }
    }
}

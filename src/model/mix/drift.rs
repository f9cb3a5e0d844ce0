//! The trend candidate: an autoregression of order 4 on differences.
//!
//! `D_t = sum theta_i D_(t-i)`, `D_t = x_t - x_(t-1)`, from coefficients of 0 (the last value). A series
//! that goes on rising keeps its slope in the sum of the coefficients. It is heard only where it
//! forecasts clearly better than the last value ([`super::candidates`]).

use super::least_squares::{LeastSquares, Row, WIDTH};
use super::ring::{Change, Ring};
use crate::minmax;

/// Differences looked at.
const ORDER: usize = 4;

/// An autoregression on differences.
#[derive(Clone, Debug)]
pub struct Drift {
    pub(crate) regression: LeastSquares,
    pub(crate) size: f32, // mean absolute difference at the start, the unit of the regression; > 0
}

/// The regressors of a step and what was expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    row: Row,
    difference: f32, // in units of the regression
    /// The value expected, in units of the ring.
    pub value: f32,
}

impl Drift {
    /// One for differences of this mean size.
    #[must_use]
    pub fn new(size: f32) -> Self {
        Self {
            regression: LeastSquares::new(ORDER, 1.0, 0.999),
            size: if size > 0.0 { size } else { 1.0 },
        }
    }

    /// Whether it has seen enough to speak.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.regression.is_ready()
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.regression.bytes()
    }

    /// What it expects next; `None` while the ring is too young.
    #[must_use]
    #[inline]
    pub fn ask(&self, ring: &Ring) -> Option<Expected> {
        if ring.len() <= ORDER {
            return None;
        }
        let mut row = [0.0; WIDTH];
        let newest = ring.newest::<{ ORDER + 1 }>();
        let last = newest[0];
        let pairs = newest.iter().zip(&newest[1..]);
        for (x, (newer, older)) in row.iter_mut().zip(pairs) {
            *x = (newer - older) / self.size;
        }
        let difference = self.regression.expected(&row);
        Some(Expected {
            row,
            difference,
            value: last + difference * self.size,
        })
    }

    /// Learns that `z` came where this was expected, `last` before it.
    #[inline]
    pub fn learn(&mut self, expected: &Expected, last: f32, z: f32) {
        let difference = (z - last) / self.size;
        self.regression
            .learn(&expected.row, difference, expected.difference);
    }

    /// Writes the path of the next `steps` values into `out`, each within `bounds` widened by half.
    pub fn path(&self, ring: &Ring, bounds: (f32, f32), steps: usize, out: &mut Vec<f32>) {
        out.clear();
        if ring.len() <= ORDER {
            return;
        }
        out.reserve(steps);
        let theta = self.regression.theta();
        let margin = 0.5 * (bounds.1 - bounds.0);
        let (low, high) = (bounds.0 - margin, bounds.1 + margin);
        let mut differences: [f32; ORDER] =
            std::array::from_fn(|i| ring.lag(i + 1) - ring.lag(i + 2));
        let mut value = ring.lag(1);
        for _ in 0..steps {
            let step: f32 = differences.iter().zip(theta).map(|(d, t)| d * t).sum();
            let next = minmax::within(value + step, low, high);
            differences.rotate_right(1);
            differences[0] = next - value;
            value = next;
            out.push(value);
        }
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, change: Change) {
        self.size *= change.stretch;
    }
}

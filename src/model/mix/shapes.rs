//! How much wider an interval is so many steps ahead, in a byte a step.

use super::horizons::{Horizons, KEPT_MAX};

/// Codes per natural logarithm of a shape.
const CODES: f32 = 40.0;

/// Closed-form widths at the kept steps, on values and on logarithms, to 2.5 %.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shapes(pub(crate) [[u8; KEPT_MAX]; 2]);

impl Shapes {
    /// From widths 1, 2, 3 ... steps ahead.
    #[must_use]
    pub fn at(horizons: &Horizons, widths: [&[f32]; 2]) -> Self {
        Self(widths.map(|widths| {
            let mut codes = [0; KEPT_MAX];
            for (code, &step) in codes.iter_mut().zip(horizons.as_slice()) {
                let width = widths[usize::from(step) - 1].max(1.0);
                *code = (width.ln() * CODES).round() as u8; // saturates at e^6.4
            }
            codes
        }))
    }

    /// Those at the `index`-th kept step.
    #[must_use]
    pub fn of(&self, index: usize) -> [f32; 2] {
        self.0.map(|codes| (f32::from(codes[index]) / CODES).exp())
    }
}

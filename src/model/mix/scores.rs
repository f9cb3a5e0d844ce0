//! A quantile of the last scores, in one byte a score.
//!
//! A score is an error over its expected size. Codes are steps of 3 % around 1, so the quantile is as
//! fine, and finding it is one pass over a histogram.

use crate::approx::ln;

/// Codes per natural logarithm of a score.
const CODES: f32 = 33.3;
/// The code of a score of 1: 128 codes either way are a factor of 46.
const ONE: f32 = 128.0;
/// Scores from which on a quantile is taken of them.
const ENOUGH: usize = 20;
/// The quantile before that, raised and lowered score by score; that of a normal at 95 % over its mean
/// absolute value is 2.46.
const FIRST: f32 = 2.5;
/// Least and most that it is lowered and raised to.
const FIRST_RANGE: (f32, f32) = (0.8, 5.0);
/// How much it is raised by a score beyond it, and lowered by one within: in balance at 95 %.
const FIRST_STEPS: (f32, f32) = (1.0789, 0.996);

/// The last scores and their quantile.
#[derive(Clone, Debug)]
pub struct Scores {
    pub(crate) codes: Vec<u8>,
    pub(crate) capacity: u16,
    pub(crate) next: u16,
    pub(crate) quantile: f32,
}

impl Scores {
    /// Room for the last `capacity` scores.
    #[must_use]
    pub fn new(capacity: u16) -> Self {
        Self {
            codes: Vec::new(),
            capacity,
            next: 0,
            quantile: FIRST,
        }
    }

    /// Scores held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.codes.capacity()
    }

    /// The quantile as it was last settled.
    #[must_use]
    pub fn quantile(&self) -> f32 {
        self.quantile
    }

    /// Takes in a score.
    #[inline]
    pub fn push(&mut self, score: f32) {
        let code = (ln(score) * CODES + ONE + 0.5) as u8; // saturates
        if self.codes.len() < usize::from(self.capacity) {
            self.codes.push(code);
        } else {
            self.codes[usize::from(self.next)] = code;
            self.next += 1;
            if self.next == self.capacity {
                self.next = 0;
            }
        }
        if self.codes.len() < ENOUGH {
            let (up, down) = FIRST_STEPS;
            let factor = if score > self.quantile { up } else { down };
            self.quantile = (self.quantile * factor).clamp(FIRST_RANGE.0, FIRST_RANGE.1);
        }
    }

    /// Takes the quantile anew: the score at rank `coverage (n + kappa)`, at most the largest.
    pub fn settle(&mut self, coverage: f32, kappa: f32) {
        let count = self.codes.len();
        if count < ENOUGH {
            return;
        }
        let rank = (coverage * (count as f32 + kappa)).ceil() as usize;
        let mut beyond = count - rank.min(count);
        let mut histogram = [0_u16; 256];
        for &code in &self.codes {
            histogram[usize::from(code)] += 1;
        }
        let mut code = 255;
        while code > 0 && usize::from(histogram[code]) <= beyond {
            beyond -= usize::from(histogram[code]);
            code -= 1;
        }
        // The upper end of the code, so that scores that were rounded down to it are held too.
        self.quantile = ((code as f32 + 0.5 - ONE) / CODES).exp();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// For all scores, the quantile is that of the sorted ones, to half a code.
        #[test]
        fn the_quantile_is_that_of_the_sorted_scores(
            values in proptest::collection::vec((0.03_f64..40.0).prop_map(|x| x as f32), 20..400),
            coverage in (0.5_f64..0.99).prop_map(|x| x as f32),
        ) {
            let mut scores = Scores::new(256);
            values.iter().for_each(|&score| scores.push(score));
            scores.settle(coverage, 1.0);
            let mut last = values[values.len().saturating_sub(256)..].to_vec();
            last.sort_unstable_by(f32::total_cmp);
            let rank = (coverage * (last.len() as f32 + 1.0)).ceil() as usize;
            let exact = last[rank.min(last.len()) - 1];
            let ratio = scores.quantile() / exact;
            prop_assert!((0.999..1.031).contains(&ratio), "{ratio}");
        }
    }
}

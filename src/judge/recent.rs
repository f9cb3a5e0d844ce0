//! The last values of a series, as they came and cleaned, and their median.
//!
//! What the next point is expected to be is the median of the last three cleaned values (medians of 1 and 5
//! were worse on every set). A flagged value enters as the expectation it missed, so the level stands
//! still through an outage. When the unexpected has lasted, the raw values take the place of the cleaned ones
//! in one step, so that neither the adoption nor the way back is an alarm of its own: Gelper, Fried &
//! Croux (2010), with a finite patience.

use crate::minmax::{max, min};

/// Raw values kept.
const RAW: usize = 16;
/// Values that the median is taken of.
pub const MEDIAN: usize = 3;

/// The last values.
#[derive(Clone, Debug)]
pub struct Recent {
    pub(crate) raw: [f64; RAW], // newest at `next - 1`
    pub(crate) next: u8,
    pub(crate) held: u8,               // raw values seen, at most RAW
    pub(crate) cleaned: [f64; MEDIAN], // newest last
}

impl Recent {
    /// After one value.
    #[must_use]
    pub fn start(x: f64) -> Self {
        Self {
            raw: [x; RAW],
            next: 1,
            held: 1,
            cleaned: [x; MEDIAN],
        }
    }

    /// The median of the last three.
    #[must_use]
    #[inline]
    pub fn median(&self) -> f64 {
        median(self.cleaned)
    }

    /// The last three cleaned values, newest last.
    #[must_use]
    pub fn cleaned(&self) -> [f64; MEDIAN] {
        self.cleaned
    }

    /// Takes in a value as it came and as it counts.
    #[inline]
    pub fn push(&mut self, raw: f64, cleaned: f64) {
        self.raw[usize::from(self.next)] = raw;
        self.next = (self.next + 1) % RAW as u8;
        self.held = (self.held + 1).min(RAW as u8);
        self.cleaned = [self.cleaned[1], self.cleaned[2], cleaned];
    }

    /// The last `count` values as they came are the normal ones from now on. Their median, where they are
    /// most of those that are kept.
    pub fn adopt(&mut self, count: usize) -> Option<f64> {
        let count = count.min(self.held.into());
        for back in (1..=count).rev() {
            let raw = self.raw(back);
            self.cleaned = [self.cleaned[1], self.cleaned[2], raw];
        }
        if 2 * count < RAW {
            return None;
        }
        let mut values: Vec<f64> = (1..=count).map(|back| self.raw(back)).collect();
        values.sort_by(f64::total_cmp);
        Some(values[count / 2])
    }

    /// This is the level from now on.
    pub fn restart(&mut self, level: f64) {
        self.cleaned = [level; MEDIAN];
    }

    /// The value `back` points back, as it came; 1 is the newest.
    fn raw(&self, back: usize) -> f64 {
        self.raw[(usize::from(self.next) + RAW - back) % RAW]
    }
}

/// The middle one of three.
#[must_use]
#[inline]
pub fn median([a, b, c]: [f64; MEDIAN]) -> f64 {
    min(max(a, b), max(min(a, b), c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// For all values, the expectation is the middle one of the last three.
        #[test]
        fn it_is_the_median_of_the_last_three(values in proptest::array::uniform3(-1e9_f64..1e9)) {
            let mut recent = Recent::start(0.0);
            values.iter().for_each(|&x| recent.push(x, x));
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(recent.median().to_bits(), sorted[1].to_bits());
        }
    }

    #[test]
    fn it_stands_still_until_a_new_level_is_adopted() {
        let mut recent = Recent::start(20.0);
        (0..50).for_each(|_| recent.push(88.0, recent.median()));
        assert!((recent.median() - 20.0).abs() < 1e-12);
        assert_eq!(recent.clone().adopt(2), None);
        assert_eq!(recent.adopt(RAW), Some(88.0));
        assert!((recent.median() - 88.0).abs() < 1e-12);
    }
}

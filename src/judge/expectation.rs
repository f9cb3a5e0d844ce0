//! What the next point is expected to be: the median of the last three cleaned values.
//!
//! A flagged value enters as the expectation it missed, so the level stands still through an outage;
//! a median of three keeps a single reading that was just not flagged from becoming the expectation
//! (medians of 1 and 5 were worse on every development set). When the unexpected has lasted, the
//! raw values take the place of the cleaned ones in one step, so that neither the adoption nor the
//! way back is an alarm of its own: Gelper, Fried & Croux (2010), with a finite patience.

/// Values that the median is taken of.
const VALUES: usize = 3;

/// The last values of a series, as they came and cleaned.
#[derive(Clone, Debug)]
pub struct Expectation {
    raw: [f64; VALUES],     // newest last
    cleaned: [f64; VALUES], // newest last
}

impl Expectation {
    /// Expects this value.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self {
            raw: [value; VALUES],
            cleaned: [value; VALUES],
        }
    }

    /// The expectation of the next point.
    #[must_use]
    pub fn value(&self) -> f64 {
        let [a, b, c] = self.cleaned;
        a.max(b).min(a.min(b).max(c))
    }

    /// The step from the last value, as it came, to this one.
    #[must_use]
    pub fn step_to(&self, value: f64) -> f64 {
        (value - self.raw[VALUES - 1]).abs()
    }

    /// Takes in a value as it came.
    pub fn accept(&mut self, value: f64) {
        self.push(value, value);
    }

    /// Takes in a value that must not count: as if what was expected had come.
    pub fn hold(&mut self, value: f64) {
        self.push(value, self.value());
    }

    /// The last values as they came are the normal ones now.
    pub fn adopt(&mut self) {
        self.cleaned = self.raw;
    }

    fn push(&mut self, raw: f64, cleaned: f64) {
        self.raw.rotate_left(1);
        self.raw[VALUES - 1] = raw;
        self.cleaned.rotate_left(1);
        self.cleaned[VALUES - 1] = cleaned;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// For all values, the expectation is the middle one of the last three.
        #[test]
        fn it_is_the_median_of_the_last_three(values in proptest::array::uniform3(-1e9_f64..1e9)) {
            let mut expectation = Expectation::new(0.0);
            values.iter().for_each(|&value| expectation.accept(value));
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(expectation.value().to_bits(), sorted[1].to_bits());
        }
    }

    #[test]
    fn it_stands_still_until_a_new_level_is_adopted() {
        let mut expectation = Expectation::new(20.0);
        (0..50).for_each(|_| expectation.hold(88.0));
        assert!((expectation.value() - 20.0).abs() < 1e-12);
        expectation.adopt();
        assert!((expectation.value() - 88.0).abs() < 1e-12);
    }
}

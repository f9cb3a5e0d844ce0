//! Medians over series: one odd series would spoil a mean.

use serde::Serialize;

/// A median over series.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Median {
    /// It.
    pub median: f64,
    /// Series with a value.
    pub series: u64,
}

impl Median {
    /// Of those that are numbers; of an even number of them the mean of the two in the middle.
    pub(super) fn of(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let count = values.len();
        let median = match count {
            0 => f64::NAN,
            _ => values[(count - 1) / 2] / 2.0 + values[count / 2] / 2.0,
        };
        Self {
            median,
            series: count as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_leaves_out_what_is_no_number() {
        let of = |values: &[f64]| Median::of(values.to_vec());
        let found = of(&[3.0, f64::NAN, 1.0, f64::INFINITY]);
        assert_eq!((found.median, found.series), (3.0, 3));
        assert!((of(&[4.0, 1.0]).median - 2.5).abs() < 1e-12);
        assert!(of(&[f64::NAN]).median.is_nan());
    }
}

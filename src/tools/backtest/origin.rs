//! A forecast that was kept, on its way to the points that it is about, and how far apart such are.

use super::errors::{ByRival, Octaves};

/// A forecast on its way.
pub(super) struct Origin {
    pub(super) age: u32,            // steps since
    pub(super) path: Vec<[f64; 3]>, // yhat, lower, upper of the steps from 1 on; NaN where nothing was said
    pub(super) others: ByRival<Option<Vec<f64>>>,
}

impl Origin {
    /// Lets `steps` steps pass, the last of which has brought `y`; false when it is over.
    pub(super) fn meet(&mut self, steps: u32, y: f64, errors: &mut Octaves) -> bool {
        self.age = self.age.saturating_add(steps);
        let index = self.age as usize - 1;
        let Some(&forecast) = self.path.get(index) else {
            return false;
        };
        if forecast[0].is_finite() {
            let said = |path: &Option<Vec<f64>>| path.as_ref().map(|path| path[index]);
            errors.at(self.age).add(y, forecast, &self.others.map(said));
        }
        self.path.len() > index + 1
    }
}

/// Judged points from one origin to the next: the greatest prime up to half the horizon, so that origins
/// do not keep step with what recurs; 1 below 4 steps.
pub(super) fn distance_of_origins(horizon: u32) -> u32 {
    let is_prime = |n: u32| {
        (2..)
            .take_while(|d| d * d <= n)
            .all(|d| !n.is_multiple_of(d))
    };
    (2..=horizon / 2).rev().find(|&n| is_prime(n)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_a_pocket_calculator() {
        let mut errors = Octaves::default();
        let mut origin = Origin {
            age: 0,
            path: vec![
                [1.0, 0.0, 2.0],
                [2.0, 0.0, 4.0],
                [f64::NAN; 3],
                [4.0, 3.0, 5.0],
            ],
            others: ByRival {
                last_value: Some(vec![0.0; 4]),
                ..ByRival::default()
            },
        };
        assert!(
            origin.meet(2, 5.0, &mut errors),
            "the first step has no point"
        );
        assert!(
            origin.meet(1, 9.0, &mut errors),
            "nothing was said of the third"
        );
        assert!(!origin.meet(1, 4.5, &mut errors), "the last one");
        let sums = errors.whole();
        assert_eq!((sums.points, sums.inside), (2, 1));
        assert!((sums.absolute - 3.5).abs() < 1e-12);
        assert!((sums.duels.last_value.theirs - 9.5).abs() < 1e-12);
    }

    #[test]
    fn origins_are_a_prime_about_half_the_horizon_apart() {
        let all = [1, 2, 3, 4, 5, 6, 40, 48, 168, 100_000].map(distance_of_origins);
        assert_eq!(all, [1, 1, 1, 2, 2, 3, 19, 23, 83, 49_999]);
    }
}

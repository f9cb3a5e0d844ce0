//! Sums of errors by steps ahead, in octaves: 1, 2-3, 4-7 and so on.
//!
//! Whatever is put beside the forecast is compared at the very same points: each [`Duel`] sums both.

use serde::Serialize;

/// A number of each forecast that is put beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ByRival<T> {
    /// The last value goes on; of a counter, the last increment.
    pub last_value: T,
    /// The value one season before, the longest that is known at the origin.
    pub seasonal_naive: T,
    /// `AutoETS` of augurs.
    pub auto_ets: T,
    /// MSTL of augurs.
    pub mstl: T,
}

impl<T> ByRival<T> {
    /// The same of each.
    pub fn map<'a, U>(&'a self, of: impl Fn(&'a T) -> U) -> ByRival<U> {
        ByRival {
            last_value: of(&self.last_value),
            seasonal_naive: of(&self.seasonal_naive),
            auto_ets: of(&self.auto_ets),
            mstl: of(&self.mstl),
        }
    }

    /// All of them, in a fixed order.
    #[must_use]
    pub fn all(&self) -> [&T; 4] {
        let Self {
            last_value,
            seasonal_naive,
            auto_ets,
            mstl,
        } = self;
        [last_value, seasonal_naive, auto_ets, mstl]
    }

    /// The same, to change them.
    pub fn all_mut(&mut self) -> [&mut T; 4] {
        let Self {
            last_value,
            seasonal_naive,
            auto_ets,
            mstl,
        } = self;
        [last_value, seasonal_naive, auto_ets, mstl]
    }
}

/// Sums of absolute errors at the same points.
#[derive(Clone, Copy, Debug, Default)]
pub struct Duel {
    /// Points.
    pub points: u64,
    /// Of the forecast.
    pub ours: f64,
    /// Of the other one.
    pub theirs: f64,
}

impl Duel {
    /// Error of the forecast over that of the other one, >= 0. Infinite when only the other one was never
    /// wrong, NaN when neither was or there are no points.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// Sums over forecasts of a range of steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    /// Points that came.
    pub points: u64,
    /// Absolute errors.
    pub absolute: f64,
    /// Points in their interval.
    pub inside: u64,
    /// Widths of the intervals.
    pub width: f64,
    /// Beside other forecasts.
    pub duels: ByRival<Duel>,
}

impl Sums {
    /// Takes in a point `y`, what was forecast (`yhat`, lower, upper) and what others said of it, if they did.
    pub fn add(&mut self, y: f64, [yhat, lower, upper]: [f64; 3], others: &ByRival<Option<f64>>) {
        let error = (y - yhat).abs();
        let rounding = 1e-9 * y.abs(); // of limits that are values themselves
        self.points += 1;
        self.absolute += error;
        self.inside += u64::from(lower - rounding <= y && y <= upper + rounding);
        self.width += upper - lower;
        for (duel, other) in self.duels.all_mut().into_iter().zip(others.all()) {
            if let Some(other) = other {
                duel.points += 1;
                duel.ours += error;
                duel.theirs += (y - other).abs();
            }
        }
    }

    /// Takes in what another one has summed.
    pub fn merge(&mut self, other: &Self) {
        self.points += other.points;
        self.absolute += other.absolute;
        self.inside += other.inside;
        self.width += other.width;
        for (duel, more) in self.duels.all_mut().into_iter().zip(other.duels.all()) {
            duel.points += more.points;
            duel.ours += more.ours;
            duel.theirs += more.theirs;
        }
    }
}

/// Sums for each octave of the steps ahead.
#[derive(Clone, Debug, Default)]
pub struct Octaves(Vec<Sums>);

impl Octaves {
    /// The sums of the octave of `step`, from 1.
    pub fn at(&mut self, step: u32) -> &mut Sums {
        let octave = octave(step);
        if self.0.len() <= octave {
            self.0.resize(octave + 1, Sums::default());
        }
        &mut self.0[octave]
    }

    /// First and last step of each octave, none beyond `horizon`, and its sums.
    pub fn ranges(&self, horizon: u32) -> impl Iterator<Item = (u32, u32, &Sums)> {
        let range = move |(octave, sums): (usize, _)| {
            let first = 1_u32 << octave;
            (first, (2 * first - 1).min(horizon.max(first)), sums)
        };
        self.0.iter().enumerate().map(range)
    }

    /// All octaves together.
    #[must_use]
    pub fn whole(&self) -> Sums {
        let mut whole = Sums::default();
        self.0.iter().for_each(|sums| whole.merge(sums));
        whole
    }
}

fn octave(step: u32) -> usize {
    step.max(1).ilog2() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn steps_are_summed_in_octaves() {
        let mut octaves = Octaves::default();
        for step in 1..=10 {
            let forecast = [f64::from(step), 0.0, f64::from(step)];
            octaves.at(step).add(0.0, forecast, &ByRival::default());
        }
        let found = octaves.ranges(10).map(|(first, last, sums)| {
            let Sums {
                points,
                absolute,
                width,
                ..
            } = *sums;
            assert!(close(absolute, width));
            (first, last, points, absolute)
        });
        let expected = [
            (1, 1, 1, 1.0),
            (2, 3, 2, 5.0),
            (4, 7, 4, 22.0),
            (8, 10, 3, 27.0),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!((octaves.whole().points, octaves.whole().inside), (10, 10));
    }

    #[test]
    fn others_are_compared_at_the_points_that_they_spoke_of() {
        let mut sums = Sums::default();
        let silent = ByRival::default();
        let says = |value| ByRival {
            last_value: Some(value),
            ..silent
        };
        sums.add(10.0, [12.0, 11.0, 13.0], &silent);
        sums.add(10.0, [11.0, 9.0, 13.0], &says(6.0));
        let duel = sums.duels.last_value;
        assert_eq!((sums.points, sums.inside, duel.points), (2, 1, 1));
        assert!(close(sums.absolute, 3.0) && close(duel.ratio(), 0.25));
        assert!(sums.duels.mstl.ratio().is_nan());
        sums.add(10.0, [11.0, 9.0, 13.0], &says(10.0));
        assert!(close(sums.duels.last_value.ratio(), 0.5));
    }
}

//! A number of points, given as such or as a time.

/// 120 points are 2 minutes at 1 s and 5 days at 1 h, so every count may also be a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many steps of the series.
    Steps(u32),
    /// As many steps as fit into so many nanoseconds.
    Time(i64),
}

impl Extent {
    /// The number of steps at this cadence, at least `least` and at most [`Extent::MAX`].
    #[must_use]
    pub fn steps(self, cadence_ns: i64, least: u32) -> u32 {
        let steps = match self {
            Self::Steps(steps) => steps,
            Self::Time(ns) => u32::try_from(ns / cadence_ns.max(1)).unwrap_or(u32::MAX),
        };
        steps.clamp(least, Self::MAX)
    }

    /// Most steps of anything that costs memory or output: a week at 10 s is 60,480.
    pub const MAX: u32 = 100_000;
}

#[cfg(test)]
mod tests {
    use super::Extent;

    #[test]
    fn a_duration_is_as_many_steps_as_fit_into_it() {
        let hour = Extent::Time(3_600_000_000_000);
        assert_eq!(hour.steps(10_000_000_000, 1), 360);
        assert_eq!(hour.steps(7_200_000_000_000, 1), 1);
        assert_eq!(hour.steps(1, 1), Extent::MAX);
        assert_eq!(Extent::Steps(40).steps(1, 1), 40);
    }
}

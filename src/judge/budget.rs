//! False alarms a user is ready to bear, as a probability per point.

/// How often a series that goes on as it was may be flagged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// So many times in so many nanoseconds.
    Rate {
        /// Flags, positive.
        count: f64,
        /// In this time, positive.
        per_ns: f64,
    },
    /// With this probability per point.
    PerPoint(f64),
}

/// Budgets of a point are kept in this range: below it no history could tell, above it flags mean
/// nothing.
pub const P0_RANGE: (f64, f64) = (1e-7, 1e-3);

impl Budget {
    /// The probability with which a normal point may be flagged, at this time between points.
    #[must_use]
    pub fn per_point(&self, cadence_ns: i64) -> f64 {
        let p = match *self {
            Self::Rate { count, per_ns } => count * cadence_ns as f64 / per_ns,
            Self::PerPoint(p) => p,
        };
        p.clamp(P0_RANGE.0, P0_RANGE.1)
    }
}

/// What a point may be flagged with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// The budget of the point: what the user asks for, within what can be known.
    pub budget: f64,
    /// What of it is in force: the probability of a score of 1.
    pub in_force: f64,
    /// The least that the points seen so far allow.
    pub least: f64,
}

impl Allowance {
    /// What would be in force of another budget.
    #[must_use]
    pub fn of(&self, p0: f64) -> f64 {
        (self.in_force / self.budget * p0).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_of_a_point_is_rate_times_cadence_within_its_range() {
        let week = Budget::Rate {
            count: 1.0,
            per_ns: 7.0 * 86_400e9,
        };
        assert!((week.per_point(60_000_000_000) * 10_080.0 - 1.0).abs() < 1e-9);
        assert!((week.per_point(1_000_000) - P0_RANGE.0).abs() < 1e-12);
        assert!((week.per_point(86_400_000_000_000) - P0_RANGE.1).abs() < 1e-12);
        assert!((Budget::PerPoint(1e-4).per_point(1) - 1e-4).abs() < 1e-12);
    }
}

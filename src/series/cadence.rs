//! When points are due: the step of a series, its phase, and what an arrival is.
//!
//! The step is estimated from the first points of a series ([`super::step`]). Arrivals are put on the grid of that step. The grid follows slow
//! drift; the *phase* that forecasts are printed on is sticky, so that a re-issued forecast has the
//! same times and overwrites the old one.
//!
//! * A point at or before the last one is late or a duplicate. Eight late ones in a row that increase
//!   among themselves are the new time: a clock that jumped ahead and back must not silence a series.
//! * A second point within one step is a duplicate: it has no place on the grid.
//! * When seven of the last eight distances agree on another step, the cadence has changed, unless it
//!   was given.
//!
//! Time comes in with the points only. Nothing here looks at a clock.

use super::step::round_div;

/// What the arrival of a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// So many steps behind the last one: 1 is the next point, more leaves points missing.
    Steps(u32),
    /// Before the last point.
    Late,
    /// At the time of the last point, or within the same step.
    Duplicate,
    /// The last of eight increasing late points: time goes on from here.
    Reanchored,
    /// The series has another step now; it has to be learnt anew.
    Changed,
}

/// Distances looked at for a changed cadence, and how many of them must agree.
const RECENT: usize = 8;
const AGREE: usize = 7;
/// Late points in a row, increasing among themselves, after which time goes on from them.
const REANCHOR_AFTER: u8 = 8;
/// Share of a deviation by which the grid follows: slow against jitter, fast against a drift of 1 %.
const FOLLOW: i64 = 8;
/// The time grid of one series.
#[derive(Clone, Debug)]
pub struct Cadence {
    pub(crate) step: i64,             // ns, > 0; 0 while unknown
    pub(crate) grid: i64,             // grid time of the last point, ns
    pub(crate) phase: i64,            // in [0, step): where printed times lie
    pub(crate) last: i64,             // time of the last accepted point, ns
    pub(crate) recent: [i64; RECENT], // distances between arrivals, newest at `arrivals % RECENT`
    pub(crate) arrivals: u32,         // distances seen, wrapping
    pub(crate) is_given: bool,        // the step was set by the user: it never changes
    pub(crate) late: u8,              // late points in a row that increase among themselves
    pub(crate) late_at: i64,          // the newest of them
}

impl Cadence {
    /// A grid that begins with a point at `time`; its step is not known yet.
    #[must_use]
    pub fn new(time: i64) -> Self {
        Self {
            step: 0,
            grid: time,
            phase: 0,
            last: time,
            recent: [0; RECENT],
            arrivals: 0,
            is_given: false,
            late: 0,
            late_at: i64::MIN,
        }
    }

    /// The step in ns; 0 while unknown.
    #[must_use]
    pub fn step(&self) -> i64 {
        self.step
    }

    /// Distance of the last two arrivals, ns; 0 after fewer.
    #[must_use]
    pub fn last_distance(&self) -> i64 {
        self.recent[self.arrivals.wrapping_sub(1) as usize % RECENT]
    }

    /// Time of the last point, ns.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Time of the last point on the grid, ns.
    #[must_use]
    pub fn grid(&self) -> i64 {
        self.grid
    }

    /// Sets the step, and the phase from these times, the last of which is that of the last point.
    ///
    /// The phase is the mean of theirs, or 0 when it is no farther from it than they scatter.
    pub fn set_step(&mut self, step: i64, times: &[i64]) {
        self.step = step.max(1);
        let off = |&time: &i64| {
            let back = self.last.saturating_sub(time);
            (round_div(back, self.step).saturating_mul(self.step)).saturating_sub(back) as f64
        };
        let count = times.len().max(1) as f64;
        let mean = times.iter().map(off).sum::<f64>() / count;
        let scatter = times
            .iter()
            .map(|time| (off(time) - mean).abs())
            .sum::<f64>()
            / count;
        self.grid = self.last.saturating_add(mean as i64);
        self.phase = 0;
        if self.off_phase().unsigned_abs() as f64 > scatter {
            self.phase = self.grid.rem_euclid(self.step);
        }
    }

    /// Has the step stay what it was set to, whatever the distances between points.
    pub fn keep_step(&mut self) {
        self.is_given = true;
    }

    /// Classifies a point and moves the grid to it.
    pub fn arrive(&mut self, time: i64) -> Arrival {
        if time <= self.last {
            return self.arrive_late(time);
        }
        self.late = 0;
        self.note(time.saturating_sub(self.last));
        let distance = time.saturating_sub(self.last);
        self.last = time;
        if self.step == 0 {
            self.grid = time;
            return Arrival::Steps(1);
        }
        let steps = round_div(time.saturating_sub(self.grid), self.step);
        if steps != 1 && !self.is_given && self.has_changed() {
            return Arrival::Changed;
        }
        if steps < 1 && distance < self.step / 2 {
            return Arrival::Duplicate;
        }
        let steps = steps.max(1);
        let due = self.grid.saturating_add(steps.saturating_mul(self.step));
        self.grid = due.saturating_add(time.saturating_sub(due) / FOLLOW);
        self.keep_phase();
        Arrival::Steps(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// The time at which a point `steps` ahead is printed: on the phase, nearest to the grid. `None`
    /// beyond the last time that a database takes.
    #[must_use]
    pub fn ahead(&self, steps: u32) -> Option<i64> {
        let now = self.grid.checked_sub(self.off_phase())?;
        let lead = self.step.max(1).checked_mul(i64::from(steps))?;
        now.checked_add(lead).filter(|&time| time < i64::MAX)
    }

    fn arrive_late(&mut self, time: i64) -> Arrival {
        if time == self.last {
            return Arrival::Duplicate;
        }
        self.late = if time > self.late_at || self.late == 0 {
            self.late.saturating_add(1)
        } else {
            1
        };
        self.late_at = time;
        if self.late < REANCHOR_AFTER {
            return Arrival::Late;
        }
        self.late = 0;
        self.last = time;
        self.grid = time;
        self.phase = time.rem_euclid(self.step.max(1));
        self.arrivals = 0;
        Arrival::Reanchored
    }

    fn note(&mut self, distance: i64) {
        self.recent[self.arrivals as usize % RECENT] = distance;
        self.arrivals = self.arrivals.wrapping_add(1);
    }

    fn has_changed(&self) -> bool {
        let mut sorted = self.recent;
        sorted.sort_unstable();
        let middle = sorted[RECENT / 2] as f64;
        let near = |&&distance: &&i64| (distance as f64 - middle).abs() <= 0.2 * middle;
        self.arrivals as usize >= RECENT
            && (middle / self.step as f64 - 1.0).abs() > 0.2
            && self.recent.iter().filter(near).count() >= AGREE
    }

    /// How far the grid is from the phase, in [-step/2, step/2].
    fn off_phase(&self) -> i64 {
        let step = self.step.max(1);
        let off = self.grid.wrapping_sub(self.phase).rem_euclid(step);
        if off > step / 2 { off - step } else { off }
    }

    /// Moves the phase only when the grid has left it by more than a quarter of a step.
    fn keep_phase(&mut self) {
        if self.off_phase().abs() > self.step / 4 {
            self.phase = self.grid.rem_euclid(self.step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::step::tests::jitter;
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000_000;

    fn running(step: i64, start: i64) -> Cadence {
        let mut cadence = Cadence::new(start);
        cadence.set_step(step, &[start]);
        cadence
    }

    #[test]
    fn next_gap_late_and_duplicate_are_told_apart() {
        let mut cadence = running(SECOND, 100 * SECOND);
        for (time, arrival) in [
            (101.0, Arrival::Steps(1)),
            (104.0, Arrival::Steps(3)),
            (104.0, Arrival::Duplicate),
            (103.0, Arrival::Late),
            (104.2, Arrival::Duplicate),
            (105.3, Arrival::Steps(1)),
            (105.9, Arrival::Steps(1)),
        ] {
            let time = (time * SECOND as f64) as i64;
            assert_eq!(cadence.arrive(time), arrival, "at {time}");
        }
    }

    #[test]
    fn eight_increasing_late_points_are_the_new_time() {
        let mut cadence = running(SECOND, 0);
        let year = 365 * 86_400 * SECOND;
        assert!(matches!(cadence.arrive(year), Arrival::Steps(_)));
        let back: Vec<Arrival> = (1..=9).map(|i| cadence.arrive(i * SECOND)).collect();
        assert_eq!(back[..7], [Arrival::Late; 7]);
        assert_eq!(back[7..], [Arrival::Reanchored, Arrival::Steps(1)]);
        let shuffled = [90, 80, 70, 60, 50, 40, 30, 20, 10].map(|i| running(1, 100).arrive(i));
        assert!(shuffled.iter().all(|&arrival| arrival == Arrival::Late));
    }

    #[test]
    fn there_is_no_forecast_beyond_the_end_of_time() {
        let cadence = running(SECOND, i64::MAX - 2 * SECOND - 1);
        assert_eq!(cadence.ahead(2), Some(i64::MAX - 1));
        assert_eq!(cadence.ahead(3), None);
    }

    #[test]
    fn a_changed_cadence_is_noticed_in_both_directions() {
        for (old, new) in [
            (SECOND, 10 * SECOND),
            (10 * SECOND, SECOND),
            (60 * SECOND, 45 * SECOND),
        ] {
            let mut cadence = running(old, 0);
            for i in 1..=20 {
                assert_eq!(cadence.arrive(i * old), Arrival::Steps(1));
            }
            let start = 20 * old;
            let noticed =
                (1..=20).position(|i| cadence.arrive(start + i * new) == Arrival::Changed);
            assert!(
                noticed.is_some_and(|at| at < 10),
                "{old} to {new}: {noticed:?}"
            );
        }
    }

    #[test]
    fn missing_points_are_no_change_of_cadence() {
        let mut cadence = running(SECOND, 0);
        let mut random = 1_u32;
        for i in 1..5_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if random >> 31 == 0 {
                assert!(matches!(cadence.arrive(i * SECOND), Arrival::Steps(_)));
            }
        }
    }

    #[test]
    fn the_phase_is_that_of_the_points_and_not_of_the_last_ones_jitter() {
        let times: Vec<i64> = (0..30).map(|i| i * SECOND + jitter(7, i)).collect();
        for phase in [0, 300_000_000] {
            let times: Vec<i64> = times.iter().map(|time| time + phase).collect();
            let mut cadence = Cadence::new(times[0]);
            for &time in &times[1..] {
                cadence.arrive(time);
            }
            cadence.set_step(SECOND, &times);
            let off = cadence.ahead(1).unwrap() - (30 * SECOND + phase);
            assert!(off.abs() < 60_000_000, "{off}");
            assert!(phase != 0 || off == 0, "a phase near zero is zero");
        }
    }

    proptest! {
        /// For all jitter up to 20 % of the step, every point is the next one, and the printed times
        /// stay on one phase, so that re-issued forecasts overwrite.
        #[test]
        fn jitter_leaves_the_grid_alone(jitter in proptest::collection::vec(-200_000_000_i64..200_000_000, 1..300)) {
            let mut cadence = running(SECOND, 0);
            for (i, off) in (1..).zip(&jitter) {
                prop_assert_eq!(cadence.arrive(i * SECOND + off), Arrival::Steps(1));
                prop_assert_eq!(cadence.ahead(5), Some((i + 5) * SECOND));
            }
        }

        /// For all times, nothing overflows.
        #[test]
        fn any_times_are_survived(times in proptest::collection::vec(any::<i64>(), 1..50), step in 1_i64..i64::MAX) {
            let mut cadence = running(step, times[0]);
            for &time in &times {
                let _ = cadence.arrive(time);
                let _ = cadence.ahead(100);
            }
        }
    }
}

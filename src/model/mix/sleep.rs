//! Who need not be asked at every point.
//!
//! The autoregressions cost more than all other candidates together, and where one of them is behind it
//! is not heard. It then learns at every fourth point and issues every fourth path, so that it is there
//! when the series changes; that costs nothing on M4 Hourly and saves a third of the time.

use super::candidates::{DRIFT, LAST, LOGS, Set, VALUES, Weights};
use super::grown::Grown;

/// A sleeping candidate learns at every so manieth point, and issues every so manieth path.
pub(super) const NAP: u32 = 4;
/// Paths that have to arrive before a candidate may sleep; for the worse of the two autoregressions.
pub(super) const WATCHED: u32 = 12;
const WATCHED_TWINS: u32 = 30;
/// Losses by which the worse of two autoregressions, and the drift against the last value, must be
/// behind at one step and along paths to sleep.
const TWIN_BEHIND: f32 = 1.03;
const DRIFT_BEHIND: f32 = 1.2;
/// Weight below which an autoregression sleeps.
const UNHEARD: f32 = 0.02;
impl Grown {
    /// Decides who sleeps until the next path arrives.
    pub(super) fn put_to_sleep(&mut self) {
        self.asleep = Set::default();
        let arrived = self.paths.arrived();
        if arrived <= WATCHED {
            return;
        }
        let known = self.paths.known();
        let (along, once) = (self.paths.losses(), &self.losses);
        let weights = [
            Weights::of_paths(along, known),
            Weights::of_steps(once, known.and(self.judged)),
        ];
        for candidate in [LOGS, VALUES] {
            if weights.iter().all(|w| w.of(candidate) < UNHEARD) {
                self.asleep.add(candidate);
            }
        }
        let is_behind = |one: usize, other: usize, by: f32| {
            along[one] > by * along[other] && once[one] > by * once[other]
        };
        if is_behind(DRIFT, LAST, DRIFT_BEHIND) {
            self.asleep.add(DRIFT);
        }
        if self.is_positive && known.has(LOGS) && known.has(VALUES) && arrived > WATCHED_TWINS {
            if is_behind(LOGS, VALUES, TWIN_BEHIND) {
                self.asleep.add(LOGS);
            } else if is_behind(VALUES, LOGS, TWIN_BEHIND) {
                self.asleep.add(VALUES);
            }
        }
    }

    /// Who is asked at this point.
    pub(super) fn awake(&self) -> Set {
        if self.naive {
            return Set::default();
        }
        if self.points.is_multiple_of(NAP) {
            return Set::ALL;
        }
        Set(!self.asleep.0)
    }
}

//! The steps ahead at which past forecasts are compared with what came.
//!
//! Few of them, geometrically spaced: many paths with few steps tell more about the errors than few
//! paths with many. A ring of 256 scores spans twenty paths then, not five; with all of 48 steps kept,
//! intervals of 95 % covered 88 to 91 %.

/// Most steps kept.
pub const KEPT_MAX: usize = 12;
/// Longest path that is judged. Beyond it forecasts go on, and the widths by their closed form.
pub const JUDGED_MAX: u32 = 128;
/// Candidates for steps; the horizon itself is always one.
const STEPS: [u8; 11] = [1, 2, 4, 7, 11, 17, 24, 33, 48, 72, 110];
/// Octaves: 1, 2-3, 4-7 ... 64-127, 128 and more.
pub const OCTAVES: usize = 8;

/// The steps of a path that are judged.
#[derive(Clone, Copy, Debug)]
pub struct Horizons {
    pub(crate) steps: [u8; KEPT_MAX],
    pub(crate) count: u8,
}

impl Horizons {
    /// For paths of `horizon` steps, from 1.
    #[must_use]
    pub fn new(horizon: u32) -> Self {
        let horizon = horizon.clamp(1, JUDGED_MAX) as u8;
        let mut steps = [0; KEPT_MAX];
        let mut count = 0;
        for step in STEPS.into_iter().filter(|&step| step < horizon) {
            steps[count] = step;
            count += 1;
        }
        steps[count] = horizon;
        Self {
            steps,
            count: count as u8 + 1,
        }
    }

    /// The steps, ascending.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.steps[..usize::from(self.count)]
    }

    /// The longest.
    #[must_use]
    #[inline]
    pub fn last(&self) -> u32 {
        u32::from(self.steps[usize::from(self.count) - 1])
    }

    /// How much the error at the `index`-th of them counts: its distance from the one before, as a
    /// share of the whole.
    #[must_use]
    #[inline]
    pub fn weight(&self, index: usize) -> f32 {
        let before = if index > 0 { self.steps[index - 1] } else { 0 };
        f32::from(self.steps[index] - before) / self.last() as f32
    }

    /// What a loss keeps from one path to another issued `gap` steps later: a memory of eight horizons.
    #[must_use]
    pub fn keep(&self, gap: u32) -> f32 {
        const MEMORY: f32 = 8.0;
        (-(gap as f32) / (MEMORY * self.last() as f32)).exp()
    }

    /// Steps between two paths while there are few of them, and once there are many. Primes, so that
    /// the origins walk through all phases of a season: in step with it a path of every 24th point
    /// judges the same hours for ever.
    #[must_use]
    pub fn gaps(&self) -> [u32; 2] {
        let horizon = self.last();
        [prime_up_to(horizon / 2), prime_up_to(horizon * 4 / 5)]
    }
}

/// The octave of a step ahead, from 1.
#[must_use]
#[inline]
pub fn octave(step: usize) -> usize {
    (step.max(1).ilog2() as usize).min(OCTAVES - 1)
}

fn prime_up_to(most: u32) -> u32 {
    let is_prime = |n: u32| {
        n > 1
            && (2..n)
                .take_while(|d| d * d <= n)
                .all(|d| !n.is_multiple_of(d))
    };
    (1..=most).rev().find(|&n| is_prime(n)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_ascend_to_the_horizon_and_their_weights_are_a_whole() {
        for horizon in 1..300 {
            let horizons = Horizons::new(horizon);
            let steps = horizons.as_slice();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!(horizons.last(), horizon.min(JUDGED_MAX));
            let sum: f32 = (0..steps.len()).map(|index| horizons.weight(index)).sum();
            assert!((sum - 1.0).abs() < 1e-5);
            let [young, old] = horizons.gaps();
            assert!(1 <= young && young <= old && (old < horizon || horizon < 3));
        }
        assert_eq!(Horizons::new(48).gaps(), [23, 37]);
        assert_eq!(Horizons::new(24).gaps(), [11, 19]);
    }
}

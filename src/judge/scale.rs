//! How large an error usually is: an average of absolute errors, quick to widen and slow to narrow.
//!
//! `scale = max(fast, slow, 0.35 * quantum)` where
//! * `fast` and `slow` are exponentially weighted means of the absolute innovations with gains .02
//!   and .001 (both 1/n at first). The fast one follows a rough patch, the slow one remembers it.
//!   When an innovation is below the mean the gain is halved, which makes them 2/3-expectiles: on
//!   Laplace noise they settle at 1.28 times the mean, on normal noise at 1.25 times.
//! * `quantum` is a running 30 % quantile of the *non-zero* steps between observations. On data in
//!   steps of 0.1 that mostly stand still the means are near zero and the floor is .035; on a
//!   near-zero error counter it is the size of an ordinary blip.
//!
//! An innovation counts at most 6 scales, and while points are flagged at most 4 (the first ten of
//! a run) or 1 (the others), so that an outage widens the scale a little and cannot blow it up: the
//! bounded influence of Gelper, Fried & Croux (2010), "Robust forecasting with exponential and
//! Holt-Winters smoothing".

/// Gain of the fast mean: a memory of 50 points. Half and double cost .01 to .02 of the event F1 of
/// the development sets.
const FAST_GAIN: f32 = 0.02;
/// Gain of the slow mean: a memory of 1,000 points.
const SLOW_GAIN: f32 = 0.001;
/// Factor on both gains when the innovation is below the mean. At 1 the brew recording loses a
/// quarter of its event F1, at 1/4 more than half.
const FALL: f32 = 0.5;
/// Most that an innovation counts, in scales: a normal one, the first of a run of flagged ones, and
/// the later ones.
const CLIPS: [f64; 3] = [6.0, 4.0, 1.0];
/// Flagged points of a run that count as the first ones.
const FIRST_FLAGGED: u32 = 10;
/// Share of the quantum below which the scale never falls.
const QUANTUM_FLOOR: f64 = 0.35;
/// The quantile of the non-zero steps that is taken for the quantum.
const QUANTILE: f32 = 0.3;
/// Least relative move of the running quantile.
const QUANTILE_GAIN: f32 = 0.01;
/// Steps by which an innovation must exceed the quantum to be flagged at all, and as long as fewer
/// than [`SETTLED_STEPS`] non-zero steps are known.
const QUANTA: [f64; 2] = [2.5, 6.0];
/// Non-zero steps after which the quantum is believed.
const SETTLED_STEPS: u16 = 30;

/// The running scale of one series; see the header of the file.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    fast: f32,    // >= 0, unit of the data
    slow: f32,    // >= 0, unit of the data
    quantum: f32, // >= 0, unit of the data; 0 until a non-zero step was seen
    points: u16,  // innovations learnt, saturating
    steps: u16,   // non-zero steps seen, saturating
}

impl Scale {
    /// The scale, in the unit of the data; 0 while nothing has ever moved.
    #[must_use]
    pub fn current(&self) -> f64 {
        f64::from(self.fast.max(self.slow)).max(QUANTUM_FLOOR * f64::from(self.quantum))
    }

    /// The innovation below which nothing is ever flagged: some quanta, infinite while nothing has
    /// ever moved. One unit more or less in a series that stood still is not an alarm.
    #[must_use]
    pub fn least_flagged(&self) -> f64 {
        if self.steps == 0 {
            return f64::INFINITY;
        }
        QUANTA[usize::from(self.steps < SETTLED_STEPS)] * f64::from(self.quantum)
    }

    /// Learns the absolute innovation of a normal point.
    pub fn learn(&mut self, innovation: f64) {
        let clip = if self.points < SETTLED_STEPS {
            f64::INFINITY
        } else {
            CLIPS[0]
        };
        self.widen(innovation, clip);
    }

    /// Learns the absolute innovation of the `run`-th flagged point in a row (from 1).
    pub fn learn_flagged(&mut self, innovation: f64, run: u32) {
        self.widen(innovation, CLIPS[if run <= FIRST_FLAGGED { 1 } else { 2 }]);
    }

    /// Starts the quantum from absolute steps, if none was seen before: the exact quantile of the
    /// non-zero ones. One odd first step would be remembered for hundreds of points.
    pub fn saw_first_steps(&mut self, steps: impl Iterator<Item = f64>) {
        let mut steps: Vec<f32> = steps.map(narrow).filter(|&step| step > 0.0).collect();
        steps.sort_by(f32::total_cmp);
        let at = (QUANTILE * steps.len() as f32) as usize;
        if let (0, Some(&quantum)) = (self.steps, steps.get(at)) {
            self.quantum = quantum;
            self.steps = u16::try_from(steps.len()).unwrap_or(u16::MAX);
        }
    }

    /// Takes note of an absolute step between two observations in a row.
    pub fn saw_step(&mut self, step: f64) {
        let step = narrow(step);
        if step <= 0.0 {
            return;
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps == 1 {
            self.quantum = step;
            return;
        }
        let gain = QUANTILE_GAIN.max(2.0 / f32::from(self.steps)).min(0.5);
        self.quantum *= if step > self.quantum {
            1.0 + gain * QUANTILE
        } else {
            1.0 - gain * (1.0 - QUANTILE)
        };
        self.quantum = self.quantum.clamp(f32::MIN_POSITIVE, f32::MAX);
    }

    fn widen(&mut self, innovation: f64, clip: f64) {
        self.points = self.points.saturating_add(1);
        let current = self.current();
        let size = narrow(if current > 0.0 {
            innovation.min(clip * current)
        } else {
            innovation
        });
        let start = 1.0 / f32::from(self.points);
        for (mean, gain) in [(&mut self.fast, FAST_GAIN), (&mut self.slow, SLOW_GAIN)] {
            let gain = if size < *mean { FALL * gain } else { gain };
            *mean += gain.max(start) * (size - *mean);
        }
    }
}

/// As f32; what is too large becomes the largest.
fn narrow(value: f64) -> f32 {
    (value as f32).min(f32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(innovation: f64) -> Scale {
        let mut scale = Scale::default();
        for _ in 0..2000 {
            scale.learn(innovation);
            scale.saw_step(innovation);
        }
        scale
    }

    #[test]
    fn the_scale_of_even_innovations_is_their_size() {
        assert!((settled(2.0).current() - 2.0).abs() < 1e-3);
    }

    #[test]
    fn widening_is_quicker_than_narrowing() {
        let mut wide = settled(1.0);
        (0..50).for_each(|_| wide.learn(3.0));
        let widened = wide.current() - 1.0;
        let mut back = wide.clone();
        (0..50).for_each(|_| back.learn(1.0));
        assert!(widened > 1.0, "{widened}");
        assert!(wide.current() - back.current() < 0.7 * widened);
    }

    #[test]
    fn an_outage_cannot_blow_up_the_scale() {
        let mut scale = settled(1.0);
        (1..=100).for_each(|run| scale.learn_flagged(1e9, run));
        assert!(scale.current() < 2.5, "{}", scale.current());
    }

    #[test]
    fn quantised_data_that_stand_still_have_a_floor() {
        let mut scale = Scale::default();
        for i in 0..3000 {
            let step = if i % 20 == 0 { 0.1 } else { 0.0 };
            scale.learn(step);
            scale.saw_step(step);
        }
        assert!(
            (0.03..0.036).contains(&scale.current()),
            "{}",
            scale.current()
        );
        assert!(
            (0.22..0.26).contains(&scale.least_flagged()),
            "{}",
            scale.least_flagged()
        );
    }

    #[test]
    fn the_first_steps_tell_the_quantum_whatever_the_very_first_was() {
        for odd in [1e-9, 1e9] {
            let mut scale = Scale::default();
            scale.saw_first_steps(
                [odd]
                    .into_iter()
                    .chain((0..29).map(|i| f64::from(i % 3) * 0.5)),
            );
            assert!(
                (scale.least_flagged() - 6.0 * 0.5).abs() < 1e-6,
                "{}",
                scale.least_flagged()
            );
        }
    }

    #[test]
    fn what_never_moved_is_never_flagged_for_moving_once() {
        let mut scale = Scale::default();
        (0..500).for_each(|_| scale.learn(0.0));
        assert!(scale.least_flagged().is_infinite());
        scale.saw_step(1.0);
        assert!(scale.least_flagged() > 1.0);
    }
}

//! How a series moves from one value to the next: the size of an ordinary step, whether it moves on a
//! grid, and where its leaps begin.
//!
//! * The **typical step** `q` is a running 30 % quantile of the steps that are not zero: on data in
//!   steps of 0.1 it is 0.1, on a near-zero error counter the size of an ordinary blip. The smallest step
//!   ever seen says nothing (ratios, resampled counters), a mean of all is near zero where most are.
//! * The steps are counted in octaves of `q`. A series is **on a grid** when hardly any step is below
//!   3/4 q and at least half are between that and 1.5 q, and it **stands still** when most steps are zero:
//!   displays and quantised sensors are on a grid, noise and near-zero counters are not.
//! * The **edge** of a grid series that stands still is the lower end of the leaps, where the octaves have
//!   a valley: what is beyond belongs to another population than its ordinary moves.

use crate::minmax;

/// The quantile that the typical step is.
const QUANTILE: f32 = 0.3;
/// Least relative move of the running quantile; at first it is 2 by the number of steps.
const GAIN: f32 = 0.01;
/// Weight of a step in the share of zeros: a memory of 100.
const STILL_GAIN: f32 = 0.01;
/// Typical steps at which the octave of the ordinary moves begins.
const ORIGIN: f32 = 0.75;
/// Octaves: below the ordinary moves, theirs, and those above.
const OCTAVES: usize = 10;
/// Steps at which all counters are halved; 1,000 gains .01 on one set, 4,000 changes nothing.
const MEMORY: u16 = 2_000;
/// Most steps below the ordinary ones, and least ordinary ones, of a series on a grid.
const SMALL_SHARE: f32 = 0.1;
const ORDINARY_SHARE: f32 = 0.5;
/// Least share of zero steps of a series that stands still.
const STILL_SHARE: f32 = 0.5;
/// How much more than the valley both sides of it must hold; 1.2 to 3 are alike.
const VALLEY: f32 = 1.5;
/// Leaps before an edge is believed; 2.5 to 10 are alike.
const LEAPS: f32 = 5.0;
/// Typical steps up to which a move is ordinary.
const ORDINARY: f32 = 2.5;
/// Typical steps within which two values are the same reading.
const SAME: f64 = 1.5;
/// Points for which the value before a leap is remembered; 15 to 255 are alike.
const REMEMBERED: u8 = 40;
/// Leaps to and fro in a row that still count as steps.
const FLICKER: u8 = 2;
/// Steps below this share of the values are rounding.
const ROUNDING: f64 = 1e-9;

/// The steps of one series.
#[derive(Clone, Debug)]
pub struct Moves {
    pub(crate) last: f64,
    pub(crate) before: f64,
    pub(crate) straight: u8,     // points on one straight line, saturating
    pub(crate) ordinary: u8,     // ordinary moves since the last leap, saturating
    pub(crate) count: u16,       // steps that were not zero, saturating
    pub(crate) points: u16,      // saturating
    pub(crate) typical: f32,     // 0 before the first
    pub(crate) still: f32,       // share of zero steps
    pub(crate) is_at_rest: bool, // whether the last step was zero
    pub(crate) other: f64,       // the value before the last leap
    pub(crate) calm: u8,         // points since then, saturating
    pub(crate) flicker: u8,      // leaps to and fro in a row, saturating
    pub(crate) octaves: [u16; OCTAVES],
    pub(crate) edge: f32, // typical steps, infinite: none
}

impl Moves {
    /// After one value.
    #[must_use]
    pub fn start(x: f64) -> Self {
        Self {
            last: x,
            before: f64::NAN,
            straight: 0,
            ordinary: 0,
            count: 0,
            points: 0,
            typical: 0.0,
            still: 0.0,
            is_at_rest: false,
            other: f64::NAN,
            calm: 0,
            flicker: 0,
            octaves: [0; OCTAVES],
            edge: f32::INFINITY,
        }
    }

    /// Takes the typical step from the first values of a series: the exact quantile of their steps. One odd
    /// first step would be remembered for hundreds of points.
    pub fn preset(&mut self, values: &[f64]) {
        let steps = values
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs() as f32);
        let mut steps: Vec<f32> = steps.filter(|&step| step > 0.0).collect();
        steps.sort_by(f32::total_cmp);
        if let Some(&typical) = steps.get((QUANTILE * steps.len() as f32) as usize) {
            self.typical = typical.clamp(f32::MIN_POSITIVE, f32::MAX);
            self.count = u16::try_from(steps.len()).unwrap_or(u16::MAX);
        }
    }

    /// The typical step, in the unit of the data; 0 while nothing has moved.
    #[must_use]
    pub fn typical(&self) -> f32 {
        self.typical
    }

    /// Steps seen that were not zero.
    #[must_use]
    pub fn count(&self) -> u16 {
        self.count
    }

    /// Whether the last points lie on a straight line that is not level: somebody filled a gap.
    #[must_use]
    pub fn is_straight(&self) -> bool {
        self.straight >= 3
    }

    /// Whether hardly any step is smaller than the typical one.
    #[must_use]
    pub fn has_quantum(&self) -> bool {
        f32::from(self.octaves[0]) <= SMALL_SHARE * self.total()
    }

    /// Where the leaps of a grid series that stands still begin, in the unit of the data.
    #[must_use]
    pub fn edge(&self) -> Option<f32> {
        (self.is_still() && self.edge.is_finite()).then_some(self.edge * self.typical)
    }

    /// Whether the last value was the one before, in a series that mostly stands still.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.is_at_rest && self.is_still()
    }

    /// Whether most of the steps are zero.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.still > STILL_SHARE
    }

    /// Ordinary moves since the last leap.
    #[must_use]
    pub fn ordinary(&self) -> u8 {
        self.ordinary
    }

    /// Whether `x` is the last value again.
    #[must_use]
    #[inline]
    pub fn is_repeat(&self, x: f64) -> bool {
        (x - self.last).abs() <= ROUNDING * (x.abs() + self.last.abs())
    }

    /// Takes note of the next value; while `is_flagged` the typical step stays.
    pub fn learn(&mut self, x: f64, is_flagged: bool) {
        let step = (x - self.last).abs();
        let is_zero = self.is_repeat(x);
        self.points = self.points.saturating_add(1);
        let gain = STILL_GAIN.max(1.0 / f32::from(self.points));
        self.still += gain * (f32::from(is_zero) - self.still);
        self.note_line(x, step);
        self.is_at_rest = is_zero;
        self.calm = self.calm.saturating_add(1);
        if !is_zero {
            let step = (step as f32).min(f32::MAX);
            let is_back = self.goes_back(x, step);
            if !(is_flagged || is_back && self.flicker >= FLICKER) {
                self.follow(step);
            }
            if !is_back {
                self.note_move(step);
            }
        }
        (self.before, self.last) = (self.last, x);
    }

    /// Whether a leap goes back to where the last one came from, in a series with a quantum: flicker is one
    /// leap, however often, or a minute of it would make every ordinary step a small one.
    fn goes_back(&mut self, x: f64, step: f32) -> bool {
        if step <= ORDINARY * self.typical {
            return false;
        }
        let is_near = (x - self.other).abs() < SAME * f64::from(self.typical);
        let is_back = is_near && self.calm <= REMEMBERED && self.has_quantum();
        (self.other, self.calm) = (self.last, 0);
        if is_back {
            self.ordinary = 0;
            self.flicker = self.flicker.saturating_add(1);
        } else {
            self.flicker = 0;
        }
        is_back
    }

    /// The running quantile of the steps.
    fn follow(&mut self, step: f32) {
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            self.typical = step;
            return;
        }
        let gain = (2.0 / f32::from(self.count)).clamp(GAIN, 0.5);
        if step > 1.0001 * self.typical {
            self.typical *= 1.0 + 2.0 * gain * QUANTILE;
        } else if step < 0.9999 * self.typical {
            self.typical /= 1.0 + 2.0 * gain * (1.0 - QUANTILE);
        }
        self.typical = self.typical.clamp(f32::MIN_POSITIVE, f32::MAX);
    }

    fn note_line(&mut self, x: f64, step: f64) {
        let bend = (x - 2.0 * self.last + self.before).abs();
        let is_level = x.total_cmp(&self.last).is_eq();
        if !is_level && bend <= 1e-6 * minmax::max(step, ROUNDING * x.abs()) {
            self.straight = self.straight.saturating_add(1);
        } else if !is_level || self.last.total_cmp(&self.before).is_ne() {
            self.straight = 0;
        }
    }

    fn note_move(&mut self, step: f32) {
        if self.typical <= 0.0 {
            return;
        }
        self.ordinary = if step > ORDINARY * self.typical {
            0
        } else {
            self.ordinary.saturating_add(1)
        };
        self.octaves[octave(step / (ORIGIN * self.typical))] += 1;
        if self.octaves.iter().sum::<u16>() > MEMORY {
            self.octaves.iter_mut().for_each(|count| *count /= 2);
        }
        self.edge = self.find_edge();
    }

    /// The first octave above the ordinary moves that holds clearly less than the one below it and than
    /// all above it.
    fn find_edge(&self) -> f32 {
        let total = self.total();
        let [small, ordinary] = [0, 1].map(|octave| f32::from(self.octaves[octave]));
        if small > SMALL_SHARE * total || ordinary < ORDINARY_SHARE * total {
            return f32::INFINITY;
        }
        let mut above = total - small - ordinary;
        for octave in 2..OCTAVES - 1 {
            let valley = f32::from(self.octaves[octave]);
            above -= valley;
            let below = if octave == 2 {
                small + ordinary
            } else {
                f32::from(self.octaves[octave - 1])
            };
            let is_between = above > VALLEY * valley && below > VALLEY * valley;
            if above >= LEAPS && is_between && above < below {
                return ORIGIN * (1_u32 << octave) as f32;
            }
        }
        f32::INFINITY
    }

    fn total(&self) -> f32 {
        f32::from(self.octaves.iter().sum::<u16>())
    }
}

/// The octave of a step in lower ends of the ordinary ones: 1 from 1 to 2, 2 from 2 to 4 ...
fn octave(ratio: f32) -> usize {
    let exponent = (ratio.to_bits() >> 23) as usize; // 127 from 1 to 2
    (exponent + 1).saturating_sub(127).min(OCTAVES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(values: impl IntoIterator<Item = f64>) -> Moves {
        let mut moves = Moves::start(20.0);
        values.into_iter().for_each(|x| moves.learn(x, false));
        moves
    }

    /// Stands still at 20, goes to 20.1 and back every 20 points, to 28 and back every 200.
    fn display(i: u32) -> f64 {
        match i {
            _ if i % 200 < 4 => 28.0,
            _ if i % 20 < 10 => 20.1,
            _ => 20.0,
        }
    }

    #[test]
    fn a_display_has_a_quantum_and_an_edge_between_its_moves_and_its_misreads() {
        let moves = after((0..4_000).map(display));
        assert!((moves.typical() - 0.1).abs() < 0.01, "{}", moves.typical());
        let edge = moves.edge().unwrap();
        assert!((0.2..7.9).contains(&edge), "{edge}");
        assert!(moves.has_quantum());
    }

    #[test]
    fn a_minute_of_flicker_leaves_the_typical_step_and_the_edge() {
        let calm = |i: u32| 20.0 + 0.1 * f64::from(i / 4 % 2);
        let flicker = (0..60).map(|i| 20.0 + 8.0 * f64::from(i % 2));
        let moves = after(
            (0..4_000)
                .map(display)
                .chain(flicker)
                .chain((0..40).map(calm)),
        );
        assert!((moves.typical() - 0.1).abs() < 0.02, "{}", moves.typical());
        assert!(moves.edge().is_some());
    }

    #[test]
    fn noise_has_no_edge() {
        let mut word = 1_u64;
        let noise = std::iter::repeat_with(|| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            20.0 + (word >> 40) as f64 / 1e6
        });
        let moves = after(noise.take(4_000));
        assert!(moves.edge().is_none() && !moves.has_quantum());
    }

    #[test]
    fn a_line_is_straight_and_a_level_is_not() {
        assert!(after((1..6).map(|i| 20.0 + 0.5 * f64::from(i))).is_straight());
        assert!(!after((1..6).map(|_| 20.0)).is_straight());
        assert!(!after([21.0, 20.5, 23.0, 22.0]).is_straight());
    }

    #[test]
    fn the_first_odd_step_is_forgotten() {
        for odd in [1e-9, 1e9] {
            let mut values = vec![20.0];
            values.extend((0..60).map(|i| 20.0 + odd + f64::from(i % 3) * 0.5));
            let mut moves = Moves::start(values[0]);
            moves.preset(&values);
            values[1..].iter().for_each(|&x| moves.learn(x, false));
            let typical = f64::from(moves.typical());
            assert!((0.3..0.9).contains(&typical), "{odd}: {typical}");
        }
    }
}

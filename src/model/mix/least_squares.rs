//! Recursive least squares with forgetting: the exact weighted regression, one point at a time.
//!
//! ```text
//! k     = P x / (lambda + x' P x)
//! theta = theta + k clip(y - theta' x)
//! P     = (P - k x' P) / lambda
//! ```
//! (Plackett 1950; Haykin, "Adaptive Filter Theory", 2002, chapter 9). It minimises
//! `sum lambda^(n-t) (y_t - theta' x_t)^2 + lambda^n (theta - theta_0)' P_0^-1 (theta - theta_0)`
//! while nothing is clipped. Three guards keep it sane for ever:
//!
//! * the residual that moves the coefficients is at most three times the usual one, because a square
//!   follows a wrong reading (.005 of the OWA on M4 Hourly);
//! * the trace of P stays below four times that at the start: where nothing moves, `1 / lambda` at every
//!   point would blow it up;
//! * in f32 P can lose its sign when two regressors are nearly alike; then it starts again from its
//!   diagonal, the coefficients stay.
//!
//! P is symmetric: rows of the lower triangle, each padded to whole groups of four so that the compiler
//! can do four numbers at a time.

use crate::minmax;

/// Most regressors.
pub const WIDTH: usize = 16;

/// One row of regressors; those beyond the number in use are 0.
pub type Row = [f32; WIDTH];

/// Usual residuals beyond which a residual is cut off.
const CLIP: f32 = 3.0;
/// Weight of a residual in the usual one: a memory of 50 points, as short as tells a scale.
const SCALE_GAIN: f32 = 0.02;
/// Usual size of normal residuals in mean absolute ones, so that [`CLIP`] is in standard deviations.
const NORMAL: f32 = 1.25;
/// Trace of P, in traces at the start, at which it is scaled back.
const TRACE_MAX: f32 = 4.0;

type Quad = [f32; 4];

/// A regression on up to [`WIDTH`] regressors.
///
/// What learning costs grows with the square of their number: some 400 instructions for seven.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    pub(crate) quads: Box<[Quad]>, // theta, then the lower triangle of P by rows of whole groups
    pub(crate) count: u8,          // regressors in use
    pub(crate) start: f32,         // diagonal of P at the start
    pub(crate) forget: f32,        // 1 / lambda
    pub(crate) usual: f32,         // size of a residual, 0 before the first
    pub(crate) seen: u8,           // points learnt, saturating
}

impl LeastSquares {
    /// A regression on `count` regressors (at most [`WIDTH`]), coefficients 0, with `start` on the
    /// diagonal of P and a memory of `1 / (1 - lambda)` points, lambda in (0, 1].
    #[must_use]
    pub fn new(count: usize, start: f32, lambda: f32) -> Self {
        let count = count.min(WIDTH);
        let mut fresh = Self {
            quads: vec![[0.0; 4]; room(count)].into_boxed_slice(),
            count: count as u8,
            start,
            forget: 1.0 / lambda,
            usual: 0.0,
            seen: 0,
        };
        fresh.reset_covariance();
        fresh
    }

    /// Whether its parts fit together.
    pub(crate) fn is_sound(&self) -> bool {
        let count = usize::from(self.count);
        (1..=WIDTH).contains(&count) && self.quads.len() == room(count)
    }

    /// Coefficients, in whole groups.
    #[must_use]
    #[inline]
    pub fn theta(&self) -> &[f32] {
        self.quads[..self.groups()].as_flattened()
    }

    /// Sets the coefficient of a regressor, as a start.
    pub fn set(&mut self, index: usize, coefficient: f32) {
        self.quads[index / 4][index % 4] = coefficient;
    }

    /// Whether it has learnt from twice as many points as it has coefficients.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.seen >= 2 * self.count
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.quads)
    }

    /// `theta' x`.
    #[must_use]
    #[inline]
    pub fn expected(&self, x: &Row) -> f32 {
        let mut sums = [0.0; 4];
        for (theta, x) in self.quads[..self.groups()].iter().zip(x.as_chunks::<4>().0) {
            for lane in 0..4 {
                sums[lane] += theta[lane] * x[lane];
            }
        }
        sums[0] + sums[1] + sums[2] + sums[3]
    }

    /// Learns that `x` came with `y`, where `expected` was [`LeastSquares::expected`] of it.
    #[inline]
    pub fn learn(&mut self, x: &Row, y: f32, expected: f32) {
        let count = usize::from(self.count);
        match count {
            // Most regressions there are: differences, and values and logarithms without a season.
            4 => self.learn_in::<1>(4, x, y, expected),
            6 => self.learn_in::<2>(6, x, y, expected),
            7 => self.learn_in::<2>(7, x, y, expected),
            1..=3 => self.learn_in::<1>(count, x, y, expected),
            5 | 8 => self.learn_in::<2>(count, x, y, expected),
            9..=12 => self.learn_in::<3>(count, x, y, expected),
            0 => {} // nothing to learn
            _ => self.learn_in::<4>(count, x, y, expected),
        }
    }

    /// The same with `GROUPS` groups of four regressors, `count` regressors in use: where the compiler knows both,
    /// there is no loop left.
    #[inline(always)]
    fn learn_in<const GROUPS: usize>(&mut self, count: usize, x: &Row, y: f32, expected: f32) {
        let x: [Quad; GROUPS] = groups(x);
        let px = times(&self.quads[GROUPS..room(count)], count, &x);
        let mut sums = [0.0; 4];
        for (px, x) in px.iter().zip(&x) {
            for lane in 0..4 {
                sums[lane] += px[lane] * x[lane];
            }
        }
        let spread = sums[0] + sums[1] + sums[2] + sums[3];
        if !(spread >= 0.0 && spread.is_finite()) {
            self.reset_covariance();
            return;
        }
        let residual = self.clip(y - expected);
        let share = 1.0 / (spread + 1.0 / self.forget);
        let step = share * residual;
        for (theta, px) in self.quads.iter_mut().zip(&px) {
            for lane in 0..4 {
                theta[lane] += step * px[lane];
            }
        }
        let trace = shrink(
            &mut self.quads[GROUPS..room(count)],
            count,
            &px,
            share,
            self.forget,
        );
        let most = TRACE_MAX * self.start * f32::from(self.count);
        if trace > most {
            let back = most / trace;
            for quad in self.covariance_mut() {
                quad.iter_mut().for_each(|p| *p *= back);
            }
        }
        self.seen = self.seen.saturating_add(1);
    }

    /// Follows a change of units of the regressors in `range`, and of the residuals: `stretch` new
    /// units per old one. Coefficients of stretched regressors stay as they are.
    pub fn stretch(&mut self, lags: usize, stretch: f32) {
        self.usual *= stretch;
        let factor = |index: usize| if index < lags { 1.0 / stretch } else { 1.0 };
        let count = usize::from(self.count);
        let covariance = self.covariance_mut();
        for row in 0..count {
            for (group, quad) in covariance[row_range(row / 4, row % 4)]
                .iter_mut()
                .enumerate()
            {
                for (lane, p) in quad.iter_mut().enumerate() {
                    *p *= factor(row) * factor(4 * group + lane);
                }
            }
        }
    }

    /// Groups of four regressors in use.
    #[inline]
    fn groups(&self) -> usize {
        usize::from(self.count.div_ceil(4))
    }

    fn covariance_mut(&mut self) -> &mut [Quad] {
        let groups = self.groups();
        &mut self.quads[groups..]
    }

    fn reset_covariance(&mut self) {
        let (count, start) = (usize::from(self.count), self.start);
        let covariance = self.covariance_mut();
        covariance.fill([0.0; 4]);
        for row in 0..count {
            covariance[row_range(row / 4, row % 4)][row / 4][row % 4] = start;
        }
    }

    /// The residual as it counts; keeps the usual size.
    fn clip(&mut self, residual: f32) -> f32 {
        if self.usual <= 0.0 {
            self.usual = residual.abs();
            return residual;
        }
        let most = CLIP * self.usual;
        self.usual += SCALE_GAIN * (NORMAL * minmax::min(residual.abs(), 2.0 * most) - self.usual);
        residual.clamp(-most, most)
    }
}

/// `P x`: the rows of the lower triangle, and by symmetry the columns left of each diagonal block, which is stored
/// whole.
#[inline(always)]
fn times<const GROUPS: usize>(
    covariance: &[Quad],
    count: usize,
    x: &[Quad; GROUPS],
) -> [Quad; GROUPS] {
    let mut px = [[0.0; 4]; GROUPS];
    for block in 0..GROUPS {
        for lane in 0..4.min(count - 4 * block) {
            let row = &covariance[row_range(block, lane)];
            let mut sums = [0.0; 4];
            for (quad, x) in row.iter().zip(x) {
                for i in 0..4 {
                    sums[i] += quad[i] * x[i];
                }
            }
            for (quad, px) in row[..block].iter().zip(&mut px) {
                for i in 0..4 {
                    px[i] += quad[i] * x[block][lane];
                }
            }
            px[block][lane] += sums[0] + sums[1] + sums[2] + sums[3];
        }
    }
    px
}

/// `P = (P - share P x (P x)') / lambda`; the new trace.
#[inline(always)]
fn shrink<const GROUPS: usize>(
    covariance: &mut [Quad],
    count: usize,
    px: &[Quad; GROUPS],
    share: f32,
    forget: f32,
) -> f32 {
    let mut trace = 0.0;
    for block in 0..GROUPS {
        for lane in 0..4.min(count - 4 * block) {
            let row = &mut covariance[row_range(block, lane)];
            let a = px[block][lane] * share;
            for (quad, px) in row.iter_mut().zip(px) {
                for i in 0..4 {
                    quad[i] = forget * (quad[i] - a * px[i]);
                }
            }
            trace += row[block][lane];
        }
    }
    trace
}

/// The first groups of a row of regressors.
#[inline]
fn groups<const GROUPS: usize>(x: &Row) -> [Quad; GROUPS] {
    std::array::from_fn(|group| std::array::from_fn(|lane| x[4 * group + lane]))
}

/// Groups of four that `count` regressors take: theta and the rows of P.
#[inline]
const fn room(count: usize) -> usize {
    count.div_ceil(4) + row_range(count / 4, count % 4).start
}

/// Where the row `lane` of the diagonal block `block` is: it has one group more than there are blocks
/// before it.
#[inline]
const fn row_range(block: usize, lane: usize) -> std::ops::Range<usize> {
    let from = 2 * block * (block + 1) + lane * (block + 1);
    from..from + block + 1
}

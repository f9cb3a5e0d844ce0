//! How improbable an error of so many scales is, learnt from the series.
//!
//! A histogram of `z = |error| / scale`, in 72 bins of an eighth of an octave from 1/8 to 64, begins as
//! 300 points of an exponential of mean .7. Above its upper tenth a generalised Pareto tail is fitted
//! ([`super::pareto`]), anew when the points and the prior have grown by a fifth, or by 2,000; the **limit** is what the
//! tail exceeds with the budget of a point. A score is `ln P(Z > z) / ln P(Z > limit)`: 0 is nothing, 1 the
//! limit, and the same for every series.
//!
//! What is learnt decides everything. Never learning flagged points makes the limit spiral down (2 to
//! 4 budgets on heavy tails), always learning them lets anomalies buy themselves off; the caller learns what
//! was not flagged, and the first point of an event up to [`NEARLY`] limits. The fit is cut there, and where a
//! second population begins: an octave that holds clearly more than the one below it, and that one less
//! than the one below it. That valley keeps frequent misreads out of the tail of fine noise.

use std::sync::LazyLock;

use super::pareto::{Excesses, Pareto};
use crate::approx::ln;

/// Bins of an octave; with 4 the F1 falls by .1.
const PER_OCTAVE: usize = 8;
/// Bins; the last has no end.
const BINS: usize = 72;
/// Octaves below 1.
const BELOW_ONE: usize = 3;
/// Points of the prior, for errors of every point and for what is looked at more rarely, and their mean z.
const PRIOR_POINTS: u16 = 300;
const RARE_PRIOR_POINTS: u16 = 50;
const PRIOR_MEAN: f64 = 0.7;
/// Share of the points above the threshold.
const UPPER: f64 = 0.1;
/// Limits up to which the first point of an event is learnt, and the fit counts sizes.
pub const NEARLY: f32 = 1.5;
/// How much more than a valley both sides of it must hold, and how many points beyond it are a population.
const VALLEY: f64 = 1.5;
const POPULATION: f64 = 5.0;
/// Least limit, in quantiles of a normal distribution.
const LEAST_LIMIT: f64 = 0.7;
/// Points at which all counters are halved.
const MEMORY: u16 = 50_000;
/// Probability below which no tail is taken to end: that of four of the points that are remembered. At half of
/// it a budget of once a year is met less well on light tails.
const KNOWN: f64 = 4.0 / MEMORY as f64;
/// Most points between two fits.
const REFIT_MAX: u16 = 2_000;

/// The distribution of the errors of a series, in scales.
#[derive(Clone, Debug)]
pub struct Tail {
    pub(crate) counts: [u16; BINS],
    pub(crate) prior: u16, // points of it
    pub(crate) points: u16,
    pub(crate) refit_at: u16,
    pub(crate) limit: f32,  // 0: not fitted yet
    pub(crate) budget: f32, // that the limit is for
    pub(crate) threshold: f32,
    pub(crate) above: f32, // share above the threshold
    pub(crate) pareto: Pareto,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            counts: [0; BINS],
            prior: PRIOR_POINTS,
            points: 0,
            refit_at: 0,
            limit: 0.0,
            budget: 1.0,
            threshold: 1.0,
            above: UPPER as f32,
            pareto: Pareto::default(),
        }
    }
}

impl Tail {
    /// Of something that is looked at more rarely than every point, so that what was seen weighs more.
    #[must_use]
    pub fn rare() -> Self {
        Self {
            prior: RARE_PRIOR_POINTS,
            ..Self::default()
        }
    }

    /// Fits the tail if that is due; `p` is the budget of a point, in (0, 1).
    pub fn refit(&mut self, p: f64) {
        if self.points < self.refit_at && self.limit > 0.0 {
            if !(0.9..1.1).contains(&(p / f64::from(self.budget))) {
                self.set_limit(p); // with more points less is possible
            }
            return;
        }
        self.fit(p);
        if self.points >= MEMORY {
            self.halve();
        }
        let more = ((self.points + self.prior) / 5).min(REFIT_MAX);
        self.refit_at = self.points.saturating_add(more).min(MEMORY);
    }

    /// The limit in scales.
    #[must_use]
    pub fn limit(&self) -> f32 {
        self.limit
    }

    /// The score of `z`: above 1 exactly where it is beyond the limit.
    #[must_use]
    pub fn score(&self, z: f32) -> f32 {
        if z > self.limit {
            return (1.0 + self.ln_beyond(z) / f64::from(self.budget).ln()).max(1.000_001) as f32;
        }
        (self.ln_p(z) / self.ln_p(self.limit)).abs().min(1.0)
    }

    /// Natural logarithm of the probability of `z` and more, up to the limit.
    fn ln_p(&self, z: f32) -> f32 {
        if z <= self.threshold {
            return ln(1.0 - (1.0 - self.above) * (z / self.threshold));
        }
        ln(self.above) + self.pareto.ln_survival_of_a_score(z - self.threshold)
    }

    /// The same beyond the limit, of what is there.
    fn ln_beyond(&self, z: f32) -> f64 {
        let [z, threshold, limit] = [z, self.threshold, self.limit].map(f64::from);
        let beyond = self.pareto.beyond((limit - threshold).max(0.0));
        beyond.ln_survival(z - limit)
    }

    /// Whether its counts are those of its points.
    pub(crate) fn is_sound(&self) -> bool {
        let all: u32 = self.counts.iter().map(|&count| u32::from(count)).sum();
        all == u32::from(self.points) && self.points <= MEMORY
    }

    /// Learns `z`.
    pub fn learn(&mut self, z: f32) {
        self.counts[bin(z)] += 1;
        self.points += 1;
    }

    /// Half of each count; what is left over goes to the next bin below, or the tail would lose its single
    /// points.
    fn halve(&mut self) {
        let mut left = 0;
        for count in self.counts.iter_mut().rev() {
            let all = *count + left;
            (*count, left) = (all / 2, all % 2);
        }
        self.points = self.counts.iter().sum();
    }

    fn fit(&mut self, p: f64) {
        let weights: [f64; BINS] = std::array::from_fn(|bin| {
            f64::from(self.counts[bin]) + f64::from(self.prior) * PRIOR[bin]
        });
        let total: f64 = weights.iter().sum();
        let mut from = BINS - 1;
        let mut above = 0.0;
        while from > 0 && above + weights[from] <= UPPER * total {
            above += weights[from];
            from -= 1;
        }
        let from = (from + 1).min(BINS - 2);
        let above: f64 = weights[from..].iter().sum();
        let threshold = ENDS[from];
        let nearly = if self.limit > 0.0 {
            bin(NEARLY * self.limit).clamp(from + 2, BINS)
        } else {
            BINS
        };
        let cut = valley(&weights, from, nearly)
            .unwrap_or(nearly)
            .max(from + 2)
            .min(BINS);
        let mut ends: Vec<f64> = ENDS[from..=cut].iter().map(|end| end - threshold).collect();
        if cut == BINS {
            ends[cut - from] = f64::INFINITY;
        }
        let excesses = Excesses {
            ends: &ends,
            weights: &weights[from..cut],
        };
        self.pareto = self.pareto.refitted(&excesses);
        self.threshold = threshold as f32;
        self.above = (above / total) as f32;
        self.set_limit(p);
    }

    /// The limit at the budget `p`.
    fn set_limit(&mut self, p: f64) {
        let (threshold, beyond) = (f64::from(self.threshold), p / f64::from(self.above));
        let known = (KNOWN / f64::from(self.above)).min(1.0);
        let mut limit = threshold;
        if beyond < 1.0 {
            let last = self.pareto.quantile(beyond.max(known));
            limit += last;
            if beyond < known {
                limit += self.pareto.beyond(last).quantile(beyond / known);
            }
        }
        self.budget = p as f32;
        self.limit = limit.max(LEAST_LIMIT * normal_quantile(p)) as f32;
    }
}

/// The first bin from which a second population begins.
fn valley(weights: &[f64; BINS], from: usize, cut: usize) -> Option<usize> {
    let octave = |from: usize| {
        weights[from..(from + PER_OCTAVE).min(BINS)]
            .iter()
            .sum::<f64>()
    };
    let first = (from + 4).max(2 * PER_OCTAVE + 4);
    (first..(BINS - 1).min(cut + PER_OCTAVE)).find(|&at| {
        let (below, low, high) = (
            octave(at - 2 * PER_OCTAVE),
            octave(at - PER_OCTAVE),
            octave(at),
        );
        high > POPULATION && high > VALLEY * low && below > VALLEY * low
    })
}

/// The lower ends of the bins in scales, the first of which is 1/8, and that of the one that is not there.
static ENDS: LazyLock<[f64; BINS + 1]> = LazyLock::new(|| {
    std::array::from_fn(|bin| 2_f64.powf(bin as f64 / PER_OCTAVE as f64 - BELOW_ONE as f64))
});

/// Share of the prior in each bin. The first begins at 0, the last does not end.
static PRIOR: LazyLock<[f64; BINS]> = LazyLock::new(|| {
    let beyond = |bin: usize| match bin {
        0 => 1.0,
        BINS => 0.0,
        _ => (-ENDS[bin] / PRIOR_MEAN).exp(),
    };
    std::array::from_fn(|bin| beyond(bin) - beyond(bin + 1))
});

/// The bin of `z`: exponent and eighth of the octave, from the bits.
#[inline]
fn bin(z: f32) -> usize {
    /// Mantissas at which the eighths of an octave begin: those of 2^(1/8) to 2^(7/8).
    const EIGHTHS: [u32; 7] = [
        0x0B_95C2, 0x18_37F0, 0x25_FED7, 0x35_04F3, 0x45_672A, 0x57_44FD, 0x6A_C0C7,
    ];
    let bits = z.to_bits();
    let octave = (bits >> 23) as usize; // 127 from 1 to 2
    let Some(octave) = octave.checked_sub(127 - BELOW_ONE) else {
        return 0;
    };
    let mantissa = bits & 0x7F_FFFF;
    let eighth = EIGHTHS.iter().filter(|&&from| mantissa >= from).count();
    (PER_OCTAVE * octave + eighth).min(BINS - 1)
}

/// About the number of mean absolute deviations that a normal error exceeds with probability `p`, on
/// either side.
fn normal_quantile(p: f64) -> f64 {
    const MEAN_ABSOLUTE: f64 = 1.2533;
    let l = -p.ln();
    let square = 2.0 * (l - 0.5 * (2.0 * l).max(1.0).ln() - 0.2257);
    MEAN_ABSOLUTE * square.max(1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// For all z, the bin is the one between whose ends it lies.
        #[test]
        fn a_value_lies_between_the_ends_of_its_bin(z in (0.0_f64..63.0).prop_map(|z| z as f32)) {
            let bin = bin(z);
            let (z, slack) = (f64::from(z), 1.0 + 1e-6);
            let from = if bin == 0 { 0.0 } else { ENDS[bin] };
            prop_assert!(from <= z * slack && z <= ENDS[bin + 1] * slack, "{z} {bin}");
        }

        /// For all distributions, scores rise with z, and are above 1 exactly beyond the limit.
        #[test]
        fn scores_rise_and_cross_one_at_the_limit(
            power in 0.3_f64..3.0, points in 0_u32..3_000, p in 1e-7_f64..1e-2,
        ) {
            let mut tail = Tail::default();
            for i in 0..points {
                let u = (f64::from(i) + 0.5) / f64::from(points);
                tail.refit(p);
                tail.learn((-u.ln()).powf(power) as f32);
            }
            tail.refit(p);
            let mut before = -1.0;
            for i in 0..400 {
                let z = 0.05 * i as f32;
                let score = tail.score(z);
                prop_assert!(score >= before - 1e-4 && score.is_finite(), "{z}: {before} {score}");
                prop_assert_eq!(score > 1.0, z > tail.limit());
                before = score;
            }
        }
    }

    #[test]
    fn the_limit_of_an_exponential_is_its_quantile() {
        let mut tail = Tail::default();
        for i in 0..40_000_u32 {
            let u = (f64::from(i.wrapping_mul(2_654_435_769)) + 0.5) / 4_294_967_296.0;
            tail.refit(1e-4);
            tail.learn((-u.ln()) as f32);
        }
        tail.refit_at = 0;
        tail.refit(1e-4);
        let exact = -(1e-4_f64.ln());
        let ratio = f64::from(tail.limit()) / exact;
        assert!((0.85..1.2).contains(&ratio), "{} {exact}", tail.limit());
    }

    /// What is beyond the limit of a tail that ends was never seen; it is not taken for impossible.
    #[test]
    fn beyond_the_limit_no_tail_ends() {
        let mut tail = Tail::default();
        for i in 0..40_000_u32 {
            let u = (f64::from(i.wrapping_mul(2_654_435_769)) + 0.5) / 4_294_967_296.0;
            tail.refit(1e-4);
            tail.learn((2.0 * u) as f32);
        }
        assert!(tail.limit() < 4.0, "{}", tail.limit());
        let half_as_far_again = tail.score(1.5 * tail.limit());
        assert!(
            (1.0..3.0).contains(&half_as_far_again),
            "{half_as_far_again}"
        );
        assert!(tail.score(1e6) < 40.0);
    }

    #[test]
    fn a_second_population_does_not_move_the_limit() {
        let limit = |misreads: bool| {
            let mut tail = Tail::default();
            for i in 0..30_000_u32 {
                let u = (f64::from(i.wrapping_mul(2_654_435_769)) + 0.5) / 4_294_967_296.0;
                tail.refit(1e-4);
                let z = (-0.7 * u.ln()) as f32;
                tail.learn(if misreads && i % 100 == 0 { 40.0 } else { z });
            }
            tail.limit()
        };
        assert!(
            limit(true) < 1.3 * limit(false),
            "{} {}",
            limit(true),
            limit(false)
        );
    }
}

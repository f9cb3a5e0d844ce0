//! Seasonal smoothing with a table per season: additive Holt-Winters without a trend, with the
//! autoregression of the residual that Taylor (2003) adds to it.
//!
//! ```text
//! d_t   = z_t - (level + a[t mod m1] + b[t mod m2])
//! level += alpha d,   a[t mod m1] += gamma1 d,   b[t mod m2] += gamma2 d
//! forecast for t+h = level + a[(t+h) mod m1] + b[(t+h) mod m2] + phi^h d
//! ```
//! (Taylor 2003; the form is that of De Livera, Hyndman & Snyder 2011.) On logarithms where the data
//! are positive, which makes the seasons multiplicative. The constants are fixed: fitted per series
//! they were worse (OWA .593 against .559 on M4 Hourly) and a hundred times dearer.

use super::ring::Change;

/// alpha, gamma1, gamma2, phi.
type Gains = (f32, f32, f32, f32);
/// With two seasons the long one carries the level; the slow one is best on M4 Hourly.
const TWO_SEASONS: Gains = (0.02, 0.2, 0.2, 0.8);
/// With one season.
const ONE_SEASON: Gains = (0.2, 0.3, 0.0, 0.7);
/// Codes of a table entry per unit: departures of 8 units either way.
const CODES: f32 = 4096.0;

/// Level and seasons of a stream.
#[derive(Clone, Debug)]
pub struct Slots {
    pub(crate) seasons: [u16; 2], // m1, m2 in steps; m2 may be 0
    pub(crate) level: f32,
    pub(crate) residual: f32,
    pub(crate) tables: [Box<[i16]>; 2],
    pub(crate) at: [u16; 2], // slots of the next step
}

impl Slots {
    /// Tables from the values of whole seasons, oldest first; the next step is in slot 0 of both
    /// seasons. Wants at least one long season.
    #[must_use]
    pub fn start(seasons: [u16; 2], values: &[f32]) -> Self {
        let long = usize::from(seasons[0].max(seasons[1]));
        let newest = &values[values.len().saturating_sub(long)..];
        let first = table(seasons[0], values, |_| 0.0);
        let second = table(seasons[1], values, |back| {
            // what the first season leaves; `back` is 1 for the newest value
            first[slot_back(back, first.len())]
        });
        let code = |table: &[f32]| table.iter().map(|&v| encode(v)).collect();
        let mut slots = Self {
            seasons,
            level: mean(newest),
            residual: 0.0,
            tables: [code(&first), code(&second)],
            at: [0; 2],
        };
        // One pass over the newest long season; it ends where it began when the seasons fit into it.
        slots.at = seasons.map(|m| match usize::from(m) {
            0 => 0,
            m => (m - newest.len() % m) as u16 % m as u16,
        });
        newest.iter().for_each(|&z| slots.learn(z));
        slots
    }

    /// Whether its parts fit together.
    pub(crate) fn is_sound(&self) -> bool {
        let of = |season: usize| {
            let length = self.seasons[season];
            self.tables[season].len() == usize::from(length) && self.at[season] < length.max(1)
        };
        of(0) && of(1)
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tables.iter().map(|table| size_of_val(&**table)).sum()
    }

    /// The expectation of the value `steps` ahead, from 1.
    #[must_use]
    #[inline]
    pub fn ahead(&self, steps: usize) -> f32 {
        let mut seasonal = 0.0;
        for (table, &at) in self.tables.iter().zip(&self.at) {
            if !table.is_empty() {
                let slot = (usize::from(at) + steps - 1) % table.len();
                seasonal += decode(table[slot]);
            }
        }
        let phi = self.gains().3;
        self.level + seasonal + phi.powi(steps.min(1 << 20) as i32) * self.residual
    }

    /// The expectation of the next value.
    #[must_use]
    #[inline]
    pub fn next(&self) -> f32 {
        self.base() + self.gains().3 * self.residual
    }

    /// Takes in a value.
    #[inline]
    pub fn learn(&mut self, z: f32) {
        let (alpha, gamma1, gamma2, _) = self.gains();
        let departure = z - self.base();
        self.level += alpha * departure;
        for (index, gamma) in [gamma1, gamma2].into_iter().enumerate() {
            if let Some(code) = self.tables[index].get_mut(usize::from(self.at[index])) {
                *code = encode(decode(*code) + gamma * departure);
                self.at[index] += 1;
                if self.at[index] == self.seasons[index] {
                    self.at[index] = 0;
                }
            }
        }
        self.residual = departure;
    }

    /// Lets a step pass without a value.
    pub fn pass(&mut self) {
        self.residual *= self.gains().3;
        for (at, season) in self.at.iter_mut().zip(self.seasons) {
            *at = (*at + 1).checked_rem(season).unwrap_or(0);
        }
    }

    /// Follows the values to other units.
    pub fn follow(&mut self, change: Change) {
        self.level = change.value(self.level);
        self.residual *= change.stretch;
        for code in self.tables.iter_mut().flatten() {
            *code = encode(change.stretch * decode(*code));
        }
    }

    #[inline]
    fn base(&self) -> f32 {
        let entry = |index: usize| {
            self.tables[index]
                .get(usize::from(self.at[index]))
                .map_or(0.0, |&code| decode(code))
        };
        self.level + entry(0) + entry(1)
    }

    #[inline]
    fn gains(&self) -> Gains {
        if self.seasons[1] > 0 {
            TWO_SEASONS
        } else {
            ONE_SEASON
        }
    }
}

/// Mean departure of each slot from the mean of its own period, over the whole periods of `values`;
/// less what `known` says of a value that is so many steps back. The value behind the newest is slot 0.
fn table(season: u16, values: &[f32], known: impl Fn(usize) -> f32) -> Vec<f32> {
    let season = usize::from(season);
    if season == 0 {
        return Vec::new();
    }
    let mut sums = vec![0.0; season];
    let periods = values.rchunks_exact(season);
    let count = periods.len().max(1) as f32;
    for (period, values) in periods.enumerate() {
        let level = mean(values);
        for (slot, z) in values.iter().enumerate() {
            let back = period * season + season - slot;
            sums[slot] += z - level - known(back);
        }
    }
    sums.iter().map(|sum| sum / count).collect()
}

/// The slot of a value `back` steps back (1 is the newest) when the next one is in slot 0.
fn slot_back(back: usize, season: usize) -> usize {
    (season - back % season) % season
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[inline]
fn encode(z: f32) -> i16 {
    (z * CODES + 0.5_f32.copysign(z)) as i16 // to the nearest; saturates
}

#[inline]
fn decode(code: i16) -> f32 {
    f32::from(code) * (1.0 / CODES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seasons_without_noise_are_forecast_exactly() {
        let value = |t: usize| [0.0, 1.0, -0.5, 0.2][t % 4] + if t % 20 < 4 { 0.5 } else { 0.0 };
        let values: Vec<f32> = (0..60).map(value).collect();
        let slots = Slots::start([4, 20], &values);
        for h in 1..50 {
            let off = slots.ahead(h) - value(59 + h);
            assert!(off.abs() < 5e-3, "{h}: {off}");
        }
        assert!((slots.next() - slots.ahead(1)).abs() < 1e-6);
    }

    #[test]
    fn it_learns_a_season_that_changes() {
        let mut slots = Slots::start([6, 0], &[1.0, 0.0, 0.0, 0.0, 0.0, -1.0].repeat(3));
        for _ in 0..40 {
            [0.0, 0.0, 2.0, 0.0, 0.0, -2.0]
                .iter()
                .for_each(|&z| slots.learn(z));
        }
        assert!((slots.ahead(3) - 2.0).abs() < 0.02, "{}", slots.ahead(3));
    }
}

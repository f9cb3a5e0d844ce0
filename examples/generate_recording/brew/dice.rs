//! The random numbers, drawn in ways that do not depend on the version of a library.
//!
//! The stream of ChaCha8 words is fixed by its definition; what is made of them is fixed here. Streams of one seed are
//! independent of each other. Nothing here is evenly distributed to the last bit.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The random numbers, drawn in ways that do not depend on the version of a library.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: u64) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// Evenly from [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(&mut self, (low, high): (f64, f64)) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number, both ends included.
    pub(super) fn whole(&mut self, (low, high): (i64, i64)) -> i64 {
        low + (self.unit() * (high - low + 1) as f64) as i64
    }

    /// As `whole`, small numbers far more often: half of all are in the lowest eighth.
    pub(super) fn mostly_small(&mut self, (low, high): (i64, i64)) -> i64 {
        let unit = self.unit();
        low + (unit * unit * unit * (high - low + 1) as f64) as i64
    }
}

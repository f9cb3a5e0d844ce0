//! Counters: series that only rise, and start again now and then.
//!
//! A counter (`net.bytes_recv`, `uptime`, a histogram bucket) reaches us without its type, so it is
//! recognised: over the warm-up it never fell, and it rose in at least half of the steps. It is then
//! modelled by its increments. A fall is a reset: counted, no verdict, nothing learnt. When falls come
//! closer than about one in 500 points it was no counter after all.

/// A fall is remembered for about so many points.
const FALL_MEMORY: f32 = 500.0;
/// Remembered falls from which on it is no counter.
const FALLS_MAX: f32 = 2.5;

/// Whether values that followed each other in this order look like those of a counter.
#[must_use]
pub fn looks_like_one(values: &[f64]) -> bool {
    let steps = || values.windows(2).map(|pair| pair[1] - pair[0]);
    let rises = steps().filter(|&step| step > 0.0).count();
    steps().all(|step| step >= 0.0) && rises > 0 && 2 * rises >= values.len() - 1
}

/// The falls of a series that is taken for a counter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Falls {
    pub(crate) remembered: f32, // falls, each fading over FALL_MEMORY points; >= 0
}

impl Falls {
    /// Takes note of a point that did not fall.
    pub fn rose(&mut self) {
        self.remembered *= 1.0 - 1.0 / FALL_MEMORY;
    }

    /// Takes note of a fall; true when it was one too many for a counter.
    pub fn fell(&mut self) -> bool {
        self.remembered += 1.0;
        self.remembered > FALLS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_from_gauges() {
        let counter: Vec<f64> = (0..30).map(|i| f64::from(2 * i / 3)).collect();
        assert!(looks_like_one(&counter));
        assert!(!looks_like_one(&[5.0; 30]), "a constant");
        let staircase: Vec<f64> = (0..30).map(|i| f64::from(i / 6)).collect();
        assert!(!looks_like_one(&staircase), "mostly still");
        let mut fell = counter;
        fell[20] = 0.0;
        assert!(!looks_like_one(&fell));
        assert!(!looks_like_one(&[]) && !looks_like_one(&[1.0]));
    }

    #[test]
    fn rare_resets_are_a_counters_and_frequent_falls_are_not() {
        let mut falls = Falls::default();
        for _ in 0..10 {
            (0..1000).for_each(|_| falls.rose());
            assert!(!falls.fell());
        }
        (0..20).for_each(|_| falls.rose());
        assert!(!falls.fell());
        (0..20).for_each(|_| falls.rose());
        assert!(falls.fell());
    }
}

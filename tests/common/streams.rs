//! Streams of points that are made from a seed: the same seed, the same points.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A second in ns.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// Points of one series: times in ns and values in eighths.
///
/// Noise, a random walk, a ramp or a counter, in steps of an eighth so that sums of them are exact; with
/// wrong readings, level shifts, and where `holes`, points that are missing, late or double.
pub(crate) fn points(seed: u64, count: usize, holes: bool) -> Vec<(i64, f64)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let kind = rng.random_range(0..4);
    let mut level = f64::from(rng.random_range(-800..800)) / 8.0;
    let mut time = 1_700_000_000 * SECOND;
    let mut all = Vec::new();
    for _ in 0..count {
        let noise = f64::from(rng.random_range(-8..=8)) / 8.0;
        time += SECOND;
        level += match kind {
            0 => 0.0,
            1 => noise,
            2 => 0.5,
            _ => f64::from(rng.random_range(0..40)) / 8.0,
        };
        if rng.random_bool(0.005) {
            level += 25.0;
        }
        let mut value = if kind == 3 { level } else { level + noise };
        if rng.random_bool(0.02) && kind != 3 {
            value += f64::from(rng.random_range(-400..400)) / 8.0;
        }
        let off = match rng.random_range(0..60) {
            0 if holes => SECOND * rng.random_range(1..5),
            1 if holes => -SECOND * rng.random_range(1..5),
            2 if holes => -SECOND,
            _ => 0,
        };
        time += off.max(0);
        all.push((time + off.min(0), value));
    }
    all
}

/// The points as lines of `series`, field `v`.
pub(crate) fn lines(series: &str, points: &[(i64, f64)]) -> Vec<String> {
    let line = |&(time, value): &(i64, f64)| format!("{series} v={value:?} {time}\n");
    points.iter().map(line).collect()
}

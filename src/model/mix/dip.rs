//! Whether a stream has a season of a given length: the dip of its structure function.
//!
//! `V(k) = mean |D_k - mean D_k|`, `D_k = z_t - z_(t-k)`: how far apart values k steps from each other
//! are (after Kolmogorov's structure function, in absolute instead of squared differences). It grows
//! with k for a random walk and is flat for noise; a season of m makes it dip at m and 2m against what
//! lies between. The autocorrelation at m does not tell: it is high for every random walk.

/// Statistic of a season that cannot be told from so few values.
const UNKNOWN: f32 = 9.0;
/// First ratio at which no second is looked at.
const HOPELESS: f32 = 0.97;

/// V(k) of values; `k` below their number.
#[must_use]
pub fn structure(z: &[f32], k: usize) -> f32 {
    let pairs = z.len() - k;
    let (newer, older) = (&z[k..], &z[..pairs]);
    // The sum of all differences telescopes.
    let ends = k.min(pairs);
    let mean = (newer[pairs - ends..].iter().sum::<f32>() - older[..ends].iter().sum::<f32>())
        / pairs as f32;
    let mut sums = [0.0; 8];
    let (newer8, newer_rest) = newer.as_chunks::<8>();
    let (older8, older_rest) = older.as_chunks::<8>();
    for (a, b) in newer8.iter().zip(older8) {
        for lane in 0..8 {
            sums[lane] += (a[lane] - b[lane] - mean).abs();
        }
    }
    let rest = newer_rest.iter().zip(older_rest);
    let rest: f32 = rest.map(|(a, b)| (a - b - mean).abs()).sum();
    (sums.iter().sum::<f32>() + rest) / pairs as f32
}

/// How deep V dips at `m` against what is around it: below 1 there is a season, about 1 there is none.
/// With three periods at hand the dip at 2m is a witness.
#[must_use]
pub fn first(z: &[f32], m: usize) -> f32 {
    let n = z.len();
    if m < 4 || n < 2 * m + m / 4 {
        return UNKNOWN;
    }
    let Some(around) = mean_structure(z, m / 4, 3 * m / 4) else {
        return UNKNOWN;
    };
    let at_once = structure(z, m) / around;
    if at_once > HOPELESS || n < 3 * m {
        return at_once;
    }
    let Some(around) = mean_structure(z, 5 * m / 4, 7 * m / 4) else {
        return UNKNOWN;
    };
    let at_twice = structure(z, 2 * m) / around;
    at_once.max(0.5 * (at_once + at_twice)).max(0.9 * at_twice)
}

/// How deep V dips at `long`, a multiple of the first season, against the other multiples of it.
#[must_use]
pub fn second(z: &[f32], first: usize, long: usize) -> f32 {
    if z.len() < 2 * long || first == 0 {
        return UNKNOWN;
    }
    let others = 2..(long / first).saturating_sub(1);
    let count = others.len() as f32;
    let mean = others.map(|j| structure(z, j * first)).sum::<f32>() / count;
    if mean > 1e-12 {
        structure(z, long) / mean
    } else {
        UNKNOWN
    }
}

/// The ratio below which [`first`] is a season: stricter the fewer periods there are.
#[must_use]
pub fn first_limit(n: usize, m: usize) -> f32 {
    (1.0 - 0.75 / (n as f32 / m as f32).sqrt()).clamp(0.3, 0.8)
}

/// The ratio below which [`second`] is one.
#[must_use]
pub fn second_limit(n: usize, m: usize) -> f32 {
    (1.0 - 0.6 / (n as f32 / m as f32).sqrt()).clamp(0.3, 0.85)
}

/// A season of any length: the deepest dip of V between 6 and a quarter of the values, or 0. A longer
/// one must be deeper by 15 %, or multiples of it would win.
#[must_use]
pub fn deepest(z: &[f32]) -> usize {
    let n = z.len();
    let longest = n / 4;
    if longest < 6 {
        return 0;
    }
    let v: Vec<f32> = (0..=(2 * longest + 2).min(n - 4))
        .map(|k| if k == 0 { 0.0 } else { structure(z, k) })
        .collect();
    let mean = |from: usize, to: usize| v[from..=to].iter().sum::<f32>() / (to - from + 1) as f32;
    let mut best = (0, UNKNOWN);
    for k in 6..=longest {
        if 2 * k + 1 >= v.len() || v[k] > v[k - 1] || v[k] > v[k + 1] {
            continue;
        }
        let around = mean(k / 4, 3 * k / 4);
        let around_twice = mean(5 * k / 4, 7 * k / 4);
        if around <= 1e-12 || around_twice <= 1e-12 {
            continue;
        }
        let at_once = v[k] / around;
        let at_twice = v[2 * k - 1].min(v[2 * k]).min(v[2 * k + 1]) / around_twice;
        let dip = at_once.max(0.5 * (at_once + at_twice)).max(0.9 * at_twice);
        let limit = (1.0 - 1.0 / (n as f32 / k as f32).sqrt()).min(0.7);
        if dip < limit && (best.0 == 0 || dip < 0.85 * best.1) {
            best = (k, dip);
        }
    }
    best.0
}

/// Mean of V over some nine lags of a range; `None` when nothing moves.
fn mean_structure(z: &[f32], from: usize, to: usize) -> Option<f32> {
    let lags = (from..=to).step_by(((to - from) / 8).max(1));
    let lags = lags.filter(|&k| k > 0 && k + 4 < z.len());
    let (sum, count) = lags.fold((0.0, 0.0), |(sum, count), k| {
        (sum + structure(z, k), count + 1.0)
    });
    (sum > 1e-12 * count && count > 0.0).then(|| sum / count)
}

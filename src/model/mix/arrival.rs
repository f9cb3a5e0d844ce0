//! A season arrives: the fitted candidates see the ring again, with the new lags.
//!
//! They are judged on the way as if they had been there from the start, so that they are weighed, and
//! intervals widened, by what they would have done: out of sample, by paths from origins inside the
//! ring.

use super::logs::Logs;
use std::ops::RangeInclusive;

use super::candidates::{COUNT, Each, LOGS, SLOTS, Set, VALUES, running_means};
use super::fitted::Fitted;
use super::ground::Ground;
use super::grown::STEP_GAIN;
use super::horizons::Horizons;
use super::paths::LEAST_WEIGHT;
use super::ring::Ring;

/// Values at the start of the ring from which no path is issued.
const HEAD: usize = 5;

/// What the ring said of the new candidates.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The candidates, up to date.
    pub fitted: Fitted,
    /// Mean absolute error of their paths in units, and the discounted number of paths behind it (0:
    /// none arrived).
    pub losses: [(f32, f32); COUNT],
    /// Discounted mean absolute error of one step in units, of those that spoke.
    pub step_losses: [Option<f32>; COUNT],
    /// Past forecasts of the best of them.
    pub past: Vec<Past>,
    /// The losses of each path, by its origin.
    paths: Vec<PathLosses>,
}

impl Replay {
    /// Paths that the losses come from.
    #[must_use]
    pub fn paths(&self) -> u32 {
        self.paths.len() as u32
    }
}

/// What one path was worth.
#[derive(Clone, Debug)]
struct PathLosses {
    at: usize, // values seen at its origin
    losses: Each,
    weight: f32, // of the steps whose values the ring has
    present: Set,
}

/// A forecast that the ring has judged.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Index of the outcome in the ring, oldest 0.
    pub at: usize,
    /// Steps ahead, from 1.
    pub step: usize,
    /// In units.
    pub forecast: f32,
    /// In units.
    pub outcome: f32,
}

struct Origin {
    at: usize, // values seen
    forecasts: Vec<Each>,
    present: Set,
}

/// The fitted candidates.
const CANDIDATES: RangeInclusive<usize> = LOGS..=SLOTS;

/// What the new candidates are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What logarithms add to values in units; `None`: no logarithms.
    pub zero: Option<f32>,
    /// The steps ahead at which paths are judged.
    pub horizons: Horizons,
    /// Whether it is the mean of the values up to a step that is forecast.
    pub of_means: bool,
}

/// Those of the fitted candidates that may sleep: here they do not.
const AWAKE: Set = Set::ALL;

/// Replays `ring` through fresh candidates for `seasons`.
#[must_use]
pub fn replay(ring: &Ring, seasons: [u16; 2], rules: &Rules) -> Replay {
    let (zero, horizons) = (rules.zero, &rules.horizons);
    let values = ring.to_vec();
    let logs = zero.and_then(|zero| Logs::start(zero, &values));
    let mut fitted = Fitted::new(seasons, ring.capacity(), logs, false);
    let mut shadow = ring.empty_twin();
    let bounds = ring.extremes();
    let gap = horizons.gaps()[0] as usize;
    let mut origins: Vec<Origin> = Vec::new();
    let mut step_losses = [None; COUNT];
    let slots_at = 2 * usize::from(seasons[0].max(seasons[1]));
    for (index, &z) in values.iter().enumerate() {
        let (mut one, mut present) = ([0.0; COUNT], Set::default());
        if !shadow.is_empty() {
            let asked = fitted.ask(&shadow, (None, 0.0), AWAKE, &mut one, &mut present);
            fitted.learn(&asked, z);
            for candidate in present.iter() {
                let error = (one[candidate] - z).abs();
                let loss = step_losses[candidate].get_or_insert(error);
                *loss += STEP_GAIN * (error - *loss);
            }
        }
        shadow.push(z);
        if index + 1 == slots_at.min(values.len()) {
            fitted.start_slots(&values[..=index]);
        }
        let left = values.len() - 1 - index;
        if left.is_multiple_of(gap) && left > 0 && index >= HEAD {
            origins.push(set_out(&fitted, (&shadow, bounds), index + 1, rules));
        }
    }
    let paths = path_losses(&origins, &values, rules);
    let losses = discounted(&paths, horizons.keep(gap as u32));
    let best = CANDIDATES
        .filter(|&candidate| losses[candidate].1 > 0.0)
        .min_by(|&a, &b| losses[a].0.total_cmp(&losses[b].0));
    let past = best.map_or_else(Vec::new, |best| {
        past_forecasts(best, &origins, &values, horizons)
    });
    Replay {
        fitted,
        losses,
        step_losses,
        past,
        paths,
    }
}

/// The paths from the end of `ring`, after `at` values.
fn set_out(
    fitted: &Fitted,
    (ring, bounds): (&Ring, (f32, f32)),
    at: usize,
    rules: &Rules,
) -> Origin {
    let ground = Ground {
        ring,
        outlook: None,
        last: ring.lag(1),
        bounds,
    };
    let kept = rules.horizons.as_slice();
    let steps = kept.iter().map(|&step| usize::from(step));
    let mut scratch = Vec::new();
    if !rules.of_means {
        let mut forecasts = vec![[0.0; COUNT]; kept.len()];
        let present = fitted.paths(ground, AWAKE, steps, &mut forecasts, &mut scratch);
        return Origin {
            at,
            forecasts,
            present,
        };
    }
    let mut means = vec![[0.0; COUNT]; rules.horizons.last() as usize];
    let present = fitted.paths(ground, AWAKE, 1..=means.len(), &mut means, &mut scratch);
    running_means(&mut means);
    Origin {
        at,
        forecasts: steps.map(|step| means[step - 1]).collect(),
        present,
    }
}

/// What the paths were worth, as far as the ring holds what came.
fn path_losses(origins: &[Origin], values: &[f32], rules: &Rules) -> Vec<PathLosses> {
    let horizons = &rules.horizons;
    let of = |origin: &Origin| {
        let (mut losses, mut weight) = ([0.0; COUNT], 0.0);
        for (index, &step) in horizons.as_slice().iter().enumerate() {
            let Some(came) = values.get(origin.at..origin.at + usize::from(step)) else {
                break;
            };
            let outcome = if rules.of_means {
                came.iter().sum::<f32>() / came.len() as f32
            } else {
                came[came.len() - 1]
            };
            weight += horizons.weight(index);
            for candidate in origin.present.iter() {
                let off = (origin.forecasts[index][candidate] - outcome).abs();
                losses[candidate] += horizons.weight(index) * off;
            }
        }
        PathLosses {
            at: origin.at,
            losses: losses.map(|loss| loss / weight),
            weight,
            present: origin.present,
        }
    };
    let is_enough = |path: &PathLosses| path.weight > LEAST_WEIGHT;
    origins.iter().map(of).filter(is_enough).collect()
}

/// Losses that keep the share `keep` from path to path, and the paths behind them.
fn discounted(paths: &[PathLosses], keep: f32) -> [(f32, f32); COUNT] {
    let mut losses = [(0.0, 0.0); COUNT];
    for path in paths {
        for candidate in path.present.iter() {
            let (loss, weight) = &mut losses[candidate];
            let kept = *weight * keep;
            *weight = kept + path.weight;
            *loss += (path.losses[candidate] - *loss) * path.weight / *weight;
        }
    }
    losses
}

/// What the best candidate said, in order of the outcomes.
fn past_forecasts(
    best: usize,
    origins: &[Origin],
    values: &[f32],
    horizons: &Horizons,
) -> Vec<Past> {
    let mut past = Vec::new();
    for origin in origins.iter().filter(|origin| origin.present.has(best)) {
        for (forecasts, &step) in origin.forecasts.iter().zip(horizons.as_slice()) {
            let at = origin.at + usize::from(step) - 1;
            if let Some(&outcome) = values.get(at) {
                past.push(Past {
                    at,
                    step: usize::from(step),
                    forecast: forecasts[best],
                    outcome,
                });
            }
        }
    }
    past.sort_by_key(|past| past.at);
    past
}

/// Whether autoregressions with `seasons` forecast so much better than with `known`, over the same
/// paths, that a nearly deep enough second season is one.
#[must_use]
pub fn votes_for(ring: &Ring, seasons: [u16; 2], known: [u16; 2], rules: &Rules) -> bool {
    let with = replay(ring, seasons, rules).paths;
    let without = replay(ring, known, rules).paths;
    let first = |paths: &[PathLosses]| {
        let has_both = |path: &&PathLosses| path.present.has(VALUES);
        paths.iter().find(has_both).map(|path| path.at)
    };
    let Some(from) = first(&with).max(first(&without)) else {
        return false;
    };
    let best = |paths: &[PathLosses]| {
        let mean = |candidate: usize| {
            let of = paths.iter().filter(|path| path.at >= from);
            let mut of = of.filter(|path| path.present.has(candidate)).peekable();
            of.peek()?;
            let (sum, count) = of.fold((0.0, 0.0), |(sum, count), path| {
                (sum + path.losses[candidate], count + 1.0)
            });
            Some(sum / count)
        };
        [LOGS, VALUES]
            .into_iter()
            .filter_map(mean)
            .fold(f32::INFINITY, f32::min)
    };
    best(&with) < VOTE_SHARE * best(&without)
}

/// Share of the loss without the second season below which it is one. With .85 there are 3 % of false
/// weeks on a day on a random walk, with .90 6 %, and the OWA on M4 Hourly is the same within .001.
const VOTE_SHARE: f32 = 0.86;

//! The records of past forecasts, and the intervals made of them, computed again from scratch.
//!
//! Promises that the loss of a candidate is the discounted mean of the weighted errors of its own paths,
//! whatever was missing, on whatever units; and that half widths are quantile times scale times shape, each
//! by its definition, with sorts and sums in f64.

use brewcast::model::mix::candidates::{COUNT, DRIFT, Each, GATE_30, SEASON_1, SEASON_2, Set};
use brewcast::model::mix::conformal::Conformal;
use brewcast::model::mix::horizons::{Horizons, octave};
use brewcast::model::mix::paths::{Issue, Paths};
use brewcast::model::mix::ring::Change;

use proptest::prelude::*;

use crate::noise::Noise;
use crate::runs::cases;

/// A path as it was issued.
struct Issued {
    at: usize, // values before it
    issue: Issue,
    naive: [Option<f64>; 2],
}

/// Least share of a path that has to have come.
const LEAST: f64 = 0.3;

/// The share of a path that has come.
fn share(path: &Issued, values: &[Option<f64>], horizons: &Horizons) -> f64 {
    let kept = horizons.as_slice().iter().enumerate();
    let come = kept.filter(|(_, step)| values[path.at + usize::from(**step) - 1].is_some());
    come.map(|(index, _)| f64::from(horizons.weight(index)))
        .sum()
}

/// What a path is judged by after so many steps, if anything has come: the value, or the mean of those that
/// have come since it was issued.
fn outcome_of(path: &Issued, values: &[Option<f64>], step: u8, of_means: bool) -> Option<f64> {
    let since = &values[path.at..path.at + usize::from(step)];
    let newest = since[since.len() - 1]?;
    let came: Vec<f64> = since.iter().copied().flatten().collect();
    let mean = came.iter().sum::<f64>() / came.len() as f64;
    Some(if of_means { mean } else { newest })
}

/// Weighted mean error of each candidate's path; the naives where they said something at every step.
fn error(
    path: &Issued,
    values: &[Option<f64>],
    (horizons, of_means): (&Horizons, bool),
    candidate: usize,
) -> Option<f64> {
    let mut sum = 0.0;
    for (index, &step) in horizons.as_slice().iter().enumerate() {
        let Some(y) = outcome_of(path, values, step, of_means) else {
            continue;
        };
        let forecast = match candidate {
            SEASON_1 => path.naive[0]?,
            SEASON_2 => path.naive[1]?,
            1..DRIFT => path.issue.forecasts[0][candidate].into(),
            _ => f64::from(path.issue.forecasts[index][candidate]),
        };
        sum += f64::from(horizons.weight(index)) * (forecast - y).abs();
    }
    let weight = share(path, values, horizons);
    let is_said = path.issue.present.has(candidate) && weight >= LEAST;
    is_said.then(|| sum / weight)
}

fn issue(noise: &mut Noise, horizons: &Horizons, last: f64) -> Issue {
    let present = Set(Set::CONSTANT.0 | (noise.uniform() * 65_536.0) as u16 & Set::ALL.0);
    let mut first = [0.0; COUNT];
    first.fill_with(|| (last + 2.0 * noise.normal()) as f32);
    first[0] = last as f32; // the last value
    let mut forecasts: Vec<Each> = Vec::new();
    for _ in horizons.as_slice() {
        let mut each = first;
        each[DRIFT..].fill_with(|| (last + 3.0 * noise.normal()) as f32);
        forecasts.push(each);
    }
    Issue {
        combined: forecasts.iter().map(|each| each[GATE_30]).collect(),
        forecasts,
        present,
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// For all horizons, holes and sets of candidates, then losses are those of the paths that have arrived,
    /// one by one.
    #[test]
    fn losses_are_those_of_the_recorded_paths(
        seed in any::<u32>(), horizon in 1_u32..128, missing in 0.0_f64..0.5, of_means in any::<bool>(), stretch in prop_oneof![Just(1.0_f32), 0.1_f32..10.0],
    ) {
        let horizons = Horizons::new(horizon);
        let gap = (horizons.last() as usize).div_ceil(3); // no more than four at once
        let mut paths = Paths::new(horizons, of_means);
        let mut noise = Noise::new(seed.into(), 0);
        let mut issued: Vec<Issued> = Vec::new();
        let (mut values, mut arrived): (Vec<Option<f64>>, usize) = (Vec::new(), 0);
        let naives = |noise: &mut Noise| [0, 1].map(|_| noise.happens(0.7).then(|| noise.normal()));
        let mut said: Vec<Vec<(usize, f64, f64)>> = Vec::new();
        let points = 30 * gap + 5;
        let (mut unit, mut shift) = (1.0, 0.0); // of the paths: (value - shift) * unit
        for at in 0..points {
            if at.is_multiple_of(gap) {
                let last = noise.normal();
                let issue = issue(&mut noise, &horizons, last);
                let in_units = |z: f32| ((f64::from(z) - shift) * unit) as f32;
                let mut moved = issue.clone();
                moved.forecasts.iter_mut().flatten().for_each(|z| *z = in_units(*z));
                moved.combined.iter_mut().for_each(|z| *z = in_units(*z));
                paths.issue(&moved, in_units(last as f32));
                issued.push(Issued { at, issue, naive: naives(&mut noise) });
                said.push(Vec::new());
            }
            if at == points / 2 {
                let change = Change { shift: 0.5, stretch };
                paths.follow(change);
                (shift, unit) = (0.5, f64::from(stretch));
            }
            let value = (!noise.happens(missing)).then(|| noise.normal());
            values.push(value);
            let in_units = |y: f64| ((y - shift) * unit) as f32;
            // The naives of a path, by its age.
            let naive = |age: u32| issued.iter().find(|path| path.at + age as usize == at + 1)
                .map_or([None; 2], |path| path.naive.map(|y| y.map(in_units)));
            let mut judged = Vec::new();
            if paths.advance(value.map(in_units), naive, |one| judged.push(one)) {
                arrived += 1;
            }
            for one in judged {
                let path = issued.iter().position(|path| path.at + one.step == at + 1).unwrap();
                prop_assert_eq!(usize::from(horizons.as_slice()[one.index]), one.step);
                let times = if of_means { one.step as f64 } else { 1.0 }; // what is said is of the sum
                let in_values = |z: f32| f64::from(z) / times / unit + shift;
                said[path].push((one.step, in_values(one.forecast), in_values(one.outcome)));
            }
        }
        prop_assert_eq!(paths.arrived() as usize, arrived);
        let done: Vec<&Issued> = issued.iter().filter(|path| path.at + horizons.last() as usize <= points).collect();
        prop_assert_eq!(done.len(), arrived);
        // Three tenths of a path may be on either side of .3 in f32.
        prop_assume!(done.iter().all(|path| (share(path, &values, &horizons) - LEAST).abs() > 1e-5));
        for (path, said) in issued.iter().zip(&said) {
            for &(step, forecast, outcome) in said {
                let index = horizons.as_slice().iter().position(|&kept| usize::from(kept) == step).unwrap();
                prop_assert!((forecast - f64::from(path.issue.combined[index])).abs() < 2e-3);
                let came = outcome_of(path, &values, step as u8, of_means).unwrap();
                prop_assert!((outcome - came).abs() < 1e-3);
            }
        }
        let [young, _] = horizons.gaps();
        let keep = f64::from(horizons.keep(young));
        for candidate in 0..COUNT {
            let errors: Vec<f64> = done.iter().filter_map(|path| error(path, &values, (&horizons, of_means), candidate)).collect();
            prop_assert_eq!(paths.known().has(candidate), !errors.is_empty());
            let newest = errors.len().saturating_sub(1);
            let weight = |index: usize| keep.powi((newest - index) as i32);
            let sum: f64 = errors.iter().enumerate().map(|(i, error)| weight(i) * error).sum();
            let total: f64 = (0..errors.len()).map(weight).sum();
            if total > 0.0 {
                let (own, exact) = (f64::from(paths.losses()[candidate]) / unit, sum / total);
                // The number of paths behind a loss is kept in eighths.
                prop_assert!((own - exact).abs() < 0.02, "{candidate}: {own} {exact}");
            }
        }
    }

    /// For all errors, then one step's half width is the quantile of every third error over the usual one
    /// before it, times the usual one; and along a path that of all, over the scale of its octave.
    #[test]
    fn half_widths_are_quantile_times_scale_times_shape(seed in any::<u32>(), count in 60_usize..900, spread in 0.2_f64..3.0) {
        let mut noise = Noise::new(seed.into(), 0);
        let mut intervals = Conformal::new(0.95, false, false);
        let mut error = || noise.normal().abs() * (spread * noise.normal()).exp().min(5.0) + 1e-3;
        let (mut usual, mut scores) = (0.0, Vec::new());
        for turn in 0..count {
            let e = error();
            intervals.learn_step(0, (1.0, 1.0 + e as f32), 0.0);
            if turn == 0 {
                usual = e;
                continue;
            }
            if turn % 3 == 0 {
                scores.push(e / usual);
            }
            usual += 0.01 * (e - usual);
        }
        let steps = [1_usize, 2, 4, 7, 11, 17, 24];
        let shape = |step: usize| (step as f64).sqrt();
        let mut octaves = [(0.0, 0.0); 8];
        let size = |octaves: &[(f64, f64); 8], step: usize| {
            let all = octaves.iter().fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
            let own = octaves[octave(step)];
            (own.0 + 30.0 * all.0 / all.1) / (own.1 + 30.0)
        };
        let mut along = Vec::new();
        for _ in 0..count / 10 {
            for step in steps {
                let e = error() * step as f64;
                intervals.learn(step, 0, (0.0, e as f32), [shape(step) as f32, 1.0], 0.0);
                let scaled = e / shape(step);
                let own = &octaves[octave(step)];
                if own.1 > 0.0 {
                    along.push(scaled / size(&octaves, step));
                }
                let own = &mut octaves[octave(step)];
                *own = (0.97 * own.0 + scaled, 0.97 * own.1 + 1.0);
            }
        }
        intervals.settle(steps.len(), false);
        let quantile = |scores: &[f64], most: usize, kappa: f64| {
            let mut last = scores[scores.len().saturating_sub(most)..].to_vec();
            // Scores are kept in codes of 3 %, a factor of 46 either way.
            last.iter_mut().for_each(|score| *score = score.clamp(1.0 / 46.0, 45.0));
            last.sort_by(f64::total_cmp);
            let rank = (0.95 * (last.len() as f64 + kappa)).ceil() as usize;
            last[rank.min(last.len()) - 1]
        };
        if scores.len() >= 20 {
            let exact = quantile(&scores, 128, 1.0) * usual;
            let own = f64::from(intervals.half_width(1, 0, 1.0));
            prop_assert!((0.96..1.05).contains(&(own / exact)), "one step: {own} {exact}");
        }
        if along.len() >= 20 {
            let kappa = 0.1 * steps.len() as f64;
            for step in [2, 3, 7, 24, 40] {
                let exact = quantile(&along, 256, kappa) * size(&octaves, step) * shape(step);
                let own = f64::from(intervals.half_width(step, 0, shape(step) as f32));
                prop_assert!((0.96..1.05).contains(&(own / exact)), "{step} steps: {own} {exact}");
            }
        }
    }
}

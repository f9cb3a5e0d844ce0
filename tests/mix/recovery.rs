//! Nothing spoils the forecasts for ever.
//!
//! Promises that after a misread of any size, a level shift of any size, or a start unlike all that
//! follows, forecasts become again as good as those of a forecaster that never saw it.

use std::f64::consts::TAU;

use brewcast::model::forecaster::Setup;

use crate::noise::Noise;
use crate::runs::{DAY, HOUR, MINUTE, Run, auto, plain};

const HORIZON: usize = 24;

/// Mean absolute error of the forecasts 1 to [`HORIZON`] ahead over `values[from..]`.
fn error(setup: &Setup, values: &[f64], from: usize) -> f64 {
    let mut run = Run::new(setup);
    let (mut sum, mut count) = (0.0, 0.0);
    for (i, &y) in values.iter().enumerate() {
        run.learn(y);
        if i < from || i + HORIZON >= values.len() || i % 5 > 0 {
            continue;
        }
        for (ahead, [yhat, ..]) in (1..).zip(run.ahead(HORIZON as u32)) {
            sum += (values[i + ahead] - yhat).abs();
            count += 1.0;
        }
    }
    sum / count
}

/// A day of noise and sine around 20.
fn daily(points: usize, seed: u64) -> Vec<f64> {
    let mut noise = Noise::new(seed, 0);
    let day = |i: usize| 3.0 * (TAU * i as f64 / 24.0).sin();
    (0..points)
        .map(|i| 20.0 + day(i) + noise.normal())
        .collect()
}

#[test]
fn a_misread_of_any_size_is_forgotten() {
    let clean = daily(2_400, 1);
    let setup = auto(HOUR);
    let best = error(&setup, &clean, 1_700);
    println!("size of one misread, error after 1,000 points over that without it");
    for size in [1e2, 1e4, 1e5, 1e6, 1e9, 1e12, 1.8446744073709552e19, 1e300] {
        let mut values = clean.clone();
        values[700] = size;
        let ratio = error(&setup, &values, 1_700) / best;
        println!("{size:10.1e} {ratio:.3}");
        assert!(ratio < 1.1, "{size:e}: {ratio}");
    }
}

/// A single value that units cannot hold (a counter's -1 read as 2^64 - 1) is let pass: the next forecasts
/// are as good as before, and the day is still known. Two in a row are a new time.
#[test]
fn a_single_value_beyond_all_units_changes_nothing() {
    for setup in [auto(HOUR), auto(5 * MINUTE)] {
        let per_day = (DAY / setup.step_ns) as usize;
        let mut noise = Noise::new(5, 0);
        let day = |i: usize| 20.0 + 3.0 * (TAU * i as f64 / per_day as f64).sin();
        let mut run = Run::new(&setup);
        let points = 15 * per_day;
        (0..points).for_each(|i| run.learn(day(i) + 0.5 * noise.normal()));
        assert_eq!(run.seasons(), [DAY]);
        let mut twice = run.clone();
        run.learn(1.8446744073709552e19);
        run.learn(day(points + 1));
        assert_eq!(run.seasons(), [DAY]);
        let off = |(h, [yhat, ..]): (usize, &[f64; 3])| (yhat - day(points + 2 + h)).abs();
        let path = run.ahead(40).iter().enumerate();
        let worst = path.map(off).fold(0.0, f64::max);
        assert!(worst < 1.5, "{worst}");
        (0..8).for_each(|_| twice.learn(1.8446744073709552e19));
        assert!(
            twice
                .ahead(40)
                .iter()
                .all(|[yhat, ..]| *yhat == 1.8446744073709552e19)
        );
    }
}

#[test]
fn a_level_shift_of_any_size_is_forgotten() {
    let clean = daily(2_400, 2);
    let setup = auto(HOUR);
    let best = error(&setup, &clean, 1_700);
    println!("size of a level shift, error after 1,000 points over that without it");
    for size in [1e2, 1e4, 1e6, 1e9] {
        let before = |i: usize| if i < 700 { size } else { 0.0 };
        let values: Vec<f64> = (0..).zip(&clean).map(|(i, y)| y + before(i)).collect();
        let ratio = error(&setup, &values, 1_700) / best;
        println!("{size:10.1e} {ratio:.3}");
        assert!(ratio < 1.1, "{size:e}: {ratio}");
    }
}

#[test]
fn a_first_value_unlike_the_others_is_forgotten() {
    let clean = daily(1_700, 3);
    let setup = auto(HOUR);
    let best = error(&setup, &clean, 1_000);
    for first in [0.0, 1e4, 1e6, 1e9, 1e18, 1e300] {
        let mut values = clean.clone();
        values[0] = first;
        let ratio = error(&setup, &values, 1_000) / best;
        println!("{first:10.1e} {ratio:.3}");
        assert!(ratio < 1.1, "{first:e}: {ratio}");
    }
}

/// The intervals forget too: after a misread they are wide for some hundred points, and no longer.
#[test]
fn intervals_are_narrow_again_after_a_misread() {
    println!(
        "width of the interval 1 and 40 ahead over that without the misread, 1,000 points after it"
    );
    for (name, setup, points) in [
        ("an hour", auto(HOUR), 2_400),
        ("no season", plain(), 2_400),
        ("5 min", auto(5 * MINUTE), 8_000),
    ] {
        let per_day = (DAY / setup.step_ns) as f64;
        let mut noise = Noise::new(4, 0);
        let day = |i: usize| 20.0 + 3.0 * (TAU * i as f64 / per_day).sin();
        let clean: Vec<f64> = (0..points).map(|i| day(i) + noise.normal()).collect();
        let widths = |size: Option<f64>| {
            let mut run = Run::new(&setup);
            let mut widths = [0.0; 2];
            for (i, &y) in clean.iter().enumerate() {
                let at = points / 2;
                run.learn(size.filter(|_| i == at).unwrap_or(y));
                if at + 1_000 <= i && i < at + 1_050 {
                    let path = run.ahead(40);
                    widths[0] += path[0][2] - path[0][1];
                    widths[1] += path[39][2] - path[39][1];
                }
            }
            widths
        };
        let [near, far] = widths(None);
        for size in [1e2, 1e4, 1e6, 1e12] {
            let [near_after, far_after] = widths(Some(size));
            let (near, far) = (near_after / near, far_after / far);
            println!("{name:<10} {size:8.0e} {near:.2} {far:.2}");
            assert!((0.5..2.0).contains(&near), "{name}, {size:e}: {near}");
            assert!((0.5..3.0).contains(&far), "{name}, {size:e}: {far}");
        }
    }
}

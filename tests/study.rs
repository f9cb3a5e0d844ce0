//! What the study of the forecaster promises about the series that it makes up, and about itself.
//!
//! Whether the forecaster is any good is not said here.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "the study reads more of it")]
#[path = "../examples/forecast_study/data.rs"]
mod data;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/dirty.rs"]
mod dirty;
#[allow(dead_code, reason = "the study asks for more of it")]
#[path = "../examples/forecast_study/generators.rs"]
mod generators;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/long.rs"]
mod long;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/m4.rs"]
mod m4;
#[path = "../examples/forecast_study/noise.rs"]
mod noise;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/seasons.rs"]
mod seasons;
#[allow(dead_code, reason = "the study asks for more of it")]
#[path = "../examples/forecast_study/stream.rs"]
mod stream;
#[path = "../examples/forecast_study/synth.rs"]
mod synth;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/table.rs"]
mod table;

use generators::Generator;
use long::LongStream;
use noise::Noise;
use stream::Contestant;
use synth::Draw;

/// Laws without chance in them: every draw is the same.
const CERTAIN: [&str; 2] = ["explosive, resets", "constant with steps"];

fn is_same(a: &[f64], b: &[f64]) -> bool {
    a.iter()
        .map(|x| x.to_bits())
        .eq(b.iter().map(|x| x.to_bits()))
}

/// For all laws: the same seed and replication give the same series, others give others, and a longer
/// series begins like a shorter one.
#[test]
fn a_series_is_a_function_of_seed_and_replication() {
    let all = generators::all();
    assert!(24 <= all.len());
    for law in all {
        let series = law.series(300, 7, 3);
        assert!(
            is_same(&series, &law.series(400, 7, 3)[..300]),
            "{}",
            law.name
        );
        for other in [law.series(300, 8, 3), law.series(300, 7, 4)] {
            let is_certain = CERTAIN.contains(&law.name);
            assert_eq!(is_same(&series, &other), is_certain, "{}", law.name);
        }
    }
}

/// For all laws: values are finite, not below zero where that is said, and at least 20 when lifted.
#[test]
fn values_are_where_they_are_said_to_be() {
    for law in generators::all() {
        for replication in 0..3 {
            let series = law.series(1_500, 1, replication);
            assert!(series.iter().all(|y| y.is_finite()), "{}", law.name);
            let least = series.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(!law.never_negative || 0.0 <= least, "{}: {least}", law.name);
            let lifted = law.lifted(1_500, 1, replication);
            assert!(lifted.iter().all(|y| *y >= 19.999_999), "{}", law.name);
        }
    }
}

/// Mean absolute difference to the value `lag` steps back.
fn difference(values: &[f64], lag: usize) -> f64 {
    let pairs = values[lag..].iter().zip(values);
    pairs.map(|(a, b)| (a - b).abs()).sum::<f64>() / (values.len() - lag) as f64
}

/// For all laws with a season, a series resembles itself one season back more than a little more or
/// less far back; with two seasons, the longer also more than the shorter ones before it.
#[test]
fn seasons_are_where_they_are_said_to_be() {
    let mut seasonal = 0;
    for law in generators::all() {
        let [one, two] = law.seasons.map(|season| season as usize);
        if one == 0 {
            continue;
        }
        seasonal += 1;
        let mean = |lag: usize| -> f64 {
            let series = (0..5).map(|replication| law.series(1_500, 2, replication));
            series.map(|values| difference(&values, lag)).sum()
        };
        for other in [one - one / 4, one + one / 4] {
            assert!(mean(one) < mean(other), "{}: {other}", law.name);
        }
        if two > 0 {
            assert!(mean(two) < 0.9 * mean(two - 2 * one), "{}", law.name);
        }
    }
    assert!(15 <= seasonal);
}

/// The best forecast of the fine streams is off by the noise to come only: one step ahead by as much as
/// its law says, and less than the last value or yesterday a day ahead.
#[test]
fn the_best_forecast_of_a_fine_stream_is_off_by_the_noise_to_come() {
    for step_s in [10.0, 300.0_f64] {
        let day = (86_400.0 / step_s) as usize;
        let stream = LongStream::new(12 * day, step_s, 0.0, 5, 0);
        let error = |steps: usize, forecast: &dyn Fn(usize) -> f64| -> f64 {
            let origins = day..stream.values.len() - steps;
            let count = origins.len() as f64;
            let errors = origins.map(|t| (stream.values[t + steps] - forecast(t)).abs());
            errors.sum::<f64>() / count
        };
        let left = (-step_s / 900.0).exp();
        let walk = 0.035 * 0.035 * step_s / 3600.0;
        let sigma = (1.0 - left * left + walk + 0.3 * 0.3).sqrt();
        let expected = sigma * (2.0 / std::f64::consts::PI).sqrt();
        let near = error(1, &|t| stream.best(t, 1));
        assert!((near / expected - 1.0).abs() < 0.05, "{near}, {expected}");
        let far = error(day, &|t| stream.best(t, day));
        for naive in [
            error(day, &|t| stream.values[t]),
            error(1, &|t| stream.values[t]),
        ] {
            assert!(naive > near, "{naive} beside {near}");
        }
        assert!(far < 0.8 * error(day, &|t| stream.values[t]), "{far}");
    }
}

/// For all damages: what is left alone is as it was, and missing points are as many as is said.
#[test]
fn damage_is_what_it_is_said_to_be() {
    let training: Vec<f64> = (0..2_000).map(|i| 100.0 + f64::from(i * i % 41)).collect();
    for damage in &dirty::DAMAGES {
        let damaged = damage.applied(&training, &mut Noise::new(3, 0));
        let missing = damaged.iter().filter(|y| y.is_none()).count();
        let pairs = damaged.iter().zip(&training);
        let moved = pairs.filter(|(y, whole)| y.is_some_and(|y| (y - *whole).abs() > 1e-9));
        let moved = moved.count();
        let (missing_as_said, moved_as_said) = match damage.name {
            "none" => (0..=0, 0..=0),
            "10 % missing" => (160..=240, 0..=0),
            "30 % missing" => (540..=660, 0..=0),
            "hole of 30" => (30..=30, 0..=0),
            "jitter of 20 %" => (0..=0, 1_800..=2_000),
            "2 % spikes" => (0..=0, 25..=60),
            other => panic!("{other} is new here"),
        };
        assert!(
            missing_as_said.contains(&missing),
            "{}: {missing}",
            damage.name
        );
        assert!(moved_as_said.contains(&moved), "{}: {moved}", damage.name);
    }
}

/// The tables of the made-up series are the same every time; beside the naive forecasts, the last value
/// is as good as itself and never better than the best.
#[test]
fn the_last_value_is_as_good_as_itself() {
    let draw = Draw {
        seed: 4,
        replications: 2,
        lifted: false,
    };
    let table = || synth::tables(&Contestant::naive("last value", 1), draw)[0].to_string();
    let text = table();
    assert_eq!(text, table());
    let names: Vec<&str> = generators::all()
        .iter()
        .map(|law: &Generator| law.name)
        .collect();
    for name in names {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{name} ")))
            .unwrap();
        let cells: Vec<&str> = line.trim_start()[name.len()..].split_whitespace().collect();
        assert_eq!(cells[2], "1.000", "{line}");
        let beside_best: f64 = cells[0].parse().unwrap();
        assert!(1.0 <= beside_best, "{line}");
    }
}

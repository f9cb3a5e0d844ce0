//! What holds for the stream whatever the series is.

#![allow(clippy::float_cmp)] // where equality is asserted it is that of the same operations

use super::interval::Sum;
use super::{Ets, EtsSetup, Form, Trend};
use crate::model::steps::Steps;
use proptest::prelude::*;

const SETUP: EtsSetup = EtsSetup {
    trend: Trend::Auto,
    seasons: [0; 2],
    window: 60,
    sum: Sum::Value,
};

/// A day of 12 steps with noise: the same numbers for the same seed.
fn day(seed: u64, height: f64, noise: f64) -> impl Iterator<Item = f64> {
    let mut random = seed;
    (0_u32..).map(move |t| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let uniform = (random >> 40) as f64 / f64::from(1 << 24) - 0.5;
        height * (f64::from(t) * std::f64::consts::TAU / 12.0).sin() + noise * uniform
    })
}

fn after(values: impl IntoIterator<Item = f64>, setup: EtsSetup) -> Ets {
    let mut ets = Ets::new(setup);
    values.into_iter().for_each(|y| ets.learn(y));
    ets
}

fn forecast(ets: &Ets, steps: u32) -> Vec<[f64; 3]> {
    let mut out = Vec::new();
    ets.forecast(Steps::up_to(steps), 1.96, &mut out);
    out
}

fn trends() -> impl Strategy<Value = Trend> {
    prop_oneof![
        Just(Trend::Auto),
        Just(Trend::None),
        Just(Trend::Damped),
        Just(Trend::Linear)
    ]
}

fn setups() -> impl Strategy<Value = EtsSetup> {
    let seasons = prop_oneof![Just([0, 0]), Just([5, 0]), Just([3, 12]), Just([7, 4])];
    let sums = prop_oneof![Just(Sum::Value), Just(Sum::Increments)];
    (trends(), seasons, 1_u32..80, sums).prop_map(|(trend, seasons, window, sum)| EtsSetup {
        trend,
        seasons,
        window,
        sum,
    })
}

/// Values of every size, and what is none.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => -1e3_f64..1e3,
        4 => 0.1_f64..10.0,
        2 => Just(0.0),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(5e-324), Just(f64::NAN)],
    ];
    proptest::collection::vec(value, 1..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// For all finite and other values, in all settings, forecasts are finite and in their interval.
    #[test]
    fn forecasts_are_finite_for_whatever_comes(values in values(), setup in setups(), gap in 0_u32..200) {
        let mut ets = Ets::new(setup);
        for (t, y) in values.into_iter().enumerate() {
            ets.learn(y);
            if t == 70 {
                ets.pass(gap);
            }
            prop_assert!(ets.is_finite() && ets.next().is_finite(), "{ets:?}");
        }
        ets.pass(u32::MAX);
        for [yhat, lower, upper] in forecast(&ets, 30) {
            prop_assert!(yhat.is_finite() && lower.is_finite() && upper.is_finite());
            prop_assert!(lower <= yhat && yhat <= upper, "{lower} {yhat} {upper}");
        }
    }

    /// For all series and steps, passing k steps is passing one step k times.
    #[test]
    fn many_steps_at_once_are_many_single_steps(
        seed in 0_u64..1000, length in 1_usize..120, setup in setups(), steps in 0_u32..150, more in 0_usize..60,
    ) {
        let values: Vec<f64> = day(seed, 3.0, 1.0).take(length + more).collect();
        let mut at_once = after(values[..length].iter().copied(), setup);
        let mut single = at_once.clone();
        at_once.pass(steps);
        (0..steps).for_each(|_| single.pass(1));
        for &y in &values[length..] {
            at_once.learn(y);
            single.learn(y);
        }
        for (a, b) in forecast(&at_once, 20).iter().zip(forecast(&single, 20)) {
            for (a, b) in a.iter().zip(b) {
                prop_assert!((a - b).abs() < 1e-3 * (1.0 + b.abs()), "{a} {b}");
            }
        }
    }

    /// For all series, values that are twice (2^k times) as large are forecast by exactly as much.
    #[test]
    fn forecasts_scale_with_the_values(seed in 0_u64..1000, setup in setups(), power in -20_i32..20) {
        let scale = 2_f64.powi(power);
        let values: Vec<f64> = day(seed, 3.0, 1.0).take(150).collect();
        let plain = after(values.iter().copied(), setup);
        let scaled = after(values.iter().map(|y| scale * y), setup);
        for (a, b) in forecast(&plain, 20).iter().zip(forecast(&scaled, 20)) {
            prop_assert_eq!(a.map(|y| scale * y), b);
        }
    }

    /// For all additive series, values that are higher by a constant are forecast higher by it, up to
    /// a seventh of the noise: the last digit may turn a search for parameters elsewhere.
    #[test]
    fn forecasts_shift_with_the_values(seed in 0_u64..1000, trend in trends(), shift in -1e3_f64..1e3) {
        let setup = EtsSetup { trend, seasons: [12, 0], ..SETUP };
        // Below zero whatever the shift: neither logarithms nor a floor.
        let values: Vec<f64> = day(seed, 3.0, 1.0).map(|y| y - 2e3).take(150).collect();
        let plain = after(values.iter().copied(), setup);
        let shifted = after(values.iter().map(|y| shift + y), setup);
        for (a, b) in forecast(&plain, 20).iter().zip(forecast(&shifted, 20)) {
            for (a, b) in a.iter().zip(b) {
                prop_assert!((a + shift - b).abs() < 0.15, "{} {b}", a + shift);
            }
        }
    }

    /// For all positive values, forecast and interval are not below zero.
    #[test]
    fn what_never_was_negative_is_not_forecast_to_be(seed in 0_u64..1000, setup in setups()) {
        let values = day(seed, 3.0, 1.0).map(|y| (y * y * y).max(0.0));
        let ets = after(values.take(100), setup);
        prop_assert!(ets.next() >= 0.0);
        for [yhat, lower, _] in forecast(&ets, 60) {
            prop_assert!(lower >= 0.0 && yhat >= lower);
        }
    }

    /// For all series without a trend that was asked for, no forecast is further from what was seen
    /// than half its range.
    #[test]
    fn forecasts_stay_near_the_range(values in proptest::collection::vec(-1e3_f64..1e3, 2..60), auto: bool) {
        let trend = if auto { Trend::Auto } else { Trend::None };
        let ets = after(values.iter().copied(), EtsSetup { trend, seasons: [5, 0], ..SETUP });
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut path = Vec::new();
        ets.path(&mut path, 500);
        prop_assert_eq!(path[0], ets.next());
        for y in path {
            prop_assert!(low - 0.5 * (high - low) <= y && y <= high + 0.5 * (high - low), "{y}");
        }
    }
}

#[test]
fn the_first_value_is_the_forecast() {
    for seasons in [[0, 0], [12, 0], [12, 84]] {
        let ets = after([7.5], EtsSetup { seasons, ..SETUP });
        assert_eq!(ets.next(), 7.5);
        assert_eq!(forecast(&ets, 3), [[7.5; 3]; 3]);
    }
    assert_eq!(Ets::new(SETUP).next(), 0.0);
}

#[test]
fn a_season_joins_after_two_periods_and_then_is_forecast() {
    let setup = EtsSetup {
        seasons: [12, 0],
        ..SETUP
    };
    let values: Vec<f64> = day(1, 3.0, 0.1).map(|y| y - 20.0).take(300).collect();
    assert_eq!(
        after(values[..23].to_vec(), setup).state().lengths(),
        [0; 2]
    );
    let mut ets = after(values[..24].to_vec(), setup);
    assert_eq!(ets.state().lengths(), [12, 0]);
    let mut path = Vec::new();
    ets.path(&mut path, 12);
    for (forecast, y) in path.iter().zip(&values[24..]) {
        assert!((forecast - y).abs() < 0.3, "{forecast} {y}");
    }
    values[24..].iter().for_each(|&y| ets.learn(y));
    assert!(ets.sigma() < 0.1, "{}", ets.sigma());
}

#[test]
fn a_season_goes_on_through_a_long_silence() {
    let setup = EtsSetup {
        seasons: [12, 0],
        ..SETUP
    };
    let mut ets = after(day(1, 3.0, 0.1).take(120), setup);
    let mut before = Vec::new();
    ets.path(&mut before, 12);
    ets.pass(1_200_000);
    let mut path = Vec::new();
    ets.path(&mut path, 12);
    for (forecast, before) in path.iter().zip(before) {
        assert!((forecast - before).abs() < 0.2, "{forecast} {before}");
    }
}

#[test]
fn factors_are_multiplicative_until_a_value_has_no_logarithm() {
    let setup = EtsSetup {
        seasons: [12, 0],
        ..SETUP
    };
    let growing = |(t, y): (usize, f64)| (0.02 * t as f64 + y).exp();
    let values: Vec<f64> = day(1, 0.8, 0.1)
        .enumerate()
        .map(growing)
        .take(200)
        .collect();
    let mut ets = after(values[..180].to_vec(), setup);
    assert_eq!(ets.form(), Form::Multiplicative);
    let [yhat, lower, upper] = forecast(&ets, 12)[11];
    assert!(0.0 < lower && yhat - lower < upper - yhat);
    let before = ets.next();
    ets.learn(0.0);
    assert_eq!(ets.form(), Form::Additive);
    assert!((ets.next() - values[181]).abs() < before, "{}", ets.next());
    let counter = EtsSetup {
        sum: Sum::Increments,
        ..setup
    };
    assert_eq!(after(values, counter).form(), Form::Additive);
}

#[test]
fn a_counters_forecast_is_what_it_will_have_risen_by() {
    let setup = EtsSetup {
        sum: Sum::Increments,
        trend: Trend::None,
        ..SETUP
    };
    let ets = after([4.0; 50], setup);
    let out = forecast(&ets, 10);
    assert!((out[9][0] - 40.0).abs() < 1e-9, "{out:?}");
    let ets = after(day(3, 0.0, 2.0).map(|y| y + 1.0).take(100), setup);
    let out = forecast(&ets, 40);
    assert!(out.windows(2).all(|pair| pair[0][0] <= pair[1][0]));
    assert!(out[39][2] - out[39][0] > 2.0 * (out[9][2] - out[9][0]));
}

#[test]
fn seasons_that_cannot_be_are_none_and_the_shorter_comes_first() {
    let has = |seasons| {
        let setup = EtsSetup { seasons, ..SETUP };
        after(day(1, 1.0, 1.0).take(60), setup).state().lengths()
    };
    assert_eq!(has([1, 0]), [0, 0]);
    assert_eq!(has([12, 12]), [12, 0]);
    assert_eq!(has([12, 4]), [4, 12]);
    assert_eq!(has([0, u32::MAX]), [0, 0]);
}

//! No stream makes a forecast that is no forecast.
//!
//! Promises of every forecast of every kind of forecaster, whatever has come: it is finite and has its
//! interval around it. Of the mix and of the last value also: it is within the range of what has come
//! widened by half, and neither it nor its interval is below 0 where nothing ever was.

use brewcast::model::ets::interval::Sum;
use brewcast::model::forecaster::{Kind, Setup};
use proptest::prelude::*;

use crate::noise::Noise;
use crate::runs::{MINUTE, Run, auto, cases, plain};

const POINTS: usize = 1_200;
const STEPS: u32 = 40;

/// What has come so far.
#[derive(Clone, Copy)]
struct Seen {
    least: f64,
    greatest: f64,
}

impl Seen {
    fn new() -> Self {
        Self {
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }

    fn note(&mut self, y: f64) {
        self.least = self.least.min(y);
        self.greatest = self.greatest.max(y);
    }

    /// What is wrong with a forecast, if anything.
    fn fault(
        &self,
        [yhat, lower, upper]: [f64; 3],
        is_mix: bool,
        margin: f64,
    ) -> Option<&'static str> {
        let (least, greatest) = (self.least, self.greatest);
        // Halves, so that the range of 1e308 and -1e308 is a number.
        let range = greatest / 2.0 - least / 2.0;
        let slack = 2.0 * (margin + 0.002) * range + 1e-12 * greatest.abs().max(least.abs());
        let is_out = yhat - greatest > slack || least - yhat > slack;
        match () {
            () if ![yhat, lower, upper].iter().all(|number| number.is_finite()) => {
                Some("is not finite")
            }
            () if !(lower <= yhat && yhat <= upper) => Some("is not inside its interval"),
            () if is_mix && is_out => Some("is out of the range widened by half"),
            () if is_mix && least >= 0.0 && lower < 0.0 => Some("is negative"),
            () => None,
        }
    }
}

/// Feeds the values, every so manieth of them missing, and looks at the forecasts after every third.
fn fault(setup: &Setup, values: &[f64], missing: usize, steps: u32) -> Option<String> {
    let mut run = Run::new(setup);
    let mut seen = Seen::new();
    let is_mix = setup.spec.kind != Kind::Ets && setup.sum == Sum::Value;
    // What fills a hole may go on beyond the range, and counts as a value then.
    let margin = if missing > 0 { 5.0 } else { 0.5 };
    for (i, &y) in values.iter().enumerate() {
        if missing > 0 && i % missing == missing - 1 {
            run.pass(1 + (i % 5) as u32);
        }
        run.learn(y);
        seen.note(y);
        if i % 3 > 0 && i > 40 {
            continue;
        }
        for (ahead, &forecast) in (1..).zip(run.ahead(steps)) {
            if let Some(what) = seen.fault(forecast, is_mix, margin) {
                let kind = setup.spec.kind;
                return Some(format!(
                    "{kind:?}: after {} points, {ahead} ahead, {forecast:?} {what}; seen {:?} to {:?}",
                    i + 1,
                    seen.least,
                    seen.greatest
                ));
            }
        }
    }
    None
}

/// All kinds of forecasters, with and without seasons to find, with and without holes.
fn survives(values: impl IntoIterator<Item = f64>) {
    let values: Vec<f64> = values.into_iter().collect();
    assert!(values.len() >= POINTS);
    for kind in [Kind::Auto, Kind::Ets, Kind::Naive] {
        for (base, missing) in [(plain(), 0), (auto(plain().step_ns), 7), (auto(MINUTE), 0)] {
            let mut setup = base;
            setup.spec.kind = kind;
            if let Some(fault) = fault(&setup, &values, missing, STEPS) {
                panic!("{fault}");
            }
        }
    }
}

fn points() -> impl Iterator<Item = usize> {
    0..POINTS
}

#[test]
fn explosive_growth_and_its_reset_are_survived() {
    for factor in [1.02, 1.2, 3.0] {
        let mut x = 1.0;
        survives(points().map(|_| {
            x = if x > 1e12 { 1.0 } else { x * factor + 1.0 };
            x
        }));
    }
    let mut x = 1.0;
    survives(points().map(|_| {
        x *= 1.7; // to 1e276, without a reset
        x
    }));
}

#[test]
fn linear_growth_is_survived() {
    survives(points().map(|i| 3.0 * i as f64));
    survives(points().map(|i| 1e9 - 1e6 * i as f64));
    let mut noise = Noise::new(1, 0);
    survives(points().map(|i| 0.5 * i as f64 + noise.normal()));
}

#[test]
fn a_constant_that_jumps_is_survived() {
    for (from, to) in [
        (0.0, 1.0),
        (5.0, 1e12),
        (1e12, 5.0),
        (1e-9, 1e30),
        (-1.0, 1.0),
    ] {
        survives(points().map(|i| if i < 500 { from } else { to }));
        let noisy = |i: usize| if i < 500 { from } else { to } + 1e-3 * (i * i % 7) as f64;
        survives(points().map(noisy));
    }
}

#[test]
fn nothing_but_zeros_is_survived() {
    survives(points().map(|_| 0.0));
    survives(points().map(|i| if i % 97 == 60 { 100.0 } else { 0.0 }));
    survives(points().map(|i| if i == 700 { 1e-12 } else { 0.0 }));
}

#[test]
fn alternating_signs_are_survived() {
    let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
    survives(points().map(sign));
    survives(points().map(|i| sign(i) * (i + 1) as f64));
    survives(points().map(|i| sign(i) * 1.3_f64.powi(i as i32)));
}

#[test]
fn the_ends_of_the_number_range_are_survived() {
    let ends = [1e300, 1e-300, -1e300, 5e-324, 0.0, 1e154, -1e-154, 1.7e308];
    survives(points().map(|i| ends[i * i % ends.len()]));
    survives(points().map(|i| ends[i / 100 % ends.len()]));
    survives(points().map(|i| ends[i / 9 % ends.len()] / (1 + i % 3) as f64));
    let mut noise = Noise::new(2, 0);
    survives(points().map(|_| 1e300 * (1.0 + 0.1 * noise.normal())));
    survives(points().map(|_| 1e-300 * noise.normal().abs()));
}

#[test]
fn negative_values_after_positive_ones_are_survived() {
    let mut noise = Noise::new(3, 0);
    survives(points().map(|i| noise.normal().exp() - if i < 400 { 0.0 } else { 1.0 }));
    let mut noise = Noise::new(4, 0);
    survives(points().map(|i| {
        // First a zero, which shifts the logarithms, then a value that is only just negative.
        let special = [(300, 0.0), (500, -1e-6), (700, -0.1), (900, -50.0)];
        let special = special.iter().find(|(at, _)| *at == i);
        special.map_or(noise.poisson(2.0), |&(_, y)| y)
    }));
}

#[test]
fn zero_at_night_is_survived() {
    for height in [1.0, 8.0, 1e9] {
        let mut noise = Noise::new(5, 0);
        survives(points().map(|i| {
            let day = (std::f64::consts::TAU * i as f64 / 24.0).sin();
            (height * day).max(0.0) * (1.0 + 0.2 * noise.normal()).max(0.0)
        }));
    }
}

#[test]
fn counters_with_resets_are_survived() {
    let mut noise = Noise::new(6, 0);
    let increments: Vec<f64> = points().map(|_| noise.poisson(20.0)).collect();
    let mut total = 0.0;
    survives(increments.iter().enumerate().map(|(i, x)| {
        total = if i % 450 == 449 { 0.0 } else { total + x };
        total
    }));
    for kind in [Kind::Auto, Kind::Ets, Kind::Naive] {
        let mut setup = plain();
        setup.sum = Sum::Increments;
        setup.spec.kind = kind;
        for scale in [1.0, 1e12, 1e-12] {
            let values: Vec<f64> = increments.iter().map(|x| scale * x).collect();
            assert_eq!(fault(&setup, &values, 7, STEPS), None);
        }
    }
}

#[test]
fn huge_spikes_are_survived() {
    for size in [1e3, 1e6, 1e12, 1.8446744073709552e19, 1e30, 1e300] {
        let mut noise = Noise::new(7, 0);
        survives(points().map(|i| {
            let spike = if i % 311 == 310 { size } else { 0.0 };
            20.0 + noise.normal() + spike
        }));
    }
}

/// What was never negative is not forecast to be, also beyond the steps that are judged.
#[test]
fn what_never_was_negative_is_not_forecast_to_be_far_ahead() {
    let mut setup = auto(5 * MINUTE);
    setup.horizon = 600;
    let mut noise = Noise::new(8, 0);
    let values = (0..12 * 288).map(|i| {
        let day = (std::f64::consts::TAU * i as f64 / 288.0).sin();
        (8.0 * day).max(0.0) * (1.0 + 0.3 * noise.normal()).max(0.0)
    });
    let values: Vec<f64> = values.collect();
    let mut run = Run::new(&setup);
    let mut seen = Seen::new();
    let mut has_season = false;
    for (i, &y) in values.iter().enumerate() {
        run.learn(y);
        seen.note(y);
        has_season = run.seasons() == [24 * 60 * MINUTE];
        if i % 29 > 0 {
            continue;
        }
        for (ahead, &forecast) in (1..).zip(run.ahead(600)) {
            let fault = seen.fault(forecast, true, 0.5);
            assert_eq!(fault, None, "after {i}, {ahead} ahead: {forecast:?}");
        }
    }
    assert!(has_season, "the far part is that of the coarse grid");
}

/// Pieces of streams, one after another.
fn wild_stream() -> impl Strategy<Value = Vec<f64>> {
    let scale = prop_oneof![
        3 => Just(1.0_f64),
        1 => (-300.0_f64..300.0).prop_map(|e| 10_f64.powf(e)),
        2 => (-9.0_f64..12.0).prop_map(|e| 10_f64.powf(e)),
    ];
    let piece = (scale, -3.0_f64..3.0, 0_u8..7, 1_usize..80, any::<u32>()).prop_map(
        |(scale, level, kind, count, seed)| {
            let mut noise = Noise::new(seed.into(), 0);
            let mut x = level;
            let value = move |i: usize| {
                x = match kind {
                    0 => level,
                    1 => level + noise.normal(),
                    2 => x + noise.normal(),
                    3 => level * i as f64,
                    4 => x * 1.1,
                    5 => -x,
                    _ => noise.poisson(2.0),
                };
                (x * scale).clamp(-f64::MAX, f64::MAX)
            };
            (0..count).map(value).collect::<Vec<f64>>()
        },
    );
    proptest::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(200))]

    /// For all streams, kinds, cadences, holes and phases, then every forecast is one.
    #[test]
    fn no_stream_makes_a_forecast_that_is_none(
        values in wild_stream(),
        kind in proptest::sample::select(vec![Kind::Auto, Kind::Auto, Kind::Ets, Kind::Naive]),
        step_ns in proptest::sample::select(vec![1_i64, 1_000_000_000, 300_000_000_000, 3_600_000_000_000, 86_400_000_000_000, 31_557_600_000_000_000]),
        missing in 0_usize..9,
        phase in any::<u32>(),
        steps in prop_oneof![Just(1_u32), Just(40), Just(300)],
        is_sum in any::<bool>(),
    ) {
        let mut setup = auto(step_ns);
        setup.spec.kind = kind;
        setup.phase = phase;
        setup.horizon = steps;
        setup.sum = if is_sum { Sum::Increments } else { Sum::Value };
        // A counter's increments are not negative, and their sum must fit into a number.
        let of = |y: &f64| if is_sum { (y / 1e4).abs() } else { *y };
        let values: Vec<f64> = values.iter().map(of).collect();
        let fault = fault(&setup, &values, missing, steps);
        prop_assert!(fault.is_none(), "{}", fault.unwrap_or_default());
    }
}

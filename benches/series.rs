//! One series: observing a point, issuing a forecast, fitting a window, writing a verdict.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use brewcast::config;
use brewcast::filter::Options;
use brewcast::line::key;
use brewcast::model::ets::{Ets, EtsSetup};
use brewcast::model::fit::{self, Shape};
use brewcast::model::initial;
use brewcast::model::interval::Sum;
use brewcast::model::{Steps, Trend};
use brewcast::output::{Names, anomaly};
use brewcast::precision::Precision;
use brewcast::series::{Series, Step};
use criterion::{Criterion, criterion_group, criterion_main};

const SECOND: i64 = 1_000_000_000;

/// A walk in steps of 0.1 that mostly stands still.
fn values() -> impl Iterator<Item = f64> {
    let mut random = 7_u64;
    let mut tenths = 200_i32;
    std::iter::repeat_with(move || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tenths += [0, 0, 0, 0, 0, 0, 1, -1][(random >> 61) as usize];
        f64::from(tenths) / 10.0
    })
}

fn options() -> Options {
    config::load(None, &[]).options("bench", Precision::Ns, false)
}

fn warm() -> (Series, impl Iterator<Item = f64>, i64) {
    let options = options();
    let mut series = Series::new(0, 0);
    let mut values = values();
    for i in 0..2_000 {
        let _ = series.observe(
            i * SECOND,
            values.next().unwrap(),
            &options.policies.rest().rules,
        );
    }
    (series, values, 2_000 * SECOND)
}

fn observe(c: &mut Criterion) {
    let options = options();
    let (mut series, mut values, mut time) = warm();
    c.bench_function("observe one point, fits included", |b| {
        b.iter(|| {
            time += SECOND;
            series.observe(time, values.next().unwrap(), &options.policies.rest().rules)
        });
    });
    let mut ahead = Vec::new();
    c.bench_function("issue a forecast of 8 points over 40 steps", |b| {
        b.iter(|| series.issue(&options.policies.rest().rules, black_box(&mut ahead)));
    });
}

fn fit_a_window(c: &mut Criterion) {
    let window: Vec<f64> = values().take(120).collect();
    c.bench_function("start values of 120 points", |b| {
        b.iter(|| initial::start(black_box(&window), 0.9));
    });
    let start = initial::start(&window, 0.9);
    for shape in [Shape::Level, Shape::Damped] {
        c.bench_function(&format!("fit 120 points, {shape:?}"), |b| {
            b.iter(|| fit::fit(black_box(&window), start, shape, shape.usual([0; 2])));
        });
    }
}

fn smooth(c: &mut Criterion) {
    for seasons in [[0, 0], [24, 0], [24, 168]] {
        let mut ets = Ets::new(EtsSetup {
            trend: Trend::Auto,
            seasons,
            window: 120,
            sum: Sum::Value,
        });
        let mut values = values();
        (0..2_000).for_each(|_| ets.learn(values.next().unwrap()));
        c.bench_function(&format!("smooth a value, seasons {seasons:?}"), |b| {
            b.iter(|| {
                ets.learn(values.next().unwrap());
                black_box(ets.next())
            });
        });
        let mut out = Vec::new();
        c.bench_function(&format!("forecast 40 steps, seasons {seasons:?}"), |b| {
            b.iter(|| ets.forecast(Steps::up_to(40), 1.96, black_box(&mut out)));
        });
    }
}

fn emit(c: &mut Criterion) {
    let options = options();
    let (mut series, mut values, time) = warm();
    let step = series.observe(
        time,
        values.next().unwrap() + 0.1,
        &options.policies.rest().rules,
    );
    let Step::Judged { verdict, .. } = step else {
        panic!("it is judged")
    };
    let (names, _) = Names::new(&key::parse(b"temperature,brew=haze_v5,host=h1").unwrap());
    let mut out = Vec::new();
    c.bench_function("write a verdict", |b| {
        b.iter(|| {
            out.clear();
            anomaly::write(
                &mut out,
                &options.output,
                &names,
                b"temperature",
                time,
                &verdict,
                SECOND,
            )
        });
    });
}

criterion_group!(benches, observe, fit_a_window, smooth, emit);
criterion_main!(benches);

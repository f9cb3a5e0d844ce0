//! What is kept of a series is all of it: it goes on as if nothing had been.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

#[allow(dead_code, reason = "other tests ask for more of it")]
#[path = "reference/simulated.rs"]
mod simulated;

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::series::{Rules, Series, Step};
use brewcast::state::kept::{Kept, Live};
use brewcast::state::series::SeriesV1;
use simulated::Noise;

const START: i64 = 1_704_067_200_000_000_000;

fn rules(overrides: &[(&'static str, &str)]) -> Rules {
    let overrides: Vec<_> = overrides
        .iter()
        .map(|&(key, value)| (key, value.to_owned()))
        .collect();
    let settings = config::load(None, &overrides);
    assert!(settings.faults.is_empty(), "{:?}", settings.faults);
    let options = settings.options("host", Precision::Ns, false);
    options.policies.rest().rules.clone()
}

/// The value of a minute: a day, noise, spikes now and then, a shift, a counter.
fn value(kind: usize, i: i64, noise: &mut Noise) -> f64 {
    let day = (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
    match kind {
        0 => 20.0 + noise.normal() + if i % 500 == 499 { 15.0 } else { 0.0 },
        1 => 100.0 + 30.0 * day + noise.normal() + if i > 4_000 { 25.0 } else { 0.0 },
        2 => 3.0 * i as f64 + noise.normal().abs(),
        3 => (10.0 * (20.0 + 0.05 * noise.normal())).round() / 10.0,
        _ => (2.0 + 0.2 * day + 0.1 * noise.normal()).exp(),
    }
}

fn said(series: &mut Series, time: i64, y: f64, rules: &Rules) -> String {
    let step = series.observe(time, y, rules);
    let mut ahead = Vec::new();
    if series.issue_is_due() {
        series.issue(rules, &mut ahead);
    }
    let is_judged = matches!(step, Step::Judged { .. });
    format!("{is_judged} {step:?} {ahead:?}")
}

fn kept_and_back(series: &mut Series) -> Series {
    series.catch_up();
    let series = &*series;
    let bytes = postcard::to_stdvec(&series.keep()).unwrap();
    let live = postcard::to_stdvec(&Live(series)).unwrap();
    assert_eq!(live, bytes, "what is written is the record");
    let record: SeriesV1 = postcard::from_bytes(&bytes).unwrap();
    Series::restore(record).unwrap()
}

fn goes_on(rules: &Rules, cadence: i64, points: i64) {
    for kind in 0..5 {
        for cut in [3, 20, 29, 31, 100, 777, 3_333, 6_000] {
            if cut >= points {
                continue;
            }
            let mut noise = Noise::new(7);
            let mut series = Series::new(START, 12_345);
            let mut copy = None;
            for i in 0..points {
                let time = START + i * cadence;
                let y = value(kind, i, &mut noise);
                let own = said(&mut series, time, y, rules);
                if let Some(copy) = &mut copy {
                    let other = said(copy, time, y, rules);
                    assert_eq!(own, other, "kind {kind}, cut {cut}, point {i}");
                }
                if i == cut {
                    copy = Some(kept_and_back(&mut series));
                }
            }
        }
    }
}

#[test]
fn a_series_that_was_kept_goes_on_bit_for_bit() {
    goes_on(&rules(&[]), 60_000_000_000, 7_000);
}

#[test]
fn so_does_one_of_five_minutes_with_a_day_and_a_week() {
    goes_on(&rules(&[]), 300_000_000_000, 5_000);
}

#[test]
fn so_does_exponential_smoothing() {
    let rules = rules(&[("model.forecaster", "ets"), ("model.season", "1h")]);
    goes_on(&rules, 60_000_000_000, 1_000);
}

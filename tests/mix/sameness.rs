//! The same stream gives the same forecasts, and the phase of a series is its own affair.
//!
//! Promises bit-equal forecasts from equal streams, whatever else goes on, and that phases move work about
//! without making forecasts better or worse.

use brewcast::model::forecaster::Kind;

use crate::generators;
use crate::runs::{HOUR, MINUTE, Run, auto, plain};

fn bits(path: &[[f64; 3]]) -> Vec<u64> {
    path.iter()
        .flatten()
        .map(|number| number.to_bits())
        .collect()
}

/// For all laws and kinds, then the same stream twice gives forecasts that are equal to the bit, between
/// the points of the other one and from a copy as from the original; asking for forecasts changes nothing.
#[test]
fn the_same_stream_gives_the_same_forecasts_to_the_bit() {
    for law in generators::all() {
        let values = law.series(700, 5, 0);
        for kind in [Kind::Auto, Kind::Ets, Kind::Naive] {
            for step_ns in [HOUR, 5 * MINUTE] {
                let mut setup = auto(step_ns);
                setup.spec.kind = kind;
                let (mut one, mut other) = (Run::new(&setup), Run::new(&setup));
                for (i, &y) in values.iter().enumerate() {
                    if i % 50 == 49 {
                        one.pass(2);
                        other.pass(2);
                    }
                    one.learn(y);
                    other.learn(y);
                    if i % 90 == 0 {
                        one.ahead(7);
                        other = other.clone();
                    }
                }
                assert_eq!(
                    bits(one.ahead(200)),
                    bits(other.ahead(200)),
                    "{} {kind:?}",
                    law.name
                );
            }
        }
    }
}

/// For all phases, then the last value's forecast is the same, and the mix is as good to 4 % on average.
#[test]
fn a_phase_only_moves_work_about() {
    println!("mean error 1 to 24 ahead by phase, over the mean of all");
    for name in ["day, snr 2", "AR .9", "random walk"] {
        let law = generators::named(name).unwrap();
        let mut errors = Vec::new();
        for phase in [0, 1, 5, 11, 22, 1_000_003] {
            let mut sum = 0.0;
            for replication in 0..6 {
                let values = law.series(1_200, 6, replication);
                let mut setup = auto(HOUR);
                setup.phase = phase;
                let mut run = Run::new(&setup);
                let mut naive = plain();
                naive.spec.kind = Kind::Naive;
                naive.phase = phase;
                let mut last = Run::new(&naive);
                for (t, &y) in values.iter().enumerate() {
                    run.learn(y);
                    last.learn(y);
                    if t > 300 && t + 24 < values.len() && t % 7 == 0 {
                        let path = run.ahead(24).iter().zip(&values[t + 1..]);
                        sum += path.map(|([yhat, ..], y)| (yhat - y).abs()).sum::<f64>();
                        let off = last.ahead(24).iter().map(|[yhat, ..]| (yhat - y).abs());
                        assert!(off.fold(0.0, f64::max) < 1e-4 * (1.0 + y.abs()));
                    }
                }
            }
            errors.push(sum);
        }
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        errors.iter_mut().for_each(|error| *error /= mean);
        println!("{name:<14} {errors:.3?}");
        assert!(
            errors.iter().all(|error| (0.96..1.04).contains(error)),
            "{name}: {errors:?}"
        );
    }
}

//! The scores of forecasts against published figures: those of the naive forecasts on half of the M4
//! competition's Hourly and Weekly series.
//!
//! The series are not part of the project: they are read from the folder that `BREWCAST_BENCH` names, else
//! from `../shared/bench/data`, and without either the test says so and skips. The figures are those of
//! the benchmark's own tool, made independently of this code.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "the study reads more of it")]
#[path = "../examples/forecast_study/data.rs"]
mod data;
#[allow(dead_code, reason = "the study shows more of it")]
#[path = "../examples/forecast_study/m4.rs"]
mod m4;
#[allow(dead_code, reason = "the study asks for more of it")]
#[path = "../examples/forecast_study/stream.rs"]
mod stream;
#[allow(dead_code)]
#[path = "../examples/forecast_study/table.rs"]
mod table;

use std::io::Write;

use brewcast::tools::score::{self, Accuracy};
use data::{Frequency, M4};
use stream::Contestant;

/// Of one naive forecast: sMAPE, MASE, OWA, MSIS and coverage of its interval.
struct Published {
    season_length: usize,
    smape: f64,
    mase: f64,
    owa: f64,
    msis: f64,
    coverage: f64,
}

const HOURLY: [Published; 2] = [
    Published {
        season_length: 1,
        smape: 43.097,
        mase: 11.947,
        owa: 3.639,
        msis: 74.05,
        coverage: 0.939,
    },
    Published {
        season_length: 24,
        smape: 13.979,
        mase: 1.233,
        owa: 0.637,
        msis: 9.29,
        coverage: 0.956,
    },
];
const WEEKLY: [Published; 1] = [Published {
    season_length: 1,
    smape: 9.537,
    mase: 2.915,
    owa: 1.000,
    msis: 30.40,
    coverage: 0.944,
}];

fn load(frequency: Frequency) -> Option<M4> {
    let set = M4::load(frequency).unwrap();
    if set.is_none() {
        let why = "SKIPPED: no M4 series: BREWCAST_BENCH is not set and ../shared is not there";
        writeln!(std::io::stderr().lock(), "{why}").unwrap(); // past the capture of the test runner
    }
    set
}

fn assert_digits(what: &str, found: f64, published: f64, digits: i32) {
    let half_a_digit = 0.5 * 10.0_f64.powi(-digits) * (1.0 + 1e-9);
    assert!(
        (found - published).abs() <= half_a_digit,
        "{what}: {found} where {published} is published"
    );
}

/// For the last value and the seasonal naive, every score is the published one to its last digit.
#[test]
fn the_scores_of_the_naive_forecasts_are_the_published_ones() {
    for (frequency, count, published) in [
        (Frequency::Hourly, 207, &HOURLY[..]),
        (Frequency::Weekly, 180, &WEEKLY),
    ] {
        let Some(set) = load(frequency) else { return };
        assert_eq!(set.series.len(), count);
        for published in published {
            let name = format!("{} naive {}", set.name, published.season_length);
            let contestant = Contestant::naive(name.clone(), published.season_length);
            let origin = m4::run(&set, &contestant, 0).last;
            let (accuracy, intervals) = (origin.accuracy, origin.intervals);
            for (what, found, published, digits) in [
                ("sMAPE", accuracy.smape(), published.smape, 3),
                ("MASE", accuracy.mase(), published.mase, 3),
                ("OWA", origin.owa(), published.owa, 3),
                ("MSIS", intervals.msis(), published.msis, 2),
                (
                    "coverage",
                    intervals.realised_coverage(),
                    published.coverage,
                    3,
                ),
            ] {
                assert_digits(&format!("{name} {what}"), found, published, digits);
            }
        }
    }
}

/// The OWA of Naive2 is 1 by definition, and its season makes it something else than the last value on
/// hourly data, which are all but a few seasonal, and nothing else on weekly data.
#[test]
fn naive2_has_an_average_of_1() {
    for (frequency, seasonal) in [(Frequency::Hourly, 200..=207), (Frequency::Weekly, 0..=0)] {
        let Some(set) = load(frequency) else { return };
        let mut naive2 = Accuracy::default();
        let mut differ = 0;
        for series in &set.series {
            let forecast = score::naive2(&series.training, set.season_length, set.horizon);
            let last = score::seasonal_naive(&series.training, 1, set.horizon);
            differ += usize::from(forecast != last);
            let scale = score::mase_scale(&series.training, set.season_length);
            naive2.add(&series.test, &forecast, scale);
        }
        assert!((naive2.owa(&naive2) - 1.0).abs() < 1e-12);
        assert!(seasonal.contains(&differ), "{}: {differ}", set.name);
    }
}

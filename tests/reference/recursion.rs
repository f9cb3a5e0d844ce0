//! Recursion, forecasts and variances against statsmodels.
//!
//! Figures: `tests/data/reference/statsmodels_ets.json`, made by the script beside it, which says
//! how. Promises agreement to 1e-9 for fixed parameters from fixed states; fits are not compared.

use brewcast::model::ets::{Params, State};
use brewcast::model::interval::{self, Sum};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    series: String,
    values: Vec<f64>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    model: String,
    alpha: f64,
    beta: f64,
    phi: f64,
    initial_level: f64,
    initial_trend: f64,
    fitted: Vec<f64>,
    final_level: f64,
    final_trend: f64,
    forecasts: Vec<f64>,
    variances: Vec<f64>,
}

/// Relative to the figure itself, whatever its size.
fn agrees(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs()
}

/// For all series and models of the file, every figure agrees with that of statsmodels.
#[test]
fn recursion_forecasts_and_variances_are_those_of_statsmodels() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../data/reference/statsmodels_ets.json")).unwrap();
    assert_eq!(cases.len(), 4);
    for case in &cases {
        assert_eq!(case.runs.len(), 6);
        for run in &case.runs {
            compare(
                &format!("{}, {}", case.series, run.model),
                &case.values,
                run,
            );
        }
    }
}

fn compare(name: &str, values: &[f64], run: &Run) {
    let params = Params {
        alpha: run.alpha,
        beta: run.beta,
        phi: run.phi,
        gamma: [0.0; 2],
    };
    let mut state = State {
        level: run.initial_level,
        trend: run.initial_trend,
    };
    assert_eq!(values.len(), run.fitted.len());
    for (t, (&y, &fitted)) in values.iter().zip(&run.fitted).enumerate() {
        let ours = state.one_step(&params);
        assert!(agrees(ours, fitted), "{name}, fitted {t}: {ours} {fitted}");
        state.update(&params, y - ours);
    }
    assert!(agrees(state.level, run.final_level), "{name}: {state:?}");
    assert!(agrees(state.trend, run.final_trend), "{name}: {state:?}");
    assert_eq!(run.forecasts.len(), 12);
    assert_eq!(run.variances.len(), 12);
    for (h, &theirs) in (1..).zip(&run.forecasts) {
        let ours = state.ahead(&params, h);
        assert!(agrees(ours, theirs), "{name}, {h} ahead: {ours} {theirs}");
    }
    let widths = interval::widths(params, [0; 2], Sum::Value);
    for (h, (width, &theirs)) in (1..).zip(widths.zip(&run.variances)) {
        let ours = width * width;
        assert!(
            agrees(ours, theirs),
            "{name}, variance {h}: {ours} {theirs}"
        );
        assert_eq!(width, interval::width(params, [0; 2], Sum::Value, h));
    }
}

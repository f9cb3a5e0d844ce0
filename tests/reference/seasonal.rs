//! The seasonal models against statsmodels, R's forecast, and the matrices of the state space form.
//!
//! Figures: `tests/data/reference/*_seasonal.json` and `seasonal_fits.json`, made by `seasonal_ets.py`
//! beside them, which says how. Promises agreement to 1e-9 for fixed parameters from fixed states, and
//! fits whose errors are near those of a full maximum likelihood fit.

use brewcast::model::ets::{Params, Season, Seasonal, State, start};
use brewcast::model::fit::{self, Shape};
use brewcast::model::interval::{self, Sum};
use nalgebra::{DMatrix, DVector};
use serde::Deserialize;

use crate::simulated::{Noise, mean, quantile};

#[derive(Deserialize)]
struct Case {
    series: String,
    season: usize,
    logarithms: bool,
    values: Vec<f64>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    model: String,
    alpha: f64,
    beta: f64,
    phi: f64,
    gamma: f64,
    initial_level: f64,
    initial_trend: f64,
    initial_slots: Vec<f64>,
    fitted: Vec<f64>,
    final_level: f64,
    final_trend: f64,
    final_slots: Vec<f64>,
    forecasts: Vec<f64>,
    variances: Vec<f64>,
}

/// To 1e-9 of the figure or of the level around it.
fn agrees(ours: f64, theirs: f64, level: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs().max(level.abs())
}

/// For all series and models, every figure agrees with that of statsmodels.
#[test]
fn seasonal_recursion_forecasts_and_variances_are_those_of_statsmodels() {
    let text = include_str!("../data/reference/statsmodels_seasonal.json");
    assert_eq!(compare_all(text), [24, 24 * 30]);
}

/// For all runs that R's forecast gives, every figure agrees with it.
#[test]
fn seasonal_recursion_forecasts_and_variances_are_those_of_r() {
    let text = include_str!("../data/reference/r_seasonal.json");
    assert_eq!(compare_all(text), [19, 11 * 30]);
}

/// How many runs and variances were compared.
fn compare_all(text: &str) -> [usize; 2] {
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    let mut compared = [0; 2];
    for case in &cases {
        let take = |y: &f64| if case.logarithms { y.ln() } else { *y };
        let values: Vec<f64> = case.values.iter().map(take).collect();
        for run in &case.runs {
            let name = format!("{}, {} {}", case.series, run.model, run.alpha);
            compare(&name, &values, case.season, run);
            compared[0] += 1;
            compared[1] += run.variances.len();
        }
    }
    compared
}

fn compare(name: &str, values: &[f64], season: usize, run: &Run) {
    let params = Params {
        alpha: run.alpha,
        beta: run.beta,
        phi: run.phi,
        gamma: [run.gamma, 0.0],
    };
    let mut state = Seasonal {
        line: State {
            level: run.initial_level,
            trend: run.initial_trend,
        },
        seasons: [Season::new(run.initial_slots.clone()), Season::default()],
    };
    assert_eq!(state.lengths(), [season, 0]);
    assert_eq!(values.len(), run.fitted.len());
    for (t, (&y, &fitted)) in values.iter().zip(&run.fitted).enumerate() {
        let ours = state.one_step(&params);
        assert!(
            agrees(ours, fitted, y),
            "{name}, fitted {t}: {ours} {fitted}"
        );
        state.update(&params, y - ours);
    }
    let level = run.final_level;
    assert!(agrees(state.line.level, level, level), "{name}: {state:?}");
    assert!(
        agrees(state.line.trend, run.final_trend, level),
        "{name}: {state:?}"
    );
    for (slot, &theirs) in state.seasons[0].slots().zip(&run.final_slots) {
        assert!(agrees(slot, theirs, level), "{name}: {slot} {theirs}");
    }
    assert_eq!(run.forecasts.len(), 30);
    for (h, &theirs) in (1..).zip(&run.forecasts) {
        let ours = state.ahead(&params, h);
        assert!(
            agrees(ours, theirs, level),
            "{name}, {h} ahead: {ours} {theirs}"
        );
    }
    let widths = interval::widths(params, [season, 0], Sum::Value);
    for (h, (width, &theirs)) in (1..).zip(widths.zip(&run.variances)) {
        let ours = width * width;
        assert!(
            agrees(ours, theirs, 0.0),
            "{name}, variance {h}: {ours} {theirs}"
        );
    }
}

/// The linear state space form `x_t = F x_(t-1) + g e_t`, `y_t = w'x_(t-1) + e_t` of level, trend and
/// two seasons (Hyndman et al. 2008, section 3.1), each season a vector that turns.
struct Matrices {
    w: DVector<f64>,
    f: DMatrix<f64>,
    g: DVector<f64>,
}

fn matrices(params: &Params, lengths: [usize; 2]) -> Matrices {
    let size = 2 + lengths[0] + lengths[1];
    let (mut w, mut g) = (DVector::zeros(size), DVector::zeros(size));
    let mut f = DMatrix::zeros(size, size);
    (w[0], w[1]) = (1.0, params.phi);
    (g[0], g[1]) = (params.alpha, params.beta);
    (f[(0, 0)], f[(0, 1)], f[(1, 1)]) = (1.0, params.phi, params.phi);
    let mut first = 2;
    for (length, gamma) in lengths.into_iter().zip(params.gamma) {
        w[first] = 1.0; // the slot of the next step
        let last = first + length - 1;
        g[last] = gamma;
        f[(last, first)] = 1.0;
        for i in first..last {
            f[(i, i + 1)] = 1.0;
        }
        first += length;
    }
    Matrices { w, f, g }
}

/// For all parameters and states, two seasons are the linear state space model: innovations, forecasts
/// and the variance of values and of sums of increments.
#[test]
fn two_seasons_are_the_state_space_form() {
    for seed in 0..20 {
        let mut noise = Noise::new(seed);
        let lengths = [[3, 7], [4, 12], [2, 5], [6, 6]][seed as usize % 4];
        let alpha = noise.between(0.01, 0.8);
        let params = Params {
            alpha,
            beta: alpha * noise.between(0.0, 0.5),
            phi: noise.between(0.8, 1.0),
            gamma: [(); 2].map(|()| 0.5 * (1.0 - alpha) * noise.uniform()),
        };
        let mut state = Seasonal {
            line: State {
                level: 20.0,
                trend: noise.normal(),
            },
            seasons: lengths.map(|m| Season::new((0..m).map(|_| noise.normal()).collect())),
        };
        let Matrices { w, f, g } = matrices(&params, lengths);
        let slots = state.seasons.iter().flat_map(|season| season.slots());
        let line = [state.line.level, state.line.trend];
        let mut x = DVector::from_iterator(w.len(), line.into_iter().chain(slots));
        for _ in 0..50 {
            let y = 20.0 + 3.0 * noise.normal();
            let ours = state.one_step(&params);
            let theirs = w.dot(&x);
            assert!(agrees(ours, theirs, 20.0), "{seed}: {ours} {theirs}");
            state.update(&params, y - ours);
            x = &f * &x + &g * (y - theirs);
        }
        let (mut response, mut total) = (g.clone(), 1.0);
        let (mut variances, mut squares) = ([0.0, 0.0], [1.0, 1.0]);
        let widths = [Sum::Value, Sum::Increments];
        let mut widths = widths.map(|sum| interval::widths(params, lengths, sum));
        for h in 1..=40 {
            let (ours, theirs) = (state.ahead(&params, h), w.dot(&x));
            assert!(agrees(ours, theirs, 20.0), "{seed}, {h}: {ours} {theirs}");
            x = &f * &x;
            for i in 0..2 {
                variances[i] += squares[i];
                let ours = widths[i].next().unwrap().powi(2);
                assert!(agrees(ours, variances[i], 0.0), "{seed}, {h}: {ours}");
            }
            let moved = w.dot(&response);
            total += moved;
            squares = [moved * moved, total * total];
            response = &f * &response;
        }
    }
}

#[derive(Deserialize)]
struct Fit {
    values: Vec<f64>,
    fitted: usize,
    season: usize,
    damped: bool,
    statsmodels: f64,
    forecast: f64,
}

/// For all simulated series, what follows the fitted points is forecast one step ahead about as well as by the
/// full fits of statsmodels and R, which search the start values too and by one-step errors alone.
#[test]
fn seasonal_fits_are_nearly_as_good_as_full_ones() {
    let text = include_str!("../data/reference/seasonal_fits.json");
    let cases: Vec<Fit> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 6);
    let mut ratios = Vec::new();
    println!("season  damped   ours  statsmodels  forecast");
    for case in &cases {
        let lengths = [case.season, 0];
        let shape = if case.damped {
            Shape::Damped
        } else {
            Shape::Level
        };
        let usual = shape.usual(lengths);
        let damping = case.damped.then_some(usual.phi);
        let window = &case.values[..case.fitted];
        let mut state = start::start(window, lengths, damping);
        let params = fit::fit(window, state.clone(), shape, usual);
        let errors = case.values.iter().map(|y| {
            let innovation = y - state.one_step(&params);
            state.update(&params, innovation);
            innovation.abs()
        });
        let errors: Vec<f64> = errors.collect();
        let ours = mean(&errors[case.fitted..]);
        println!(
            "{:>6} {:>7} {ours:>6.4} {:>12.4} {:>9.4}  {params:?}",
            case.season, case.damped, case.statsmodels, case.forecast
        );
        ratios.push(ours / case.statsmodels.min(case.forecast));
    }
    let [half, all] = [0.5, 1.0].map(|share| quantile(&ratios, share));
    assert!(half <= 1.01 && all <= 1.05, "{ratios:?}");
}

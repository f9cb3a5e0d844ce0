//! Forecasts of two known methods to be measured against: `AutoETS` and MSTL of the crate augurs.
//!
//! Both are fitted anew to the newest values of a grid. They are taken as they are, with guards
//! around what augurs 0.10.3 is known to stumble over: nothing is fitted to few values, MSTL (which works in
//! 32 bits) gets its values centred, only point forecasts are asked for, a panic and a forecast that
//! is not finite count as failures.

use std::cell::Cell;
use std::panic::catch_unwind;

use augurs::ets::AutoETS;
use augurs::mstl::MSTLModel;
use augurs::{Fit, Predict};

/// Values that `AutoETS` is fitted to: four times what the usual window of exponential smoothing has, and
/// some 6 ms of work.
pub const ETS_WINDOW: usize = 500;
/// Most values that MSTL is fitted to: three days at a minute.
pub const MSTL_WINDOW: usize = 4_320;
/// Periods of the longest season in the window of MSTL, where there are as many.
const PERIODS: usize = 4;
/// Fewest periods that MSTL takes.
const PERIODS_MIN: usize = 2;
/// Fewest values that a trend can be told from.
const VALUES_MIN: usize = 12;

/// What became of a fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fitted {
    /// The path, as long as it was asked for, finite.
    Path(Vec<f64>),
    /// No model, no finite numbers, or a panic.
    Failed,
    /// There is nothing to fit: too few values, or no season.
    NotTried,
}

thread_local! {
    static IS_FITTING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a fit, where a panic is a measurement and nothing to report.
#[must_use]
pub fn is_fitting() -> bool {
    IS_FITTING.get()
}

/// `AutoETS` without a season, on the newest values.
pub(super) fn auto_ets(values: &[f64], horizon: u32) -> Fitted {
    if values.len() < VALUES_MIN {
        return Fitted::NotTried;
    }
    guarded(horizon, || {
        let fitted = AutoETS::non_seasonal().fit(values).ok()?;
        Some(fitted.predict(horizon as usize, None).ok()?.point)
    })
}

/// How many of the newest values MSTL wants for these seasons.
pub(super) fn mstl_window(seasons: &[usize]) -> usize {
    let longest = seasons.iter().max().copied().unwrap_or(0);
    longest
        .saturating_mul(PERIODS)
        .clamp(ETS_WINDOW, MSTL_WINDOW)
}

/// MSTL with those of these seasons (in steps) that fit into the values, and `AutoETS` for the trend.
pub(super) fn mstl(values: &[f64], seasons: &[usize], horizon: u32) -> Fitted {
    let fits = |m: &&usize| 2 <= **m && PERIODS_MIN * **m <= values.len();
    let mut seasons: Vec<usize> = seasons.iter().filter(fits).copied().collect();
    seasons.sort_unstable();
    seasons.dedup();
    if seasons.is_empty() || values.len() < VALUES_MIN {
        return Fitted::NotTried;
    }
    let centre = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|y| y - centre).collect();
    guarded(horizon, || {
        let trend = AutoETS::non_seasonal().into_trend_model();
        let fitted = MSTLModel::new(seasons, trend).fit(&centred).ok()?;
        let path = fitted.predict(horizon as usize, None).ok()?.point;
        Some(path.into_iter().map(|y| y + centre).collect())
    })
}

/// Runs a fit that may panic or give nonsense.
fn guarded(
    horizon: u32,
    fit: impl FnOnce() -> Option<Vec<f64>> + std::panic::UnwindSafe,
) -> Fitted {
    let before = IS_FITTING.replace(true);
    let path = catch_unwind(fit);
    IS_FITTING.set(before);
    match path {
        Ok(Some(path)) if path.len() == horizon as usize && path.iter().all(|y| y.is_finite()) => {
            Fitted::Path(path)
        }
        _ => Fitted::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_continued_by_mstl_also_at_a_high_level() {
        let wave = |i: usize| 1e9 + (i as f64 * std::f64::consts::TAU / 24.0).sin();
        let values: Vec<f64> = (0..240).map(wave).collect();
        let Fitted::Path(path) = mstl(&values, &[24], 48) else {
            panic!("no path")
        };
        for (k, y) in path.iter().enumerate() {
            assert!((y - wave(240 + k)).abs() < 0.1, "{k}: {y}");
        }
    }

    #[test]
    fn a_line_is_continued_by_auto_ets() {
        let values: Vec<f64> = (0..100).map(|i| 5.0 + f64::from(i)).collect();
        let Fitted::Path(path) = auto_ets(&values, 3) else {
            panic!("no path")
        };
        assert!((path[0] - 105.0).abs() < 0.5 && path.len() == 3, "{path:?}");
    }

    #[test]
    fn what_cannot_be_fitted_is_not_tried_or_has_failed_and_never_panics() {
        assert_eq!(auto_ets(&[], 4), Fitted::NotTried);
        assert_eq!(auto_ets(&[1.0; 11], 4), Fitted::NotTried);
        assert_eq!(auto_ets(&[f64::NAN; 50], 4), Fitted::Failed);
        assert_eq!(mstl(&[1.0; 50], &[], 4), Fitted::NotTried);
        assert_eq!(mstl(&[1.0; 50], &[26], 4), Fitted::NotTried);
        assert_eq!(mstl(&[f64::NAN; 50], &[12], 4), Fitted::Failed);
        assert_eq!(guarded(1, || panic!("inside")), Fitted::Failed);
        assert_eq!(guarded(2, || Some(vec![1.0])), Fitted::Failed);
        assert!(!is_fitting());
    }

    #[test]
    fn the_window_holds_four_of_the_longest_season_within_bounds() {
        assert_eq!(mstl_window(&[24, 168]), 672);
        assert_eq!(mstl_window(&[24]), ETS_WINDOW);
        assert_eq!(mstl_window(&[10_080, 60]), MSTL_WINDOW);
    }
}

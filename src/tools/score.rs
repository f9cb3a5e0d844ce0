//! How good forecasts were: errors, scaled errors, interval scores, and the naive forecasts beside
//! which they are put.
//!
//! The definitions are those of the M4 competition (Makridakis, Spiliotis & Assimakopoulos 2020,
//! "The M4 Competition: 100,000 time series and 61 forecasting methods", International Journal of
//! Forecasting 36), so that figures compare with published ones. `truth[k]` is what came and
//! `forecast[k]` what was said about step k + 1; both are as long as the horizon. A mean over no
//! points is NaN.

/// Mean absolute error, in the unit of the data.
#[must_use]
pub fn mean_absolute_error(truth: &[f64], forecast: &[f64]) -> f64 {
    mean(truth.iter().zip(forecast).map(|(y, f)| (y - f).abs()))
}

/// Root of the mean squared error, in the unit of the data.
#[must_use]
pub fn root_mean_square_error(truth: &[f64], forecast: &[f64]) -> f64 {
    let squares = truth.iter().zip(forecast).map(|(y, f)| (y - f) * (y - f));
    mean(squares).sqrt()
}

/// Symmetric mean absolute percentage error, 0 to 200: the mean of `200 |y - f| / (|y| + |f|)`.
///
/// A step where both are 0 counts as 0.
#[must_use]
pub fn smape(truth: &[f64], forecast: &[f64]) -> f64 {
    let share = |(y, f): (&f64, &f64)| {
        let size = y.abs() + f.abs();
        if size > 0.0 {
            200.0 * (y - f).abs() / size
        } else {
            0.0
        }
    };
    mean(truth.iter().zip(forecast).map(share))
}

/// What absolute errors are divided by in the MASE and interval scores in the MSIS: the mean
/// absolute difference of the training data to the value one season back (Hyndman & Koehler 2006).
///
/// `season_length` in steps, 1 without a season. 0 for constant data and for data that are not longer
/// than a season; nothing can be scaled by it then.
#[must_use]
pub fn mase_scale(training: &[f64], season_length: usize) -> f64 {
    if training.len() <= season_length {
        return 0.0;
    }
    let later = &training[season_length..];
    mean(later.iter().zip(training).map(|(y, past)| (y - past).abs()))
}

/// The score of one interval, in the unit of the data: its width, and for a point outside of it
/// `2 / (1 - coverage)` times the distance (Gneiting & Raftery 2007, section 6.2). Small is good.
#[must_use]
pub fn interval_score(y: f64, [lower, upper]: [f64; 2], coverage: f64) -> f64 {
    let outside = (lower - y).max(0.0) + (y - upper).max(0.0);
    upper - lower + 2.0 / (1.0 - coverage) * outside
}

/// The value one season back, `season_length` in steps; with less than a season of training data, the
/// last value, and without any, NaN.
#[must_use]
pub fn seasonal_naive(training: &[f64], season_length: usize, horizon: usize) -> Vec<f64> {
    let last = training.last().copied().unwrap_or(f64::NAN);
    if season_length <= 1 || training.len() < season_length {
        return vec![last; horizon];
    }
    let season = &training[training.len() - season_length..];
    (0..horizon).map(|k| season[k % season_length]).collect()
}

/// The benchmark of the M4 competition: the last value of the seasonally adjusted data, times the
/// seasonal index; without a significant season, the last value.
///
/// Indices are those of the classical multiplicative decomposition.
#[must_use]
pub fn naive2(training: &[f64], season_length: usize, horizon: usize) -> Vec<f64> {
    if !is_seasonal(training, season_length) {
        return seasonal_naive(training, 1, horizon);
    }
    let indices = seasonal_indices(training, season_length);
    let index = |position: usize| indices[position % season_length];
    let end = training.len();
    let adjusted = training[end - 1] / index(end - 1);
    (0..horizon).map(|k| adjusted * index(end + k)).collect()
}

/// Whether the autocorrelation at the lag of the season is significant at 90 %, by Bartlett's limit.
///
/// Autocorrelations are only looked at up to lag `10 log10(n)`, as R's `acf` does; longer seasons
/// are never significant.
fn is_seasonal(y: &[f64], season_length: usize) -> bool {
    let n = y.len() as f64;
    let last_lag = (10.0 * n.log10()).floor().min(n - 1.0);
    if season_length <= 1 || y.len() < 3 * season_length || last_lag < season_length as f64 {
        return false;
    }
    let center = mean(y.iter().copied());
    let departures: Vec<f64> = y.iter().map(|y| y - center).collect();
    let product = |lag: usize| -> f64 {
        let pairs = departures[lag..].iter().zip(&departures);
        pairs.map(|(a, b)| a * b).sum()
    };
    let variance = product(0);
    if variance <= 0.0 {
        return false;
    }
    let squares: f64 = (1..season_length)
        .map(|lag| (product(lag) / variance).powi(2))
        .sum();
    let limit = 1.645 * ((1.0 + 2.0 * squares) / n).sqrt();
    (product(season_length) / variance).abs() > limit
}

/// Seasonal indices with mean 1: the mean ratio, per position in the season, of the data to their
/// centred moving average over a season. Index 0 belongs to the first point.
fn seasonal_indices(y: &[f64], season_length: usize) -> Vec<f64> {
    let half = season_length / 2;
    let mut sums = vec![(0.0, 0.0); season_length];
    for at in half..y.len() - half {
        let around = &y[at - half..=at + half];
        let ends = (around[0] + around[2 * half]) / 2.0;
        let total: f64 = around.iter().sum();
        let total = if season_length.is_multiple_of(2) {
            total - ends
        } else {
            total
        };
        let average = total / season_length as f64;
        if average.abs() > 0.0 {
            let (sum, count) = &mut sums[at % season_length];
            *sum += y[at] / average;
            *count += 1.0;
        }
    }
    let means = sums
        .iter()
        .map(|&(sum, count)| if count > 0.0 { sum / count } else { 1.0 });
    let indices: Vec<f64> = means.collect();
    let center = mean(indices.iter().copied());
    indices.iter().map(|index| index / center).collect()
}

/// Means over many series of the errors of their forecasts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accuracy {
    smape: f64,
    series: f64,
    mase: f64,
    scaled: f64,
}

impl Accuracy {
    /// Takes in the forecast of one series; `scale` is its [`mase_scale`], and with a scale of 0 it
    /// does not count in the MASE.
    pub fn add(&mut self, truth: &[f64], forecast: &[f64], scale: f64) {
        self.smape += smape(truth, forecast);
        self.series += 1.0;
        if scale > 0.0 {
            self.mase += mean_absolute_error(truth, forecast) / scale;
            self.scaled += 1.0;
        }
    }

    /// Mean [`smape`].
    #[must_use]
    pub fn smape(&self) -> f64 {
        self.smape / self.series
    }

    /// Mean absolute scaled error.
    #[must_use]
    pub fn mase(&self) -> f64 {
        self.mase / self.scaled
    }

    /// Overall weighted average: the mean of sMAPE and MASE, each over that of [`naive2`] on the same
    /// series. 1 is as good as Naive2, 0 perfect.
    #[must_use]
    pub fn owa(&self, naive2: &Accuracy) -> f64 {
        (self.smape() / naive2.smape() + self.mase() / naive2.mase()) / 2.0
    }
}

/// Means over many series of how good their prediction intervals were.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    coverage: f64, // nominal, in (0, 1)
    score: f64,
    series: f64,
    inside: f64,
    points: f64,
}

impl Intervals {
    /// For intervals with this nominal `coverage`, in (0, 1).
    #[must_use]
    pub fn new(coverage: f64) -> Self {
        Self {
            coverage,
            score: 0.0,
            series: 0.0,
            inside: 0.0,
            points: 0.0,
        }
    }

    /// Takes in the intervals of one series, lower and upper limit; `scale` is its [`mase_scale`], and
    /// with a scale of 0 it does not count in the MSIS.
    pub fn add(&mut self, truth: &[f64], limits: &[[f64; 2]], scale: f64) {
        let pairs = || truth.iter().zip(limits);
        let inside = pairs().filter(|(y, limits)| limits[0] <= **y && **y <= limits[1]);
        self.inside += inside.count() as f64;
        self.points += truth.len() as f64;
        if scale > 0.0 {
            let scores = pairs().map(|(&y, &limits)| interval_score(y, limits, self.coverage));
            self.score += mean(scores) / scale;
            self.series += 1.0;
        }
    }

    /// Mean scaled interval score.
    #[must_use]
    pub fn msis(&self) -> f64 {
        self.score / self.series
    }

    /// Share of the points that lie in their interval, its ends included.
    #[must_use]
    pub fn realised_coverage(&self) -> f64 {
        self.inside / self.points
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * (1.0 + b.abs())
    }

    #[test]
    fn errors_are_what_a_pocket_calculator_gives() {
        let (truth, forecast) = ([100.0, 0.0, -2.0], [50.0, 0.0, 2.0]);
        assert!(close(mean_absolute_error(&truth, &forecast), 18.0));
        assert!(close(
            root_mean_square_error(&truth, &forecast),
            (2516.0_f64 / 3.0).sqrt()
        ));
        assert!(close(
            smape(&truth, &forecast),
            (200.0 / 3.0 + 0.0 + 200.0) / 3.0
        ));
        assert!(mean_absolute_error(&[], &[]).is_nan());
    }

    #[test]
    fn the_scale_is_the_mean_seasonal_difference() {
        let y = [1.0, 5.0, 2.0, 7.0, 4.0, 8.0];
        assert!(close(
            mase_scale(&y, 1),
            (4.0 + 3.0 + 5.0 + 3.0 + 4.0) / 5.0
        ));
        assert!(close(mase_scale(&y, 2), (1.0 + 2.0 + 2.0 + 1.0) / 4.0));
        assert!(close(mase_scale(&y, 6), 0.0));
    }

    #[test]
    fn an_interval_costs_its_width_and_forty_times_what_it_misses_by() {
        let limits = [10.0, 14.0];
        assert!(close(interval_score(10.0, limits, 0.95), 4.0));
        assert!(close(interval_score(9.5, limits, 0.95), 4.0 + 40.0 * 0.5));
        assert!(close(interval_score(15.0, limits, 0.9), 4.0 + 20.0));
    }

    #[test]
    fn the_seasonal_naive_forecast_repeats_the_last_season() {
        let y = [9.0, 1.0, 2.0, 3.0];
        assert_eq!(seasonal_naive(&y, 3, 5), [1.0, 2.0, 3.0, 1.0, 2.0]);
        assert_eq!(seasonal_naive(&y, 1, 2), [3.0, 3.0]);
        assert_eq!(seasonal_naive(&y, 5, 2), [3.0, 3.0]);
        assert!(seasonal_naive(&[], 5, 1)[0].is_nan());
    }

    /// A multiplicative season without noise is continued exactly, wherever the data end, for an
    /// even and for an odd season length.
    #[test]
    fn naive2_continues_a_multiplicative_season() {
        for shape in [&[0.5, 1.0, 1.5, 1.0][..], &[0.4, 1.0, 1.6]] {
            let m = shape.len();
            let value = |at: usize| 20.0 * shape[at % m];
            for length in [60, 61, 62, 63] {
                let y: Vec<f64> = (0..length).map(value).collect();
                for (k, f) in naive2(&y, m, 9).into_iter().enumerate() {
                    assert!(close(f, value(length + k)), "{m} {length} {k}: {f}");
                }
            }
        }
    }

    #[test]
    fn naive2_is_the_last_value_without_a_season() {
        let ramp: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17)).collect();
        assert_eq!(naive2(&ramp, 1, 3), [ramp[49]; 3]);
        assert_eq!(naive2(&[4.0; 50], 12, 2), [4.0; 2]);
        assert_eq!(naive2(&ramp[..30], 24, 1), [ramp[29]]);
    }

    #[test]
    fn a_season_beyond_the_lags_looked_at_is_not_significant() {
        let wave = |m: usize| -> Vec<f64> { (0..200).map(|i| (i % m) as f64).collect() };
        assert!(is_seasonal(&wave(23), 23));
        assert!(!is_seasonal(&wave(24), 24), "10 log10(200) = 23.01");
    }

    #[test]
    fn the_overall_average_of_naive2_is_1_and_of_half_its_errors_a_half() {
        let (mut naive2, mut half) = (Accuracy::default(), Accuracy::default());
        naive2.add(&[0.0, 0.0], &[4.0, 2.0], 3.0);
        half.add(&[0.0, 0.0], &[2.0, 1.0], 3.0);
        assert!(close(naive2.owa(&naive2), 1.0));
        assert!(close(naive2.mase(), 1.0) && close(naive2.smape(), 200.0));
        assert!(close(half.owa(&naive2), (1.0 + 0.5) / 2.0));
    }

    #[test]
    fn a_constant_series_has_a_smape_and_no_mase() {
        let mut accuracy = Accuracy::default();
        accuracy.add(&[1.0], &[2.0], 0.0);
        assert!(accuracy.mase().is_nan());
        accuracy.add(&[1.0], &[2.0], 4.0);
        assert!(close(accuracy.mase(), 0.25) && close(accuracy.smape(), 200.0 / 3.0));
    }

    #[test]
    fn the_ends_of_an_interval_belong_to_it() {
        let mut intervals = Intervals::new(0.95);
        intervals.add(&[1.0, 2.0, 3.0, 4.0], &[[2.0, 3.0]; 4], 2.0);
        assert!(close(intervals.realised_coverage(), 0.5));
        assert!(close(intervals.msis(), (1.0 + 20.0) / 2.0));
    }
}

//! Which values a chart shows, and how they are written beside it.

use super::Chart;

/// How far beyond its points a panel may reach for limits and forecasts, as a share of their range.
const BEYOND: f64 = 0.35;

/// The values that are shown: all points, and of limits and forecasts what is near them.
pub(super) fn range(chart: &Chart) -> [f64; 2] {
    let columns = chart.columns.iter().filter(|column| column.points > 0);
    let values = columns.clone().flat_map(|column| column.values);
    let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], y| {
        [low.min(y), high.max(y)]
    });
    if low > high {
        return [0.0, 1.0];
    }
    let smallest = 1e-9_f64.max(1e-6 * low.abs().max(high.abs()));
    let room = BEYOND * (high - low).max(smallest);
    let limits = columns.flat_map(|column| [column.lower, column.upper]);
    let forecasts = chart.forecasts.iter().flatten();
    let all = limits
        .flatten()
        .chain(forecasts.flat_map(|future| future.values));
    let [least, most] = all.fold([low, high], |[least, most], y| [least.min(y), most.max(y)]);
    let margin = 0.15 * room;
    [
        least.max(low - room) - margin,
        most.min(high + room) + margin,
    ]
}

/// A value with the digits that a range of this length asks for.
pub(super) fn number(y: f64, length: f64) -> String {
    let digits = 1.0 - length.log10().floor();
    if y.abs() >= 1e6 && digits <= 0.0 || digits > 6.0 {
        return format!("{y:.2e}");
    }
    let digits = digits.clamp(0.0, 6.0) as usize;
    let text = format!("{y:.digits$}");
    let is_zero = text.trim_matches(['-', '0', '.']).is_empty();
    if is_zero { "0".to_owned() } else { text }
}

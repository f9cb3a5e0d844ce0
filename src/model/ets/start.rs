//! Start values of a model with seasons: slots by medians of departures, level and trend by regression.
//!
//! ```text
//! slope     = median of (y_(t+m) - y_t) / m        the seasonal slope of Hirsch, Slack & Smith (1982)
//! departure = y_t - slope * t - median of its period
//! slot      = median of its departures, less the mean of all slots
//! ```
//! for the shorter season first, then for the longer one on what it leaves. After that level and trend
//! are those of [`super::initial`] for the points without their seasons. The head of the window is
//! looked at, two periods of the longest season: more would be better start values and a worse
//! fit, because a season that is known from later points looks as if it never changed.
//!
//! One period with wrong readings moves nothing but the slots of those readings, and these only as
//! far as two departures cannot be told apart: where they are much further from each other than
//! elsewhere, the one nearer to the slots beside it is taken.

use super::fit::START_PERIODS;
use super::initial::{self, median};
use super::season::Season;
use super::seasonal::Seasonal;

/// Two departures of one slot that differ by more than this many times the median difference are not
/// both right: four standard deviations of a normal difference.
const DISAGREES: f64 = 6.0;

/// All components one step before `window[0]`; NaN in the window is a step without a value.
///
/// `lengths` are those of the seasons, 0 for none; `damping` is phi of the trend, if there is one. A
/// slot that was never seen is 0.
#[must_use]
pub fn start(window: &[f64], lengths: [usize; 2], damping: Option<f64>) -> Seasonal {
    let longest = lengths[0].max(lengths[1]);
    let mut rest = window[..window.len().min(START_PERIODS * longest)].to_vec();
    take_slope(&mut rest, longest);
    let seasons = lengths.map(|length| {
        let slots = slots(&rest, length);
        subtract(&mut rest, &slots);
        slots
    });
    // Twice the points that are needed, because some may be missing.
    let mut head = window[..window.len().min(2 * initial::HEAD)].to_vec();
    for slots in &seasons {
        subtract(&mut head, slots);
    }
    Seasonal {
        line: match damping {
            Some(phi) => initial::start(&head, phi),
            None => initial::level(&head),
        },
        seasons: seasons.map(Season::new),
    }
}

fn take_slope(values: &mut [f64], length: usize) {
    let changes = values.iter().zip(values.iter().skip(length));
    let changes = changes.map(|(first, later)| later - first);
    let changes: Vec<f64> = changes.filter(|change| !change.is_nan()).collect();
    let slope = median(&changes) / length.max(1) as f64;
    for (t, y) in values.iter_mut().enumerate() {
        *y -= slope * t as f64;
    }
}

fn subtract(values: &mut [f64], slots: &[f64]) {
    for (y, slot) in values.iter_mut().zip(slots.iter().cycle()) {
        *y -= slot;
    }
}

/// The slots of a season of this length, from the whole periods in `values`; none for length 0.
fn slots(values: &[f64], length: usize) -> Vec<f64> {
    if length == 0 {
        return Vec::new();
    }
    let mut departures = values[..values.len() / length * length].to_vec();
    for period in departures.chunks_mut(length) {
        let known: Vec<f64> = period.iter().copied().filter(|y| !y.is_nan()).collect();
        let centre = median(&known);
        period.iter_mut().for_each(|y| *y -= centre);
    }
    let of_slot = |slot: usize| departures.iter().skip(slot).step_by(length).copied();
    let mut slots: Vec<f64> = (0..length)
        .map(|slot| {
            let known: Vec<f64> = of_slot(slot).filter(|y| !y.is_nan()).collect();
            median(&known)
        })
        .collect();
    if departures.len() == 2 * length {
        let (first, second) = departures.split_at(length);
        tell_apart(&mut slots, first, second);
    }
    let mean = slots.iter().sum::<f64>() / length as f64;
    slots.iter_mut().for_each(|slot| *slot -= mean);
    slots
}

/// Where the departures of two periods disagree, takes the one nearer to the slots beside it.
fn tell_apart(slots: &mut [f64], first: &[f64], second: &[f64]) {
    let differences = first.iter().zip(second).map(|(a, b)| (a - b).abs());
    let known: Vec<f64> = differences.clone().filter(|d| !d.is_nan()).collect();
    let most = DISAGREES * median(&known);
    let middle = slots.to_vec();
    for (slot, difference) in differences.enumerate() {
        if difference > most {
            let before = middle[(slot + slots.len() - 1) % slots.len()];
            let beside = before / 2.0 + middle[(slot + 1) % slots.len()] / 2.0;
            let is_nearer = (first[slot] - beside).abs() < (second[slot] - beside).abs();
            slots[slot] = if is_nearer { first[slot] } else { second[slot] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ets::Params;

    fn day(t: usize) -> f64 {
        (t as f64 * std::f64::consts::TAU / 24.0).sin()
    }

    /// Level 20, trend .1 a step, a day of 24 steps; a week of its own if asked for.
    fn window(days: usize, week: f64) -> Vec<f64> {
        let of_week = |t: usize| week * f64::from(u8::from(t / 24 % 7 > 4));
        (0..24 * days)
            .map(|t| 20.0 + 0.1 * (t as f64 + 1.0) + day(t) + of_week(t))
            .collect()
    }

    #[test]
    fn exact_components_are_recovered() {
        let found = start(&window(5, 0.0), [24, 0], Some(1.0));
        assert!((found.line.level - 20.0).abs() < 1e-6, "{:?}", found.line);
        assert!((found.line.trend - 0.1).abs() < 1e-6, "{:?}", found.line);
        for (t, slot) in found.seasons[0].slots().enumerate() {
            assert!((slot - day(t)).abs() < 1e-6, "{t}: {slot}");
        }
    }

    #[test]
    fn a_day_and_a_week_are_told_apart_from_each_other_and_from_the_trend() {
        let window = window(21, 3.0);
        let found = start(&window, [24, 168], Some(1.0));
        let params = Params::NAIVE;
        for t in 0..336 {
            let fitted = found.ahead(&params, t + 1);
            assert!((fitted - window[t as usize]).abs() < 1e-6, "{t}: {fitted}");
        }
    }

    #[test]
    fn wrong_readings_and_missing_points_move_no_slot() {
        let mut window = window(2, 0.0);
        window[3] = 88.0;
        window[40] = 0.0;
        window[10] = f64::NAN;
        let found = start(&window, [24, 0], Some(1.0));
        for (t, slot) in found.seasons[0].slots().enumerate() {
            assert!((slot - day(t)).abs() < 0.02, "{t}: {slot}");
        }
        assert!((found.line.level - 20.0).abs() < 0.05, "{:?}", found.line);
    }

    #[test]
    fn short_empty_and_missing_windows_have_start_values() {
        for window in [vec![], vec![3.0], vec![f64::NAN; 50], vec![7.0; 50]] {
            let found = start(&window, [24, 0], None);
            assert!(found.is_finite());
            assert!(found.seasons[0].slots().all(|slot| slot.abs() < 1e-12));
        }
    }
}

//! The small parts against slow exact versions of themselves.
//!
//! Promises that ring, levels, seasonal tables, weighted median and structure function are, to the digits
//! that they are kept in, what their definitions say when they are computed from the whole history in f64.

use brewcast::model::mix::candidates::{
    Blend, COUNT, DRIFT, Each, GATE_30, GATE_120, LAST, MEAN, MEDIAN, MIDDLE, SMOOTHED, Set, TREND,
    Weights,
};
use brewcast::model::mix::dip;
use brewcast::model::mix::levels::Levels;
use brewcast::model::mix::ring::Ring;
use brewcast::model::mix::slots::Slots;
use brewcast::model::mix::trend::Trend;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::runs::cases;

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The seasonal tables by their equations, in f64, slots by absolute time.
struct ExactSlots {
    seasons: [usize; 2],
    level: f64,
    tables: [Vec<f64>; 2],
    residual: f64,
    time: usize,
    gains: [f64; 4],
}

impl ExactSlots {
    fn start(seasons: [usize; 2], values: &[f64]) -> Self {
        let n = values.len();
        let long = seasons[0].max(seasons[1]);
        // Mean departures of each slot from the means of whole periods, counted back from the end.
        let table = |m: usize, known: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let mut table = vec![0.0; m];
            let periods = n.checked_div(m).unwrap_or(0);
            for period in 0..periods {
                let from = n - (period + 1) * m;
                let level = mean(values[from..from + m].iter().copied());
                for (time, y) in (from..).zip(&values[from..from + m]) {
                    table[time % m] += (y - level - known(time)) / periods as f64;
                }
            }
            table
        };
        let first = table(seasons[0], &|_| 0.0);
        let second = table(seasons[1], &|time| first[time % seasons[0]]);
        let mut slots = Self {
            seasons,
            level: mean(values[n - long..].iter().copied()),
            tables: [first, second],
            residual: 0.0,
            time: n - long,
            gains: if seasons[1] > 0 {
                [0.02, 0.2, 0.2, 0.8]
            } else {
                [0.2, 0.3, 0.0, 0.7]
            },
        };
        values[n - long..].iter().for_each(|&y| slots.learn(y));
        slots
    }

    fn seasonal(&self, time: usize) -> f64 {
        let tables = self.tables.iter().filter(|table| !table.is_empty());
        tables.map(|table| table[time % table.len()]).sum()
    }

    fn ahead(&self, steps: usize) -> f64 {
        let left = self.gains[3].powi(steps as i32) * self.residual;
        self.level + self.seasonal(self.time + steps - 1) + left
    }

    fn learn(&mut self, y: f64) {
        let departure = y - self.level - self.seasonal(self.time);
        self.level += self.gains[0] * departure;
        for index in [0, 1] {
            if let Some(slot) = self.time.checked_rem(self.seasons[index]) {
                self.tables[index][slot] += self.gains[1 + index] * departure;
            }
        }
        self.residual = departure;
        self.time += 1;
    }

    fn pass(&mut self) {
        self.residual *= self.gains[3];
        self.time += 1;
    }
}

/// The levels from the history, in f64. The size of the usual change is what its rule says. `None` when
/// a value is so near to a gate's limit that f32 may take it for the other side.
fn exact_levels(history: &[f64]) -> Option<[f64; 7]> {
    let n = history.len();
    let mut is_tie = false;
    let is_near = |a: f64, b: f64| a != b && (a - b).abs() < 1e-5 * a;
    let mut gate = |patience: usize| {
        let (mut level, mut refused, mut usual) = (history[0], 0, 0.0);
        for pair in history.windows(2) {
            let change = (pair[1] - pair[0]).abs();
            is_tie |= is_near(change, usual);
            if change > 1e-6 {
                usual = match usual {
                    0.0 => change,
                    usual if change > usual => usual * 1.05,
                    usual => usual * 0.95,
                };
            }
            refused += 1;
            let distance = (pair[1] - level).abs();
            is_tie |= is_near(distance, 3.5 * usual);
            if distance <= 3.5 * usual || refused >= patience {
                (level, refused) = (pair[1], 0);
            }
        }
        level
    };
    let mut newest: Vec<f64> = history.iter().rev().take(5).copied().collect();
    newest.resize(5, history[0]);
    newest.sort_by(f64::total_cmp);
    // A plain mean over the first ones, then exponential.
    let smoothed = |memory: usize| {
        let first = mean(history[..n.min(memory)].iter().copied());
        let share = 1.0 / memory as f64;
        let rest = history[n.min(memory)..].iter();
        rest.fold(first, |level, y| level + share * (y - level))
    };
    let last = history[n - 1];
    let gate_30 = gate(30);
    let levels = [
        last,
        gate_30,
        (last + gate_30) / 2.0,
        gate(120),
        newest[2],
        smoothed(50),
        smoothed(500),
    ];
    (!is_tie).then_some(levels)
}

proptest! {
    #![proptest_config(cases(100))]

    /// For all values and sizes, then a lag is the value pushed so many steps before, to half a code, and
    /// new units leave it to half a code of either.
    #[test]
    fn lags_are_the_values_pushed(
        values in vec(-29.0_f32..29.0, 2..400), capacity in 1_usize..200, next in -60.0_f32..60.0,
    ) {
        let mut ring = Ring::start(&[3.0, 5.0], capacity).unwrap(); // offset 4, scale 1
        for (i, &z) in values.iter().enumerate() {
            ring.push(z);
            let held = ring.len();
            prop_assert_eq!(held, capacity.min(i + 1));
            for lag in [1, held / 2 + 1, held] {
                let off = (ring.lag(lag) - values[i + 1 - lag]).abs();
                prop_assert!(off <= 0.5 / 1024.0 + 1e-6, "{lag}: {off}");
            }
        }
        let held = &values[values.len() - ring.len()..];
        let all = ring.to_vec();
        prop_assert_eq!(all.len(), held.len());
        let extremes = all.iter().fold((f32::MAX, f32::MIN), |(low, high), &z| (low.min(z), high.max(z)));
        prop_assert_eq!(ring.extremes(), extremes);
        if let Some(change) = ring.recentre(next) {
            let after = ring.to_vec();
            let sum = after.iter().sum::<f32>() + change.value(next);
            prop_assert!((sum / (held.len() + 1) as f32).abs() < 0.01, "the mean is 0");
            for (&z, &before) in after.iter().zip(held) {
                let y = 4.0 + f64::from(before);
                let half = 0.5 / 1024.0 * (1.0 + ring.scale());
                prop_assert!((ring.value(z) - y).abs() <= half + 1e-4, "{} {y}", ring.value(z));
                prop_assert!((change.value(before) - ring.unit(y)).abs() < 1e-3);
            }
        }
    }

    /// For all values, then the levels are what they are from the whole history.
    #[test]
    fn levels_are_those_of_the_history(
        steps in vec(prop_oneof![
            3 => -4_i32..5, 3 => Just(0), 1 => -300_i32..300,
        ], 1..400),
    ) {
        // On a grid of 1/8, so that gates are passed in f32 as in f64.
        let mut history = vec![0.0];
        for step in steps {
            history.push(f64::from(step) / 8.0 + if step.abs() > 5 { 0.0 } else { history[history.len() - 1] });
        }
        let mut levels = Levels::start(0.0);
        for n in 1..=history.len() {
            if n > 1 {
                levels.learn(history[n - 1] as f32);
            }
            let mut own = [0.0; COUNT];
            levels.forecast(&mut own);
            let Some(exact) = exact_levels(&history[..n]) else {
                return Ok(());
            };
            for (candidate, exact) in [LAST, GATE_30, MIDDLE, GATE_120, MEDIAN, SMOOTHED, MEAN].into_iter().zip(exact) {
                let off = (f64::from(own[candidate]) - exact).abs();
                prop_assert!(off < 1e-4, "{candidate} after {n}: {} {exact}", own[candidate]);
            }
        }
    }

    /// For all seasons and values, steps without a value included, then the seasonal tables say what their
    /// equations say in f64, at every step ahead.
    #[test]
    fn seasonal_tables_follow_their_equations(
        (first, second) in prop_oneof![(2_u16..30, Just(0_u16)), (2_u16..9, 9_u16..40)],
        values in vec(-2.0_f32..2.0, 130),
        more in vec(prop_oneof![5 => (-2.0_f32..2.0).prop_map(Some), 1 => Just(None)], 0..150),
    ) {
        let exactly: Vec<f64> = values.iter().map(|&z| f64::from(z)).collect();
        let mut slots = Slots::start([first, second], &values);
        let mut exact = ExactSlots::start([first.into(), second.into()], &exactly);
        let mut all = vec![None];
        all.extend(more.into_iter().map(Some));
        for z in all {
            match z {
                Some(Some(z)) => {
                    slots.learn(z);
                    exact.learn(z.into());
                }
                Some(None) => {
                    slots.pass();
                    exact.pass();
                }
                None => {}
            }
            for steps in [1, 2, 7, 40, 100] {
                let (own, exact) = (f64::from(slots.ahead(steps)), exact.ahead(steps));
                prop_assert!((own - exact).abs() < 5e-3, "{steps} ahead: {own} {exact}");
            }
            prop_assert!((slots.next() - slots.ahead(1)).abs() < 1e-5);
        }
    }

    /// For all values, missing ones among them, then the damped trend is the recursion of its equations
    /// in f64.
    #[test]
    fn the_damped_trend_follows_its_equations(
        values in vec(-5.0_f32..5.0, 1..300), missing in vec(any::<bool>(), 300),
    ) {
        let mut trend = Trend::start(values[0]);
        let (mut level, mut slope) = (f64::from(values[0]), 0.0);
        for (&z, &is_missing) in values[1..].iter().zip(&missing) {
            let expected = level + 0.99 * slope;
            let error = if is_missing { 0.0 } else { f64::from(z) - expected };
            if is_missing {
                trend.pass();
            } else {
                trend.learn(z);
            }
            (level, slope) = (expected + 0.2 * error, 0.99 * slope + 0.01 * error);
        }
        let (mut exact, mut weight) = (level, 1.0);
        for steps in 1..=200 {
            weight *= 0.99;
            exact += weight * slope;
            let own = f64::from(trend.ahead(steps));
            prop_assert!((own - exact).abs() < 1e-4 * (1.0 + exact.abs()), "{steps}: {own} {exact}");
        }
        prop_assert!((trend.next() - trend.ahead(1)).abs() < 1e-5);
    }

    /// For all losses and forecasts, then weights are powers of the losses' ratio, and the weighted medians
    /// are those of the forecasts in order.
    #[test]
    fn the_weighted_median_is_that_of_the_sorted_forecasts(
        losses in vec(0.1_f32..4.0, COUNT), forecasts in vec(-9.0_f32..9.0, COUNT),
        known in 1_u16.., present in any::<u16>(),
    ) {
        let losses: Each = losses.try_into().unwrap();
        let forecasts: Each = forecasts.try_into().unwrap();
        let (known, present) = (Set(known), Set(present & Set::ALL.0));
        let least = known.iter().map(|c| losses[c]).fold(f32::INFINITY, f32::min);
        for (power, factor, weights) in [
            (6, 1.0, Weights::of_paths(&losses, known)),
            (12, 2.0, Weights::of_steps(&losses, known)),
        ] {
            let gated = |c: usize| [DRIFT, TREND].contains(&c) && losses[c] > 0.95 * losses[LAST];
            let weight = |c: usize| {
                let own = f64::from(least / losses[c]).powi(power);
                if !known.has(c) || gated(c) { 0.0 } else if c == LAST { factor * own } else { own }
            };
            let most = (0..COUNT).map(weight).fold(0.0, f64::max);
            for c in 0..COUNT {
                prop_assert!((f64::from(weights.of(c)) - weight(c) / most).abs() < 0.5 / 255.0 + 1e-5, "{c}");
            }
            let weight = |c: usize| f64::from(weights.of(c)); // as it is kept
            let is_heard = |c: usize| weight(c) > 0.02;
            let mut order: Vec<usize> = (0..COUNT).filter(|&c| is_heard(c) && present.has(c)).collect();
            order.sort_by(|&a, &b| forecasts[a].total_cmp(&forecasts[b]));
            let total: f64 = order.iter().map(|&c| weight(c)).sum();
            // Each at the middle of its share of the whole; straight lines between.
            let mut places = Vec::new();
            let mut sum = 0.0;
            for &c in &order {
                places.push(((sum + 0.5 * weight(c)) / total, f64::from(forecasts[c])));
                sum += weight(c);
            }
            let exact = match places.iter().position(|&(place, _)| place >= 0.5) {
                None => places.last().map_or(f64::from(forecasts[LAST]), |&(_, y)| y),
                Some(0) => places[0].1,
                Some(at) => {
                    let ((a, low), (b, high)) = (places[at - 1], places[at]);
                    low + (high - low) * (0.5 - a) / (b - a)
                }
            };
            let own = f64::from(weights.median(&forecasts, present));
            prop_assert!((own - exact).abs() < 1e-3, "{own} {exact}");
            let chosen = weights.median_candidate(&forecasts, present);
            let below: f64 = order.iter().take_while(|&&c| c != chosen).map(|&c| weight(c)).sum();
            if order.is_empty() {
                prop_assert_eq!(chosen, LAST);
            } else {
                prop_assert!(below <= (0.5 + 1e-5) * total && below + weight(chosen) >= (0.5 - 1e-5) * total);
            }
        }
    }

    /// For all losses of one step and of paths, then the weights between them are those of the geometric
    /// mean of both in those of the last value, and that favours the last value near at hand.
    #[test]
    fn weights_between_are_those_of_geometric_means(
        steps in vec(0.1_f32..4.0, COUNT), paths in vec(0.1_f32..4.0, COUNT),
        known in 1_u16.., along in 0.0_f32..=1.0, favour in 1.0_f32..9.0,
    ) {
        let known = Set(known | 1 << LAST);
        let (steps, paths): (Each, Each) = (steps.try_into().unwrap(), paths.try_into().unwrap());
        let mixed: Vec<f64> = (0..COUNT).map(|c| {
            let [near, far] = [&steps, &paths].map(|losses| f64::from(losses[c] / losses[LAST]));
            near.powf(1.0 - f64::from(along)) * far.powf(along.into())
        }).collect();
        let least = known.iter().map(|c| mixed[c]).fold(f64::INFINITY, f64::min);
        let is_near_gate = [DRIFT, TREND].iter().any(|&c| (mixed[c] - 0.95).abs() < 1e-4);
        prop_assume!(!is_near_gate);
        let weight = |c: usize| {
            let own = (least / mixed[c]).powi(6);
            match c {
                _ if !known.has(c) => 0.0,
                DRIFT | TREND if mixed[c] > 0.95 => 0.0,
                LAST => own * f64::from(favour).powf(1.0 - f64::from(along)),
                _ => own,
            }
        };
        let most = (0..COUNT).map(weight).fold(0.0, f64::max);
        let weights = Blend::new(&steps, &paths, known).unwrap().at(along, favour);
        for c in 0..COUNT {
            prop_assert!((f64::from(weights.of(c)) - weight(c) / most).abs() < 0.5 / 255.0 + 1e-3, "{c}");
        }
    }

    /// For all values and distances, then the structure function is the mean absolute deviation of the
    /// differences from their mean.
    #[test]
    fn the_structure_function_is_that_of_its_definition(values in vec(-30.0_f32..30.0, 8..400), share in 0.0_f64..1.0) {
        let k = 1 + (share * (values.len() - 2) as f64) as usize;
        let differences: Vec<f64> = values[k..].iter().zip(&values).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
        let level = mean(differences.iter().copied());
        let exact = mean(differences.iter().map(|d| (d - level).abs()));
        let own = f64::from(dip::structure(&values, k));
        prop_assert!((own - exact).abs() < 1e-3, "{k}: {own} {exact}");
    }
}

/// A perfect season is a dip of 0, and noise has none, for all lengths that can be told.
#[test]
fn the_dip_is_zero_for_a_perfect_season() {
    for m in [4, 7, 24, 52, 113] {
        let values: Vec<f32> = (0..340).map(|i| (i % m * (i % m) % 11) as f32).collect();
        assert!(dip::first(&values, m) < 1e-3, "{m}");
    }
}

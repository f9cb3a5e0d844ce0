//! How many flags and events a stationary stream has, over the budget.

use std::collections::BTreeMap;

use crate::run::Run;
use crate::sources::CALIBRATION;
use crate::table::{Table, number};

const BUDGETS: [f64; 2] = [1e-3, 1e-4];

pub(crate) fn tables(points: usize, seeds: u64, seed: u64) -> Vec<Table> {
    let title = format!("realised over budget, {points} points, {seeds} seeds: mean (range)");
    let headings = [
        "",
        "events 1e-3",
        "flags 1e-3",
        "scores > 1.25, > 1.5 at 1e-3",
        "events 1e-4",
        "flags 1e-4",
        "flags / expected 1e-4",
        "kinds of the events at 1e-4, over budget",
    ];
    let mut table = Table::new(&title, &headings);
    for (stream, source) in CALIBRATION.into_iter().enumerate() {
        let mut cells = vec![source.name.to_owned()];
        for budget in BUDGETS {
            let (mut events, mut flags, mut shares) = (Vec::new(), Vec::new(), Vec::new());
            let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
            let mut beyond = [(0, 0.0); 2];
            for seed in seed..seed + seeds {
                let mut run = Run::new(budget);
                for y in source.values(seed, stream as u64).take(points) {
                    run.observe(y);
                }
                let all = budget * points as f64;
                events.push(f64::from(run.opened) / all);
                flags.push(f64::from(run.flags) / all);
                shares.push(f64::from(run.flags) / run.expected);
                for (all, own) in beyond.iter_mut().zip(run.beyond) {
                    *all = (all.0 + own.0, all.1 + own.1);
                }
                for (kind, count) in run.kinds {
                    *kinds.entry(kind).or_default() += count;
                }
            }
            cells.push(summary(&events));
            cells.push(summary(&flags));
            if budget > 5e-4 {
                let share =
                    |(points, expected): (u32, f64)| number(f64::from(points) / expected, 2);
                cells.push(beyond.map(share).join(", "));
            } else {
                cells.push(summary(&shares));
                let all = budget * points as f64 * seeds as f64;
                let kind = |(kind, &count): (&&str, &u32)| {
                    format!("{kind} {}", number(f64::from(count) / all, 2))
                };
                cells.push(kinds.iter().map(kind).collect::<Vec<_>>().join(", "));
            }
        }
        table.row(cells);
    }
    vec![table]
}

fn summary(values: &[f64]) -> String {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!(
        "{} ({}..{})",
        number(mean, 2),
        number(least, 2),
        number(most, 2)
    )
}

//! Anomalies of each kind, by size and noise: found within 80 points, and named right.

use crate::run::Run;
use crate::sources::{NOISES, Source};
use crate::table::{Table, number};

const BUDGET: f64 = 1e-4;
const BEFORE: usize = 4_000;
const LONG: usize = 60;
const FOUND: usize = 80;
const SIZES: [f64; 4] = [4.0, 6.0, 8.0, 12.0];

/// What is done to a stream from a point on.
#[derive(Clone, Copy, Debug)]
struct Anomaly {
    name: &'static str,
    kinds: &'static [&'static str],
    sized: bool,
}

const ANOMALIES: [Anomaly; 7] = [
    Anomaly {
        name: "spike",
        kinds: &["spike", "out_of_range"],
        sized: true,
    },
    Anomaly {
        name: "dip",
        kinds: &["dip", "out_of_range"],
        sized: true,
    },
    Anomaly {
        name: "level shift",
        kinds: &["level_shift"],
        sized: true,
    },
    Anomaly {
        name: "trend",
        kinds: &["trend_change"],
        sized: true,
    },
    Anomaly {
        name: "variance",
        kinds: &["variance_change"],
        sized: true,
    },
    Anomaly {
        name: "flatline",
        kinds: &["flatline"],
        sized: false,
    },
    Anomaly {
        name: "gap",
        kinds: &["gap"],
        sized: false,
    },
];

pub(crate) fn tables(replications: u64, seed: u64) -> Vec<Table> {
    let title = format!("found of {replications} within {FOUND} points (named right), by size");
    let mut table = Table::new(&title, &["", "", "4", "6", "8", "12"]);
    for anomaly in ANOMALIES {
        for (stream, source) in NOISES.into_iter().enumerate() {
            let mut cells = vec![anomaly.name.to_owned(), source.name.to_owned()];
            for size in SIZES {
                if !anomaly.sized && size > SIZES[0] {
                    continue;
                }
                let (mut found, mut right) = (0, 0);
                for replication in 0..replications {
                    let stream = 100 * replication + stream as u64;
                    let (is_found, is_right) = one(anomaly, source, size, (seed, stream));
                    found += u32::from(is_found);
                    right += u32::from(is_right);
                }
                let share = 100.0 * f64::from(right) / f64::from(found.max(1));
                cells.push(format!("{found} ({} %)", number(share, 0)));
            }
            table.row(cells);
        }
    }
    vec![table]
}

/// Whether it was found, and whether the event was of the right kind when it was told last.
fn one(anomaly: Anomaly, source: Source, size: f64, (seed, stream): (u64, u64)) -> (bool, bool) {
    let mut run = Run::new(BUDGET);
    let (mut found, mut kind) = (false, None);
    let mut stuck = 0.0;
    for (i, noise) in source.values(seed, stream).take(BEFORE + FOUND).enumerate() {
        let since = i.checked_sub(BEFORE);
        let is_on = since.is_some_and(|since| since < LONG);
        if since == Some(0) {
            stuck = noise;
            if anomaly.name == "gap" {
                run.pass(LONG as i64);
            }
        }
        let off = match (anomaly.name, since) {
            ("spike", Some(0)) => size,
            ("dip", Some(0)) => -size,
            ("level shift", Some(_)) => size,
            ("trend", Some(since)) => size * (since as f64 / LONG as f64).min(1.0),
            _ => 0.0,
        };
        let y = match anomaly.name {
            "variance" if is_on => noise * size / 3.0,
            "flatline" if is_on => stuck,
            _ => noise + off,
        };
        let said = run.observe(100.0 + y);
        if since.is_some()
            && let Some(verdict) = said.verdict
            && verdict.is_anomaly()
        {
            found = true;
        }
        if found {
            kind = said.kind.or(kind);
        }
    }
    (
        found,
        kind.is_some_and(|kind| anomaly.kinds.contains(&kind)),
    )
}

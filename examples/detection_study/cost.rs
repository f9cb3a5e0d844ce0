//! What the judge costs.

use std::time::Instant;

use brewcast::judge::{Judge, Point};

use crate::noise::Noise;
use crate::run::MINUTE;
use crate::table::{Table, number};

pub(crate) fn tables(seed: u64) -> Vec<Table> {
    let mut table = Table::new("the judge alone", &["", "ns/point", "bytes"]);
    for (name, days) in [("before the first day", 0.9), ("after a week", 7.0)] {
        let count = (days * 1440.0) as i64;
        let mut noise = Noise::new(seed, 0);
        let mut judge = Judge::start(MINUTE, 0, 0.0);
        let observe = |judge: &mut Judge, i: i64, x: f64| {
            judge.observe(&Point {
                time: i * MINUTE,
                x,
                width: 1.0,
                is_after_gap: false,
                missing: 0,
                flags_leaps: true,
                p0: 1e-4,
                adopt_after: 120,
                is_judged: true,
            });
        };
        (1..count).for_each(|i| observe(&mut judge, i, noise.normal()));
        let bytes = judge.bytes();
        let mut least = f64::INFINITY;
        for _ in 0..60 {
            let values: Vec<f64> = (0..1_150).map(|_| noise.normal()).collect();
            let mut judge = judge.clone();
            let start = Instant::now();
            for (i, &x) in (0..).zip(&values) {
                observe(&mut judge, count + i, x);
            }
            let ns = start.elapsed().as_nanos() as f64 / values.len() as f64;
            least = least.min(ns);
        }
        table.row([name.to_owned(), number(least, 0), bytes.to_string()]);
    }
    vec![table]
}

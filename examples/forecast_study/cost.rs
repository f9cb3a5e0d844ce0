//! What a point costs: time once the forecaster has settled, time over the first points, memory.
//!
//! The time of a settled point is the least over 60 blocks of 1,150 points after the first 20,000, so that
//! what is done in turns is in it and what else runs on the machine is not. Times differ from run to
//! run; nothing else in the study does.

use std::time::Instant;

use crate::generators;
use crate::long::LongStream;
use crate::seasons;
use crate::stream::{Contestant, HOUR};
use crate::table::{Table, number};

const HORIZON: u32 = 48;
const SETTLING: usize = 20_000;
const BLOCK: usize = 1_150;
const BLOCKS: usize = 60;
const POINTS: usize = SETTLING + BLOCKS * BLOCK;
const FIRST: usize = 1_000;
const FIRST_TIMES: usize = 15;

fn ns_per_point(values: &[f64], mut learn: impl FnMut(f64)) -> f64 {
    let start = Instant::now();
    for &value in values {
        learn(value);
    }
    start.elapsed().as_nanos() as f64 / values.len() as f64
}

/// One row: the name, what is fed, its cadence.
fn row(table: &mut Table, name: &str, step_ns: i64, values: &[f64], contestant: &Contestant) {
    let mut first = f64::INFINITY;
    for _ in 0..FIRST_TIMES {
        let mut stream = contestant.start(HORIZON, step_ns, 0);
        first = first.min(ns_per_point(&values[..FIRST], |y| stream.learn(y)));
    }
    let mut stream = contestant.start(HORIZON, step_ns, 0);
    for &y in &values[..SETTLING] {
        stream.learn(y);
    }
    let mut settled = f64::INFINITY;
    for block in values[SETTLING..].chunks(BLOCK) {
        settled = settled.min(ns_per_point(block, |y| stream.learn(y)));
    }
    let mut path = Vec::new();
    let start = Instant::now();
    for _ in 0..200 {
        stream.forecast(HORIZON, &mut path);
    }
    let forecast = start.elapsed().as_nanos() as f64 / 200.0;
    table.row([
        name.to_owned(),
        contestant.name.clone(),
        number(settled, 0),
        number(first, 0),
        number(forecast, 0),
        stream.bytes().to_string(),
        seasons::names(stream.seasons()),
    ]);
}

pub(crate) fn tables(contestant: impl Fn() -> Contestant, seed: u64) -> Vec<Table> {
    let headings = [
        "",
        "",
        "ns/point",
        "first 1,000",
        "ns/path of 48",
        "bytes",
        "seasons",
    ];
    let mut table = Table::new("cost, 1 h between points", &headings);
    for name in [
        "random walk",
        "AR .9",
        "white",
        "day, snr 2",
        "day and week",
    ] {
        let Some(generator) = generators::named(name) else {
            continue;
        };
        let values = generator.lifted(POINTS, seed, 0);
        row(&mut table, name, HOUR, &values, &contestant());
        row(
            &mut table,
            name,
            HOUR,
            &values,
            &contestant().given(generator.seasons),
        );
    }
    let mut fine = Table::new("cost, finer than an hour", &headings);
    for (cadence, seconds) in [("5 min", 300.0), ("1 min", 60.0), ("1 s", 1.0)] {
        let step_ns = (seconds * 1e9) as i64;
        if let Some(walk) = generators::named("random walk") {
            let values = walk.lifted(POINTS, seed, 0);
            let name = format!("random walk, {cadence}");
            row(&mut fine, &name, step_ns, &values, &contestant());
        }
        let stream = LongStream::new(POINTS, seconds, 0.0, seed, 0);
        let name = format!("day and week, {cadence}");
        row(&mut fine, &name, step_ns, &stream.values, &contestant());
    }
    vec![table, fine]
}

//! Which seasons are found in streams of 1,000 hourly points, and which are found that are not there.
//!
//! A season is right when it is within a step of the true one. *False* is any other, at any time in the
//! stream; a week is not a season of a day.

use std::collections::BTreeMap;

use crate::generators::{self, Generator};
use crate::stream::{Contestant, HOUR};
use crate::table::{Table, number};

const POINTS: usize = 1_000;
const HORIZON: u32 = 40;

/// What became of the seasons of one stream.
struct Found {
    /// First point with a right first season.
    right_from: Option<usize>,
    is_right: [bool; 2], // at the end, first and second season
    is_false: [bool; 2], // ever
    at_end: [u32; 2],
}

fn watch(generator: &Generator, values: &[f64], contestant: &Contestant, phase: u32) -> Found {
    let mut stream = contestant.start(HORIZON, HOUR, phase);
    let mut found = Found {
        right_from: None,
        is_right: [false; 2],
        is_false: [false; 2],
        at_end: [0; 2],
    };
    for (points, &y) in (1..).zip(values) {
        stream.learn(y);
        found.at_end = stream.seasons();
        for which in [0, 1] {
            let (season, truth) = (found.at_end[which], generator.seasons[which]);
            found.is_right[which] = season > 0 && season.abs_diff(truth) <= 1;
            found.is_false[which] |= season > 0 && !found.is_right[which];
        }
        if found.is_right[0] && found.right_from.is_none() {
            found.right_from = Some(points);
        }
    }
    found
}

pub(crate) fn tables(contestant: &Contestant, seed: u64, streams: u64) -> Vec<Table> {
    let title = format!(
        "seasons found by {}: shares of {streams} streams of {POINTS} hourly points, seed {seed}",
        contestant.name
    );
    let headings = [
        "",
        "true",
        "false 1st",
        "false 2nd",
        "right 1st",
        "right 2nd",
        "found at",
        "at the end",
    ];
    let mut table = Table::new(title, &headings);
    for generator in generators::all() {
        let mut all = Vec::new();
        for replication in 0..streams {
            let values = generator.lifted(POINTS, seed, replication);
            let phase = (replication % 20) as u32;
            all.push(watch(&generator, &values, contestant, phase));
        }
        table.row(cells(&generator, &all));
    }
    vec![table]
}

fn cells(generator: &Generator, all: &[Found]) -> Vec<String> {
    let share = |is: &dyn Fn(&Found) -> bool| {
        let count = all.iter().filter(|found| is(found)).count();
        number(count as f64 / all.len() as f64, 3)
    };
    let right = |which: usize| {
        let has_one = generator.seasons[which] > 0;
        has_one.then(|| share(&|found| found.is_right[which]))
    };
    let mut from: Vec<usize> = all.iter().filter_map(|found| found.right_from).collect();
    from.sort_unstable();
    let median = from.get(from.len() / 2).map(usize::to_string);
    vec![
        generator.name.to_owned(),
        names(generator.seasons),
        share(&|found| found.is_false[0]),
        share(&|found| found.is_false[1]),
        right(0).unwrap_or_default(),
        right(1).unwrap_or_default(),
        median.unwrap_or_default(),
        most_common(all),
    ]
}

/// The three most common findings at the end, with their counts.
fn most_common(all: &[Found]) -> String {
    let mut counts: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    for found in all {
        *counts.entry(found.at_end).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let counts = counts.iter().take(3);
    let texts = counts.map(|&(seasons, count)| format!("{}: {count}", names(seasons)));
    texts.collect::<Vec<_>>().join(", ")
}

/// "24/168", "24", "none".
pub(crate) fn names(seasons: [u32; 2]) -> String {
    match seasons {
        [0, _] => "none".to_owned(),
        [one, 0] => one.to_string(),
        [one, two] => format!("{one}/{two}"),
    }
}

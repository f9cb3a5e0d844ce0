//! Series among so many others that what they will need is asked for early.

#![allow(clippy::unwrap_used, reason = "a fault here is a failed test")]

mod common;

use std::fmt::Write as _;

use common::filter::{feed, filter};
use common::records::is_ours;
use common::streams::points;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

const SETTINGS: &str = "[output]\nverdicts = \"all\"\n[limits]\nidle = \"10m\"\n\
    [[policy]]\nmatch = { field = \"off*\" }\nmodel = false\n";
const ROUNDS: usize = 70;
/// With so many series there is a look-ahead, and to spare.
const GROUPS: usize = 300;

/// The fields of a group: one, but for a few that are wide, more than can be modelled among them.
fn fields(group: usize) -> usize {
    match group {
        50 => 20,
        51 => 1_030,
        _ => 1,
    }
}

/// When a group comes: one is away for so long that it is forgotten, another one comes late and has its place.
fn comes(group: usize, round: usize) -> bool {
    match group {
        7 => !(5..24).contains(&round),
        299 => 18 <= round,
        _ => true,
    }
}

/// What is said of each of these groups: in the order of the round before, but for ten rounds without any.
fn said(groups: &[usize]) -> Vec<Vec<String>> {
    let mut filter = filter(SETTINGS);
    let values: Vec<_> = (groups.iter())
        .map(|&group| points(group as u64, ROUNDS, false))
        .collect();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut out = String::new();
    for round in 0..ROUNDS {
        if (30..40).contains(&round) {
            order.shuffle(&mut rng);
        }
        let mut input = String::new();
        for &at in order.iter().filter(|&&at| comes(groups[at], round)) {
            let (time, value) = values[at].get(round).copied().unwrap();
            write!(input, "m,s=g{} off=1", groups[at]).unwrap();
            for field in 0..fields(groups[at]) {
                write!(input, ",v{field}={value}").unwrap();
            }
            writeln!(input, " {time}").unwrap();
        }
        let mut told = Vec::new();
        filter.tick(1_000_000 + 60 * round as u64, &mut told);
        told.extend(feed(&mut filter, input.as_bytes(), false));
        out += &String::from_utf8(told).unwrap();
    }
    let of = |group: &usize| {
        let tag = format!(",s=g{group} ");
        // Events say who else is in trouble.
        let is_its =
            |line: &&str| is_ours(line) && !line.contains("_event,") && line.contains(&tag);
        out.lines().filter(is_its).map(str::to_owned).collect()
    };
    groups.iter().map(of).collect()
}

#[test]
fn a_series_is_told_the_same_among_many_as_alone() {
    let all: Vec<usize> = (0..GROUPS).collect();
    let among_many = said(&all);
    for (group, among_many) in all.into_iter().zip(among_many) {
        let alone = said(&[group]).remove(0);
        let least = 5 * fields(group).min(1_000);
        assert!(least <= alone.len(), "group {group}: {}", alone.len());
        assert!(alone == among_many, "group {group}");
    }
}

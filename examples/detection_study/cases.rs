//! Small cases with a known answer.

use crate::noise::Noise;
use crate::run::Run;
use crate::sources::NOISES;
use crate::table::{Table, number};

/// A week's budget at a minute.
const WEEKLY: f64 = 1.0 / 10_080.0;

pub(crate) fn tables(seed: u64) -> Vec<Table> {
    let mut table = Table::new("small cases", &["", "", ""]);
    burst(&mut table, seed);
    for size in [3.0, 5.0, 8.0] {
        shift(&mut table, size, seed);
    }
    constant(&mut table, seed);
    counter(&mut table, seed);
    start(&mut table, seed);
    vec![table]
}

/// 100 points of 20 spreads: the next quiet point and the band.
fn burst(table: &mut Table, seed: u64) {
    let (mut worst, mut ratios, mut later) = (0.0_f64, Vec::new(), 0);
    for stream in 0..100 {
        let mut noise = Noise::new(seed, stream);
        let mut run = Run::new(WEEKLY);
        let mut before = 0.0;
        for i in 0..5_300 {
            let is_burst = (5_000..5_100).contains(&i);
            let y = 100.0 + noise.normal() + if is_burst { 20.0 } else { 0.0 };
            let Some(verdict) = run.observe(y).verdict else {
                continue;
            };
            let width = verdict.upper.unwrap_or(0.0) - verdict.lower.unwrap_or(0.0);
            if i == 4_999 {
                before = width;
            }
            if i == 5_100 {
                ratios.push(width / before);
                worst = worst.max(verdict.score);
            }
            later += u32::from(i >= 5_100 && verdict.is_anomaly());
        }
    }
    ratios.sort_by(f64::total_cmp);
    let text = format!(
        "band {} ({}..{}) of before, worst score {}, {later} flags in 200 points later",
        number(ratios[50], 3),
        number(ratios[0], 3),
        number(ratios[99], 3),
        number(worst, 2)
    );
    table.row([
        "burst of 100 points of 20".to_owned(),
        "first quiet point".to_owned(),
        text,
    ]);
}

/// A level that shifts and comes back 3,000 points later.
fn shift(table: &mut Table, size: f64, seed: u64) {
    let (mut delays, mut found, mut back) = (Vec::new(), 0, 0);
    for stream in 0..200 {
        let mut noise = Noise::new(seed, 1_000 + stream);
        let mut run = Run::new(WEEKLY);
        let mut delay = None;
        for i in 0..8_200 {
            let is_shifted = (5_000..8_000).contains(&i);
            let y = 100.0 + noise.normal() + if is_shifted { size } else { 0.0 };
            let said = run.observe(y);
            let is_flagged = said.verdict.is_some_and(|verdict| verdict.is_anomaly());
            if is_flagged && (5_000..5_060).contains(&i) {
                delay.get_or_insert(i - 5_000);
            }
            back += u32::from(said.has_opened && i >= 8_000);
        }
        found += u32::from(delay.is_some());
        delays.extend(delay);
    }
    delays.sort_unstable();
    let at = |share: usize| {
        delays
            .get(share * delays.len() / 100)
            .copied()
            .unwrap_or(-1)
    };
    let text = format!(
        "{found} of 200 found within 60, delay median {} p90 {}; events at the way back {back}",
        at(50),
        at(90)
    );
    table.row([format!("level shift of {size}"), "".to_owned(), text]);
}

/// One quantum up or down a thousand points.
fn constant(table: &mut Table, seed: u64) {
    let mut noise = Noise::new(seed, 3_000);
    let mut run = Run::new(WEEKLY);
    let mut level = 20.0;
    for _ in 0..200_000 {
        if noise.happens(0.001) {
            level += if noise.happens(0.5) { 0.1 } else { -0.1 };
        }
        run.observe(level);
    }
    let text = format!("{} flags in 200,000 points", run.flags);
    table.row([
        "constant, one quantum a 1,000 points".to_owned(),
        "".to_owned(),
        text,
    ]);
}

/// A counter that starts again every 10,000 points.
fn counter(table: &mut Table, seed: u64) {
    let mut noise = Noise::new(seed, 3_001);
    let mut run = Run::new(WEEKLY);
    let (mut sum, mut near) = (0.0, 0);
    for i in 0..100_000 {
        sum = if i % 10_000 == 9_999 {
            0.0
        } else {
            sum + 10.0 + noise.normal()
        };
        let said = run.observe(sum);
        let is_flagged = said.verdict.is_some_and(|verdict| verdict.is_anomaly());
        near += u32::from(is_flagged && i > 100 && i % 10_000 < 25);
    }
    let text = format!("{} flags, {near} within 25 points of a reset", run.flags);
    table.row([
        "counter with 10 resets".to_owned(),
        "100,000 points".to_owned(),
        text,
    ]);
}

/// The first 2,000 points of many series.
fn start(table: &mut Table, seed: u64) {
    for (at, noise) in NOISES.into_iter().enumerate() {
        let (mut opened, mut expected) = (0, 0.0);
        for stream in 0..500 {
            let mut run = Run::new(WEEKLY);
            for y in noise
                .values(seed, 4_000 + 1_000 * at as u64 + stream)
                .take(2_000)
            {
                run.observe(100.0 + y);
            }
            opened += run.opened;
            expected += run.expected;
        }
        let text = format!(
            "{opened} events, {} expected by the budgets in force",
            number(expected, 0)
        );
        let name = format!("500 series of {}", noise.name);
        table.row([name, "first 2,000 points".to_owned(), text]);
    }
}

//! What `docs/tuning.md` says about scores is what the formula gives, and what the program says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fmt::Write as _;

use brewcast::config;
use brewcast::output::anomaly::return_period;
use brewcast::precision::Precision;
use common::program::run;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PAGE: &str = include_str!("../docs/tuning.md");
const SCORES: [f64; 5] = [1.0, 1.25, 1.5, 1.75, 2.0];
const BUDGETS: [&str; 3] = ["1/day", "1/week", "1/month"];
const SECOND: i64 = 1_000_000_000;
const CADENCES: [(&str, i64); 2] = [("10 s", 10 * SECOND), ("1 min", 60 * SECOND)];
const YEAR_S: f64 = 365.242_5 * 86_400.0;

/// The budget of one point.
fn p0(budget: &str, cadence: i64) -> f64 {
    let settings = config::load(None, &[("detect.false_alarms", budget.to_owned())]);
    let options = settings.options("test", Precision::Ns, false);
    let rule = &options.policies.rest().rules.rule;
    rule.false_alarms.per_point(cadence)
}

fn assert_has(rows: &str) {
    assert!(PAGE.contains(rows), "the page must have\n{rows}");
}

#[test]
fn the_table_of_scores_is_what_the_formula_gives() {
    let mut rows = String::new();
    for budget in BUDGETS {
        for (name, cadence) in CADENCES {
            write!(rows, "| `{budget}` | {name} |").unwrap();
            for score in SCORES {
                let words = return_period(score * p0(budget, cadence).ln(), cadence);
                let cell = words.trim_start_matches("about once in ");
                let cell = cell.replace("less than once in", "more than");
                write!(rows, " {cell} |").unwrap();
            }
            rows.push('\n');
        }
    }
    assert_has(&rows);
}

#[test]
fn the_counts_over_many_series_are_what_the_formula_gives() {
    const SERIES: f64 = 5_000.0;
    let minute = 60.0;
    let a_year = |score: f64| SERIES * YEAR_S / minute * p0("1/week", 60 * SECOND).powf(score);
    let two_digits = |count: f64| {
        let unit = 10.0_f64.powf((count.log10().floor() - 1.0).max(0.0));
        (count / unit).round() * unit
    };
    let words = |count: f64| match count {
        3_653.0.. => format!("{} a day", two_digits(count / 365.242_5)),
        52.0.. => format!("{} a week", two_digits(count / 52.177_5)),
        _ => format!("{} a year", two_digits(count)),
    };
    let cells: Vec<String> = SCORES.map(|score| words(a_year(score))).to_vec();
    assert_has(&format!("| flagged points | {} |", cells.join(" | ")));
}

/// The reason of a flag turns its score into time as the table does, once the series is known for long enough.
#[test]
fn the_program_says_of_a_score_what_the_table_says() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let mut noise = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>();
    let mut input = String::new();
    for i in 0..30_000_i64 {
        let spike = if i > 20_000 && i % 500 == 0 {
            4.0 + (i - 20_000) as f64 / 4_000.0
        } else {
            0.0
        };
        let time = (1_700_000_000 + 60 * i) * SECOND;
        writeln!(input, "m v={:.4} {time}", 100.0 + noise() + spike).unwrap();
    }
    let arguments = ["--false-alarms", "1/day", "--verdicts", "anomalous"];
    let ran = run(&arguments, input.as_bytes());
    let out = String::from_utf8(ran.stdout).unwrap();
    let mut compared = 0;
    let is_spike = |line: &&str| line.starts_with("m_anomaly,") && line.contains("kind=\"spike\"");
    for line in out.lines().filter(is_spike) {
        let Some((count, rest)) = line
            .split_once("about once in ")
            .and_then(|(_, period)| period.split_once(' '))
        else {
            continue;
        };
        let units = [
            ("day", 86_400.0),
            ("week", 604_800.0),
            ("month", YEAR_S / 12.0),
            ("year", YEAR_S),
        ];
        let unit = units.iter().find(|(name, _)| rest.starts_with(name));
        let Some((_, unit_s)) = unit else { continue };
        let said_s = count.parse::<f64>().unwrap() * unit_s;
        let (_, score) = line.split_once("anomaly_score=").unwrap();
        let score: f64 = score.split_once(',').unwrap().0.parse().unwrap();
        let told_s = 60.0 / p0("1/day", 60 * SECOND).powf(score);
        let ratio = said_s / told_s;
        assert!(
            (0.4..2.5).contains(&ratio),
            "{said_s} s where the table has {told_s} s: {line}"
        );
        compared += 1;
    }
    assert!(compared >= 5, "{compared} flags were compared");
}

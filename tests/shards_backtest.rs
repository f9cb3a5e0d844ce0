//! A backtest of each shard, put together, is the backtest of all series.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;
mod sharded;

use std::fs;

use common::program::run;
use serde_json::Value as Json;
use sharded::series::{Key, START_S, keys, lines};
use tempfile::TempDir;

fn backtest(keys: &[Key]) -> Json {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("in.lp");
    fs::write(&file, lines(keys, 0, 240, START_S)).unwrap();
    let ran = run(
        &[
            "backtest",
            "--json",
            "--references",
            "0",
            file.to_str().unwrap(),
        ],
        b"",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_slice(&ran.stdout).unwrap()
}

#[test]
fn backtests_of_shards_add_up_to_that_of_all_series() {
    const SHARDS: u32 = 4;
    let keys: Vec<Key> = keys().into_iter().step_by(10).collect();
    let all = backtest(&keys);
    let parts: Vec<Json> = (0..SHARDS)
        .map(|shard| {
            let own: Vec<Key> = keys
                .iter()
                .filter(|key| key.shard(SHARDS) == shard)
                .cloned()
                .collect();
            backtest(&own)
        })
        .collect();
    for name in [
        "series",
        "series_too_short",
        "origins",
        "judged",
        "flags",
        "events_opened",
    ] {
        let sum: u64 = parts
            .iter()
            .map(|part| part["totals"][name].as_u64().unwrap())
            .sum();
        assert_eq!(sum, all["totals"][name].as_u64().unwrap(), "{name}");
    }
    let of = |report: &Json| report["series"].as_array().unwrap().clone();
    let by_name = |mut series: Vec<Json>| {
        series.sort_by(|left, right| left["name"].as_str().cmp(&right["name"].as_str()));
        series
    };
    let (parts, all) = (
        by_name(parts.iter().flat_map(of).collect()),
        by_name(of(&all)),
    );
    assert!(all.len() > 150, "{}", all.len());
    assert_eq!(parts, all);
}

//! More series than one machine has: fixed shards behind a real Kafka, with the files of `deploy/kafka`.
//!
//! Each test is a promise of `deploy/kafka/README.md`. `.ci/servers` gets Telegraf and Kafka, which needs
//! Java; without one of them every test says that it skips. What takes minutes is in `shards_grow.rs` and
//! others, and ignored.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;
mod sharded;

use common::telegraf_agent::{is_ours, originals};
use sharded::broker::Kafka;
use sharded::fleet::{Shard, alone, mark, producer, stop};
use sharded::series::{LINES, START_S, keys, lines};
use sharded::union::{assert_equal, counter, key, said, union};

const SHARDS: usize = 4;
const POINTS: i64 = 80;
const SETTINGS: &str = "[output]\nverdicts = \"all\"\n";

#[test]
fn the_union_of_four_shards_is_equal_to_one_brewcast_record_for_record() {
    let Some(kafka) = Kafka::new() else { return };
    kafka.make_topics(SHARDS);
    let sent = lines(&keys(), 0, POINTS, START_S);
    let Some(one) = alone(&sent, SETTINGS) else {
        return;
    };
    let shards: Vec<Shard> = (0..SHARDS)
        .map(|i| Shard::new(i, SETTINGS).unwrap())
        .collect();
    let running: Vec<_> = shards.iter().map(|shard| shard.start(&kafka)).collect();
    let sender = producer(SHARDS).unwrap();
    sender.write("in.lp", &format!("{sent}{}\n", mark(0)));
    let sending = sender.start_with(&[], &[("KAFKA", &kafka.address)]);
    for shard in &shards {
        shard.until_arrived(&mark(0));
    }
    stop(sending);
    running.into_iter().for_each(stop);

    let arrived: Vec<String> = shards.iter().map(|shard| shard.scene.arrived()).collect();
    for (i, arrived) in arrived.iter().enumerate() {
        let own: Vec<String> = keys()
            .into_iter()
            .filter(|key| key.shard(u32::try_from(SHARDS).unwrap()) == u32::try_from(i).unwrap())
            .map(|key| key.text)
            .collect();
        let mut found: Vec<&str> = originals(arrived).into_iter().map(key).collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|key| !key.starts_with("brewcast_silence"));
        let mut own: Vec<&str> = own.iter().map(String::as_str).collect();
        own.sort_unstable();
        assert_eq!(found, own, "keys of shard {i}");
        eprintln!("shard {i}: {} of {LINES} keys", own.len());
        assert!(arrived.contains(&format!("brewcast,instance=brewcast-{i} ")));
    }
    let all: Vec<_> = arrived.iter().map(|arrived| said(arrived)).collect();
    let equal = assert_equal(&union(&all), &said(&one));
    let records = one.lines().filter(|line| is_ours(line)).count();
    eprintln!("{equal} lines are equal, {records} of them records");
    for name in [
        "points",
        "points_judged",
        "series",
        "flags",
        "verdicts",
        "forecasts",
        "events",
        "events_opened",
        "flags_expected",
    ] {
        let of_shards: f64 = arrived.iter().map(|arrived| counter(arrived, name)).sum();
        let of_one = counter(&one, name);
        eprintln!("{name}: {of_one}");
        assert!(
            0.0 < of_one && (of_shards - of_one).abs() < 1e-6 * of_one,
            "{name}: {of_shards}"
        );
    }
}

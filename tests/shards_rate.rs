//! How fast shards are that have a backlog, behind a real Kafka: one, two and four of them on this machine.
//!
//! It measures, so it is ignored in the ordinary run:
//!
//! `cargo test --release --test shards_rate -- --ignored --nocapture`
//!
//! prints the table that is in `deploy/kafka/README.md`. It asserts that everything arrives, and no time.
//! Without Telegraf or Kafka it says that it skips.

#![cfg(target_os = "linux")]
#![allow(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;
mod sharded;

use std::fs;
use std::time::{Duration, Instant};

use common::telegraf_agent::LIMIT;
use rustix::process::Pid;
use sharded::broker::Kafka;
use sharded::fleet::{Shard, mark, producer, stop};
use sharded::series::{SERIES, START_S, keys, lines};
use sharded::union::counter;

const POINTS: i64 = 500;
/// What a shard writes is bounded by what is anomalous; a file is the output.
const SETTINGS: &str = "[output]\nverdicts = \"anomalous\"\n";

/// Processor time that a process has taken, in seconds.
fn cpu_s(pid: Pid) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: Vec<f64> = rest
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse().unwrap())
        .collect();
    ticks.iter().sum::<f64>() / rustix::param::clock_ticks_per_second() as f64
}

/// Whether it has ended, and only waits to be waited for.
fn has_ended(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    stat.rsplit_once(") ").unwrap().1.starts_with('Z')
}

/// Most memory that a process has had, in MiB.
fn peak_mib(pid: Pid) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

#[test]
#[ignore = "it measures"]
fn points_per_second_of_one_two_and_four_shards() {
    let cores = std::thread::available_parallelism().unwrap();
    eprintln!("{cores} cores, {SERIES} series of {POINTS} points");
    let keys = keys();
    let text = lines(&keys, 0, POINTS, START_S);
    let (count, points) = (text.lines().count() as f64, (SERIES as f64) * POINTS as f64);
    for shards in [1, 2, 4] {
        let Some(kafka) = Kafka::new() else { return };
        let Some(sender) = producer(shards) else {
            return;
        };
        kafka.make_topics(shards);
        sender.write("in.lp", &format!("{text}{}\n", mark(0)));
        let text_in = sender
            .read("telegraf.conf")
            .replace(&sender.tail_input(), &sender.file_input());
        sender.write("telegraf.conf", &text_in);
        let (begun, kafka_s) = (Instant::now(), cpu_s(kafka.pid()));
        let sending = sender.start_with(&["--once"], &[("KAFKA", &kafka.address)]);
        while !has_ended(sending.pid()) {
            std::thread::sleep(Duration::from_millis(50)); // nobody tells, and its time is to be read
        }
        let (sent_s, sender_s) = (begun.elapsed().as_secs_f64(), cpu_s(sending.pid()));
        sending.end(LIMIT).assert_understood();
        let (kafka_sent_s, stored) = (cpu_s(kafka.pid()) - kafka_s, kafka.stored_bytes() as f64);

        let all: Vec<Shard> = (0..shards)
            .map(|i| Shard::new(i, SETTINGS).unwrap())
            .collect();
        let kafka_s = cpu_s(kafka.pid());
        let begun = Instant::now();
        let running: Vec<_> = all.iter().map(|shard| shard.start(&kafka)).collect();
        all.iter().for_each(|shard| shard.until_arrived(&mark(0)));
        let wall_s = begun.elapsed().as_secs_f64();
        let kafka_s = cpu_s(kafka.pid()) - kafka_s;
        let telegraf_s: f64 = running.iter().map(|running| cpu_s(running.pid())).sum();
        let brewcasts: Vec<Pid> = running
            .iter()
            .flat_map(|running| running.brewcasts())
            .collect();
        let brewcast_s: f64 = brewcasts.iter().map(|&pid| cpu_s(pid)).sum();
        let mib: f64 = running.iter().map(|running| peak_mib(running.pid())).sum();
        running.into_iter().for_each(stop);
        let of_all: f64 = all
            .iter()
            .map(|shard| counter(&shard.scene.arrived(), "points"))
            .sum();
        assert!((of_all - points).abs() < 0.5, "{of_all} of {points}");
        eprintln!(
            "{shards} shards: {wall_s:.1} s, {:.0} k points/s, {:.0} k lines/s; processor time a line: Telegraf {:.1} us, \
             brewcast {:.1} us, Kafka {:.1} us; Telegrafs {mib:.0} MiB; sent in {sent_s:.1} s, {:.0} k lines/s, {:.1} us a \
             line, Kafka {:.1} us; {:.1} bytes of {:.1} a line in Kafka",
            points / wall_s / 1e3,
            count / wall_s / 1e3,
            telegraf_s / count * 1e6,
            brewcast_s / count * 1e6,
            kafka_s / count * 1e6,
            count / sent_s / 1e3,
            sender_s / count * 1e6,
            kafka_sent_s / count * 1e6,
            stored / count,
            text.len() as f64 / count,
        );
    }
}

//! How fast shards are that have a backlog, behind a real Kafka: one, two and four of them on this machine.
//!
//! It measures, so it is ignored in the ordinary run:
//!
//! `cargo test --release --test shards_rate -- --ignored --nocapture --test-threads 1`
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

use common::telegraf_agent::{LIMIT, Scene};
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

/// Sends the lines over the topics, all at once, and says what that took.
fn send(kafka: &Kafka, sender: &Scene, text: &str) {
    let count = text.lines().count() as f64;
    sender.write("in.lp", &format!("{text}{}\n", mark(0)));
    let once = sender
        .read("telegraf.conf")
        .replace(&sender.tail_input(), &sender.file_input());
    sender.write("telegraf.conf", &once);
    let (begun, kafka_s) = (Instant::now(), cpu_s(kafka.pid()));
    let sending = sender.start_with(&["--once"], &[("KAFKA", &kafka.address)]);
    while !has_ended(sending.pid()) {
        std::thread::sleep(Duration::from_millis(50)); // nobody tells, and its time is to be read
    }
    let (wall_s, sender_s) = (begun.elapsed().as_secs_f64(), cpu_s(sending.pid()));
    sending.end(LIMIT).assert_understood();
    eprintln!(
        "  sent in {wall_s:.1} s, {:.0} k lines/s; processor time a line: Telegraf {:.1} us, Kafka {:.1} us; \
         {:.1} bytes of {:.1} a line in Kafka",
        count / wall_s / 1e3,
        sender_s / count * 1e6,
        (cpu_s(kafka.pid()) - kafka_s) / count * 1e6,
        kafka.stored_bytes() as f64 / count,
        text.len() as f64 / count,
    );
}

/// Has these shards work off all that was sent, and says how fast.
fn work_off(kafka: &Kafka, all: &[Shard], text: &str) {
    let (count, points) = (text.lines().count() as f64, (SERIES as f64) * POINTS as f64);
    let (begun, kafka_s) = (Instant::now(), cpu_s(kafka.pid()));
    let running: Vec<_> = all.iter().map(|shard| shard.start(kafka)).collect();
    all.iter().for_each(|shard| shard.until_arrived(&mark(0)));
    let (wall_s, kafka_s) = (begun.elapsed().as_secs_f64(), cpu_s(kafka.pid()) - kafka_s);
    let telegraf_s: f64 = running.iter().map(|running| cpu_s(running.pid())).sum();
    let mib: f64 = running.iter().map(|running| peak_mib(running.pid())).sum();
    let brewcasts = running.iter().flat_map(|running| running.brewcasts());
    let brewcast_s: f64 = brewcasts.map(cpu_s).sum();
    running.into_iter().for_each(stop);
    let counted = all
        .iter()
        .map(|shard| counter(&shard.scene.arrived(), "points"));
    assert!((counted.sum::<f64>() - points).abs() < 0.5);
    eprintln!(
        "  worked off in {wall_s:.1} s, {:.0} k points/s, {:.0} k lines/s; processor time a line: Telegraf {:.1} us, \
         brewcast {:.1} us, Kafka {:.1} us; Telegrafs {mib:.0} MiB",
        points / wall_s / 1e3,
        count / wall_s / 1e3,
        telegraf_s / count * 1e6,
        brewcast_s / count * 1e6,
        kafka_s / count * 1e6,
    );
}

#[test]
#[ignore = "it measures"]
fn points_per_second_of_one_two_and_four_shards() {
    let cores = std::thread::available_parallelism().unwrap();
    eprintln!("{cores} cores, {SERIES} series of {POINTS} points");
    let text = lines(&keys(), 0, POINTS, START_S);
    for shards in [1, 2, 4] {
        let (Some(kafka), Some(sender)) = (Kafka::new(), producer(shards)) else {
            return;
        };
        kafka.make_topics(shards);
        eprintln!("{shards} shards");
        send(&kafka, &sender, &text);
        let all: Vec<Shard> = (0..shards)
            .map(|i| Shard::new(i, SETTINGS).unwrap())
            .collect();
        work_off(&kafka, &all, &text);
    }
}

/// One Telegraf that sends to 64 topics in batches of a thousand: some sixteen messages in each.
#[test]
#[ignore = "it measures"]
fn what_many_topics_cost_those_who_send() {
    let text = lines(&keys(), 0, POINTS / 2, START_S);
    for shards in [1, 64] {
        let (Some(kafka), Some(sender)) = (Kafka::new(), producer(shards)) else {
            return;
        };
        kafka.make_topics(shards);
        eprintln!("{shards} topics");
        send(&kafka, &sender, &text);
    }
}

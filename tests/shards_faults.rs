//! Shards that are stopped and killed while points come, behind a real Kafka: what is lost, what comes twice,
//! and what the models make of it.
//!
//! Seven shards have a trouble each, at the same time, at a point a second of each series. `--nocapture` prints
//! the table that is in `deploy/kafka/README.md`; `--ignored` has another one. Without Telegraf or Kafka the test says that it skips.

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

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use common::telegraf_agent::{LIMIT, Running, Scene, children};
use rustix::process::{Signal, kill_process};
use sharded::broker::Kafka;
use sharded::fleet::{Shard, alone, mark, producer, stop, writer};
use sharded::load::Load;
use sharded::outcome::{Outcome, outcome};
use sharded::series::{Key, START_S, keys, lines};
use sharded::union::{Said, key, said};

/// The state is kept every five rounds, as it is every six at a point in ten seconds and the default.
const SETTINGS: &str = "[output]\nverdicts = \"all\"\n\n[state]\nevery = \"5s\"\n";
/// Rounds before the troubles, sent at once.
const WARM: i64 = 50;

/// What happens to a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Telegraf is stopped, and started two seconds later.
    Stop,
    /// The same, with `resume.sh` before the start, as it comes.
    StopAndResume,
    /// brewcast is killed; Telegraf starts it again.
    KillBrewcast,
    /// Telegraf is killed, and started again; its brewcast ends by itself.
    KillTelegraf,
    /// Both are killed, as by a power cut, and started again.
    KillBoth,
    /// The same, with `resume.sh` before the start.
    KillBothAndResume,
    /// The same, with a state file from a minute ago, so that more than seven points of a series come twice.
    KillBothAndResumeFar,
}

use Trouble::{
    KillBoth, KillBothAndResume, KillBothAndResumeFar, KillBrewcast, KillTelegraf, Stop,
    StopAndResume,
};

const TROUBLES: [Trouble; 7] = [
    Stop,
    StopAndResume,
    KillBrewcast,
    KillTelegraf,
    KillBoth,
    KillBothAndResume,
    KillBothAndResumeFar,
];

/// Does to a shard what is to be done, and gives the Telegraf that runs at the end.
fn befall<'a>(
    trouble: Trouble,
    shard: &'a Shard,
    running: Running<'a>,
    kafka: &Kafka,
) -> Running<'a> {
    let resume_with: Option<&[&str]> = match trouble {
        Stop => {
            stop(running);
            thread::sleep(Duration::from_secs(2)); // it is away for a while
            return shard.start(kafka);
        }
        StopAndResume => {
            stop(running);
            resume(shard, kafka, &[]);
            return shard.start(kafka);
        }
        KillBrewcast => {
            running
                .brewcasts()
                .into_iter()
                .for_each(|pid| kill_process(pid, Signal::KILL).unwrap());
            running.until("a child starts", |scene| children(&scene.read("log")) == 2);
            return running;
        }
        KillTelegraf => {
            let brewcasts = running.brewcasts();
            drop(running); // kills it
            let deadline = Instant::now() + LIMIT;
            while brewcasts.iter().any(|&pid| is_there(pid)) {
                assert!(Instant::now() < deadline, "brewcast outlives Telegraf");
                thread::sleep(Duration::from_millis(20));
            }
            return shard.start(kafka);
        }
        KillBoth => None,
        KillBothAndResume => Some(&["PT1H", "4"]),
        KillBothAndResumeFar => Some(&[]),
    };
    for pid in running.brewcasts() {
        kill_process(pid, Signal::KILL).unwrap();
    }
    drop(running); // kills it
    if trouble == KillBothAndResumeFar {
        // The script goes back far only where much was read since the file was made.
        let file = File::options().write(true).open(state(shard)).unwrap();
        let made = file.metadata().unwrap().modified().unwrap();
        file.set_modified(made - Duration::from_secs(60)).unwrap();
    }
    if let Some(arguments) = resume_with {
        resume(shard, kafka, arguments);
    }
    shard.start(kafka)
}

/// Where the shard keeps its state.
fn state(shard: &Shard) -> PathBuf {
    shard.scene.path(&format!("{}.state", shard.name))
}

fn resume(shard: &Shard, kafka: &Kafka, more: &[&str]) {
    let state = state(shard).display().to_string();
    let arguments = [&[state.as_str()], more].concat();
    let told = kafka.script("deploy/kafka/resume.sh", &arguments, &shard.name);
    eprintln!("{}", told.lines().last().unwrap());
}

fn is_there(pid: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

fn assert_as_promised(outcome: &Outcome, trouble: Trouble) {
    let exact = outcome.verdicts_other == 0 && outcome.reanchored == 0.0;
    match trouble {
        Stop => {
            assert!(
                exact && outcome.lost + outcome.repeated + outcome.verdicts_lost == 0,
                "{outcome:?}"
            );
        }
        // Two seconds are read again, whatever the slack.
        StopAndResume => {
            assert!(
                exact && outcome.lost + outcome.verdicts_lost == 0,
                "{outcome:?}"
            );
            assert!(outcome.repeated <= 6 * outcome.keys, "{outcome:?}");
        }
        // A second until Telegraf starts it again, and what was on its way.
        KillBrewcast => {
            assert!(
                outcome.repeated == 0 && outcome.reanchored == 0.0,
                "{outcome:?}"
            );
            assert!(outcome.rounds_lost <= 5, "{outcome:?}");
        }
        // What waited for the output, a second of it, and what Kafka had not been told of.
        KillTelegraf | KillBoth => {
            assert!(
                outcome.rounds_lost <= 3 && outcome.repeated <= 3 * outcome.keys,
                "{outcome:?}"
            );
            assert!(outcome.reanchored == 0.0, "{outcome:?}");
        }
        KillBothAndResume => {
            assert!(
                exact && outcome.lost == 0 && 0.0 < outcome.late,
                "{outcome:?}"
            );
            assert!(outcome.verdicts_lost <= 4 * outcome.keys, "{outcome:?}");
        }
        // Time goes back for them, and they learn it once more.
        KillBothAndResumeFar => {
            assert!(
                outcome.lost == 0 && outcome.keys as f64 <= outcome.reanchored,
                "{outcome:?}"
            );
        }
    }
}

#[test]
fn what_a_stop_or_a_kill_of_a_shard_costs() {
    let Some(kafka) = Kafka::new() else { return };
    let keys: Vec<Key> = keys().into_iter().step_by(3).collect();
    let Some(sender) = producer(TROUBLES.len()) else {
        return;
    };
    kafka.make_topics(TROUBLES.len());
    let shards: Vec<Shard> = (0..TROUBLES.len())
        .map(|i| Shard::new(i, SETTINGS).unwrap())
        .collect();
    let running: Vec<_> = shards.iter().map(|shard| shard.start(&kafka)).collect();
    sender.write(
        "in.lp",
        &format!("{}{}\n", lines(&keys, 0, WARM, START_S), mark(0)),
    );
    let sending = sender.start_with(&[], &[("KAFKA", &kafka.address)]);
    shards
        .iter()
        .for_each(|shard| shard.until_arrived(&mark(0)));
    let load = Load::start(sender.path("in.lp"), keys.clone(), WARM);
    let writer = writer().unwrap();
    let writing = writer.start_with(&[], &[("KAFKA", &kafka.address)]);
    let (running, writing): (Vec<_>, _) = thread::scope(|scope| {
        let writers = scope.spawn(|| {
            load.pass(14);
            drop(writing); // kills it
            writer.start_with(&[], &[("KAFKA", &kafka.address)])
        });
        let begin = |(trouble, (shard, running))| {
            let (kafka, load) = (&kafka, &load);
            scope.spawn(move || {
                // The state is of the load by then, and so is what is a little older.
                load.pass(14);
                thread::sleep(Duration::from_millis(400)); // what came is on its way
                let running = befall(trouble, shard, running, kafka);
                load.pass(8);
                running
            })
        };
        let hands: Vec<_> = TROUBLES
            .into_iter()
            .zip(shards.iter().zip(running))
            .map(begin)
            .collect();
        let running = hands.into_iter().map(|hand| hand.join().unwrap()).collect();
        (running, writers.join().unwrap())
    });
    let (sent, last) = load.stop();
    shards.iter().for_each(|shard| shard.until_arrived(&last));
    stop(sending);
    running.into_iter().for_each(stop);

    assert_written(&keys, sent, &writer, &writing);
    stop(writing);
    let troubles: Vec<String> = TROUBLES
        .iter()
        .map(|trouble| format!("{trouble:?}"))
        .collect();
    let outcomes = outcomes(&keys, sent, &shards, &troubles);
    for (outcome, trouble) in outcomes.iter().zip(TROUBLES) {
        outcome.assert_harmless();
        assert_as_promised(outcome, trouble);
    }
}

/// Past the shards nothing is lost, though the one that writes it was killed too.
fn assert_written(keys: &[Key], sent: i64, writer: &Scene, writing: &Running<'_>) {
    let input = lines(keys, 0, sent, START_S);
    let sent: BTreeSet<&str> = input.lines().collect();
    let missing = |scene: &Scene| {
        let arrived = scene.arrived();
        let arrived: BTreeSet<&str> = arrived.lines().collect();
        sent.difference(&arrived).count()
    };
    writing.until("all that was measured is written", |scene| {
        missing(scene) == 0
    });
    let written = writer.arrived();
    let written = written.lines().filter(|line| sent.contains(line)).count();
    eprintln!(
        "written past the shards: {} lines, 0 lost, {} twice",
        sent.len(),
        written - sent.len()
    );
}

/// What became of the shards, each of them after a trouble, when so many rounds were sent; and prints it.
fn outcomes(keys: &[Key], sent: i64, shards: &[Shard], troubles: &[String]) -> Vec<Outcome> {
    let input = lines(keys, 0, sent, START_S);
    let one = said(&alone(&input, SETTINGS).unwrap());
    let count = u32::try_from(shards.len()).unwrap();
    let homes: BTreeMap<&str, u32> = keys
        .iter()
        .map(|key| (key.text.as_str(), key.shard(count)))
        .collect();
    let mut own = vec![Said::new(); shards.len()];
    for line in input.lines() {
        let shard = usize::try_from(homes[key(line)]).unwrap();
        own[shard]
            .entry(key(line).to_owned())
            .or_default()
            .push(line.to_owned());
    }
    let of = |((shard, own), trouble): ((&Shard, &Said), &String)| {
        let outcome = outcome(&shard.scene.arrived(), own, &one);
        outcome.tell(trouble);
        outcome
    };
    shards.iter().zip(&own).zip(troubles).map(of).collect()
}

/// A broker that is killed and started eight seconds later: senders keep what they have, shards wait.
#[test]
#[ignore = "a minute"]
fn what_a_broker_that_is_away_costs() {
    let Some(mut kafka) = Kafka::new() else {
        return;
    };
    let keys: Vec<Key> = keys().into_iter().step_by(3).collect();
    let Some(sender) = producer(2) else { return };
    kafka.make_topics(2);
    let shards: Vec<Shard> = (0..2).map(|i| Shard::new(i, SETTINGS).unwrap()).collect();
    let running: Vec<_> = shards.iter().map(|shard| shard.start(&kafka)).collect();
    sender.write(
        "in.lp",
        &format!("{}{}\n", lines(&keys, 0, WARM, START_S), mark(0)),
    );
    let sending = sender.start_with(&[], &[("KAFKA", &kafka.address)]);
    shards
        .iter()
        .for_each(|shard| shard.until_arrived(&mark(0)));
    let load = Load::start(sender.path("in.lp"), keys.clone(), WARM);
    load.pass(5);
    kafka.kill();
    load.pass(8);
    kafka.start_again();
    load.pass(10);
    let (sent, last) = load.stop();
    shards.iter().for_each(|shard| shard.until_arrived(&last));
    stop(sending);
    running.into_iter().for_each(stop);
    let trouble = "a broker away for 8 s".to_owned();
    for outcome in outcomes(&keys, sent, &shards, &[trouble.clone(), trouble]) {
        assert!(
            outcome.lost == 0 && outcome.reanchored == 0.0,
            "{outcome:?}"
        );
        assert!(
            outcome.verdicts_lost + outcome.verdicts_other == 0,
            "{outcome:?}"
        );
    }
}

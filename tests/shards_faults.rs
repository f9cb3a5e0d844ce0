//! Shards that are stopped and killed while points come, behind a real Kafka: what is lost, what comes twice,
//! and what the models make of it.
//!
//! Six shards have a trouble each, at the same time, at a point a second of each series. `--nocapture` prints
//! the table that is in `deploy/kafka/README.md`. Without Telegraf or Kafka the test says that it skips.

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
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use common::telegraf_agent::{LIMIT, Running, children, is_ours, originals};
use rustix::process::{Signal, kill_process};
use sharded::broker::Kafka;
use sharded::fleet::{Shard, alone, mark, producer, stop};
use sharded::load::Load;
use sharded::series::{Key, START_S, keys, lines};
use sharded::union::{counter, key, said};

/// The state is kept every five rounds, as it is every six at a point in ten seconds and the default.
const SETTINGS: &str = "[output]\nverdicts = \"all\"\n\n[state]\nevery = \"5s\"\n";
/// Rounds before the troubles, sent at once.
const WARM: i64 = 50;

/// What happens to a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Telegraf is stopped, and started two seconds later.
    Stop,
    /// brewcast is killed; Telegraf starts it again.
    KillBrewcast,
    /// Telegraf is killed, and started again; its brewcast ends by itself.
    KillTelegraf,
    /// Both are killed, as by a power cut, and started again.
    KillBoth,
    /// The same, with `resume.sh` before the start.
    KillBothAndResume,
    /// The same, with so much slack that more than seven points of a series come twice.
    KillBothAndResumeFar,
}

use Trouble::{
    KillBoth, KillBothAndResume, KillBothAndResumeFar, KillBrewcast, KillTelegraf, Stop,
};

const TROUBLES: [Trouble; 6] = [
    Stop,
    KillBrewcast,
    KillTelegraf,
    KillBoth,
    KillBothAndResume,
    KillBothAndResumeFar,
];

/// What a shard has to show for itself: lines, then what its last brewcast counted, then verdicts beside
/// those of a brewcast that never stopped.
#[derive(Debug)]
struct Outcome {
    keys: usize,
    sent: usize,
    lost: usize,
    repeated: usize,
    rounds_lost: usize, // in which a line is missing
    restored: f64,
    warming: f64,
    late: f64, // and duplicate
    reanchored: f64,
    verdicts: usize,
    verdicts_lost: usize,
    verdicts_other: usize,
    flags: usize,
    flags_more: usize,
    flags_less: usize,
}

impl Outcome {
    fn tell(&self, trouble: Trouble) {
        eprintln!(
            "{trouble:?}: {} lines of {} keys, {} lost in {} rounds, {} twice; {} points late, {} series \
             re-anchored; {} verdicts, {} lost, {} with other numbers; {} flags, {} more, {} less",
            self.sent,
            self.keys,
            self.lost,
            self.rounds_lost,
            self.repeated,
            self.late,
            self.reanchored,
            self.verdicts,
            self.verdicts_lost,
            self.verdicts_other,
            self.flags,
            self.flags_more,
            self.flags_less
        );
    }

    /// The models carry on: nobody warms up, no burst of flags.
    fn assert_harmless(&self) {
        assert!(self.keys as f64 <= self.restored, "{self:?}");
        assert!(self.warming == 0.0, "{self:?}");
        assert!(self.flags_more * 500 <= self.verdicts, "{self:?}");
        assert!(self.flags_less * 500 <= self.verdicts, "{self:?}");
    }

    fn assert_as_promised(&self, trouble: Trouble) {
        let exact = self.verdicts_other == 0 && self.reanchored == 0.0;
        match trouble {
            Stop => {
                assert!(
                    exact && self.lost + self.repeated + self.verdicts_lost == 0,
                    "{self:?}"
                );
            }
            // A second until Telegraf starts it again, and what was on its way.
            KillBrewcast => {
                assert!(self.repeated == 0 && self.reanchored == 0.0, "{self:?}");
                assert!(0 < self.lost && self.rounds_lost <= 4, "{self:?}");
            }
            // What waited for the output, a second of it, and what Kafka had not been told of.
            KillTelegraf | KillBoth => {
                assert!(
                    self.rounds_lost <= 3 && self.repeated <= 3 * self.keys,
                    "{self:?}"
                );
                assert!(self.reanchored == 0.0, "{self:?}");
            }
            KillBothAndResume => {
                assert!(exact && self.lost == 0 && 0.0 < self.late, "{self:?}");
                assert!(self.verdicts_lost <= 4 * self.keys, "{self:?}");
            }
            // Time goes back for them, and they learn it once more.
            KillBothAndResumeFar => {
                assert!(
                    self.lost == 0 && self.keys as f64 <= self.reanchored,
                    "{self:?}"
                );
            }
        }
    }
}

/// Does to a shard what is to be done, and gives the Telegraf that runs at the end.
fn befall<'a>(
    trouble: Trouble,
    shard: &'a Shard,
    running: Running<'a>,
    kafka: &Kafka,
) -> Running<'a> {
    let state = shard.scene.path(&format!("{}.state", shard.name));
    let slack = match trouble {
        Stop => {
            stop(running);
            thread::sleep(Duration::from_secs(2)); // it is away for a while
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
        KillBothAndResume => Some("5"),
        KillBothAndResumeFar => Some("20"),
    };
    for pid in running.brewcasts() {
        kill_process(pid, Signal::KILL).unwrap();
    }
    drop(running); // kills it
    if let Some(slack) = slack {
        let state = state.display().to_string();
        let told = kafka.script(
            "deploy/kafka/resume.sh",
            &[&state, "PT1H", slack],
            &shard.name,
        );
        eprintln!("{}", told.lines().last().unwrap());
    }
    shard.start(kafka)
}

fn is_there(pid: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Holds what arrived at a shard against what was sent to it, and against what one brewcast says of all.
fn outcome(
    arrived: &str,
    own: &BTreeMap<String, Vec<String>>,
    one: &BTreeMap<String, Vec<String>>,
) -> Outcome {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in originals(arrived)
        .into_iter()
        .filter(|line| !line.starts_with("brewcast_"))
    {
        *counts.entry(line).or_default() += 1;
    }
    let sent: BTreeSet<&str> = own.values().flatten().map(String::as_str).collect();
    let lost: Vec<&&str> = sent
        .iter()
        .filter(|line| !counts.contains_key(**line))
        .collect();
    let second = |line: &str| line[line.rfind(' ').unwrap()..][..11].to_owned();
    let rounds: BTreeSet<String> = lost.iter().map(|line| second(line)).collect();
    // Records by their key and time; what came last stands, as in a database.
    let by_time = |lines: &mut dyn Iterator<Item = String>| -> BTreeMap<String, String> {
        let identified = |line: String| {
            let time = &line[line.rfind(' ').unwrap()..];
            (format!("{}{time}", key(&line)), line)
        };
        lines.map(identified).collect()
    };
    let found = by_time(
        &mut said(arrived)
            .into_values()
            .flatten()
            .filter(|line| is_verdict(line)),
    );
    let prefixes: BTreeSet<String> = own.keys().map(|key| source(key)).collect();
    let wanted = one.values().flatten().filter(|line| is_verdict(line));
    let wanted = by_time(
        &mut wanted
            .filter(|line| prefixes.contains(&source(key(line))))
            .cloned(),
    );
    let flagged = |of: &BTreeMap<String, String>| -> BTreeSet<String> {
        let lines = of
            .iter()
            .filter(|(_, line)| line.contains("is_anomaly=true"));
        lines.map(|(key, _)| key.clone()).collect()
    };
    let (flags, flags_wanted) = (flagged(&found), flagged(&wanted));
    let missing = wanted
        .keys()
        .filter(|key| !found.contains_key(*key))
        .count();
    let other = found
        .iter()
        .filter(|(key, line)| wanted.get(*key).is_some_and(|wanted| wanted != *line));
    Outcome {
        keys: own.len(),
        sent: sent.len(),
        lost: lost.len(),
        repeated: counts.values().map(|count| count - 1).sum(),
        rounds_lost: rounds.len(),
        restored: counter(arrived, "series_restored"),
        warming: counter(arrived, "points_warming"),
        late: counter(arrived, "points_late") + counter(arrived, "points_duplicate"),
        reanchored: counter(arrived, "series_reanchored"),
        verdicts: wanted.len(),
        verdicts_lost: missing,
        verdicts_other: other.count(),
        flags: flags_wanted.len(),
        flags_more: flags.difference(&flags_wanted).count(),
        flags_less: flags_wanted
            .iter()
            .filter(|key| found.contains_key(*key) && !flags.contains(*key))
            .count(),
    }
}

fn is_verdict(line: &str) -> bool {
    is_ours(line) && key(line).split(',').next().unwrap().ends_with("_anomaly")
}

/// Measurement and tags of the source, for a record of ours as well.
fn source(key: &str) -> String {
    let (name, tags) = key.split_once(',').unwrap_or((key, ""));
    let tags = tags
        .split(',')
        .filter(|tag| !tag.is_empty() && !tag.starts_with("field="));
    let name = name.strip_suffix("_anomaly").unwrap_or(name).to_owned();
    tags.fold(name, |key, tag| key + "," + tag)
}

#[test]
fn what_a_stop_or_a_kill_of_a_shard_costs() {
    let Some(kafka) = Kafka::new() else { return };
    let count = u32::try_from(TROUBLES.len()).unwrap();
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
    let running: Vec<_> = thread::scope(|scope| {
        let begin = |(trouble, (shard, running))| {
            let (kafka, load) = (&kafka, &load);
            scope.spawn(move || {
                // The state is of the load by then, and so is what is a little older.
                load.pass(14);
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
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    let (sent, last) = load.stop();
    shards.iter().for_each(|shard| shard.until_arrived(&last));
    stop(sending);
    running.into_iter().for_each(stop);

    let input = lines(&keys, 0, sent, START_S);
    let one = said(&alone(&input, SETTINGS).unwrap());
    let mut of_shard: Vec<BTreeMap<String, Vec<String>>> = vec![BTreeMap::new(); TROUBLES.len()];
    let homes: BTreeMap<&str, u32> = keys
        .iter()
        .map(|key| (key.text.as_str(), key.shard(count)))
        .collect();
    for line in input.lines() {
        let shard = usize::try_from(homes[key(line)]).unwrap();
        of_shard[shard]
            .entry(key(line).to_owned())
            .or_default()
            .push(line.to_owned());
    }
    for ((trouble, shard), own) in TROUBLES.into_iter().zip(&shards).zip(&of_shard) {
        let outcome = outcome(&shard.scene.arrived(), own, &one);
        outcome.tell(trouble);
        outcome.assert_harmless();
        outcome.assert_as_promised(trouble);
    }
}

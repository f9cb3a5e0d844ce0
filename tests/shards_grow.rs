//! More shards than before, and a shard that lost its state: what the models know afterwards, behind a real
//! Kafka.
//!
//! These take a minute each and are ignored in the ordinary run:
//!
//! `cargo test --test shards_grow -- --ignored --nocapture --test-threads 1`
//!
//! prints the figures that are in `deploy/kafka/README.md`. Without Telegraf or Kafka they say that they skip.

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
use std::time::{SystemTime, UNIX_EPOCH};

use common::telegraf_agent::{Running, Scene};
use sharded::broker::Kafka;
use sharded::fleet::{Shard, alone, mark, producer, stop};
use sharded::series::{Key, START_S, STEP_S, keys, lines};
use sharded::union::{Said, assert_equal, counter, in_turn, key, said};

const SETTINGS: &str = "[output]\nverdicts = \"all\"\n";
const BEFORE: usize = 4;
const AFTER: usize = 8;

/// Six hundred keys of all kinds.
fn some_keys() -> Vec<Key> {
    keys().into_iter().step_by(3).collect()
}

/// Sends lines and a mark over so many shards, with a Telegraf that ends when these shards have them.
fn send(kafka: &Kafka, sender: &Scene, text: &str, n: usize, shards: &[Shard]) {
    sender.write("in.lp", &format!("{text}{}\n", mark(n)));
    let sending = sender.start_with(&[], &[("KAFKA", &kafka.address)]);
    shards
        .iter()
        .for_each(|shard| shard.until_arrived(&mark(n)));
    stop(sending);
}

fn start<'a>(kafka: &Kafka, shards: &'a [Shard]) -> Vec<Running<'a>> {
    shards.iter().map(|shard| shard.start(kafka)).collect()
}

fn arrived(shards: &[Shard]) -> Vec<Said> {
    shards
        .iter()
        .map(|shard| said(&shard.scene.arrived()))
        .collect()
}

/// The lines of a record whose time is that of round `from` or later.
fn records<'a>(of: &'a Said, suffix: &'a str, from: i64) -> impl Iterator<Item = &'a String> {
    let since = (START_S + from * STEP_S) * 1_000_000_000;
    let wanted = move |line: &&String| {
        let name = key(line).split(',').next().unwrap();
        let time: i64 = line[line.rfind(' ').unwrap() + 1..].parse().unwrap();
        name.ends_with(suffix) && since <= time
    };
    of.values().flatten().filter(wanted)
}

/// Key and time of what is flagged.
fn flagged<'a>(lines: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let flagged = lines.filter(|line| line.contains("is_anomaly=true"));
    flagged
        .map(|line| format!("{}{}", key(line), &line[line.rfind(' ').unwrap()..]))
        .collect()
}

/// Twice as many: what was told to a shard is in two, each with a copy of its state. Nothing is cold, nothing
/// is lost, and together they go on saying what one brewcast would.
#[test]
#[ignore = "a minute"]
fn twice_as_many_shards_go_on_from_copies_of_the_state() {
    let Some(kafka) = Kafka::new() else { return };
    let (Some(four), Some(eight)) = (producer(BEFORE), producer(AFTER)) else {
        return;
    };
    kafka.make_topics(AFTER);
    let keys = some_keys();
    let [first, meanwhile, then] =
        [(0, 60), (60, 75), (75, 120)].map(|(from, to)| lines(&keys, from, to, START_S));
    let shards: Vec<Shard> = (0..AFTER)
        .map(|i| Shard::new(i, SETTINGS).unwrap())
        .collect();
    let (old, new) = shards.split_at(BEFORE);

    let running = start(&kafka, old);
    send(&kafka, &four, &first, 0, old);
    // From here on the senders know of eight. What is for the new ones waits in their topics.
    send(&kafka, &eight, &meanwhile, 1, old);
    running.into_iter().for_each(stop);
    for (old, new) in old.iter().zip(new) {
        let state = |shard: &Shard| shard.scene.path(&format!("{}.state", shard.name));
        fs::copy(state(old), state(new)).unwrap();
    }
    let running = start(&kafka, &shards);
    send(&kafka, &eight, &then, 2, &shards);
    running.into_iter().for_each(stop);

    let one = said(&alone(&format!("{first}{meanwhile}{then}"), SETTINGS).unwrap());
    let equal = assert_equal(&in_turn(&arrived(&shards)), &one);
    eprintln!("{equal} lines are equal");
    for shard in &shards {
        let lines = shard.scene.arrived();
        assert!(counter(&lines, "points_warming") == 0.0);
        assert!(counter(&lines, "points_late") + counter(&lines, "points_duplicate") == 0.0);
    }
}

/// Any other number, or no copy: what is new to a shard warms up. How long, and what it flags then.
#[test]
#[ignore = "a minute"]
fn a_series_that_is_new_to_a_cold_shard_warms_up_and_then_flags_what_is_to_be_flagged() {
    const SWITCH: i64 = 60;
    const END: i64 = 240;
    let Some(kafka) = Kafka::new() else { return };
    let Some(sender) = producer(1) else { return };
    kafka.make_topics(1);
    let keys = some_keys();
    let shards = [Shard::new(0, SETTINGS).unwrap()];
    let running = start(&kafka, &shards);
    send(
        &kafka,
        &sender,
        &lines(&keys, SWITCH, END, START_S),
        0,
        &shards,
    );
    running.into_iter().for_each(stop);

    let one = said(&alone(&lines(&keys, 0, END, START_S), SETTINGS).unwrap());
    let cold = &arrived(&shards)[0];
    let (judged, expected) = (
        records(cold, "_anomaly", SWITCH).count(),
        records(&one, "_anomaly", SWITCH).count(),
    );
    let series = keys.iter().map(Key::fields).sum::<usize>();
    eprintln!(
        "{series} series: {} points each were not judged",
        (expected - judged) as f64 / series as f64
    );
    assert_eq!(expected - judged, 30 * series);
    let since = SWITCH + 30;
    let (cold, warm) = (
        flagged(records(cold, "_anomaly", since)),
        flagged(records(&one, "_anomaly", since)),
    );
    let (more, less) = (
        cold.difference(&warm).count(),
        warm.difference(&cold).count(),
    );
    eprintln!(
        "then, of {judged} verdicts: {} flags beside {} of a warm one, {more} more, {less} less",
        cold.len(),
        warm.len()
    );
    assert!(more * 100 < judged, "no burst of flags");
}

/// A second set of shards beside the first, silent until it is warm: then its settings change, its state stays.
#[test]
#[ignore = "a minute"]
fn a_shard_that_ran_silently_beside_another_takes_over_warm() {
    const SILENT: &str = "[output]\nverdicts = \"none\"\nforecasts = false\nevents = false\n";
    const SWITCH: i64 = 60;
    const WARM: i64 = 180;
    const END: i64 = 300;
    let Some(kafka) = Kafka::new() else { return };
    let Some(sender) = producer(1) else { return };
    kafka.make_topics(1);
    let keys = some_keys();
    let shards = [Shard::new(0, SILENT).unwrap()];
    let running = start(&kafka, &shards);
    send(
        &kafka,
        &sender,
        &lines(&keys, SWITCH, WARM, START_S),
        0,
        &shards,
    );
    running.into_iter().for_each(stop);
    let before = shards[0].scene.arrived();
    let silent = said(&before);
    assert!(
        ["_anomaly", "_forecast", "_event"]
            .iter()
            .all(|suffix| records(&silent, suffix, 0).next().is_none())
    );
    shards[0].scene.write("brewcast.toml", SETTINGS);
    let running = start(&kafka, &shards);
    send(
        &kafka,
        &sender,
        &lines(&keys, WARM, END, START_S),
        1,
        &shards,
    );
    running.into_iter().for_each(stop);

    let after = said(&shards[0].scene.arrived()[before.len()..]);
    let one = said(&alone(&lines(&keys, 0, END, START_S), SETTINGS).unwrap());
    let verdicts = |of| records(of, "_anomaly", WARM).count();
    assert_eq!(verdicts(&after), verdicts(&one), "nobody warms up");
    let flags = |of| flagged(records(of, "_anomaly", WARM));
    let (new, old) = (flags(&after), flags(&one));
    let (more, less) = (new.difference(&old).count(), old.difference(&new).count());
    eprintln!(
        "{} verdicts from the first point on: {} flags beside {}, {more} more, {less} less",
        verdicts(&after),
        new.len(),
        old.len()
    );
    let apart = apart(&after, &one, "_anomaly", WARM);
    eprintln!(
        "yhat: median {:.4} and 99 % within {:.4} of the width of the limits",
        apart[apart.len() / 2],
        apart[apart.len() * 99 / 100]
    );
    assert!(more * 100 < verdicts(&after), "no burst of flags");
}

/// The numbers of a field in records, by key, step and time.
fn field(of: &Said, suffix: &str, name: &str, from: i64) -> BTreeMap<String, f64> {
    let value = |line: &String| -> Option<(String, f64)> {
        let fields: Vec<&str> = line[key(line).len() + 1..].split([',', ' ']).collect();
        let of = |name: &str| fields.iter().find_map(|field| field.strip_prefix(name));
        let number = of(&format!("{name}="))?.parse().ok()?;
        let id = format!(
            "{} {} {}",
            key(line),
            of("step=").unwrap_or(""),
            fields.last()?
        );
        Some((id, number))
    };
    records(of, suffix, from).filter_map(value).collect()
}

/// Distances of two expectations, in shares of the width of the second one's interval, in order.
fn apart(left: &Said, right: &Said, suffix: &str, from: i64) -> Vec<f64> {
    let of = |said, name| field(said, suffix, name, from);
    let (now, then) = (of(left, "yhat"), of(right, "yhat"));
    let (lower, upper) = (of(right, "yhat_lower"), of(right, "yhat_upper"));
    assert_eq!(now.len(), then.len(), "{suffix}");
    let mut apart: Vec<f64> = then
        .iter()
        .map(|(id, then)| (now[id] - then).abs() / (upper[id] - lower[id]))
        .collect();
    apart.sort_by(f64::total_cmp);
    apart
}

/// A shard that lost its state after so many hours, and has read one of them again; beside one that did not,
/// over the ten minutes that follow.
struct Replayed {
    lost: Said,
    kept: Said,
    from: i64,
}

fn replayed(hours: i64) -> Option<Replayed> {
    const SETTINGS: &str =
        "[output]\nverdicts = \"all\"\n\n[forecast]\nhorizon = 10\npoints = \"all\"\nevery = 1\n";
    let kafka = Kafka::new()?;
    let sender = producer(1)?;
    // An hour of data in seconds: Kafka is told the time of the data.
    let (text, wall) = (sender.read("telegraf.conf"), "producer_timestamp = \"now\"");
    assert!(text.contains(wall));
    sender.write(
        "telegraf.conf",
        &text.replace(wall, "producer_timestamp = \"metric\""),
    );
    kafka.make_topics(1);
    let keys: Vec<Key> = keys().into_iter().step_by(20).collect();
    let (until, end) = (hours * 360, hours * 360 + 60);
    let now_s = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    // A little less than so many hours: an hour ago is before the first point, or in the middle.
    let start_s = i64::try_from(now_s).unwrap() - until * STEP_S + 300;
    let shards = [Shard::new(0, SETTINGS).unwrap()];
    let running = start(&kafka, &shards);
    send(
        &kafka,
        &sender,
        &lines(&keys, 0, until, start_s),
        0,
        &shards,
    );
    running.into_iter().for_each(stop);
    let state = shards[0].scene.path("brewcast-0.state");
    fs::remove_file(&state).unwrap();
    let told = kafka.script(
        "deploy/kafka/resume.sh",
        &[&state.display().to_string()],
        "brewcast-0",
    );
    eprintln!("{}", told.lines().last().unwrap());
    let before = shards[0].scene.arrived().len();
    let running = start(&kafka, &shards);
    send(
        &kafka,
        &sender,
        &lines(&keys, until, end, start_s),
        1,
        &shards,
    );
    running.into_iter().for_each(stop);
    Some(Replayed {
        lost: said(&shards[0].scene.arrived()[before..]),
        kept: said(&alone(&lines(&keys, 0, end, start_s), SETTINGS).unwrap()),
        from: until + (start_s - START_S) / STEP_S + 1,
    })
}

impl Replayed {
    /// Prints how far the two are apart.
    fn tell(&self, what: &str) -> (usize, usize) {
        let flags = |of| flagged(records(of, "_anomaly", self.from));
        let (lost, kept) = (flags(&self.lost), flags(&self.kept));
        let (more, less) = (
            lost.difference(&kept).count(),
            kept.difference(&lost).count(),
        );
        eprintln!("{what}: {} flags, {more} more, {less} less", kept.len());
        for suffix in ["_anomaly", "_forecast"] {
            let apart = apart(&self.lost, &self.kept, suffix, self.from);
            let equal = apart.iter().filter(|apart| **apart == 0.0).count();
            eprintln!(
                "  {} records of {suffix}: yhat equal in {equal}; by the width of the interval the median is {:.4} apart, 99 % are within {:.4}",
                apart.len(),
                apart[apart.len() / 2],
                apart[apart.len() * 99 / 100]
            );
        }
        (more, less)
    }
}

#[test]
#[ignore = "a minute"]
fn a_shard_that_lost_its_state_knows_all_that_kafka_had_once_it_has_read_it_again() {
    let Some(all) = replayed(1) else { return };
    all.tell("an hour of one");
    let since = |of: &Said| -> Said {
        let lines = ["_anomaly", "_forecast", "_event"]
            .map(|suffix| records(of, suffix, all.from).cloned().collect());
        Said::from_iter(
            ["verdicts", "forecasts", "events"]
                .map(str::to_owned)
                .into_iter()
                .zip(lines),
        )
    };
    let equal = assert_equal(&since(&all.lost), &since(&all.kept));
    eprintln!("{equal} records are equal");
}

#[test]
#[ignore = "a minute"]
fn a_shard_that_lost_its_state_is_warm_after_it_has_read_the_last_of_two_hours_again() {
    let Some(half) = replayed(2) else { return };
    let (more, less) = half.tell("an hour of two");
    assert!(more <= 5 && less <= 5, "{more} more, {less} less");
}

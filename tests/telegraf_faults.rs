//! brewcast inside a real Telegraf when things go wrong: reloads, stops, kills, outputs that fail.
//!
//! Telegraf itself loses metrics in some of these; so each test counts three times: what was *sent*, what
//! Telegraf *gave* to brewcast (a `tee` before it writes that down), and what *arrived*. Lost between the first
//! two is Telegraf's, between the last two ours. `--nocapture` prints the counts. Without `TELEGRAF_BIN`
//! every test says that it skips.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a fault here is a failed test"
)]

mod common;

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::refusing_server::RefusingServer;
use common::telegraf_agent::{
    LIMIT, ONCE, Running, Scene, agent, assert_same_lines, children, originals,
};
use rustix::process::{Signal, kill_process};

/// Series of the load: two fields of twenty.
const SERIES: u64 = 40;

/// The `n`-th line of twenty series, as Telegraf writes it.
fn line(n: usize) -> String {
    let value = f64::from(u32::try_from(200 + n * 7 % 13).unwrap()) / 10.0;
    let time = 1_700_000_000_000_000_000 + n / 20 * 1_000_000_000 + n % 20;
    format!("load,s=s{} n={n}i,v={value} {time}", n % 20)
}

/// Appends lines to `in.lp`, some 4,000 a second, until it is told to stop.
struct Load {
    is_over: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    writer: JoinHandle<()>,
}

impl Load {
    fn start(scene: &Scene) -> Self {
        let path = scene.path("in.lp");
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        let (is_over, sent) = <(Arc<AtomicBool>, Arc<AtomicUsize>)>::default();
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&sent));
        let writer = thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let from = count.load(Ordering::Relaxed);
                let lines: String = (from..from + 40).map(|n| line(n) + "\n").collect();
                file.write_all(lines.as_bytes()).unwrap();
                count.store(from + 40, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(10)); // the rate of the load
            }
        });
        Self {
            is_over,
            sent,
            writer,
        }
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Ends it; all lines that were sent.
    fn stop(self) -> Vec<String> {
        self.is_over.store(true, Ordering::Relaxed);
        self.writer.join().unwrap();
        let sent = self.sent.load(Ordering::Relaxed);
        (0..sent).map(line).collect()
    }
}

/// A tail of `in.lp` through brewcast, with what Telegraf gives it written to `given.lp`.
fn configure_tail(scene: &Scene, output: &str) {
    let state = scene.path("telegraf.state");
    let keys = format!("{ONCE}  statefile = '{}'\n", state.display());
    scene.write("in.lp", "");
    let (tail, child) = (scene.tail_input(), scene.brewcast_behind_tee("given.lp"));
    scene.configure(&[&agent(&keys), &tail, &child, output]);
}

/// How many lines of the first are not among the second.
fn missing<'a>(
    these: impl IntoIterator<Item = &'a str>,
    among: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let among: HashSet<&str> = among.into_iter().collect();
    these
        .into_iter()
        .filter(|line| !among.contains(line))
        .collect()
}

/// Holds what arrived against what brewcast was given: the same lines in the same order.
fn assert_ours_lost_nothing(scene: &Scene, what: &str, sent: usize) {
    let (given, arrived) = (scene.read("given.lp"), scene.arrived());
    let given: Vec<String> = given.lines().map(str::to_owned).collect();
    let passed = originals(&arrived);
    eprintln!(
        "{what}: sent {sent}, given {}, arrived {}",
        given.len(),
        passed.len()
    );
    assert_same_lines(&passed, &given);
}

/// A counter of the `brewcast` records that arrived, in their order.
fn counters(arrived: &str, name: &str) -> Vec<u64> {
    let reports = arrived.lines().filter(|line| line.starts_with("brewcast,"));
    let counter = |line: &str| {
        let (_, rest) = line.split_once(&format!("{name}=")).unwrap();
        rest.split('i').next().unwrap().parse().unwrap()
    };
    reports.map(counter).collect()
}

/// Each child but the first went on where the one before it was: with all forty series, and none of them warming up.
fn assert_went_on(scene: &Scene, children: usize) {
    let arrived = scene.arrived();
    let restored = counters(&arrived, "series_restored");
    assert_eq!(
        restored.len(),
        children,
        "a report of each child at its end"
    );
    assert!(
        restored[1..].iter().all(|&series| series == SERIES),
        "{restored:?}"
    );
    let warming = counters(&arrived, "points_warming");
    assert!(
        warming[1..].iter().all(|&points| points == 0),
        "{warming:?}"
    );
    let failures = counters(&arrived, "state_failures");
    assert_eq!(failures, vec![0; children]);
}

fn arrived_at_least(telegraf: &Running<'_>, n: usize) {
    telegraf.until("lines arrive", |scene| {
        originals(&scene.arrived()).len() >= n
    });
}

#[test]
fn ten_reloads_under_load_cost_nothing_of_what_telegraf_gave_us() {
    let Some(scene) = Scene::new() else { return };
    configure_tail(&scene, &scene.file_output());
    let telegraf = scene.start(&[]);
    let load = Load::start(&scene);
    for reload in 1..=10 {
        let before = originals(&scene.arrived()).len();
        arrived_at_least(&telegraf, before + 1_000);
        telegraf.signal(Signal::HUP);
        telegraf.until("a child starts", |scene| {
            children(&scene.read("log")) > reload
        });
    }
    let lines = load.stop();
    telegraf.until("the last line arrives", |scene| {
        scene.arrived().contains(lines.last().unwrap())
    });
    telegraf.signal(Signal::TERM);
    let ended = telegraf.end(LIMIT);
    assert!(ended.status.success(), "{}", ended.log);
    assert_eq!(ended.children(), 11);
    assert_ours_lost_nothing(&scene, "ten reloads", lines.len());
    assert_went_on(&scene, 11);
    let arrived = scene.arrived();
    let lost = missing(lines.iter().map(String::as_str), originals(&arrived));
    eprintln!("lost on the way to us: {}", lost.len());
}

#[test]
fn a_stop_in_the_middle_of_a_burst_costs_nothing() {
    for moment in [0, 1_000, 10_000, 40_000, 80_000] {
        let Some(scene) = Scene::new() else { return };
        let lines: Vec<String> = (0..100_000).map(line).collect();
        scene.write("in.lp", &(lines.join("\n") + "\n"));
        let child = scene.brewcast_behind_tee("given.lp");
        let (input, output) = (scene.file_input(), scene.file_output());
        scene.configure(&[&agent(ONCE), &input, &child, &output]);
        let telegraf = scene.start(&[]);
        telegraf.until("the burst begins", |scene| {
            scene.read("given.lp").lines().count() > moment
        });
        telegraf.signal(Signal::TERM);
        telegraf.end(LIMIT).assert_understood();
        assert_ours_lost_nothing(&scene, "stop in a burst", lines.len());
        assert_same_lines(&originals(&scene.arrived()), &lines);
    }
}

/// What is on its way in a program that is killed is gone; so is what comes until Telegraf has started
/// it again. Nothing else is, and what comes after it passes.
#[test]
fn a_killed_child_costs_what_was_in_it_and_the_restart_delay() {
    let Some(scene) = Scene::new() else { return };
    configure_tail(&scene, &scene.file_output());
    let telegraf = scene.start(&[]);
    let load = Load::start(&scene);
    for kill in 1..=3 {
        let before = originals(&scene.arrived()).len();
        arrived_at_least(&telegraf, before + 2_000);
        for pid in telegraf.brewcasts() {
            kill_process(pid, Signal::KILL).unwrap();
        }
        telegraf.until("a child starts", |scene| {
            children(&scene.read("log")) > kill
        });
        let since = load.sent();
        telegraf.until("what came since arrives", |scene| {
            scene.arrived().contains(&line(since + 4_000))
        });
    }
    let lines = load.stop();
    telegraf.until("the last line arrives", |scene| {
        scene.arrived().contains(lines.last().unwrap())
    });
    telegraf.signal(Signal::TERM);
    let ended = telegraf.end(LIMIT);
    assert_eq!(ended.children(), 4);
    let (given, arrived) = (scene.read("given.lp"), scene.arrived());
    let passed = originals(&arrived);
    assert!(missing(passed.iter().copied(), given.lines()).is_empty());
    let lost = missing(lines.iter().map(String::as_str), passed.iter().copied());
    let refused = ended.log.matches("error writing to process stdin").count();
    let inside = missing(given.lines(), passed.iter().copied()).len();
    eprintln!(
        "three kills: sent {}, arrived {}, lost {}: {refused} refused by Telegraf's pipe, {inside} were given and inside",
        lines.len(),
        passed.len(),
        lost.len(),
    );
    // Three stretches: each line that is lost follows another one, but for the first of a stretch.
    let number = |line: &str| -> usize {
        let (_, rest) = line.split_once("n=").unwrap();
        rest.split('i').next().unwrap().parse().unwrap()
    };
    let numbers: Vec<usize> = lost.iter().map(|line| number(line)).collect();
    let stretches = 1 + numbers
        .windows(2)
        .filter(|two| two[1] != two[0] + 1)
        .count();
    assert!(stretches <= 3, "{stretches} stretches of lost lines");
    // The one at the end was started three kills later, and knew all of them.
    let restored = counters(&arrived, "series_restored");
    assert_eq!(restored.last(), Some(&SERIES), "{restored:?}");
    assert_eq!(counters(&arrived, "points_warming").last(), Some(&0));
}

#[test]
fn a_child_that_is_stopped_for_eight_seconds_costs_nothing() {
    let Some(scene) = Scene::new() else { return };
    configure_tail(&scene, &scene.file_output());
    let telegraf = scene.start(&[]);
    let load = Load::start(&scene);
    arrived_at_least(&telegraf, 2_000);
    let children = telegraf.brewcasts();
    assert_eq!(children.len(), 1);
    kill_process(children[0], Signal::STOP).unwrap();
    thread::sleep(Duration::from_secs(8)); // being stopped is what is tested
    kill_process(children[0], Signal::CONT).unwrap();
    let lines = load.stop();
    telegraf.until("all lines arrive", |scene| {
        originals(&scene.arrived()).len() >= lines.len()
    });
    telegraf.signal(Signal::TERM);
    let ended = telegraf.end(LIMIT);
    ended.assert_understood();
    assert_eq!(ended.children(), 1);
    assert_ours_lost_nothing(&scene, "stopped for 8 s", lines.len());
    assert_same_lines(&originals(&scene.arrived()), &lines);
}

/// A database that refuses everything for a while, with a buffer of this size before it; what it got,
/// and the log of Telegraf.
fn past_a_failing_output(scene: &Scene, buffer: usize) -> (Vec<String>, String, String) {
    let server = RefusingServer::start();
    let output = format!(
        "[[outputs.influxdb_v2]]\n  urls = ['{}']\n  token = 't'\n  organization = 'o'\n  \
         bucket = 'b'\n  content_encoding = 'identity'\n  metric_buffer_limit = {buffer}\n",
        server.url()
    );
    let lines: Vec<String> = (0..30_000).map(line).collect();
    scene.write("in.lp", &(lines.join("\n") + "\n"));
    let child = scene.brewcast_behind_tee("given.lp");
    scene.configure(&[&agent(ONCE), &scene.file_input(), &child, &output]);
    let telegraf = scene.start(&[]);
    telegraf.until("all is given", |scene| {
        scene.read("given.lp").lines().count() == lines.len()
    });
    telegraf.until("it was refused", |_| server.refused() >= 3);
    server.relent();
    let last = line(29_999);
    telegraf.until("the newest are taken", |_| server.got().contains(&last));
    telegraf.signal(Signal::TERM);
    let ended = telegraf.end(LIMIT);
    let got = server.got();
    let numbered = |text: &str| {
        let lines = originals(text).into_iter().map(str::to_owned);
        lines.collect::<Vec<String>>()
    };
    let passed = numbered(&got);
    eprintln!(
        "output that fails, buffer of {buffer}: sent {}, given {}, arrived {}, dropped by Telegraf {}",
        lines.len(),
        scene.read("given.lp").lines().count(),
        passed.len(),
        dropped(&ended.log),
    );
    (passed, got, ended.log)
}

/// Metrics that Telegraf says it dropped, ours among them.
fn dropped(log: &str) -> usize {
    let counts = log
        .lines()
        .filter(|line| line.contains("metrics have been dropped"));
    let count = |line: &str| {
        let (_, rest) = line.split_once("overflow; ").unwrap();
        rest.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    counts.map(count).sum()
}

#[test]
fn an_output_that_fails_for_a_while_costs_nothing_that_fits_into_its_buffer() {
    let Some(scene) = Scene::new() else { return };
    let (passed, got, log) = past_a_failing_output(&scene, 1_000_000);
    assert_eq!(dropped(&log), 0, "{log}");
    let mut lines: Vec<String> = (0..30_000).map(line).collect();
    let mut passed = passed;
    passed.sort();
    lines.sort();
    let passed: Vec<&str> = passed.iter().map(String::as_str).collect();
    assert_same_lines(&passed, &lines);
    assert!(got.contains("load_anomaly,"), "and records of ours");
}

#[test]
fn an_output_that_overflows_drops_the_oldest_and_says_how_many() {
    let Some(scene) = Scene::new() else { return };
    let (passed, got, log) = past_a_failing_output(&scene, 10_000);
    let dropped = dropped(&log);
    assert!(dropped > 15_000, "{dropped}");
    let lost = 30_000 - passed.len();
    assert!(
        lost <= dropped,
        "{lost} lost, {dropped} dropped by Telegraf"
    );
    assert!(got.contains(&line(29_999)), "the newest are kept");
}

/// Telegraf starts the child for the aggregates first; it must not have the state of the one that is fed.
#[test]
fn of_two_children_beside_an_aggregator_the_one_that_is_fed_goes_on_where_it_was() {
    let Some(scene) = Scene::new() else { return };
    let mut lines: Vec<String> = Vec::new();
    for run in 0..2 {
        let new: Vec<String> = (4_000 * run..4_000 * (run + 1)).map(line).collect();
        scene.write("in.lp", &(new.join("\n") + "\n"));
        lines.extend(new);
        scene.configure(&[
            &agent("  skip_processors_after_aggregators = false\n"),
            &scene.file_input(),
            &scene.brewcast_behind_tee("given.lp"),
            "[[aggregators.basicstats]]\n  period = '1h'\n  grace = '876000h'\n  \
             name_suffix = '_stats'\n  stats = ['mean']\n  namepass = ['load']\n",
            &scene.file_output(),
        ]);
        let ended = scene.run(&["--once"]);
        assert_eq!(ended.children(), 2, "{}", ended.log);
    }
    let arrived = scene.arrived();
    let (aggregates, others): (Vec<&str>, Vec<&str>) = originals(&arrived)
        .into_iter()
        .partition(|line| line.starts_with("load_stats,"));
    assert_same_lines(&others, &lines);
    let (sent, passed) = (lines.len(), others.len());
    let aggregates = aggregates.len();
    eprintln!("two children, twice: sent {sent}, arrived {passed}, and {aggregates} aggregates");
    let fed: Vec<usize> = (0..)
        .zip(counters(&arrived, "lines"))
        .filter(|&(_, lines)| lines == 4_000)
        .map(|(at, _)| at)
        .collect();
    let [_, second] = fed[..] else {
        panic!("two children were fed: {fed:?}");
    };
    assert!(counters(&arrived, "series_restored")[second] >= SERIES);
    assert_eq!(counters(&arrived, "points_warming")[second], 0);
}

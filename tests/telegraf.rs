//! brewcast inside a real Telegraf.
//!
//! Each test is a promise to a user of Telegraf, and its name says which. The lines that go in are written
//! such that Telegraf's own reading and writing does not change a byte of them, so that what arrives can be
//! compared as text. `TELEGRAF_BIN` names the binary (`common/telegraf_agent.rs`); without it every test
//! says that it skips. Nothing here judges forecasts or verdicts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs::OpenOptions;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::telegraf_agent::{
    Ended, LIMIT, ONCE, Scene, agent, assert_same_lines, children, is_ours, originals,
};
use rustix::process::Signal;

const START_S: u64 = 1_700_000_000;
const SERIES: u64 = 10;

/// `count` lines of ten series, each series with a point a second, in the order of their times.
fn temperatures(start_s: u64, count: u64) -> Vec<String> {
    let mut noise = 1_u64;
    let line = |n: u64| {
        noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let tenths = 200 + (n / SERIES) % 60 + (noise >> 60);
        format!(
            "temperature,brew=b{},room=cellar count={n}i,label=\"no. {n}\",ok={},value={} {}",
            n % SERIES,
            n.is_multiple_of(3),
            f64::from(u32::try_from(tenths).unwrap()) / 10.0,
            (start_s + n / SERIES) * 1_000_000_000 + n % SERIES
        )
    };
    (0..count).map(line).collect()
}

fn text(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

/// Sends the text through Telegraf and brewcast once, as it stands.
fn pass(scene: &Scene, input: &str) -> Ended {
    scene.write("in.lp", input);
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &scene.brewcast(&[], ""),
        &scene.file_output(),
    ]);
    scene.run(&["--once"])
}

#[test]
fn no_line_is_lost_in_ten_runs() {
    for run in 0..10 {
        let Some(scene) = Scene::new() else { return };
        let lines = temperatures(START_S + run, 20_000);
        let ended = pass(&scene, &text(&lines));
        ended.assert_understood();
        assert_same_lines(&originals(&scene.arrived()), &lines);
    }
}

#[test]
fn no_line_is_lost_behind_the_replayer() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 20_000);
    scene.write("in.lp", &text(&lines));
    scene.configure(&[
        &agent(ONCE),
        &scene.replay_input(),
        &scene.brewcast(&[], ""),
        &scene.file_output(),
    ]);
    let telegraf = scene.start(&[]);
    telegraf.until("all lines arrive", |scene| {
        originals(&scene.arrived()).len() == lines.len()
    });
    telegraf.signal(Signal::TERM);
    telegraf.end(LIMIT).assert_understood();
    assert_same_lines(&originals(&scene.arrived()), &lines);
}

#[test]
fn test_mode_prints_the_originals_and_records() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 2_000);
    scene.write("in.lp", &text(&lines));
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &scene.brewcast(&[], ""),
        &scene.file_output(),
    ]);
    let ended = scene.run(&["--test"]);
    ended.assert_understood();
    let printed = ended.stdout.replace("> ", "");
    assert_same_lines(&originals(&printed), &lines);
    assert!(
        printed
            .lines()
            .any(|line| is_ours(line) && line.starts_with("temperature_")),
        "no record"
    );
}

#[test]
fn what_was_gathered_arrives_when_telegraf_is_stopped_meanwhile() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 200_000);
    scene.write("in.lp", &text(&lines));
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &scene.brewcast(&[], ""),
        &scene.file_output(),
    ]);
    let telegraf = scene.start(&[]);
    telegraf.until("the first lines arrive", |scene| {
        !scene.arrived().is_empty()
    });
    telegraf.signal(Signal::TERM);
    let before = originals(&scene.arrived()).len();
    assert!(
        before < lines.len(),
        "the stop was to come while metrics flow"
    );
    telegraf.end(Duration::from_secs(30)).assert_understood();
    assert_same_lines(&originals(&scene.arrived()), &lines);
}

/// Nothing is on its way while Telegraf reloads: with a backlog `inputs.tail` itself, without any processor,
/// may take up a file in the middle of a line, or repeat one.
#[test]
fn a_reload_loses_nothing_and_repeats_nothing() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 20_000);
    let state = format!(
        "{ONCE}  statefile = '{}'\n",
        scene.path("telegraf.state").display()
    );
    scene.write("in.lp", "");
    scene.configure(&[
        &agent(&state),
        &scene.tail_input(),
        &scene.brewcast(&[], ""),
        &scene.file_output(),
    ]);
    let telegraf = scene.start(&[]);
    let mut input = OpenOptions::new()
        .append(true)
        .open(scene.path("in.lp"))
        .unwrap();
    for (n, line) in lines.iter().enumerate() {
        if n % 5_000 == 0 {
            telegraf.until("what was written arrives", |scene| {
                originals(&scene.arrived()).len() == n
            });
            if n > 0 {
                telegraf.signal(Signal::HUP);
            }
            telegraf.until("a child starts", |scene| {
                children(&scene.read("log")) == n / 5_000 + 1
            });
        }
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
    telegraf.until("all lines arrive", |scene| {
        lines.len() <= originals(&scene.arrived()).len()
    });
    telegraf.signal(Signal::TERM);
    let ended = telegraf.end(LIMIT);
    ended.assert_understood();
    assert_eq!(ended.children(), 4);
    assert_same_lines(&originals(&scene.arrived()), &lines);
}

#[test]
fn a_second_brewcast_does_not_model_the_records_of_the_first() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 2_000);
    scene.write("in.lp", &text(&lines));
    let (first, second) = (
        scene.brewcast(&[], "  order = 1\n"),
        scene.brewcast(&[], "  order = 2\n"),
    );
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &first,
        &second,
        &scene.file_output(),
    ]);
    let ended = scene.run(&["--once"]);
    ended.assert_understood();
    assert_eq!(ended.children(), 2);
    let arrived = scene.arrived();
    assert_same_lines(&originals(&arrived), &lines);
    let ours: Vec<&str> = arrived.lines().filter(|line| is_ours(line)).collect();
    assert!(
        ours.iter().any(|line| line.starts_with("temperature_")),
        "no record"
    );
    for line in ours {
        let measurement = line.split([',', ' ']).next().unwrap();
        assert!(
            measurement.matches('_').count() < 2,
            "a record about a record: {line}"
        );
        assert!(
            !measurement.starts_with("brewcast_"),
            "a record about a record: {line}"
        );
    }
}

/// 600 s of ten series up to now, past an aggregator; gives the run and the number of aggregates.
fn aggregate(scene: &Scene, agent_keys: &str) -> (Ended, usize) {
    let now_s = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let lines = temperatures(now_s - 600, 6_000);
    scene.write("in.lp", &text(&lines));
    scene.configure(&[
        &agent(agent_keys),
        &scene.file_input(),
        &scene.brewcast(&[], ""),
        "[[aggregators.basicstats]]\n  period = '1h'\n  grace = '1h'\n  name_suffix = '_stats'\n  \
         stats = ['mean']\n  namepass = ['temperature']\n",
        &scene.file_output(),
    ]);
    let ended = scene.run(&["--once"]);
    ended.assert_understood();
    let arrived = scene.arrived();
    let (aggregates, others): (Vec<&str>, Vec<&str>) = originals(&arrived)
        .into_iter()
        .partition(|line| line.starts_with("temperature_stats,"));
    assert_same_lines(&others, &lines);
    (ended, aggregates.len())
}

#[test]
fn with_an_aggregator_two_children_run_and_nothing_is_lost() {
    let Some(scene) = Scene::new() else { return };
    let (ended, aggregates) = aggregate(&scene, "  skip_processors_after_aggregators = false\n");
    assert_eq!(ended.children(), 2);
    assert_eq!(aggregates, 10); // one a series, through the second child
}

#[test]
fn with_an_aggregator_and_the_skip_one_child_runs_and_nothing_is_lost() {
    let Some(scene) = Scene::new() else { return };
    let (ended, aggregates) = aggregate(&scene, ONCE);
    assert_eq!(ended.children(), 1);
    assert_eq!(aggregates, 10);
}

/// The record among others, as Telegraf and brewcast let it out.
fn assert_passes(record: &str) {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 200);
    let ended = pass(
        &scene,
        &format!("{}{record}\n{}", text(&lines), text(&lines)),
    );
    ended.assert_understood();
    let arrived = scene.arrived();
    let separator = format!("\n{record}\n");
    let mut parts = arrived.split(&separator);
    let (before, after) = (
        parts.next().unwrap(),
        parts.next().expect("the record arrives whole"),
    );
    assert_same_lines(&originals(before), &lines);
    assert_same_lines(&originals(after), &lines);
    assert_eq!(parts.next(), None, "the record arrives once");
}

#[test]
fn a_string_of_600_kb_passes() {
    assert_passes(&format!(
        "blob,host=a text=\"{}\",v=1 1700000000000000000",
        "0123456789".repeat(60_000)
    ));
}

#[test]
fn a_string_with_newlines_passes() {
    assert_passes(
        "note,host=a text=\"one\ntwo, \\\"three\\\"\n\nm v=1 1\n\",v=1 1700000000000000000",
    );
}

#[test]
fn an_unsigned_field_stays_unsigned() {
    assert_passes("disk,host=a free=18446744073709551615u,used=0u,v=1i 1700000000000000000");
}

#[test]
fn with_a_bad_config_everything_passes_and_telegraf_logs_an_error() {
    let Some(scene) = Scene::new() else { return };
    let lines = temperatures(START_S, 2_000);
    scene.write("in.lp", &text(&lines));
    scene.write("brewcast.toml", "[model]\nnonsense = 1\n");
    let path = scene.path("brewcast.toml").display().to_string();
    let child = scene.brewcast(&["--config", &path], "");
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &child,
        &scene.file_output(),
    ]);
    let ended = scene.run(&["--once"]);
    ended.assert_understood();
    assert_same_lines(&originals(&scene.arrived()), &lines);
    let fault = ended
        .log
        .lines()
        .find(|line| line.contains("nonsense"))
        .expect("the fault is logged");
    assert!(fault.contains(" E! [processors.execd] "), "{fault}");
    assert!(
        !fault.contains("stderr:"),
        "a line without a level: {fault}"
    );
}

#[test]
fn without_faults_brewcast_logs_nothing() {
    let Some(scene) = Scene::new() else { return };
    let ended = pass(&scene, &text(&temperatures(START_S, 2_000)));
    ended.assert_understood();
    let (started, stopped) = ("Starting process", "shut down");
    for line in ended
        .log
        .lines()
        .filter(|line| line.contains("[processors.execd]"))
    {
        let by_telegraf = [started, stopped, "file already closed"]
            .iter()
            .any(|part| line.contains(part));
        assert!(by_telegraf, "{line}");
    }
}

/// Names that need every escape there is; Telegraf must be able to read what brewcast says of them.
#[test]
fn telegraf_understands_every_line_of_ours() {
    let Some(scene) = Scene::new() else { return };
    let mut input = String::new();
    for n in 0..600 {
        let time = (START_S + n) * 1_000_000_000;
        let (flat, jump) = (20 + n % 3, if n % 97 == 96 { 500 } else { 20 + n % 2 });
        input += &format!("a\\ b\\,c,k\\ 1=v\\,\\=\\ x f\\ \\=\\,1={flat},g=\"s\" {time}\n");
        input +=
            &format!("ünïcode,größe=µ,field=f,source_field=g y={jump},is_anomaly={flat}i {time}\n");
        input += &format!(
            "q\"uote,t=\"q\",u=a\\\\b \"k\"={jump},tiny={flat}e-300,huge={flat}e300 {time}\n"
        );
    }
    let ended = pass(&scene, &input);
    ended.assert_understood();
    let arrived = scene.arrived();
    let count = |start: &str| {
        arrived
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    for measurement in ["a\\ b\\,c", "ünïcode", "q\"uote"] {
        assert_eq!(count(&format!("{measurement},")), 600, "{measurement}");
        assert!(
            count(&format!("{measurement}_anomaly,")) > 0,
            "no record of {measurement}"
        );
    }
}

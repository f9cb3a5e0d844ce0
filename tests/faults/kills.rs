//! Killed, stopped, asked to stop while the state is written: what is on the disk is whole, and what it lacks is what
//! came since the file before it.
//!
//! `BREWCAST_KILLS=200 cargo test --test faults kills -- --nocapture` tries as many moments and prints what it counted.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::common::faulted::{Loaded, assert_passed};
use super::common::program::{START_S, run, value};
use super::common::records::{Verdict, forecasts};

/// Series that come in turn, a line each a round.
const SERIES: i64 = 20;
/// Rounds that all have seen before anything goes wrong.
const KNOWN: i64 = 1_500;
/// Rounds of the uninterrupted run: more than are fed before any kill, and after it.
const ALL: i64 = 6_000;
/// Rounds after a kill, and those of them after which expectations are as they would have been.
const AFTER: i64 = 200;
const SETTLED: i64 = 120;
/// Standard deviation of the values: ten tenths, each as often.
const SPREAD: f64 = 0.287;

fn round(n: i64) -> String {
    let mut lines = String::new();
    for series in 0..SERIES {
        let (value, time) = (value(n + 1_000 * series), START_S + n);
        writeln!(lines, "m,s=s{series} v={value} {time}000000000").unwrap();
    }
    lines
}

fn rounds(from: i64, until: i64) -> String {
    (from..until).map(round).collect()
}

/// A folder with settings that save every second, and with a state of the first rounds.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: TempDir::new().unwrap(),
        };
        let text =
            "[state]\nevery = \"1s\"\n[report]\nevery = \"0s\"\n[output]\nverdicts = \"all\"\n";
        fs::write(place.path("brewcast.toml"), text).unwrap();
        place.run(&rounds(0, KNOWN));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let (config, state) = (path("brewcast.toml"), path("state"));
        vec!["--config".to_owned(), config, "--state".to_owned(), state]
    }

    fn start(&self) -> Loaded {
        let arguments = self.arguments();
        Loaded::start(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs it to a clean end.
    fn run(&self, input: &str) -> Vec<u8> {
        let arguments = self.arguments();
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.push("--final-forecast");
        let ran = run(&arguments, input.as_bytes());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert_passed(&ran.stdout, input.as_bytes());
        ran.stdout
    }

    /// The next round of each series, as the state file has it, by the tool that looks into it.
    fn next_rounds(&self) -> Vec<i64> {
        let path = self.path("state");
        let ran = run(&["inspect", path.to_str().unwrap(), "--json"], b"");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(
            (&found["is_whole"], &found["parts_unreadable"]),
            (&true.into(), &0.into())
        );
        let all = found["series"].as_array().unwrap();
        let last = |series: &Value| series["last_time_ns"].as_i64().unwrap() / 1_000_000_000;
        all.iter()
            .map(|series| last(series) - START_S + 1)
            .collect()
    }
}

/// What an uninterrupted run expects of each point, by series and time.
fn expectations() -> HashMap<(String, i64), f64> {
    let arguments = ["--verdicts", "all", "--report-every", "0s"];
    let ran = run(&arguments, rounds(0, ALL).as_bytes());
    let all = verdicts(&ran.stdout);
    all.into_iter()
        .map(|(series, verdict)| ((series, verdict.time), verdict.yhat))
        .collect()
}

fn verdicts(out: &[u8]) -> Vec<(String, Verdict)> {
    let text = std::str::from_utf8(out).unwrap();
    let ours = text.lines().filter(|line| line.starts_with("m_anomaly,"));
    let series = |line: &str| {
        line.split(",s=")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    let of = |line: &str| super::common::records::verdicts(line.as_bytes()).remove(0);
    ours.map(|line| (series(line), of(line))).collect()
}

/// The forecast of each series from the last round, in one order.
fn last_forecasts(out: &[u8], last: i64) -> Vec<f64> {
    let text = std::str::from_utf8(out).unwrap();
    let issued = format!("issued_at={}000000000i", START_S + last);
    let mut lines: Vec<&str> = text.lines().filter(|line| line.contains(&issued)).collect();
    lines.sort_unstable();
    lines.dedup(); // one that was due is written twice
    let all = forecasts(lines.join("\n").as_bytes());
    all.iter().map(|ahead| ahead.yhat).collect()
}

/// The same of a run that nothing interrupted.
fn uninterrupted_forecasts(last: i64) -> Vec<f64> {
    let arguments = [
        "--verdicts",
        "none",
        "--report-every",
        "0s",
        "--final-forecast",
    ];
    let ran = run(&arguments, rounds(0, last + 1).as_bytes());
    last_forecasts(&ran.stdout, last)
}

/// Reads what comes until it is silent, or told to stop; when how much had come, and when each state file was
/// made.
struct Reader {
    out: Vec<u8>,
    passed: Vec<(SystemTime, i64)>, // lines of the input, by the time at which they had been read
    files: Vec<SystemTime>,
}

impl Reader {
    fn new() -> Self {
        Self {
            out: Vec::new(),
            passed: Vec::new(),
            files: Vec::new(),
        }
    }

    fn read(&mut self, loaded: &mut Loaded, state: &Path) {
        let mut room = vec![0; 1 << 16];
        let read = loaded.read(&mut room);
        assert_ne!(read, 0, "it ended by itself");
        self.out.extend_from_slice(&room[..read]);
        let text = String::from_utf8_lossy(&room[..read]);
        let lines = text.lines().filter(|line| line.starts_with("m,")).count();
        let before = self.passed.last().map_or(0, |&(_, lines)| lines);
        // A line that was cut counts twice at most: once too few is what is wanted.
        let lines = i64::try_from(lines).unwrap() - 1;
        self.passed.push((SystemTime::now(), before + lines.max(0)));
        self.look(state);
    }

    fn look(&mut self, state: &Path) {
        let made = fs::metadata(state).unwrap().modified().unwrap();
        if self.files.last() != Some(&made) {
            self.files.push(made);
        }
    }

    /// Lines that had passed when the file before the last was whole: the last has all of them.
    fn saved_at_least(&self) -> i64 {
        let Some(&before) = self.files.iter().rev().nth(1) else {
            return 0;
        };
        let is_earlier = |&&(at, _): &&(SystemTime, i64)| at <= before;
        self.passed
            .iter()
            .rev()
            .find(is_earlier)
            .map_or(0, |&(_, lines)| lines)
    }
}

/// Feeds rounds, some thousand a second, until the pipe breaks or the rounds end; where it ended.
fn feed(mut stdin: impl Write, rounds: std::ops::Range<i64>) -> i64 {
    for n in rounds.clone() {
        if stdin.write_all(round(n).as_bytes()).is_err() {
            return n;
        }
        thread::sleep(Duration::from_micros(600)); // the rate of the load
    }
    rounds.end
}

/// What a kill cost.
#[derive(Default)]
struct Cost {
    kills: u32,
    while_writing: u32,
    fed: i64,     // lines
    passed: i64,  // lines
    unsaved: i64, // rounds that had passed and were not in the file
    most: i64,
    off: f64, // the most that an expectation was off afterwards, in spreads
    forecasts: u32,
    forecasts_off: f64, // all together, in spreads
}

fn kill_once(moment: Moment, uninterrupted: &HashMap<(String, i64), f64>, cost: &mut Cost) {
    let place = Place::new();
    let state = place.path("state");
    let mut loaded = place.start();
    let stdin = loaded.stdin.take().unwrap();
    let feeder = thread::spawn(move || feed(stdin, KNOWN..ALL - AFTER));
    let mut reader = Reader::new();
    reader.look(&state);
    let begun = Instant::now();
    let is_time = |reader: &Reader| match moment {
        Moment::After(time) => begun.elapsed() >= time,
        Moment::Writing(file) => reader.files.len() >= file && place.path("state.tmp").exists(),
    };
    while !is_time(&reader) {
        reader.read(&mut loaded, &state);
    }
    cost.while_writing += u32::from(place.path("state.tmp").exists());
    loaded.signal(Signal::KILL);
    reader.look(&state);
    let left = loaded.end(std::mem::take(&mut reader.out), 0);
    let fed = feeder.join().unwrap();
    assert_eq!((left.code, left.stderr.as_str()), (None, ""));
    let text = String::from_utf8_lossy(&left.out);
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let passed = lines.filter(|line| line.starts_with("m,")).count() as i64;
    let next = place.next_rounds();
    assert_eq!(next.len() as i64, SERIES);
    let saved = *next.iter().min().unwrap();
    let least = KNOWN + reader.saved_at_least() / SERIES;
    assert!(
        saved >= least,
        "{saved} rounds of {least} are there: {moment:?}"
    );
    cost.kills += 1;
    cost.fed += SERIES * (fed - KNOWN);
    cost.passed += passed;
    cost.unsaved += KNOWN + passed / SERIES - saved;
    cost.most = cost.most.max(KNOWN + passed / SERIES - saved);
    // Whatever was on its way is gone with the program; the stream goes on behind it.
    let out = place.run(&rounds(fed, fed + AFTER));
    let all = verdicts(&out);
    assert_eq!(all.len() as i64, SERIES * AFTER, "all are judged at once");
    for (series, verdict) in &all {
        assert!(
            !verdict.is_anomaly,
            "{series}: {verdict:?} after {moment:?}"
        );
        let round = verdict.time / 1_000_000_000 - START_S;
        if round >= fed + SETTLED {
            let usual = uninterrupted[&(series.clone(), verdict.time)];
            cost.off = cost.off.max((verdict.yhat - usual).abs() / SPREAD);
        }
    }
    let last = fed + AFTER - 1;
    let (now, usual) = (last_forecasts(&out, last), uninterrupted_forecasts(last));
    assert_eq!(now.len(), usual.len());
    assert!(!now.is_empty());
    for (now, usual) in now.iter().zip(&usual) {
        cost.forecasts += 1;
        cost.forecasts_off += (now - usual).abs() / SPREAD;
    }
    assert!(cost.off < 0.1, "{} spreads off after {moment:?}", cost.off);
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    After(Duration),
    Writing(usize), // while the file behind so many is being written
}

/// Under load, with a file written every second: killed at any time, while a file is written among them. The state
/// loads, holds all that had passed when the file before it was there, ordinary data are no alarm afterwards, and
/// after 120 points what is expected is what would have been. Forecasts, whose weights remember more, are the same
/// within a tenth of a spread on average.
#[test]
fn killed_at_random_moments_under_load_it_goes_on_from_the_last_file() {
    let kills = std::env::var("BREWCAST_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let uninterrupted = expectations();
    let mut random = ChaCha8Rng::seed_from_u64(kills);
    let mut cost = Cost::default();
    for kill in 0..kills {
        let moment = if kill % 3 == 2 {
            Moment::Writing(random.random_range(1..=2))
        } else {
            Moment::After(Duration::from_micros(random.random_range(0..2_600_000)))
        };
        kill_once(moment, &uninterrupted, &mut cost);
    }
    writeln!(
        std::io::stderr(),
        "{} kills, {} while a file was written: {} lines fed, {} read before the kill; {} rounds \
         read and not saved on average, {} at most; expectations {:.4} spreads off at most, forecasts {:.4} on average",
        cost.kills,
        cost.while_writing,
        cost.fed,
        cost.passed,
        cost.unsaved / i64::from(cost.kills),
        cost.most,
        cost.off,
        cost.forecasts_off / f64::from(cost.forecasts),
    )
    .ok();
    assert!(cost.forecasts_off < 0.1 * f64::from(cost.forecasts));
}

/// Until a file is being written.
fn await_draft(place: &Place, reader: &mut Reader, loaded: &mut Loaded) {
    while !place.path("state.tmp").exists() {
        reader.read(loaded, &place.path("state"));
    }
}

#[test]
fn asked_to_stop_while_it_writes_it_saves_what_came_and_ends() {
    let place = Place::new();
    for _ in 0..2 {
        let from = *place.next_rounds().iter().max().unwrap();
        let mut loaded = place.start();
        let stdin = loaded.stdin.take().unwrap();
        let feeder = thread::spawn(move || feed(stdin, from..i64::MAX));
        let mut reader = Reader::new();
        await_draft(&place, &mut reader, &mut loaded);
        loaded.signal(Signal::TERM);
        let left = loaded.end(std::mem::take(&mut reader.out), 0);
        feeder.join().unwrap();
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
        // What it read of the last round may be a part of it.
        let text = String::from_utf8(left.out).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("m,s=")).count() as i64;
        let rounds = place.next_rounds();
        let saved: i64 = rounds.iter().map(|next| next - from).sum();
        assert_eq!(saved, lines, "all that passed is saved");
        assert!(!place.path("state.tmp").exists());
    }
}

#[test]
fn stopped_while_it_writes_the_old_file_is_whole_and_then_it_goes_on() {
    let place = Place::new();
    let mut loaded = place.start();
    let mut stdin = loaded.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        (KNOWN..KNOWN + 2_000).for_each(|n| {
            stdin.write_all(round(n).as_bytes()).unwrap();
            thread::sleep(Duration::from_micros(600)); // the rate of the load
        });
        stdin
    });
    let mut reader = Reader::new();
    await_draft(&place, &mut reader, &mut loaded);
    loaded.signal(Signal::STOP);
    while loaded.status("State:") != "T" {
        thread::yield_now();
    }
    assert_eq!(place.next_rounds().len() as i64, SERIES);
    loaded.signal(Signal::CONT);
    let last = round(KNOWN + 1_999);
    let last = last.lines().last().unwrap().to_owned();
    while !String::from_utf8_lossy(&reader.out[reader.out.len().saturating_sub(1 << 17)..])
        .contains(&last)
    {
        reader.read(&mut loaded, &place.path("state"));
    }
    drop(feeder.join().unwrap());
    let left = loaded.end(std::mem::take(&mut reader.out), 0);
    left.assert_passed(rounds(KNOWN, KNOWN + 2_000).as_bytes());
    assert_eq!(left.stderr, "");
    assert!(
        place
            .next_rounds()
            .iter()
            .all(|&next| next == KNOWN + 2_000)
    );
}

//! `brewcast inspect` from outside: what it tells of a state file is what then happens.

#![cfg(feature = "tools")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::faulted::Loaded;
use common::program::{Ran, START_S, line, run};
use common::records::verdicts;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with a state file, made of these lines.
struct Place {
    folder: TempDir,
}

impl Place {
    fn with(input: &str, arguments: &[&str]) -> Self {
        let place = Self {
            folder: TempDir::new().unwrap(),
        };
        let ran = place.filter(input, arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        place
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn filter(&self, input: &str, arguments: &[&str]) -> Ran {
        let state = self.state();
        let own = ["--verdicts", "all", "--state", state.to_str().unwrap()];
        run(&[&own, arguments].concat(), input.as_bytes())
    }

    fn inspect(&self, arguments: &[&str]) -> Ran {
        inspect(&self.state(), arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.inspect(&[arguments, &["--json"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        serde_json::from_slice(&ran.stdout).unwrap()
    }
}

fn inspect(state: &Path, arguments: &[&str]) -> Ran {
    let own = ["inspect", state.to_str().unwrap()];
    run(&[&own, arguments].concat(), b"")
}

fn text(ran: &Ran) -> String {
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    String::from_utf8(ran.stdout.clone()).unwrap()
}

/// Lines of four kinds of series: noise, one that drifts, a counter, and one that has just begun.
fn lines(until: i64) -> String {
    let mut all = String::new();
    for n in 0..until {
        all += &line("noise,host=a", n);
        let time = START_S + n;
        all += &format!(
            "m,host=b drift={},total={}i {time}000000000\n",
            0.01 * n as f64 + common::program::value(n),
            10 * n + n % 3
        );
        if n > until - 10 {
            all += &line("young", n);
        }
    }
    all
}

/// What it says the next point is held against is what the next verdict says; what is expected is no
/// flag, what is beyond the limits is one.
#[test]
fn the_limits_that_it_tells_are_those_of_the_next_verdict() {
    let place = Place::with(&lines(600), &[]);
    let told = place.json(&["noise"]);
    let judge = &told["series"][0]["judge"];
    let number = |name: &str| judge[name].as_f64().unwrap();
    let (lower, upper) = (number("lower"), number("upper"));
    let saved = fs::read(place.state()).unwrap();
    for (value, is_anomaly) in [
        (number("expected"), false),
        (upper + 0.001, true),
        (lower - 0.001, true),
    ] {
        fs::write(place.state(), &saved).unwrap();
        let time = START_S + 600;
        let ran = place.filter(&format!("noise,host=a v={value} {time}000000000\n"), &[]);
        let [verdict] = &verdicts(&ran.stdout)[..] else {
            panic!("one verdict");
        };
        assert_eq!(verdict.yhat, number("expected"));
        assert_eq!((verdict.lower, verdict.upper), (Some(lower), Some(upper)));
        assert_eq!(verdict.is_anomaly, is_anomaly, "{value}");
    }
}

#[test]
fn it_tells_what_there_is_of_every_series_in_numbers() {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let before = now.as_secs();
    let place = Place::with(&lines(600), &["--thresholds", "[21.0]"]);
    let told = place.json(&[]);
    assert_eq!(
        (&told["format"], &told["is_whole"]),
        (&1.into(), &true.into())
    );
    assert_eq!(told["series_kept"], 4);
    let written = told["written_s"].as_u64().unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!((before..=now.as_secs()).contains(&written), "{written}");
    let all = told["series"].as_array().unwrap();
    let of = |name: &str| {
        let is_it = |series: &&Value| series["series"].as_str().unwrap() == name;
        all.iter().find(is_it).unwrap()
    };
    let noise = of("noise,host=a v");
    assert_eq!(
        (&noise["points"], &noise["cadence_s"]),
        (&600.into(), &1.0.into())
    );
    assert_eq!(noise["last_value"], common::program::value(599));
    assert_eq!(noise["last_time_ns"], (START_S + 599) * 1_000_000_000);
    assert_eq!(noise["thresholds"][0]["threshold"], 21.0);
    assert_eq!(of("m,host=b total")["is_counter"], true);
    let channels = noise["judge"]["channels"].as_array().unwrap();
    let kinds: Vec<&str> = channels
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "out_of_range",
            "level_shift",
            "trend_change",
            "variance_change",
            "gap",
            "flatline"
        ]
    );
    let weights = noise["forecast"]["weights"].as_object().unwrap();
    let sum: f64 = weights
        .values()
        .map(|weight| weight.as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let young = of("young v");
    assert_eq!(
        (&young["points"], &young["judge"]),
        (&9.into(), &Value::Null)
    );
    assert_eq!(young["points_wanted"], 30);
}

#[test]
fn open_events_come_first_the_worst_of_them_on_top_with_the_sentence_of_their_record() {
    let mut input = lines(600);
    let time = START_S + 600;
    input += &format!("noise,host=a v=24 {time}000000000\n");
    input += &format!("m,host=b drift=90,total=6000i {time}000000000\n");
    let place = Place::with(&input, &[]);
    let printed = text(&place.inspect(&[]));
    let rows: Vec<&str> = printed.lines().skip(3).take(4).collect();
    assert!(
        rows[0].starts_with("m,host=b drift") && rows[0].contains("spike"),
        "{printed}"
    );
    assert!(
        rows[1].starts_with("noise,host=a v") && rows[1].contains("spike"),
        "{printed}"
    );
    assert!(
        rows[3].starts_with("young v") && rows[3].contains("warming up"),
        "{printed}"
    );
    let printed = text(&place.inspect(&["noise"]));
    assert!(printed.contains("open event: spike since"), "{printed}");
    assert!(printed.contains("24 where 2"), "{printed}");
}

#[test]
fn a_part_of_the_name_chooses_and_one_that_no_series_has_ends_with_1() {
    let place = Place::with(&lines(100), &[]);
    let names = |part: &str| -> Vec<String> {
        let told = place.json(&[part]);
        let all = told["series"].as_array().unwrap();
        all.iter()
            .map(|series| series["series"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("host=b"), ["m,host=b drift", "m,host=b total"]);
    assert_eq!(names("v").len(), 2);
    let none = place.inspect(&["nobody"]);
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.starts_with("E! "), "{}", none.stderr);
    let few = text(&place.inspect(&["--rows", "1"]));
    assert!(few.contains("\n3 more: "), "{few}");
}

/// It takes no lock and leaves nothing behind, beside a program that has the file.
#[test]
fn it_looks_at_a_file_in_use_and_changes_nothing() {
    let place = Place::with(&lines(300), &[]);
    let state = place.state();
    let mut loaded = Loaded::start(&["--state", state.to_str().unwrap()]);
    let mut stdin = loaded.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, line("noise,host=a", 300).as_bytes()).unwrap();
    loaded.read(&mut [0; 1 << 12]); // it runs, so it has the lock
    let listed = || {
        let entries = fs::read_dir(place.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = (fs::read(&state).unwrap(), listed());
    assert_eq!(place.json(&[])["series_kept"], 4);
    assert_eq!((fs::read(&state).unwrap(), listed()), before);
    drop(stdin);
    let left = loaded.end(Vec::new(), 0);
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_cannot_be_read_is_said_and_what_is_no_state_file_ends_with_2() {
    let place = Place::with(&lines(300), &[]);
    let good = fs::read(place.state()).unwrap();
    fs::write(place.state(), &good[..good.len() - 20]).unwrap();
    let printed = text(&place.inspect(&[]));
    assert!(printed.contains("its end is missing"), "{printed}");
    let mut hit = good.clone();
    let at = hit.len() - 100;
    hit[at] ^= 1;
    fs::write(place.state(), &hit).unwrap();
    assert_eq!(place.json(&[])["parts_unreadable"], 1);
    for content in [&b""[..], b"[agent]\n", b"brewcast state 9\n"] {
        fs::write(place.state(), content).unwrap();
        let ran = place.inspect(&[]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("not a state file"), "{}", ran.stderr);
    }
    fs::remove_file(place.state()).unwrap();
    let ran = place.inspect(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("E! cannot read "), "{}", ran.stderr);
}

#[test]
fn it_tells_which_series_do_not_go_on_with_other_settings() {
    let place = Place::with(&lines(300), &[]);
    let config = place.folder.path().join("brewcast.toml");
    let text = "[select]\nexclude_fields = [\"total\"]\n\
        [[policy]]\nmatch = { field = \"drift\" }\ncadence = \"1s\"\n\
        [[policy]]\nmatch = { field = \"v\" }\nhorizon = 64\nevery = 32\n";
    fs::write(&config, text).unwrap();
    let told = place.json(&["--config", config.to_str().unwrap()]);
    let all = told["series"].as_array().unwrap();
    let goes_on: Vec<(&str, &str)> = all
        .iter()
        .map(|series| {
            let [name, goes_on] = ["series", "goes_on"].map(|key| series[key].as_str().unwrap());
            (name, goes_on)
        })
        .collect();
    assert_eq!(
        goes_on,
        [
            ("m,host=b drift", "anew"),
            ("m,host=b total", "not_modelled"),
            ("noise,host=a v", "forecaster_anew"),
            ("young v", "forecaster_anew"),
        ]
    );
}

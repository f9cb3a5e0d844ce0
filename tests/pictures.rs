//! `brewcast plot` and `brewcast backtest --html` from outside: what they write, that it is safe to open, and
//! that the pictures of the README are what the command makes.
//!
//! One test opens a page in a real browser. It needs Node, Chromium (`CHROMIUM_BIN`, else `/usr/bin/chromium`)
//! and puppeteer-core where `NODE_PATH` has it, and says so when it skips.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::program::{Ran, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/temps.txt.gz");

/// Line protocol of one series, a minute apart, with a leap at every `leap`th point.
fn lines(series: &str, count: i64, leap: i64) -> String {
    let mut text = String::new();
    for i in 0..count {
        let ragged = (i * 7_919 % 101) as f64 / 50.0;
        let off = if i % leap == leap - 1 { 90.0 } else { 0.0 };
        let time = 1_700_000_000 + 60 * i;
        writeln!(text, "{series}={} {time}000000000", 20.0 + ragged + off).unwrap();
    }
    text
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The page of a backtest of this text.
fn page(folder: &TempDir, input: &str) -> String {
    let (input, html) = (
        write(folder, "in.lp", input.as_bytes()),
        folder.path().join("r.html"),
    );
    let ran = run(
        &[
            "backtest",
            text(&input),
            "--references",
            "0",
            "--html",
            text(&html),
        ],
        b"",
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    fs::read_to_string(html).unwrap()
}

fn plot(input: &Path, output: &Path, arguments: &[&str]) -> Ran {
    run(
        &[&["plot", text(input), "-o", text(output)], arguments].concat(),
        b"",
    )
}

#[test]
fn a_tag_with_markup_in_it_stays_text() {
    let folder = TempDir::new().unwrap();
    let nasty = r#"m,h=<script>alert(1)</script>,i="><img\ src\=x\ onerror\=alert(1)>'& v"#;
    let input = lines(nasty, 300, 120);
    let html = page(&folder, &input);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    let path = write(&folder, "in.lp", input.as_bytes());
    for name in ["x.svg", "x.html"] {
        let output = folder.path().join(name);
        let ran = plot(&path, &output, &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let drawn = fs::read_to_string(&output).unwrap();
        assert!(drawn.contains("&lt;script&gt;"), "{name}");
        for made in [&drawn, &html] {
            assert!(
                !made.contains("<script") && !made.contains("<img"),
                "{name}"
            );
        }
    }
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    let folder = TempDir::new().unwrap();
    let html = page(&folder, &lines("m v", 400, 130));
    let places = html.replace("http://www.w3.org/2000/svg", "");
    for word in [
        "http:", "https:", "<script", " src=", "@import", "url(", "onload",
    ] {
        assert!(!places.contains(word), "{word}");
    }
    assert!(html.contains("default-src 'none'") && html.contains("prefers-color-scheme: dark"));
}

#[test]
fn a_page_has_all_that_one_looks_for() {
    let folder = TempDir::new().unwrap();
    let html = page(
        &folder,
        &(lines("m,h=a v", 900, 60) + &lines("m,h=b v", 900, 2_000)),
    );
    for words in [
        "Suggestions",
        "Alarms and the budget",
        "1/day",
        "1/week",
        "1/month",
        "1/year",
        "Forecast error by horizon",
        "min_deviation",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let [bad, good] = ["m,h=a v</h3>", "m,h=b v</h3>"].map(|name| html.find(name).unwrap());
    assert!(bad < good, "the worst first");
    assert!(html.contains("href=\"#s1e1\"") && html.contains("id=\"s1e1\""));
}

/// Field after field and series after series, as an export has them, is the same as line by line.
#[test]
fn an_export_and_an_output_file_make_the_same_picture() {
    let folder = TempDir::new().unwrap();
    let [a, b] = ["a", "b"].map(|field| lines(&format!("m,h=x {field}"), 200, 90));
    let export = write(&folder, "export.lp", (a.clone() + &b).as_bytes());
    let together: String = a
        .lines()
        .zip(b.lines())
        .map(|(a, b)| {
            let values = |line: &str| line.split(' ').nth(1).unwrap().to_owned();
            let time = a.split(' ').nth(2).unwrap();
            format!("m,h=x {},{} {time}\n", values(a), values(b))
        })
        .collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(together.as_bytes()).unwrap();
    let output_file = write(&folder, "metrics.out.gz", &packed.finish().unwrap());
    let drawn = [export, output_file].map(|input| {
        let output = folder.path().join("x.svg");
        assert_eq!(plot(&input, &output, &[]).code, Some(0));
        fs::read_to_string(output).unwrap()
    });
    assert!(drawn[0] == drawn[1]);
    assert_eq!(drawn[0].matches("m,h=x ").count(), 2, "one panel a series");
}

#[test]
fn a_picture_is_svg_png_or_html_by_its_name_and_never_half_of_it() {
    let folder = TempDir::new().unwrap();
    let input = write(&folder, "in.lp", lines("m v", 200, 90).as_bytes());
    for (name, start) in [
        ("x.svg", b"<svg".as_slice()),
        ("x.PNG", b"\x89PNG\r\n"),
        ("x.html", b"<!DOCTYPE html>"),
    ] {
        let output = folder.path().join(name);
        assert_eq!(plot(&input, &output, &[]).code, Some(0), "{name}");
        assert!(fs::read(&output).unwrap().starts_with(start), "{name}");
    }
    let output = folder.path().join("x.gif");
    let ran = plot(&input, &output, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains(".svg, .png or .html"), "{}", ran.stderr);
    let ran = plot(&input, &folder.path().join("none/x.svg"), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot write"), "{}", ran.stderr);
    let kept = folder.path().join("kept.svg");
    fs::write(&kept, "kept").unwrap();
    let ran = plot(&input, &kept, &["--from", "2030-01-01T00:00:00Z"]);
    assert_eq!(
        (ran.code, fs::read_to_string(&kept).unwrap().as_str()),
        (Some(1), "kept")
    );
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 5, "no temporary files are left");
}

/// A series on a screen of 80 by 24, where there is no terminal: its name, its points, its flags, its times.
#[test]
fn a_sketch_fits_a_screen_and_has_no_colours_where_there_is_no_terminal() {
    let folder = TempDir::new().unwrap();
    let input = write(
        &folder,
        "in.lp",
        (lines("m,h=a v", 900, 400) + &lines("m,h=b v", 300, 2_000)).as_bytes(),
    );
    let known = write(
        &folder,
        "labels.csv",
        b"series,start\na,2023-11-15T04:52:00Z\n",
    );
    let ran = run(
        &["plot", text(&input), "--terminal", "--labels", text(&known)],
        b"",
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let out = String::from_utf8(ran.stdout).unwrap();
    let screens: Vec<&str> = out.split_terminator("\n\n").collect();
    assert_eq!(screens.len(), 2, "{out}");
    assert!(screens[0].starts_with("m,h=a v "), "the worst first");
    for screen in &screens {
        assert!((18..=23).contains(&screen.lines().count()), "{screen}");
        assert!(
            screen.lines().all(|line| line.chars().count() <= 80),
            "{screen}"
        );
    }
    assert!(!out.contains('\u{1b}'), "no colours");
    let row = |name: &str| {
        screens[0]
            .lines()
            .find(|line| line.trim_start().starts_with(name))
    };
    let place = |line: &str, mark: char| line.chars().position(|c| c == mark).unwrap();
    let (flags, labels) = (row("flags").unwrap(), row("labels").unwrap());
    assert_eq!(flags.matches('▲').count(), 2);
    assert_eq!(place(flags, '▲'), place(labels, '▬'), "{}", screens[0]);
    assert!(!screens[1].contains("labels │") && !screens[1].contains('▲'));
    let recording = run(&["plot", RECORDING, "--terminal"], b"");
    let recording = String::from_utf8(recording.stdout).unwrap();
    assert!(
        recording.lines().all(|line| line.chars().count() <= 80),
        "{recording}"
    );
    let both = run(&["plot", text(&input), "--terminal", "-o", "x.svg"], b"");
    assert_eq!(both.code, Some(2));
    let none = run(&["plot", text(&input)], b"");
    assert_eq!(none.code, Some(2));
}

#[test]
fn more_series_than_panels_are_said() {
    let folder = TempDir::new().unwrap();
    let all: String = (0..5)
        .map(|i| lines(&format!("m,h={i} v"), 100, 40 + i))
        .collect();
    let input = write(&folder, "in.lp", all.as_bytes());
    let output = folder.path().join("x.svg");
    let ran = plot(&input, &output, &["--panels", "2"]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr.starts_with("W! ") && ran.stderr.contains("2 of 5"),
        "{}",
        ran.stderr
    );
    let ran = plot(&input, &output, &["--series", "*h=3*"]);
    assert_eq!(ran.stderr, "");
    assert!(fs::read_to_string(output).unwrap().contains("m,h=3 v"));
}

/// For all numbers of points, a picture has at most so many bytes: they are summed up by columns.
#[test]
fn the_size_of_a_picture_is_that_of_its_columns() {
    let folder = TempDir::new().unwrap();
    let bytes = |count: i64| {
        let input = write(&folder, "in.lp", lines("m v", count, 1_000_000).as_bytes());
        let output = folder.path().join("x.svg");
        assert_eq!(plot(&input, &output, &[]).code, Some(0));
        fs::metadata(output).unwrap().len()
    };
    assert!(bytes(40_000) < 120_000);
}

/// The README's pictures: made anew, they are those that are there.
#[test]
fn the_pictures_of_the_readme_are_what_the_command_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let commands = readme
        .lines()
        .filter(|line| line.contains("brewcast plot "));
    let mut seen = 0;
    for command in commands.filter(|line| line.contains(" -o data/")) {
        let words = command
            .split_whitespace()
            .skip(1)
            .map(|word| word.trim_matches('\''));
        let words = words.take_while(|word| *word != "&&");
        let mut arguments: Vec<&str> = words.collect();
        let at = arguments.iter().position(|word| *word == "-o").unwrap() + 1;
        let kept = fs::read_to_string(root.join(arguments[at])).unwrap();
        assert!(
            readme.contains(&format!("({})", arguments[at])),
            "it is shown"
        );
        let folder = TempDir::new().unwrap();
        let output = folder.path().join("x.svg");
        arguments[at] = text(&output);
        let recording = arguments
            .iter()
            .position(|word| word.starts_with("data/"))
            .unwrap();
        arguments[recording] = RECORDING;
        let ran = run(&arguments, b"");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let made = fs::read_to_string(&output).unwrap();
        assert!(made == kept, "run it again: {command}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_browser_shows_the_page_in_light_dark_and_on_a_telephone() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/look.js");
    let chromium = std::env::var("CHROMIUM_BIN").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let node = Command::new("node")
        .args(["-e", "require('puppeteer-core')"])
        .output();
    let has_node = node.is_ok_and(|ran| ran.status.success());
    if !has_node || !Path::new(&chromium).exists() {
        let why = "SKIPPED: no browser: node with puppeteer-core (NODE_PATH) and Chromium (CHROMIUM_BIN) are needed";
        writeln!(std::io::stderr(), "{why}").unwrap();
        return;
    }
    let folder = TempDir::new().unwrap();
    let html = folder.path().join("r.html");
    let ran = run(
        &[
            "backtest",
            RECORDING,
            "--references",
            "0",
            "--html",
            text(&html),
        ],
        b"",
    );
    assert_eq!(ran.code, Some(0));
    let looked = Command::new("node")
        .args([script, text(&html), text(folder.path())])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&looked.stderr);
    assert!(looked.status.success(), "{said}");
    let looks: Value = serde_json::from_slice(&looked.stdout).unwrap();
    let looks = looks.as_array().unwrap();
    assert_eq!(looks.len(), 3);
    for look in looks {
        for (what, expected) in [
            ("charts", 2),
            ("visible", 2),
            ("broken", 0),
            ("scripts", 0),
            ("overflow", 0),
        ] {
            assert_eq!(look[what], expected, "{what}: {look}");
        }
        for what in ["said", "requests"] {
            assert_eq!(look[what], Value::Array(Vec::new()), "{what}: {look}");
        }
    }
    assert_ne!(looks[0]["paper"], looks[1]["paper"], "dark is dark");
}

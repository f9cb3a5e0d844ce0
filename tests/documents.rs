//! Everything shown to users is run: the code blocks of README and docs, the sample settings, `telegraf.conf`.
//!
//! The shell blocks run as they stand, from the project's root; the first one needs a release build
//! and makes one if there is none. Blocks that need Telegraf are skipped, loudly, where the variable
//! `TELEGRAF_BIN` does not name it. The one block that is not run is the test command itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod common;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::program::{run, run_with};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The README and the pages beside it.
const PAGES: [&str; 3] = ["README.md", "docs/tuning.md", "docs/alternatives.md"];

struct Block {
    language: String,
    text: String,
    is_test_command: bool,
}

fn all_blocks() -> Vec<Block> {
    PAGES.into_iter().flat_map(blocks_of).collect()
}

fn blocks_of(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block {
                language: language.to_owned(),
                text: content.join("\n"),
                is_test_command: before == "<!-- test command -->",
            });
        }
        before = line;
    }
    blocks
}

fn blocks(language: &str) -> Vec<String> {
    let of_language = all_blocks()
        .into_iter()
        .filter(|block| block.language == language);
    of_language
        .filter(|block| !block.is_test_command)
        .map(|block| block.text)
        .collect()
}

fn shell(script: &str) -> Output {
    let telegraf = std::env::var("TELEGRAF_BIN").unwrap_or_default();
    let folder = Path::new(&telegraf)
        .parent()
        .map_or("", |folder| folder.to_str().unwrap());
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .args(["-euc", script])
        .current_dir(ROOT)
        .env("PATH", path)
        .stdin(Stdio::null());
    command.env_remove("CARGO_TARGET_DIR"); // the README speaks of target/release
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_kind_of_block_is_run_by_a_test() {
    let known = ["sh", "toml", "text", "diff", "influx"];
    for block in all_blocks() {
        assert!(
            known.contains(&block.language.as_str()),
            "nothing runs {:?}",
            block.language
        );
    }
    assert_eq!(
        all_blocks()
            .iter()
            .filter(|block| block.is_test_command)
            .count(),
        1
    );
}

/// The anchor that a heading has.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let kept: String = heading.to_lowercase().chars().filter(kept).collect();
    kept.replace(' ', "-")
}

#[test]
fn the_links_of_the_pages_lead_somewhere() {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let mut followed = 0;
    for page in PAGES
        .into_iter()
        .chain(["deploy/README.md", "data/README.md"])
    {
        let page = Path::new(ROOT).join(page);
        let text = read(&page);
        for (at, _) in text.match_indices("](") {
            let link = text[at + 2..].split(')').next().unwrap();
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.with_file_name(file)
            };
            assert!(target.exists(), "{}: {link}", page.display());
            let text = read(&target);
            let headings = text.lines().filter(|line| line.starts_with('#'));
            let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#').trim()));
            let is_there = heading.is_empty() || anchors.any(|known| known == heading);
            assert!(is_there, "{}: {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 30, "{followed}");
}

#[test]
fn the_first_command_of_the_readme_runs_the_main_job() {
    let command = blocks("sh").remove(0);
    assert!(
        command.contains("cargo run") && command.lines().count() == 1,
        "{command}"
    );
    let output = shell(&command);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let count = |prefix: &str| out.lines().filter(|line| line.starts_with(prefix)).count();
    assert!(count("temperature,") > 5_000);
    assert!(count("temperature_anomaly,") > 50);
    assert!(count("temperature_forecast,") > 500);
    assert_eq!(count("brewcast,"), 1);
    let blocks = blocks("text")
        .into_iter()
        .filter(|block| !is_printed(block));
    for line in blocks
        .collect::<Vec<_>>()
        .iter()
        .flat_map(|block| block.lines())
    {
        assert!(
            out.lines().any(|printed| printed == line),
            "the README shows {line}"
        );
    }
}

#[test]
fn the_other_commands_run() {
    for command in &blocks("sh")[1..] {
        if command.starts_with("telegraf ") && std::env::var("TELEGRAF_BIN").is_err() {
            let mut stderr = std::io::stderr().lock(); // past the capture of the test runner
            writeln!(stderr, "SKIPPED: TELEGRAF_BIN is not set: {command}").unwrap();
            continue;
        }
        let output = shell(command);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
        assert!(
            !output.stdout.is_empty(),
            "{command} prints something: {said}"
        );
        if command.starts_with("telegraf ") {
            let out = text(&output.stdout);
            for record in [
                "> temperature,",
                "> temperature_anomaly,",
                "> temperature_forecast,",
            ] {
                assert!(out.contains(record), "{command} shows {record}: {said}");
            }
        }
    }
}

#[test]
fn the_crossings_in_the_readme_are_what_the_command_above_them_prints() {
    let commands = blocks("sh");
    let command = commands.iter().find(|text| text.contains("grep _eta"));
    let command = command.expect("a command");
    let printed = shell(&format!("cargo build --quiet --release\n{command}"));
    let shown = blocks("influx");
    let shown = shown.iter().filter(|block| block.contains("_eta,"));
    assert!(shown.eq([text(&printed.stdout).trim_end()]));
}

#[test]
fn the_silence_in_the_readme_is_taken() {
    let shown = blocks("influx");
    let mut silences = shown
        .iter()
        .filter(|block| block.starts_with("brewcast_silence"));
    let (line, settings) = (
        silences.next().expect("a line"),
        "[select]\nsilence = true\n",
    );
    let ran = run_with(settings, &[], format!("{line}\n").as_bytes());
    assert_eq!(
        (ran.counter("silences"), ran.lines()[0]),
        (1, line.as_str())
    );
}

/// Blocks that are all of what the command above them prints: words of the command, and one of the block.
const PRINTED: [([&str; 2], &str); 3] = [
    ([" backtest ", " --series "], "compared with what came"),
    ([" backtest ", " --labels "], "labels found"),
    ([" inspect ", " "], "flagged when"),
];

fn is_printed(block: &str) -> bool {
    PRINTED.iter().any(|(_, word)| block.contains(word))
}

#[cfg(feature = "tools")]
#[test]
fn the_reports_in_the_readme_are_what_the_commands_above_them_print() {
    let (commands, blocks) = (blocks("sh"), blocks("text"));
    for (words, shown) in PRINTED {
        let is_meant = |text: &&String| words.iter().all(|word| text.contains(word));
        let command = commands.iter().find(is_meant).expect("a command");
        let printed = shell(&format!("cargo build --quiet --release\n{command}"));
        let block = blocks.iter().find(|block| block.contains(shown));
        assert_eq!(
            block.expect("a report").trim_end(),
            text(&printed.stdout).trim_end()
        );
    }
}

/// The diff follows a minute in which the reading went to and fro between 20.0 and 20.1.
#[test]
fn the_diff_in_the_readme_is_what_happens() {
    let blocks = blocks("diff");
    assert_eq!(blocks.len(), 1);
    let first = blocks[0].lines().next().unwrap();
    let start: i64 = first.rsplit(' ').next().unwrap().parse().unwrap();
    let mut input = String::new();
    for second in 0..60 {
        let time = start - (60 - second) * 1_000_000_000;
        let value = if second / 3 % 2 == 0 { "20.0" } else { "20.1" };
        writeln!(input, "temperature,brew=bv_1 temperature={value} {time}").unwrap();
    }
    let warmup = input.lines().count();
    for line in blocks[0].lines().filter_map(|line| line.strip_prefix("  ")) {
        writeln!(input, "{line}").unwrap();
    }
    let ran = run(
        &["--verdicts", "anomalous", "--report-every", "0s"],
        input.as_bytes(),
    );
    let out = text(&ran.stdout);
    let is_forecast = |line: &str| line.starts_with("temperature_forecast,");
    let shown = out.lines().filter(|line| !is_forecast(line)).skip(warmup);
    let expected = blocks[0].lines().map(|line| line[1..].trim_start());
    assert!(
        shown.clone().eq(expected),
        "{}",
        shown.collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_settings_shown_are_settings() {
    for block in blocks("toml") {
        if block.contains("[[processors.execd]]") {
            block
                .parse::<toml::Table>()
                .expect("a piece of a telegraf.conf");
            continue;
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &block).unwrap();
        let ran = run(&["check", "--config", file.path().to_str().unwrap()], b"");
        assert_eq!(ran.code, Some(0), "{block}\n{}", ran.stderr);
    }
}

#[test]
fn the_sample_settings_name_every_setting_with_its_default() {
    let sample =
        std::fs::read_to_string(Path::new(ROOT).join("cmd/brewcast/brewcast.toml")).unwrap();
    let uncommented: Vec<&str> = sample
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("##"))
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), uncommented.join("\n")).unwrap();
    let given = run(&["check", "--config", file.path().to_str().unwrap()], b"");
    assert_eq!(given.code, Some(0), "{}", given.stderr);
    let defaults = text(&run(&["check"], b"").stdout);
    let settings = |shown: &str| shown.lines().filter(|line| line.contains(" = ")).count();
    let from_file = text(&given.stdout).matches("# file, line").count();
    assert_eq!(
        from_file,
        settings(&defaults),
        "the sample has every setting"
    );
    let plain = |shown: &str| -> Vec<String> {
        shown
            .lines()
            .map(|line| line.split("  # file").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        plain(&text(&given.stdout)),
        plain(&defaults),
        "with its default"
    );
}

#[test]
fn the_policies_in_the_sample_settings_are_settings() {
    let sample = Path::new(ROOT).join("cmd/brewcast/brewcast.toml");
    let sample = std::fs::read_to_string(sample).unwrap();
    let lines = sample
        .lines()
        .skip_while(|line| *line != "## [[policy]]")
        .take_while(|line| line.starts_with("##"))
        .map(|line| line.trim_start_matches('#'));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let ran = run(&["check", "--config", file.path().to_str().unwrap()], b"");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(text(&ran.stdout).matches("[[policy]]").count(), 2);
}

#[test]
fn telegraf_conf_runs_our_programs_from_the_root_and_survives_a_crash() {
    let conf = std::fs::read_to_string(Path::new(ROOT).join("telegraf.conf")).unwrap();
    let table: toml::Table = conf.parse().unwrap();
    let plugin = |kind: &str| table[kind]["execd"][0].clone();
    for kind in ["inputs", "processors"] {
        let command = plugin(kind)["command"].clone();
        let program = command[0].as_str().unwrap();
        assert!(program.starts_with("target/release/"), "{program}");
    }
    assert_eq!(plugin("processors")["restart_delay"].as_str(), Some("1s"));
    assert_eq!(
        table["agent"]["skip_processors_after_aggregators"].as_bool(),
        Some(true)
    );
    for (number, line) in conf.lines().enumerate() {
        let variables = line.matches("${").count();
        assert_eq!(
            line.matches("\"${").count(),
            variables,
            "line {}: only inside quotes",
            number + 1
        );
    }
    let uncommented = conf.replace("\n# [[", "\n[[").replace("\n#   ", "\n  ");
    uncommented
        .parse::<toml::Table>()
        .expect("also with the database");
}

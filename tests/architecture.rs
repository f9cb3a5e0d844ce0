//! The rules of the house, held against the text of the source: who may import whom, which crate
//! stands where, how long files and functions are, what never appears.
//!
//! A failing rule names the file and the line and says what to do. Test parts (`#[cfg(test)]`) may
//! use what they like; rules about code do not look into comments.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "architecture/source.rs"]
mod source;

use std::fs;
use std::io::Write;

use source::{Source, indent, root, sources, tracked_files};

/// Longest file under src/ and cmd/, tests in it included.
const FILE_LINES_MAX: usize = 400;
/// Longest function, from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Files that are too long at present, with the length they must not pass. Take one off when it
/// has been cut up; never add one.
const LONG_FILES: &[(&str, usize)] = &[];

/// Who may import whom: a folder or file of src/, and what of ours it may name. The numeric core
/// (`model`, `judge`, `series`) knows neither bytes nor settings; nothing but cmd/ knows `config`.
const ARROWS: &[(&str, &[&str])] = &[
    ("line", &["precision"]),
    ("model", &["approx", "minmax", "prefetch"]),
    ("judge", &["approx", "minmax", "prefetch"]),
    ("series", &["judge", "model", "prefetch"]),
    ("output", &["judge", "line", "model", "precision", "series"]),
    (
        "filter",
        &[
            "duration",
            "judge",
            "line",
            "model",
            "output",
            "precision",
            "prefetch",
            "report",
            "series",
            "state",
        ],
    ),
    (
        "config",
        &[
            "duration",
            "filter",
            "judge",
            "model",
            "output",
            "precision",
            "report",
            "series",
            "state",
        ],
    ),
    ("state", &["judge", "line", "model", "output", "series"]),
    ("approx", &[]),
    ("minmax", &[]),
    // What the companions share.
    ("records", &["line"]),
    ("dashes", &[]),
    ("drain", &[]),
    ("duration", &[]),
    ("notes", &["report"]),
    ("precision", &[]),
    ("prefetch", &[]),
    ("report", &["line"]),
];

/// What of ours the programs may name; `brewcast` is the one that knows settings.
const PROGRAM_ARROWS: &[(&str, &[&str])] = &[
    ("cmd/restamp", COMPANION),
    ("cmd/metric-replayer", COMPANION),
];
const COMPANION: &[&str] = &[
    "dashes",
    "drain",
    "duration",
    "line",
    "notes",
    "precision",
    "records",
    "report",
];

/// Crates that stand in few places, so that they can be replaced, and the places.
const CRATES: &[(&str, &[&str])] = &[
    ("clap", &["cmd/"]),
    ("anyhow", &["cmd/"]),
    ("augurs", &["src/tools/backtest/reference.rs"]),
    ("comfy_table", &["src/tools/"]),
    ("csv", &["src/tools/backtest/labels.rs"]),
    ("indicatif", &["cmd/brewcast/"]),
    ("serde", &["src/tools/", "src/state/"]),
    ("postcard", &["src/state/part.rs"]),
    ("crc32fast", &["src/state/file.rs"]),
    ("jiff", &["src/tools/chart/ticks.rs"]),
    ("maud", &["src/tools/page/"]),
    ("plotters", &["src/tools/chart/"]),
    ("prefetch_index", &["src/prefetch.rs"]),
    ("png", &["src/tools/chart/draw.rs"]),
    ("epaint_default_fonts", &["src/tools/chart/draw.rs"]),
    ("tempfile", &["cmd/brewcast/"]),
    ("terminal_size", &["cmd/brewcast/"]),
    ("toml", &["src/config/"]),
    ("strsim", &["src/config/"]),
    ("influxdb_line_protocol", &["src/line/grammar.rs"]),
    ("nalgebra", &["src/model/"]),
    ("rustix", &["cmd/", "src/drain.rs"]),
    ("signal_hook", &["cmd/", "src/drain.rs"]),
];

/// The numeric core: no I/O, no clock, no serialisation, no printing.
const CORE: &[&str] = &[
    "src/model/",
    "src/judge/",
    "src/series/",
    "src/tools/score.rs",
];
const NOT_IN_CORE: &[&str] = &["std::io", "std::time", "serde", "anyhow", "println"];

#[test]
fn stages_import_along_the_way_of_the_data_only() {
    let mut faults = Vec::new();
    for source in sources() {
        let Some(may) = arrows_of(&source, &mut faults) else {
            continue;
        };
        let own = stage(&source.path);
        for (line, code) in &source.code {
            for name in imports(&source.path, code) {
                if name != own && !may.contains(&name) {
                    faults.push(format!(
                        "{}:{line}: {own} must not import {name}: move what both need, or hand it in as a value",
                        source.path
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn each_crate_is_named_only_where_it_may_be() {
    let mut faults = Vec::new();
    for source in sources() {
        for (line, code) in &source.code {
            for (name, places) in CRATES {
                if names_path(code, name) && !is_in(&source.path, places) {
                    faults.push(format!(
                        "{}:{line}: {name} only in {}: wrap what you need there",
                        source.path,
                        places.join(", ")
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn the_numeric_core_has_no_io_no_clock_and_no_serde() {
    let mut faults = Vec::new();
    for source in sources() {
        for (line, code) in &source.code {
            for word in NOT_IN_CORE {
                if is_in(&source.path, CORE) && code.contains(word) {
                    faults.push(format!(
                        "{}:{line}: no {word} in the core: pass values in, return values",
                        source.path
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn files_are_short_and_open_with_what_they_are() {
    let mut faults = Vec::new();
    for source in sources() {
        let path = &source.path;
        let listed = LONG_FILES.iter().find(|(long, _)| long == path);
        let most = listed.map_or(FILE_LINES_MAX, |&(_, most)| most);
        if source.lines > most {
            faults.push(format!(
                "{path}:{most}: {} lines: cut the file up",
                source.lines
            ));
        }
        if listed.is_some() && source.lines <= FILE_LINES_MAX {
            faults.push(format!("{path}:1: is short now: take it off LONG_FILES"));
        }
        let text = fs::read_to_string(root().join(path)).unwrap();
        if !text.starts_with("//! ") {
            faults.push(format!(
                "{path}:1: open with `//!`: what it is and what it promises"
            ));
        }
    }
    report(&faults);
}

#[test]
fn functions_fit_on_a_screen() {
    let mut faults = Vec::new();
    for source in sources() {
        for (at, (line, code)) in source.code.iter().enumerate() {
            if !is_function(code) || code.trim_end().ends_with(';') {
                continue;
            }
            let close = format!("{}}}", indent(code));
            let end = source.code[at..].iter().find(|(_, code)| *code == close);
            let lines = end.map_or(1, |(end, _)| end - line + 1);
            if lines > FUNCTION_LINES_MAX {
                faults.push(format!(
                    "{}:{line}: a function of {lines} lines: give its parts names",
                    source.path
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn nothing_panics_on_purpose() {
    let mut faults = Vec::new();
    for source in sources() {
        for (line, code) in &source.code {
            for word in [
                ".unwrap()",
                ".expect(",
                "panic!(",
                "todo!(",
                "unimplemented!(",
            ] {
                if code.contains(word) {
                    faults.push(format!(
                        "{}:{line}: {word}: return the fault, or write what makes it impossible",
                        source.path
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn no_tracked_file_has_notes_to_self_or_paths_of_a_machine() {
    let Some(files) = tracked_files() else {
        let why = "SKIPPED: notes and paths are looked for only in a git work tree";
        writeln!(std::io::stderr(), "{why}").unwrap();
        return;
    };
    let notes = ["TO\u{44}O", "FIX\u{4d}E", "XX\u{58}"];
    let machine = ["/ho\u{6d}e/", "/ro\u{6f}t/", "/Use\u{72}s/", "/wo\u{72}k/"];
    let mut faults = Vec::new();
    for path in files {
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue; // binary, or deleted and not yet committed
        };
        for (line, text) in (1..).zip(text.lines()) {
            if let Some(note) = notes.iter().find(|note| text.contains(**note)) {
                faults.push(format!("{path}:{line}: {note}: do it or drop it"));
            }
            if let Some(place) = machine.iter().find(|place| text.contains(**place)) {
                faults.push(format!(
                    "{path}:{line}: {place}…: paths relative to the package"
                ));
            }
        }
    }
    report(&faults);
}

fn arrows_of(source: &Source, faults: &mut Vec<String>) -> Option<&'static [&'static str]> {
    let path = &source.path;
    if path == "src/lib.rs" || path.starts_with("cmd/brewcast/") || path.starts_with("src/tools/") {
        return None; // the list of modules, and those who may use everything
    }
    let program = PROGRAM_ARROWS
        .iter()
        .find(|(name, _)| path.starts_with(name));
    let stage = ARROWS.iter().find(|(name, _)| *name == stage(path));
    let found = program.or(stage).map(|&(_, may)| may);
    if found.is_none() {
        faults.push(format!("{path}:1: new here: give it a row in ARROWS"));
    }
    found
}

/// `line` of `src/line/key.rs`, `precision` of `src/precision.rs`.
fn stage(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let end = below.find(['/', '.']).unwrap_or(below.len());
    &below[..end]
}

/// The modules at the root of the library that a line of code names.
fn imports<'a>(path: &str, code: &'a str) -> Vec<&'a str> {
    let is_root = path.matches('/').count() == 1 || path.ends_with("/mod.rs");
    let roots = match (path.starts_with("cmd/"), is_root) {
        (true, _) => ["brewcast::", "brewcast::"],
        (false, true) => ["crate::", "super::"],
        (false, false) => ["crate::", "super::super::"],
    };
    let mut found = Vec::new();
    for root in roots {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            let list = rest
                .strip_prefix('{')
                .map_or(rest, |list| list.trim_end_matches("};"));
            let names = if list.len() < rest.len() {
                list.split(", ").collect()
            } else {
                vec![list]
            };
            found.extend(names.into_iter().map(|name| {
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                &name[..end.unwrap_or(name.len())]
            }));
        }
    }
    found
}

/// Whether `name::` stands in the code as a path of its own.
fn names_path(code: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(is_word) && code[at + name.len()..].starts_with("::"))
}

fn is_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn is_function(code: &str) -> bool {
    let code = code.trim_start();
    let head = code.split("fn ").next().unwrap_or(code);
    head.len() < code.len()
        && head.split_whitespace().all(|word| {
            word.starts_with("pub")
                || ["const", "in", "async"].contains(&word)
                || word.ends_with(')')
        })
}

fn report(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

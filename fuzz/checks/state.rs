//! What a state file may hold, and what then becomes of the lines.

use std::fmt::Write as _;
use std::sync::OnceLock;

use brewcast::config;
use brewcast::filter::{Filter, Options};
use brewcast::precision::Precision;
use brewcast::state::file::{self, Read1};
use brewcast::state::part::Part;
use brewcast::tools::inspect;

/// A series that is watched by the mix, one by exponential smoothing, one that warms up, and one with an
/// event that is open.
const SETTINGS: &str = r#"
[forecast]
horizon = 8
every = 8
points = "all"
thresholds = [1.5, 20.0]
[output]
verdicts = "all"
[select]
silence = true
[[policy]]
match = { field = "e" }
forecaster = "ets"
season = 6
"#;

/// For all bytes in the place of a state file: nothing ends the program, neither then nor with the lines that
/// come; these leave as they came; and what is kept of it all is read again.
///
/// The first byte says what `data` is: the file itself; what is changed in a file that was good; or what is
/// changed in its parts before they get their checksums, which no damage to a disk can do. Such parts may
/// have a panic inside a series, which costs that series.
pub fn state(data: &[u8]) {
    let [what, rest @ ..] = data else {
        return;
    };
    let bytes = match what % 4 {
        0 => rest.to_vec(),
        1 => changed(&file_of(good().iter().map(Vec::as_slice)), rest),
        _ => {
            let at = usize::from(*what) / 4 % good().len();
            let mut parts = good().clone();
            parts[at] = changed(&parts[at], rest);
            file_of(parts.iter().map(Vec::as_slice))
        }
    };
    let mut filter = Filter::new(options().clone());
    load(&mut filter, &bytes);
    let again = pass(&mut filter, 60..100);
    inspect::read(&mut &bytes[..], options(), |_| true).expect("memory can be read");
    let mut other = Filter::new(options().clone());
    load(&mut other, &again);
    pass(&mut other, 100..101);
}

/// What is loaded as the program loads it.
fn load(filter: &mut Filter, bytes: &[u8]) {
    let mut input = bytes;
    if !file::is_state(&mut input).expect("memory can be read") {
        return;
    }
    loop {
        match file::read(&mut input).expect("memory can be read") {
            Read1::Part(part) => {
                if let Ok(part) = Part::from_bytes(&part) {
                    filter.restore(part);
                }
            }
            Read1::Damaged => {}
            Read1::End | Read1::CutOff => return,
        }
    }
}

/// Lets lines pass, holds them against what comes out, and returns what is kept then.
fn pass(filter: &mut Filter, rounds: std::ops::Range<i64>) -> Vec<u8> {
    let sent: Vec<String> = rounds.flat_map(lines).collect();
    let out = through(filter, &sent.concat());
    let passed: Vec<&str> = out
        .split_inclusive('\n')
        .filter(|line| !line.contains(",field="))
        .collect();
    assert_eq!(passed, sent, "what came is not what went");
    file_of(parts(filter).iter().map(Vec::as_slice))
}

fn through(filter: &mut Filter, text: &str) -> String {
    let room = filter.room();
    room[..text.len()].copy_from_slice(text.as_bytes());
    filter.fill(text.len());
    let mut out = Vec::new();
    while filter.advance(true, &mut out) {}
    filter.finish(true, &mut out);
    String::from_utf8(out).expect("text")
}

/// The lines of minute `n`.
fn lines(n: i64) -> Vec<String> {
    let time = 1_600_000_000 + 60 * n;
    let wrong = if n >= 58 { 30 } else { 0 };
    let mut one = format!("m,t=a v={}", n * 7 % 13);
    write!(one, ",w={},e={},c={}i", n % 5 + wrong, n % 6, 10 * n).expect("there is memory");
    let mut all = vec![format!("{one} {time}000000000\n")];
    if n > 50 {
        all.push(format!("n v={n} {time}000000000\n"));
    }
    all
}

/// The parts of a good file.
fn good() -> &'static Vec<Vec<u8>> {
    static GOOD: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let mut filter = Filter::new(options().clone());
        let lines: Vec<String> = (0..60).flat_map(lines).collect();
        through(&mut filter, &lines.concat());
        parts(&mut filter)
    })
}

fn parts(filter: &mut Filter) -> Vec<Vec<u8>> {
    let mut parts = vec![filter.keep_head(1_600_000_000)];
    let mut from = 0;
    while let Some((part, next)) = filter.keep_groups(from, 1) {
        parts.push(part);
        from = next;
    }
    parts
}

fn file_of<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    file::begin(&mut out).expect("there is memory");
    for part in parts {
        file::write(&mut out, part).expect("there is memory");
    }
    file::end(&mut out).expect("there is memory");
    out
}

/// `bytes` with changes: place (2 bytes), how (1 byte), and what with (1 byte).
fn changed(bytes: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes.chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len().max(1);
        match change[2] % 4 {
            _ if bytes.is_empty() => return bytes,
            0 => bytes[at] ^= change[3],
            1 => bytes[at] = change[3],
            2 => bytes.insert(at, change[3]),
            _ => drop(bytes.drain(at..bytes.len().min(at + usize::from(change[3])))),
        }
    }
    bytes
}

fn options() -> &'static Options {
    static OPTIONS: OnceLock<Options> = OnceLock::new();
    OPTIONS.get_or_init(|| {
        let settings = config::load(Some(("b.toml", SETTINGS)), &[]);
        assert!(settings.are_usable(), "{:?}", settings.faults);
        settings.options("fuzz", Precision::Ns, false)
    })
}

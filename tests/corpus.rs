//! The official line protocol corpus against framing, reading and passing through.
//!
//! The rule: a text is taken when Telegraf's parser or the specification takes it, and something
//! of it is dropped when both refuse it. `tests/data/corpus_exceptions.json` lists where we
//! deviate, and a case in it that follows the rule fails too, so that the list stays true.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stderr)]

#[path = "corpus/cases.rs"]
mod cases;
#[path = "../fuzz/checks/mod.rs"]
mod checks;

use brewcast::config;
use brewcast::filter::{Filter, Options};
use brewcast::line::frame::{Frame, Framer};
use brewcast::precision::Precision;

use cases::Case;
use checks::KnownFault;
use checks::point::{self, Point};

/// Stand before and behind each text; with a quote, so that an open one in the text meets it.
const BEFORE: &str = "before,t=a v=1,s=\"x y\" 1600000000000000000\n";
const BEHIND: &str = "\nbehind,t=a v=1,s=\"x y\" 1600000000000000000\n";

#[test]
fn what_telegraf_or_the_specification_takes_is_taken_and_nothing_else() {
    let Some(folder) = cases::corpus_folder() else {
        return;
    };
    let mut listed = cases::exceptions();
    let mut wrong = Vec::new();
    let cases = cases::cases(&folder);
    assert_eq!(cases.len(), 6_615);
    for case in &cases {
        let fault = deviation(case);
        match (fault, listed.remove(&case.key)) {
            (None, None) => {}
            (Some(fault), None) => wrong.push(format!("{}: {fault}", shown(case))),
            (None, Some(_)) => wrong.push(format!(
                "{}: is by the rule now: take it off tests/data/corpus_exceptions.json",
                shown(case)
            )),
            (Some(_), Some(listed)) => {
                assert_eq!(listed.text.bytes(), case.text, "{}", case.key);
                assert!(!listed.why.is_empty(), "{}: say why", case.key);
                let takes = points(&case.text, case).is_some();
                assert_eq!(takes, listed.brewcast == "accepts", "{}", case.key);
            }
        }
    }
    wrong.extend(listed.into_keys().map(|key| format!("{key}: no such case")));
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn telegrafs_own_verdicts_are_followed_but_where_the_specification_takes_more() {
    let Some(folder) = cases::corpus_folder() else {
        return;
    };
    let verdicts = cases::verdicts(&folder);
    assert_eq!(verdicts.len(), 82);
    for (text, verdict) in verdicts {
        let wider = verdict.why.contains("(the corpus accepts");
        let out = through(&options(), &text);
        let shown = text.escape_ascii();
        if verdict.accept || wider {
            assert_eq!(out, ended(&text), "{shown}: {}", verdict.why);
        } else {
            assert!(out.is_empty(), "{shown}: {}", verdict.why);
        }
    }
}

#[test]
fn taken_texts_leave_as_they_came_and_neighbours_always_do() {
    let Some(folder) = cases::corpus_folder() else {
        return;
    };
    let options = options();
    for case in cases::cases(&folder) {
        let alone = through(&options, &case.text);
        if points(&case.text, &case).is_some() {
            assert_eq!(alone, ended(&case.text), "{}", shown(&case));
        } else {
            assert_ne!(
                alone,
                ended(&case.text),
                "{}: a bad line left",
                shown(&case)
            );
        }
        let among = [BEFORE.as_bytes(), &case.text, BEHIND.as_bytes()].concat();
        let out = through(&options, &among);
        assert!(out.starts_with(BEFORE.as_bytes()), "{}", shown(&case));
        assert!(
            out.ends_with(&BEHIND.as_bytes()[1..]),
            "{}: {}",
            shown(&case),
            out.escape_ascii()
        );
        if points(&case.text, &case).is_some() {
            assert_eq!(out, among, "{}", shown(&case));
        }
        assert!(is_made_of_lines_of(&out, &among), "{}", shown(&case));
    }
}

/// For all texts of the corpus, cut as we cut them: what InfluxData's parser takes gives the same
/// numbers, keys and times with our scanner, but for its known faults.
#[test]
fn the_scanner_reads_what_influxdatas_parser_reads() {
    let Some(folder) = cases::corpus_folder() else {
        return;
    };
    let mut faults = Vec::new();
    for case in cases::cases(&folder) {
        for record in records(&case.text) {
            if let Ok(text) = std::str::from_utf8(point_line(&record)) {
                faults.extend(checks::compare(text));
            }
        }
    }
    for fault in [
        KnownFault::Infinite,
        KnownFault::TrailingComma,
        KnownFault::LooseNames,
        KnownFault::Blanks,
    ] {
        let count = faults.iter().filter(|&&is| is == fault).count();
        eprintln!("{count} times a known fault of that parser: {fault:?}");
    }
}

/// The record without the carriage return of its line end, which that parser does not know.
fn point_line(record: &[u8]) -> &[u8] {
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// How we deviate from the rule, if we do.
fn deviation(case: &Case) -> Option<String> {
    match (&case.points, points(&case.text, case)) {
        (None, None) => None,
        (Some(_), None) => Some("is refused and should be taken".to_owned()),
        (None, Some(_)) => Some("is taken and should be refused".to_owned()),
        (Some(theirs), Some(ours)) if *theirs == ours => None,
        (Some(theirs), Some(ours)) => Some(format!("reads as {ours:?}, not {theirs:?}")),
    }
}

/// The points of a text that is taken as a whole, times in ns.
fn points(text: &[u8], case: &Case) -> Option<Vec<Point>> {
    let mut points = Vec::new();
    for record in records(text) {
        if let Some(mut point) = point::read(&record).ok()? {
            let default = case.default_time / case.precision;
            point.time = Some(point.time.unwrap_or(default).checked_mul(case.precision)?);
            points.push(point);
        }
    }
    Some(points)
}

/// The text as the framer cuts it, without line ends.
fn records(text: &[u8]) -> Vec<Vec<u8>> {
    let mut framer = Framer::new(1 << 20);
    framer.room()[..text.len()].copy_from_slice(text);
    framer.fill(text.len());
    let mut records = Vec::new();
    while let Some(Frame::Record(record)) = framer.next_frame(true) {
        records.push(framer.bytes(record.content).to_vec());
    }
    records
}

fn through(options: &Options, text: &[u8]) -> Vec<u8> {
    let mut filter = Filter::new(options.clone());
    filter.room()[..text.len()].copy_from_slice(text);
    filter.fill(text.len());
    let mut out = Vec::new();
    while filter.advance(true, &mut out) {}
    assert_eq!(filter.tally().panics, 0);
    out
}

fn options() -> Options {
    let settings = config::load(None, &[("report.log", "error".to_owned())]);
    settings.options("corpus", Precision::Ns, false)
}

/// Whether `out` is some of the physical lines of `text`, in their order.
fn is_made_of_lines_of(out: &[u8], text: &[u8]) -> bool {
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    out.split_inclusive(|&byte| byte == b'\n')
        .all(|line| lines.any(|candidate| candidate == line))
}

fn ended(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text
}

fn shown(case: &Case) -> String {
    format!("{} {:?}", case.key, case.text.escape_ascii().to_string())
}

//! The promises of `restamp`: see the header of `cmd/restamp/main.rs`.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod companions;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use companions::{Ran, await_bytes, file, gzip, now_ns, path, stamps};
use proptest::prelude::*;

const RESTAMP: &str = env!("CARGO_BIN_EXE_restamp");
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;

/// Runs `restamp -filename -` with these further arguments on `stream`.
fn restamp(args: &[&str], stream: impl AsRef<[u8]>) -> Ran {
    let args = [&["-filename", "-"], args].concat();
    companions::run(RESTAMP, &args, stream.as_ref())
}

#[test]
fn the_first_line_is_now_and_each_further_one_a_second_later() {
    let before = now_ns();
    let ran = restamp(&[], "m v=1 5\nm v=2 5\nm v=3\n");
    let stamps = stamps(ran.text());
    assert!(before <= stamps[0] && stamps[0] <= now_ns());
    assert_eq!(stamps[1] - stamps[0], SECOND);
    assert_eq!(stamps[2] - stamps[1], SECOND);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn offset_and_interval_are_go_durations_with_one_dash_or_two() {
    for args in [
        &["-start_offset", "-10h", "-interval", "300ms"][..],
        &["--start_offset", "-10h", "--interval", "300ms"],
        &["-start_offset=-9h60m", "-interval=.3s"],
        &["--start-offset=-10h", "--interval=300ms"],
        &["-start-offset", "-10h", "-interval", "300000us"],
    ] {
        let before = now_ns();
        let ran = restamp(args, "m v=1\nm v=1\n");
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
        let stamps = stamps(ran.text());
        let first = stamps[0] + 10 * HOUR;
        assert!(before <= first && first <= now_ns(), "{args:?}");
        assert_eq!(stamps[1] - stamps[0], SECOND / 10 * 3, "{args:?}");
    }
    let ahead = restamp(
        &["-start_offset", "1.5h", "-interval", "-1m"],
        "m v=1\nm v=1\n",
    );
    let stamps = stamps(ahead.text());
    assert!(stamps[0] > now_ns() + HOUR);
    assert_eq!(stamps[1] - stamps[0], -60 * SECOND);
}

#[test]
fn a_precision_is_the_unit_of_what_is_written() {
    for (precision, unit) in [("s", SECOND), ("ms", 1_000_000), ("us", 1000), ("ns", 1)] {
        let before = now_ns() / unit;
        let ran = restamp(
            &["-precision", precision, "-interval", "2s"],
            "m v=1 3\nm v=1\n",
        );
        let stamps = stamps(ran.text());
        assert!(
            before <= stamps[0] && stamps[0] <= now_ns() / unit,
            "{precision}"
        );
        assert_eq!(stamps[1] - stamps[0], 2 * SECOND / unit, "{precision}");
    }
}

#[test]
fn comments_and_blank_lines_pass_and_take_no_time() {
    let ran = restamp(&[], "# a \"comment\n\nm v=1\n  \n\t# 5\nm v=2 9\n");
    let lines: Vec<&str> = ran.text().lines().collect();
    assert_eq!(lines[..2], ["# a \"comment", ""]);
    assert_eq!(lines[3..5], ["  ", "\t# 5"]);
    let [first, second] = stamps(&[lines[2], lines[5]].join("\n"))[..] else {
        panic!("two records")
    };
    assert_eq!(second - first, SECOND);
}

#[test]
fn a_bad_line_is_reported_and_skipped_and_takes_no_time() {
    let long = "x".repeat(100_000);
    let stream = format!("m v=1 1\nm v=one 1\nm v=2 1\r\nm s=\"open 1\nm v=3 1\n{long}\nm v=4 1\n");
    let ran = restamp(&[], stream);
    assert_eq!(ran.code, 0);
    let stamps = stamps(ran.text());
    let values: Vec<&str> = ran.text().lines().map(|line| &line[..5]).collect();
    assert_eq!(values, ["m v=1", "m v=2", "m v=3", "m v=4"]);
    assert!(stamps.windows(2).all(|pair| pair[1] - pair[0] == SECOND));
    let notes: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(notes.len(), 3);
    assert!(notes[0].starts_with("W! line 2 ") && notes[0].contains("m v=one 1"));
    assert!(notes[1].starts_with("W! line 4 ") && notes[1].contains("not closed"));
    assert!(notes[2].starts_with("W! line 6 ") && notes[2].len() < 500);
}

#[test]
fn an_overlong_line_is_reported_and_skipped() {
    let long = format!("m s=\"{}\" 1\n", "x".repeat(17 * 1024 * 1024));
    let ran = restamp(&[], format!("m v=1\n{long}m v=2\n"));
    assert_eq!(stamps(ran.text()).len(), 2);
    assert!(ran.stderr.starts_with("W! line 2 ") && ran.stderr.lines().count() == 1);
}

#[test]
fn a_shift_keeps_the_spacing_and_what_has_no_timestamp() {
    let before = now_ns();
    let stream = "# c\nm v=0\nm v=1 100 \nm v=2 107\nm v=3 98\r\nm v=4 -5";
    let ran = restamp(&["--shift", "-start_offset", "-1h"], stream);
    let first: i64 = ran.text().split(' ').nth(4).unwrap().parse().unwrap();
    assert!(before - HOUR <= first && first <= now_ns() - HOUR);
    let (second, third, fourth) = (first + 7, first - 2, first - 105);
    assert_eq!(
        ran.text(),
        format!("# c\nm v=0\nm v=1 {first} \nm v=2 {second}\nm v=3 {third}\r\nm v=4 {fourth}")
    );
    assert_eq!(
        ran.stderr,
        "W! 1 lines without a timestamp passed unchanged\n"
    );
}

#[test]
fn files_and_stdin_are_read_plain_and_gzipped_whatever_their_name() {
    let lines = "m v=1\nm v=2\n".repeat(50_000);
    let (half, rest) = lines.split_at(lines.len() / 2);
    let parts = [gzip(half.as_bytes()), gzip(rest.as_bytes())].concat();
    for content in [lines.as_bytes(), &gzip(lines.as_bytes()), &parts] {
        let file = file(content);
        for ran in [
            companions::run(RESTAMP, &["-filename", path(&file)], b""),
            restamp(&[], content),
        ] {
            let stamps = stamps(ran.text());
            assert_eq!(stamps.len(), 100_000);
            assert_eq!(stamps[99_999] - stamps[0], 99_999 * SECOND);
        }
    }
}

#[test]
fn a_file_that_is_cut_off_or_missing_is_an_error_and_what_was_whole_is_written() {
    let mut cut = gzip("m v=1\n".repeat(1000).as_bytes());
    cut.truncate(cut.len() - 4);
    let ran = restamp(&[], cut);
    assert_eq!((ran.code, stamps(ran.text()).len()), (1, 1000));
    assert!(ran.stderr.starts_with("E! cannot read -: "));
    let ran = companions::run(RESTAMP, &["-filename", "/nowhere/at/all"], b"");
    assert_eq!((ran.code, ran.text()), (1, ""));
    assert!(ran.stderr.starts_with("E! cannot open /nowhere/at/all: "));
}

#[test]
fn a_wrong_command_line_ends_with_2_and_the_usage() {
    for args in [
        &[][..],
        &["-filename"],
        &["-filename", "-", "-interval", "5"],
        &["-filename", "-", "-start_offset", "yesterday"],
        &["-filename", "-", "-precision", "m"],
        &["-filename", "-", "-shift", "-interval", "1s"],
        &["-filename", "-", "-unheard"],
        &["recording.txt"],
    ] {
        let ran = companions::run(RESTAMP, args, b"m v=1\n");
        assert_eq!((ran.code, ran.text()), (2, ""), "{args:?}");
    }
    let ran = companions::run(RESTAMP, &[], b"");
    assert!(ran.stderr.contains("Usage: restamp") && ran.stderr.contains("--filename"));
}

#[test]
fn a_line_leaves_before_the_next_one_has_come() {
    let mut child = Command::new(RESTAMP)
        .args(["-filename", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        stdin.write_all(b"m v=1\n").unwrap();
        await_bytes(stdout.get_ref());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.starts_with("m v=1 1"));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let file = file("m v=1\n".repeat(1_000_000).as_bytes());
    let mut child = Command::new(RESTAMP)
        .args(["-filename", path(&file)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdout
        .take()
        .unwrap()
        .read_exact(&mut [0; 10])
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

/// One record as its parts: what stands before the timestamp, the timestamp, what stands behind.
#[derive(Clone, Debug)]
struct Parts {
    before: Vec<u8>,
    stamp: Option<i64>,
    behind: Vec<u8>,
}

fn bytes(choices: &'static [&'static [u8]], most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(choices), 0..most)
        .prop_map(|parts| parts.concat())
}

fn record() -> impl Strategy<Value = Parts> {
    let name = bytes(
        &[b"a", b"\\ ", b"\\,", b"\xff", b"\"", b"=", b"\xc3\xa4"],
        4,
    );
    let tag = bytes(&[b"a", b"\\ ", b"\\,", b"\\=", b"\xfe", b"\"", b"#"], 4);
    let string = bytes(
        &[
            b"a", b" 17", b"\n", b"\r\n", b"\\\"", b"\\\\", b",b=1", b"\xff", b"#",
        ],
        6,
    );
    let lead = bytes(&[b" ", b"\t"], 2);
    let gap = bytes(&[b" ", b"\t"], 3);
    let behind = bytes(&[b" ", b"\t"], 2);
    let end = proptest::sample::select(vec!["\n", "\r\n"]);
    let stamp = proptest::option::of(any::<i64>());
    (lead, name, tag, string, gap, stamp, behind, end).prop_map(
        |(lead, name, tag, string, gap, stamp, behind, end)| Parts {
            before: [
                &lead[..],
                b"m",
                &name,
                b",t=x",
                &tag,
                b"x ",
                &gap,
                b"s=\"",
                &string,
                b"\",v=-1.5e3",
                if stamp.is_some() { b" " } else { b"" },
                if stamp.is_some() { &gap } else { b"" },
            ]
            .concat(),
            stamp,
            behind: [&behind, end.as_bytes()].concat(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// For all recordings, every byte that is not part of a timestamp comes out as it went in, in
    /// its order; where there was no timestamp there is a blank and one.
    #[test]
    fn only_the_timestamp_bytes_change(records in proptest::collection::vec(record(), 1..40)) {
        let stream: Vec<u8> = records.iter().flat_map(|parts| {
            let stamp = parts.stamp.map_or(String::new(), |stamp| stamp.to_string());
            [&parts.before[..], stamp.as_bytes(), &parts.behind].concat()
        }).collect();
        let ran = restamp(&["-interval", "1ns"], stream);
        prop_assert_eq!(ran.stderr, "");
        let mut out = &ran.stdout[..];
        let mut expected = None;
        for parts in &records {
            let blank: &[u8] = if parts.stamp.is_some() { b"" } else { b" " };
            let before = [&parts.before[..], blank].concat();
            out = out.strip_prefix(&before[..]).expect("what stands before is unchanged");
            let digits = out.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let stamp: i64 = std::str::from_utf8(&out[..digits]).unwrap().parse().unwrap();
            prop_assert_eq!(stamp, expected.unwrap_or(stamp));
            expected = Some(stamp + 1);
            out = out[digits..].strip_prefix(&parts.behind[..]).expect("so is what stands behind");
        }
        prop_assert!(out.is_empty());
    }
}

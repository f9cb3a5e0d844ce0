//! What holds for every stream with silences in it.
//!
//! Properties of `filter::Filter` in-process, over streams made from seeds; each doc comment states one as
//! "for all ... then ...".

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::filter::{feed, filter, output};
use common::records::{is_ours, verdicts};
use common::streams::{SECOND, lines, points};
use proptest::prelude::*;

const HEEDED: &str =
    "[select]\nsilence = true\n[output]\nverdicts = \"all\"\n[forecast]\nthresholds = [0, 20]\n";
const START: i64 = 1_700_000_000 * SECOND;

/// Any silence of the host `a`, by second.
fn silence() -> impl Strategy<Value = (usize, String)> {
    let learn = proptest::sample::select(vec!["", ",learn=true", ",learn=false"]);
    let more = proptest::sample::select(vec!["", ",s=x", ",zone=none"]);
    (0_usize..200, -20_i64..220, 0_u32..120, learn, more).prop_map(
        |(arrives, begins, length, learn, more)| {
            let time = START + begins * SECOND;
            let line =
                format!("brewcast_silence,host=a{more} duration=\"{length}s\"{learn} {time}\n");
            (arrives, line)
        },
    )
}

/// Lines of three series, and silences between them.
fn stream(seed: u32, silences: &[(usize, String)]) -> String {
    let series = ["m,host=a,s=x", "m,host=b,s=x", "n,s=x"];
    let streams: Vec<Vec<String>> = (0..)
        .zip(series)
        .map(|(n, series)| lines(series, &points(u64::from(seed) + n, 200, true)))
        .collect();
    let mut text = String::new();
    for second in 0..200 {
        let here = silences.iter().filter(|(arrives, _)| *arrives == second);
        here.for_each(|(_, line)| text += line);
        streams.iter().for_each(|lines| text += &lines[second]);
    }
    text
}

/// Lines that are not about the host `a`, without the two fields that count events of others.
fn elsewhere(out: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(out).unwrap();
    let others = text.lines().filter(|line| !line.contains("host=a"));
    let without = |line: &str| match (line.find("concurrent="), line.find("reason=")) {
        (Some(from), Some(to)) => [&line[..from], &line[to..]].concat(),
        _ => line.to_owned(),
    };
    others.map(without).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// For all silences, then what is written about series without their tags is the same to the byte. (Events
    /// tell how many other series have one: a silenced series has none.)
    #[test]
    fn a_silence_changes_nothing_elsewhere(seed in any::<u32>(), silences in proptest::collection::vec(silence(), 0..6)) {
        let plain = output(HEEDED, stream(seed, &[]).as_bytes());
        let silenced = output(HEEDED, stream(seed, &silences).as_bytes());
        prop_assert_eq!(elsewhere(&plain), elsewhere(&silenced));
    }

    /// For all silences, then every line leaves as it came, in order, and the output does not depend on the blocks
    /// that the input comes in.
    #[test]
    fn every_line_passes_in_whatever_blocks(seed in any::<u32>(), silences in proptest::collection::vec(silence(), 1..6), cut in 1_usize..5_000) {
        let input = stream(seed, &silences);
        let whole = output(HEEDED, input.as_bytes());
        let text = String::from_utf8(whole.clone()).unwrap();
        let passed: Vec<&str> = text.lines().filter(|line| !is_ours(line)).collect();
        prop_assert_eq!(passed, input.lines().collect::<Vec<_>>());
        let mut pieces = filter(HEEDED);
        let (mut out, blocks) = (Vec::new(), input.len().div_ceil(cut));
        for (n, block) in input.as_bytes().chunks(cut).enumerate() {
            out.extend(feed(&mut pieces, block, n + 1 == blocks));
        }
        prop_assert_eq!(out, whole);
    }

    /// For all streams, then no verdict lies within a silence, and there is one on each point of a warm series that
    /// is not late or double outside of it; what is counted adds up.
    #[test]
    fn there_are_no_verdicts_within(seed in any::<u32>(), from in 0_usize..150, length in 1_i64..60, learn in any::<bool>()) {
        let time = START + from as i64 * SECOND;
        let line = format!("brewcast_silence,host=a duration=\"{length}s\",learn={learn} {time}\n");
        let points = points(seed.into(), 200, true);
        let mut input = line;
        input += &lines("m,host=a", &points).concat();
        let mut filter = filter(HEEDED);
        let out = feed(&mut filter, input.as_bytes(), true);
        let within = time..time + length * SECOND;
        for verdict in verdicts(&out) {
            prop_assert!(!within.contains(&verdict.time), "{verdict:?}");
        }
        let tally = filter.tally();
        let reached = points.iter().filter(|(time, _)| within.contains(time)).count() as u64;
        prop_assert!(tally.points_silenced <= reached);
        let sum = tally.points_silenced + tally.points_judged + tally.points_warming + tally.points_late
            + tally.points_duplicate + tally.series_reanchored + tally.cadence_changes + tally.counter_resets;
        prop_assert_eq!(sum, tally.points);
        prop_assert_eq!(tally.panics, 0);
    }

    /// For all bytes behind the name of a silence, then nothing panics and the lines behind it are as ever.
    #[test]
    fn any_bytes_in_a_silence_are_survived(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b" ,=\"\\durationlearn0123456789hms".to_vec())], 0..60)) {
        let mut input = [b"brewcast_silence".as_slice(), &bytes, b"\n"].concat();
        input.extend(b"# a comment\nlast v=1 1600000000000000000\n");
        let mut filter = filter(HEEDED);
        let out = feed(&mut filter, &input, true);
        prop_assert_eq!(filter.tally().panics, 0);
        prop_assert!(out.ends_with(b"last v=1 1600000000000000000\n") || bytes.contains(&b'"'));
    }
}

//! What holds for every stream of lines, whatever is in it.
//!
//! Properties of `filter::Filter` in-process, over streams made from seeds; each doc comment states one as
//! "for all ... then ...". About lines and bytes; those about numbers are in `invariants_numbers.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::filter::{feed, filter, output};
use common::records::is_ours;
use common::streams::{lines, points};
use influxdb_line_protocol::parse_lines;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ALL: &str = "[output]\nverdicts = \"all\"\n";

/// Lines of two series and, between them, valid lines of every odd kind. With `bad`, also lines that are not
/// line protocol; the flag says which of them are valid.
fn traffic(seed: u64, bad: bool) -> Vec<(Vec<u8>, bool)> {
    const ODD: &[&[u8]] = &[
        b"# a comment\n",
        b"\n",
        b"  \t \r\n",
        b"m v=1\n",
        b"m,t=a\\ b\\,c v=1i,w=2u,b=t,s=\"x\"  1700000000000000000 \r\n",
        b"m s=\"several\nlines v=1 1\n\n\\\"# \r\n\" 5\n",
        b"m,t=\xff\xfe v=1 1\n",
        b"m,b=2,a=1 v=-0,w=1e300 9223372036854775807\n",
        b"m v=5e-324 -9223372036854775808\n",
    ];
    const BAD: &[&[u8]] = &[
        b"junk\n",
        b"m v=\n",
        b"m v=1,w=x 1\n",
        b"m v=1 1.5\n",
        b",t=a v=1 1\n",
        b"\xff\n",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut all = Vec::new();
    let first = lines("m,s=a", &points(seed, 80, true));
    let second = lines("m,s=b", &points(seed + 1, 80, true));
    for (a, b) in first.into_iter().zip(second) {
        all.extend([(a.into_bytes(), true), (b.into_bytes(), true)]);
        if rng.random_bool(0.2) {
            all.push((ODD[rng.random_range(0..ODD.len())].to_vec(), true));
        }
        if bad && rng.random_bool(0.1) {
            all.push((BAD[rng.random_range(0..BAD.len())].to_vec(), false));
        }
    }
    all
}

fn joined(lines: &[(Vec<u8>, bool)]) -> Vec<u8> {
    lines.iter().flat_map(|(line, _)| line.clone()).collect()
}

/// The output without our records.
fn passed(output: &[u8]) -> Vec<u8> {
    let not_ours = |line: &&[u8]| !is_ours(&String::from_utf8_lossy(line));
    let lines = output.split_inclusive(|&byte| byte == b'\n');
    lines.filter(not_ours).flatten().copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// For all streams, then every valid line that is not ours leaves unchanged and in order, also between
    /// lines that are not line protocol.
    #[test]
    fn valid_lines_leave_unchanged_and_in_order(seed in any::<u32>()) {
        let traffic = traffic(seed.into(), true);
        let out = output(ALL, &joined(&traffic));
        let valid: Vec<u8> = traffic.into_iter().filter(|(_, valid)| *valid).flat_map(|(line, _)| line).collect();
        prop_assert!(out.len() > valid.len(), "there are records of ours");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        prop_assert_eq!(text(&passed(&out)), text(&valid));
    }

    /// For all ways to cut the input into blocks, then the output is the same.
    #[test]
    fn block_boundaries_change_nothing(seed in any::<u32>(), sizes in proptest::collection::vec(1_usize..300, 1..20)) {
        let input = joined(&traffic(seed.into(), true));
        let mut filter = filter(ALL);
        let (mut out, mut rest) = (Vec::new(), input.as_slice());
        for &size in sizes.iter().cycle() {
            let (block, left) = rest.split_at(size.min(rest.len()));
            out.extend(feed(&mut filter, block, false));
            rest = left;
            if rest.is_empty() {
                break;
            }
        }
        out.extend(feed(&mut filter, b"", true));
        prop_assert!(out == output(ALL, &input));
    }

    /// For all places at which the input may end, then no whole line before it is lost, and what was said
    /// before it stays what it was.
    #[test]
    fn an_input_cut_short_loses_no_whole_line(seed in any::<u32>(), share in 0.0_f64..1.0) {
        let traffic = traffic(seed.into(), false);
        let input = joined(&traffic);
        let cut = (share * input.len() as f64) as usize;
        let mut whole = 0;
        for (line, _) in &traffic {
            if whole + line.len() > cut {
                break;
            }
            whole += line.len();
        }
        let so_far = feed(&mut filter(ALL), &input[..cut], false);
        prop_assert!(output(ALL, &input).starts_with(&so_far));
        let out = output(ALL, &input[..cut]);
        prop_assert!(out.starts_with(&so_far));
        prop_assert!(passed(&out).starts_with(&input[..whole]));
        prop_assert!(out.is_empty() || out.ends_with(b"\n"));
    }

    /// For all interleavings of series that are met in the same order, then the records of each are the same.
    #[test]
    fn interleaving_changes_no_series(seed in any::<u32>()) {
        let names = ["m,s=a", "m,s=b", "n,s=c", "n,s=d"];
        let series: Vec<Vec<String>> = (0..).zip(names)
            .map(|(n, name)| lines(name, &points(u64::from(seed) + n, 100, true))).collect();
        let in_turn: Vec<&String> = (0..100).flat_map(|i| series.iter().map(move |lines| &lines[i])).collect();
        let mut order: Vec<usize> = (0..4).flat_map(|n| [n; 99]).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed.into()));
        let mut next = [1; 4];
        let mut shuffled: Vec<&String> = series.iter().map(|lines| &lines[0]).collect();
        for n in order {
            shuffled.push(&series[n][next[n]]);
            next[n] += 1;
        }
        let about = |input: &[&String]| {
            let bytes: Vec<u8> = input.iter().flat_map(|line| line.bytes()).collect();
            let out = String::from_utf8(output(ALL, &bytes)).unwrap();
            ["s=a", "s=b", "s=c", "s=d"].map(|tag| {
                // Events say who else is in trouble.
                let is_alone = |line: &&str| is_ours(line) && !line.contains("_event,");
                let ours = out.lines().filter(|line| is_alone(line) && line.contains(tag));
                ours.map(str::to_owned).collect::<Vec<_>>()
            })
        };
        let (plain, mixed) = (about(&in_turn), about(&shuffled));
        prop_assert!(plain.iter().all(|records| records.len() > 40));
        prop_assert_eq!(plain, mixed);
    }

    /// For all names and tags, odd bytes and escapes included, then what we write about the series is a line
    /// that InfluxData's parser accepts.
    #[test]
    fn records_are_accepted_by_the_line_protocol_crate(
        name in "([a-z#\"']|\\\\[ ,=\\\\n]|[=\u{e4}\u{1}\u{7f}\u{2028}]){1,6}",
        key in "([a-z#\"']|\\\\[ ,=\\\\n]|[\u{e4}\u{1}]){1,6}|field|yhat|kind",
        value in "([a-z#\"']|\\\\[ ,=\\\\n]|[\u{e4}\u{1}]){1,6}",
        field in "([a-z#\"']|\\\\[ ,=\\\\n]|[\u{e4}\u{1}]){1,6}",
        template in proptest::sample::select(vec!["{measurement}_anomaly", "x.{measurement}", "anomalies"]),
    ) {
        let line = |n: i64| format!("{name},{key}={value} {field}={}.5 {n}000000000\n", n * n % 7);
        let input: String = (1..40).map(line).collect();
        let settings = format!("{ALL}anomaly_name = \"{template}\"\n");
        let out = String::from_utf8(output(&settings, input.as_bytes())).unwrap();
        for ours in out.lines().filter(|ours| !input.lines().any(|line| line == *ours)) {
            let mut read = parse_lines(ours);
            prop_assert!(matches!((read.next(), read.next()), (Some(Ok(_)), None)), "{}", ours);
        }
    }

    /// For all numbers of series and fields, then no more than `max_series` are held, and all lines pass.
    #[test]
    fn there_are_never_more_series_than_the_limit(seed in any::<u32>(), limit in 1_u64..20) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
        let settings = format!("{ALL}[limits]\nmax_series = {limit}\nidle = \"10m\"\n");
        let mut filter = filter(&settings);
        let mut met = false;
        for minute in 0..60 {
            filter.tick(1_000_000 + minute * 60, &mut Vec::new());
            let line = |_| format!("m{} v{}=1,w=2,x=\"y\" {minute}\n", rng.random_range(0..9), rng.random_range(0..3));
            let input: String = (0..5).map(line).collect();
            let out = feed(&mut filter, input.as_bytes(), false);
            prop_assert!(passed(&out) == input.as_bytes());
            filter.write_own_record(0, &mut Vec::new());
            prop_assert!(filter.tally().series <= limit);
            met |= filter.tally().series == limit;
        }
        prop_assert!(met, "the limit was reached");
    }
}

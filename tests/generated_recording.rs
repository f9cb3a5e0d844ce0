//! What the generator of `data/` promises, and that the files in `data/` are what it makes.
//!
//! The generator itself is the example `generate_recording`. Nothing here says that the recording resembles a real
//! one; where one lies at hand, compare the two by eye.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may panic as the test may"
)]

#[path = "../examples/generate_recording/brew/mod.rs"]
mod brew;

use std::collections::BTreeMap;
use std::io::Read;

use brew::{Recipe, Recording, Series, record};
use clap::Parser;

/// The later of two values for one argument holds.
#[derive(Debug, Parser)]
#[command(args_override_self = true)]
struct Arguments {
    #[command(flatten)]
    recipe: Recipe,
}

/// The recipe that these words on the command line ask for.
fn recipe(words: &str) -> Recipe {
    let words = std::iter::once("generate_recording").chain(words.split_whitespace());
    Arguments::try_parse_from(words).unwrap().recipe
}

fn made(words: &str) -> Recording {
    record(&recipe(words))
}

/// A rate for every kind of misread that is far above the defaults.
const MANY: &str = "--sevens 1 --points-per-hour 200 --shorts-per-hour 100 --flickers-per-hour 100 \
                    --longs-per-hour 60 --haze-factor 3";
const NONE: &str =
    "--sevens 0 --points-per-hour 0 --shorts-per-hour 0 --flickers-per-hour 0 --longs-per-hour 0";

/// Segments a (bit 0, top) to g (bit 6, middle) of the ten digits.
const SEGMENTS: [u8; 10] = [
    0b011_1111, 0b000_0110, 0b101_1011, 0b100_1111, 0b110_0110, 0b110_1101, 0b111_1101, 0b000_0111,
    0b111_1111, 0b110_1111,
];

/// Default, crowded and empty recipes for seeds that nothing was tuned to.
fn many_recordings() -> impl Iterator<Item = (String, Recording)> {
    let seeds = (0..25).map(|n| n * 7_919 + 1_000_003);
    let recipes =
        seeds.flat_map(|seed| ["", MANY, NONE].map(|rates| format!("--seed {seed} {rates}")));
    recipes.map(|words| (words.clone(), made(&words)))
}

fn committed(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn wrong(series: &Series) -> Vec<usize> {
    let readings = series.readings.iter().enumerate();
    readings
        .filter(|(_, r)| r.read != r.truth)
        .map(|(i, _)| i)
        .collect()
}

/// The committed files are exactly what the generator makes when it is given no arguments.
#[test]
fn the_committed_files_are_what_the_defaults_make() {
    let recording = made("");
    assert!(
        unpacked(&committed("temps.txt.gz")) == recording.temps(),
        "data/temps.txt.gz differs"
    );
    assert!(
        committed("labels.csv") == recording.labels().as_bytes(),
        "data/labels.csv differs"
    );
    assert!(
        committed("points.csv") == recording.points().as_bytes(),
        "data/points.csv differs"
    );
}

/// The committed recording is small, and its gzip header holds no time.
#[test]
fn the_committed_recording_is_small_and_has_no_time_in_its_header() {
    let bytes = committed("temps.txt.gz");
    assert!(bytes.len() < 150_000, "{} bytes", bytes.len());
    assert_eq!(bytes[4..8], [0, 0, 0, 0]);
}

/// The table of misreads in data/README.md holds the counts of data/labels.csv.
#[test]
fn the_readme_counts_the_misreads_as_the_labels_do() {
    let readme = String::from_utf8(committed("README.md")).unwrap();
    let labels = String::from_utf8(committed("labels.csv")).unwrap();
    let mut counts = BTreeMap::<(&str, &str), usize>::new();
    for line in labels.lines().skip(1) {
        let columns: Vec<_> = line.split(',').collect();
        *counts.entry((columns[5], columns[0])).or_default() += 1;
    }
    for kind in ["point", "short", "long", "flicker", "level_shift"] {
        let count = |brew| counts.get(&(kind, brew)).copied().unwrap_or(0);
        let row = format!("| `{kind}` | {} | {} |", count("haze_v5"), count("bv_1"));
        assert!(readme.contains(&row), "data/README.md lacks {row}");
    }
}

/// For all recipes: the same one gives the same bytes; another seed gives another recording and other misreads.
#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for seed in [0, 1, u64::MAX] {
        let words = format!("--seed {seed}");
        let (one, two) = (made(&words), made(&words));
        assert_eq!(one.temps(), two.temps());
        assert_eq!((one.labels(), one.points()), (two.labels(), two.points()));
        let other = made(&format!("--seed {}", seed / 2 + 5));
        assert_ne!(one.temps(), other.temps());
        assert_ne!(one.points(), other.points());
    }
}

/// For all rates: they decide what is misread, never what the temperature is.
#[test]
fn the_rates_do_not_change_the_true_temperature() {
    let truth = |words: &str| -> Vec<i64> {
        let series = made(words).series;
        series
            .iter()
            .flat_map(|s| &s.readings)
            .map(|r| r.truth)
            .collect()
    };
    assert_eq!(truth(""), truth(MANY));
    assert_eq!(truth(""), truth(NONE));
}

/// For all recipes: a wrong reading lies in exactly one label that counts and in no neutral one, and every label that
/// counts begins and ends with a wrong reading and has the excursions and the magnitude that it states.
#[test]
fn every_wrong_reading_is_labelled_and_every_label_is_exact() {
    for (words, recording) in many_recordings() {
        for series in &recording.series {
            let wrong = wrong(series);
            let mut covered = vec![0; series.readings.len()];
            for label in &series.labels {
                covered[label.start..=label.end]
                    .iter_mut()
                    .for_each(|c| *c += 1);
                let inside: Vec<_> = wrong
                    .iter()
                    .copied()
                    .filter(|i| (label.start..=label.end).contains(i))
                    .collect();
                if !label.counts {
                    assert!(inside.is_empty(), "{words}: misread in a fall, {label:?}");
                    continue;
                }
                assert_eq!(inside.first(), Some(&label.start), "{words}: {label:?}");
                assert_eq!(inside.last(), Some(&label.end), "{words}: {label:?}");
                let excursions = 1 + inside.windows(2).filter(|w| w[0] + 1 < w[1]).count();
                assert_eq!(excursions, label.excursions, "{words}: {label:?}");
                let distance =
                    |&i: &usize| series.readings[i].read.abs_diff(series.readings[i].truth);
                let magnitude = inside.iter().map(distance).max();
                assert_eq!(
                    magnitude,
                    Some(label.magnitude.unsigned_abs()),
                    "{words}: {label:?}"
                );
            }
            assert!(covered.iter().all(|&c| c <= 1), "{words}: labels overlap");
            assert!(
                wrong.iter().all(|&i| covered[i] == 1),
                "{words}: a wrong reading without a label"
            );
        }
    }
}

/// For all recipes: from one second to the next the true temperature moves by at most 0.1 degrees outside of falls
/// and by at most 0.8 downwards in them.
#[test]
fn the_true_temperature_moves_by_a_tenth_at_most_outside_of_falls() {
    for (words, recording) in many_recordings() {
        for series in &recording.series {
            let mut falling = vec![false; series.readings.len()];
            for fall in series.labels.iter().filter(|l| !l.counts) {
                falling[fall.start..=fall.end].fill(true);
            }
            for (i, pair) in series.readings.windows(2).enumerate() {
                let step = pair[1].truth - pair[0].truth;
                let allowed = if falling[i + 1] { -8..=-1 } else { -1..=1 };
                assert!(
                    allowed.contains(&step),
                    "{words}: {} {}: {step}",
                    series.brew,
                    i + 1
                );
            }
        }
    }
}

/// For all recipes: a wrong reading differs from the truth in one digit, not the tens, and the segments of one of the
/// two digits are among those of the other: light was added or lost, not both.
#[test]
fn a_misread_only_adds_or_only_loses_segments_of_one_digit() {
    for (words, recording) in many_recordings() {
        for reading in recording.series.iter().flat_map(|s| &s.readings) {
            let digits =
                |tenths: i64| [tenths / 10 % 10, tenths % 10].map(|d| SEGMENTS[d as usize]);
            let (shown, read) = (digits(reading.truth), digits(reading.read));
            assert_eq!(
                reading.truth / 100,
                reading.read / 100,
                "{words}: {reading:?}"
            );
            assert!(
                shown[0] == read[0] || shown[1] == read[1],
                "{words}: {reading:?}"
            );
            for (shown, read) in shown.into_iter().zip(read) {
                let both = shown & read;
                assert!(both == shown || both == read, "{words}: {reading:?}");
            }
        }
    }
}

/// With all rates at zero every reading is the true one, and only the falls are labelled, none of them counting.
#[test]
fn rates_of_zero_give_no_misreads_and_no_label_that_counts() {
    let recording = made(NONE);
    for series in &recording.series {
        assert!(wrong(series).is_empty());
        assert!(series.labels.iter().all(|label| !label.counts));
    }
    assert_eq!(recording.points().lines().count(), 1);
}

/// For each rate: alone it makes misreads of its own kind, so none of the arguments is without effect.
#[test]
fn each_rate_alone_makes_its_own_kind_of_misread() {
    let cases = [
        ("--points-per-hour 30", "point"),
        ("--shorts-per-hour 30", "short"),
        ("--flickers-per-hour 30", "flicker"),
        ("--longs-per-hour 30", "long"),
        ("--sevens 1", "short"),
    ];
    for (rate, kind) in cases {
        let words = format!("{NONE} {rate}");
        let recording = made(&words);
        let labels = recording.series.iter().flat_map(|s| &s.labels);
        let of_kind = labels.filter(|label| label.kind == kind).count();
        assert!(10 <= of_kind, "{words}: {of_kind}");
    }
}

/// The defaults show all kinds of misreads, and one that lasts for more than a minute.
#[test]
fn the_defaults_show_every_kind_of_misread() {
    let recording = made("");
    let labels: Vec<_> = recording.series.iter().flat_map(|s| &s.labels).collect();
    for kind in ["point", "short", "long", "flicker", "level_shift"] {
        assert!(labels.iter().any(|label| label.kind == kind), "no {kind}");
    }
    assert!(
        labels
            .iter()
            .any(|label| label.kind == "long" && 60 < label.end - label.start)
    );
}

/// For all lines: measurement, tag, a value of two digits, a point and one decimal, and a time; one second apart
/// from the start that was asked for, without a break between the brews.
#[test]
fn lines_have_one_decimal_and_are_one_second_apart() {
    let text = made(&format!("--start 1000000007 --bv-points 3000 {MANY}")).temps();
    let mut time = 1_000_000_007_u64;
    for (number, line) in text.lines().enumerate() {
        let brew = if number < 1900 { "haze_v5" } else { "bv_1" };
        let rest = line
            .strip_prefix(&format!("temperature,brew={brew} temperature="))
            .unwrap();
        let (value, stamp) = rest.split_once(' ').unwrap();
        let shape = value
            .bytes()
            .map(|b| if b.is_ascii_digit() { '9' } else { b as char });
        assert_eq!(shape.collect::<String>(), "99.9", "{line}");
        assert_eq!(stamp, time.to_string());
        time += 1_000_000_000;
    }
    assert_eq!(text.lines().count(), 4900);
}

/// For all lengths, also none at all: that many readings are made, and the longer recording begins like the shorter.
#[test]
fn any_length_is_made_and_a_longer_truth_begins_like_a_shorter_one() {
    let truth = |words: &str| -> Vec<i64> {
        made(words).series[1]
            .readings
            .iter()
            .map(|r| r.truth)
            .collect()
    };
    let longest = truth("--bv-points 6000");
    for len in [0, 1, 2, 60, 2299, 2300, 2301, 5000] {
        assert_eq!(
            truth(&format!("--bv-points {len} --haze-points {}", len / 2)),
            longest[..len]
        );
        for sawtooth in [0, 1, 1_000_000] {
            let words = format!("--bv-points {len} --bv-sawtooth {sawtooth} {MANY}");
            assert_eq!(made(&words).series[1].readings.len(), len);
        }
    }
    assert_eq!(made("--bv-points 0 --haze-points 0").temps(), "");
}

/// Values outside of the ranges that the help states are refused.
#[test]
fn arguments_out_of_range_are_refused() {
    for words in [
        "--sevens 1.1",
        "--points-per-hour -1",
        "--longs-per-hour nan",
        "--haze-factor inf",
        "--start -1",
    ] {
        let (name, value) = words.split_once(' ').unwrap();
        let parsed = Arguments::try_parse_from(["generate_recording", &format!("{name}={value}")]);
        assert!(parsed.is_err(), "{words}");
    }
}

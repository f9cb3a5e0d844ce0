//! What holds for the `_eta` records, whatever the values and thresholds are.
//!
//! Properties of `filter::Filter` in-process, over streams made from seeds, and of `series::Etas` over paths
//! made of whole numbers; each doc comment states one as "for all ... then ...". Whether the forecasts behind
//! them are good is not judged here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use std::collections::BTreeMap;

use brewcast::series::eta::{Issue, State};
use brewcast::series::reach::Crossing;
use brewcast::series::{Ahead, Eta, Etas};
use common::filter::output;
use common::records::{etas, is_ours};
use common::streams::{self, SECOND, lines};
use proptest::prelude::*;

/// Issues come often, and forecasts have a slope, so that there is something to say.
const BUSY: &str = "[model]\nforecaster = \"ets\"\ntrend = \"linear\"\n[forecast]\nevery = 5\n";

/// Points of a series; every other one upside down, since counters only rise.
fn points(seed: u32, count: usize) -> Vec<(i64, f64)> {
    let sign = if seed.is_multiple_of(2) { 1.0 } else { -1.0 };
    let points = streams::points(seed.into(), count, true);
    points
        .into_iter()
        .map(|(time, y)| (time, sign * y))
        .collect()
}

/// Four values that a stream comes near, each another one.
fn thresholds(points: &[(i64, f64)]) -> String {
    let at = |share: usize| points[share * (points.len() - 1) / 4].1 + 0.125 * share as f64;
    let mut all: Vec<f64> = (1..=4).map(at).collect();
    all.dedup();
    all.sort_by(f64::total_cmp);
    all.dedup();
    format!("thresholds = {all:?}\n")
}

fn without(out: &[u8], kind: &str) -> Vec<String> {
    let text = std::str::from_utf8(out).unwrap();
    let keep = |line: &&str| !line.starts_with(kind);
    text.lines().filter(keep).map(str::to_owned).collect()
}

/// Every `approaching` is followed by more of them or by one end; an end ends something.
fn assert_every_end_has_its_beginning(states: &[(&str, &str)]) -> Result<(), TestCaseError> {
    let mut open = None;
    for &(state, crossing) in states {
        match state {
            "approaching" => {
                prop_assert!(open.is_none_or(|open| open == crossing), "{states:?}");
                open = Some(crossing);
            }
            "cleared" | "crossed" => prop_assert_eq!(open.take(), Some(crossing)),
            other => prop_assert!(false, "{other}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// For all streams and thresholds, then the three times are in order, probabilities are some, what
    /// begins is at least likely, and nothing ends that did not begin, or twice.
    #[test]
    fn records_say_what_they_may(seed in any::<u32>()) {
        let points = points(seed, 400);
        let out = output(&(BUSY.to_owned() + &thresholds(&points)), lines("m,s=a", &points).concat().as_bytes());
        let mut by_threshold: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for eta in etas(&out) {
            let times = [Some(0.0), eta.lower, eta.eta, eta.upper];
            prop_assert!(times.into_iter().flatten().is_sorted(), "{eta:?}");
            let is_approaching = eta.state == "approaching";
            prop_assert_eq!((eta.eta.is_some(), eta.lower.is_some()), (is_approaching, is_approaching), "{:?}", eta);
            prop_assert!(eta.upper.is_none() || is_approaching, "{eta:?}");
            prop_assert!(eta.probability.is_none_or(|p| (0.0..=1.0).contains(&p)), "{eta:?}");
            prop_assert_eq!(eta.state == "crossed", eta.probability.is_none(), "{:?}", eta);
            by_threshold.entry(eta.threshold.clone()).or_default().push(eta);
        }
        for etas in by_threshold.values() {
            let states: Vec<(&str, &str)> = etas.iter().map(|eta| (eta.state.as_str(), eta.crossing.as_str())).collect();
            assert_every_end_has_its_beginning(&states)?;
            prop_assert!(etas.windows(2).all(|pair| pair[0].time < pair[1].time), "one at a time");
            let begins = etas.iter().enumerate().filter(|&(at, eta)| {
                eta.state == "approaching" && (at == 0 || etas[at - 1].state != "approaching")
            });
            for (_, eta) in begins {
                prop_assert!(eta.probability >= Some(0.6), "{eta:?}");
            }
        }
    }

    /// For all streams and thresholds, then a record follows the line it is about, behind the verdict and
    /// the forecast, at its time; and without thresholds all other lines are the same.
    #[test]
    fn records_come_last_and_change_nothing_else(seed in any::<u32>()) {
        let points = points(seed, 300);
        let settings = format!("{BUSY}{}[output]\nverdicts = \"all\"\n", thresholds(&points));
        let input = lines("m,s=a", &points).concat();
        let out = output(&settings, input.as_bytes());
        let plain = output(&format!("{BUSY}[output]\nverdicts = \"all\"\n"), input.as_bytes());
        prop_assert_eq!(without(&out, "m_eta,"), without(&plain, "m_eta,"));
        let mut last = ("", "");
        for line in std::str::from_utf8(&out).unwrap().lines() {
            let time = line.rsplit(' ').next().unwrap();
            if line.starts_with("m_eta,") {
                prop_assert_eq!(time, last.0, "{}", line);
            } else if !is_ours(line) {
                last = (time, "");
            } else {
                let is_end = line.contains("brewcast stopped");
                prop_assert!(last.1 != "eta" || is_end, "{}", line);
            }
            if line.starts_with("m_eta,") {
                last.1 = "eta";
            }
        }
    }

    /// For all streams and thresholds, then it makes no difference whether forecasts are written.
    #[test]
    fn records_come_without_written_forecasts(seed in any::<u32>()) {
        let points = points(seed, 300);
        let settings = BUSY.to_owned() + &thresholds(&points);
        let input = lines("m,s=a", &points).concat();
        let with = output(&settings, input.as_bytes());
        let silent = output(&format!("{settings}[output]\nforecasts = false\n"), input.as_bytes());
        prop_assert_eq!(without(&with, "m_forecast,"), without(&silent, "m_forecast,"));
    }

    /// For all points and paths, then nothing ends that did not begin, or twice; shifting and scaling them
    /// together with the threshold changes nothing that is said, and mirroring them only turns the direction.
    #[test]
    fn the_unit_does_not_matter(
        issues in proptest::collection::vec((-20_i32..20, -40_i32..40, 0_i32..6, any::<bool>()), 1..60),
        threshold in -10_i32..10, shift in -500_i32..500, exponent in -20_i32..20,
    ) {
        let said = |map: &dyn Fn(i32) -> f64, mirrored: bool| {
            let mut told = Etas::new(1);
            let (mut out, thresholds) = (Vec::new(), [map(threshold)]);
            for &(y, end, half, is_issue) in &issues {
                let path: Vec<Ahead> = (0..=4).map(|step: i32| {
                    let yhat = 4 * y + step * (end - y);
                    let wide = if step == 0 { 0 } else { half };
                    let (lower, upper) = (map(yhat - wide), map(yhat + wide));
                    let (lower, upper) = (lower.min(upper), lower.max(upper));
                    Ahead { time: i64::from(step) * SECOND, step: step.unsigned_abs(), yhat: map(yhat), lower, upper }
                }).collect();
                let issue = Issue { path: &path, half_width: 2.0 };
                told.observe(Some(map(4 * y)), is_issue.then_some(issue), &thresholds, &mut out);
            }
            let turned = |crossing: Crossing| (crossing == Crossing::Above) != mirrored;
            let plain = |eta: &Eta| (eta.state, turned(eta.crossing), eta.reach);
            out.iter().map(plain).collect::<Vec<(State, bool, _)>>()
        };
        let plain = said(&|x| f64::from(x), false);
        let moved = said(&|x| f64::from(x + shift) * 2_f64.powi(exponent), false); // exact
        let mirrored = said(&|x| -f64::from(x), true);
        let states: Vec<(&str, &str)> = plain.iter().map(|&(state, above, _)| {
            let state = match state { State::Approaching => "approaching", State::Cleared => "cleared", State::Crossed => "crossed" };
            (state, if above { "above" } else { "below" })
        }).collect();
        assert_every_end_has_its_beginning(&states)?;
        prop_assert_eq!(&plain, &moved);
        prop_assert_eq!(&plain, &mirrored);
    }
}

/// Else the properties above would say little.
#[test]
fn streams_get_as_far_as_records_of_all_kinds() {
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..60 {
        let points = points(seed, 400);
        let settings = BUSY.to_owned() + &thresholds(&points);
        let out = output(&settings, lines("m,s=a", &points).concat().as_bytes());
        for eta in etas(&out) {
            *states
                .entry(format!("{} {}", eta.state, eta.crossing))
                .or_default() += 1;
        }
    }
    assert_eq!(states.len(), 6, "{states:?}");
    assert!(states.values().all(|&count| count >= 5), "{states:?}");
}

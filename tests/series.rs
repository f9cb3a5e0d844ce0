//! One series through its public calls: what arrives, and what becomes of it.
//!
//! The figures of forecasts and verdicts are held in `tests/reference`; here are the turns that a
//! series takes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use brewcast::config;
use brewcast::precision::Precision;
use brewcast::series::{Ignored, Rules, Series, Silence, Step};
use brewcast::state::kept::Kept;
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;

fn rules(settings: &[(&str, &str)]) -> Rules {
    let overrides: Vec<(&str, String)> = settings
        .iter()
        .map(|&(key, value)| (key, value.to_owned()))
        .collect();
    config::load(None, &overrides)
        .options("host", Precision::Ns, false)
        .policies
        .rest()
        .rules
        .clone()
}

/// One point a second; what became of each.
fn feed(rules: &Rules, values: impl IntoIterator<Item = f64>) -> Vec<Step> {
    let mut series = Series::new(0, 0);
    let points = (0..).zip(values);
    points
        .map(|(i, value)| series.observe(i * SECOND, value, rules))
        .collect()
}

fn position(steps: &[Step], wanted: Ignored) -> Option<usize> {
    steps.iter().position(|step| *step == Step::Ignored(wanted))
}

#[test]
fn a_counter_that_falls_too_often_is_a_gauge_for_good() {
    let sawtooth = (0..2_000).map(|i| f64::from(i % 60));
    let steps = feed(&rules(&[]), sawtooth);
    let revoked = position(&steps, Ignored::CounterRevoked).expect("it is none");
    let later = &steps[revoked + 1..];
    assert_eq!(position(later, Ignored::CounterReset), None);
    assert_eq!(position(later, Ignored::CounterRevoked), None);
    let judged = later
        .iter()
        .filter(|step| matches!(step, Step::Judged { .. }))
        .count();
    assert!(judged + 30 >= later.len(), "{judged} of {}", later.len());
}

#[test]
fn a_counter_starts_again_without_a_flag() {
    let steps = feed(&rules(&[]), (0..2_000).map(|i| f64::from(7 * (i % 900))));
    let resets: Vec<usize> = (0..steps.len())
        .filter(|&i| steps[i] == Step::Ignored(Ignored::CounterReset))
        .collect();
    assert_eq!(resets, [900, 1_800]);
    let flagged = steps
        .iter()
        .filter(|step| matches!(step, Step::Judged { verdict, .. } if verdict.is_anomaly()));
    assert_eq!(flagged.count(), 0);
}

#[test]
fn what_is_set_as_a_counter_or_none_is_taken_at_its_word() {
    let rising = || (0..200).map(f64::from);
    let expected =
        |counter: &str| match feed(&rules(&[("model.counter", counter)]), rising()).last() {
            Some(Step::Judged { verdict, .. }) => verdict.expected,
            other => panic!("{other:?}"),
        };
    assert!((expected("true") - 199.0).abs() < 1e-6, "by its increments");
    assert!(
        (expected("false") - 197.0).abs() < 1e-6,
        "by its values: the median of the last three"
    );
}

#[test]
fn a_warmup_is_as_long_as_it_was_set() {
    for (setting, points) in [("30", 30), ("10", 10), ("75", 75), ("20s", 20), ("2m", 120)] {
        let steps = feed(
            &rules(&[("model.warmup", setting)]),
            (0..300).map(|i| f64::from(i % 7)),
        );
        let first = steps
            .iter()
            .position(|step| matches!(step, Step::Judged { .. }));
        assert_eq!(first, Some(points), "{setting}");
    }
}

#[test]
fn a_window_may_be_a_duration() {
    let noise = || (0..3_000).map(|i: i32| f64::from(i.wrapping_mul(7_919) % 101));
    let last = |window: &str| {
        feed(&rules(&[("model.window", window)]), noise())
            .pop()
            .unwrap()
    };
    assert_eq!(last("2m"), last("120"));
}

/// The mean of n increments has an error that shrinks with n: the band of a counter after a gap grows like that
/// of their sum, with the root.
#[test]
fn the_band_of_a_counter_after_a_gap_grows_with_the_root_of_its_steps() {
    let mut series = Series::new(0, 0);
    let rules = rules(&[]);
    let (mut sum, mut word) = (0.0, 1_u32);
    let mut half = |at: i64| {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        sum += 10.0 + f64::from(word >> 8) / 16_777_216.0;
        match series.observe(at * SECOND, sum, &rules) {
            Step::Judged { verdict, .. } => verdict.upper.unwrap() - verdict.expected,
            Step::Ignored(_) => 0.0,
        }
    };
    let before = (0..1_000).map(&mut half).last().unwrap();
    let ratio = half(1_015) / before; // sixteen steps behind the last
    assert!((2.5..8.0).contains(&ratio), "{ratio}");
}

/// What a series does while it stands still says nothing about how it moves: after a quiet night its usual
/// moves are usual.
#[test]
fn a_quiet_night_does_not_make_every_move_rare() {
    let mut word = 5_u32;
    let mut noise = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(word >> 8) / 16_777_216.0
    };
    let mut values: Vec<f64> = (0..2_000).map(|_| noise()).collect();
    values.extend([0.5; 5_000]);
    values.extend((0..500).map(|_| noise()));
    let steps = feed(&rules(&[]), values);
    let flagged = |range: std::ops::Range<usize>| {
        let is_flagged =
            |step: &&Step| matches!(step, Step::Judged { verdict, .. } if verdict.is_anomaly());
        steps[range].iter().filter(is_flagged).count()
    };
    assert_eq!(flagged(7_000..7_500), 0);
}

/// What stood still for long and begins to move has no scale yet, and is not in trouble.
#[test]
fn the_first_movements_after_a_long_stillness_are_not_flagged() {
    let mut word = 9_u32;
    let mut noise = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(word >> 8) / 16_777_216.0
    };
    let mut values = vec![0.5; 3_000];
    values.extend((0..3_000).map(|_| noise()));
    let steps = feed(&rules(&[]), values);
    let is_flagged =
        |step: &&Step| matches!(step, Step::Judged { verdict, .. } if verdict.is_anomaly());
    let flagged: Vec<_> = steps.iter().filter(is_flagged).collect();
    assert!(flagged.is_empty(), "{flagged:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// For all streams of any phase, verdicts and forecasts are the same whether the forecaster learns every point as
    /// it comes or is left to learn a few at once.
    #[test]
    fn a_forecaster_that_learns_later_knows_the_same(
        moves in proptest::collection::vec((1_i64..40, -3_i32..=3, 0_u8..40), 100..400),
        phase: u32,
        is_counter: bool,
        slower_from in 0_usize..400,
    ) {
        let rules = rules(&[("every", "7"), ("horizon", "20")]);
        let (mut at_once, mut later) = (Series::new(0, phase), Series::new(0, phase));
        let (mut forecasts, mut others) = (Vec::new(), Vec::new());
        let (mut time, mut value) = (0, 20.0);
        for (index, (wait, step, event)) in moves.into_iter().enumerate() {
            let cadence = if index < slower_from { 60 } else { 300 };
            time += cadence * SECOND * (wait - 30).max(1); // a step, or a gap of up to nine
            let step = if is_counter { step.abs() } else { step };
            value = if event == 0 { 0.0 } else { value + f64::from(step) };
            let silence = match event {
                1 => Some(Silence::Blind),
                2 => Some(Silence::Learning),
                _ => None,
            };
            let seen = at_once.observe_under(silence, || true, time, value, &rules);
            at_once.catch_up();
            prop_assert_eq!(&seen, &later.observe_under(silence, || true, time, value, &rules));
            if later.issue_is_due() {
                at_once.issue(&rules, &mut forecasts);
                later.issue(&rules, &mut others);
                prop_assert_eq!(format!("{forecasts:?}"), format!("{others:?}"));
            }
        }
        at_once.path(&rules, &mut forecasts);
        later.path(&rules, &mut others);
        prop_assert_eq!(format!("{forecasts:?}"), format!("{others:?}"));
        let known = |series: &Series| postcard::to_stdvec(&series.keep()).unwrap();
        prop_assert!(known(&at_once) == known(&later), "other things are known");
    }
}

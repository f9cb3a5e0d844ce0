//! What holds for the numbers in our records, whatever the values are.
//!
//! Properties of `filter::Filter` in-process, over streams made from seeds; each doc comment states one as
//! "for all ... then ...". Whether forecasts are good and verdicts right is not judged here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;

use common::filter::output;
use common::records::{Ahead, Verdict, forecasts, is_ours, verdicts};
use common::streams::{SECOND, lines, points};
use influxdb_line_protocol::{FieldValue, parse_lines};
use proptest::prelude::*;

const ALL: &str = "[output]\nverdicts = \"all\"\n";

fn run(settings: &str, points: &[(i64, f64)]) -> Vec<u8> {
    output(settings, lines("m,s=a", points).concat().as_bytes())
}

fn mapped(points: &[(i64, f64)], map: impl Fn(f64) -> f64) -> Vec<(i64, f64)> {
    points.iter().map(|&(time, y)| (time, map(y))).collect()
}

/// Whether `other` is what `plain` becomes when the values are mapped, within rounding: by `scale` and
/// `shift`. Compared up to the first score that rounding could carry over the limit, since what is flagged
/// decides what is learnt, and to the first limit that rounding has carried to the next of its grid.
fn assert_mapped(
    (plain, other): (&[u8], &[u8]),
    scale: f64,
    shift: f64,
) -> Result<(), TestCaseError> {
    let (before, after) = (verdicts(plain), verdicts(other));
    let near_limit = |verdict: &Verdict| (verdict.score - 1.0).abs() < 0.02;
    let clear = before.iter().zip(&after);
    let width = |verdict: &Verdict| verdict.upper.unwrap_or(0.0) - verdict.lower.unwrap_or(0.0);
    let is_next = |a: &Verdict, b: &Verdict| {
        let ratio = width(b) / (width(a) * scale);
        (0.01..0.1).contains(&(ratio - 1.0).abs())
    };
    let clear: Vec<_> = clear
        .take_while(|(a, b)| !near_limit(a) && !near_limit(b) && !is_next(a, b))
        .collect();
    for (a, b) in &clear {
        prop_assert_eq!(a.time, b.time);
        prop_assert_eq!(a.is_anomaly, b.is_anomaly);
        prop_assert!(
            (a.score - b.score).abs() <= 0.005 * (1.0 + a.score),
            "{a:?} {b:?}"
        );
        let (Some(low), Some(high)) = (a.lower, a.upper) else {
            prop_assert_eq!((a.lower, a.upper), (b.lower, b.upper));
            continue;
        };
        let off = |x: f64, y: f64| (x * scale + shift - y).abs() / scale;
        let most = 0.002 * (high - low);
        prop_assert!(off(a.yhat, b.yhat) <= most, "{a:?} {b:?}");
        prop_assert!(off(low, b.lower.unwrap()) <= most, "{a:?} {b:?}");
        prop_assert!(off(high, b.upper.unwrap()) <= most, "{a:?} {b:?}");
        prop_assert!((a.residual * scale - b.residual).abs() / scale <= most);
    }
    if clear.len() < before.len().max(after.len()) {
        return Ok(());
    }
    let (before, after) = (forecasts(plain), forecasts(other));
    prop_assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(&after) {
        prop_assert_eq!((a.time, a.step, a.issued_at), (b.time, b.step, b.issued_at));
        let off = |x: f64, y: f64| (x * scale + shift - y).abs() / scale;
        let most = 0.02 * (a.upper - a.lower) + 1e-9;
        prop_assert!(off(a.yhat, b.yhat) <= most, "{a:?} {b:?}");
        prop_assert!(off(a.lower, b.lower) <= most, "{a:?} {b:?}");
        prop_assert!(off(a.upper, b.upper) <= most, "{a:?} {b:?}");
    }
    Ok(())
}

/// Values that arithmetic is afraid of, as they stand in a line.
fn wild_value() -> impl Strategy<Value = String> {
    let ends = [
        "1e308",
        "-1e308",
        "1.7976931348623157e308",
        "5e-324",
        "-5e-324",
        "0",
        "-0",
        "1e-300",
        "9223372036854775807i",
        "-9223372036854775808i",
        "18446744073709551615u",
        "0u",
        "1",
        "20.5",
        "1e30",
        "-1e19",
        "3.4e38",
        "1e39",
        "1e-39",
        "1e-46",
    ];
    let ends = proptest::sample::select(ends.to_vec()).prop_map(str::to_owned);
    let floats = any::<f64>()
        .prop_filter("finite", |x| x.is_finite())
        .prop_map(|x| format!("{x:e}"));
    prop_oneof![3 => ends, 1 => floats]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// For all streams and constants that leave no value positive, then shifting all values by the constant
    /// shifts expectations, bands and forecasts by it and leaves the scores. (Positive values are also
    /// modelled on logarithms, which know where 0 is.)
    #[test]
    fn shifting_the_values_shifts_what_is_said(seed in any::<u32>(), shift in -1000_i32..1000) {
        let points = mapped(&points(seed.into(), 150, true), |y| y - 5000.0);
        let shift = f64::from(shift);
        let shifted = mapped(&points, |y| y + shift);
        assert_mapped((&run(ALL, &points), &run(ALL, &shifted)), 1.0, shift)?;
    }

    /// For all streams and positive factors, then scaling all values by the factor scales expectations,
    /// bands and forecasts by it and leaves the scores.
    #[test]
    fn scaling_the_values_scales_what_is_said(seed in any::<u32>(), exponent in -30_i32..30) {
        let points = points(seed.into(), 150, true);
        let factor = 2_f64.powi(exponent); // exact
        let scaled = mapped(&points, |y| y * factor);
        assert_mapped((&run(ALL, &points), &run(ALL, &scaled)), factor, 0.0)?;
    }

    /// For all constants, however many points are missing, then no point is anomalous.
    #[test]
    fn constant_input_is_never_anomalous(
        value in any::<f64>().prop_filter("finite", |x| x.is_finite()),
        steps in proptest::collection::vec(prop_oneof![9 => Just(1_i64), 1 => 2_i64..9], 60..200),
    ) {
        let times = steps.iter().scan(0, |time, step| { *time += step * SECOND; Some(*time) });
        let points: Vec<(i64, f64)> = times.map(|time| (time, value)).collect();
        let out = run(ALL, &points);
        let verdicts = verdicts(&out);
        prop_assert!(verdicts.len() > 20);
        prop_assert!(verdicts.iter().all(|v| !v.is_anomaly && v.score <= 1.0));
    }

    /// For all streams without a season, then the intervals of an issue never narrow with the horizon, have
    /// the forecast inside, and lie on one time grid ahead of the point they were issued at. (Of values that
    /// are not positive: on logarithms a falling forecast has a narrower interval.)
    #[test]
    fn intervals_never_narrow_with_the_horizon(seed in any::<u32>(), horizon in 2_u32..60) {
        let settings = format!("[forecast]\nhorizon = {horizon}\npoints = \"all\"\nevery = 7\n");
        let points = mapped(&points(seed.into(), 150, true), |y| y - 5000.0);
        let all = forecasts(&run(&settings, &points));
        prop_assert!(all.len() >= 2 * horizon as usize);
        let steps: i64 = all.iter().map(|ahead| ahead.step).max().unwrap();
        prop_assert_eq!(steps, i64::from(horizon));
        let width = |ahead: &Ahead| ahead.upper - ahead.lower;
        for pair in all.windows(2) {
            prop_assert!(pair[0].lower <= pair[0].yhat && pair[0].yhat <= pair[0].upper);
            prop_assert!(pair[0].time > pair[0].issued_at);
            if pair[1].step == pair[0].step + 1 {
                prop_assert!(width(&pair[1]) >= 0.999 * width(&pair[0]), "{pair:?}");
                prop_assert_eq!(pair[1].time - pair[0].time, SECOND);
            }
        }
    }

    /// For all streams, points missing when a forecast is due included, then the times of all issues lie on
    /// one grid as wide as the written points are apart: a new issue overwrites the one before.
    #[test]
    fn a_new_forecast_overwrites_the_one_before(seed in any::<u32>()) {
        let all = forecasts(&run("", &points(seed.into(), 300, true)));
        prop_assert!(all.len() > 60);
        for ahead in &all {
            prop_assert_eq!((ahead.time - all[0].time) % (5 * SECOND), 0, "{:?}", ahead);
        }
    }

    /// For all values that line protocol can hold, then every number of ours is finite.
    #[test]
    fn no_number_of_ours_is_infinite(values in proptest::collection::vec(wild_value(), 60..200), calm in any::<bool>()) {
        let mut input = String::new();
        for (n, value) in values.iter().enumerate() {
            // Either wild from the first point on, or now and then in a series that is warm.
            let value = if calm && n % 40 != 39 { "20.5" } else { value };
            input += &format!("m v={value} {n}000000000\n");
        }
        let out = String::from_utf8(output(ALL, input.as_bytes())).unwrap();
        for line in out.lines().filter(|line| is_ours(line)) {
            let parsed = parse_lines(line).next().unwrap().expect(line);
            for (key, value) in &parsed.field_set {
                if let FieldValue::F64(number) = value {
                    prop_assert!(number.is_finite(), "{key} in {line}");
                }
            }
        }
        prop_assert_eq!(out.lines().filter(|line| !is_ours(line)).count(), values.len());
    }

    /// For all streams and rules, then a point is flagged exactly when its score is above 1, always when it lies
    /// outside the printed band or the allowed range, and inside only by what looks at more than the point.
    #[test]
    fn flag_score_and_band_are_one_thing(
        seed in any::<u32>(),
        direction in proptest::sample::select(vec!["both", "above", "below"]),
        deviation in 0_u32..20, relative in 0_u32..2,
        budget in proptest::sample::select(vec!["\"1/year\"", "\"1/hour\"", "0.001"]),
        (low, high) in (prop_oneof![Just(f64::NEG_INFINITY), -200.0..0.0], prop_oneof![Just(f64::INFINITY), 0.0..200.0]),
    ) {
        let settings = format!(
            "{ALL}[detect]\ndirection = \"{direction}\"\nmin_deviation = {deviation}\n\
             min_relative_deviation = 0.{relative}\nfalse_alarms = {budget}\nrange = [{low:?}, {high:?}]\n"
        );
        let all = verdicts(&run(&settings, &points(seed.into(), 200, true)));
        prop_assert!(all.len() > 50);
        for v in &all {
            let outside = v.lower.is_some_and(|low| v.y < low) || v.upper.is_some_and(|high| v.y > high);
            prop_assert!(v.is_anomaly || !outside, "{v:?}");
            let is_single = v.kind == "spike" || v.kind == "dip";
            prop_assert!(outside || !(v.is_anomaly && is_single), "{v:?}");
            prop_assert_eq!(v.is_anomaly, v.score > 1.0, "{:?}", v);
            prop_assert!((0.0..=100.0).contains(&v.score));
            prop_assert!(direction != "above" || v.lower.is_none_or(|bound| bound.total_cmp(&low).is_eq()));
            prop_assert!(direction != "below" || v.upper.is_none_or(|bound| bound.total_cmp(&high).is_eq()));
            let is_allowed = (low..=high).contains(&v.y);
            prop_assert!(is_allowed || v.score >= 2.0 && v.kind == "out_of_range", "{v:?}");
            if v.is_anomaly && is_allowed {
                prop_assert!((v.y - v.yhat).abs() >= 0.999 * f64::from(deviation));
            }
        }
    }

    /// For all streams and choices of verdicts, then after every judged point the last `is_anomaly` written
    /// is that point's; before the first one written there was no flag.
    #[test]
    fn the_last_is_anomaly_written_is_the_truth(
        seed in any::<u32>(),
        choice in proptest::sample::select(vec!["anomalous", "1m", "5s", "1h"]),
    ) {
        let points = points(seed.into(), 300, true);
        let all = verdicts(&run(ALL, &points));
        let written = verdicts(&run(&format!("[output]\nverdicts = \"{choice}\"\n"), &points));
        let mut written = written.iter().peekable();
        let mut last = false;
        for verdict in &all {
            if let Some(shown) = written.next_if(|shown| *shown == verdict) {
                last = shown.is_anomaly;
            }
            prop_assert_eq!(last, verdict.is_anomaly, "{:?}", verdict);
        }
        prop_assert!(written.peek().is_none());
    }
}

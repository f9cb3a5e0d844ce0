//! Points that are missing, late, early or of another cadence.
//!
//! Promises that a gap of any length keeps the place in the seasons, that a hole is filled the same way
//! however it is let pass, and that what is known of days and weeks outlives a change of cadence, jitter,
//! and a clock that is set ahead and back.

use std::f64::consts::TAU;

use brewcast::model::calendar::Season;
use brewcast::model::forecaster::Setup;
use brewcast::series::{Rules, Series};

use crate::noise::Noise;
use crate::runs::{DAY, HOUR, MINUTE, Run, SECOND, WEEK, auto, plain, rules};

/// The shape of a day and, less of it, of a week at a time in ns.
fn shape(time: i64, has_week: bool) -> f64 {
    let place = |season: i64| TAU * time.rem_euclid(season) as f64 / season as f64;
    let day = 3.0 * place(DAY).sin() + (2.0 * place(DAY)).cos();
    let is_weekend = has_week && (time.div_euclid(DAY) + 3).rem_euclid(7) >= 5;
    20.0 + if is_weekend { 0.3 * day - 3.0 } else { day }
}

/// Mean absolute error of a forecast of a day against the shape.
fn error_of_a_day(run: &mut Run, step_ns: i64, has_week: bool) -> f64 {
    let steps = (DAY / step_ns) as u32;
    let now = run.time();
    let path = run.ahead(steps).to_vec();
    let off = |(ahead, [yhat, ..]): (i64, &[f64; 3])| {
        (yhat - shape(now + ahead * step_ns, has_week)).abs()
    };
    (1..).zip(&path).map(off).sum::<f64>() / path.len() as f64
}

fn learn_shape(run: &mut Run, steps: i64, step_ns: i64, noise: &mut Noise, has_week: bool) {
    for _ in 0..steps {
        let y = shape(run.time() + step_ns, has_week) + 0.3 * noise.normal();
        run.learn(y);
    }
}

/// For all gaps, a day's forecast after it is in phase with the day, at cadences with one grid and two.
#[test]
fn gaps_of_any_length_keep_the_place_in_the_day_and_the_week() {
    println!("error of a day's forecast, before and after gaps");
    for (step_ns, has_week, days) in [(HOUR, false, 28), (HOUR, true, 40), (5 * MINUTE, true, 40)] {
        let mut run = Run::new(&auto(step_ns));
        let mut noise = Noise::new(1, 0);
        learn_shape(
            &mut run,
            days * DAY / step_ns,
            step_ns,
            &mut noise,
            has_week,
        );
        let whole = error_of_a_day(&mut run.clone(), step_ns, has_week);
        for gap in [
            HOUR,
            3 * HOUR + 17 * MINUTE,
            5 * DAY,
            23 * DAY + 11 * HOUR,
            400 * DAY + 5 * HOUR,
        ] {
            let mut run = run.clone();
            let steps = (gap / step_ns).max(1);
            run.pass(steps as u32);
            learn_shape(&mut run, 1, step_ns, &mut noise, has_week);
            let after = error_of_a_day(&mut run, step_ns, has_week);
            println!(
                "{:>5} min, {steps:>7} steps: {whole:.3} {after:.3}",
                step_ns / MINUTE
            );
            assert!(
                after < 0.9,
                "{step_ns} {has_week} {steps}: {after}, before {whole}"
            );
        }
    }
}

/// The same for two seasons that are no multiples of each other.
#[test]
fn gaps_keep_the_place_in_seasons_that_do_not_fit_into_each_other() {
    let setup = Setup {
        season: Season::Given([7 * HOUR, DAY]),
        ..plain()
    };
    let place = |i: i64, m: i64| TAU * i.rem_euclid(m) as f64 / m as f64;
    let value = |i: i64| 3.0 * place(i, 7).sin() + 2.0 * place(i, 24).sin();
    let mut noise = Noise::new(2, 0);
    for gap in [5, 100, 600, 1_000, 9_605] {
        let mut run = Run::new(&setup);
        (0..900).for_each(|i| run.learn(value(i) + 0.1 * noise.normal()));
        run.pass(gap as u32);
        run.learn(value(900 + gap));
        let path = run.ahead(48);
        let off = |(h, [yhat, ..]): (i64, &[f64; 3])| (yhat - value(900 + gap + h)).abs();
        let off = (1..).zip(path).map(off).sum::<f64>() / 48.0;
        println!("gap of {gap}: {off:.3}");
        assert!(off < 0.8, "{gap}: {off}");
    }
}

/// For all numbers of missing steps up to 512, letting them pass one by one is letting them pass at once.
#[test]
fn a_hole_is_the_same_however_it_is_let_pass() {
    for setup in [auto(HOUR), auto(MINUTE), plain()] {
        let mut noise = Noise::new(3, 0);
        let mut run = Run::new(&setup);
        learn_shape(&mut run, 700, setup.step_ns, &mut noise, false);
        for steps in [1, 2, 7, 100, 512] {
            let (mut at_once, mut one_by_one) = (run.clone(), run.clone());
            at_once.pass(steps);
            (0..steps).for_each(|_| one_by_one.pass(1));
            for y in [20.0, 21.0, 20.5] {
                assert_eq!(at_once.ahead(40), one_by_one.ahead(40), "{steps}");
                at_once.learn(y);
                one_by_one.learn(y);
            }
        }
    }
}

/// A series at its times, and the error of its day's forecast against the shape.
struct Clock {
    series: Series,
    rules: Rules,
    noise: Noise,
}

impl Clock {
    fn new(time: i64, rules: Rules) -> Self {
        Self {
            series: Series::new(time, 0),
            rules,
            noise: Noise::new(4, 0),
        }
    }

    /// Points from `from` until `to`, each up to a share of the step early or late.
    fn feed(&mut self, from: i64, to: i64, step_ns: i64, jitter: f64) {
        for time in (from..to).step_by(step_ns as usize) {
            let off = jitter * (2.0 * self.noise.uniform() - 1.0) * step_ns as f64;
            let y = shape(time, false) + 0.3 * self.noise.normal();
            self.series.observe(time + off as i64, y, &self.rules);
        }
    }

    fn error(&mut self) -> f64 {
        let mut out = Vec::new();
        self.series.issue(&self.rules, &mut out);
        assert!(out.len() > 20, "{}", out.len());
        let off = out
            .iter()
            .map(|ahead| (ahead.yhat - shape(ahead.time, false)).abs());
        off.sum::<f64>() / out.len() as f64
    }
}

const START: i64 = 1_704_067_200 * SECOND; // Monday, 2024-01-01

fn a_day_ahead() -> Rules {
    rules(&[("forecast.horizon", "24h"), ("forecast.points", "48")])
}

/// Four weeks at 1 min, then nine hours at 5 min: the day is still known, and a series that began with
/// those nine hours knows nothing of it.
#[test]
fn a_changed_cadence_keeps_what_is_known_of_the_day() {
    let change = START + 4 * WEEK;
    let end = change + 9 * HOUR;
    let mut kept = Clock::new(START, a_day_ahead());
    kept.feed(START, change, MINUTE, 0.0);
    let before = kept.error();
    kept.feed(change, end, 5 * MINUTE, 0.0);
    assert_eq!(kept.series.cadence(), 5 * MINUTE);
    let mut anew = Clock::new(change, a_day_ahead());
    anew.feed(change, end, 5 * MINUTE, 0.0);
    let (kept, anew) = (kept.error(), anew.error());
    println!("a day ahead: {before:.3} before, {kept:.3} after the change, {anew:.3} from scratch");
    assert!(kept < 0.5 && kept < 0.25 * anew, "{kept} {anew}");
}

/// Jitter of 20 %, with points that come twice or late, is forecast nearly as well as none.
#[test]
fn jitter_duplicates_and_late_points_cost_nothing_to_speak_of() {
    let end = START + 2 * WEEK;
    let mut clean = Clock::new(START, a_day_ahead());
    clean.feed(START, end, 5 * MINUTE, 0.0);
    let mut dirty = Clock::new(START, a_day_ahead());
    for day in 0..14 {
        let from = START + day * DAY;
        dirty.feed(from, from + DAY, 5 * MINUTE, 0.2);
        let now = dirty.series.last_time();
        for late in [0, SECOND, HOUR, WEEK] {
            dirty.series.observe(now - late, 1e3, &dirty.rules); // to be let lie
        }
    }
    let (clean, dirty) = (clean.error(), dirty.error());
    println!("a day ahead: {clean:.3} clean, {dirty:.3} with jitter, duplicates and late points");
    assert!(dirty < 0.5 && dirty < 1.3 * clean + 0.05, "{clean} {dirty}");
}

/// A clock that jumps ahead and back, by an hour and by a year, leaves the place in the day.
#[test]
fn a_clock_that_jumps_ahead_and_back_leaves_the_place_in_the_day() {
    for step_ns in [5 * MINUTE, HOUR] {
        for jump in [HOUR, 7 * HOUR, 365 * DAY + 5 * HOUR] {
            let mut clock = Clock::new(START, a_day_ahead());
            let there = START + 5 * WEEK;
            clock.feed(START, there, step_ns, 0.0);
            let before = clock.error();
            let y = shape(there, false);
            clock.series.observe(there + jump, y, &clock.rules);
            let end = there + 3 * DAY + 12 * HOUR;
            clock.feed(there + step_ns, end, step_ns, 0.0);
            assert!((clock.series.last_time() - end).abs() <= step_ns);
            let after = clock.error();
            println!(
                "{:>3} min, {:>5} h: {before:.3} {after:.3}",
                step_ns / MINUTE,
                jump / HOUR
            );
            assert!(after < 0.8, "{step_ns} {jump}: {after}, before {before}");
        }
    }
}

/// A clock that is set back by hours goes on with the season of the new time.
#[test]
fn a_clock_that_is_set_back_goes_on_with_the_season_of_its_time() {
    for step_ns in [5 * MINUTE, HOUR] {
        for back in [HOUR, 5 * HOUR, 40 * HOUR] {
            let mut clock = Clock::new(START, a_day_ahead());
            let there = START + 5 * WEEK;
            clock.feed(START, there, step_ns, 0.0);
            clock.feed(there - back, there - back + 3 * DAY, step_ns, 0.0);
            let after = clock.error();
            println!(
                "{:>3} min, {:>5} h back: {after:.3}",
                step_ns / MINUTE,
                back / HOUR
            );
            assert!(after < 0.8, "{step_ns} {back}: {after}");
        }
    }
}

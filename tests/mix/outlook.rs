//! What a coarse grid tells the points, when it comes, goes, is wrong or belongs to another cadence.
//!
//! Promises that a misread does not reach the forecasts through it, that a change of the cadence at any minute
//! of an hour keeps it in step, that a season which vanishes and comes back is forecast by those that are
//! left, and that seasons given in any combination do no harm.

use std::f64::consts::TAU;

use brewcast::model::calendar::Season;
use brewcast::model::ets::interval::Sum;
use brewcast::model::forecaster::Setup;
use brewcast::series::{Ignored, Series, Step};

use crate::noise::Noise;
use crate::runs::{DAY, HOUR, MINUTE, Run, SECOND, auto, plain, rules};

const START: i64 = 1_704_067_200 * SECOND; // Monday, 2024-01-01

fn day(time: i64) -> f64 {
    100.0 + 30.0 * (TAU * time.rem_euclid(DAY) as f64 / DAY as f64).sin()
}

fn mean_off(path: &[[f64; 3]], truth: impl Fn(usize) -> f64) -> f64 {
    let off = |(h, [yhat, ..]): (usize, &[f64; 3])| (yhat - truth(h)).abs();
    path.iter().enumerate().map(off).sum::<f64>() / path.len() as f64
}

/// One misread of any size in the hour before does not move the forecasts of the next hour.
#[test]
fn a_misread_does_not_reach_the_outlook() {
    for size in [1e5, 1e20] {
        let mut run = Run::new(&auto(MINUTE));
        let mut noise = Noise::new(1, 0);
        let first = run.time() + MINUTE;
        let points = 10 * 1440 + 60;
        for i in 0..points {
            let time = first + i * MINUTE;
            let y = day(time) + 0.3 * noise.normal();
            run.learn(if i == points - 31 { y + size } else { y });
        }
        let next = run.time() + MINUTE;
        let off = mean_off(run.ahead(40), |h| day(next + h as i64 * MINUTE));
        assert!(off < 12.0, "{size:e}: {off}");
    }
}

/// For all places in the hour, a change of the cadence keeps the hours in step with the clock.
#[test]
fn the_hours_stay_in_step_when_the_cadence_changes_anywhere_in_one() {
    let rules = rules(&[("forecast.horizon", "6h"), ("forecast.points", "all")]);
    for (before, after) in [(30 * MINUTE, MINUTE), (5 * MINUTE, 10 * SECOND)] {
        for into in [0, 25, 30, 55] {
            let change = START + 10 * DAY + into * MINUTE;
            let mut series = Series::new(START, 0);
            let mut noise = Noise::new(2, 0);
            let mut feed = |from: i64, to: i64, step: i64| {
                for time in (from..to).step_by(step as usize) {
                    series.observe(time, day(time) + 0.3 * noise.normal(), &rules);
                }
            };
            feed(START, change, before);
            feed(change, change + 12 * HOUR, after);
            let mut out = Vec::new();
            series.path(&rules, &mut out);
            let off = |ahead: &&_| -> f64 {
                let ahead: &brewcast::series::Ahead = ahead;
                (ahead.yhat - day(ahead.time)).abs()
            };
            let all: f64 = out.iter().skip(1).map(|ahead| off(&ahead)).sum();
            let mean = all / (out.len() - 1) as f64;
            assert!(mean < 2.0, "{before} {after} {into}: {mean}");
        }
    }
}

/// A day that vanishes for weeks and comes back is forecast again a few days later.
#[test]
fn a_day_that_comes_back_is_forecast_again() {
    let mut run = Run::new(&auto(5 * MINUTE));
    let mut noise = Noise::new(3, 0);
    let (mut off, mut naive) = (0.0, 0.0);
    for i in 0..33 * 288 {
        let is_flat = (10 * 288..27 * 288).contains(&i);
        let swing = if is_flat { 0.001 } else { 1.0 };
        let usual = day(START + i * 5 * MINUTE) - 100.0;
        let y = 100.0 + swing * (usual + 0.5 * noise.normal());
        run.learn(y);
        if i > 30 * 288 && i % 37 == 0 {
            let truth = |h: usize| day(START + (i + 1 + h as i64) * 5 * MINUTE);
            off += mean_off(run.ahead(40), truth);
            naive += mean_off(&[[y; 3]; 40], truth);
        }
    }
    assert!(off < 0.1 * naive, "{off} {naive}");
}

/// For all pairs of given seasons, short or long beside the cadence, then the stream is survived, and the day
/// among them is forecast.
#[test]
fn any_seasons_may_be_given() {
    for (step_ns, seasons) in [
        (10 * MINUTE, [MINUTE, DAY]),
        (15 * MINUTE, [5 * MINUTE, 2 * DAY]),
        (HOUR, [HOUR, DAY]),
        (5 * MINUTE, [DAY, 36 * HOUR]),
        (MINUTE, [3 * MINUTE, DAY]),
    ] {
        let mut run = Run::new(&Setup {
            season: Season::Given(seasons),
            step_ns,
            ..plain()
        });
        let mut noise = Noise::new(4, 0);
        let first = run.time() + step_ns;
        for i in 0..15 * DAY / step_ns {
            run.learn(day(first + i * step_ns) + noise.normal());
        }
        let (last, steps) = (run.time(), DAY / step_ns);
        let truth = |h: usize| day(last + (h as i64 + 1) * step_ns);
        let off = mean_off(run.ahead(steps as u32), truth);
        assert!(off < 3.0, "{step_ns} {seasons:?}: {off}");
    }
}

/// A counter of which steps are missing is forecast as well as one that is whole, and its intervals hold.
#[test]
fn missing_steps_of_a_counter_are_not_judged() {
    for kept in [1, 2, 4] {
        let mut run = Run::new(&Setup {
            sum: Sum::Increments,
            ..plain()
        });
        let mut noise = Noise::new(5, 0);
        let (mut off, mut inside, mut count) = (0.0, 0, 0);
        let mut waiting: Vec<(usize, [f64; 3], f64)> = Vec::new(); // due, forecast, sum so far
        for i in 0..4_000 {
            let y = 100.0 + 30.0 * noise.normal();
            waiting.iter_mut().for_each(|(_, _, sum)| *sum += y);
            waiting.retain(|&(due, [yhat, lower, upper], sum)| {
                if due == i {
                    off += (sum - yhat).abs();
                    inside += u32::from((lower..=upper).contains(&sum));
                    count += 1;
                }
                due != i
            });
            if i % kept == 0 {
                run.learn(y);
            } else {
                run.pass(1);
            }
            if i > 1_000 && i % 17 == 0 {
                waiting.push((i + 40, run.ahead(40)[39], 0.0));
            }
        }
        let (mean, share) = (off / f64::from(count), f64::from(inside) / f64::from(count));
        println!("every {kept}: off by {mean:.0}, {share:.3} inside");
        assert!(
            mean < 220.0 && (0.88..=1.0).contains(&share),
            "{kept}: {mean} {share}"
        );
    }
}

/// What the user calls a counter stays one, however often it falls.
#[test]
fn a_counter_by_order_is_never_revoked() {
    let rules = rules(&[("model.counter", "true")]);
    let mut series = Series::new(START, 0);
    let mut resets = 0;
    for i in 0..3_000_i64 {
        let y = (i % 144) as f64 * 10.0;
        match series.observe(START + i * 10 * MINUTE, y, &rules) {
            Step::Ignored(Ignored::CounterReset) => resets += 1,
            Step::Ignored(Ignored::CounterRevoked) => panic!("revoked at {i}"),
            _ => {}
        }
    }
    assert_eq!(resets, 20);
}

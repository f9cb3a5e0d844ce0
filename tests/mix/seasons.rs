//! Seasons: found where they are, not where they are not, and used at once where they are given.
//!
//! Promises shares over a hundred streams of 1,000 points each, and at every cadence that a season given as
//! a time is learnt by the whole series, through its public calls.

use std::f64::consts::TAU;

use brewcast::model::calendar::Season;
use brewcast::model::forecaster::Setup;
use brewcast::series::Series;

use crate::generators;
use crate::noise::Noise;
use crate::runs::{DAY, HOUR, MINUTE, Run, SECOND, WEEK, auto, plain, rules};

const STREAMS: u64 = 100;
/// 365.25 days.
const YEAR: i64 = 8_766 * HOUR;

/// Shares of the streams in which a season was found that is none, and at the end the right one.
fn found(name: &str) -> (f64, f64) {
    let law = generators::named(name).unwrap();
    let truth: Vec<i64> = law
        .seasons
        .into_iter()
        .filter(|&m| m > 0)
        .map(|m| i64::from(m) * HOUR)
        .collect();
    let (mut wrong, mut right) = (0.0, 0.0);
    for stream in 0..STREAMS {
        let mut setup = auto(HOUR);
        setup.phase = (stream % 23) as u32;
        let mut run = Run::new(&setup);
        let mut is_wrong = false;
        for y in law.lifted(1_000, 4_711, stream) {
            run.learn(y);
            is_wrong |= run.seasons().iter().any(|m| !truth.contains(m));
        }
        wrong += f64::from(u8::from(is_wrong)) / STREAMS as f64;
        right += f64::from(u8::from(run.seasons().first() == truth.first())) / STREAMS as f64;
    }
    println!("{name:<24} false {wrong:.2}, right {right:.2}");
    (wrong, right)
}

#[test]
fn no_season_is_found_where_there_is_none() {
    let names = [
        "white",
        "AR .5",
        "AR .9",
        "random walk",
        "linear and noise",
        "smooth trend",
        "level jumps",
        "Poisson 2",
    ];
    let wrong = names.map(|name| found(name).0);
    // 1 % in the long run; one stream more of each by chance.
    assert!(wrong.iter().all(|&share| share < 0.035), "{wrong:?}");
    assert!(
        wrong.iter().sum::<f64>() / names.len() as f64 <= 0.01,
        "{wrong:?}"
    );
}

#[test]
fn a_day_is_found_where_there_is_one() {
    for name in [
        "day, snr .5",
        "day, snr 2",
        "day on a walk",
        "nightly job",
        "zero at night",
    ] {
        let (wrong, right) = found(name);
        assert!(right >= 0.99, "{name}: {right}");
        // A second season beside it is voted in on a walk, once in 16 or so.
        let most = if name == "day on a walk" { 0.12 } else { 0.02 };
        assert!(wrong <= most, "{name}: {wrong}");
    }
}

/// A season that is given is in use from three of its lengths on, with two from two of the longer one.
#[test]
fn given_seasons_arrive_as_soon_as_there_is_enough() {
    for (lengths, step_ns, first_by, both_by) in [
        ([DAY, 0], HOUR, 3 * 24 + 30, 0),
        ([DAY, WEEK], HOUR, 3 * 24 + 30, 2 * 168 + 30),
        ([7 * HOUR, 0], HOUR, 60, 0),
        ([DAY, 0], 10 * MINUTE, 3 * 144 + 2 * 36, 0),
        ([DAY, WEEK], 10 * MINUTE, 3 * 144 + 200, 2 * 7 * 144 + 200),
        ([HOUR, DAY], MINUTE, 3 * 60 + 30, 3 * 1_440 + 500),
    ] {
        let setup = Setup {
            season: Season::Given(lengths),
            step_ns,
            ..plain()
        };
        let mut run = Run::new(&setup);
        let mut noise = Noise::new(1, 0);
        let (mut first, mut both) = (None, None);
        for i in 1..8_000 {
            run.learn(noise.normal()); // given is given, even where there is none
            let count = run.seasons().len();
            first = first.or((count > 0).then_some(i));
            both = both.or((count > 1).then_some(i));
        }
        println!(
            "{:?} h at {} min: from {first:?}, both from {both:?}",
            lengths.map(|m| m / HOUR),
            step_ns / MINUTE
        );
        assert!(
            first.is_some_and(|at| at <= first_by),
            "{lengths:?} {step_ns}: {first:?}"
        );
        assert_eq!(both.is_some(), both_by > 0);
        assert!(
            both.is_none_or(|at| at <= both_by),
            "{lengths:?} {step_ns}: {both:?}"
        );
    }
}

/// For all cadences from a second to an hour, a season of "24h" is learnt in four days by the series as it
/// is used: the next hours are forecast far better than by the last value.
#[test]
fn a_given_day_is_learnt_at_every_cadence() {
    println!("error of the next quarter of a day over that of the last value");
    for (step_ns, step) in [
        (SECOND, "1 s"),
        (10 * SECOND, "10 s"),
        (MINUTE, "1 min"),
        (5 * MINUTE, "5 min"),
        (HOUR, "1 h"),
    ] {
        let rules = rules(&[
            ("model.season", "24h"),
            ("forecast.horizon", "6h"),
            ("forecast.points", "6"),
            ("forecast.every", "1h"),
        ]);
        let start = 1_700_000_000 * SECOND / HOUR * HOUR;
        let mut series = Series::new(start, 0);
        let mut noise = Noise::new(2, 0);
        let day = |time: i64| 20.0 + 3.0 * (TAU * time.rem_euclid(DAY) as f64 / DAY as f64).sin();
        let (mut ours, mut naive) = (0.0, 0.0);
        let mut out = Vec::new();
        for time in (start..start + 4 * DAY + 20 * HOUR).step_by(step_ns as usize) {
            let y = day(time) + 0.1 * noise.normal();
            series.observe(time, y, &rules);
            if time >= start + 4 * DAY && (time - start) % (2 * HOUR) == 0 {
                series.issue(&rules, &mut out);
                for ahead in &out {
                    ours += (ahead.yhat - day(ahead.time)).abs();
                    naive += (y - day(ahead.time)).abs();
                }
            }
        }
        println!("{step:>6}: {:.3}", ours / naive);
        assert!(naive > 0.0 && ours < 0.3 * naive, "{step}: {ours} {naive}");
    }
}

/// A year is found in weekly data, and in daily data on a grid of weeks.
#[test]
fn a_year_is_found_in_weeks_and_in_days() {
    for (step_ns, years) in [(WEEK, 5), (DAY, 5)] {
        let mut right = 0;
        for seed in 0..20 {
            let mut run = Run::new(&auto(step_ns));
            let mut noise = Noise::new(seed, 0);
            let mut last = 0.0;
            for _ in 0..years * YEAR / step_ns {
                let place = (run.time() + step_ns).rem_euclid(YEAR) as f64 / YEAR as f64;
                last = 50.0 + 10.0 * (TAU * place).sin() + 2.0 * noise.normal();
                run.learn(last);
            }
            right += i32::from(run.seasons().iter().any(|&m| (m - YEAR).abs() < WEEK));
            if !run.seasons().contains(&(52 * WEEK)) {
                continue;
            }
            let steps = (YEAR / 4 / step_ns) as u32;
            let now = run.time();
            let ([mut ours, mut naive], path) = ([0.0; 2], run.ahead(steps).to_vec());
            for (h, [yhat, ..]) in (1..).zip(path) {
                let place = (now + h * step_ns).rem_euclid(YEAR) as f64 / YEAR as f64;
                let truth = 50.0 + 10.0 * (TAU * place).sin();
                ours += (yhat - truth).abs();
                naive += (last - truth).abs();
            }
            assert!(ours < 0.7 * naive, "{step_ns} {seed}: {ours} {naive}");
        }
        println!("a year found in {right} of 20 at {} days", step_ns / DAY);
        assert!(right >= 19, "{right}");
    }
}

//! The judge's running figures against exact ones, and how often it flags what it should not.
//!
//! Promises the typical step of a stationary stream, the means of even errors in closed form, tails whose
//! limits are the quantiles of the distribution they have learnt, and rates of flags on noise that are
//! those of the budget to a factor of two.

use brewcast::judge::budget::Budget;
use brewcast::judge::day::Place;
use brewcast::judge::moves::Moves;
use brewcast::judge::scale::Scale;
use brewcast::judge::tail::Tail;
use brewcast::series::Step;
use brewcast::series::event::{Change, Events};
use brewcast::series::what_if::WhatIf;

use crate::simulated::{Noise, quantile, quantised};
use crate::skill::{Feed, rules};

/// For all of these stationary streams, the typical step is near their exact 30 % quantile of non-zero
/// steps after 2,000 of them.
#[test]
fn the_typical_step_is_the_quantile_of_the_non_zero_steps() {
    type Draw = fn(&mut Noise) -> f64;
    let streams: [(&str, Draw, f64); 8] = [
        ("normal", |n| n.normal().abs(), 0.25),
        ("uniform", |n| n.uniform(), 0.25),
        ("exponential", |n| n.exponential(), 0.25),
        ("t3", |n| n.t3().abs(), 0.3),
        ("log-normal, sigma 2", |n| (2.0 * n.normal()).exp(), 0.5),
        (
            "mostly 0, else normal",
            |n| {
                if n.happens(0.9) {
                    0.0
                } else {
                    n.normal().abs()
                }
            },
            0.25,
        ),
        (
            "normal on a grid of .1",
            |n| quantised(0.15 * n.normal().abs(), 0.1),
            0.1,
        ),
        (
            "normal on a grid of 1",
            |n| quantised(2.0 * n.normal().abs(), 1.0),
            0.1,
        ),
    ];
    println!("step / exact quantile - 1             median   90 %    max   (40 seeds)");
    for (name, draw, bound) in streams {
        let errors: Vec<f64> = (0..40).map(|seed| quantum_error(draw, seed)).collect();
        let [half, most, all] = [0.5, 0.9, 1.0].map(|share| quantile(&errors, share));
        println!("{name:<35} {half:>8.3} {most:>6.3} {all:>6.3}");
        assert!(all < bound, "{name}: {all}");
    }
}

/// Relative error of the typical step after 2,000 non-zero steps.
fn quantum_error(draw: fn(&mut Noise) -> f64, seed: u64) -> f64 {
    let mut noise = Noise::new(seed);
    let (mut x, mut seen) = (0.0, 0);
    let mut moves = Moves::start(x);
    while seen < 2000 {
        let step = draw(&mut noise);
        x += if x > 0.0 { -step } else { step };
        moves.learn(x, false);
        seen += i32::from(step > 0.0);
    }
    let long: Vec<f64> = std::iter::repeat_with(|| draw(&mut noise))
        .filter(|&step| step > 0.0)
        .take(20_000)
        .collect();
    (f64::from(moves.typical()) / quantile(&long, 0.3) - 1.0).abs()
}

/// For errors that change from one even size to another, the scale is the larger of two exponentially
/// weighted means: of gain .02 upwards, and of .0005 downwards.
#[test]
fn the_scale_of_even_errors_is_the_closed_form_of_the_means() {
    let now = |scale: &Scale| scale.at(Place::default(), 0.0);
    for (before, after) in [(1.0, 3.0), (1.0, 5.9), (3.0, 1.0), (5.0, 0.5), (1e6, 2e6)] {
        let mut scale = Scale::default();
        let learn = |scale: &mut Scale, error: f64| {
            let current = now(scale);
            scale.learn(error as f32, current, 0);
        };
        learn(&mut scale, before);
        (0..3000).for_each(|_| learn(&mut scale, before));
        assert!((f64::from(now(&scale)) / before - 1.0).abs() < 1e-5);
        for k in 1..=1000 {
            learn(&mut scale, after);
            let kept = if before < after { 0.98_f64 } else { 0.9995 };
            let closed = after + (before - after) * kept.powi(k);
            let off = f64::from(now(&scale)) / closed - 1.0;
            assert!(off.abs() < 1e-3, "{before} to {after}, {k}: {off}");
        }
    }
}

/// For these laws, the limit of the tail is their quantile: where it may be told from 40,000 points to a
/// fifth, and farther out to a third.
#[test]
fn limits_are_the_quantiles_of_what_was_learnt() {
    type Law = (&'static str, fn(&mut Noise) -> f64);
    let laws: [Law; 3] = [
        ("normal", |n| n.normal().abs() / 0.8),
        ("exponential", |n| n.exponential()),
        ("t3", |n| n.t3().abs() / 0.64),
    ];
    for (name, law) in laws {
        let mut noise = Noise::new(8);
        let sample: Vec<f64> = (0..2_000_000).map(|_| law(&mut noise)).collect();
        for (p, bound) in [(1e-2, 0.1), (1e-3, 0.2), (1e-5, 0.4)] {
            let mut tail = Tail::default();
            for &z in &sample[..40_000] {
                tail.refit(p);
                tail.learn(z as f32);
            }
            let exact = quantile(&sample, 1.0 - p);
            let off = f64::from(tail.limit()) / exact - 1.0;
            println!("{name:<12} {p:.0e}: {:.2}, exact {exact:.2}", tail.limit());
            assert!(off.abs() < bound, "{name} {p}: {} {exact}", tail.limit());
        }
    }
}

/// A series of its own law: each call gives the next point.
type Source = Box<dyn FnMut() -> f64 + Send>;

fn source(name: &str) -> Source {
    let mut noise = Noise::new(11);
    let mut last = 0.0;
    match name {
        "normal" => Box::new(move || 20.0 + noise.normal()),
        "Laplace" => Box::new(move || 20.0 + noise.laplace()),
        "t3" => Box::new(move || 20.0 + noise.t3()),
        "AR(1) .9" => Box::new(move || {
            last = 0.9 * last + noise.normal();
            20.0 + last
        }),
        "random walk" => Box::new(move || {
            last += noise.normal();
            last
        }),
        "normal on .1" => Box::new(move || quantised(20.0 + 0.2 * noise.normal(), 0.1)),
        "Poisson(5)" => Box::new(move || noise.poisson(5.0)),
        _ => unreachable!("{name}"),
    }
}

/// For these laws, the events that another budget is told to have opened are about those that it opens when it
/// is the budget.
#[test]
fn what_other_budgets_would_have_opened_is_about_what_they_open() {
    const DAYS: u32 = 200;
    let opened = |name: &str, per_day: f64| {
        let mut source = source(name);
        let mut rules = rules();
        let per_ns = 86_400e9;
        rules.rule.false_alarms = Budget::Rate {
            count: per_day,
            per_ns,
        };
        rules.counter = Some(false);
        let mut feed = Feed::every(60_000_000_000, rules);
        let (mut events, mut what_if) = (Events::default(), WhatIf::default());
        let (mut own, mut at_one_a_day) = (0_u32, 0_u32);
        for i in 0..1_440 * DAYS {
            if let Step::Judged {
                verdict, adopted, ..
            } = feed.observe(source())
            {
                let change = events.observe(i.into(), &verdict, adopted);
                let change = change.map(|(change, _)| change);
                own += u32::from(change == Some(Change::Opened));
                let [a_day, ..] = what_if.observe(&verdict, change, 60_000_000_000);
                at_one_a_day += u32::from(a_day);
            }
        }
        (f64::from(own), f64::from(at_one_a_day))
    };
    for name in ["normal", "Laplace", "AR(1) .9"] {
        let (_, told) = opened(name, 1.0 / 7.0);
        let (are, same) = opened(name, 1.0);
        println!("{name:<12} told {told} are {are} at their own budget {same}");
        assert!((0.7..1.4).contains(&(told / are)), "{name}: {told} {are}");
        assert!((0.9..1.1).contains(&(same / are)), "{name}: {same} {are}");
    }
}

const POINTS: u32 = 200_000;

/// Events and flags per point, as multiples of the budget.
fn realised(name: &str, p0: f64) -> [f64; 2] {
    let mut source = source(name);
    let mut rules = rules();
    rules.rule.false_alarms = Budget::PerPoint(p0);
    rules.counter = Some(false);
    let mut feed = Feed::new(rules);
    let mut events = Events::default();
    let (mut judged, mut flagged, mut opened) = (0_u32, 0_u32, 0_u32);
    for _ in 0..POINTS {
        if let Step::Judged {
            verdict, adopted, ..
        } = feed.observe(source())
        {
            judged += 1;
            flagged += u32::from(verdict.is_anomaly());
            let change = events.observe(judged.into(), &verdict, adopted);
            opened += u32::from(change.is_some_and(|(change, _)| change == Change::Opened));
        }
    }
    [opened, flagged].map(|count| f64::from(count) / f64::from(judged) / p0)
}

/// For all of these laws, an event opens about as often as asked. Where an event is over soon, so many points
/// are flagged too; a walk that has gone far stays flagged until it is adopted.
#[test]
fn events_on_noise_are_about_as_frequent_as_asked() {
    const BUDGET: f64 = 1e-3;
    let names = [
        "Laplace",
        "normal",
        "t3",
        "AR(1) .9",
        "random walk",
        "normal on .1",
        "Poisson(5)",
    ];
    let rates = std::thread::scope(|scope| {
        names
            .map(|name| scope.spawn(move || realised(name, BUDGET)))
            .map(|run| run.join().unwrap())
    });
    println!("realised / budget                events    flags");
    for (name, [events, flags]) in names.iter().zip(&rates) {
        println!("{name:<28} {events:>8.3} {flags:>8.3}");
        assert!((0.5..2.0).contains(events), "{name}: {events}");
        let is_over_soon = !["AR(1) .9", "random walk"].contains(name);
        assert!(!is_over_soon || *flags < 2.0, "{name}: {flags}");
    }
}

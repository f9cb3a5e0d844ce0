//! The judge's running figures against exact ones, and how often it flags what it should not.
//!
//! Promises the quantum of a stationary stream, the means of even innovations in closed form, one
//! tail for band, score and probability, and a rate of flags on noise with an exponential tail that
//! is right to a factor of ten. Rates on other noise are shown and hardly bounded: the tail is the
//! same for every series and cannot fit them all.

use brewcast::judge::budget::Budget;
use brewcast::judge::scale::Scale;
use brewcast::judge::{Direction, Judge, Rule, tail};
use brewcast::series::Step;

use crate::simulated::{Noise, quantile, quantised};
use crate::skill::{Feed, rules};

/// Steps of `least_flagged` per quantum once the quantum is believed.
const LEAST_QUANTA: f64 = 2.5;

/// For all of these stationary streams, the quantum is near their exact 30 % quantile of non-zero
/// steps after 2,000 of them.
#[test]
fn the_quantum_is_the_quantile_of_the_non_zero_steps() {
    type Draw = fn(&mut Noise) -> f64;
    let streams: [(&str, Draw, f64); 8] = [
        ("normal", |n| n.normal().abs(), 0.2),
        ("uniform", |n| n.uniform(), 0.2),
        ("exponential", |n| n.exponential(), 0.2),
        ("t3", |n| n.t3().abs(), 0.25),
        ("log-normal, sigma 2", |n| (2.0 * n.normal()).exp(), 0.25),
        (
            "mostly 0, else normal",
            |n| {
                if n.happens(0.9) {
                    0.0
                } else {
                    n.normal().abs()
                }
            },
            0.2,
        ),
        (
            "normal on a grid of .1",
            |n| quantised(0.15 * n.normal().abs(), 0.1),
            0.05,
        ),
        (
            "normal on a grid of 1",
            |n| quantised(2.0 * n.normal().abs(), 1.0),
            0.05,
        ),
    ];
    println!("quantum / exact quantile - 1          median   90 %    max   (40 seeds)");
    for (name, draw, bound) in streams {
        let errors: Vec<f64> = (0..40).map(|seed| quantum_error(draw, seed)).collect();
        let [half, most, all] = [0.5, 0.9, 1.0].map(|share| quantile(&errors, share));
        println!("{name:<35} {half:>8.3} {most:>6.3} {all:>6.3}");
        assert!(all < bound, "{name}: {all}");
    }
}

/// Relative error of the quantum after 2,000 non-zero steps.
fn quantum_error(draw: fn(&mut Noise) -> f64, seed: u64) -> f64 {
    let mut noise = Noise::new(seed);
    let mut scale = Scale::default();
    let mut steps = Vec::new();
    while steps.len() < 2000 {
        let step = draw(&mut noise);
        scale.saw_step(step);
        if step > 0.0 {
            steps.push(step);
        }
    }
    let long: Vec<f64> = std::iter::repeat_with(|| draw(&mut noise))
        .filter(|&step| step > 0.0)
        .take(20_000)
        .collect();
    (scale.least_flagged() / LEAST_QUANTA / quantile(&long, 0.3) - 1.0).abs()
}

/// For innovations that change from one even size to another, the scale is the larger of two
/// exponentially weighted means: of gain .02 upwards, and of .0005 downwards.
#[test]
fn the_scale_of_even_innovations_is_the_closed_form_of_the_means() {
    for (before, after) in [(1.0, 3.0), (1.0, 5.9), (3.0, 1.0), (5.0, 0.5), (1e6, 2e6)] {
        let mut scale = Scale::default();
        (0..3000).for_each(|_| scale.learn(before));
        assert!((scale.current() / before - 1.0).abs() < 1e-5);
        for k in 1..=1000 {
            scale.learn(after);
            let kept = if before < after { 0.98_f64 } else { 0.9995 };
            let closed = after + (before - after) * kept.powi(k);
            let off = scale.current() / closed - 1.0;
            assert!(off.abs() < 1e-3, "{before} to {after}, {k}: {off}");
        }
    }
}

/// For all errors and budgets, the score is the logarithm of the probability of the tail in units
/// of that of the budget, and the band lies where the tail says.
#[test]
fn band_score_and_tail_are_one_thing() {
    let mut noise = Noise::new(8);
    let window: Vec<f64> = (0..500).map(|_| 20.0 + noise.laplace()).collect();
    let judge = Judge::start(&window);
    let (expected, scale) = (judge.expected(), judge.scale());
    for p0 in [1e-3, 1e-5, 1e-7] {
        let rule = Rule {
            false_alarms: Budget::PerPoint(p0),
            ..rules().rule
        };
        assert_eq!(rule.direction, Direction::Both);
        for z in [0.0, 0.5, 1.0, 3.0, 4.0, 10.0, 30.0] {
            let verdict = judge.judge(expected + z * scale, expected, 1.0, p0, &rule);
            let off = verdict.ln_p() - tail::ln_p(z);
            assert!(off.abs() < 0.01 * (1.0 + z), "{z} {p0}: {off}");
            let band = verdict.upper.unwrap() - expected;
            assert!((band / scale - tail::limit(p0)).abs() < 0.01);
            assert_eq!(verdict.is_anomaly(), z > tail::limit(p0));
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

/// Flags per point, as a multiple of the budget.
fn realised(name: &str, p0: f64) -> f64 {
    let mut source = source(name);
    let mut rules = rules();
    rules.rule.false_alarms = Budget::PerPoint(p0);
    rules.counter = Some(false);
    let mut feed = Feed::new(rules);
    let (mut judged, mut flagged) = (0_u32, 0_u32);
    for _ in 0..1_000_000 {
        if let Step::Judged { verdict, .. } = feed.observe(source()) {
            judged += 1;
            flagged += u32::from(verdict.is_anomaly());
        }
    }
    f64::from(flagged) / f64::from(judged) / p0
}

/// For Laplace noise, points are flagged about as often as asked; for the others, hardly more than
/// a hundred times so.
#[test]
fn flags_on_noise_are_about_as_frequent_as_asked() {
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
            .map(|name| [1e-3, 1e-5].map(|p0| scope.spawn(move || realised(name, p0))))
            .map(|runs| runs.map(|run| run.join().unwrap()))
    });
    println!("flags per point / budget      at 1e-3  at 1e-5");
    for (name, [often, seldom]) in names.iter().zip(&rates) {
        println!("{name:<28} {often:>8.3} {seldom:>8.1}");
    }
    let [laplace, ..] = rates.map(|[often, _]| often);
    assert!((0.1..10.0).contains(&laplace), "Laplace: {laplace}");
    assert!(rates.iter().all(|[often, _]| *often < 100.0), "{rates:?}");
}

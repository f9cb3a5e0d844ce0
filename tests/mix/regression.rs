//! Recursive least squares against the batch regression that it claims to be.
//!
//! Promises that coefficients are those of the weighted regression with its prior, solved at once in f64,
//! to f32 accuracy; that units are only units; and that standing still and twin regressors, which blow up
//! the covariance or turn its sign, do no harm.

use brewcast::model::mix::least_squares::{LeastSquares, Row, WIDTH};
use nalgebra::{DMatrix, DVector};

use crate::noise::Noise;

/// `(sum l^(n-t) x x' + l^n / start I)^-1 (sum l^(n-t) x y + l^n / start theta_0)`.
fn batch(rows: &[(Row, f32)], count: usize, start: f64, lambda: f64, first: &[f32]) -> Vec<f64> {
    let weight = |age: usize| lambda.powi(age as i32);
    let prior = weight(rows.len()) / start;
    let mut normal = DMatrix::<f64>::identity(count, count) * prior;
    let mut right = DVector::from_fn(count, |i, _| prior * f64::from(first[i]));
    for (age, (x, y)) in rows.iter().rev().enumerate() {
        let x = DVector::from_fn(count, |i, _| f64::from(x[i]));
        normal += weight(age) * &x * x.transpose();
        right += weight(age) * f64::from(*y) * x;
    }
    let solution = normal.lu().solve(&right).unwrap();
    solution.iter().copied().collect()
}

/// Regressors that are somewhat alike, as lags are, and what follows from them; residuals are uniform and
/// never cut off.
fn rows(count: usize, points: usize, seed: u64) -> Vec<(Row, f32)> {
    let mut noise = Noise::new(seed, 0);
    let truth: Vec<f64> = (0..count).map(|_| noise.normal()).collect();
    let mut common = 0.0;
    let mut row = |_| {
        common = 0.7 * common + noise.normal();
        let mut x = [0.0; WIDTH];
        x[..count].fill_with(|| (0.5 * common + noise.normal()) as f32);
        let y: f64 = x.iter().zip(&truth).map(|(x, t)| f64::from(*x) * t).sum();
        (x, (y + 0.2 * noise.uniform() - 0.1) as f32)
    };
    // The first tells how large residuals may be, and no more.
    let first = ([0.0; WIDTH], 3.0);
    std::iter::once(first)
        .chain((1..points).map(&mut row))
        .collect()
}

fn learnt(mut regression: LeastSquares, rows: &[(Row, f32)]) -> LeastSquares {
    for (x, y) in rows {
        let expected = regression.expected(x);
        regression.learn(x, *y, expected);
    }
    regression
}

/// For all numbers of regressors, then coefficients are those of the batch regression.
#[test]
fn coefficients_are_those_of_the_weighted_regression() {
    for count in 1..=WIDTH {
        for (seed, lambda) in [(1, 1.0), (2, 0.998), (3, 0.98)] {
            // A start near the truth, so that no residual is cut off while nothing is known.
            let rows = rows(count, 300, seed);
            let near = batch(&rows, count, 1e6, 1.0, &[0.0; WIDTH]);
            let mut first = [0.0; WIDTH];
            for (first, near) in first.iter_mut().zip(&near) {
                *first = (near + 0.01) as f32;
            }
            let mut regression = LeastSquares::new(count, 0.5, lambda);
            (0..count).for_each(|i| regression.set(i, first[i]));
            let regression = learnt(regression, &rows);
            let exact = batch(&rows, count, 0.5, lambda.into(), &first);
            let own = regression.theta();
            for (own, exact) in own.iter().zip(&exact) {
                let off = f64::from(*own) - exact;
                assert!(off.abs() < 2e-4, "{count}, lambda {lambda}: {own} {exact}");
            }
            assert!(own[count..].iter().all(|&theta| theta == 0.0));
        }
    }
}

/// For all factors, a regression that changes its units goes on like one that had them from the start.
#[test]
fn a_change_of_units_changes_nothing() {
    for count in [1, 5, 13, 16] {
        for factor in [0.2_f32, 7.0, 1e3] {
            let all = rows(count, 400, 5);
            let scaled = |(x, y): &(Row, f32)| (x.map(|x| x * factor), y * factor);
            let stretched: Vec<(Row, f32)> = all.iter().map(scaled).collect();
            let mut changed = learnt(LeastSquares::new(count, 1.0, 0.999), &all[..200]);
            changed.stretch(count, factor);
            let start = 1.0 / (factor * factor);
            let anew = LeastSquares::new(count, start, 0.999);
            let (a, b) = (learnt(changed, &stretched[200..]), learnt(anew, &stretched));
            for (a, b) in a.theta().iter().zip(b.theta()) {
                assert!((a - b).abs() < 1e-3, "{count} x {factor}: {a} {b}");
            }
        }
    }
}

/// For all factors, so does one whose last regressor is a constant that keeps its unit.
#[test]
fn a_constant_keeps_its_unit() {
    let with_one = |count: usize, factor: f32| -> Vec<(Row, f32)> {
        let mut all = rows(count, 400, 6);
        for (x, y) in &mut all {
            *y = factor * (*y + 2.0);
            x[..count].iter_mut().for_each(|x| *x *= factor);
            x[count] = if x[0] == 0.0 { 0.0 } else { 0.3 };
        }
        all
    };
    for count in [3, 4, 12] {
        for factor in [0.1_f32, 9.0] {
            let mut regression = learnt(
                LeastSquares::new(count + 1, 10.0, 0.999),
                &with_one(count, 1.0)[..200],
            );
            regression.stretch(count, factor);
            let constant = regression.theta()[count] * factor;
            regression.set(count, constant);
            let learnt = learnt(regression, &with_one(count, factor)[200..]);
            let theta = learnt.theta();
            let exact = batch(
                &with_one(count, 1.0),
                count + 1,
                10.0,
                f64::from(0.999_f32),
                &[0.0; WIDTH],
            );
            for (index, (own, exact)) in theta.iter().zip(&exact).enumerate() {
                let unit = if index == count {
                    f64::from(factor)
                } else {
                    1.0
                };
                let off = f64::from(*own) / unit - exact;
                assert!(
                    off.abs() < 0.002,
                    "{count} x {factor}, {index}: {own} {exact}"
                );
            }
        }
    }
}

/// The diagonal of P, from what a unit regressor with a small residual moves.
fn diagonal(regression: &LeastSquares, count: usize, lambda: f32) -> Vec<f32> {
    let entry = |index: usize| {
        let mut x = [0.0; WIDTH];
        x[index] = 1.0;
        let mut probe = regression.clone();
        let expected = probe.expected(&x);
        let before = probe.theta()[index];
        probe.learn(&x, expected + 1e-3, expected);
        let share = (probe.theta()[index] - before) / 1e-3;
        lambda * share / (1.0 - share)
    };
    (0..count).map(entry).collect()
}

/// For any time that nothing moves, the covariance stays below four times its start: what moves at last is
/// learnt, not believed outright.
#[test]
fn where_nothing_moves_the_covariance_stays_bounded() {
    for count in [1, 4, 7, 16] {
        let rows = rows(count, 200, 7);
        let mut regression = learnt(LeastSquares::new(count, 1.0, 0.99), &rows);
        let settled: f32 = diagonal(&regression, count, 0.99).iter().sum();
        for _ in 0..20_000 {
            regression.learn(&[0.0; WIDTH], 0.05, 0.0);
        }
        let trace: f32 = diagonal(&regression, count, 0.99).iter().sum();
        assert!(trace > 10.0 * settled, "it forgets: {settled} to {trace}");
        assert!(trace < 4.1 * count as f32, "{count}: {trace}");
        assert!(regression.theta().iter().all(|theta| theta.is_finite()));
    }
}

/// Regressors that are the same to the last digits, for 200,000 points: the forecast stays right.
#[test]
fn twins_among_the_regressors_do_no_harm() {
    let mut noise = Noise::new(8, 0);
    let mut regression = LeastSquares::new(9, 100.0, 0.998);
    let (mut worst, mut sum) = (0.0_f32, 0.0);
    for i in 0..200_000 {
        let mut x = [0.0; WIDTH];
        x[..9].fill_with(|| noise.normal() as f32);
        x[3] = x[2] * (1.0 + 1e-6 * noise.normal() as f32);
        x[7] = x[2] + x[1];
        let y = x[2] + 0.5 * x[1] + 0.1 * noise.normal() as f32;
        let expected = regression.expected(&x);
        regression.learn(&x, y, expected);
        if i > 1_000 {
            let off = (expected - (x[2] + 0.5 * x[1])).abs();
            worst = worst.max(off);
            sum += off;
        }
    }
    let mean = sum / 199_000.0;
    println!("forecasts with twins are off by {mean:.4}, the worst by {worst:.2}");
    assert!(mean < 0.02 && worst < 5.0, "{mean} {worst}");
}

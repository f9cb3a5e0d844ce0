//! How wide a forecast h steps ahead has to be.
//!
//! An innovation made at t moves the point at t+j by
//!
//! ```text
//! c_j = alpha + beta * (phi + ... + phi^j) + gamma1 * [m1 divides j] + gamma2 * [m2 divides j]
//! ```
//! so the variance h steps ahead is `sigma^2 * (1 + c_1^2 + ... + c_(h-1)^2)` (Hyndman et al. 2008,
//! section 6.3 and table 6.1; two seasons by the same argument). For a series that is modelled by its increments the forecast is a
//! sum of them, and an innovation made j steps before its end has moved `1 + c_1 + ... + c_j` in
//! all.

use statrs::distribution::{ContinuousCDF, Normal};

use super::state::Params;

/// What a point's value is the sum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The model forecasts the value itself.
    Value,
    /// The model forecasts the increments of the value.
    Increments,
}

/// `sd_h / sigma` for h = 1, 2, 3 ...: the standard deviation h steps ahead in units of one step's,
/// on the scale that the components are added up on.
///
/// `lengths` are those of the seasons, 0 for none. Infinite and never decreasing; 1 at the first step.
pub fn widths(params: Params, lengths: [usize; 2], sum: Sum) -> impl Iterator<Item = f64> {
    let mut variance = 0.0;
    let mut carried = 1.0; // of the innovation made j steps before the end; 1 at j = 0
    let mut trend_weight = 0.0;
    let mut power = 1.0;
    let mut turns = [0; 2]; // steps since the slot of the innovation last came round
    std::iter::from_fn(move || {
        variance += carried * carried;
        power *= params.phi;
        trend_weight += power;
        let mut response = params.alpha + params.beta * trend_weight;
        for i in 0..2 {
            turns[i] += 1;
            if turns[i] == lengths[i] {
                turns[i] = 0;
                response += params.gamma[i];
            }
        }
        carried = match sum {
            Sum::Value => response,
            Sum::Increments => carried + response,
        };
        Some(f64::sqrt(variance))
    })
}

/// The h-th of [`widths`].
#[must_use]
pub fn width(params: Params, lengths: [usize; 2], sum: Sum, steps: u32) -> f64 {
    if steps <= 1 {
        return 1.0;
    }
    widths(params, lengths, sum)
        .nth(steps as usize - 1)
        .unwrap_or(1.0)
}

/// Half the width, in standard deviations, of a normal interval with this coverage.
///
/// `coverage` in (0, 1); 0.95 gives 1.96.
#[must_use]
pub fn normal_half_width(coverage: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + coverage / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ets::{Season, Seasonal, State};

    #[test]
    fn a_normal_interval_of_95_percent_is_196_hundredths() {
        assert!((normal_half_width(0.95) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((normal_half_width(0.5) - 0.674_489_750_196_082).abs() < 1e-9);
    }

    #[test]
    fn the_naive_forecasts_width_is_the_square_root_of_the_horizon() {
        for (h, width) in (1_u32..)
            .zip(widths(Params::NAIVE, [0; 2], Sum::Value))
            .take(60)
        {
            assert!((width - f64::from(h).sqrt()).abs() < 1e-9);
        }
    }

    /// The closed form equals the response of the recursion itself to a single innovation.
    #[test]
    fn widths_are_the_impulse_response_of_the_recursion() {
        let params = Params {
            alpha: 0.4,
            beta: 0.1,
            phi: 0.9,
            gamma: [0.2, 0.1],
        };
        for sum in [Sum::Value, Sum::Increments] {
            let mut variance = 0.0;
            let mut total = 0.0;
            let mut state = Seasonal {
                line: State {
                    level: 0.0,
                    trend: 0.0,
                },
                seasons: [3, 7].map(|length| Season::new(vec![0.0; length])),
            };
            for (j, width) in widths(params, [3, 7], sum).take(50).enumerate() {
                let response = if j == 0 { 1.0 } else { state.one_step(&params) };
                state.update(&params, if j == 0 { 1.0 } else { 0.0 });
                total += response;
                variance += if sum == Sum::Value {
                    response * response
                } else {
                    total * total
                };
                assert!((width - f64::sqrt(variance)).abs() < 1e-9, "{sum:?} {j}");
            }
        }
    }
}

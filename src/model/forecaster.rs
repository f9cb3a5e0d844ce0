//! The choice between the members of the family, and all that the rest of the program calls.
//!
//! Three members run side by side, each O(1) per point: the last value, a smoothed level, a level
//! with a trend. The one with the smallest discounted one-step error speaks, and the last value
//! keeps the floor unless another is better by a margin: **never worse than last value** beyond the
//! price of finding out. Errors are out of sample: each forecast was made before its point came.

pub use super::ets::Trend;
use super::ets::{Params, State};
use super::fit::{self, Shape};
use super::initial;
use super::interval::{self, Sum};

/// Which members may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All three, the last value included.
    Auto,
    /// Exponential smoothing alone: level, or level and trend.
    Ets,
    /// The last value alone.
    Naive,
}

/// The forecaster of a series, as the settings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which members may speak.
    pub kind: Kind,
    /// What trend there is.
    pub trend: Trend,
}

/// Memory of the discounted errors: each point counts this much of the one after it. Half of what
/// counts is the last 34 points, long enough to tell members apart and short enough to notice a
/// change within a window of 120.
const DISCOUNT: f64 = 0.98;

/// The last value speaks unless another member's error is below this share of its own.
const MARGIN: f64 = 0.97;

/// Handicap of fitted members at the start: their errors over the start-up window are in sample.
const IN_SAMPLE_HANDICAP: f64 = 1.1;

/// Weight of a new squared innovation in the variance once there are many: a memory of 200 points,
/// because a variance needs more of them than a mean.
const VARIANCE_GAIN: f64 = 0.005;

/// Most that an innovation counts in the variance, in standard deviations: one wrong reading of 50
/// would widen the intervals for hundreds of points.
const CLIP: f64 = 6.0;

#[derive(Clone, Copy, Debug)]
struct Member {
    state: State,
    params: Params,
    loss: f64, // discounted mean absolute one-step error, in the unit of the data
}

/// Level and trend of one series, and the forecasts they give.
#[derive(Clone, Debug)]
pub struct Forecaster {
    members: [Member; 3], // last value, level, trend
    speaker: usize,       // index into members
    variance: f64,        // of the speaker's one-step innovations, >= 0
    points: f64,          // behind the variance, >= 1
}

const NAIVE: usize = 0;
const LEVEL: usize = 1;
const TREND: usize = 2;

impl Forecaster {
    /// A forecaster that has seen `window`, one value per step, oldest first.
    ///
    /// An empty window gives one that expects 0.
    #[must_use]
    pub fn start(window: &[f64], spec: Spec) -> Self {
        let shape = trend_shape(spec.trend);
        let first = State {
            level: window.first().copied().unwrap_or(0.0),
            trend: 0.0,
        };
        let member = |shape: Option<Shape>| {
            let params = shape.map_or(Params::NAIVE, |shape| shape.usual([0; 2]));
            let state = match shape {
                None | Some(Shape::Level) => first,
                Some(_) => initial::start(window, params.phi),
            };
            Member {
                state,
                params,
                loss: 0.0,
            }
        };
        let mut forecaster = Self {
            members: [
                member(None),
                member(Some(Shape::Level)),
                member(Some(shape)),
            ],
            speaker: NAIVE,
            variance: 0.0,
            points: 1.0,
        };
        forecaster.refit(window, spec);
        for (t, &y) in window.iter().enumerate() {
            for member in &mut forecaster.members {
                let innovation = y - member.state.one_step(&member.params);
                member.loss += (innovation.abs() - member.loss) / (t as f64 + 1.0);
                member.state.update(&member.params, innovation);
            }
        }
        for fitted in &mut forecaster.members[LEVEL..] {
            fitted.loss *= IN_SAMPLE_HANDICAP;
        }
        forecaster.speaker = forecaster.choose(spec);
        forecaster.points = window.len().max(1) as f64;
        let sigma = 1.2533 * forecaster.members[forecaster.speaker].loss; // sqrt(pi/2): normal
        forecaster.variance = sigma * sigma;
        forecaster
    }

    /// The expectation of the point `steps` ahead; 1 is the next one.
    #[must_use]
    #[inline]
    pub fn ahead(&self, steps: u32) -> f64 {
        let speaker = &self.members[self.speaker];
        speaker.state.ahead(&speaker.params, steps)
    }

    /// Takes in a point that is `steps` steps behind the last one.
    pub fn learn(&mut self, steps: u32, y: f64, spec: Spec) {
        let mut spoken = 0.0;
        for (index, member) in self.members.iter_mut().enumerate() {
            member.state.pass(&member.params, steps - 1);
            let innovation = y - member.state.one_step(&member.params);
            if steps == 1 {
                member.loss += (1.0 - DISCOUNT) * (innovation.abs() - member.loss);
            }
            member.state.update(&member.params, innovation);
            if index == self.speaker {
                spoken = innovation;
            }
        }
        if steps == 1 {
            self.points += 1.0;
            let gain = VARIANCE_GAIN.max(1.0 / self.points);
            let most = if self.variance > 0.0 {
                CLIP * CLIP * self.variance
            } else {
                f64::INFINITY
            };
            self.variance += gain * ((spoken * spoken).min(most) - self.variance);
        }
        self.speaker = self.choose(spec);
    }

    /// Lets `steps` steps pass without learning from them.
    pub fn pass(&mut self, steps: u32) {
        for member in &mut self.members {
            member.state.pass(&member.params, steps);
        }
    }

    /// Fits the smoothing parameters to `window`, one value per step, oldest first.
    pub fn refit(&mut self, window: &[f64], spec: Spec) {
        let shapes = [Shape::Level, trend_shape(spec.trend)];
        if spec.kind == Kind::Naive || is_constant(window) {
            return;
        }
        for (member, shape) in self.members[LEVEL..].iter_mut().zip(shapes) {
            let start = match shape {
                Shape::Level => State {
                    level: window[0],
                    trend: 0.0,
                },
                Shape::Damped | Shape::Linear => initial::start(window, member.params.phi),
            };
            member.params = fit::fit(window, start, shape, member.params);
        }
    }

    /// Standard deviation of one step's innovation.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Standard deviations 1, 2, 3 ... steps ahead in units of [`Forecaster::sigma`].
    pub fn widths(&self, sum: Sum) -> impl Iterator<Item = f64> {
        interval::widths(self.members[self.speaker].params, [0; 2], sum)
    }

    /// The `steps`-th of [`Forecaster::widths`].
    #[must_use]
    #[inline]
    pub fn width(&self, sum: Sum, steps: u32) -> f64 {
        interval::width(self.members[self.speaker].params, [0; 2], sum, steps)
    }

    /// Whether everything in here is finite. Values near the end of the number range can break it.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.variance.is_finite() && self.members.iter().all(|member| member.state.is_finite())
    }

    fn choose(&self, spec: Spec) -> usize {
        let loss = |index: usize| self.members[index].loss;
        let fitted = match spec.trend {
            Trend::None => LEVEL,
            Trend::Damped | Trend::Linear => TREND,
            Trend::Auto if loss(TREND) < loss(LEVEL) => TREND,
            Trend::Auto => LEVEL,
        };
        match spec.kind {
            Kind::Naive => NAIVE,
            Kind::Ets => fitted,
            Kind::Auto if loss(fitted) < MARGIN * loss(NAIVE) => fitted,
            Kind::Auto => NAIVE,
        }
    }
}

fn trend_shape(trend: Trend) -> Shape {
    match trend {
        Trend::Linear => Shape::Linear,
        Trend::Auto | Trend::None | Trend::Damped => Shape::Damped,
    }
}

/// All values exactly equal (or none): nothing to fit.
fn is_constant(window: &[f64]) -> bool {
    window
        .windows(2)
        .all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Spec = Spec {
        kind: Kind::Auto,
        trend: Trend::Auto,
    };

    fn run(values: impl IntoIterator<Item = f64>, spec: Spec) -> (f64, f64) {
        let values: Vec<f64> = values.into_iter().collect();
        let mut forecaster = Forecaster::start(&values[..30], spec);
        let (mut ours, mut naive) = (0.0, 0.0);
        for pair in values[29..].windows(2) {
            ours += (pair[1] - forecaster.ahead(1)).abs();
            naive += (pair[1] - pair[0]).abs();
            forecaster.learn(1, pair[1], spec);
        }
        (ours, naive)
    }

    #[test]
    fn a_ramp_is_forecast_far_better_than_by_its_last_value() {
        let noise = |i: u32| f64::from(i * 7919 % 101) / 101.0;
        let (ours, naive) = run((0..400).map(|i| 2.0 * f64::from(i) + 0.2 * noise(i)), AUTO);
        assert!(ours < 0.2 * naive, "{ours} against {naive}");
    }

    #[test]
    fn noise_around_a_level_is_forecast_better_than_by_its_last_value() {
        let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        let (ours, naive) = run((0..2000).map(noise), AUTO);
        assert!(ours < 0.85 * naive, "{ours} against {naive}");
    }

    #[test]
    fn a_random_walk_is_never_forecast_worse_than_by_its_last_value_beyond_the_margin() {
        let mut level = 0.0;
        let mut random = 1_u64;
        let walk = (0..5000).map(|_| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            level += (random >> 40) as f64 / f64::from(1 << 24) - 0.5;
            level
        });
        let (ours, naive) = run(walk.collect::<Vec<_>>(), AUTO);
        assert!(ours < 1.02 * naive, "{ours} against {naive}");
    }

    #[test]
    fn the_settings_name_who_speaks() {
        let ramp: Vec<f64> = (0..60).map(f64::from).collect();
        let ahead = |kind, trend| Forecaster::start(&ramp, Spec { kind, trend }).ahead(100);
        assert!((ahead(Kind::Naive, Trend::Linear) - 59.0).abs() < 1e-9);
        assert!((ahead(Kind::Ets, Trend::Linear) - 159.0).abs() < 1e-3);
        assert!((ahead(Kind::Ets, Trend::None) - 59.0).abs() < 0.1);
        let damped = ahead(Kind::Ets, Trend::Damped);
        assert!((60.0..159.0).contains(&damped), "{damped}");
    }
}

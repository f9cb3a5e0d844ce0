//! What is measured: a forecaster that is fed one value a step, and the naive ones beside which every
//! other is put.

use std::collections::VecDeque;

/// A forecaster of one series with a fixed cadence.
pub(crate) trait Stream {
    /// Takes in the value of the next step.
    fn learn(&mut self, y: f64);

    /// Lets one step pass without a value; the forecaster fills it as it sees fit. Never the first.
    fn pass(&mut self);

    /// The forecast of the next step; NaN before the first value.
    fn next(&self) -> f64;

    /// Replaces `out` by yhat, lower and upper limit at 95 % for steps 1 to `steps`.
    ///
    /// `steps` may exceed the horizon that the forecaster was made for.
    fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>);

    /// Season lengths in use, in steps, the shorter first; 0 for none.
    fn seasons(&self) -> [u32; 2];

    /// Memory of this series, what it points to included.
    fn bytes(&self) -> usize;

    /// The candidates and their weights at the horizon, in [0, 1]; empty where there is one only.
    fn weights(&self) -> Vec<(&'static str, f64)>;
}

/// 1 when the value lies within the limits, else 0. Limits that are values themselves may be off by rounding.
pub(crate) fn covered(y: f64, lower: f64, upper: f64) -> f64 {
    let rounding = 1e-9 * y.abs();
    f64::from(u8::from(lower - rounding <= y && y <= upper + rounding))
}

/// What the forecaster is told about seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Season {
    /// To find them itself.
    Auto,
    /// These lengths in steps, the shorter first; 0 for none.
    Given([u32; 2]),
}

/// What a forecaster is told before the first value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Steps that will be forecast, > 0.
    pub(crate) horizon: u32,
    /// The cadence, > 0.
    pub(crate) step_ns: i64,
    /// Shifts what the forecaster does in turns, such as judging its own past paths, by so many steps:
    /// results that differ by phase differ by chance.
    pub(crate) phase: u32,
    pub(crate) season: Season,
}

/// An hour in ns.
pub(crate) const HOUR: i64 = 3_600_000_000_000;

/// A forecaster by name.
pub(crate) struct Contestant {
    pub(crate) name: String,
    /// Whether the phase of the setting makes a difference.
    pub(crate) has_phases: bool,
    pub(crate) season: Season,
    make: Box<dyn Fn(Setting) -> Box<dyn Stream>>,
}

impl Contestant {
    pub(crate) fn new(
        name: impl Into<String>,
        make: impl Fn(Setting) -> Box<dyn Stream> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            has_phases: true,
            season: Season::Auto,
            make: Box::new(make),
        }
    }

    /// The value this many steps back; 1 is the last value.
    pub(crate) fn naive(name: impl Into<String>, season_length: usize) -> Self {
        let make = move |_| Box::new(SeasonalNaive::new(season_length)) as Box<dyn Stream>;
        Self::new(name, make).without_phases()
    }

    /// The same, run once however many phases are asked for.
    pub(crate) fn without_phases(self) -> Self {
        Self {
            has_phases: false,
            ..self
        }
    }

    /// The same, told about the seasons.
    pub(crate) fn given(self, seasons: [u32; 2]) -> Self {
        Self {
            name: format!("{}, seasons given", self.name),
            season: Season::Given(seasons),
            ..self
        }
    }

    /// One that has seen nothing yet.
    pub(crate) fn start(&self, horizon: u32, step_ns: i64, phase: u32) -> Box<dyn Stream> {
        (self.make)(Setting {
            horizon,
            step_ns,
            phase,
            season: self.season,
        })
    }

    /// `phases` phases, `stride` steps apart, where they make a difference.
    pub(crate) fn phases(&self, phases: u32, stride: u32) -> impl Iterator<Item = u32> + use<> {
        let count = if self.has_phases { phases.max(1) } else { 1 };
        (0..count).map(move |phase| phase * stride)
    }
}

/// The value one season back; with a season length of 1 the last value.
///
/// The interval is normal, from the root mean square of all its past errors, and widens with the
/// root of the seasons ahead.
pub(crate) struct SeasonalNaive {
    season_length: usize, // >= 1
    last: VecDeque<f64>,  // len <= season_length, oldest first
    squares: f64,
    errors: f64,
}

impl SeasonalNaive {
    pub(crate) fn new(season_length: usize) -> Self {
        Self {
            season_length: season_length.max(1),
            last: VecDeque::new(),
            squares: 0.0,
            errors: 0.0,
        }
    }

    fn push(&mut self, y: f64) {
        if self.last.len() == self.season_length {
            self.last.pop_front();
        }
        self.last.push_back(y);
    }
}

impl Stream for SeasonalNaive {
    fn learn(&mut self, y: f64) {
        if self.last.len() == self.season_length {
            self.squares += (y - self.next()).powi(2);
            self.errors += 1.0;
        }
        self.push(y);
    }

    fn pass(&mut self) {
        self.push(self.next());
    }

    fn next(&self) -> f64 {
        self.last.front().copied().unwrap_or(f64::NAN)
    }

    fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>) {
        out.clear();
        let sigma = (self.squares / f64::max(self.errors, 1.0)).sqrt();
        for k in 0..steps as usize {
            let yhat = self
                .last
                .get(k % self.last.len().max(1))
                .copied()
                .unwrap_or(f64::NAN);
            let half = 1.96 * sigma * ((k / self.season_length + 1) as f64).sqrt();
            out.push([yhat, yhat - half, yhat + half]);
        }
    }

    fn seasons(&self) -> [u32; 2] {
        let is_season = self.season_length > 1;
        [
            if is_season {
                self.season_length as u32
            } else {
                0
            },
            0,
        ]
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.last.capacity() * size_of::<f64>()
    }

    fn weights(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}

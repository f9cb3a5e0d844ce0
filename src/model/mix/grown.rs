//! What happens at a point, from top to bottom.
//!
//! The order is the contract: every candidate says what it expects before the value is looked at; then
//! it is judged, then it learns, and only then paths are issued and seasons looked for.

use super::ahead::SHAPES_EVERY;
use super::candidates::{COUNT, DRIFT, Each, LAST, Set, TREND, Weights};
use super::cleaning::Cleaning;
use super::conformal::{Conformal, SLOTS};
use super::drift::{self, Drift};
use super::fitted::{Asked, Fitted};
use super::guard::Guard;
use super::horizons::Horizons;
use super::levels::Levels;
use super::logs::Logs;
use super::outlook::Outlook;
use super::paths::Paths;
use super::ring::{FAR, Ring};
use super::search::{Search, Seasons};
use super::shapes::Shapes;
use super::trend::Trend;
use super::{Setup, Voices};
use crate::minmax;

/// Weight of an error of one step in the loss: a memory of 100.
pub(super) const STEP_GAIN: f32 = 0.01;
/// Points between two computations of the weights of one step, once there are [`OFTEN`].
const WEIGH_EVERY: u32 = 8;
const OFTEN: u32 = 64;
/// Points of a stream before its first path.
const FIRST_PATH: u32 = 8;
/// Points between two looks at the range of the ring.
const RANGE_EVERY: u32 = 128;
/// Range of the ring in units below which it takes new ones: those it has are of a wilder time.
const NARROW: f32 = 0.25;

/// A mix with units.
///
/// A value costs some 3,800 instructions in the mean, a quarter of them for the regressions: neither the ring nor what
/// came before makes it more. A path to judge itself by costs some thousand, and is issued every so many values.
#[derive(Clone, Debug)]
pub struct Grown {
    pub(crate) points: u32, // steps seen, saturating
    pub(crate) last: f64,   // the last value, as it came
    pub(crate) ring: Ring,  // cleaned
    pub(crate) levels: Levels,
    pub(crate) drift: Drift,
    pub(crate) trend: Trend,
    pub(crate) fitted: Fitted,
    pub(crate) has_outlook: bool,
    pub(crate) cleaning: Cleaning,
    pub(crate) losses: Each, // of one step, in units
    pub(crate) guard: Guard,
    pub(crate) judged: Set, // candidates with such a loss
    pub(crate) weights: Weights,
    pub(crate) asleep: Set,
    pub(crate) paths: Paths,
    pub(crate) issued: u32,
    pub(crate) due: u32,       // points at which the next path is issued
    pub(crate) shapes: Shapes, // at the kept steps
    pub(crate) conformal: Conformal,
    pub(crate) search: Search,
    pub(crate) bounds: (f32, f32), // of the ring and the last values
    pub(crate) is_positive: bool,  // with the shift
    pub(crate) is_nonnegative: bool,
    pub(crate) shift: f64,  // added to values before logarithms, >= 0
    pub(crate) sums: bool,  // the sum of the values is what is forecast
    pub(crate) naive: bool, // only the last value speaks
}

/// What was expected of a point.
pub(super) struct Expected {
    pub(super) voices: Voices,
    pub(super) asked: Asked,
    pub(super) drift: Option<drift::Expected>,
    pub(super) favourite: usize, // of the weighted median
    pub(super) speaker: usize,   // the same, or the last value
}

impl Grown {
    /// From the first values of a stream, the newest of `count`, in the units of `ring`, which is empty.
    pub(super) fn start(ring: Ring, values: &[f64], count: u32, setup: &Setup) -> Self {
        let horizons = Horizons::new(setup.horizon);
        let units: Vec<f32> = values.iter().map(|&y| ring.unit(y)).collect();
        let is_positive = values.iter().all(|&y| y > 0.0);
        let zero = ring.zero() as f32;
        let logs = is_positive.then(|| Logs::start(zero, &units)).flatten();
        let changes = units.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let change = changes.sum::<f32>() / (units.len().max(2) - 1) as f32;
        let points = count.saturating_sub(values.len() as u32);
        let capacity = ring.capacity();
        let mut grown = Self {
            points: points + 1,
            last: values[0],
            ring,
            levels: Levels::start(units[0]),
            drift: Drift::new(change),
            trend: Trend::start(units[0]),
            fitted: Fitted::new([0; 2], capacity, logs, false),
            has_outlook: false,
            cleaning: Cleaning::default(),
            losses: [0.0; COUNT],
            guard: Guard::default(),
            judged: Set::default(),
            weights: Weights::LAST_VALUE,
            asleep: Set::default(),
            paths: Paths::new(horizons, setup.sums),
            issued: 0,
            due: points + FIRST_PATH + setup.phase % horizons.gaps()[0].min(FIRST_PATH),
            shapes: Shapes::default(),
            conformal: Conformal::new(setup.coverage, logs.is_some() && !setup.sums, false),
            search: Search::new(setup.seasons, setup.phase),
            bounds: (units[0], units[0]),
            is_positive,
            is_nonnegative: values.iter().all(|&y| y >= 0.0),
            shift: 0.0,
            sums: setup.sums,
            naive: setup.naive,
        };
        grown.ring.push(units[0]);
        values[1..]
            .iter()
            .for_each(|&y| grown.learn(y, None, setup));
        grown
    }

    /// The same where a season has been found in the ring before there was a mix. Of its values the ring
    /// knows the `least` to a code only, which decides on logarithms.
    pub(super) fn start_with(
        (held, least): (&Ring, f64),
        seasons: [u16; 2],
        search: Search,
        count: u32,
        setup: &Setup,
    ) -> Self {
        let values = held.to_vec();
        let exact = |y: f64| if y - least < held.grain() { least } else { y };
        let values: Vec<f64> = values.iter().map(|&z| exact(held.value(z))).collect();
        let quiet = Setup {
            seasons: Seasons::Given([0; 2]),
            ..*setup
        };
        let mut grown = Self::start(held.empty_twin(), &values, count, &quiet);
        grown.search = search;
        grown.arrive(seasons, setup);
        grown
    }

    /// Takes in the value of the next step.
    pub(super) fn learn(&mut self, y: f64, outlook: Option<&Outlook>, setup: &Setup) {
        if self.ring.unit(y).abs() > FAR {
            self.recentre(self.ring.unit(y));
        }
        self.note_sign(y, setup);
        let z = self.ring.unit(y);
        let outlook = outlook.filter(|_| self.has_outlook);
        let expected = self.ask(outlook, self.awake());
        let speaks = expected.voices.forecasts[expected.speaker];
        // An expectation may lie beyond all that has come; what the ring takes for a value does not.
        let cleaned = self.cleaning.clean(z, speaks);
        let (low, high) = (minmax::min(z, self.bounds.0), minmax::max(z, self.bounds.1));
        let cleaned = minmax::within(cleaned, low, high);
        let zero = self.zero();
        self.conformal.learn_step(self.slot(0), (speaks, z), zero);
        self.judge_step(&expected.voices, z);
        let error = |candidate: usize| (expected.voices.forecasts[candidate] - z).abs();
        self.guard.learn(error(expected.favourite), error(LAST));
        self.advance_paths(Some(z));
        self.fitted.learn(&expected.asked, cleaned);
        if let Some(drift) = &expected.drift {
            self.drift.learn(drift, self.ring.lag(1), cleaned);
        }
        self.levels.learn(z);
        self.trend.learn(cleaned);
        self.ring.push(cleaned);
        self.last = y;
        self.points = self.points.saturating_add(1);
        self.note_range(z, setup);
        self.look_for_seasons(setup);
        if self.points >= self.due {
            let outlook = outlook.map(Outlook::one_step_on);
            self.issue(outlook.as_ref());
        }
    }

    /// Lets a step pass whose value is missing: the ring takes what was expected, nobody is judged.
    pub(super) fn pass(&mut self, outlook: Option<&Outlook>) {
        let outlook = outlook.filter(|_| self.has_outlook);
        let expected = self.ask(outlook, self.awake());
        let fill = self.ring.value(expected.voices.forecasts[expected.speaker]);
        let fill = self.ring.unit(self.bound(fill));
        self.advance_paths(None);
        self.fitted.pass();
        self.trend.pass();
        self.ring.push(fill);
        self.points = self.points.saturating_add(1);
    }

    /// The seasons in use.
    #[must_use]
    pub fn seasons(&self) -> [u16; 2] {
        self.fitted.seasons()
    }

    /// Paths and losses of the candidates.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The ring, for units.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Whether it has taken an outlook as regressors.
    #[must_use]
    pub fn has_outlook(&self) -> bool {
        self.has_outlook
    }

    /// Bytes of it, what is behind pointers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.ring.bytes()
            + self.drift.bytes()
            + self.fitted.bytes()
            + self.paths.bytes()
            + self.conformal.bytes()
    }

    /// What every candidate expects of the next value, and who speaks.
    pub(super) fn ask(&self, outlook: Option<&Outlook>, awake: Set) -> Expected {
        let mut voices = Voices::none();
        voices.present = self.levels.forecast(&mut voices.forecasts);
        let drift = awake
            .has(DRIFT)
            .then(|| self.drift.ask(&self.ring))
            .flatten();
        if let Some(drift) = drift.filter(|_| self.drift.is_ready()) {
            voices.forecasts[DRIFT] = drift.value;
            voices.present.add(DRIFT);
        }
        let asked = self.fitted.ask(
            &self.ring,
            (outlook, self.levels.last()),
            awake,
            &mut voices.forecasts,
            &mut voices.present,
        );
        voices.forecasts[TREND] = self.trend.next();
        voices.present.add(TREND);
        let (low, high) = widened(self.bounds);
        voices.clamp(low, high);
        let favourite = self
            .weights
            .median_candidate(&voices.forecasts, voices.present);
        let speaker = if self.guard.trusts_median() {
            favourite
        } else {
            LAST
        };
        Expected {
            favourite,
            voices,
            asked,
            drift,
            speaker,
        }
    }

    /// The losses of one step.
    fn judge_step(&mut self, voices: &Voices, z: f32) {
        let gain = STEP_GAIN.max(1.0 / self.points as f32);
        // All of them at once, whoever is there: with a branch for each it takes four times as long.
        let learning = voices.present.and(self.judged).0;
        for (candidate, loss) in self.losses.iter_mut().enumerate() {
            let off = (voices.forecasts[candidate] - z).abs();
            let next = *loss + gain * (off - *loss);
            *loss = if learning & 1 << candidate > 0 {
                next
            } else {
                *loss
            };
        }
        let new = Set(voices.present.0 & !self.judged.0);
        for candidate in new.iter() {
            self.losses[candidate] = self.losses[LAST];
            self.judged.add(candidate);
        }
        if self.naive {
            return;
        }
        if self.points.is_multiple_of(WEIGH_EVERY) || self.points < OFTEN {
            let known = self.paths.known().and(self.judged);
            self.weights = Weights::of_steps(&self.losses, known);
        }
    }

    /// Judges what the paths said of this step.
    fn advance_paths(&mut self, z: Option<f32>) {
        let (slot, zero) = (self.slot(0), self.zero());
        let Self {
            paths,
            fitted,
            ring,
            conformal,
            shapes,
            sums,
            ..
        } = self;
        let has_arrived = paths.advance(
            z,
            |step| match *sums {
                true => fitted.naive_mean(ring, step),
                false => fitted.naive(ring, step),
            },
            |judged| {
                let pair = (judged.forecast, judged.outcome);
                conformal.learn(judged.step, slot, pair, shapes.of(judged.index), zero);
            },
        );
        if !has_arrived {
            return;
        }
        let arrived = self.paths.arrived();
        if arrived <= 24 || arrived.is_multiple_of(SHAPES_EVERY) {
            let kept = self.paths.horizons().as_slice().len();
            let has_season = self.seasons()[0] > 0;
            self.conformal.settle(kept, has_season);
        }
        self.put_to_sleep();
    }

    /// Keeps the range of the data.
    fn note_range(&mut self, z: f32, setup: &Setup) {
        if self.points % RANGE_EVERY == 1 {
            let (ring, levels) = (self.ring.extremes(), self.levels.extremes());
            self.bounds = (ring.0.min(levels.0), ring.1.max(levels.1));
            if self.bounds.1 - self.bounds.0 < NARROW {
                self.renew(setup);
            }
        } else {
            self.bounds = (minmax::min(z, self.bounds.0), minmax::max(z, self.bounds.1));
        }
    }

    /// Whether the ring has lost sight of values like `y`: they move, or are nothing beside a unit, and
    /// are all the same to it.
    pub(super) fn is_blind(&self, y: f64) -> bool {
        self.points.is_multiple_of(RANGE_EVERY)
            && ((y - self.last).abs() > 0.0 || self.ring.scale() > 1e6 * y.abs())
            && self.ring.is_blind()
    }

    /// What logarithms add to values in units.
    pub(super) fn zero(&self) -> f32 {
        (self.ring.zero() + self.shift / self.ring.scale()) as f32
    }

    /// The slot of the season for the value `ahead` steps behind the next one.
    pub(super) fn slot(&self, ahead: usize) -> usize {
        let season = usize::from(self.seasons()[0]);
        if season == 0 {
            return 0;
        }
        (self.points as usize + ahead) % season * SLOTS / season
    }
}

/// The range that forecasts stay in, for data in this one.
pub(super) fn widened((low, high): (f32, f32)) -> (f32, f32) {
    let margin = 0.5 * (high - low);
    (low - margin, high + margin)
}

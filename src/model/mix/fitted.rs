//! The candidates that are learnt from the ring: autoregressions, seasonal naives, seasonal smoothing.
//!
//! They see cleaned values, and all of them begin anew when a season arrives ([`super::arrival`]).

use super::autoregression::{Autoregression, Prior};
use super::candidates::{Each, LOGS, MOVED, OUTLOOK, SEASON_1, SEASON_2, SLOTS, Set, VALUES};
use super::ground::Ground;
use super::lags::Lags;
use super::least_squares::Row;
use super::logs::Logs;
use super::outlook::Outlook;
use super::ring::{Change, Ring};
use super::slots::Slots;

/// The fitted candidates of a stream.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub(crate) seasons: [u16; 2],
    pub(crate) lags: Lags,
    pub(crate) values: Autoregression,
    pub(crate) logs: Option<Autoregression>,
    pub(crate) slots: Option<Box<Slots>>,
}

/// What the autoregressions were asked and what they said, to learn from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    values: Option<(Row, f32)>,
    logs: Option<(Row, f32)>,
}

impl Fitted {
    /// Fresh candidates for these seasons; logarithms where `logs` are given.
    #[must_use]
    pub fn new(seasons: [u16; 2], capacity: usize, logs: Option<Logs>, has_outlook: bool) -> Self {
        let (lags, prior) = if seasons[0] > 0 {
            let prior = Prior::seasons(seasons);
            (Lags::of_seasons(seasons, capacity), prior)
        } else {
            (Lags::PLAIN, Prior::LAST_VALUE)
        };
        let prior = if has_outlook { Prior::OUTLOOK } else { prior };
        let on = |logs| Autoregression::new(&lags, &prior, logs, has_outlook);
        Self {
            seasons,
            lags,
            values: on(None),
            logs: logs.map(|logs| on(Some(logs))),
            slots: None,
        }
    }

    /// The seasons, in steps; 0: none.
    #[must_use]
    pub fn seasons(&self) -> [u16; 2] {
        self.seasons
    }

    /// The logarithms, while values allow them.
    #[must_use]
    pub fn logs(&self) -> Option<&Logs> {
        self.logs.as_ref().and_then(Autoregression::logs)
    }

    /// Values turned negative: logarithms are over.
    pub fn end_logs(&mut self) {
        self.logs = None;
        self.slots = None;
    }

    /// Begins logarithms anew, on another shift.
    pub fn restart_logs(&mut self, logs: Logs, has_outlook: bool) {
        let prior = if has_outlook {
            Prior::OUTLOOK
        } else {
            Prior::LAST_VALUE
        };
        self.logs = Some(Autoregression::new(
            &self.lags,
            &prior,
            Some(logs),
            has_outlook,
        ));
        self.slots = None;
    }

    /// Starts the tables from the values of the ring, oldest first, once there are two long seasons.
    pub fn start_slots(&mut self, values: &[f32]) {
        let long = usize::from(self.seasons[0].max(self.seasons[1]));
        if long == 0 || self.slots.is_some() || values.len() < 2 * long {
            return;
        }
        let start = match self.logs() {
            Some(logs) => {
                let logs: Vec<f32> = values.iter().map(|&z| logs.of(z)).collect();
                Slots::start(self.seasons, &logs)
            }
            None => Slots::start(self.seasons, values),
        };
        self.slots = Some(Box::new(start));
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.values.bytes()
            + self.logs.as_ref().map_or(0, Autoregression::bytes)
            + self
                .slots
                .as_ref()
                .map_or(0, |slots| size_of::<Slots>() + slots.bytes())
    }

    /// Writes what is expected of the next value; only the autoregressions in `awake` are asked.
    #[inline]
    pub fn ask(
        &self,
        ring: &Ring,
        (outlook, last): (Option<&Outlook>, f32),
        awake: Set,
        forecasts: &mut Each,
        present: &mut Set,
    ) -> Asked {
        let mut asked = Asked::default();
        if ring.len() >= self.lags.longest() {
            let values = self.lags.fetch(ring);
            let terms = outlook.map(|outlook| outlook.terms(ring, 1));
            let ask = |candidate: usize, regression: &Autoregression| {
                awake.has(candidate).then(|| {
                    let row = regression.row(&self.lags, &values, terms);
                    (row, regression.expected(&row))
                })
            };
            asked.values = ask(VALUES, &self.values);
            asked.logs = self.logs.as_ref().and_then(|logs| ask(LOGS, logs));
        }
        if let (Some((_, expected)), true) = (asked.values, self.values.is_ready()) {
            forecasts[VALUES] = expected;
            present.add(VALUES);
        }
        if let (Some((_, expected)), Some(logs)) = (asked.logs, &self.logs)
            && logs.is_ready()
        {
            forecasts[LOGS] = logs.in_units(expected);
            present.add(LOGS);
        }
        self.expect_seasons((ring, Set::ALL), 1, forecasts, present);
        if let Some(outlook) = outlook {
            outlook_forecasts(outlook, (ring, last), 1, forecasts, present);
        }
        asked
    }

    /// What the seasonal candidates say of the value `step` steps ahead.
    fn expect_seasons(
        &self,
        (ring, awake): (&Ring, Set),
        step: usize,
        forecasts: &mut Each,
        present: &mut Set,
    ) {
        for (candidate, season) in [SEASON_1, SEASON_2].into_iter().zip(self.seasons) {
            let season = usize::from(season);
            if season > 0 && ring.len() >= season {
                forecasts[candidate] = ring.lag(season - (step - 1) % season);
                present.add(candidate);
            }
        }
        if let Some(slots) = self.slots.as_ref().filter(|_| awake.has(SLOTS)) {
            let ahead = if step == 1 {
                slots.next()
            } else {
                slots.ahead(step)
            };
            forecasts[SLOTS] = self.logs().map_or(ahead, |logs| logs.back(ahead));
            present.add(SLOTS);
        }
    }

    /// Learns a (cleaned) value after what was asked before it.
    #[inline]
    pub fn learn(&mut self, asked: &Asked, z: f32) {
        if let Some((row, expected)) = &asked.values {
            self.values.learn(row, *expected, z);
        }
        if let (Some((row, expected)), Some(logs)) = (&asked.logs, &mut self.logs) {
            logs.learn(row, *expected, z);
        }
        let log = self
            .slots
            .is_some()
            .then(|| self.logs().map(|logs| logs.of(z)));
        if let (Some(log), Some(slots)) = (log, &mut self.slots) {
            slots.learn(log.unwrap_or(z));
        }
    }

    /// Lets a step pass without a value.
    pub fn pass(&mut self) {
        if let Some(slots) = &mut self.slots {
            slots.pass();
        }
    }

    /// Writes the paths of these candidates at the given `steps` (ascending, from 1), those of whom
    /// that take long only where they are in `awake`. `scratch` is room for a path.
    pub fn paths(
        &self,
        ground: Ground,
        awake: Set,
        steps: impl Iterator<Item = usize> + Clone,
        forecasts: &mut [Each],
        scratch: &mut Vec<f32>,
    ) -> Set {
        let Ground {
            ring,
            outlook,
            last,
            ..
        } = ground;
        let mut present = Set::default();
        let Some(longest) = steps.clone().last() else {
            return present;
        };
        let regressions = [(VALUES, Some(&self.values)), (LOGS, self.logs.as_ref())];
        for (candidate, regression) in regressions {
            let Some(regression) = regression else {
                continue;
            };
            if !awake.has(candidate) || !regression.is_ready() || ring.len() < self.lags.longest() {
                continue;
            }
            regression.path(&self.lags, &ground, longest, scratch);
            for (step, forecasts) in steps.clone().zip(forecasts.iter_mut()) {
                forecasts[candidate] = regression.in_units(scratch[step - 1]);
            }
            present.add(candidate);
        }
        for (step, forecasts) in steps.zip(forecasts.iter_mut()) {
            self.expect_seasons((ring, awake), step, forecasts, &mut present);
            if let Some(outlook) = outlook {
                outlook_forecasts(outlook, (ring, last), step, forecasts, &mut present);
            }
        }
        present
    }

    /// What the naive of each season said of the next value when it was asked `step` steps before.
    #[must_use]
    pub fn naive(&self, ring: &Ring, step: u32) -> [Option<f32>; 2] {
        self.seasons.map(|season| naive(ring, season, step, 0))
    }

    /// The same of the mean of the values since then.
    #[must_use]
    pub fn naive_mean(&self, ring: &Ring, step: u32) -> [Option<f32>; 2] {
        self.seasons.map(|season| {
            let said: Option<Vec<f32>> = (1..=step)
                .map(|ahead| naive(ring, season, ahead, step - ahead))
                .collect();
            said.map(|said| said.iter().sum::<f32>() / step as f32)
        })
    }

    /// The response to a shock, on values or on logarithms; `None` while that autoregression is not
    /// ready.
    pub fn response(&self, on_logs: bool, steps: usize, out: &mut Vec<f32>) -> bool {
        let regression = if on_logs {
            self.logs.as_ref()
        } else {
            Some(&self.values)
        };
        let ready = regression.filter(|regression| regression.is_ready());
        if let Some(regression) = ready {
            regression.response(&self.lags, steps, out);
        }
        ready.is_some()
    }

    /// Follows the ring to other units.
    pub fn follow(&mut self, change: Change) {
        self.values.follow(&self.lags, change);
        match (&mut self.logs, &mut self.slots) {
            (Some(logs), _) => logs.follow(&self.lags, change),
            (None, Some(slots)) => slots.follow(change),
            (None, None) => {}
        }
    }
}

/// What the value one season before said of a value `ahead` steps on, seen from `since` steps after it.
fn naive(ring: &Ring, season: u16, ahead: u32, since: u32) -> Option<f32> {
    let season = usize::from(season);
    let lag = season * (ahead as usize).div_ceil(season.max(1)) + since as usize;
    (season > 0 && lag <= ring.len()).then(|| ring.lag(lag))
}

fn outlook_forecasts(
    outlook: &Outlook,
    (ring, last): (&Ring, f32),
    step: usize,
    forecasts: &mut Each,
    present: &mut Set,
) {
    let level = ring.unit(outlook.level(step));
    forecasts[MOVED] = last + level - ring.unit(outlook.level(0));
    forecasts[OUTLOOK] = level;
    present.add(MOVED);
    present.add(OUTLOOK);
}

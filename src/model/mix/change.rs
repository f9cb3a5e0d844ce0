//! What changes the ground under the candidates: other units, zeros and negative values, seasons, an
//! outlook. Whatever is held in units follows; what was learnt under other rules begins anew.

use super::Setup;
use super::arrival::{self, Rules};
use super::candidates::{LOGS, MOVED, OUTLOOK, SLOTS, Set};
use super::conformal::Conformal;
use super::fitted::Fitted;
use super::grown::Grown;
use super::logs::Logs;
use super::search::Finding;

/// Share of the mean of the ring that is added to values before logarithms once there are zeros; .1
/// to 1 make no difference.
const ZERO_SHIFT: f64 = 0.3;

impl Grown {
    /// From here on there is an outlook: the autoregressions begin anew with it as regressors.
    pub fn begin_outlook(&mut self) {
        self.has_outlook = true;
        self.recentre(self.levels.last());
        self.restart_fitted(self.seasons());
        self.forget(MOVED);
        self.forget(OUTLOOK);
        self.paths.restart(0);
        self.issued = 0;
        self.due = self.points.saturating_add(1);
    }

    /// The outlook is gone: what looked out on it begins anew without.
    pub fn end_outlook(&mut self) {
        self.has_outlook = false;
        self.restart_fitted(self.seasons());
        self.forget(MOVED);
        self.forget(OUTLOOK);
        self.paths.restart(0);
    }

    /// Fresh autoregressions, and nothing else that was fitted; their losses are those of the old ones until
    /// they have their own.
    fn restart_fitted(&mut self, seasons: [u16; 2]) {
        let logs = self.start_logs();
        if logs.is_none() {
            self.forget(LOGS);
        }
        self.forget(SLOTS);
        self.asleep = Set::default();
        self.fitted = Fitted::new(seasons, self.ring.capacity(), logs, self.has_outlook);
    }

    /// What new candidates are judged by.
    fn rules(&self) -> Rules {
        Rules {
            zero: self.is_positive.then(|| self.zero()),
            horizons: *self.paths.horizons(),
            of_means: self.sums,
        }
    }

    /// Takes in what the search has found.
    pub(super) fn look_for_seasons(&mut self, setup: &Setup) {
        if !self.search.is_due(self.points) || self.ring.len() < super::SEARCHABLE {
            return;
        }
        let values = self.ring.to_vec();
        let (known, capacity) = (self.seasons(), self.ring.capacity());
        let rules = self.rules();
        let Self { search, ring, .. } = self;
        let vote = |seasons| arrival::votes_for(ring, seasons, known, &rules);
        let Finding::Found(seasons) = search.test(self.points, &values, known, capacity, vote)
        else {
            return;
        };
        self.arrive(seasons, setup);
    }

    /// A season arrives (or logarithms begin anew): the ring is replayed.
    pub(super) fn arrive(&mut self, seasons: [u16; 2], setup: &Setup) {
        self.recentre(self.levels.last());
        if self.has_outlook {
            self.restart_fitted(seasons);
            self.paths.restart(0);
            return;
        }
        let rules = self.rules();
        let Rules { zero, horizons, .. } = rules;
        let replay = arrival::replay(&self.ring, seasons, &rules);
        let judged = replay.paths();
        self.fitted = replay.fitted;
        for (candidate, (loss, weight)) in replay.losses.into_iter().enumerate().skip(LOGS) {
            if candidate >= MOVED {
                break;
            }
            self.paths.set_loss(candidate, loss, weight);
            if let Some(loss) = replay.step_losses[candidate] {
                self.losses[candidate] = loss;
                self.judged.add(candidate);
            }
        }
        self.asleep = Set::default();
        self.paths.restart(judged);
        self.issued = 0;
        let turn = setup.phase % horizons.gaps()[0];
        self.due = self.points.saturating_add(1 + turn);
        if self.sums {
            return;
        }
        if replay.past.is_empty() {
            return self.conformal.begin_slots();
        }
        self.renew_shapes(&horizons);
        self.conformal = Conformal::new(setup.coverage, zero.is_some() && !self.sums, true);
        let zero = self.zero();
        let held = self.ring.len();
        for past in &replay.past {
            let mut kept = horizons.as_slice().iter();
            let index = kept.position(|&step| usize::from(step) == past.step);
            let shapes = index.map_or([1.0; 2], |index| self.shapes.of(index));
            let slot = self.slot_back(held - past.at);
            let pair = (past.forecast, past.outcome);
            self.conformal.learn(past.step, slot, pair, shapes, zero);
        }
        self.conformal.settle(horizons.as_slice().len(), true);
    }

    /// The ring takes finer units: what was learnt in the old ones is of a wilder time, and firm.
    pub(super) fn renew(&mut self, setup: &Setup) {
        if self.seasons()[0] > 0 {
            return self.arrive(self.seasons(), setup);
        }
        self.recentre(self.levels.last());
        self.restart_fitted([0; 2]);
    }

    /// Takes new units from the ring and the value about to come.
    pub(super) fn recentre(&mut self, next: f32) {
        let Some(change) = self.ring.recentre(next) else {
            return;
        };
        self.levels.follow(change);
        self.drift.follow(change);
        self.trend.follow(change);
        self.fitted.follow(change);
        self.cleaning.follow(change.stretch);
        self.guard.follow(change.stretch);
        self.paths.follow(change);
        self.conformal.follow(change.stretch);
        self.losses.iter_mut().for_each(|e| *e *= change.stretch);
        self.bounds = (change.value(self.bounds.0), change.value(self.bounds.1));
    }

    /// Notices zeros and negative values: what they mean for logarithms.
    pub(super) fn note_sign(&mut self, y: f64, setup: &Setup) {
        self.is_nonnegative &= y >= 0.0;
        if !self.is_positive || (y >= 0.0 && y + self.shift > 0.0) {
            return;
        }
        let values = self.ring.to_vec();
        let sum: f64 = values.iter().map(|&z| self.ring.value(z)).sum();
        let mean = sum / values.len().max(1) as f64;
        if y >= 0.0 && self.shift <= 0.0 && mean > 0.0 {
            self.shift = ZERO_SHIFT * mean;
            if let Some(logs) = self.start_logs() {
                self.fitted.restart_logs(logs, self.has_outlook);
            }
        } else {
            self.is_positive = false;
            self.fitted.end_logs();
            self.forget(LOGS);
            self.conformal.end_logs();
        }
        if self.seasons()[0] > 0 {
            self.arrive(self.seasons(), setup);
        }
    }

    /// Nothing is known of a candidate any more: it would set the measure for those that are left.
    fn forget(&mut self, candidate: usize) {
        self.paths.set_loss(candidate, 0.0, 0.0);
        self.judged.remove(candidate);
    }

    pub(super) fn start_logs(&self) -> Option<Logs> {
        let values = self.ring.to_vec();
        self.is_positive
            .then(|| Logs::start(self.zero(), &values))
            .flatten()
    }

    /// The slot of the value `back` steps back, 1 the newest.
    pub(super) fn slot_back(&self, back: usize) -> usize {
        let season = usize::from(self.seasons()[0]);
        let ahead = season - back % season.max(1);
        self.slot(ahead)
    }
}

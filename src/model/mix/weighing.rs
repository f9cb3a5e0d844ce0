//! What the candidates weigh so many steps ahead: near ones by the errors of one step, far ones by those
//! of the paths.
//!
//! With the weights of the horizon two steps ahead were forecast at 1.2 to 1.4 of the last value's error
//! on the generated brews. From somewhere before the horizon on all steps have the same weights, which are
//! computed once.

use super::candidates::{Blend, Each, Set, Weights};
use super::grown::Grown;
use super::sleep::WATCHED;

/// What the weight of the last value is multiplied by near at hand while it forecasts one step better
/// than the median of all. 4 to 16 are alike.
const FAVOUR: f32 = 8.0;

/// The weights of one forecast, step by step.
#[derive(Debug)]
pub(super) struct Weighing {
    naive: bool,
    blend: Option<Blend>, // none while the last value has no loss
    paths: (Each, Set),   // losses that count then
    far: f32,             // ln of the horizon
    reach: f32,
    favour: f32,
    latest: Option<(f32, Weights)>, // how far along, and what weighs there
}

impl Grown {
    /// What the candidates weigh in a forecast from here.
    pub(super) fn weighing(&self) -> Weighing {
        let (paths, known) = self.paths.standing();
        let known = known.and(self.judged);
        let evidence = (self.paths.arrived() as f32 / WATCHED as f32).min(1.0);
        Weighing {
            naive: self.naive,
            blend: Blend::new(&self.losses, &paths, known),
            paths: (paths, known),
            far: (self.paths.horizons().last() as f32).ln().max(1e-3),
            reach: 1.0 + 0.5 * evidence, // with few paths one step says more
            favour: if self.guard.trusts_median() {
                1.0
            } else {
                FAVOUR
            },
            latest: None,
        }
    }
}

impl Weighing {
    /// The weights `step` steps ahead, from 1.
    pub(super) fn at(&mut self, step: u32) -> Weights {
        if self.naive {
            return Weights::LAST_VALUE;
        }
        let along = match &self.blend {
            Some(_) => (self.reach * (step as f32).ln() / self.far).min(1.0),
            None => 1.0,
        };
        if let Some((latest, weights)) = self.latest
            && latest.to_bits() == along.to_bits()
        {
            return weights;
        }
        let weights = match &self.blend {
            Some(blend) => blend.at(along, self.favour),
            None => Weights::of_paths(&self.paths.0, self.paths.1),
        };
        self.latest = Some((along, weights));
        weights
    }
}

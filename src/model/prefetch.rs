//! The memory that a forecaster will need to learn, from the outside in.
//!
//! What one function asks for has to have come before the next one follows the pointers in it. Not asked for is what
//! only series with a season have: tables, far lags, the means that points look out on.

use crate::prefetch;

use super::forecaster::Forecaster;
use super::mix::Grown;
use super::mix::ring::Ring;
use super::mix::scores::Scores;

impl Forecaster {
    /// What both mixes are kept in.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Self::Mix(grids) = self {
            prefetch::all_of(&**grids);
        }
    }

    /// The mixes.
    pub(crate) fn prefetch_mixes(&self) {
        if let Self::Mix(grids) = self {
            grids.fine().grown().into_iter().for_each(prefetch::all_of);
            grids
                .coarse
                .iter()
                .for_each(|coarse| prefetch::all_of(&**coarse));
        }
    }

    /// What the fine one is made of.
    pub(crate) fn prefetch_inside(&self) {
        let Some(grown) = self.grown() else { return };
        grown.ring.prefetch();
        let logs = grown.fitted.logs.iter().map(|logs| &logs.regression);
        let regressions = [&grown.drift.regression, &grown.fitted.values.regression];
        for regression in regressions.into_iter().chain(logs) {
            prefetch::all_of(&*regression.quads);
        }
        prefetch::all_of(grown.paths.open.as_slice());
        grown.conformal.scales().for_each(prefetch::all_of);
    }

    /// The paths that are judged by what it learns, and the scores that this gives.
    pub(crate) fn prefetch_paths(&self) {
        let Some(grown) = self.grown() else { return };
        for path in &grown.paths.open {
            prefetch::all_of(&*path.codes);
        }
        for scale in grown.conformal.scales() {
            scale.path.prefetch();
            scale.step.prefetch();
        }
    }

    fn grown(&self) -> Option<&Grown> {
        match self {
            Self::Mix(grids) => grids.fine().grown(),
            Self::Ets(..) => None,
        }
    }
}

impl Ring {
    /// Where the next values go.
    fn prefetch(&self) {
        next(&self.codes, self.capacity, self.next).map(prefetch::all_of);
    }
}

impl Scores {
    /// Where the next one goes.
    fn prefetch(&self) {
        next(&self.codes, self.capacity, self.next).map(prefetch::all_of);
    }
}

/// What is replaced next of a ring that is full; or else the newest, behind which it grows.
fn next<T>(codes: &[T], capacity: u16, next: u16) -> Option<&T> {
    if codes.len() < usize::from(capacity) {
        codes.last()
    } else {
        codes.get(usize::from(next))
    }
}

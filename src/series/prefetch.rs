//! The memory that the next point of a series will need, from the outside in.

use crate::prefetch;

use super::event::Events;
use super::live::{Live, is_turn};
use super::observe::{Series, Stage};

/// What can be asked for when the series itself and the layers before have come, in this order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layer {
    /// The first half of what is live, and what tells whether its forecaster will learn.
    Front,
    /// The other half, and if it will, the forecaster.
    Middle,
    /// The tables of the judge, and the mixes of the forecaster.
    Tables,
    /// What the fine mix is made of.
    Inside,
}

impl Series {
    /// Asks for a layer; there is none while it warms up.
    #[inline]
    pub(crate) fn prefetch(&self, layer: Layer) {
        let Stage::Live(live) = &self.stage else {
            return;
        };
        let learns = || is_turn(live.points.wrapping_add(1), self.phase);
        let (half, end) = (size_of::<Live>() / 2, size_of::<Live>());
        match layer {
            Layer::Front => {
                prefetch::part_of(&**live, 0, half);
                prefetch::all_of(&live.forecaster);
                prefetch::all_of(&live.points);
            }
            Layer::Middle => {
                prefetch::part_of(&**live, half, end);
                if learns() {
                    live.forecaster.prefetch();
                }
            }
            Layer::Tables => {
                live.judge.prefetch();
                if learns() {
                    live.forecaster.prefetch_mixes();
                }
            }
            Layer::Inside => {
                if learns() {
                    live.forecaster.prefetch_inside();
                }
            }
        }
    }
}

impl Events {
    /// Asks for the event that is open, if there is one.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Some(open) = &self.open {
            prefetch::all_of(&**open);
        }
    }
}

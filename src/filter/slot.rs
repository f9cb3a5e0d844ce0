//! What is held for one field of a group.

use std::sync::Arc;

use crate::output::Pace;
use crate::series::event::Events;
use crate::series::what_if::WhatIf;
use crate::series::{Etas, Series};

/// One field of a group.
#[derive(Debug)]
pub struct Slot {
    /// The field key as written.
    pub key: Arc<[u8]>,
    /// What it is to us.
    pub state: State,
}

/// What a field is to us.
#[derive(Debug)]
pub enum State {
    /// It has a model.
    Modelled {
        /// The series.
        series: Box<Series>,
        /// What was written about it last.
        pace: Pace,
        /// Where it stands to its thresholds.
        etas: Etas,
        /// Its anomaly that is open.
        events: Events,
        /// What other budgets would have opened.
        what_if: WhatIf,
        /// Of its key, the same for ever.
        hash: u64,
        /// How it is treated.
        policy: u16,
    },
    /// Passed through only.
    Off,
}

/// Why a field has no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody selected its measurement, or that can't be written.
    Unwanted,
    /// Too many other fields came before it.
    Wide,
    /// There is no room for another series, or for its name.
    Full,
}

impl Slot {
    /// Adds it to the slots of its group, with less room to spare than a Vec takes: four at first, then the double.
    pub(super) fn add_to(self, slots: &mut Vec<Self>) {
        if slots.len() == slots.capacity() {
            slots.reserve_exact(1 + slots.len() / 4);
        }
        slots.push(self);
    }

    pub(super) fn is_modelled(&self) -> bool {
        matches!(self.state, State::Modelled { .. })
    }

    pub(super) fn step_s(&self) -> u64 {
        match &self.state {
            State::Modelled { series, .. } => series.spacing().unsigned_abs() / 1_000_000_000,
            State::Off => 0,
        }
    }
}

//! One season: a value for each of its steps, turned by one slot a step.
//!
//! ```text
//! season_t = season_(t-m) + gamma * innovation_t
//! ```
//! The slot of the step that comes next is known by its index, so a step moves no memory. With no
//! slots at all it is the season of a model that has none: 0 at every step.
//!
//! Slots are not brought back to a mean of zero: what they have in common moves between level and
//! slots without changing any additive forecast (Hyndman et al. 2008, section 8.1).

/// A table of departures from the level, one for each step of the season.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Season {
    pub(crate) slots: Vec<f64>, // in the unit of the model; empty: no season
    pub(crate) next: usize,     // the slot of the next step, < slots.len()
}

impl Season {
    /// A season whose first slot is that of the next step.
    #[must_use]
    pub fn new(slots: Vec<f64>) -> Self {
        Self { slots, next: 0 }
    }

    /// Steps after which it repeats; 0: no season.
    #[must_use]
    pub fn length(&self) -> usize {
        self.slots.len()
    }

    /// The slots in order, that of the next step first.
    pub fn slots(&self) -> impl Iterator<Item = f64> {
        let (later, first) = self.slots.split_at(self.next);
        first.iter().chain(later).copied()
    }

    /// The departure of the step that is `steps` ahead, >= 1.
    #[must_use]
    #[inline]
    pub fn ahead(&self, steps: u32) -> f64 {
        let mut at = self.next + steps as usize - 1;
        if at >= self.slots.len() {
            if self.slots.is_empty() {
                return 0.0;
            }
            at %= self.slots.len();
        }
        self.slots[at]
    }

    /// Adds `change` to the slot of the next step and goes on to the one after it.
    #[inline]
    pub(super) fn update(&mut self, change: f64) {
        if let Some(slot) = self.slots.get_mut(self.next) {
            *slot += change;
            self.next += 1;
            if self.next == self.slots.len() {
                self.next = 0;
            }
        }
    }

    /// Lets `steps` steps pass.
    pub(super) fn pass(&mut self, steps: u32) {
        if !self.slots.is_empty() {
            self.next = (self.next + steps as usize) % self.slots.len();
        }
    }

    /// Becomes a copy of `other` in the memory it has.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.slots.clear();
        self.slots.extend_from_slice(&other.slots);
        self.next = other.next;
    }

    pub(super) fn is_finite(&self) -> bool {
        self.slots.iter().all(|slot| slot.is_finite())
    }
}

//! The memory that a judge will need beside itself: what it knows of the time of day.

use crate::prefetch;

use super::Judge;
use super::scale::Scale;
use super::season::Season;

impl Judge {
    /// Asks for its tables, where the last point was.
    #[inline]
    pub(crate) fn prefetch(&self) {
        let slot = usize::from(self.slot);
        self.scale.prefetch(slot);
        self.level.scale.prefetch(slot);
        if let Some(usual) = &self.usual {
            usual.scale.prefetch(slot);
            usual.season.prefetch(slot);
        }
    }
}

impl Scale {
    #[inline]
    fn prefetch(&self, slot: usize) {
        let slots = self.slots.as_deref().unwrap_or_default();
        slots.get(slot).into_iter().for_each(prefetch::all_of);
    }
}

impl Season {
    #[inline]
    fn prefetch(&self, slot: usize) {
        self.means.get(slot).into_iter().for_each(prefetch::all_of);
        self.days.get(slot).into_iter().for_each(prefetch::all_of);
    }
}

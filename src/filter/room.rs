//! Room for the names of series.
//!
//! Models are bounded by `limits.max_series`; their names are too, and what only passes has names as well:
//! strangers who choose tag values also choose how long those are. All of it together may take
//! [`BYTES_PER_SERIES`] for each series of `limits.max_series`, so that a name of some hundred bytes costs
//! nobody room, and one of 64 KiB takes that of sixteen.

use super::registry::Group;
use super::slot::Slot;

/// Most bytes of measurement and tags, or of a field key, of a series that is modelled.
pub(super) const KEY_BYTES_MAX: usize = 64 * 1024;

/// More than a model of an hour takes, and enough for 500 bytes of tags.
const BYTES_PER_SERIES: usize = 4 * 1024;
/// Beside that, so that a limit of a few series has room for what only passes.
const BYTES_AT_LEAST: usize = 4 * 1024 * 1024;
/// What a table takes beside the bytes of a key.
const ENTRY_BYTES: usize = 64;

/// Bytes that names may still take.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Room {
    pub(super) fn new(max_series: usize) -> Self {
        let left = max_series.saturating_mul(BYTES_PER_SERIES) + BYTES_AT_LEAST;
        Self { left }
    }

    /// Takes so much, if it is there.
    #[must_use]
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let rest = self.left.checked_sub(bytes);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    /// Takes back what is no longer held.
    pub(super) fn give_back(&mut self, bytes: usize) {
        self.left += bytes;
    }
}

/// What a way to a group takes.
pub(super) fn of_spelling(spelling: &[u8]) -> usize {
    spelling.len() + ENTRY_BYTES
}

/// What a group takes, whose name is kept as it is and ready with escapes and tags of ours.
pub(super) fn of_group(canonical: &[u8]) -> usize {
    3 * canonical.len() + size_of::<Group>()
}

/// What a field takes beside its model.
pub(super) fn of_slot(field: &[u8]) -> usize {
    field.len() + size_of::<Slot>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut room = Room::new(1);
        let all = BYTES_AT_LEAST + BYTES_PER_SERIES;
        assert!(!room.take(all + 1), "a part of it is not taken");
        assert!(room.take(all) && !room.take(1));
        room.give_back(7);
        assert!(room.take(7) && !room.take(1));
    }
}

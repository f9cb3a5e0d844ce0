//! What the lines to come will need, asked for while those before them are at work.
//!
//! Agents send their series in the same order every time, so it is known which groups come ([`super::spellings`]).
//! What is held for a series is behind a row of pointers, from its group to the tables of its judge. Each is followed
//! when what it is kept in has come, half a line or more after it was asked for: the pipeline is six lines long.
//!
//! Promises: nothing but time depends on it ([`crate::prefetch`]). Where lines come in another order than before,
//! or series are so few that the cache holds them, it does nothing.

use crate::prefetch;
use crate::series::prefetch::Layer;

use super::registry::{Group, Registry, State};

/// Series from which on it is worth its 3 %: fewer fit a cache of 2 MiB.
const FEW: usize = 250;
/// Fields of a line that it is done for.
const FIELDS: usize = 16;

/// Before the points of a line of group `own` are observed.
pub(super) fn before(registry: &Registry, own: usize) {
    let Some([one, _, three, four, five, six]) = coming(registry) else {
        return;
    };
    registry.spellings().prefetch(six, five);
    if let Some(place) = registry.places().get(five) {
        prefetch::all_of(place);
    }
    if let Some(group) = group(registry, four) {
        let slots = group.slots.as_slice();
        prefetch::all_of(&slots[..slots.len().min(FIELDS)]);
    }
    fetch(registry, three, Layer::Series);
    fetch(registry, one, Layer::Middle);
    fetch(registry, own, Layer::Inside);
}

/// After they were.
pub(super) fn behind(registry: &Registry) {
    let Some([one, two]) = coming(registry) else {
        return;
    };
    fetch(registry, two, Layer::Front);
    fetch(registry, one, Layer::Tables);
}

fn coming<const N: usize>(registry: &Registry) -> Option<[usize; N]> {
    if registry.series() < FEW {
        return None;
    }
    registry.spellings().coming()
}

fn group(registry: &Registry, place: usize) -> Option<&Group> {
    registry.places().get(place)?.as_ref()
}

/// Asks for a layer of all series of a group, and with their tables for the events that are open.
#[inline]
fn fetch(registry: &Registry, place: usize, layer: Layer) {
    let slots = group(registry, place).map(|group| group.slots.iter().take(FIELDS));
    for slot in slots.into_iter().flatten() {
        if let State::Modelled { series, events, .. } = &slot.state {
            series.prefetch(layer);
            if layer == Layer::Tables {
                events.prefetch();
            }
        }
    }
}

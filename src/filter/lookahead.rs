//! What the lines to come will need, asked for while those before them are at work.
//!
//! Agents send their series in the same order every time, so it is known which groups come ([`super::spellings`]).
//! What is held for a series is behind a row of pointers, from its group to the tables of its judge. Each is followed
//! when what it is kept in has come, half a line or more after it was asked for: the pipeline is six lines long. A
//! stage that is left out, because a line was refused or was one of ours, costs that group its head start.
//!
//! Promises: nothing but time depends on it ([`crate::prefetch`]). It does nothing where the lines before came in
//! another order than the time before, nor where series are so few that the cache holds them.

use crate::prefetch;
use crate::series::Series;
use crate::series::event::Events;
use crate::series::prefetch::Layer;

use super::registry::{Group, Registry, State};

/// Series from which on it is done. A cache of 2 MiB holds fewer, 7 to 10 KB each, and the 3 % that it costs would be
/// lost.
const FEW: usize = 250;
/// Series of a line that it is done for. Those of two lines, 2 KB each, come at a time: more would push each other out
/// of the fast part of the cache.
const SERIES: usize = 16;

/// Before the points of a line of group `own` are observed.
pub(super) fn before(registry: &Registry, own: usize) {
    let Some([one, _, three, four, five, six]) = coming(registry, own) else {
        return;
    };
    registry.spellings().prefetch(six, five);
    if let Some(place) = registry.places().get(five) {
        prefetch::all_of(place);
    }
    if let Some(group) = group(registry, four) {
        let slots = group.slots.as_slice();
        prefetch::all_of(&slots[..slots.len().min(SERIES)]);
    }
    modelled(registry, three).for_each(|(series, _)| prefetch::all_of(series));
    modelled(registry, one).for_each(|(series, _)| series.prefetch(Layer::Middle));
    modelled(registry, own).for_each(|(series, _)| series.prefetch(Layer::Inside));
}

/// After they were.
pub(super) fn behind(registry: &Registry, own: usize) {
    let Some([one, two]) = coming(registry, own) else {
        return;
    };
    modelled(registry, two).for_each(|(series, _)| series.prefetch(Layer::Front));
    for (series, events) in modelled(registry, one) {
        series.prefetch(Layer::Tables);
        events.prefetch();
    }
}

/// The groups that come behind `own`, where it is worth it.
fn coming<const N: usize>(registry: &Registry, own: usize) -> Option<[usize; N]> {
    if registry.series() < FEW {
        return None;
    }
    let coming = registry.spellings().coming::<N>()?;
    let is_alone = coming.first() == Some(&own);
    (!is_alone).then_some(coming)
}

fn group(registry: &Registry, place: usize) -> Option<&Group> {
    registry.places().get(place)?.as_ref()
}

/// The series of a group, with their events.
#[inline]
fn modelled(registry: &Registry, place: usize) -> impl Iterator<Item = (&Series, &Events)> {
    let slots = group(registry, place).map(|group| group.slots.iter().take(SERIES));
    slots
        .into_iter()
        .flatten()
        .filter_map(|slot| match &slot.state {
            State::Modelled { series, events, .. } => Some((&**series, events)),
            State::Off => None,
        })
}

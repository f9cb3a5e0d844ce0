//! From the bytes of a line to its series.
//!
//! Lookup is by the raw bytes before the first unescaped blank, so a known series costs one comparison where it comes
//! behind the same one as before, and one hash where it does not ([`super::spellings`]).
//! A spelling that was not seen before (tags in another order) is read, sorted and looked up again;
//! it then leads to the same group. A group is a measurement with its tag set; its slots are the
//! fields, found by position first because agents write them in the same order every time.
//!
//! Bounded: beyond `max_series` series, and some more groups without one than that, nothing is added.
//! The two are counted apart, so that what only passes takes no room from what is modelled.

use std::sync::Arc;

use crate::line::key;
use crate::output::{Names, Pace, Template, own};
use crate::series::event::Events;
use crate::series::what_if::WhatIf;
use crate::series::{Etas, Series};

use super::Options;
use super::field_keys::FieldKeys;
use super::fixed_hash;
use super::room::{self, KEY_BYTES_MAX, Room};
use super::silence::Remembered;
pub use super::slot::{Refused, Slot, State};
use super::spellings::Spellings;
use super::writable::Writable;

/// Most fields of one group that are modelled, or remembered as not to be.
const SLOTS_MAX: usize = 1024;
/// Groups without a series that are remembered beside two for each series that may be modelled.
const PASSING_GROUPS: usize = 1_000;

/// One measurement with its tag set.
#[derive(Debug)]
pub struct Group {
    /// What its records have in common.
    pub names: Names,
    /// Its fields.
    pub slots: Vec<Slot>,
    /// Records of ours that came back.
    pub is_own: bool,
    /// What silences it.
    pub(super) silences: Remembered,
    pub(super) key: Arc<[u8]>, // measurement and sorted tags, as written
    pub(super) seen_s: u64,    // time of its last line, as ticks have it
    is_modelled: bool,         // selected, and its name can be written
    hash: u64,                 // of the key
    bytes: usize,              // of room, without those of its spellings
    first: usize,              // field that is the first to give a forecast
}

/// What [`Registry::meet`] found.
#[derive(Debug, Default)]
pub struct Met {
    /// The group; `None` when there is no room for another.
    pub group: Option<usize>,
    /// A record of ours that came back.
    pub is_own: bool,
    /// A measurement that is to be modelled.
    pub is_selected: bool,
    /// The series can't be written so that every database takes it.
    pub is_unwritable: bool,
    /// What an operator should know.
    pub notes: Vec<String>,
}

/// All groups and the spellings that lead to them.
///
/// To find one costs a comparison or a hash, a field of it one more comparison; to found one a microsecond or
/// two, once. A group that is forgotten leaves its place to the next.
#[derive(Debug)]
pub struct Registry {
    spellings: Spellings,
    field_keys: FieldKeys,
    writable: Writable,
    groups: Vec<Option<Group>>,
    free: Vec<usize>,
    max_series: usize,
    room: Room,
    modelling: usize, // groups with a series; the others only pass
    series: usize,
    unwritable_fields: u64,
}

impl Registry {
    /// An empty registry for this many series.
    #[must_use]
    pub fn new(max_series: usize) -> Self {
        Self {
            spellings: Spellings::default(),
            field_keys: FieldKeys::default(),
            writable: Writable::default(),
            groups: Vec::new(),
            free: Vec::new(),
            max_series,
            room: Room::new(max_series),
            modelling: 0,
            series: 0,
            unwritable_fields: 0,
        }
    }

    /// The group that these bytes lead to, if they were met before.
    #[inline]
    #[must_use]
    pub fn find(&mut self, spelling: &[u8]) -> Option<usize> {
        self.spellings.find(spelling)
    }

    /// The ways to groups.
    pub(super) fn spellings(&self) -> &Spellings {
        &self.spellings
    }

    /// Reads a series part that was not met before and finds or founds its group.
    pub fn meet(&mut self, spelling: &[u8], options: &Options, now_s: u64) -> Met {
        let mut met = Met::default();
        let Ok(series) = key::parse(spelling) else {
            return met;
        };
        if spelling.len() > KEY_BYTES_MAX {
            met.is_unwritable = true;
            met.notes.push(format!(
                "series with names and tags above {KEY_BYTES_MAX} bytes pass through, not modelled"
            ));
            return met;
        }
        let mut canonical = Vec::with_capacity(spelling.len());
        series.write_canonical(&mut canonical);
        met.group = self.find(&canonical);
        met.is_own = is_own(&series, &options.output.names());
        met.is_selected = !met.is_own && options.select.has_measurement(series.measurement);
        let passing = self.groups.len() - self.free.len() - self.modelling;
        let bytes = room::of_group(&canonical);
        if met.group.is_none()
            && passing < 2 * self.max_series + PASSING_GROUPS
            && self.room.take(bytes + room::of_spelling(&canonical))
        {
            let mut group = found(&series, &mut self.writable, options, now_s, &mut met);
            (group.hash, group.bytes) = (hash_of(&canonical), bytes);
            group.key = canonical.as_slice().into();
            let key = Arc::clone(&group.key);
            let index = self.free.pop().unwrap_or_else(|| {
                self.groups.push(None);
                self.groups.len() - 1
            });
            self.groups[index] = Some(group);
            self.spellings.add(key, index);
            met.group = Some(index);
        }
        if let Some(group) = met.group
            && spelling != canonical
            && self.spellings.len() < 4 * self.max_series + PASSING_GROUPS
            && self.room.take(room::of_spelling(spelling))
        {
            self.spellings.add(spelling.into(), group);
        }
        met
    }

    /// A group that was found or met.
    ///
    /// # Panics
    /// When `group` is not one of this registry's; the filter only passes what it just got.
    #[must_use]
    pub fn group(&self, group: usize) -> &Group {
        match &self.groups[group] {
            Some(group) => group,
            None => unreachable!("a forgotten group has no spelling"),
        }
    }

    /// Notes that a line of the group arrived.
    pub fn touch(&mut self, group: usize, now_s: u64) {
        if let Some(group) = &mut self.groups[group] {
            group.seen_s = now_s;
        }
    }

    /// What is known of the silences of a group.
    pub(super) fn silences_mut(&mut self, group: usize) -> Option<&mut Remembered> {
        Some(&mut self.groups[group].as_mut()?.silences)
    }

    /// The names and the slot of a field. `spelling` is what the group was found by, `position` where in
    /// its line the field stood.
    ///
    /// # Errors
    /// When it is not modelled for want of room or because nobody selected it.
    pub fn slot(
        &mut self,
        group: usize,
        spelling: &[u8],
        position: usize,
        field: &[u8],
        options: &Options,
        nanos: i64,
    ) -> Result<(&Names, &mut Slot), Refused> {
        let group = self.groups[group].as_mut().ok_or(Refused::Unwanted)?;
        if !group.is_modelled {
            return Err(Refused::Unwanted);
        }
        let is_here = |slot: &Slot| *slot.key == *field;
        let at = if group.slots.get(position).is_some_and(is_here) {
            position
        } else {
            let found = group.slots.iter().position(is_here);
            found.unwrap_or(group.slots.len())
        };
        if at == group.slots.len() {
            if at >= SLOTS_MAX {
                return Err(Refused::Wide);
            }
            let bytes = room::of_slot(field);
            if self.series >= self.max_series
                || field.len() > KEY_BYTES_MAX
                || !self.room.take(bytes)
            {
                return Err(Refused::Full);
            }
            group.bytes += bytes;
            let index = options
                .policies
                .find_for(spelling, field)
                .ok_or(Refused::Unwanted)?;
            let policy = options.policies.get(index);
            let is_selected = policy.is_modelled && options.select.has_field(field);
            let (key, is_writable) = self.field_keys.get(field);
            let is_wanted = is_selected && is_writable;
            self.unwritable_fields += u64::from(is_selected && !is_wanted);
            let state = if is_wanted {
                self.modelling += usize::from(!group.slots.iter().any(Slot::is_modelled));
                self.series += 1;
                let phase = phase(group.hash, field);
                State::Modelled {
                    series: Box::new(Series::new(nanos, phase)),
                    pace: Pace::default(),
                    etas: Etas::new(policy.rules.thresholds.len()),
                    events: Events::default(),
                    what_if: WhatIf::default(),
                    hash: fixed_hash::with(group.hash, field),
                    policy: index,
                }
            } else {
                State::Off
            };
            Slot { key, state }.add_to(&mut group.slots);
        }
        Ok((&group.names, &mut group.slots[at]))
    }

    /// The position of the field that is the first to give a forecast on this line.
    pub(super) fn speaks_first(&self, group: usize) -> usize {
        self.groups[group].as_ref().map_or(0, |group| group.first)
    }

    /// The same for the next line.
    pub(super) fn let_speak_first(&mut self, group: usize, position: usize) {
        if let Some(group) = &mut self.groups[group] {
            group.first = position;
        }
    }

    /// Stops modelling a series after a fault in it.
    pub(super) fn give_up(&mut self, group: usize, field: &[u8]) {
        let Some(group) = &mut self.groups[group] else {
            return;
        };
        let is_it = |slot: &&mut Slot| *slot.key == *field && slot.is_modelled();
        if let Some(slot) = group.slots.iter_mut().find(is_it) {
            slot.state = State::Off;
            self.series -= 1;
            self.modelling -= usize::from(!group.slots.iter().any(Slot::is_modelled));
        }
    }

    /// The places of groups, some of them empty, in the order in which they were founded.
    pub(super) fn places(&self) -> &[Option<Group>] {
        &self.groups
    }

    /// The group at a place, if there is one.
    pub(super) fn group_mut(&mut self, place: usize) -> Option<&mut Group> {
        self.groups.get_mut(place)?.as_mut()
    }

    /// Series held.
    #[must_use]
    pub fn series(&self) -> usize {
        self.series
    }

    /// Fields met so far whose key can't stand as a tag value in every database.
    #[must_use]
    pub fn unwritable_fields(&self) -> u64 {
        self.unwritable_fields
    }

    /// Forgets the groups that did not arrive for `idle_s` seconds, nor for ten steps of their
    /// slowest series; how many series that were.
    pub fn forget_idle(
        &mut self,
        now_s: u64,
        idle_s: u64,
        mut farewell: impl FnMut(&Names, &mut Slot),
    ) -> usize {
        let before = self.series;
        let mut gone = vec![false; self.groups.len()];
        for (index, place) in self.groups.iter_mut().enumerate() {
            let Some(group) = place else { continue };
            let slowest = group.slots.iter().map(Slot::step_s).max().unwrap_or(0);
            if now_s.saturating_sub(group.seen_s) > idle_s.max(10 * slowest) {
                let series = group.slots.iter().filter(|slot| slot.is_modelled()).count();
                self.series -= series;
                self.modelling -= usize::from(series > 0);
                for slot in &mut group.slots {
                    farewell(&group.names, slot);
                }
                self.room.give_back(group.bytes);
                *place = None;
                gone[index] = true;
                self.free.push(index);
            }
        }
        let room = &mut self.room;
        let farewell = |spelling: &[u8]| room.give_back(room::of_spelling(spelling));
        self.spellings.forget(|group| gone[group], farewell);
        self.field_keys.forget_unused();
        self.writable.forget();
        before - self.series
    }
}

fn found(
    series: &key::Series<'_>,
    writable: &mut Writable,
    options: &Options,
    now_s: u64,
    met: &mut Met,
) -> Group {
    let (names, renamed) = Names::new(series);
    met.is_unwritable |= !writable.is_writable(&names, series, &options.output.names());
    let (is_own, is_selected) = (met.is_own, met.is_selected);
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if is_selected && met.is_unwritable {
        let measurement = shown(series.measurement);
        met.notes.push(format!(
            "series of {measurement} pass through, not modelled: a database would refuse their name or tags"
        ));
    } else if is_selected {
        for tag in renamed {
            let tag = shown(tag);
            met.notes.push(format!(
                "tag {tag} is written as source_{tag} in our records: {tag} is a column of theirs"
            ));
        }
    }
    let is_modelled = is_selected && !met.is_unwritable;
    Group {
        names,
        slots: Vec::new(),
        is_own,
        silences: Remembered::default(),
        key: Arc::default(),
        seen_s: now_s,
        is_modelled,
        hash: fixed_hash::START,
        bytes: 0,
        first: 0,
    }
}

/// The phase of a series ([`Series::new`]): its measurement and tags, sorted, and its field key.
#[must_use]
pub fn phase_of(canonical: &[u8], field: &[u8]) -> u32 {
    phase(hash_of(canonical), field)
}

fn hash_of(canonical: &[u8]) -> u64 {
    fixed_hash::with(fixed_hash::START, canonical)
}

fn phase(hash: u64, field: &[u8]) -> u32 {
    (fixed_hash::with(hash, field) >> 32) as u32
}

/// A line is ours when its measurement fits a template and it has our `field` tag, or when it is
/// about the program itself.
#[must_use]
pub fn is_own(series: &key::Series<'_>, templates: &[&Template]) -> bool {
    let fits = templates
        .iter()
        .any(|template| template.matches(series.measurement));
    let has_field = series.tags.iter().any(|(key, _)| *key == b"field");
    let name = series.measurement;
    (fits && has_field) || name == own::MEASUREMENT.as_bytes() || name == b"brewcast_silence"
}

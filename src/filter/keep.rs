//! What of the filter outlives the program, as parts of the state file, and back.
//!
//! A series whose settings are as they were goes on where it was. Where only how it is forecast has changed, its
//! judge goes on, and the forecaster begins from the values it kept. Where other values are modelled (increments,
//! another step), or its parts do not fit together, it begins anew. What is not selected any more is left out.

use crate::line::key;
use crate::output::Pace;
use crate::series::event::Events;
use crate::series::what_if::WhatIf;
use crate::series::{Etas, Rules, Series};
use crate::state::kept::{Kept, Live};
use crate::state::part::{
    FitV1, GroupV1, HeadV1, LiveGroup, LiveSlot, Part, SlotV1, bytes_of_groups,
};

use super::Filter;
use super::guard::{drop_series, guard};
use super::openings::Openings;
use super::registry::{Group, Slot, State};
use super::silence::Silences;
use super::turns::Turns;

impl Filter {
    /// What is not of a series, as it is at `now_s`, seconds since 1970: the bytes of a part. None, here and below,
    /// are a fault, and the store takes them for one.
    #[must_use]
    pub fn keep_head(&self, now_s: u64) -> Vec<u8> {
        let (silences, silences_now) = self.silences.keep();
        let head = Part::HeadV1(HeadV1 {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            written_s: now_s,
            series: self.registry.series() as u64,
            turns: self.turns.saved(),
            openings: self.openings.keep(),
            silences,
            silences_now,
        });
        head.to_bytes().unwrap_or_default()
    }

    /// Groups from the place `from` on, of about `series` series: the bytes of a part, and the place to go on from;
    /// `None` behind the last.
    #[must_use]
    pub fn keep_groups(&mut self, from: usize, series: usize) -> Option<(Vec<u8>, usize)> {
        let mut to = from;
        let mut count = 0;
        while count < series && to < self.registry.places().len() {
            count += self.catch_up(to);
            to += 1;
        }
        let places = self.registry.places().get(from..to)?.iter().flatten();
        let kept: Vec<_> = places.filter_map(|group| self.keep_group(group)).collect();
        (to > from).then(|| (bytes_of_groups(&kept).unwrap_or_default(), to))
    }

    /// Has the forecasters of a group learn what they put off; how many series it has.
    fn catch_up(&mut self, group: usize) -> usize {
        let Self {
            registry,
            tally,
            log,
            ..
        } = self;
        let mut faults = Vec::new();
        let mut count = 0;
        let slots = registry.group_mut(group).map(|group| &mut group.slots);
        for slot in slots.into_iter().flatten() {
            if let State::Modelled { series, .. } = &mut slot.state {
                count += 1;
                if guard(&mut Vec::new(), |_| series.catch_up()).is_none() {
                    faults.push(slot.key.clone());
                }
            }
        }
        for field in faults {
            drop_series(registry, group, &field, tally, log);
        }
        count
    }

    fn keep_group<'a>(&'a self, group: &'a Group) -> Option<LiveGroup<'a>> {
        let slots: Vec<LiveSlot<'_>> = group
            .slots
            .iter()
            .filter_map(|slot| self.keep_slot(slot))
            .collect();
        (!slots.is_empty()).then(|| LiveGroup {
            key: &group.key,
            idle_s: self.now_s.saturating_sub(group.seen_s),
            slots,
        })
    }

    fn keep_slot<'a>(&'a self, slot: &'a Slot) -> Option<LiveSlot<'a>> {
        let State::Modelled {
            series,
            pace,
            etas,
            events,
            what_if,
            policy,
            ..
        } = &slot.state
        else {
            return None;
        };
        let rules = &self.options.policies.get(*policy).rules;
        Some(LiveSlot {
            field: &slot.key,
            fit: FitV1::of(rules),
            series: Live(series),
            pace: Live(pace),
            etas: Live(etas),
            thresholds: &rules.thresholds,
            events: Live(events),
            what_if: Live(what_if),
        })
    }

    /// Counts a state file of so many bytes, or one that could not be written.
    pub(super) fn count_state(&mut self, bytes: Option<u64>) {
        match bytes {
            Some(bytes) => {
                self.tally.state_saves += 1;
                self.tally.state_bytes = bytes;
            }
            None => self.tally.state_failures += 1,
        }
    }

    /// Takes in a part that was kept. Call it before the first line.
    pub fn restore(&mut self, part: Part) {
        match part {
            Part::HeadV1(head) => {
                self.turns = Turns::with(head.turns);
                self.openings = Openings::restore(head.openings);
                if self.options.silence {
                    self.silences = Silences::restore((head.silences, head.silences_now));
                }
            }
            Part::GroupsV1(groups) => {
                for group in groups {
                    let series = group.slots.len() as u64;
                    if guard(&mut Vec::new(), |_| self.restore_group(group)).is_none() {
                        self.tally.panics += 1;
                        self.tally.series_not_restored += series;
                    }
                }
            }
        }
    }

    fn restore_group(&mut self, kept: GroupV1) {
        let (now_s, all) = (self.now_s, kept.slots.len() as u64);
        let Self {
            registry,
            options,
            tally,
            ..
        } = self;
        let Some(group) = registry.meet(&kept.key, options, now_s).group else {
            tally.series_not_restored += all;
            return;
        };
        registry.touch(group, now_s.saturating_sub(kept.idle_s));
        let Ok(names) = key::parse(&kept.key) else {
            return;
        };
        for (position, kept_slot) in kept.slots.into_iter().enumerate() {
            let field = kept_slot.field.clone();
            let policy = options.policies.get(options.policies.find(&names, &field));
            // What cannot be restored gets no slot here: it begins with its next point.
            let restored = Restored::of(kept_slot, &policy.rules);
            let is_back = restored.is_some_and(|restored| {
                let found = registry.slot(group, &kept.key, position, &field, options, 0);
                found.is_ok_and(|(_, slot)| restored.move_to(slot))
            });
            tally.series_restored += u64::from(is_back);
            tally.series_not_restored += u64::from(!is_back);
        }
    }
}

/// What of a slot goes on.
struct Restored {
    series: Series,
    pace: Pace,
    etas: Etas,
    events: Events,
    what_if: WhatIf,
}

impl Restored {
    /// What was kept of a slot, as far as the rules are those it was kept with.
    fn of(kept: SlotV1, rules: &Rules) -> Option<Self> {
        let fit = FitV1::of(rules);
        if kept.fit.values != fit.values {
            return None;
        }
        let mut series = Series::restore(kept.series)?;
        series.come_back();
        if kept.fit.model != fit.model {
            series.refit(rules);
        }
        let is_same = |(a, b): (&f64, &f64)| a.total_cmp(b).is_eq();
        let thresholds = &rules.thresholds;
        let are_same = kept.thresholds.len() == thresholds.len()
            && kept.thresholds.iter().zip(thresholds).all(is_same);
        let etas = if are_same {
            Etas::restore(kept.etas).filter(|etas| etas.count() == thresholds.len())?
        } else {
            Etas::new(thresholds.len())
        };
        Some(Self {
            series,
            pace: Pace::restore(kept.pace)?,
            etas,
            events: Events::restore(kept.events)?,
            what_if: WhatIf::restore(kept.what_if)?,
        })
    }

    /// Makes the slot this; whether it is one that is modelled.
    fn move_to(self, slot: &mut Slot) -> bool {
        let State::Modelled {
            series,
            pace,
            etas,
            events,
            what_if,
            ..
        } = &mut slot.state
        else {
            return false;
        };
        **series = self.series;
        (*pace, *etas) = (self.pace, self.etas);
        (*events, *what_if) = (self.events, self.what_if);
        true
    }
}

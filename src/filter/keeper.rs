//! When the state is saved: in small pieces between two blocks of input, and as a whole at the end.
//!
//! A piece is a few series: no point waits longer for them than for its own model. The pieces go to the thread that
//! writes; when that is behind, the next piece waits for it, and never the stream. So a file holds each series as
//! it was at some time of its round, which is what a start after a crash needs; the one of a clean end holds all of
//! them as they are then.

use std::io;
use std::time::{Duration, Instant};

use super::Filter;
use crate::report::Severity;
use crate::state::part::Part;
use crate::state::store::{Loaded, Store};

/// Series of a piece: two or three tenths of a millisecond, with what they have still to learn.
const PIECE: usize = 16;
/// Series of a piece at the end.
const LARGE_PIECE: usize = 512;

/// Saves the state now and then.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    every: Duration,
    due: Duration, // wall time
    round: Round,
    took: Duration, // to save it at the end
}

/// How far the present file is.
#[derive(Debug)]
enum Round {
    /// None is being made.
    Idle,
    /// Groups from this place on are missing; a piece that nobody had time for.
    Under { way: usize, left: Option<Vec<u8>> },
    /// All is there, but the thread has not heard that yet.
    Whole,
}

impl Keeper {
    /// Takes in what `store` has, and saves to it every so often from then on; `now` is the time since 1970. `None`
    /// when it is not to be overwritten, because nobody knows what it is. Call it before the first line is handled, after a tick.
    #[must_use]
    pub fn load(store: Store, every: Duration, now: Duration, filter: &mut Filter) -> Option<Self> {
        let mut unknown = 0;
        let loaded = store.load(|bytes| match Part::from_bytes(&bytes) {
            Ok(part) => filter.restore(part),
            Err(_) => unknown += 1,
        });
        let path = store.path().display().to_string();
        match loaded {
            Ok(Loaded::Nothing) => {}
            Ok(Loaded::Foreign) => {
                let text = format!(
                    "state {path}: it is not a state file of brewcast and is left alone: nothing is kept"
                );
                filter.log().say(Severity::Error, &text);
                return None;
            }
            Ok(Loaded::Parts { damaged, is_whole }) => {
                if damaged + unknown > 0 || !is_whole {
                    let end = if is_whole { "" } else { ", its end is missing" };
                    let aside = store
                        .set_aside()
                        .map_or_else(|error| error.to_string(), |to| to.display().to_string());
                    let text = format!(
                        "state {path}: {damaged} parts are damaged, {unknown} are of a shape not known here{end}: what they held begins anew; a copy is {aside}"
                    );
                    filter.log().say(Severity::Warning, &text);
                }
            }
            Err(error) => {
                let text = format!("state {path}: {error}: it is left alone, and nothing is kept");
                filter.log().say(Severity::Error, &text);
                return None;
            }
        }
        let anew = filter.tally().series_not_restored;
        if anew > 0 {
            let text = format!(
                "state {path}: {anew} series begin anew: they were made for other settings, or are not wanted any more"
            );
            filter.log().say(Severity::Warning, &text);
        }
        Some(Self {
            store,
            every,
            due: now + every,
            round: Round::Idle,
            took: Duration::ZERO,
        })
    }

    /// Does a piece of the work, if there is some. Call it between two blocks of input, and while nothing comes.
    pub fn step(&mut self, filter: &mut Filter, now: Duration) {
        while let Some(done) = self.store.done() {
            self.note(filter, done.result);
        }
        self.due = self.due.min(now + self.every); // the clock may have been set back
        match &mut self.round {
            Round::Idle => {
                if now >= self.due && self.store.begin() {
                    self.due = now + self.every;
                    let head = Some(filter.keep_head(now.as_secs()));
                    self.round = Round::Under { way: 0, left: head };
                }
            }
            Round::Under { way, left } => {
                if let Some(piece) = left.take() {
                    *left = self.store.add(piece).err();
                    return;
                }
                match filter.keep_groups(*way, PIECE) {
                    Some((part, next)) => {
                        *way = next;
                        *left = self.store.add(part).err();
                    }
                    None => self.round = Round::Whole,
                }
            }
            Round::Whole => {
                if self.store.commit() {
                    self.round = Round::Idle;
                }
            }
        }
    }

    /// How long nothing is to be done; zero while a file is being made.
    #[must_use]
    pub fn rest(&self, now: Duration) -> Duration {
        match self.round {
            Round::Idle => self.due.saturating_sub(now),
            Round::Under { .. } | Round::Whole => Duration::ZERO,
        }
    }

    /// How long the last saving took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Saves all of it as it is `now`, within `at_most`.
    pub fn finish(&mut self, filter: &mut Filter, now: Duration, at_most: Duration) {
        let begun = Instant::now();
        let deadline = begun + at_most;
        let mut from = Some(0);
        let mut head = Some(filter.keep_head(now.as_secs()));
        let all = {
            let filter = &mut *filter;
            let parts = std::iter::from_fn(|| {
                if let Some(head) = head.take() {
                    return Some(head);
                }
                let (part, next) = filter.keep_groups(from?, LARGE_PIECE)?;
                from = Some(next);
                Some(part)
            });
            self.store.save(parts, deadline)
        };
        let is_late = !self.store.is_over(&all);
        for done in all {
            self.note(filter, done.result);
        }
        if is_late {
            let why = io::Error::new(
                io::ErrorKind::TimedOut,
                "no time was left for it at the end",
            );
            self.note(filter, Err(why));
        }
        self.took = begun.elapsed();
    }

    /// Counts what became of a file, and says why one is not there.
    fn note(&self, filter: &mut Filter, result: io::Result<u64>) {
        filter.count_state(result.as_ref().ok().copied());
        if let Err(error) = result {
            let path = self.store.path().display();
            let text = format!("state {path}: {error}: the file is as it was");
            filter.log().say_sparingly(Severity::Error, &text);
        }
    }
}

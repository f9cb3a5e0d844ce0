//! What a state file knows: of every series where it stands, and what would be flagged next.
//!
//! The file is read as it is and never written; no lock is taken, so a program that uses it runs on. What is told is
//! the state of the last save. A part that cannot be read is counted, as in the program.
//!
//! [`seen`] is one series, [`text`] what a person reads of it.

pub mod seen;
pub mod text;

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::filter::Options;
use crate::state::file::{self, Read1};
use crate::state::part::{GroupV1, HeadV1, Part};

use super::backtest::history::readable;
use seen::Seen;

/// What was found in a state file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Inspection {
    /// Of this shape; as long as it is 1 nothing is renamed.
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// When, seconds since 1970; 0 when that is not known.
    pub written_s: u64,
    /// Series in it.
    pub series_kept: u64,
    /// Silences that were on or announced.
    pub silences: u64,
    /// Parts with a wrong checksum or of a shape not known here.
    pub parts_unreadable: u64,
    /// Whether its end is there.
    pub is_whole: bool,
    /// Series whose record does not fit together: they begin anew.
    pub series_broken: u64,
    /// Those that were asked for: open events first, the worst first; then by name.
    pub series: Vec<Seen>,
}

/// Reads a state file; `None` when it is none. `options` are the settings that the series would go on with, `wants`
/// says which names (`measurement,tags field`) are asked for.
///
/// # Errors
/// Those of `input`.
pub fn read(
    input: &mut impl Read,
    options: &Options,
    wants: impl Fn(&str) -> bool,
) -> io::Result<Option<Inspection>> {
    if !file::is_state(input)? {
        return Ok(None);
    }
    let mut found = Inspection {
        format: 1,
        ..Inspection::default()
    };
    loop {
        match file::read(input)? {
            Read1::Part(bytes) => match Part::from_bytes(&bytes) {
                Ok(Part::HeadV1(head)) => found.note_head(head),
                Ok(Part::GroupsV1(groups)) => {
                    for group in groups {
                        found.note_group(group, options, &wants);
                    }
                }
                Err(_) => found.parts_unreadable += 1,
            },
            Read1::Damaged => found.parts_unreadable += 1,
            end @ (Read1::End | Read1::CutOff) => {
                found.is_whole = matches!(end, Read1::End);
                break;
            }
        }
    }
    let peak = |seen: &Seen| seen.event.as_ref().map_or(0.0, |event| event.peak_score);
    found.series.sort_by(|a, b| {
        let by_name = || a.series.cmp(&b.series);
        peak(b).total_cmp(&peak(a)).then_with(by_name)
    });
    Ok(Some(found))
}

impl Inspection {
    fn note_head(&mut self, head: HeadV1) {
        self.version = head.version;
        self.written_s = head.written_s;
        self.silences = head.silences.len() as u64;
    }

    fn note_group(&mut self, group: GroupV1, options: &Options, wants: &impl Fn(&str) -> bool) {
        for slot in group.slots {
            self.series_kept += 1;
            let name = readable(&[&group.key[..], b" ", &slot.field].concat());
            if !wants(&name) {
                continue;
            }
            // What no checksum can see may break a series. It is one of many.
            let look = || Seen::of(name, &group.key, group.idle_s, slot, options);
            match catch_unwind(AssertUnwindSafe(look)) {
                Ok(Some(seen)) => self.series.push(seen),
                Ok(None) | Err(_) => self.series_broken += 1,
            }
        }
    }
}

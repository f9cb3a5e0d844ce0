//! The filter: bytes in, the same bytes and our records out.
//!
//! [`Filter`] is the whole program without its pipes: it is fed blocks of bytes and appends to a
//! buffer. It has no clock and does no I/O; the same bytes and options give the same output. [`run()`]
//! is the loop around it.
//!
//! [`lines`] has what becomes of one line, [`outlook`] what is said of the future of a series, [`events`]
//! what of its anomalies, [`registry`] how series are found, [`policy`] how each is treated,
//! [`silence`] what is not to be judged for a while, [`turns`] whose model may start, [`mod@guard`] what
//! becomes of a panic, [`cap`] and [`room`] two of the limits; [`keep`] and [`keeper`] have what outlives the program.

mod cap;
mod events;
mod field_keys;
mod fixed_hash;
mod guard;
mod keep;
pub mod keeper;
mod lines;
mod lookahead;
mod openings;
mod outlook;
mod overlong;
pub mod policy;
mod refuse;
pub mod registry;
mod room;
pub mod run;
pub mod select;
mod silence;
mod slot;
mod spellings;
mod tally;
mod turns;
mod writable;

use crate::line::fields::Field;
use crate::line::frame::{Frame, Framer};
use crate::output::{self, own};
use crate::report::{Log, Severity};
use crate::series::Ahead;
use crate::series::event::Why;

use events::Others;
use guard::{drop_series, guard};
use openings::Openings;
pub use policy::{Policies, Policy};
use registry::{Registry, State};
pub use run::run;
pub use select::Select;
use silence::Silences;
pub use tally::Tally;
use turns::Turns;

/// Bounds on what the filter holds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Series that are modelled; more pass through.
    pub max_series: usize,
    /// A series that did not arrive for so many seconds is forgotten.
    pub idle_s: u64,
    /// Longest line that is modelled; longer ones are passed through in pieces.
    pub line_bytes: usize,
}

/// Everything the filter has to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which series are modelled.
    pub select: Select,
    /// Whether lines that silence series are heeded.
    pub silence: bool,
    /// How they are modelled, and what is written about them.
    pub policies: Policies,
    /// What is written about all of them.
    pub output: output::Options,
    /// Bounds.
    pub limits: Limits,
    /// What is wrong with the settings; if anything is, everything passes through unmodelled.
    pub faults: Vec<String>,
    /// Whether every series gets one more forecast when the input ends.
    pub final_forecast: bool,
    /// Tag of the `brewcast` record.
    pub instance: String,
    /// What is logged.
    pub severity: Severity,
}

/// The filter; see the header of the file.
#[derive(Debug)]
pub struct Filter {
    options: Options,
    framer: Framer,
    registry: Registry,
    tally: Tally,
    openings: Openings, // of events
    silences: Silences,
    turns: Turns, // of models that start
    log: Log,
    now_s: u64,         // the time as last told, for forgetting idle series
    fields: Vec<Field>, // scratch
    ahead: Vec<Ahead>,  // scratch
}

impl Filter {
    /// A filter that has seen nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let mut log = Log::new(options.severity);
        options
            .faults
            .iter()
            .for_each(|fault| log.say(Severity::Error, fault));
        Self {
            framer: Framer::new(options.limits.line_bytes),
            registry: Registry::new(options.limits.max_series),
            tally: Tally::default(),
            openings: Openings::default(),
            silences: Silences::default(),
            turns: Turns::default(),
            log,
            now_s: 0,
            fields: Vec::new(),
            ahead: Vec::new(),
            options,
        }
    }

    /// Room for the next block of input, never empty.
    pub fn room(&mut self) -> &mut [u8] {
        self.framer.room()
    }

    /// Tells that the first `read` bytes of the room have been filled.
    pub fn fill(&mut self, read: usize) {
        self.framer.fill(read);
    }

    /// Handles one line of what was filled in; false when there is none left.
    ///
    /// `ended`: no more input will come, so what is left counts as a line.
    pub fn advance(&mut self, ended: bool, out: &mut Vec<u8>) -> bool {
        match self.framer.next_frame(ended) {
            None => return false,
            Some(Frame::Record(record)) => self.take_record(&record, out),
            Some(Frame::Overlong(record)) => self.take_overlong(&record),
            Some(Frame::Piece { bytes, last }) => {
                if self.options.output.passthrough {
                    out.extend_from_slice(self.framer.bytes(bytes));
                    if last && !out.ends_with(b"\n") {
                        out.push(b'\n');
                    }
                }
            }
        }
        true
    }

    /// Says what is left to say when the input has ended. `goes_on`: what is open now will be open when the
    /// program is started again.
    pub fn finish(&mut self, goes_on: bool, out: &mut Vec<u8>) {
        self.log.relax();
        let Self {
            options,
            registry,
            tally,
            openings,
            ahead,
            log,
            ..
        } = self;
        let series = registry.series();
        let mut others = Others { openings, series };
        let mut faults = Vec::new();
        for place in 0..registry.places().len() {
            let Some(group) = registry.group_mut(place) else {
                continue;
            };
            for slot in &mut group.slots {
                let State::Modelled { series, .. } = &slot.state else {
                    continue;
                };
                let (nanos, names, why) = (series.last_time(), &group.names, Why::Stopped);
                let done = guard(out, |out| {
                    if !goes_on {
                        events::close(nanos, why, names, slot, options, tally, &mut others, out);
                    }
                    if options.final_forecast {
                        outlook::write(nanos, None, true, names, slot, options, tally, ahead, out);
                    }
                });
                if done.is_none() {
                    faults.push((place, slot.key.clone()));
                }
            }
        }
        for (place, field) in faults {
            drop_series(registry, place, &field, tally, log);
        }
    }

    /// Tells the time in seconds, counted only while lines could arrive ([`run::Awake`]). Call it now and
    /// then, at least once a minute.
    pub fn tick(&mut self, now_s: u64, out: &mut Vec<u8>) {
        if now_s / 60 != self.now_s / 60 {
            self.log.relax();
            self.forget_idle(now_s, out);
        }
        if self.now_s > 0 && now_s / 600 != self.now_s / 600 {
            self.options
                .faults
                .iter()
                .for_each(|fault| self.log.say(Severity::Error, fault));
        }
        self.now_s = now_s;
    }

    /// Forgets the series that have not come for long; what is open about them is closed.
    fn forget_idle(&mut self, now_s: u64, out: &mut Vec<u8>) {
        let Self {
            options,
            registry,
            tally,
            openings,
            ..
        } = self;
        let series = registry.series();
        let mut others = Others { openings, series };
        let idle_s = options.limits.idle_s;
        let forgotten = registry.forget_idle(now_s, idle_s, |names, slot| {
            if let State::Modelled { series, .. } = &slot.state {
                let (nanos, why) = (series.last_time(), Why::Forgotten);
                let done = guard(out, |out| {
                    events::close(nanos, why, names, slot, options, tally, &mut others, out);
                });
                tally.panics += u64::from(done.is_none());
            }
        });
        tally.series_forgotten += forgotten as u64;
    }

    /// Writes the `brewcast` record.
    pub fn write_own_record(&mut self, nanos: i64, out: &mut Vec<u8>) {
        let Options {
            instance,
            faults,
            output,
            ..
        } = &self.options;
        self.tally.series = self.registry.series() as u64;
        self.tally.fields_unwritable = self.registry.unwritable_fields();
        self.tally.starts_deferred = self.turns.waited();
        let expected = self.tally.flags_expected;
        own::write(
            out,
            instance,
            &self.tally.counters(),
            expected,
            faults.is_empty(),
            nanos,
            output.precision,
        );
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The lines for stderr that have collected.
    pub fn log(&mut self) -> &mut Log {
        &mut self.log
    }
}

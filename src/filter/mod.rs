//! The filter: bytes in, the same bytes and our records out.
//!
//! [`Filter`] is the whole program without its pipes: it is fed blocks of bytes and appends to a
//! buffer. It has no clock and does no I/O; the same bytes and options give the same output. [`run()`]
//! is the loop around it.
//!
//! One line goes this way: framed, read, written out again as it came, and then every number in it
//! is observed by its series, which may say something about it. A line that cannot be read costs a
//! warning and nothing else; a panic inside a series costs that series and nothing else.

pub mod registry;
pub mod run;
pub mod select;
mod tally;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::line::fields::{self, Field};
use crate::line::frame::{Frame, Framer, Record};
use crate::line::number::Value;
use crate::line::{Rejected, key, trim};
use crate::output::{self, anomaly, forecast, own};
use crate::report::{Log, Severity};
use crate::series::{Ahead, Rules, Step};

use registry::{Met, Registry, Slot, State};
pub use run::run;
pub use select::Select;
pub use tally::Tally;

/// Points whose timestamps are looked at for another unit than the one they are read in.
const LOOK_AT_UNIT: u64 = 1_000;

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
    /// How they are modelled.
    pub rules: Rules,
    /// What is written.
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
    log: Log,
    now_s: u64,         // wall time as last told, for forgetting idle series
    fields: Vec<Field>, // scratch
    ahead: Vec<Ahead>,  // scratch
    window: Vec<f64>,   // scratch
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
            log,
            now_s: 0,
            fields: Vec::new(),
            ahead: Vec::new(),
            window: Vec::new(),
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

    /// Says what is left to say when the input has ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.log.relax();
        if !(self.options.final_forecast && self.options.output.forecasts) {
            return;
        }
        let Self {
            options,
            registry,
            tally,
            ahead,
            ..
        } = self;
        for group in registry.groups_mut() {
            for slot in &mut group.slots {
                if let State::Modelled { series, .. } = &mut slot.state {
                    series.issue(&options.rules, 0, ahead);
                    let issued = series.last_time();
                    tally.forecasts += forecast::write(
                        out,
                        &options.output,
                        &group.names,
                        &slot.key,
                        issued,
                        ahead,
                    ) as u64;
                }
            }
        }
    }

    /// Tells the wall time. Call it now and then, at least once a minute.
    pub fn tick(&mut self, now_s: u64) {
        if now_s / 60 != self.now_s / 60 {
            self.log.relax();
            let forgotten = self.registry.forget_idle(now_s, self.options.limits.idle_s);
            self.tally.series_forgotten += forgotten as u64;
        }
        if self.now_s > 0 && now_s / 600 != self.now_s / 600 {
            self.options
                .faults
                .iter()
                .for_each(|fault| self.log.say(Severity::Error, fault));
        }
        self.now_s = now_s;
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

    fn take_record(&mut self, record: &Record, out: &mut Vec<u8>) {
        let content = self.framer.bytes(record.content.clone());
        let line = trim(content);
        if line.is_empty() || line[0] == b'#' {
            if self.options.output.passthrough {
                self.pass(record, out);
            }
            return;
        }
        let parsed = match read(line, &mut self.registry, &mut self.fields) {
            Ok(parsed) => parsed,
            Err(why) => {
                self.reject(record, why);
                return;
            }
        };
        self.tally.lines += 1;
        let met = match parsed.group {
            Some(group) => Met {
                group: Some(group),
                is_own: self.registry.group(group).is_own,
                ..Met::default()
            },
            None => self.meet(record, parsed.series_end),
        };
        let is_own = met.is_own;
        self.tally.lines_own += u64::from(is_own);
        if self.options.output.passthrough || is_own {
            self.pass(record, out);
        }
        if is_own || !self.options.faults.is_empty() {
            return;
        }
        match met.group {
            Some(group) => self.observe_line(record, group, parsed.time, out),
            None => self.count_only(met.is_selected, parsed.time),
        }
    }

    /// The numbers of a line for whose series there is no room.
    fn count_only(&mut self, is_selected: bool, time: Option<i64>) {
        let is_number = |field: &&Field| matches!(field.value, Value::Number(_));
        let points = self.fields.iter().filter(is_number).count() as u64;
        self.tally.points += points;
        if time.is_none() {
            self.tally.points_untimed += points;
            return;
        }
        self.tally.points_unmodelled += points;
        if is_selected && points > 0 {
            warn_of_limit(&self.options.limits, &mut self.log);
        }
    }

    fn pass(&self, record: &Record, out: &mut Vec<u8>) {
        out.extend_from_slice(self.framer.bytes(record.content.start..record.next));
        if record.next == record.content.end {
            out.push(b'\n');
        }
    }

    fn reject(&mut self, record: &Record, why: Rejected) {
        let given_up = self.framer.reject(record);
        self.tally.lines_rejected += 1;
        self.log
            .reject(given_up.line, &why, self.framer.bytes(given_up.content));
    }

    /// A line beyond the limit: streamed through if its beginning is line protocol.
    fn take_overlong(&mut self, record: &Record) {
        let content = self.framer.bytes(record.content.clone());
        if is_stray_quote(content) || !begins_a_line(content, &mut self.fields) {
            self.reject(record, Rejected::OpenString);
            return;
        }
        self.tally.lines += 1;
        self.tally.lines_overlong += 1;
        let text = format!(
            "line {} is longer than limits.line_bytes: passed through, not modelled",
            record.line
        );
        self.log.say_once(Severity::Warning, &text);
        self.framer.stream_through();
    }

    /// A series part that was not seen before.
    fn meet(&mut self, record: &Record, series_end: usize) -> Met {
        let line = trim(self.framer.bytes(record.content.clone()));
        let mut met = self
            .registry
            .meet(&line[..series_end], &self.options, self.now_s);
        for text in met.notes.drain(..) {
            self.log.say_once(Severity::Warning, &text);
        }
        self.tally.keys_unwritable += u64::from(met.is_unwritable);
        met
    }

    /// Lets every number of the line that was just read be observed by its series.
    fn observe_line(
        &mut self,
        record: &Record,
        group: usize,
        time: Option<i64>,
        out: &mut Vec<u8>,
    ) {
        let Self {
            options,
            framer,
            registry,
            tally,
            log,
            fields,
            ahead,
            window,
            now_s,
        } = self;
        let line = trim(framer.bytes(record.content.clone()));
        registry.touch(group, *now_s);
        for (position, field) in fields.iter().enumerate() {
            let Value::Number(value) = field.value else {
                continue;
            };
            tally.points += 1;
            let Some(time) = time else {
                tally.points_untimed += 1;
                continue;
            };
            let nanos = options.output.precision.to_nanos(time);
            let key = &line[field.key.clone()];
            let Some((names, slot)) = registry.slot(group, position, key, &options.select, nanos)
            else {
                tally.points_unmodelled += 1;
                if registry.is_full() {
                    warn_of_limit(&options.limits, log);
                }
                continue;
            };
            if tally.points < LOOK_AT_UNIT
                && let Some(doubt) = options.output.precision.doubt(time)
            {
                log.say_once(Severity::Warning, &doubt);
            }
            let point = (nanos, value);
            let worked = catch_unwind(AssertUnwindSafe(|| {
                observe(point, names, slot, options, tally, ahead, window, out);
            }));
            if worked.is_err() {
                slot.state = State::Off;
                tally.panics += 1;
                log.say(
                    Severity::Error,
                    "a series was dropped after a fault inside brewcast; its metrics pass through",
                );
            }
        }
    }
}

/// What [`read`] found.
struct Parsed {
    group: Option<usize>, // None: a series part that was not seen before, but is well-formed
    series_end: usize,
    time: Option<i64>,
}

fn read(line: &[u8], registry: &mut Registry, into: &mut Vec<Field>) -> Result<Parsed, Rejected> {
    let series_end = key::series_end(line).ok_or(Rejected::NoFields)?;
    let group = registry.find(&line[..series_end]);
    if group.is_none() {
        key::parse(&line[..series_end])?;
    }
    let tail = fields::parse(line, series_end, into)?;
    Ok(Parsed {
        group,
        series_end,
        time: tail.time.map(|(time, _)| time),
    })
}

/// Observes one number and writes what there is to say.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a filter, borrowed apart"
)]
fn observe(
    (nanos, value): (i64, f64),
    names: &output::Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    ahead: &mut Vec<Ahead>,
    window: &mut Vec<f64>,
    out: &mut Vec<u8>,
) {
    let State::Modelled {
        series,
        pace,
        stagger,
    } = &mut slot.state
    else {
        tally.points_unmodelled += 1;
        return;
    };
    let step = series.observe(nanos, value, &options.rules, window);
    tally.count(&step);
    let Step::Judged { verdict, .. } = step else {
        return;
    };
    let writes = &options.output;
    if pace.wants(writes.verdicts, nanos, verdict.is_anomaly()) {
        let written = anomaly::write(
            out,
            writes,
            names,
            &slot.key,
            nanos,
            &verdict,
            series.cadence(),
        );
        tally.verdicts += u64::from(written);
    }
    if writes.forecasts && series.issue_is_due() {
        series.issue(&options.rules, *stagger, ahead);
        tally.forecasts += forecast::write(out, writes, names, &slot.key, nanos, ahead) as u64;
    }
}

/// Whether the beginning of a record beyond the limit is line protocol as far as it goes.
fn begins_a_line(content: &[u8], into: &mut Vec<Field>) -> bool {
    let line = trim(content);
    let Some(end) = key::series_end(line) else {
        return false;
    };
    if key::parse(&line[..end]).is_err() {
        return false;
    }
    // Wherever it was cut: one of these makes a line of it, or its head up to the last comma is one.
    let completions: [&[u8]; 5] = [b"", b"\"", b"\"\"", b"0", b"k=0"];
    let head = memchr::memrchr(b',', &line[end..]).map(|comma| &line[..end + comma]);
    let mut whole = |line: &[u8]| fields::parse(line, end, into).is_ok();
    completions.iter().any(|rest| whole(&[line, rest].concat())) || head.is_some_and(whole)
}

/// Whether a record joined across newlines looks like lines of which the first has an open quote:
/// its second physical line is a line by itself.
fn is_stray_quote(content: &[u8]) -> bool {
    let mut lines = content.split(|&byte| byte == b'\n').skip(1);
    let second = lines.next().map(trim);
    let is_line = |line: &[u8]| {
        let end = key::series_end(line).filter(|&end| key::parse(&line[..end]).is_ok());
        end.is_some_and(|end| fields::parse(line, end, &mut Vec::new()).is_ok())
    };
    lines.next().is_some() && second.is_some_and(is_line)
}

fn warn_of_limit(limits: &Limits, log: &mut Log) {
    let max = limits.max_series;
    log.say_once(
        Severity::Warning,
        &format!("limits.max_series = {max} is reached: new series pass through, not modelled"),
    );
}

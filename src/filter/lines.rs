//! What becomes of one line.
//!
//! Read, written out again as it came, and then every number in it is observed by its series. A line
//! that cannot be read costs a warning and nothing else; a panic inside a series costs that series
//! and nothing else: the line has left before, and what was half written is taken back.

use crate::line::fields::{self, Field};
use crate::line::frame::Record;
use crate::line::number::Value;
use crate::line::{Rejected, key, trim};
use crate::output::{self, anomaly};
use crate::report::Severity;
use crate::series::event::Why;
use crate::series::{Ahead, Ignored, Silence, Step};

use super::cap::Cap;
use super::events::{self, Others};
use super::guard::{drop_series, guard};
use super::refuse::{refuse, refuse_unkept, warn_of_limit};
use super::registry::{Met, Registry, Slot, State};
use super::silence::{self, Request};
use super::{Filter, Options, Tally, Turns, lookahead, outlook};

/// Points whose timestamps are looked at for another unit than the one they are read in.
const LOOK_AT_UNIT: u64 = 1_000;

impl Filter {
    pub(super) fn take_record(&mut self, record: &Record, out: &mut Vec<u8>) {
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
        if !self.options.faults.is_empty() {
            return;
        }
        if is_own {
            self.heed(record, &parsed);
            return;
        }
        match met.group {
            Some(group) => self.observe_line(record, group, &parsed, out),
            None => self.count_only(met.is_selected, &parsed),
        }
    }

    /// The numbers of a line for whose series there is no room.
    fn count_only(&mut self, is_selected: bool, parsed: &Parsed) {
        let is_number = |field: &&Field| matches!(field.value, Value::Number(_));
        let points = self.fields.iter().filter(is_number).count() as u64 + parsed.unkept;
        self.tally.points += points;
        if parsed.time.is_none() {
            self.tally.points_untimed += points;
            return;
        }
        self.tally.points_unmodelled += points;
        if is_selected && points > 0 {
            self.tally.points_refused += points;
            warn_of_limit(&self.options.limits, &mut self.log);
        }
    }

    fn pass(&self, record: &Record, out: &mut Vec<u8>) {
        out.extend_from_slice(self.framer.bytes(record.content.start..record.next));
        if record.next == record.content.end {
            out.push(b'\n');
        }
    }

    pub(super) fn reject(&mut self, record: &Record, why: Rejected) {
        let given_up = self.framer.reject(record);
        self.tally.lines_rejected += 1;
        self.log
            .reject(given_up.line, &why, self.framer.bytes(given_up.content));
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

    /// A line of ours: it may ask for a silence.
    fn heed(&mut self, record: &Record, parsed: &Parsed) {
        let line = trim(self.framer.bytes(record.content.clone()));
        if !line.starts_with(silence::MEASUREMENT) {
            return;
        }
        let series = match key::parse(&line[..parsed.series_end]) {
            Ok(series) if series.measurement == silence::MEASUREMENT => series,
            _ => return,
        };
        if !self.options.silence {
            let text =
                "a brewcast_silence line passes through and is not heeded: select.silence = false";
            self.log.say_once(Severity::Info, text);
            return;
        }
        let precision = self.options.output.precision;
        let nanos = parsed.time.map(|time| precision.to_nanos(time));
        let request = Request::read(line, &series, &self.fields, nanos);
        match request.and_then(|request| self.silences.take(request)) {
            Ok(()) => self.tally.silences += 1,
            Err(why) => {
                self.tally.silences_refused += 1;
                let text = format!("line {} silences nothing: {why}", record.line);
                self.log.say_sparingly(Severity::Warning, &text);
            }
        }
    }

    /// Lets every number of the line that was just read be observed by its series.
    fn observe_line(&mut self, record: &Record, group: usize, parsed: &Parsed, out: &mut Vec<u8>) {
        let Self {
            options,
            framer,
            registry,
            tally,
            log,
            fields,
            ahead,
            now_s,
            openings,
            silences,
            turns,
        } = self;
        let line = trim(framer.bytes(record.content.clone()));
        let spelling = &line[..parsed.series_end];
        lookahead::before(registry, group);
        registry.touch(group, *now_s);
        let to_nanos = |time| options.output.precision.to_nanos(time);
        let nanos = parsed.time.map(to_nanos);
        let silence = nanos
            .filter(|_| !silences.is_empty())
            .and_then(|nanos| silences.over(spelling, registry.silences_mut(group)?, nanos));
        let series = registry.series();
        let mut others = Others { openings, series };
        let mut cap = Cap::new(tally, registry.speaks_first(group));
        refuse_unkept(parsed.unkept, parsed.time.is_some(), options, tally, log);
        for (position, field) in fields.iter().enumerate() {
            let Value::Number(value) = field.value else {
                continue;
            };
            tally.points += 1;
            let Some(time) = parsed.time else {
                tally.points_untimed += 1;
                continue;
            };
            let nanos = to_nanos(time);
            let key = &line[field.key.clone()];
            let (names, slot) = match registry.slot(group, spelling, position, key, options, nanos)
            {
                Ok(found) => found,
                Err(why) => {
                    refuse(1, why, options, tally, log);
                    continue;
                }
            };
            if tally.points < LOOK_AT_UNIT
                && let Some(doubt) = options.output.precision.doubt(time)
            {
                log.say_once(Severity::Warning, &doubt);
            }
            turns.pay();
            let is_room = cap.is_room(tally, position);
            let point = (nanos, value, silence, is_room, &mut *turns);
            let observed = guard(out, |out| {
                observe(point, names, slot, options, tally, &mut others, ahead, out);
            });
            if observed.is_none() {
                drop_series(registry, group, key, tally, log);
            }
        }
        registry.let_speak_first(group, cap.next());
        lookahead::behind(registry, group);
    }
}

/// What [`read`] found.
struct Parsed {
    group: Option<usize>, // None: a series part that was not seen before, but is well-formed
    series_end: usize,
    time: Option<i64>,
    unkept: u64, // numbers behind so many fields that they are only counted
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
        unkept: tail.unkept,
    })
}

/// Observes one number and writes what there is to say.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a filter, borrowed apart"
)]
fn observe(
    (nanos, value, silence, is_room, turns): (i64, f64, Option<Silence>, bool, &mut Turns),
    names: &output::Names,
    slot: &mut Slot,
    options: &Options,
    tally: &mut Tally,
    others: &mut Others,
    ahead: &mut Vec<Ahead>,
    out: &mut Vec<u8>,
) {
    let State::Modelled {
        series,
        pace,
        events: open,
        policy,
        what_if,
        ..
    } = &mut slot.state
    else {
        tally.points_unmodelled += 1;
        return;
    };
    let policy = options.policies.get(*policy);
    let step = series.observe_under(silence, || turns.may_start(), nanos, value, &policy.rules);
    tally.count(&step);
    let (verdict, adopted) = match step {
        Step::Judged {
            verdict, adopted, ..
        } => (verdict, adopted),
        Step::Ignored(why) => {
            let over = match why {
                _ if series.is_warming() => Some(Why::Restarted),
                Ignored::Silenced => Some(Why::Silenced),
                _ => None,
            };
            if let Some(over) = over {
                events::close(nanos, over, names, slot, options, tally, others, out);
            }
            outlook::withdraw(nanos, names, slot, options, tally, out);
            if (why, silence) == (Ignored::Silenced, Some(Silence::Learning)) && is_room {
                outlook::go_on(nanos, names, slot, options, tally, ahead, out);
            }
            return;
        }
    };
    let change = open.observe(nanos, &verdict, adopted);
    let told = change.as_ref().map(|(change, _)| *change);
    tally.count_openings(what_if.observe(&verdict, told, series.cadence()));
    let writes = &options.output;
    if pace.wants(policy.verdicts, nanos, verdict.is_anomaly()) {
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
    if let Some(change) = change {
        events::write(nanos, &change, names, slot, options, tally, others, out);
    }
    let y = Some(verdict.y);
    outlook::write(nanos, y, is_room, names, slot, options, tally, ahead, out);
}

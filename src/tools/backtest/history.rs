//! The points of recordings, sorted by series.
//!
//! What is taken and what is left out is as in the filter: selected fields of selected measurements,
//! numbers only, with a timestamp, no records of our own. Within a file points keep their order, late
//! ones included. Of several files with the same series the one that begins earlier comes first, whatever
//! the order in which they were read.
//!
//! Everything is kept in memory, 16 bytes a point, up to [`POINTS_MAX`] points.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::{self, Read};

use serde::Serialize;

use crate::filter::Options;
use crate::filter::registry::{is_own, phase_of};
use crate::line::fields::{self, Field};
use crate::line::number::Value;
use crate::line::{key, trim};
use crate::records::{Item, Records};
use crate::report::Rejects;

use super::Pick;
use super::labels::Known;

/// Points that are kept; those beyond it are left out. 1.6 GB.
pub const POINTS_MAX: u64 = 100_000_000;
/// Points whose timestamps are looked at for another unit than the one they are read in.
const LOOK_AT_UNIT: u64 = 1_000;

/// A time in ns and a value.
pub type Point = (i64, f64);

/// One series: a field of a measurement with its tags.
#[derive(Debug)]
pub struct Track {
    /// `measurement,tags field`, readable: what is no text is replaced.
    pub name: String,
    /// The phase of its series, as in the filter.
    pub phase: u32,
    /// How it is treated.
    pub policy: u16,
    /// What is known to have been wrong with it; none: nothing is known.
    pub known: Option<Known>,
    parts: Vec<(u64, Vec<Point>)>, // by file
}

impl Track {
    /// Its points, in the order of the files and within each as they came.
    #[must_use]
    pub fn points(mut self) -> Vec<Point> {
        if self.parts.len() == 1 {
            return self.parts.remove(0).1;
        }
        self.parts.sort_by(|(_, a), (_, b)| order(a, b));
        self.parts.into_iter().flat_map(|(_, part)| part).collect()
    }

    /// How many points it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.len()).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
impl Track {
    /// One of this name.
    pub(super) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            phase: 0,
            policy: 0,
            known: None,
            parts: Vec::new(),
        }
    }
}

/// By the first point that differs.
fn order(a: &[Point], b: &[Point]) -> Ordering {
    let pairs = a.iter().zip(b);
    let differs = pairs
        .map(|(a, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .find(|order| order.is_ne());
    differs.unwrap_or(a.len().cmp(&b.len()))
}

/// What was read and what was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Files read to their end.
    pub files: u64,
    /// Lines taken; comments and blank lines are none.
    pub lines: u64,
    /// Lines that are no line protocol, or too long.
    pub lines_rejected: u64,
    /// Records of ours.
    pub lines_own: u64,
    /// Numbers taken.
    pub points: u64,
    /// Numbers left out for want of a timestamp.
    pub points_untimed: u64,
    /// Numbers of series that are not selected, or that there was no room for.
    pub points_left_out: u64,
}

/// Collects points.
#[derive(Debug)]
pub struct History<'a> {
    options: &'a Options,
    pick: Pick,
    points_max: u64,
    places: HashMap<Vec<u8>, Option<usize>>, // canonical series, blank, field; None: not picked
    tracks: Vec<Track>,
    counts: Counts,
    noted: Vec<String>,
}

impl<'a> History<'a> {
    /// Nothing yet. `options` say what is selected, `pick` what of that is wanted.
    #[must_use]
    pub fn new(options: &'a Options, pick: Pick) -> Self {
        Self {
            options,
            pick,
            points_max: POINTS_MAX,
            places: HashMap::new(),
            tracks: Vec::new(),
            counts: Counts::default(),
            noted: Vec::new(),
        }
    }

    /// Reads a file to its end. `say` is told what is wrong with it, ten lines of it at most.
    ///
    /// # Errors
    /// Those of the reader; what came before them has been taken.
    pub fn read(&mut self, reader: impl Read, say: &mut dyn FnMut(&str)) -> io::Result<()> {
        let mut records = Records::new(reader);
        let mut rejects = Rejects::default();
        let mut fields = Vec::new();
        while records.read()? {
            while let Some(item) = records.next_item() {
                let (line, why, bytes) = match item {
                    Item::Record { bytes, .. } => {
                        self.take(bytes, &mut fields, say);
                        continue;
                    }
                    Item::Piece(_) => continue,
                    Item::Bad {
                        bytes,
                        reason,
                        line,
                    } => (line, reason.to_string(), bytes),
                    Item::Overlong { bytes, line } => (line, "longer than 16 MiB".into(), bytes),
                };
                self.counts.lines_rejected += 1;
                if let Some(text) = rejects.describe(line, &why, bytes) {
                    say(&text);
                }
            }
        }
        if let Some(text) = rejects.sum_up() {
            say(&text);
        }
        self.counts.files += 1;
        Ok(())
    }

    /// The series, those with the most points first, and what was counted.
    #[must_use]
    pub fn finish(self) -> (Vec<Track>, Counts) {
        let mut tracks = self.tracks;
        tracks.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.name.cmp(&b.name)));
        (tracks, self.counts)
    }

    /// Takes the numbers of a record.
    fn take(&mut self, bytes: &[u8], fields: &mut Vec<Field>, say: &mut dyn FnMut(&str)) {
        let record = trim(bytes.strip_suffix(b"\n").unwrap_or(bytes));
        if record.is_empty() || record[0] == b'#' {
            return;
        }
        let Some(end) = key::series_end(record) else {
            return; // the reader has seen to it
        };
        let (Ok(series), Ok(tail)) = (
            key::parse(&record[..end]),
            fields::parse(record, end, fields),
        ) else {
            return;
        };
        self.counts.lines += 1;
        let templates = self.options.output.names();
        if is_own(&series, &templates) {
            self.counts.lines_own += 1;
            return;
        }
        let is_selected = self.options.select.has_measurement(series.measurement);
        let mut canonical = Vec::with_capacity(record.len());
        series.write_canonical(&mut canonical);
        for field in fields.iter() {
            let Value::Number(value) = field.value else {
                continue;
            };
            let Some((time, _)) = tail.time else {
                self.counts.points_untimed += 1;
                continue;
            };
            if self.counts.points < LOOK_AT_UNIT
                && let Some(doubt) = self.options.output.precision.doubt(time)
            {
                self.note(&doubt, say);
            }
            let time = self.options.output.precision.to_nanos(time);
            let key = &record[field.key.clone()];
            let place = is_selected
                .then(|| self.place(&series, &canonical, key, say))
                .flatten();
            self.add(place, (time, value), say);
        }
    }

    fn add(&mut self, place: Option<usize>, point: Point, say: &mut dyn FnMut(&str)) {
        let has_room = self.counts.points < self.points_max;
        if place.is_some() && !has_room {
            let text = format!("only the first {} points are read", self.points_max);
            self.note(&text, say);
        }
        let Some(place) = place.filter(|_| has_room) else {
            self.counts.points_left_out += 1;
            return;
        };
        self.counts.points += 1;
        let parts = &mut self.tracks[place].parts;
        match parts.last_mut() {
            Some((file, part)) if *file == self.counts.files => part.push(point),
            _ => parts.push((self.counts.files, vec![point])),
        }
    }

    /// Where the points of a series are kept; none when it is not picked or there is no room.
    fn place(
        &mut self,
        series: &key::Series<'_>,
        canonical: &[u8],
        field: &[u8],
        say: &mut dyn FnMut(&str),
    ) -> Option<usize> {
        let whole = [canonical, b" ", field].concat();
        if let Some(&place) = self.places.get(&whole) {
            return place;
        }
        let max_series = self.options.limits.max_series;
        let name = readable(&whole);
        let policies = &self.options.policies;
        let policy = policies.find(series, field);
        let is_modelled = policies.get(policy).is_modelled && self.options.select.has_field(field);
        let is_picked = is_modelled && self.pick.has(&name);
        if is_picked && self.tracks.len() >= max_series {
            self.note(
                &format!("limits.max_series = {max_series} is reached: new series are left out"),
                say,
            );
            return None;
        }
        let place = is_picked.then(|| {
            self.tracks.push(Track {
                name,
                phase: phase_of(canonical, field),
                policy,
                known: None,
                parts: Vec::new(),
            });
            self.tracks.len() - 1
        });
        self.places.insert(whole, place);
        place
    }

    fn note(&mut self, text: &str, say: &mut dyn FnMut(&str)) {
        if !self.noted.iter().any(|noted| noted == text) {
            self.noted.push(text.to_owned());
            say(text);
        }
    }
}

pub(in crate::tools) fn readable(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::precision::Precision;

    fn options(settings: &str) -> Options {
        let settings = config::load(Some(("test", settings)), &[]);
        assert_eq!(settings.faults, []);
        settings.options("test", Precision::Ns, false)
    }

    type Named = (String, Vec<Point>);

    fn read(options: &Options, files: &[&str]) -> (Vec<Named>, Counts, Vec<String>) {
        let mut history = History::new(options, Pick::default());
        let mut said = Vec::new();
        for file in files {
            let mut say = |text: &str| said.push(text.to_owned());
            history.read(file.as_bytes(), &mut say).unwrap();
        }
        let (tracks, counts) = history.finish();
        let tracks = tracks.into_iter();
        let points = tracks.map(|track| (track.name.clone(), track.points()));
        (points.collect(), counts, said)
    }

    #[test]
    fn what_the_filter_models_is_taken_and_the_rest_is_counted() {
        let options = options("[select]\nmeasurements = [\"m\"]\nexclude_fields = [\"x\"]");
        let text = "m,b=1,a=2 v=1,x=9,s=\"t\" 1700000000000000000\n\
                    m,a=2,b=1 v=2i 1700000001000000000\r\n\
                    other v=1 1700000000000000000\n# comment\n\nm v=1\njunk\n\
                    m_anomaly,field=v y=1 1700000000000000000\n";
        let (series, counts, said) = read(&options, &[text]);
        let [(name, points)] = series.as_slice() else {
            panic!("{series:?}")
        };
        assert_eq!(name, "m,a=2,b=1 v");
        assert_eq!(
            points,
            &[
                (1_700_000_000_000_000_000, 1.0),
                (1_700_000_001_000_000_000, 2.0)
            ]
        );
        let expected = Counts {
            files: 1,
            lines: 5,
            lines_rejected: 1,
            lines_own: 1,
            points: 2,
            points_untimed: 1,
            points_left_out: 2,
        };
        assert_eq!(counts, expected);
        assert_eq!(said, ["line 7 dropped: no fields: \"junk\""]);
    }

    #[test]
    fn files_of_one_series_are_put_in_the_order_of_their_times() {
        let options = options("");
        let (early, late) = ("m v=1 10\nm v=3 30\nm v=2 20\n", "m v=4 40\nm v=5 50\n");
        let forth = read(&options, &[early, late]).0;
        let back = read(&options, &[late, early]).0;
        assert_eq!(forth, back);
        let times: Vec<i64> = forth[0].1.iter().map(|point| point.0).collect();
        assert_eq!(times, [10, 30, 20, 40, 50], "late within a file stays late");
    }

    #[test]
    fn limits_leave_out_and_say_so_once() {
        let options = options("[limits]\nmax_series = 1");
        let text = "m v=1 10\nn v=1 10\nn v=2 20\nm v=2 20\nm v=3 30\n";
        let mut history = History::new(&options, Pick::default());
        history.points_max = 2;
        let mut said = Vec::new();
        let mut say = |text: &str| said.push(text.to_owned());
        history.read(text.as_bytes(), &mut say).unwrap();
        let (tracks, counts) = history.finish();
        assert_eq!((tracks.len(), tracks[0].len()), (1, 2));
        assert_eq!((counts.points, counts.points_left_out), (2, 3));
        assert_eq!(said.len(), 2, "{said:?}");
    }
}

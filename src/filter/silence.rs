//! Silences: what is known to be out of order, and for how long.
//!
//! A line `brewcast_silence,host=db1 duration="2h",learn=false 1700000000000000000` silences, from its time on for
//! its duration, every series that has all of its tags with the same values; one without tags silences all.
//! A second one with the same tags takes the place of the first, and `duration="0s"` ends it. Time is that of
//! the data: a point is silenced when its own time lies within, if it comes after the silence.
//!
//! Bounded: at most [`SILENCES_MAX`]; those that have ended make room when it is needed. Which of them are for
//! a group is found when the group is next met after a change and remembered there, so that a point pays
//! nothing while there is none, and the comparison of a number otherwise.

use std::fmt;

use crate::duration::{self, Malformed};
use crate::line::fields::{self, Field};
use crate::line::{key, unescape};
use crate::series::Silence;
use crate::state::part::SilenceV1;

/// The measurement of the lines that silence.
pub(super) const MEASUREMENT: &[u8] = b"brewcast_silence";
/// Most silences at a time.
const SILENCES_MAX: usize = 1_000;

/// Names and values as they are meant, sorted by name.
type Tags = Vec<(Box<[u8]>, Box<[u8]>)>;

/// When a silence holds, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    from: i64,  // ns
    until: i64, // ns, not silenced any more; >= from
    silence: Silence,
}

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    tags: Tags,
    window: Window,
}

/// Why a line silences nothing. Its `Display` says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoTime,
    NoDuration,
    BadDuration(Malformed),
    Negative,
    BadLearn,
    TooMany,
}

/// Those in force, and those that have ended or have still to come.
#[derive(Debug, Default)]
pub(super) struct Silences {
    all: Vec<(Tags, Window)>,
    changes: u32, // so many, wrapping
    now: i64,     // time of the last point that was looked at, ns
}

/// The silences of one group, as they were after so many changes.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    windows: Box<[Window]>,
    changes: u32,
}

impl Request {
    /// Reads a line with this series part, whose fields have been read; `nanos` is its time.
    pub(super) fn read(
        line: &[u8],
        series: &key::Series<'_>,
        fields: &[Field],
        nanos: Option<i64>,
    ) -> Result<Self, Refused> {
        let from = nanos.ok_or(Refused::NoTime)?;
        let find = |name: &[u8]| {
            let mut found = fields.iter().rev(); // of several the last counts
            found.find(|field| &line[field.key.clone()] == name)
        };
        let text = find(b"duration").and_then(|field| fields::text(line, field));
        let text = text.ok_or(Refused::NoDuration)?;
        let nanos = duration::parse(&String::from_utf8_lossy(&text));
        let length = nanos.map_err(Refused::BadDuration)?;
        if length < 0 {
            return Err(Refused::Negative);
        }
        let learns = match find(b"learn") {
            Some(field) => fields::boolean(line, field).ok_or(Refused::BadLearn)?,
            None => true,
        };
        let window = Window {
            from,
            until: from.saturating_add(length),
            silence: if learns {
                Silence::Learning
            } else {
                Silence::Blind
            },
        };
        let tags = meant(series);
        Ok(Self { tags, window })
    }
}

impl Silences {
    /// Does what a line asks for.
    pub(super) fn take(&mut self, request: Request) -> Result<(), Refused> {
        let Request { tags, window } = request;
        let is_over = window.from == window.until;
        let known = self.all.iter().position(|(other, _)| *other == tags);
        match known {
            Some(index) if is_over => _ = self.all.swap_remove(index),
            Some(index) => self.all[index].1 = window,
            None if is_over => return Ok(()),
            None => {
                if self.all.len() >= SILENCES_MAX {
                    let now = self.now.min(window.from);
                    self.all.retain(|(_, other)| other.until > now);
                }
                if self.all.len() >= SILENCES_MAX {
                    return Err(Refused::TooMany);
                }
                self.all.push((tags, window));
            }
        }
        self.changes = self.changes.wrapping_add(1);
        Ok(())
    }

    /// What is to be kept of them, and the time of the last point that was looked at.
    pub(super) fn keep(&self) -> (Vec<SilenceV1>, i64) {
        let kept = |(tags, window): &(Tags, Window)| SilenceV1 {
            tags: tags
                .iter()
                .map(|(key, value)| (key.to_vec(), value.to_vec()))
                .collect(),
            from: window.from,
            until: window.until,
            learns: window.silence == Silence::Learning,
        };
        (self.all.iter().map(kept).collect(), self.now)
    }

    /// Those that were kept.
    pub(super) fn restore((kept, now): (Vec<SilenceV1>, i64)) -> Self {
        let silence = |kept: SilenceV1| {
            let tags = kept.tags.into_iter();
            let tags = tags
                .map(|(key, value)| (key.into(), value.into()))
                .collect();
            let window = Window {
                from: kept.from,
                until: kept.until.max(kept.from),
                silence: if kept.learns {
                    Silence::Learning
                } else {
                    Silence::Blind
                },
            };
            (tags, window)
        };
        let all: Vec<_> = kept.into_iter().take(SILENCES_MAX).map(silence).collect();
        Self {
            changes: u32::from(!all.is_empty()),
            all,
            now,
        }
    }

    /// Whether there is none at all.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What silences the group with this spelling at `nanos`. Of several that which teaches nothing.
    pub(super) fn over(
        &mut self,
        spelling: &[u8],
        remembered: &mut Remembered,
        nanos: i64,
    ) -> Option<Silence> {
        self.now = nanos;
        if remembered.changes != self.changes {
            *remembered = self.of(spelling);
        }
        let here = remembered.windows.iter();
        let here = here.filter(|window| (window.from..window.until).contains(&nanos));
        here.map(|window| window.silence).max()
    }

    /// Those for a group.
    fn of(&self, spelling: &[u8]) -> Remembered {
        let tags = key::parse(spelling).map_or(Tags::new(), |series| meant(&series));
        let has = |wanted: &(Box<[u8]>, Box<[u8]>)| tags.binary_search(wanted).is_ok();
        let here = self.all.iter().filter(|(all, _)| all.iter().all(has));
        Remembered {
            windows: here.map(|&(_, window)| window).collect(),
            changes: self.changes,
        }
    }
}

fn meant(series: &key::Series<'_>) -> Tags {
    let meant = |name: &[u8]| Box::from(&*unescape::name(name));
    let tags = series.tags.iter();
    let mut tags: Tags = tags
        .map(|(key, value)| (meant(key), meant(value)))
        .collect();
    tags.sort();
    tags
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTime => f.write_str("write a timestamp, from which on it holds"),
            Self::NoDuration => f.write_str("write its duration as a string, duration=\"2h\""),
            Self::BadDuration(why) => write!(f, "duration: {why}"),
            Self::Negative => {
                f.write_str("write a duration that is not negative; \"0s\" ends a silence")
            }
            Self::BadLearn => f.write_str("write learn=true or learn=false"),
            Self::TooMany => write!(
                f,
                "there are {SILENCES_MAX} silences: end one with duration=\"0s\", or write one with fewer tags"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> Result<Request, Refused> {
        let end = key::series_end(line.as_bytes()).unwrap();
        let series = key::parse(&line.as_bytes()[..end]).unwrap();
        let mut found = Vec::new();
        let tail = fields::parse(line.as_bytes(), end, &mut found).unwrap();
        Request::read(
            line.as_bytes(),
            &series,
            &found,
            tail.time.map(|time| time.0),
        )
    }

    fn over(silences: &mut Silences, group: &str, nanos: i64) -> Option<Silence> {
        silences.over(group.as_bytes(), &mut Remembered::default(), nanos)
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (line, why) in [
            ("s duration=\"2h\"", Refused::NoTime),
            ("s learn=true 5", Refused::NoDuration),
            ("s duration=2 5", Refused::NoDuration),
            (
                "s duration=\"2 h\" 5",
                Refused::BadDuration(Malformed::NoUnit),
            ),
            (
                "s duration=\"\" 5",
                Refused::BadDuration(Malformed::NoNumber),
            ),
            ("s duration=\"-2h\" 5", Refused::Negative),
            ("s duration=\"2h\",learn=\"no\" 5", Refused::BadLearn),
            ("s duration=\"2h\",learn=0i 5", Refused::BadLearn),
        ] {
            assert_eq!(read(line), Err(why), "{line}");
        }
        let long = read("s duration=\"200000d\",learn=F,by=\"me\" 9223372036854775807");
        assert_eq!(long, Err(Refused::BadDuration(Malformed::TooLong)));
        let last = read("s duration=\"2h\",learn=F,by=\"me\" 9223372036854775807").unwrap();
        assert_eq!(last.window.until, i64::MAX);
        assert_eq!(last.window.silence, Silence::Blind);
    }

    #[test]
    fn tags_choose_and_the_second_of_the_same_tags_counts() {
        let mut silences = Silences::default();
        let mut say = |line: &str| silences.take(read(line).unwrap());
        say("s,host=a\\ b,dc=x duration=\"10ns\" 100").unwrap();
        say("s,dc=y duration=\"10ns\",learn=false 100").unwrap();
        let at = |silences: &mut Silences, group: &str| {
            [99, 100, 109, 110].map(|nanos| over(silences, group, nanos).is_some())
        };
        let within = [false, true, true, false];
        assert_eq!(at(&mut silences, "m,dc=x,host=a\\ b,p=1"), within);
        assert_eq!(at(&mut silences, "m,dc=y"), within);
        assert_eq!(at(&mut silences, "m,dc=x,host=a"), [false; 4]);
        assert_eq!(at(&mut silences, "m"), [false; 4]);
        let mut say = |line: &str| silences.take(read(line).unwrap());
        say("s duration=\"1h\" 0").unwrap();
        let blind = over(&mut silences, "m,dc=y", 105);
        assert_eq!(blind, Some(Silence::Blind), "the stricter one");
        let mut say = |line: &str| silences.take(read(line).unwrap());
        say("s,dc=y duration=\"0s\" 7").unwrap();
        assert_eq!(over(&mut silences, "m,dc=y", 105), Some(Silence::Learning));
        silences.take(read("s duration=\"0s\" 7").unwrap()).unwrap();
        assert_eq!(over(&mut silences, "m,dc=y", 105), None);
    }

    #[test]
    fn those_that_have_ended_make_room() {
        let mut silences = Silences::default();
        let one = |n: usize, time: i64| format!("s,n={n} duration=\"10ns\" {time}");
        for n in 0..SILENCES_MAX {
            silences.take(read(&one(n, n as i64)).unwrap()).unwrap();
        }
        let more = || read(&one(5_000, 2_000)).unwrap();
        assert_eq!(silences.take(more()), Err(Refused::TooMany));
        silences.take(read(&one(7, 3_000)).unwrap()).unwrap();
        _ = over(&mut silences, "m,n=1", 500);
        silences.take(more()).unwrap();
        let left = SILENCES_MAX - 491 + 1 + 1; // ended at 500: 0 to 490, but for 7
        assert_eq!(silences.all.len(), left);
    }

    proptest! {
        /// For all bytes, reading a line panics at none, and what it asks for does not end before it begins.
        #[test]
        fn any_bytes_are_survived(head in "(,[a-z\\\\\\\\ ]{1,3}=[a-z\\\\\\\\, ]{1,3}){0,2}", bytes in proptest::collection::vec(any::<u8>(), 0..60), duration in ".{0,12}", time in any::<i64>()) {
            let lines = [
                [b"brewcast_silence".as_slice(), head.as_bytes(), b" ", &bytes].concat(),
                format!("brewcast_silence{head} duration=\"{duration}\",learn=true {time}").into_bytes(),
            ];
            for line in lines {
                let Some(end) = key::series_end(&line) else { continue };
                let mut found = Vec::new();
                let (Ok(series), Ok(tail)) = (key::parse(&line[..end]), fields::parse(&line, end, &mut found)) else { continue };
                if let Ok(request) = Request::read(&line, &series, &found, tail.time.map(|time| time.0)) {
                    prop_assert!(request.window.from <= request.window.until);
                    let mut silences = Silences::default();
                    silences.take(request).unwrap();
                    _ = over(&mut silences, "m,a=b", time);
                }
            }
        }
    }
}

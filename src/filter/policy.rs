//! Which series are treated how: as the first policy has it that matches them.
//!
//! A series is matched once, when it is met; from then on it points to its policy by index. Names are
//! matched as they are meant, not as they are escaped. What no policy matches is treated as the
//! common settings have it.

use globset::{Glob, GlobMatcher};

use crate::line::{key, unescape};
use crate::output::Verdicts;
use crate::series::Rules;

/// Most policies.
pub const POLICIES_MAX: usize = 1_000;

/// How the series of a policy are treated.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether they are modelled; otherwise they pass through only.
    pub is_modelled: bool,
    /// How.
    pub rules: Rules,
    /// Which verdicts are written.
    pub verdicts: Verdicts,
    /// Whether forecasts are written.
    pub forecasts: bool,
    /// Whether events are written.
    pub events: bool,
}

/// One name or another, or any.
#[derive(Clone, Debug, Default)]
pub enum Pattern {
    /// Any name.
    #[default]
    Any,
    /// This one.
    Exactly(Box<str>),
    /// Those that a glob matches.
    Like(GlobMatcher),
}

/// Which series a policy is for; by default all.
#[derive(Clone, Debug, Default)]
pub struct Match {
    /// Of the measurement.
    pub measurement: Pattern,
    /// Of the field key.
    pub field: Pattern,
    /// Tags that have to be there, and what their values have to be.
    pub tags: Vec<(Box<str>, Pattern)>,
}

/// All policies, at most [`POLICIES_MAX`], and how the rest is treated.
#[derive(Clone, Debug)]
pub struct Policies {
    list: Vec<(Match, Policy)>,
    rest: Policy,
}

impl Pattern {
    /// Reads a glob.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if !text.contains(['*', '?', '[', ']', '{', '}', '\\']) {
            return Ok(Self::Exactly(text.into()));
        }
        let glob = Glob::new(text).map_err(|error| error.to_string())?;
        Ok(Self::Like(glob.compile_matcher()))
    }

    fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(text) => text.as_bytes() == name,
            Self::Like(glob) => glob.is_match(&*String::from_utf8_lossy(name)),
        }
    }
}

impl Match {
    /// Whether there is no series that it is not for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let is_any = |pattern: &Pattern| matches!(pattern, Pattern::Any);
        is_any(&self.measurement) && is_any(&self.field) && self.tags.is_empty()
    }

    /// Whether it is for this field of a series.
    #[must_use]
    pub fn has(&self, series: &key::Series<'_>, field: &[u8]) -> bool {
        let has_tag = |(wanted, pattern): &(Box<str>, Pattern)| {
            let is_wanted = |(key, _): &&(&[u8], &[u8])| *unescape::name(key) == *wanted.as_bytes();
            let found = series.tags.iter().find(is_wanted);
            found.is_some_and(|(_, value)| pattern.has(&unescape::name(value)))
        };
        self.measurement
            .has(&unescape::measurement(series.measurement))
            && self.field.has(&unescape::name(field))
            && self.tags.iter().all(has_tag)
    }
}

impl Policies {
    /// These policies, and what is done with the rest.
    #[must_use]
    pub fn new(list: Vec<(Match, Policy)>, rest: Policy) -> Self {
        debug_assert!(list.len() <= POLICIES_MAX);
        Self { list, rest }
    }

    /// The index of the first policy for this field of a series.
    #[must_use]
    pub fn find(&self, series: &key::Series<'_>, field: &[u8]) -> u16 {
        let is_for = |(matches, _): &(Match, Policy)| matches.has(series, field);
        let index = self.list.iter().position(is_for);
        u16::try_from(index.unwrap_or(self.list.len())).unwrap_or(u16::MAX)
    }

    /// The same for a series part as lines have it; `None` when it is not well-formed.
    #[must_use]
    pub fn find_for(&self, spelling: &[u8], field: &[u8]) -> Option<u16> {
        if self.list.is_empty() {
            return Some(0); // the rest is for all
        }
        Some(self.find(&key::parse(spelling).ok()?, field))
    }

    /// The policy with this index.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u16) -> &Policy {
        let found = self.list.get(usize::from(index));
        found.map_or(&self.rest, |(_, policy)| policy)
    }

    /// The number of a policy in the settings, from 1; none for the rest.
    #[must_use]
    pub fn number(&self, index: u16) -> Option<u16> {
        (usize::from(index) < self.list.len()).then(|| index + 1)
    }

    /// What is done with the rest.
    #[must_use]
    pub fn rest(&self) -> &Policy {
        &self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(measurement: &str, field: &str, tags: &[(&str, &str)]) -> Match {
        let pattern = |text: &str| Pattern::new(text).unwrap();
        let tag = |&(key, value): &(&str, &str)| (key.into(), pattern(value));
        Match {
            measurement: pattern(measurement),
            field: pattern(field),
            tags: tags.iter().map(tag).collect(),
        }
    }

    #[test]
    fn every_part_has_to_match_as_it_is_meant() {
        let has = |matches: &Match, series: &str, field: &str| {
            matches.has(&key::parse(series.as_bytes()).unwrap(), field.as_bytes())
        };
        let disks = matches("disk", "used_*", &[("host", "db*"), ("path", "*")]);
        assert!(has(&disks, "disk,host=db1,path=/", "used_percent"));
        for (series, field) in [
            ("disk,host=db1,path=/", "free"),
            ("disks,host=db1,path=/", "used_percent"),
            ("disk,host=web1,path=/", "used_percent"),
            ("disk,host=db1", "used_percent"),
            ("disk,path=/", "used_percent"),
        ] {
            assert!(!has(&disks, series, field), "{series} {field}");
        }
        let odd = matches("we ird", "a,b", &[("k=y", "v w")]);
        assert!(has(&odd, r"we\ ird,k\=y=v\ w", r"a\,b"));
        assert!(has(&Match::default(), "m,t=\u{fffd}", "v"));
    }

    #[test]
    fn only_what_leaves_nothing_out_is_everything() {
        assert!(Match::default().is_everything());
        assert!(matches("*", "*", &[]).is_everything());
        assert!(!matches("*", "*", &[("host", "*")]).is_everything());
        assert!(!matches("m", "*", &[]).is_everything());
        assert!(Pattern::new("a[").is_err());
    }
}

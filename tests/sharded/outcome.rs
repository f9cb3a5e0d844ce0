//! What a shard has to show for itself after a trouble, beside a brewcast that had none.

use std::collections::{BTreeMap, BTreeSet};

use super::union::{Said, counter, key, said};
use crate::common::telegraf_agent::{is_ours, originals};

/// What a shard has to show for itself: lines, then what its last brewcast counted, then verdicts beside
/// those of a brewcast that never stopped.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) keys: usize,
    pub(crate) sent: usize,
    pub(crate) lost: usize,
    pub(crate) repeated: usize,
    pub(crate) rounds_lost: usize, // in which a line is missing
    pub(crate) restored: f64,
    pub(crate) warming: f64,
    pub(crate) late: f64, // and duplicate
    pub(crate) reanchored: f64,
    pub(crate) verdicts: usize,
    pub(crate) verdicts_lost: usize,
    pub(crate) verdicts_other: usize,
    pub(crate) flags: usize,
    pub(crate) flags_more: usize,
    pub(crate) flags_less: usize,
}

impl Outcome {
    /// Prints it.
    pub(crate) fn tell(&self, trouble: &str) {
        eprintln!(
            "{trouble}: {} lines of {} keys, {} lost in {} rounds, {} twice; {} points late, {} series \
             re-anchored; {} verdicts, {} lost, {} with other numbers; {} flags, {} more, {} less",
            self.sent,
            self.keys,
            self.lost,
            self.rounds_lost,
            self.repeated,
            self.late,
            self.reanchored,
            self.verdicts,
            self.verdicts_lost,
            self.verdicts_other,
            self.flags,
            self.flags_more,
            self.flags_less
        );
    }

    /// The models carry on: nobody warms up, no burst of flags.
    pub(crate) fn assert_harmless(&self) {
        assert!(self.keys as f64 <= self.restored, "{self:?}");
        assert!(self.warming == 0.0, "{self:?}");
        assert!(self.flags_more * 500 <= self.verdicts, "{self:?}");
        assert!(self.flags_less * 500 <= self.verdicts, "{self:?}");
    }
}

/// Holds what arrived at a shard against what was sent to it, and against what one brewcast says of all.
pub(crate) fn outcome(arrived: &str, own: &Said, one: &Said) -> Outcome {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in originals(arrived)
        .into_iter()
        .filter(|line| !line.starts_with("brewcast_"))
    {
        *counts.entry(line).or_default() += 1;
    }
    let sent: BTreeSet<&str> = own.values().flatten().map(String::as_str).collect();
    let lost: Vec<&&str> = sent
        .iter()
        .filter(|line| !counts.contains_key(**line))
        .collect();
    let second = |line: &str| line[line.rfind(' ').unwrap()..][..11].to_owned();
    let rounds: BTreeSet<String> = lost.iter().map(|line| second(line)).collect();
    // Records by their key and time; what came last stands, as in a database.
    let by_time = |lines: &mut dyn Iterator<Item = String>| -> BTreeMap<String, String> {
        let identified = |line: String| {
            let time = &line[line.rfind(' ').unwrap()..];
            (format!("{}{time}", key(&line)), line)
        };
        lines.map(identified).collect()
    };
    let found = by_time(
        &mut said(arrived)
            .into_values()
            .flatten()
            .filter(|line| is_verdict(line)),
    );
    let prefixes: BTreeSet<String> = own.keys().map(|key| source(key)).collect();
    let wanted = one.values().flatten().filter(|line| is_verdict(line));
    let wanted = by_time(
        &mut wanted
            .filter(|line| prefixes.contains(&source(key(line))))
            .cloned(),
    );
    let flagged = |of: &BTreeMap<String, String>| -> BTreeSet<String> {
        let lines = of
            .iter()
            .filter(|(_, line)| line.contains("is_anomaly=true"));
        lines.map(|(key, _)| key.clone()).collect()
    };
    let (flags, flags_wanted) = (flagged(&found), flagged(&wanted));
    let missing = wanted
        .keys()
        .filter(|key| !found.contains_key(*key))
        .count();
    let other = found
        .iter()
        .filter(|(key, line)| wanted.get(*key).is_some_and(|wanted| wanted != *line));
    Outcome {
        keys: own.len(),
        sent: sent.len(),
        lost: lost.len(),
        repeated: counts.values().map(|count| count - 1).sum(),
        rounds_lost: rounds.len(),
        restored: counter(arrived, "series_restored"),
        warming: counter(arrived, "points_warming"),
        late: counter(arrived, "points_late") + counter(arrived, "points_duplicate"),
        reanchored: counter(arrived, "series_reanchored"),
        verdicts: wanted.len(),
        verdicts_lost: missing,
        verdicts_other: other.count(),
        flags: flags_wanted.len(),
        flags_more: flags.difference(&flags_wanted).count(),
        flags_less: flags_wanted
            .iter()
            .filter(|key| found.contains_key(*key) && !flags.contains(*key))
            .count(),
    }
}

fn is_verdict(line: &str) -> bool {
    is_ours(line) && key(line).split(',').next().unwrap().ends_with("_anomaly")
}

/// Measurement and tags of the source, for a record of ours as well.
fn source(key: &str) -> String {
    let (name, tags) = key.split_once(',').unwrap_or((key, ""));
    let tags = tags
        .split(',')
        .filter(|tag| !tag.is_empty() && !tag.starts_with("field="));
    let name = name.strip_suffix("_anomaly").unwrap_or(name).to_owned();
    tags.fold(name, |key, tag| key + "," + tag)
}

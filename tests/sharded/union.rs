//! What several shards said, beside what one brewcast says of the same lines.
//!
//! Lines are compared as text, series by series, in their order. Two fields of an event are left out: they
//! count the other series of the same brewcast.

use std::collections::BTreeMap;

/// The lines of each series and of each of our records, by measurement and tags.
pub(crate) type Said = BTreeMap<String, Vec<String>>;

/// Sorts lines by what they are about; what brewcast says of itself is left out, and so are marks.
pub(crate) fn said(lines: &str) -> Said {
    let mut said = Said::new();
    for line in lines.lines() {
        let key = key(line);
        if key.starts_with("brewcast,") || key.starts_with("brewcast_silence,") {
            continue;
        }
        let line = without(&without(line, ",concurrent="), ",concurrent_share=");
        said.entry(key.to_owned()).or_default().push(line);
    }
    said
}

/// Measurement and tags of a line.
pub(crate) fn key(line: &str) -> &str {
    let mut is_escaped = false;
    let end = line.find(|c| {
        let ends = c == ' ' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    &line[..end.unwrap_or(line.len())]
}

/// A line without one of its fields, which is a number and not the first one.
fn without(line: &str, field: &str) -> String {
    let Some((before, rest)) = line.split_once(field) else {
        return line.to_owned();
    };
    let end = rest.find([',', ' ']).unwrap_or(rest.len());
    format!("{before}{}", &rest[end..])
}

/// Everything that shards said; a key that two of them have is a fault.
pub(crate) fn union(shards: &[Said]) -> Said {
    let mut all = Said::new();
    for shard in shards {
        for (key, lines) in shard {
            let before = all.insert(key.clone(), lines.clone());
            assert!(before.is_none(), "{key} is in two shards");
        }
    }
    all
}

/// Everything that shards said, one after the other: what moved from one to a later one is there in its order.
pub(crate) fn in_turn(shards: &[Said]) -> Said {
    let mut all = Said::new();
    for (key, lines) in shards.iter().flatten() {
        all.entry(key.clone())
            .or_default()
            .extend(lines.iter().cloned());
    }
    all
}

/// Says where two differ, rather than print them whole; gives the number of lines that are equal.
pub(crate) fn assert_equal(left: &Said, right: &Said) -> usize {
    for (key, lines) in left {
        let others = right.get(key).unwrap_or_else(|| panic!("{key} is missing"));
        for (n, (line, other)) in lines.iter().zip(others).enumerate() {
            assert_eq!(line, other, "line {n} of {key}");
        }
        assert_eq!(lines.len(), others.len(), "lines of {key}");
    }
    for key in right.keys() {
        assert!(left.contains_key(key), "{key} is too much");
    }
    left.values().map(Vec::len).sum()
}

/// The last value of a counter that brewcast reported of itself.
pub(crate) fn counter(lines: &str, name: &str) -> f64 {
    let report = lines.lines().rfind(|line| line.starts_with("brewcast,"));
    let report = report.expect("brewcast reports");
    let wanted = format!("{name}=");
    let field = report
        .split([',', ' '])
        .find_map(|field| field.strip_prefix(&wanted));
    let field = field.unwrap_or_else(|| panic!("no {name} in {report}"));
    field.trim_end_matches('i').parse().unwrap()
}

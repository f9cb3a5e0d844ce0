//! What is known to have been wrong, and when: labels, from a CSV file.
//!
//! A line with the names of the columns, then a line a label; other columns are left alone:
//!
//! * `series`: the name of a series (`measurement,tags field`), a glob over such names, or the value of one of their
//!   tags;
//! * `start` and `end`, or `start_time_ns` and `end_time_ns`: `2020-08-05T18:50:00Z`, or ns since 1970; both ends
//!   belong to it. Without an end it is the start; without both the line only says that the series was looked at;
//! * `evaluate`: `0` is a neutral label: what is flagged there is neither right nor wrong. Anything else, or no such
//!   column: something was wrong.
//!
//! A series that no line names is not held against anything.

use std::io::Read;

use globset::GlobSet;

use crate::filter::select;
use crate::tools::chart::ticks;

use super::history::Track;

/// A time in which something was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// From this time on, ns.
    pub start: i64,
    /// Up to this time, which belongs to it.
    pub end: i64,
    /// Whether a flag there is neither right nor wrong.
    pub is_neutral: bool,
}

/// What is known of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// In the order of their start.
    pub labels: Vec<Label>,
    /// Points after its start within which a label has to be flagged to be found.
    pub delay: usize,
}

/// The labels of a file.
#[derive(Debug)]
pub struct Labels {
    named: Vec<Named>,
}

/// The labels of what is named alike.
#[derive(Debug)]
struct Named {
    series: String,
    globs: GlobSet,
    labels: Vec<Label>,
}

impl Labels {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, with the line.
    pub fn read(reader: impl Read) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(reader);
        let head = reader.headers().map_err(|error| error.to_string())?.clone();
        let column = |names: &[&str]| head.iter().position(|name| names.contains(&name));
        let needed = |names: &[&str]| {
            column(names)
                .ok_or_else(|| format!("line 1: there is no column {}", names.join(" or ")))
        };
        let series = needed(&["series"])?;
        let start = needed(&["start", "start_time_ns"])?;
        let end = column(&["end", "end_time_ns"]);
        let evaluate = column(&["evaluate"]);
        let mut labels = Self { named: Vec::new() };
        for row in reader.records() {
            let row = row.map_err(|error| error.to_string())?;
            let line = row.position().map_or(0, csv::Position::line);
            let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).unwrap_or("");
            let label = label(cell(Some(start)), cell(end), cell(evaluate));
            let added = label.and_then(|label| labels.add(cell(Some(series)), label));
            added.map_err(|wrong| format!("line {line}: {wrong}"))?;
        }
        Ok(labels)
    }

    fn add(&mut self, series: &str, label: Option<Label>) -> Result<(), String> {
        if series.is_empty() {
            return Err("no series: write its name, the value of one of its tags, or *".to_owned());
        }
        if let Some(named) = self.named.iter_mut().find(|named| named.series == series) {
            named.labels.extend(label);
            return Ok(());
        }
        self.named.push(Named {
            series: series.to_owned(),
            globs: select::globs(&[series.to_owned()])?,
            labels: label.into_iter().collect(),
        });
        Ok(())
    }

    /// Tells each series what is known of it; gives back what no series is named.
    pub fn assign(&self, tracks: &mut [Track], delay: usize) -> Vec<&str> {
        for track in tracks.iter_mut() {
            let of_track = || self.named.iter().filter(|named| named.is(&track.name));
            if of_track().next().is_none() {
                continue;
            }
            let mut labels: Vec<Label> =
                of_track().flat_map(|named| named.labels.clone()).collect();
            labels.sort_by_key(|label| (label.start, label.end));
            track.known = Some(Known { labels, delay });
        }
        let is_nobody = |named: &&Named| !tracks.iter().any(|track| named.is(&track.name));
        let nobody = self.named.iter().filter(is_nobody);
        nobody.map(|named| named.series.as_str()).collect()
    }
}

impl Named {
    fn is(&self, name: &str) -> bool {
        self.series == name || self.globs.is_match(name) || has_tag_value(name, &self.series)
    }
}

/// Whether a series has a tag with this value.
fn has_tag_value(name: &str, value: &str) -> bool {
    let mut escaped = String::from("=");
    for c in value.chars() {
        if matches!(c, ',' | '=' | ' ') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    let mut found = name.match_indices(&escaped);
    found.any(|(at, _)| name[at + escaped.len()..].starts_with([',', ' ']))
}

fn label(start: &str, end: &str, evaluate: &str) -> Result<Option<Label>, String> {
    if start.is_empty() && end.is_empty() {
        return Ok(None);
    }
    let start = time(start)?;
    let end = if end.is_empty() { start } else { time(end)? };
    if end < start {
        return Err("it ends before it starts".to_owned());
    }
    Ok(Some(Label {
        start,
        end,
        is_neutral: evaluate == "0",
    }))
}

fn time(text: &str) -> Result<i64, String> {
    text.parse().or_else(|_| ticks::parse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(names: &[&str]) -> Vec<Track> {
        names.iter().map(|name| Track::empty(name)).collect()
    }

    fn starts(track: &Track) -> Option<Vec<i64>> {
        let known = track.known.as_ref()?;
        Some(known.labels.iter().map(|label| label.start).collect())
    }

    #[test]
    fn a_label_is_for_a_name_a_glob_or_the_value_of_a_tag() {
        let text = "series,start,end\ncpu,host=a usage,1,2\nb,3,3\n\"cpu,*\",1970-01-01T00:00:00.000000005Z,\nx y,7,\nnobody,1,1\n";
        let text = text.replace("cpu,host=a usage", "\"cpu,host=a usage\"");
        let labels = Labels::read(text.as_bytes()).unwrap();
        let mut tracks = tracks(&[
            "cpu,host=a usage",
            "cpu,host=b usage",
            "mem,host=bb used",
            "mem,room=x\\ y used",
        ]);
        assert_eq!(labels.assign(&mut tracks, 7), ["nobody"]);
        let found: Vec<_> = tracks.iter().map(starts).collect();
        let expected = [Some(vec![1, 5]), Some(vec![3, 5]), None, Some(vec![7])];
        assert_eq!(found, expected);
    }

    #[test]
    fn columns_are_found_by_name_and_a_line_without_times_is_no_label() {
        let text = "kind,end_time_ns,series,evaluate,start_time_ns\nlong, 20 ,a,1,10\nfall,40,a,0,30\n,,b,,\n";
        let labels = Labels::read(text.as_bytes()).unwrap();
        let mut tracks = tracks(&["m,t=a v", "m,t=b v"]);
        assert!(labels.assign(&mut tracks, 7).is_empty());
        let label = |start, end, is_neutral| Label {
            start,
            end,
            is_neutral,
        };
        let of_a = &tracks[0].known.as_ref().unwrap().labels;
        assert_eq!(of_a, &[label(10, 20, false), label(30, 40, true)]);
        assert_eq!(starts(&tracks[1]), Some(vec![]));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line() {
        for (text, wrong) in [
            ("a,b\n", "line 1: there is no column series"),
            (
                "series\n",
                "line 1: there is no column start or start_time_ns",
            ),
            (
                "series,start,end\na,1,2\na,9,8\n",
                "line 3: it ends before it starts",
            ),
            (
                "series,start\na,soon\n",
                "line 2: soon: write a time as 2020-08-05T18:50:00Z",
            ),
            (
                "series,start\n,1\n",
                "line 2: no series: write its name, the value of one of its tags, or *",
            ),
        ] {
            assert_eq!(Labels::read(text.as_bytes()).unwrap_err(), wrong);
        }
    }
}

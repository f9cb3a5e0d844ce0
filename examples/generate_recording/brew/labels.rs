//! The labels: one for every group of neighbouring wrong readings, and a neutral one for every true fall.
//!
//! They are made from what was shown and what was read, not from a guess at it, so they are exact. A label never
//! contains readings of another one.

use super::{Reading, degrees};

/// Wrong readings with at most this many right ones between them share a label.
const LABEL_GAP: usize = 10;

/// A stretch of readings of one brew, both ends included, counted from 0.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// `point` (1-2 s), `short` (3-10 s), `long`, `flicker` (more than one excursion), or `level_shift` for a fall.
    pub(crate) kind: &'static str,
    /// False for a fall: whoever flags it is neither right nor wrong.
    pub(crate) counts: bool,
    /// How often the reading leaves the true value; 0 for a fall.
    pub(crate) excursions: usize,
    /// Largest distance of reading and truth, or the height of the fall, in tenths of a degree; > 0.
    pub(crate) magnitude: i64,
    pub(crate) note: String,
}

/// All labels of one brew, in the order of their starts; `falls` are the first and last readings of each fall.
pub(super) fn labels(readings: &[Reading], falls: &[(usize, usize)]) -> Vec<Label> {
    let mut labels: Vec<_> = falls
        .iter()
        .map(|&fall| fall_label(readings, fall))
        .collect();
    let wrong: Vec<_> = (0..readings.len())
        .filter(|&i| readings[i].read != readings[i].truth)
        .collect();
    let fall_between = |a: usize, b: usize| falls.iter().any(|fall| a < fall.0 && fall.1 < b);
    let together = |&a: &usize, &b: &usize| b - a <= LABEL_GAP + 1 && !fall_between(a, b);
    labels.extend(
        wrong
            .chunk_by(together)
            .map(|wrong| misread_label(readings, wrong)),
    );
    labels.sort_by_key(|label| label.start);
    labels
}

fn fall_label(readings: &[Reading], (start, end): (usize, usize)) -> Label {
    let before = readings[start.saturating_sub(1)].truth;
    Label {
        start,
        end,
        kind: "level_shift",
        counts: false,
        excursions: 0,
        magnitude: before - readings[end].truth,
        note: "true fall of the sawtooth: neutral".to_owned(),
    }
}

/// The label of neighbouring wrong readings; `wrong` has at least one index.
fn misread_label(readings: &[Reading], wrong: &[usize]) -> Label {
    let (start, end) = (wrong[0], wrong[wrong.len() - 1]);
    let excursions = wrong.chunk_by(|a, b| a + 1 == *b).count();
    let kind = match (excursions, end - start + 1) {
        (1, 1..=2) => "point",
        (1, 3..=10) => "short",
        (1, _) => "long",
        _ => "flicker",
    };
    let distances = wrong
        .iter()
        .map(|&i| (readings[i].read - readings[i].truth).abs());
    let magnitude = distances.max().unwrap_or(0);
    let note = format!(
        "{} read {}",
        degrees(readings[start].truth),
        degrees(readings[start].read)
    );
    Label {
        start,
        end,
        kind,
        counts: true,
        excursions,
        magnitude,
        note,
    }
}

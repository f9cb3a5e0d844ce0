//! The picture of a series: what was observed, the band it was judged by, forecasts, flags and events.
//!
//! [`Canvas`] says which time is wanted and how fine; [`collect`] gathers a [`Chart`] on the way through the
//! points, column by column, so that its size depends on the picture and not on the data; [`draw`] puts it on
//! paper as SVG or PNG, [`terminal`] into the cells of a terminal; [`palette`] has the colours, [`ticks`] the times below. The same points give the same bytes.
//!
//! Text in PNG has the glyphs of one embedded font (Latin, Greek, Cyrillic); SVG leaves fonts to its viewer.

mod axis;
pub mod collect;
pub mod draw;
mod heights;
mod legend;
pub(super) mod marks;
pub mod palette;
pub mod terminal;
pub mod ticks;
mod times;

use crate::judge::Kind;

use super::backtest::happened::Happened;
use super::backtest::labels::Label;

/// Which part of a series is wanted, and how fine.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// The first time wanted, ns; none: from its first point.
    pub from: Option<i64>,
    /// The last time wanted, ns; none: to the end of its last forecast.
    pub to: Option<i64>,
    /// Columns that points are summed up in; at least 2.
    pub columns: u32,
}

/// What there is to draw of a series.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Time of the left edge, ns.
    pub from: i64,
    /// Time of the right edge, ns; greater.
    pub to: i64,
    /// From the left to the right.
    pub columns: Vec<Column>,
    /// Forecasts that do not overlap, the last one at the end of the points; only such as are wide enough
    /// to be seen, the last excepted.
    pub forecasts: Vec<Vec<Future>>,
    /// At most one of a kind in a column, the worst.
    pub flags: Vec<Flag>,
    /// Those that touch the time.
    pub events: Vec<Happened>,
    /// What is known to have been wrong in that time.
    pub labels: Vec<Label>,
}

/// The points of a part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Points in it; without any the rest means nothing.
    pub points: u32,
    /// Mean time of the points, as a share of the width.
    pub x: f64,
    /// The first value, the extremes in their order, the last value.
    pub values: [f64; 4],
    /// The lowest lower alarm limit; none where nothing was judged, or that side has none.
    pub lower: Option<f64>,
    /// The highest upper one.
    pub upper: Option<f64>,
    /// Whether points are missing right before it.
    pub is_after_gap: bool,
}

/// A step of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Future {
    /// When, ns.
    pub time: i64,
    /// The point forecast and the ends of its interval.
    pub values: [f64; 3],
}

/// A flagged point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flag {
    /// When, ns.
    pub time: i64,
    /// Its value.
    pub y: f64,
    /// What it is.
    pub kind: Kind,
    /// How bad.
    pub score: f64,
}

impl Chart {
    /// The share of the width that a time is at.
    #[must_use]
    pub fn x(&self, time: i64) -> f64 {
        share(time, self.from, self.to)
    }
}

/// Differences of times may be longer than an i64 has room for.
fn share(time: i64, from: i64, to: i64) -> f64 {
    let distance = |a: i64, b: i64| (i128::from(a) - i128::from(b)) as f64;
    distance(time, from) / distance(to, from).max(1.0)
}

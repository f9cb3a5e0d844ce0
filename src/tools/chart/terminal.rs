//! A sketch of a chart in the cells of a terminal: eight dots a cell, in the braille patterns of Unicode.
//!
//! A series takes one screen: its name, its points, the alarm limits as dots, its last forecast, and below it a row with
//! the flags by kind, one with the labels if there are any, and the times. What is left out is in the picture.

use std::fmt::Write;

use crate::judge::Kind;
use crate::tools::backtest::numbers::{counted, shortened};

use super::draw::runs;
use super::heights::{number, range};
use super::palette::{self, KINDS};
use super::{Chart, Column, ticks};

/// What there is room for.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Characters of a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
    /// Whether lines are told apart by colour, too.
    pub has_colors: bool,
}

/// Characters for the values beside a chart, and the line to their right.
const BESIDE: usize = 11;
/// Lines for name, flags, labels, times, a legend of two lines, what is between two series, and a prompt.
const AROUND: usize = 8;
/// Dots of a cell.
const DOTS: (usize, usize) = (2, 4);
/// Their bits in the braille patterns, by line and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Screen {
    /// The dots that a chart is wide, for its columns.
    #[must_use]
    pub fn dots(self) -> u32 {
        (self.width() * DOTS.0) as u32
    }

    fn width(self) -> usize {
        usize::from(self.columns).clamp(40, 400) - BESIDE
    }

    fn height(self) -> usize {
        usize::from(self.rows).clamp(AROUND + 6, 50) - AROUND
    }
}

/// The sketch, with a line at its end.
#[must_use]
pub fn sketch(name: &str, chart: &Chart, screen: Screen) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write_sketch(&mut out, name, chart, screen);
    out
}

fn write_sketch(out: &mut String, name: &str, chart: &Chart, screen: Screen) -> std::fmt::Result {
    let (width, height) = (screen.width(), screen.height());
    let [low, high] = range(chart);
    let mut cells = Cells::new(width, height, [low, high]);
    cells.band(&chart.columns);
    if let Some(path) = chart.forecasts.last() {
        let points = path
            .iter()
            .map(|future| (chart.x(future.time), future.values[0]));
        cells.line(points, Ink::Forecast);
    }
    for run in runs(chart, |_| true) {
        let points = run
            .iter()
            .flat_map(|column| column.values.map(|y| (column.x, y)));
        cells.line(points, Ink::Observed);
    }
    let events = counted(chart.events.len() as u64, "event", "events");
    let room = width + BESIDE - events.len() - 2;
    let name = shortened(name, room);
    writeln!(
        out,
        "{name}{}{events}",
        " ".repeat(room + 2 - name.chars().count())
    )?;
    for (row, line) in cells.rows(screen.has_colors).enumerate() {
        let share = row as f64 / (height - 1) as f64;
        let beside = match row {
            0 => number(high, high - low),
            _ if row == height / 2 || row == height - 1 => {
                number(high - share * (high - low), high - low)
            }
            _ => String::new(),
        };
        writeln!(out, "{beside:>9} │{line}")?;
    }
    writeln!(out, "{:>9} │{}", "flags", flags(chart, screen))?;
    if !chart.labels.is_empty() {
        writeln!(out, "{:>9} │{}", "labels", labels(chart, width))?;
    }
    writeln!(out, "{:>9} └{}", "UTC", times(chart, width))?;
    for line in legend(chart, width) {
        writeln!(out, "{:>9}  {line}", "")?;
    }
    writeln!(out)
}

/// What a dot belongs to; of several in a cell the last one in this order gives its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ink {
    Band,
    Forecast,
    Observed,
}

/// Dots by lines of cells.
struct Cells {
    width: usize,
    height: usize,
    range: [f64; 2],
    dots: Vec<(u8, Ink)>,
}

impl Cells {
    fn new(width: usize, height: usize, range: [f64; 2]) -> Self {
        Self {
            width,
            height,
            range,
            dots: vec![(0, Ink::Band); width * height],
        }
    }

    /// The dot of a place: a share of the width, and a value.
    fn at(&self, (x, y): (f64, f64)) -> (usize, usize) {
        let (wide, high) = (self.width * DOTS.0, self.height * DOTS.1);
        let [least, most] = self.range;
        let up = ((y.clamp(least, most) - least) / (most - least) * (high - 1) as f64).round();
        let across = (x.clamp(0.0, 1.0) * wide as f64) as usize;
        (across.min(wide - 1), high - 1 - up as usize)
    }

    fn set(&mut self, (across, down): (usize, usize), ink: Ink) {
        let cell = (down / DOTS.1) * self.width + across / DOTS.0;
        let (bits, inked) = &mut self.dots[cell];
        *bits |= BITS[down % DOTS.1][across % DOTS.0];
        *inked = ink.max(*inked);
    }

    /// From place to place, without a hole.
    fn line(&mut self, places: impl Iterator<Item = (f64, f64)>, ink: Ink) {
        let mut last: Option<(usize, usize)> = None;
        for place in places {
            let (across, down) = self.at(place);
            let (from, start) = last.unwrap_or((across, down));
            let steps = across.abs_diff(from).max(down.abs_diff(start)).max(1);
            let between = |a: usize, b: usize, step: usize| {
                let share = step as f64 / steps as f64;
                (a as f64 + share * (b as f64 - a as f64)).round() as usize
            };
            for step in 0..=steps {
                self.set(
                    (between(from, across, step), between(start, down, step)),
                    ink,
                );
            }
            last = Some((across, down));
        }
    }

    /// The limits, as every other dot.
    fn band(&mut self, columns: &[Column]) {
        let [least, most] = self.range;
        for column in columns.iter().filter(|column| column.points > 0).step_by(2) {
            for y in [column.lower, column.upper].into_iter().flatten() {
                if (least..=most).contains(&y) {
                    self.set(self.at((column.x, y)), Ink::Band);
                }
            }
        }
    }

    fn rows(&self, has_colors: bool) -> impl Iterator<Item = String> {
        self.dots.chunks(self.width).map(move |cells| {
            let mut line = String::new();
            for &(bits, ink) in cells {
                let dots = char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ');
                match ink {
                    _ if bits == 0 => line.push(' '),
                    Ink::Band if has_colors => colored(&mut line, BLUE, dots),
                    Ink::Forecast if has_colors => colored(&mut line, GREEN, dots),
                    _ => line.push(dots),
                }
            }
            line.truncate(line.trim_end().len());
            line
        })
    }
}

const BLUE: u8 = 34;
const GREEN: u8 = 32;

/// With the colour of that number (ECMA-48, 8.3.117).
fn colored(line: &mut String, color: u8, c: char) {
    let _ = write!(line, "\u{1b}[{color}m{c}\u{1b}[0m");
}

fn mark(kind: Kind) -> char {
    match kind {
        Kind::Spike => '▲',
        Kind::Dip => '▼',
        Kind::OutOfRange => '◆',
        Kind::LevelShift => '■',
        Kind::TrendChange => '↗',
        Kind::VarianceChange => '≈',
        Kind::Gap => '□',
        Kind::Flatline => '●',
    }
}

/// The cell of a time.
fn cell(chart: &Chart, time: i64, width: usize) -> usize {
    let across = (chart.x(time).clamp(0.0, 1.0) * width as f64) as usize;
    across.min(width - 1)
}

/// The worst flag of each cell.
fn flags(chart: &Chart, screen: Screen) -> String {
    let width = screen.width();
    let mut worst = vec![None; width];
    for flag in &chart.flags {
        let place = &mut worst[cell(chart, flag.time, width)];
        if place.is_none_or(|(_, score)| score < flag.score) {
            *place = Some((flag.kind, flag.score));
        }
    }
    let mark = |place: Option<(Kind, f64)>| place.map_or(' ', |(kind, _)| mark(kind));
    let line: String = worst.into_iter().map(mark).collect();
    line.trim_end().to_owned()
}

/// `▬` where something was wrong, `·` where a flag is neither right nor wrong.
fn labels(chart: &Chart, width: usize) -> String {
    let mut line = vec![' '; width];
    let mut all: Vec<_> = chart.labels.iter().collect();
    all.sort_by_key(|label| !label.is_neutral);
    for label in all {
        let c = if label.is_neutral { '·' } else { '▬' };
        line[cell(chart, label.start, width)..=cell(chart, label.end, width)].fill(c);
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

fn times(chart: &Chart, width: usize) -> String {
    let mut line = vec!['─'; width];
    for (time, label) in ticks::ticks(chart.from, chart.to, (width / 16).max(1)) {
        let (at, label) = (cell(chart, time, width), format!("┴ {label} "));
        if at + label.chars().count() <= width {
            line.splice(at..at + label.chars().count(), label.chars());
        }
    }
    line.into_iter().collect()
}

/// What the marks mean, as far as they occur, in lines that fit.
fn legend(chart: &Chart, width: usize) -> Vec<String> {
    let occurs = |kind: &Kind| chart.flags.iter().any(|flag| flag.kind == *kind);
    let kinds = KINDS.into_iter().filter(occurs);
    let kinds = kinds.map(|kind| format!("{} {}", mark(kind), palette::name(kind)));
    let others = ["⠒ observed, last forecast", "⠐ alarm limits"].map(str::to_owned);
    let mut lines = vec![String::new()];
    for piece in kinds.chain(others) {
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = piece,
            Some(line) if line.chars().count() + 3 + piece.chars().count() <= width => {
                line.push_str("   ");
                line.push_str(&piece);
            }
            _ => lines.push(piece),
        }
    }
    lines
}

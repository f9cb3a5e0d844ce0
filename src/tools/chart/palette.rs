//! The colours and marks of a chart.
//!
//! Hues are those of Okabe & Ito (2008) and Tol (2021), which the colour-blind tell apart; kinds differ by
//! their marks as well.

use crate::judge::Kind;

/// A colour: red, green, blue.
pub type Rgb = (u8, u8, u8);

/// What is on the paper, and the name under which a page may give it another colour.
pub const ROLES: [(&str, Rgb); 9] = [
    ("--paper", PAPER),
    ("--ink", INK),
    ("--faint", FAINT),
    ("--observed", OBSERVED),
    ("--band", BAND),
    ("--forecast", FORECAST),
    ("--alarm", ALARM),
    ("--shift", SHIFT),
    ("--still", STILL),
];

/// The background.
pub const PAPER: Rgb = (255, 255, 255);
/// Text.
pub const INK: Rgb = (51, 60, 71);
/// Lines of the grid.
pub const FAINT: Rgb = (221, 225, 230);
/// The series.
pub const OBSERVED: Rgb = (31, 41, 55);
/// The alarm limits.
pub const BAND: Rgb = (86, 180, 233);
/// What was said of the future.
pub const FORECAST: Rgb = (0, 138, 102);
/// Points that are off by themselves.
pub const ALARM: Rgb = (213, 94, 0);
/// Changes of how the series goes on.
pub const SHIFT: Rgb = (160, 60, 150);
/// Points that are missing or stand still.
pub const STILL: Rgb = (150, 118, 0);

/// The form of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
    /// A square on its corner.
    Diamond,
    /// A square.
    Square,
    /// A disc.
    Disc,
}

/// All kinds, in the order of a legend.
pub const KINDS: [Kind; 8] = [
    Kind::Spike,
    Kind::Dip,
    Kind::OutOfRange,
    Kind::LevelShift,
    Kind::TrendChange,
    Kind::VarianceChange,
    Kind::Gap,
    Kind::Flatline,
];

/// The colour and the mark of a kind.
#[must_use]
pub fn of(kind: Kind) -> (Rgb, Mark) {
    match kind {
        Kind::Spike => (ALARM, Mark::Up),
        Kind::Dip => (ALARM, Mark::Down),
        Kind::OutOfRange => (ALARM, Mark::Diamond),
        Kind::LevelShift => (SHIFT, Mark::Square),
        Kind::TrendChange => (SHIFT, Mark::Up),
        Kind::VarianceChange => (SHIFT, Mark::Diamond),
        Kind::Gap => (STILL, Mark::Square),
        Kind::Flatline => (STILL, Mark::Disc),
    }
}

/// `level shift`
#[must_use]
pub fn name(kind: Kind) -> String {
    kind.name().replace('_', " ")
}

/// The colours in SVG as variables of the page around it, which may be dark.
#[must_use]
pub fn as_variables(svg: &str) -> String {
    let mut svg = svg.to_owned();
    for (name, (r, g, b)) in ROLES {
        svg = svg.replace(
            &format!("\"#{r:02X}{g:02X}{b:02X}\""),
            &format!("\"var({name})\""),
        );
    }
    svg
}

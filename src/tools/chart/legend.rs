//! The line above the panels that says what is what.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Chart;
use super::draw::{color, px};
use super::marks::outline;
use super::palette::{self, KINDS};

/// What the lines and the marks mean, as far as they occur.
pub(super) fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    charts: &[(String, Chart)],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let style = ("sans-serif", px(12))
        .into_font()
        .color(&color(palette::INK));
    let style = style.pos(Pos::new(HPos::Left, VPos::Center));
    let unit = i32::try_from(px(1)).unwrap_or(1);
    let (mut x, y) = (10 * unit, 14 * unit);
    let swatches = [
        ("observed", palette::OBSERVED, 1.0, unit),
        ("alarm limits", palette::BAND, 0.35, 5 * unit),
        ("forecast", palette::FORECAST, 1.0, unit),
        ("label", palette::INK, 0.8, 3 * unit),
    ];
    let has_labels = charts.iter().any(|(_, chart)| !chart.labels.is_empty());
    let shown = swatches.len() - usize::from(!has_labels);
    for (text, fill, opacity, half) in swatches.into_iter().take(shown) {
        let bar = [(x, y - half), (x + 18 * unit, y + half)];
        area.draw(&Rectangle::new(bar, color(fill).mix(opacity).filled()))?;
        x += 24 * unit;
        area.draw_text(text, &style, (x, y))?;
        x += i32::try_from(area.estimate_text_size(text, &style)?.0).unwrap_or(0) + 18 * unit;
    }
    let occurs = |kind| {
        let mut all = charts.iter();
        all.any(|(_, chart)| chart.flags.iter().any(|flag| flag.kind == kind))
    };
    for kind in KINDS.into_iter().filter(|&kind| occurs(kind)) {
        let (fill, mark) = palette::of(kind);
        let outline = outline(mark, 5 * unit);
        let shape = EmptyElement::at((x, y)) + Polygon::new(outline, color(fill).filled());
        area.draw(&shape)?;
        x += 10 * unit;
        let text = palette::name(kind);
        area.draw_text(&text, &style, (x, y))?;
        x += i32::try_from(area.estimate_text_size(&text, &style)?.0).unwrap_or(0) + 18 * unit;
    }
    Ok(())
}

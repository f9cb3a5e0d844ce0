//! Shades over times: what is known to have been wrong, and the events that were told.

use plotters::prelude::*;

use super::Chart;
use super::draw::{Canvas, Plane, color, px};
use super::palette;

/// Each label as a bar at the bottom, and a shade above it where something was wrong.
pub(super) fn draw_labels<DB: DrawingBackend>(
    context: &Canvas<'_, DB>,
    chart: &Chart,
    [low, high]: [f64; 2],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let area = context.plotting_area();
    let ink = color(palette::INK);
    for label in &chart.labels {
        let (start, end) = (chart.x(label.start).max(0.0), chart.x(label.end).min(1.0));
        let end = end.max(start + least_width(area));
        let bar = low + 0.03 * (high - low);
        let (of_bar, of_shade) = if label.is_neutral {
            (0.25, 0.0)
        } else {
            (0.8, 0.1)
        };
        let shade = [(start, low), (end, high)];
        area.draw(&Rectangle::new(shade, ink.mix(of_shade).filled()))?;
        area.draw(&Rectangle::new(
            [(start, low), (end, bar)],
            ink.mix(of_bar).filled(),
        ))?;
    }
    Ok(())
}

/// The width at which a short time can be seen, as a share of the whole.
fn least_width<DB: DrawingBackend>(area: &Plane<DB>) -> f64 {
    let (across, _) = area.get_pixel_range();
    f64::from(px(3)) / f64::from((across.end - across.start).max(1))
}

/// Each event as a shade over its time, with a bar of its kind at the top.
pub(super) fn draw_events<DB: DrawingBackend>(
    context: &Canvas<'_, DB>,
    chart: &Chart,
    [low, high]: [f64; 2],
) -> Result<Vec<[i32; 4]>, DrawingAreaErrorKind<DB::ErrorType>> {
    let area = context.plotting_area();
    let least = least_width(area);
    let mut places = Vec::new();
    for event in &chart.events {
        let (fill, _) = palette::of(event.kind);
        let start = chart.x(event.start).max(0.0);
        let end = chart.x(event.end).min(1.0).max(start + least);
        let bar = high - 0.025 * (high - low);
        let shade = color(fill).mix(0.14).filled();
        area.draw(&Rectangle::new([(start, low), (end, high)], shade))?;
        area.draw(&Rectangle::new(
            [(start, bar), (end, high)],
            color(fill).filled(),
        ))?;
        let [(left, top), (right, bottom)] =
            [(start, high), (end, low)].map(|place| area.map_coordinate(&place));
        places.push([left, top, right - left, bottom - top]);
    }
    Ok(places)
}

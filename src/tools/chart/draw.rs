//! Puts charts on paper.
//!
//! Everything is drawn at twice the size that it is shown at, because the library places things on whole
//! pixels. Limits and intervals that reach far beyond the points are cut off: the points are what is looked at.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::axis::Time;
use super::heights::{number, range};
use super::legend;
use super::marks::outline;
use super::palette::{self, Rgb};
use super::times;
use super::{Chart, Column, Future};
use crate::tools::backtest::numbers::shortened;

/// Pixels on paper for one that is shown.
pub(super) const SCALE: u32 = 2;
/// Height of the legend, as shown.
const LEGEND_HEIGHT: u32 = 26;

/// Pixels of the largest PNG: 600 MB while it is drawn.
const PNG_PIXELS_MAX: usize = 200_000_000;

/// How large a picture is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Pixels, as shown.
    pub width: u32,
    /// … of one panel.
    pub height: u32,
}

/// A picture of one series for a page, and where its events are in it.
#[derive(Clone, Debug)]
pub struct Panel {
    /// SVG.
    pub svg: String,
    /// Left, top, width and height of each event of the chart, in the units of the SVG.
    pub events: Vec<[i32; 4]>,
}

pub(super) type Canvas<'a, DB> = ChartContext<'a, DB, Cartesian2d<Time, RangedCoordf64>>;
pub(super) type Plane<DB> = DrawingArea<DB, Cartesian2d<Time, RangedCoordf64>>;

/// A chart without a title or a legend, as SVG.
///
/// # Errors
/// What the library says.
pub fn panel(chart: &Chart, size: Size) -> Result<Panel, String> {
    load_font()?;
    let mut svg = String::new();
    let events;
    {
        let pixels = (size.width * SCALE, size.height * SCALE);
        let root = SVGBackend::with_string(&mut svg, pixels).into_drawing_area();
        events = draw(&root, chart, None, false).map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
    }
    Ok(Panel {
        svg: shown_at(&svg, size.width, size.height),
        events,
    })
}

/// All of them, one below the other, with their names, as SVG.
///
/// # Errors
/// What the library says.
pub fn svg(charts: &[(String, Chart)], size: Size) -> Result<String, String> {
    load_font()?;
    let mut svg = String::new();
    let height = whole_height(charts, size);
    {
        let pixels = (size.width * SCALE, height * SCALE);
        let root = SVGBackend::with_string(&mut svg, pixels).into_drawing_area();
        draw_all(&root, charts, size, false)?;
    }
    Ok(shown_at(&svg, size.width, height))
}

/// The same as PNG, at twice the size.
///
/// # Errors
/// What the libraries say, or that it is too large.
pub fn png(charts: &[(String, Chart)], size: Size) -> Result<Vec<u8>, String> {
    load_font()?;
    let (width, height) = (size.width * SCALE, whole_height(charts, size) * SCALE);
    let pixels = width as usize * height as usize;
    if pixels > PNG_PIXELS_MAX {
        return Err(format!(
            "{width} x {height} pixels are too many for a PNG: fewer or smaller panels"
        ));
    }
    let mut buffer = vec![0; 3 * pixels];
    {
        let backend = BitMapBackend::with_buffer_and_format(&mut buffer, (width, height));
        let backend: BitMapBackend<'_> = backend.map_err(|error| error.to_string())?;
        draw_all(&backend.into_drawing_area(), charts, size, true)?;
    }
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&buffer));
    written.map_err(|error| error.to_string())?;
    Ok(file)
}

fn whole_height(charts: &[(String, Chart)], size: Size) -> u32 {
    let panels = u32::try_from(charts.len()).unwrap_or(u32::MAX);
    size.height.saturating_mul(panels) + LEGEND_HEIGHT
}

/// The SVG says itself how large it is to be shown.
fn shown_at(svg: &str, width: u32, height: u32) -> String {
    let drawn = format!("width=\"{}\" height=\"{}\"", width * SCALE, height * SCALE);
    let shown = format!("width=\"{width}\" height=\"{height}\" font-weight=\"400\"");
    svg.replacen(&drawn, &shown, 1)
}

/// Text in PNG needs a font, and the places of text in SVG its measures; systems may have none.
fn load_font() -> Result<(), String> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let load = || {
        let font = epaint_default_fonts::UBUNTU_LIGHT;
        register_font("sans-serif", FontStyle::Normal, font).is_ok()
    };
    if *LOADED.get_or_init(load) {
        Ok(())
    } else {
        Err("the font inside brewcast cannot be read".to_owned())
    }
}

fn draw_all<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    charts: &[(String, Chart)],
    size: Size,
    is_bitmap: bool,
) -> Result<(), String> {
    let said = |error: &dyn std::error::Error| error.to_string();
    root.fill(&color(palette::PAPER)).map_err(|e| said(&e))?;
    let (legend_area, mut rest) = root.split_vertically(LEGEND_HEIGHT * SCALE);
    legend::draw(&legend_area, charts).map_err(|e| said(&e))?;
    for (name, chart) in charts {
        let (area, below) = rest.split_vertically(size.height * SCALE);
        draw(&area, chart, Some(name), is_bitmap).map_err(|e| said(&e))?;
        rest = below;
    }
    root.present().map_err(|e| said(&e))
}

pub(super) fn color((r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

pub(super) fn px(shown: u32) -> u32 {
    shown * SCALE
}

/// One panel; where its events are.
fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    chart: &Chart,
    title: Option<&str>,
    is_bitmap: bool,
) -> Result<Vec<[i32; 4]>, DrawingAreaErrorKind<DB::ErrorType>> {
    area.fill(&color(palette::PAPER))?;
    let most = (area.dim_in_pixel().0 / px(95)) as usize;
    let time = Time::of(chart, most);
    let [low, high] = range(chart);
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(px(6))
        .margin_right(px(14))
        .x_label_area_size(px(20))
        .y_label_area_size(px(52));
    if let Some(title) = title {
        let font = ("sans-serif", px(14)).into_font();
        let style = font.color(&color(palette::INK));
        let size = area.estimate_text_size(title, &style)?.0.max(1);
        let room = area.dim_in_pixel().0.saturating_sub(px(12));
        let chars = title.chars().count() as u32 * room / size;
        let title = shortened(title, chars as usize);
        builder.caption(title, style);
    }
    let mut context = builder.build_cartesian_2d(time, low..high)?;
    context
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .max_light_lines(0)
        .bold_line_style(color(palette::FAINT).stroke_width(SCALE))
        .axis_style(color(palette::FAINT).stroke_width(SCALE))
        .label_style(
            ("sans-serif", px(11))
                .into_font()
                .color(&color(palette::INK)),
        )
        .y_label_formatter(&|y| number(*y, high - low))
        .y_labels(6)
        .draw()?;
    times::draw_labels(&context, chart, [low, high])?;
    let events = times::draw_events(&context, chart, [low, high])?;
    draw_band(&mut context, chart, [low, high])?;
    draw_forecasts(&mut context, chart, [low, high])?;
    draw_observed(&mut context, chart, is_bitmap)?;
    draw_flags(&mut context, chart)?;
    Ok(events)
}

/// The alarm limits, from gap to gap.
fn draw_band<DB: DrawingBackend>(
    context: &mut Canvas<'_, DB>,
    chart: &Chart,
    [low, high]: [f64; 2],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let has_band = |column: &Column| column.lower.is_some() || column.upper.is_some();
    for run in runs(chart, has_band) {
        let upper = run
            .iter()
            .map(|column| (column.x, column.upper.unwrap_or(high)));
        let lower = run
            .iter()
            .map(|column| (column.x, column.lower.unwrap_or(low)));
        let outline = upper.chain(lower.rev());
        let outline: Vec<(f64, f64)> = outline.map(|(x, y)| (x, y.clamp(low, high))).collect();
        let fill = color(palette::BAND).mix(0.35).filled();
        context.plotting_area().draw(&Polygon::new(outline, fill))?;
    }
    Ok(())
}

fn draw_forecasts<DB: DrawingBackend>(
    context: &mut Canvas<'_, DB>,
    chart: &Chart,
    [low, high]: [f64; 2],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let area = context.plotting_area();
    for path in &chart.forecasts {
        let at = |future: &Future, which: usize| {
            (chart.x(future.time), future.values[which].clamp(low, high))
        };
        let upper = path.iter().map(|future| at(future, 2));
        let lower = path.iter().rev().map(|future| at(future, 1));
        let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
        area.draw(&Polygon::new(
            outline,
            color(palette::FORECAST).mix(0.16).filled(),
        ))?;
        let line: Vec<(f64, f64)> = path.iter().map(|future| at(future, 0)).collect();
        let style = color(palette::FORECAST).stroke_width(px(2));
        area.draw(&PathElement::new(line, style))?;
    }
    Ok(())
}

fn draw_observed<DB: DrawingBackend>(
    context: &mut Canvas<'_, DB>,
    chart: &Chart,
    is_bitmap: bool,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let area = context.plotting_area();
    let style = color(palette::OBSERVED).stroke_width(SCALE);
    for run in runs(chart, |_| true) {
        let points = run
            .iter()
            .flat_map(|column| column.values.map(|y| (column.x, y)));
        let line = straightened(points.map(|point| (area.map_coordinate(&point), point)));
        if let [point] = line[..] {
            area.draw(&Circle::new(point, SCALE, style.filled()))?;
        }
        if is_bitmap {
            // As one line its sharp turns would reach far beyond their points.
            for pair in line.windows(2) {
                area.draw(&PathElement::new(pair.to_vec(), style))?;
            }
        } else {
            area.draw(&PathElement::new(line, style))?;
        }
    }
    Ok(())
}

/// The points without those that fall on the place of the one before, or on the level line between their
/// neighbours.
fn straightened(points: impl Iterator<Item = ((i32, i32), (f64, f64))>) -> Vec<(f64, f64)> {
    let mut kept: Vec<((i32, i32), (f64, f64))> = Vec::new();
    for (place, point) in points {
        if kept.last().is_some_and(|(last, _)| *last == place) {
            continue;
        }
        if let [.., (before, _), (last, _)] = kept[..] {
            let is_level = before.1 == last.1 && last.1 == place.1;
            let is_between = (before.1.min(place.1)..=before.1.max(place.1)).contains(&last.1);
            let is_upright = before.0 == last.0 && last.0 == place.0 && is_between;
            if is_level || is_upright {
                kept.pop();
            }
        }
        kept.push((place, point));
    }
    kept.into_iter().map(|(_, point)| point).collect()
}

fn draw_flags<DB: DrawingBackend>(
    context: &mut Canvas<'_, DB>,
    chart: &Chart,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let area = context.plotting_area();
    for flag in &chart.flags {
        let (fill, mark) = palette::of(flag.kind);
        let outline = outline(mark, i32::try_from(px(4)).unwrap_or(8));
        let at = (chart.x(flag.time), flag.y);
        let shape = EmptyElement::at(at) + Polygon::new(outline, color(fill).filled());
        area.draw(&shape)?;
    }
    Ok(())
}

/// Neighbouring columns that have this, from gap to gap.
pub(super) fn runs(chart: &Chart, has: impl Fn(&Column) -> bool) -> Vec<Vec<&Column>> {
    let mut runs: Vec<Vec<&Column>> = vec![Vec::new()];
    for column in chart.columns.iter().filter(|column| column.points > 0) {
        let is_broken = column.is_after_gap || !has(column);
        if is_broken && runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(Vec::new());
        }
        if has(column)
            && let Some(run) = runs.last_mut()
        {
            run.push(column);
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

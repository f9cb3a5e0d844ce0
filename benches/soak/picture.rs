//! A soak as a picture: memory above, latency below, over time.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

const SIZE: (u32, u32) = (960, 520);
const GREY: RGBColor = RGBColor(110, 118, 129);

/// Lines of one panel: what they are, their colour, and the column they are in.
type Lines<'a> = &'a [(&'a str, RGBColor, &'a str)];

const MEMORY: Lines<'static> = &[("resident memory", RGBColor(31, 111, 180), "rss_kib")];
const LATENCY: Lines<'static> = &[
    ("median", RGBColor(44, 140, 80), "latency_p50_ms"),
    ("99 %", RGBColor(214, 120, 20), "latency_p99_ms"),
    ("worst of 5 s", RGBColor(190, 40, 50), "latency_max_ms"),
];

/// The rows of the CSV as SVG.
pub fn draw(csv: &str) -> String {
    let font = epaint_default_fonts::UBUNTU_LIGHT; // for the measures of the text; systems may have none
    assert!(register_font("sans-serif", FontStyle::Normal, font).is_ok());
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).unwrap();
        let (above, below) = area.split_vertically(210);
        let memory = |kib: f64| kib / 1024.0;
        let (lower, upper) = (
            SeriesLabelPosition::LowerRight,
            SeriesLabelPosition::UpperRight,
        );
        panel(&above, csv, MEMORY, ("MiB", lower), memory);
        panel(&below, csv, LATENCY, ("ms", upper), |ms| ms);
        area.present().unwrap();
    }
    svg
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    csv: &str,
    lines: Lines<'_>,
    (unit, legend): (&str, SeriesLabelPosition),
    scaled: impl Fn(f64) -> f64,
) {
    let minutes: Vec<f64> = column(csv, "seconds").iter().map(|s| s / 60.0).collect();
    let columns: Vec<Vec<f64>> = lines
        .iter()
        .map(|(_, _, name)| column(csv, name).into_iter().map(&scaled).collect())
        .collect();
    let most = columns.iter().flatten().copied().fold(0.0, f64::max);
    let end = minutes.last().copied().unwrap_or(1.0);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(34)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..end, 0.0..1.15 * most)
        .unwrap();
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GREY.mix(0.2))
        .x_labels(7)
        .y_labels(6)
        .x_desc("minutes")
        .y_desc(unit)
        .x_label_formatter(&|minutes| format!("{minutes:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()
        .unwrap();
    for ((name, color, _), values) in lines.iter().zip(&columns) {
        let points = minutes.iter().copied().zip(values.iter().copied());
        let color = *color;
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(1)))
            .unwrap()
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.8))
        .draw()
        .unwrap();
}

/// The numbers of a column.
fn column(csv: &str, name: &str) -> Vec<f64> {
    let mut rows = csv.lines();
    let heading = rows.next().unwrap_or_default();
    let at = heading.split(',').position(|column| column == name);
    let at = at.expect("a column of that name");
    rows.map(|row| row.split(',').nth(at).unwrap().parse().unwrap())
        .collect()
}

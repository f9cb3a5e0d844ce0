//! What lines, shades and marks mean.

use maud::{Markup, html};

use crate::tools::chart::marks::outline;
use crate::tools::chart::palette::{self, KINDS, ROLES, Rgb};

/// All of them, that of labels if there are any.
pub(super) fn lines(has_labels: bool) -> Markup {
    let swatches = [
        ("observed", palette::OBSERVED, 2, "1"),
        ("alarm limits", palette::BAND, 12, "0.35"),
        ("forecast and its interval", palette::FORECAST, 4, "1"),
    ];
    html! {
        ul.legend {
            @for (text, color, height, opacity) in swatches {
                li {
                    svg width="18" height="14" aria-hidden="true" {
                        rect y=((14 - height) / 2) width="18" height=(height) fill=(variable(color))
                            fill-opacity=(opacity) {}
                    }
                    (text)
                }
            }
            @for kind in KINDS {
                @let (color, mark) = palette::of(kind);
                li {
                    svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true" {
                        polygon points=(points(&outline(mark, 5))) fill=(variable(color)) {}
                    }
                    (palette::name(kind))
                }
            }
            li { "shaded: an event, in the colour of its kind" }
            @if has_labels { li { "bar at the bottom: a label, pale where a flag is neither right nor wrong" } }
        }
    }
}

fn points(outline: &[(i32, i32)]) -> String {
    let point = |(x, y): &(i32, i32)| format!("{x},{y}");
    outline.iter().map(point).collect::<Vec<_>>().join(" ")
}

fn variable(color: Rgb) -> String {
    let role = ROLES.iter().find(|(_, known)| *known == color);
    role.map_or_else(
        || "currentColor".to_owned(),
        |(name, _)| format!("var({name})"),
    )
}

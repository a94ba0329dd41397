//! The shapes that tell series apart where colour cannot.

use crate::measure::PX;
use crate::style::Pen;
use crate::svg::Svg;

/// Draws the marker of a pen around a point: circle, square, triangle, diamond, cross, bar;
/// hollow for a pinned run, ringed for a live machine.
pub fn draw(svg: &mut Svg, pen: Pen, x: i32, y: i32) {
    let r = 4 * PX;
    let class = &match pen {
        Pen::Pinned(_) => "f-marker f-hollow".to_owned(),
        Pen::Live(_) => format!("{} f-marker f-ring", pen.fill_class()),
        _ => format!("{} f-marker", pen.fill_class()),
    };
    match pen.marker() {
        0 => svg.circle(class, x, y, r),
        1 => svg.rect(class, x - r + 5, y - r + 5, 2 * r - PX, 2 * r - PX, 0),
        2 => svg.path(class, &[(x - r, y + r - 5), (x, y - r), (x + r, y + r - 5)], true),
        3 => svg.path(class, &[(x, y - r - 5), (x + r + 5, y), (x, y + r + 5), (x - r - 5, y)], true),
        4 => {
            // Half as thick as a stroke, so that the arms are there.
            let w = 13;
            let arms = [(-r, -r + w), (-r + w, -r), (0, -w), (r - w, -r), (r, -r + w), (w, 0)];
            let around = arms.iter().copied().chain(arms.iter().map(|(dx, dy)| (-dx, -dy)));
            let corners: Vec<_> = around.map(|(dx, dy)| (x + dx, y + dy)).collect();
            svg.path(class, &corners, true);
        }
        _ => svg.rect(class, x - 15, y - r, 30, 2 * r, 0),
    }
}

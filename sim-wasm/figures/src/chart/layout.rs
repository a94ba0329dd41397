//! Where everything of a chart goes.

use std::ops::Range;

use sim_core::Nanos;

use super::axis;
use super::{Chart, Series, Shape};
use crate::View;
use crate::measure::{PX, width};
use crate::style::{FONT, SMALL};
use crate::ticks;

/// Height of one row of values above the curves.
pub const ROW: i32 = 20 * PX;
/// Room for the sample of the line before its label.
pub const SAMPLE: i32 = 22 * PX;

/// The rectangle of the curves, in pixels of the drawing (of its `viewBox`), with what its edges
/// mean. The conversions cut off what lies outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// Left edge, tenths of a pixel.
    pub left: i32,
    /// Right edge, tenths of a pixel.
    pub right: i32,
    /// Upper edge, tenths of a pixel.
    pub top: i32,
    /// Lower edge, tenths of a pixel.
    pub bottom: i32,
    /// Time at the left and the right edge.
    pub time: Range<Nanos>,
    /// Value at the upper edge; the lower one is 0.
    pub top_value: i64,
}

impl Plot {
    /// The time under `x` pixels from the drawing's left edge.
    pub fn time_at(&self, x: f64) -> Nanos {
        axis::unmap(tenths(x), &self.times(), (self.left, self.right)) as Nanos
    }

    /// The value at `y` pixels from the drawing's upper edge.
    pub fn value_at(&self, y: f64) -> i64 {
        axis::unmap(tenths(y), &(0..self.top_value), (self.bottom, self.top))
    }

    /// Where a moment is, tenths of a pixel from the left edge of the drawing.
    pub fn x(&self, t: Nanos) -> i32 {
        axis::map(t as i64, &self.times(), (self.left, self.right))
    }

    /// Where a value is, tenths of a pixel from the upper edge of the drawing.
    pub fn y(&self, value: i64) -> i32 {
        axis::map(value, &(0..self.top_value), (self.bottom, self.top))
    }

    fn times(&self) -> Range<i64> {
        self.time.start as i64..self.time.end as i64
    }
}

fn tenths(pixels: f64) -> i32 {
    (pixels * f64::from(PX)) as i32
}

/// The whole layout.
pub struct Layout {
    pub plot: Plot,
    /// Round moments on the time axis.
    pub x_ticks: Vec<Nanos>,
    /// What the ticks of the time axis say.
    pub x_labels: Vec<String>,
    /// Round values on the upright axis.
    pub y_ticks: Vec<i64>,
    /// Decimals of the numbers on the upright axis.
    pub decimals: usize,
    /// Items of the rows of values: index into the series, left edge, baseline.
    pub readout: Vec<(usize, i32, i32)>,
    pub height: i32,
}

/// Series that have a label at their end and a value at the cursor.
pub fn labelled(chart: &Chart) -> impl Iterator<Item = (usize, &Series)> {
    let shown = |(_, series): &(usize, &Series)| !series.points.is_empty() && series.shape != Shape::Area;
    chart.series.iter().enumerate().filter(shown)
}

pub fn lay_out(chart: &Chart, view: &View<'_>) -> Layout {
    let plot_height = if view.narrow() { 190 } else { 230 } * PX;
    let highest = chart.series.iter().flat_map(|s| s.points.iter()).map(|p| p.1).max().unwrap_or(0);
    let (y_ticks, decimals) = ticks::values(highest.max(chart.at_least), chart.scale, 5);
    let top_value = y_ticks.last().copied().unwrap_or(1);

    let y_width = y_ticks.iter().map(|&t| width(&ticks::decimal(t, chart.scale, decimals), FONT)).max();
    let left = y_width.unwrap_or(0) + 9 * PX;
    let label_width = labelled(chart).map(|(_, s)| width(s.label(view), FONT)).max();
    let right = view.width() - label_width.map_or(8 * PX, |w| w + SAMPLE + 6 * PX);

    let (readout, rows) = flow(chart, view);
    let top = rows * ROW + 24 * PX;
    let bottom = top + plot_height;
    let time = chart.from..chart.until.max(chart.from + 1);
    let (x_ticks, x_labels) = time_ticks(&time, right - left, view);
    Layout {
        x_ticks,
        x_labels,
        y_ticks,
        plot: Plot { left, right, top, bottom, time, top_value },
        decimals,
        readout,
        height: bottom + 24 * PX,
    }
}

/// As many round moments as have room for their labels, and no more than an eye wants.
fn time_ticks(time: &Range<Nanos>, room: i32, view: &View<'_>) -> (Vec<Nanos>, Vec<String>) {
    let mut fewest = (Vec::new(), Vec::new());
    for most in (1..=8).rev() {
        let ticks = ticks::times(time.start, time.end, most);
        let labels = ticks::time_labels(&ticks, view.lang);
        let widest = labels.iter().map(|label| width(label, FONT)).max().unwrap_or(0) + 14 * PX;
        let steps = ticks.len().saturating_sub(1) as i32;
        fewest = (ticks, labels);
        if steps * widest <= room {
            break;
        }
    }
    fewest
}

/// The rows of values: as wide as their widest text can become, so that nothing jumps while the
/// cursor moves.
fn flow(chart: &Chart, view: &View<'_>) -> (Vec<(usize, i32, i32)>, i32) {
    if chart.cursor.is_none() {
        return (Vec::new(), 0);
    }
    let mut items = Vec::new();
    // The time stands first, in the first row.
    let (mut x, mut row) = (width(&ticks::say(chart.until.saturating_sub(1), view.lang), FONT) + 14 * PX, 0);
    x = x.clamp(84 * PX, 130 * PX);
    for (i, series) in labelled(chart) {
        let widest = series.points.iter().map(|p| p.1).max().unwrap_or(0);
        let value = width(&(chart.format)(widest), FONT);
        let item = 16 * PX + width(series.label(view), SMALL) + 5 * PX + value;
        if x + item > view.width() && x > 0 {
            (x, row) = (0, row + 1);
        }
        items.push((i, x, row * ROW + 14 * PX));
        x += item + 14 * PX;
    }
    (items, row + 1)
}

//! Draws a chart: grid and curves, and what is placed beside them.

use super::layout::{Layout, SAMPLE, labelled};
use super::thin::{steps, thin};
use super::{Chart, Plot, Series, Shape};
use crate::View;
use crate::measure::{PX, width};
use crate::style::{FONT, Pen, SMALL};
use crate::svg::{Anchor, Svg};
use crate::{marker, ticks};

/// Everything but the cursor.
pub fn base(chart: &Chart, layout: &Layout, svg: &mut Svg, view: &View<'_>) {
    bands(chart, &layout.plot, svg, view);
    curves(chart, layout, svg);
    axis_labels(chart, layout, svg, view);
    marks(chart, &layout.plot, svg, view);
    end_labels(chart, &layout.plot, svg, view);
}

fn bands(chart: &Chart, plot: &Plot, svg: &mut Svg, view: &View<'_>) {
    for band in &chart.bands {
        let (from, until) = (plot.x(band.from), plot.x(band.until));
        svg.rect("f-band", from, plot.top, (until - from).max(PX), plot.bottom - plot.top, 0);
        let label = band.label.get(view.lang);
        if width(label, SMALL) + 8 * PX <= until - from {
            svg.text("f-sm f-muted", Anchor::Start, from + 4 * PX, plot.top + 14 * PX, label);
        }
    }
}

fn curves(chart: &Chart, layout: &Layout, svg: &mut Svg) {
    let plot = &layout.plot;
    let level = |svg: &mut Svg, pen: Pen, y: i32| svg.line(pen.class(), (plot.left, y), (plot.right, y));
    for &value in layout.y_ticks.iter().filter(|value| **value != 0) {
        level(svg, Pen::Grid, plot.y(value));
    }
    let (areas, lines): (Vec<&Series>, Vec<&Series>) = chart.series.iter().partition(|s| s.shape == Shape::Area);
    for series in areas {
        let mut outline = pixels_of(series, plot);
        if let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied()) {
            outline.push((last.0, plot.bottom));
            outline.insert(0, (first.0, plot.bottom));
            svg.path(series.pen.fill_class(), &outline, true);
        }
    }
    svg.path(Pen::Axis.class(), &[(plot.left, plot.bottom), (plot.right, plot.bottom)], false);
    for series in lines {
        svg.path(series.pen.class(), &pixels_of(series, plot), false);
    }
}

/// A series as the corners of its line, no more than an eye can tell apart.
fn pixels_of(series: &Series, plot: &Plot) -> Vec<(i32, i32)> {
    let before = series.points.partition_point(|p| p.0 < plot.time.start).saturating_sub(1);
    let after = series.points.partition_point(|p| p.0 <= plot.time.end);
    let shown = series.points.get(before..after).unwrap_or_default();
    let mut pixels: Vec<_> = shown.iter().map(|&(t, value)| (plot.x(t), plot.y(value))).collect();
    if series.shape == Shape::Line {
        return thin(&pixels, PX / 2);
    }
    if let Some(&(_, last)) = pixels.last() {
        pixels.push((plot.right, last));
    }
    thin(&steps(&pixels), PX / 2)
}

fn axis_labels(chart: &Chart, layout: &Layout, svg: &mut Svg, view: &View<'_>) {
    let plot = &layout.plot;
    let top = plot.top - 12 * PX;
    svg.text("f-sm f-muted", Anchor::Start, 0, top, chart.y_title.get(view.lang));
    for &value in &layout.y_ticks {
        let text = ticks::decimal(value, chart.scale, layout.decimals);
        svg.text("f-t f-muted", Anchor::End, plot.left - 6 * PX, plot.y(value) + 45, &text);
    }
    for (&t, text) in layout.x_ticks.iter().zip(&layout.x_labels) {
        let x = plot.x(t);
        svg.line("f-axis", (x, plot.bottom), (x, plot.bottom + 4 * PX));
        // The last label stays inside the drawing.
        let half = width(text, FONT) / 2;
        let x = x.clamp(half.min(view.width() / 2), (view.width() - half).max(view.width() / 2));
        svg.text("f-t f-muted", Anchor::Middle, x, plot.bottom + 18 * PX, text);
    }
}

fn marks(chart: &Chart, plot: &Plot, svg: &mut Svg, view: &View<'_>) {
    let title_end = width(chart.y_title.get(view.lang), SMALL) + 10 * PX;
    let mut free = title_end;
    for mark in &chart.marks {
        let x = plot.x(mark.at);
        let triangle = [(x - 35, plot.top - 70), (x + 35, plot.top - 70), (x, plot.top - 5)];
        svg.path("f-markfill", &triangle, true);
        let label = mark.label.get(view.lang);
        let half = width(label, SMALL) / 2;
        let middle = x.max(half).min(view.width() - half);
        if middle - half >= free {
            svg.text("f-sm f-muted", Anchor::Middle, middle, plot.top - 12 * PX, label);
            free = middle + half + 8 * PX;
        }
    }
}

fn end_labels(chart: &Chart, plot: &Plot, svg: &mut Svg, view: &View<'_>) {
    let ends: Vec<_> = labelled(chart)
        .filter_map(|(_, series)| {
            let (t, value) = *series.points.last()?;
            let x = if series.shape == Shape::Line { plot.x(t) } else { plot.right };
            Some((series, x, plot.y(value)))
        })
        .collect();
    let wanted: Vec<_> = ends.iter().map(|end| end.2).collect();
    let placed = super::labels::spread(&wanted, 17 * PX, plot.top - 8 * PX, plot.bottom + 8 * PX);
    for ((series, x, y), placed) in ends.into_iter().zip(placed) {
        let sample = plot.right + 4 * PX;
        if (placed - y).abs() > 3 * PX && x >= plot.right - PX {
            svg.line("f-lead", (x, y), (sample, placed));
        }
        svg.line(series.pen.class(), (sample, placed), (sample + 15 * PX, placed));
        marker::draw(svg, series.pen, sample + 75, placed);
        svg.text("f-t", Anchor::Start, plot.right + SAMPLE, placed + 45, series.label(view));
    }
}

/// The cursor and the values it reads: what moves while nothing else does.
pub fn cursor(chart: &Chart, layout: &Layout, svg: &mut Svg, view: &View<'_>) {
    let (Some(t), plot) = (chart.cursor, &layout.plot) else { return };
    let x = plot.x(t);
    svg.group("f-at");
    svg.line("f-cursor", (x, plot.top), (x, plot.bottom + 4 * PX));
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, &ticks::say(t, view.lang));
    for &(i, left, baseline) in &layout.readout {
        let series = &chart.series[i];
        marker::draw(svg, series.pen, left + 6 * PX, baseline - 45);
        let label = series.label(view);
        svg.text("f-sm f-muted", Anchor::Start, left + 16 * PX, baseline, label);
        let value = series.at(t);
        let text = value.map_or_else(|| "–".to_owned(), chart.format);
        let start = left + 21 * PX + width(label, SMALL);
        svg.text("f-t f-strong f-num", Anchor::Start, start, baseline, &text);
        if let Some(value) = value {
            marker::draw(svg, series.pen, x, plot.y(value));
        }
    }
    svg.close();
}

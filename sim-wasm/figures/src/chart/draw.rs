//! Draws a chart: plotters knows the axes and the curves, the rest is placed beside them.

use plotters::coord::cartesian::{Cartesian2d, MeshLine};
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Polygon};
use std::convert::Infallible;

use super::layout::{self, Layout, ROW, SAMPLE, labelled};
use super::thin::{steps, thin};
use super::{Chart, Plot, Series, Shape};
use crate::View;
use crate::backend::Backend;
use crate::measure::{PX, width};
use crate::style::{FONT, Pen, SMALL};
use crate::svg::{Anchor, Svg};
use crate::{marker, ticks};

type Area<'a> = DrawingArea<Backend<'a>, Cartesian2d<super::axis::Axis, super::axis::Axis>>;
type Outcome = Result<(), DrawingAreaErrorKind<Infallible>>;

pub fn draw(chart: &Chart, svg: &mut Svg, view: &View<'_>) -> i32 {
    let layout = layout::lay_out(chart, view);
    bands(chart, &layout.plot, svg, view);
    if let Err(error) = curves(chart, &layout, svg, view) {
        // Only a shared drawing area could fail; ours is not. Say so in the drawing all the same.
        svg.text("f-sm", Anchor::Start, 0, ROW, &error.to_string());
    }
    axis_labels(chart, &layout, svg, view);
    marks(chart, &layout.plot, svg, view);
    end_labels(chart, &layout.plot, svg, view);
    cursor(chart, &layout, svg, view);
    layout.height
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

fn curves(chart: &Chart, layout: &Layout, svg: &mut Svg, view: &View<'_>) -> Outcome {
    let plot = &layout.plot;
    let pixels = (plot.left..plot.right, plot.bottom..plot.top);
    let root = Backend::new(svg, (view.width(), layout.height)).into_drawing_area();
    let area: Area<'_> = root.apply_coord_spec(Cartesian2d::new(layout.x.clone(), layout.y.clone(), pixels));
    area.draw_mesh(
        |backend, line| match line {
            MeshLine::YMesh(_, _, 0) => Ok(()),
            MeshLine::YMesh(..) => line.draw(backend, &Pen::Grid.style()),
            MeshLine::XMesh(..) => Ok(()),
        },
        plotters::coord::ranged1d::BoldPoints(10),
        plotters::coord::ranged1d::BoldPoints(10),
    )?;
    let (areas, lines): (Vec<&Series>, Vec<&Series>) = chart.series.iter().partition(|s| s.shape == Shape::Area);
    for series in areas {
        let mut outline = pixels_of(series, plot);
        if let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied()) {
            outline.push((last.0, plot.bottom));
            outline.insert(0, (first.0, plot.bottom));
            root.draw(&Polygon::new(outline, series.pen.filled()))?;
        }
    }
    let floor = vec![(plot.left, plot.bottom), (plot.right, plot.bottom)];
    root.draw(&PathElement::new(floor, Pen::Axis.style()))?;
    for series in lines {
        root.draw(&PathElement::new(pixels_of(series, plot), series.pen.style()))?;
    }
    Ok(())
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
    for &value in &layout.y.ticks {
        let text = ticks::decimal(value, chart.scale, layout.decimals);
        svg.text("f-t f-muted", Anchor::End, plot.left - 6 * PX, plot.y(value) + 45, &text);
    }
    for (&t, text) in layout.x.ticks.iter().zip(&layout.x_labels) {
        let x = plot.x(t as u64);
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

fn cursor(chart: &Chart, layout: &Layout, svg: &mut Svg, view: &View<'_>) {
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

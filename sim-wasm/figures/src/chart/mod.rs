//! A chart over time: curves, a cursor that reads them, and what happened along the way.

mod axis;
mod draw;
mod labels;
mod layout;
mod thin;

use std::rc::Rc;

use sim_core::{Curve, Lang, Nanos, Text};

use layout::Layout;
pub use layout::Plot;
pub(crate) use thin::straighten;

use crate::View;
use crate::style::Pen;
use crate::svg::Svg;

/// Moments and values, in the order of time.
pub type Points = Curve;

/// How a series is drawn between its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It keeps each value until the next point, and the last until the end of the chart.
    Steps,
    /// Straight from point to point: what is measured now and then, or drawn by hand.
    Line,
    /// Like [`Shape::Steps`], as an area from zero, without a label at its end.
    Area,
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is drawn with.
    pub pen: Pen,
    /// What it is called where there is room.
    pub name: Text,
    /// What it is called on a phone.
    pub short: Text,
    /// Its points.
    pub points: Points,
    /// What lies between them.
    pub shape: Shape,
    /// The value at the cursor, where the points alone do not have it: those of a very long run.
    pub now: Option<i64>,
}

impl Series {
    /// The value at the cursor, which is at `t`: of the last point at or before it.
    pub fn at(&self, t: Nanos) -> Option<i64> {
        let after = self.points.partition_point(|point| point.0 <= t);
        let point = self.points.get(after.checked_sub(1)?)?;
        Some(self.now.unwrap_or(point.1))
    }

    /// Whether both give the same line and the same label.
    fn is_drawn_as(&self, other: &Series) -> bool {
        (self.pen, self.shape, &self.name, &self.short) == (other.pen, other.shape, &other.name, &other.short)
            && Rc::ptr_eq(&self.points, &other.points)
    }

    pub(crate) fn label(&self, view: &View<'_>) -> &str {
        if view.narrow() { self.short.get(view.lang) } else { self.name.get(view.lang) }
    }
}

/// A stretch of time that is shaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Its beginning.
    pub from: Nanos,
    /// Its end.
    pub until: Nanos,
    /// What it is; written in it where it fits.
    pub label: Text,
}

/// A moment that is marked on the upper edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Nanos,
    /// What happened; written beside it where it fits.
    pub label: Text,
}

/// A chart. Everything is in the model's integers; only the drawing knows pixels.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it is, for a screen reader.
    pub title: Text,
    /// What it shows in words: the text equivalent.
    pub description: Text,
    /// What the numbers of the upright axis are, with their unit.
    pub y_title: Text,
    /// What 1 on the upright axis is drawn with (2048 for the kernel's fixed point).
    pub scale: i64,
    /// The upright axis reaches at least this far, in the series' own integers.
    pub at_least: i64,
    /// Beginning of the time axis.
    pub from: Nanos,
    /// End of the time axis.
    pub until: Nanos,
    /// The curves; later ones lie on top.
    pub series: Vec<Series>,
    /// Shaded stretches.
    pub bands: Vec<Band>,
    /// Marked moments.
    pub marks: Vec<Mark>,
    /// Where the values are read.
    pub cursor: Option<Nanos>,
    /// How a value is written where it is read.
    pub format: fn(i64) -> String,
}

impl Chart {
    /// Where the curves are drawn: turns a pointer's place into time and value.
    pub fn plot(&self, view: &View<'_>) -> Plot {
        layout::lay_out(self, view).plot
    }

    /// The chart as an `<svg>` element.
    pub fn svg(&self, view: &View<'_>) -> String {
        let mut svg = Svg::new();
        let height = self.draw(&mut svg, view);
        let (title, desc) = (self.title.get(view.lang), self.description.get(view.lang));
        svg.document(view.id, "fig fig-chart", (view.width(), height), view.lang.tag(), title, desc)
    }

    /// Draws into a larger picture, its upper left corner at the origin; the height it took is
    /// returned, in tenths of a pixel.
    pub fn draw(&self, svg: &mut Svg, view: &View<'_>) -> i32 {
        let layout = layout::lay_out(self, view);
        draw::base(self, &layout, svg, view);
        draw::cursor(self, &layout, svg, view);
        layout.height
    }

    /// [`Chart::svg`] for who draws the chart again and again while nothing moves but the cursor:
    /// what `drawn` has of the last time is not made again.
    pub fn svg_again(&self, view: &View<'_>, drawn: &mut Option<DrawnChart>) -> String {
        let known = drawn.take().filter(|drawn| drawn.is_of(self, view));
        let drawn = drawn.insert(known.unwrap_or_else(|| DrawnChart::new(self, view)));
        let mut svg = Svg::new();
        svg.raw(&drawn.base);
        draw::cursor(self, &drawn.layout, &mut svg, view);
        let (title, desc) = (self.title.get(view.lang), self.description.get(view.lang));
        svg.document(view.id, "fig fig-chart", (view.width(), drawn.layout.height), view.lang.tag(), title, desc)
    }
}

/// A chart as it was drawn last, without its cursor.
pub struct DrawnChart {
    chart: Chart,
    width: u32,
    lang: Lang,
    layout: Layout,
    base: String,
}

impl DrawnChart {
    fn new(chart: &Chart, view: &View<'_>) -> DrawnChart {
        let layout = layout::lay_out(chart, view);
        let mut svg = Svg::new();
        draw::base(chart, &layout, &mut svg, view);
        DrawnChart { chart: chart.clone(), width: view.width, lang: view.lang, layout, base: svg.into_string() }
    }

    /// Whether nothing but cursor and description differ.
    fn is_of(&self, chart: &Chart, view: &View<'_>) -> bool {
        let (a, b) = (&self.chart, chart);
        let axes = |chart: &Chart| (chart.from, chart.until, chart.scale, chart.at_least, chart.cursor.is_some());
        (self.width, self.lang) == (view.width, view.lang)
            && axes(a) == axes(b)
            && (&a.y_title, &a.bands, &a.marks) == (&b.y_title, &b.bands, &b.marks)
            && a.series.len() == b.series.len()
            && a.series.iter().zip(&b.series).all(|(a, b)| a.is_drawn_as(b))
    }
}

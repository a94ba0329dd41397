//! Figures of a whole run: the picture of the mechanism over the chart, at one moment.

use std::rc::Rc;

use sim_core::scenario::Problem;
use sim_core::{Entry, Lang, Nanos, State, Text, TokenError, text};

use crate::chart::Chart;
use crate::drawn::Scene;
use crate::measure::{PX, wrap};
use crate::style::FONT;
use crate::svg::{Anchor, Svg, escape};
use crate::{STYLE, View, drawing};

/// Which run a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A preset by its name; the cursor is the preset's unless another is given.
    Preset(&'a str),
    /// A token; the cursor is the token's unless another is given.
    Token(&'a str),
    /// A scenario as JSON; the cursor is the end unless another is given.
    Json(&'a str),
}

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureError {
    /// No model of that name.
    Model(String),
    /// The model has no preset of that name; the names it has.
    Preset(String, Vec<&'static str>),
    /// The token cannot be opened.
    Token(TokenError),
    /// The scenario cannot be run: every problem of it.
    Scenario(Vec<Problem>),
}

impl FigureError {
    /// What is wrong and what to do, for a reader.
    pub fn text(&self) -> Text {
        match self {
            FigureError::Model(name) => {
                let known = names();
                text!(
                    ko: "`{name}`라는 모델은 없습니다. 있는 모델: {known}",
                    en: "There is no model called `{name}`. Models: {known}"
                )
            }
            FigureError::Preset(name, known) => {
                let known = known.join(", ");
                text!(
                    ko: "`{name}`라는 프리셋은 없습니다. 있는 프리셋: {known}",
                    en: "There is no preset called `{name}`. Presets: {known}"
                )
            }
            FigureError::Token(error) => error.text(),
            FigureError::Scenario(problems) => TokenError::Scenario(problems.clone()).text(),
        }
    }
}

fn names() -> String {
    sim_core::catalogue().iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

/// A run drawn once and for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticFigure {
    /// What the run is called.
    pub title: String,
    /// What one sees and why it matters, in one sentence; for a scenario without a name, what the
    /// picture shows.
    pub insight: String,
    /// For a page with `figures.css`: the figure twice, for a wide and for a narrow column, of
    /// which the style sheet shows one.
    pub inline: String,
    /// For a file: one SVG with title, caption and its own style sheet.
    pub file: String,
}

/// Draws a run for a page without scripts, for print and for a file.
///
/// # Errors
/// What is wrong with the name, token or scenario.
pub fn static_figure(
    model: &str,
    source: Source<'_>,
    cursor: Option<Nanos>,
    lang: Lang,
) -> Result<StaticFigure, FigureError> {
    let unknown = || FigureError::Model(model.to_owned());
    let (entry, drawing) = (sim_core::find(model).ok_or_else(unknown)?, drawing(model).ok_or_else(unknown)?);
    let mut id = format!("fig-{model}");
    let (mut title, mut insight) = ((entry.title)(), None);
    let (scenario, start) = match source {
        Source::Preset(name) => {
            let preset = entry.preset(name).ok_or_else(|| {
                let known = (entry.presets)().iter().map(|preset| preset.name).collect();
                FigureError::Preset(name.to_owned(), known)
            })?;
            id = format!("{id}-{name}");
            (title, insight) = (preset.title, Some(preset.insight));
            (preset.scenario, preset.cursor)
        }
        Source::Token(token) => (entry.open)(token).map_err(FigureError::Token)?,
        Source::Json(json) => (sim_core::scenario::parse(json).map_err(FigureError::Scenario)?, Nanos::MAX),
    };
    let made = drawing.making((entry.start)(&scenario).map_err(FigureError::Scenario)?).whole();
    let state = made.tape.at(cursor.unwrap_or(start));
    let figure = Figure::new(&id, &title, insight.as_ref(), (made.scene, state), lang);
    Ok(StaticFigure { inline: figure.inline(), file: figure.file(), title: figure.title, insight: figure.insight })
}

/// A moment of a run as an SVG file of its own, with title, caption and style sheet.
pub fn figure_file(entry: &Entry, scene: Rc<dyn Scene>, state: Box<dyn State>, lang: Lang) -> String {
    Figure::new(&format!("fig-{}", entry.name), &(entry.title)(), None, (scene, state), lang).file()
}

/// Picture and chart of one moment, ready to be drawn at any width.
struct Figure {
    id: String,
    title: String,
    insight: String,
    description: String,
    scene: Rc<dyn Scene>,
    state: Box<dyn State>,
    chart: Chart,
    lang: Lang,
}

impl Figure {
    /// Without an insight the caption says what the picture shows.
    fn new(
        id: &str,
        title: &Text,
        insight: Option<&Text>,
        (scene, state): (Rc<dyn Scene>, Box<dyn State>),
        lang: Lang,
    ) -> Self {
        let chart = scene.chart(&*state);
        let described = scene.describe(&*state);
        Figure {
            id: id.to_owned(),
            title: title.get(lang).to_owned(),
            insight: insight.unwrap_or(&described).get(lang).to_owned(),
            description: format!("{} {}", described.get(lang), chart.description.get(lang)),
            scene,
            state,
            chart,
            lang,
        }
    }

    /// Draws picture and chart below `top`; returns where they end.
    fn body(&self, svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
        svg.group_at("fig-picture", 0, top);
        let picture = self.scene.draw(&*self.state, svg, view);
        svg.close();
        let gap = 22 * PX;
        svg.group_at("fig-chart", 0, top + picture + gap);
        let height = self.chart.draw(svg, view);
        svg.close();
        top + picture + gap + height
    }

    fn inline(&self) -> String {
        let one = |(class, suffix, width)| {
            let id = format!("{}-{suffix}", self.id);
            let view = View { id: &id, width, lang: self.lang };
            let mut svg = Svg::new();
            let height = self.body(&mut svg, &view, 0);
            svg.document(&id, class, (view.width(), height), self.lang.tag(), &self.title, &self.description)
        };
        [("fig fig-wide", "wide", 720), ("fig fig-narrow", "narrow", 360)].map(one).concat()
    }

    fn file(&self) -> String {
        let view = View { id: &self.id, width: 720, lang: self.lang };
        let mut svg = Svg::new();
        // A margin of its own: a file has no page around it.
        svg.group_at("fig-page", 20 * PX, 20 * PX);
        let mut top = 16 * PX;
        svg.text("f-t f-title", Anchor::Start, 0, top, &self.title);
        for line in wrap(&self.insight, FONT, view.width()) {
            top += 20 * PX;
            svg.text("f-t", Anchor::Start, 0, top, &line);
        }
        let height = self.body(&mut svg, &view, top + 20 * PX);
        svg.close();
        let size = (view.width() + 40 * PX, height + 40 * PX);
        let file = svg.document(&self.id, "fig fig-file", size, self.lang.tag(), &self.title, &self.description);
        file.replacen("<title", &format!("<style>{}</style><title", escape(STYLE)), 1)
    }
}

//! Figures of a whole run: the picture of the mechanism over the chart, at one moment.

use sim_core::load_average::LoadAverage;
use sim_core::scenario::{Problem, Valid};
use sim_core::{Lang, Model, Nanos, Text, Token, TokenError, text};

use crate::chart::Chart;
use crate::measure::{PX, wrap};
use crate::style::FONT;
use crate::svg::{Anchor, Svg, escape};
use crate::{STYLE, View};

/// What a model adds in order to be drawn.
pub trait Drawn: Model {
    /// What a drawing needs to know of the whole run; gathered once for a scenario.
    type History;

    /// Runs the scenario and keeps what drawings need.
    fn history(scenario: &Valid<Self>) -> Self::History;
    /// The curves of the run, the cursor at a moment. Overlays are added to its series.
    fn chart(history: &Self::History, cursor: Nanos) -> Chart;
    /// What the picture is, for a screen reader.
    fn picture_title() -> Text;
    /// The state and what comes next in words: the picture's text equivalent.
    fn describe(&self, history: &Self::History) -> Text;
    /// Draws the mechanism as it is now, its upper left corner at the origin; the height it took
    /// is returned, in tenths of a pixel.
    fn draw_picture(&self, history: &Self::History, svg: &mut Svg, view: &View<'_>) -> i32;

    /// The picture as an `<svg>` element.
    fn picture(&self, history: &Self::History, view: &View<'_>) -> String {
        let mut svg = Svg::new();
        let height = self.draw_picture(history, &mut svg, view);
        let (title, desc) = (Self::picture_title(), self.describe(history));
        let (title, desc) = (title.get(view.lang), desc.get(view.lang));
        svg.document(view.id, "fig fig-picture", (view.width(), height), view.lang.tag(), title, desc)
    }

    /// The state of a run at a moment.
    fn state_at(scenario: &Valid<Self>, t: Nanos) -> Self {
        let mut model = Self::start(scenario);
        model.advance_to(t);
        model
    }
}

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
    match model {
        LoadAverage::NAME => draw_static::<LoadAverage>(source, cursor, lang),
        _ => Err(FigureError::Model(model.to_owned())),
    }
}

fn draw_static<M: Drawn>(source: Source<'_>, cursor: Option<Nanos>, lang: Lang) -> Result<StaticFigure, FigureError> {
    let mut id = format!("fig-{}", M::NAME);
    let (mut title, mut insight) = (M::title(), None);
    let (scenario, start) = match source {
        Source::Preset(name) => {
            let presets = M::presets();
            let known = presets.iter().map(|preset| preset.name).collect();
            let preset = presets.into_iter().find(|preset| preset.name == name);
            let preset = preset.ok_or_else(|| FigureError::Preset(name.to_owned(), known))?;
            id = format!("{id}-{name}");
            (title, insight) = (preset.title, Some(preset.insight));
            (Valid::<M>::new(preset.scenario).map_err(FigureError::Scenario)?, preset.cursor)
        }
        Source::Token(token) => {
            let token = Token::<M>::parse(token).map_err(FigureError::Token)?;
            (token.scenario, token.cursor)
        }
        Source::Json(json) => (Valid::<M>::from_json(json).map_err(FigureError::Scenario)?, Nanos::MAX),
    };
    let figure = Figure::new(&id, &title, insight.as_ref(), &scenario, cursor.unwrap_or(start), lang);
    Ok(StaticFigure { inline: figure.inline(), file: figure.file(), title: figure.title, insight: figure.insight })
}

/// A moment of a run as an SVG file of its own, with title, caption and style sheet.
pub fn figure_file<M: Drawn>(scenario: &Valid<M>, cursor: Nanos, lang: Lang) -> String {
    Figure::new(&format!("fig-{}", M::NAME), &M::title(), None, scenario, cursor, lang).file()
}

/// Picture and chart of one moment, ready to be drawn at any width.
struct Figure<M: Drawn> {
    id: String,
    title: String,
    insight: String,
    description: String,
    history: M::History,
    state: M,
    chart: Chart,
    lang: Lang,
}

impl<M: Drawn> Figure<M> {
    /// Without an insight the caption says what the picture shows.
    fn new(id: &str, title: &Text, insight: Option<&Text>, scenario: &Valid<M>, cursor: Nanos, lang: Lang) -> Self {
        let history = M::history(scenario);
        let state = M::state_at(scenario, cursor);
        let chart = M::chart(&history, state.now());
        let described = state.describe(&history);
        Figure {
            id: id.to_owned(),
            title: title.get(lang).to_owned(),
            insight: insight.unwrap_or(&described).get(lang).to_owned(),
            description: format!("{} {}", described.get(lang), chart.description.get(lang)),
            history,
            state,
            chart,
            lang,
        }
    }

    /// Draws picture and chart below `top`; returns where they end.
    fn body(&self, svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
        svg.group_at("fig-picture", 0, top);
        let picture = self.state.draw_picture(&self.history, svg, view);
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

//! A run as the figure of the book.

use sim_core::Lang;
use sim_figures::{Source, static_figure};

use super::Shown;
use crate::context::Failure;

/// The figure at the cursor as an SVG file that needs no style sheet.
pub(super) fn svg(shown: &Shown, lang: Lang) -> Result<String, Failure> {
    let source = match &shown.preset {
        Some(preset) => Source::Preset(preset.name),
        None => Source::Token(&shown.run.token),
    };
    let figure = static_figure(shown.entry.name, source, Some(shown.cursor), lang);
    figure.map(|figure| figure.file).map_err(|error| Failure::usage(error.text()))
}

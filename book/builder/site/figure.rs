//! A simulator as a page shows it before, without, and after its widget: the picture of its
//! default run, the insight, and how far to trust it.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use sim_core::Lang;
use sim_figures::Source;

use super::fidelity;
use super::html::escape;

/// What stands in place of `{{#sim MODEL PRESET}}`.
pub struct Figure {
    /// The HTML.
    pub html: String,
    /// The words a search finds it by.
    pub words: String,
}

/// Draws a preset; `again` counts its earlier places on the same page, whose ids are taken.
///
/// # Errors
/// What is wrong, with the names there are.
pub fn figure(model: &str, preset: &str, again: usize, lang: Lang) -> Result<Figure, String> {
    let drawn = drawing(model, preset, lang)?;
    let id = match again {
        0 => format!("sim-{model}-{preset}"),
        n => format!("sim-{model}-{preset}-{}", n + 1),
    };
    // The ids inside the picture begin with its name.
    let inside = format!("fig-{model}-{preset}-");
    let svg = match again {
        0 => drawn.svg,
        n => drawn.svg.replace(&inside, &format!("{inside}{}-", n + 1)),
    };
    let html = format!(
        "<figure class=\"sim\" id=\"{id}\" data-model=\"{model}\" data-preset=\"{preset}\" lang=\"{lang}\" \
         aria-labelledby=\"{id}-title\">\
         <div class=\"sim-static\">{}</div>\
         <figcaption><strong class=\"sim-title\" id=\"{id}-title\">{}</strong> <span class=\"sim-insight\">{}</span></figcaption>\
         {}</figure>",
        svg,
        escape(&drawn.title),
        escape(&drawn.insight),
        drawn.fidelity,
    );
    Ok(Figure { html, words: format!("{}. {}", drawn.title, drawn.insight) })
}

/// What does not depend on the page.
#[derive(Clone)]
struct Drawing {
    title: String,
    insight: String,
    svg: String,
    fidelity: String,
}

/// The drawing, made once for the life of the process: a run of two simulated hours takes longer
/// than all the rest of a rebuild.
fn drawing(model: &str, preset: &str, lang: Lang) -> Result<Drawing, String> {
    type Drawn = BTreeMap<(String, String, Lang), Drawing>;
    static DRAWN: OnceLock<Mutex<Drawn>> = OnceLock::new();
    let drawn = DRAWN.get_or_init(Mutex::default);
    let key = (model.to_owned(), preset.to_owned(), lang);
    let lock = || drawn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(drawing) = lock().get(&key) {
        return Ok(drawing.clone());
    }
    // The messages of a builder are for whoever writes the book, in English like all its others.
    let figure = sim_figures::static_figure(model, Source::Preset(preset), None, lang)
        .map_err(|error| error.text().get(Lang::En).to_owned())?;
    let entry =
        sim_core::find(model).ok_or_else(|| format!("{model} is drawn but not in the catalogue of sim-core"))?;
    let drawing = Drawing {
        title: figure.title,
        insight: figure.insight,
        svg: figure.inline,
        fidelity: fidelity::html(model, &(entry.contract)(), lang),
    };
    lock().insert(key, drawing.clone());
    Ok(drawing)
}

//! The widgets of the workbook.
//!
//! The page's loader (`loader.js`) finds the figures and exercises of a page and mounts one of
//! these widgets into each. Every simulator lives in the same frame; what a model adds to it is
//! small. Nothing here simulates: that is `sim-core`'s, and nothing here draws curves: that is
//! `sim-figures`'.

mod exercise;
mod frame;
pub mod live;
pub mod page;
mod patch;
pub mod run;
pub mod simulators;
mod slider;
pub mod sse;
mod words;

use sim_core::{Json, Lang};
use wasm_bindgen::prelude::*;
use web_sys::Element;

use frame::{First, Frame, Options};
use simulators::Kind;

/// Mounts the simulator of a `figure.sim` into it, beside its static form, once its first run is
/// made: until the promise is kept the static form is all there is.
///
/// The figure says what is run (`data-model`, `data-preset`) and in which language (`lang`);
/// the options say what only the loader knows: `{"token": "…"}` for a run somebody shared.
///
/// # Errors
/// When there is no simulator of that name, or the options are no JSON.
#[wasm_bindgen]
pub async fn mount_simulator(figure: Element, options: String) -> Result<(), JsError> {
    let options = Json::parse(&options).map_err(|error| JsError::new(&format!("options: no JSON at {error}")))?;
    let model = figure.get_attribute("data-model").unwrap_or_default();
    let kind = Kind::find(&model);
    let kind = kind.ok_or_else(|| JsError::new(&format!("data-model=\"{model}\": no such simulator")))?;
    let host = page::host(&figure, "sim-live").ok_or_else(|| JsError::new("the page refused a new element"))?;
    let lang = page::lang_of(&figure);
    let preset = figure.get_attribute("data-preset").unwrap_or_default();
    let first = First::make(kind, &preset, options["token"].as_str()).await.map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(|problem| problem.text().get(lang).to_owned()).collect();
        JsError::new(&problems.join("; "))
    })?;
    yew::Renderer::<Frame>::with_root_and_props(host, Options { figure, lang, first }).render();
    Ok(())
}

/// The run of a token as one JSON document, the same bytes as `live-probe sim --token` prints
/// natively.
///
/// # Errors
/// What is wrong with the token, in the language asked for.
#[wasm_bindgen]
pub fn run_json(token: &str, lang: &str) -> Result<String, JsError> {
    run_text(token, Lang::from_tag(lang).unwrap_or_default()).map_err(|error| JsError::new(&error))
}

/// How many events of a kind the run of a token has, counted by running it: what is timed when
/// WASM is measured against native code.
///
/// # Errors
/// The text is no token of a model here.
#[wasm_bindgen]
pub fn count_events(token: &str, kind: &str) -> Result<u32, JsError> {
    let model = token.split('.').next().unwrap_or_default();
    let entry = Kind::find(model).ok_or_else(|| JsError::new("no such model"))?.entry;
    let count = entry.count_events(token, kind).map_err(|error| JsError::new(&error.text().en))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// [`run_json`] for callers outside a page.
///
/// # Errors
/// As [`run_json`].
pub fn run_text(token: &str, lang: Lang) -> Result<String, String> {
    let model = token.split('.').next().unwrap_or_default();
    // What names no model is refused by any of them.
    let entry = Kind::find(model).or_else(Kind::any).ok_or_else(String::new)?.entry;
    let (run, _) = entry.run_token(token).map_err(|error| error.text().get(lang).to_owned())?;
    Ok(run.to_json(lang).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_runs_and_a_bad_one_says_why() {
        let entry = sim_core::find("load-average").unwrap();
        let token = entry.run_preset("one-task-for-a-minute").unwrap().token;
        let run = run_text(&token, Lang::En).unwrap();
        assert!(run.starts_with("{\"events\":") && run.contains("avenrun 0 0 0 → 164 34 11"), "{}", &run[..300]);
        for (token, want) in [("", "not a token"), ("buddy.1.AAAA", "another model"), (&token[..40], "damaged")] {
            let error = run_text(token, Lang::En).unwrap_err();
            assert!(error.contains(want), "{token:?}: {error}");
        }
    }
}

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
pub mod run;
mod simulators;
mod slider;
pub mod sse;
mod words;

use sim_core::load_average::LoadAverage;
use sim_core::{Json, Lang, Model, Token};
use wasm_bindgen::prelude::*;
use web_sys::Element;

use frame::{Frame, Options};
use simulators::Simulator;

/// Mounts the simulator of a `figure.sim` into it, beside its static form.
///
/// The figure says what is run (`data-model`, `data-preset`) and in which language (`lang`);
/// the options say what only the loader knows: `{"token": "…"}` for a run somebody shared.
///
/// # Errors
/// When there is no simulator of that name, or the options are no JSON.
#[wasm_bindgen]
pub fn mount_simulator(figure: Element, options: &str) -> Result<(), JsError> {
    let options = Json::parse(options).map_err(|error| JsError::new(&format!("options: no JSON at {error}")))?;
    let model = figure.get_attribute("data-model").unwrap_or_default();
    match model.as_str() {
        LoadAverage::NAME => mount::<LoadAverage>(figure, &options),
        _ => Err(JsError::new(&format!("data-model=\"{model}\": no such simulator"))),
    }
}

fn mount<M: Simulator>(figure: Element, options: &Json) -> Result<(), JsError> {
    let host = page::host(&figure, "sim-live").ok_or_else(|| JsError::new("the page refused a new element"))?;
    let options = Options {
        lang: page::lang_of(&figure),
        preset: figure.get_attribute("data-preset").unwrap_or_default(),
        token: options["token"].as_str().map(str::to_owned),
        figure,
    };
    yew::Renderer::<Frame<M>>::with_root_and_props(host, options).render();
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
    let entry = sim_core::find(model).ok_or_else(|| JsError::new("no such model"))?;
    let count = (entry.count_events)(token, kind).map_err(|error| JsError::new(&error.text().en))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// [`run_json`] for callers outside a page.
///
/// # Errors
/// As [`run_json`].
pub fn run_text(token: &str, lang: Lang) -> Result<String, String> {
    let model = token.split('.').next().unwrap_or_default();
    let run = match model {
        LoadAverage::NAME => run_as::<LoadAverage>,
        // What names no model is refused by any of them.
        _ => run_as::<LoadAverage>,
    };
    run(token, lang)
}

fn run_as<M: Model>(token: &str, lang: Lang) -> Result<String, String> {
    let token = Token::<M>::parse(token).map_err(|error| error.text().get(lang).to_owned())?;
    Ok(sim_core::run(&token.scenario).to_json(lang).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_runs_and_a_bad_one_says_why() {
        let entry = sim_core::catalogue().first().unwrap();
        let token = (entry.run_preset)("one-task-for-a-minute").unwrap().token;
        let run = run_text(&token, Lang::En).unwrap();
        assert!(run.starts_with("{\"events\":") && run.contains("avenrun 0 0 0 → 164 34 11"), "{}", &run[..300]);
        for (token, want) in [("", "not a token"), ("buddy.1.AAAA", "another model"), (&token[..40], "damaged")] {
            let error = run_text(token, Lang::En).unwrap_err();
            assert!(error.contains(want), "{token:?}: {error}");
        }
    }
}

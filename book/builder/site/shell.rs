//! What stands around the text of every page: the template with its words filled in, and the page
//! that chooses the language.

use std::fmt::Write;

use sim_core::Lang;

use super::BuildError;
use super::assets::Theme;
use super::html::escape;
use super::strings::{STRINGS, string};

/// The strings that the scripts show, given to them as JSON.
const FOR_SCRIPTS: [&str; 14] = [
    "search-none",
    "search-one",
    "search-many",
    "search-more",
    "search-failed",
    "copy",
    "copied",
    "copy-failed",
    "on-this-page",
    "here",
    "here-filled",
    "progress-exported",
    "progress-imported",
    "progress-refused",
];

/// Most places a search shows.
const MOST_RESULTS: u32 = 40;

/// The page template in one language: `[[key]]` becomes the string, `[[asset NAME]]` the address
/// of an asset, and lines that begin with `[[if NAME]]` stay only when that asset exists.
///
/// # Errors
/// The template asks for what there is not.
pub fn template(theme: &Theme, lang: Lang) -> Result<String, BuildError> {
    let mut filled = String::with_capacity(theme.template.len());
    for line in theme.template.lines() {
        let mut rest = line;
        if let Some((name, after)) = line.trim_start().strip_prefix("[[if ").and_then(|rest| rest.split_once("]]")) {
            if !theme.has(name) {
                continue;
            }
            rest = after;
        }
        while let Some((before, after)) = rest.split_once("[[") {
            let (key, after) = after
                .split_once("]]")
                .ok_or_else(|| BuildError::Theme(format!("theme/index.hbs: [[ without ]] in {line:?}")))?;
            filled.push_str(before);
            filled.push_str(&value(theme, key, lang)?);
            rest = after;
        }
        filled.push_str(rest);
        filled.push('\n');
    }
    Ok(filled)
}

fn value(theme: &Theme, key: &str, lang: Lang) -> Result<String, BuildError> {
    if let Some(words) = string(key, lang) {
        return Ok(escape(words));
    }
    if let Some(name) = key.strip_prefix("asset ") {
        return theme.address(name);
    }
    let other = other(lang);
    match key {
        "lang" => Ok(lang.tag().to_owned()),
        "other-lang" => Ok(other.tag().to_owned()),
        "words" => {
            let words: serde_json::Map<_, _> = FOR_SCRIPTS
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), string(key, lang)?.into())))
                .chain([("max".to_owned(), MOST_RESULTS.into())])
                .collect();
            Ok(serde_json::Value::Object(words).to_string().replace('<', "\\u003c"))
        }
        _ => {
            let known: Vec<_> = STRINGS.iter().map(|(key, _)| *key).collect();
            Err(BuildError::Theme(format!(
                "theme/index.hbs: [[{key}]] is no string; known are {}, lang, other-lang, words, asset NAME",
                known.join(", ")
            )))
        }
    }
}

/// The other language.
pub fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ko => Lang::En,
        Lang::En => Lang::Ko,
    }
}

/// `OUT/index.html`: two plain links, and a script that follows the right one.
///
/// # Errors
/// An asset it needs is missing from the theme.
pub fn chooser(theme: &Theme) -> Result<String, BuildError> {
    let mut links = String::new();
    for lang in Lang::ALL {
        let title = string("language", lang).unwrap_or_default();
        let about = string("description", lang).unwrap_or_default();
        let _ = writeln!(
            links,
            "<li lang=\"{lang}\"><a href=\"{lang}/index.html\" hreflang=\"{lang}\"><strong>{}</strong><span>{}</span></a></li>",
            escape(title),
            escape(about)
        );
    }
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"ko\" class=\"light chooser\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>커널 워크북 · Kernel Workbook</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"{}\">\n<link rel=\"stylesheet\" href=\"{}\">\n\
         <script src=\"{}\"></script>\n<script src=\"{}\"></script>\n</head>\n<body>\n<main>\n\
         <h1><span lang=\"ko\">커널 워크북</span> · <span lang=\"en\">Kernel Workbook</span></h1>\n<ul>\n{links}</ul>\n</main>\n</body>\n</html>\n",
        theme.address("favicon.svg")?,
        theme.address("book.css")?,
        theme.address("choose.js")?,
        theme.address("first.js")?,
    ))
}

//! Drawings made for the book: `{{#diagram NAME}}` becomes `book/diagrams/NAME.svg`, inline, so that
//! its text can be selected and its colours follow the page's theme.
//!
//! One file serves both languages: what a reader reads is written `[[한국어|English]]`. Colours and
//! type are the classes of `theme/figures.css`.

use std::path::Path;

use sim_core::Lang;

/// A drawing in one language.
#[derive(Debug)]
pub struct Diagram {
    /// The HTML.
    pub html: String,
    /// The words a search finds it by: its title and description.
    pub words: String,
}

/// Reads a drawing; `again` counts its earlier places on the same page, whose ids are taken.
///
/// # Errors
/// What is missing or wrong, and what to write.
pub fn diagram(folder: &Path, name: &str, again: usize, lang: Lang) -> Result<Diagram, String> {
    let path = folder.join(format!("{name}.svg"));
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(format!("{name} is no name of a drawing: use a-z, 0-9 and - only"));
    }
    let source =
        std::fs::read_to_string(&path).map_err(|error| format!("book/diagrams/{name}.svg cannot be read: {error}"))?;
    let svg = translate(source.trim(), lang).map_err(|what| format!("book/diagrams/{name}.svg: {what}"))?;
    let (title, desc) = (inside(&svg, "title"), inside(&svg, "desc"));
    let (Some(title), Some(desc)) = (title, desc) else {
        return Err(format!("book/diagrams/{name}.svg: needs a <title> and a <desc>, for whoever cannot see it"));
    };
    for banned in ["<script", "<style", " style=", "fill=\"#", "stroke=\"#", "<image", "href="] {
        if svg.contains(banned) {
            return Err(format!(
                "book/diagrams/{name}.svg: {banned} is not for drawings here; use the classes of theme/figures.css"
            ));
        }
    }
    let id = if again == 0 { format!("dia-{name}") } else { format!("dia-{name}-{}", again + 1) };
    let words = format!("{title}. {desc}");
    let svg = svg
        .replacen("<svg ", &format!("<svg role=\"img\" lang=\"{lang}\" aria-labelledby=\"{id}-title {id}-desc\" "), 1)
        .replacen("<title>", &format!("<title id=\"{id}-title\">"), 1)
        .replacen("<desc>", &format!("<desc id=\"{id}-desc\">"), 1);
    let html = format!("<figure class=\"diagram\" id=\"{id}\">{svg}<figcaption>{title}</figcaption></figure>");
    Ok(Diagram { html, words })
}

/// The text between the first pair of a tag.
fn inside(svg: &str, tag: &str) -> Option<String> {
    let (_, after) = svg.split_once(&format!("<{tag}>"))?;
    Some(after.split_once(&format!("</{tag}>"))?.0.trim().to_owned())
}

/// Chooses a language wherever the drawing offers both.
fn translate(svg: &str, lang: Lang) -> Result<String, String> {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("[[") {
        let (both, after) = after.split_once("]]").ok_or("a [[ has no ]]")?;
        let (ko, en) =
            both.split_once('|').ok_or_else(|| format!("[[{both}]] has one language: write [[한국어|English]]"))?;
        out.push_str(before);
        out.push_str(match lang {
            Lang::Ko => ko,
            Lang::En => en,
        });
        rest = after;
    }
    out.push_str(rest);
    if let Some(lonely) = lonely(svg) {
        return Err(format!("{lonely:?} is in one language: write [[한국어|English]]"));
    }
    Ok(out)
}

/// Korean letters outside `[[…|…]]`.
fn lonely(svg: &str) -> Option<String> {
    let mut rest = svg;
    loop {
        let (before, after) = rest.split_once("[[").unwrap_or((rest, ""));
        if before.chars().any(|c| ('가'..='힣').contains(&c)) {
            return before
                .lines()
                .find(|line| line.chars().any(|c| ('가'..='힣').contains(&c)))
                .map(|line| line.trim().to_owned());
        }
        if after.is_empty() {
            return None;
        }
        rest = after.split_once("]]").map_or("", |(_, after)| after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg viewBox=\"0 0 10 10\"><title>[[큐|A queue]]</title><desc>[[한 줄|One line]]</desc><text class=\"f-t\">[[앞|head]]</text></svg>";

    fn draw(svg: &str, lang: Lang) -> Result<Diagram, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("q.svg"), svg).unwrap();
        diagram(folder.path(), "q", 0, lang)
    }

    #[test]
    fn one_file_speaks_both_languages() {
        for (lang, title, text) in [(Lang::Ko, "큐. 한 줄", ">앞<"), (Lang::En, "A queue. One line", ">head<")] {
            let drawn = draw(SVG, lang).unwrap();
            assert_eq!(drawn.words, title);
            assert!(
                drawn.html.contains(text) && drawn.html.contains("aria-labelledby=\"dia-q-title dia-q-desc\""),
                "{}",
                drawn.html
            );
        }
    }

    #[test]
    fn a_drawing_that_would_not_fit_the_page_is_refused() {
        for (from, to, what) in [
            ("<title>[[큐|A queue]]</title>", "", "needs a <title>"),
            ("[[앞|head]]", "[[앞]]", "has one language"),
            ("[[앞|head]]", "앞", "is in one language"),
            ("]]</text>", "</text>", "has no ]]"),
            ("<text ", "<text style=\"fill:red\" ", "is not for drawings"),
        ] {
            let error = draw(&SVG.replace(from, to), Lang::En).unwrap_err();
            assert!(error.contains(what), "{to}: {error}");
        }
        assert!(diagram(Path::new("/nowhere"), "../x", 0, Lang::En).unwrap_err().contains("no name"));
    }
}

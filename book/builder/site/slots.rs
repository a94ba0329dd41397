//! Expanding a page's directives.
//!
//! A directive becomes an empty element with a number; mdBook carries it through, and the finished
//! page gets the real thing in its place. So mdBook never parses, indexes or rewrites an SVG or an
//! exercise, and the search finds a figure by its insight, not by its axis labels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sim_core::{Lang, Text};

use super::page::{Kind, Page, line_of};
use super::problem::Problem;
use super::{diagram, exercise, fence, figure, here, index, progress, quiz, teach, value};

/// What a number stands for.
pub struct Slot {
    /// The HTML in its place.
    pub html: String,
    /// The words a search finds it by.
    pub words: String,
}

/// The slots of one language, numbered over all its pages (the print page holds them all).
#[derive(Default)]
pub struct Slots {
    filled: Vec<Slot>,
    /// The folder of the book.
    book: PathBuf,
}

/// The beginning of a facilitator block in the expanded Markdown.
pub const FACILITATOR: &str = "<aside class=\"facilitator\"";

impl Slots {
    /// No slots yet; drawings and indexes are those of a book's folder.
    pub fn of(book: &Path) -> Slots {
        Slots { filled: Vec::new(), book: book.to_owned() }
    }

    /// The Markdown of a page with its directives expanded; mistakes go to `problems`.
    pub fn expand(&mut self, file: &str, text: &str, lang: Lang, problems: &mut Vec<Problem>) -> String {
        let (text, mut mistakes) = value::fill(text);
        let (text, others) = here::fill(&text);
        mistakes.extend(others);
        let text = text.as_str();
        let page = Page::scan(text);
        let mut problem = |line: usize, what: String| problems.push(Problem { file: file.to_owned(), line, what });
        for mistake in mistakes.into_iter().chain(page.mistakes) {
            problem(mistake.line, mistake.what);
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut expanded = String::with_capacity(text.len());
        let mut done = 0;
        let mut quiz: Option<(String, usize)> = None;
        let mut facilitator = None;
        for directive in page.directives {
            if let (Kind::QuizEnds, Some((id, from))) = (&directive.kind, &quiz) {
                let inside = &text[*from..directive.span.start];
                match quiz::expand(id, inside.trim_start_matches('\n'), line_of(text, *from) + 1, lang) {
                    Ok(html) => expanded.push_str(&format!("\n{html}\n")),
                    Err(mistakes) => mistakes.into_iter().for_each(|mistake| problem(mistake.line, mistake.what)),
                }
                done = directive.span.end;
                quiz = None;
                continue;
            }
            let before = &text[done..directive.span.start];
            match facilitator.take().map(|line| (line, teach::running(before))) {
                None => expanded.push_str(before),
                Some((_, Ok(before))) => expanded.push_str(&before),
                Some((line, Err(what))) => problem(line, what),
            }
            done = directive.span.end;
            let gathered = match &directive.kind {
                Kind::Index { of } => Some(index::markdown(of, &self.book, lang)),
                Kind::Plan { name } => Some(teach::plan(name, &self.book, lang)),
                Kind::WrongPredictions => Some(teach::wrong_predictions(&self.book, lang)),
                _ => None,
            };
            match gathered {
                Some(Ok(markdown)) => expanded.push_str(&markdown),
                Some(Err(what)) => problem(directive.line, what),
                None => {}
            }
            let written = directive.kind.written();
            let again = *seen.entry(written).and_modify(|count| *count += 1).or_insert(0);
            let slot = match &directive.kind {
                Kind::Sim { model, preset } => figure::figure(model, preset, again, lang)
                    .map(|figure| Slot { html: figure.html, words: figure.words }),
                Kind::Exercise { .. } if again > 0 => Err("this exercise is on this page already".to_owned()),
                Kind::Exercise { id } => {
                    exercise::section(id, lang).map(|section| Slot { html: section.html, words: section.words })
                }
                Kind::Diagram { name } => diagram::diagram(&self.book.join("diagrams"), name, again, lang)
                    .map(|diagram| Slot { html: diagram.html, words: diagram.words }),
                Kind::MachineCard => Ok(Slot { html: here::card(lang), words: here::card_words(lang) }),
                Kind::Progress => Ok(Slot { html: progress::progress(lang), words: String::new() }),
                Kind::QuizBegins { .. } if again > 0 => Err("a quiz of this id is on this page already".to_owned()),
                Kind::QuizBegins { id } => {
                    quiz = Some((id.clone(), directive.span.end));
                    continue;
                }
                // An end without a beginning has been told above.
                Kind::QuizEnds | Kind::Index { .. } | Kind::Plan { .. } | Kind::WrongPredictions => continue,
                Kind::FacilitatorBegins => {
                    facilitator = Some(directive.line);
                    let label = Text::fixed("진행자에게", "For the facilitator");
                    expanded.push_str(&format!(
                        "\n{FACILITATOR} aria-label=\"{0}\"><p class=\"facilitator-label\">{0}</p>\n",
                        label.get(lang)
                    ));
                    continue;
                }
                Kind::FacilitatorEnds => {
                    expanded.push_str("\n</aside>\n");
                    continue;
                }
            };
            match slot {
                Ok(slot) => {
                    expanded.push_str(&format!("\n{}\n", marker(self.filled.len())));
                    self.filled.push(slot);
                }
                Err(what) => problem(directive.line, what),
            }
        }
        expanded.push_str(&text[done..]);
        fence::tell(&expanded, lang)
    }

    /// The words of the slot that a piece of HTML marks, if it is one.
    pub fn words(&self, html: &str) -> Option<&str> {
        let number = html.trim().strip_prefix("<div data-slot=\"")?.split('"').next()?;
        Some(&self.filled.get(number.parse::<usize>().ok()?)?.words)
    }

    /// A finished page with every slot filled.
    pub fn fill(&self, html: &str) -> String {
        let mut filled = String::with_capacity(html.len());
        let mut rest = html;
        while let Some((before, after)) = rest.split_once("<div data-slot=\"") {
            filled.push_str(before);
            let (number, after) = after.split_once("\"></div>").unwrap_or(("", after));
            if let Some(slot) = number.parse::<usize>().ok().and_then(|number| self.filled.get(number)) {
                filled.push_str(&slot.html);
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

fn marker(number: usize) -> String {
    format!("<div data-slot=\"{number}\"></div>")
}

//! The table of contents beside the text. It is in every page as plain HTML: no script has to run
//! for a reader to find the next chapter.

use std::fmt::Write;

use mdbook_driver::book::{Book, BookItem, Chapter};
use sim_core::Lang;

use super::html::escape;
use super::page::Heading;
use super::strings::string;

/// The contents as a list, with the page at `current` marked and its sections under it.
///
/// `current` is the page's Markdown path; none of the links is then the current one if it is no
/// chapter (the print page).
pub fn html(book: &Book, current: &str, sections: &[Heading], lang: Lang) -> String {
    let mut html = String::from("<ol class=\"toc-chapters\">\n");
    items(&mut html, &book.items, current, sections, lang);
    html.push_str("</ol>");
    html
}

fn items(html: &mut String, items_: &[BookItem], current: &str, sections: &[Heading], lang: Lang) {
    for item in items_ {
        match item {
            BookItem::Separator => html.push_str("<li class=\"toc-gap\" aria-hidden=\"true\"></li>\n"),
            BookItem::PartTitle(title) => {
                let _ = writeln!(html, "<li class=\"toc-part\">{}</li>", escape(title));
            }
            BookItem::Chapter(chapter) => {
                html.push_str("<li>");
                chapter_line(html, chapter, current, lang);
                if is(chapter, current) {
                    section_list(html, sections, lang);
                }
                if !chapter.sub_items.is_empty() {
                    html.push_str("\n<ol>\n");
                    items(html, &chapter.sub_items, current, sections, lang);
                    html.push_str("</ol>");
                }
                html.push_str("</li>\n");
            }
        }
    }
}

fn is(chapter: &Chapter, current: &str) -> bool {
    chapter.path.as_ref().is_some_and(|path| path.to_str() == Some(current))
}

fn chapter_line(html: &mut String, chapter: &Chapter, current: &str, lang: Lang) {
    let number = match &chapter.number {
        Some(number) => format!("<span class=\"toc-number\">{}</span>", number.to_string().trim_end_matches('.')),
        None => String::new(),
    };
    let name = format!("<span class=\"toc-name\">{}</span>", escape(&chapter.name));
    let _ = match &chapter.path {
        Some(path) => {
            let here = if is(chapter, current) { " aria-current=\"page\"" } else { "" };
            let link = path.with_extension("html").to_string_lossy().replace('\\', "/");
            write!(html, "<a href=\"{}\"{here}>{number}{name}</a>", escape(&link))
        }
        None => {
            let to_come = string("to-come", lang).unwrap_or_default();
            write!(html, "<span class=\"toc-draft\">{number}{name}<small>{to_come}</small></span>")
        }
    };
}

fn section_list(html: &mut String, sections: &[Heading], lang: Lang) {
    let shown = sections.iter().filter(|heading| heading.level == 2 && !heading.facilitator);
    let links: String = shown
        .filter_map(|heading| Some((heading.id.as_ref()?, &heading.title)))
        .map(|(id, title)| format!("<li><a href=\"#{}\">{}</a></li>\n", escape(id), escape(title)))
        .collect();
    if !links.is_empty() {
        let label = string("on-this-page", lang).unwrap_or_default();
        let _ = write!(html, "\n<ol class=\"toc-sections\" aria-label=\"{label}\">\n{links}</ol>");
    }
}

//! The whole book in one language, as its indexes and its teaching plans see it: pages in reading
//! order, and the section that a place belongs to.

use std::path::Path;

use sim_core::Lang;

use super::page::Page;

/// Sections that repeat what others say: no index leads to them.
const ECHOES: [&str; 4] = ["summary", "further", "verified", "incident-solved"];

/// A page in reading order.
#[derive(Debug)]
pub struct Chapter {
    /// File name: `ch05-swap.md`.
    pub file: String,
    /// Its title in the table of contents.
    pub title: String,
    /// Its Markdown.
    pub text: String,
    /// What it holds.
    pub page: Page,
}

/// A section that an index leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `ch05-swap.md#swappiness`.
    pub to: String,
    /// What the link says: the chapter's number and the section's title.
    pub label: String,
}

impl Place {
    /// The link in Markdown.
    pub fn link(&self) -> String {
        let safe: String = self.label.chars().flat_map(escaped).collect();
        format!("[{safe}]({})", self.to)
    }
}

/// A character as it stands in Markdown for itself.
fn escaped(c: char) -> impl Iterator<Item = char> {
    let special = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&');
    special.then_some('\\').into_iter().chain([c])
}

/// Reads the pages that `BOOK/LANG/SUMMARY.md` lists; one that cannot be read is left out, which the
/// builder tells elsewhere.
pub fn read(book: &Path, lang: Lang) -> Vec<Chapter> {
    let folder = book.join(lang.tag());
    let summary = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap_or_default();
    let titles = summary.lines().filter_map(|line| {
        let (_, rest) = line.split_once('[')?;
        let (title, rest) = rest.split_once("](")?;
        Some((title.to_owned(), rest.split_once(')')?.0.to_owned()))
    });
    titles
        .filter_map(|(title, file)| {
            let text = std::fs::read_to_string(folder.join(&file)).ok()?;
            let page = Page::scan(&text);
            Some(Chapter { file, title, text, page })
        })
        .collect()
}

impl Chapter {
    /// Its number or letter, from the name of its file: `ch05-swap.md` is 5, `b-strace.md` is B.
    pub fn number(&self) -> Option<String> {
        let (first, _) = self.file.split_once('-')?;
        match first.strip_prefix("ch").and_then(|digits| digits.parse::<u32>().ok()) {
            Some(number) => Some(number.to_string()),
            None => (first.len() == 1).then(|| first.to_uppercase()),
        }
    }

    /// Its title, with the number of a chapter; an appendix has its letter in its title.
    pub fn numbered(&self) -> String {
        match self.number().filter(|number| number.parse::<u32>().is_ok()) {
            Some(number) => format!("{number} · {}", self.title),
            None => self.title.clone(),
        }
    }

    /// The section that a byte of the text is in; none for what no index leads to: echoes, what only
    /// facilitators see, and the lines below the title of a page.
    pub fn section(&self, at: usize) -> Option<Place> {
        let mut headings = self.page.headings.iter().filter(|heading| heading.level <= 3);
        let heading = headings.rfind(|heading| heading.start <= at)?;
        let id = heading.id.as_deref()?;
        let counts = heading.level > 1 && !heading.facilitator && !ECHOES.contains(&id);
        self.place(id).filter(|_| counts)
    }

    /// The section of an id.
    pub fn place(&self, id: &str) -> Option<Place> {
        let heading = self.page.headings.iter().find(|heading| heading.id.as_deref() == Some(id))?;
        let label = match self.number() {
            Some(number) => format!("{number} · {}", heading.title),
            None => heading.title.clone(),
        };
        Some(Place { to: format!("{}#{id}", self.file), label })
    }
}

/// The section that `page.md#id` names.
///
/// # Errors
/// There is no such section.
pub fn find(chapters: &[Chapter], to: &str) -> Result<Place, String> {
    let (file, id) = to.split_once('#').unwrap_or((to, ""));
    let chapter = chapters.iter().find(|chapter| chapter.file == file);
    chapter.and_then(|chapter| chapter.place(id)).ok_or_else(|| format!("no section {to} in the book"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter() -> Chapter {
        let text = "# Swap {#swap}\n\na\n\n{{#facilitator}}\nb\n{{/facilitator}}\n\n## vm.x_y {#x}\n\nc\n\n## Summary {#summary}\n\nd\n";
        Chapter { file: "ch05-swap.md".into(), title: "Swap".into(), text: text.into(), page: Page::scan(text) }
    }

    #[test]
    fn a_place_belongs_to_the_heading_before_it() {
        let chapter = chapter();
        let section = |word: &str| chapter.section(chapter.text.find(word).unwrap()).map(|place| place.link());
        assert_eq!(section("a\n"), None);
        assert_eq!(section("c\n").as_deref(), Some("[5 · vm.x\\_y](ch05-swap.md#x)"));
        assert_eq!(section("d\n"), None);
        assert_eq!(find(&[chapter], "ch05-swap.md#z").unwrap_err(), "no section ch05-swap.md#z in the book");
    }

    #[test]
    fn chapters_are_numbered_as_their_files_are() {
        for (file, number) in [("ch05-swap.md", Some("5")), ("b-strace.md", Some("B")), ("glossary.md", None)] {
            let chapter = Chapter { file: file.into(), ..chapter() };
            assert_eq!(chapter.number().as_deref(), number, "{file}");
        }
    }
}

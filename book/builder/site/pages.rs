//! One language of the book: Markdown in, finished pages out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::book::{Book, BookItem};
use mdbook_driver::builtin_renderers::MarkdownRenderer;
use mdbook_driver::config::Config;
use sim_core::Lang;

use super::assets::Theme;
use super::page::{Heading, Page};
use super::slots::Slots;
use super::strings::string;
use super::{BuildError, Files, Problem, finish, quotes, search, shell, toc};

/// One language of the site.
pub struct Tree {
    /// Its files by path under `OUT/LANG/`.
    pub files: Files,
    /// How many pages it has.
    pub pages: usize,
}

/// What mdBook writes that the site does not use: it has its own stylesheet and scripts.
const NOT_OURS: [&str; 9] = [
    "ayu-highlight.css",
    "book.js",
    "clipboard.min.js",
    "favicon.png",
    "favicon.svg",
    "highlight.css",
    "highlight.js",
    "toc.html",
    "tomorrow-night.css",
];

/// Renders `BOOK/LANG`.
///
/// # Errors
/// Every mistake of its pages, or what mdBook says.
pub fn render(book_folder: &Path, lang: Lang, theme: &Theme) -> Result<Tree, BuildError> {
    let folder = book_folder.join(lang.tag());
    let refused = |error: &dyn std::fmt::Display| BuildError::Book { folder: folder.clone(), what: error.to_string() };
    check_summary(&folder, lang)?;
    let work = tempfile::tempdir().map_err(|error| BuildError::file(&std::env::temp_dir(), "write to", error))?;
    let config = config(lang, theme, work.path())?;
    let mut mdbook = MDBook::load_with_config(&folder, config).map_err(|error| refused(&format!("{error:#}")))?;

    let mut slots = Slots::of(book_folder);
    let headings = expand(&mut mdbook.book, &mut slots, lang)?;
    // What mdBook makes of includes and escapes, for the index to hold what the page shows.
    let (shown, _) =
        mdbook.preprocess_book(&MarkdownRenderer::new()).map_err(|error| refused(&format!("{error:#}")))?;
    let entries = search::entries(&shown, &slots);
    mdbook.build().map_err(|error| refused(&format!("{error:#}")))?;

    let mut files = Files::new();
    for (path, bytes) in written(&work.path().join("out"))? {
        if !path.ends_with(".html") {
            files.insert(path, bytes);
            continue;
        }
        let html = String::from_utf8(bytes).map_err(|_| refused(&format!("{path} is not UTF-8")))?;
        let source = source_of(&path, &mdbook.book);
        let sections = headings.get(&source).map_or(&[][..], Vec::as_slice);
        let contents = toc::html(&mdbook.book, &source, sections, lang);
        let address = Path::new(&source).with_extension("html");
        let about = entries
            .iter()
            .find(|entry| entry.0.split('#').next().map(Path::new) == Some(&address) && !entry.3.is_empty());
        let about =
            finish::description(about.map_or(string("description", lang).unwrap_or_default(), |entry| &entry.3));
        let html = html.replacen("<!--description-->", &about, 1).replace("<!--file-->", &path);
        files.insert(path, finish::finish(&html, &contents, &slots, lang).into_bytes());
    }
    files.insert("searchindex.js".into(), search::script(&entries).into_bytes());
    Ok(Tree { files, pages: mdbook.book.chapters().count() })
}

/// Every link of the summary names a file that exists (mdBook would name neither file nor line).
fn check_summary(folder: &Path, lang: Lang) -> Result<(), BuildError> {
    let path = folder.join("SUMMARY.md");
    let text = std::fs::read_to_string(&path).map_err(|error| BuildError::file(&path, "read", error))?;
    let missing =
        Page::scan(&text).links.into_iter().filter(|link| !link.to.is_empty() && !folder.join(&link.to).is_file());
    let problems: Vec<_> = missing
        .map(|link| Problem {
            file: format!("{lang}/SUMMARY.md"),
            line: link.line,
            what: format!(
                "{}/{} does not exist: write it, or leave the link empty () for a chapter to come",
                lang, link.to
            ),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(BuildError::Pages(problems)) }
}

/// mdBook's configuration; the template goes to a folder of its own, its words filled in.
fn config(lang: Lang, theme: &Theme, work: &Path) -> Result<Config, BuildError> {
    let templates = work.join("theme");
    let write = |name: &str, text: &str| {
        let path = templates.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&templates))
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| BuildError::file(&path, "write", error))
    };
    write("index.hbs", &shell::template(theme, lang)?)?;
    // An empty file keeps mdBook from adding its web fonts: the page uses the system's.
    write("fonts/fonts.css", "")?;
    let mut config: Config = r#"
        [build]
        create-missing = false
        [output.html]
        hash-files = false
        smart-punctuation = true
        input-404 = ""
        [output.html.search]
        enable = false
        [output.html.playground]
        runnable = false
        copyable = false
    "#
    .parse()
    .map_err(|error| BuildError::Theme(format!("mdBook's configuration: {error:#}")))?;
    if lang == Lang::Ko {
        // quotes.rs does it for Korean.
        config
            .set("output.html.smart-punctuation", false)
            .map_err(|error| BuildError::Theme(format!("mdBook's configuration: {error:#}")))?;
    }
    config.book.title = string("title", lang).map(str::to_owned);
    config.book.language = Some(lang.tag().to_owned());
    config.book.src = PathBuf::new();
    config.build.build_dir = work.join("out");
    config
        .set("output.html.theme", &templates)
        .map_err(|error| BuildError::Theme(format!("mdBook's configuration: {error:#}")))?;
    Ok(config)
}

/// Expands the directives of every chapter; returns the headings by the chapter's path.
fn expand(book: &mut Book, slots: &mut Slots, lang: Lang) -> Result<BTreeMap<String, Vec<Heading>>, BuildError> {
    let mut problems = Vec::new();
    let mut headings = BTreeMap::new();
    book.for_each_mut(|item| {
        let BookItem::Chapter(chapter) = item else { return };
        let Some(source) = chapter.source_path.as_ref().map(|path| path.to_string_lossy().replace('\\', "/")) else {
            return;
        };
        if lang == Lang::Ko {
            chapter.content = quotes::curl(&chapter.content);
        }
        headings.insert(source.clone(), Page::scan(&chapter.content).headings);
        chapter.content = slots.expand(&format!("{lang}/{source}"), &chapter.content, lang, &mut problems);
    });
    if problems.is_empty() { Ok(headings) } else { Err(BuildError::Pages(problems)) }
}

/// The Markdown path behind a page; `index.html` is the first chapter once more.
fn source_of(page: &str, book: &Book) -> String {
    let own = Path::new(page).with_extension("md").to_string_lossy().into_owned();
    let mut paths = book.chapters().filter_map(|chapter| chapter.path.as_ref()).map(|path| path.to_string_lossy());
    let first = paths.next().map(|path| path.into_owned()).unwrap_or_default();
    if page == "index.html" { first } else { own }
}

/// What mdBook wrote and the site uses, by path.
fn written(out: &Path) -> Result<Files, BuildError> {
    let mut files = Files::new();
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| BuildError::file(&folder, "read", error))?;
        for entry in entries {
            let path = entry.map_err(|error| BuildError::file(&folder, "read", error))?.path();
            let name = path.strip_prefix(out).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                if name != "css" {
                    folders.push(path);
                }
            } else if !NOT_OURS.contains(&name.as_str()) && !name.starts_with('.') && name != "toc.js" {
                files.insert(name, std::fs::read(&path).map_err(|error| BuildError::file(&path, "read", error))?);
            }
        }
    }
    Ok(files)
}

//! Pages in, site out.
//!
//! `build` renders `book/ko` and `book/en` with mdBook in this process, puts the simulators' static
//! figures and the exercises where the pages ask for them, and writes
//!
//! ```text
//! OUT/index.html     chooses the language (plain links without JavaScript)
//! OUT/ko/, OUT/en/   the pages, searchindex.js and the pages' own files
//! OUT/assets/        one stylesheet, the scripts, the widgets
//! OUT/csp.json       what a Content-Security-Policy has to allow
//! OUT/.build-id      a hash of all of it, written last
//! ```
//!
//! Every link is relative, so the site works under any path. Nothing half-written is ever seen:
//! the site is made in memory and files are renamed into place.

pub mod assets;
mod csp;
mod diagram;
mod exercise;
pub mod fence;
mod fidelity;
mod figure;
mod finish;
pub mod here;
pub mod html;
mod index;
pub mod names;
pub mod page;
mod pages;
mod problem;
mod progress;
mod publish;
mod quiz;
mod quotes;
mod search;
mod shell;
pub(crate) mod slots;
mod strings;
mod teach;
mod toc;
pub mod value;
pub mod whole;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sim_core::Lang;

pub use assets::Asset;
pub use problem::{BuildError, Problem};

/// What to build, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds `ko/`, `en/` and `theme/`.
    pub book: PathBuf,
    /// The folder the site is written to; what does not belong to the site is removed from it.
    pub out: PathBuf,
    /// The compiled widgets ([`assets::widgets`]); none gives a site of static figures.
    pub widgets: Vec<Asset>,
}

/// What was built.
#[derive(Clone, Debug)]
pub struct Report {
    /// Pages of one language.
    pub pages: usize,
    /// Files of the site that were not already as they should be.
    pub changed: usize,
    /// The content of `.build-id`.
    pub build_id: String,
    /// How long it took.
    pub took: Duration,
}

/// The files of a site by path, before they are written.
type Files = BTreeMap<String, Vec<u8>>;

/// Builds the site.
///
/// # Errors
/// Every mistake of the pages at once, each with its file and line; or a file that cannot be read
/// or written. The site that was there before stays as it was.
pub fn build(options: &Options) -> Result<Report, BuildError> {
    let begun = Instant::now();
    let theme = assets::Theme::load(&options.book.join("theme"), &options.widgets)?;
    // The two languages share nothing, and two cores are what a reader's laptop surely has.
    let [ko, en] = std::thread::scope(|scope| {
        let en = scope.spawn(|| pages::render(&options.book, Lang::En, &theme));
        let ko = pages::render(&options.book, Lang::Ko, &theme);
        [ko, en.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
    });
    let (ko, en) = match (ko, en) {
        (Ok(ko), Ok(en)) => (ko, en),
        (Err(BuildError::Pages(mut ko)), Err(BuildError::Pages(en))) => {
            ko.extend(en);
            return Err(BuildError::Pages(ko));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let pages = ko.pages;
    let mut files = Files::new();
    for (lang, tree) in [(Lang::Ko, ko), (Lang::En, en)] {
        files.extend(tree.files.into_iter().map(|(path, bytes)| (format!("{lang}/{path}"), bytes)));
    }
    files.extend(theme.files()?);
    files.insert("index.html".into(), shell::chooser(&theme)?.into_bytes());
    // GitHub Pages would drop names that begin with a dot or an underscore.
    files.insert(".nojekyll".into(), Vec::new());
    let policy = csp::policy(&files);
    files.insert("csp.json".into(), policy);
    let (build_id, changed) = publish::publish(&options.out, &files)?;
    Ok(Report { pages, changed, build_id, took: begun.elapsed() })
}

#[cfg(test)]
mod tests;

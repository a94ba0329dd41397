//! Builds the site: `book BOOK OUT [WIDGETS LOADER]`.

#[allow(dead_code)]
mod check;
mod site;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (book, out, widgets) = match folders.as_slice() {
        [book, out] => (book, out, Ok(Vec::new())),
        [book, out, widgets, loader] => (book, out, site::assets::widgets(widgets, loader)),
        _ => {
            eprintln!("usage: book BOOK OUT [WIDGETS LOADER]");
            return ExitCode::from(2);
        }
    };
    let build = |widgets| site::build(&site::Options { book: book.clone(), out: out.clone(), widgets });
    match widgets.and_then(build) {
        Ok(report) => {
            let site::Report { pages, changed, build_id, took } = report;
            eprintln!("{pages} pages, {changed} files changed, build {build_id}, {} ms", took.as_millis());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

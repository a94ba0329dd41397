//! `cargo book serve`: builds everything, serves it through the probe, and builds again on change.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::wasm::{self, Profile};
use super::workspace::{Workspace, run, step};
use super::{Failure, build_site};

/// Writing one file makes a handful of notices; they are taken together when this quiet.
const QUIET: Duration = Duration::from_millis(40);

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; the probe takes another one when it is in use.
    #[arg(long)]
    port: Option<u16>,
    /// Do not open a browser.
    #[arg(long)]
    no_open: bool,
}

/// Builds, serves, and goes on until interrupted.
///
/// # Errors
/// The first build does not succeed, or the probe ends by itself.
pub fn serve(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let widgets = wasm::build(workspace, Profile::Dev)?;
    let site = workspace.site();
    step("write both books", || build_site(workspace, &site, Some(&widgets)))?;
    step("compile the probe", || run(workspace.cargo().args(["build", "--quiet", "--bin", "live-probe"])))?;
    // Watching begins before the address is printed: an edit is never missed.
    let (_watcher, changes) = watch(workspace)?;
    let mut probe = Guard(start_probe(workspace, &site, args)?);
    loop {
        match next_change(&changes) {
            Some(changed) => rebuild(workspace, &site, &widgets, &changed),
            None => {
                let ended = probe.0.try_wait().map_err(|error| Failure::of("the probe", error))?;
                match ended {
                    Some(status) if status.success() => return Ok(()),
                    Some(status) => return Err(Failure::new(format!("the probe ended with {status}"))),
                    None => {}
                }
            }
        }
    }
}

/// Takes the probe along however this ends.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_probe(workspace: &Workspace, site: &Path, args: &Args) -> Result<Child, Failure> {
    let program = workspace.target.join("debug").join(format!("live-probe{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.arg("serve").arg("--site").arg(site).arg("--reload");
    if let Some(port) = args.port {
        command.arg("--port").arg(port.to_string());
    }
    if args.no_open {
        command.arg("--no-open");
    }
    command.spawn().map_err(|error| Failure::of(&program.display().to_string(), error))
}

fn watch(workspace: &Workspace) -> Result<(RecommendedWatcher, Receiver<Vec<PathBuf>>), Failure> {
    let (tell, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && !event.kind.is_access()
        {
            let _ = tell.send(event.paths);
        }
    })
    .map_err(|error| Failure::of("cannot watch for changes", error))?;
    for folder in ["book", "exercises", "sim-core", "sim-wasm"] {
        watcher
            .watch(&workspace.root.join(folder), RecursiveMode::Recursive)
            .map_err(|error| Failure::of(&format!("cannot watch {folder}/"), error))?;
    }
    Ok((watcher, changes))
}

/// Everything that changed in one go; `None` when nothing did for a second.
fn next_change(changes: &Receiver<Vec<PathBuf>>) -> Option<Vec<PathBuf>> {
    let mut all = match changes.recv_timeout(Duration::from_secs(1)) {
        Ok(paths) => paths,
        Err(RecvTimeoutError::Timeout) => return None,
        Err(RecvTimeoutError::Disconnected) => {
            std::thread::sleep(QUIET);
            return None;
        }
    };
    while let Ok(paths) = changes.recv_timeout(QUIET) {
        all.extend(paths);
    }
    all.sort();
    all.dedup();
    Some(all)
}

/// What a change asks for, from least to most work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// An editor's own file.
    None,
    /// Prose or style.
    Pages,
    /// A widget.
    Widgets,
    /// Something this builder itself is made of: figures, models, exercises.
    Everything,
}

fn work_for(path: &Path) -> Work {
    let text = path.to_string_lossy().replace('\\', "/");
    let name = text.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if name.starts_with(['.', '#']) || matches!(ending, "swp" | "tmp" | "new" | "snap") || name.ends_with('~') {
        return Work::None;
    }
    let has = |folder: &str| text.starts_with(folder) || text.contains(&format!("/{folder}"));
    match ending {
        "md" | "css" | "js" | "hbs" | "png" | "svg" if has("book/") || has("sim-wasm/loader") => Work::Pages,
        "toml" if has("book/ko") || has("book/en") => Work::Pages,
        "rs" if has("book/") => Work::None,
        "rs" if has("sim-wasm/src/") => Work::Widgets,
        "rs" | "toml" | "json" => Work::Everything,
        _ => Work::None,
    }
}

fn rebuild(workspace: &Workspace, site: &Path, widgets: &Path, changed: &[PathBuf]) {
    let inside = |path: &PathBuf| path.strip_prefix(&workspace.root).map(Path::to_path_buf).unwrap_or(path.clone());
    let work = changed.iter().map(inside).map(|path| work_for(&path)).max().unwrap_or(Work::None);
    let done = match work {
        Work::None => return,
        Work::Pages => step("write both books", || build_site(workspace, site, Some(widgets))),
        Work::Widgets => wasm::build(workspace, Profile::Dev)
            .and_then(|widgets| step("write both books", || build_site(workspace, site, Some(&widgets)))),
        // This process still holds the old figures: a new builder does it.
        Work::Everything => step("build again, builder included", || {
            let mut cargo = workspace.cargo();
            run(cargo.args(["run", "--quiet", "--package", "book", "--", "build", "--dev", "--out"]).arg(site))
        }),
    };
    // The pages stay as they were; the developer corrects and saves again.
    if let Err(failure) = done {
        eprintln!("{failure}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_asks_for_the_least_work_that_shows_it() {
        for (path, want) in [
            ("book/ko/ch03-load-average.md", Work::Pages),
            ("book/theme/book.css", Work::Pages),
            ("sim-wasm/loader.js", Work::Pages),
            ("sim-wasm/src/frame.rs", Work::Widgets),
            ("sim-wasm/figures/src/chart.rs", Work::Everything),
            ("sim-core/src/load_average/calc.rs", Work::Everything),
            ("exercises/ch03-load-average/fourth-field.toml", Work::Everything),
            ("book/builder/main.rs", Work::None),
            ("book/ko/.ch03.md.swp", Work::None),
            ("book/ko/ch03.md~", Work::None),
            ("sim-core/src/snapshots/a.snap", Work::None),
        ] {
            assert_eq!(work_for(Path::new(path)), want, "{path}");
        }
    }
}

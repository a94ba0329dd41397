//! Compiles the widgets to WASM, with the glue that loads them, and cuts what readers get into parts.

use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use super::workspace::{Workspace, run, step};
use super::{Failure, parts, setup};
use crate::site::assets::{MAIN, NEEDS, part_file};

const TARGET: &str = "wasm32-unknown-unknown";

/// How the widgets are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Built in seconds, for working on them.
    Dev,
    /// Small and fast, in parts, for readers of a site.
    Reader,
    /// The same in one file: smaller than its parts together, and what a probe carries has no way to go.
    Packed,
}

impl Profile {
    /// The profile in the manifest.
    fn name(self) -> &'static str {
        match self {
            Profile::Dev => "wasm-dev",
            Profile::Reader | Profile::Packed => "wasm",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Reader => "parts",
            Profile::Packed => "whole",
        }
    }
}

/// Compiles `sim-wasm` and returns the folder with `sim_wasm.js`, `sim_wasm_bg.wasm` and, for readers, the
/// parts: `sim_wasm.PART.wasm` each and [`NEEDS`]. For whoever works on the widgets all is in one file,
/// which is made faster.
///
/// # Errors
/// The target cannot be added, the widgets do not compile, or the glue or the parts cannot be made.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf, Failure> {
    setup::add_target(TARGET)?;
    step("compile the widgets", || {
        let mut cargo = workspace.cargo();
        cargo.args(["rustc", "--quiet", "--package", "sim-wasm", "--lib", "--crate-type", "cdylib"]);
        cargo.args(["--target", TARGET, "--profile", profile.name()]);
        if profile != Profile::Dev {
            // What reaches what, for the parts.
            cargo.args(["--", "-Clink-arg=--emit-relocs"]);
        }
        run(&mut cargo)
    })?;
    let module = workspace.target.join(TARGET).join(profile.name()).join("sim_wasm.wasm");
    let out = workspace.target.join("widgets").join(profile.folder());
    let last = if profile == Profile::Reader { NEEDS } else { MAIN };
    if is_newer(&out.join(last), &module) {
        return Ok(out);
    }
    step("make the glue of the widgets", || {
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(&module)
            .web(true)
            .and_then(|bindgen| {
                bindgen
                    .typescript(false)
                    .omit_default_module_path(false)
                    .demangle(false)
                    .remove_producers_section(true)
                    .generate(&out)
            })
            .map_err(|error| Failure::new(format!("wasm-bindgen on {}: {error:#}", module.display())))
    })?;
    match profile {
        Profile::Dev => {}
        Profile::Reader => step("cut the widgets into parts", || cut(&module, &out))?,
        Profile::Packed => write(&out, MAIN, &parts::whole(&read(&out.join(MAIN))?).map_err(broken(&module))?)?,
    }
    Ok(out)
}

fn cut(linked: &Path, out: &Path) -> Result<(), Failure> {
    let parts = parts::cut(&read(linked)?, &read(&out.join(MAIN))?).map_err(broken(linked))?;
    write(out, MAIN, &parts.main)?;
    for (name, bytes) in &parts.files {
        write(out, &part_file(name), bytes)?;
    }
    let needs = serde_json::to_vec(&parts.needs).map_err(|error| Failure::of(NEEDS, error))?;
    // Written last: what an interrupted cut has left is made again.
    write(out, NEEDS, &needs)
}

fn broken(module: &Path) -> impl Fn(parts::Broken) -> Failure {
    move |error| Failure::of(&format!("{}: the parts", module.display()), error)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::of(&path.display().to_string(), error))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|error| Failure::of(&path.display().to_string(), error))
}

fn is_newer(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    matches!((time(made), time(from)), (Some(made), Some(from)) if made > from)
}

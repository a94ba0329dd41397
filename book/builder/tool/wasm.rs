//! Compiles the widgets to WASM, with the glue that loads them.

use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use super::workspace::{Workspace, run, step};
use super::{Failure, setup};

const TARGET: &str = "wasm32-unknown-unknown";

/// How the widgets are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Built in seconds, for working on them.
    Dev,
    /// Small and fast, for readers.
    Reader,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Dev => "wasm-dev",
            Profile::Reader => "wasm",
        }
    }
}

/// Compiles `sim-wasm` and returns the folder with `sim_wasm.js` and `sim_wasm_bg.wasm`.
///
/// # Errors
/// The target cannot be added, the widgets do not compile, or the glue cannot be made.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf, Failure> {
    setup::add_target(TARGET)?;
    step("compile the widgets", || {
        let mut cargo = workspace.cargo();
        run(cargo
            .args(["build", "--quiet", "--package", "sim-wasm", "--lib", "--target", TARGET])
            .args(["--profile", profile.name()]))
    })?;
    let module = workspace.target.join(TARGET).join(profile.name()).join("sim_wasm.wasm");
    let out = workspace.target.join("widgets").join(profile.name());
    if is_newer(&out.join("sim_wasm_bg.wasm"), &module) {
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
                    .remove_name_section(profile == Profile::Reader)
                    .remove_producers_section(true)
                    .generate(&out)
            })
            .map_err(|error| Failure::new(format!("wasm-bindgen on {}: {error:#}", module.display())))
    })?;
    Ok(out)
}

fn is_newer(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    matches!((time(made), time(from)), (Some(made), Some(from)) if made > from)
}

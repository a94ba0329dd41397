//! axe-core, the rules that the browser tests hold the pages to. It is a package of npm and no part
//! of the book: it is fetched once, checked, and kept with what cargo builds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};

use super::Failure;
use super::workspace::{Workspace, output, run, step, which};

const VERSION: &str = "4.14.1";

/// SHA-512 of the package, as the registry lists it.
const INTEGRITY: &str = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// The script, fetched when it is not there yet.
///
/// # Errors
/// There is no npm, the registry cannot be reached, or the package is not the one expected.
pub fn script(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join(format!("axe-core-{VERSION}"));
    let script = folder.join("package/axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    if which("npm").is_none() {
        return Err(Failure::new(format!("axe-core {VERSION} is fetched with npm, and there is none: install npm")));
    }
    let wrong = |error: std::io::Error| Failure::of(&folder.display().to_string(), error);
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    step(&format!("npm pack axe-core@{VERSION}"), || fetch(&folder))?;
    let packed = folder.join(format!("axe-core-{VERSION}.tgz"));
    verify(&std::fs::read(&packed).map_err(wrong)?)?;
    run(Command::new("tar").arg("-xzf").arg(&packed).arg("-C").arg(&folder).arg("package/axe.min.js"))?;
    Ok(script)
}

fn fetch(folder: &Path) -> Result<(), Failure> {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", &format!("axe-core@{VERSION}")]);
    output(npm.current_dir(folder).stdin(Stdio::null())).map(drop)
}

fn verify(package: &[u8]) -> Result<(), Failure> {
    let found = STANDARD.encode(Sha512::digest(package));
    if found == INTEGRITY {
        return Ok(());
    }
    Err(Failure::new(format!("axe-core {VERSION} has the SHA-512 {found}, and should have {INTEGRITY}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_package_is_refused() {
        let error = verify(b"something else").unwrap_err().to_string();
        assert!(error.contains("should have FHfa+"), "{error}");
    }
}

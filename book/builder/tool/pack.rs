//! `cargo book pack`: one file with the probe and the whole book inside.

use std::path::{Path, PathBuf};

use super::wasm::{self, Profile};
use super::workspace::{Workspace, run, step};
use super::{Failure, build_site, setup};

/// Builds the packed probe and returns its path.
///
/// # Errors
/// Any of its builds fails, or the file cannot be written.
pub fn pack(workspace: &Workspace, out: Option<&Path>) -> Result<PathBuf, Failure> {
    let widgets = wasm::build(workspace, Profile::Reader)?;
    let site = workspace.target.join("site-pack");
    step("write both books", || build_site(workspace, &site, Some(&widgets)))?;
    let packed = workspace.target.join("site-packed");
    step("compress the books", || compress(&site, &packed))?;
    let target = static_target();
    if let Some(target) = target {
        setup::add_target(target)?;
    }
    step("compile the probe with the books inside", || {
        let mut cargo = workspace.cargo();
        cargo.env("LIVE_PROBE_SITE", &packed);
        cargo.args(["build", "--quiet", "--profile", "pack", "--package", "live-probe", "--features", "site"]);
        if let Some(target) = target {
            cargo.args(["--target", target]);
        }
        run(&mut cargo)
    })?;
    let name = format!("live-probe{}", std::env::consts::EXE_SUFFIX);
    let folder = target.map_or(workspace.target.clone(), |target| workspace.target.join(target));
    let built = folder.join("pack").join(&name);
    let out = out.map_or_else(|| workspace.root.join("dist").join(&name), Path::to_path_buf);
    let parent = out.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| Failure::of(&parent.display().to_string(), error))?;
    // Beside the old file and then over it: it may be running.
    let fresh = out.with_extension("new");
    std::fs::copy(&built, &fresh).map_err(|error| Failure::of(&built.display().to_string(), error))?;
    std::fs::rename(&fresh, &out).map_err(|error| Failure::of(&out.display().to_string(), error))?;
    let size = out.metadata().map_or(0, |meta| meta.len());
    eprintln!("{} ({:.1} MB)", out.display(), size as f64 / 1e6);
    Ok(out)
}

/// The target whose programs run on any Linux of this processor; elsewhere the usual one.
fn static_target() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("x86_64-unknown-linux-musl"),
        ("linux", "aarch64") => Some("aarch64-unknown-linux-musl"),
        _ => None,
    }
}

/// Writes every file of `site` into `packed` as `.br`; the probe makes what else a client may want.
fn compress(site: &Path, packed: &Path) -> Result<(), Failure> {
    let fail = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Failure::of(&path, error)
    };
    if packed.exists() {
        std::fs::remove_dir_all(packed).map_err(fail(packed))?;
    }
    let mut folders = vec![site.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(fail(&folder))? {
            let path = entry.map_err(fail(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(fail(&path))?;
            let inside = path.strip_prefix(site).unwrap_or(&path);
            let into = packed.join(inside);
            let parent = into.parent().unwrap_or(packed);
            std::fs::create_dir_all(parent).map_err(fail(parent))?;
            let name = format!("{}.br", into.display());
            let bytes = brotli(&bytes).map_err(fail(&path))?;
            std::fs::write(&name, bytes).map_err(fail(Path::new(&name)))?;
        }
    }
    Ok(())
}

/// Brotli at its best, as a web host would store it.
///
/// # Errors
/// None in memory.
pub fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_packed() {
        let site = tempfile::tempdir().unwrap();
        let packed = tempfile::tempdir().unwrap();
        let packed = packed.path().join("packed");
        std::fs::create_dir_all(site.path().join("ko")).unwrap();
        std::fs::write(site.path().join("ko/index.html"), "<p>부하</p>").unwrap();
        compress(site.path(), &packed).unwrap();
        let mut plain = Vec::new();
        let br = std::fs::read(packed.join("ko/index.html.br")).unwrap();
        brotli::BrotliDecompress(&mut br.as_slice(), &mut plain).unwrap();
        assert_eq!(plain, "<p>부하</p>".as_bytes());
        assert!(!packed.join("ko/index.html").exists());
    }
}

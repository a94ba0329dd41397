//! `cargo book pack`: one file with the probe and the whole book inside.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::wasm::{self, Profile};
use super::workspace::{Workspace, run, step};
use super::{Failure, build_site, setup};

/// Builds the packed probe and returns its path.
///
/// # Errors
/// Any of its builds fails, or the file cannot be written.
pub fn pack(workspace: &Workspace, out: Option<&Path>) -> Result<PathBuf, Failure> {
    let widgets = wasm::build(workspace, Profile::Packed)?;
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

/// The pages of a language once more in one, for print: a tenth of the program if it were stored as it is.
const PRINT: &str = "print.html";

/// Writes every file of `site` into `packed` as `.br`; the probe makes what else a client may want. Of the
/// page that repeats the others only the difference is kept: `print.html.over.br` holds the names of those
/// files, in order, and `print.html.from.br` is compressed with their text as a dictionary.
fn compress(site: &Path, packed: &Path) -> Result<(), Failure> {
    let fail = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Failure::of(&path, error)
    };
    if packed.exists() {
        std::fs::remove_dir_all(packed).map_err(fail(packed))?;
    }
    let write = |inside: &Path, ending: &str, bytes: &[u8]| {
        let name = PathBuf::from(format!("{}{ending}", packed.join(inside).display()));
        let parent = name.parent().unwrap_or(packed);
        std::fs::create_dir_all(parent).map_err(fail(parent))?;
        std::fs::write(&name, bytes).map_err(fail(&name))
    };
    let mut folders = vec![site.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(fail(&folder))? {
            let path = entry.map_err(fail(&folder))?.path();
            if path.is_dir() { &mut folders } else { &mut files }.push(path);
        }
        files.sort();
        let (print, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| path.ends_with(PRINT));
        let (mut names, mut pages) = (String::new(), Vec::new());
        for path in &files {
            let bytes = std::fs::read(path).map_err(fail(path))?;
            let inside = path.strip_prefix(site).unwrap_or(path);
            write(inside, ".br", &brotli(&bytes).map_err(fail(path))?)?;
            if !print.is_empty() && path.extension().is_some_and(|kind| kind == "html") {
                names += &format!("{}\n", inside.display());
                pages.extend(bytes);
            }
        }
        for path in print {
            let bytes = std::fs::read(&path).map_err(fail(&path))?;
            let inside = path.strip_prefix(site).unwrap_or(&path);
            if let Some(from) = brotli_over(&bytes, &pages) {
                write(inside, ".over.br", &brotli(names.as_bytes()).map_err(fail(&path))?)?;
                write(inside, ".from.br", &from)?;
            } else {
                write(inside, ".br", &brotli(&bytes).map_err(fail(&path))?)?;
            }
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

/// Brotli with a text that both sides know; nothing where it does not come back. Dictionaries are a side road
/// of the encoder: at its best quality some texts do not.
fn brotli_over(bytes: &[u8], known: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // The window reaches back over all of what is known.
    let params = brotli::enc::BrotliEncoderParams { quality: 9, lgwin: 24, ..Default::default() };
    brotli::enc::BrotliCompressCustomIoCustomDict(
        &mut brotli::IoReaderWrapper(&mut &bytes[..]),
        &mut brotli::IoWriterWrapper(&mut out),
        &mut [0; 4096],
        &mut [0; 4096],
        &params,
        brotli::enc::StandardAlloc::default(),
        &mut |_, _, _, _| (),
        known,
        std::io::Error::from(std::io::ErrorKind::UnexpectedEof),
    )
    .ok()?;
    let mut back = Vec::new();
    brotli::Decompressor::new_with_custom_dict(&*out, 4096, known.to_vec().into()).read_to_end(&mut back).ok()?;
    (back == bytes).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_packed() {
        let site = tempfile::tempdir().unwrap();
        let packed = tempfile::tempdir().unwrap();
        let packed = packed.path().join("packed");
        let chapters = ["<p>부하</p>", "<p>메모리</p>"].map(|page| page.repeat(50) + &format!("{page:?}"));
        let print = format!("<main>{}{}</main>", chapters[0], chapters[1]);
        std::fs::create_dir_all(site.path().join("ko")).unwrap();
        for (name, text) in [("b.html", &chapters[1]), ("a.html", &chapters[0]), ("print.html", &print)] {
            std::fs::write(site.path().join("ko").join(name), text).unwrap();
        }
        std::fs::write(site.path().join("ko/a.js"), "1").unwrap();
        compress(site.path(), &packed).unwrap();

        let stored = |name: &str| std::fs::read(packed.join("ko").join(name)).unwrap();
        let plain = |name: &str| {
            let mut plain = Vec::new();
            brotli::BrotliDecompress(&mut stored(name).as_slice(), &mut plain).unwrap();
            String::from_utf8(plain).unwrap()
        };
        assert_eq!([plain("a.html.br"), plain("b.html.br")], chapters);
        assert_eq!(plain("a.js.br"), "1");
        assert_eq!(plain("print.html.over.br"), "ko/a.html\nko/b.html\n");
        let known = chapters.concat().into_bytes();
        let from = stored("print.html.from.br");
        let mut whole = String::new();
        brotli::Decompressor::new_with_custom_dict(from.as_slice(), 4096, known.into())
            .read_to_string(&mut whole)
            .unwrap();
        assert_eq!(whole, print);
        assert!(from.len() < brotli(print.as_bytes()).unwrap().len(), "{}", from.len());
        for name in ["a.html", "print.html", "print.html.br"] {
            assert!(!packed.join("ko").join(name).exists(), "{name}");
        }
    }
}

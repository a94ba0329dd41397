//! Lists the exercises, recorded machines, incidents and figures of a page, so that a new one needs no line of
//! code, and turns them from the TOML people write into the JSON that is read several times as fast: a command should
//! answer at once.
//!
//! What is no TOML becomes `null`, which is no exercise: the linter, not a build that fails, says what is wrong where.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // A new chapter is a new folder here.
    println!("cargo::rerun-if-changed={}", root.display());
    if env::var_os("CARGO_FEATURE_CATALOGUE").is_none() {
        return Ok(());
    }
    let mut chapters = Vec::new();
    for chapter in sorted(&root)? {
        const OTHERS: [&str; 7] = ["src", "tests", "snapshots", "fuzz", "machines", "incidents", "target"];
        if chapter.is_dir() && !OTHERS.contains(&name(&chapter).as_str()) {
            chapters.extend(toml_files(&chapter)?);
        }
    }
    let mut list = String::new();
    for (what, constant, files) in [
        ("every exercise", "EXERCISES", chapters),
        ("every recorded machine", "MACHINES", toml_files(&root.join("machines"))?),
        ("every incident", "INCIDENTS", toml_files(&root.join("incidents"))?),
    ] {
        let _ = writeln!(list, "/// Name and JSON of {what}.\npub(crate) static {constant}: &[(&str, &str)] = &[");
        for file in files {
            let _ = writeln!(list, "    ({:?}, {:?}),", name(&file), json(&file)?);
        }
        list.push_str("];\n\n");
    }
    let here = json(&root.join("here.toml"))?;
    let _ = writeln!(list, "/// JSON of `here.toml`.\npub(crate) static HERE: &str = {here:?};");
    fs::write(out.join("files.rs"), list)
}

fn json(file: &Path) -> io::Result<String> {
    let table = toml::from_str::<toml::Table>(&fs::read_to_string(file)?).ok();
    Ok(serde_json::to_string(&table)?)
}

fn toml_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = sorted(dir)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    Ok(files)
}

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// `load-forty` of `incidents/load-forty.toml`.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

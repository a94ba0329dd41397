//! Lists the exercise files, so that a new one needs no line of code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // A new chapter is a new folder here.
    println!("cargo::rerun-if-changed={}", root.display());
    let mut list = String::from("/// Path and text of every exercise file.\nstatic FILES: &[(&str, &str)] = &[\n");
    for chapter in sorted(&root)? {
        let name = file_name(&chapter);
        const OTHERS: [&str; 7] = ["src", "tests", "snapshots", "fuzz", "machines", "incidents", "target"];
        let is_chapter = chapter.is_dir() && !OTHERS.contains(&name.as_str());
        if !is_chapter {
            continue;
        }
        for file in sorted(&chapter)?.iter().filter(|file| file.extension().is_some_and(|e| e == "toml")) {
            let path = file.display().to_string();
            let _ = writeln!(list, "    ({:?}, include_str!({path:?})),", format!("{name}/{}", file_name(file)));
        }
    }
    list.push_str("];\n\n/// Name and text of every recorded machine.\nstatic MACHINES: &[(&str, &str)] = &[\n");
    for file in sorted(&root.join("machines"))?.iter().filter(|file| file.extension().is_some_and(|e| e == "toml")) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string());
    }
    list.push_str("];\n");
    fs::write(out.join("files.rs"), list)
}

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

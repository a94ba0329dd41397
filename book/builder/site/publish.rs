//! Writing the site so that a reader, or a server in the middle of serving it, never sees half.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{BuildError, Files, assets};

/// The file that names the build; a server that watches it reloads its pages when it changes.
const BUILD_ID: &str = ".build-id";

/// Makes `out` hold exactly these files and returns the build's id and how many files changed.
///
/// A file is written beside its place and renamed into it; a file that is already right is left
/// alone; a file that is no part of the site is removed. `.build-id` comes last.
pub fn publish(out: &Path, files: &Files) -> Result<(String, usize), BuildError> {
    refuse_foreign(out)?;
    let mut changed = 0;
    let mut all = String::new();
    for (name, bytes) in files {
        all.push_str(&format!("{name}\0{}\n", assets::hash(bytes)));
        changed += usize::from(put(&out.join(name), bytes)?);
    }
    for stray in strays(out, files)? {
        std::fs::remove_file(&stray).map_err(|error| BuildError::file(&stray, "remove", error))?;
        changed += 1;
    }
    let id = assets::hash(all.as_bytes())[..16].to_owned();
    put(&out.join(BUILD_ID), format!("{id}\n").as_bytes())?;
    Ok((id, changed))
}

/// A folder with files in it that is no site may be somebody's: it is not emptied by mistake.
fn refuse_foreign(out: &Path) -> Result<(), BuildError> {
    let mut entries = match std::fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(BuildError::file(out, "read", error)),
    };
    if entries.next().is_none() || out.join(BUILD_ID).exists() {
        return Ok(());
    }
    let what = "it is not empty and holds no site of this builder (.build-id is missing): empty it, or choose another";
    Err(BuildError::file(out, "write the site to", std::io::Error::other(what)))
}

/// Puts a file in its place; whether it was not already there.
fn put(path: &Path, bytes: &[u8]) -> Result<bool, BuildError> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        // A temporary file is private; a site is to be read by whatever serves it.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| BuildError::file(path, "write", error))?;
    Ok(true)
}

/// Files under `out` that are no part of the site.
fn strays(out: &Path, files: &Files) -> Result<Vec<PathBuf>, BuildError> {
    let wanted: BTreeSet<PathBuf> = files.keys().map(|name| out.join(name)).chain([out.join(BUILD_ID)]).collect();
    let mut strays = Vec::new();
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| BuildError::file(&folder, "read", error))? {
            let path = entry.map_err(|error| BuildError::file(&folder, "read", error))?.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if !wanted.contains(&path) {
                strays.push(path);
            }
        }
    }
    Ok(strays)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn only_what_changed_is_written_and_strays_go() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        let (first, changed) = publish(&out, &site(&[("a.html", "1"), ("ko/b.html", "2")])).unwrap();
        assert_eq!(changed, 2);
        let (again, changed) = publish(&out, &site(&[("a.html", "1"), ("ko/b.html", "2")])).unwrap();
        assert_eq!((&again, changed), (&first, 0));
        let (other, changed) = publish(&out, &site(&[("a.html", "1"), ("ko/c.html", "2")])).unwrap();
        assert_eq!(changed, 2, "one written, one removed");
        assert_ne!(other, first);
        assert!(!out.join("ko/b.html").exists());
        assert_eq!(std::fs::read_to_string(out.join(BUILD_ID)).unwrap().trim(), other);
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let error = publish(folder.path(), &site(&[("a.html", "1")])).unwrap_err().to_string();
        assert!(error.contains("not empty"), "{error}");
        assert!(folder.path().join("thesis.txt").exists());
    }
}

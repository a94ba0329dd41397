//! Where things are, and running other programs with a word to the developer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Failure;

/// The checked-out project.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
}

impl Workspace {
    /// The workspace this builder was compiled from.
    ///
    /// # Errors
    /// The folder is gone or cargo cannot read it.
    pub fn find() -> Result<Workspace, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        let metadata =
            cargo_metadata::MetadataCommand::new()
                .manifest_path(root.join("Cargo.toml"))
                .no_deps()
                .exec()
                .map_err(|error| Failure::new(format!("cannot read the workspace at {}: {error}", root.display())))?;
        Ok(Workspace { root, target: metadata.target_directory.into_std_path_buf() })
    }

    /// Where the built site goes unless told otherwise.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// `cargo` in the workspace, with the environment of the cargo that started us taken out where
    /// it would decide for the one we start.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_BIN_") || text == "CARGO_MANIFEST_DIR" {
                command.env_remove(&name);
            }
        }
        command
    }
}

/// Whether nobody watches and nothing may be skipped.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Says what is being done, does it, and says how long it took when one could notice.
///
/// # Errors
/// Those of `work`.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let start = Instant::now();
    eprintln!("  .. {what}");
    let result = work();
    let took = start.elapsed();
    if result.is_err() {
        eprintln!("  !! {what} ({:.1} s)", took.as_secs_f64());
    } else if took > Duration::from_millis(300) {
        eprintln!("  ok {what} ({:.1} s)", took.as_secs_f64());
    }
    result
}

/// Runs a command to its end; its output goes to ours.
///
/// # Errors
/// It cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{} ended with {status}", describe(command)))) }
}

/// Runs a command to its end and gives what it printed.
///
/// # Errors
/// As [`run`].
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{} ended with {}", describe(command), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start {}: {error}", command.get_program().to_string_lossy()))
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The program of that name in `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

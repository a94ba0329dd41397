//! What the running kernel says in system calls rather than in files, as text under a path that
//! begins with `@`. The shapes are described with [`exercises::Machine`].
//!
//! Everything here only reads. Each answer is bounded, and is asked for on the thread that reads files,
//! which is left to itself when it takes too long.

mod dmi;
#[cfg(target_os = "linux")]
mod nic;
#[cfg(target_os = "linux")]
mod policy;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod sockets;

use exercises::ReadError;

/// The text of a path that was vetted.
///
/// # Errors
/// The kernel refuses, has no such thing, or there is no Linux kernel to ask.
#[cfg(target_os = "linux")]
pub fn read(path: &str) -> Result<String, ReadError> {
    let error = |error: std::io::Error| super::files::read_error(path, &error);
    match path.split('/').collect::<Vec<_>>()[..] {
        ["@page_size"] => Ok(format!("{}\n", rustix::param::page_size())),
        ["@processes"] => processes::table().map_err(error),
        ["@sockets", "tcp"] => sockets::tcp().map_err(error),
        ["@nic", interface, what] => nic::describe(interface, what).map_err(error),
        ["@numa", "policy"] => policy::describe().map_err(error),
        ["@dmi", "memory"] => {
            std::fs::read("/sys/firmware/dmi/tables/DMI").map_err(error).map(|table| dmi::memory(&table))
        }
        ["@tool", name] => tool(name).then(|| "there\n".to_owned()).ok_or(ReadError::NotFound),
        _ => Err(ReadError::NotFound),
    }
}

/// There is no Linux kernel to ask, but there may be programs.
#[cfg(not(target_os = "linux"))]
pub fn read(path: &str) -> Result<String, ReadError> {
    let _ = dmi::memory;
    match path.strip_prefix("@tool/") {
        Some(name) if tool(name) => Ok("there\n".to_owned()),
        _ => Err(ReadError::NotFound),
    }
}

/// Whether a program can be started from here. Tools of the administrator are looked for even where a
/// user's `PATH` leaves their folder out.
fn tool(name: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(Into::into));
    folders.into_iter().any(|folder| {
        let found = std::fs::metadata(folder.join(name));
        found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_and_names_that_are_none_are_not() {
        assert!(tool("sh"));
        assert!(!tool("no-such-program-anywhere"));
        assert!(!tool("bin"), "a folder is no program");
    }
}

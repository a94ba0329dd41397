//! What kind of system a machine runs: mounts, container, kernel configuration.

use super::{Unreadable, refuse};
use crate::{Machine, ReadError, Source};

/// The value of a symbol in a kernel configuration: `y`, `m`, a number or a text; `n` for one that is
/// not set, since a configuration leaves such symbols out or names them in a comment.
///
/// # Errors
/// The text is no kernel configuration.
pub fn config_value(path: &str, text: &str, symbol: &str) -> Result<String, Unreadable> {
    let mut any = false;
    for line in text.lines() {
        any |= line.starts_with("CONFIG_");
        if let Some(value) = line.strip_prefix(symbol).and_then(|rest| rest.strip_prefix('=')) {
            return Ok(value.trim().trim_matches('"').to_owned());
        }
    }
    match any {
        true => Ok("n".to_owned()),
        false => Err(refuse(path, 0, "CONFIG_HZ=250", text.lines().next().unwrap_or_default())),
    }
}

/// A mounted file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mount<'a> {
    /// Where it is mounted.
    pub point: &'a str,
    /// Type of the file system, `fuse.lxcfs`.
    pub kind: &'a str,
    /// What is mounted.
    pub device: &'a str,
    /// Options of the file system.
    pub options: &'a str,
}

/// Every mount of a `mountinfo` text; lines that are none are passed over.
pub fn mountinfo(text: &str) -> impl Iterator<Item = Mount<'_>> {
    text.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        let (kind, device, options) = (right.next()?, right.next()?, right.next().unwrap_or(""));
        Some(Mount { point: left.split(' ').nth(4)?, kind, device, options })
    })
}

/// `/proc/mounts`.
///
/// # Errors
/// The first line that is of another form.
pub fn mounts<'t>(path: &str, text: &'t str) -> Result<Vec<Mount<'t>>, Unreadable> {
    let line = |(i, line): (usize, &'t str)| {
        let mut words = line.split(' ');
        let mut next = || words.next().filter(|word| !word.is_empty());
        let (Some(device), Some(point), Some(kind), Some(options)) = (next(), next(), next(), next()) else {
            return Err(refuse(path, i, "device point type options 0 0", line));
        };
        Ok(Mount { point, kind, device, options })
    };
    text.lines().enumerate().map(line).collect()
}

/// The container engine a control group's path tells of.
pub fn engine_of_cgroup(cgroup: &str) -> Option<&'static str> {
    const MARKS: [(&str, &str); 8] = [
        ("kubepods", "kubernetes"),
        ("/docker", "docker"),
        ("docker-", "docker"),
        ("libpod", "podman"),
        ("/lxc.payload", "lxc"),
        ("/lxc/", "lxc"),
        ("containerd", "containerd"),
        ("machine.slice/systemd-nspawn", "systemd-nspawn"),
    ];
    MARKS.iter().find(|(mark, _)| cgroup.contains(mark)).map(|(_, engine)| *engine)
}

/// The mount that is seen as `/`: of several, the last.
fn root(text: &str) -> Option<Mount<'_>> {
    mountinfo(text).filter(|mount| mount.point == "/").last()
}

/// Whether the root file system is laid over another, as container engines do.
pub fn has_overlay_root(mountinfo: &str) -> bool {
    root(mountinfo).is_some_and(|root| root.kind == "overlay")
}

/// The container engine a root file system tells of.
pub fn engine_of_root(mountinfo: &str) -> Option<&'static str> {
    const MARKS: [(&str, &str); 4] =
        [("/docker/", "docker"), ("/containers/storage/", "podman"), ("io.containerd", "containerd"), ("/lxc/", "lxc")];
    let root = root(mountinfo)?;
    MARKS.iter().find(|(mark, _)| root.options.contains(mark) || root.device.contains(mark)).map(|(_, engine)| *engine)
}

/// The container engine a machine runs under; `unknown` where only the process ids tell, nothing
/// where none shows.
pub fn container(machine: &dyn Machine) -> Option<String> {
    let there = |path: &str| machine.read(path).is_ok();
    if let Ok(named) = machine.read("/run/systemd/container")
        && !named.trim().is_empty()
    {
        return Some(named.trim().chars().take(40).collect());
    }
    let mounts = machine.read("/proc/self/mountinfo").ok();
    let mounts = mounts.as_deref();
    // Process 2 of a whole machine is the father of the kernel's threads. Where it is something
    // else, or missing though process 1 is shown, the process ids are a container's own.
    let second = machine.read("/proc/2/comm");
    let own_pids = matches!(&second, Ok(name) if name.trim() != "kthreadd")
        || (second == Err(ReadError::NotFound) && matches!(machine.source(), Source::Live) && there("/proc/1/comm"));
    // A virtual machine made of a container's image keeps the image's mark.
    let whole = matches!(&second, Ok(name) if name.trim() == "kthreadd") && !mounts.is_some_and(has_overlay_root);
    let marked = if there("/run/.containerenv") && !whole {
        Some("podman")
    } else if there("/.dockerenv") && !whole {
        Some("docker")
    } else {
        let cgroup = machine.read("/proc/1/cgroup").ok().and_then(|text| engine_of_cgroup(&text));
        cgroup.or_else(|| mounts.and_then(engine_of_root))
    };
    marked.or(own_pids.then_some("unknown")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_that_are_not_set_are_n() {
        let text = "#\n# Linux\n#\nCONFIG_HZ_250=y\nCONFIG_HZ=250\n# CONFIG_KEXEC is not set\nCONFIG_X=\"a\"\n";
        for (symbol, want) in [
            ("CONFIG_HZ", "250"),
            ("CONFIG_KEXEC", "n"),
            ("CONFIG_NONE", "n"),
            ("CONFIG_X", "a"),
            ("CONFIG_HZ_250", "y"),
        ] {
            assert_eq!(config_value("c", text, symbol).unwrap(), want, "{symbol}");
        }
        assert!(config_value("c", "hello\n", "CONFIG_HZ").is_err());
    }

    #[test]
    fn mounts_of_both_files_are_read() {
        let found = mounts("/proc/mounts", "/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n").unwrap();
        assert_eq!((found[0].point, found[0].kind, found[1].device), ("/", "ext4", "proc"));
        assert!(mounts("/proc/mounts", "broken\n").is_err());
    }
}

//! Opens a file below a root without ever leaving it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// Not blocking: a FIFO in a fixture, or a kernel file that waits for news, must not hold us.
const READ: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// A directory as a place to go on from. Only Linux opens one without the right to list it.
#[cfg(target_os = "linux")]
const DIRECTORY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// As many symbolic links as the kernel follows in one path.
const MOST_LINKS: u32 = 40;

/// A directory that is taken as `/`.
#[derive(Debug)]
pub struct Root {
    fd: OwnedFd,
}

impl Root {
    /// Takes `dir` as root.
    ///
    /// # Errors
    /// The directory cannot be opened.
    pub fn open(dir: &Path) -> io::Result<Root> {
        Ok(Root { fd: rustix::fs::open(dir, DIRECTORY, Mode::empty())? })
    }

    /// Opens `path` (absolute, as the root sees it) for reading. Symbolic links are followed
    /// inside the root; the kernel's magic links (`/proc/PID/root`, `/proc/PID/fd/N`) never.
    ///
    /// # Errors
    /// As `open(2)`; `ELOOP` for a magic link.
    pub fn file(&self, path: &str) -> io::Result<File> {
        match self.at_once(path) {
            Ok(fd) => Ok(File::from(fd)),
            // Before 5.6 there is no such call, and older container runtimes forbid what they do
            // not know with EPERM.
            Err(Errno::NOSYS | Errno::PERM) => self.walk(path),
            Err(error) => Err(error.into()),
        }
    }

    /// The names in the folder `path`, sorted, at most `most`; reached as a file is.
    ///
    /// # Errors
    /// As `open(2)`.
    pub fn names(&self, path: &str, most: usize) -> io::Result<Vec<String>> {
        let fd = match self.at_once(path) {
            Ok(fd) => fd,
            Err(Errno::NOSYS | Errno::PERM) => OwnedFd::from(self.walk(path)?),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::new(fd)?.take(most.saturating_add(2)) {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // A name with a line break would pass for two.
            if !matches!(name.as_str(), "." | "..") && !name.contains('\n') {
                names.push(name);
            }
        }
        names.sort_unstable();
        names.truncate(most);
        Ok(names)
    }

    #[cfg(target_os = "linux")]
    fn at_once(&self, path: &str) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        openat2(&self.fd, path, READ, Mode::empty(), ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
    }

    /// Only Linux has such a call.
    #[cfg(not(target_os = "linux"))]
    fn at_once(&self, _: &str) -> rustix::io::Result<OwnedFd> {
        Err(Errno::NOSYS)
    }

    /// The same, one name at a time, for kernels without `openat2(2)`.
    fn walk(&self, path: &str) -> io::Result<File> {
        let mut left = parts(Path::new(path));
        let mut below: Vec<(OsString, OwnedFd)> = Vec::new();
        let mut links = 0;
        while let Some(name) = left.pop_front() {
            if name == ".." {
                below.pop();
                continue;
            }
            let here: BorrowedFd<'_> = below.last().map_or(self.fd.as_fd(), |(_, fd)| fd.as_fd());
            match rustix::fs::readlinkat(here, &name, Vec::new()) {
                Ok(target) => {
                    links += 1;
                    let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
                    // Links the kernel makes in /proc are relative unless they are magic.
                    let magic = target.is_absolute() && below.first().is_some_and(|(top, _)| top == "proc");
                    if links > MOST_LINKS || magic {
                        return Err(Errno::LOOP.into());
                    }
                    if target.is_absolute() {
                        below.clear();
                    }
                    for part in parts(&target).into_iter().rev() {
                        left.push_front(part);
                    }
                }
                Err(Errno::INVAL) if left.is_empty() => {
                    let fd = rustix::fs::openat(here, &name, READ | OFlags::NOFOLLOW, Mode::empty())?;
                    return Ok(File::from(fd));
                }
                Err(Errno::INVAL) => {
                    let fd = rustix::fs::openat(here, &name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
                    below.push((name, fd));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Errno::ISDIR.into())
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    type Opener = fn(&Root, &str) -> io::Result<File>;
    const WAYS: [(&str, Opener); 2] = [("openat2", Root::file), ("walk", Root::walk)];

    fn text(opened: io::Result<File>) -> Result<String, Option<i32>> {
        let mut text = String::new();
        match opened.and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => Ok(text),
            Err(error) => Err(error.raw_os_error()),
        }
    }

    #[test]
    fn links_stay_inside_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("secret");
        std::fs::write(&outside, "outside").unwrap();
        let top = dir.path().join("root");
        std::fs::create_dir_all(top.join("proc/sys")).unwrap();
        std::fs::create_dir_all(top.join("etc")).unwrap();
        std::fs::write(top.join("proc/loadavg"), "inside").unwrap();
        std::fs::write(top.join("etc/os-release"), "os").unwrap();
        symlink("loadavg", top.join("proc/near")).unwrap();
        symlink("../../../../etc/os-release", top.join("proc/sys/far")).unwrap();
        symlink("/etc/os-release", top.join("etc/absolute")).unwrap();
        symlink(&outside, top.join("etc/leak")).unwrap();
        symlink("../../secret", top.join("etc/up")).unwrap();
        symlink("again", top.join("etc/again")).unwrap();
        symlink("sys", top.join("proc/dir")).unwrap();
        let root = Root::open(&top).unwrap();
        for (path, want) in [
            ("/proc/loadavg", Ok("inside")),
            ("/proc/near", Ok("inside")),
            ("/proc/sys/far", Ok("os")),
            ("/proc/dir/far", Ok("os")),
            ("/etc/absolute", Ok("os")),
            ("/etc/leak", Err(libc::ENOENT)),
            ("/etc/up", Err(libc::ENOENT)),
            ("/etc/again", Err(libc::ELOOP)),
            ("/proc/none", Err(libc::ENOENT)),
            ("/proc/loadavg/x", Err(libc::ENOTDIR)),
        ] {
            for (way, open) in WAYS {
                let want = want.map(str::to_owned).map_err(Some);
                assert_eq!(text(open(&root, path)), want, "{way} {path}");
            }
        }
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn magic_links_are_not_followed() {
        let root = Root::open(Path::new("/")).unwrap();
        for (way, open) in WAYS {
            for path in ["/proc/self/root/etc/passwd", "/proc/self/exe", "/proc/self/cwd/Cargo.toml"] {
                assert_eq!(text(open(&root, path)), Err(Some(libc::ELOOP)), "{way} {path}");
            }
            assert!(text(open(&root, "/proc/self/status")).unwrap().starts_with("Name:"), "{way}");
            assert!(text(open(&root, "/proc/net/dev")).is_ok(), "{way}");
        }
    }
}

//! A control group of one's own, version 1 or 2.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sim_core::text;

use super::desk::{Desk, Trouble};
use super::files::{cold_file, drop_cache, read_through};
use crate::workload::undo::{GROUP, Undo};

/// A control group. Whoever tidies up after us removes it: it is noted before it is made.
pub struct Group {
    path: PathBuf,
    /// Whether it is of the one hierarchy of version 2.
    unified: bool,
}

impl Group {
    /// Makes a group for one controller (`memory`, `cpu`) where this process may have one.
    ///
    /// # Errors
    /// Nowhere, and why.
    pub fn make(desk: &mut Desk, controller: &str) -> Result<Group, Trouble> {
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let own = fs::read_to_string("/proc/self/cgroup")?;
        let mut refused = None;
        for (folder, unified) in candidates(&mounts, &own, controller) {
            if unified && !has_controller(&folder, controller) {
                continue;
            }
            let path = folder.join(format!("{GROUP}{}", std::process::id()));
            Undo::Group { path: path.clone() }.note(&desk.directory)?;
            match fs::create_dir(&path) {
                Ok(()) => {
                    desk.place("cgroup", path.display());
                    return Ok(Group { path, unified });
                }
                Err(error) => refused = refused.or(Some((folder, error))),
            }
        }
        Err(Trouble::Cannot(match refused {
            Some((folder, error)) => {
                let folder = folder.display();
                text!(
                    ko: "{folder}에 cgroup을 만들 수 없습니다({error}). root로 실행하십시오.",
                    en: "No cgroup can be made in {folder} ({error}). Run it as root."
                )
            }
            None => text!(
                ko: "{controller} 컨트롤러를 쓸 수 있는 cgroup이 여기에는 없습니다. 컨테이너 안이라면 호스트에서 실행하십시오.",
                en: "There is no cgroup here in which the {controller} controller can be used. In a container, run it on the host."
            ),
        }))
    }

    /// Sets a value: the file of version 2 and of version 1, each with its words.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set(&self, v2: (&str, String), v1: &[(&str, String)]) -> Result<(), Trouble> {
        let one = [v2];
        for (name, value) in if self.unified { &one[..] } else { v1 } {
            fs::write(self.path.join(name), value).map_err(|error| {
                Trouble::Cannot(text!(
                    ko: "cgroup의 {name}에 {value}을(를) 쓸 수 없습니다({error}).",
                    en: "{name} of the cgroup cannot be set to {value} ({error})."
                ))
            })?;
        }
        Ok(())
    }

    /// Moves a process into the group; 0 is this one.
    ///
    /// # Errors
    /// It may not be moved.
    pub fn join(&self, pid: i32) -> Result<(), Trouble> {
        let own = std::process::id().cast_signed();
        let pid = if pid == 0 { own } else { pid };
        fs::write(self.path.join("cgroup.procs"), pid.to_string()).map_err(|error| {
            Trouble::Cannot(text!(
                ko: "프로세스를 cgroup에 넣을 수 없습니다({error}). root로 실행하십시오.",
                en: "The process cannot be moved into the cgroup ({error}). Run it as root."
            ))
        })
    }

    /// A figure of one of the group's files of `name value` lines.
    pub fn stat(&self, file: &str, name: &str) -> Option<i64> {
        let text = fs::read_to_string(self.path.join(file)).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
    }

    /// A file of one number.
    fn number(&self, file: &str) -> Option<i64> {
        fs::read_to_string(self.path.join(file)).ok()?.trim().parse().ok()
    }
}

fn has_controller(folder: &Path, controller: &str) -> bool {
    let enabled = fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
    enabled.split_whitespace().any(|name| name == controller)
}

/// Folders in which a group could be made, the nearest first, and whether they are of version 2.
fn candidates(mounts: &str, own: &str, controller: &str) -> Vec<(PathBuf, bool)> {
    let mut found = Vec::new();
    for line in mounts.lines() {
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let (Some(root), Some(mount)) = (before.split(' ').nth(3), before.split(' ').nth(4)) else { continue };
        let mut after = after.split(' ');
        let (kind, options) = (after.next().unwrap_or_default(), after.next_back().unwrap_or_default());
        let unified = match kind {
            "cgroup2" => true,
            "cgroup" if options.split(',').any(|option| option == controller) => false,
            _ => continue,
        };
        let is_own = |line: &&str| match line.split(':').nth(1) {
            Some("") => unified,
            Some(names) => !unified && names.split(',').any(|name| name == controller),
            None => false,
        };
        let path = own.lines().find(is_own).and_then(|line| line.splitn(3, ':').nth(2)).unwrap_or("/");
        // What is mounted may itself be a part of the tree.
        let path = path.strip_prefix(root.trim_end_matches('/')).unwrap_or(path).trim_start_matches('/');
        let mut folder = if path.is_empty() { mount.into() } else { Path::new(mount).join(path) };
        if folder.components().any(|part| part == std::path::Component::ParentDir) {
            folder = mount.into();
        }
        while folder.starts_with(mount) {
            found.push((folder.clone(), unified));
            if !folder.pop() {
                break;
            }
        }
    }
    found
}

/// Reads a file that is larger than what the group may have, again and again.
pub fn pressure(desk: &mut Desk, limit_mib: u32, file_mib: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    let group = Group::make(desk, "memory")?;
    let limit = (u64::from(limit_mib) << 20).to_string();
    group.set(("memory.max", limit.clone()), &[("memory.limit_in_bytes", limit)])?;
    // What is reclaimed is to be read again, not swapped. There may be no swap to forbid.
    let _ = group.set(("memory.swap.max", "0".to_owned()), &[("memory.swappiness", "0".to_owned())]);
    group.join(0)?;
    if desk.trial {
        desk.begin();
        return Ok(());
    }
    let (mut file, path) = cold_file(&desk.directory, file_mib)?;
    desk.place("file", path.display());
    let until = desk.begin();
    let (mut rounds, mut bytes) = (0u32, 0u64);
    while Instant::now() < until {
        bytes += read_through(&mut file, until)?;
        rounds += 1;
    }
    desk.figure("rounds_count", rounds);
    desk.figure("read_bytes", bytes);
    for (name, value) in [
        ("limit_hits_count", group.stat("memory.events", "max").or_else(|| group.number("memory.failcnt"))),
        ("refaults_count", group.stat("memory.stat", "workingset_refault_file")),
        ("pgmajfault_count", group.stat("memory.stat", "pgmajfault")),
    ] {
        if let Some(value) = value {
            desk.figure(name, value);
        }
    }
    drop_cache(&file)?;
    drop(file);
    fs::remove_file(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_looked_for_from_the_nearest_up() {
        let v1 = "34 33 0:30 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n";
        let v2 = "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
        let hybrid = format!("{v1}40 33 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        let part = "30 25 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup ro\n";
        let folders = |found: Vec<(PathBuf, bool)>| -> Vec<String> {
            found.into_iter().map(|(path, unified)| format!("{} {unified}", path.display())).collect()
        };
        for (mounts, own, want) in [
            (
                v1,
                "4:memory:/a/b\n0::/x\n",
                vec!["/sys/fs/cgroup/memory/a/b false", "/sys/fs/cgroup/memory/a false", "/sys/fs/cgroup/memory false"],
            ),
            (
                v2,
                "0::/user.slice/x\n",
                vec!["/sys/fs/cgroup/user.slice/x true", "/sys/fs/cgroup/user.slice true", "/sys/fs/cgroup true"],
            ),
            (&hybrid, "4:memory:/\n0::/\n", vec!["/sys/fs/cgroup/memory false", "/sys/fs/cgroup/unified true"]),
            (part, "0::/docker/abc/in\n", vec!["/sys/fs/cgroup/in true", "/sys/fs/cgroup true"]),
            (v2, "0::/../..\n", vec!["/sys/fs/cgroup true"]),
            ("nonsense\n", "nonsense", vec![]),
        ] {
            assert_eq!(folders(candidates(mounts, own, "memory")), want, "{mounts}");
        }
        assert!(candidates(v1, "4:memory:/\n", "cpu").is_empty());
    }
}

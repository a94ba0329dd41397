//! What the texts of single kernel files say about a machine.

pub use exercises::parse::{Mount, engine_of_cgroup, engine_of_root, list_length, mountinfo as mounts};

/// CPUs that `/proc/stat` has a line for.
pub fn cpus_in_stat(stat: &str) -> Option<u32> {
    let cpu = |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let cpus = stat.lines().filter(cpu).count();
    u32::try_from(cpus).ok().filter(|&cpus| cpus > 0)
}

/// The value of a symbol in a kernel configuration; nothing for one that is not set.
pub fn config_value<'a>(config: &'a str, symbol: &str) -> Option<&'a str> {
    config.lines().find_map(|line| line.strip_prefix(symbol)?.strip_prefix('='))
}

/// The quoted or bare value of a key in a file like `/etc/os-release`.
pub fn os_release<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
    Some(value.trim_matches(['"', '\'']))
}

/// The value of a field of `/proc/PID/status`.
pub fn status_field<'a>(status: &'a str, field: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).map(str::trim)
}

/// Names of the capabilities, by bit (`include/uapi/linux/capability.h`).
const CAPABILITIES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// Names of the capabilities in a `CapEff` mask.
pub fn capabilities(mask: &str) -> Option<Vec<&'static str>> {
    let mask = u64::from_str_radix(mask, 16).ok()?;
    Some(CAPABILITIES.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, name)| *name).collect())
}

/// Which Windows Subsystem for Linux a kernel release is of.
pub fn wsl(release: &str) -> Option<u8> {
    if !release.to_ascii_lowercase().contains("microsoft") {
        return None;
    }
    // The first translates system calls and calls itself 4.4; the second is a real kernel.
    Some(if release.starts_with("4.4.") && !release.contains("WSL2") { 1 } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_a_length() {
        for (list, want) in [
            ("0-1\n", Some(2)),
            ("0", Some(1)),
            ("0-3,8,10-11", Some(7)),
            ("", None),
            ("\n", None),
            ("3-1", None),
            ("0-4294967295", None),
            ("a-b", None),
        ] {
            assert_eq!(list_length(list), want, "{list:?}");
        }
    }

    #[test]
    fn stat_has_a_line_for_each_cpu() {
        for (stat, want) in [("cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 5\n", Some(2)), ("cpu  1 2\n", None), ("", None)] {
            assert_eq!(cpus_in_stat(stat), want, "{stat:?}");
        }
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let config = "# CONFIG_PSI is not set\nCONFIG_HZ_250=y\nCONFIG_HZ=250\n";
        assert_eq!(config_value(config, "CONFIG_HZ"), Some("250"));
        assert_eq!(config_value(config, "CONFIG_PSI"), None);
        let os = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n";
        assert_eq!(os_release(os, "PRETTY_NAME"), Some("Debian GNU/Linux 12"));
        assert_eq!(os_release(os, "ID"), Some("debian"));
        let status = "Name:\tx\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n";
        assert_eq!(status_field(status, "Uid"), Some("1000\t1000\t1000\t1000"));
        assert_eq!(status_field(status, "Cap"), None);
    }

    #[test]
    fn mounts_are_read_with_and_without_optional_fields() {
        let text = "22 1 0:20 / /proc rw,nosuid shared:12 - proc proc rw\n\
                    99 22 0:55 /proc/loadavg /proc/loadavg rw - fuse.lxcfs lxcfs rw,user_id=0\n\
                    broken line\n";
        let found: Vec<_> = mounts(text).map(|mount| (mount.point, mount.kind, mount.device)).collect();
        assert_eq!(found, [("/proc", "proc", "proc"), ("/proc/loadavg", "fuse.lxcfs", "lxcfs")]);
    }

    #[test]
    fn capabilities_have_names() {
        assert_eq!(capabilities("0000000000000000"), Some(vec![]));
        assert_eq!(capabilities("0000000000200000"), Some(vec!["sys_admin"]));
        assert_eq!(capabilities("000001ffffffffff").unwrap().len(), 41);
        assert_eq!(capabilities("00000000a80425fb").unwrap().len(), 14, "the set docker grants");
        assert_eq!(capabilities("zz"), None);
    }

    #[test]
    fn releases_of_wsl_are_known() {
        for (release, want) in [
            ("5.15.167.4-microsoft-standard-WSL2", Some(2)),
            ("4.4.0-19041-Microsoft", Some(1)),
            ("6.12.1-microsoft-custom", Some(2)),
            ("6.12.107+deb13-amd64", None),
        ] {
            assert_eq!(wsl(release), want, "{release}");
        }
    }

    #[test]
    fn engines_leave_marks() {
        for (cgroup, want) in [
            ("12:cpu:/docker/0123\n", Some("docker")),
            ("0::/system.slice/docker-0123.scope\n", Some("docker")),
            ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope\n", Some("kubernetes")),
            ("0::/lxc.payload.web/init.scope\n", Some("lxc")),
            ("0::/machine.slice/libpod-1.scope\n", Some("podman")),
            ("0::/user.slice/user-1000.slice/session-1.scope\n", None),
            ("0::/\n", None),
        ] {
            assert_eq!(engine_of_cgroup(cgroup), want, "{cgroup}");
        }
        for (root, want) in [
            ("1 0 0:4 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/x/diff", Some("docker")),
            ("1 0 0:4 / / rw - overlay overlay rw,upperdir=/var/lib/containers/storage/overlay/x", Some("podman")),
            ("1 0 254:1 / / rw - ext4 /dev/vda1 rw", None),
            ("1 0 0:9 / /var/lib/docker/x rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/x", None),
        ] {
            assert_eq!(engine_of_root(root), want, "{root}");
        }
    }
}

//! Which files may be asked for at all.

use sim_core::{Text, text};

/// Longest path that is looked at, in bytes.
const LONGEST: usize = 512;

/// Files outside `/proc` and `/sys` that may be read: what the distribution calls itself, and the
/// marks container engines leave.
const SINGLE: [&str; 4] = ["/etc/os-release", "/.dockerenv", "/run/.containerenv", "/run/systemd/container"];

/// Names under `/proc` and `/sys` that are never opened: reading them takes the data away from
/// someone else, shows a process's memory or secrets, is the whole of RAM, or makes every CPU do something.
const NEVER: [&str; 10] = [
    "kmsg",
    "kcore",
    "trace_pipe",
    "trace_pipe_raw",
    "mem",
    "environ",
    "pagemap",
    "kpageflags",
    "kpagecount",
    "stat_refresh",
];

/// Checks the words of a path: absolute, without `.` or `..`, and naming a kernel file.
///
/// Where symbolic links lead is not decided here but while opening.
///
/// # Errors
/// Why this path is not read.
pub fn vet(path: &str) -> Result<(), Text> {
    let shown: String = path.chars().take(80).flat_map(char::escape_default).collect();
    if path.len() > LONGEST || path.contains('\0') {
        return Err(text!(
            ko: "경로가 올바르지 않습니다: {shown} (널 문자 없이 {LONGEST}바이트 이하여야 합니다)",
            en: "not a path: {shown} (at most {LONGEST} bytes, without a null byte)"
        ));
    }
    if path.starts_with('@') {
        return match path.split_once('/') {
            _ if is_virtual(path) => Ok(()),
            Some(("@capture", _)) => Err(Text::fixed(
                "live-probe는 패킷을 뜨지 않습니다. 뜬 패킷은 기록된 컴퓨터에만 있습니다.",
                "live-probe captures no packets; only recorded machines have some.",
            )),
            _ => Err(text!(ko: "그런 가상 파일은 없습니다: {shown}", en: "there is no such virtual file: {shown}")),
        };
    }
    let Some(inner) = path.strip_prefix('/') else {
        return Err(text!(
            ko: "절대 경로가 아닙니다: {shown} (/proc/… 또는 /sys/…)",
            en: "not an absolute path: {shown} (/proc/… or /sys/…)"
        ));
    };
    if inner.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(text!(
            ko: "경로에 빈 이름이나 .이나 ..이 들어 있습니다: {shown}",
            en: "the path holds an empty name, . or ..: {shown}"
        ));
    }
    let kernel = path.starts_with("/proc/") || path.starts_with("/sys/");
    let of_release = |before: &str, after: &str| {
        let release = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        release.is_some_and(|release| !release.is_empty() && !release.contains('/'))
    };
    let config = of_release("/boot/config-", "") || of_release("/lib/modules/", "/config");
    if !(kernel || config || SINGLE.contains(&path)) {
        return Err(text!(
            ko: "live-probe는 커널 파일(/proc, /sys, /etc/os-release, /boot/config-*)만 읽습니다.",
            en: "live-probe reads files of the kernel only (/proc, /sys, /etc/os-release, /boot/config-*)."
        ));
    }
    if kernel && inner.rsplit('/').next().is_some_and(|name| NEVER.contains(&name)) {
        return Err(text!(
            ko: "읽으면 내용이 사라지거나 다른 프로세스의 메모리가 드러나는 파일이어서 읽지 않습니다: {shown}",
            en: "reading this file would consume it or show a process's memory, so it is not read: {shown}"
        ));
    }
    Ok(())
}

/// Whether a path is of those that stand for system calls ([`exercises::Machine`]).
fn is_virtual(path: &str) -> bool {
    let plain = |name: &str| {
        let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'));
        letters && !name.is_empty() && !matches!(name, "." | "..") && name.len() <= 64
    };
    match path.split('/').collect::<Vec<_>>()[..] {
        ["@page_size" | "@processes"] | ["@sockets", "tcp"] | ["@numa", "policy"] | ["@dmi", "memory"] => true,
        ["@nic", interface, "ring" | "features" | "driver"] => plain(interface),
        ["@tool", name] => plain(name),
        _ => false,
    }
}

/// The folder on the machine whose names [`super::LiveMachine`] gives for a folder that is asked about:
/// itself if it is one of the kernel's, and for `@nic` that of the interfaces.
///
/// # Errors
/// Why it is not listed.
pub fn vet_folder(folder: &str) -> Result<&str, Text> {
    let folder = folder.trim_end_matches('/');
    match folder {
        "@nic" => Ok("/sys/class/net"),
        "/boot" | "/lib/modules" | "/proc" | "/sys" => Ok(folder),
        _ => vet(folder).map(|()| folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kernel_files_are_read() {
        for (path, allowed) in [
            ("/proc/loadavg", true),
            ("/proc/self/status", true),
            ("/proc/1/mountinfo", true),
            ("/proc/sys/vm/swappiness", true),
            ("/sys/devices/system/node/online", true),
            ("/etc/os-release", true),
            ("/boot/config-6.12.107+deb13-amd64", true),
            ("/proc/meminfo", true),
            ("/proc", false),
            ("/proc/", false),
            ("/procession", false),
            ("proc/loadavg", false),
            ("", false),
            ("/", false),
            ("/etc/passwd", false),
            ("/etc/os-release/..", false),
            ("/proc/../etc/passwd", false),
            ("/proc/./loadavg", false),
            ("/proc//loadavg", false),
            ("/boot/config-x/../../etc/shadow", false),
            ("/boot/config-a/b", false),
            ("/boot/vmlinuz", false),
            ("/lib/modules/6.12.107/config", true),
            ("/lib/modules/config", false),
            ("/lib/modules/a/b/config", false),
            ("@processes", true),
            ("@nic/eth0/ring", true),
            ("@nic/../ring", false),
            ("@nic/eth0/write", false),
            ("@tool/ethtool", true),
            ("@tool/a/b", false),
            ("@tool/", false),
            ("@", false),
            ("@passwd", false),
            ("/proc/kmsg", false),
            ("/proc/kcore", false),
            ("/proc/1/mem", false),
            ("/proc/1/environ", false),
            ("/sys/kernel/tracing/trace_pipe", false),
            ("/proc/load\0avg", false),
        ] {
            assert_eq!(vet(path).is_ok(), allowed, "{path:?}");
        }
        assert!(vet(&format!("/proc/{}", "a".repeat(LONGEST))).is_err());
    }

    #[test]
    fn a_refusal_cannot_carry_control_characters_to_a_terminal() {
        let refusal = vet("\x1b[2J").unwrap_err();
        assert!(!refusal.en.contains('\x1b') && !refusal.ko.contains('\x1b'));
    }
}

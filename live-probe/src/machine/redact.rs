//! Takes out of a kernel file what tells whose machine it is.
//!
//! Each file has a rule that keeps what exercises are about; what is not known to be harmless goes.
//! On top of that, the machine's own name goes from every file.

use std::net::IpAddr;

use super::{calls, parse};

/// What stands where something was taken out.
pub const GONE: &str = "[removed]";

/// What must go wherever it is found.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Names of the machine and of the person, longest first.
    names: Vec<String>,
}

impl Secrets {
    /// The names, without those too short or too common to be told from ordinary words.
    pub fn new(names: impl IntoIterator<Item = String>) -> Secrets {
        const COMMON: [&str; 8] = ["localhost", "root", "user", "linux", "debian", "ubuntu", "none", "nobody"];
        let long = |name: &String| name.len() >= 3 && !COMMON.contains(&name.as_str());
        let mut names: Vec<_> = names.into_iter().filter(long).collect();
        names.sort_unstable_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
        names.dedup();
        Secrets { names }
    }

    /// The names of this machine (`uname`, in full and its first part) and of its user.
    pub fn of_here() -> Secrets {
        let uname = rustix::system::uname();
        let node = uname.nodename().to_string_lossy().into_owned();
        let short = node.split('.').next().unwrap_or_default().to_owned();
        let domain = calls::domain().trim_matches(['(', ')']).to_owned();
        let people = ["USER", "LOGNAME", "SUDO_USER"].into_iter().filter_map(|name| std::env::var(name).ok());
        Secrets::new([node, short, domain].into_iter().chain(people))
    }

    /// The text without the names.
    pub fn remove(&self, text: String) -> String {
        self.names.iter().fold(text, |text, name| replace_word(&text, name))
    }
}

/// Replaces `name` where no letter or digit continues it on either side.
fn replace_word(text: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let inside = before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if inside { name } else { GONE });
        rest = after;
    }
    out + rest
}

/// The text of `path` without what tells whose machine it is.
pub fn redact(path: &str, text: &str, secrets: &Secrets) -> String {
    let kept = match path {
        "/proc/cmdline" => cmdline(text),
        "/proc/cpuinfo" => lines(text, |line| !line.to_ascii_lowercase().starts_with("serial")),
        "/proc/self/mountinfo" => mountinfo(text),
        "/proc/self/status" => status(text),
        "/proc/stat" => stat(text),
        "/proc/swaps" => swaps(text),
        "/etc/os-release" => lines(text, |line| {
            let key = line.split('=').next().unwrap_or_default();
            ["NAME", "PRETTY_NAME", "ID", "ID_LIKE", "VERSION", "VERSION_ID"].contains(&key)
        }),
        "/.dockerenv" | "/run/.containerenv" => String::new(),
        "/proc/1/comm" | "/proc/2/comm" if text.trim() != "kthreadd" => format!("{GONE}\n"),
        "@processes" => processes(text),
        "@sockets/tcp" => sockets(text),
        "/proc/mounts" => mounts(text),
        "/proc/version" => version(text),
        _ if path.starts_with("/sys/class/dmi/id/") => dmi(path, text),
        _ if path.starts_with("@dmi/") => text.to_owned(),
        _ if path.starts_with("/proc/sys/") && text.len() > 400 => format!("{GONE}\n"),
        _ if path.ends_with("/cgroup") => cgroup(text),
        _ if path == "/proc/config.gz" || path.starts_with("/boot/config-") => lines(text, is_kept_config),
        _ => text.to_owned(),
    };
    let words = matches!(path, "/proc/cmdline" | "/proc/cpuinfo" | "/proc/swaps" | "/etc/os-release");
    secrets.remove(if words { identifiers(&kept) } else { kept })
}

/// Names of programs tell what the machine is for; those of kernel threads do not. Of a name is left
/// whether it is the first process.
fn processes(text: &str) -> String {
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        let mut rest = line;
        let columns = exercises::parse::Process::HEADING.split(' ').count() - 1;
        for _ in 0..columns {
            rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
        }
        let mut ids = line.split(' ');
        let (pid, parent) = (ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        let kernel = i == 0 || pid == "2" || parent == "2";
        let kept = line.get(..line.len() - rest.len()).unwrap_or_default();
        out.push_str(&format!("{kept}{}\n", if kernel { rest } else { GONE }));
    }
    out
}

/// Addresses go, but for those every machine has.
fn sockets(text: &str) -> String {
    let place = |word: &str| match word.parse::<std::net::SocketAddr>() {
        Ok(address) if address.ip().is_loopback() || address.ip().is_unspecified() => word.to_owned(),
        Ok(address) => format!("{GONE}:{}", address.port()),
        Err(_) => word.to_owned(),
    };
    text.lines().map(|line| line.split(' ').map(place).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// Of the mounts those every machine has, and of the others what kind they are.
fn mounts(text: &str) -> String {
    let line = |(i, line): (usize, &str)| {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, point, kind, ..] = words[..] else { return String::new() };
        let point = match point {
            "/" | "/proc" | "/sys" | "/dev" | "/boot" | "/tmp" | "/run" => point.to_owned(),
            _ => format!("/{GONE}{i}"),
        };
        let device = if device.contains('/') || device.contains(':') { GONE } else { device };
        format!("{device} {point} {kind} rw 0 0\n")
    };
    text.lines().enumerate().map(line).collect()
}

/// Who built the kernel, and where, goes; with what stays.
fn version(text: &str) -> String {
    match (text.find(" ("), text.find(") (")) {
        (Some(from), Some(to)) if from < to => format!("{} ({GONE}{}", &text[..from], &text[to..]),
        _ => text.to_owned(),
    }
}

/// Serial numbers, asset tags and UUIDs go.
fn dmi(path: &str, text: &str) -> String {
    const KEPT: [&str; 12] = [
        "sys_vendor",
        "product_name",
        "product_family",
        "bios_vendor",
        "bios_version",
        "bios_date",
        "bios_release",
        "board_vendor",
        "board_name",
        "chassis_vendor",
        "chassis_type",
        "product_version",
    ];
    let kept = path.rsplit('/').next().is_some_and(|name| KEPT.contains(&name));
    if kept { text.to_owned() } else { format!("{GONE}\n") }
}

fn lines(text: &str, keep: impl Fn(&str) -> bool) -> String {
    text.split_inclusive('\n').filter(|line| keep(line.trim_end())).collect()
}

/// Boot parameters about how the kernel works keep their value; of the others the name is left.
fn cmdline(text: &str) -> String {
    const KEPT: [&str; 27] = [
        "apparmor",
        "audit",
        "cgroup_disable",
        "cgroup_enable",
        "clocksource",
        "crashkernel",
        "default_hugepagesz",
        "elevator",
        "highres",
        "hugepages",
        "hugepagesz",
        "idle",
        "intel_idle.max_cstate",
        "isolcpus",
        "maxcpus",
        "mem",
        "mitigations",
        "nohz",
        "nohz_full",
        "nr_cpus",
        "numa",
        "numa_balancing",
        "processor.max_cstate",
        "psi",
        "swapaccount",
        "systemd.unified_cgroup_hierarchy",
        "transparent_hugepage",
    ];
    let parameter = |word: &str| match word.split_once('=') {
        Some((name, _)) if !KEPT.contains(&name) => format!("{name}={GONE}"),
        None if !word.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.')) => GONE.to_owned(),
        _ => word.to_owned(),
    };
    text.split_whitespace().map(parameter).collect::<Vec<_>>().join(" ") + "\n"
}

/// Of the mounts, those that decide what kind of machine it is, and of these no path but their own.
fn mountinfo(text: &str) -> String {
    let engine = parse::engine_of_root(text);
    let mut out = String::new();
    for (i, mount) in parse::mounts(text).enumerate() {
        let lxcfs = mount.kind == "fuse.lxcfs" && mount.point.starts_with("/proc/");
        let kernel = matches!(mount.kind, "cgroup" | "cgroup2" | "proc" | "sysfs");
        let point = match mount.point {
            "/" => "/",
            point if lxcfs || (kernel && (point.starts_with("/sys") || point.starts_with("/proc"))) => point,
            _ if kernel => "/",
            _ => continue,
        };
        let point = if kernel && point == "/" { format!("/{GONE}") } else { point.to_owned() };
        let mark = if mount.point != "/" {
            ""
        } else {
            match engine {
                Some("docker") => ",upperdir=/docker/",
                Some("podman") => ",upperdir=/containers/storage/",
                Some("containerd") => ",upperdir=/io.containerd",
                Some("lxc") => ",upperdir=/lxc/",
                _ => "",
            }
        };
        let kind = mount.kind;
        out.push_str(&format!("{i} 0 0:{i} / {point} rw - {kind} {kind} rw{mark}\n"));
    }
    out
}

/// The path of a group names services and people; what is left is the mark of an engine.
fn cgroup(text: &str) -> String {
    let line = |line: &str| {
        let mut parts = line.splitn(3, ':');
        let (id, controllers) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let path = match parse::engine_of_cgroup(line) {
            Some("docker") => "/docker/",
            Some("kubernetes") => "/kubepods/",
            Some("podman") => "/libpod",
            Some("lxc") => "/lxc.payload",
            Some("containerd") => "/containerd/",
            Some("systemd-nspawn") => "/machine.slice/systemd-nspawn",
            _ => "/",
        };
        format!("{id}:{controllers}:{path}\n")
    };
    text.lines().map(line).collect()
}

/// Privilege only; any user but root becomes user 1000.
fn status(text: &str) -> String {
    let ids = |line: &str| {
        let id = |word: &str| if word == "0" { "0" } else { "1000" };
        format!("Uid:\t{}\n", line.split_whitespace().skip(1).map(id).collect::<Vec<_>>().join("\t"))
    };
    let kept = |line: &str| match line.split(':').next() {
        Some("Uid") => Some(ids(line)),
        Some("CapEff" | "NoNewPrivs" | "Seccomp" | "Threads") => Some(format!("{line}\n")),
        _ => None,
    };
    text.lines().filter_map(kept).collect()
}

/// The moment of boot tells machines apart; interrupts are most of the file and no exercise's
/// matter.
fn stat(text: &str) -> String {
    let kept = lines(text, |line| !line.starts_with("intr ") && !line.starts_with("softirq "));
    kept.split_inclusive('\n').map(|line| if line.starts_with("btime ") { "btime 0\n" } else { line }).collect()
}

fn swaps(text: &str) -> String {
    let area = |(i, line): (usize, &str)| match line.split_once(char::is_whitespace) {
        Some((name, rest)) if i > 0 => {
            let name = if name.starts_with("/dev/") { format!("/dev/swap{i}") } else { format!("/swapfile{i}") };
            format!("{name} {rest}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().enumerate().map(area).collect()
}

/// Symbols of the kernel's configuration that chapters of the workbook speak of.
fn is_kept_config(line: &str) -> bool {
    const STARTS: [&str; 26] = [
        "HZ",
        "NO_HZ",
        "HIGH_RES",
        "PSI",
        "CGROUP",
        "MEMCG",
        "NUMA",
        "PREEMPT",
        "SCHED_",
        "FAIR_GROUP",
        "SMP",
        "NR_CPUS",
        "KEXEC",
        "CRASH_DUMP",
        "FUNCTION_TRACER",
        "FTRACE",
        "KPROBES",
        "SWAP",
        "ZSWAP",
        "TRANSPARENT_HUGEPAGE",
        "LRU_GEN",
        "IOSCHED",
        "MQ_IOSCHED",
        "BFQ",
        "IKCONFIG",
        "SLUB",
    ];
    let symbol = line.strip_prefix("# ").unwrap_or(line).strip_prefix("CONFIG_");
    symbol.is_some_and(|symbol| STARTS.iter().any(|start| symbol.starts_with(start)))
}

/// Removes addresses, UUIDs and long hexadecimal numbers.
fn identifiers(text: &str) -> String {
    let part_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-');
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if part_of_one(c) {
            word.push(c);
            continue;
        }
        out.push_str(if is_identifier(&word) { GONE } else { &word });
        out.push(c);
        word.clear();
    }
    out.pop();
    out
}

fn is_identifier(word: &str) -> bool {
    let hex = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_hexdigit());
    let address = word.parse::<IpAddr>().is_ok() && word.len() > 2;
    let mac = word.split([':', '-']).count() == 6 && word.split([':', '-']).all(|part| part.len() == 2 && hex(part));
    let uuid = word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && word.split('-').all(hex);
    let long = word.len() >= 12 && hex(word) && word.bytes().any(|b| b.is_ascii_digit());
    address || mac || uuid || long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_whose_machine_it_is_goes_and_the_rest_stays() {
        let secrets = Secrets::new(["web-7.acme.example", "web-7", "jane", "root", "x"].map(str::to_owned));
        for (path, text, want) in [
            (
                "/proc/cmdline",
                "BOOT_IMAGE=/vmlinuz-6.1 root=UUID=0123 ip=10.1.2.3 psi=1 quiet ro crashkernel=256M TOKEN s3cret1\n",
                "BOOT_IMAGE=[removed] root=[removed] ip=[removed] psi=1 quiet ro crashkernel=256M [removed] [removed]\n",
            ),
            (
                "/proc/cpuinfo",
                "model name\t: Xeon E5-2680 v4\nSerial\t\t: 00000000deadbeef\nmicrocode\t: 0xb000040\n",
                "model name\t: Xeon E5-2680 v4\nmicrocode\t: 0xb000040\n",
            ),
            (
                "/proc/stat",
                "cpu 1 2\nintr 5 6\nbtime 1795448975\nprocs_running 2\n",
                "cpu 1 2\nbtime 0\nprocs_running 2\n",
            ),
            ("/proc/sys/kernel/osrelease", "6.1.0-web-7\n", "6.1.0-[removed]\n"),
            ("/proc/1/cgroup", "0::/user.slice/jane-billing.service\n", "0::/\n"),
            ("/proc/1/cgroup", "12:cpu:/docker/0123456789ab\n", "12:cpu:/docker/\n"),
            (
                "/proc/self/status",
                "Name:\tlive\nUid:\t54321\t54321\t0\t0\nGroups:\t7 8\nCapEff:\t0000000000000000\n",
                "Uid:\t1000\t1000\t0\t0\nCapEff:\t0000000000000000\n",
            ),
            (
                "/proc/swaps",
                "Filename Type Size\n/dev/mapper/web--7-swap partition 100\n/home/jane/swap file 5\n",
                "Filename Type Size\n/dev/swap1 partition 100\n/swapfile2 file 5\n",
            ),
            (
                "/etc/os-release",
                "NAME=\"Debian\"\nHOME_URL=\"https://acme.example\"\nVERSION_ID=\"12\"\n",
                "NAME=\"Debian\"\nVERSION_ID=\"12\"\n",
            ),
            (
                "/proc/config.gz",
                "CONFIG_HZ=250\n# CONFIG_PSI is not set\nCONFIG_LOCALVERSION=\"-jane\"\n",
                "CONFIG_HZ=250\n# CONFIG_PSI is not set\n",
            ),
            ("/proc/1/comm", "acme-billing\n", "[removed]\n"),
            ("/proc/2/comm", "kthreadd\n", "kthreadd\n"),
            ("/run/.containerenv", "name=\"jane\"\n", ""),
            ("/proc/loadavg", "0.10 0.20 0.30 1/100 4242\n", "0.10 0.20 0.30 1/100 4242\n"),
            (
                "@sockets/tcp",
                "state local remote\nESTAB 10.0.0.9:22 [2001:db8::1]:5000 timer=off\nLISTEN 127.0.0.1:80 0.0.0.0:0 timer=off\n",
                "state local remote\nESTAB [removed]:22 [removed]:5000 timer=off\nLISTEN 127.0.0.1:80 0.0.0.0:0 timer=off\n",
            ),
            (
                "@processes",
                "pid ppid state policy rt_priority priority nice threads minflt majflt utime stime vsize rss_pages comm\n\
                 2 0 S 0 0 20 0 1 0 0 0 0 0 0 kthreadd\n9 2 I 0 0 20 0 1 0 0 0 0 0 0 kworker/0:1\n\
                 7 1 S 0 0 20 0 1 0 0 0 0 4096 5 acme billing\n",
                "pid ppid state policy rt_priority priority nice threads minflt majflt utime stime vsize rss_pages comm\n\
                 2 0 S 0 0 20 0 1 0 0 0 0 0 0 kthreadd\n9 2 I 0 0 20 0 1 0 0 0 0 0 0 kworker/0:1\n\
                 7 1 S 0 0 20 0 1 0 0 0 0 4096 5 [removed]\n",
            ),
            (
                "/proc/mounts",
                "/dev/mapper/acme / ext4 rw 0 0\nnas:/home /srv/acme nfs4 rw,addr=10.0.0.1 0 0\n",
                "[removed] / ext4 rw 0 0\n[removed] /[removed]1 nfs4 rw 0 0\n",
            ),
            (
                "/proc/version",
                "Linux version 6.1 (jane@acme) (gcc 12) #1 SMP\n",
                "Linux version 6.1 ([removed]) (gcc 12) #1 SMP\n",
            ),
            ("/sys/class/dmi/id/sys_vendor", "ACME\n", "ACME\n"),
            ("/sys/class/dmi/id/product_serial", "4711\n", "[removed]\n"),
            (
                "/proc/self/mountinfo",
                "1 0 8:1 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/ab12/diff\n\
                 2 1 0:5 / /home/jane rw - nfs4 10.0.0.9:/homes rw\n\
                 3 1 0:6 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
                "0 0 0:0 / / rw - overlay overlay rw,upperdir=/docker/\n\
                 2 0 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            ),
        ] {
            assert_eq!(redact(path, text, &secrets), want, "{path}");
        }
    }

    #[test]
    fn identifiers_are_known_by_their_form() {
        for (word, want) in [
            ("10.1.2.3", true),
            ("fe80::1", true),
            ("2001:db8::a:b", true),
            ("52:54:00:12:34:56", true),
            ("52-54-00-12-34-56", true),
            ("8c0f9a2e-7b1d-4c3e-9f00-aabbccddeeff", true),
            ("00000000deadbeef", true),
            ("6.12.107", false),
            ("256M", false),
            ("::", false),
            ("v4", false),
            ("0xb000040", false),
            ("", false),
        ] {
            assert_eq!(is_identifier(word), want, "{word}");
        }
        assert_eq!(identifiers("a 10.1.2.3, b=10.1.2.4\n"), "a [removed], b=[removed]\n");
    }

    #[test]
    fn names_go_as_words_only() {
        let secrets = Secrets::new(["cpu".to_owned(), "db".to_owned(), "jane".to_owned()]);
        assert_eq!(secrets.remove("/home/jane janet jane.".into()), "/home/[removed] janet [removed].");
        assert_eq!(secrets.remove("db".into()), "db", "too short to be told from a word");
    }
}

//! What kind of machine this is: the facts that decide what can be shown on it.

use exercises::{Facts, Machine, ReadError, Source};
use serde::Serialize;
use sim_core::KernelVersion;

use super::calls;
use super::parse;

/// What kind of machine this is. What could not be found out is left out, never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Release of the kernel, as `uname -r`.
    pub kernel: Option<String>,
    /// What the distribution calls itself.
    pub system: Option<String>,
    /// Ticks a second, and how that is known.
    pub hz: Option<Hz>,
    /// File the kernel's configuration was read from.
    pub config: Option<String>,
    /// Online CPUs.
    pub cpus: Option<u32>,
    /// Online NUMA nodes.
    pub numa_nodes: Option<u32>,
    /// Which control groups are mounted.
    pub cgroup: Option<Cgroup>,
    /// Container engine we run under; `unknown` where only the process ids tell.
    pub container: Option<String>,
    /// What stands in for the kernel's own `/proc/loadavg`.
    pub loadavg_faked: Option<Faked>,
    /// Version of the Windows Subsystem for Linux.
    pub wsl: Option<u8>,
    /// Pressure stall information.
    pub psi: Psi,
    /// Effective user id.
    pub euid: Option<u32>,
    /// Effective capabilities, without `CAP_`.
    pub capabilities: Option<Vec<&'static str>>,
    /// Whether programs started from here can gain privileges no more.
    pub no_new_privs: Option<bool>,
    /// Whether system calls are filtered.
    pub seccomp: Option<bool>,
}

/// Ticks a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hz {
    /// The figure.
    pub value: u32,
    /// How it is known.
    pub from: HzFrom,
}

/// How the tick rate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HzFrom {
    /// `CONFIG_HZ` of the kernel's configuration.
    Config,
    /// The resolution of the kernel's coarse clocks, which is one tick.
    ClockResolution,
}

/// Which control groups are mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cgroup {
    /// None.
    None,
    /// Version 1 only.
    V1,
    /// Version 2 only.
    V2,
    /// Controllers of version 1, with version 2 beside them.
    Hybrid,
}

/// What stands in for the kernel's own load averages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Faked {
    /// LXCFS is mounted over the file.
    Lxcfs,
    /// The file disagrees with `sysinfo(2)`.
    DiffersFromSysinfo,
}

/// Pressure stall information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Psi {
    /// There and readable.
    Present,
    /// The kernel has it, but it is switched off: boot with `psi=1`.
    Disabled,
    /// The kernel is older than 4.20 or built without it.
    Absent,
    /// There, but not readable.
    Denied,
    /// Not known.
    Unknown,
}

impl Profile {
    /// Finds out everything that `machine` tells.
    pub fn of(machine: &dyn Machine) -> Profile {
        let read = |path: &str| machine.read(path).ok();
        let live = matches!(machine.source(), Source::Live);
        let kernel = read("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned());
        let (config, config_text) = kernel_config(machine, kernel.as_deref()).unzip();
        let status = read("/proc/self/status");
        let field = |name| status.as_deref().and_then(|status| parse::status_field(status, name));
        let mountinfo = read("/proc/self/mountinfo");
        Profile {
            system: read("/etc/os-release").and_then(|text| Some(parse::os_release(&text, "PRETTY_NAME")?.to_owned())),
            hz: hz(config_text.as_deref(), live),
            config,
            cpus: online_cpus(machine),
            numa_nodes: read("/sys/devices/system/node/online").and_then(|list| parse::list_length(&list)),
            cgroup: mountinfo.as_deref().map(cgroup),
            container: exercises::parse::container(machine),
            loadavg_faked: loadavg_faked(machine, mountinfo.as_deref()),
            wsl: kernel.as_deref().and_then(parse::wsl),
            psi: psi(machine, kernel.as_deref(), config_text.as_deref()),
            euid: field("Uid").and_then(|ids| ids.split_whitespace().nth(1)?.parse().ok()),
            capabilities: field("CapEff").and_then(parse::capabilities),
            no_new_privs: field("NoNewPrivs").map(|value| value != "0"),
            seccomp: field("Seccomp").map(|value| value != "0"),
            kernel,
        }
    }

    /// The part that a recording keeps.
    pub fn facts(&self) -> Facts {
        Facts { kernel: self.kernel.clone(), hz: self.hz.map(|hz| hz.value), cpus: self.cpus, ..Facts::default() }
    }
}

/// Online CPUs, however the machine tells them.
pub fn online_cpus(machine: &dyn Machine) -> Option<u32> {
    let online = machine.read("/sys/devices/system/cpu/online").ok().and_then(|list| parse::list_length(&list));
    online.or_else(|| parse::cpus_in_stat(&machine.read("/proc/stat").ok()?))
}

/// The kernel's configuration and where it was found.
pub fn kernel_config(machine: &dyn Machine, release: Option<&str>) -> Option<(String, String)> {
    let boot = release.map(|release| format!("/boot/config-{release}"));
    let paths = std::iter::once("/proc/config.gz".to_owned()).chain(boot);
    paths.into_iter().find_map(|path| Some((path.clone(), machine.read(&path).ok()?)))
}

fn hz(config: Option<&str>, live: bool) -> Option<Hz> {
    let configured = config.and_then(|config| parse::config_value(config, "CONFIG_HZ")?.parse().ok());
    match configured {
        Some(value) => Some(Hz { value, from: HzFrom::Config }),
        None if live => calls::tick_hz().map(|value| Hz { value, from: HzFrom::ClockResolution }),
        None => None,
    }
}

fn cgroup(mountinfo: &str) -> Cgroup {
    let has = |kind: &str| parse::mounts(mountinfo).any(|mount| mount.kind == kind);
    match (has("cgroup"), has("cgroup2")) {
        (false, false) => Cgroup::None,
        (true, false) => Cgroup::V1,
        (false, true) => Cgroup::V2,
        (true, true) => Cgroup::Hybrid,
    }
}

fn loadavg_faked(machine: &dyn Machine, mountinfo: Option<&str>) -> Option<Faked> {
    let lxcfs = |mount: parse::Mount<'_>| mount.kind == "fuse.lxcfs" && mount.point == "/proc/loadavg";
    if mountinfo.is_some_and(|text| parse::mounts(text).any(lxcfs)) {
        return Some(Faked::Lxcfs);
    }
    if !matches!(machine.source(), Source::Live) {
        return None;
    }
    // An update may fall between two looks, so only a text that fits neither of them counts.
    let before = calls::avenrun();
    let text = machine.read("/proc/loadavg").ok()?;
    let fits = |raw: [u64; 3]| text.starts_with(&raw.map(sim_core::load_average::calc::print_load).join(" "));
    (!fits(before) && !fits(calls::avenrun())).then_some(Faked::DiffersFromSysinfo)
}

fn psi(machine: &dyn Machine, kernel: Option<&str>, config: Option<&str>) -> Psi {
    match machine.read("/proc/pressure/cpu") {
        Ok(_) => Psi::Present,
        Err(ReadError::Denied) => Psi::Denied,
        // EOPNOTSUPP: compiled in and switched off.
        Err(ReadError::Other(_)) => Psi::Disabled,
        Err(ReadError::NotFound) => {
            let old = kernel
                .and_then(|release| release.parse::<KernelVersion>().ok())
                .map(|version| version < KernelVersion::new(4, 20, 0));
            let built = config.map(|config| parse::config_value(config, "CONFIG_PSI") == Some("y"));
            match (built, old) {
                (Some(true), _) => Psi::Disabled,
                (Some(false), _) | (None, Some(true)) => Psi::Absent,
                (None, _) => Psi::Unknown,
            }
        }
        Err(_) => Psi::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Files(BTreeMap<&'static str, Result<&'static str, ReadError>>);

    impl Machine for Files {
        fn read(&self, path: &str) -> Result<String, ReadError> {
            self.0.get(path).cloned().unwrap_or(Err(ReadError::NotFound)).map(str::to_owned)
        }

        fn source(&self) -> Source {
            Source::Recorded
        }
    }

    fn profile(files: &[(&'static str, &'static str)]) -> Profile {
        Profile::of(&Files(files.iter().map(|&(path, text)| (path, Ok(text))).collect()))
    }

    #[test]
    fn nothing_is_guessed_about_an_empty_root() {
        let profile = profile(&[]);
        assert_eq!(
            profile,
            Profile {
                kernel: None,
                system: None,
                hz: None,
                config: None,
                cpus: None,
                numa_nodes: None,
                cgroup: None,
                container: None,
                loadavg_faked: None,
                wsl: None,
                psi: Psi::Unknown,
                euid: None,
                capabilities: None,
                no_new_privs: None,
                seccomp: None,
            }
        );
    }

    #[test]
    fn a_server_is_read_whole() {
        let profile = profile(&[
            ("/proc/sys/kernel/osrelease", "6.12.107+deb13-amd64\n"),
            ("/boot/config-6.12.107+deb13-amd64", "CONFIG_HZ=250\nCONFIG_PSI=y\n"),
            ("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n"),
            ("/proc/self/status", "Uid:\t1000\t0\t0\t0\nCapEff:\t0000000000200000\nNoNewPrivs:\t0\nSeccomp:\t2\n"),
            ("/proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
            ("/sys/devices/system/cpu/online", "0-7\n"),
            ("/sys/devices/system/node/online", "0-1\n"),
            ("/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
            ("/proc/1/cgroup", "0::/init.scope\n"),
            ("/proc/2/comm", "kthreadd\n"),
        ]);
        assert_eq!(profile.hz, Some(Hz { value: 250, from: HzFrom::Config }));
        assert_eq!((profile.cpus, profile.numa_nodes), (Some(8), Some(2)));
        assert_eq!((profile.cgroup, profile.psi), (Some(Cgroup::V2), Psi::Present));
        assert_eq!((profile.container.as_deref(), profile.wsl, profile.loadavg_faked), (None, None, None));
        assert_eq!((profile.euid, profile.capabilities.as_deref()), (Some(0), Some(&["sys_admin"][..])));
        assert_eq!((profile.no_new_privs, profile.seccomp), (Some(false), Some(true)));
    }

    #[test]
    fn pressure_is_there_or_why_not() {
        let text = |text| Some(Ok(text));
        for (pressure, kernel, config, want) in [
            (text("some avg10=0.00"), "6.1.0", None, Psi::Present),
            (Some(Err(ReadError::Denied)), "6.1.0", None, Psi::Denied),
            (Some(Err(ReadError::Other("Operation not supported".into()))), "6.1.0", None, Psi::Disabled),
            (None, "4.18.0-553.el8_10.x86_64", Some("CONFIG_PSI=y\n"), Psi::Disabled),
            (None, "6.1.0", Some("# CONFIG_PSI is not set\n"), Psi::Absent),
            (None, "4.19.0", None, Psi::Absent),
            (None, "6.1.0", None, Psi::Unknown),
        ] {
            let mut files = BTreeMap::from([("/proc/sys/kernel/osrelease", Ok(kernel))]);
            files.extend(pressure.clone().map(|pressure| ("/proc/pressure/cpu", pressure)));
            files.extend(config.map(|config| ("/proc/config.gz", Ok(config))));
            assert_eq!(Profile::of(&Files(files)).psi, want, "{pressure:?} {kernel} {config:?}");
        }
    }

    #[test]
    fn containers_and_their_fakes_are_seen() {
        for (path, text, want) in [
            ("/.dockerenv", "", Some("docker")),
            ("/run/.containerenv", "engine=\"podman\"\n", Some("podman")),
            ("/run/systemd/container", "lxc\n", Some("lxc")),
            ("/proc/1/cgroup", "0::/lxc.payload.web\n", Some("lxc")),
            ("/proc/2/comm", "nginx\n", Some("unknown")),
            ("/proc/2/comm", "kthreadd\n", None),
        ] {
            assert_eq!(profile(&[(path, text)]).container.as_deref(), want, "{path} {text}");
        }
        let image = [("/.dockerenv", ""), ("/proc/2/comm", "kthreadd\n")];
        assert_eq!(profile(&image).container, None, "a virtual machine made of an image");
        let overlay = ("/proc/self/mountinfo", "1 0 0:4 / / rw - overlay overlay rw\n");
        let host_pids = [image[0], image[1], overlay];
        assert_eq!(profile(&host_pids).container.as_deref(), Some("docker"), "docker run --pid=host");
        let lxcfs = "99 22 0:55 /proc/loadavg /proc/loadavg rw - fuse.lxcfs lxcfs rw\n";
        assert_eq!(profile(&[("/proc/self/mountinfo", lxcfs)]).loadavg_faked, Some(Faked::Lxcfs));
        let uptime_only = lxcfs.replace("loadavg", "uptime");
        assert_eq!(profile(&[("/proc/self/mountinfo", uptime_only.leak())]).loadavg_faked, None);
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn this_machine_has_a_profile() {
        let profile = Profile::of(&crate::machine::LiveMachine::here().unwrap());
        assert!(profile.kernel.is_some() && profile.cpus.is_some_and(|cpus| cpus > 0), "{profile:?}");
        assert_eq!(profile.euid, Some(rustix::process::geteuid().as_raw()));
        assert!(profile.hz.is_some(), "a Linux kernel has a tick: {profile:?}");
    }
}

//! What a capture of a machine holds.

use std::collections::BTreeSet;

use exercises::recording::MAX_FILE_BYTES;
use exercises::{Content, Machine, ReadError, Recording, Source, catalogue, expand};

use super::calls;
use super::profile::Profile;
use super::redact::{Secrets, redact};

/// Files of every capture, besides those the exercises read; `*` stands for any name. What some of them
/// say about the owner is taken out: names of programs, addresses, serial numbers, mount points.
pub const FILES: [&str; 107] = [
    "/.dockerenv",
    "/etc/os-release",
    "/proc/1/cgroup",
    "/proc/1/comm",
    "/proc/2/comm",
    "/proc/buddyinfo",
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/net/sockstat",
    "/proc/pressure/cpu",
    "/proc/pressure/io",
    "/proc/pressure/irq",
    "/proc/pressure/memory",
    "/proc/self/mountinfo",
    "/proc/self/status",
    "/proc/stat",
    "/proc/swaps",
    "/proc/sys/kernel/numa_balancing",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/pid_max",
    "/proc/sys/kernel/threads-max",
    "/proc/sys/net/ipv4/ip_local_port_range",
    "/proc/sys/net/ipv4/tcp_fin_timeout",
    "/proc/sys/net/ipv4/tcp_keepalive_intvl",
    "/proc/sys/net/ipv4/tcp_keepalive_probes",
    "/proc/sys/net/ipv4/tcp_keepalive_time",
    "/proc/sys/net/ipv4/tcp_retries2",
    "/proc/sys/net/ipv4/tcp_syn_retries",
    "/proc/sys/net/ipv4/tcp_tw_reuse",
    "/proc/sys/vm/dirty_background_ratio",
    "/proc/sys/vm/dirty_expire_centisecs",
    "/proc/sys/vm/dirty_ratio",
    "/proc/sys/vm/dirty_writeback_centisecs",
    "/proc/sys/vm/min_free_kbytes",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/overcommit_ratio",
    "/proc/sys/vm/swappiness",
    "/proc/sys/vm/vfs_cache_pressure",
    "/proc/sys/vm/zone_reclaim_mode",
    "/proc/vmstat",
    "/proc/zoneinfo",
    "/run/.containerenv",
    "/run/systemd/container",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/cpu/possible",
    "/sys/devices/system/node/online",
    "/sys/kernel/mm/lru_gen/enabled",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/proc/mounts",
    "/proc/net/dev",
    "/proc/net/netstat",
    "/proc/net/snmp",
    "/proc/pagetypeinfo",
    "/proc/slabinfo",
    "/proc/sys/kernel/arch",
    "/proc/sys/kernel/tainted",
    "/proc/sys/kernel/version",
    "/proc/version",
    "/proc/sys/net/ipv4/*",
    "/proc/sys/vm/*",
    "/sys/block/*/device/uevent",
    "/sys/block/*/queue/max_sectors_kb",
    "/sys/block/*/queue/nomerges",
    "/sys/block/*/queue/nr_requests",
    "/sys/block/*/queue/read_ahead_kb",
    "/sys/block/*/queue/rotational",
    "/sys/block/*/queue/scheduler",
    "/sys/block/*/queue/wbt_lat_usec",
    "/sys/block/*/removable",
    "/sys/block/*/size",
    "/sys/class/dmi/id/*",
    "/sys/class/net/*/device/uevent",
    "/sys/class/net/*/mtu",
    "/sys/class/net/*/operstate",
    "/sys/class/net/*/queues/*/rps_cpus",
    "/sys/class/net/*/queues/*/tx_timeout",
    "/sys/class/net/*/speed",
    "/sys/devices/system/clocksource/clocksource0/*",
    "/sys/devices/system/cpu/cpu*/topology/core_cpus_list",
    "/sys/devices/system/cpu/cpu*/topology/core_id",
    "/sys/devices/system/cpu/cpu*/topology/die_id",
    "/sys/devices/system/cpu/cpu*/topology/physical_package_id",
    "/sys/devices/system/cpu/cpu0/cpuidle/state*/*",
    "/sys/devices/system/cpu/cpuidle/*",
    "/sys/devices/system/cpu/present",
    "/sys/devices/system/memory/block_size_bytes",
    "/sys/devices/system/memory/memory*/state",
    "/sys/devices/system/node/has_memory",
    "/sys/devices/system/node/node*/cpulist",
    "/sys/devices/system/node/node*/distance",
    "/sys/devices/system/node/node*/meminfo",
    "/sys/devices/system/node/node*/numastat",
    "/sys/kernel/kexec_crash_loaded",
    "/sys/kernel/kexec_crash_size",
    "/sys/module/intel_idle/parameters/max_cstate",
    "@dmi/memory",
    "@nic/*/driver",
    "@nic/*/features",
    "@nic/*/ring",
    "@numa/policy",
    "@page_size",
    "@processes",
    "@sockets/tcp",
];

/// One moment of `machine`, without what tells whose it is. Files that are not there are left out;
/// why another could not be read is kept.
pub fn snapshot(machine: &dyn Machine, secrets: &Secrets) -> Recording {
    let profile = Profile::of(machine);
    let mut facts = profile.facts();
    facts.kernel = facts.kernel.map(|kernel| redact("/proc/sys/kernel/osrelease", &kernel, secrets));
    let live = matches!(machine.source(), Source::Live);
    let mut paths: BTreeSet<String> = FILES.iter().map(|path| (*path).to_owned()).collect();
    paths.extend(catalogue().iter().flat_map(exercises::Exercise::reads));
    paths.extend(profile.config);
    let read = |path: String| {
        let content = match machine.read(&path).map(|text| redact(&path, &text, secrets)) {
            Err(ReadError::NotFound) => return None,
            Ok(text) if text.len() > MAX_FILE_BYTES => Content::Error(ReadError::TooLarge),
            other => other.into(),
        };
        // A release in a path is redacted as in the text, so that the file is found again.
        Some((secrets.remove(path), content))
    };
    let avenrun = live.then(calls::avenrun);
    // What a pattern finds beside what is wanted (a folder, a file for writing only) is left out.
    let mut files = std::collections::BTreeMap::new();
    for path in paths {
        let pattern = path.contains('*');
        for path in expand(machine, &path) {
            if let Some((path, content)) = read(path)
                && !(pattern && matches!(content, Content::Error(ReadError::Refused(_) | ReadError::Other(_))))
            {
                files.insert(path, content);
            }
        }
    }
    let mut recording = Recording::new(if live { Source::Live } else { Source::Recorded }, facts);
    recording.frames.push(exercises::Frame { t_ns: 0, avenrun, files });
    recording
}

#[cfg(test)]
mod tests {
    use super::super::LiveMachine;
    use super::*;

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn nothing_that_names_this_machine_is_in_its_capture() {
        let machine = LiveMachine::here().unwrap();
        let json = snapshot(&machine, &Secrets::of_here()).to_json();
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let mut names = vec![read("/proc/sys/kernel/random/boot_id"), read("/etc/machine-id")];
        names.push(rustix::system::uname().nodename().to_string_lossy().into_owned());
        for interface in std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten() {
            names.push(read(interface.path().join("address").to_str().unwrap()));
        }
        names.retain(|name| name.len() > 3 && name != "00:00:00:00:00:00" && name != "localhost");
        for name in names {
            assert!(!json.contains(&name), "{name}");
        }
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn a_capture_is_judged_to_be_the_same_kind_of_machine() {
        let machine = LiveMachine::here().unwrap();
        let live = Profile::of(&machine);
        let recording = Recording::from_json(&snapshot(&machine, &Secrets::default()).to_json()).unwrap();
        let captured = Profile::of(&recording.last().unwrap());
        let kind = |profile: &Profile| {
            let Profile { kernel, system, config, cpus, numa_nodes, cgroup, container, psi, capabilities, .. } =
                profile;
            format!(
                "{kernel:?} {system:?} {config:?} {cpus:?} {numa_nodes:?} {cgroup:?} {container:?} {psi:?} {capabilities:?}"
            )
        };
        assert_eq!(kind(&captured), kind(&live));
    }
}

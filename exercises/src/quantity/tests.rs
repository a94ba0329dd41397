//! Quantities of machines, and names that mean nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{ReadError, Source};

struct Files(BTreeMap<String, Result<String, ReadError>>);

impl Machine for Files {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        self.0.get(path).cloned().unwrap_or(Err(ReadError::NotFound))
    }

    fn source(&self) -> Source {
        Source::Recorded
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        crate::machine::names_below(self.0.keys().map(String::as_str), folder)
    }
}

fn files(pairs: &[(&str, &str)]) -> Files {
    Files(pairs.iter().map(|(path, text)| ((*path).to_owned(), Ok((*text).to_owned()))).collect())
}

/// A small machine with one of everything.
fn lab() -> Files {
    let stat = |pid: u32, comm: &str, state: &str, ppid: u32| {
        format!(
            "{pid} ({comm}) {state} {ppid} 1 1 0 -1 0 5 0 1 0 2 3 0 0 20 0 1 0 9 4096 7 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0\n"
        )
    };
    let mut files = files(&[
        ("/proc/sys/kernel/osrelease", "6.12.107+deb13-amd64\n"),
        ("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1\n"),
        ("/proc/version", "Linux version 6.12 (x@y) (x86_64-linux-gnu-gcc-14 (Debian 14) 14.2.0, GNU ld) #1 SMP\n"),
        ("/proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet crashkernel=256M intel_idle.max-cstate=1\n"),
        ("/boot/config-6.12.107+deb13-amd64", "CONFIG_HZ=250\n# CONFIG_KEXEC is not set\nCONFIG_FUNCTION_TRACER=y\n"),
        ("/proc/meminfo", "MemTotal:  8000 kB\nMemFree: 1000 kB\nHugePages_Total: 3\n"),
        ("/proc/vmstat", "nr_free_pages 250\npgfault 99\n"),
        (
            "/proc/stat",
            "cpu  10 1 5 80 4 0 0 0 0 0\ncpu0 5 1 2 40 2 0 0 0 0 0\nctxt 9\nprocs_running 3\nprocs_blocked 1\n",
        ),
        ("/proc/loadavg", "0.50 0.20 0.10 2/150 999\n"),
        ("/proc/pressure/cpu", "some avg10=1.50 avg60=0.00 avg300=0.00 total=12\n"),
        ("/proc/sys/vm/swappiness", "60\n"),
        ("/proc/sys/vm/min_free_kbytes", "45056\n"),
        ("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"),
        ("/sys/devices/system/cpu/online", "0-3\n"),
        ("/proc/cpuinfo", "processor : 0\nmodel name : X 3\nflags : fpu hypervisor\n\nprocessor : 1\n"),
        ("/sys/devices/system/cpu/cpu0/cpuidle/state0/name", "POLL\n"),
        ("/sys/devices/system/cpu/cpu0/cpuidle/state10/name", "C10\n"),
        ("/sys/devices/system/cpu/cpu0/cpuidle/state9/name", "C9\n"),
        ("/sys/devices/system/cpu/cpu0/cpuidle/state10/latency", "133\n"),
        ("/sys/devices/system/cpu/cpuidle/current_driver", "intel_idle\n"),
        ("/sys/kernel/kexec_crash_size", "268435456\n"),
        ("/sys/class/dmi/id/sys_vendor", "ACME\n"),
        ("@dmi/memory", "Memory Device\n\tSize: 8 GB\nMemory Device\n\tSize: No Module Installed\n"),
        (
            "/proc/diskstats",
            "8 0 sda 10 2 30 40 5 6 70 80 0 90 100\n8 1 sda1 1 2 3 4 5 6 7 8 9 10 11\n7 0 loop0 1 2 3 4 5 6 7 8 9 10 11\n",
        ),
        ("/sys/block/sda/size", "2048\n"),
        ("/sys/block/sda/queue/scheduler", "[none] bfq\n"),
        ("/sys/block/sda/queue/rotational", "1\n"),
        ("/sys/block/sda/device/uevent", "DRIVER=sd\n"),
        ("/sys/block/loop0/size", "8\n"),
        ("/sys/class/net/lo/mtu", "65536\n"),
        ("/sys/class/net/eth0/mtu", "1500\n"),
        ("/sys/class/net/eth0/device/uevent", "DRIVER=virtio_net\n"),
        ("/sys/class/net/eth0/queues/rx-0/rps_cpus", "0\n"),
        ("/sys/class/net/eth0/speed", "-1\n"),
        ("@nic/eth0/ring", "rx: 256\nrx_max: 1024\n"),
        ("@nic/eth0/features", "tcp-segmentation-offload: on\nlarge-receive-offload: off [fixed]\n"),
        (
            "/proc/zoneinfo",
            "Node 0, zone Normal\n  pages free 250\n        min 10\n        low 12\n        managed 1000\nNode 1, zone Normal\n  pages free 50\n        min 1\n        low 2\n        managed 1000\n",
        ),
        ("/proc/buddyinfo", "Node 0, zone Normal 2 1 0 1\nNode 1, zone Normal 0 0 0 0\n"),
        ("/proc/7/status", "Name:\tx y\nVmSwap:\t 8 kB\n"),
        ("/proc/9/status", "Name:\tz\nVmSwap:\t 0 kB\n"),
        ("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 100 5 -2\n"),
        ("/sys/devices/system/node/online", "0-1\n"),
        ("/sys/devices/system/node/node0/numastat", "numa_hit 7\nnuma_miss 1\n"),
        ("/sys/devices/system/node/node1/numastat", "numa_hit 3\nnuma_miss 0\n"),
        ("/sys/devices/system/node/node0/distance", "10 21\n"),
        ("/sys/devices/system/node/node1/distance", "21 10\n"),
        ("/sys/devices/system/node/node0/meminfo", "Node 0 MemFree: 5 kB\n"),
        ("/sys/devices/system/node/node1/meminfo", "Node 1 MemFree: 6 kB\n"),
        ("/sys/devices/system/node/node0/cpulist", "0-1\n"),
        ("/sys/devices/system/node/node1/cpulist", "2-3\n"),
        ("/sys/devices/system/memory/block_size_bytes", "8000000\n"),
        ("/sys/devices/system/memory/memory0/state", "online\n"),
        ("/sys/devices/system/memory/memory1/state", "offline\n"),
        (
            "@sockets/tcp",
            "state local remote\nLISTEN 1:80 0:0 timer=off expires_ms=0 rto_us=0 sendq=128\nESTAB 1:5000 2:80 timer=keepalive expires_ms=10 rto_us=204000 sendq=3\nTIME-WAIT 1:5001 2:80 timer=timewait expires_ms=900\n",
        ),
        ("/proc/net/sockstat", "TCP: inuse 4 orphan 0 tw 9 alloc 5 mem 238\n"),
        ("/proc/mounts", "/dev/sda1 / ext4 rw,relatime 0 0\n"),
        (
            "/tmp/x.strace",
            "brk(0) = 0 <0.000004>\nbrk(0) = 0 <0.000004>\nopen(\"/etc/a\", 0) = 3 <0.000900>\nopenat(AT_FDCWD, \"/etc/b\", 0) = -1 ENOENT (No) <0.000009>\n",
        ),
    ]);
    files.0.insert("/proc/1/stat".into(), Ok(stat(1, "init", "S", 0)));
    files.0.insert("/proc/2/stat".into(), Ok(stat(2, "kthreadd", "S", 0)));
    files.0.insert("/proc/9/stat".into(), Ok(stat(9, "x y", "Z", 1)));
    files.0.insert("/proc/slabinfo".into(), Err(ReadError::Denied));
    files
}

#[test]
fn a_machine_says_what_it_is_asked_for() {
    let lab = lab();
    let number = |value: f64, unit| (Found::Number(value), unit);
    let word = |word: &str| (Found::Word(word.into()), Unit::None);
    let words = |words: &[&str]| (Found::Words(words.iter().map(|word| (*word).to_owned()).collect()), Unit::None);
    for (name, want) in [
        ("kernel.release", word("6.12.107+deb13-amd64")),
        ("kernel.major", number(6.0, Unit::None)),
        ("kernel.minor", number(12.0, Unit::None)),
        ("kernel.preemption", word("PREEMPT_DYNAMIC")),
        ("kernel.compiler", word("gcc")),
        ("cmdline.count", number(4.0, Unit::None)),
        ("cmdline[crashkernel].value", word("256M")),
        ("cmdline[intel_idle.max_cstate].value", word("1")),
        ("cmdline[quiet].value", word("")),
        ("cmdline[isolcpus].value", word("-")),
        ("cmdline[isolcpus].times", number(0.0, Unit::None)),
        ("config[CONFIG_FUNCTION_TRACER]", word("y")),
        ("config[CONFIG_KEXEC]", word("n")),
        ("host.hypervisor", word("yes")),
        ("page.size", number(4096.0, Unit::Bytes)),
        ("meminfo.MemFree", number(1000.0, Unit::Kb)),
        ("meminfo.HugePages_Total", number(3.0, Unit::None)),
        ("vmstat.nr_free_pages", number(250.0, Unit::Pages)),
        ("vmstat.pgfault", number(99.0, Unit::None)),
        ("stat.busy", number(16.0, Unit::Centiseconds)),
        ("stat[cpu0].idle", number(40.0, Unit::Centiseconds)),
        ("stat.ctxt", number(9.0, Unit::None)),
        ("loadavg.5", number(0.2, Unit::None)),
        ("pressure[cpu].some_avg10", number(1.5, Unit::Percent)),
        ("sysctl.vm.swappiness", number(60.0, Unit::None)),
        ("sysctl.vm.min_free_kbytes", number(45056.0, Unit::Kb)),
        ("sysctl[2].net.ipv4.ip_local_port_range", number(60999.0, Unit::None)),
        ("file[/proc/sys/vm/swappiness].line", number(60.0, Unit::None)),
        ("chosen[/sys/block/sda/queue/scheduler]", word("none")),
        ("cpu.online", number(4.0, Unit::None)),
        ("cpuinfo.processors", number(2.0, Unit::None)),
        ("cpuinfo.model_name", word("X 3")),
        ("cpuinfo.flags", words(&["fpu", "hypervisor"])),
        ("idle.states", number(3.0, Unit::None)),
        ("idle.deepest", word("C10")),
        ("idle[10].latency", number(133.0, Unit::Us)),
        ("crash.reserved", number(268_435_456.0, Unit::Bytes)),
        ("dmi.sys_vendor", word("ACME")),
        ("dimm.empty", number(1.0, Unit::None)),
        ("dimm.total", number(8_388_608.0, Unit::Kb)),
        ("disks.count", number(1.0, Unit::None)),
        ("disks[nvme].count", number(0.0, Unit::None)),
        ("disks.families", words(&["sd"])),
        ("disk[first].name", word("sda")),
        ("disk[rotating].scheduler", word("none")),
        ("disk[first].schedulers", words(&["none", "bfq"])),
        ("disk[sda].busy_ms", number(90.0, Unit::Ms)),
        ("disk[loop0].reads", number(1.0, Unit::None)),
        ("disk[first].driver", word("sd")),
        ("nic[first].name", word("eth0")),
        ("nic[lo].mtu", number(65536.0, Unit::Bytes)),
        ("nic[first].driver", word("virtio_net")),
        ("nic[first].rx_queues", number(1.0, Unit::None)),
        ("nic[first].rx_ring_max", number(1024.0, Unit::None)),
        ("nic[first].tcp-segmentation-offload", word("on")),
        ("nic[first].large-receive-offload", word("off")),
        ("nic[first].offloads_on", words(&["tcp-segmentation-offload"])),
        ("zone.low", number(14.0, Unit::Pages)),
        ("zone[0/Normal].low", number(12.0, Unit::Pages)),
        ("zone.count", number(2.0, Unit::None)),
        ("buddy.free_pages", number(12.0, Unit::Pages)),
        ("buddy.largest_order", number(3.0, Unit::None)),
        ("buddy[Normal].order0", number(2.0, Unit::None)),
        ("buddy.unusable1", number(166.0, Unit::None)),
        ("swap.used", number(5.0, Unit::Kb)),
        ("numa.nodes", number(2.0, Unit::None)),
        ("numa.max_distance", number(21.0, Unit::None)),
        ("numastat.numa_hit", number(10.0, Unit::Pages)),
        ("numastat[1].numa_hit", number(3.0, Unit::Pages)),
        ("node.MemFree", number(11.0, Unit::Kb)),
        ("node[1].cpus", number(2.0, Unit::None)),
        ("distance[0].to1", number(21.0, Unit::None)),
        ("memory.online_kb", number(131_072.0, Unit::Kb)),
        ("procs.count", number(3.0, Unit::None)),
        ("procs.Z", number(1.0, Unit::None)),
        ("task[x y].rss", number(7.0, Unit::Pages)),
        ("swapped.top", word("x y")),
        ("swapped.top_kb", number(8.0, Unit::Kb)),
        ("swapped.total", number(8.0, Unit::Kb)),
        ("swapped.processes", number(1.0, Unit::None)),
        ("task[none].count", number(0.0, Unit::None)),
        ("sched[5].weight", number(335.0, Unit::None)),
        ("sched[-20].priority", number(0.0, Unit::None)),
        ("sockets.TIME-WAIT", number(1.0, Unit::None)),
        ("sockets[local:5000].count", number(1.0, Unit::None)),
        ("sockets.time_wait_ports", number(1.0, Unit::None)),
        ("sockets[:80].keepalive", number(1.0, Unit::None)),
        ("sockets.min_rto", number(204_000.0, Unit::Us)),
        ("sockstat[TCP].tw", number(9.0, Unit::None)),
        ("mount[/].type", word("ext4")),
        ("strace[/tmp/x.strace].calls", number(4.0, Unit::None)),
        ("strace[/tmp/x.strace].failed", number(1.0, Unit::None)),
        ("strace[/tmp/x.strace].most_called", word("brk")),
        ("strace[/tmp/x.strace].slowest", word("open")),
        ("strace[/tmp/x.strace].slowest_us", number(900.0, Unit::Us)),
        ("strace[/tmp/x.strace].opened", words(&["a"])),
        ("strace[/tmp/x.strace].not_found", words(&["b"])),
        ("strace[/tmp/x.strace].count_brk", number(2.0, Unit::None)),
        ("strace[/tmp/x.strace].first_open", number(3.0, Unit::None)),
    ] {
        let found = find(name, &lab).unwrap_or_else(|lack| panic!("{name}: {}", lack.text().en));
        assert_eq!((found.found, found.unit), want, "{name}");
        assert!(!found.path.is_empty(), "{name}");
    }
}

#[test]
fn what_a_machine_lacks_is_told_apart() {
    let lab = lab();
    for (name, verdict, words) in [
        ("meminfo.MemAvailable", Verdict::CannotCheck, "/proc/meminfo of this machine has no `MemAvailable`"),
        ("slab.top", Verdict::Denied, "no permission to read /proc/slabinfo"),
        ("pressure[io].some_avg10", Verdict::CannotCheck, "There is no /proc/pressure/io"),
        ("zone[DMA32].low", Verdict::CannotCheck, "it has 0/Normal, 1/Normal"),
        ("nic[first].speed", Verdict::CannotCheck, "does not tell its speed"),
        ("disk[first].flushes", Verdict::CannotCheck, "has no `flushes`"),
        ("tool[strace]", Verdict::CannotCheck, "`strace` is not installed"),
        ("cpu.cores", Verdict::CannotCheck, "has no `physical id`"),
        ("buddy.order30", Verdict::CannotCheck, "has no `order30`"),
        ("idle.governor", Verdict::CannotCheck, "current_governor"),
        ("meminfo", Verdict::Error, "`meminfo` has no ``"),
        ("memory.colour", Verdict::Error, "`memory` has no `colour`; there are block_bytes"),
        ("nothing.at.all", Verdict::Error, "there is no family `nothing`"),
        ("zone[].low", Verdict::Error, "of the form"),
        ("pressure.some_avg10", Verdict::Error, "needs `[cpu|memory|io|irq]`"),
        ("meminfo[x].MemFree", Verdict::Error, "takes no"),
        ("sched[40].weight", Verdict::Error, "from -20 to 19"),
        ("strace[/tmp/x.strace].first_uname", Verdict::CannotCheck, "has no `uname`"),
        ("strace[/tmp/x.strace].uname", Verdict::Error, "must be `count_` or `first_`"),
        ("sockets[80].count", Verdict::Error, "of the form `:5000`"),
        ("", Verdict::Error, "of the form"),
    ] {
        let lack = find(name, &lab).expect_err(name);
        assert_eq!(lack.verdict(), verdict, "{name}: {:?}", lack.text());
        assert!(lack.text().en.contains(words), "{name}: {}", lack.text().en);
    }
}

/// Whatever records a machine must be told every file that is looked at.
#[test]
fn a_recording_of_a_quantitys_files_is_enough_to_say_it() {
    let lab = lab();
    for (name, _) in EVERY.iter().map(|name| (*name, ())) {
        let Ok(found) = find(name, &lab) else { continue };
        let read: Vec<String> = paths(name).unwrap();
        let read: Vec<&str> = read.iter().map(String::as_str).collect();
        let frame = crate::Frame::read(&lab, 0, None, &read);
        let mut recording = crate::Recording::new(Source::Live, crate::Facts::default());
        // Processes are recorded as a table, which this machine does not have.
        if name.starts_with("procs") || name.starts_with("task") {
            continue;
        }
        recording.frames.push(frame);
        let again = find(name, &recording.last().unwrap());
        assert_eq!(again, Ok(found), "{name}");
    }
}

const EVERY: &[&str] = &[
    "kernel.release",
    "kernel.compiler",
    "cmdline[quiet].value",
    "config[CONFIG_HZ]",
    "host.hypervisor",
    "page.size",
    "cpu.online",
    "idle.deepest",
    "dimm.slots",
    "disks.families",
    "disks.rotational",
    "disk[first].scheduler",
    "disk[rotating].busy_ms",
    "disk[first].driver",
    "nic[first].rx_ring",
    "nic[first].large-receive-offload",
    "nic[first].rx_queues",
    "memory.online_kb",
    "numa.max_distance",
    "numastat.numa_hit",
    "node.cpus",
    "sockets.min_rto",
    "capture[x].connect_us",
    "capture[x].repeat_answered_us",
];

#[test]
fn every_family_has_words_in_both_languages() {
    for family in FAMILIES {
        assert!(!family.about.ko.is_empty() && !family.about.en.is_empty(), "{}", family.name);
        let same = FAMILIES.iter().filter(|other| other.name == family.name).count();
        assert_eq!(same, 1, "{}", family.name);
    }
    assert_eq!(label("disk[first].scheduler").en, "I/O scheduler (first)");
    assert_eq!(label("meminfo.MemFree").ko, "MemFree");
}

proptest! {
    #[test]
    fn any_name_is_understood_or_refused(name in "[a-z]{0,8}(\\[[ -~]{0,12}\\])?(\\.[a-zA-Z0-9_.-]{0,12})?", text in any::<String>()) {
        let _ = find(&name, &lab()).map_err(|lack| lack.text());
        let _ = paths(&name);
        let _ = label(&name);
        let _ = find(&text, &lab()).map_err(|lack| lack.text());
    }

    /// Any text in place of any file.
    #[test]
    fn any_files_are_read_without_a_panic(text in prop_oneof![any::<String>(), "[ -~\n]{0,80}", "([0-9]{1,22}[ \n:,=-]){0,20}"]) {
        let mut machine = lab();
        for file in machine.0.values_mut() {
            *file = Ok(text.clone());
        }
        for family in FAMILIES {
            let which = match family.which {
                Which::No => String::new(),
                Which::Must(which) | Which::May(which) => format!("[{}]", which.split('|').next().unwrap_or_default()),
            };
            for field in family.fields {
                let field = if field.name == "*" { "N0" } else { field.name };
                let dot = if field.is_empty() { "" } else { "." };
                let _ = find(&format!("{}{which}{dot}{field}", family.name), &machine).map_err(|lack| lack.text());
            }
        }
    }
}

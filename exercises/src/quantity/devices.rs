//! Hardware other than CPUs: firmware, memory modules, disks, network cards.

use std::collections::BTreeSet;

use sim_core::{Text, text};

use super::files::line;
use super::{ANY, Family, Lack, Name, Quantity, Unit, Which, pair, told, unit_of};
use crate::parse::{self, DiskStats, Fields, bracketed, disk_kind, is_part_of_disk};
use crate::{Machine, ReadError};

/// The crash kernel.
pub const CRASH: Family = Family {
    name: "crash",
    which: Which::No,
    from: "/sys/kernel/{kexec_crash_size,kexec_crash_loaded}",
    about: Text::fixed("크래시 커널(kdump)의 자리", "room for the crash kernel (kdump)"),
    fields: &[
        told("reserved", Unit::Bytes, "크래시 커널의 자리", "reserved for the crash kernel"),
        told("loaded", Unit::None, "크래시 커널이 올라와 있는가", "crash kernel loaded"),
    ],
    paths: |name| {
        let file = if name.field == "loaded" { "kexec_crash_loaded" } else { "kexec_crash_size" };
        vec![format!("/sys/kernel/{file}")]
    },
    find: |name, machine| {
        let path = (CRASH.paths)(name).remove(0);
        line(name, machine, &path, unit_of(CRASH.fields, name.field))
    },
};

/// What the firmware says of the machine.
pub const DMI: Family = Family {
    name: "dmi",
    which: Which::No,
    from: "/sys/class/dmi/id/FIELD",
    about: Text::fixed(
        "펌웨어가 말하는 제품과 BIOS(`sys_vendor`, `bios_version`, …)",
        "product and BIOS as the firmware names them: `sys_vendor`, `bios_version`, …",
    ),
    fields: &[ANY],
    paths: |name| vec![format!("/sys/class/dmi/id/{}", name.field)],
    find: |name, machine| {
        let path = format!("/sys/class/dmi/id/{}", name.field);
        Ok(Quantity::word(parse::text(machine, &path)?.trim(), path, ""))
    },
};

const DIMMS: &str = "@dmi/memory";

/// Memory modules.
pub const DIMM: Family = Family {
    name: "dimm",
    which: Which::No,
    from: "@dmi/memory (/sys/firmware/dmi/tables/DMI)",
    about: Text::fixed("메모리 슬롯과 모듈(root)", "memory slots and modules (root)"),
    fields: &[
        told("slots", Unit::None, "메모리 슬롯", "memory slots"),
        told("empty", Unit::None, "빈 슬롯", "empty slots"),
        told("modules", Unit::None, "꽂힌 모듈", "modules installed"),
        told("total", Unit::Kb, "모듈의 합", "modules in all"),
    ],
    paths: |_| vec![DIMMS.into()],
    find: |name, machine| {
        let slots = parse::dimms(DIMMS, &parse::text(machine, DIMMS)?)?;
        let empty = slots.iter().filter(|slot| slot.size_kb == Some(0)).count();
        let number = |value: f64, unit| Ok(Quantity::number(value, unit, DIMMS, "Size"));
        match name.field {
            "slots" => number(slots.len() as f64, Unit::None),
            "empty" => number(empty as f64, Unit::None),
            "modules" => number((slots.len() - empty) as f64, Unit::None),
            _ => number(slots.iter().filter_map(|slot| slot.size_kb).map(|kb| kb as f64).sum(), Unit::Kb),
        }
    },
};

const DISKSTATS: &str = "/proc/diskstats";

/// The disks of a machine: hardware, or what a hypervisor passes off as hardware; no partitions.
fn disk_names(machine: &dyn Machine) -> Result<Vec<String>, Lack> {
    let listed = machine.list("/sys/block").unwrap_or_default();
    let names = if listed.is_empty() {
        DiskStats::parse(DISKSTATS, &parse::text(machine, DISKSTATS)?)?.into_iter().map(|disk| disk.name).collect()
    } else {
        listed
    };
    let whole = |name: &String| disk_kind(name).is_some_and(|disk| disk.physical) && !is_part_of_disk(name);
    let mut names: Vec<String> = names.into_iter().filter(whole).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    if names.is_empty() {
        return Err(Lack::Nothing(Text::fixed(
            "이 컴퓨터에는 디스크가 보이지 않습니다(/sys/block).",
            "This machine shows no disk (/sys/block).",
        )));
    }
    Ok(names)
}

/// All disks.
pub const DISKS: Family = Family {
    name: "disks",
    which: Which::May("family"),
    from: "/sys/block, /proc/diskstats",
    about: Text::fixed(
        "디스크 전체(파티션, loop, zram 제외). `[sd]`는 그 이름의 것만",
        "all disks, without partitions, loop or zram; `[sd]` those of that kind of name",
    ),
    fields: &[
        told("count", Unit::None, "디스크", "disks"),
        told("names", Unit::None, "디스크의 이름", "names of disks"),
        told("families", Unit::None, "디스크 이름의 종류", "kinds of disk names"),
        told("rotational", Unit::None, "회전하는 디스크", "rotating disks"),
        told("partitions", Unit::None, "파티션", "partitions"),
        told("virtual", Unit::None, "하드웨어가 없는 블록 장치", "block devices without hardware"),
        told("schedulers", Unit::None, "I/O 스케줄러", "I/O schedulers"),
    ],
    paths: |name| match name.field {
        "rotational" => vec!["/sys/block/*/queue/rotational".into()],
        "schedulers" => vec!["/sys/block/*/queue/scheduler".into()],
        _ => vec!["/sys/block/*/size".into(), DISKSTATS.into()],
    },
    find: |name, machine| {
        if matches!(name.field, "partitions" | "virtual") {
            let all = DiskStats::parse(DISKSTATS, &parse::text(machine, DISKSTATS)?)?;
            let mut names: Vec<String> = all.into_iter().map(|disk| disk.name).collect();
            names.extend(machine.list("/sys/block").unwrap_or_default());
            names.retain(|device| match name.field {
                "partitions" => is_part_of_disk(device),
                _ => disk_kind(device).is_some_and(|disk| !disk.physical),
            });
            return Ok(Quantity::words(names, DISKSTATS, ""));
        }
        let mut names = disk_names(machine)?;
        if let Some(which) = name.which {
            names.retain(|name| disk_kind(name).is_some_and(|disk| disk.family == which));
        }
        let path = "/sys/block";
        Ok(match name.field {
            "count" => Quantity::number(names.len() as f64, Unit::None, path, ""),
            "names" => Quantity::words(names, path, ""),
            "families" => {
                let families: BTreeSet<_> =
                    names.iter().filter_map(|name| disk_kind(name)).map(|disk| disk.family.to_owned()).collect();
                Quantity::words(families.into_iter().collect(), path, "")
            }
            "schedulers" => {
                let chosen = names.iter().filter_map(|disk| {
                    let text = machine.read(&format!("/sys/block/{disk}/queue/scheduler")).ok()?;
                    bracketed(&text).map(str::to_owned)
                });
                Quantity::words(chosen.collect(), "/sys/block/*/queue/scheduler", "[…]")
            }
            _ => {
                let turns = |disk: &&String| {
                    let read = machine.read(&format!("/sys/block/{disk}/queue/rotational"));
                    read.is_ok_and(|text| text.trim() == "1")
                };
                let count = names.iter().filter(turns).count();
                Quantity::number(count as f64, Unit::None, "/sys/block/*/queue/rotational", "1")
            }
        })
    },
};

/// One disk.
pub const DISK: Family = Family {
    name: "disk",
    which: Which::Must("first|rotating|sda"),
    from: "/proc/diskstats, /sys/block/WHICH/{size,removable,queue/*,device/uevent}",
    about: Text::fixed(
        "디스크 하나. `[first]`는 첫째, `[rotating]`은 회전하는 첫째. 계수기는 부팅 뒤의 합",
        "one disk: `[first]` the first, `[rotating]` the first that rotates; counters are since boot",
    ),
    fields: &[
        told("name", Unit::None, "디스크의 이름", "name of the disk"),
        told("family", Unit::None, "디스크 이름의 종류", "kind of the disk's name"),
        told("driver", Unit::None, "디스크의 드라이버", "driver of the disk"),
        told("scheduler", Unit::None, "I/O 스케줄러", "I/O scheduler"),
        told("schedulers", Unit::None, "고를 수 있는 I/O 스케줄러", "I/O schedulers to choose from"),
        told("size", Unit::Sectors, "디스크의 크기", "size of the disk"),
        told("rotational", Unit::None, "회전하는가", "rotates"),
        told("nr_requests", Unit::None, "요청의 자리", "room for requests"),
        told("read_ahead_kb", Unit::Kb, "미리 읽는 양", "read-ahead"),
        told("max_sectors_kb", Unit::Kb, "요청의 최대 크기", "largest request"),
        told("major", Unit::None, "major 번호", "major number"),
        told("reads", Unit::None, "읽기", "reads"),
        told("reads_merged", Unit::None, "병합된 읽기", "reads merged"),
        told("sectors_read", Unit::Sectors, "읽은 양", "read"),
        told("read_ms", Unit::Ms, "읽기에 걸린 시간", "time of reads"),
        told("writes", Unit::None, "쓰기", "writes"),
        told("writes_merged", Unit::None, "병합된 쓰기", "writes merged"),
        told("sectors_written", Unit::Sectors, "쓴 양", "written"),
        told("write_ms", Unit::Ms, "쓰기에 걸린 시간", "time of writes"),
        told("in_flight", Unit::None, "처리 중인 요청", "requests in flight"),
        told("busy_ms", Unit::Ms, "요청이 있던 시간", "time with requests"),
        told("weighted_ms", Unit::Ms, "요청마다 기다린 시간의 합", "time waited, summed over requests"),
        told("discards", Unit::None, "discard", "discards"),
        told("flushes", Unit::None, "flush", "flushes"),
    ],
    paths: |name| {
        let disk = match name.which.unwrap_or_default() {
            "first" | "rotating" => "*",
            named => named,
        };
        let mut paths = vec![format!("/sys/block/{disk}/size"), DISKSTATS.into()];
        if name.which == Some("rotating") {
            paths.push("/sys/block/*/queue/rotational".into());
        }
        match name.field {
            "scheduler" | "schedulers" => paths.push(format!("/sys/block/{disk}/queue/scheduler")),
            "driver" => paths.push(format!("/sys/block/{disk}/device/uevent")),
            "rotational" | "nr_requests" | "read_ahead_kb" | "max_sectors_kb" => {
                paths.push(format!("/sys/block/{disk}/queue/{}", name.field));
            }
            _ => {}
        }
        paths
    },
    find: disk,
};

fn chosen_disk(which: &str, machine: &dyn Machine) -> Result<String, Lack> {
    let names = disk_names(machine)?;
    let turns = |disk: &&String| {
        machine.read(&format!("/sys/block/{disk}/queue/rotational")).is_ok_and(|text| text.trim() == "1")
    };
    match which {
        "first" => Ok(names[0].clone()),
        "rotating" => names.iter().find(turns).cloned().ok_or_else(|| {
            Lack::Nothing(Text::fixed(
                "이 컴퓨터에는 회전하는 디스크가 없습니다.",
                "This machine has no rotating disk.",
            ))
        }),
        // A loop device or a partition may be named too.
        named => Ok(named.to_owned()),
    }
}

fn disk(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let disk = chosen_disk(name.which.unwrap_or_default(), machine)?;
    let unit = unit_of(DISK.fields, name.field);
    let plain = Name { which: None, ..*name };
    let of_queue = |file: &str| format!("/sys/block/{disk}/queue/{file}");
    match name.field {
        "name" => Ok(Quantity::word(&disk, "/sys/block", "")),
        "family" => {
            let nothing = || Lack::Missing { path: "/sys/block".into(), what: disk.clone() };
            Ok(Quantity::word(disk_kind(&disk).ok_or_else(nothing)?.family, "/sys/block", &disk))
        }
        "driver" => {
            let path = format!("/sys/block/{disk}/device/uevent");
            let fields = Fields::equals(&path, &parse::text(machine, &path)?)?;
            pair(&fields, "DRIVER", &path, Unit::None)
        }
        "size" => line(&plain, machine, &format!("/sys/block/{disk}/size"), unit),
        "scheduler" | "schedulers" => {
            let path = of_queue("scheduler");
            let text = parse::text(machine, &path)?;
            if name.field == "schedulers" {
                let words = text.split_ascii_whitespace().map(|word| word.trim_matches(['[', ']']).to_owned());
                return Ok(Quantity::words(words.collect(), path, ""));
            }
            let chosen = bracketed(&text);
            let chosen = chosen.ok_or_else(|| parse::refuse(&path, 0, "none [mq-deadline] kyber", text.trim_end()))?;
            Ok(Quantity::word(chosen, path.clone(), "[…]"))
        }
        "rotational" | "nr_requests" | "read_ahead_kb" | "max_sectors_kb" => {
            line(&plain, machine, &of_queue(name.field), unit)
        }
        _ => {
            let all = DiskStats::parse(DISKSTATS, &parse::text(machine, DISKSTATS)?)?;
            let missing = |what: &str| Lack::Missing { path: DISKSTATS.into(), what: what.to_owned() };
            let stats = all.iter().find(|stats| stats.name == disk).ok_or_else(|| missing(&disk))?;
            let value = match name.field {
                "major" => f64::from(stats.major),
                counter => stats.counter(counter).ok_or_else(|| missing(counter))? as f64,
            };
            Ok(Quantity::number(value, unit, DISKSTATS, disk))
        }
    }
}

/// The network interfaces with hardware (or a hypervisor's) behind them.
fn nic_names(machine: &dyn Machine) -> Result<Vec<String>, Lack> {
    let names = machine.list("/sys/class/net").unwrap_or_default();
    let device = |name: &String| machine.read(&format!("/sys/class/net/{name}/device/uevent")).is_ok();
    let names: Vec<String> = names.into_iter().filter(device).collect();
    if names.is_empty() {
        return Err(Lack::Nothing(Text::fixed(
            "이 컴퓨터에는 장치가 있는 네트워크 인터페이스가 보이지 않습니다(/sys/class/net/*/device). 컨테이너에서는 흔한 일입니다.",
            "This machine shows no network interface with a device (/sys/class/net/*/device), which is usual for a container.",
        )));
    }
    Ok(names)
}

/// All network cards.
pub const NICS: Family = Family {
    name: "nics",
    which: Which::No,
    from: "/sys/class/net/*/device/uevent",
    about: Text::fixed("장치가 있는 네트워크 인터페이스 전체", "all network interfaces with a device"),
    fields: &[
        told("count", Unit::None, "네트워크 카드", "network cards"),
        told("names", Unit::None, "네트워크 카드의 이름", "names of network cards"),
        told("drivers", Unit::None, "네트워크 카드의 드라이버", "drivers of network cards"),
    ],
    paths: |_| vec!["/sys/class/net/*/device/uevent".into()],
    find: |name, machine| {
        let names = nic_names(machine)?;
        let path = "/sys/class/net/*/device/uevent";
        Ok(match name.field {
            "count" => Quantity::number(names.len() as f64, Unit::None, path, ""),
            "names" => Quantity::words(names, path, ""),
            _ => {
                let driver = |nic: &String| {
                    let path = format!("/sys/class/net/{nic}/device/uevent");
                    let text = machine.read(&path).ok()?;
                    Fields::equals(&path, &text).ok()?.word("DRIVER").map(str::to_owned)
                };
                Quantity::words(names.iter().filter_map(driver).collect(), path, "DRIVER")
            }
        })
    },
};

/// One network card.
pub const NIC: Family = Family {
    name: "nic",
    which: Which::Must("first|eth0"),
    from: "/sys/class/net/WHICH/{mtu,speed,operstate,queues,device/uevent}, /proc/net/dev, @nic/WHICH/{ring,features,driver}",
    about: Text::fixed(
        "네트워크 카드 하나. `[first]`는 장치가 있는 첫째. 오프로드는 `ethtool -k`의 이름(`tcp-segmentation-offload`)",
        "one network card: `[first]` the first with a device; an offload by its name in `ethtool -k` (`tcp-segmentation-offload`)",
    ),
    fields: &[
        told("name", Unit::None, "네트워크 카드의 이름", "name of the network card"),
        told("driver", Unit::None, "네트워크 카드의 드라이버", "driver of the network card"),
        told("mtu", Unit::Bytes, "MTU", "MTU"),
        told("speed", Unit::None, "속도(Mb/s)", "speed, Mb/s"),
        told("operstate", Unit::None, "상태", "state"),
        told("rx_queues", Unit::None, "수신 큐", "receive queues"),
        told("tx_queues", Unit::None, "송신 큐", "transmit queues"),
        told("rx_ring", Unit::None, "수신 링 버퍼", "receive ring"),
        told("rx_ring_max", Unit::None, "수신 링 버퍼의 최대", "receive ring, largest"),
        told("tx_ring", Unit::None, "송신 링 버퍼", "transmit ring"),
        told("tx_ring_max", Unit::None, "송신 링 버퍼의 최대", "transmit ring, largest"),
        told("offloads_on", Unit::None, "켜진 오프로드", "offloads that are on"),
        told("rx_bytes", Unit::Bytes, "받은 바이트", "bytes received"),
        told("rx_packets", Unit::None, "받은 패킷", "packets received"),
        told("rx_errors", Unit::None, "수신 오류", "receive errors"),
        told("rx_dropped", Unit::None, "버린 수신 패킷", "packets dropped on receipt"),
        told("tx_bytes", Unit::Bytes, "보낸 바이트", "bytes sent"),
        told("tx_packets", Unit::None, "보낸 패킷", "packets sent"),
        ANY,
    ],
    paths: |name| {
        let nic = match name.which.unwrap_or_default() {
            "first" => "*",
            named => named,
        };
        let device = format!("/sys/class/net/{nic}/device/uevent");
        let own = match name.field {
            "name" | "driver" => None,
            "mtu" | "speed" | "operstate" => Some(format!("/sys/class/net/{nic}/{}", name.field)),
            "rx_queues" => Some(format!("/sys/class/net/{nic}/queues/rx-*/rps_cpus")),
            "tx_queues" => Some(format!("/sys/class/net/{nic}/queues/tx-*/tx_timeout")),
            "rx_ring" | "rx_ring_max" | "tx_ring" | "tx_ring_max" => Some(format!("@nic/{nic}/ring")),
            field if parse::Interface::NAMES.contains(&field) => Some("/proc/net/dev".into()),
            _ => Some(format!("@nic/{nic}/features")),
        };
        std::iter::once(device).chain(own).collect()
    },
    find: nic,
};

fn nic(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let nic = match name.which.unwrap_or_default() {
        "first" => nic_names(machine)?.swap_remove(0),
        named => named.to_owned(),
    };
    let unit = unit_of(NIC.fields, name.field);
    let plain = Name { which: None, ..*name };
    let of = |file: &str| format!("/sys/class/net/{nic}/{file}");
    match name.field {
        "name" => Ok(Quantity::word(nic, "/sys/class/net", "")),
        "driver" => {
            let path = of("device/uevent");
            let fields = Fields::equals(&path, &parse::text(machine, &path)?)?;
            pair(&fields, "DRIVER", &path, Unit::None)
        }
        "mtu" | "operstate" => line(&plain, machine, &of(name.field), unit),
        "speed" => {
            let unknown = |path: &str| {
                Lack::Nothing(text!(
                    ko: "이 카드는 속도를 알려 주지 않습니다({path}). 가상 장치에서는 흔한 일입니다.",
                    en: "This card does not tell its speed ({path}), which is usual for a virtual device."
                ))
            };
            let path = of("speed");
            match machine.read(&path) {
                Err(ReadError::Other(_)) => Err(unknown(&path)),
                _ => match line(&plain, machine, &path, unit)? {
                    quantity if quantity.as_number().is_some_and(|speed| speed < 0.0) => Err(unknown(&path)),
                    quantity => Ok(quantity),
                },
            }
        }
        "rx_queues" | "tx_queues" => {
            let prefix = if name.field == "rx_queues" { "rx-" } else { "tx-" };
            let folder = of("queues");
            let read = machine.list(&folder);
            let names = read.map_err(|error| parse::Unreadable::Read { path: folder.clone(), error })?;
            let count = names.iter().filter(|name| name.starts_with(prefix)).count();
            Ok(Quantity::number(count as f64, unit, folder, prefix))
        }
        "rx_ring" | "rx_ring_max" | "tx_ring" | "tx_ring_max" => {
            let path = format!("@nic/{nic}/ring");
            let fields = Fields::colon(&path, &parse::text(machine, &path)?)?;
            let key = name.field.replace("_ring", "");
            pair(&fields, &key, &path, unit)
        }
        counter if parse::Interface::NAMES.contains(&counter) => {
            const PATH: &str = "/proc/net/dev";
            let all = parse::interfaces(PATH, &parse::text(machine, PATH)?)?;
            let missing = || Lack::Missing { path: PATH.into(), what: nic.clone() };
            let value = all.iter().find(|one| one.name == nic).and_then(|one| one.counter(counter));
            Ok(Quantity::number(value.ok_or_else(missing)? as f64, unit, PATH, nic.clone()))
        }
        feature => {
            let path = format!("@nic/{nic}/features");
            let fields = Fields::colon(&path, &parse::text(machine, &path)?)?;
            let state = |value: &str| value.split_ascii_whitespace().next().unwrap_or_default().to_owned();
            if feature == "offloads_on" {
                let on = fields.iter().filter(|(_, value)| state(value) == "on");
                return Ok(Quantity::words(on.map(|(name, _)| name.to_owned()).collect(), path, "on"));
            }
            let missing = || Lack::Missing { path: path.clone(), what: feature.to_owned() };
            Ok(Quantity::word(state(fields.word(feature).ok_or_else(missing)?), path.clone(), feature))
        }
    }
}

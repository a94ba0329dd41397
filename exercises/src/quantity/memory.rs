//! Memory: zones, free blocks, slab, swap, nodes.

use sim_core::{Text, text};

use super::{ANY, Family, Field, Lack, Name, Quantity, Unit, Which, pair, told, unit_of};
use crate::Machine;
use crate::parse::{self, Buddy, Fields, Zone};

const BLOCKS: &str = "/sys/devices/system/memory/memory*/state";
const BLOCK_SIZE: &str = "/sys/devices/system/memory/block_size_bytes";

/// Memory as the firmware handed it over.
pub const MEMORY: Family = Family {
    name: "memory",
    which: Which::No,
    from: "/sys/devices/system/memory/{block_size_bytes,memory*/state}",
    about: Text::fixed("커널이 아는 RAM의 블록", "RAM the kernel knows, in blocks"),
    fields: &[
        told("block_bytes", Unit::Bytes, "메모리 블록의 크기", "size of a memory block"),
        told("blocks", Unit::None, "온라인 메모리 블록", "online memory blocks"),
        told("online_kb", Unit::Kb, "온라인 메모리 블록의 합", "online memory blocks, in all"),
    ],
    paths: |name| match name.field {
        "block_bytes" => vec![BLOCK_SIZE.into()],
        _ => vec![BLOCK_SIZE.into(), BLOCKS.into()],
    },
    find: |name, machine| {
        let text = parse::text(machine, BLOCK_SIZE)?;
        // Hexadecimal without 0x.
        let size = u64::from_str_radix(text.trim(), 16).ok().filter(|size| *size > 0);
        let size = size.ok_or_else(|| parse::refuse(BLOCK_SIZE, 0, "8000000", text.trim()))? as f64;
        if name.field == "block_bytes" {
            return Ok(Quantity::number(size, Unit::Bytes, BLOCK_SIZE, ""));
        }
        let states = crate::machine::expand(machine, BLOCKS);
        let online = states.iter().filter(|path| machine.read(path).is_ok_and(|state| state.trim() == "online"));
        let online = online.count() as f64;
        if online == 0.0 {
            return Err(Lack::Missing { path: "/sys/devices/system/memory".into(), what: "memoryN/state".into() });
        }
        Ok(match name.field {
            "blocks" => Quantity::number(online, Unit::None, BLOCKS, "online"),
            _ => Quantity::number(online * size / 1024.0, Unit::Kb, BLOCKS, "online"),
        })
    },
};

const ZONEINFO: &str = "/proc/zoneinfo";

/// `/proc/zoneinfo`.
pub const ZONE: Family = Family {
    name: "zone",
    which: Which::May("Normal|0/Normal"),
    from: ZONEINFO,
    about: Text::fixed(
        "존의 워터마크와 페이지 수. `[Normal]`은 모든 노드의 것을, `[0/Normal]`은 한 노드의 것을 더합니다",
        "watermarks and pages of zones; `[Normal]` adds up all nodes, `[0/Normal]` is one",
    ),
    fields: &[
        told("free", Unit::Pages, "비어 있는 페이지", "free pages"),
        told("min", Unit::Pages, "min 워터마크", "min watermark"),
        told("low", Unit::Pages, "low 워터마크", "low watermark"),
        told("high", Unit::Pages, "high 워터마크", "high watermark"),
        told("managed", Unit::Pages, "할당자가 다루는 페이지", "pages the allocator manages"),
        told("present", Unit::Pages, "있는 페이지", "pages present"),
        told("spanned", Unit::Pages, "차지한 주소의 페이지", "pages spanned"),
        told("count", Unit::None, "존의 수", "number of zones"),
        Field { name: "*", unit: Unit::Pages, label: Text::fixed("", "") },
    ],
    paths: |_| vec![ZONEINFO.into()],
    find: |name, machine| {
        let zones = parse::zoneinfo(ZONEINFO, &parse::text(machine, ZONEINFO)?)?;
        let chosen: Vec<&Zone> = zones.iter().filter(|zone| wanted(name.which, zone.node, &zone.name)).collect();
        if chosen.is_empty() {
            return Err(no_zone(name, zones.iter().map(|zone| (zone.node, zone.name.as_str()))));
        }
        if name.field == "count" {
            // Zones without memory are listed and are none.
            let full =
                chosen.iter().filter(|zone| zone.fields.number("managed").is_ok_and(|n| n.is_none_or(|n| n > 0.0)));
            return Ok(Quantity::number(full.count() as f64, Unit::None, ZONEINFO, "zone"));
        }
        let mut sum = None;
        for zone in chosen {
            // A zone without memory has no further lines.
            if let Some(value) = zone.fields.number(name.field)? {
                sum = Some(sum.unwrap_or(0.0) + value);
            }
        }
        let missing = || Lack::Missing { path: ZONEINFO.to_owned(), what: name.field.to_owned() };
        Ok(Quantity::number(sum.ok_or_else(missing)?, Unit::Pages, ZONEINFO, name.field))
    },
};

/// Whether a zone is one that `[Normal]` or `[0/Normal]` names; without brackets all are.
fn wanted(which: Option<&str>, node: u32, zone: &str) -> bool {
    match which.map(|which| which.split_once('/').unwrap_or(("", which))) {
        None => true,
        Some(("", name)) => name == zone,
        Some((number, name)) => number.parse() == Ok(node) && (name == zone || name == "*"),
    }
}

fn no_zone<'z>(name: &Name<'_>, zones: impl Iterator<Item = (u32, &'z str)>) -> Lack {
    let which = name.which.unwrap_or_default();
    let known = zones.map(|(node, zone)| format!("{node}/{zone}")).collect::<Vec<_>>().join(", ");
    Lack::Nothing(text!(
        ko: "이 컴퓨터에는 `{which}` 존이 없습니다. 있는 존: {known}",
        en: "This machine has no zone `{which}`; it has {known}."
    ))
}

const BUDDYINFO: &str = "/proc/buddyinfo";

/// `/proc/buddyinfo`.
pub const BUDDY: Family = Family {
    name: "buddy",
    which: Which::May("Normal|0/Normal"),
    from: BUDDYINFO,
    about: Text::fixed(
        "버디 할당자의 빈 블록. `order3`은 차수 3의 블록 수, `unusable3`은 차수 3의 할당에 쓸 수 없는 빈 메모리(1/1000)",
        "free blocks of the buddy allocator; `order3` is the blocks of order 3, `unusable3` the free memory of no use to an allocation of order 3 (1/1000)",
    ),
    fields: &[
        told("free_pages", Unit::Pages, "빈 블록의 페이지", "pages in free blocks"),
        told("blocks", Unit::None, "빈 블록", "free blocks"),
        told("largest_order", Unit::None, "빈 블록의 가장 큰 차수", "largest order with a free block"),
        ANY,
    ],
    paths: |_| vec![BUDDYINFO.into()],
    find: buddy,
};

fn buddy(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let zones = parse::buddyinfo(BUDDYINFO, &parse::text(machine, BUDDYINFO)?)?;
    let chosen: Vec<&Buddy> = zones.iter().filter(|zone| wanted(name.which, zone.node, &zone.zone)).collect();
    if chosen.is_empty() {
        return Err(no_zone(name, zones.iter().map(|zone| (zone.node, zone.zone.as_str()))));
    }
    let of = |prefix: &str| name.field.strip_prefix(prefix).and_then(|order| order.parse::<usize>().ok());
    let number = |value: f64, unit| Ok(Quantity::number(value, unit, BUDDYINFO, name.field));
    let count = |order: usize| chosen.iter().filter_map(|zone| zone.blocks.get(order)).map(|n| *n as f64).sum::<f64>();
    let free: f64 = chosen.iter().map(|zone| zone.free_pages() as f64).sum();
    let orders = chosen.iter().map(|zone| zone.blocks.len()).max().unwrap_or(0);
    match name.field {
        "free_pages" => number(free, Unit::Pages),
        "blocks" => number((0..orders).map(count).sum(), Unit::None),
        "largest_order" => {
            let largest = chosen.iter().filter_map(|zone| zone.largest_order()).max();
            let none = || Lack::Nothing(Text::fixed("빈 블록이 하나도 없습니다.", "There is no free block at all."));
            number(largest.ok_or_else(none)? as f64, Unit::None)
        }
        _ => match (of("order"), of("unusable")) {
            (Some(order), _) if order < orders => number(count(order), Unit::None),
            (_, Some(order)) if order < orders => {
                // mm/vmstat.c: unusable_free_index
                let suitable: f64 = (order..orders).map(|i| count(i) * f64::from(1u32 << i.min(31))).sum();
                let unusable = if free == 0.0 { 1000.0 } else { ((free - suitable) * 1000.0 / free).trunc() };
                number(unusable, Unit::None)
            }
            (Some(_), _) | (_, Some(_)) => {
                Err(Lack::Missing { path: BUDDYINFO.to_owned(), what: name.field.to_owned() })
            }
            _ => {
                let field = name.field;
                Err(Lack::Name(text!(
                    ko: "`buddy.{field}`: order0이나 unusable0 꼴이어야 합니다.",
                    en: "`buddy.{field}`: must be of the form order0 or unusable0."
                )))
            }
        },
    }
}

const PAGETYPEINFO: &str = "/proc/pagetypeinfo";

/// `/proc/pagetypeinfo`.
pub const PAGETYPE: Family = Family {
    name: "pagetype",
    which: Which::Must("Movable"),
    from: PAGETYPEINFO,
    about: Text::fixed("이동 유형별 페이지 블록(root)", "page blocks by migrate type (root)"),
    fields: &[
        told("blocks", Unit::None, "페이지 블록", "page blocks"),
        told("free_pages", Unit::Pages, "비어 있는 페이지", "free pages"),
    ],
    paths: |_| vec![PAGETYPEINFO.into()],
    find: |name, machine| {
        let types = parse::pagetypeinfo(PAGETYPEINFO, &parse::text(machine, PAGETYPEINFO)?)?;
        let which = name.which.unwrap_or_default();
        let chosen: Vec<_> = types.iter().filter(|kind| kind.kind == which).collect();
        if chosen.is_empty() {
            return Err(Lack::Missing { path: PAGETYPEINFO.to_owned(), what: which.to_owned() });
        }
        Ok(match name.field {
            "blocks" => {
                let blocks: f64 = chosen.iter().map(|kind| kind.blocks as f64).sum();
                Quantity::number(blocks, Unit::None, PAGETYPEINFO, which)
            }
            _ => {
                let pages = chosen.iter().flat_map(|kind| kind.free.iter().enumerate());
                let pages: f64 = pages.map(|(order, n)| *n as f64 * f64::from(1u32 << order.min(31))).sum();
                Quantity::number(pages, Unit::Pages, PAGETYPEINFO, which)
            }
        })
    },
};

const SLABINFO: &str = "/proc/slabinfo";

/// `/proc/slabinfo`.
pub const SLAB: Family = Family {
    name: "slab",
    which: Which::May("dentry"),
    from: SLABINFO,
    about: Text::fixed("커널 객체의 캐시(root)", "caches of kernel objects (root)"),
    fields: &[
        told("active", Unit::None, "쓰이는 객체", "objects in use"),
        told("objects", Unit::None, "객체의 자리", "room for objects"),
        told("size", Unit::Bytes, "객체의 크기", "size of an object"),
        told("pages", Unit::Pages, "슬랩의 페이지", "pages of slabs"),
        told("top", Unit::None, "가장 큰 캐시", "largest cache"),
        told("caches", Unit::None, "캐시의 수", "number of caches"),
    ],
    paths: |_| vec![SLABINFO.into()],
    find: |name, machine| {
        let slabs = parse::slabinfo(SLABINFO, &parse::text(machine, SLABINFO)?)?;
        let chosen: Vec<_> = slabs.iter().filter(|slab| name.which.is_none_or(|which| slab.name == which)).collect();
        let missing = || Lack::Missing { path: SLABINFO.to_owned(), what: name.which.unwrap_or_default().to_owned() };
        let sum = |of: fn(&parse::Slab) -> u64| chosen.iter().map(|slab| of(slab) as f64).sum::<f64>();
        let number = |value, unit| Quantity::number(value, unit, SLABINFO, name.which.unwrap_or(name.field));
        let top = chosen.iter().max_by_key(|slab| slab.pages()).ok_or_else(missing)?;
        Ok(match name.field {
            "top" => Quantity::word(&top.name, SLABINFO, "slabdata"),
            "caches" => number(chosen.len() as f64, Unit::None),
            "active" => number(sum(|slab| slab.active), Unit::None),
            "objects" => number(sum(|slab| slab.objects), Unit::None),
            "size" => number(top.size as f64, Unit::Bytes),
            _ => number(sum(parse::Slab::pages), Unit::Pages),
        })
    },
};

const SWAPS: &str = "/proc/swaps";

/// `/proc/swaps`.
pub const SWAP: Family = Family {
    name: "swap",
    which: Which::No,
    from: SWAPS,
    about: Text::fixed("스왑 영역", "swap areas"),
    fields: &[
        told("areas", Unit::None, "스왑 영역의 수", "number of swap areas"),
        told("total", Unit::Kb, "스왑 전체", "swap in all"),
        told("used", Unit::Kb, "쓰인 스왑", "swap in use"),
        told("free", Unit::Kb, "남은 스왑", "swap left"),
        told("kinds", Unit::None, "스왑 영역의 종류", "kinds of swap areas"),
    ],
    paths: |_| vec![SWAPS.into()],
    find: |name, machine| {
        let areas = parse::swaps(SWAPS, &parse::text(machine, SWAPS)?)?;
        let total: f64 = areas.iter().map(|area| area.size_kb as f64).sum();
        let used: f64 = areas.iter().map(|area| area.used_kb as f64).sum();
        let kb = |value, field: &str| Quantity::number(value, Unit::Kb, SWAPS, field);
        Ok(match name.field {
            "areas" => Quantity::number(areas.len() as f64, Unit::None, SWAPS, "lines"),
            "total" => kb(total, "Size"),
            "used" => kb(used, "Used"),
            "free" => kb(total - used, "Size - Used"),
            _ => Quantity::words(areas.into_iter().map(|area| area.kind).collect(), SWAPS, "Type"),
        })
    },
};

const NODES: &str = "/sys/devices/system/node/online";

/// NUMA as a whole.
pub const NUMA: Family = Family {
    name: "numa",
    which: Which::No,
    from: "/sys/devices/system/node/{online,has_memory,node*/distance}, @numa/policy",
    about: Text::fixed("NUMA 노드 전체", "all NUMA nodes"),
    fields: &[
        told("nodes", Unit::None, "NUMA 노드", "NUMA nodes"),
        told("with_memory", Unit::None, "메모리가 있는 노드", "nodes with memory"),
        told("max_distance", Unit::None, "가장 먼 노드 사이의 거리", "largest distance between nodes"),
        told("policy", Unit::None, "할당 정책", "allocation policy"),
    ],
    paths: |name| match name.field {
        "nodes" => vec![NODES.into()],
        "with_memory" => vec!["/sys/devices/system/node/has_memory".into()],
        "policy" => vec!["@numa/policy".into()],
        _ => vec!["/sys/devices/system/node/node*/distance".into()],
    },
    find: |name, machine| {
        let path = (NUMA.paths)(name).remove(0);
        if name.field == "max_distance" {
            let mut largest = None;
            for path in crate::machine::expand(machine, &path) {
                for distance in distances(machine, &path)? {
                    largest = Some(distance.max(largest.unwrap_or(0.0)));
                }
            }
            let missing = || Lack::Missing { path: "/sys/devices/system/node".into(), what: "nodeN/distance".into() };
            return Ok(Quantity::number(largest.ok_or_else(missing)?, Unit::None, path, ""));
        }
        let text = parse::text(machine, &path)?;
        if name.field == "policy" {
            return pair(&Fields::colon(&path, &text)?, "policy", &path, Unit::None);
        }
        let nodes = parse::list(&path, &text)?.len() as f64;
        Ok(Quantity::number(nodes, Unit::None, path, ""))
    },
};

fn distances(machine: &dyn Machine, path: &str) -> Result<Vec<f64>, Lack> {
    let text = parse::text(machine, path)?;
    let numbers: Option<Vec<f64>> = text.split_ascii_whitespace().map(parse::number).collect();
    Ok(numbers.ok_or_else(|| parse::refuse(path, 0, "10 20", text.trim_end()))?)
}

/// Paths of a file of a node, or of all.
fn of_nodes(name: &Name<'_>, file: &str) -> String {
    format!("/sys/devices/system/node/node{}/{file}", name.which.unwrap_or("*"))
}

/// Adds a field up over the files of one node or of all.
fn over_nodes(
    name: &Name<'_>,
    machine: &dyn Machine,
    file: &str,
    read: fn(&str, &str) -> Result<Fields, parse::Unreadable>,
    unit: Unit,
) -> Result<Quantity, Lack> {
    let pattern = of_nodes(name, file);
    let mut found: Option<Quantity> = None;
    for path in crate::machine::expand(machine, &pattern) {
        let one = pair(&read(&path, &parse::text(machine, &path)?)?, name.field, &path, unit)?;
        found = Some(match (&found, one.as_number()) {
            (Some(sum), Some(more)) => {
                let sum = sum.as_number().unwrap_or(0.0);
                Quantity::number(sum + more, one.unit, &pattern, name.field)
            }
            _ => one,
        });
    }
    found.ok_or_else(|| no_nodes(&pattern))
}

fn no_nodes(pattern: &str) -> Lack {
    Lack::Nothing(text!(
        ko: "이 커널은 NUMA 노드를 보여 주지 않습니다({pattern}).",
        en: "This kernel shows no NUMA nodes ({pattern})."
    ))
}

/// A node's memory and CPUs.
pub const NODE: Family = Family {
    name: "node",
    which: Which::May("0"),
    from: "/sys/devices/system/node/nodeWHICH/{meminfo,cpulist}",
    about: Text::fixed(
        "노드의 메모리와 CPU. `[1]` 없이는 모든 노드의 합",
        "memory and CPUs of a node; without `[1]` of all",
    ),
    fields: &[told("cpus", Unit::None, "노드의 CPU", "CPUs of the node"), ANY],
    paths: |name| vec![of_nodes(name, if name.field == "cpus" { "cpulist" } else { "meminfo" })],
    find: |name, machine| {
        if name.field != "cpus" {
            return over_nodes(name, machine, "meminfo", Fields::of_node, Unit::None);
        }
        let pattern = of_nodes(name, "cpulist");
        let paths = crate::machine::expand(machine, &pattern);
        if paths.is_empty() {
            return Err(no_nodes(&pattern));
        }
        let mut cpus = 0;
        for path in paths {
            cpus += parse::list(&path, &parse::text(machine, &path)?)?.len();
        }
        Ok(Quantity::number(cpus as f64, Unit::None, pattern, ""))
    },
};

/// A node's counters.
pub const NUMASTAT: Family = Family {
    name: "numastat",
    which: Which::May("0"),
    from: "/sys/devices/system/node/nodeWHICH/numastat",
    about: Text::fixed("노드별 할당 계수기(페이지)", "allocation counters of a node, in pages"),
    fields: &[
        told("numa_hit", Unit::Pages, "원한 노드에서 얻은 페이지", "pages got on the node they were wanted on"),
        told("numa_miss", Unit::Pages, "다른 노드에서 원했던 페이지", "pages that were wanted elsewhere"),
        told("numa_foreign", Unit::Pages, "다른 노드가 내준 페이지", "pages that another node gave instead"),
        told("interleave_hit", Unit::Pages, "인터리브로 얻은 페이지", "pages got by interleaving"),
        told("local_node", Unit::Pages, "이 노드의 태스크가 얻은 페이지", "pages got by tasks of this node"),
        told("other_node", Unit::Pages, "다른 노드의 태스크가 얻은 페이지", "pages got by tasks of other nodes"),
    ],
    paths: |name| vec![of_nodes(name, "numastat")],
    find: |name, machine| over_nodes(name, machine, "numastat", Fields::words, unit_of(NUMASTAT.fields, name.field)),
};

/// The distance between two nodes.
pub const DISTANCE: Family = Family {
    name: "distance",
    which: Which::Must("0"),
    from: "/sys/devices/system/node/nodeWHICH/distance",
    about: Text::fixed("한 노드에서 `to1`처럼 다른 노드까지의 거리", "from a node to another: `distance[0].to1`"),
    fields: &[ANY],
    paths: |name| vec![of_nodes(name, "distance")],
    find: |name, machine| {
        let path = of_nodes(name, "distance");
        let bad =
            || Lack::Name(Text::fixed("`distance[0].to1` 꼴이어야 합니다.", "Must be of the form `distance[0].to1`."));
        let to: usize = name.field.strip_prefix("to").and_then(|n| n.parse().ok()).ok_or_else(bad)?;
        let missing = || Lack::Missing { path: path.clone(), what: name.field.to_owned() };
        let distance = distances(machine, &path)?.get(to).copied().ok_or_else(missing)?;
        Ok(Quantity::number(distance, Unit::None, path, name.field))
    },
};

/// Where a process's memory lies.
pub const NUMA_MAPS: Family = Family {
    name: "numa_maps",
    which: Which::Must("PID|self"),
    from: "/proc/WHICH/numa_maps",
    about: Text::fixed(
        "프로세스의 메모리가 있는 노드. `N0`은 노드 0의 양",
        "nodes of a process's memory: `N0` is what lies on node 0",
    ),
    fields: &[Field { name: "*", unit: Unit::Kb, label: Text::fixed("", "") }],
    paths: |name| vec![format!("/proc/{}/numa_maps", name.which.unwrap_or_default())],
    find: |name, machine| {
        let path = format!("/proc/{}/numa_maps", name.which.unwrap_or_default());
        let (kb, _) = parse::numa_maps(&path, &parse::text(machine, &path)?)?;
        let bad = || Lack::Name(Text::fixed("`N0` 꼴이어야 합니다.", "Must be of the form `N0`."));
        let node: u32 = name.field.strip_prefix('N').and_then(|n| n.parse().ok()).ok_or_else(bad)?;
        Ok(Quantity::number(kb.get(&node).copied().unwrap_or(0.0), Unit::Kb, path, name.field))
    },
};

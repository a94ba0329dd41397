//! The part of reclaim in its widget and in that of the memory map: programs, drops, the kernels, the
//! reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget of reclaim.
pub static SIMULATOR: Simulator = Simulator {
    model: "reclaim",
    kernels: KERNELS,
    kinds: KINDS,
    editor: EDITOR,
    guessed: "swap_used",
    measured,
    adopt,
};

/// The widget of the memory map.
pub static MAP: Simulator = Simulator {
    model: "memory-map",
    kernels: KERNELS,
    kinds: KINDS,
    editor: EDITOR,
    guessed: "available",
    measured: measured_map,
    adopt,
};

const KINDS: &[(&str, Text)] = &[
    ("start", Text::fixed("시작", "begins")),
    ("through", Text::fixed("다 씀", "through")),
    ("end", Text::fixed("끝", "ends")),
    ("kswapd-wake", Text::fixed("kswapd 깨어남", "kswapd wakes")),
    ("kswapd-rest", Text::fixed("kswapd 쉼", "kswapd rests")),
    ("direct", Text::fixed("직접 회수", "direct reclaim")),
    ("scan", Text::fixed("훑는 대상", "what is looked at")),
    ("swap-out", Text::fixed("스왑으로 나감", "to swap")),
    ("refault", Text::fixed("다시 찾기", "refault")),
    ("drop", Text::fixed("drop_caches", "drop_caches")),
    ("oom", Text::fixed("OOM", "OOM")),
    ("panic", Text::fixed("패닉", "panic")),
];

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. 훑은 것 가운데 아직 쓰이던 것의 비율로 저울을 답니다. 다시 찾기를 기억하지 않습니다.",
        "RHEL 7. The scales weigh how many of the pages looked at were still in use; nothing is remembered of what went.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 다시 찾은 파일 페이지를 기억해 활성으로 올립니다(3.15부터). watermark_scale_factor가 있습니다(4.6부터).",
        "RHEL 8's number. File pages that come back too soon become active (since 3.15). There is watermark_scale_factor (since 4.6).",
    ),
    kernel(
        5,
        10,
        0,
        "swappiness는 0~200이고 도로 읽은 비용이 저울에 오릅니다(5.8부터). 익명 페이지도 비활성에서 시작합니다(5.9부터).",
        "Swappiness is 0 to 200 and what was read back goes on the scales (since 5.8). Anonymous pages begin inactive, too (since 5.9).",
    ),
    kernel(
        6,
        1,
        0,
        "슬랩의 새 식(5.13부터). 충분히 회수하면 다른 쪽을 더 훑지 않습니다.",
        "Slab by its newer formula (since 5.13). Once enough was freed, the larger list is only nudged.",
    ),
    kernel(
        6,
        12,
        0,
        "I/O 한 장의 비용을 남겨 둔 한 장의 32배로 칩니다(6.2부터로 봄).",
        "A page of I/O costs 32 times a page that was kept (taken to be since 6.2).",
    ),
];

const YES_NO: &[(i64, Text)] = &[(0, Text::fixed("아니요", "no")), (1, Text::fixed("예", "yes"))];
const DROPS: &[(i64, Text)] = &[
    (1, Text::fixed("1: 페이지 캐시", "1: page cache")),
    (2, Text::fixed("2: 슬랩", "2: slab")),
    (3, Text::fixed("3: 둘 다", "3: both")),
];
const PROGRAM_KINDS: &[(&str, Text)] = &[
    ("heap", Text::fixed("힙", "heap")),
    ("shmem", Text::fixed("메모리 파일(tmpfs)", "file in memory (tmpfs)")),
    ("file", Text::fixed("파일 읽기", "reads a file")),
    ("device", Text::fixed("블록 장치 읽기", "reads a block device")),
    ("names", Text::fixed("이름 찾기", "looks up names")),
];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "programs",
        title: Text::fixed("프로그램", "Programs"),
        none: Text::fixed("아무것도 실행하지 않습니다.", "Nothing runs."),
        add: Text::fixed("프로그램 추가", "Add a program"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("kind", Text::fixed("하는 일", "What it does"), PROGRAM_KINDS),
            Column::whole("mib", Text::fixed("크기", "How much"), "MiB"),
            Column::whole("mib_per_s", Text::fixed("속도", "Speed"), "MiB/s"),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms").follows("duration_ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::between("before", Text::fixed("시작 전에 훑은 횟수", "Times gone through before"), "", 0, 3),
            Column::codes("again", Text::fixed("되풀이", "Over and over"), YES_NO),
            Column::whole("names", Text::fixed("찾는 이름의 수", "Names"), ""),
            Column::whole("names_per_s", Text::fixed("1초에 찾는 이름", "Names a second"), ""),
            Column::codes("exist", Text::fixed("있는 이름", "Names that exist"), YES_NO),
        ],
    }),
    Part::List(List {
        path: "drops",
        title: Text::fixed("drop_caches", "drop_caches"),
        none: Text::fixed("쓰지 않습니다.", "Never written to."),
        add: Text::fixed("추가", "Add one"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("at_ms", Text::fixed("언제", "When"), "ms"),
            Column::codes("what", Text::fixed("값", "Value"), DROPS),
        ],
    }),
];

fn file<'a>(files: &'a [(String, String)], path: &str) -> Option<&'a str> {
    files.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str())
}

/// A line of `/proc/meminfo`, kB.
fn kb(meminfo: &str, name: &str) -> Option<i64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':')?.split_whitespace().next()?.parse().ok();
    meminfo.lines().find_map(value)
}

fn pages(sample: &Sample, name: &str) -> Option<i64> {
    Some(kb(file(&sample.files, "/proc/meminfo")?, name)? / 4)
}

fn known(list: [(&'static str, Option<i64>); 5]) -> Vec<(&'static str, i64)> {
    list.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn measured(sample: &Sample) -> Vec<(&'static str, i64)> {
    let of = |name| pages(sample, name);
    let swapped = of("SwapTotal").zip(of("SwapFree")).map(|(total, free)| total - free);
    known([
        ("free", of("MemFree")),
        ("available", of("MemAvailable")),
        ("anon_pages", of("AnonPages")),
        ("cached", of("Cached")),
        ("swap_used", swapped),
    ])
}

fn measured_map(sample: &Sample) -> Vec<(&'static str, i64)> {
    let of = |name| pages(sample, name);
    let slab = of("SReclaimable");
    let cache = of("Buffers").zip(of("Cached")).zip(slab).map(|((buffers, cached), slab)| buffers + cached + slab);
    let used = of("MemTotal").zip(of("MemAvailable")).map(|(total, available)| total - available);
    known([
        ("free", of("MemFree")),
        ("available", of("MemAvailable")),
        ("used", used),
        ("buff_cache", cache),
        ("slab_reclaimable", slab),
    ])
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    for name in ["swappiness", "vfs_cache_pressure", "watermark_scale_factor"] {
        let text = file(&facts.files, &format!("/proc/sys/vm/{name}"));
        if let Some(value) = text.and_then(|text| text.trim().parse::<i64>().ok()) {
            scenario.replace(name, value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_look_at_the_machine_has_its_memory() {
        let meminfo = "MemTotal: 4000 kB\nMemFree: 400 kB\nMemAvailable: 2000 kB\nBuffers: 40 kB\nCached: 1200 kB\nSwapTotal: 800 kB\nSwapFree: 200 kB\nAnonPages: 1600 kB\nSReclaimable: 80 kB\n";
        let sample =
            |text: &str| Sample { t_ms: 0.0, cost_us: 0.0, avenrun: [0; 3], files: files(&[("/proc/meminfo", text)]) };
        let values = |list: Vec<(&str, i64)>| list.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
        assert_eq!(values(measured(&sample(meminfo))), [100, 500, 400, 300, 150]);
        assert_eq!(values(measured_map(&sample(meminfo))), [100, 500, 500, 330, 20]);
        assert!(measured(&sample("MemFree: x kB\n")).is_empty());
    }

    #[test]
    fn a_machine_is_taken_over_with_its_settings() {
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: files(&[("/proc/sys/vm/swappiness", "10\n"), ("/proc/sys/vm/vfs_cache_pressure", "50\n")]),
        };
        for name in ["reclaim", "memory-map"] {
            let kind = Kind::find(name).expect("a widget");
            for preset in (kind.entry.presets)() {
                let mut scenario = preset.scenario.clone();
                adopt(&mut scenario, &facts);
                assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
                assert_eq!(scenario["swappiness"].as_i64(), Some(10));
                assert_eq!(scenario["vfs_cache_pressure"].as_i64(), Some(50));
            }
        }
    }
}

//! The buddy allocator's part of its widget: the list of requests, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "buddy-allocator",
    kernels: KERNELS,
    kinds: &[
        ("alloc", Text::fixed("할당", "handed out")),
        ("split", Text::fixed("나누기", "split")),
        ("free", Text::fixed("해제", "freed")),
        ("merge", Text::fixed("합치기", "merge")),
        ("refill", Text::fixed("CPU별 목록 채우기", "per-CPU refill")),
        ("drain", Text::fixed("CPU별 목록 비우기", "per-CPU drain")),
        ("claim", Text::fixed("페이지블록 차지", "pageblock claimed")),
        ("fallback", Text::fixed("다른 유형에서 폴백", "fallback, types mix")),
        ("boost", Text::fixed("워터마크 올림", "watermark boost")),
        ("kswapd", Text::fixed("kswapd 깨움", "kswapd woken")),
        ("reclaim", Text::fixed("직접 회수", "direct reclaim")),
        ("compact", Text::fixed("압축 시도", "compaction tried")),
        ("skip", Text::fixed("압축 건너뜀", "compaction skipped")),
        ("fail", Text::fixed("할당 실패", "request fails")),
        ("oom", Text::fixed("OOM killer", "OOM killer")),
    ],
    editor: EDITOR,
    guessed: "zone_free_pages",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. 다른 유형에서 가장 큰 블록을 통째로 가져옵니다. 큰 차수의 워터마크 검사가 훨씬 까다롭습니다.",
        "RHEL 7. Takes the largest block of another type, remainder and all. High orders are held to much stricter marks.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 옮긴 블록을 목록의 맨 앞에 둡니다. CPU별 목록은 차수 0뿐입니다.",
        "RHEL 8's number. Blocks that move over go to the head of their list. Per-CPU lists hold order 0 only.",
    ),
    kernel(
        5,
        10,
        0,
        "옮긴 블록을 목록의 맨 끝에 두고, 폴백이 워터마크를 올립니다(5.0부터).",
        "Blocks that move over go to the tail; a fallback boosts the watermarks (since 5.0).",
    ),
    kernel(
        6,
        1,
        0,
        "CPU별 목록이 차수 3까지와 거대 페이지를 담고, 크기가 워터마크를 따릅니다(5.14부터).",
        "Per-CPU lists hold orders up to 3 and huge pages, and are sized by the marks (since 5.14).",
    ),
    kernel(
        6,
        12,
        0,
        "페이지블록을 차지할 수 없으면 가장 작은 블록 하나만 빌리고 나머지는 옮기지 않습니다. CPU별 목록의 크기가 저절로 바뀝니다(6.7부터).",
        "Where a pageblock cannot be claimed, the smallest block is borrowed and nothing moves. Per-CPU lists size themselves (since 6.7).",
    ),
    kernel(
        7,
        3,
        0,
        "6.12와 같은 규칙입니다. CPU별 목록을 batch만큼씩 끊어 비웁니다(6.19부터).",
        "The rules of 6.12. Per-CPU lists are drained in pieces of one batch (since 6.19).",
    ),
];

const ACTIONS: &[(&str, Text)] = &[("alloc", Text::fixed("할당", "allocate")), ("free", Text::fixed("해제", "free"))];

const TYPES: &[(&str, Text)] = &[
    ("unmovable", Text::fixed("이동 불가", "unmovable")),
    ("movable", Text::fixed("이동 가능", "movable")),
    ("reclaimable", Text::fixed("회수 가능", "reclaimable")),
];

const GFP: &[(&str, Text)] = &[
    ("kernel", Text::fixed("GFP_KERNEL: 기다릴 수 있음", "GFP_KERNEL: may wait")),
    ("atomic", Text::fixed("GFP_ATOMIC: 기다리지 못함, 예비분 사용", "GFP_ATOMIC: cannot wait, has reserves")),
    ("nowait", Text::fixed("GFP_NOWAIT: 기다리지 못함", "GFP_NOWAIT: cannot wait")),
    ("noretry", Text::fixed("__GFP_NORETRY: 한 번만", "__GFP_NORETRY: tries once")),
    ("retry-mayfail", Text::fixed("__GFP_RETRY_MAYFAIL: 끈질기게", "__GFP_RETRY_MAYFAIL: tries hard")),
];

const ZONES: &[(&str, Text)] = &[
    ("DMA", Text::fixed("DMA", "DMA")),
    ("DMA32", Text::fixed("DMA32까지", "up to DMA32")),
    ("Normal", Text::fixed("Normal까지", "up to Normal")),
    ("Movable", Text::fixed("Movable까지", "up to Movable")),
];

const RULES: &[(&str, Text)] = &[
    ("all", Text::fixed("모두", "all")),
    ("every-nth", Text::fixed("n개마다 하나", "every n-th")),
    ("all-but-every-nth", Text::fixed("n개마다 하나만 남기고", "all but every n-th")),
    ("only-nth", Text::fixed("n번째 하나(0부터)", "the n-th alone, from 0")),
    ("percent", Text::fixed("무작위 n%", "n % at random")),
];

const SEQUENCES: &[(&str, Text)] = &[
    ("forward", Text::fixed("할당한 순서대로", "as handed out")),
    ("backward", Text::fixed("거꾸로", "backwards")),
    ("shuffled", Text::fixed("뒤섞어", "shuffled")),
];

const YES_NO: &[(i64, Text)] = &[(0, Text::fixed("아니요", "no")), (1, Text::fixed("예", "yes"))];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "ops",
        title: Text::fixed("요청과 해제", "Requests and frees"),
        none: Text::fixed("요청이 없습니다. 메모리가 모두 비어 있습니다.", "No requests: all memory is free."),
        add: Text::fixed("항목 추가", "Add an entry"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("action", Text::fixed("할 일", "Action"), ACTIONS),
            Column::whole("at_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("every_us", Text::fixed("간격(0: 한꺼번에)", "Every (0: at once)"), "us"),
            Column::whole("jitter_us", Text::fixed("지터", "Jitter"), "us"),
            Column::whole("count", Text::fixed("블록 수(해제: 0이면 모두)", "Blocks (freeing: 0 for all)"), ""),
            Column::between("order", Text::fixed("차수", "Order"), "", 0, 10),
            Column::words("migratetype", Text::fixed("유형", "Type"), TYPES),
            Column::words("gfp", Text::fixed("할당 방식(GFP)", "How hard (GFP)"), GFP),
            Column::words("zone", Text::fixed("영역", "Zone"), ZONES),
            Column::codes("pinned", Text::fixed("끝까지 고정", "Pinned to the end"), YES_NO),
            Column::whole("of", Text::fixed("해제할 항목(0부터)", "Frees entry (from 0)"), ""),
            Column::words("rule", Text::fixed("해제할 블록", "Which blocks"), RULES),
            Column::whole("n", Text::fixed("규칙의 n", "n of the rule"), ""),
            Column::words("sequence", Text::fixed("해제 순서", "In what order"), SEQUENCES),
        ],
    }),
    Part::Group {
        title: Text::fixed("vm.lowmem_reserve_ratio", "vm.lowmem_reserve_ratio"),
        columns: &[
            Column::whole("lowmem_reserve_ratio[0]", Text::fixed("DMA", "DMA"), ""),
            Column::whole("lowmem_reserve_ratio[1]", Text::fixed("DMA32", "DMA32"), ""),
            Column::whole("lowmem_reserve_ratio[2]", Text::fixed("Normal", "Normal"), ""),
            Column::whole("lowmem_reserve_ratio[3]", Text::fixed("Movable", "Movable"), ""),
        ],
    },
];

/// A machine's memory is of another size than a run's: its curve says nothing about this one.
fn measured(_sample: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

/// The kernel, the CPUs and the settings; the sizes of the zones stay, or a run would take the
/// memory of a whole server to fill.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    scenario.replace("cpus", facts.cpus.into());
    for name in
        ["watermark_scale_factor", "watermark_boost_factor", "extfrag_threshold", "percpu_pagelist_high_fraction"]
    {
        let file = facts.files.iter().find(|(path, _)| path.strip_prefix("/proc/sys/vm/") == Some(name));
        if let Some(value) = file.and_then(|(_, text)| text.trim().parse::<i64>().ok()) {
            scenario.replace(name, value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_settings() {
        let kind = Kind::find("buddy-allocator").unwrap();
        let file = |name: &str, text: &str| (format!("/proc/sys/vm/{name}"), text.to_owned());
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: vec![file("watermark_scale_factor", "150\n"), file("extfrag_threshold", "500\n")],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!((scenario["kernel"].as_str(), scenario["cpus"].as_i64()), (Some("6.18.44"), Some(2)));
            assert_eq!(scenario["watermark_scale_factor"].as_i64(), Some(150));
            assert_eq!(scenario["normal_mib"], preset.scenario["normal_mib"]);
        }
    }

    #[test]
    fn every_word_of_a_scenario_has_a_name() {
        use sim_core::buddy_allocator::{Action, Gfp, Migratetype, Named, Rule, Sequence, ZoneName};
        fn same<T: Named>(words: &[(&str, Text)]) {
            assert!(words.iter().map(|(word, _)| *word).eq(T::NAMES.iter().map(|(name, _)| *name)));
        }
        same::<Action>(ACTIONS);
        same::<Migratetype>(TYPES);
        same::<Gfp>(GFP);
        same::<ZoneName>(ZONES);
        same::<Rule>(RULES);
        same::<Sequence>(SEQUENCES);
    }
}

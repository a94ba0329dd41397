//! The part of the widget that is NUMA's own: nodes, distances and tasks, the kernels, the reader's
//! machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "numa-policy",
    kernels: KERNELS,
    kinds: &[
        ("start", Text::fixed("프로세스 시작", "process starts")),
        ("refused", Text::fixed("정책 거절", "policy refused")),
        ("touched", Text::fixed("다 건드림", "all touched")),
        ("spill", Text::fixed("넘침", "spill")),
        ("zone-reclaim", Text::fixed("로컬 회수", "zone reclaim")),
        ("kswapd", Text::fixed("kswapd", "kswapd")),
        ("oom", Text::fixed("OOM", "OOM")),
        ("move", Text::fixed("스레드 이동", "thread moves")),
        ("scan", Text::fixed("밸런싱 훑기", "balancing scan")),
        ("migrate", Text::fixed("페이지 이동", "pages move")),
        ("exit", Text::fixed("프로세스 끝", "process exits")),
    ],
    editor: EDITOR,
    guessed: "remote_mib",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. 대체 순서의 옛 규칙을 따르고, 자동 밸런싱은 첫 폴트에 옮기지 않습니다.",
        "RHEL 7. The old rule of fallback order; balancing does not migrate on a first fault.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. watermark_scale_factor가 있습니다(4.6부터).",
        "RHEL 8's number. Has watermark_scale_factor (since 4.6).",
    ),
    kernel(
        5,
        10,
        0,
        "새 익명 페이지가 inactive 목록에서 시작합니다(5.9부터). numa_maps에 active=0이 보입니다.",
        "New anonymous pages start inactive (since 5.9): numa_maps shows active=0.",
    ),
    kernel(
        6,
        1,
        0,
        "preferred-many가 있고(5.15부터) 같은 거리의 노드를 나누는 규칙이 바뀌었습니다(5.16부터).",
        "Has preferred-many (since 5.15), and spreads equal distances by a new rule (since 5.16).",
    ),
    kernel(
        6,
        12,
        0,
        "가중 인터리브가 있고(6.9부터) 인터리브 색인이 64비트입니다(6.7부터).",
        "Has weighted interleave (since 6.9); the interleave index has 64 bits (since 6.7).",
    ),
    kernel(7, 3, 0, "6.12와 같습니다.", "The same as 6.12."),
];

const POLICIES: &[(&str, Text)] = &[
    ("default", Text::fixed("기본(default)", "default")),
    ("local", Text::fixed("로컬(local)", "local")),
    ("preferred", Text::fixed("선호(preferred)", "preferred")),
    ("preferred-many", Text::fixed("여러 노드 선호(preferred-many)", "preferred-many")),
    ("bind", Text::fixed("묶기(bind)", "bind")),
    ("interleave", Text::fixed("인터리브(interleave)", "interleave")),
    ("weighted-interleave", Text::fixed("가중 인터리브(weighted)", "weighted interleave")),
];

const MEMORY: &[(&str, Text)] = &[
    ("anonymous", Text::fixed("익명 메모리", "anonymous")),
    ("file", Text::fixed("파일(페이지 캐시)", "a file (page cache)")),
];
const TOUCH: &[(&str, Text)] = &[
    ("main", Text::fixed("첫 스레드가 모두", "the first thread, all")),
    ("each", Text::fixed("저마다 제 몫을", "each its own part")),
];
const SHARING: &[(&str, Text)] =
    &[("private", Text::fixed("제 몫만", "its own part")), ("shared", Text::fixed("전부", "everything"))];
const PINNED: &[(i64, Text)] =
    &[(1, Text::fixed("고정", "pinned")), (0, Text::fixed("밸런싱이 옮길 수 있음", "balancing may move it"))];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "nodes",
        title: Text::fixed("노드", "Nodes"),
        none: Text::fixed("노드가 없습니다. 하나는 있어야 합니다.", "No nodes: there has to be one."),
        add: Text::fixed("노드 추가", "Add a node"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("memory_mib", Text::fixed("메모리", "Memory"), "MiB"),
            Column::whole("cpus", Text::fixed("CPU 수", "CPUs"), ""),
            Column::whole("used_mib", Text::fixed("그 밖에 쓰는 곳", "Other use"), "MiB"),
            Column::whole("cache_mib", Text::fixed("깨끗한 캐시", "Clean cache"), "MiB"),
            Column::whole("mapped_mib", Text::fixed("매핑된 캐시", "Mapped cache"), "MiB"),
            Column::whole("dirty_mib", Text::fixed("더티 캐시", "Dirty cache"), "MiB"),
            Column::between("weight", Text::fixed("인터리브 가중치", "Interleave weight"), "", 1, 255),
            Column::each("distances", Text::fixed("여기서 각 노드까지의 거리", "Distance from here to each node"), ""),
        ],
    }),
    Part::List(List {
        path: "tasks",
        title: Text::fixed("태스크", "Tasks"),
        none: Text::fixed("태스크가 없습니다. 쉬는 서버입니다.", "No tasks: an idle machine."),
        add: Text::fixed("태스크 추가", "Add a task"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("policy", Text::fixed("정책", "Policy"), POLICIES),
            Column::each("mask", Text::fixed("정책의 노드(1: 들어감)", "Nodes of the policy (1: is among them)"), ""),
            Column::words("memory", Text::fixed("메모리의 종류", "Kind of memory"), MEMORY),
            Column::whole("mib", Text::fixed("프로세스마다 건드리는 양", "Each process touches"), "MiB"),
            Column::whole("processes", Text::fixed("프로세스 수", "Processes"), ""),
            Column::whole("threads", Text::fixed("프로세스마다 스레드", "Threads of each"), ""),
            Column::whole("cpu", Text::fixed("첫 CPU", "First CPU"), ""),
            Column::whole("cpu_step", Text::fixed("다음 스레드까지 CPU 간격", "CPUs to the next thread"), ""),
            Column::words("first_touch", Text::fixed("처음 건드리는 스레드", "Who touches first"), TOUCH),
            Column::words("sharing", Text::fixed("스레드가 읽는 곳", "What a thread reads"), SHARING),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::whole("touch_mib_s", Text::fixed("건드리는 속도", "Touching speed"), "MiB/s"),
            Column::between("outstanding", Text::fixed("동시에 기다리는 접근", "Accesses under way"), "", 1, 64),
            Column::whole(
                "demand_mb_s",
                Text::fixed("읽는 양(0: 되는 대로, −1: 읽지 않음)", "Reads (0: all it can, −1: none)"),
                "MB/s",
            ),
            Column::whole("move_ms", Text::fixed("CPU를 옮기는 때(0: 안 옮김)", "Moves at (0: never)"), "ms"),
            Column::whole("move_cpu", Text::fixed("옮겨 갈 CPU", "Moves to CPU"), ""),
            Column::codes("pinned", Text::fixed("스레드의 자리", "Its threads"), PINNED),
        ],
    }),
];

/// What the probe reports of a machine does not tell where memory lies.
fn measured(_sample: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

/// The kernel, and the machine's CPUs and memory as far as its files tell them.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    for (path, field) in
        [("/proc/sys/vm/zone_reclaim_mode", "zone_reclaim_mode"), ("/proc/sys/kernel/numa_balancing", "numa_balancing")]
    {
        let text = facts.files.iter().find(|(known, _)| known == path).map(|(_, text)| text.trim());
        if let Some(value) = text.and_then(|text| text.parse::<i64>().ok()) {
            scenario.replace(field, value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulators::Kind;

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_switches() {
        let kind = Kind::find("numa-policy").unwrap();
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 100,
            files: vec![
                ("/proc/sys/vm/zone_reclaim_mode".to_owned(), "1\n".to_owned()),
                ("/proc/sys/kernel/numa_balancing".to_owned(), "1\n".to_owned()),
            ],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!(scenario["kernel"].as_str(), Some("6.18.44"));
            assert_eq!((&scenario["zone_reclaim_mode"], &scenario["numa_balancing"]), (&1_i64.into(), &1_i64.into()));
        }
    }
}

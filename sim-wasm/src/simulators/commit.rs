//! The part of promised memory in its widget: processes and what they do, the kernels, the reader's
//! machine.

use sim_core::{Json, KernelVersion, Text};

use super::process_life::PROGRAMS;
use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "commit",
    kernels: KERNELS,
    kinds: KINDS,
    editor: EDITOR,
    guessed: "committed",
    measured,
    adopt,
};

const KINDS: &[(&str, Text)] = &[
    ("mmap", Text::fixed("약속(mmap)", "promised (mmap)")),
    ("refused", Text::fixed("거절(ENOMEM)", "refused (ENOMEM)")),
    ("munmap", Text::fixed("돌려줌", "unmapped")),
    ("touched", Text::fixed("씀", "used")),
    ("rewrote", Text::fixed("고침", "rewritten")),
    ("fork", Text::fixed("fork", "fork")),
    ("exit", Text::fixed("끝", "exit")),
    ("reclaim", Text::fixed("캐시 회수", "cache goes")),
    ("swap", Text::fixed("스왑 시작", "swapping begins")),
    ("oom", Text::fixed("OOM", "OOM")),
    ("panic", Text::fixed("패닉", "panic")),
    ("adjust", Text::fixed("oom_score_adj", "oom_score_adj")),
    ("nobody", Text::fixed("할 수 없음", "cannot be done")),
];

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. 모드 0이 비울 수 있는 메모리와 견줍니다. OOM killer가 root를 3 % 봐줍니다.",
        "RHEL 7. Mode 0 compares with what could be made free; the OOM killer forgives root 3 %.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 모드 0이 RAM과 스왑의 합보다 큰 요청만 거절합니다(일반 커널은 5.2부터).",
        "RHEL 8's number. Mode 0 refuses only a request larger than RAM and swap (elsewhere since 5.2).",
    ),
    kernel(
        5,
        9,
        0,
        "oom_score의 눈금이 바뀌었습니다. 조정이 없는 작은 프로세스가 666입니다.",
        "oom_score has another scale: a small process without adjustment has 666.",
    ),
    kernel(6, 12, 0, "5.9와 같습니다.", "The same as 5.9."),
];

const OPS: &[(&str, Text)] = &[
    ("mmap", Text::fixed("요청(mmap)", "asks (mmap)")),
    ("munmap", Text::fixed("돌려줌(munmap)", "gives back (munmap)")),
    ("touch", Text::fixed("처음으로 씀", "uses what it was promised")),
    ("rewrite", Text::fixed("쓴 것을 고침", "rewrites what it has")),
    ("fork", Text::fixed("fork", "fork")),
    ("exit", Text::fixed("exit", "exit")),
    ("adjust", Text::fixed("oom_score_adj 바꿈", "sets oom_score_adj")),
];

const KIND_WORDS: &[(&str, Text)] = &[
    ("private", Text::fixed("private(보통)", "private (usual)")),
    ("shared", Text::fixed("공유(shared)", "shared")),
    ("noreserve", Text::fixed("MAP_NORESERVE", "MAP_NORESERVE")),
    ("readonly", Text::fixed("읽기 전용", "read-only")),
];

const ROOT: &[(i64, Text)] = &[(0, Text::fixed("일반 사용자", "a user")), (1, Text::fixed("root", "root"))];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "processes",
        title: Text::fixed("프로세스(0번부터)", "Processes (from 0 on)"),
        none: Text::fixed("프로세스가 없습니다. 하나는 있어야 합니다.", "No processes: there has to be one."),
        add: Text::fixed("프로세스 추가", "Add a process"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("program", Text::fixed("프로그램", "Program"), PROGRAMS),
            Column::between("oom_score_adj", Text::fixed("oom_score_adj", "oom_score_adj"), "", -1000, 1000),
            Column::codes("root", Text::fixed("권한", "Rights"), ROOT),
        ],
    }),
    Part::List(List {
        path: "steps",
        title: Text::fixed("일어나는 일", "What happens"),
        none: Text::fixed("아무 일도 없습니다.", "Nothing happens."),
        add: Text::fixed("일 추가", "Add a step"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("at_ms", Text::fixed("언제", "At"), "ms"),
            Column::whole("who", Text::fixed("누가(번호)", "Who (number)"), ""),
            Column::words("op", Text::fixed("무엇을", "Does what"), OPS),
            Column::words("kind", Text::fixed("메모리의 종류(mmap)", "Kind of memory (mmap)"), KIND_WORDS),
            Column::whole("mib", Text::fixed("얼마나", "How much"), "MiB"),
            Column::whole("for_ms", Text::fixed("얼마 동안", "Over"), "ms"),
            Column::whole("child", Text::fixed("자식의 번호(fork)", "Number of the child (fork)"), ""),
            Column::between("adj", Text::fixed("새 oom_score_adj", "New oom_score_adj"), "", -1000, 1000),
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

/// Promises and their limit, pages, where the look has them.
fn measured(sample: &Sample) -> Vec<(&'static str, i64)> {
    let Some(meminfo) = file(&sample.files, "/proc/meminfo") else { return Vec::new() };
    let of = |name: &str| Some(kb(meminfo, name)? / 4);
    let used = of("AnonPages").zip(of("Shmem")).map(|(anon, shmem)| anon + shmem);
    let list = [
        ("committed", of("Committed_AS")),
        ("commit_limit", of("CommitLimit")),
        ("used", used),
        ("mem_free", of("MemFree")),
    ];
    list.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The kernel, the settings, and the machine's memory as it is.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    for name in ["overcommit_memory", "overcommit_ratio", "overcommit_kbytes"] {
        let text = file(&facts.files, &format!("/proc/sys/vm/{name}"));
        if let Some(value) = text.and_then(|text| text.trim().parse::<i64>().ok()) {
            scenario.replace(name, value.into());
        }
    }
    let Some(meminfo) = file(&facts.files, "/proc/meminfo") else { return };
    for (field, name) in [("ram_mib", "MemTotal"), ("swap_mib", "SwapTotal")] {
        if let Some(kb) = kb(meminfo, name) {
            scenario.replace(field, (kb / 1024).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulators::Kind;

    #[test]
    fn a_machine_is_taken_over_with_its_memory() {
        let kind = Kind::find("commit").unwrap();
        let meminfo = "MemTotal: 24684084 kB\nMemFree: 400 kB\nSwapTotal: 2097152 kB\nAnonPages: 400 kB\nShmem: 40 kB\nCommitLimit: 800 kB\nCommitted_AS: 2000 kB\n";
        let files = vec![
            ("/proc/meminfo".to_owned(), meminfo.to_owned()),
            ("/proc/sys/vm/overcommit_memory".to_owned(), "2\n".to_owned()),
            ("/proc/sys/vm/overcommit_ratio".to_owned(), "80\n".to_owned()),
        ];
        let sample = Sample { t_ms: 0.0, cost_us: 0.0, avenrun: [0; 3], files: files.clone() };
        assert_eq!(measured(&sample), [("committed", 500), ("commit_limit", 200), ("used", 110), ("mem_free", 100)]);
        let facts = Facts { kernel: "6.18.44".to_owned(), hz: None, cpus: 2, avenrun: [0; 3], nr_threads: 1, files };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!((&scenario["ram_mib"], &scenario["overcommit_ratio"]), (&24_105_i64.into(), &80_i64.into()));
        }
    }
}

//! The part of dirty pages in their widget: disks and writers, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "dirty-writeback",
    kernels: KERNELS,
    kinds: &[
        ("burst", Text::fixed("쓰기 시작", "begins to write")),
        ("burst-end", Text::fixed("다 씀", "has written")),
        ("background", Text::fixed("백그라운드 쓰기", "background flush")),
        ("periodic", Text::fixed("주기적 깨어남", "periodic wake-up")),
        ("flush-end", Text::fixed("플러셔 멈춤", "flusher stops")),
        ("throttle", Text::fixed("멈춤", "pause")),
        ("rate", Text::fixed("속도 갱신", "rate update")),
        ("stall", Text::fixed("직접 쓰기", "writes out itself")),
        ("stall-end", Text::fixed("직접 쓰기 끝", "let go")),
        ("fsync", Text::fixed("fsync", "fsync")),
        ("fsync-end", Text::fixed("fsync 끝", "fsync returns")),
        ("sync", Text::fixed("sync", "sync")),
        ("sync-end", Text::fixed("sync 끝", "sync returns")),
        ("memory", Text::fixed("메모리 변화", "memory changes")),
    ],
    editor: EDITOR,
    guessed: "dirty",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        18,
        "RHEL 5. 비율을 전체 RAM에서 셉니다. 한계에 닿은 프로그램이 직접 디스크에 쓰고, 나머지는 pdflush가 씁니다.",
        "RHEL 5. Ratios are of all RAM. A program over the limit writes to the disk itself; pdflush does the rest.",
    ),
    kernel(
        2,
        6,
        32,
        "RHEL 6. 비율을 빈 메모리와 페이지 캐시에서 셉니다. 디스크마다 flush 스레드가 있지만, 프로그램은 여전히 직접 씁니다.",
        "RHEL 6. Ratios are of free memory and page cache. Each disk has a flush thread, yet programs still write themselves.",
    ),
    kernel(
        3,
        10,
        0,
        "RHEL 7. 플러셔만 쓰고 프로그램은 멈추기만 합니다(3.2부터). 빈 메모리 가운데 예비분은 세지 않습니다.",
        "RHEL 7. Only the flusher writes and programs merely pause (since 3.2). The reserve no longer counts as free.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 비율을 1/4096 단위로 셈하고(4.2부터), 먼 타이머는 올림하여 5초가 5.12초쯤 됩니다(4.8부터).",
        "RHEL 8's number. Ratios in 1/4096 (since 4.2); far timers round up, so 5 s becomes about 5.12 s (since 4.8).",
    ),
    kernel(5, 10, 0, "4.18과 같습니다.", "The same as 4.18."),
    kernel(
        6,
        12,
        0,
        "디스크가 쉬게 되면 대역폭을 한 번 더 잽니다(5.16부터). 쓴 적 없는 디스크의 몫은 여전히 0입니다.",
        "Bandwidth is measured once more when a disk comes to rest (since 5.16). A disk that never wrote still has a share of 0.",
    ),
    kernel(
        7,
        3,
        0,
        "쓴 적 없는 디스크에도 바닥 몫이 있어(6.18에서 확인), 조용한 더티 페이지가 정말로 30초를 기다립니다.",
        "A disk that never wrote has a share to begin with (seen in 6.18), so quiet pages do wait their 30 s.",
    ),
];

const YES_NO: &[(i64, Text)] = &[(0, Text::fixed("끔", "off")), (1, Text::fixed("켬", "on"))];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "writers",
        title: Text::fixed("쓰는 프로그램", "Writers"),
        none: Text::fixed("아무도 쓰지 않습니다.", "Nobody writes."),
        add: Text::fixed("프로그램 추가", "Add a writer"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("disk", Text::fixed("디스크(0부터)", "Disk (from 0)"), ""),
            Column::whole("kib_per_s", Text::fixed("붙들리지 않을 때의 속도", "Speed when not held"), "KiB/s"),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::whole("burst_kib", Text::fixed("한 번에 쓰는 양(0: 끝없이)", "In one go (0: no end)"), "KiB"),
            Column::whole("every_ms", Text::fixed("다시 쓰는 주기(0: 한 번)", "Again every (0: once)"), "ms"),
            Column::whole("fsync_kib", Text::fixed("fsync 간격(0: 없음)", "fsync every (0: never)"), "KiB"),
            Column::whole("folio_kib", Text::fixed("한꺼번에 더럽히는 크기", "Dirtied together"), "KiB"),
        ],
    }),
    Part::List(List {
        path: "disks",
        title: Text::fixed("디스크", "Disks"),
        none: Text::fixed("디스크가 없습니다.", "No disk."),
        add: Text::fixed("디스크 추가", "Add a disk"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("kib_per_s", Text::fixed("쓰는 속도", "Speed"), "KiB/s"),
            Column::whole("request_kib", Text::fixed("요청 하나의 크기", "Size of a request"), "KiB"),
            Column::whole("depth", Text::fixed("한꺼번에 맡기는 요청", "Requests at a time"), ""),
            Column::whole("seek_us", Text::fixed("다른 파일로 옮길 때", "Going to another file"), "µs"),
            Column::between("min_ratio", Text::fixed("min_ratio", "min_ratio"), "%", 0, 100),
            Column::between("max_ratio", Text::fixed("max_ratio", "max_ratio"), "%", 1, 100),
            Column::codes("strict_limit", Text::fixed("strict_limit", "strict_limit"), YES_NO),
        ],
    }),
    Part::List(List {
        path: "memory",
        title: Text::fixed("다른 프로그램의 메모리", "Memory of other programs"),
        none: Text::fixed("변하지 않습니다.", "It does not change."),
        add: Text::fixed("변화 추가", "Add a change"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("at_ms", Text::fixed("언제", "When"), "ms"),
            Column::whole("mib", Text::fixed("가져가는 양(음수: 돌려줌)", "Taken (negative: given back)"), "MiB"),
        ],
    }),
    Part::Group {
        title: Text::fixed("sync를 부르는 때", "When sync is called"),
        columns: &[Column::each("syncs", Text::fixed("sync", "sync"), "ms")],
    },
];

fn file<'a>(files: &'a [(String, String)], path: &str) -> Option<&'a str> {
    files.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str())
}

/// The number after a name at the beginning of a line, with or without a colon.
fn number(text: &str, name: &str) -> Option<i64> {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        rest.starts_with(char::is_whitespace).then(|| rest.split_whitespace().next()?.parse().ok())?
    };
    text.lines().find_map(value)
}

fn measured(sample: &Sample) -> Vec<(&'static str, i64)> {
    let Some(vmstat) = file(&sample.files, "/proc/vmstat") else { return Vec::new() };
    let of = |name| number(vmstat, name);
    let mut all = Vec::new();
    if let (Some(dirty), Some(writeback)) = (of("nr_dirty"), of("nr_writeback")) {
        all.extend([("nr_dirty", dirty), ("nr_writeback", writeback), ("dirty", dirty.saturating_add(writeback))]);
    }
    let (thresh, bg_thresh) = (of("nr_dirty_threshold"), of("nr_dirty_background_threshold"));
    if let (Some(thresh), Some(bg_thresh)) = (thresh, bg_thresh) {
        all.push(("nr_dirty_threshold", thresh));
        all.push(("nr_dirty_background_threshold", bg_thresh));
        all.push(("freerun", thresh.saturating_add(bg_thresh) / 2));
    }
    all
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    scenario.replace("cpus", facts.cpus.into());
    for name in [
        "dirty_ratio",
        "dirty_background_ratio",
        "dirty_bytes",
        "dirty_background_bytes",
        "dirty_expire_centisecs",
        "dirty_writeback_centisecs",
    ] {
        let text = file(&facts.files, &format!("/proc/sys/vm/{name}"));
        if let Some(value) = text.and_then(|text| text.trim().parse::<i64>().ok()) {
            scenario.replace(name, value.into());
        }
    }
    let Some(meminfo) = file(&facts.files, "/proc/meminfo") else { return };
    let mib = |name| number(meminfo, name).map(|kib| kib / 1024);
    let file_mib = mib("Active(file)").zip(mib("Inactive(file)")).map(|(active, inactive)| active + inactive);
    if let (Some(all), Some(free), Some(cache)) = (mib("MemTotal"), mib("MemFree"), file_mib) {
        scenario.replace("mem_mib", all.into());
        scenario.replace("free_mib", free.into());
        scenario.replace("file_mib", cache.into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn kind() -> Kind {
        Kind::find("dirty-writeback").unwrap()
    }

    fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_writer_that_writes_to_the_end_still_does_when_the_run_changes_its_length() {
        let scenario = r#"{"writers": [{"until_ms": 60000}, {"until_ms": 5000}]}"#;
        let mut scenario = (kind().entry.complete)(&Json::parse(scenario).unwrap());
        kind().put(&mut scenario, "duration_ms", 120_000_i64.into());
        let ends = [0, 1].map(|i| scenario["writers"][i]["until_ms"].as_i64());
        assert_eq!(ends, [Some(120_000), Some(5000)]);
        assert_eq!((kind().entry.problems)(&scenario), []);
    }

    #[test]
    fn a_machine_is_taken_over_with_its_settings_and_memory() {
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(1000),
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: files(&[
                ("/proc/sys/vm/dirty_ratio", "0\n"),
                ("/proc/sys/vm/dirty_bytes", "268435456\n"),
                (
                    "/proc/meminfo",
                    "MemTotal: 24684064 kB\nMemFree: 2048000 kB\nActive(file): 1024 kB\nInactive(file): 4096 kB\n",
                ),
            ]),
        };
        for preset in (kind().entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind().entry.problems)(&scenario), [], "{}", preset.name);
            let at = |name: &str| scenario[name].as_i64();
            assert_eq!((at("dirty_ratio"), at("dirty_bytes")), (Some(0), Some(268_435_456)));
            assert_eq!((at("mem_mib"), at("free_mib"), at("file_mib")), (Some(24_105), Some(2000), Some(5)));
            assert_eq!((scenario["kernel"].as_str(), at("hz")), (Some("6.18.44"), Some(1000)));
        }
    }

    #[test]
    fn a_look_at_the_machine_has_its_dirty_pages() {
        let vmstat = "nr_dirty 12\nnr_writeback 3\nnr_writeback_temp 0\nnr_dirty_threshold 1000\nnr_dirty_background_threshold 500\n";
        for (files, want) in [
            (files(&[("/proc/vmstat", vmstat)]), vec![12, 3, 15, 1000, 500, 750]),
            (files(&[("/proc/vmstat", "nr_dirty x\n")]), vec![]),
            (files(&[("/proc/loadavg", "0.00")]), vec![]),
        ] {
            let sample = Sample { t_ms: 0.0, cost_us: 0.0, avenrun: [0; 3], files };
            assert_eq!(measured(&sample).into_iter().map(|(_, value)| value).collect::<Vec<_>>(), want);
        }
    }
}

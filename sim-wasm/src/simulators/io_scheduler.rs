//! The I/O scheduler's part of its widget: the streams, the kernels, the reader's machine.

use sim_core::io_scheduler::{disk, elevator};
use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator};
use crate::live::{Facts, Sample};

/// The widget. Which schedulers there are depends on the kernel, so that the kernel is chosen beside
/// them and a choice that does not go together is refused by name.
pub static SIMULATOR: Simulator = Simulator {
    model: "io-scheduler",
    kernels: &[],
    kinds: &[
        ("insert", Text::fixed("대기열에 들어감", "insert")),
        ("merge", Text::fixed("병합", "merge")),
        ("wait", Text::fixed("요청이 없어 잠듦", "sleeps for a request")),
        ("dispatch", Text::fixed("장치로 보냄", "dispatch")),
        ("complete", Text::fixed("끝남", "complete")),
        ("idle", Text::fixed("비워 두고 기다림", "kept idle")),
    ],
    editor: EDITOR,
    guessed: "stream_1",
    measured,
    adopt,
};

/// Kernels worth choosing between, oldest first.
const KERNELS: &[(&str, Text)] = &[
    ("2.6.34", Text::fixed("2.6.34 큐 단위 플러그", "2.6.34: the queue is plugged")),
    ("3.10", Text::fixed("3.10 RHEL 7, 태스크 단위 플러그", "3.10: RHEL 7, each task has a plug")),
    ("4.20", Text::fixed("4.20 두 블록 계층이 함께 있음", "4.20: both block layers")),
    ("5.10", Text::fixed("5.10 blk-mq만 있음", "5.10: blk-mq alone")),
    ("6.1", Text::fixed("6.1 mq-deadline에 등급이 생김", "6.1: mq-deadline has classes")),
    ("6.12", Text::fixed("6.12 mq-deadline이 위치를 기억", "6.12: mq-deadline remembers the position")),
    ("7.3", Text::fixed("7.3", "7.3")),
];

const KINDS: &[(&str, Text)] = &[
    ("seq-reader", Text::fixed("순차 읽기", "sequential reader")),
    ("rand-reader", Text::fixed("무작위 읽기", "random reader")),
    ("buffered-writer", Text::fixed("버퍼 쓰기", "buffered writer")),
    ("fsync-log", Text::fixed("fsync 로그", "fsync log")),
    ("backup", Text::fixed("백업", "backup")),
];

const CLASSES: &[(i64, Text)] = &[
    (0, Text::fixed("없음", "none")),
    (1, Text::fixed("실시간(-c1)", "real time (-c1)")),
    (2, Text::fixed("최선(-c2)", "best effort (-c2)")),
    (3, Text::fixed("유휴(-c3)", "idle (-c3)")),
];

const EDITOR: &[Part] = &[
    Part::Group {
        title: Text::fixed("커널", "Kernel"),
        columns: &[Column::words("kernel", Text::fixed("커널 버전", "Kernel version"), KERNELS)],
    },
    Part::List(List {
        path: "streams",
        title: Text::fixed("스트림", "Streams"),
        none: Text::fixed("스트림이 없습니다. 쉬는 디스크입니다.", "No streams: an idle disk."),
        add: Text::fixed("스트림 추가", "Add a stream"),
        remove: Text::fixed("지우기", "Remove"),
        first: r#"{"kind": "rand-reader"}"#,
        columns: &[
            Column::words("kind", Text::fixed("하는 일", "What it does"), KINDS),
            Column::whole("count", Text::fixed("프로세스 수", "Processes"), ""),
            Column::codes("class", Text::fixed("ionice 등급", "ionice class"), CLASSES),
            Column::between("level", Text::fixed("ionice 수준", "ionice level"), "", 0, 7),
            Column::whole("start", Text::fixed("디스크에서 시작하는 곳", "Begins on the disk at"), "‰"),
            Column::whole("span", Text::fixed("차지하는 크기", "Takes of the disk"), "‰"),
            Column::whole("size_kib", Text::fixed("한 번에", "At a time"), "KiB"),
            Column::whole("bio_kib", Text::fixed("bio 하나", "A bio"), "KiB"),
            Column::whole("depth", Text::fixed("동시에", "Under way at once"), ""),
            Column::whole("think_us", Text::fixed("생각하는 시간", "Thinks for"), "µs"),
            Column::whole("jitter_us", Text::fixed("지터", "Jitter"), "µs"),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::whole("limit", Text::fixed("횟수(0: 끝없이)", "Times (0: no end)"), ""),
        ],
    }),
];

/// A look at the machine does not tell streams apart.
fn measured(_: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

/// Kernel, tick, and the first disk whose queue was read: its scheduler, its kind, its settings.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    let Ok(kernel) = facts.kernel.parse::<KernelVersion>() else { return };
    let known = KERNELS.iter().filter_map(|(version, _)| version.parse::<KernelVersion>().ok());
    let Some(kernel) = known.filter(|known| *known <= kernel).max() else { return };
    scenario.replace("kernel", kernel.to_string().as_str().into());
    let queue = facts.files.iter().find_map(|(path, text)| {
        let device = path.strip_prefix("/sys/block/")?.strip_suffix("/queue/scheduler")?;
        let name = text.split_once('[')?.1.split_once(']')?.0;
        Some((device, elevator::Kind::of_name(name)?))
    });
    let number = |kind| elevator::Kind::ALL.iter().position(|known| *known == kind).unwrap_or(0) as i64;
    let Some((device, scheduler)) = queue else {
        // What is simulated must be there in the new kernel.
        let scheduler = scenario["scheduler"].as_i64().and_then(|n| elevator::Kind::ALL.get(usize::try_from(n).ok()?));
        if !scheduler.is_some_and(|kind| kind.is_in(kernel)) {
            scenario.replace("scheduler", number(elevator::Kind::default_for(kernel, 1)).into());
        }
        return;
    };
    scenario.replace("scheduler", number(scheduler).into());
    let read = |file: &str| {
        let path = format!("/sys/block/{device}/queue/{file}");
        facts.files.iter().find(|(known, _)| *known == path)?.1.trim().parse::<i64>().ok()
    };
    let kind = match (device.starts_with("nvme"), read("rotational")) {
        (true, _) => disk::Kind::Nvme,
        (false, Some(0)) => disk::Kind::SataSsd,
        _ => disk::Kind::Disk7200,
    };
    scenario.replace("disk", kind.number().into());
    for file in ["nr_requests", "max_sectors_kb", "nomerges"] {
        if let Some(value) = read(file) {
            let most = if file == "max_sectors_kb" { 1280 } else { i64::MAX };
            scenario.replace(file, value.min(most).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn facts(files: &[(&str, &str)]) -> Facts {
        Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(250),
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 100,
            files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
        }
    }

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_disk() {
        let kind = Kind::find("io-scheduler").unwrap();
        let queue = [
            ("/sys/block/nvme0n1/queue/scheduler", "[none] mq-deadline kyber bfq \n"),
            ("/sys/block/nvme0n1/queue/rotational", "0\n"),
            ("/sys/block/nvme0n1/queue/nr_requests", "1023\n"),
            ("/sys/block/nvme0n1/queue/max_sectors_kb", "4096\n"),
        ];
        for preset in (kind.entry.presets)() {
            for (files, scheduler, disk) in [(&queue[..], Some(0), Some(3)), (&[], None, None)] {
                let mut scenario = preset.scenario.clone();
                adopt(&mut scenario, &facts(files));
                assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
                assert_eq!(scenario["kernel"].as_str(), Some("6.12"));
                for (field, want) in [("scheduler", scheduler), ("disk", disk)] {
                    if want.is_some() {
                        assert_eq!(scenario[field].as_i64(), want, "{} {field}", preset.name);
                    }
                }
            }
        }
    }
}

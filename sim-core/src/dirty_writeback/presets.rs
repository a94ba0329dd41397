//! Scenarios that each show one thing.

use super::scenario::{DiskSpec, Scenario, WriterSpec};
use crate::model::Preset;
use crate::{KernelVersion, MILLISECOND, Nanos, SECOND, Text};

const TODAY: KernelVersion = KernelVersion::new(6, 12, 0);
const NEWEST: KernelVersion = KernelVersion::new(7, 3, 0);
const RHEL6: KernelVersion = KernelVersion::new(2, 6, 32);
/// KiB in a MiB.
const MIB: i64 = 1024;

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

fn disk(mib_per_s: i64) -> DiskSpec {
    DiskSpec { kib_per_s: mib_per_s * MIB, ..DiskSpec::default() }
}

/// A machine of 2 GiB, so that a minute is enough to fill what may be dirty.
fn small() -> Scenario {
    Scenario { mem_mib: 2048, free_mib: 1280, file_mib: 256, ..Scenario::default() }
}

/// The same amount of data a second, in one stream or in bursts.
fn average_of_40_mib(burst_kib: i64, every_ms: i64) -> Scenario {
    let rate = if burst_kib == 0 { 40 * MIB } else { 1024 * MIB };
    Scenario {
        disks: vec![disk(50)],
        writers: vec![WriterSpec::new(rate, 0, 60_000).bursts(burst_kib, every_ms)],
        ..small()
    }
}

/// A big box that writes for half a minute and is then asked to sync.
fn large_box(dirty_bytes: i64, dirty_background_bytes: i64) -> Scenario {
    Scenario {
        mem_mib: 262_144,
        free_mib: 200_000,
        file_mib: 20_000,
        reserve_kib: 1 << 20,
        dirty_bytes,
        dirty_background_bytes,
        disks: vec![disk(200)],
        writers: vec![WriterSpec::new(500 * MIB, 0, 30_000)],
        syncs: vec![30_000],
        duration_ms: 120_000,
        ..Scenario::default()
    }
}

/// Seven megabytes twice, and nobody in a hurry.
fn quiet(kernel: KernelVersion) -> Scenario {
    Scenario {
        kernel,
        disks: vec![disk(20)],
        writers: vec![WriterSpec::new(100 * MIB, 2000, 30_000).bursts(7 * MIB, 18_000)],
        duration_ms: 70_000,
        ..small()
    }
}

/// Writers faster than their disk, which pays for going from file to file.
fn outrun_the_disk(kernel: KernelVersion) -> Scenario {
    Scenario {
        kernel,
        cpus: 1,
        disks: vec![DiskSpec { seek_us: 8000, depth: 128, ..disk(60) }],
        writers: vec![WriterSpec::new(50 * MIB, 1000, 40_000); 6],
        duration_ms: 40_000,
        ..small()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let seconds = |n: u64| n * SECOND;
    vec![
        preset(
            "freerun-then-throttle",
            seconds(8),
            Text::fixed("자유롭게 쓰다가 붙들리기까지", "Free, and then held"),
            Text::fixed(
                "프로그램은 메모리의 속도로 쓰다가, 더티 페이지가 두 임곗값의 중간(freerun)을 넘으면 잠깐씩 멈추게 되어 결국 디스크의 속도로 씁니다.",
                "A program writes at the speed of memory until dirty pages pass the middle of the two thresholds (freerun); from there on short pauses bring it down to the speed of the disk.",
            ),
            Scenario {
                disks: vec![disk(100)],
                writers: vec![WriterSpec::new(400 * MIB, 1000, 30_000)],
                duration_ms: 30_000,
                ..small()
            },
        ),
        preset(
            "steady-writer",
            seconds(40),
            Text::fixed("꾸준히 40 MiB/s", "A steady 40 MiB/s"),
            Text::fixed(
                "디스크(50 MiB/s)보다 느리게 꾸준히 쓰는 프로그램은 한 번도 기다리지 않습니다. 더티 페이지는 백그라운드 임곗값 언저리에서 오르내릴 뿐입니다.",
                "A program that writes steadily and slower than its disk (50 MiB/s) never waits: dirty pages stay near the background threshold.",
            ),
            average_of_40_mib(0, 0),
        ),
        preset(
            "bursty-writer",
            seconds(41),
            Text::fixed("평균은 같고 몰아서", "The same average, in bursts"),
            Text::fixed(
                "평균은 똑같이 40 MiB/s인데 10초 치를 한꺼번에 쓰면 한계에 부딪혀 멈춥니다. 기다림을 만드는 것은 평균이 아니라 몰림입니다.",
                "The same 40 MiB/s on average, but ten seconds' worth at once: the writer runs into the limit and is paused. Bursts, not averages, make programs wait.",
            ),
            average_of_40_mib(400 * MIB, 10_000),
        ),
        preset(
            "ratio-on-a-large-box",
            seconds(31),
            Text::fixed("큰 서버에 비율로", "A ratio on a large box"),
            Text::fixed(
                "이 256 GiB 서버에서 20 %는 43 GiB입니다. 그때까지 아무도 프로그램을 붙들지 않으니, 30초를 쓰고 부른 sync가 1분 가까이 돌아오지 않습니다.",
                "On this 256 GiB box 20 % is 43 GiB, and until then nobody holds the program: after half a minute of writing, sync does not return for the better part of a minute.",
            ),
            large_box(0, 0),
        ),
        preset(
            "bytes-on-a-large-box",
            seconds(31),
            Text::fixed("큰 서버에 크기로", "Bytes on a large box"),
            Text::fixed(
                "같은 서버, 같은 쓰기에 dirty_bytes 512 MiB, dirty_background_bytes 256 MiB. 프로그램은 일찍 디스크 속도로 내려오고, sync는 몇 초 안에 돌아옵니다.",
                "The same box and writes with dirty_bytes 512 MiB and dirty_background_bytes 256 MiB: the program is brought down to the disk's speed early, and sync returns within seconds.",
            ),
            large_box(512 << 20, 256 << 20),
        ),
        preset(
            "quiet-writer",
            seconds(40),
            Text::fixed("조용한 프로그램의 페이지는 언제 쓰이나", "When a quiet writer's pages are written"),
            Text::fixed(
                "임곗값에 못 미치면 30초(dirty_expire)를 기다린다고들 합니다. 하지만 6.12까지는 그동안 쓴 것이 없는 디스크는 몫이 0이라, 첫 더티 페이지가 5초 만에 쓰입니다. 방금 쓴 디스크는 정말로 30초를 기다립니다.",
                "Below the thresholds pages wait 30 s (dirty_expire), it is said. But up to 6.12 a disk that has written nothing lately has a share of 0, so its first pages go out after 5 s; only a disk that wrote before does wait.",
            ),
            quiet(TODAY),
        ),
        preset(
            "quiet-writer-since-6-18",
            seconds(30),
            Text::fixed("같은 프로그램, 6.18 이후", "The same since 6.18"),
            Text::fixed(
                "6.18부터는 쓴 적 없는 디스크에도 바닥 몫이 있어, 더티 페이지가 나이 30초를 채우고 나서야 쓰입니다.",
                "Since 6.18 even a disk that never wrote has a share to begin with, and pages wait until they are 30 s old.",
            ),
            quiet(NEWEST),
        ),
        preset(
            "usb-beside-a-fast-disk",
            seconds(20),
            Text::fixed("느린 USB 옆의 빠른 디스크", "A slow USB stick beside a fast disk"),
            Text::fixed(
                "임곗값은 디스크마다 최근에 쓴 만큼 나뉩니다. USB에 쓰는 프로그램은 자기 몫 안에서 붙들리고, 빠른 디스크에 쓰는 프로그램은 처음 몇 번 말고는 제 속도를 냅니다.",
                "The threshold is divided among disks by what they wrote lately. Who writes to the USB stick is held within its small share; who writes to the fast disk keeps its speed but for a few pauses at first.",
            ),
            Scenario {
                disks: vec![disk(200), DiskSpec { request_kib: 128, ..disk(8) }],
                writers: vec![
                    WriterSpec::new(150 * MIB, 8000, 40_000),
                    WriterSpec::new(100 * MIB, 0, 40_000).on_disk(1),
                ],
                duration_ms: 40_000,
                ..small()
            },
        ),
        preset(
            "stall-rhel6",
            seconds(10),
            Text::fixed("프로그램이 직접 쓰던 시절", "When writers had to write themselves"),
            Text::fixed(
                "3.1까지는 한계에 닿은 프로그램이 직접 디스크에 썼습니다. 요청 큐가 차 있으면 write() 한 번이 10초 넘게 돌아오지 않고, 여럿이 번갈아 쓰느라 디스크까지 느려집니다.",
                "Until 3.1 a program over the limit wrote to the disk itself. With the request queue full, one write() can take more than ten seconds, and as several take turns the disk itself gets slower.",
            ),
            outrun_the_disk(RHEL6),
        ),
        preset(
            "stall-today",
            seconds(10),
            Text::fixed("같은 프로그램, 오늘", "The same programs today"),
            Text::fixed(
                "3.2부터는 쓰는 일은 플러셔만 하고 프로그램은 쉬기만 합니다. 한 번의 멈춤은 0.2초를 넘지 않습니다.",
                "Since 3.2 only the flusher writes and programs merely pause, never more than 0.2 s at a time.",
            ),
            outrun_the_disk(TODAY),
        ),
        preset(
            "fsync-amid-a-backlog",
            seconds(12) + 30 * MILLISECOND,
            Text::fixed("밀린 쓰기 속의 fsync", "fsync amid a backlog"),
            Text::fixed(
                "로그를 쓰는 프로그램의 fsync는 4 KiB뿐인데, 다른 프로그램의 요청 뒤에 줄을 서느라 혼자일 때보다 수십 배 오래 걸립니다.",
                "A log's fsync is for 4 KiB only, yet it queues behind another program's requests and takes dozens of times as long as when alone.",
            ),
            Scenario {
                disks: vec![DiskSpec { seek_us: 2000, ..disk(60) }],
                writers: vec![
                    WriterSpec::new(10 * MIB, 0, 20_000).bursts(4, 200).fsync(4),
                    WriterSpec::new(300 * MIB, 8000, 20_000),
                ],
                duration_ms: 20_000,
                ..small()
            },
        ),
    ]
}

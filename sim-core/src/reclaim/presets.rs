//! Scenarios that each show one thing.

use super::scenario::{Kind, Program, Scenario};
use crate::model::Preset;
use crate::{Nanos, SECOND, Text};

fn preset(name: &'static str, cursor_s: u64, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    let cursor: Nanos = cursor_s * SECOND;
    Preset { name, title, insight, scenario, cursor }
}

/// A program that sits on so much and does nothing.
fn idle(mib: i64, end: i64) -> Program {
    Program::new(Kind::Heap, mib, 100, end, end).before(1)
}

/// Files and heap that are both used all the time and together do not fit.
fn both_wanted(swappiness: i64) -> Scenario {
    Scenario {
        swappiness,
        swap_mib_s: 200,
        programs: vec![
            Program::new(Kind::Heap, 560, 300, 0, 60_000).before(2).over_and_over(),
            Program::new(Kind::File, 560, 300, 0, 60_000).over_and_over(),
        ],
        ..Scenario::default()
    }
}

/// A heap that is gone through again and again.
fn working_set(mem_mib: i64) -> Scenario {
    Scenario {
        mem_mib,
        programs: vec![Program::new(Kind::Heap, 1100, 400, 0, 60_000).over_and_over()],
        ..Scenario::default()
    }
}

/// Many inodes, and a large file read once.
fn many_names(vfs_cache_pressure: i64) -> Scenario {
    Scenario {
        vfs_cache_pressure,
        duration_ms: 30_000,
        programs: vec![
            Program { exist: 1, ..Program::lookups(300_000, 100_000, 0, 30_000) }.before(1),
            Program::new(Kind::File, 4096, 200, 2000, 30_000),
        ],
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "streaming-read",
            20,
            Text::fixed("한 번 읽는 큰 파일", "A large file read once"),
            Text::fixed(
                "메모리보다 큰 파일을 한 번 읽어도 늘 쓰는 파일은 밀려나지 않습니다. 처음 읽은 페이지는 비활성 목록에 들어와 거기서 나가고, 두 번 쓰인 페이지는 활성 목록에 있기 때문입니다.",
                "Reading a file larger than memory once does not push out the file in daily use: new pages come and go on the inactive list, and what was used twice is on the active one.",
            ),
            Scenario {
                duration_ms: 40_000,
                programs: vec![
                    Program::new(Kind::File, 256, 64, 0, 40_000).before(2).over_and_over(),
                    Program::new(Kind::File, 4096, 150, 5000, 40_000),
                    idle(200, 40_000),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "swappiness-60",
            40,
            Text::fixed("swappiness 60", "Swappiness 60"),
            Text::fixed(
                "파일과 힙이 둘 다 늘 쓰이는데 함께는 들어가지 않습니다. 60이면 파일을 더 훑지만, 한쪽을 도로 읽는 비용이 쌓이면 저울이 스스로 기웁니다.",
                "Files and heap are both in constant use and do not fit together. At 60 files are looked at more, but as bringing one side back costs, the scales tip by themselves.",
            ),
            both_wanted(60),
        ),
        preset(
            "swappiness-10",
            40,
            Text::fixed("swappiness 10", "Swappiness 10"),
            Text::fixed(
                "같은 프로그램들에 10. 힙은 거의 나가지 않고 파일이 되풀이해 다시 읽힙니다. 0이 아닌 한 비율일 뿐 금지가 아닙니다.",
                "The same programs at 10: hardly any heap goes, and files are read again and again. It is a proportion and no ban.",
            ),
            both_wanted(10),
        ),
        preset(
            "swappiness-180",
            40,
            Text::fixed("swappiness 180", "Swappiness 180"),
            Text::fixed(
                "같은 프로그램들에 180. 익명을 훨씬 많이 훑어 힙이 스왑을 드나들고 파일은 남습니다. 스왑이 파일보다 빠를 때에만(zram) 맞는 값입니다.",
                "The same programs at 180: anonymous pages are looked at far more, the heap goes in and out of swap and files stay. Right only where swap is faster than files, as with zram.",
            ),
            both_wanted(180),
        ),
        preset(
            "leak-until-oom",
            20,
            Text::fixed("누수가 OOM에 이르기까지", "A leak, until OOM"),
            Text::fixed(
                "새는 프로그램은 먼저 캐시를, 다음으로 스왑을 다 쓰고 나서 죽습니다. 스왑은 죽는 때를 늦출 뿐입니다.",
                "A leaking program first uses up the cache, then swap, and then is killed. Swap only puts it off.",
            ),
            Scenario {
                swap_mib: 512,
                programs: vec![
                    Program::new(Kind::File, 300, 100, 0, 60_000).before(2).over_and_over(),
                    Program::new(Kind::Heap, 8192, 60, 2000, 60_000),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "working-set-too-large",
            30,
            Text::fixed("메모리보다 큰 작업 집합", "A working set larger than memory"),
            Text::fixed(
                "1,100 MiB를 쉬지 않고 쓰는 프로그램이 1 GiB에서 돕니다. 모자란 것은 조금인데 다시 찾기(refault)가 끝없이 이어지고 시간을 거의 다 잃습니다. 메모리를 늘려야 하는 것은 이런 때입니다.",
                "A program in constant use of 1,100 MiB runs in 1 GiB. Little is short, yet pages are wanted back without end and most of the time is lost. This is when more memory is the answer.",
            ),
            working_set(1024),
        ),
        preset(
            "working-set-fits",
            30,
            Text::fixed("같은 작업 집합, 더 큰 메모리", "The same working set in more memory"),
            Text::fixed(
                "같은 프로그램에 1.5 GiB. 스왑도 다시 찾기도 0이고 같은 시간에 몇 배를 합니다.",
                "The same program in 1.5 GiB: no swap, no refaults, and several times as much done in the same time.",
            ),
            working_set(1536),
        ),
        preset(
            "parked-in-swap",
            40,
            Text::fixed("스왑에 있지만 아무도 찾지 않는 것", "In swap, and nobody wants it"),
            Text::fixed(
                "잠깐 큰 일이 지나가며 노는 프로그램을 스왑으로 밀어냈습니다. 스왑은 그대로 쓰이고 있지만 si와 so는 0이고, 잃는 시간도 없습니다.",
                "A large job passed by and moved an idle program out to swap. Swap stays in use, but si and so are 0 and no time is lost.",
            ),
            Scenario {
                programs: vec![
                    idle(500, 60_000),
                    Program::new(Kind::Heap, 800, 200, 5000, 25_000).over_and_over(),
                    Program::new(Kind::File, 100, 50, 0, 60_000).before(2).over_and_over(),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "vfs-cache-pressure-50",
            28,
            Text::fixed("vfs_cache_pressure 50", "vfs_cache_pressure 50"),
            Text::fixed(
                "큰 파일을 읽는 동안 dentry와 inode도 조금씩 밀려납니다. 50이면 절반만 있는 것으로 세어 천천히 나갑니다.",
                "While a large file is read, dentries and inodes go as well, bit by bit. At 50 only half of them count, and they go slowly.",
            ),
            many_names(50),
        ),
        preset(
            "vfs-cache-pressure-200",
            28,
            Text::fixed("vfs_cache_pressure 200", "vfs_cache_pressure 200"),
            Text::fixed(
                "같은 일에 200. 두 배 있는 것으로 세어 빨리 나가고, 나간 inode는 다음에 디스크에서 다시 읽어야 합니다.",
                "The same at 200: twice as many count, they go fast, and an inode that went has to come from the disk next time.",
            ),
            many_names(200),
        ),
    ]
}

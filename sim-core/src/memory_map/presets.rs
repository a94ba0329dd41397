//! Scenarios that each show one thing.

use crate::model::Preset;
use crate::reclaim::{Drop, Kind, Program, Scenario};
use crate::{Nanos, SECOND, Text};

fn preset(name: &'static str, cursor_s: u64, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    let cursor: Nanos = cursor_s * SECOND;
    Preset { name, title, insight, scenario, cursor }
}

/// A machine of 1 GiB with a program of 200 MiB that does nothing.
fn machine(duration_ms: i64, programs: Vec<Program>) -> Scenario {
    let idle = Program::new(Kind::Heap, 200, 100, duration_ms, duration_ms).before(1);
    let programs = std::iter::once(idle).chain(programs).collect();
    Scenario { duration_ms, programs, ..Scenario::default() }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "read-a-file",
            6,
            Text::fixed("파일 읽기", "Reading a file"),
            Text::fixed(
                "300 MiB 파일을 읽으면 free는 그만큼 줄지만 available은 거의 그대로입니다. 캐시는 달라고 하면 내놓는 메모리이기 때문입니다. 두 번째로 읽으면 같은 페이지가 비활성에서 활성으로 올라갑니다.",
                "Reading a file of 300 MiB takes as much off free and hardly anything off available, since cache is given up when asked for. Read again, the same pages go from inactive to active.",
            ),
            machine(12_000, vec![Program::new(Kind::File, 300, 100, 2000, 8000).over_and_over()]),
        ),
        preset(
            "buffers-or-cached",
            12,
            Text::fixed("버퍼인가 캐시인가", "Buffers or cached"),
            Text::fixed(
                "파일을 읽으면 Cached가 늘고, 블록 장치를 통째로 읽으면 Buffers가 늡니다. 둘 다 페이지 캐시이고 똑같이 내놓습니다.",
                "Reading a file raises Cached, reading a block device as a whole raises Buffers. Both are page cache and are given up alike.",
            ),
            machine(
                14_000,
                vec![
                    Program::new(Kind::File, 200, 50, 2000, 14_000),
                    Program::new(Kind::Device, 200, 50, 7000, 14_000),
                ],
            ),
        ),
        preset(
            "drop-caches",
            11,
            Text::fixed("drop_caches", "drop_caches"),
            Text::fixed(
                "1은 페이지 캐시를, 2는 dentry와 inode를 버립니다. 프로그램의 메모리와 메모리 파일(Shmem)은 Cached에 들어 있더라도 남습니다.",
                "1 drops the page cache, 2 dentries and inodes. The memory of programs stays, and so do files in memory (Shmem), though they count as cached.",
            ),
            Scenario {
                drops: vec![Drop { at_ms: 5000, what: 1 }, Drop { at_ms: 10_000, what: 2 }],
                ..machine(
                    15_000,
                    vec![
                        Program::new(Kind::File, 300, 100, 0, 15_000).before(1),
                        Program::new(Kind::Shmem, 100, 100, 15_000, 15_000).before(1),
                        Program { exist: 1, ..Program::lookups(100_000, 100_000, 0, 15_000) }.before(1),
                    ],
                )
            },
        ),
        preset(
            "dentries",
            15,
            Text::fixed("없는 이름을 찾으면", "Names that are not there"),
            Text::fixed(
                "없는 이름을 찾을 때마다 dentry가 하나씩 남아 슬랩이 자랍니다. available은 거의 줄지 않고, 다른 프로그램이 메모리를 달라고 하면 돌아옵니다.",
                "Each name looked for in vain leaves a dentry, and slab grows. Available hardly falls, and when a program asks for memory it comes back.",
            ),
            machine(
                30_000,
                vec![
                    Program::lookups(3_000_000, 250_000, 2000, 30_000),
                    Program::new(Kind::Heap, 500, 50, 16_000, 30_000),
                ],
            ),
        ),
        preset(
            "leak",
            20,
            Text::fixed("누수는 available이 말한다", "A leak shows in available"),
            Text::fixed(
                "free는 처음부터 낮아서 아무것도 말하지 않습니다. 프로그램이 새면 커널이 캐시를 내주므로 free는 그대로이고, 줄어드는 것은 available입니다.",
                "Free is low from the beginning and tells nothing. While a program leaks, the kernel gives it cache, so free stays as it is and it is available that falls.",
            ),
            Scenario {
                swap_mib: 0,
                ..machine(
                    40_000,
                    vec![
                        Program::new(Kind::File, 900, 100, 40_000, 40_000).before(1),
                        Program::new(Kind::Heap, 2048, 15, 2000, 40_000),
                    ],
                )
            },
        ),
        preset(
            "free-is-low",
            25,
            Text::fixed("free가 낮아도 아무 일 없다", "Free is low and nothing is wrong"),
            Text::fixed(
                "큰 파일을 읽고 나면 free는 워터마크 언저리에 머뭅니다. 놀리는 메모리가 없다는 뜻일 뿐, available은 넉넉하고 아무도 기다리지 않습니다.",
                "Once a large file has been read, free stays near the watermarks. It means no more than that no memory is idle: plenty is available and nobody waits.",
            ),
            machine(30_000, vec![Program::new(Kind::File, 4096, 150, 1000, 30_000)]),
        ),
        preset(
            "files-in-memory",
            10,
            Text::fixed("캐시로 보이는 메모리 파일", "Files in memory look like cache"),
            Text::fixed(
                "tmpfs에 400 MiB를 쓰면 Cached가 그만큼 늘지만 available은 그만큼 줄어듭니다. 캐시로 세어도 내놓을 수 없는 메모리입니다.",
                "Write 400 MiB to tmpfs and cached grows by as much while available falls by as much: it counts as cache and cannot be given up.",
            ),
            machine(12_000, vec![Program::new(Kind::Shmem, 400, 100, 2000, 12_000)]),
        ),
    ]
}

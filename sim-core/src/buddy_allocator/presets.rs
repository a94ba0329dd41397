//! Scenarios that each show one thing.

use super::scenario::{Gfp, Migratetype, Op, Rule, Scenario, ZoneName};
use crate::model::Preset;
use crate::{KernelVersion, MILLISECOND, Text};

const TODAY: KernelVersion = KernelVersion::new(6, 12, 0);
const DEBIAN12: KernelVersion = KernelVersion::new(6, 1, 0);

use Migratetype::{Movable, Unmovable};

fn preset(name: &'static str, cursor_ms: u64, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor: cursor_ms * MILLISECOND }
}

/// Memory of one zone and nothing else in the way: no per-CPU lists, no watermarks.
fn bare(zones_mib: [i64; 4], duration_ms: i64, ops: Vec<Op>) -> Scenario {
    Scenario {
        kernel: TODAY,
        zones_mib,
        min_free_kbytes: 0,
        watermark_boost_factor: 0,
        pcp: 0,
        duration_ms,
        ops,
        ..Scenario::default()
    }
}

/// Pages are taken by both kinds in turn until movable memory runs out.
fn mixed(kernel: KernelVersion) -> Scenario {
    let ops = vec![
        // Kernel data in blocks of 16 pages claims its pageblocks, then a third of it goes, too little of any
        // pageblock to be had as a whole.
        Op::alloc(0, 64, 4, Unmovable).every(1600),
        Op::alloc(150, 1024, 0, Movable).every(200),
        Op::free(450, 0, Rule::EveryNth, 3).every(1000),
        Op::alloc(650, 300, 0, Movable).every(400),
    ];
    Scenario { kernel, ..bare([8, 0, 0, 0], 1000, ops) }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "split-and-merge",
            150,
            Text::fixed("나누고 합치기", "Split and merge"),
            Text::fixed(
                "4 MiB 블록에서 한 페이지를 꺼내려고 열 번 나눕니다. 돌려받을 때는 짝이 비어 있는 동안 계속 합쳐 처음으로 돌아갑니다.",
                "To hand out one page, a 4 MiB block is halved ten times. On the way back, blocks merge for as long as their buddy is free, until all is as it was.",
            ),
            bare(
                [4, 0, 0, 0],
                1000,
                vec![
                    Op::alloc(100, 4, 0, Movable).every(100_000).zone(ZoneName::Dma),
                    Op::free(500, 0, Rule::OnlyNth, 1),
                    // The first one is gone by then, so the third is the second.
                    Op::free(600, 0, Rule::OnlyNth, 2),
                    Op::free(700, 0, Rule::OnlyNth, 1),
                    Op::free(800, 0, Rule::All, 1),
                ],
            ),
        ),
        preset(
            "one-pinned-page",
            950,
            Text::fixed("고정된 한 페이지", "One pinned page"),
            Text::fixed(
                "1,024페이지 가운데 1,023개가 비었는데도 4 MiB 블록은 하나도 없습니다. 고정된 한 페이지가 열 차수의 합치기를 모두 막습니다.",
                "1,023 of 1,024 pages are free, and yet there is no 4 MiB block: one pinned page stands in the way of every merge it is part of.",
            ),
            bare(
                [4, 0, 0, 0],
                1000,
                vec![
                    Op::alloc(0, 333, 0, Movable).every(300).zone(ZoneName::Dma),
                    Op::alloc(100, 1, 0, Movable).zone(ZoneName::Dma).pinned(),
                    Op::alloc(101, 690, 0, Movable).every(300).zone(ZoneName::Dma),
                    Op::free(400, 0, Rule::All, 1).every(500),
                    Op::free(600, 2, Rule::All, 1).every(400),
                    Op::alloc(950, 1, 10, Movable).gfp(Gfp::Noretry).zone(ZoneName::Dma),
                ],
            ),
        ),
        preset(
            "no-huge-page-with-half-free",
            950,
            Text::fixed("절반이 비었는데 거대 페이지는 없음", "Half is free, no huge page"),
            Text::fixed(
                "메모리의 절반이 비어 있어도 2 MiB 한 덩어리를 얻지 못합니다. 한 페이지 건너 하나씩 비어 있어서 큰 블록이 하나도 없기 때문입니다.",
                "Half of the memory is free, yet not one huge page of 2 MiB can be had: every other page is taken, so no two free ones are neighbours.",
            ),
            bare(
                [0, 0, 12, 0],
                1000,
                vec![
                    Op::alloc(0, 3072, 0, Movable).every(140),
                    Op::free(450, 0, Rule::EveryNth, 2).every(300),
                    Op::alloc(950, 1, 9, Movable).gfp(Gfp::Noretry),
                ],
            ),
        ),
        preset(
            "movable-steals",
            660,
            Text::fixed("다른 유형에서 빼앗기(6.1)", "Stealing from another type (6.1)"),
            Text::fixed(
                "이동 가능 목록이 바닥나자 커널 데이터의 페이지블록에서 빈 블록을 옮겨 옵니다. 그러면 커널 데이터와 프로세스 메모리가 한 블록에 섞여 다시는 통째로 비지 않습니다.",
                "When movable memory runs out, free blocks are moved over from kernel pageblocks. Kernel data and process memory then share a block, and it will hardly ever be free as a whole again.",
            ),
            mixed(DEBIAN12),
        ),
        preset(
            "movable-borrows",
            660,
            Text::fixed("다른 유형에서 빌리기(6.12)", "Borrowing from another type (6.12)"),
            Text::fixed(
                "6.12는 페이지블록을 통째로 차지할 수 있을 때만 가져오고, 아니면 가장 작은 블록 하나만 빌립니다. 나머지는 원래 목록에 남습니다.",
                "6.12 takes a pageblock only when it can have most of it; otherwise it borrows a single block, the smallest that will do, and the rest stays where it was.",
            ),
            mixed(TODAY),
        ),
        preset(
            "free-is-not-allocatable",
            700,
            Text::fixed("빈 메모리라고 다 줄 수는 없다", "Free is not allocatable"),
            Text::fixed(
                "빈 페이지가 남았는데도 요청이 실패합니다. min 워터마크 아래는 기다릴 수 없는 요청의 몫이고, DMA 영역은 lowmem_reserve가 지킵니다.",
                "Requests fail while pages are still free: what lies below the min mark is for those that cannot wait, and lowmem_reserve guards zone DMA.",
            ),
            Scenario {
                zones_mib: [4, 0, 12, 0],
                min_free_kbytes: 2048,
                lowmem_reserve_ratio: [8, 256, 32, 0],
                duration_ms: 1000,
                ops: vec![
                    Op::alloc(0, 3300, 0, Movable).every(200),
                    Op::alloc(750, 5, 0, Unmovable).every(10_000).gfp(Gfp::Nowait),
                    Op::alloc(800, 400, 0, Unmovable).every(300).gfp(Gfp::Atomic),
                    Op::alloc(960, 300, 0, Unmovable).every(100).zone(ZoneName::Dma),
                ],
                ..bare([0; 4], 1000, Vec::new())
            },
        ),
        preset(
            "per-cpu-lists",
            500,
            Text::fixed("CPU별 목록", "Per-CPU lists"),
            Text::fixed(
                "한 페이지를 달라고 할 때마다 버디 목록이 움직이지는 않습니다. CPU별 목록이 비면 한꺼번에 가져오고, 넘치면 한꺼번에 돌려보냅니다.",
                "Not every page asked for moves the buddy lists: an empty per-CPU list is refilled in one go, and a full one gives back in one go.",
            ),
            Scenario {
                zones_mib: [0, 0, 32, 0],
                pcp: 1,
                ops: vec![Op::alloc(0, 2000, 0, Movable).every(200), Op::free(500, 0, Rule::All, 1).every(200)],
                ..bare([0; 4], 1000, Vec::new())
            },
        ),
    ]
}

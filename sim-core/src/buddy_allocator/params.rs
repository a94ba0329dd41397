//! The controls of a scenario, and its problems.

use super::rules::{KERNELS, Rules};
use super::scenario::{Action, Op, Rule, Scenario};
use super::zone::MAX_PAGE_ORDER;
use crate::params::YES_NO;
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, Params, Text};

/// Most entries of the `ops` list.
pub const MAX_OPS: usize = 64;
/// Most blocks one entry asks for.
pub const MAX_COUNT: i64 = 65_536;
/// Most requests of a run, all entries together, each freed once.
const MAX_ITEMS: i64 = 1_000_000;

const fn mib(name: &'static str, label: Text, help: Text, max: i64, default: i64) -> Param {
    Param::new(name, label, help).range(0, max).default(default).unit("MiB")
}

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    mib(
        "dma_mib",
        Text::fixed("DMA 영역", "Zone DMA"),
        Text::fixed("첫 16 MiB입니다. 0이면 없습니다.", "The first 16 MiB; 0 for none."),
        16,
        16,
    ),
    mib(
        "dma32_mib",
        Text::fixed("DMA32 영역", "Zone DMA32"),
        Text::fixed("4 GiB 아래의 메모리입니다. 0이면 없습니다.", "Memory below 4 GiB; 0 for none."),
        4080,
        0,
    ),
    mib(
        "normal_mib",
        Text::fixed("Normal 영역", "Zone Normal"),
        Text::fixed("나머지 메모리입니다. 0이면 없습니다.", "The rest of memory; 0 for none."),
        16_384,
        64,
    ),
    mib(
        "movable_mib",
        Text::fixed("Movable 영역", "Zone Movable"),
        Text::fixed("옮길 수 있는 페이지만 두는 영역입니다. 0이면 없습니다.", "Kept for movable pages; 0 for none."),
        16_384,
        0,
    ),
    Param::new(
        "min_free_kbytes",
        Text::fixed("vm.min_free_kbytes", "vm.min_free_kbytes"),
        Text::fixed(
            "비워 둘 메모리입니다. 세 워터마크가 모두 여기서 나옵니다. -1이면 커널이 정합니다.",
            "Memory to be kept free; all three watermarks follow from it. -1 for the kernel's own choice.",
        ),
    )
    .range(-1, 1 << 20)
    .default(-1)
    .unit("kB"),
    Param::new(
        "watermark_scale_factor",
        Text::fixed("vm.watermark_scale_factor", "vm.watermark_scale_factor"),
        Text::fixed(
            "워터마크 사이의 간격을 영역 크기의 만분율로 정합니다.",
            "The distance between the watermarks, in 1/10000 of the zone.",
        ),
    )
    .range(1, 3000)
    .default(10)
    .unit("1/10000"),
    Param::new(
        "watermark_boost_factor",
        Text::fixed("vm.watermark_boost_factor", "vm.watermark_boost_factor"),
        Text::fixed(
            "다른 유형의 메모리를 빌릴 때 워터마크를 얼마나 올릴지 정합니다. 0이면 올리지 않습니다.",
            "How far a fallback to another type raises the watermarks; 0 for not at all.",
        ),
    )
    .range(0, 100_000)
    .default(15_000)
    .step(1000)
    .unit("1/10000"),
    Param::new(
        "extfrag_threshold",
        Text::fixed("vm.extfrag_threshold", "vm.extfrag_threshold"),
        Text::fixed(
            "단편화 지수가 이 값 이하면 압축을 건너뜁니다. 메모리가 모자란 탓으로 보기 때문입니다.",
            "At or below this fragmentation index compaction is skipped: lack of memory is to blame.",
        ),
    )
    .range(0, 1000)
    .default(500)
    .step(10)
    .unit("1/1000"),
    Param::new(
        "pcp",
        Text::fixed("CPU별 목록", "Per-CPU lists"),
        Text::fixed(
            "작은 블록을 CPU 곁에 모아 두는지 정합니다. 끄면 요청마다 버디 목록이 움직입니다.",
            "Whether small blocks are kept near the CPU. Without them every request moves the buddy lists.",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "percpu_pagelist_high_fraction",
        Text::fixed("vm.percpu_pagelist_high_fraction", "vm.percpu_pagelist_high_fraction"),
        Text::fixed(
            "CPU별 목록이 영역의 몇 분의 1까지 가질 수 있는지 정합니다(5.14부터). 0이면 커널이 정합니다.",
            "Per-CPU lists may hold one part in so many of a zone (since 5.14); 0 for the kernel's own rule.",
        ),
    )
    .range(0, 1000)
    .default(0),
    Param::new(
        "cpus",
        Text::fixed("CPU 수", "CPUs"),
        Text::fixed(
            "CPU별 목록의 크기를 정합니다. 요청은 모두 한 CPU에서 옵니다.",
            "Sizes the per-CPU lists; all requests come from one CPU.",
        ),
    )
    .range(1, 512)
    .default(1),
    Param::new(
        "thp",
        Text::fixed("투명 거대 페이지(THP)", "Transparent huge pages"),
        Text::fixed("켜면 khugepaged가 min_free_kbytes를 올립니다.", "When on, khugepaged raises min_free_kbytes."),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1, 3_600_000)
    .default(1000)
    .unit("ms"),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "지터와 무작위 해제를 정하는 시드입니다. 시드가 같으면 결과도 같습니다.",
            "Seeds the jitter and the random frees: the same seed gives the same run.",
        ),
    )
    .range(0, i64::MAX)
    .default(0),
];

impl Params for Scenario {
    const KERNELS: &'static str = KERNELS;

    fn params() -> &'static [Param] {
        PARAMS
    }

    fn kernel(&mut self) -> &mut KernelVersion {
        &mut self.kernel
    }

    fn field(&mut self, name: &str) -> Option<&mut i64> {
        Some(match name {
            "dma_mib" => &mut self.zones_mib[0],
            "dma32_mib" => &mut self.zones_mib[1],
            "normal_mib" => &mut self.zones_mib[2],
            "movable_mib" => &mut self.zones_mib[3],
            "min_free_kbytes" => &mut self.min_free_kbytes,
            "watermark_scale_factor" => &mut self.watermark_scale_factor,
            "watermark_boost_factor" => &mut self.watermark_boost_factor,
            "extfrag_threshold" => &mut self.extfrag_threshold,
            "pcp" => &mut self.pcp,
            "percpu_pagelist_high_fraction" => &mut self.percpu_pagelist_high_fraction,
            "cpus" => &mut self.cpus,
            "thp" => &mut self.thp,
            "duration_ms" => &mut self.duration_ms,
            "seed" => &mut self.seed,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// An idle machine with every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            zones_mib: [0; 4],
            min_free_kbytes: 0,
            watermark_scale_factor: 0,
            watermark_boost_factor: 0,
            lowmem_reserve_ratio: [256, 256, 32, 0],
            extfrag_threshold: 0,
            pcp: 0,
            percpu_pagelist_high_fraction: 0,
            cpus: 0,
            thp: 0,
            duration_ms: 0,
            seed: 0,
            ops: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    let fraction = scenario.percpu_pagelist_high_fraction;
    if (1..8).contains(&fraction) {
        problems.push(
            Problem::range("percpu_pagelist_high_fraction", fraction, "0, 8..1000", "")
                .because(Text::fixed("커널이 받는 가장 작은 값은 8입니다", "the kernel takes nothing between 0 and 8")),
        );
    }
    for (i, ratio) in scenario.lowmem_reserve_ratio.iter().enumerate() {
        check(&mut problems, &format!("lowmem_reserve_ratio[{i}]"), *ratio, 0, 1 << 20, "");
    }
    if let Err(why) = Rules::of(scenario.kernel) {
        problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
    }
    if problems.is_empty() && scenario.zones_mib.iter().all(|mib| *mib == 0) {
        problems.push(
            Problem::range("normal_mib", 0, "1..16384", "MiB")
                .because(Text::fixed("메모리가 있는 영역이 하나는 있어야 합니다", "some zone has to have memory")),
        );
    }
    if scenario.ops.len() > MAX_OPS {
        problems.push(Problem::range("ops", scenario.ops.len(), format!("0..{MAX_OPS}"), "entries"));
        return problems.into_vec();
    }
    for (i, op) in scenario.ops.iter().enumerate() {
        check_op(&mut problems, scenario, op, i);
    }
    if problems.is_empty() {
        let items = items(&scenario.ops);
        check(&mut problems, "ops", items, 0, MAX_ITEMS, "requests");
    }
    problems.into_vec()
}

/// Requests and frees of a run, at most.
pub fn items(ops: &[Op]) -> i64 {
    let blocks = |op: &Op| match op.action {
        Action::Alloc => op.count,
        Action::Free => {
            let all = ops.get(op.of.max(0) as usize).map_or(0, |of| of.count);
            if op.count == 0 { all } else { op.count.min(all) }
        }
    };
    ops.iter().map(blocks).fold(0, i64::saturating_add)
}

fn check_op(problems: &mut Problems, scenario: &Scenario, op: &Op, i: usize) {
    let path = format!("ops[{i}]");
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("at_ms", op.at_ms, 0, end, "ms");
    check("every_us", op.every_us, 0, 1000 * end, "us");
    // A later one never overtakes an earlier one.
    check("jitter_us", op.jitter_us, 0, op.every_us.clamp(0, 1000 * end), "us");
    match op.action {
        Action::Alloc => {
            check("count", op.count, 1, MAX_COUNT, "blocks");
            check("order", op.order, 0, i64::from(MAX_PAGE_ORDER), "");
            check("pinned", op.pinned, 0, 1, "");
        }
        Action::Free => {
            check("count", op.count, 0, MAX_COUNT, "blocks");
            check("of", op.of, 0, (i as i64 - 1).max(0), "");
            match op.rule {
                Rule::EveryNth | Rule::AllButEveryNth => check("n", op.n, 1, MAX_COUNT, ""),
                Rule::OnlyNth => check("n", op.n, 0, MAX_COUNT - 1, ""),
                Rule::Percent => check("n", op.n, 0, 100, "%"),
                Rule::All => check("n", op.n, 0, MAX_COUNT, ""),
            }
            let known = usize::try_from(op.of).ok().and_then(|of| scenario.ops[..i].get(of));
            if known.is_none_or(|of| of.action != Action::Alloc) {
                problems.push(Problem::range(&format!("{path}.of"), op.of, "0..", "").because(Text::fixed(
                    "이보다 앞에 있는, 메모리를 요청하는 항목의 번호여야 합니다",
                    "this has to be the number of an earlier entry that asks for memory",
                )));
            }
        }
    }
}

//! The controls of a scenario, and its problems.

use super::Rules;
use super::scenario::{Kind, Program, Scenario};
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, Params, Text};

/// Kernels whose rules are known, in words.
const KERNELS: &str = "3.10, 4.18..7.x";
/// Longest run, ms.
const MAX_MS: i64 = 600_000;
/// Most memory, and most that all programs together use, MiB.
const MAX_MIB: i64 = 32_768;
/// Fastest program and disk, MiB/s.
const MAX_MIB_PER_S: i64 = 16_384;
/// Most names, and most a second.
const MAX_NAMES: i64 = 20_000_000;
pub(super) const MAX_PROGRAMS: usize = 12;
pub(super) const MAX_DROPS: usize = 16;
/// Most steps of all programs together.
const MAX_STEPS: i64 = 10_000_000;

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "swappiness",
        Text::fixed("vm.swappiness", "vm.swappiness"),
        Text::fixed(
            "회수할 때 익명 페이지를 훑는 무게입니다. 파일의 무게는 200에서 이것을 뺀 값입니다. 5.8 전의 커널에서는 100이 최대라, 더 큰 값도 100으로 봅니다.",
            "How much anonymous pages weigh when memory is reclaimed; files weigh 200 less that. Before 5.8 the most is 100, and more is taken for 100.",
        ),
    )
    .range(0, 200)
    .default(60),
    Param::new(
        "vfs_cache_pressure",
        Text::fixed("vm.vfs_cache_pressure", "vm.vfs_cache_pressure"),
        Text::fixed(
            "회수할 때 dentry와 inode의 수에 이 값을 100으로 나눈 것을 곱합니다. 0이면 회수하지 않습니다.",
            "The number of dentries and inodes is taken times this over 100 when memory is reclaimed; with 0 they never go.",
        ),
    )
    .range(0, 1000)
    .default(100)
    .step(10),
    Param::new(
        "mem_mib",
        Text::fixed("전체 메모리(MemTotal)", "Memory (MemTotal)"),
        Text::fixed("서버의 메모리입니다.", "The memory of the machine."),
    )
    .range(64, MAX_MIB)
    .default(1024)
    .step(64)
    .unit("MiB"),
    Param::new(
        "swap_mib",
        Text::fixed("스왑", "Swap"),
        Text::fixed("스왑 영역의 크기입니다. 0이면 없습니다.", "The size of the swap area; 0 for none."),
    )
    .range(0, MAX_MIB)
    .default(1024)
    .step(64)
    .unit("MiB"),
    Param::new(
        "min_free_kbytes",
        Text::fixed("vm.min_free_kbytes", "vm.min_free_kbytes"),
        Text::fixed(
            "워터마크 min입니다. 0이면 커널이 메모리 크기에서 정합니다.",
            "The watermark min; 0 for what the kernel makes of the size of memory.",
        ),
    )
    .range(0, 1 << 20)
    .default(0)
    .step(1024)
    .unit("kB"),
    Param::new(
        "watermark_scale_factor",
        Text::fixed("vm.watermark_scale_factor", "vm.watermark_scale_factor"),
        Text::fixed(
            "min과 low, low와 high의 간격입니다. 커널 4.6부터 있습니다.",
            "The gaps from min to low and from low to high. Since kernel 4.6.",
        ),
    )
    .range(1, 3000)
    .default(10)
    .step(10)
    .unit("1/10000"),
    Param::new(
        "kernel_mib",
        Text::fixed("커널이 쓰는 메모리", "Memory of the kernel"),
        Text::fixed(
            "커널이 내놓지 않는 메모리로, SUnreclaim에 나타납니다.",
            "What the kernel itself never gives back; shown as SUnreclaim.",
        ),
    )
    .range(0, MAX_MIB)
    .default(64)
    .step(16)
    .unit("MiB"),
    Param::new(
        "disk_mib_s",
        Text::fixed("파일을 읽는 속도", "Speed of reading files"),
        Text::fixed("디스크에서 파일을 읽는 속도입니다.", "How fast files come from the disk."),
    )
    .range(1, MAX_MIB_PER_S)
    .default(200)
    .step(10)
    .unit("MiB/s"),
    Param::new(
        "swap_mib_s",
        Text::fixed("스왑의 속도", "Speed of swap"),
        Text::fixed(
            "스왑을 읽고 쓰는 속도입니다. 흩어진 페이지라 파일보다 느립니다.",
            "How fast swap is read and written; being scattered pages, slower than files.",
        ),
    )
    .range(1, MAX_MIB_PER_S)
    .default(50)
    .step(10)
    .unit("MiB/s"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1000, MAX_MS)
    .default(60_000)
    .step(1000)
    .unit("ms"),
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
            "swappiness" => &mut self.swappiness,
            "vfs_cache_pressure" => &mut self.vfs_cache_pressure,
            "mem_mib" => &mut self.mem_mib,
            "swap_mib" => &mut self.swap_mib,
            "min_free_kbytes" => &mut self.min_free_kbytes,
            "watermark_scale_factor" => &mut self.watermark_scale_factor,
            "kernel_mib" => &mut self.kernel_mib,
            "disk_mib_s" => &mut self.disk_mib_s,
            "swap_mib_s" => &mut self.swap_mib_s,
            "duration_ms" => &mut self.duration_ms,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// A machine where nothing runs, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            swappiness: 0,
            vfs_cache_pressure: 0,
            mem_mib: 0,
            swap_mib: 0,
            kernel_mib: 0,
            min_free_kbytes: 0,
            watermark_scale_factor: 0,
            disk_mib_s: 0,
            swap_mib_s: 0,
            duration_ms: 0,
            programs: Vec::new(),
            drops: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(s: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    s.check_params(&mut problems);
    if let Err(why) = Rules::of(s.kernel) {
        problems.push(Problem::range("kernel", s.kernel, KERNELS, "").because(why));
    }
    if problems.is_empty() {
        // A twentieth is the most the kernel itself would keep free.
        let most = s.mem_mib * 1024 / 20;
        if s.min_free_kbytes != 0 {
            check(&mut problems, "min_free_kbytes", s.min_free_kbytes, 128, most, "kB");
        }
        check(&mut problems, "kernel_mib", s.kernel_mib, 0, s.mem_mib / 2, "MiB");
    }
    for (name, len, max) in [("programs", s.programs.len(), MAX_PROGRAMS), ("drops", s.drops.len(), MAX_DROPS)] {
        if len > max {
            problems.push(Problem::range(name, len, format!("0..{max}"), "entries"));
        }
    }
    let end = Scenario::usable("duration_ms", s.duration_ms);
    for (i, program) in s.programs.iter().take(MAX_PROGRAMS).enumerate() {
        check_program(&mut problems, program, end, &format!("programs[{i}]"));
    }
    for (i, drop) in s.drops.iter().take(MAX_DROPS).enumerate() {
        check(&mut problems, &format!("drops[{i}].at_ms"), drop.at_ms, 0, end, "ms");
        check(&mut problems, &format!("drops[{i}].what"), drop.what, 1, 3, "");
    }
    if problems.is_empty() {
        let all = s.programs.iter().map(|program| program.mib).sum();
        check(&mut problems, "programs", all, 0, MAX_MIB, "MiB");
        let steps = s.programs.iter().map(steps).sum();
        check(&mut problems, "programs", steps, 0, MAX_STEPS, "steps");
    }
    problems.into_vec()
}

/// How many steps a program takes at most.
fn steps(program: &Program) -> i64 {
    let ms = program.until_ms - program.from_ms;
    match program.kind {
        Kind::Names => program.names.min(ms * program.names_per_s / 1000) / super::program::NAMES_AT_ONCE as i64,
        _ => ms * program.mib_per_s * super::scenario::BLOCKS_PER_MIB / 1000,
    }
}

fn check_program(problems: &mut Problems, program: &Program, end: i64, path: &str) {
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("mib", program.mib, 0, MAX_MIB, "MiB");
    check("mib_per_s", program.mib_per_s, 1, MAX_MIB_PER_S, "MiB/s");
    check("from_ms", program.from_ms, 0, end, "ms");
    check("until_ms", program.until_ms, program.from_ms.clamp(0, end), end, "ms");
    check("before", program.before, 0, 3, "");
    check("again", program.again, 0, 1, "");
    check("names", program.names, 0, MAX_NAMES, "names");
    check("names_per_s", program.names_per_s, 1, MAX_NAMES, "names/s");
    check("exist", program.exist, 0, 1, "");
}

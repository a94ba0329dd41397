//! The controls of a scenario, and its problems.

use super::Rules;
use super::scenario::{DiskSpec, Scenario, WriterSpec};
use crate::params::HZ;
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, Params, Text};

/// Kernels whose rules are known, in words.
pub(super) const KERNELS: &str = "2.6.18, 2.6.32..7.x";
/// Longest run, ms.
const MAX_MS: i64 = 3_600_000;
/// Most memory, MiB: 4 TiB.
const MAX_MIB: i64 = 4 << 20;
/// Fastest disk and writer, KiB/s: 16 GiB/s.
const MAX_KIB_PER_S: i64 = 16 << 20;
pub(super) const MAX_DISKS: usize = 8;
pub(super) const MAX_WRITERS: usize = 16;
pub(super) const MAX_CHANGES: usize = 64;
pub(super) const MAX_SYNCS: usize = 16;
/// Most time of all writers together, s: each may be paused some hundred times a second.
const MAX_WRITER_S: i64 = 3600;
/// Most times writers may come to be looked at, at worst.
const MAX_LOOKS: i64 = 20_000_000;

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "dirty_ratio",
        Text::fixed("vm.dirty_ratio", "vm.dirty_ratio"),
        Text::fixed(
            "쓸 수 있는 메모리 가운데 이만큼이 더티가 되면 프로그램을 세웁니다. dirty_bytes가 0이 아니면 쓰이지 않습니다.",
            "Programs are held when this much of the available memory is dirty. Unused while dirty_bytes is not 0.",
        ),
    )
    .range(0, 100)
    .default(20)
    .unit("%"),
    Param::new(
        "dirty_background_ratio",
        Text::fixed("vm.dirty_background_ratio", "vm.dirty_background_ratio"),
        Text::fixed(
            "이만큼이 더티가 되면 커널이 뒤에서 쓰기 시작합니다. dirty_background_bytes가 0이 아니면 쓰이지 않습니다.",
            "From here on the kernel writes in the background. Unused while dirty_background_bytes is not 0.",
        ),
    )
    .range(0, 100)
    .default(10)
    .unit("%"),
    Param::new(
        "dirty_bytes",
        Text::fixed("vm.dirty_bytes", "vm.dirty_bytes"),
        Text::fixed(
            "비율 대신 크기로 정합니다. 0이면 비율을 씁니다. 1~8191은 커널도 거절합니다.",
            "A size instead of the ratio; 0 for the ratio. The kernel, too, refuses 1 to 8191.",
        ),
    )
    .range(0, 1 << 40)
    .default(0)
    .step(1 << 20)
    .unit("bytes"),
    Param::new(
        "dirty_background_bytes",
        Text::fixed("vm.dirty_background_bytes", "vm.dirty_background_bytes"),
        Text::fixed("비율 대신 크기로 정합니다. 0이면 비율을 씁니다.", "A size instead of the ratio; 0 for the ratio."),
    )
    .range(0, 1 << 40)
    .default(0)
    .step(1 << 20)
    .unit("bytes"),
    Param::new(
        "dirty_expire_centisecs",
        Text::fixed("vm.dirty_expire_centisecs", "vm.dirty_expire_centisecs"),
        Text::fixed(
            "더티가 된 지 이만큼 지난 파일은 주기적인 깨어남 때 씁니다.",
            "A file dirty for longer than this is written when the flusher wakes.",
        ),
    )
    .range(0, 360_000)
    .default(3000)
    .step(100)
    .unit("1/100 s"),
    Param::new(
        "dirty_writeback_centisecs",
        Text::fixed("vm.dirty_writeback_centisecs", "vm.dirty_writeback_centisecs"),
        Text::fixed(
            "플러셔가 주기적으로 깨어나는 간격입니다. 0이면 깨어나지 않습니다.",
            "How often the flusher wakes to look for old pages; 0 for never.",
        ),
    )
    .range(0, 360_000)
    .default(500)
    .step(100)
    .unit("1/100 s"),
    Param::new(
        "mem_mib",
        Text::fixed("전체 메모리(MemTotal)", "Memory (MemTotal)"),
        Text::fixed("서버의 메모리입니다.", "The memory of the machine."),
    )
    .range(64, MAX_MIB)
    .default(8192)
    .step(64)
    .unit("MiB"),
    Param::new(
        "free_mib",
        Text::fixed("시작할 때 빈 메모리", "Free at the start"),
        Text::fixed(
            "임곗값의 비율은 빈 메모리와 페이지 캐시를 더한 것에서 셉니다.",
            "The ratios are taken of free memory and page cache together.",
        ),
    )
    .range(0, MAX_MIB)
    .default(4096)
    .step(64)
    .unit("MiB"),
    Param::new(
        "file_mib",
        Text::fixed("시작할 때 깨끗한 페이지 캐시", "Clean page cache at the start"),
        Text::fixed("빈 메모리도 이것도 아닌 것은 프로그램의 것입니다.", "What is neither free nor this belongs to programs."),
    )
    .range(0, MAX_MIB)
    .default(2048)
    .step(64)
    .unit("MiB"),
    Param::new(
        "reserve_kib",
        Text::fixed("남겨 두는 메모리", "Reserve"),
        Text::fixed(
            "빈 메모리 가운데 세지 않는 몫입니다. 존마다 high 워터마크에 lowmem 예비를 더한 합입니다.",
            "The part of free memory that does not count: of each zone its high watermark and lowmem reserve.",
        ),
    )
    .range(0, 64 << 20)
    .default(65_536)
    .step(1024)
    .unit("KiB"),
    Param::new(
        "cpus",
        Text::fixed("CPU 수", "CPUs"),
        Text::fixed("프로그램들은 CPU를 하나씩 차례로 씁니다.", "Writers take the CPUs in turn."),
    )
    .range(1, 64)
    .default(4),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed("멈춤의 길이는 틱 단위입니다.", "Pauses last whole ticks."),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
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
            "dirty_ratio" => &mut self.dirty_ratio,
            "dirty_background_ratio" => &mut self.dirty_background_ratio,
            "dirty_bytes" => &mut self.dirty_bytes,
            "dirty_background_bytes" => &mut self.dirty_background_bytes,
            "dirty_expire_centisecs" => &mut self.dirty_expire_centisecs,
            "dirty_writeback_centisecs" => &mut self.dirty_writeback_centisecs,
            "mem_mib" => &mut self.mem_mib,
            "free_mib" => &mut self.free_mib,
            "file_mib" => &mut self.file_mib,
            "reserve_kib" => &mut self.reserve_kib,
            "cpus" => &mut self.cpus,
            "hz" => &mut self.hz,
            "duration_ms" => &mut self.duration_ms,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// One disk, nobody writing, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            hz: 0,
            cpus: 0,
            mem_mib: 0,
            free_mib: 0,
            file_mib: 0,
            reserve_kib: 0,
            dirty_ratio: 0,
            dirty_background_ratio: 0,
            dirty_bytes: 0,
            dirty_background_bytes: 0,
            dirty_expire_centisecs: 0,
            dirty_writeback_centisecs: 0,
            duration_ms: 0,
            disks: vec![DiskSpec::default()],
            writers: Vec::new(),
            memory: Vec::new(),
            syncs: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(s: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    s.check_params(&mut problems);
    for (name, bytes) in [("dirty_bytes", s.dirty_bytes), ("dirty_background_bytes", s.dirty_background_bytes)] {
        if (1..8192).contains(&bytes) {
            problems.push(Problem::range(name, bytes, format!("0, 8192..{}", 1_i64 << 40), "bytes"));
        }
    }
    if let Err(why) = Rules::of(s.kernel) {
        problems.push(Problem::range("kernel", s.kernel, KERNELS, "").because(why));
    }
    if problems.is_empty() {
        check(&mut problems, "free_mib", s.free_mib, 0, s.mem_mib, "MiB");
        check(&mut problems, "file_mib", s.file_mib, 0, (s.mem_mib - s.free_mib).max(0), "MiB");
    }
    let lists = [
        ("disks", s.disks.len(), 1, MAX_DISKS),
        ("writers", s.writers.len(), 0, MAX_WRITERS),
        ("memory", s.memory.len(), 0, MAX_CHANGES),
        ("syncs", s.syncs.len(), 0, MAX_SYNCS),
    ];
    for (name, len, min, max) in lists {
        if !(min..=max).contains(&len) {
            problems.push(Problem::range(name, len, format!("{min}..{max}"), "entries"));
        }
    }
    let end = Scenario::usable("duration_ms", s.duration_ms);
    for (i, disk) in s.disks.iter().take(MAX_DISKS).enumerate() {
        check_disk(&mut problems, disk, &format!("disks[{i}]"));
    }
    let min_sum: i64 = s.disks.iter().map(|disk| disk.min_ratio.clamp(0, 100)).fold(0, i64::saturating_add);
    if min_sum > 100 {
        problems.push(Problem::range("disks", min_sum, "0..100", "% (min_ratio)"));
    }
    for (i, writer) in s.writers.iter().take(MAX_WRITERS).enumerate() {
        check_writer(&mut problems, writer, s.disks.len(), end, &format!("writers[{i}]"));
    }
    for (i, change) in s.memory.iter().take(MAX_CHANGES).enumerate() {
        check(&mut problems, &format!("memory[{i}].at_ms"), change.at_ms, 0, end, "ms");
        let most = Scenario::usable("mem_mib", s.mem_mib);
        check(&mut problems, &format!("memory[{i}].mib"), change.mib, -most, most, "MiB");
    }
    for (i, at) in s.syncs.iter().take(MAX_SYNCS).enumerate() {
        check(&mut problems, &format!("syncs[{i}]"), *at, 0, end, "ms");
    }
    if problems.is_empty() {
        check_cost(&mut problems, s);
    }
    problems.into_vec()
}

/// What a run may cost at worst, so that none runs away.
fn check_cost(problems: &mut Problems, s: &Scenario) {
    let seconds = |w: &WriterSpec| (w.until_ms - w.from_ms).div_euclid(1000) + 1;
    let total: i64 = s.writers.iter().map(seconds).sum();
    check(problems, "writers", total, 0, MAX_WRITER_S, "s");
    let looks = |w: &WriterSpec| {
        let disk = &s.disks[w.disk as usize];
        let pages = match w.fsync_kib {
            // The disk has to finish a request for each.
            0 => seconds(w) * (w.kib_per_s / 4 + 1) / 16,
            fsync => seconds(w) * (w.kib_per_s.min(disk.kib_per_s) / fsync + 1) * 20,
        };
        pages + w.burst_count()
    };
    let total = s.writers.iter().map(looks).fold(0, i64::saturating_add);
    check(problems, "writers", total, 0, MAX_LOOKS, "looks");
}

fn check_disk(problems: &mut Problems, disk: &DiskSpec, path: &str) {
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("kib_per_s", disk.kib_per_s, 64, MAX_KIB_PER_S, "KiB/s");
    check("request_kib", disk.request_kib, 4, 16_384, "KiB");
    check("depth", disk.depth, 1, 1024, "requests");
    check("seek_us", disk.seek_us, 0, 1_000_000, "µs");
    check("min_ratio", disk.min_ratio, 0, 100, "%");
    check("max_ratio", disk.max_ratio, disk.min_ratio.clamp(1, 100), 100, "%");
    check("strict_limit", disk.strict_limit, 0, 1, "");
    multiple(problems, &format!("{path}.request_kib"), disk.request_kib);
}

fn check_writer(problems: &mut Problems, writer: &WriterSpec, disks: usize, end: i64, path: &str) {
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("disk", writer.disk, 0, (disks.clamp(1, MAX_DISKS) - 1) as i64, "");
    check("from_ms", writer.from_ms, 0, end, "ms");
    check("until_ms", writer.until_ms, writer.from_ms.clamp(0, end), end, "ms");
    check("kib_per_s", writer.kib_per_s, 1, MAX_KIB_PER_S, "KiB/s");
    check("burst_kib", writer.burst_kib, 0, MAX_MIB << 10, "KiB");
    if writer.every_ms != 0 {
        check("every_ms", writer.every_ms, 10, MAX_MS, "ms");
    }
    if writer.every_ms != 0 && writer.burst_kib == 0 {
        check("every_ms", writer.every_ms, 0, 0, "ms");
    }
    check("fsync_kib", writer.fsync_kib, 0, MAX_MIB << 10, "KiB");
    check("folio_kib", writer.folio_kib, 4, 2048, "KiB");
    multiple(problems, &format!("{path}.fsync_kib"), writer.fsync_kib);
    multiple(problems, &format!("{path}.folio_kib"), writer.folio_kib);
}

fn multiple(problems: &mut Problems, field: &str, value: i64) {
    if value % 4 != 0 {
        problems.push(
            Problem::range(field, value, "4, 8, 12, …", "KiB")
                .because(Text::fixed("4 KiB 페이지의 배수여야 합니다", "whole pages of 4 KiB")),
        );
    }
}

//! The controls of a scenario, and its problems.

use crate::params::HZ;
use std::sync::LazyLock;

use super::elevator::Kind as Elevator;
use super::scenario::{Scenario, Stream};
use super::{disk, rules::Rules};
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, MILLISECOND, Params, Text};

/// Most entries of the `streams` list.
pub const MAX_STREAMS: usize = 16;
/// Most processes, all counts together.
const MAX_PROCESSES: i64 = 64;
/// Most bios that may be under way at once, all processes together.
const MAX_UNDER_WAY: i64 = 65_536;
/// Most bios of a whole run, as the device and the thinking of the processes bound them.
const MAX_BIOS: u64 = 2_000_000;
/// Kernels whose rules are known, in words.
pub(super) const KERNELS: &str = "2.6.32..7.x";

const fn same(word: &'static str) -> Text {
    Text::fixed(word, word)
}

const SCHEDULERS: &[(i64, Text)] = &[
    (0, same("none")),
    (1, same("noop")),
    (2, same("deadline")),
    (3, same("cfq")),
    (4, same("mq-deadline")),
    (5, same("kyber")),
    (6, same("bfq")),
];
const DISKS: &[(i64, Text)] = &[
    (0, disk::Kind::Hp97560.label()),
    (1, disk::Kind::Disk7200.label()),
    (2, disk::Kind::SataSsd.label()),
    (3, disk::Kind::Nvme.label()),
    (4, disk::Kind::Fixed.label()),
];
const NOMERGES: &[(i64, Text)] = &[
    (0, Text::fixed("모두 병합", "merge all")),
    (1, Text::fixed("간단한 병합만", "simple merges only")),
    (2, Text::fixed("병합 안 함", "never merge")),
];

/// The parameters of disk and queue.
const OWN: &[Param] = &[
    Param::new(
        "scheduler",
        Text::fixed("I/O 스케줄러", "I/O scheduler"),
        Text::fixed(
            "queue/scheduler에 쓰는 이름입니다. 커널에 있는 것만 고를 수 있습니다.",
            "What is written to queue/scheduler; a kernel has only those of its time.",
        ),
    )
    .choices(SCHEDULERS)
    .default(4),
    Param::new(
        "disk",
        Text::fixed("디스크", "Disk"),
        Text::fixed("요청 하나에 걸리는 시간을 정하는 장치입니다.", "The device: it decides how long a request takes."),
    )
    .choices(DISKS)
    .default(1),
    Param::new(
        "queue_depth",
        Text::fixed("장치 큐 깊이(NCQ)", "Device queue depth (NCQ)"),
        Text::fixed(
            "장치가 한꺼번에 받는 요청 수입니다. 1이면 NCQ를 끈 것이고, 0이면 장치의 기본값입니다.",
            "Requests the device takes at once; 1 turns NCQ off, 0 is what the device has.",
        ),
    )
    .range(0, 1024)
    .default(0),
    Param::new(
        "fixed_us",
        Text::fixed("고정 시간 장치의 처리 시간", "Service time of the fixed-time device"),
        Text::fixed(
            "고정 시간 장치를 골랐을 때 요청 하나에 걸리는 시간입니다.",
            "What each request takes on the fixed-time device.",
        ),
    )
    .range(1, 1_000_000)
    .default(5000)
    .step(100)
    .unit("µs"),
    Param::new(
        "nr_requests",
        Text::fixed("큐의 요청 수(nr_requests)", "Requests of the queue (nr_requests)"),
        Text::fixed(
            "동시에 둘 수 있는 요청 수입니다. 다 쓰면 프로세스가 기다립니다. 0이면 커널의 기본값입니다.",
            "Requests there can be at once; a process that finds none free sleeps. 0 is the kernel's default.",
        ),
    )
    .range(0, 4096)
    .default(0),
    Param::new(
        "max_sectors_kb",
        Text::fixed("요청의 최대 크기", "Largest request"),
        Text::fixed(
            "요청 하나가 병합으로 자랄 수 있는 크기입니다. 더 큰 bio는 나눕니다.",
            "How far a request can grow by merging; a larger bio is split.",
        ),
    )
    .range(4, 1280)
    .default(1280)
    .step(4)
    .unit("KiB"),
    Param::new(
        "nomerges",
        Text::fixed("병합(nomerges)", "Merging (nomerges)"),
        Text::fixed("이웃한 요청을 어디까지 찾아 합칠지 정합니다.", "How far neighbours are looked for."),
    )
    .choices(NOMERGES)
    .default(0),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed("기한과 io_ticks를 세는 단위입니다.", "The unit of deadlines and of io_ticks."),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1, 120_000)
    .default(4000)
    .step(10)
    .unit("ms"),
    Param::new(
        "iostat_ms",
        Text::fixed("iostat 간격", "Interval of iostat"),
        Text::fixed("iostat이 보고하는 간격입니다.", "How often iostat reports."),
    )
    .range(1, 60_000)
    .default(1000)
    .step(10)
    .unit("ms"),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "무작위 주소와 지터의 시드입니다. 시드가 같으면 결과도 같습니다.",
            "Seeds random addresses and jitter: the same seed gives the same run.",
        ),
    )
    .range(0, i64::MAX)
    .default(0),
];

/// The files below `iosched/`, those of all schedulers together, each once: in the order of
/// [`Scenario::iosched`], which tokens rely on.
pub static TUNABLES: LazyLock<Vec<Param>> = LazyLock::new(|| {
    let mut all: Vec<Param> = Vec::new();
    for kind in Elevator::ALL {
        // The last kernel in which a scheduler had all of its files.
        let kernel = if kind.is_legacy() { KernelVersion::new(4, 20, 0) } else { KernelVersion::new(6, 12, 0) };
        for param in kind.tunables(kernel) {
            if all.iter().all(|known| known.name != param.name) {
                all.push(param.clone());
            }
        }
    }
    all
});

/// The scalar parameters, in the order a reader meets them: those of disk and queue, then the files
/// below `iosched/`. A file counts only where the scheduler has it.
pub static PARAMS: LazyLock<Vec<Param>> = LazyLock::new(|| OWN.iter().chain(TUNABLES.iter()).cloned().collect());

impl Params for Scenario {
    const KERNELS: &'static str = KERNELS;

    fn params() -> &'static [Param] {
        &PARAMS
    }

    fn kernel(&mut self) -> &mut KernelVersion {
        &mut self.kernel
    }

    fn field(&mut self, name: &str) -> Option<&mut i64> {
        Some(match name {
            "scheduler" => &mut self.scheduler,
            "disk" => &mut self.disk,
            "queue_depth" => &mut self.queue_depth,
            "fixed_us" => &mut self.fixed_us,
            "nr_requests" => &mut self.nr_requests,
            "max_sectors_kb" => &mut self.max_sectors_kb,
            "nomerges" => &mut self.nomerges,
            "hz" => &mut self.hz,
            "duration_ms" => &mut self.duration_ms,
            "iostat_ms" => &mut self.iostat_ms,
            "seed" => &mut self.seed,
            _ => return self.iosched.get_mut(TUNABLES.iter().position(|param| param.name == name)?),
        })
    }
}

impl Default for Scenario {
    /// An idle disk with every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            scheduler: 0,
            disk: 0,
            queue_depth: 0,
            fixed_us: 0,
            nr_requests: 0,
            max_sectors_kb: 0,
            nomerges: 0,
            hz: 0,
            duration_ms: 0,
            iostat_ms: 0,
            seed: 0,
            iosched: vec![0; TUNABLES.len()],
            streams: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    if scenario.iosched.len() != TUNABLES.len() {
        problems.push(Problem::range("iosched", scenario.iosched.len(), TUNABLES.len().to_string(), "values"));
        return problems.into_vec();
    }
    scenario.check_params(&mut problems);
    match scenario.scheduler().map(|kind| Rules::of(scenario.kernel, kind)) {
        Some(Err(why)) if !super::rules::modelled(scenario.kernel) => {
            problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
        }
        Some(Err(why)) => {
            let there = super::rules::available(scenario.kernel);
            let there = Elevator::ALL.iter().zip(0..).filter(|(kind, _)| there.contains(kind));
            let allowed = there.map(|(_, number): (_, i64)| number.to_string()).collect::<Vec<_>>().join(", ");
            problems.push(Problem::range("scheduler", scenario.scheduler, allowed, "").because(why));
        }
        _ => {}
    }
    if scenario.streams.len() > MAX_STREAMS {
        problems.push(Problem::range("streams", scenario.streams.len(), format!("0..{MAX_STREAMS}"), "entries"));
        return problems.into_vec();
    }
    for (i, stream) in scenario.streams.iter().enumerate() {
        check_stream(&mut problems, scenario, stream, &format!("streams[{i}]"));
    }
    if problems.is_empty() {
        let processes = scenario.streams.iter().map(|s| s.count).sum();
        check(&mut problems, "streams", processes, 0, MAX_PROCESSES, "processes");
        let bios = |s: &Stream| s.count * s.depth * s.bios(scenario.max_sectors_kb);
        check(&mut problems, "streams", scenario.streams.iter().map(bios).sum(), 0, MAX_UNDER_WAY, "bios");
        check_length(&mut problems, scenario);
    }
    problems.into_vec()
}

fn check_stream(problems: &mut Problems, scenario: &Scenario, stream: &Stream, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("count", stream.count, 1, MAX_PROCESSES, "");
    check("class", stream.class, 0, 3, "");
    check("level", stream.level, 0, 7, "");
    check("start", stream.start, 0, 999, "‰");
    check("span", stream.span, 1, 1000 - stream.start.clamp(0, 999), "‰");
    check("size_kib", stream.size_kib, 4, 4096, "KiB");
    check("bio_kib", stream.bio_kib, 4, stream.size_kib.clamp(4, 4096), "KiB");
    check("depth", stream.depth, 1, 256, "");
    check("think_us", stream.think_us, 0, 60_000_000, "µs");
    check("jitter_us", stream.jitter_us, 0, 60_000_000, "µs");
    check("from_ms", stream.from_ms, 0, end, "ms");
    check("until_ms", stream.until_ms, stream.from_ms.clamp(0, end), end, "ms");
    check("limit", stream.limit, 0, 1_000_000, "");
}

/// Bios a whole run can have at most: what the processes can ask for, and what the device can do.
fn most_bios(scenario: &Scenario) -> u64 {
    let Some(kind) = scenario.disk() else { return 0 };
    let fixed = scenario.fixed_us as u64 * 1000;
    let asked = |stream: &Stream| {
        let time = (stream.until_ms - stream.from_ms) as u64 * MILLISECOND;
        let by_time = time / (stream.think_us as u64 * 1000 + kind.least(fixed)) + 1;
        let by_limit = if stream.limit == 0 { u64::MAX } else { stream.limit as u64 };
        let each = by_time.saturating_mul(stream.depth as u64).min(by_limit);
        let bios = stream.bios(scenario.max_sectors_kb) as u64;
        each.saturating_mul(stream.count as u64).saturating_mul(bios)
    };
    let asked = scenario.streams.iter().map(asked).fold(0, u64::saturating_add);
    let time = scenario.duration_ms as u64 * MILLISECOND;
    let depth = super::setup::queue_depth(scenario, kind);
    let smallest = scenario.streams.iter().map(|s| s.bio_kib.min(scenario.max_sectors_kb)).min().unwrap_or(4);
    let largest = scenario.max_sectors_kb as u64 * 2;
    asked.min(kind.most_sectors(time, fixed, depth, largest) / (smallest as u64 * 2))
}

fn check_length(problems: &mut Problems, scenario: &Scenario) {
    let most = most_bios(scenario);
    if most > MAX_BIOS {
        let fits = (u128::from(scenario.duration_ms as u64) * u128::from(MAX_BIOS) / u128::from(most)).max(1);
        problems.push(
            Problem::range("duration_ms", scenario.duration_ms, format!("1..{fits}"), "ms").because(Text::fixed(
                "이 장치와 스트림이면 bio가 200만 개를 넘을 수 있습니다. 더 짧게 하거나, 생각하는 시간을 늘리거나, limit를 정하십시오",
                "with this device and these streams there could be more than 2,000,000 bios: make the run shorter, let the processes think, or give them a limit",
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Kind;
    use super::*;

    fn refused(change: impl FnOnce(&mut Scenario)) -> Vec<String> {
        let mut scenario =
            Scenario { streams: vec![Stream::new(Kind::RandReader, 1000)], duration_ms: 1000, ..Scenario::default() };
        assert_eq!(problems(&scenario), [], "what is changed here is valid");
        change(&mut scenario);
        problems(&scenario).iter().map(|problem| format!("{} {}", problem.field, problem.allowed)).collect()
    }

    #[test]
    fn a_refusal_names_field_and_range() {
        type Case = (fn(&mut Scenario), &'static [&'static str]);
        let cases: &[Case] = &[
            (|s| s.disk = 9, &["disk 0, 1, 2, 3, 4"]),
            (|s| s.scheduler = 3, &["scheduler 0, 4, 5, 6"]),
            (|s| s.kernel = KernelVersion::new(2, 6, 18), &["kernel 2.6.32..7.x"]),
            (|s| s.iosched.clear(), &["iosched 24"]),
            (|s| s.iosched[2] = -1, &["writes_starved 0..1000"]),
            (|s| s.streams[0].span = 1001, &["streams[0].span 1..1000"]),
            (|s| s.streams[0].bio_kib = 8, &["streams[0].bio_kib 4..4"]),
            (|s| s.streams[0].until_ms = 1001, &["streams[0].until_ms 0..1000"]),
            (|s| s.streams[0].count = 65, &["streams[0].count 1..64"]),
            (
                |s| s.streams = vec![Stream::new(Kind::Backup, 1000).times(64), Stream::new(Kind::Backup, 1000)],
                &["streams 0..64"],
            ),
            (
                |s| {
                    s.streams[0] = Stream { size_kib: 4096, depth: 256, ..s.streams[0].clone() };
                },
                &["streams 0..65536"],
            ),
            // Sixteen at a time, each as soon as 1 µs after the last.
            (|s| (s.disk, s.fixed_us, s.streams[0].depth) = (4, 1, 16), &["duration_ms 1..124"]),
        ];
        for (i, (change, want)) in cases.iter().enumerate() {
            assert_eq!(refused(change), *want, "case {i}");
        }
    }
}

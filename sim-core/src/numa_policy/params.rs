//! The controls of a scenario.

use super::rules::{KERNELS, Rules};
use super::scenario::Scenario;
use crate::params::YES_NO;
use crate::scenario::Param;
use crate::{KernelVersion, Params, Text};

pub use super::check::problems;
pub use super::json::{read, write};

/// Most nodes of a scenario.
pub const MAX_NODES: usize = 8;

const RECLAIM_MODES: &[(i64, Text)] = &[
    (0, Text::fixed("0 끔", "0 off")),
    (1, Text::fixed("1 깨끗한 캐시", "1 clean cache")),
    (3, Text::fixed("3 더티 캐시도 쓰고", "3 write dirty cache too")),
    (5, Text::fixed("5 매핑된 캐시도", "5 mapped cache too")),
    (7, Text::fixed("7 모두", "7 all of it")),
];

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "zone_reclaim_mode",
        Text::fixed("vm.zone_reclaim_mode", "vm.zone_reclaim_mode"),
        Text::fixed(
            "로컬 노드가 모자랄 때 다른 노드로 가기 전에 로컬 페이지 캐시를 회수할지 정합니다.",
            "Whether local page cache is reclaimed before another node is used.",
        ),
    )
    .choices(RECLAIM_MODES)
    .default(0),
    Param::new(
        "numa_balancing",
        Text::fixed("kernel.numa_balancing", "kernel.numa_balancing"),
        Text::fixed(
            "페이지를 쓰는 CPU 쪽으로 커널이 스스로 옮길지 정합니다. 따로 정책이 없는 메모리에만 듭니다.",
            "Whether the kernel moves pages to the CPUs that use them; only memory without a policy of its own.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "latency_ns",
        Text::fixed("로컬 접근 지연", "Local latency"),
        Text::fixed(
            "같은 노드의 메모리를 한 번 읽는 데 걸리는 시간입니다. 2소켓 서버에서 흔히 80~100 ns로 측정됩니다. 다른 노드는 거리/10배입니다(ACPI SLIT의 정의).",
            "Time of one read from the own node; 80 to 100 ns is what latency checkers measure on two-socket servers. Other nodes take distance/10 times that, which is how ACPI defines SLIT.",
        ),
    )
    .range(10, 1000)
    .default(90)
    .unit("ns"),
    Param::new(
        "node_bandwidth",
        Text::fixed("노드 메모리 대역폭", "Bandwidth of a node"),
        Text::fixed(
            "한 노드의 메모리가 초당 내주는 양입니다. 기본값은 DDR4-2666 여섯 채널의 규격 128 GB/s에서 80 %를 잡았습니다.",
            "What the memory of one node can serve. The default is 80 % of the 128 GB/s that six channels of DDR4-2666 are rated at.",
        ),
    )
    .range(100, 2_000_000)
    .default(102_400)
    .step(100)
    .unit("MB/s"),
    Param::new(
        "link_bandwidth",
        Text::fixed("노드 사이 대역폭", "Bandwidth between nodes"),
        Text::fixed(
            "한 노드에서 다른 한 노드로 초당 지나가는 양입니다. 기본값은 10.4 GT/s UPI 링크 두 개의 한 방향 규격(20.8 GB/s씩)에서 80 %를 잡았습니다.",
            "What passes from one node to one other. The default is 80 % of two UPI links of 10.4 GT/s, rated 20.8 GB/s each way.",
        ),
    )
    .range(100, 2_000_000)
    .default(33_200)
    .step(100)
    .unit("MB/s"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(100, 600_000)
    .default(10_000)
    .step(100)
    .unit("ms"),
    Param::new(
        "step_ms",
        Text::fixed("한 차례의 길이", "Length of a turn"),
        Text::fixed(
            "한 프로세스가 이만큼 움직이고 다음 프로세스가 움직입니다. 실행은 최대 2000차례입니다.",
            "A process acts for so long before the next one does. A run has at most 2000 turns.",
        ),
    )
    .range(1, 1000)
    .default(20)
    .unit("ms"),
    Param::new(
        "min_free_kbytes",
        Text::fixed("vm.min_free_kbytes", "vm.min_free_kbytes"),
        Text::fixed(
            "워터마크의 바탕이 되는 값입니다. 0이면 커널이 메모리 크기로 계산합니다.",
            "What watermarks are computed from; 0 lets the kernel compute it from the size of memory.",
        ),
    )
    .range(0, 4_194_304)
    .default(0)
    .step(1024)
    .unit("kB"),
    Param::new(
        "watermark_scale_factor",
        Text::fixed("vm.watermark_scale_factor", "vm.watermark_scale_factor"),
        Text::fixed(
            "min, low, high 사이의 간격을 존 크기의 만분율로 정합니다(4.6부터).",
            "The distance between min, low and high as parts in 10,000 of a zone (4.6).",
        ),
    )
    .range(1, 3000)
    .default(10)
    .unit("1/10000"),
    Param::new(
        "lru_gen",
        Text::fixed("다세대 LRU(lru_gen)", "Multi-generational LRU (lru_gen)"),
        Text::fixed(
            "켜져 있으면 zone_reclaim_mode가 7일 때만 로컬 캐시를 회수합니다. 6.1부터 있고, 기본값은 배포판마다 다릅니다.",
            "When in use, local cache is reclaimed only with zone_reclaim_mode 7. Exists since 6.1; distributions differ in the default.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "공유하는 페이지를 어느 스레드가 먼저 건드릴지 정하는 난수의 시드입니다.",
            "Seeds which thread comes first to a shared page.",
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
            "zone_reclaim_mode" => &mut self.zone_reclaim_mode,
            "numa_balancing" => &mut self.numa_balancing,
            "latency_ns" => &mut self.latency_ns,
            "node_bandwidth" => &mut self.node_bandwidth,
            "link_bandwidth" => &mut self.link_bandwidth,
            "duration_ms" => &mut self.duration_ms,
            "step_ms" => &mut self.step_ms,
            "min_free_kbytes" => &mut self.min_free_kbytes,
            "watermark_scale_factor" => &mut self.watermark_scale_factor,
            "lru_gen" => &mut self.lru_gen,
            "seed" => &mut self.seed,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// Two idle nodes of 16 GiB and 8 CPUs, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            duration_ms: 0,
            step_ms: 0,
            zone_reclaim_mode: 0,
            numa_balancing: 0,
            min_free_kbytes: 0,
            watermark_scale_factor: 0,
            lru_gen: 0,
            latency_ns: 0,
            node_bandwidth: 0,
            link_bandwidth: 0,
            seed: 0,
            nodes: vec![super::Node::new(16_384, 8); 2],
            tasks: Vec::new(),
        }
        .with_defaults()
        .complete()
    }
}

/// The kernels in words, and whether a version is one of them.
pub(super) fn kernel_problem(kernel: KernelVersion) -> Option<crate::Problem> {
    let why = Rules::of(kernel).err()?;
    Some(crate::Problem::range("kernel", kernel, KERNELS, "").because(why))
}

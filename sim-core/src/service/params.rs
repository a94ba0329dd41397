//! The controls of a scenario, and its problems.

use super::Rules;
use super::rules::FIRST_PORT;
use super::scenario::Scenario;
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Kernels whose rules are known, in words.
const KERNELS: &str = "2.6.32..7.x";
/// Most visits of a run, answered or failed.
const MAX_VISITS: i64 = 2_000_000;

const SPREADS: &[(i64, Text)] =
    &[(0, Text::fixed("늘 같음", "always the same")), (1, Text::fixed("지수분포", "exponential"))];
const ON_OFF: &[(i64, Text)] = &[(0, Text::fixed("끔", "off")), (1, Text::fixed("켬", "on"))];
const PROXIES: &[(i64, Text)] = &[
    (0, Text::fixed("없음", "none")),
    (1, Text::fixed("요청마다 연결", "a connection for each visit")),
    (2, Text::fixed("연결 유지(keepalive)", "keepalive")),
];

const fn of(
    name: &'static str,
    (ko, en): (&'static str, &'static str),
    (help_ko, help_en): (&'static str, &'static str),
) -> Param {
    Param::new(name, Text::fixed(ko, en), Text::fixed(help_ko, help_en))
}

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    of(
        "clients",
        ("클라이언트 수", "Clients"),
        ("응답을 받아야 다시 오는 클라이언트의 수입니다.", "How many there are; each comes again once it is answered."),
    )
    .range(1, 256)
    .default(8),
    of(
        "think_us",
        ("생각하는 시간", "Think time"),
        ("응답을 받고 다음 요청까지 쉬는 시간입니다.", "Pause of a client between an answer and its next visit."),
    )
    .range(0, 10_000_000)
    .default(0)
    .step(1000)
    .unit("us"),
    of(
        "think_spread",
        ("생각하는 시간의 분포", "Spread of the think time"),
        ("늘 같은지, 지수분포인지 정합니다.", "Whether it is always the same or exponential."),
    )
    .choices(SPREADS)
    .default(0),
    of(
        "ramp_ms",
        ("클라이언트가 늘어나는 간격", "Time between new clients"),
        (
            "클라이언트가 하나씩 오는 간격입니다. 0이면 한꺼번에 옵니다.",
            "How long after one client the next first comes; 0 for all at once.",
        ),
    )
    .range(0, 10_000)
    .default(0)
    .step(100)
    .unit("ms"),
    of("cpus", ("CPU 수", "CPUs"), ("컴퓨터의 CPU 수입니다.", "CPUs of the machine.")).range(1, 64).default(2),
    of(
        "workers",
        ("워커 수", "Workers"),
        ("한 번에 요청 하나만 처리하는 스레드의 수입니다.", "Threads; each has one visit at a time."),
    )
    .range(1, 64)
    .default(1),
    of(
        "cpu_us",
        ("워커가 쓰는 CPU 시간", "CPU time in the worker"),
        ("요청 하나에 워커가 쓰는 CPU 시간입니다.", "CPU time that a worker needs for a visit."),
    )
    .range(10, 1_000_000)
    .default(2000)
    .step(100)
    .unit("us"),
    of(
        "cpu_spread",
        ("그 시간의 분포", "Spread of that time"),
        ("늘 같은지, 지수분포인지 정합니다.", "Whether it is always the same or exponential."),
    )
    .choices(SPREADS)
    .default(0),
    of(
        "other_us",
        ("워커 밖에서 쓰는 CPU 시간", "CPU time outside the workers"),
        (
            "커널, HTTP를 읽고 쓰는 부분, 같은 컴퓨터의 클라이언트가 요청 하나에 쓰는 CPU 시간입니다.",
            "What kernel, HTTP and a client on the same machine need for a visit.",
        ),
    )
    .range(0, 1_000_000)
    .default(100)
    .step(10)
    .unit("us"),
    of(
        "keepalive",
        ("클라이언트의 keep-alive", "Keep-alive of clients"),
        (
            "끄면 요청마다 새로 연결하고, accept 큐가 차면 SYN이 버려집니다.",
            "Off, each visit opens a connection, and a full accept queue drops its SYN.",
        ),
    )
    .choices(ON_OFF)
    .default(1),
    of(
        "pool",
        ("백엔드 커넥션 풀", "Pool to the backend"),
        (
            "남겨 두는 연결의 수입니다. 0이면 요청마다 새로 연결합니다.",
            "Connections that are kept; 0 for a new one each visit.",
        ),
    )
    .range(0, 256)
    .default(0),
    of(
        "connect_us",
        ("연결 하나를 맺는 CPU 시간", "CPU time of opening a connection"),
        ("맺는 쪽과 받는 쪽이 저마다 이만큼 씁니다.", "Whoever opens and whoever accepts each need this much."),
    )
    .range(0, 1_000_000)
    .default(60)
    .step(10)
    .unit("us"),
    of(
        "backend_us",
        ("백엔드가 쓰는 시간", "Time in the backend"),
        ("워커는 그동안 아무것도 못 하고 기다립니다.", "Its worker waits meanwhile and does nothing else."),
    )
    .range(0, 10_000_000)
    .default(50)
    .step(10)
    .unit("us"),
    of(
        "backend_spread",
        ("그 시간의 분포", "Spread of that time"),
        ("늘 같은지, 지수분포인지 정합니다.", "Whether it is always the same or exponential."),
    )
    .choices(SPREADS)
    .default(0),
    of(
        "backend_servers",
        ("백엔드가 한 번에 처리하는 수", "Visits the backend works on at once"),
        ("Redis라면 1입니다.", "1 for a Redis."),
    )
    .range(1, 256)
    .default(1),
    of(
        "proxy",
        ("앞에 놓인 프록시", "Proxy in front"),
        ("프록시가 서비스로 가는 연결을 남겨 두는지 정합니다.", "Whether it keeps its connections to the service."),
    )
    .choices(PROXIES)
    .default(0),
    of(
        "proxy_us",
        ("프록시가 쓰는 CPU 시간", "CPU time in the proxy"),
        ("요청 하나에 프록시(프로세스 하나)가 쓰는 CPU 시간입니다.", "What the proxy, one process, needs for a visit."),
    )
    .range(0, 1_000_000)
    .default(80)
    .step(10)
    .unit("us"),
    of(
        "ports",
        ("백엔드로 갈 로컬 포트 수", "Local ports towards the backend"),
        ("0이면 커널의 기본 범위입니다.", "0 for the kernel's default range."),
    )
    .range(0, 65_535 - FIRST_PORT + 1)
    .default(0),
    of(
        "backlog",
        ("accept 큐의 길이", "Length of the accept queue"),
        (
            "listen()의 backlog입니다. 0이면 커널의 somaxconn입니다.",
            "The backlog of listen(); 0 for the kernel's somaxconn.",
        ),
    )
    .range(0, 65_535)
    .default(0),
    of(
        "retry_ms",
        ("실패한 뒤 다시 오기까지", "Time until a visit that failed is tried again"),
        ("클라이언트가 오류를 받고 쉬는 시간입니다.", "How long a client waits after an error."),
    )
    .range(10, 60_000)
    .default(100)
    .step(10)
    .unit("ms"),
    of("duration_ms", ("실행 길이", "Length of the run"), ("얼마 동안 지켜볼지 정합니다.", "How long to watch."))
        .range(1000, 600_000)
        .default(10_000)
        .step(1000)
        .unit("ms"),
    of(
        "seed",
        ("난수 시드", "Seed"),
        (
            "지수분포의 난수를 정합니다. 시드가 같으면 결과도 같습니다.",
            "Seeds what is exponential: the same seed gives the same run.",
        ),
    )
    .range(0, i64::MAX)
    .default(1),
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
            "duration_ms" => &mut self.duration_ms,
            "clients" => &mut self.clients,
            "ramp_ms" => &mut self.ramp_ms,
            "think_us" => &mut self.think_us,
            "think_spread" => &mut self.think_spread,
            "cpus" => &mut self.cpus,
            "workers" => &mut self.workers,
            "cpu_us" => &mut self.cpu_us,
            "cpu_spread" => &mut self.cpu_spread,
            "other_us" => &mut self.other_us,
            "keepalive" => &mut self.keepalive,
            "proxy" => &mut self.proxy,
            "proxy_us" => &mut self.proxy_us,
            "pool" => &mut self.pool,
            "connect_us" => &mut self.connect_us,
            "backend_us" => &mut self.backend_us,
            "backend_spread" => &mut self.backend_spread,
            "backend_servers" => &mut self.backend_servers,
            "ports" => &mut self.ports,
            "backlog" => &mut self.backlog,
            "retry_ms" => &mut self.retry_ms,
            "seed" => &mut self.seed,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// Every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            duration_ms: 0,
            clients: 0,
            ramp_ms: 0,
            think_us: 0,
            think_spread: 0,
            cpus: 0,
            workers: 0,
            cpu_us: 0,
            cpu_spread: 0,
            other_us: 0,
            keepalive: 0,
            proxy: 0,
            proxy_us: 0,
            pool: 0,
            connect_us: 0,
            backend_us: 0,
            backend_spread: 0,
            backend_servers: 0,
            ports: 0,
            backlog: 0,
            retry_ms: 0,
            seed: 0,
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    if let Err(why) = Rules::of(scenario.kernel) {
        problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
    }
    if problems.is_empty() {
        check(&mut problems, "duration_ms", most_visits(scenario), 0, MAX_VISITS, "visits");
    }
    problems.into_vec()
}

/// More visits than this there cannot be, answered or failed.
fn most_visits(scenario: &Scenario) -> i64 {
    let bounds = scenario.bounds();
    let answered = bounds.per_1000_s(scenario.clients as u64) as i64 / 1000 + 1;
    let may_fail = scenario.pool == 0 || scenario.connects_each_time();
    let failed = if may_fail { scenario.clients * 1000 / scenario.retry_ms } else { 0 };
    (answered + failed) * (scenario.duration_ms / 1000 + 1)
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    fields.finish(problems);
    scenario
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    scenario.write_params::<super::Service>()
}

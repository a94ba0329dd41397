//! The controls of a scenario, and its problems.

use super::Rules;
use super::controls::PARAMS;
use super::scenario::{Close, Host, Leg, Scenario};
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Kernels whose rules are known, in words.
const KERNELS: &str = "2.6.32..7.x";
/// Most legs of a scenario.
const MAX_LEGS: usize = 6;
/// Most requests of a scenario, all legs together.
const MAX_REQUESTS: i64 = 500_000;
/// Most pairs of addresses of a leg.
const MAX_PAIRS: i64 = 32;
/// Most addresses of an end.
const MAX_ADDRESSES: i64 = 16;
const MAX_PER_S: i64 = 20_000;
const MAX_POOL: i64 = 4096;
const MAX_SERVED: i64 = 1_000_000;
const MAX_SERVICE_MS: i64 = 60_000;

const HZ: &[(i64, Text)] = &[
    (100, Text::fixed("100", "100")),
    (250, Text::fixed("250", "250")),
    (300, Text::fixed("300", "300")),
    (1000, Text::fixed("1000", "1000")),
];
const YES_NO: &[(i64, Text)] = &[(0, Text::fixed("끔", "off")), (1, Text::fixed("켬", "on"))];
const REUSE: &[(i64, Text)] = &[
    (0, Text::fixed("0 (끔)", "0 (off)")),
    (1, Text::fixed("1 (켬)", "1 (on)")),
    (2, Text::fixed("2 (루프백만)", "2 (loopback only)")),
];
const WATCH: &[(i64, Text)] = &[
    (0, Text::fixed("client", "client")),
    (1, Text::fixed("client2", "client2")),
    (2, Text::fixed("proxy", "proxy")),
    (3, Text::fixed("server", "server")),
];
const REUSEADDR: &[(i64, Text)] = &[
    (0, Text::fixed("없음", "nobody")),
    (1, Text::fixed("새 프로세스만", "the new process")),
    (2, Text::fixed("둘 다", "both")),
];

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "watch",
        Text::fixed("들여다볼 호스트", "Host to look at"),
        Text::fixed(
            "파일과 카운터와 패킷을 어느 호스트에서 볼지 정합니다.",
            "Whose files, counters and packets are seen.",
        ),
    )
    .choices(WATCH)
    .default(0),
    Param::new(
        "ip_local_port_range_low",
        Text::fixed("로컬 포트의 처음(ip_local_port_range)", "First local port (ip_local_port_range)"),
        Text::fixed("connect()가 쓰는 첫 포트입니다.", "The first port that connect() may take."),
    )
    .range(1024, 65_535)
    .default(32_768),
    Param::new(
        "ip_local_port_range_high",
        Text::fixed("로컬 포트의 끝(ip_local_port_range)", "Last local port (ip_local_port_range)"),
        Text::fixed(
            "connect()가 쓰는 마지막 포트입니다. 처음보다 작을 수 없습니다.",
            "The last port that connect() may take; not below the first.",
        ),
    )
    .range(1024, 65_535)
    .default(60_999),
    Param::new(
        "tcp_tw_reuse",
        Text::fixed("TIME_WAIT 넘겨받기(tcp_tw_reuse)", "Take over TIME_WAITs (tcp_tw_reuse)"),
        Text::fixed(
            "connect()가 오래된 TIME_WAIT의 포트를 다시 쓰는지 정합니다. 4.19 전에는 0만 아니면 모두 켬입니다.",
            "Whether connect() takes over the port of an old TIME_WAIT. Before 4.19 anything but 0 is on.",
        ),
    )
    .choices(REUSE)
    .default(2),
    Param::new(
        "tcp_tw_reuse_delay",
        Text::fixed("넘겨받기까지(tcp_tw_reuse_delay)", "Wait before that (tcp_tw_reuse_delay)"),
        Text::fixed(
            "TIME_WAIT이 이만큼 오래되어야 넘겨받습니다. 6.14부터 있고, 그 전에는 초 단위로 견줍니다.",
            "How old a TIME_WAIT must be. Since 6.14; before, seconds were compared.",
        ),
    )
    .range(1, 60_000)
    .default(1000)
    .step(100)
    .unit("ms"),
    Param::new(
        "tcp_timestamps",
        Text::fixed("타임스탬프(tcp_timestamps)", "Timestamps (tcp_timestamps)"),
        Text::fixed(
            "세그먼트에 타임스탬프를 싣는지 정합니다. 없으면 TIME_WAIT을 넘겨받지 못합니다.",
            "Whether segments carry timestamps. Without them no TIME_WAIT is taken over.",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "tcp_max_tw_buckets",
        Text::fixed("TIME_WAIT의 최대 개수(tcp_max_tw_buckets)", "Most TIME_WAITs (tcp_max_tw_buckets)"),
        Text::fixed("이보다 많아지면 TIME_WAIT 없이 닫습니다.", "Beyond it connections close without a TIME_WAIT."),
    )
    .range(0, 1_000_000)
    .default(131_072)
    .step(1000),
    Param::new(
        "tcp_fin_timeout",
        Text::fixed("FIN_WAIT2의 길이(tcp_fin_timeout)", "Length of FIN_WAIT2 (tcp_fin_timeout)"),
        Text::fixed(
            "애플리케이션이 손을 뗀 FIN_WAIT2를 기다려 주는 시간입니다. TIME_WAIT과는 상관없습니다.",
            "How long a FIN_WAIT2 without an application is kept. It has nothing to do with TIME_WAIT.",
        ),
    )
    .range(1, 600)
    .default(60)
    .unit("s"),
    Param::new(
        "tcp_tw_recycle",
        Text::fixed("tcp_tw_recycle(4.11까지)", "tcp_tw_recycle (until 4.11)"),
        Text::fixed(
            "TIME_WAIT을 0.7초로 줄이고 상대 주소마다 타임스탬프를 기억합니다. 4.12에서 없어졌습니다.",
            "Cuts TIME_WAIT to 0.7 s and remembers timestamps by peer address. Gone since 4.12.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "nat",
        Text::fixed("클라이언트 앞의 공유기(NAT)", "A router before the clients (NAT)"),
        Text::fixed(
            "켜면 client와 client2가 서버에는 한 주소로 보입니다.",
            "When on, client and client2 are one address to the server.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "loopback",
        Text::fixed("모두 한 컴퓨터(루프백)", "All on one machine (loopback)"),
        Text::fixed(
            "켜면 모든 호스트가 한 컴퓨터이고 127.0.0.1로 연결합니다.",
            "When on, all hosts are one machine and connect over 127.0.0.1.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "rtt_us",
        Text::fixed("왕복 시간(RTT)", "Round trip (RTT)"),
        Text::fixed("세그먼트가 갔다 오는 데 걸리는 시간입니다.", "How long a segment takes there and back."),
    )
    .range(2, 1_000_000)
    .default(500)
    .step(100)
    .unit("us"),
    Param::new(
        "restart_ms",
        Text::fixed("서버 다시 시작", "Restart of the server"),
        Text::fixed(
            "서버 프로세스가 끝나고 다시 시작하는 때입니다. 0이면 그런 일이 없습니다.",
            "When the server's process ends and starts again; 0 for never.",
        ),
    )
    .range(0, 600_000)
    .default(0)
    .step(1000)
    .unit("ms"),
    Param::new(
        "so_reuseaddr",
        Text::fixed("서버 포트의 SO_REUSEADDR", "SO_REUSEADDR on the server's port"),
        Text::fixed(
            "누가 이 옵션을 켰는지 정합니다. 남은 소켓과 새 소켓 둘 다 켰어야 bind()가 됩니다.",
            "Who set it. The sockets that are left and the new one both need it for bind() to work.",
        ),
    )
    .choices(REUSEADDR)
    .default(2),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed(
            "60초짜리 타이머가 얼마나 늦게 울릴 수 있는지가 이것에 달렸습니다.",
            "How late a timer of 60 s may fire depends on it.",
        ),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "jiffies",
        Text::fixed("시작할 때의 jiffies", "Jiffies at the start"),
        Text::fixed("타이머 휠이 어디쯤 와 있는지를 정합니다.", "Where the timer wheel stands."),
    )
    .range(0, 4095)
    .default(0)
    .unit("ticks"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1000, 600_000)
    .default(120_000)
    .step(1000)
    .unit("ms"),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "커널만 아는 해시와 난수를 대신합니다. 시드가 같으면 결과도 같습니다.",
            "Stands in for hashes and random numbers that only a kernel knows: the same seed gives the same run.",
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
            "watch" => &mut self.watch,
            "ip_local_port_range_low" => &mut self.ip_local_port_range_low,
            "ip_local_port_range_high" => &mut self.ip_local_port_range_high,
            "tcp_tw_reuse" => &mut self.tcp_tw_reuse,
            "tcp_tw_reuse_delay" => &mut self.tcp_tw_reuse_delay,
            "tcp_timestamps" => &mut self.tcp_timestamps,
            "tcp_max_tw_buckets" => &mut self.tcp_max_tw_buckets,
            "tcp_fin_timeout" => &mut self.tcp_fin_timeout,
            "tcp_tw_recycle" => &mut self.tcp_tw_recycle,
            "nat" => &mut self.nat,
            "loopback" => &mut self.loopback,
            "rtt_us" => &mut self.rtt_us,
            "restart_ms" => &mut self.restart_ms,
            "so_reuseaddr" => &mut self.so_reuseaddr,
            "hz" => &mut self.hz,
            "jiffies" => &mut self.jiffies,
            "duration_ms" => &mut self.duration_ms,
            "seed" => &mut self.seed,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// Hosts without connections, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 18, 0),
            hz: 0,
            jiffies: 0,
            duration_ms: 0,
            watch: 0,
            ip_local_port_range_low: 0,
            ip_local_port_range_high: 0,
            tcp_tw_reuse: 0,
            tcp_tw_reuse_delay: 0,
            tcp_timestamps: 0,
            tcp_tw_recycle: 0,
            tcp_max_tw_buckets: 0,
            tcp_fin_timeout: 0,
            rtt_us: 0,
            loopback: 0,
            nat: 0,
            restart_ms: 0,
            so_reuseaddr: 0,
            seed: 0,
            legs: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    let low = Scenario::usable("ip_local_port_range_low", scenario.ip_local_port_range_low);
    check(&mut problems, "ip_local_port_range_high", scenario.ip_local_port_range_high, low, 65_535, "");
    if let Err(why) = Rules::of(scenario.kernel) {
        problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
    }
    if scenario.legs.len() > MAX_LEGS {
        problems.push(Problem::range("legs", scenario.legs.len(), format!("0..{MAX_LEGS}"), "legs"));
        return problems.into_vec();
    }
    for (i, leg) in scenario.legs.iter().enumerate() {
        check_leg(&mut problems, scenario, leg, i);
    }
    if problems.is_empty() {
        check(&mut problems, "legs", requests(scenario), 0, MAX_REQUESTS, "requests");
    }
    problems.into_vec()
}

/// Requests of all legs together.
fn requests(scenario: &Scenario) -> i64 {
    let mut of_leg: Vec<i64> = Vec::new();
    for leg in &scenario.legs {
        let own = leg.per_s.saturating_mul(leg.until_ms - leg.from_ms) / 1000 + 1;
        let parent = usize::try_from(leg.caused_by).ok().and_then(|parent| of_leg.get(parent)).copied();
        of_leg.push(parent.unwrap_or(own));
    }
    of_leg.iter().sum()
}

fn check_leg(problems: &mut Problems, scenario: &Scenario, leg: &Leg, i: usize) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let path = format!("legs[{i}]");
    let mut number =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    number("port", leg.port, 1, 65_535, "");
    number("caused_by", leg.caused_by, -1, i as i64 - 1, "");
    number("per_s", leg.per_s, 0, MAX_PER_S, "/s");
    number("from_ms", leg.from_ms, 0, end, "ms");
    number("until_ms", leg.until_ms, leg.from_ms.clamp(0, end), end, "ms");
    number("service_ms", leg.service_ms, 0, MAX_SERVICE_MS, "ms");
    number("pool", leg.pool, 0, MAX_POOL, "");
    number("requests", leg.requests, 1, MAX_SERVED, "");
    number("idle_ms", leg.idle_ms, 0, end, "ms");
    number("sources", leg.sources, 1, MAX_ADDRESSES, "");
    number("destinations", leg.destinations, 1, MAX_ADDRESSES.min(MAX_PAIRS / leg.sources.clamp(1, MAX_PAIRS)), "");
    if leg.from == leg.to {
        problems.push(
            Problem::range(&format!("{path}.to"), leg.to.name(), hosts_but(leg.from), "")
                .because(Text::fixed("자기 자신에게는 연결하지 않습니다", "a host does not connect to itself")),
        );
    }
    let parent = usize::try_from(leg.caused_by).ok().filter(|parent| *parent < i);
    if let Some(parent) = parent.and_then(|parent| scenario.legs.get(parent))
        && parent.to != leg.from
    {
        problems.push(Problem::range(&format!("{path}.from"), leg.from.name(), parent.to.name(), "").because(
            Text::fixed(
                "앞선 구간의 요청을 받는 호스트가 이어서 연결합니다",
                "whoever gets the requests of the earlier leg connects on",
            ),
        ));
    }
}

fn hosts_but(host: Host) -> String {
    let names = Host::NAMES.iter().filter(|(_, other)| *other != host).map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(", ")
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("legs", problems).iter().take(MAX_LEGS + 1).enumerate() {
        scenario.legs.push(read_leg(value, &format!("legs[{i}]"), &scenario, problems));
    }
    fields.finish(problems);
    scenario
}

fn read_leg(json: &Json, path: &str, scenario: &Scenario, problems: &mut Problems) -> Leg {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut leg = Leg::new(Host::Client, Host::Server, 100, end);
    let mut fields = Fields::of(json, path, problems);
    leg.from = fields.choice("from", &Host::NAMES, problems).unwrap_or(leg.from);
    leg.to = fields.choice("to", &Host::NAMES, problems).unwrap_or(leg.to);
    leg.close = fields.choice("close", &Close::NAMES, problems).unwrap_or(leg.close);
    for (name, value, unit) in numbers(&mut leg) {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    leg
}

/// The numbers of a leg by name, with their units.
fn numbers(leg: &mut Leg) -> [(&'static str, &mut i64, &'static str); 11] {
    [
        ("port", &mut leg.port, ""),
        ("caused_by", &mut leg.caused_by, ""),
        ("per_s", &mut leg.per_s, "/s"),
        ("from_ms", &mut leg.from_ms, "ms"),
        ("until_ms", &mut leg.until_ms, "ms"),
        ("service_ms", &mut leg.service_ms, "ms"),
        ("pool", &mut leg.pool, ""),
        ("requests", &mut leg.requests, ""),
        ("idle_ms", &mut leg.idle_ms, "ms"),
        ("sources", &mut leg.sources, ""),
        ("destinations", &mut leg.destinations, ""),
    ]
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::TcpLife>();
    out.set("legs", Json::list(scenario.legs.iter().map(write_leg)));
    out
}

fn write_leg(leg: &Leg) -> Json {
    let mut out = Json::object([("from", leg.from.name().into()), ("to", leg.to.name().into())]);
    for (name, value, _) in numbers(&mut leg.clone()) {
        out.set(name, (*value).into());
    }
    out.set("close", leg.close.name().into());
    out
}

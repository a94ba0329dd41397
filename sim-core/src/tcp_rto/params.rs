//! The controls of a scenario, and its problems.

use super::Rules;
use super::scenario::{Loss, Sample, Scenario, Start, Write};
use crate::params::{HZ, YES_NO};
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Most packets of data of a scenario.
const MAX_SEGMENTS: i64 = 20_000;
/// Most requests of a scenario.
const MAX_REQUESTS: i64 = 5_000;
/// Most entries of a list.
const MAX_ENTRIES: usize = 128;
/// Most packets in a row that an entry of `losses` or `samples` stands for.
const MAX_TIMES: i64 = 1_000_000;
/// Kernels whose rules are known, in words.
const KERNELS: &str = "2.6.32..7.x";

const EARLY: &[(i64, Text)] = &[(0, Text::fixed("0(TLP 없음)", "0 (no TLP)")), (3, Text::fixed("3(TLP)", "3 (TLP)"))];

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed(
            "RTO는 틱 단위로 올립니다. 250이면 한 틱이 4 ms입니다.",
            "The RTO is rounded up to ticks: of 4 ms with 250.",
        ),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "rtt_us",
        Text::fixed("RTT", "Round trip"),
        Text::fixed("samples에 없는 패킷의 왕복 시간입니다.", "Of packets that `samples` says nothing about."),
    )
    .range(1, 10_000_000)
    .default(50_000)
    .step(1000)
    .unit("µs"),
    Param::new(
        "tcp_rto_min_us",
        Text::fixed("tcp_rto_min_us", "tcp_rto_min_us"),
        Text::fixed(
            "흔들림의 바닥입니다(6.11부터). RTO는 RTT에 이것을 더한 값보다 작지 않습니다.",
            "Floor under the variance (since 6.11): the RTO is never less than the round trip and this.",
        ),
    )
    .range(1, 10_000_000)
    .default(200_000)
    .step(1000)
    .unit("µs"),
    Param::new(
        "route_rto_min_ms",
        Text::fixed("경로의 rto_min", "rto_min of the route"),
        Text::fixed(
            "ip route의 rto_min입니다. 0이면 정하지 않은 것이고, 정했으면 sysctl보다 앞섭니다.",
            "As given to ip route; 0 where it is not. It comes before the sysctl.",
        ),
    )
    .range(0, 10_000)
    .default(0)
    .unit("ms"),
    Param::new(
        "socket_rto_min_us",
        Text::fixed("소켓의 TCP_RTO_MIN_US", "TCP_RTO_MIN_US of the socket"),
        Text::fixed(
            "소켓이 정한 바닥입니다. 0이면 정하지 않은 것입니다.",
            "Floor set by the socket; 0 where it is not.",
        ),
    )
    .range(0, 10_000_000)
    .default(0)
    .step(1000)
    .unit("µs"),
    Param::new(
        "tcp_rto_max_ms",
        Text::fixed("tcp_rto_max_ms", "tcp_rto_max_ms"),
        Text::fixed(
            "RTO의 천장입니다(6.15부터). 그 전에는 늘 120초입니다.",
            "Ceiling of the RTO (since 6.15); 120 s before.",
        ),
    )
    .range(1000, 120_000)
    .default(120_000)
    .step(1000)
    .unit("ms"),
    Param::new(
        "tcp_early_retrans",
        Text::fixed("tcp_early_retrans", "tcp_early_retrans"),
        Text::fixed(
            "3이면 마지막 패킷이 없어졌을 때 RTO보다 먼저 찔러 봅니다(TLP, 3.10부터).",
            "With 3 a probe comes before the RTO when the last packet was lost (TLP, since 3.10).",
        ),
    )
    .choices(EARLY)
    .default(3),
    Param::new(
        "tcp_timestamps",
        Text::fixed("tcp_timestamps", "tcp_timestamps"),
        Text::fixed(
            "켜면 다시 보낸 패킷의 ACK로도 RTT를 잽니다.",
            "With time stamps even the ACK of a packet sent twice measures a round trip.",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "tcp_syn_retries",
        Text::fixed("tcp_syn_retries", "tcp_syn_retries"),
        Text::fixed(
            "SYN을 두 배씩 늘려 가며 다시 보내는 횟수입니다.",
            "How often a SYN is sent again with the wait doubling.",
        ),
    )
    .range(1, 127)
    .default(6),
    Param::new(
        "tcp_syn_linear_timeouts",
        Text::fixed("tcp_syn_linear_timeouts", "tcp_syn_linear_timeouts"),
        Text::fixed(
            "그에 앞서 두 배로 늘리지 않고 다시 보내는 횟수입니다(6.5부터).",
            "How often it is sent again before that without doubling (since 6.5).",
        ),
    )
    .range(0, 127)
    .default(4),
    Param::new(
        "tcp_synack_retries",
        Text::fixed("tcp_synack_retries", "tcp_synack_retries"),
        Text::fixed("SYN+ACK를 다시 보내는 횟수입니다.", "How often a SYN+ACK is sent again."),
    )
    .range(0, 255)
    .default(5),
    Param::new(
        "tcp_retries2",
        Text::fixed("tcp_retries2", "tcp_retries2"),
        Text::fixed(
            "연결을 포기하기까지의 재시도입니다. 횟수가 아니라 시간으로 바꿔 씁니다.",
            "Retries until a connection is given up; they stand for a time.",
        ),
    )
    .range(0, 255)
    .default(15),
    Param::new(
        "tcp_orphan_retries",
        Text::fixed("tcp_orphan_retries", "tcp_orphan_retries"),
        Text::fixed("닫은 소켓의 재시도입니다. 0은 8이라는 뜻입니다.", "The same of a closed socket; 0 means 8."),
    )
    .range(0, 255)
    .default(0),
    Param::new(
        "user_timeout_ms",
        Text::fixed("TCP_USER_TIMEOUT", "TCP_USER_TIMEOUT"),
        Text::fixed(
            "tcp_retries2 대신 쓰는 시간입니다. 0이면 쓰지 않습니다.",
            "A time in place of tcp_retries2; 0 for off.",
        ),
    )
    .range(0, 3_600_000)
    .default(0)
    .step(100)
    .unit("ms"),
    Param::new(
        "connect_timeout_ms",
        Text::fixed("connect()의 제한 시간", "Timeout of connect()"),
        Text::fixed(
            "애플리케이션이 연결을 기다리는 시간입니다. 0이면 커널에 맡깁니다.",
            "How long the application waits to be connected; 0 leaves it to the kernel.",
        ),
    )
    .range(0, 3_600_000)
    .default(0)
    .step(100)
    .unit("ms"),
    Param::new(
        "close_ms",
        Text::fixed("닫는 시각", "Closed at"),
        Text::fixed(
            "애플리케이션이 close()를 부르는 시각입니다. -1이면 부르지 않습니다.",
            "When the application calls close(); -1 for never.",
        ),
    )
    .range(-1, 3_600_000)
    .default(-1)
    .unit("ms"),
    Param::new(
        "timer_wheel",
        Text::fixed("타이머 올림", "Rounding of timers"),
        Text::fixed(
            "켜면 타이머를 커널의 방식대로 올립니다. 먼 타이머일수록 눈금이 굵습니다(4.8부터).",
            "On: as the kernel rounds timers, the coarser the further away (since 4.8).",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "jiffies",
        Text::fixed("시작할 때의 jiffies", "jiffies at the start"),
        Text::fixed("타이머 눈금이 어디에 걸리는지 정합니다.", "Where on the grid of timers the run begins."),
    )
    .range(0, 4_294_967_295)
    .default(0)
    .unit("ticks"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1, 3_600_000)
    .default(10_000)
    .step(100)
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
            "hz" => &mut self.hz,
            "rtt_us" => &mut self.rtt_us,
            "tcp_rto_min_us" => &mut self.tcp_rto_min_us,
            "route_rto_min_ms" => &mut self.route_rto_min_ms,
            "socket_rto_min_us" => &mut self.socket_rto_min_us,
            "tcp_rto_max_ms" => &mut self.tcp_rto_max_ms,
            "tcp_early_retrans" => &mut self.tcp_early_retrans,
            "tcp_timestamps" => &mut self.tcp_timestamps,
            "tcp_syn_retries" => &mut self.tcp_syn_retries,
            "tcp_syn_linear_timeouts" => &mut self.tcp_syn_linear_timeouts,
            "tcp_synack_retries" => &mut self.tcp_synack_retries,
            "tcp_retries2" => &mut self.tcp_retries2,
            "tcp_orphan_retries" => &mut self.tcp_orphan_retries,
            "user_timeout_ms" => &mut self.user_timeout_ms,
            "connect_timeout_ms" => &mut self.connect_timeout_ms,
            "close_ms" => &mut self.close_ms,
            "timer_wheel" => &mut self.timer_wheel,
            "jiffies" => &mut self.jiffies,
            "duration_ms" => &mut self.duration_ms,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// A connection on which nothing is written, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 18, 0),
            start: Start::Established,
            hz: 0,
            rtt_us: 0,
            tcp_rto_min_us: 0,
            route_rto_min_ms: 0,
            socket_rto_min_us: 0,
            tcp_rto_max_ms: 0,
            tcp_early_retrans: 0,
            tcp_timestamps: 0,
            tcp_syn_retries: 0,
            tcp_syn_linear_timeouts: 0,
            tcp_synack_retries: 0,
            tcp_retries2: 0,
            tcp_orphan_retries: 0,
            user_timeout_ms: 0,
            connect_timeout_ms: 0,
            close_ms: 0,
            timer_wheel: 0,
            jiffies: 0,
            duration_ms: 0,
            writes: Vec::new(),
            losses: Vec::new(),
            samples: Vec::new(),
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
    let lists =
        [("writes", scenario.writes.len()), ("losses", scenario.losses.len()), ("samples", scenario.samples.len())];
    for (name, entries) in lists {
        if entries > MAX_ENTRIES {
            problems.push(Problem::range(name, entries, format!("0..{MAX_ENTRIES}"), "entries"));
        }
    }
    if lists.iter().any(|(_, entries)| *entries > MAX_ENTRIES) {
        return problems.into_vec();
    }
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    for (i, write) in scenario.writes.iter().enumerate() {
        let mut check = |field: &str, value, min, max, unit| {
            check(&mut problems, &format!("writes[{i}].{field}"), value, min, max, unit);
        };
        check("at_ms", write.at_ms, 0, end, "ms");
        check("segments", write.segments, 1, MAX_SEGMENTS, "packets");
        check("count", write.count, 1, MAX_REQUESTS, "");
        check("every_ms", write.every_ms, 0, 3_600_000, "ms");
        check("timeout_ms", write.timeout_ms, 0, 3_600_000, "ms");
    }
    for (i, loss) in scenario.losses.iter().enumerate() {
        check(&mut problems, &format!("losses[{i}].segment"), loss.segment, 0, MAX_SEGMENTS + 1, "");
        check(&mut problems, &format!("losses[{i}].times"), loss.times, 1, MAX_TIMES, "");
    }
    for (i, sample) in scenario.samples.iter().enumerate() {
        check(&mut problems, &format!("samples[{i}].rtt_us"), sample.rtt_us, 1, 10_000_000, "µs");
        check(&mut problems, &format!("samples[{i}].times"), sample.times, 1, MAX_TIMES, "");
    }
    if problems.is_empty() {
        let requests = scenario.writes.iter().map(|write| write.count).sum();
        check(&mut problems, "writes", requests, 0, MAX_REQUESTS, "requests");
        let segments = scenario.writes.iter().map(|write| write.count.saturating_mul(write.segments));
        check(&mut problems, "writes", segments.fold(0, i64::saturating_add), 0, MAX_SEGMENTS, "packets");
    }
    problems.into_vec()
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    scenario.start = fields.choice("start", &Start::NAMES, problems).unwrap_or(scenario.start);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("writes", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        let mut write = Write::at(0);
        let all = [
            ("at_ms", &mut write.at_ms, "ms"),
            ("segments", &mut write.segments, "packets"),
            ("count", &mut write.count, ""),
            ("every_ms", &mut write.every_ms, "ms"),
            ("timeout_ms", &mut write.timeout_ms, "ms"),
        ];
        read_entry(value, &format!("writes[{i}]"), all, problems);
        scenario.writes.push(write);
    }
    for (i, value) in fields.list("losses", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        let mut loss = Loss { segment: 1, times: 1 };
        let all = [("segment", &mut loss.segment, ""), ("times", &mut loss.times, "")];
        read_entry(value, &format!("losses[{i}]"), all, problems);
        scenario.losses.push(loss);
    }
    for (i, value) in fields.list("samples", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        let mut sample = Sample { rtt_us: 50_000, times: 1 };
        let all = [("rtt_us", &mut sample.rtt_us, "µs"), ("times", &mut sample.times, "")];
        read_entry(value, &format!("samples[{i}]"), all, problems);
        scenario.samples.push(sample);
    }
    fields.finish(problems);
    scenario
}

/// Reads the whole numbers of an entry.
fn read_entry<const N: usize>(
    json: &Json,
    path: &str,
    all: [(&'static str, &mut i64, &'static str); N],
    problems: &mut Problems,
) {
    let mut fields = Fields::of(json, path, problems);
    for (name, value, unit) in all {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::TcpRto>();
    out.set("start", scenario.start.name().into());
    let writes = scenario.writes.iter().map(|write| {
        Json::object([
            ("at_ms", write.at_ms.into()),
            ("segments", write.segments.into()),
            ("count", write.count.into()),
            ("every_ms", write.every_ms.into()),
            ("timeout_ms", write.timeout_ms.into()),
        ])
    });
    out.set("writes", Json::list(writes));
    let losses = scenario.losses.iter();
    let losses = losses.map(|l| Json::object([("segment", l.segment.into()), ("times", l.times.into())]));
    out.set("losses", Json::list(losses));
    let samples = scenario.samples.iter();
    let samples = samples.map(|s| Json::object([("rtt_us", s.rtt_us.into()), ("times", s.times.into())]));
    out.set("samples", Json::list(samples));
    out
}

//! The controls of a scenario, and its problems.

use super::Rules;
use super::scenario::{By, Forgotten, Scenario, Send};
use crate::params::{HZ, YES_NO};
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Most messages of a scenario.
const MAX_SENDS: i64 = 10_000;
/// Most entries of the `sends` list.
const MAX_ENTRIES: usize = 128;
/// Kernels whose rules are known, in words.
const KERNELS: &str = "2.6.32..7.x";

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "so_keepalive",
        Text::fixed("SO_KEEPALIVE", "SO_KEEPALIVE"),
        Text::fixed(
            "애플리케이션이 이 소켓의 keepalive를 켰는지 정합니다. 끄면 아래 셋은 아무 일도 하지 않습니다.",
            "Whether the application has switched keepalive on for this socket; without it the next three do nothing.",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "tcp_keepalive_time",
        Text::fixed("tcp_keepalive_time", "tcp_keepalive_time"),
        Text::fixed("조용해지고 첫 탐색까지의 시간입니다.", "Quiet until the first probe."),
    )
    .range(1, 32_767)
    .default(7200)
    .unit("s"),
    Param::new(
        "tcp_keepalive_intvl",
        Text::fixed("tcp_keepalive_intvl", "tcp_keepalive_intvl"),
        Text::fixed("답 없는 탐색의 간격입니다.", "From one unanswered probe to the next."),
    )
    .range(1, 32_767)
    .default(75)
    .unit("s"),
    Param::new(
        "tcp_keepalive_probes",
        Text::fixed("tcp_keepalive_probes", "tcp_keepalive_probes"),
        Text::fixed("끊기까지 보내는 탐색의 수입니다.", "Probes until it is given up."),
    )
    .range(1, 127)
    .default(9),
    Param::new(
        "user_timeout_ms",
        Text::fixed("TCP_USER_TIMEOUT", "TCP_USER_TIMEOUT"),
        Text::fixed(
            "탐색의 수 대신 쓰는 시간입니다. 자료를 보내는 중에도 걸립니다. 0이면 쓰지 않습니다.",
            "A time in place of the number of probes, and for data under way as well; 0 for off.",
        ),
    )
    .range(0, 36_000_000)
    .default(0)
    .step(1000)
    .unit("ms"),
    Param::new(
        "tcp_retries2",
        Text::fixed("tcp_retries2", "tcp_retries2"),
        Text::fixed("확인되지 않은 자료를 언제 포기하는지 정합니다.", "When data without an ACK is given up."),
    )
    .range(0, 255)
    .default(15),
    Param::new(
        "rtt_us",
        Text::fixed("RTT", "Round trip"),
        Text::fixed("패킷과 답이 오가는 시간입니다.", "From a packet to its answer."),
    )
    .range(1, 10_000_000)
    .default(1000)
    .step(1000)
    .unit("µs"),
    Param::new(
        "box_idle_s",
        Text::fixed("중간 장비가 기억하는 시간", "How long a box remembers"),
        Text::fixed(
            "길 위의 로드 밸런서나 NAT가 조용한 연결을 잊기까지의 시간입니다. 0이면 그런 장비가 없습니다.",
            "Until a balancer or NAT on the way forgets a quiet connection; 0 where there is none.",
        ),
    )
    .range(0, 86_400)
    .default(0)
    .step(10)
    .unit("s"),
    Param::new(
        "vanish_ms",
        Text::fixed("상대가 꺼지는 시각", "The peer loses its power at"),
        Text::fixed("-1이면 꺼지지 않습니다.", "-1 for never."),
    )
    .range(-1, 86_400_000)
    .default(-1)
    .step(1000)
    .unit("ms"),
    Param::new(
        "back_ms",
        Text::fixed("상대가 다시 켜지는 시각", "It is up again at"),
        Text::fixed(
            "다시 켜진 상대는 연결을 기억하지 못합니다. -1이면 켜지지 않습니다.",
            "It remembers nothing then; -1 for never.",
        ),
    )
    .range(-1, 86_400_000)
    .default(-1)
    .step(1000)
    .unit("ms"),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed("타이머의 눈금은 틱의 배수입니다.", "The grid of timers is made of ticks."),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
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
    .range(1, 86_400_000)
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
            "so_keepalive" => &mut self.so_keepalive,
            "tcp_keepalive_time" => &mut self.tcp_keepalive_time,
            "tcp_keepalive_intvl" => &mut self.tcp_keepalive_intvl,
            "tcp_keepalive_probes" => &mut self.tcp_keepalive_probes,
            "user_timeout_ms" => &mut self.user_timeout_ms,
            "tcp_retries2" => &mut self.tcp_retries2,
            "rtt_us" => &mut self.rtt_us,
            "box_idle_s" => &mut self.box_idle_s,
            "vanish_ms" => &mut self.vanish_ms,
            "back_ms" => &mut self.back_ms,
            "hz" => &mut self.hz,
            "timer_wheel" => &mut self.timer_wheel,
            "jiffies" => &mut self.jiffies,
            "duration_ms" => &mut self.duration_ms,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// A connection on which nothing is said, every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 18, 0),
            forgotten: Forgotten::Drops,
            so_keepalive: 0,
            tcp_keepalive_time: 0,
            tcp_keepalive_intvl: 0,
            tcp_keepalive_probes: 0,
            user_timeout_ms: 0,
            tcp_retries2: 0,
            rtt_us: 0,
            box_idle_s: 0,
            vanish_ms: 0,
            back_ms: 0,
            hz: 0,
            timer_wheel: 0,
            jiffies: 0,
            duration_ms: 0,
            sends: Vec::new(),
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
    if scenario.back_ms >= 0 && scenario.back_ms < scenario.vanish_ms {
        let allowed = format!("-1, {}..", scenario.vanish_ms);
        let why = Text::fixed("꺼지기 전에 다시 켜질 수는 없습니다", "it cannot be up again before it went down");
        problems.push(Problem::range("back_ms", scenario.back_ms, allowed, "ms").because(why));
    }
    if scenario.sends.len() > MAX_ENTRIES {
        problems.push(Problem::range("sends", scenario.sends.len(), format!("0..{MAX_ENTRIES}"), "entries"));
        return problems.into_vec();
    }
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    for (i, send) in scenario.sends.iter().enumerate() {
        check(&mut problems, &format!("sends[{i}].at_ms"), send.at_ms, 0, end, "ms");
        check(&mut problems, &format!("sends[{i}].count"), send.count, 1, MAX_SENDS, "");
        check(&mut problems, &format!("sends[{i}].every_ms"), send.every_ms, 0, 86_400_000, "ms");
    }
    if problems.is_empty() {
        let total = scenario.sends.iter().map(|send| send.count).sum();
        check(&mut problems, "sends", total, 0, MAX_SENDS, "messages");
    }
    problems.into_vec()
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    scenario.forgotten = fields.choice("forgotten", &Forgotten::NAMES, problems).unwrap_or(scenario.forgotten);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("sends", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        let mut send = Send::at(0);
        let mut fields = Fields::of(value, &format!("sends[{i}]"), problems);
        send.by = fields.choice("by", &By::NAMES, problems).unwrap_or(send.by);
        for (name, value, unit) in
            [("at_ms", &mut send.at_ms, "ms"), ("count", &mut send.count, ""), ("every_ms", &mut send.every_ms, "ms")]
        {
            *value = fields.integer(name, *value, "", unit, problems);
        }
        fields.finish(problems);
        scenario.sends.push(send);
    }
    fields.finish(problems);
    scenario
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::TcpKeepalive>();
    out.set("forgotten", scenario.forgotten.name().into());
    let sends = scenario.sends.iter().map(|send| {
        Json::object([
            ("by", send.by.name().into()),
            ("at_ms", send.at_ms.into()),
            ("count", send.count.into()),
            ("every_ms", send.every_ms.into()),
        ])
    });
    out.set("sends", Json::list(sends));
    out
}

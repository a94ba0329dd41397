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

//! The model itself: the world of hosts driven through time.

use super::connection::{Side, State};
use super::engine::World;
use super::ladder::Rung;
use super::scenario::{Host, Scenario};
use super::setup::Setup;
use super::{Rules, contract, files, params, presets};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, MILLISECOND, Nanos, Text};

/// Connections between hosts over time.
#[derive(Clone, Debug)]
pub struct TcpLife {
    world: World,
}

/// A host as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostView {
    /// Which one; on loopback the first stands for all.
    pub host: Host,
    /// Whether its files are shown.
    pub watched: bool,
    /// Its sockets in each state of [`State::ALL`], buckets included.
    pub sockets: [u32; State::ALL.len()],
}

/// The local ports of one pair of addresses, in stretches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// First and last port.
    pub range: (u16, u16),
    /// Whose ports, and to which address and port.
    pub from: Host,
    /// The server's address.
    pub to: std::net::SocketAddrV4,
    /// Of each stretch, first its even and then its odd ports: those of open connections, those held
    /// by TIME_WAIT or FIN_WAIT2 records, and all.
    pub stretches: Vec<[[u32; 3]; 2]>,
    /// The same of the whole range.
    pub all: [u32; 3],
}

impl TcpLife {
    /// The scenario it runs.
    pub fn scenario(&self) -> &Scenario {
        &self.world.setup.scenario
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.world.setup.rules
    }

    /// The hosts that take part, in their order.
    pub fn hosts(&self) -> Vec<HostView> {
        let s = self.scenario();
        let part = |host: Host| match s.loopback {
            0 => s.legs.iter().any(|leg| leg.from == host || leg.to == host) || s.watch == host.number() as i64,
            _ => host.number() == 0,
        };
        let hosts = Host::NAMES.iter().map(|(_, host)| *host).filter(|host| part(*host));
        hosts
            .map(|host| HostView {
                host,
                watched: host.number() == self.world.watched(),
                sockets: State::ALL.map(|state| self.world.hosts[host.number()].in_state(state)),
            })
            .collect()
    }

    /// Sockets of any host that have not gone: without and within buckets. Every socket that was made
    /// is one of them or has gone, and the second number says how many that is.
    pub fn books(&self, host: Host) -> ([u64; 2], u64, u64) {
        let host = &self.world.hosts[host.number()];
        let live = [u64::from(host.full()), host.buckets.len() as u64];
        (live, host.counters.gone, host.counters.made)
    }

    /// Whether the server's process listens.
    pub fn listening(&self) -> bool {
        self.world.listening
    }

    /// Ports of the space a picture shows, divided into stretches; nothing without legs.
    pub fn strip(&self, stretches: u32) -> Option<Strip> {
        let at = self.shown_space()?;
        let space = &self.world.setup.spaces[usize::from(at)];
        let ports = &self.world.ports[usize::from(at)];
        let (low, count) = (ports.low(), ports.count());
        let stretches = stretches.clamp(1, count);
        let which = |port: u16| (u64::from(port - low) * u64::from(stretches) / u64::from(count)) as usize;
        let mut out = vec![[[0; 3]; 2]; stretches as usize];
        for port in low..=low + (count - 1) as u16 {
            let stretch = &mut out[which(port)][usize::from(port % 2)];
            stretch[2] += 1;
            stretch[0] += u32::from(!ports.is_free(port));
        }
        for (port, _) in self.world.hosts[space.from].buckets.of_space(Side::Client, at) {
            if port < low || u32::from(port - low) >= count {
                continue;
            }
            let stretch = &mut out[which(port)][usize::from(port % 2)];
            stretch[1] += 1;
            // One that is old enough to be taken over is free and held at once.
            stretch[0] -= u32::from(!ports.is_free(port));
        }
        let all = out.iter().flatten().fold([0; 3], |all, one| std::array::from_fn(|i| all[i] + one[i]));
        let from = if self.scenario().loopback != 0 { Host::Client } else { Host::NAMES[space.from].1 };
        let to = std::net::SocketAddrV4::new(space.dst, space.port);
        Some(Strip { range: (low, low + (count - 1) as u16), from, to, stretches: out, all })
    }

    /// The first pair of addresses of the watched host, or of the first leg.
    fn shown_space(&self) -> Option<u16> {
        let setup = &self.world.setup;
        let own = setup.spaces.iter().position(|space| space.from == self.world.watched());
        if setup.spaces.is_empty() { None } else { Some(own.unwrap_or(0) as u16) }
    }

    /// A connection from its SYN to its end: the last one that ended of those that were followed, or
    /// the first as far as it has come; and the states of client and server behind the last segment.
    pub fn ladder(&self) -> (&[Rung], [State; 2]) {
        self.world.ladder.shown()
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }
}

impl Model for TcpLife {
    const NAME: &'static str = "tcp-life";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("연결의 일생과 TIME_WAIT", "The life of a connection, and TIME_WAIT")
    }

    fn contract() -> Contract {
        contract::contract()
    }

    fn presets() -> Vec<Preset<Scenario>> {
        presets::presets()
    }

    fn metrics_list() -> &'static [Metric] {
        METRICS
    }

    fn read_scenario(json: &Json, problems: &mut Problems) -> Scenario {
        params::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        params::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<TcpLife>) -> TcpLife {
        let scenario: &Scenario = scenario;
        TcpLife { world: World::new(Setup::new(scenario.clone())) }
    }

    fn now(&self) -> Nanos {
        self.world.now
    }

    fn ends(&self) -> Nanos {
        self.scenario().duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let before = log.events().len();
        let to = to.min(self.ends());
        loop {
            let happened = log.events().len() > before;
            match self.world.next() {
                // An instant is not left half done, and not one past the first that has events.
                Some(t) if happened && t > self.world.now => return true,
                Some(t) if t <= to => self.world.step(log),
                _ if happened => return true,
                _ => {
                    self.world.now = to.max(self.world.now);
                    return false;
                }
            }
        }
    }

    fn metrics(&self) -> Vec<i64> {
        let world = &self.world;
        let host = &world.hosts[world.watched()];
        let state = |state| i64::from(host.in_state(state));
        let counters = &host.counters;
        let free = self.shown_space().map_or(0, |at| world.ports[usize::from(at)].free());
        vec![
            state(State::Established),
            state(State::TimeWait),
            state(State::FinWait2),
            state(State::CloseWait),
            state(State::SynSent),
            counters.no_port as i64,
            world.totals.requests,
            world.totals.done,
            world.totals.failed,
            counters.active_opens as i64,
            counters.tw_recycled as i64,
            counters.tw_overflow as i64,
            counters.paws_passive as i64,
            (counters.abort_on_data + counters.abort_on_close + counters.estab_resets) as i64,
            i64::from(free),
        ]
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        self.world.footprint()
    }
}

const fn metric(name: &'static str, label: Text) -> Metric {
    Metric { name, label, unit: "", scale: 1 }
}

/// Order as in [`TcpLife::metrics`].
const METRICS: &[Metric] = &[
    metric("established", Text::fixed("ESTABLISHED 소켓", "Sockets in ESTABLISHED")),
    metric("time_wait", Text::fixed("TIME_WAIT 소켓", "Sockets in TIME_WAIT")),
    metric("fin_wait2", Text::fixed("FIN_WAIT2 소켓", "Sockets in FIN_WAIT2")),
    metric("close_wait", Text::fixed("CLOSE_WAIT 소켓", "Sockets in CLOSE_WAIT")),
    metric("syn_sent", Text::fixed("SYN_SENT 소켓", "Sockets in SYN_SENT")),
    metric("no_port", Text::fixed("포트가 없어 실패한 connect()", "connect() without a port")),
    metric("requests", Text::fixed("모든 요청", "Requests of all")),
    metric("done", Text::fixed("응답받은 요청", "Requests answered")),
    metric("failed", Text::fixed("실패한 요청", "Requests that failed")),
    metric("active_opens", Text::fixed("연 연결(ActiveOpens)", "Connections opened (ActiveOpens)")),
    metric("tw_recycled", Text::fixed("넘겨받은 TIME_WAIT(TWRecycled)", "TIME_WAITs taken over (TWRecycled)")),
    metric("tw_overflow", Text::fixed("만들지 않은 TIME_WAIT", "TIME_WAITs not made (TCPTimeWaitOverflow)")),
    metric("paws_passive", Text::fixed("버린 SYN(PAWSPassive)", "SYNs dropped (PAWSPassive)")),
    metric("resets", Text::fixed("RST로 끝난 연결", "Connections ended by an RST")),
    metric("free_ports", Text::fixed("남은 로컬 포트", "Local ports left")),
];

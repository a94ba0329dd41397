//! The model itself: a connection driven through time by the scenario.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::path::{Path, Planned};
use super::scenario::{Scenario, Start};
use super::sock::{Ack, CaState, Counters, Peer, Shot, Sock, State, Timer};
use super::{Rules, contract, files, metrics, params, presets, tell};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::timer::{Jiffies, Rounding};
use crate::{Contract, Json, MILLISECOND, Nanos, Text};

/// What is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// A packet to the peer: its number, its time stamp, how long the answer will take.
    Packet(u64, u64, Nanos),
    /// The peer's answer.
    Ack(Ack),
}

/// A request of the application that was not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it was written.
    pub written: Nanos,
    /// First number behind it.
    pub end: u64,
    /// When the application gives it up; `None` for never.
    pub until: Option<Nanos>,
    /// Whether it has.
    pub given_up: bool,
}

/// A connection over time.
#[derive(Clone, Debug)]
pub struct TcpRto {
    pub(super) scenario: Rc<Scenario>,
    pub(super) planned: Rc<[Planned]>,
    pub(super) next_write: usize,
    pub(super) path: Path,
    pub(super) now: Nanos,
    pub(super) sock: Sock,
    pub(super) peer: Peer,
    pub(super) wire: BTreeMap<(Nanos, u64), Wire>,
    pub(super) order: u64,
    pub(super) requests: VecDeque<Request>,
    pub(super) shots: VecDeque<Shot>,
    pub(super) begun: bool,
    pub(super) closed: bool,
    pub(super) connect_given_up: bool,
    /// When the connection was made, given up, and how long the last answer took.
    pub(super) connected: Option<Nanos>,
    pub(super) gave_up: Option<Nanos>,
    pub(super) answer: Option<Nanos>,
    pub(super) answers: i64,
    pub(super) app_timeouts: i64,
}

/// What comes next, in the order things at one instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Begin,
    Wire,
    Timer,
    Write,
    GivesUp,
    ConnectGivesUp,
    Close,
}

impl TcpRto {
    /// The scenario of the run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The socket.
    pub fn sock(&self) -> &Sock {
        &self.sock
    }

    /// Its timer, if it is set.
    pub fn timer(&self) -> Option<Timer> {
        self.sock.timer
    }

    /// Its counters.
    pub fn counters(&self) -> Counters {
        self.sock.counters
    }

    /// The last packets, oldest first.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.shots.iter()
    }

    /// Requests without an answer, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    /// When the kernel gave the connection up.
    pub fn gave_up(&self) -> Option<Nanos> {
        self.gave_up
    }

    /// When the connection was made.
    pub fn connected(&self) -> Option<Nanos> {
        self.connected
    }

    /// How long the last answer took, from the request.
    pub fn answer(&self) -> Option<Nanos> {
        self.answer
    }

    /// Answers so far, and requests that the application gave up.
    pub fn answers(&self) -> (i64, i64) {
        (self.answers, self.app_timeouts)
    }

    pub(super) fn floor_us(&self) -> u64 {
        self.sock.rules.rto_min_us(&self.scenario)
    }

    pub(super) fn rto_max_ms(&self) -> u64 {
        self.sock.rules.rto_max_ms(&self.scenario)
    }

    pub(super) fn rto_max(&self) -> u64 {
        self.sock.clock.msecs_to_jiffies(self.rto_max_ms())
    }

    fn next(&self) -> (Nanos, Option<Next>) {
        let ms = |ms: i64| u64::try_from(ms).unwrap_or(0) * MILLISECOND;
        let begin = (!self.begun).then_some((0, Next::Begin));
        let wire = self.wire.keys().next().map(|(t, _)| (*t, Next::Wire));
        let timer = self.sock.timer.map(|timer| (timer.at, Next::Timer));
        let open = self.sock.state != State::Close && !self.closed;
        let write = self.planned.get(self.next_write).filter(|_| open).map(|write| (write.t, Next::Write));
        let gives_up = self.requests.iter().filter(|r| !r.given_up).filter_map(|r| r.until).min();
        let connecting = self.sock.state == State::SynSent && !self.connect_given_up;
        let connect = (connecting && self.scenario.connect_timeout_ms > 0)
            .then(|| (ms(self.scenario.connect_timeout_ms), Next::ConnectGivesUp));
        let close = (open && self.scenario.close_ms >= 0).then(|| (ms(self.scenario.close_ms), Next::Close));
        let gives_up = gives_up.map(|t| (t, Next::GivesUp));
        match [begin, wire, timer, write, gives_up, connect, close].into_iter().flatten().min() {
            // What was planned for a moment before the connection was there is late, not never.
            Some((t, next)) if t.max(self.now) <= self.ends() => (t.max(self.now), Some(next)),
            _ => (self.ends(), None),
        }
    }

    fn carry_out(&mut self, next: Next, log: &mut Log) {
        match next {
            Next::Begin => {
                self.begun = true;
                self.begin(log);
            }
            Next::Wire => {
                let Some((_, wire)) = self.wire.pop_first() else { return };
                match wire {
                    Wire::Packet(number, tsval, back) => {
                        let ack = self.peer.receive(number, tsval);
                        self.put(self.now + back, Wire::Ack(ack));
                    }
                    Wire::Ack(ack) => self.tcp_ack(&ack, log),
                }
            }
            Next::Timer => self.write_timer(log),
            Next::Write => {
                let write = self.planned[self.next_write];
                self.next_write += 1;
                self.write(write, log);
            }
            Next::GivesUp => self.requests_given_up(log),
            Next::ConnectGivesUp => {
                self.connect_given_up = true;
                self.app_timeouts += 1;
                let (t, timer) = (self.now, self.sock.timer);
                log.push(t, "app-timeout", || tell::connect_given_up(t, timer));
                // close(2) of a socket that is not connected: no packet.
                self.sock.state = State::Close;
                self.sock.timer = None;
                self.sock.counters.attempt_fails += 1;
            }
            Next::Close => self.close(log),
        }
    }

    pub(super) fn put(&mut self, t: Nanos, wire: Wire) {
        self.wire.insert((t, self.order), wire);
        self.order += 1;
    }

    fn write(&mut self, write: Planned, log: &mut Log) {
        let t = self.now;
        self.sock.write_seq += write.segments;
        let until = (write.timeout > 0).then(|| t + write.timeout);
        self.requests.push_back(Request { written: t, end: self.sock.write_seq, until, given_up: false });
        let segments = write.segments;
        log.push(t, "write", || tell::write(segments));
        self.write_xmit(log);
    }

    fn requests_given_up(&mut self, log: &mut Log) {
        let (t, timer) = (self.now, self.sock.timer);
        let mut given_up = 0;
        for request in self.requests.iter_mut().filter(|r| !r.given_up && r.until.is_some_and(|until| until <= t)) {
            request.given_up = true;
            given_up += 1;
            let waited = t - request.written;
            log.push(t, "app-timeout", || tell::given_up(waited, timer));
        }
        self.app_timeouts += given_up;
    }

    /// Takes requests that are acknowledged off the list.
    pub(super) fn answered(&mut self, log: &mut Log) {
        while let Some(request) = self.requests.front().copied().filter(|r| r.end <= self.sock.snd_una) {
            self.requests.pop_front();
            let (t, took) = (self.now, self.now - request.written);
            self.answer = Some(took);
            self.answers += 1;
            log.push(t, "answer", || tell::answer(took, request.given_up));
        }
    }

    /// Ends the connection for good: nobody answers.
    pub(super) fn abort(&mut self, log: &mut Log) {
        let (t, retransmits, state) = (self.now, self.sock.retransmits, self.sock.state);
        self.gave_up = Some(t);
        let counters = &mut self.sock.counters;
        if state == State::SynRecv {
            counters.attempt_fails += 1;
        } else {
            counters.abort_on_timeout += 1;
            counters.attempt_fails += u64::from(state == State::SynSent);
        }
        self.sock.timer = None;
        self.sock.state = State::Close;
        self.sock.segments.clear();
        self.requests.clear();
        let orphan = self.sock.orphan;
        log.push(t, "gave-up", || tell::gave_up(t, retransmits, state, orphan));
    }
}

impl Model for TcpRto {
    const NAME: &'static str = "tcp-rto";
    const VERSION: u32 = 1;
    const CAPTURES: bool = true;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("TCP 재전송과 RTO", "TCP retransmission and its timeout")
    }

    fn contract() -> Contract {
        contract::contract()
    }

    fn presets() -> Vec<Preset<Scenario>> {
        presets::presets()
    }

    fn metrics_list() -> &'static [Metric] {
        metrics::LIST
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

    fn start(scenario: &Valid<TcpRto>) -> TcpRto {
        let s: &Scenario = scenario;
        TcpRto::with(s, Planned::of(s), 0)
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        u64::try_from(self.scenario.duration_ms).unwrap_or(0) * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let before = log.events().len();
        let to = to.min(self.ends());
        loop {
            let (t, next) = self.next();
            // An instant is not left half done, and not one past the first that has events.
            let happened = log.events().len() > before;
            if happened && t > self.now {
                return true;
            }
            match next {
                Some(next) if t <= to => {
                    self.now = t;
                    self.carry_out(next, log);
                }
                _ => {
                    self.now = to.max(self.now);
                    return happened;
                }
            }
        }
    }

    fn metrics(&self) -> Vec<i64> {
        metrics::of(self)
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        size_of::<Self>()
            + self.wire.len() * size_of::<((Nanos, u64), Wire)>()
            + self.shots.len() * size_of::<Shot>()
            + self.requests.len() * size_of::<Request>()
            + self.sock.segments.len() * 64
    }
}

impl TcpRto {
    /// A connection with what its application does already laid out; `phase` is how long before time
    /// zero its tick began.
    pub(super) fn with(s: &Scenario, planned: Vec<Planned>, phase: Nanos) -> TcpRto {
        let rules = Rules::of(s.kernel).expect("a valid scenario names a modelled kernel");
        let rounding = match (s.timer_wheel != 0, rules.timer_wheel) {
            (false, _) => Rounding::None,
            (true, false) => Rounding::Tick,
            (true, true) => Rounding::Wheel,
        };
        let clock = Jiffies { hz: s.hz as u64, first: s.jiffies as u64, phase, rounding };
        let rto = clock.msecs_to_jiffies(rules.timeout_init_s * 1000);
        let state = match s.start {
            Start::Established => State::Established,
            Start::SynSent => State::SynSent,
            Start::SynRecv => State::SynRecv,
        };
        let sock = Sock {
            rules,
            clock,
            state,
            estimator: super::Estimator::default(),
            last_rtt_us: 0,
            min_rtt_us: 0,
            rto,
            backoff: 0,
            retransmits: 0,
            total_rto: 0,
            snd_una: 0,
            snd_nxt: 0,
            write_seq: 0,
            segments: BTreeMap::new(),
            timer: None,
            in_timer: false,
            ca_state: CaState::Open,
            high_seq: 0,
            cwnd: super::output::INIT_CWND,
            ssthresh: u64::MAX,
            tlp_high_seq: None,
            retrans_stamp: None,
            rack: super::sock::Rack::default(),
            counters: Counters::default(),
            orphan: false,
            fin: None,
        };
        TcpRto {
            scenario: Rc::new(s.clone()),
            planned: planned.into(),
            next_write: 0,
            path: Path::new(s),
            now: 0,
            sock,
            peer: Peer::default(),
            wire: BTreeMap::new(),
            order: 0,
            requests: VecDeque::new(),
            shots: VecDeque::new(),
            begun: false,
            closed: false,
            connect_given_up: false,
            connected: None,
            gave_up: None,
            answer: None,
            answers: 0,
            app_timeouts: 0,
        }
    }
}

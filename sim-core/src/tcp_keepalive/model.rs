//! The model itself: one end of a connection driven through time by the scenario.

mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::retransmit::Retransmit;
use super::scenario::{By, Scenario};
use super::timer::{Seen, Settings, Verdict};
use super::{Rules, contract, files, metrics, params, presets, tell};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::timer::{Jiffies, Rounding};
use crate::{Contract, Json, MILLISECOND, Nanos, SECOND, Text};

/// Most packets that a picture remembers.
const SHOTS: usize = 48;

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keepalive probe.
    Probe,
    /// The answer to a probe, or to a message.
    Ack,
    /// A message.
    Data,
    /// A message sent again.
    Again,
    /// An RST.
    Reset,
}

/// A packet as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shot {
    /// When it was sent.
    pub t: Nanos,
    /// Who sent it.
    pub by: By,
    /// What it is.
    pub kind: Kind,
    /// Where it ended.
    pub end: End,
}

/// Where a packet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the other end.
    Arrived,
    /// At the box, which had forgotten the connection.
    AtTheBox,
    /// At a machine that is off.
    Nowhere,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nobody answered: ETIMEDOUT.
    TimedOut,
    /// An RST came: ECONNRESET.
    Reset,
}

/// What is on its way to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coming {
    Ack,
    Data,
    Reset,
}

/// A connection over time.
#[derive(Clone, Debug)]
pub struct TcpKeepalive {
    pub(super) scenario: Rc<Scenario>,
    planned: Rc<[(Nanos, By)]>,
    next_send: usize,
    pub(super) now: Nanos,
    pub(super) clock: Jiffies,
    pub(super) rules: Rules,
    settings: Settings,
    coming: BTreeMap<(Nanos, u64), Coming>,
    order: u64,
    begun: bool,
    vanished: bool,
    /// Whether the peer still knows the connection.
    known: bool,
    pub(super) timer: Option<Nanos>,
    pub(super) retransmit: Option<Retransmit>,
    /// When something was last received.
    pub(super) heard: Nanos,
    /// When the box last saw a packet; `None` once it has forgotten.
    pub(super) seen_by_box: Option<Nanos>,
    pub(super) probes_out: u64,
    pub(super) probes: u64,
    pub(super) timeouts: u64,
    pub(super) loss_probes: u64,
    pub(super) retrans_segs: u64,
    pub(super) out_segs: u64,
    pub(super) in_segs: u64,
    pub(super) sent_bytes: u64,
    pub(super) acked_bytes: u64,
    pub(super) received_bytes: u64,
    pub(super) forgotten_at: Option<Nanos>,
    pub(super) ended: Option<(Nanos, Ended)>,
    shots: VecDeque<Shot>,
}

/// What comes next, in the order things at one instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Begin,
    Coming,
    Vanish,
    Back,
    Forget,
    Send,
    Retransmit,
    Keepalive,
}

impl TcpKeepalive {
    /// The scenario of the run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// When the keepalive timer goes off.
    pub fn timer(&self) -> Option<Nanos> {
        self.timer
    }

    /// When something was last received.
    pub fn heard(&self) -> Nanos {
        self.heard
    }

    /// Probes without an answer.
    pub fn probes_out(&self) -> u64 {
        self.probes_out
    }

    /// When the box will have forgotten, if it has not.
    pub fn box_forgets(&self) -> Option<Nanos> {
        let idle = u64::try_from(self.scenario.box_idle_s).ok().filter(|s| *s > 0)? * SECOND;
        self.seen_by_box.map(|seen| seen + idle)
    }

    /// When the box forgot the connection.
    pub fn forgotten_at(&self) -> Option<Nanos> {
        self.forgotten_at
    }

    /// How and when the connection ended.
    pub fn ended(&self) -> Option<(Nanos, Ended)> {
        self.ended
    }

    /// Whether the peer is there and knows the connection.
    pub fn peer_knows(&self) -> bool {
        self.known && !self.vanished
    }

    /// The last packets, oldest first.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.shots.iter()
    }

    /// The same with other messages, at any time.
    #[cfg(feature = "golden")]
    pub(super) fn saying(mut self, planned: Vec<(Nanos, By)>) -> TcpKeepalive {
        self.planned = planned.into();
        self
    }

    fn next(&self) -> (Nanos, Option<Next>) {
        let s = &self.scenario;
        let at = |ms: i64| u64::try_from(ms).ok().map(|ms| ms * MILLISECOND);
        let begin = (!self.begun).then_some((0, Next::Begin));
        let coming = self.coming.keys().next().map(|(t, _)| (*t, Next::Coming));
        let vanish = at(s.vanish_ms).filter(|_| self.known && !self.vanished).map(|t| (t, Next::Vanish));
        let back = at(s.back_ms).filter(|_| self.vanished).map(|t| (t, Next::Back));
        let forget = self.box_forgets().map(|t| (t, Next::Forget));
        let send = self.planned.get(self.next_send).filter(|_| self.ended.is_none()).map(|(t, _)| (*t, Next::Send));
        let retransmit = self.retransmit.as_ref().map(|r| (r.at, Next::Retransmit));
        let timer = self.timer.map(|t| (t, Next::Keepalive));
        match [begin, coming, vanish, back, forget, send, retransmit, timer].into_iter().flatten().min() {
            Some((t, next)) if t.max(self.now) <= self.ends() => (t.max(self.now), Some(next)),
            _ => (self.ends(), None),
        }
    }

    fn carry_out(&mut self, next: Next, log: &mut Log) {
        let t = self.now;
        match next {
            Next::Begin => {
                self.begun = true;
                let on = self.scenario.so_keepalive != 0;
                if on {
                    self.timer = Some(self.clock.expiry(t, self.settings.time));
                }
                let timer = self.timer;
                log.push(t, "open", || tell::open(timer));
            }
            Next::Coming => self.receive(log),
            Next::Vanish => {
                self.vanished = true;
                log.push(t, "vanish", tell::vanish);
            }
            Next::Back => {
                (self.vanished, self.known) = (false, false);
                log.push(t, "back", tell::back);
            }
            Next::Forget => {
                self.forgotten_at = Some(t);
                let quiet = self.seen_by_box.take().map_or(0, |seen| t - seen);
                log.push(t, "forget", || tell::forget(quiet));
            }
            Next::Send => {
                let (_, by) = self.planned[self.next_send];
                self.next_send += 1;
                self.send(by, log);
            }
            Next::Retransmit => self.retransmit_timer(log),
            Next::Keepalive => self.keepalive_timer(log),
        }
    }

    fn keepalive_timer(&mut self, log: &mut Log) {
        let t = self.now;
        let elapsed = self.clock.at(t) - self.clock.at(self.heard);
        let data = self.retransmit.is_some();
        match self.settings.fire(Seen { elapsed, probes_out: self.probes_out, data }) {
            Verdict::Later(ticks) => {
                self.timer = Some(self.clock.expiry_in_handler(t, ticks));
                let (quiet, left) = (t - self.heard, self.timer.unwrap_or(t) - t);
                log.push(t, "look", || tell::look(quiet, left, data));
            }
            Verdict::Probe(ticks) => {
                self.probes += 1;
                self.probes_out += 1;
                self.emit(Kind::Probe, log);
                self.timer = Some(self.clock.expiry_in_handler(t, ticks));
                let (n, quiet) = (self.probes_out, t - self.heard);
                let last = self.shots.back().map_or(End::Arrived, |shot| shot.end);
                log.push(t, "probe", || tell::probe(n, quiet, last));
            }
            Verdict::Abort => {
                let (probes, quiet) = (self.probes_out, t - self.heard);
                self.emit(Kind::Reset, log);
                log.push(t, "abort", || tell::abort(probes, quiet));
                self.end(Ended::TimedOut);
            }
        }
    }

    fn retransmit_timer(&mut self, log: &mut Log) {
        let (t, clock) = (self.now, self.clock);
        let user = u64::try_from(self.scenario.user_timeout_ms).unwrap_or(0);
        let retries2 = u64::try_from(self.scenario.tcp_retries2).unwrap_or(0);
        let Some(retransmit) = self.retransmit.as_mut() else { return };
        if retransmit.given_up(t, retries2, user) {
            let count = retransmit.count;
            log.push(t, "abort", || tell::retransmission_ended(count));
            self.end(Ended::TimedOut);
            return;
        }
        let probe = retransmit.fire(&clock, t, user);
        let left = retransmit.at - t;
        self.retrans_segs += 1;
        *if probe { &mut self.loss_probes } else { &mut self.timeouts } += 1;
        self.emit(Kind::Again, log);
        self.out_segs -= 1;
        log.push(t, "retransmit", || tell::retransmit(probe, left));
    }

    fn end(&mut self, how: Ended) {
        self.ended = Some((self.now, how));
        (self.timer, self.retransmit) = (None, None);
    }

    /// A connection made at time zero; `phase` is how long before it its tick began.
    pub(super) fn with(s: &Scenario, phase: Nanos) -> TcpKeepalive {
        let rules = Rules::of(s.kernel).expect("a valid scenario names a modelled kernel");
        let rounding = match (s.timer_wheel != 0, rules.timer_wheel) {
            (false, _) => Rounding::None,
            (true, false) => Rounding::Tick,
            (true, true) => Rounding::Wheel,
        };
        let clock = Jiffies { hz: s.hz as u64, first: s.jiffies as u64, phase, rounding };
        let n = |value: i64| u64::try_from(value).unwrap_or(0);
        let user = if rules.user_timeout { n(s.user_timeout_ms) } else { 0 };
        let [time, intvl, probes] = [s.tcp_keepalive_time, s.tcp_keepalive_intvl, s.tcp_keepalive_probes].map(n);
        let end = n(s.duration_ms) * MILLISECOND;
        let mut planned = Vec::new();
        for send in &s.sends {
            let times = (0..send.count).map(|i| (n(send.at_ms) + n(send.every_ms) * i as u64) * MILLISECOND);
            planned.extend(times.take_while(|t| *t <= end).map(|t| (t, send.by)));
        }
        planned.sort_by_key(|(t, _)| *t);
        TcpKeepalive {
            scenario: Rc::new(s.clone()),
            planned: planned.into(),
            next_send: 0,
            now: 0,
            clock,
            rules,
            settings: Settings::of(&clock, time, intvl, probes, user),
            coming: BTreeMap::new(),
            order: 0,
            begun: false,
            vanished: false,
            known: true,
            timer: None,
            retransmit: None,
            heard: 0,
            seen_by_box: Some(0),
            probes_out: 0,
            probes: 0,
            timeouts: 0,
            loss_probes: 0,
            retrans_segs: 0,
            out_segs: 0,
            in_segs: 0,
            sent_bytes: 0,
            acked_bytes: 0,
            received_bytes: 0,
            forgotten_at: None,
            ended: None,
            shots: VecDeque::new(),
        }
    }
}

impl Model for TcpKeepalive {
    const NAME: &'static str = "tcp-keepalive";
    const VERSION: u32 = 1;
    const CAPTURES: bool = true;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("TCP keepalive", "TCP keepalive")
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

    fn start(scenario: &Valid<TcpKeepalive>) -> TcpKeepalive {
        TcpKeepalive::with(scenario, 0)
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
        size_of::<Self>() + self.shots.len() * size_of::<Shot>() + self.coming.len() * 32
    }
}

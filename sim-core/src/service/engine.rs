//! The mechanism: who comes when, who waits where, and who gets what is free.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use super::ports::Ports;
use super::random::{Chance, Spread};
use super::rules::Rules;
use super::scenario::Scenario;
use super::window::Windows;
use crate::{MILLISECOND, Nanos};

/// Where a visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Has not come yet, thinks, or waits after a failure.
    Away,
    /// Its SYN was dropped; it is sent again when its time is over.
    Syn,
    /// With the proxy, or waiting for it.
    Proxy,
    /// In the kernel and the part of the service that speaks HTTP.
    Outside,
    /// Waits for a worker (the accept queue, or data that nobody has read).
    Queue,
    /// Has a worker that computes, or waits for a CPU.
    Worker,
    /// Its worker opens a connection to the backend.
    Connect,
    /// Its worker waits for a connection of the pool.
    Pool,
    /// Its worker waits for the backend.
    Backend,
}

/// A visitor.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// Where it is.
    pub stage: Stage,
    /// When its visit began.
    pub since: Nanos,
    /// How often its SYN was sent.
    pub sent: u32,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A visit begins.
    Come(u16),
    /// A SYN is sent again.
    Syn(u16),
    /// A CPU has done what it did for somebody.
    Computed(u16),
    /// The backend has answered.
    Backend(u16),
}

/// What happened, for whoever tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Nobody is free: the visit waits, the queue being so long with it.
    Waits { client: u16, queue: usize },
    /// The queue was full: the SYN was dropped for the nth time, and is sent again after so long.
    Dropped { client: u16, sent: u32, again: Option<Nanos> },
    /// A worker takes a visit that had waited so long.
    Begins { client: u16, waited: Nanos },
    /// No local port was left.
    NoPort { client: u16 },
    /// It was answered after so long.
    Answered { client: u16, took: Nanos },
    /// Ports came back from TIME_WAIT.
    Returned { ports: u64 },
    /// A window was closed.
    Window,
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub answered: u64,
    pub failed: u64,
    /// SYNs dropped at a full queue (`TcpExtListenOverflows`).
    pub overflows: u64,
    /// Connections to the backend that were opened.
    pub opened: u64,
    /// When a visit first failed, ns; 0 while none has.
    pub first_failed: Nanos,
}

/// Something to compute for a visitor.
type Burst = (u16, Nanos);

/// Everything that moves.
#[derive(Clone, Debug)]
pub struct Engine {
    s: Rc<Scenario>,
    rules: Rules,
    now: Nanos,
    order: u64,
    due: BinaryHeap<Reverse<(Nanos, u64, Due)>>,
    visitors: Vec<Visitor>,
    /// Visitors for whom a CPU computes.
    running: u64,
    /// Who waits for a CPU: first what is short (proxy, kernel), then workers.
    ready: [VecDeque<Burst>; 2],
    /// Who waits for the proxy; the first is being served.
    proxy: VecDeque<u16>,
    /// Who waits for a worker.
    queue: VecDeque<u16>,
    busy: u64,
    pool_idle: u64,
    pool_open: u64,
    pool_queue: VecDeque<u16>,
    /// Who waits for the backend; the first ones are being served.
    backend: VecDeque<u16>,
    served: u64,
    ports: Ports,
    inside: u64,
    chance: Chance,
    counters: Counters,
    windows: Windows,
}

impl Engine {
    pub fn new(s: Rc<Scenario>, rules: Rules) -> Engine {
        let ports = if s.ports == 0 { rules.ports() } else { s.ports };
        let visitor = Visitor { stage: Stage::Away, since: 0, sent: 0 };
        let mut engine = Engine {
            rules,
            now: 0,
            order: 0,
            due: BinaryHeap::new(),
            visitors: vec![visitor; s.clients as usize],
            running: 0,
            ready: [VecDeque::new(), VecDeque::new()],
            proxy: VecDeque::new(),
            queue: VecDeque::new(),
            busy: 0,
            pool_idle: 0,
            pool_open: 0,
            pool_queue: VecDeque::new(),
            backend: VecDeque::new(),
            served: 0,
            ports: Ports::new(ports as u64),
            inside: 0,
            chance: Chance::new(s.seed as u64),
            counters: Counters::default(),
            windows: Windows::new(s.duration_ms as u64 * MILLISECOND),
            s,
        };
        for client in 0..engine.s.clients as u16 {
            engine.at(u64::from(client) * engine.s.ramp_ms as u64 * MILLISECOND, Due::Come(client));
        }
        engine
    }

    pub fn now(&self) -> Nanos {
        self.now
    }

    pub fn visitors(&self) -> &[Visitor] {
        &self.visitors
    }

    pub fn queue(&self) -> &VecDeque<u16> {
        &self.queue
    }

    /// Workers that have a visit.
    pub fn busy(&self) -> u64 {
        self.busy
    }

    /// CPUs that compute.
    pub fn running(&self) -> u64 {
        self.running
    }

    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// Connections of the pool that are open, or those of visits that opened their own.
    pub fn connections(&self) -> u64 {
        if self.s.pool > 0 { self.pool_open } else { self.ports.open() }
    }

    /// Most visits that may wait for a worker: one more than the kernel is told, as it counts.
    pub fn room(&self) -> usize {
        let backlog = if self.s.backlog == 0 { self.rules.somaxconn } else { self.s.backlog };
        backlog as usize + 1
    }

    pub fn footprint(&self) -> usize {
        let queues = self.visitors.len() * (size_of::<Visitor>() + 64);
        size_of::<Engine>() + queues + self.ports.footprint() + 2 * super::histogram::Histogram::BYTES
    }

    /// The next moment at which something happens.
    pub fn next(&self) -> Nanos {
        let due = self.due.peek().map_or(Nanos::MAX, |Reverse((t, ..))| *t);
        let returns = self.ports.next().unwrap_or(Nanos::MAX);
        due.min(self.windows.next()).min(returns)
    }

    /// Time passes and nothing happens.
    pub fn pass(&mut self, to: Nanos) {
        let dt = to - self.now;
        self.now = to;
        let what = [self.running, self.busy, self.inside, self.queue.len() as u64];
        self.windows.pass(to, dt, what);
    }

    /// Does one of the things that are due now; false when there is none left.
    pub fn turn(&mut self, happened: &mut Vec<Happening>) -> bool {
        if self.windows.next() <= self.now {
            self.windows.close(self.now, self.s.cpus as u64, self.s.workers as u64);
            happened.push(Happening::Window);
            return true;
        }
        let ports = self.ports.expire(self.now);
        if ports > 0 {
            happened.push(Happening::Returned { ports });
            return true;
        }
        let now = self.now;
        let due = |Reverse((t, ..)): &Reverse<(Nanos, u64, Due)>| *t <= now;
        if !self.due.peek().is_some_and(due) {
            return false;
        }
        let Some(Reverse((_, _, what))) = self.due.pop() else { return false };
        match what {
            Due::Come(c) => self.come(c, happened),
            Due::Syn(c) => self.arrive(c, happened),
            Due::Computed(c) => self.computed(c, happened),
            Due::Backend(c) => self.backend_answered(c, happened),
        }
        true
    }

    fn at(&mut self, t: Nanos, what: Due) {
        self.order += 1;
        self.due.push(Reverse((t, self.order, what)));
    }

    fn stage(&mut self, c: u16, stage: Stage) {
        self.visitors[usize::from(c)].stage = stage;
    }

    fn come(&mut self, c: u16, happened: &mut Vec<Happening>) {
        self.visitors[usize::from(c)] = Visitor { stage: Stage::Proxy, since: self.now, sent: 0 };
        self.inside += 1;
        if self.s.proxy == 0 {
            return self.outside(c, happened);
        }
        self.proxy.push_back(c);
        if self.proxy.len() == 1 {
            self.compute(c, self.s.proxy_ns());
        }
    }

    /// The kernel and the part of the service that is no worker.
    fn outside(&mut self, c: u16, happened: &mut Vec<Happening>) {
        match self.s.outside_ns() {
            0 => self.arrive(c, happened),
            ns => {
                self.stage(c, Stage::Outside);
                self.compute(c, ns);
            }
        }
    }

    /// The visit wants a worker.
    fn arrive(&mut self, c: u16, happened: &mut Vec<Happening>) {
        if self.busy < self.s.workers as u64 {
            return self.begin(c, happened);
        }
        if self.s.connects_each_time() && self.queue.len() >= self.room() {
            self.counters.overflows += 1;
            let visitor = &mut self.visitors[usize::from(c)];
            visitor.sent += 1;
            visitor.stage = Stage::Syn;
            let sent = visitor.sent;
            let again = self.rules.syn_again(sent);
            happened.push(Happening::Dropped { client: c, sent, again });
            return match again {
                Some(after) => self.at(self.now + after, Due::Syn(c)),
                None => self.fail(c),
            };
        }
        self.stage(c, Stage::Queue);
        self.queue.push_back(c);
        happened.push(Happening::Waits { client: c, queue: self.queue.len() });
    }

    /// A worker takes it.
    fn begin(&mut self, c: u16, happened: &mut Vec<Happening>) {
        self.busy += 1;
        let waited = self.now - self.visitors[usize::from(c)].since;
        happened.push(Happening::Begins { client: c, waited });
        self.stage(c, Stage::Worker);
        let cpu = self.chance.time(Spread::of(self.s.cpu_spread), self.s.cpu_us as u64 * 1000);
        self.compute(c, cpu);
    }

    fn compute(&mut self, c: u16, ns: Nanos) {
        if self.running < self.s.cpus as u64 {
            self.running += 1;
            return self.at(self.now + ns, Due::Computed(c));
        }
        let short = matches!(self.visitors[usize::from(c)].stage, Stage::Proxy | Stage::Outside);
        self.ready[usize::from(!short)].push_back((c, ns));
    }

    /// A CPU is done with somebody, and takes up the next.
    fn computed(&mut self, c: u16, happened: &mut Vec<Happening>) {
        self.running -= 1;
        let next = self.ready[0].pop_front().or_else(|| self.ready[1].pop_front());
        if let Some((next, ns)) = next {
            self.running += 1;
            self.at(self.now + ns, Due::Computed(next));
        }
        match self.visitors[usize::from(c)].stage {
            Stage::Proxy => {
                self.proxy.pop_front();
                if let Some(next) = self.proxy.front() {
                    self.compute(*next, self.s.proxy_ns());
                }
                self.outside(c, happened);
            }
            Stage::Outside => self.arrive(c, happened),
            Stage::Worker => self.want_connection(c, happened),
            _ => self.ask_backend(c),
        }
    }

    fn want_connection(&mut self, c: u16, happened: &mut Vec<Happening>) {
        if self.pool_idle > 0 {
            self.pool_idle -= 1;
            return self.ask_backend(c);
        }
        if self.s.pool > 0 && self.pool_open >= self.s.pool as u64 {
            self.stage(c, Stage::Pool);
            return self.pool_queue.push_back(c);
        }
        if self.s.pool > 0 {
            self.pool_open += 1;
        } else if !self.ports.take() {
            happened.push(Happening::NoPort { client: c });
            self.fail(c);
            return self.free_worker(happened);
        }
        self.counters.opened += 1;
        self.stage(c, Stage::Connect);
        self.compute(c, self.s.connect_us as u64 * 1000);
    }

    fn ask_backend(&mut self, c: u16) {
        self.stage(c, Stage::Backend);
        self.backend.push_back(c);
        self.serve_backend();
    }

    fn serve_backend(&mut self) {
        while self.served < self.s.backend_servers as u64 {
            let Some(c) = self.backend.pop_front() else { return };
            self.served += 1;
            let time = self.chance.time(Spread::of(self.s.backend_spread), self.s.backend_us as u64 * 1000);
            self.at(self.now + time, Due::Backend(c));
        }
    }

    fn backend_answered(&mut self, c: u16, happened: &mut Vec<Happening>) {
        self.served -= 1;
        self.serve_backend();
        if self.s.pool == 0 {
            self.ports.close(self.now);
        } else if let Some(next) = self.pool_queue.pop_front() {
            self.ask_backend(next);
        } else {
            self.pool_idle += 1;
        }
        let since = self.visitors[usize::from(c)].since;
        self.counters.answered += 1;
        self.windows.answered(self.now, since);
        happened.push(Happening::Answered { client: c, took: self.now - since });
        self.leave(c);
        let think = self.chance.time(Spread::of(self.s.think_spread), self.s.think_us as u64 * 1000);
        self.at(self.now + think, Due::Come(c));
        self.free_worker(happened);
    }

    fn leave(&mut self, c: u16) {
        self.stage(c, Stage::Away);
        self.inside -= 1;
    }

    fn fail(&mut self, c: u16) {
        if self.counters.failed == 0 {
            self.counters.first_failed = self.now;
        }
        self.counters.failed += 1;
        self.leave(c);
        self.at(self.now + self.s.retry_ms as u64 * MILLISECOND, Due::Come(c));
    }

    fn free_worker(&mut self, happened: &mut Vec<Happening>) {
        self.busy -= 1;
        if let Some(next) = self.queue.pop_front() {
            self.begin(next, happened);
        }
    }
}

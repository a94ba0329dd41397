//! What a run starts from, and what can be said of it beforehand.

use serde::{Deserialize, Serialize};

use crate::{KernelVersion, Nanos};

/// Visitors of a service and how it is built.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they are
/// in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Visitors.
    pub clients: i64,
    /// How long after one visitor the next first comes, ms.
    pub ramp_ms: i64,
    /// How long a visitor thinks between an answer and the next visit, µs.
    pub think_us: i64,
    /// 0: always as long; 1: exponential.
    pub think_spread: i64,
    /// CPUs of the machine.
    pub cpus: i64,
    /// Worker threads.
    pub workers: i64,
    /// CPU time of a visit in its worker, µs.
    pub cpu_us: i64,
    /// 0: always as long; 1: exponential.
    pub cpu_spread: i64,
    /// CPU time of a visit outside the workers, on the same CPUs, µs.
    pub other_us: i64,
    /// 1: visitors keep their connection; 0: each visit opens one.
    pub keepalive: i64,
    /// 0: no proxy; 1: one that opens a connection for each visit; 2: one that keeps some.
    pub proxy: i64,
    /// CPU time of a visit in the proxy, µs.
    pub proxy_us: i64,
    /// Connections to the backend that are kept; 0: a new one for each visit.
    pub pool: i64,
    /// CPU time for opening a connection, µs.
    pub connect_us: i64,
    /// Time of a visit in the backend, µs.
    pub backend_us: i64,
    /// 0: always as long; 1: exponential.
    pub backend_spread: i64,
    /// Visits the backend works on at a time.
    pub backend_servers: i64,
    /// Local ports towards the backend; 0: the kernel's default range.
    pub ports: i64,
    /// Length of the queue for connections that nobody has accepted; 0: the kernel's `somaxconn`.
    pub backlog: i64,
    /// How long a visitor waits after a failure, ms.
    pub retry_ms: i64,
    /// Seed of what is left to chance.
    pub seed: i64,
}

/// What follows from service times alone, whatever the queues do (operational bounds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What a visit takes that never waits, ns: `D`.
    pub demand: Nanos,
    /// What a visit takes of the resource that is busiest, divided by how many of it there are, ns:
    /// `D_max`.
    pub most: Nanos,
    /// Which resource that is.
    pub bottleneck: Bottleneck,
    /// Think time, ns: `Z`.
    pub think: Nanos,
}

/// What limits throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bottleneck {
    /// The workers.
    Workers,
    /// The CPUs of the machine.
    Cpus,
    /// The backend.
    Backend,
    /// The one process of the proxy.
    Proxy,
    /// Connections of the pool.
    Pool,
}

impl Bounds {
    /// Visits a second that no tuning of queues can exceed with so many visitors, times 1000:
    /// `min(N / (D + Z), 1 / D_max)`.
    pub fn per_1000_s(&self, clients: u64) -> u64 {
        const SECONDS: u64 = 1_000_000_000_000;
        let few = crate::mul_div(clients, SECONDS, (self.demand + self.think).max(1));
        few.min(SECONDS / self.most.max(1))
    }

    /// Visitors beyond which somebody has to wait, times 1000: `(D + Z) / D_max`.
    pub fn knee_1000(&self) -> u64 {
        crate::mul_div(self.demand + self.think, 1000, self.most.max(1))
    }
}

impl Scenario {
    /// CPU time of a visit in the proxy with the connection it may open, µs.
    fn in_proxy_us(&self) -> i64 {
        match self.proxy {
            0 => 0,
            1 => self.proxy_us + self.connect_us,
            _ => self.proxy_us,
        }
    }

    /// CPU time of a visit outside workers and proxy, with accepting the connections it comes on, µs.
    fn outside_us(&self) -> i64 {
        let accepted = i64::from(self.keepalive == 0) + i64::from(self.proxy == 1);
        self.other_us + accepted * self.connect_us
    }

    /// CPU time of a visit in its worker without and with opening a connection, µs.
    fn opening_us(&self) -> i64 {
        if self.pool == 0 { self.connect_us } else { 0 }
    }

    /// Whether each visit comes to the service on a connection of its own.
    pub(super) fn connects_each_time(&self) -> bool {
        if self.proxy == 0 { self.keepalive == 0 } else { self.proxy == 1 }
    }

    pub(super) fn proxy_ns(&self) -> Nanos {
        self.in_proxy_us() as u64 * 1000
    }

    pub(super) fn outside_ns(&self) -> Nanos {
        self.outside_us() as u64 * 1000
    }

    /// What can be said of throughput and latency before anything runs; service times by their means.
    pub fn bounds(&self) -> Bounds {
        let ns = |us: i64| us.max(0) as u64 * 1000;
        let held = ns(self.cpu_us + self.opening_us() + self.backend_us);
        let cpu = ns(self.cpu_us + self.opening_us() + self.outside_us() + self.in_proxy_us());
        let share = |ns: u64, of: i64| ns / of.max(1) as u64;
        let mut all = vec![
            (share(held, self.workers), Bottleneck::Workers),
            (share(cpu, self.cpus), Bottleneck::Cpus),
            (share(ns(self.backend_us), self.backend_servers), Bottleneck::Backend),
            (ns(self.in_proxy_us()), Bottleneck::Proxy),
        ];
        if self.pool > 0 {
            all.push((share(ns(self.backend_us), self.pool), Bottleneck::Pool));
        }
        // Of several that are as busy the first.
        let (most, bottleneck) = all.into_iter().rev().max_by_key(|(ns, _)| *ns).unwrap_or((0, Bottleneck::Workers));
        let demand = held + ns(self.outside_us() + self.in_proxy_us());
        Bounds { demand, most, bottleneck, think: ns(self.think_us) }
    }
}

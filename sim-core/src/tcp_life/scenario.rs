//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// Hosts that open connections to each other, and how they are set up.
///
/// The sysctls are those of every host. Scalars are `i64` because controls and refusals handle them
/// alike; [`crate::Valid`] says they are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Jiffies at the start: where the timer wheel stands.
    pub jiffies: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Whose files, counters and packets are seen: a [`Host`] by number.
    pub watch: i64,
    /// First local port of `connect()`.
    pub ip_local_port_range_low: i64,
    /// Last local port of `connect()`.
    pub ip_local_port_range_high: i64,
    /// 0, 1 or 2 (loopback only).
    pub tcp_tw_reuse: i64,
    /// How old a TIME_WAIT must be before it is taken over, ms (6.14).
    pub tcp_tw_reuse_delay: i64,
    /// 1 when segments carry timestamps.
    pub tcp_timestamps: i64,
    /// 1 when TIME_WAITs are cut short and a peer's timestamps are remembered (until 4.11).
    pub tcp_tw_recycle: i64,
    /// Most TIME_WAITs of a host.
    pub tcp_max_tw_buckets: i64,
    /// How long an orphaned FIN_WAIT2 is kept, s.
    pub tcp_fin_timeout: i64,
    /// From one end of the wire to the other and back, µs.
    pub rtt_us: i64,
    /// 1 when all hosts are one, on 127.0.0.1.
    pub loopback: i64,
    /// 1 when the clients share one address behind a router.
    pub nat: i64,
    /// When the process on `server` ends and starts again, ms; 0 for never.
    pub restart_ms: i64,
    /// Who set `SO_REUSEADDR` on the server's port: 0 nobody, 1 the new process only, 2 both.
    pub so_reuseaddr: i64,
    /// Seed of what is secret or random in a kernel.
    pub seed: i64,
    /// Who connects where, how often, and who closes.
    pub legs: Vec<Leg>,
}

/// Requests from one host to another, and the connections that carry them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Who connects.
    pub from: Host,
    /// Who listens.
    pub to: Host,
    /// Port of the listener.
    pub port: i64,
    /// An earlier leg, by its place, each request of which causes one here; -1 for requests of its own.
    pub caused_by: i64,
    /// Requests a second, where nothing causes them.
    pub per_s: i64,
    /// When requests begin, ms.
    pub from_ms: i64,
    /// When they end, ms.
    pub until_ms: i64,
    /// How long the server takes for one, ms.
    pub service_ms: i64,
    /// Most idle connections the client keeps for the next request; 0 when each request has a
    /// connection of its own.
    pub pool: i64,
    /// Requests after which a kept connection is closed (nginx: `keepalive_requests`).
    pub requests: i64,
    /// After how long the server closes an idle connection, ms (nginx: `keepalive_timeout`); 0 for never.
    pub idle_ms: i64,
    /// Who closes, and how.
    pub close: Close,
    /// Addresses of the client, taken in turns.
    pub sources: i64,
    /// Addresses of the server, taken in turns.
    pub destinations: i64,
}

/// A host of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Host {
    /// A client.
    Client,
    /// Another client.
    Client2,
    /// What stands between them, if it does.
    Proxy,
    /// The server.
    Server,
}

impl Host {
    /// The hosts by their names in a scenario, in the order of their numbers.
    pub const NAMES: [(&'static str, Host); 4] =
        [("client", Host::Client), ("client2", Host::Client2), ("proxy", Host::Proxy), ("server", Host::Server)];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        Host::NAMES[self.number()].0
    }

    /// Its number.
    pub fn number(self) -> usize {
        self as usize
    }
}

/// Who closes a connection after its last answer, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Close {
    /// The client.
    Client,
    /// The server, right behind the answer.
    Server,
    /// Both in the same instant.
    Both,
    /// The client with `SO_LINGER` on and 0 s: an RST.
    Linger0,
    /// The client without having read the answer: an RST as well.
    Unread,
    /// The client; the server's application never closes its end.
    Leak,
    /// The client with `shutdown(SHUT_WR)`, keeping its socket; the server never closes.
    Shutdown,
}

impl Close {
    /// The ways by their names in a scenario.
    pub const NAMES: [(&'static str, Close); 7] = [
        ("client", Close::Client),
        ("server", Close::Server),
        ("both", Close::Both),
        ("linger0", Close::Linger0),
        ("unread", Close::Unread),
        ("leak", Close::Leak),
        ("shutdown", Close::Shutdown),
    ];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        Close::NAMES[self as usize].0
    }
}

impl Leg {
    /// Connections from one host to another over the whole of `until_ms`, a request each, which the
    /// client closes.
    pub const fn new(from: Host, to: Host, per_s: i64, until_ms: i64) -> Leg {
        Leg {
            from,
            to,
            port: 8080,
            caused_by: -1,
            per_s,
            from_ms: 0,
            until_ms,
            service_ms: 1,
            pool: 0,
            requests: 1000,
            idle_ms: 0,
            close: Close::Client,
            sources: 1,
            destinations: 1,
        }
    }

    /// The same with another way to close.
    pub const fn closed_by(mut self, close: Close) -> Leg {
        self.close = close;
        self
    }

    /// Keeps up to `pool` idle connections, each for so many requests.
    pub const fn pooled(mut self, pool: i64, requests: i64) -> Leg {
        self.pool = pool;
        self.requests = requests;
        self
    }

    /// Its requests are caused by those of an earlier leg.
    pub const fn caused_by(mut self, leg: i64) -> Leg {
        self.caused_by = leg;
        self.per_s = 0;
        self
    }
}

//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// A connection, what its application writes, and what becomes of the packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// What the socket is at the start.
    pub start: Start,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Round trip where `samples` says nothing, µs.
    pub rtt_us: i64,
    /// Longest time `connect()` may take, ms; 0 for as long as the kernel takes.
    pub connect_timeout_ms: i64,
    /// When the application closes the connection, ms; -1 for never.
    pub close_ms: i64,
    /// `net.ipv4.tcp_syn_retries`.
    pub tcp_syn_retries: i64,
    /// `net.ipv4.tcp_syn_linear_timeouts` (6.5).
    pub tcp_syn_linear_timeouts: i64,
    /// `net.ipv4.tcp_synack_retries`.
    pub tcp_synack_retries: i64,
    /// `net.ipv4.tcp_retries2`.
    pub tcp_retries2: i64,
    /// `net.ipv4.tcp_orphan_retries`.
    pub tcp_orphan_retries: i64,
    /// `net.ipv4.tcp_early_retrans`: 3 sends loss probes, 0 does not.
    pub tcp_early_retrans: i64,
    /// `net.ipv4.tcp_timestamps`.
    pub tcp_timestamps: i64,
    /// `net.ipv4.tcp_rto_min_us` (6.11), µs.
    pub tcp_rto_min_us: i64,
    /// `net.ipv4.tcp_rto_max_ms` (6.15), ms.
    pub tcp_rto_max_ms: i64,
    /// `rto_min` of the route, ms; 0 where the route says nothing.
    pub route_rto_min_ms: i64,
    /// `TCP_RTO_MIN_US` of the socket, µs; 0 where it says nothing.
    pub socket_rto_min_us: i64,
    /// `TCP_USER_TIMEOUT`, ms; 0 for off.
    pub user_timeout_ms: i64,
    /// 1 where timers are rounded as the kernel rounds them, 0 where they are exact.
    pub timer_wheel: i64,
    /// `jiffies` at the start: where the timer wheel stands.
    pub jiffies: i64,
    /// What the application writes.
    pub writes: Vec<Write>,
    /// Which packets are lost.
    pub losses: Vec<Loss>,
    /// Round trips of the packets, in the order of their sending.
    pub samples: Vec<Sample>,
}

/// What a socket is at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// Connected, with one round trip measured when it was.
    Established,
    /// `connect()` sends its first SYN at time zero.
    SynSent,
    /// A listener was sent a SYN at time zero and answers it.
    SynRecv,
}

impl Start {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Start); 3] =
        [("established", Start::Established), ("syn-sent", Start::SynSent), ("syn-recv", Start::SynRecv)];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        Start::NAMES.iter().find(|(_, start)| *start == self).map_or("", |(name, _)| name)
    }
}

/// Some equal requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// When the first is written, ms.
    pub at_ms: i64,
    /// Packets of each.
    pub segments: i64,
    /// How many.
    pub count: i64,
    /// Time from one to the next, ms.
    pub every_ms: i64,
    /// How long the application waits for the answer to each, ms; 0 for ever.
    pub timeout_ms: i64,
}

impl Write {
    /// One request of one packet.
    pub const fn at(at_ms: i64) -> Write {
        Write { at_ms, segments: 1, count: 1, every_ms: 0, timeout_ms: 0 }
    }

    /// Of so many packets.
    pub const fn of(mut self, segments: i64) -> Write {
        self.segments = segments;
        self
    }

    /// So many of them.
    pub const fn times(mut self, count: i64, every_ms: i64) -> Write {
        self.count = count;
        self.every_ms = every_ms;
        self
    }

    /// Given up by the application after that long.
    pub const fn within(mut self, timeout_ms: i64) -> Write {
        self.timeout_ms = timeout_ms;
        self
    }
}

/// A packet that does not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Which: 0 is the SYN (or SYN+ACK), then the packets of data in their order.
    pub segment: i64,
    /// How many of its transmissions are lost, the first ones.
    pub times: i64,
}

/// Round trips of some packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The round trip, µs.
    pub rtt_us: i64,
    /// How many packets in a row take it.
    pub times: i64,
}

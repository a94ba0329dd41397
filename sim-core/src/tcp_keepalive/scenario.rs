//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// A quiet connection, what is said on it now and then, and what happens to its other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// What a box on the way does with packets of a connection it has forgotten.
    pub forgotten: Forgotten,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Whether the application has set `SO_KEEPALIVE`.
    pub so_keepalive: i64,
    /// `net.ipv4.tcp_keepalive_time`, s.
    pub tcp_keepalive_time: i64,
    /// `net.ipv4.tcp_keepalive_intvl`, s.
    pub tcp_keepalive_intvl: i64,
    /// `net.ipv4.tcp_keepalive_probes`.
    pub tcp_keepalive_probes: i64,
    /// `TCP_USER_TIMEOUT`, ms; 0 for off.
    pub user_timeout_ms: i64,
    /// `net.ipv4.tcp_retries2`.
    pub tcp_retries2: i64,
    /// Round trip, µs.
    pub rtt_us: i64,
    /// How long a box on the way remembers a quiet connection, s; 0 where there is none.
    pub box_idle_s: i64,
    /// When the peer loses its power, ms; -1 for never.
    pub vanish_ms: i64,
    /// When it is up again and knows nothing of the connection, ms; -1 for never.
    pub back_ms: i64,
    /// 1 where timers are rounded as the kernel rounds them, 0 where they are exact.
    pub timer_wheel: i64,
    /// `jiffies` at the start: where the timer wheel stands.
    pub jiffies: i64,
    /// What is said.
    pub sends: Vec<Send>,
}

/// What a box on the way does with packets of a connection it has forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Forgotten {
    /// It drops them.
    Drops,
    /// It answers with an RST, or hands them to somebody who does.
    Resets,
}

impl Forgotten {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Forgotten); 2] = [("drops", Forgotten::Drops), ("resets", Forgotten::Resets)];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        Forgotten::NAMES.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// The end with the timer.
    Us,
    /// The other end.
    Peer,
}

impl By {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, By); 2] = [("us", By::Us), ("peer", By::Peer)];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        By::NAMES.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// Some small messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// Who sends them.
    pub by: By,
    /// When the first, ms.
    pub at_ms: i64,
    /// How many.
    pub count: i64,
    /// Time from one to the next, ms.
    pub every_ms: i64,
}

impl Send {
    /// One message of this end.
    pub const fn at(at_ms: i64) -> Send {
        Send { by: By::Us, at_ms, count: 1, every_ms: 0 }
    }

    /// So many of them.
    pub const fn times(mut self, count: i64, every_ms: i64) -> Send {
        self.count = count;
        self.every_ms = every_ms;
        self
    }

    /// Of the other end.
    pub const fn by_peer(mut self) -> Send {
        self.by = By::Peer;
        self
    }
}

//! What a host knows: its sockets by state, its buckets and its counters.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::connection::State;
use super::counters::Counters;
use super::time_wait::Buckets;

/// A host.
#[derive(Clone, Debug, Default)]
pub struct HostState {
    /// Sockets in each state, by [`State`]; those of buckets are not in it.
    pub sockets: [u32; State::ALL.len()],
    /// Sockets whose application has let go of them, without buckets.
    pub orphans: u32,
    /// Ends of accepted connections, buckets included: what stands in the way of a bind.
    pub accepted: u32,
    pub buckets: Buckets,
    /// Of the buckets those that are [`State::FinWait2`].
    pub fin_wait2_buckets: u32,
    pub counters: Counters,
    /// Last timestamp of each peer and the second it came in (`tcp_tw_recycle`).
    pub peers: BTreeMap<Ipv4Addr, (u32, u64)>,
    /// What is added to the search for a local port (`hint`, before 5.12).
    pub hint: u32,
}

impl HostState {
    /// Sockets in a state, buckets included.
    pub fn in_state(&self, state: State) -> u32 {
        let bucket = match state {
            State::TimeWait => self.buckets.len() as u32 - self.fin_wait2_buckets,
            State::FinWait2 => self.fin_wait2_buckets,
            _ => 0,
        };
        self.sockets[state as usize] + bucket
    }

    /// Sockets without buckets.
    pub fn full(&self) -> u32 {
        self.sockets[1..].iter().sum()
    }
}

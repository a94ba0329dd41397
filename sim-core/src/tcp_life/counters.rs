//! What a host counts, by the kernel's names.

/// Counters of a host since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// `Tcp: ActiveOpens`.
    pub active_opens: u64,
    /// `Tcp: PassiveOpens`.
    pub passive_opens: u64,
    /// `Tcp: AttemptFails`.
    pub attempt_fails: u64,
    /// `Tcp: EstabResets`.
    pub estab_resets: u64,
    /// `Tcp: InSegs`.
    pub in_segs: u64,
    /// `Tcp: OutSegs`.
    pub out_segs: u64,
    /// `Tcp: RetransSegs`.
    pub retrans_segs: u64,
    /// `Tcp: OutRsts`.
    pub out_rsts: u64,
    /// `TcpExt: TW`: buckets of more than 4 s.
    pub tw: u64,
    /// `TcpExt: TWRecycled`: taken over by a new connection.
    pub tw_recycled: u64,
    /// `TcpExt: TWKilled`: buckets of 4 s and less.
    pub tw_killed: u64,
    /// `TcpExt: PAWSPassive`: SYNs dropped for their timestamp.
    pub paws_passive: u64,
    /// `TcpExt: TCPTimeWaitOverflow`: buckets that were not made.
    pub tw_overflow: u64,
    /// `TcpExt: TCPAbortOnData`: closed with `SO_LINGER` of 0 s.
    pub abort_on_data: u64,
    /// `TcpExt: TCPAbortOnClose`: closed with data nobody had read.
    pub abort_on_close: u64,
    /// `connect()` that failed with EADDRNOTAVAIL. The kernel does not count them.
    pub no_port: u64,
    /// Sockets that were made, at either end.
    pub made: u64,
    /// Sockets and buckets that are gone.
    pub gone: u64,
}

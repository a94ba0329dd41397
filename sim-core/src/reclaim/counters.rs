//! What `/proc/vmstat` counts since the start.

/// Counters; all in pages unless they count times. Where there are two, anonymous is first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Pages looked at by kswapd, and by who needed memory itself.
    pub pgscan_by: [u64; 2],
    /// Pages taken by the same two.
    pub pgsteal_by: [u64; 2],
    /// Pages looked at by type.
    pub pgscan: [u64; 2],
    /// Pages taken by type.
    pub pgsteal: [u64; 2],
    /// Pages looked at on active lists.
    pub pgrefill: u64,
    /// Pages taken down from active lists.
    pub pgdeactivate: u64,
    /// Pages taken up to active lists.
    pub pgactivate: u64,
    /// Pages read from swap.
    pub pswpin: u64,
    /// Pages written to swap.
    pub pswpout: u64,
    /// Pages that came back after they had been reclaimed.
    pub refault: [u64; 2],
    /// Those of them that had gone too soon, and came back as active.
    pub activate: [u64; 2],
    /// Those of them that had been active before.
    pub restore: [u64; 2],
    /// Times somebody had to reclaim for itself (`allocstall`).
    pub allocstall: u64,
    /// Times kswapd began (`pageoutrun`).
    pub pageoutrun: u64,
    /// Programs killed.
    pub oom_kill: u64,
    /// Pages read from files, KiB (`pgpgin`).
    pub pgpgin: u64,
    /// Times `drop_caches` dropped page cache, and slab.
    pub dropped: [u64; 2],
}

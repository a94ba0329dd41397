//! What a write met, and what an address space has.

/// Fractional bits of the proportional share of a page (`fs/proc/task_mmu.c: PSS_SHIFT`).
pub(super) const PSS_SHIFT: u32 = 12;

/// What a write met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// Nothing yet: a page of zeros.
    Absent,
    /// A page of its own: no fault.
    Own,
    /// A page that others map too: a copy.
    Shared,
    /// A write-protected page that nobody else maps any more: it is kept.
    Left,
    /// A page in swap, its own or shared: it is read back.
    Swapped,
}

/// Some pages a write went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrote {
    /// How many; 0 when there is no room for the first of them.
    pub pages: u64,
    /// What was there.
    pub met: Met,
}

impl Wrote {
    /// Pages taken from the free ones.
    pub fn taken(self) -> u64 {
        if matches!(self.met, Met::Absent | Met::Shared | Met::Swapped) { self.pages } else { 0 }
    }

    /// Page faults.
    pub fn faults(self) -> u64 {
        if self.met == Met::Own { 0 } else { self.pages }
    }
}

/// What an address space has, in pages but for `pss`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Mapped, touched or not.
    pub mapped: u64,
    /// Resident and mapped here alone.
    pub private: u64,
    /// Resident and mapped elsewhere too.
    pub shared: u64,
    /// In swap.
    pub swapped: u64,
    /// Proportional share, bytes with [`PSS_SHIFT`] fractional bits.
    pub(super) pss: u64,
}

impl Held {
    /// Resident pages.
    pub fn rss(self) -> u64 {
        self.private + self.shared
    }

    /// Proportional share, kB as `smaps_rollup` prints it.
    pub fn pss_kb(self) -> u64 {
        self.pss >> (PSS_SHIFT + 10)
    }
}

//! Names and inodes a file system keeps in memory, and what reclaim takes of them.

use std::collections::VecDeque;

use super::calc::{SLAB_BATCH, freeable, slab_scan};
use super::rules::{Rules, SlabScan};

/// Dentries in a page: 21 of 192 bytes.
pub const DENTRIES: u64 = 21;
/// Inodes in a slab of [`INODE_PAGES`] pages: 14 of 1160 bytes (ext4).
pub const INODES: u64 = 14;
/// Pages of a slab of inodes.
pub const INODE_PAGES: u64 = 4;

/// A file system's dentries and inodes that nobody uses, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Slab {
    /// Dentries in a row, and whether there is an inode behind each.
    dentries: VecDeque<(u64, bool)>,
    /// How many dentries.
    nr_dentry: u64,
    /// Of those, names that do not exist.
    nr_negative: u64,
    /// Inodes that a dentry holds.
    held: u64,
    /// Inodes that nothing holds.
    inodes: u64,
    /// Objects whose look was put off (`nr_deferred`).
    deferred: u64,
    /// Objects looked at (`slabs_scanned`).
    pub scanned: u64,
}

impl Slab {
    /// Dentries in memory.
    pub fn nr_dentry(&self) -> u64 {
        self.nr_dentry
    }

    /// Dentries of names that do not exist.
    pub fn nr_negative(&self) -> u64 {
        self.nr_negative
    }

    /// Inodes in memory.
    pub fn nr_inodes(&self) -> u64 {
        self.held + self.inodes
    }

    /// Pages of dentries, and of inodes.
    pub fn pages_of(&self) -> [u64; 2] {
        [self.nr_dentry.div_ceil(DENTRIES), self.nr_inodes().div_ceil(INODES) * INODE_PAGES]
    }

    /// Pages in all.
    pub fn pages(&self) -> u64 {
        self.pages_of().iter().sum()
    }

    /// Pages in all if so many more names were looked up.
    pub fn pages_with(&self, names: u64, inodes: bool) -> u64 {
        let more = if inodes { names } else { 0 };
        (self.nr_dentry + names).div_ceil(DENTRIES) + (self.nr_inodes() + more).div_ceil(INODES) * INODE_PAGES
    }

    /// Names were looked up; `inodes` if they exist.
    pub fn add(&mut self, names: u64, inodes: bool) {
        match self.dentries.back_mut() {
            Some((count, same)) if *same == inodes => *count += names,
            _ => self.dentries.push_back((names, inodes)),
        }
        self.nr_dentry += names;
        if inodes {
            self.held += names;
        } else {
            self.nr_negative += names;
        }
    }

    /// Objects that could be freed.
    fn objects(&self) -> u64 {
        self.nr_dentry + self.inodes
    }

    /// `mm/shrinker.c: do_shrink_slab`: returns the pages that became free. `pages` are those looked
    /// at on the lists, and all there are.
    pub fn shrink(&mut self, rules: Rules, pressure: u64, priority: u32, pages: (u64, u64)) -> u64 {
        let freeable = freeable(rules, self.objects(), pressure);
        if freeable == 0 {
            return 0;
        }
        let before = self.pages();
        let (mut total, delta) = slab_scan(rules, freeable, self.deferred, priority, pages);
        let mut scanned = 0;
        while total > 0 && (total >= SLAB_BATCH || total >= freeable) {
            let batch = total.min(SLAB_BATCH);
            self.scan(batch);
            scanned += batch;
            total -= batch;
        }
        self.scanned += scanned;
        self.deferred = match rules.slab {
            SlabScan::ByPriority => (self.deferred + delta).saturating_sub(scanned).min(2 * freeable),
            _ => total,
        };
        before - self.pages()
    }

    /// `fs/super.c: super_cache_scan`: looks at dentries and inodes in proportion, oldest first.
    fn scan(&mut self, objects: u64) {
        let all = self.objects().max(1);
        let (dentries, inodes) = (self.nr_dentry, self.inodes);
        let share = |of: u64| crate::mul_div(objects, of, all) + 1;
        self.prune(share(dentries));
        self.inodes -= share(inodes).min(self.inodes);
    }

    fn prune(&mut self, mut dentries: u64) {
        while dentries > 0
            && let Some((count, inode)) = self.dentries.front_mut()
        {
            let take = dentries.min(*count);
            *count -= take;
            dentries -= take;
            self.nr_dentry -= take;
            if *inode {
                // Nothing holds it any more: next time it may go too.
                self.held -= take;
                self.inodes += take;
            } else {
                self.nr_negative -= take;
            }
            if *count == 0 {
                self.dentries.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn names_that_do_not_exist_take_memory_too() {
        let mut slab = Slab::default();
        assert_eq!(slab.pages_with(200_000, false), 9524);
        slab.add(200_000, false);
        assert_eq!((slab.pages(), slab.nr_negative()), (9524, 200_000));
        slab.add(14_000, true);
        assert_eq!(slab.pages_of(), [10_191, 4000]);
    }

    #[test]
    fn dentries_go_before_the_inodes_behind_them() {
        let mut slab = Slab::default();
        slab.add(10_000, true);
        let freed = slab.shrink(rules("6.12"), 100, 0, (0, 0));
        assert!(freed > 0 && slab.nr_dentry() < slab.inodes, "{slab:?}");
        for _ in 0..4 {
            slab.shrink(rules("6.12"), 100, 0, (0, 0));
        }
        assert_eq!((slab.pages(), slab.nr_inodes()), (0, 0));
    }

    #[test]
    fn what_is_less_than_a_batch_is_put_off() {
        let mut slab = Slab::default();
        slab.add(1_000_000, false);
        // 1000000 >> 12 is 244, times two 488: three times until it is a batch.
        let freed = [0, 1, 2].map(|_| slab.shrink(rules("5.10"), 100, 12, (0, 0)) > 0);
        assert_eq!((freed, slab.scanned), ([false, false, true], 1024));
        let mut kept = slab.clone();
        assert_eq!(kept.shrink(rules("6.12"), 0, 0, (0, 0)), 0);
    }
}

//! Looking at the lists: who is next to go.

use super::calc::{CLUSTER, DEF_PRIORITY, Decision, Situation};
use super::lists::{Lru, Place};
use super::memory::{Memory, Plan};
use super::rules::Balance;

/// Who reclaims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// kswapd, in the background.
    Kswapd,
    /// Who needs the memory.
    Direct,
    /// Who needs it, of a cgroup that is at its limit: recorded runs only.
    #[cfg(feature = "golden")]
    Cgroup,
}

/// One reclaim on its way (`mm/vmscan.c: struct scan_control`).
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// 12 to 0: each list is looked at for its size shifted by it.
    pub priority: u32,
    /// Who it is.
    pub who: Who,
    /// Pages it wants.
    pub nr_to_reclaim: u64,
    /// Pages it looked at.
    pub nr_scanned: u64,
    /// Pages it got.
    pub nr_reclaimed: u64,
    /// Takes active pages down whatever the lists are like.
    pub force_deactivate: bool,
    /// Some active list was passed over.
    pub skipped_deactivate: bool,
    may_deactivate: [bool; 2],
}

impl Control {
    /// A reclaim that begins.
    pub fn new(priority: u32, who: Who, nr_to_reclaim: u64) -> Control {
        Control {
            priority,
            who,
            nr_to_reclaim,
            nr_scanned: 0,
            nr_reclaimed: 0,
            force_deactivate: false,
            skipped_deactivate: false,
            may_deactivate: [true; 2],
        }
    }
}

/// What becomes of a block at the end of an inactive list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Activate,
    Keep,
    Reclaim,
}

impl Memory {
    /// One look at everything, at one priority (`mm/vmscan.c: shrink_node`).
    pub fn shrink_node(&mut self, sc: &mut Control) {
        self.prepare(sc);
        let (scanned, lists) = (sc.nr_scanned, self.sizes().iter().sum());
        self.shrink_lruvec(sc);
        let looked = sc.nr_scanned - scanned;
        sc.nr_reclaimed += self.shrink_slab(sc.priority, (looked, lists));
    }

    /// `mm/vmscan.c: prepare_scan_control`: active pages are taken down where the inactive list is
    /// short, or pages keep coming back.
    fn prepare(&mut self, sc: &mut Control) {
        for type_ in 0..2 {
            let back = self.rules.refaults_deactivate && self.counters.activate[type_] != self.snapshot[type_];
            sc.may_deactivate[type_] = sc.force_deactivate || back || self.inactive_is_low(type_ == 1);
        }
    }

    /// Remembers the refaults so far, as every reclaim does when it ends
    /// (`mm/vmscan.c: snapshot_refaults`).
    pub fn snapshot_refaults(&mut self) {
        self.snapshot = self.counters.activate;
    }

    /// What would be decided at a priority, and the pages each list would be looked at for
    /// (`mm/vmscan.c: get_scan_count`).
    fn plan(&mut self, sc: &Control) -> [u64; 4] {
        let lists = self.sizes();
        let situation = Situation {
            lists,
            can_swap: self.can_swap(),
            priority: sc.priority,
            swappiness: self.swappiness,
            may_deactivate: sc.may_deactivate,
            free: self.free,
            high: self.marks.high,
        };
        let decision = situation.decide();
        if decision == Decision::Fraction && self.rules.balance == Balance::Recent {
            self.scales.forget([lists[0] + lists[1], lists[2] + lists[3]]);
        }
        let weights = self.scales.weights(self.rules, self.swappiness);
        self.plan = Plan { decision, weights, priority: sc.priority };
        situation.targets(decision, weights)
    }

    /// `mm/vmscan.c: shrink_lruvec`: the lists in turns of 32 pages. Once enough was freed, the type
    /// with less to do is stopped and the other cut to the same share.
    fn shrink_lruvec(&mut self, sc: &mut Control) {
        let targets = self.plan(sc);
        let mut nr = targets;
        let mut reclaimed = 0;
        let mut adjusted = sc.who == Who::Direct && sc.priority == DEF_PRIORITY;
        while nr[0] > 0 || nr[2] > 0 || nr[3] > 0 {
            for lru in Lru::ALL {
                let turn = nr[lru as usize].min(CLUSTER);
                nr[lru as usize] -= turn;
                reclaimed += self.shrink_list(lru, turn, sc);
            }
            if reclaimed < sc.nr_to_reclaim || adjusted {
                continue;
            }
            let (anon, file) = (nr[0] + nr[1], nr[2] + nr[3]);
            if anon == 0 || file == 0 {
                break;
            }
            let (stop, go) = if file > anon { (0, 2) } else { (2, 0) };
            let done = nr[stop] + nr[stop + 1];
            let percentage = done * 100 / (targets[stop] + targets[stop + 1] + 1);
            (nr[stop], nr[stop + 1]) = (0, 0);
            for list in [go, go + 1] {
                let scanned = targets[list] - nr[list];
                nr[list] = (targets[list] * (100 - percentage) / 100).saturating_sub(scanned);
            }
            adjusted = !self.rules.nudges;
        }
        sc.nr_reclaimed += reclaimed;
        // Anonymous pages age even where none may go.
        if self.swap_total > 0 && self.inactive_is_low(false) {
            self.shrink_active(false);
        }
    }

    /// Looks at so many pages of a list; what is less than a block is kept for the next time.
    fn shrink_list(&mut self, lru: Lru, pages: u64, sc: &mut Control) -> u64 {
        if pages == 0 {
            return 0;
        }
        let file = lru.is_file();
        if lru.is_active() && !sc.may_deactivate[usize::from(file)] {
            sc.skipped_deactivate = true;
            return 0;
        }
        let credit = &mut self.credit[lru as usize];
        *credit += pages;
        if *credit < CLUSTER {
            return 0;
        }
        *credit -= CLUSTER;
        if lru.is_active() {
            self.shrink_active(file);
            return 0;
        }
        self.shrink_inactive(file, sc)
    }

    /// Takes the oldest 32 active pages down (`mm/vmscan.c: shrink_active_list`).
    pub fn shrink_active(&mut self, file: bool) {
        let Some(id) = self.lists.last(Lru::of(file, true)) else { return };
        self.lists.take(id, Place::Nowhere);
        self.lists.push(id, Lru::of(file, false));
        let block = self.lists.block_mut(id);
        block.workingset = true;
        let rotated = if std::mem::take(&mut block.young) { CLUSTER } else { 0 };
        self.counters.pgrefill += CLUSTER;
        self.counters.pgdeactivate += CLUSTER;
        if self.rules.balance == Balance::Recent {
            self.scales.note_look(file, CLUSTER, rotated);
        }
    }

    /// Looks at the oldest 32 inactive pages (`mm/vmscan.c: shrink_inactive_list`).
    fn shrink_inactive(&mut self, file: bool, sc: &mut Control) -> u64 {
        let Some(id) = self.lists.last(Lru::of(file, false)) else { return 0 };
        let (type_, by) = (usize::from(file), usize::from(sc.who != Who::Kswapd));
        sc.nr_scanned += CLUSTER;
        self.counters.pgscan[type_] += CLUSTER;
        self.counters.pgscan_by[by] += CLUSTER;
        let fate = match self.check_references(id) {
            Fate::Reclaim if !file && !self.can_swap() => Fate::Activate,
            fate => fate,
        };
        if self.rules.balance == Balance::Recent {
            self.scales.note_look(file, CLUSTER, 0);
        }
        let reclaimed = match fate {
            Fate::Activate => {
                self.activate(id, file);
                0
            }
            Fate::Keep => {
                self.lists.take(id, Place::Nowhere);
                self.lists.push(id, Lru::of(file, false));
                0
            }
            Fate::Reclaim => {
                self.evict(id, file);
                self.counters.pgsteal[type_] += CLUSTER;
                self.counters.pgsteal_by[by] += CLUSTER;
                CLUSTER
            }
        };
        // A page written to swap was looked at once more in between, in vain.
        let written = if file { 0 } else { reclaimed };
        let kept = CLUSTER - reclaimed + written;
        let lists = self.sizes().iter().sum();
        self.scales.note_cost(self.rules, file, written, kept, lists);
        reclaimed
    }

    /// `mm/vmscan.c: folio_check_references` (until 5.17 `page_check_references`).
    fn check_references(&mut self, id: u32) -> Fate {
        let touched_once_stays = self.rules.anon_starts_active;
        let block = self.lists.block_mut(id);
        if !std::mem::take(&mut block.young) {
            return Fate::Reclaim;
        }
        let before = std::mem::replace(&mut block.referenced, true);
        if before || touched_once_stays { Fate::Activate } else { Fate::Keep }
    }
}

//! A recorded scenario touched anew.

use super::memory::Memory;
use super::place::{self, Order};
use super::policy::{Policy, Turn};
use super::recorded::Run;

/// Pages a page table maps.
const PER_TABLE: u64 = 512;

/// What came of touching.
pub struct Touched {
    /// Pages touched.
    pub pages: i64,
    /// First page that went to another node than wanted.
    pub spilled: Option<i64>,
    /// Whether memory ended.
    pub exhausted: bool,
    /// Pages by node, those of page tables not among them.
    pub on_node: Vec<i64>,
}

/// Touches the pages of a scenario one table's worth after the other, with a page for each table.
pub fn touch(memory: &mut Memory, order: &Order<'_>, run: &Run, first_page: u64) -> Touched {
    let mut out = Touched { pages: 0, spilled: None, exhausted: false, on_node: vec![0; memory.nodes()] };
    let mut turn = Turn::default();
    while out.pages < run.pages && !out.exhausted {
        let index = first_page.wrapping_add(out.pages as u64);
        let here = (PER_TABLE - index % PER_TABLE).min((run.pages - out.pages) as u64) as i64;
        table(memory, order, run, &mut turn);
        let before = memory.clone();
        let foreign = |memory: &Memory| memory.counters.iter().map(|c| c.numa_foreign).sum::<u64>();
        let mut held = vec![0; memory.zones.len()];
        let mut placed = place::place(memory, order, index, here, &mut |zone, pages| held[zone] += pages);
        if out.spilled.is_none() && foreign(memory) > foreign(&before) {
            // Once more, page by page, to see which was the first.
            *memory = before;
            held.fill(0);
            placed = 0;
            while placed < here {
                let counted = foreign(memory);
                let at = index.wrapping_add(placed as u64);
                if place::place(memory, order, at, 1, &mut |zone, pages| held[zone] += pages) == 0 {
                    break;
                }
                if foreign(memory) > counted {
                    out.spilled.get_or_insert(out.pages + placed);
                }
                placed += 1;
            }
        }
        for (zone, pages) in held.into_iter().enumerate() {
            out.on_node[memory.zones[zone].node] += pages;
        }
        out.pages += placed;
        out.exhausted = placed < here;
    }
    out
}

/// A page table: asked for by the task's policy, not by that of the mapping.
fn table(memory: &mut Memory, order: &Order<'_>, run: &Run, turn: &mut Turn) {
    let policy = if run.scope == "vma" { Policy::Default } else { order.policy };
    let of_task = Order { policy, ..*order };
    place::place_by_turn(memory, &of_task, turn, 1, &mut |_, _| {});
}

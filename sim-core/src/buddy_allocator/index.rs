//! How fragmented free memory is (`mm/vmstat.c`).

use super::zone::{MAX_PAGE_ORDER, PAGEBLOCK_ORDER, Zone};

/// Free blocks of an order or larger, counted in blocks of that order (`free_blocks_suitable`).
fn suitable(zone: &Zone, order: u32) -> u64 {
    (order..=MAX_PAGE_ORDER).map(|o| zone.nr_free(o) << (o - order)).sum()
}

/// Share of free pages that a request of the order cannot use, in 1/1000
/// (`unusable_free_index`); 1000 when nothing is free.
pub fn unusable_free_index(zone: &Zone, order: u32) -> u64 {
    let free = zone.free_pages();
    ((free - (suitable(zone, order) << order)) * 1000).checked_div(free).unwrap_or(1000)
}

/// Why a request of the order fails, in 1/1000 (`fragmentation_index`): towards 0 for lack of
/// memory, towards 1000 for fragmentation; -1000 when it would not fail.
pub fn fragmentation_index(zone: &Zone, order: u32) -> i64 {
    let blocks: u64 = (0..=MAX_PAGE_ORDER).map(|o| zone.nr_free(o)).sum();
    if blocks == 0 {
        return 0;
    }
    if suitable(zone, order) > 0 {
        return -1000;
    }
    1000 - ((1000 + ((zone.free_pages() * 1000) >> order)) / blocks) as i64
}

/// Free pages in blocks of a pageblock or more (`NR_FREE_PAGES_BLOCKS`): what huge pages can be had
/// from without compaction.
pub fn large_free_pages(zone: &Zone) -> u64 {
    suitable(zone, PAGEBLOCK_ORDER) << PAGEBLOCK_ORDER
}

/// Largest order with a free block; `None` when nothing is free.
pub fn largest_order(zone: &Zone) -> Option<u32> {
    (0..=MAX_PAGE_ORDER).rev().find(|order| zone.nr_free(*order) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buddy_allocator::Rules;

    #[test]
    fn the_worked_figures_come_out() {
        let rules = Rules::of("6.1".parse().unwrap()).unwrap();
        let mut zone = Zone::new("Normal", 0, 8192, 8192, rules);
        assert_eq!((unusable_free_index(&zone, 0), fragmentation_index(&zone, 1)), (1000, 0));
        for i in 0..3 {
            zone.add_to_free_list(2 * i, 0, 1, true);
        }
        assert_eq!(fragmentation_index(&zone, 1), 167);
        for i in 3..3000 {
            zone.add_to_free_list(2 * i, 0, 1, true);
        }
        assert_eq!((fragmentation_index(&zone, 4), unusable_free_index(&zone, 4)), (938, 1000));
        assert_eq!((fragmentation_index(&zone, 0), unusable_free_index(&zone, 0)), (-1000, 0));
        assert_eq!(largest_order(&zone), Some(0));
    }
}

//! What the kernel would show (`mm/vmstat.c`, `mm/page_alloc.c`).

use std::fmt::Write as _;

use super::zone::{MAX_PAGE_ORDER, Zone};

/// `/proc/buddyinfo` (`frag_show_print`).
pub fn buddyinfo(zones: &[Zone]) -> String {
    let mut text = String::new();
    for zone in zones {
        let _ = write!(text, "Node 0, zone {:>8} ", zone.name);
        for order in 0..=MAX_PAGE_ORDER {
            let _ = write!(text, "{:>6} ", zone.nr_free(order));
        }
        text.push('\n');
    }
    text
}

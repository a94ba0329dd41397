//! The buddy allocator: how page frames are handed out, split, merged and kept apart.
//!
//! Models `mm/page_alloc.c` of one node with one CPU at work, the marks and indices around it, and
//! the text of `mm/vmstat.c`. A scenario says which blocks are asked for and given back, and when.
//!
//! Event kinds: `alloc` (a block is handed out as it is), `split` (a larger one is halved for it),
//! `free`, `merge` (a freed block joins its buddy), `refill` and `drain` (per-CPU lists),
//! `claim` (a pageblock of another migratetype changes hands), `fallback` (another type's memory is
//! used and the types mix), `boost` (watermarks rise after one),
//! `kswapd` (it is woken), `reclaim` (the caller has to), `compact` and `skip` (whether compaction
//! is tried), `fail` and `oom`.

mod alloc;
mod contract;
mod fallback;
mod files;
mod index;
mod json;
mod model;
mod params;
mod pcp;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
#[cfg(test)]
mod tests;
mod watermark;
mod words;
mod zone;

pub use fallback::{Fell, Mode, Request, Watch};
pub use index::{fragmentation_index, large_free_pages, largest_order, unusable_free_index};
pub use json::NUMBERS;
pub use model::{BuddyAllocator, Counts, Touched};
pub use params::MAX_OPS;
pub use pcp::{LISTS, Pcp};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Fallback, PcpEra, Rules};
pub use scenario::{Action, Gfp, Migratetype, Named, Op, Rule, Scenario, Sequence, ZoneName};
pub use watermark::{Marks, NORMAL, Settings, ZONES};
pub use words::type_name;
pub use zone::{Block, MAX_PAGE_ORDER, ORDERS, PAGEBLOCK, Use, Zone};

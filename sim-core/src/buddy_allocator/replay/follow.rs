//! Following a recording: each thing the model decides is compared with the next thing recorded.

use crate::buddy_allocator::fallback::{Ask, Fell, Request, Watch};
use crate::buddy_allocator::rules::{Fallback, Rules};
use crate::buddy_allocator::zone::Zone;
use crate::fidelity::Tally;

/// What a recorded event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A block left the free lists (`mm_page_alloc_zone_locked`).
    Left,
    /// A fallback (`mm_page_alloc_extfrag`).
    Fell,
    /// A page of a per-CPU list came back (`mm_page_pcpu_drain`).
    Drained,
    /// A block came back past the per-CPU lists.
    FreedDirectly,
    /// A page was handed to a caller (`mm_page_alloc`).
    Allocated,
    /// A caller freed a page (`mm_page_free`).
    Freed,
    /// Compaction took a free block (`__isolate_free_page`).
    Isolated,
}

/// A recorded event. Fields that its kind does not have are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: Kind,
    pub pfn: u32,
    pub order: u8,
    pub mt: u8,
    pub fallback_order: u8,
    pub fallback_mt: u8,
    pub change_ownership: bool,
}

impl Record {
    pub const fn new(kind: Kind, pfn: u32, order: u8, mt: u8) -> Record {
        Record { kind, pfn, order, mt, fallback_order: 0, fallback_mt: 0, change_ownership: false }
    }
}

/// The model's side of a replay, at one place of the recording.
pub struct Follow<'a> {
    pub records: &'a [Record],
    pub at: usize,
    pub rules: Rules,
    pub tally: &'a mut Tally,
    /// Whether the refill that is under way may have borrowed before: it then does not look at its
    /// own lists again. A recording without per-CPU lists does not show where refills begin.
    pub borrowed: bool,
    /// Pages the model drained that the recording has still to show.
    pub drained: Vec<Record>,
}

impl Follow<'_> {
    /// The fallback that belongs to the request at this place, if there is one.
    fn fallback_here(&self) -> Option<&Record> {
        let here = self.records.get(self.at)?;
        let next = self.records.get(self.at + 1);
        match here.kind {
            Kind::Fell => Some(here),
            // A claim is told after the block that was taken thanks to it.
            Kind::Left if self.rules.fallback == Fallback::ClaimOrSteal => {
                next.filter(|next| next.kind == Kind::Fell && next.pfn == here.pfn)
            }
            _ => None,
        }
    }

    fn next_is(&mut self, got: Record) {
        let want = self.records.get(self.at).copied();
        let at = self.at;
        self.tally.check(want == Some(got), || match want {
            Some(want) => format!("event {at}: model {}, recorded {}", told(&got), told(&want)),
            None => format!("event {at}: model {}, the recording is over", told(&got)),
        });
        // What is of another kind stays to be compared with what the model does next.
        if want.is_some_and(|want| want.kind == got.kind) {
            self.at += 1;
        }
    }
}

/// An event in words.
pub fn told(record: &Record) -> String {
    let Record { kind, pfn, order, mt, fallback_order, fallback_mt, change_ownership } = record;
    match kind {
        Kind::Fell => format!(
            "fallback to {pfn} (order {order} type {mt}, found order {fallback_order} type {fallback_mt}, change_ownership {})",
            u8::from(*change_ownership)
        ),
        Kind::Left => format!("{pfn} left the free lists (order {order} type {mt})"),
        Kind::Drained => format!("{pfn} drained (order {order} type {mt})"),
        Kind::FreedDirectly => format!("{pfn} freed past the per-CPU lists (order {order})"),
        Kind::Allocated => format!("{pfn} handed out (order {order} type {mt})"),
        Kind::Freed => format!("{pfn} freed (order {order})"),
        Kind::Isolated => format!("{pfn} isolated (order {order})"),
    }
}

impl Watch for Follow<'_> {
    fn claims(&mut self, _zone: &Zone, ask: Ask) -> bool {
        // Only what the movable pages decide is taken from the recording.
        ask.known().unwrap_or_else(|| {
            self.fallback_here().is_some_and(|fell| {
                let here = self.rules.fallback != Fallback::ClaimOrSteal || u32::from(fell.fallback_order) == ask.order;
                fell.change_ownership && here
            })
        })
    }

    fn remembers_steal(&mut self) -> bool {
        self.borrowed && self.records.get(self.at).is_some_and(|here| here.kind == Kind::Fell && !here.change_ownership)
    }

    fn left(&mut self, _zone: &Zone, request: Request, pfn: u32, _from: u32) {
        self.next_is(Record::new(Kind::Left, pfn, request.order as u8, request.mt));
    }

    fn fell_back(&mut self, _zone: &Zone, fell: Fell) {
        self.next_is(Record {
            kind: Kind::Fell,
            pfn: fell.pfn,
            order: fell.order as u8,
            mt: fell.mt,
            fallback_order: fell.fallback_order as u8,
            fallback_mt: fell.fallback_mt,
            change_ownership: fell.change_ownership,
        });
    }

    fn given_back(&mut self, _zone: &Zone, pfn: u32, order: u32, mt: u8, _became: (u32, u32)) {
        self.drained.push(Record::new(Kind::Drained, pfn, order as u8, mt));
    }
}

//! The model itself: requests and frees of the scenario, laid out in time.

use std::rc::Rc;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::alloc::{Call, Node, PINNED, Step};
use super::index::{fragmentation_index, large_free_pages, largest_order, unusable_free_index};
use super::scenario::{Action, Op, Rule, Scenario, Sequence};
use super::zone::{Block, Use, Zone};
use super::{contract, files, json, params, presets, words};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, MILLISECOND, Nanos, Text};

/// The memory of one machine over time.
#[derive(Clone, Debug)]
pub struct BuddyAllocator {
    scenario: Rc<Scenario>,
    now: Nanos,
    node: Node,
    cursors: Vec<Cursor>,
    counts: Counts,
    last: Option<Touched>,
    // Reused, so that a request costs no allocation.
    steps: Vec<Step>,
}

/// The block that was touched last: what a picture points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// First page frame.
    pub pfn: u32,
    /// 2^order pages.
    pub order: u32,
    /// Order it was found at, or that it merged to.
    pub other: u32,
    /// Whether it was freed.
    pub freed: bool,
}

/// What happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks handed out.
    pub allocated: i64,
    /// Pages handed out and not given back.
    pub pages: i64,
    /// Requests that failed.
    pub failed: i64,
    /// Times another type's memory was used.
    pub fallbacks: i64,
}

/// How far an entry of the scenario has got.
#[derive(Clone, Debug)]
struct Cursor {
    next: i64,
    count: i64,
    due: Option<Nanos>,
    random: Xoshiro256PlusPlus,
    // Blocks handed out by a request entry; blocks to be given back by a freeing one.
    blocks: Chunks,
}

/// A long list that is cheap to copy: full chunks are shared.
#[derive(Clone, Debug, Default)]
struct Chunks(Vec<Rc<Vec<u32>>>);

const CHUNK: usize = 1024;

impl Chunks {
    fn push(&mut self, pfn: u32) {
        match self.0.last_mut() {
            Some(last) if last.len() < CHUNK => Rc::make_mut(last).push(pfn),
            _ => self.0.push(Rc::new(vec![pfn])),
        }
    }

    fn get(&self, i: i64) -> Option<u32> {
        let i = usize::try_from(i).ok()?;
        self.0.get(i / CHUNK)?.get(i % CHUNK).copied()
    }

    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|chunk| chunk.iter().copied())
    }

    fn of(list: &[u32]) -> Chunks {
        Chunks(list.chunks(CHUNK).map(|chunk| Rc::new(chunk.to_vec())).collect())
    }

    fn len(&self) -> i64 {
        self.0.last().map_or(0, |last| ((self.0.len() - 1) * CHUNK + last.len()) as i64)
    }
}

/// What a block of the scenario's entry `i` is marked with.
fn tag(i: usize, op: &Op) -> u8 {
    (i as u8 + 1) | if op.pinned != 0 { PINNED } else { 0 }
}

impl BuddyAllocator {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// What the run started from.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The zones, lowest first.
    pub fn zones(&self) -> impl DoubleEndedIterator<Item = &Zone> + ExactSizeIterator {
        self.node.zones.iter().map(|(_, zone)| zone)
    }

    /// The zone that requests try first: the highest one.
    pub fn preferred_zone(&self) -> &Zone {
        &self.node.zones.last().expect("a valid scenario has memory").1
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The block that was touched last.
    pub fn last_touched(&self) -> Option<Touched> {
        self.last
    }

    /// Whether kswapd was woken and is not content yet.
    pub fn kswapd(&self) -> bool {
        self.node.kswapd
    }

    /// Whether a block stays to the end.
    pub fn is_pinned(block: &Block) -> bool {
        block.tag & PINNED != 0
    }

    /// The number of the scenario's entry that a block was handed out to.
    pub fn owner(block: &Block) -> Option<usize> {
        usize::from(block.tag & !PINNED).checked_sub(1)
    }

    /// When something happens next, and to which entry.
    fn next(&self) -> Option<(Nanos, usize)> {
        let due = self.cursors.iter().enumerate().filter_map(|(i, cursor)| Some((cursor.due?, i)));
        // Of entries that are due together the first one goes first.
        due.min().filter(|(t, _)| *t <= self.ends())
    }

    /// Time of the next item of an entry.
    fn schedule(&mut self, i: usize) {
        let op = &self.scenario.ops[i];
        let cursor = &mut self.cursors[i];
        cursor.due = (cursor.next < cursor.count).then(|| {
            let late = if op.jitter_us == 0 { 0 } else { cursor.random.random_range(0..=op.jitter_us) };
            let us = op.at_ms as u64 * 1000 + cursor.next as u64 * op.every_us as u64 + late as u64;
            us * 1000
        });
    }

    fn carry_out(&mut self, i: usize, log: &mut Log) {
        let scenario = self.scenario.clone();
        let op = &scenario.ops[i];
        match op.action {
            Action::Alloc => self.alloc(i, op, log),
            Action::Free => {
                if self.cursors[i].next == 0 {
                    self.choose(i, op);
                }
                self.free(i, log);
            }
        }
        self.cursors[i].next += 1;
        self.schedule(i);
    }

    fn alloc(&mut self, i: usize, op: &Op, log: &mut Log) {
        let call = Call {
            order: op.order as u32,
            migratetype: op.migratetype,
            gfp: op.gfp,
            highest: op.zone as usize,
            tag: tag(i, op),
        };
        self.steps.clear();
        let mut steps = std::mem::take(&mut self.steps);
        let got = self.node.alloc(call, &mut steps);
        self.counts.fallbacks += steps.iter().filter(|step| matches!(step, Step::Fell { .. })).count() as i64;
        match got {
            Some(pfn) => {
                self.cursors[i].blocks.push(pfn);
                self.counts.allocated += 1;
                self.counts.pages += 1 << call.order;
                let found = steps.iter().rev().find_map(|step| match step {
                    Step::Left { pfn: left, from, .. } if *left == pfn => Some(*from),
                    Step::Fell { fell, .. } if fell.handed_out && fell.pfn == pfn => Some(fell.fallback_order),
                    _ => None,
                });
                let other = found.unwrap_or(call.order);
                self.last = Some(Touched { pfn, order: call.order, other, freed: false });
            }
            None => self.counts.failed += 1,
        }
        words::allocated(self.now, &self.node, &call, got, &steps, log);
        self.steps = steps;
    }

    /// The blocks a freeing entry gives back, found out when it begins.
    fn choose(&mut self, i: usize, op: &Op) {
        let of = op.of as usize;
        let (mark, taken) = (tag(of, &self.scenario.ops[of]), self.cursors[of].blocks.clone());
        let node = &self.node;
        let held = taken.iter().filter(|pfn| {
            node.find(*pfn).is_some_and(|z| {
                let block = node.zones[z].1.block_at(*pfn);
                block.usage == Use::Taken && block.tag == mark && mark & PINNED == 0
            })
        });
        let cursor = &mut self.cursors[i];
        let random = &mut cursor.random;
        let mut list: Vec<u32> = held
            .enumerate()
            .filter(|(at, _)| {
                let at = *at as i64;
                match op.rule {
                    Rule::All => true,
                    Rule::EveryNth => at % op.n == 0,
                    Rule::AllButEveryNth => at % op.n != 0,
                    Rule::OnlyNth => at == op.n,
                    Rule::Percent => random.random_range(0..100) < op.n,
                }
            })
            .map(|(_, pfn)| pfn)
            .collect();
        match op.sequence {
            Sequence::Forward => {}
            Sequence::Backward => list.reverse(),
            Sequence::Shuffled => {
                for at in (1..list.len()).rev() {
                    list.swap(at, random.random_range(0..=at as u64) as usize);
                }
            }
        }
        if op.count > 0 {
            list.truncate(op.count as usize);
        }
        cursor.blocks = Chunks::of(&list);
        cursor.count = cursor.blocks.len();
    }

    fn free(&mut self, i: usize, log: &mut Log) {
        let cursor = &self.cursors[i];
        let Some(pfn) = cursor.blocks.get(cursor.next) else { return };
        let Some(z) = self.node.find(pfn) else { return };
        let block = self.node.zones[z].1.block_at(pfn);
        self.steps.clear();
        let mut steps = std::mem::take(&mut self.steps);
        if let Some(became) = self.node.free(pfn, &mut steps) {
            self.counts.pages -= 1 << block.order;
            let other = became.map_or(block.order, |(_, order)| order);
            self.last = Some(Touched { pfn, order: block.order, other, freed: true });
            words::freed(self.now, &self.node, &block, became, &steps, log);
        }
        self.steps = steps;
    }
}

impl Model for BuddyAllocator {
    const NAME: &'static str = "buddy-allocator";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("버디 할당자(Buddy Allocator)", "Buddy allocator")
    }

    fn contract() -> Contract {
        contract::contract()
    }

    fn presets() -> Vec<Preset<Scenario>> {
        presets::presets()
    }

    fn metrics_list() -> &'static [Metric] {
        METRICS
    }

    fn read_scenario(json: &Json, problems: &mut Problems) -> Scenario {
        json::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        json::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<BuddyAllocator>) -> BuddyAllocator {
        let s: &Scenario = scenario;
        let cursor = |(i, op): (usize, &Op)| Cursor {
            next: 0,
            // A freeing entry learns how many it has when it begins.
            count: if op.action == Action::Alloc { op.count } else { 1 },
            due: None,
            random: Xoshiro256PlusPlus::seed_from_u64((s.seed as u64).wrapping_add((i as u64) << 32)),
            blocks: Chunks::default(),
        };
        let mut model = BuddyAllocator {
            scenario: Rc::new(s.clone()),
            now: 0,
            node: Node::boot(s).expect("a valid scenario names a modelled kernel"),
            cursors: s.ops.iter().enumerate().map(cursor).collect(),
            counts: Counts::default(),
            last: None,
            steps: Vec::new(),
        };
        for i in 0..s.ops.len() {
            model.schedule(i);
        }
        model
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let before = log.events().len();
        loop {
            let happened = log.events().len() > before;
            match self.next() {
                // An instant is not left half done, and not one past the first that has events.
                Some((t, i)) if t <= to && (!happened || t <= self.now) => {
                    self.now = t.max(self.now);
                    self.carry_out(i, log);
                }
                _ => {
                    if !happened {
                        self.now = to.max(self.now);
                    }
                    return happened;
                }
            }
        }
    }

    fn metrics(&self) -> Vec<i64> {
        let zone = self.preferred_zone();
        let free: u64 = self.zones().map(Zone::free_pages).sum();
        let per_cpu: i64 = self.zones().map(|zone| zone.pcp.count).sum();
        vec![
            free as i64,
            zone.free_pages() as i64,
            large_free_pages(zone) as i64,
            per_cpu,
            self.counts.pages,
            largest_order(zone).map_or(-1, i64::from),
            unusable_free_index(zone, 9) as i64,
            unusable_free_index(zone, 4) as i64,
            fragmentation_index(zone, 9),
            (zone.marks.min + zone.watermark_boost) as i64,
            (zone.marks.low + zone.watermark_boost) as i64,
            (zone.marks.high + zone.watermark_boost) as i64,
            self.counts.fallbacks,
            self.counts.failed,
        ]
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.cursors.len() * size_of::<Cursor>() + self.zones().map(Zone::footprint).sum::<usize>()
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`BuddyAllocator::metrics`]. Figures of one zone are of the highest one.
const METRICS: &[Metric] = &[
    metric("nr_free_pages", Text::fixed("빈 페이지", "Free pages"), "pages", 1),
    metric("zone_free_pages", Text::fixed("맨 위 영역의 빈 페이지", "Free pages of the highest zone"), "pages", 1),
    metric(
        "nr_free_pages_blocks",
        Text::fixed("2 MiB 이상 블록의 빈 페이지", "Free in blocks of 2 MiB and more"),
        "pages",
        1,
    ),
    metric("pcp_count", Text::fixed("CPU별 목록의 페이지", "Pages on per-CPU lists"), "pages", 1),
    metric("allocated_pages", Text::fixed("할당된 페이지", "Pages handed out"), "pages", 1),
    metric("largest_order", Text::fixed("비어 있는 가장 큰 차수", "Largest free order"), "", 1),
    metric("unusable_index_9", Text::fixed("차수 9에 쓸 수 없는 비율", "Unusable for order 9"), "", 1000),
    metric("unusable_index_4", Text::fixed("차수 4에 쓸 수 없는 비율", "Unusable for order 4"), "", 1000),
    metric("fragmentation_index_9", Text::fixed("차수 9의 단편화 지수", "Fragmentation index of order 9"), "", 1000),
    metric("min_wmark", Text::fixed("min 워터마크", "Mark min"), "pages", 1),
    metric("low_wmark", Text::fixed("low 워터마크", "Mark low"), "pages", 1),
    metric("high_wmark", Text::fixed("high 워터마크", "Mark high"), "pages", 1),
    metric("fallbacks", Text::fixed("다른 유형에서 빌린 횟수", "Fallbacks"), "", 1),
    metric("failed", Text::fixed("실패한 요청", "Failed requests"), "", 1),
];

//! The map: one row an order, one column an address. A block that splits goes down a row for each
//! half, one that merges goes up.

use sim_core::Lang;
use sim_core::buddy_allocator::{Block, BuddyAllocator, MAX_PAGE_ORDER, Use, Zone};

use super::shape::{block, letter};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const ROW: i32 = 21 * PX;
const BLOCK: i32 = 15 * PX;
/// Between blocks that are wide enough to have an edge.
const GAP: i32 = 10;

struct Layout {
    /// Left edge of the map.
    left: i32,
    /// Its width.
    room: i32,
    /// Where the lists begin.
    lists: i32,
    top: i32,
}

impl Layout {
    fn of(view: &View<'_>) -> Layout {
        let (left, lists) = if view.narrow() { (78 * PX, 92 * PX) } else { (92 * PX, 172 * PX) };
        let room = view.width() - left - lists;
        Layout { left, room, lists: left + room + 10 * PX, top: 20 * PX }
    }

    fn x(&self, zone: &Zone, pfn: u32) -> i32 {
        let pages = u64::from(zone.end - zone.start).max(1);
        let at = u64::from(pfn.clamp(zone.start, zone.end) - zone.start);
        self.left + (at * self.room as u64 / pages) as i32
    }

    fn y(&self, order: u32) -> i32 {
        self.top + (MAX_PAGE_ORDER - order) as i32 * ROW
    }
}

/// Size of a block in words.
fn size(order: u32) -> String {
    match order {
        0..8 => format!("{} KiB", 4 << order),
        _ => format!("{} MiB", 1 << (order - 8)),
    }
}

/// Draws the map of the highest zone; returns its height.
pub fn draw(model: &BuddyAllocator, svg: &mut Svg, view: &View<'_>) -> i32 {
    let zone = model.preferred_zone();
    let layout = Layout::of(view);
    headings(zone, svg, view, &layout);
    for order in 0..=MAX_PAGE_ORDER {
        row(zone, order, svg, view, &layout);
    }
    let mut y = layout.y(0) + ROW + 4 * PX;
    if model.scenario().pcp != 0 {
        strip(zone, Use::PerCpu, y, svg, view, &layout);
        y += ROW;
    }
    strip(zone, Use::Taken, y, svg, view, &layout);
    pageblocks(zone, y + ROW, svg, view, &layout);
    touched(model, zone, svg, &layout);
    let bottom = y + ROW + 12 * PX;
    bottom + legend(svg, view, bottom + 6 * PX)
}

fn headings(zone: &Zone, svg: &mut Svg, view: &View<'_>, layout: &Layout) {
    let name = &zone.name;
    let mib = zone.managed / 256;
    let [order, map, heads] = match (view.lang, view.narrow()) {
        (Lang::Ko, false) => {
            ["차수".to_owned(), format!("{name} 영역 {mib} MiB, 왼쪽이 낮은 주소"), "개수: 목록의 맨 앞부터".to_owned()]
        }
        (Lang::Ko, true) => ["차수".to_owned(), format!("{name} {mib} MiB"), "개수: 맨 앞".to_owned()],
        (Lang::En, false) => [
            "Order".to_owned(),
            format!("Zone {name}, {mib} MiB, low addresses left"),
            "Count: list from its head".to_owned(),
        ],
        (Lang::En, true) => ["Order".to_owned(), format!("{name}, {mib} MiB"), "Count: head".to_owned()],
    };
    for (x, text) in [(0, order), (layout.left, map), (layout.lists, heads)] {
        svg.text("f-sm f-muted", Anchor::Start, x, 12 * PX, &text);
    }
}

fn row(zone: &Zone, order: u32, svg: &mut Svg, view: &View<'_>, layout: &Layout) {
    let y = layout.y(order);
    let baseline = y + BLOCK / 2 + 42;
    svg.rect("f-lane", layout.left, y, layout.room, BLOCK, 0);
    svg.text("f-t f-num", Anchor::End, 16 * PX, baseline, &order.to_string());
    svg.text("f-sm f-muted f-num", Anchor::Start, 22 * PX, baseline, &size(order));
    let mut runs = Runs::default();
    for block in zone.blocks().filter(|block| block.usage == Use::Free && block.order == order) {
        runs.push(layout, zone, &block);
    }
    runs.draw(svg, y, BLOCK);
    heads(zone, order, svg, view, layout, baseline);
}

/// How many blocks there are and which come first, by migratetype.
fn heads(zone: &Zone, order: u32, svg: &mut Svg, view: &View<'_>, layout: &Layout, baseline: i32) {
    let count = zone.nr_free(order);
    let class = if count == 0 { "f-sm f-muted f-num" } else { "f-sm f-strong f-num" };
    svg.text(class, Anchor::Start, layout.lists, baseline, &count.to_string());
    let counted = if view.narrow() { width(&count.to_string(), SMALL) + 7 * PX } else { width("000000", SMALL) };
    let mut x = layout.lists + counted.max(width("000", SMALL));
    for mt in [1, 0, 2] {
        let list: Vec<u32> = zone.list(order, mt).take(3).collect();
        let Some(first) = list.first() else { continue };
        let mut said = format!("{} {first}", letter(mt));
        let mut longer = said.clone();
        for pfn in &list[1..] {
            longer.push_str(&format!(" → {pfn}"));
            if x + width(&format!("{longer} …"), SMALL) <= view.width() {
                said.clone_from(&longer);
            }
        }
        if u64::try_from(said.matches('→').count() + 1).is_ok_and(|shown| shown < zone.nr_free_of(order, mt)) {
            let more = format!("{said} …");
            if x + width(&more, SMALL) <= view.width() {
                said = more;
            }
        }
        let w = width(&said, SMALL);
        if x + w > view.width() {
            break;
        }
        svg.text("f-sm f-num", Anchor::Start, x, baseline, &said);
        x += w + 10 * PX;
    }
}

/// Neighbouring blocks of one type that are too narrow for an edge of their own become one shape,
/// the paler the less of it they fill.
#[derive(Default)]
struct Runs(Vec<Run>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    from: i32,
    to: i32,
    mt: u8,
    /// Pages of its blocks, and the page frames it spans.
    pages: u32,
    span: (u32, u32),
}

impl Runs {
    fn push(&mut self, layout: &Layout, zone: &Zone, block: &Block) {
        let (pages, end) = (1 << block.order, block.pfn + (1 << block.order));
        let (from, to) = (layout.x(zone, block.pfn), layout.x(zone, end));
        self.add(Run { from, to: to.max(from + 5), mt: block.mt, pages, span: (block.pfn, end) });
    }

    fn add(&mut self, run: Run) {
        match self.0.last_mut() {
            // Blocks of one type that stand closer than an edge is wide.
            Some(last) if last.mt == run.mt && run.from - last.to < GAP && run.to - run.from < 6 * PX => {
                last.to = last.to.max(run.to);
                last.pages += run.pages;
                last.span.1 = run.span.1;
            }
            // Hidden behind what stands there already.
            Some(last) if run.to <= last.to => {}
            _ => self.0.push(run),
        }
    }

    fn draw(&self, svg: &mut Svg, y: i32, h: i32) {
        for run in &self.0 {
            let wide = run.to - run.from > 4 * PX;
            let (x, w) =
                if wide { (run.from + GAP / 2, run.to - run.from - GAP) } else { (run.from, run.to - run.from) };
            let percent = u64::from(run.pages) * 100 / u64::from((run.span.1 - run.span.0).max(1));
            match percent {
                0..90 => {
                    svg.group(if percent < 35 { "f-thin" } else { "f-half" });
                    block(svg, run.mt, x, y, w, h, &format!("{} {percent}%", letter(run.mt)));
                    svg.close();
                }
                _ => block(svg, run.mt, x, y, w, h, letter(run.mt)),
            }
        }
    }
}

/// Pages that are on no free list: handed out, or kept for the CPU.
fn strip(zone: &Zone, usage: Use, y: i32, svg: &mut Svg, view: &View<'_>, layout: &Layout) {
    let pages: u64 = zone.blocks().filter(|block| block.usage == usage).map(|block| 1_u64 << block.order).sum();
    let said = match (usage, view.lang, view.narrow()) {
        (Use::PerCpu, Lang::Ko, _) => "CPU별",
        (Use::PerCpu, Lang::En, true) => "per CPU",
        (Use::PerCpu, Lang::En, false) => "per-CPU lists",
        (_, Lang::Ko, _) => "사용 중",
        (_, Lang::En, _) => "in use",
    };
    let baseline = y + BLOCK / 2 + 42;
    svg.text("f-sm", Anchor::Start, 0, baseline, said);
    svg.rect("f-inuse", layout.left, y, layout.room, BLOCK, 0);
    let mut runs = Runs::default();
    let mut pins = Vec::new();
    for block in zone.blocks().filter(|block| block.usage == usage) {
        let (from, to) = (layout.x(zone, block.pfn), layout.x(zone, block.pfn + (1 << block.order)));
        runs.push(layout, zone, &block);
        if BuddyAllocator::is_pinned(&block) {
            pins.push((from + to) / 2);
        }
    }
    runs.draw(svg, y, BLOCK);
    for x in pins.iter().take(64) {
        pin(svg, *x, y + BLOCK / 2);
    }
    let unit = match view.lang {
        Lang::Ko => "페이지",
        Lang::En if pages == 1 => "page",
        Lang::En => "pages",
    };
    let pages = if view.narrow() { pages.to_string() } else { format!("{pages} {unit}") };
    svg.text("f-sm f-strong f-num", Anchor::Start, layout.lists, baseline, &pages);
}

/// A page that stays: a pin through the row.
fn pin(svg: &mut Svg, x: i32, y: i32) {
    svg.line("f-pinline", (x, y - 6 * PX), (x, y + 6 * PX));
    svg.circle("f-pinhead", x, y - 5 * PX, 35);
}

/// The type of each pageblock, under the map.
fn pageblocks(zone: &Zone, y: i32, svg: &mut Svg, view: &View<'_>, layout: &Layout) {
    let said = match (view.lang, view.narrow()) {
        (Lang::Ko, _) => "페이지블록",
        (Lang::En, false) => "pageblocks",
        (Lang::En, true) => "blocks",
    };
    svg.text("f-sm f-muted", Anchor::Start, 0, y + 7 * PX + 10, said);
    let mut runs: Vec<(i32, i32, u8)> = Vec::new();
    for (pfn, mt) in zone.pageblocks() {
        let (from, to) = (layout.x(zone, pfn), layout.x(zone, pfn.saturating_add(512)));
        let narrow = to - from < 4 * PX;
        match runs.last_mut() {
            Some(last) if narrow && last.2 == mt => last.1 = to,
            _ => runs.push((from, to, mt)),
        }
    }
    for (from, to, mt) in runs {
        let gap = if to - from > 4 * PX { GAP } else { 0 };
        block(svg, mt, from + gap / 2, y, to - from - gap, 8 * PX, "");
    }
}

/// A ring round what was touched last, and the way it went through the orders.
fn touched(model: &BuddyAllocator, zone: &Zone, svg: &mut Svg, layout: &Layout) {
    let Some(last) = model.last_touched().filter(|last| zone.contains(last.pfn)) else { return };
    let middle = |pfn: u32, order: u32| (layout.x(zone, pfn) + layout.x(zone, pfn + (1 << order))) / 2;
    let (small, large) = (last.order, last.other.max(last.order));
    let start = last.pfn >> large << large;
    // Down through the halves, or up through the merges.
    let mut way: Vec<(i32, i32)> =
        (small..=large).map(|order| (middle(last.pfn >> order << order, order), layout.y(order) + BLOCK / 2)).collect();
    if !last.freed {
        way.reverse();
    }
    if way.len() > 1 {
        svg.path("f-way", &way, false);
    }
    let order = if last.freed { large } else { small };
    let pfn = if last.freed { start } else { last.pfn };
    let (from, to) = (layout.x(zone, pfn), layout.x(zone, pfn + (1 << order)));
    let w = (to - from).max(6 * PX);
    svg.rect("f-touched", (from + to - w) / 2 - 10, layout.y(order) - 15, w + 20, BLOCK + 30, 20);
}

/// What the shapes mean; returns the height it took.
fn legend(svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let said = match view.lang {
        Lang::Ko => ["이동 가능(M)", "이동 불가(U)", "회수 가능(R)", "고정됨", "방금 움직임"],
        Lang::En => ["movable (M)", "unmovable (U)", "reclaimable (R)", "pinned", "touched last"],
    };
    let (mut x, mut y) = (0, top);
    for (i, text) in said.into_iter().enumerate() {
        let item = 22 * PX + width(text, SMALL);
        if x + item > view.width() {
            (x, y) = (0, y + 20 * PX);
        }
        match i {
            0..3 => block(svg, [1, 0, 2][i], x, y + 2 * PX, 16 * PX, 13 * PX, ""),
            3 => pin(svg, x + 8 * PX, y + 9 * PX),
            _ => svg.rect("f-touched", x + 2 * PX, y + 2 * PX, 13 * PX, 13 * PX, 20),
        }
        svg.text("f-sm f-muted", Anchor::Start, x + 21 * PX, y + 9 * PX + 42, text);
        x += item + 14 * PX;
    }
    y + 20 * PX - top + 6 * PX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_neighbours_share_a_shape_and_wide_ones_do_not() {
        let mut runs = Runs::default();
        for (from, to, mt) in [(0, 5, 1), (5, 10, 1), (10, 15, 0), (40, 45, 0), (60, 400, 1), (400, 800, 1)] {
            runs.add(Run { from, to, mt, pages: 1, span: (from as u32, to as u32) });
        }
        let got: Vec<_> = runs.0.iter().map(|run| (run.from, run.to, run.mt, run.pages)).collect();
        assert_eq!(got, [(0, 10, 1, 2), (10, 15, 0, 1), (40, 45, 0, 1), (60, 400, 1, 1), (400, 800, 1, 1)]);
    }

    #[test]
    fn sizes_are_said_as_a_person_would() {
        assert_eq!([0, 7, 8, 10].map(size), ["4 KiB", "512 KiB", "1 MiB", "4 MiB"]);
    }
}

//! Memory drawn as a map of its parts, with the columns of `free` over it, and the lists below.

mod map;

use sim_core::memory_map::MemoryMap;
use sim_core::reclaim::Part;
use sim_core::{Event, Nanos, Text, text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::reclaim::{Extra, History, add, draw_lists, draw_programs, of_pages, size, state};
use crate::svg::Svg;
use crate::{Drawn, View};

/// Air between two parts of the picture.
const GAP: i32 = 16 * PX;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Free and available memory, cache, memory of programs, slab, in pages.
static LINES: [Line; 5] = [
    line(
        0,
        2,
        (Text::fixed("free", "free"), Text::fixed("free", "free")),
        (Text::fixed("free(고정)", "free, pinned"), Text::fixed("고정 free", "pin free")),
        (Text::fixed("free(이 서버)", "free, live"), Text::fixed("서버 free", "live free")),
    ),
    line(
        4,
        3,
        (Text::fixed("buff/cache", "buff/cache"), Text::fixed("cache", "cache")),
        (Text::fixed("cache(고정)", "cache, pinned"), Text::fixed("고정 cache", "pin cache")),
        (Text::fixed("cache(이 서버)", "cache, live"), Text::fixed("서버 cache", "live cache")),
    ),
    line(
        9,
        4,
        (Text::fixed("슬랩", "slab"), Text::fixed("슬랩", "slab")),
        (Text::fixed("슬랩(고정)", "slab, pinned"), Text::fixed("고정 슬랩", "pin slab")),
        (Text::fixed("슬랩(이 서버)", "slab, live"), Text::fixed("서버 슬랩", "live slab")),
    ),
    line(
        2,
        1,
        (Text::fixed("used", "used"), Text::fixed("used", "used")),
        (Text::fixed("used(고정)", "used, pinned"), Text::fixed("고정 used", "pin used")),
        (Text::fixed("used(이 서버)", "used, live"), Text::fixed("서버 used", "live used")),
    ),
    line(
        1,
        0,
        (Text::fixed("available", "available"), Text::fixed("avail", "avail")),
        (Text::fixed("available(고정)", "available, pinned"), Text::fixed("고정 avail", "pin avail")),
        (Text::fixed("available(이 서버)", "available, live"), Text::fixed("서버 avail", "live avail")),
    ),
];

impl Drawn for MemoryMap {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        extra.mark(happened);
    }

    fn lines() -> &'static [Line] {
        &LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        of_pages(history, cursor, &LINES, Text::fixed("시간에 따른 free의 칸", "The columns of free over time"))
    }

    fn picture_title() -> Text {
        Text::fixed("메모리 지도", "A map of memory")
    }

    fn describe(&self, _: &History) -> Text {
        let [used, used_once] = self.used().map(size);
        let [available, cache] = [self.reclaim().available(), self.buff_cache()].map(size);
        let mut words = state(self.reclaim());
        add(
            &mut words,
            &text!(
                ko: " available {available}, buff/cache {cache}, used {used}(procps 4.0 전에는 {used_once}).",
                en: " Available {available}, buff/cache {cache}, used {used} (before procps 4.0 {used_once}).",
            ),
        );
        for part in Part::ALL {
            let (name, pages) = (map::name(part), size(self.reclaim().part(part)));
            let Text { ko, en } = name;
            add(&mut words, &text!(ko: " {ko} {pages}.", en: " {en}: {pages}."));
        }
        words
    }

    fn draw_picture(&self, _: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        svg.group("f-map");
        let mut top = map::draw(self, svg, view) + GAP;
        svg.close();
        svg.group_at("f-lists", 0, top);
        top += draw_lists(self.reclaim(), map::colour, svg, view) + GAP;
        svg.close();
        svg.group_at("f-programs", 0, top);
        top += draw_programs(self.reclaim(), map::colour, svg, view);
        svg.close();
        top
    }
}

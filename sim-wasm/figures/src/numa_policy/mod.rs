//! NUMA placement drawn: nodes with their CPUs and memory, who reads from where, and where the pages
//! of each process lie.

mod curves;
mod nodes;
mod pages;
mod traffic;
mod words;

use sim_core::numa_policy::NumaPolicy;
use sim_core::{Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<()>;

impl Drawn for NumaPolicy {
    type Extra = ();

    fn begin(&self) -> Self::Extra {}

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("노드와 페이지의 자리", "Nodes, and where pages lie")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let nodes = nodes::draw(self, svg, view);
        let mut top = nodes + 22 * PX;
        svg.group_at("f-traffic", 0, top);
        top += traffic::draw(self, svg, view) + 22 * PX;
        svg.close();
        svg.group_at("f-pages", 0, top);
        top += pages::draw(self, svg, view);
        svg.close();
        top
    }
}

/// The class that fills with the colour of a node. Wherever a node has a colour its number stands
/// beside or in it.
fn fill(node: usize) -> &'static str {
    ["f-n0", "f-n1", "f-n2", "f-n3", "f-n4", "f-n5", "f-n6", "f-n7"][node % 8]
}

/// A size as a person says it.
fn size(pages: i64) -> String {
    let tenths = |unit: i64| {
        let tenths = (pages * 10 + unit / 2) / unit;
        if tenths % 10 == 0 { format!("{}", tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    match pages {
        0 => "0".to_owned(),
        p if p >= 1 << 18 => format!("{} GiB", tenths(1 << 18)),
        p if p >= 256 => format!("{} MiB", p / 256),
        p => format!("{} KiB", p * 4),
    }
}

/// Bytes a ms as a person says them, without the unit: GB/s.
fn gigabytes(bytes_per_ms: u64) -> String {
    let tenths = (bytes_per_ms + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

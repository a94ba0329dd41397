//! Dirty pages drawn: a tank with its marks, who fills it, what empties it, and both rates.

mod actors;
mod curves;
mod rates;
mod tank;
mod words;

use sim_core::dirty_writeback::DirtyWriteback;
use sim_core::{Event, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, Mark, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the metrics.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What is marked on the chart.
    pub marks: Vec<Mark>,
}

/// Most marks of a chart; more would only cover each other.
const MARKS: usize = 12;

/// Metrics that drawings read, by their place in the list.
pub(crate) mod metric {
    pub const DIRTY: usize = 2;
    pub const BACKGROUND: usize = 3;
    pub const FREERUN: usize = 4;
    pub const THRESHOLD: usize = 6;
    pub const DIRTIED: usize = 8;
    pub const WRITTEN: usize = 9;
}

impl Drawn for DirtyWriteback {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        for event in happened {
            let label = match event.kind {
                "background" => Text::fixed("플러셔 시작", "flusher begins"),
                "throttle" => Text::fixed("첫 멈춤", "first pause"),
                "stall" => Text::fixed("직접 쓰기", "writes itself"),
                "sync" => Text::fixed("sync", "sync"),
                "sync-end" => Text::fixed("sync 끝", "sync returns"),
                "memory" => Text::fixed("메모리 변화", "memory changes"),
                _ => continue,
            };
            // Of what happens all the time the first is worth a mark.
            let once = matches!(event.kind, "background" | "throttle" | "stall");
            let known = once && extra.marks.iter().any(|mark| mark.label == label);
            if !known && extra.marks.len() < MARKS {
                extra.marks.push(Mark { at: event.t_ns, label });
            }
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("더티 페이지 수조", "The tank of dirty pages")
    }

    fn describe(&self, history: &History) -> Text {
        words::state(self, history)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let top = if view.narrow() { stacked(self, history, svg, view) } else { abreast(self, history, svg, view) };
        svg.group_at("f-rates", 0, top + 14 * PX);
        let rates = rates::draw(self, history, svg, view);
        svg.close();
        top + 14 * PX + rates
    }
}

/// Writers, tank and disks beside each other.
fn abreast(model: &DirtyWriteback, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    let side = 172 * PX;
    let top = 26 * PX;
    let writers = actors::writers(model, svg, (0, top), side, view);
    let disks = actors::disks_height(model);
    let height = tank::HEIGHT.max(writers).max(disks + 20 * PX);
    // Beside the outlet.
    let first = top + height - disks;
    actors::disks(model, svg, (view.width() - side, first), side, view);
    let place = tank::Place { left: side + 8 * PX, right: view.width() - side - 40 * PX, top, height };
    tank::draw(model, svg, &place, view);
    let [inflow, outflow] = rates::now(model, history);
    // Over the rim, and out at the bottom.
    let rim = place.tank_left() + 26 * PX;
    tank::pipe(svg, &[(side, 10 * PX), (rim, 10 * PX), (rim, top + 10 * PX)]);
    let y = top + height - 14 * PX;
    tank::pipe(svg, &[(place.right, y), (view.width() - side - 6 * PX, y)]);
    tank::flow(svg, crate::svg::Anchor::Start, side + 6 * PX, 6 * PX, &words::inflow(inflow), view);
    let said = words::outflow(outflow);
    tank::flow(svg, crate::svg::Anchor::Start, view.width() - side, first - 7 * PX, &said, view);
    top + height
}

/// One below the other, on a phone.
fn stacked(model: &DirtyWriteback, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    let [inflow, outflow] = rates::now(model, history);
    let writers = actors::writers(model, svg, (0, 0), view.width(), view);
    let top = writers + 30 * PX;
    let place = tank::Place { left: 0, right: view.width() - 4 * PX, top, height: tank::HEIGHT * 4 / 5 };
    tank::draw(model, svg, &place, view);
    let middle = (place.tank_left() + place.right) / 2;
    tank::pipe(svg, &[(middle, writers + 6 * PX), (middle, top + 8 * PX)]);
    tank::flow(svg, crate::svg::Anchor::End, middle - 10 * PX, writers + 18 * PX, &words::inflow(inflow), view);
    let bottom = top + place.height;
    tank::pipe(svg, &[(middle, bottom), (middle, bottom + 24 * PX)]);
    tank::flow(svg, crate::svg::Anchor::End, middle - 10 * PX, bottom + 17 * PX, &words::outflow(outflow), view);
    let disks = actors::disks(model, svg, (0, bottom + 30 * PX), view.width(), view);
    bottom + 30 * PX + disks
}

/// Pages as a reader thinks of them: `267 MiB`.
pub(crate) fn size(pages: u64) -> String {
    let tenths = |unit: u64| (u128::from(pages) * 10 + u128::from(unit) / 2) / u128::from(unit);
    let decimal = |tenths: u128, unit: &str| format!("{}.{} {unit}", tenths / 10, tenths % 10);
    match pages {
        0..256 => format!("{} KiB", pages * 4),
        256..2560 => decimal(tenths(256), "MiB"),
        2560..2_621_440 => format!("{} MiB", (pages + 128) / 256),
        _ => decimal(tenths(262_144), "GiB"),
    }
}

/// Pages a second as a reader thinks of them.
pub(crate) fn speed(pages: u64) -> String {
    format!("{}/s", size(pages))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_said_in_the_unit_that_fits() {
        for (pages, want) in [
            (0, "0 KiB"),
            (25, "100 KiB"),
            (255, "1020 KiB"),
            (512, "2.0 MiB"),
            (2560, "10 MiB"),
            (262_144, "1024 MiB"),
            (2_621_440, "10.0 GiB"),
            (11_208_834, "42.8 GiB"),
        ] {
            assert_eq!(size(pages), want, "{pages}");
        }
    }
}

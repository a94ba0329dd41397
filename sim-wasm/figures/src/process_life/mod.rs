//! The life of processes drawn: the tree with the state of each, and whose pages are whose.

mod curves;
mod tree;
mod words;

use sim_core::process_life::ProcessLife;
use sim_core::{Event, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::svg::Svg;
use crate::{Drawn, View};

/// The most that was there at any moment: a picture keeps its height and its scale.
#[derive(Clone, Copy, Debug, Default)]
pub struct Most {
    /// Processes, zombies among them.
    pub processes: usize,
    /// Resident pages of one process.
    pub rss: u64,
}

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Most>;

impl Most {
    fn look(&mut self, model: &ProcessLife) {
        let engine = model.engine();
        self.processes = self.processes.max(engine.processes().len());
        let largest = engine.processes().values().map(|process| engine.pages(process).rss()).max();
        self.rss = self.rss.max(largest.unwrap_or(0));
    }
}

impl Drawn for ProcessLife {
    type Extra = Most;

    fn begin(&self) -> Most {
        let mut most = Most::default();
        most.look(self);
        most
    }

    fn observe(&self, happened: &[Event], extra: &mut Most) {
        if !happened.is_empty() {
            extra.look(self);
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("프로세스 트리와 페이지", "The tree of processes and their pages")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        tree::draw(self, &history.extra, svg, view)
    }
}

/// Pages as a person says them.
fn size(pages: u64) -> String {
    match pages {
        0 => "0".to_owned(),
        p if p >= 256 * 100 => format!("{} MiB", p / 256),
        p if p >= 256 => format!("{}.{} MiB", p / 256, p % 256 * 10 / 256),
        p => format!("{} KiB", p * 4),
    }
}

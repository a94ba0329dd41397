//! The pictures and charts of the simulators, as SVG that takes its colours from the page.
//!
//! Everything here is a function from a model's state to text: the same bytes in the builder, in a
//! terminal and in a page. Layout is done in tenths of a pixel with estimated text widths
//! ([`measure`]); colours, fonts and line styles are classes that `book/theme/figures.css` knows.
//!
//! [`Chart`] is for any model. A model adds its picture by implementing [`Drawn`] and a line in
//! [`drawings`]; then [`static_figure`] can draw it for a page without scripts, for print and for a
//! file, and the page's widget can draw it at any moment of a run.

pub mod buddy_allocator;
mod chart;
pub mod commit;
pub mod cpu_shares;
pub mod dirty_writeback;
mod drawn;
mod figure;
pub mod io_scheduler;
mod ladder;
mod lines;
pub mod load_average;
mod marker;
pub mod measure;
pub mod memory_map;
pub mod numa_policy;
pub mod pcap;
pub mod process_life;
pub mod reclaim;
pub mod service;
mod style;
pub mod svg;
pub mod tcp_keepalive;
pub mod tcp_life;
pub mod tcp_rto;
pub mod ticks;

pub use chart::{Band, Chart, DrawnChart, Mark, Plot, Points, Series, Shape};
pub use drawn::{Drawing, Drawn, History, Made, Making, Scene};
pub use figure::{FigureError, Source, StaticFigure, figure_file, static_figure};
pub use lines::{Line, Whose, lines, prediction};
pub use style::{Pen, SERIES};

use measure::PX;
use sim_core::Lang;

/// How each model is drawn, in the order of the chapters.
pub fn drawings() -> &'static [Drawing] {
    static DRAWINGS: &[Drawing] = &[
        Drawing::of::<sim_core::process_life::ProcessLife>(),
        Drawing::of::<sim_core::commit::Commit>(),
        Drawing::of::<sim_core::cpu_shares::CpuShares>(),
        Drawing::of::<sim_core::load_average::LoadAverage>(),
        Drawing::of::<sim_core::memory_map::MemoryMap>(),
        Drawing::of::<sim_core::buddy_allocator::BuddyAllocator>(),
        Drawing::of::<sim_core::reclaim::Reclaim>(),
        Drawing::of::<sim_core::numa_policy::NumaPolicy>(),
        Drawing::of::<sim_core::tcp_life::TcpLife>(),
        Drawing::of::<sim_core::tcp_keepalive::TcpKeepalive>(),
        Drawing::of::<sim_core::tcp_rto::TcpRto>(),
        Drawing::of::<sim_core::dirty_writeback::DirtyWriteback>(),
        Drawing::of::<sim_core::io_scheduler::IoScheduler>(),
        Drawing::of::<sim_core::service::Service>(),
    ];
    DRAWINGS
}

/// How the model of that name is drawn.
pub fn drawing(name: &str) -> Option<&'static Drawing> {
    drawings().iter().find(|drawing| drawing.name == name)
}

/// For whom and where a figure is drawn.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The element's id, unique in the page; ids inside the figure begin with it.
    pub id: &'a str,
    /// Width of the drawing in CSS pixels; what is below [`View::NARROW`] is laid out for a phone.
    pub width: u32,
    /// The reader's language.
    pub lang: Lang,
}

impl View<'_> {
    /// Widths below this are laid out for a phone.
    pub const NARROW: u32 = 540;

    /// Whether the layout is the one for a phone.
    pub fn narrow(&self) -> bool {
        self.width < Self::NARROW
    }

    /// The width in tenths of a pixel, held between 280 and 1600 pixels.
    pub(crate) fn width(&self) -> i32 {
        self.width.clamp(280, 1600) as i32 * PX
    }
}

/// The style sheet of the figures, as the book's theme has it: what a file of its own carries.
pub const STYLE: &str = include_str!("../../../book/theme/figures.css");

//! A disk without moving parts: units that each do one page at a time.

use std::rc::Rc;

use crate::Nanos;

use super::Job;

/// Sectors in a page.
pub const PAGE: u64 = 8;

/// What a flash disk is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Dies that work side by side; a page belongs to unit `(sector / 8) mod units`.
    pub units: u64,
    /// Reading a page, ns.
    pub read: Nanos,
    /// Writing a page, as the host sees it, ns.
    pub program: Nanos,
    /// Least time from one command to the next, ns: the controller's limit.
    pub command: Nanos,
    /// Bytes a second through the interface.
    pub bytes_per_second: u64,
    /// Sectors in all.
    pub capacity: u64,
}

/// The state of its units.
#[derive(Clone, Debug)]
pub struct Flash {
    cells: Cells,
    /// When each unit has done all that it was given.
    free: Rc<Vec<Nanos>>,
    command: Nanos,
    interface: Nanos,
}

impl Flash {
    /// At rest.
    pub fn new(cells: Cells) -> Flash {
        Flash { free: Rc::new(vec![0; cells.units as usize]), cells, command: 0, interface: 0 }
    }

    /// What it is made of.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// When each unit has done all that it was given.
    pub fn units(&self) -> &[Nanos] {
        &self.free
    }

    /// The units a request is spread over: the first, and how many pages from there on.
    pub fn pages(&self, job: &Job) -> (u64, u64) {
        let first = job.sector / PAGE;
        (first, (job.sector + job.sectors).div_ceil(PAGE) - first)
    }

    /// Takes a request; when it is done.
    pub fn serve(&mut self, now: Nanos, job: &Job) -> Nanos {
        let start = now.max(self.command);
        self.command = start + self.cells.command;
        let page = if job.write { self.cells.program } else { self.cells.read };
        let (first, pages) = self.pages(job);
        let units = self.cells.units;
        let free = Rc::make_mut(&mut self.free);
        // Each unit has all its pages of the request one after the other.
        let mut done = start;
        for i in 0..pages.min(units) {
            let unit = ((first + i) % units) as usize;
            let mine = (pages - i).div_ceil(units);
            free[unit] = free[unit].max(start) + mine * page;
            done = done.max(free[unit]);
        }
        let bytes = u128::from(job.sectors * 512) * 1_000_000_000;
        self.interface = self.interface.max(start) + (bytes / u128::from(self.cells.bytes_per_second)) as Nanos;
        done.max(self.interface)
    }
}

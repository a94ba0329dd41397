//! Memory that is used: where its pages come from, and what happens when there are none.

use super::engine::{Engine, State};
use super::{oom, tell};
use crate::anon::Met;
use crate::{Log, Nanos};

/// Memory that is written to over some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    rewrite: bool,
    pages: u64,
    done: u64,
    copied: u64,
    from: Nanos,
    long: Nanos,
}

impl Work {
    pub fn new(rewrite: bool, pages: u64, from: Nanos, long: Nanos) -> Work {
        Work { rewrite, pages, done: 0, copied: 0, from, long }
    }

    /// How many pages it should have come to.
    fn due(&self, now: Nanos) -> u64 {
        let gone = now.saturating_sub(self.from);
        if gone >= self.long {
            return self.pages;
        }
        crate::math::mul_div(self.pages, gone, self.long)
    }
}

impl Engine {
    /// A process goes on with what it has begun, as far as it comes by now.
    pub(super) fn go_on(&mut self, who: usize, log: &mut Log) {
        while let Some(work) = self.processes[who].work.front().copied() {
            let due = work.due(self.now);
            let (done, copied) = self.write(who, work, due, log);
            if self.panicked || self.processes[who].state != State::Alive {
                return;
            }
            let now = self.now;
            let Some(work) = self.processes[who].work.front_mut() else { return };
            (work.done, work.copied) = (done, copied);
            let (over, rewrite) = (now >= work.from + work.long, work.rewrite);
            self.note_sizes(who);
            if !over {
                return;
            }
            self.processes[who].work.pop_front();
            tell::wrote(log, self, who, rewrite, [done, copied]);
            if let Some(next) = self.processes[who].work.front_mut() {
                next.from = next.from.max(now);
            }
        }
    }

    /// Writes on until `due` pages are done; how many are, and how many were copied. Fewer where there
    /// is nothing more to write to.
    fn write(&mut self, who: usize, work: Work, due: u64, log: &mut Log) -> (u64, u64) {
        let (mut done, mut copied) = (work.done, work.copied);
        while done < due {
            let Some((map, from, most)) = self.place(who, work.rewrite, done) else { break };
            let pages = most.min(due - done);
            let room = self.room(pages, who, log);
            if self.panicked || self.processes[who].state != State::Alive {
                break;
            }
            let wrote = self.write_map(who, map, from, pages, room, &mut copied);
            done += wrote;
            if wrote == 0 {
                break;
            }
        }
        (done, copied)
    }

    /// Which mapping comes next, where in it, and how many pages are left there.
    fn place(&self, who: usize, rewrite: bool, done: u64) -> Option<(usize, u64, u64)> {
        let maps = &self.processes[who].maps;
        if !rewrite {
            let open = |map: &super::engine::Map| map.touched < map.pages && map.kind != super::Kind::Readonly;
            let i = maps.iter().position(open)?;
            return Some((i, maps[i].touched, maps[i].pages - maps[i].touched));
        }
        let mut before = 0;
        for (i, map) in maps.iter().enumerate() {
            if done < before + map.touched {
                return Some((i, done - before, before + map.touched - done));
            }
            before += map.touched;
        }
        None
    }

    fn write_map(&mut self, who: usize, i: usize, from: u64, pages: u64, room: u64, copied: &mut u64) -> u64 {
        let process = &mut self.processes[who];
        let map = &mut process.maps[i];
        if let Some(share) = map.share.map(|i| &mut self.shares[i]) {
            // What another process has touched is there already.
            let there = share.resident.saturating_sub(from).min(pages);
            let wrote = if there > 0 { there } else { pages.min(room) };
            share.resident = share.resident.max(from + wrote);
            if from + wrote > map.touched {
                process.faults += from + wrote - map.touched;
                map.touched = from + wrote;
            }
            return wrote;
        }
        let Some(wrote) = self.memory.write(process.space, map.area, from, pages, room) else { return 0 };
        map.touched = map.touched.max(from + wrote.pages);
        process.faults += wrote.faults();
        match wrote.met {
            Met::Shared => (self.copied, *copied) = (self.copied + wrote.pages, *copied + wrote.pages),
            Met::Swapped => self.swapped_in += wrote.pages,
            Met::Absent | Met::Own | Met::Left => {}
        }
        wrote.pages
    }

    /// Free pages for somebody who wants some, at least one, up to as many. Page cache makes room, then
    /// swap, then the OOM killer.
    pub(super) fn room(&mut self, pages: u64, who: usize, log: &mut Log) -> u64 {
        loop {
            let [min, _, high] = self.watermarks();
            // A page table for each 2 MiB comes along.
            let spare = self.free().saturating_sub(min);
            if spare > 1 {
                return (spare - spare.div_ceil(512)).clamp(1, pages.max(1));
            }
            // As kswapd does, up to the high watermark.
            let wanted = (pages.div_ceil(512) + pages + 1).max(high - min);
            if !self.make_room(wanted, log) {
                self.out_of_memory(who, log);
                if self.panicked || self.processes[who].state != State::Alive {
                    return 0;
                }
            }
        }
    }

    /// Whether any page could be freed.
    fn make_room(&mut self, pages: u64, log: &mut Log) -> bool {
        let floor = self.file_floor();
        let drop = self.cache.saturating_sub(floor).min(pages);
        if drop > 0 {
            if !std::mem::replace(&mut self.reclaiming, true) {
                tell::reclaim(log, self);
            }
            self.cache -= drop;
            return true;
        }
        let swap = self.machine().free_swap.min(pages);
        if swap == 0 {
            return false;
        }
        if !std::mem::replace(&mut self.swapping, true) {
            tell::swap(log, self);
        }
        let mut left = swap;
        while left > 0 {
            let out = self.memory.swap_out(left);
            if out == 0 {
                break;
            }
            left -= out;
            self.swapped_out += out;
        }
        left < swap
    }

    /// Page cache that programs run from: each program's file once.
    fn file_floor(&self) -> u64 {
        let alive = self.processes.iter().filter(|process| process.state == State::Alive);
        let mut programs: Vec<_> = alive.map(|process| (process.program.comm(), process.program.pages().0)).collect();
        programs.sort_unstable();
        programs.dedup();
        programs.iter().map(|(_, pages)| pages).sum()
    }

    /// `mm/oom_kill.c: out_of_memory`.
    fn out_of_memory(&mut self, who: usize, log: &mut Log) {
        if self.scenario.panic_on_oom != 0 {
            self.panicked = true;
            return tell::panic(log, self, true);
        }
        let alive: Vec<usize> =
            (0..self.processes.len()).filter(|i| self.processes[*i].state == State::Alive).collect();
        let candidates: Vec<_> = alive.iter().map(|i| self.candidate(*i)).collect();
        let total = self.totalpages();
        let own = self.scenario.oom_kill_allocating_task != 0 && self.processes[who].adj != -1000;
        let victim = if own { Some(who) } else { oom::select(self.rules, &candidates, total).map(|i| alive[i]) };
        let Some(victim) = victim else {
            self.panicked = true;
            return tell::panic(log, self, false);
        };
        tell::oom(log, self, who, victim, own);
        self.oom_kills += 1;
        self.end(victim, State::Killed);
    }
}

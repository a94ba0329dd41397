//! The model itself: the engine driven through time by the scenario.

use std::rc::Rc;

use super::balance::wb_thresh;
use super::disk::Disk;
use super::engine::Engine;
use super::flusher::Why;
use super::machine::Machine;
use super::scenario::Scenario;
use super::writer::Doing;
use super::{Rules, contract, files, notation, params, presets};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, MILLISECOND, Nanos, Text};

/// Dirty pages of one machine over time.
#[derive(Clone, Debug)]
pub struct DirtyWriteback {
    scenario: Rc<Scenario>,
    /// As the last decision left it.
    decided: Engine,
    /// The same run on to where somebody looked, when that lies between two decisions.
    between: Option<Box<Engine>>,
}

/// A disk as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskView {
    /// Pages dirtied and not yet given to it.
    pub reclaimable: u64,
    /// Pages given to it and not yet written.
    pub writeback: u64,
    /// Its part of the threshold, pages.
    pub thresh: u64,
    /// Smoothed write bandwidth, pages a second.
    pub bandwidth: u64,
    /// What one of its writers may dirty, pages a second, before the position counts.
    pub dirty_ratelimit: u64,
    /// Position ratio, in 1/1024.
    pub pos_ratio: u64,
    /// Why its flusher writes; `None` while it rests.
    pub flushing: Option<Flushing>,
    /// Whether it is writing right now.
    pub busy: bool,
    /// Pages ever written.
    pub written: u64,
}

/// Why a flusher writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flushing {
    /// Too much is dirty.
    Background,
    /// Something is too old.
    Periodic,
    /// `sync` asked for it.
    Sync,
}

/// A writer as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterView {
    /// Its disk.
    pub disk: usize,
    /// What it is doing.
    pub doing: WriterState,
    /// Pages ever dirtied.
    pub dirtied: u64,
    /// What it was last allowed, pages a second; `None` while it runs freely.
    pub allowed: Option<u64>,
}

/// What a writer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriterState {
    /// It has nothing to write.
    Idle,
    /// It fills memory.
    Writing,
    /// It is paused: until when, and how long in all.
    Paused {
        /// End of the pause.
        until: Nanos,
        /// Its whole length.
        lasts: Nanos,
    },
    /// It writes to the disk itself (until 3.1).
    WritingOut {
        /// Since when.
        since: Nanos,
    },
    /// It waits in `fsync`.
    Fsync {
        /// Since when.
        since: Nanos,
    },
}

impl DirtyWriteback {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// What the run started from.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.engine().m.rules
    }

    fn engine(&self) -> &Engine {
        self.between.as_deref().unwrap_or(&self.decided)
    }

    pub(super) fn machine(&self) -> &Machine {
        &self.engine().m
    }

    pub(super) fn disks(&self) -> &[Disk] {
        &self.engine().disks
    }

    /// Page cache on the active and the inactive list, pages. What is written once stays inactive.
    pub(super) fn file_lists(&self) -> (u64, u64) {
        let at_start = self.scenario.file_mib as u64 * 128;
        let active = at_start.min(self.engine().m.file);
        (active, self.engine().m.file - active)
    }

    /// Dirty pages, under writeback or not.
    pub fn dirty(&self) -> u64 {
        self.engine().m.dirty()
    }

    /// Background threshold, freerun, setpoint and limit, pages, from the lowest up.
    pub fn marks(&self) -> [u64; 4] {
        let m = &self.engine().m;
        let limit = m.hard_limit();
        [m.thresholds.bg_thresh, m.thresholds.freerun(), m.thresholds.setpoint(limit), limit]
    }

    /// Memory the thresholds are taken of, pages.
    pub fn available(&self) -> u64 {
        self.engine().m.dirtyable()
    }

    /// Every disk as a picture shows it.
    pub fn disk_views(&self) -> Vec<DiskView> {
        let m = &self.engine().m;
        let view = |disk: &Disk| DiskView {
            reclaimable: disk.reclaimable,
            writeback: disk.writeback,
            thresh: wb_thresh(m, disk),
            bandwidth: disk.rates.avg_write_bandwidth,
            dirty_ratelimit: disk.rates.dirty_ratelimit,
            pos_ratio: disk.pos_ratio,
            flushing: disk.flush.why().map(|why| match why {
                Why::Background => Flushing::Background,
                Why::Periodic => Flushing::Periodic,
                Why::Sync => Flushing::Sync,
            }),
            busy: disk.busy(),
            written: disk.written,
        };
        self.engine().disks.iter().map(view).collect()
    }

    /// Every writer as a picture shows it.
    pub fn writer_views(&self) -> Vec<WriterView> {
        let writers = self.engine().writers.iter().map(|writer| WriterView {
            disk: writer.config.disk,
            doing: match writer.doing {
                Doing::Waiting(_) | Doing::Done => WriterState::Idle,
                Doing::Writing => WriterState::Writing,
                Doing::Paused { since, until, .. } => WriterState::Paused { until, lasts: until - since },
                Doing::WritingOut => {
                    WriterState::WritingOut { since: writer.stall.map_or(self.engine().now, |(since, _)| since) }
                }
                Doing::Fsync { since, .. } => WriterState::Fsync { since },
            },
            dirtied: writer.total,
            allowed: writer.allowed,
        });
        writers.collect()
    }
}

impl Model for DirtyWriteback {
    const NAME: &'static str = "dirty-writeback";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("더티 페이지와 라이트백", "Dirty pages and writeback")
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
        notation::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        notation::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<DirtyWriteback>) -> DirtyWriteback {
        let s: &Scenario = scenario;
        let rules = Rules::of(s.kernel).expect("a valid scenario names a modelled kernel");
        DirtyWriteback { decided: Engine::new(s.config(rules)), between: None, scenario: Rc::new(s.clone()) }
    }

    fn now(&self) -> Nanos {
        self.engine().now
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        self.between = None;
        let happened = self.decided.decide_until(to);
        let flusher = self.decided.m.rules.flusher;
        for (at, what) in self.decided.m.take_happenings() {
            log.push(at, what.kind(), || what.tell(flusher));
        }
        if !happened && self.decided.now < to {
            let mut between = Box::new(self.decided.clone());
            between.run_to(to);
            self.between = Some(between);
        }
        happened
    }

    fn metrics(&self) -> Vec<i64> {
        let m = &self.engine().m;
        let [bg_thresh, freerun, setpoint, limit] = self.marks();
        let disk = &self.engine().disks[0];
        let second = self.engine().disks.get(1);
        let paused = |doing: &Doing| !matches!(doing, Doing::Waiting(_) | Doing::Done | Doing::Writing);
        let held = self.engine().writers.iter().filter(|writer| paused(&writer.doing)).count() as u64;
        let numbers = [
            m.nr_dirty,
            m.nr_writeback,
            m.dirty(),
            bg_thresh,
            freerun,
            setpoint,
            m.thresholds.thresh,
            limit,
            m.nr_dirtied,
            m.nr_written,
            held,
            disk.pos_ratio,
            disk.rates.dirty_ratelimit * 4,
            disk.rates.avg_write_bandwidth * 4,
            disk.reclaimable + disk.writeback,
            second.map_or(0, |disk| disk.reclaimable + disk.writeback),
        ];
        numbers.map(|n| i64::try_from(n).unwrap_or(i64::MAX)).into()
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.decided.footprint() * if self.between.is_some() { 2 } else { 1 }
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`DirtyWriteback::metrics`].
const METRICS: &[Metric] = &[
    metric("nr_dirty", Text::fixed("더티 페이지", "Dirty pages"), "pages", 1),
    metric("nr_writeback", Text::fixed("쓰는 중인 페이지", "Pages under writeback"), "pages", 1),
    metric("dirty", Text::fixed("더티와 쓰는 중", "Dirty and under writeback"), "pages", 1),
    metric("nr_dirty_background_threshold", Text::fixed("백그라운드 임곗값", "Background threshold"), "pages", 1),
    metric("freerun", Text::fixed("자유롭게 쓰는 선", "Freerun"), "pages", 1),
    metric("setpoint", Text::fixed("맞추려는 선(setpoint)", "Setpoint"), "pages", 1),
    metric("nr_dirty_threshold", Text::fixed("임곗값", "Threshold"), "pages", 1),
    metric("limit", Text::fixed("한계(dirty_limit)", "Limit (dirty_limit)"), "pages", 1),
    metric("nr_dirtied", Text::fixed("지금까지 더럽힌 페이지", "Pages dirtied so far"), "pages", 1),
    metric("nr_written", Text::fixed("지금까지 쓴 페이지", "Pages written so far"), "pages", 1),
    metric("writers_held", Text::fixed("붙들린 프로그램", "Writers held"), "", 1),
    metric("pos_ratio", Text::fixed("pos_ratio(첫 디스크)", "pos_ratio (first disk)"), "", 1024),
    metric("dirty_ratelimit", Text::fixed("dirty_ratelimit(첫 디스크)", "dirty_ratelimit (first disk)"), "KiB/s", 1),
    metric("avg_write_bandwidth", Text::fixed("쓰기 대역폭(첫 디스크)", "Write bandwidth (first disk)"), "KiB/s", 1),
    metric("wb_dirty_0", Text::fixed("첫 디스크의 더티 페이지", "Dirty pages of the first disk"), "pages", 1),
    metric("wb_dirty_1", Text::fixed("둘째 디스크의 더티 페이지", "Dirty pages of the second disk"), "pages", 1),
];

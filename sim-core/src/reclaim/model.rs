//! The model itself: the engine, started and looked at.

use std::rc::Rc;

use super::calc::CLUSTER;
use super::engine::Engine;
use super::memory::{Plan, Watermarks};
use super::program::Doing;
use super::scenario::{Kind, Scenario};
use super::{Lru, Rules, contract, files, notation, params, presets};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, MILLISECOND, Nanos, Text, mul_div};

/// The memory of one machine over time.
#[derive(Clone, Debug)]
pub struct Reclaim {
    scenario: Rc<Scenario>,
    engine: Engine,
}

/// A part of memory, as a map of it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the kernel never gives back.
    Kernel,
    /// Heaps and stacks of programs.
    Anon,
    /// Files in memory.
    Shmem,
    /// Slab that can be reclaimed.
    Slab,
    /// Read from block devices.
    Buffers,
    /// Contents of files.
    Cache,
    /// Nobody's.
    Free,
}

impl Part {
    /// All of them, in the order of how hard they are to get.
    pub const ALL: [Part; 7] =
        [Part::Kernel, Part::Anon, Part::Shmem, Part::Slab, Part::Buffers, Part::Cache, Part::Free];
}

/// kswapd as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KswapdView {
    /// Whether it is at work.
    pub awake: bool,
    /// The priority of its next pass.
    pub priority: u32,
    /// How often it began.
    pub runs: u64,
}

/// A program as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramView {
    /// What it uses.
    pub kind: Kind,
    /// What it is doing.
    pub doing: Doing,
    /// In memory, pages.
    pub resident: u64,
    /// In swap, pages.
    pub swapped: u64,
    /// Whether it waits for memory right now.
    pub stalled: bool,
}

impl Reclaim {
    /// What the run started from.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// Pages of the machine.
    pub fn managed(&self) -> u64 {
        self.engine.m.managed
    }

    /// Free pages.
    pub fn free(&self) -> u64 {
        self.engine.m.free
    }

    /// Pages a program could have without swapping.
    pub fn available(&self) -> u64 {
        self.engine.m.available()
    }

    /// The watermarks, pages.
    pub fn marks(&self) -> Watermarks {
        self.engine.m.marks
    }

    /// Pages of a part of memory.
    pub fn part(&self, part: Part) -> u64 {
        let m = &self.engine.m;
        match part {
            Part::Kernel => m.kernel,
            Part::Anon => m.of(Kind::Heap),
            Part::Shmem => m.of(Kind::Shmem),
            Part::Slab => m.slab.pages(),
            Part::Buffers => m.of(Kind::Device),
            Part::Cache => m.of(Kind::File),
            Part::Free => m.free,
        }
    }

    /// Pages of a list.
    pub fn list(&self, lru: Lru) -> u64 {
        self.engine.m.pages(lru)
    }

    /// Whose the pages of a list are, from its head in so many equal stretches: the program whose
    /// are the most.
    pub fn owners(&self, lru: Lru, stretches: usize) -> Vec<usize> {
        let lists = &self.engine.m.lists;
        let len = lists.len(lru) as usize;
        let per = len.div_ceil(stretches.max(1)).max(1);
        let owners: Vec<usize> = lists.head_first(lru).map(|block| usize::from(block.owner)).collect();
        let most = |some: &[usize]| {
            let mut counts = vec![0_u32; self.engine.programs.len()];
            some.iter().for_each(|owner| counts[*owner] += 1);
            (0..counts.len()).max_by_key(|owner| counts[*owner]).unwrap_or(0)
        };
        owners.chunks(per).map(most).collect()
    }

    /// Swap in all, and what is left of it, pages.
    pub fn swap(&self) -> [u64; 2] {
        [self.engine.m.swap_total, self.engine.m.swap_free]
    }

    /// Dentries in memory, and how many of them are of names that do not exist.
    pub fn names(&self) -> [u64; 2] {
        let slab = &self.engine.m.slab;
        [slab.nr_dentry(), slab.nr_negative()]
    }

    /// What was last decided about the lists; `None` while nothing was ever reclaimed.
    pub fn plan(&self) -> Option<Plan> {
        let m = &self.engine.m;
        (m.counters.pgscan_by != [0; 2]).then_some(m.plan)
    }

    /// kswapd.
    pub fn kswapd(&self) -> KswapdView {
        let kswapd = &self.engine.kswapd;
        let runs = self.engine.m.counters.pageoutrun;
        KswapdView { awake: kswapd.next.is_some(), priority: kswapd.priority, runs }
    }

    /// Every program.
    pub fn programs(&self) -> Vec<ProgramView> {
        let view = |(i, program): (usize, &super::program::Program)| {
            let [resident, swapped] = files::held(&self.engine.m, i);
            let stalled = program.is_running() && program.stalled > self.engine.now;
            ProgramView { kind: program.kind, doing: program.doing, resident, swapped, stalled }
        };
        self.engine.programs.iter().enumerate().map(view).collect()
    }

    /// Pages that are accounted for, each once: always [`Reclaim::managed`].
    pub fn accounted(&self) -> u64 {
        self.engine.m.accounted()
    }

    pub(crate) fn begin(s: &Scenario) -> Reclaim {
        let rules = Rules::of(s.kernel).expect("a valid scenario names a modelled kernel");
        Reclaim { engine: Engine::new(s, rules), scenario: Rc::new(s.clone()) }
    }

    pub(crate) fn read(json: &Json, problems: &mut Problems) -> Scenario {
        notation::read(json, problems)
    }

    pub(crate) fn write<M: Model>(scenario: &Scenario) -> Json {
        notation::write::<M>(scenario)
    }

    fn numbers(&self) -> Vec<u64> {
        let (m, c) = (&self.engine.m, &self.engine.m.counters);
        let [inactive_anon, active_anon, inactive_file, active_file] = m.sizes();
        let share = self.plan().map_or(0, |plan| mul_div(plan.weights.anon, 1000, plan.weights.of.max(1)));
        let used: u64 = self.engine.programs.iter().map(|program| program.used * CLUSTER).sum();
        vec![
            m.free,
            m.available(),
            m.marks.min,
            m.marks.low,
            m.marks.high,
            inactive_anon,
            active_anon,
            inactive_file,
            active_file,
            m.of(Kind::Heap),
            m.of(Kind::File) + m.of(Kind::Shmem),
            m.of(Kind::Device),
            m.of(Kind::Shmem),
            m.slab.pages(),
            m.slab.nr_dentry(),
            m.slab.nr_inodes(),
            m.swap_total - m.swap_free,
            c.pswpin,
            c.pswpout,
            c.pgscan[0],
            c.pgscan[1],
            c.pgsteal_by[0],
            c.pgsteal_by[1],
            c.refault[0],
            c.refault[1],
            c.activate[0] + c.activate[1],
            c.allocstall,
            c.pageoutrun,
            m.scales.cost[0],
            m.scales.cost[1],
            share,
            u64::from(self.engine.kswapd.next.is_some()),
            self.engine.pressure.some.avg[0],
            self.engine.pressure.some.avg[2],
            files::ms(self.engine.pressure.some.total),
            used,
            c.oom_kill,
            self.plan().map_or(0, |plan| mul_div(plan.weights.file, 100, plan.weights.anon.max(1))),
        ]
    }
}

impl Model for Reclaim {
    const NAME: &'static str = "reclaim";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("메모리 회수와 스왑", "Reclaim and swap")
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
        Reclaim::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        Reclaim::write::<Reclaim>(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<Reclaim>) -> Reclaim {
        Reclaim::begin(scenario)
    }

    fn now(&self) -> Nanos {
        self.engine.now
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let mut happened = false;
        loop {
            let at = self.engine.next_at();
            // An instant is not left half done, and not one past the first that has events.
            if happened && at > self.engine.now {
                return true;
            }
            if at > to {
                self.engine.pass(to.max(self.engine.now));
                return happened;
            }
            self.engine.step();
            for what in self.engine.take_happenings() {
                happened = true;
                log.push(self.engine.now, what.kind(), || what.tell());
            }
        }
    }

    fn metrics(&self) -> Vec<i64> {
        self.numbers().into_iter().map(|n| i64::try_from(n).unwrap_or(i64::MAX)).collect()
    }

    fn files(&self) -> Files {
        files::all(&self.engine, &self.scenario)
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.engine.m.lists.bytes()
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`Reclaim::numbers`].
const METRICS: &[Metric] = &[
    metric("free", Text::fixed("빈 메모리", "Free"), "pages", 1),
    metric("available", Text::fixed("쓸 수 있는 메모리(MemAvailable)", "Available (MemAvailable)"), "pages", 1),
    metric("min", Text::fixed("워터마크 min", "Watermark min"), "pages", 1),
    metric("low", Text::fixed("워터마크 low", "Watermark low"), "pages", 1),
    metric("high", Text::fixed("워터마크 high", "Watermark high"), "pages", 1),
    metric("inactive_anon", Text::fixed("비활성 익명", "Inactive anonymous"), "pages", 1),
    metric("active_anon", Text::fixed("활성 익명", "Active anonymous"), "pages", 1),
    metric("inactive_file", Text::fixed("비활성 파일", "Inactive file"), "pages", 1),
    metric("active_file", Text::fixed("활성 파일", "Active file"), "pages", 1),
    metric("anon_pages", Text::fixed("프로그램의 메모리(AnonPages)", "Memory of programs (AnonPages)"), "pages", 1),
    metric("cached", Text::fixed("파일의 내용(Cached)", "Contents of files (Cached)"), "pages", 1),
    metric("buffers", Text::fixed("블록 장치(Buffers)", "Block devices (Buffers)"), "pages", 1),
    metric("shmem", Text::fixed("메모리 파일(Shmem)", "Files in memory (Shmem)"), "pages", 1),
    metric(
        "slab_reclaimable",
        Text::fixed("회수할 수 있는 슬랩(SReclaimable)", "Reclaimable slab (SReclaimable)"),
        "pages",
        1,
    ),
    metric("dentries", Text::fixed("dentry", "Dentries"), "", 1),
    metric("inodes", Text::fixed("inode", "Inodes"), "", 1),
    metric("swap_used", Text::fixed("스왑에 있는 페이지", "Pages in swap"), "pages", 1),
    metric("pswpin", Text::fixed("스왑에서 읽은 페이지", "Pages read from swap"), "pages", 1),
    metric("pswpout", Text::fixed("스왑에 쓴 페이지", "Pages written to swap"), "pages", 1),
    metric("pgscan_anon", Text::fixed("훑은 익명 페이지", "Anonymous pages looked at"), "pages", 1),
    metric("pgscan_file", Text::fixed("훑은 파일 페이지", "File pages looked at"), "pages", 1),
    metric("pgsteal_kswapd", Text::fixed("kswapd가 회수한 페이지", "Pages reclaimed by kswapd"), "pages", 1),
    metric("pgsteal_direct", Text::fixed("직접 회수한 페이지", "Pages reclaimed directly"), "pages", 1),
    metric("workingset_refault_anon", Text::fixed("다시 찾은 익명 페이지", "Anonymous refaults"), "pages", 1),
    metric("workingset_refault_file", Text::fixed("다시 찾은 파일 페이지", "File refaults"), "pages", 1),
    metric("workingset_activate", Text::fixed("다시 찾아 활성이 된 페이지", "Refaults that became active"), "pages", 1),
    metric("allocstall", Text::fixed("직접 회수한 횟수(allocstall)", "Direct reclaims (allocstall)"), "", 1),
    metric("pageoutrun", Text::fixed("kswapd가 시작한 횟수", "Runs of kswapd"), "", 1),
    metric("anon_cost", Text::fixed("익명의 비용(anon_cost)", "Cost of anonymous (anon_cost)"), "pages", 1),
    metric("file_cost", Text::fixed("파일의 비용(file_cost)", "Cost of files (file_cost)"), "pages", 1),
    metric("anon_share", Text::fixed("익명의 무게", "Weight of anonymous"), "%", 10),
    metric("kswapd_awake", Text::fixed("kswapd가 깨어 있는지", "Whether kswapd is awake"), "", 1),
    metric("psi_memory_some_avg10", Text::fixed("PSI memory some avg10", "PSI memory some avg10"), "%", 2048),
    metric("psi_memory_some_avg300", Text::fixed("PSI memory some avg300", "PSI memory some avg300"), "%", 2048),
    metric("stalled", Text::fixed("메모리를 기다린 시간", "Time lost waiting for memory"), "ms", 1),
    metric("used", Text::fixed("프로그램들이 쓴 페이지", "Pages used by programs"), "pages", 1),
    metric("oom_kill", Text::fixed("OOM으로 죽은 프로그램", "Programs killed"), "", 1),
    metric(
        "file_per_anon",
        Text::fixed("익명 한 장에 훑는 파일(무게대로면)", "File pages for each anonymous one, by weight"),
        "",
        100,
    ),
];

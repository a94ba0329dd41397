//! The model: reclaim, counted by whose the pages are.

use super::presets;
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::reclaim::{Lru, Part, Reclaim, Scenario, contract};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, Nanos, Text};

/// The memory of one machine over time.
#[derive(Clone, Debug)]
pub struct MemoryMap(Reclaim);

impl MemoryMap {
    /// The same machine, as reclaim sees it.
    pub fn reclaim(&self) -> &Reclaim {
        &self.0
    }

    /// What `free` calls used: since procps 4.0 all that is not available, and from 3.3.10 until then
    /// all that is neither free nor cache. Pages.
    pub fn used(&self) -> [u64; 2] {
        let all = self.0.managed();
        let cache: u64 =
            [Part::Buffers, Part::Cache, Part::Shmem, Part::Slab].iter().map(|part| self.0.part(*part)).sum();
        [all.saturating_sub(self.0.available()), all.saturating_sub(self.0.free() + cache)]
    }

    /// What `free` calls buff/cache, pages.
    pub fn buff_cache(&self) -> u64 {
        [Part::Buffers, Part::Cache, Part::Shmem, Part::Slab].iter().map(|part| self.0.part(*part)).sum()
    }
}

impl Model for MemoryMap {
    const NAME: &'static str = "memory-map";
    const RECORDED_AS: &'static str = "reclaim";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("메모리 지도", "A map of memory")
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
        Reclaim::write::<MemoryMap>(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        Reclaim::problems(scenario)
    }

    fn start(scenario: &Valid<MemoryMap>) -> MemoryMap {
        MemoryMap(Reclaim::begin(scenario))
    }

    fn now(&self) -> Nanos {
        self.0.now()
    }

    fn ends(&self) -> Nanos {
        self.0.ends()
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        self.0.advance(to, log)
    }

    fn metrics(&self) -> Vec<i64> {
        let r = &self.0;
        let [used, used_once] = self.used();
        let [total, left] = r.swap();
        let [dentries, negative] = r.names();
        let numbers = [
            r.free(),
            r.available(),
            used,
            used_once,
            self.buff_cache(),
            r.part(Part::Cache) + r.part(Part::Shmem),
            r.part(Part::Buffers),
            r.part(Part::Shmem),
            r.part(Part::Anon),
            r.part(Part::Slab),
            r.list(Lru::ActiveFile),
            r.list(Lru::InactiveFile),
            r.list(Lru::ActiveAnon),
            r.list(Lru::InactiveAnon),
            dentries,
            negative,
            total - left,
        ];
        numbers.map(|n| i64::try_from(n).unwrap_or(i64::MAX)).into()
    }

    fn files(&self) -> Files {
        self.0.files()
    }

    fn footprint(&self) -> usize {
        self.0.footprint()
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str) -> Metric {
    Metric { name, label, unit, scale: 1 }
}

/// Order as in [`MemoryMap::metrics`].
const METRICS: &[Metric] = &[
    metric("free", Text::fixed("빈 메모리(free)", "Free"), "pages"),
    metric("available", Text::fixed("쓸 수 있는 메모리(available)", "Available"), "pages"),
    metric("used", Text::fixed("쓰는 메모리(used, procps 4.0부터)", "Used (since procps 4.0)"), "pages"),
    metric("used_once", Text::fixed("쓰는 메모리(used, procps 3.3.10부터)", "Used (since procps 3.3.10)"), "pages"),
    metric("buff_cache", Text::fixed("버퍼와 캐시(buff/cache)", "Buffers and cache (buff/cache)"), "pages"),
    metric("cached", Text::fixed("파일의 내용(Cached)", "Contents of files (Cached)"), "pages"),
    metric("buffers", Text::fixed("블록 장치(Buffers)", "Block devices (Buffers)"), "pages"),
    metric("shmem", Text::fixed("메모리 파일(Shmem)", "Files in memory (Shmem)"), "pages"),
    metric("anon_pages", Text::fixed("프로그램의 메모리(AnonPages)", "Memory of programs (AnonPages)"), "pages"),
    metric(
        "slab_reclaimable",
        Text::fixed("회수할 수 있는 슬랩(SReclaimable)", "Reclaimable slab (SReclaimable)"),
        "pages",
    ),
    metric("active_file", Text::fixed("활성 파일", "Active file"), "pages"),
    metric("inactive_file", Text::fixed("비활성 파일", "Inactive file"), "pages"),
    metric("active_anon", Text::fixed("활성 익명", "Active anonymous"), "pages"),
    metric("inactive_anon", Text::fixed("비활성 익명", "Inactive anonymous"), "pages"),
    metric("dentries", Text::fixed("dentry", "Dentries"), ""),
    metric("negative", Text::fixed("없는 이름의 dentry", "Negative dentries"), ""),
    metric("swap_used", Text::fixed("스왑에 있는 페이지", "Pages in swap"), "pages"),
];

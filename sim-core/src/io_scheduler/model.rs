//! The model itself: the engine driven through time by the scenario.

use super::disk::{Disk, Place as DiskPlace};
use super::elevator::{self, Elevator, View};
use super::engine::{Engine, Live, Served, Totals};
use super::latency::Latency;
use super::process::Process;
use super::scenario::Scenario;
use super::setup::Setup;
use super::stats::{Columns, Counters};
use super::trace::Line;
use super::{Rules, contract, files, json, params, presets};
use crate::model::{Files, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, Log, MILLISECOND, Nanos, Text};

/// One disk with its scheduler and the processes that use it.
#[derive(Clone, Debug)]
pub struct IoScheduler {
    engine: Engine,
}

impl IoScheduler {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.engine.setup.scenario.kernel
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.engine.setup.rules
    }

    /// The scheduler's name.
    pub fn scheduler(&self) -> elevator::Kind {
        self.engine.setup.scheduler
    }

    /// What the scheduler chooses from, at most `most` requests a lane.
    pub fn view(&self, most: usize) -> View {
        self.engine.elevator.view(self.engine.now, most)
    }

    /// The device and what it is doing.
    pub fn disk(&self) -> &Disk {
        &self.engine.disk
    }

    /// The processes, in the order of their letters.
    pub fn processes(&self) -> &[Process] {
        &self.engine.processes
    }

    /// The requests the device has.
    pub fn in_device(&self) -> impl Iterator<Item = &Live> {
        self.engine.live.iter().filter(|live| live.issued.is_some())
    }

    /// The last requests that were done, oldest first.
    pub fn served(&self) -> impl DoubleEndedIterator<Item = &Served> {
        self.engine.served.iter()
    }

    /// The scenario it was started from.
    pub fn scenario(&self) -> &Scenario {
        &self.engine.setup.scenario
    }

    /// Requests in the scheduler.
    pub fn waiting(&self) -> usize {
        self.engine.elevator.waiting()
    }

    /// Reads and writes that sleep because no request is free.
    pub fn sleeping(&self) -> usize {
        self.engine.sleeping()
    }

    /// Requests there are, and how many there may be (`queue/nr_requests`; the single-queue layer
    /// has as many again for what nobody waits for).
    pub fn requests(&self) -> (u32, u32) {
        (self.engine.allocated(), self.engine.setup.nr_requests)
    }

    /// Until when the queue is plugged, where that is done queue-wide.
    pub fn plugged(&self) -> Option<Nanos> {
        self.engine.plugged()
    }

    /// Whether the device is left without work although requests wait.
    pub fn idling(&self) -> bool {
        self.engine.idling
    }

    /// Where the head of a turning disk is headed or stands: its place when the current request is
    /// done.
    pub fn head(&self) -> Option<DiskPlace> {
        let rotating = self.engine.disk.rotating()?;
        Some(match self.engine.disk.current() {
            Some((job, _)) => rotating.geometry().place(job.sector + job.sectors - 1),
            None => DiskPlace { cylinder: rotating.cylinder(), track: 0, sector: 0 },
        })
    }

    /// The counters behind `/proc/diskstats`.
    pub fn counters(&self) -> Counters {
        self.engine.stats.counters(self.engine.now)
    }

    /// What the last report of iostat was computed from.
    pub fn columns(&self) -> Columns {
        self.engine.stats.columns(self.engine.now)
    }

    /// The last lines blktrace would have written.
    pub fn trace(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.engine.trace.lines()
    }

    /// Bios and requests so far.
    pub fn totals(&self) -> Totals {
        self.engine.totals
    }

    /// Time in which the device had something, ns.
    pub fn busy(&self) -> Nanos {
        self.engine.stats.busy
    }

    /// How evenly the disk was shared, in thousandths: Jain's index over the bytes of each process,
    /// 1000 when all have the same, 1000/n when one has all.
    pub fn fairness(&self) -> i64 {
        fairness(self.engine.processes.iter().map(Process::bytes))
    }

    #[cfg(test)]
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    #[cfg(test)]
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// What the processes of some streams have read or written, KiB.
    fn moved(&self, streams: std::ops::Range<usize>) -> i64 {
        let all = self.engine.processes.iter().filter(|p| streams.contains(&p.stream()));
        (all.map(Process::bytes).sum::<u64>() / 1024) as i64
    }

    /// The slowest so far of the given share of reads or writes, µs.
    fn slowest(&self, writes: bool, permille: u64) -> i64 {
        let all = self.engine.processes.iter().filter(|p| p.kind().writes() == writes);
        (Latency::merged(all.map(Process::latency)).permille(permille) / 1000) as i64
    }
}

/// (Σx)² / (n·Σx²), in thousandths.
fn fairness(shares: impl Iterator<Item = u64> + Clone) -> i64 {
    let n = shares.clone().count() as u128;
    // In KiB, so that squares of any run fit.
    let kib = shares.map(|bytes| u128::from(bytes / 1024));
    let (sum, squares) = kib.fold((0, 0), |(sum, squares), x| (sum + x, squares + x * x));
    (sum * sum * 1000).checked_div(n * squares).map_or(1000, |index| index as i64)
}

impl Model for IoScheduler {
    const NAME: &'static str = "io-scheduler";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("I/O 스케줄러", "I/O schedulers")
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
        json::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        json::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<IoScheduler>) -> IoScheduler {
        IoScheduler { engine: Engine::new(Setup::of(scenario)) }
    }

    fn now(&self) -> Nanos {
        self.engine.now
    }

    fn ends(&self) -> Nanos {
        self.engine.setup.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let before = log.events().len();
        loop {
            let next = self.engine.next();
            let happened = log.events().len() > before;
            // An instant is not left half done, and not one past the first that has events.
            if happened && next > self.engine.now {
                return true;
            }
            if next > to {
                self.engine.pass_time(to.max(self.engine.now));
                return happened;
            }
            self.engine.step(log);
        }
    }

    fn metrics(&self) -> Vec<i64> {
        let counters = self.counters();
        let travel = self.engine.disk.travel();
        let cylinder = self.head().map_or(0, |head| head.cylinder);
        let kib = |sectors: u64| (sectors / 2) as i64;
        vec![
            counters.ios[0] as i64,
            counters.ios[1] as i64,
            kib(counters.sectors[0]),
            kib(counters.sectors[1]),
            (counters.merges[0] + counters.merges[1]) as i64,
            self.waiting() as i64,
            i64::from(self.engine.disk.in_flight()),
            self.sleeping() as i64,
            cylinder as i64,
            travel.seeks as i64,
            travel.cylinders as i64,
            (self.busy() / MILLISECOND) as i64,
            self.slowest(false, 500),
            self.slowest(false, 990),
            self.slowest(true, 500),
            self.slowest(true, 990),
            self.fairness(),
            self.moved(0..1),
            self.moved(1..2),
            self.moved(2..3),
            self.moved(3..usize::MAX),
        ]
    }

    fn files(&self) -> Files {
        files::all(&self.engine)
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`IoScheduler::metrics`].
const METRICS: &[Metric] = &[
    metric("reads", Text::fixed("끝난 읽기 요청", "Read requests completed"), "", 1),
    metric("writes", Text::fixed("끝난 쓰기 요청", "Write requests completed"), "", 1),
    metric("read_kib", Text::fixed("읽은 양", "Read"), "KiB", 1),
    metric("write_kib", Text::fixed("쓴 양", "Written"), "KiB", 1),
    metric("merges", Text::fixed("병합", "Merges"), "", 1),
    metric("waiting", Text::fixed("스케줄러에서 기다리는 요청", "Requests waiting in the scheduler"), "", 1),
    metric("in_flight", Text::fixed("장치에 있는 요청", "Requests in the device"), "", 1),
    metric("sleeping", Text::fixed("요청이 모자라 잠든 입출력", "I/O asleep for a free request"), "", 1),
    metric("cylinder", Text::fixed("헤드의 실린더", "Cylinder of the head"), "", 1),
    metric("seeks", Text::fixed("탐색 횟수", "Seeks"), "", 1),
    metric("travel", Text::fixed("헤드가 지나간 실린더", "Cylinders travelled"), "", 1),
    metric("busy", Text::fixed("장치가 일한 시간", "Time the device had work"), "ms", 1),
    metric("read_p50", Text::fixed("읽기 지연 시간 중앙값", "Read latency, median"), "µs", 1),
    metric("read_p99", Text::fixed("읽기 지연 시간 99 %", "Read latency, 99 %"), "µs", 1),
    metric("write_p50", Text::fixed("쓰기 지연 시간 중앙값", "Write latency, median"), "µs", 1),
    metric("write_p99", Text::fixed("쓰기 지연 시간 99 %", "Write latency, 99 %"), "µs", 1),
    metric("fairness", Text::fixed("공정성(Jain 지수)", "Fairness (Jain's index)"), "", 1000),
    metric("stream_1", Text::fixed("첫째 스트림이 옮긴 양", "Moved by the first stream"), "KiB", 1),
    metric("stream_2", Text::fixed("둘째 스트림이 옮긴 양", "Moved by the second stream"), "KiB", 1),
    metric("stream_3", Text::fixed("셋째 스트림이 옮긴 양", "Moved by the third stream"), "KiB", 1),
    metric("streams_rest", Text::fixed("나머지 스트림이 옮긴 양", "Moved by the other streams"), "KiB", 1),
];

#[cfg(test)]
mod tests {
    use super::fairness;

    #[test]
    fn fairness_is_jains_index() {
        for (shares, want) in [
            (vec![], 1000),
            (vec![0, 0], 1000),
            (vec![4096, 4096, 4096], 1000),
            (vec![4096, 0], 500),
            (vec![4096, 0, 0, 0], 250),
            (vec![2048, 1024], 900),
            (vec![u64::MAX, u64::MAX], 1000),
        ] {
            assert_eq!(fairness(shares.iter().copied()), want, "{shares:?}");
        }
    }
}

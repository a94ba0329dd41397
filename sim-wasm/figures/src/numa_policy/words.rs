//! The same in words: what a screen reader says in place of the drawings.

use sim_core::numa_policy::NumaPolicy;
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, gigabytes, size};
use crate::ticks::{decimal, say};

/// Processes that are told one by one.
const PROCESSES: usize = 4;

/// MiB as GiB.
pub fn gib(mib: i64) -> String {
    decimal(mib, 1024, if mib.abs() < 1024 { 2 } else { 1 })
}

/// The nodes, the processes, and who reads from where.
pub fn state(model: &NumaPolicy) -> Text {
    let (ko_now, en_now) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let memory = &model.engine().memory;
    let mut words = text!(ko: "{ko_now}:", en: "{en_now}:");
    let mut say = |more: Text| {
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    };
    for node in 0..memory.nodes() {
        let total = size(memory.sum(node, |zone| zone.managed));
        let free = size(memory.sum(node, |zone| zone.free));
        let (tasks, cache) = (size(model.task_pages(node)), size(memory.sum(node, |z| z.cache + z.mapped + z.dirty)));
        say(text!(
            ko: " 노드 {node}은(는) {total} 중 {free}가 남았고, 프로세스의 페이지가 {tasks}, 페이지 캐시가 {cache}입니다.",
            en: " Node {node} has {free} of {total} free, {tasks} of pages of processes and {cache} of page cache.",
        ));
    }
    for process in model.engine().processes.iter().take(PROCESSES) {
        let held = process.held(memory.zones.len());
        let on = |node: usize| memory.zones_of(node).iter().filter_map(|z| held.get(*z)).sum::<i64>();
        let parts = (0..memory.nodes()).filter(|node| on(*node) > 0).map(|node| format!("N{node} {}", size(on(node))));
        let parts = parts.collect::<Vec<_>>().join(", ");
        let (pid, policy) = (process.pid, model.engine().task(process).policy.text(process.mask));
        if !parts.is_empty() {
            say(text!(ko: " 프로세스 {pid}({policy}): {parts}.", en: " Process {pid} ({policy}): {parts}."));
        }
    }
    let (local, remote) = model.throughput();
    let all = local + remote;
    if let Some(share) = (local * 100 + all / 2).checked_div(all) {
        let (all, latency) = (gigabytes(all), model.latency_ns());
        say(text!(
            ko: " 지금 모두 {all} GB/s로 읽고, 그중 로컬이 {share} %, 평균 지연은 {latency} ns입니다.",
            en: " All together read {all} GB/s now, {share} % of it local, at {latency} ns on average.",
        ));
    }
    words
}

/// The curves: where they are and where they end.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (ko_end, en_end) = (say(history.track.ends, Lang::Ko), say(history.track.ends, Lang::En));
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let at = |metric: usize, t: Nanos| {
        let points = &history.track.metrics[metric];
        points[..points.partition_point(|point| point.0 <= t)].last().map_or(0, |point| point.1)
    };
    let [local, remote] = [0, 1].map(|metric| gib(at(metric, cursor)));
    let [most_local, most_remote] =
        [0, 1].map(|metric| gib(history.track.metrics[metric].iter().map(|point| point.1).max().unwrap_or(0)));
    text!(
        ko: "0초부터 {ko_end}까지 프로세스의 메모리가 있는 곳, 커서는 {ko_now}. 읽는 CPU의 노드에 {local} GiB(최고 {most_local}), 다른 노드에 {remote} GiB(최고 {most_remote}).",
        en: "Where the memory of processes lies from 0 to {en_end}; the cursor is at {en_now}. On the node of its reader {local} GiB (at most {most_local}), on another {remote} GiB (at most {most_remote}).",
    )
}

//! What happens, as sentences.

use super::memory::Memory;
use super::policy::Mask;
use super::process::Process;
use super::scenario::Task;
use crate::{Log, Nanos, text};

/// Pages as a person says them.
fn mib(pages: impl TryInto<i64>) -> String {
    let pages = pages.try_into().unwrap_or(i64::MAX);
    if pages >= 256 { format!("{} MiB", pages / 256) } else { format!("{} KiB", pages * 4) }
}

pub(super) fn start(log: &mut Log, now: Nanos, process: &Process, task: &Task) {
    let (pid, entry, policy) = (process.pid, process.entry, task.policy.text(process.mask));
    log.push(now, "start", || {
        text!(
            ko: "tasks[{entry}]의 프로세스 {pid}이(가) 시작합니다. 정책은 {policy}입니다. 페이지는 처음 건드릴 때 자리가 정해집니다.",
            en: "Process {pid} of tasks[{entry}] starts under {policy}. A page gets its place when it is first touched.",
        )
    });
}

pub(super) fn refused(log: &mut Log, now: Nanos, process: &Process, task: &Task, errno: i64) {
    let (pid, policy) = (process.pid, task.policy.name());
    log.push(now, "refused", || {
        text!(
            ko: "프로세스 {pid}의 set_mempolicy({policy})가 거절됩니다(errno {errno}). 이 커널에 없는 정책이거나, 메모리가 있는 노드가 목록에 없습니다.",
            en: "set_mempolicy({policy}) of process {pid} is refused (errno {errno}): this kernel lacks the mode, or no node of its list has memory.",
        )
    });
}

pub(super) fn exit(log: &mut Log, now: Nanos, process: &Process) {
    let pid = process.pid;
    log.push(now, "exit", || {
        text!(ko: "프로세스 {pid}이(가) 끝나고 메모리를 돌려줍니다.", en: "Process {pid} exits and gives its memory back.")
    });
}

pub(super) fn moved(log: &mut Log, now: Nanos, process: &Process, cpu: usize, node: usize) {
    let pid = process.pid;
    log.push(now, "move", || {
        text!(
            ko: "프로세스 {pid}의 스레드가 노드 {node}의 CPU {cpu}(으)로 옮겨 갑니다. 페이지는 따라가지 않습니다.",
            en: "A thread of process {pid} moves to CPU {cpu} on node {node}. Its pages do not come along.",
        )
    });
}

pub(super) fn touched(log: &mut Log, now: Nanos, process: &Process, memory: &Memory) {
    let (pid, pages) = (process.pid, process.touched());
    let held = process.held(memory.zones.len());
    let nodes =
        (0..memory.nodes()).map(|node| (node, memory.zones_of(node).iter().filter_map(|z| held.get(*z)).sum::<i64>()));
    let placed = nodes.filter(|(_, n)| *n > 0).map(|(node, n)| format!("N{node}={n}")).collect::<Vec<_>>().join(" ");
    log.push(now, "touched", || {
        text!(
            ko: "프로세스 {pid}이(가) 페이지 {pages}개를 모두 건드렸습니다. {placed}",
            en: "Process {pid} has touched all its {pages} pages: {placed}",
        )
    });
}

pub(super) fn spill(log: &mut Log, now: Nanos, process: &Process, wanted: usize, pages: u64, free: i64) {
    let (pid, free) = (process.pid, mib(free));
    log.push(now, "spill", || {
        text!(
            ko: "노드 {wanted}이(가) low 워터마크에 닿아(남은 메모리 {free}) 프로세스 {pid}의 페이지가 다음 노드로 넘칩니다. 이번 차례에 {pages}개입니다.",
            en: "Node {wanted} is down to its low watermark ({free} left): pages of process {pid} go to the next node of its list, {pages} in this turn.",
        )
    });
}

pub(super) fn zone_reclaim(log: &mut Log, now: Nanos, process: &Process, pages: u64) {
    let (pid, size) = (process.pid, mib(pages));
    log.push(now, "zone-reclaim", || {
        text!(
            ko: "zone_reclaim_mode가 켜져 있어, 다른 노드로 넘치는 대신 로컬 노드의 페이지 캐시 {size}를 버리고 프로세스 {pid}에 줍니다.",
            en: "With zone_reclaim_mode on, {size} of page cache on the local node is dropped for process {pid} rather than going to another node.",
        )
    });
}

pub(super) fn kswapd(log: &mut Log, now: Nanos, node: usize, freed: i64) {
    let size = mib(freed);
    log.push(now, "kswapd", || {
        text!(
            ko: "허용된 노드가 모두 low 워터마크 아래라서 kswapd{node}이(가) 깨어나 페이지 캐시 {size}를 회수합니다.",
            en: "Every allowed node is below its low watermark: kswapd{node} wakes and reclaims {size} of page cache.",
        )
    });
}

pub(super) fn oom(log: &mut Log, now: Nanos, process: &Process, task: &Task, mask: Mask, memory: &Memory) {
    let (pid, policy, pages) = (process.pid, task.policy.text(mask), process.touched());
    let free = mib((0..memory.nodes()).map(|node| memory.sum(node, |zone| zone.free)).sum::<i64>());
    log.push(now, "oom", || {
        text!(
            ko: "{policy} 안에는 더 줄 메모리가 없습니다. 페이지 {pages}개를 가진 프로세스 {pid}을(를) OOM killer가 죽입니다. 기계 전체에는 {free}가 비어 있습니다.",
            en: "Nothing is left under {policy}: the OOM killer takes process {pid} with its {pages} pages, while the machine as a whole has {free} free.",
        )
    });
}

pub(super) fn scan(log: &mut Log, now: Nanos, process: &Process, pages: i64, passes: u64) {
    let (pid, period) = (process.pid, process.balancing.period_ms);
    log.push(now, "scan", || {
        text!(
            ko: "자동 밸런싱이 프로세스 {pid}의 페이지 {pages}개에 표시를 합니다. 끝까지 훑은 횟수 {passes}, 다음 간격 {period} ms.",
            en: "Automatic balancing marks {pages} pages of process {pid}; {passes} full passes so far, period {period} ms.",
        )
    });
}

pub(super) fn migrate(log: &mut Log, now: Nanos, process: &Process, pages: i64, faults: [u64; 2]) {
    let (pid, [remote, local]) = (process.pid, faults);
    log.push(now, "migrate", || {
        text!(
            ko: "프로세스 {pid}의 힌트 폴트 {remote}번이 리모트, {local}번이 로컬 페이지에서 났고, 페이지 {pages}개가 폴트를 낸 CPU의 노드로 옮겨 갑니다.",
            en: "Hinting faults of process {pid}: {remote} on remote pages, {local} on local ones; {pages} pages move to the node of the CPU that faulted.",
        )
    });
}

//! What happens, as sentences.

use super::engine::{Engine, MIB};
use super::oom::{badness, oom_score};
use super::scenario::{Kind, Step};
use crate::{Log, Nanos, text};

/// Pages as a person says them.
fn size(pages: u64) -> String {
    if pages >= MIB { format!("{} MiB", pages / MIB) } else { format!("{} KiB", pages * 4) }
}

/// A process as a sentence names it.
fn name(engine: &Engine, who: usize) -> String {
    let process = &engine.processes()[who];
    format!("{}({})", process.pid, process.program.comm())
}

/// Why the last request was refused.
fn refused(engine: &Engine, who: String, what: (&str, &str), asked: u64) -> crate::Text {
    let (ko, en) = what;
    let (asked, machine) = (size(asked), engine.machine());
    let (limit, committed) = (size(engine.policy().limit(&machine)), size(engine.committed()));
    match engine.policy().mode {
        2 => text!(
            ko: "{who}의 {ko}({asked})이(가) ENOMEM으로 거절됩니다. 약속 {committed}에 더하면 CommitLimit {limit}(에서 예비를 뺀 것)에 닿습니다.",
            en: "{en} of {who} ({asked}) is refused with ENOMEM: on top of {committed} it would reach CommitLimit, {limit}, less the reserves.",
        ),
        _ => {
            let free = size(machine.free + machine.cache + machine.free_swap);
            let total = size(machine.totalram + machine.swap);
            match engine.rules().guess {
                super::Guess::Total => text!(
                    ko: "{who}의 {ko}({asked})이(가) ENOMEM으로 거절됩니다. 한 번의 요청이 RAM과 스왑을 합한 {total}보다 큽니다.",
                    en: "{en} of {who} ({asked}) is refused with ENOMEM: one request is larger than RAM and swap together, {total}.",
                ),
                super::Guess::Free => text!(
                    ko: "{who}의 {ko}({asked})이(가) ENOMEM으로 거절됩니다. 비었거나 비울 수 있는 {free}로는 모자랍니다.",
                    en: "{en} of {who} ({asked}) is refused with ENOMEM: what is or could be made free, {free}, is not enough.",
                ),
            }
        }
    }
}

pub(super) fn map(log: &mut Log, engine: &Engine, who: usize, step: &Step, errno: i64) {
    let asked = step.mib as u64 * MIB;
    if errno != 0 {
        return log.push(engine.now, "refused", || refused(engine, name(engine, who), ("mmap", "mmap"), asked));
    }
    log.push(engine.now, "mmap", || {
        let (who, asked, committed) = (name(engine, who), size(asked), size(engine.committed()));
        match step.kind {
            Kind::Private => text!(
                ko: "{who}이(가) {asked}를 약속받습니다. Committed_AS가 {committed}가 됩니다. 쓰기 전까지 페이지는 없습니다.",
                en: "{who} is promised {asked}; Committed_AS is {committed}. There are no pages until they are written to.",
            ),
            Kind::Shared => text!(
                ko: "{who}이(가) 공유 메모리 {asked}를 약속받습니다. 몇이 매핑하든 한 번만 셉니다. Committed_AS는 {committed}입니다.",
                en: "{who} is promised {asked} of shared memory, which counts once however many map it; Committed_AS is {committed}.",
            ),
            Kind::Noreserve => text!(
                ko: "{who}이(가) MAP_NORESERVE로 {asked}를 매핑합니다. 0과 1에서는 약속으로 세지 않고, 2에서는 셉니다. Committed_AS는 {committed}입니다.",
                en: "{who} maps {asked} with MAP_NORESERVE, which counts as a promise in mode 2 only; Committed_AS is {committed}.",
            ),
            Kind::Readonly => text!(
                ko: "{who}이(가) 읽기 전용으로 {asked}를 매핑합니다. 쓸 수 없으니 약속이 아닙니다.",
                en: "{who} maps {asked} read-only: nothing can be written, so nothing is promised.",
            ),
        }
    });
}

pub(super) fn unmap(log: &mut Log, engine: &Engine, who: usize, pages: u64) {
    log.push(engine.now, "munmap", || {
        let (who, gone, committed) = (name(engine, who), size(pages), size(engine.committed()));
        text!(
            ko: "{who}이(가) {gone}를 돌려줍니다. Committed_AS는 {committed}입니다.",
            en: "{who} unmaps {gone}; Committed_AS is {committed}.",
        )
    });
}

pub(super) fn wrote(log: &mut Log, engine: &Engine, who: usize, rewrite: bool, [done, copied]: [u64; 2]) {
    let kind = if rewrite { "rewrote" } else { "touched" };
    log.push(engine.now, kind, || {
        let (name, rss, free) = (name(engine, who), size(engine.rss(who)), size(engine.free()));
        let (done, copied) = (size(done), size(copied));
        if rewrite {
            return text!(
                ko: "{name}이(가) {done}를 고쳤고, 그 가운데 {copied}는 함께 쓰던 것이라 복사했습니다. RES {rss}, 남은 메모리 {free}입니다.",
                en: "{name} has rewritten {done}, {copied} of which were shared and had to be copied; RES {rss}, {free} free.",
            );
        }
        text!(
            ko: "{name}이(가) 약속받은 것 가운데 {done}를 실제로 썼습니다. RES {rss}, 남은 메모리 {free}입니다.",
            en: "{name} has used {done} of what it was promised; RES {rss}, {free} free.",
        )
    });
}

pub(super) fn fork(log: &mut Log, engine: &Engine, who: usize, child: usize, errno: i64) {
    if errno != 0 {
        let asked = engine.promised(who);
        return log.push(engine.now, "refused", || refused(engine, name(engine, who), ("fork", "fork"), asked));
    }
    log.push(engine.now, "fork", || {
        let (parent, child_pid) = (name(engine, who), engine.processes()[child].pid);
        let (again, committed) = (size(engine.promised(child)), size(engine.committed()));
        text!(
            ko: "{parent}이(가) {child_pid}을(를) 만듭니다. 페이지는 함께 쓰지만 약속 {again}는 한 번 더 셉니다. Committed_AS는 {committed}입니다.",
            en: "{parent} makes {child_pid}. Pages are shared, yet {again} are promised once more; Committed_AS is {committed}.",
        )
    });
}

pub(super) fn exit(log: &mut Log, engine: &Engine, who: usize) {
    log.push(engine.now, "exit", || {
        let who = name(engine, who);
        text!(
            ko: "{who}이(가) 끝나며 메모리와 약속을 돌려줍니다.",
            en: "{who} exits; its memory and its promises are free again.",
        )
    });
}

pub(super) fn adjust(log: &mut Log, engine: &Engine, who: usize) {
    log.push(engine.now, "adjust", || {
        let score = oom_score(engine.rules(), &engine.candidate(who), engine.totalpages());
        let (adj, who) = (engine.processes()[who].adj, name(engine, who));
        text!(
            ko: "{who}의 oom_score_adj가 {adj}이(가) 됩니다. oom_score는 {score}입니다.",
            en: "oom_score_adj of {who} is {adj} now; its oom_score is {score}.",
        )
    });
}

pub(super) fn reclaim(log: &mut Log, engine: &Engine) {
    log.push(engine.now, "reclaim", || {
        let cache = size(engine.cache());
        text!(
            ko: "빈 메모리가 min 워터마크까지 줄어 페이지 캐시({cache})를 회수하기 시작합니다.",
            en: "Free memory is down to the min watermark: page cache ({cache}) begins to go.",
        )
    });
}

pub(super) fn swap(log: &mut Log, engine: &Engine) {
    log.push(engine.now, "swap", || {
        let swap = size(engine.machine().free_swap);
        text!(
            ko: "회수할 페이지 캐시가 없어 오래된 페이지를 스왑({swap})으로 내보내기 시작합니다.",
            en: "No page cache is left: the oldest pages begin to go to swap ({swap}).",
        )
    });
}

pub(super) fn oom(log: &mut Log, engine: &Engine, who: usize, victim: usize, own: bool) {
    log.push(engine.now, "oom", || {
        let candidate = engine.candidate(victim);
        let points = badness(engine.rules(), &candidate, engine.totalpages()).unwrap_or(0);
        let (asks, dies, rss) = (name(engine, who), name(engine, victim), size(candidate.rss));
        if own {
            return text!(
                ko: "{asks}에게 줄 페이지가 없습니다. oom_kill_allocating_task가 켜져 있어 요청한 그 프로세스가 죽습니다(RES {rss}).",
                en: "There is no page for {asks}. With oom_kill_allocating_task on, the one who asks is killed (RES {rss}).",
            );
        }
        text!(
            ko: "{asks}에게 줄 페이지가 없습니다. 점수가 {points}로 가장 높은 {dies}이(가) 죽습니다(RES {rss}).",
            en: "There is no page for {asks}. {dies} has the most points, {points}, and is killed (RES {rss}).",
        )
    });
}

pub(super) fn panic(log: &mut Log, engine: &Engine, asked: bool) {
    log.push(engine.now, "panic", || {
        if asked {
            return text!(
                ko: "메모리가 없습니다. vm.panic_on_oom이 켜져 있어 커널이 패닉합니다.",
                en: "Out of memory. With vm.panic_on_oom on, the kernel panics.",
            );
        }
        text!(
            ko: "메모리가 없는데 죽일 수 있는 프로세스도 없습니다. 커널이 패닉합니다.",
            en: "Out of memory and no killable processes: the kernel panics.",
        )
    });
}

pub(super) fn nobody(log: &mut Log, now: Nanos, i: usize, who: i64) {
    log.push(now, "nobody", || {
        text!(
            ko: "steps[{i}]의 프로세스 {who}이(가) 그 일을 할 수 있는 상태가 아닙니다.",
            en: "Process {who} of steps[{i}] is not in a state to do that.",
        )
    });
}

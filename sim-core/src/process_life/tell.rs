//! What happens, as sentences.

use super::engine::Engine;
use super::process::{Doing, Process};
use super::rules::EAGAIN;
use super::scenario::{Op, Program, Signal, Step};
use crate::{Log, Nanos, Text, text};

/// A process as a sentence names it.
fn name(process: &Process) -> String {
    format!("{}({})", process.pid, process.program.comm())
}

pub(super) fn fork(log: &mut Log, engine: &Engine, pid: i64, new: i64, vfork: bool) {
    let parent = &engine.processes[&pid];
    if vfork {
        return log.push(engine.now, "vfork", || {
            let parent = name(parent);
            text!(
                ko: "{parent}이(가) vfork로 {new}을(를) 만듭니다. 자식이 부모의 메모리를 그대로 쓰므로, 부모는 자식이 exec하거나 끝날 때까지 D로 기다립니다.",
                en: "{parent} makes {new} with vfork. The child uses the parent's memory, so the parent waits in D until it calls exec or exits.",
            )
        });
    }
    log.push(engine.now, "fork", || {
        let held = engine.memory.held(parent.space);
        let (parent, pages) = (name(parent), held.rss());
        text!(
            ko: "{parent}이(가) {new}을(를) 만듭니다. 익명 페이지 {pages}개를 베끼지 않고 함께 씁니다.",
            en: "{parent} makes {new}. Their {pages} anonymous pages are shared, not copied.",
        )
    });
}

pub(super) fn thread(log: &mut Log, now: Nanos, process: &Process, tid: i64) {
    log.push(now, "clone", || {
        let process = name(process);
        text!(
            ko: "{process}에 스레드 {tid}이(가) 생깁니다. 스레드도 PID를 하나 씁니다.",
            en: "{process} gets a thread, {tid}. A thread takes a PID as well.",
        )
    });
}

pub(super) fn refused(log: &mut Log, engine: &Engine, process: &Process, errno: i64) {
    log.push(engine.now, "refused", || {
        let (process, threads, taken) = (name(process), engine.nr_threads(), engine.pids_taken());
        let (max, pid_max) = (engine.scenario.threads_max, engine.scenario.pid_max);
        let errno = if errno == EAGAIN { "EAGAIN" } else { "ENOMEM" };
        if threads >= max {
            return text!(
                ko: "{process}의 fork가 {errno}로 실패합니다. 스레드가 {threads}개로 kernel.threads-max({max})에 닿았습니다.",
                en: "fork of {process} fails with {errno}: there are {threads} threads, and kernel.threads-max is {max}.",
            );
        }
        text!(
            ko: "{process}의 fork가 {errno}로 실패합니다. {pid_max}보다 작은 PID가 남지 않았습니다({taken}개 사용 중, 300 아래는 다시 쓰지 않습니다).",
            en: "fork of {process} fails with {errno}: no PID below {pid_max} is left ({taken} are taken; those below 300 are not used again).",
        )
    });
}

pub(super) fn exec(log: &mut Log, engine: &Engine, pid: i64, before: Program) {
    log.push(engine.now, "exec", || {
        let process = &engine.processes[&pid];
        let (pages, before, after) = (engine.pages(process).rss(), before.comm(), process.program.comm());
        text!(
            ko: "{pid}이(가) {before}에서 {after}(으)로 바뀝니다. PID와 부모, 자식은 그대로이고 메모리는 새것입니다(RES {pages}페이지).",
            en: "{pid} turns from {before} into {after}. PID, parent and children stay; its memory is new (RES {pages} pages).",
        )
    });
}

pub(super) fn exit(log: &mut Log, now: Nanos, process: &Process, code: i64) {
    log.push(now, "exit", || {
        let process = name(process);
        text!(
            ko: "{process}이(가) 코드 {code}(으)로 끝나며 메모리와 파일을 돌려줍니다.",
            en: "{process} exits with code {code} and gives its memory and files back.",
        )
    });
}

pub(super) fn killed(log: &mut Log, now: Nanos, process: &Process, signal: Signal) {
    log.push(now, "killed", || {
        let (process, signal) = (name(process), signal.name());
        text!(ko: "{process}이(가) SIG{signal}에 죽습니다.", en: "{process} dies of SIG{signal}.")
    });
}

pub(super) fn zombie(log: &mut Log, engine: &Engine, pid: i64) {
    log.push(engine.now, "zombie", || {
        let process = name(&engine.processes[&pid]);
        let parent = engine.processes[&pid].ppid;
        text!(
            ko: "{process}이(가) 좀비(Z)가 됩니다. 부모 {parent}이(가) wait할 때까지 PID와 종료 상태만 남습니다.",
            en: "{process} is a zombie (Z): until its parent {parent} waits, a PID and an exit status are left.",
        )
    });
}

pub(super) fn reaped(log: &mut Log, engine: &Engine, parent: i64, pid: i64, status: i64) {
    log.push(engine.now, "reaped", || {
        let how = match status & 0x7f {
            0 => {
                let code = status >> 8;
                text!(ko: "종료 코드 {code}", en: "exit code {code}")
            }
            signal => text!(ko: "시그널 {signal}", en: "signal {signal}"),
        };
        let (ko, en) = (how.ko, how.en);
        text!(
            ko: "{parent}이(가) {pid}을(를) 거둡니다({ko}). PID {pid}은(는) 다시 쓸 수 있습니다.",
            en: "{parent} waits for {pid} ({en}); the PID is free again.",
        )
    });
}

pub(super) fn gone(log: &mut Log, now: Nanos, process: &Process, parent: i64) {
    log.push(now, "gone", || {
        let process = name(process);
        text!(
            ko: "부모 {parent}이(가) SIGCHLD를 무시하므로 {process}은(는) 좀비로 남지 않고 바로 사라집니다.",
            en: "Its parent {parent} ignores SIGCHLD, so {process} goes without staying a zombie.",
        )
    });
}

pub(super) fn adopted(log: &mut Log, engine: &Engine, child: i64, from: i64, to: i64) {
    log.push(engine.now, "adopted", || {
        let child = engine.processes.get(&child).map_or_else(|| child.to_string(), name);
        let subreaper = engine.processes.get(&to).is_some_and(|p| p.subreaper && p.pid != 1);
        let (ko, en) = if subreaper { ("가까운 subreaper", "the nearest subreaper") } else { ("PID 1", "PID 1") };
        text!(
            ko: "부모 {from}이(가) 끝나 고아가 된 {child}을(를) {ko}인 {to}이(가) 넘겨받습니다.",
            en: "{from} is gone; its child {child} is adopted by {to}, {en}.",
        )
    });
}

pub(super) fn waits(log: &mut Log, now: Nanos, process: &Process) {
    log.push(now, "wait", || {
        let (process, children) = (name(process), process.children.len());
        text!(
            ko: "{process}이(가) 자식 {children}개 가운데 하나가 끝나기를 기다립니다(S).",
            en: "{process} waits for one of its {children} children to exit (S).",
        )
    });
}

pub(super) fn no_child(log: &mut Log, now: Nanos, process: &Process) {
    log.push(now, "returned", || {
        let process = name(process);
        text!(
            ko: "{process}의 wait가 ECHILD로 끝납니다. 기다릴 자식이 없습니다.",
            en: "wait of {process} returns ECHILD: there is no child to wait for.",
        )
    });
}

pub(super) fn none_to_reap(log: &mut Log, now: Nanos, process: &Process) {
    log.push(now, "returned", || {
        let process = name(process);
        text!(
            ko: "{process}에게는 거둘 좀비가 없습니다.",
            en: "{process} has no zombie to wait for.",
        )
    });
}

pub(super) fn ignore(log: &mut Log, now: Nanos, process: &Process, step: &Step, zombies: bool) {
    log.push(now, "ignore", || {
        let (process, signal) = (name(process), step.signal.name());
        match (step.op == Op::Ignore, step.signal, zombies) {
            (true, Signal::Chld, true) => text!(
                ko: "{process}이(가) SIGCHLD를 무시합니다. 앞으로 끝나는 자식은 바로 사라지지만, 이미 있는 좀비는 그대로 남습니다.",
                en: "{process} ignores SIGCHLD. Children that exit from now on just go; zombies that are there stay.",
            ),
            (true, Signal::Chld, false) => text!(
                ko: "{process}이(가) SIGCHLD를 무시합니다. 앞으로 끝나는 자식은 좀비가 되지 않습니다.",
                en: "{process} ignores SIGCHLD: children that exit from now on do not become zombies.",
            ),
            (true, ..) => text!(ko: "{process}이(가) SIG{signal}을(를) 무시합니다.", en: "{process} ignores SIG{signal}."),
            (false, ..) => text!(
                ko: "{process}이(가) SIG{signal}을(를) 더는 무시하지 않습니다.",
                en: "{process} no longer ignores SIG{signal}.",
            ),
        }
    });
}

pub(super) fn subreaper(log: &mut Log, now: Nanos, process: &Process, propagates: bool) {
    log.push(now, "subreaper", || {
        let process = name(process);
        if propagates {
            return text!(
                ko: "{process}이(가) subreaper가 됩니다. 이제 자손 가운데 고아가 된 것은 PID 1이 아니라 여기로 옵니다.",
                en: "{process} is a subreaper: descendants that lose their parent now come to it, not to PID 1.",
            );
        }
        text!(
            ko: "{process}이(가) subreaper가 됩니다. 4.10까지의 커널에서는 이제부터 만든 자식의 자손만 여기로 옵니다.",
            en: "{process} is a subreaper. Up to 4.10 it adopts only below children that it makes from now on.",
        )
    });
}

/// Why a signal does nothing, or nothing yet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Without {
    /// There is nothing left to end.
    Zombie,
    /// PID 1 gets what it has a handler for.
    Init,
    /// SIG_IGN.
    Ignored,
    /// Nothing is what this signal does.
    Default,
    /// Kept until SIGCONT.
    Stopped,
    /// Kept until the process wakes.
    Blocked,
}

pub(super) fn without(log: &mut Log, now: Nanos, process: &Process, signal: Signal, why: Without) {
    log.push(now, "signal", || {
        let (process, signal) = (name(process), signal.name());
        match why {
            Without::Zombie => text!(
                ko: "SIG{signal}이 {process}에 아무 영향이 없습니다. 이미 끝난 것을 죽일 수는 없습니다. 부모가 wait해야 사라집니다.",
                en: "SIG{signal} does nothing to {process}: it is dead already. It goes when its parent waits.",
            ),
            Without::Init => text!(
                ko: "SIG{signal}이 {process}에 아무 영향이 없습니다. PID 1은 핸들러를 둔 시그널만 받습니다.",
                en: "SIG{signal} does nothing to {process}: PID 1 gets only signals it has a handler for.",
            ),
            Without::Ignored => text!(
                ko: "{process}이(가) SIG{signal}을 무시합니다.",
                en: "{process} ignores SIG{signal}.",
            ),
            Without::Default => text!(
                ko: "{process}이(가) 받은 SIG{signal}은 기본 동작이 무시입니다.",
                en: "SIG{signal} to {process} is ignored by default.",
            ),
            Without::Stopped => text!(
                ko: "{process}은(는) 멈춰 있어 SIG{signal}을 나중에 받습니다.",
                en: "{process} is stopped: SIG{signal} waits.",
            ),
            Without::Blocked => text!(
                ko: "{process}은(는) D라서 SIG{signal}을 지금 받지 못합니다. 깨어난 다음에 받습니다.",
                en: "{process} is in D and cannot be reached: SIG{signal} waits until it wakes.",
            ),
        }
    });
}

pub(super) fn stopped(log: &mut Log, now: Nanos, process: &Process) {
    log.push(now, "stopped", || {
        let process = name(process);
        text!(ko: "{process}이(가) 멈춥니다(T).", en: "{process} is stopped (T).")
    });
}

pub(super) fn continued(log: &mut Log, now: Nanos, process: &Process) {
    log.push(now, "continued", || {
        let (process, letter) = (name(process), process.letter());
        text!(
            ko: "{process}이(가) 하던 일을 이어 갑니다({letter}).",
            en: "{process} goes on with what it did ({letter}).",
        )
    });
}

pub(super) fn traced(log: &mut Log, now: Nanos, process: &Process, attached: bool) {
    log.push(now, "traced", || {
        let (process, letter) = (name(process), process.letter());
        if attached {
            return text!(ko: "디버거가 {process}에 붙어 멈춥니다(t).", en: "A debugger stops {process} (t).");
        }
        text!(
            ko: "디버거가 {process}을(를) 놓아줍니다({letter}).",
            en: "The debugger lets {process} go ({letter}).",
        )
    });
}

pub(super) fn settles(log: &mut Log, now: Nanos, process: &Process, step: &Step) {
    let kind = match step.op {
        Op::Run => "run",
        Op::Sleep => "sleep",
        _ => "block",
    };
    log.push(now, kind, || {
        let process = name(process);
        let long = match step.for_ms {
            0 => Text::fixed("끝없이", "without end"),
            ms => text!(ko: "{ms} ms 동안", en: "for {ms} ms"),
        };
        let (ko, en) = (long.ko, long.en);
        match step.op {
            Op::Run => text!(ko: "{process}이(가) {ko} 계산합니다(R).", en: "{process} computes {en} (R)."),
            Op::Sleep => text!(ko: "{process}이(가) {ko} 잡니다(S).", en: "{process} sleeps {en} (S)."),
            Op::BlockKillable => text!(
                ko: "{process}이(가) {ko} 기다립니다(D). 죽이는 시그널은 받습니다(TASK_KILLABLE).",
                en: "{process} waits {en} (D); a fatal signal gets through (TASK_KILLABLE).",
            ),
            _ => text!(
                ko: "{process}이(가) {ko} 커널 안에서 기다립니다(D). 어떤 시그널도 받지 못합니다.",
                en: "{process} waits in the kernel {en} (D); no signal reaches it.",
            ),
        }
    });
}

pub(super) fn woken(log: &mut Log, now: Nanos, process: &Process, letter: char) {
    log.push(now, "woken", || {
        let process = name(process);
        text!(
            ko: "{process}이(가) {letter}에서 벗어납니다.",
            en: "{process} is no longer in {letter}.",
        )
    });
}

pub(super) fn vfork_over(log: &mut Log, now: Nanos, process: &Process, child: i64) {
    debug_assert!(process.doing == Doing::Rest);
    log.push(now, "woken", || {
        let process = name(process);
        text!(
            ko: "자식 {child}이(가) 제 길을 가므로 {process}이(가) D에서 벗어납니다.",
            en: "Its child {child} goes its own way: {process} is no longer in D.",
        )
    });
}

pub(super) fn map(log: &mut Log, now: Nanos, process: &Process, kib: i64) {
    log.push(now, "map", || {
        let process = name(process);
        text!(
            ko: "{process}이(가) {kib} KiB를 mmap합니다. VIRT만 늘고 RES는 그대로입니다.",
            en: "{process} maps {kib} KiB: VIRT grows, RES does not.",
        )
    });
}

pub(super) fn write(log: &mut Log, now: Nanos, process: &Process, [new, copied, kept]: [u64; 3]) {
    log.push(now, "write", || {
        let process = name(process);
        text!(
            ko: "{process}이(가) 씁니다. 새 페이지 {new}개, 복사한 페이지 {copied}개, 이제 혼자 쓰므로 그대로 가진 페이지 {kept}개입니다.",
            en: "{process} writes: {new} new pages, {copied} copied, {kept} kept because nobody else has them any more.",
        )
    });
}

pub(super) fn nobody(log: &mut Log, now: Nanos, i: usize, step: &Step) {
    log.push(now, "nobody", || {
        let who = step.who;
        text!(
            ko: "steps[{i}]을(를) 할 프로세스 {who}이(가) 없습니다(ESRCH).",
            en: "There is no process {who} for steps[{i}] (ESRCH).",
        )
    });
}

//! The part of process life in its widget: the script, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "process-life",
    kernels: KERNELS,
    kinds: KINDS,
    editor: EDITOR,
    guessed: "zombies",
    measured,
    adopt,
};

const KINDS: &[(&str, Text)] = &[
    ("fork", Text::fixed("fork", "fork")),
    ("vfork", Text::fixed("vfork", "vfork")),
    ("clone", Text::fixed("스레드", "thread")),
    ("refused", Text::fixed("fork 실패", "fork fails")),
    ("exec", Text::fixed("exec", "exec")),
    ("exit", Text::fixed("끝", "exit")),
    ("killed", Text::fixed("시그널에 죽음", "killed")),
    ("zombie", Text::fixed("좀비", "zombie")),
    ("reaped", Text::fixed("거둠", "waited for")),
    ("gone", Text::fixed("바로 사라짐", "gone at once")),
    ("adopted", Text::fixed("입양", "adopted")),
    ("wait", Text::fixed("wait", "wait")),
    ("returned", Text::fixed("wait 돌아옴", "wait returns")),
    ("signal", Text::fixed("소용없는 시그널", "signal in vain")),
    ("ignore", Text::fixed("시그널 설정", "signal set")),
    ("stopped", Text::fixed("정지", "stopped")),
    ("continued", Text::fixed("이어 감", "continued")),
    ("traced", Text::fixed("추적", "traced")),
    ("run", Text::fixed("계산", "runs")),
    ("sleep", Text::fixed("잠", "sleeps")),
    ("block", Text::fixed("중단 불가 대기", "blocks")),
    ("woken", Text::fixed("깨어남", "woken")),
    ("subreaper", Text::fixed("subreaper", "subreaper")),
    ("map", Text::fixed("mmap", "mmap")),
    ("write", Text::fixed("쓰기", "write")),
    ("nobody", Text::fixed("없는 프로세스", "no such process")),
];

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. PID가 떨어지면 fork가 ENOMEM으로 실패합니다. subreaper는 나중에 만든 자식의 자손만 맡습니다.",
        "RHEL 7. Out of PIDs, fork fails with ENOMEM. A subreaper adopts only below children it makes afterwards.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. EAGAIN입니다(4.1부터). 쉬는 커널 스레드는 I입니다(4.14부터).",
        "RHEL 8's number. EAGAIN (since 4.1); kernel threads without work are I (since 4.14).",
    ),
    kernel(
        6,
        12,
        0,
        "4.18과 같습니다. 6.14부터는 PID 이름공간마다 pid_max가 있습니다.",
        "The same as 4.18. Since 6.14 each PID namespace has a pid_max of its own.",
    ),
];

const OPS: &[(&str, Text)] = &[
    ("fork", Text::fixed("fork", "fork")),
    ("vfork", Text::fixed("vfork", "vfork")),
    ("clone", Text::fixed("스레드 만들기(clone)", "make a thread (clone)")),
    ("exec", Text::fixed("exec", "exec")),
    ("exit", Text::fixed("exit", "exit")),
    ("wait", Text::fixed("wait(기다림)", "wait (blocks)")),
    ("reap", Text::fixed("waitpid(WNOHANG)", "waitpid (WNOHANG)")),
    ("signal", Text::fixed("시그널을 받음", "gets a signal")),
    ("ignore", Text::fixed("시그널을 무시(SIG_IGN)", "ignores a signal (SIG_IGN)")),
    ("default", Text::fixed("시그널을 기본으로(SIG_DFL)", "signal to default (SIG_DFL)")),
    ("subreaper", Text::fixed("subreaper가 됨", "becomes a subreaper")),
    ("run", Text::fixed("계산(R)", "computes (R)")),
    ("sleep", Text::fixed("잠(S)", "sleeps (S)")),
    ("block", Text::fixed("중단 불가 대기(D)", "uninterruptible (D)")),
    ("block-killable", Text::fixed("죽일 수 있는 D", "killable D")),
    ("trace", Text::fixed("디버거가 붙음(t)", "a debugger attaches (t)")),
    ("detach", Text::fixed("디버거가 놓음", "the debugger lets go")),
    ("mmap", Text::fixed("mmap", "mmap")),
    ("write", Text::fixed("메모리에 씀", "writes to memory")),
];

const SIGNALS: &[(&str, Text)] = &[
    ("HUP", Text::fixed("SIGHUP", "SIGHUP")),
    ("INT", Text::fixed("SIGINT", "SIGINT")),
    ("KILL", Text::fixed("SIGKILL", "SIGKILL")),
    ("TERM", Text::fixed("SIGTERM", "SIGTERM")),
    ("CHLD", Text::fixed("SIGCHLD", "SIGCHLD")),
    ("CONT", Text::fixed("SIGCONT", "SIGCONT")),
    ("STOP", Text::fixed("SIGSTOP", "SIGSTOP")),
];

pub(super) const PROGRAMS: &[(&str, Text)] = &[
    ("systemd", Text::fixed("systemd", "systemd")),
    ("bash", Text::fixed("bash", "bash")),
    ("sleep", Text::fixed("sleep", "sleep")),
    ("nginx", Text::fixed("nginx", "nginx")),
    ("worker", Text::fixed("worker", "worker")),
    ("redis-server", Text::fixed("redis-server", "redis-server")),
    ("python3", Text::fixed("python3", "python3")),
    ("containerd-shim", Text::fixed("containerd-shim", "containerd-shim")),
];

const EDITOR: &[Part] = &[Part::List(List {
    path: "steps",
    title: Text::fixed("일어나는 일", "What happens"),
    none: Text::fixed("아무 일도 없습니다. PID 1뿐입니다.", "Nothing happens: there is PID 1 alone."),
    add: Text::fixed("일 추가", "Add a step"),
    remove: Text::fixed("지우기", "Remove"),
    first: "{}",
    columns: &[
        Column::whole("at_ms", Text::fixed("언제", "At"), "ms"),
        Column::whole("who", Text::fixed("누가(1은 PID 1)", "Who (1 is PID 1)"), ""),
        Column::words("op", Text::fixed("무엇을", "Does what"), OPS),
        Column::whole("child", Text::fixed("자식의 번호", "Number of the child"), ""),
        Column::words("signal", Text::fixed("시그널", "Signal"), SIGNALS),
        Column::words("program", Text::fixed("프로그램(exec)", "Program (exec)"), PROGRAMS),
        Column::whole("for_ms", Text::fixed("얼마 동안(0: 끝없이)", "For how long (0: without end)"), "ms"),
        Column::whole("count", Text::fixed("몇 번", "How often"), ""),
        Column::whole("every_ms", Text::fixed("간격", "Every"), "ms"),
        Column::between("code", Text::fixed("종료 코드", "Exit code"), "", 0, 255),
        Column::whole("kib", Text::fixed("메모리", "Memory"), "KiB"),
        Column::whole("from_kib", Text::fixed("쓰기 시작하는 곳", "Writes from"), "KiB"),
    ],
})];

/// What the probe samples does not tell the states of processes.
fn measured(_sample: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

/// The kernel and the limits of PIDs.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    let text = facts.files.iter().find(|(path, _)| path == "/proc/sys/kernel/pid_max").map(|(_, text)| text.trim());
    if let Some(value) = text.and_then(|text| text.parse::<i64>().ok()) {
        scenario.replace("pid_max", value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulators::Kind;

    #[test]
    fn a_machine_is_taken_over_with_its_limit_of_pids() {
        let kind = Kind::find("process-life").unwrap();
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 100,
            files: vec![("/proc/sys/kernel/pid_max".to_owned(), "4194304\n".to_owned())],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!((scenario["kernel"].as_str(), &scenario["pid_max"]), (Some("6.18.44"), &4_194_304_i64.into()));
        }
    }
}

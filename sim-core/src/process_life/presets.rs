//! Scenarios that each show one thing.

use super::scenario::{INIT, Op, Program, Scenario, Signal, Step};
use crate::model::Preset;
use crate::{Nanos, SECOND, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

fn fork(at_ms: i64, who: i64, child: i64) -> Step {
    Step { child, ..Step::new(at_ms, who, Op::Fork) }
}

fn exec(at_ms: i64, who: i64, program: Program) -> Step {
    Step { program, ..Step::new(at_ms, who, Op::Exec) }
}

fn signal(at_ms: i64, who: i64, signal: Signal) -> Step {
    Step { signal, ..Step::new(at_ms, who, Op::Signal) }
}

fn write(at_ms: i64, who: i64, kib: i64, from_kib: i64) -> Step {
    Step { kib, from_kib, ..Step::new(at_ms, who, Op::Write) }
}

fn run(steps: impl IntoIterator<Item = Step>) -> Scenario {
    Scenario { steps: steps.into_iter().collect(), kernel_threads: 6, ..Scenario::default() }
}

/// A program that PID 1 starts, before anything else happens.
fn started(name: i64, program: Program) -> [Step; 2] {
    [fork(0, INIT, name), exec(0, name, program)]
}

/// A store of 96 MiB, all of it written to.
fn store() -> Vec<Step> {
    let mut steps = started(2, Program::Redis).to_vec();
    steps.push(Step { kib: 96 << 10, ..Step::new(500, 2, Op::Map) });
    steps.push(write(1000, 2, 96 << 10, 0));
    steps
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "fork-shares-pages",
            7 * SECOND,
            Text::fixed("fork는 나누고 쓰기가 복사한다", "A fork shares, a write copies"),
            Text::fixed(
                "96 MiB를 가진 프로세스가 fork해도 RAM의 페이지는 늘지 않습니다. 자식이 24 MiB에 쓰는 순간 6144페이지만 복사됩니다. RES의 합은 처음부터 두 배입니다.",
                "When a process with 96 MiB forks, not a page is copied; 6144 are once the child writes to 24 MiB. The sum of RES is twice the memory from the start.",
            ),
            run(store().into_iter().chain([fork(3000, 2, 3), write(5000, 3, 24 << 10, 0)])),
        ),
        preset(
            "cow-after-fork",
            10 * SECOND,
            Text::fixed("자식이 모두 고쳐 쓰면", "A child that writes to everything"),
            Text::fixed(
                "fork하고 6초 동안은 아무것도 복사되지 않습니다. 자식이 쓰기 시작하면 페이지마다 폴트와 복사가 한 번씩 일어나고, 자식의 RES는 그대로입니다.",
                "For 6 s after the fork nothing is copied. Then the child writes: a fault and a copy for each page, and its RES stays what it was.",
            ),
            Scenario {
                duration_ms: 12_000,
                ..run(store().into_iter().chain([fork(2000, 2, 3), write(8000, 3, 96 << 10, 0)]))
            },
        ),
        preset(
            "snapshot",
            7 * SECOND,
            Text::fixed("레디스가 스냅샷을 뜨는 동안", "While Redis takes a snapshot"),
            Text::fixed(
                "복사하는 쪽은 고치는 부모입니다. 자식이 읽기만 하는 동안 부모가 고친 16 MiB만큼만 메모리가 더 들고, 자식이 끝나면 남은 페이지는 복사 없이 부모의 것이 됩니다.",
                "It is the parent that copies, as it changes what the child still reads: 16 MiB more. When the child is done, the rest becomes the parent's again without a copy.",
            ),
            run(store().into_iter().chain([
                fork(3000, 2, 3),
                Step { for_ms: 3000, ..Step::new(3000, 3, Op::Run) },
                write(4000, 2, 8 << 10, 0),
                write(5000, 2, 8 << 10, 40 << 10),
                Step::new(8000, 3, Op::Exit),
                Step::new(8000, 2, Op::Wait),
                write(9000, 2, 96 << 10, 0),
            ])),
        ),
        preset(
            "zombie",
            5 * SECOND,
            Text::fixed("죽지 않는 좀비", "A zombie does not die"),
            Text::fixed(
                "kill -9를 두 번 보내도 좀비는 그대로입니다. 이미 끝났기 때문입니다. 부모가 wait하자 사라집니다.",
                "kill -9 twice, and the zombie is still there: it is dead already. It goes when its parent waits.",
            ),
            run(started(2, Program::Bash).into_iter().chain([
                fork(1000, 2, 3),
                exec(1000, 3, Program::Sleep),
                Step::new(2000, 3, Op::Exit),
                signal(3000, 3, Signal::Kill),
                signal(4000, 3, Signal::Kill),
                Step::new(7000, 2, Op::Wait),
            ])),
        ),
        preset(
            "zombie-goes-with-its-parent",
            6 * SECOND,
            Text::fixed("부모를 끝내면 좀비도 사라진다", "Ending the parent ends the zombies"),
            Text::fixed(
                "wait를 모르는 부모가 좀비 다섯을 남겼습니다. 부모를 끝내면 모두 PID 1에게 넘어가고, PID 1이 그 자리에서 거둡니다.",
                "A parent that never waits has left five zombies. End the parent: PID 1 adopts them and waits for each at once.",
            ),
            run(started(2, Program::Python).into_iter().chain([
                Step { count: 5, every_ms: 500, for_ms: 300, ..fork(1000, 2, 3) },
                signal(5000, 2, Signal::Term),
            ])),
        ),
        preset(
            "sigchld-ignored",
            5 * SECOND,
            Text::fixed("SIGCHLD를 무시하면", "SIGCHLD ignored"),
            Text::fixed(
                "SIGCHLD를 무시한 뒤에 끝난 자식은 좀비가 되지 않습니다. 그러나 그전에 생긴 좀비는 그대로 남습니다.",
                "Children that exit after SIGCHLD was ignored do not become zombies. The one from before stays.",
            ),
            run(started(2, Program::Python).into_iter().chain([
                Step { for_ms: 500, ..fork(500, 2, 3) },
                Step { signal: Signal::Chld, ..Step::new(2000, 2, Op::Ignore) },
                Step { count: 3, every_ms: 500, for_ms: 300, ..fork(2500, 2, 4) },
                Step::new(8000, 2, Op::Reap),
            ])),
        ),
        preset(
            "orphan",
            5 * SECOND,
            Text::fixed("고아는 좀비가 아니다", "An orphan is no zombie"),
            Text::fixed(
                "부모가 먼저 끝나도 자식은 멀쩡히 삽니다. PID 1이 넘겨받고, 나중에 끝나면 거둡니다. 좀비는 남지 않습니다.",
                "The parent ends first, and the child lives on: PID 1 adopts it and waits for it in the end. No zombie stays.",
            ),
            run(started(2, Program::Bash).into_iter().chain([
                fork(1000, 2, 3),
                exec(1000, 3, Program::Worker),
                Step::new(3000, 2, Op::Exit),
                Step::new(7000, 3, Op::Exit),
            ])),
        ),
        preset(
            "subreaper",
            5 * SECOND,
            Text::fixed("가까운 subreaper가 맡는다", "The nearest subreaper adopts"),
            Text::fixed(
                "컨테이너의 shim처럼 subreaper가 있으면 고아는 PID 1이 아니라 그 아래에 남습니다.",
                "With a subreaper above, as the shim of a container is, orphans go to it and not to PID 1.",
            ),
            run(started(2, Program::Shim).into_iter().chain([
                Step::new(500, 2, Op::Subreaper),
                fork(1000, 2, 3),
                exec(1000, 3, Program::Bash),
                fork(2000, 3, 4),
                exec(2000, 4, Program::Worker),
                Step::new(3000, 3, Op::Exit),
                Step::new(3500, 2, Op::Wait),
                Step::new(7000, 4, Op::Exit),
                Step::new(8000, 2, Op::Wait),
            ])),
        ),
        preset(
            "container-pid-1",
            9 * SECOND,
            Text::fixed("기다릴 줄 모르는 PID 1", "A PID 1 that never waits"),
            Text::fixed(
                "컨테이너에서 앱이 PID 1이면 넘겨받은 자식을 거두지 않아 좀비가 쌓입니다. 여기에는 죽일 부모도 없습니다.",
                "Where the app itself is PID 1 of a container, it never waits for what it adopts, and zombies pile up. There is no parent to end.",
            ),
            Scenario {
                init_reaps: 0,
                kernel_threads: 0,
                last_pid: 1,
                ..run([
                    exec(0, INIT, Program::Python),
                    Step { count: 8, every_ms: 1000, for_ms: 400, ..fork(500, INIT, 2) },
                    Step { count: 8, every_ms: 1000, for_ms: 700, ..fork(600, 2, 3) },
                ])
            },
        ),
        preset(
            "pids-run-out",
            9 * SECOND,
            Text::fixed("PID가 떨어진다", "PIDs run out"),
            Text::fixed(
                "자식을 거두지 않는 프로그램이 좀비를 쌓아 pid_max에 닿습니다. 한 바퀴 돌아 300부터 다시 찾아도 남은 번호가 없으면 모든 fork가 EAGAIN입니다. CPU도 메모리도 남아 있습니다.",
                "A program that never waits piles up zombies until pid_max. Once the search has gone round from 300, every fork fails with EAGAIN, with CPU and memory to spare.",
            ),
            Scenario {
                pid_max: 512,
                last_pid: 380,
                ..run(started(2, Program::Worker)
                    .into_iter()
                    .chain([Step { count: 250, every_ms: 30, for_ms: 20, ..fork(500, 2, 3) }, fork(9500, INIT, 4)]))
            },
        ),
        preset(
            "uninterruptible",
            6 * SECOND,
            Text::fixed("D는 깨어날 때까지 죽지 않는다", "A D dies when it wakes"),
            Text::fixed(
                "2초에 보낸 kill -9를 D 상태의 프로세스는 8초에 깨어난 다음에야 받습니다. 그동안 CPU를 쓰지 않고도 부하 평균에는 들어갑니다.",
                "kill -9 comes at 2 s; the process in D gets it when it wakes at 8 s. Meanwhile it counts in the load average without using a CPU.",
            ),
            run(started(2, Program::Nginx)
                .into_iter()
                .chain([Step { for_ms: 7000, ..Step::new(1000, 2, Op::Block) }, signal(2000, 2, Signal::Kill)])),
        ),
        preset(
            "killable",
            3 * SECOND,
            Text::fixed("죽일 수 있는 D", "A D that can be killed"),
            Text::fixed(
                "vfork한 부모도 D이지만 죽이는 시그널은 받습니다. 같은 글자 뒤에 두 가지 기다림이 있습니다.",
                "The parent of a vfork is in D as well, yet a fatal signal gets through: one letter stands for two kinds of waiting.",
            ),
            run(started(2, Program::Bash).into_iter().chain([
                Step { child: 3, ..Step::new(1000, 2, Op::Vfork) },
                signal(4000, 2, Signal::Term),
                exec(6000, 3, Program::Worker),
                Step::new(9000, 3, Op::Exit),
            ])),
        ),
        preset(
            "vfork-parents",
            6 * SECOND,
            Text::fixed("디스크 없는 D", "D without a disk"),
            Text::fixed(
                "vfork한 부모들이 D에 있습니다. 디스크는 아무도 기다리지 않고 CPU도 놀지만, 부하 평균은 오릅니다. 그 자식들은 S입니다.",
                "The parents of vforks are in D. Nobody waits for a disk and the CPU idles, yet the load rises. Their children are in S.",
            ),
            run([
                Step { count: 3, ..fork(500, INIT, 2) },
                exec(500, 2, Program::Bash),
                Step { child: 3, for_ms: 8000, ..Step::new(1000, 2, Op::Vfork) },
            ]),
        ),
        preset(
            "stopped-and-continued",
            4 * SECOND,
            Text::fixed("멈추고 잇기", "Stopped and continued"),
            Text::fixed(
                "멈춘(T) 프로세스는 SIGTERM을 받아도 그대로입니다. SIGCONT를 받아야 움직이고, 그제야 밀린 SIGTERM에 끝납니다.",
                "A stopped process (T) stays as it is under SIGTERM. Only SIGCONT moves it, and then the SIGTERM that waited ends it.",
            ),
            run(started(2, Program::Worker).into_iter().chain([
                Step::new(1000, 2, Op::Run),
                signal(2000, 2, Signal::Stop),
                signal(3000, 2, Signal::Term),
                signal(6000, 2, Signal::Cont),
            ])),
        ),
        preset(
            "virt-without-res",
            7 * SECOND,
            Text::fixed("VIRT만 늘어난다", "VIRT grows alone"),
            Text::fixed(
                "1 GiB를 mmap해도 RES는 그대로입니다. 64 MiB에 쓴 뒤에야 그만큼 늡니다. 남은 960 MiB에는 아직 페이지가 없습니다.",
                "1 GiB is mapped and RES stays. It grows by 64 MiB once so much is written to; behind the other 960 MiB there are no pages yet.",
            ),
            run(started(2, Program::Worker)
                .into_iter()
                .chain([Step { kib: 1 << 20, ..Step::new(1000, 2, Op::Map) }, write(5000, 2, 64 << 10, 0)])),
        ),
    ]
}

//! Scenarios that each show one thing.

use super::scenario::{Kind, Op, Scenario, Start, Step};
use crate::model::Preset;
use crate::process_life::Program;
use crate::{KernelVersion, Nanos, SECOND, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

fn touch(at_ms: i64, who: i64, mib: i64, for_ms: i64) -> Step {
    Step { for_ms, ..Step::new(at_ms, who, Op::Touch, mib) }
}

/// Redis with 5 GiB on a machine of 8 GiB, which takes a snapshot at 3 s.
fn redis(mode: i64) -> Scenario {
    Scenario {
        overcommit_memory: mode,
        processes: vec![Start::new(Program::Redis), Start::new(Program::Redis)],
        steps: vec![
            Step::new(500, 0, Op::Map, 5120),
            touch(500, 0, 5120, 2000),
            Step { child: 1, ..Step::new(3000, 0, Op::Fork, 0) },
            Step { for_ms: 2000, ..Step::new(4000, 0, Op::Rewrite, 512) },
            Step::new(8000, 1, Op::Exit, 0),
        ],
        ..Scenario::default()
    }
}

/// Three programs that are promised more than there is, and use it.
fn promised_too_much() -> Scenario {
    Scenario {
        overcommit_memory: 1,
        processes: [Program::Redis, Program::Python, Program::Worker].map(Start::new).to_vec(),
        steps: vec![
            Step::new(500, 0, Op::Map, 6144),
            Step::new(1000, 1, Op::Map, 6144),
            Step::new(1500, 2, Op::Map, 6144),
            touch(2000, 0, 4096, 2000),
            touch(3000, 1, 3072, 3000),
            touch(3000, 2, 1024, 5000),
        ],
        ..Scenario::default()
    }
}

/// The same with one of them exempt.
fn protected() -> Scenario {
    let mut scenario = promised_too_much();
    scenario.processes[0].oom_score_adj = -1000;
    scenario
}

/// One request of 12 GiB on a machine of 8, then the same in pieces.
fn absurd(mode: i64) -> Scenario {
    Scenario {
        overcommit_memory: mode,
        steps: vec![
            Step::new(1000, 0, Op::Map, 12_288),
            Step::new(3000, 0, Op::Map, 4096),
            Step::new(4000, 0, Op::Map, 4096),
            Step::new(5000, 0, Op::Map, 4096),
            Step { kind: Kind::Noreserve, ..Step::new(7000, 0, Op::Map, 12_288) },
        ],
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "promise-is-no-memory",
            8 * SECOND,
            Text::fixed("약속은 메모리가 아니다", "A promise is no memory"),
            Text::fixed(
                "6 GiB를 약속받아도 빈 메모리는 그대로입니다. 2 GiB에 쓴 다음에야 그만큼 줄어듭니다. Committed_AS는 쓰든 안 쓰든 같습니다.",
                "6 GiB are promised, and nothing less is free. Only the 2 GiB that are written to take memory; Committed_AS does not care.",
            ),
            Scenario {
                steps: vec![Step::new(1000, 0, Op::Map, 6144), touch(4000, 0, 2048, 3000)],
                ..Scenario::default()
            },
        ),
        preset(
            "redis-fork-mode-0",
            7 * SECOND,
            Text::fixed("레디스의 fork, 모드 0", "Redis forks, mode 0"),
            Text::fixed(
                "RAM 8 GiB에서 5 GiB를 쓰는 레디스가 fork합니다. 약속은 10.7 GiB로 RAM보다 커지지만, 요청 하나하나는 RAM보다 작으므로 받아들입니다. 실제로 더 든 것은 고친 512 MiB뿐입니다.",
                "Redis uses 5 of 8 GiB and forks. Promises pass RAM and reach 10.7 GiB, yet each single request is smaller than RAM and so is granted. What it really took are the 512 MiB that were changed.",
            ),
            redis(0),
        ),
        preset(
            "redis-fork-mode-1",
            7 * SECOND,
            Text::fixed("레디스의 fork, 모드 1", "Redis forks, mode 1"),
            Text::fixed(
                "모드 1은 무엇이든 받아들입니다. 레디스가 권하는 설정이며, 이만한 RAM에서는 모드 0과 결과가 같습니다.",
                "Mode 1 grants everything. It is what Redis asks for; with this much RAM it comes to the same as mode 0.",
            ),
            redis(1),
        ),
        preset(
            "redis-fork-mode-2",
            5 * SECOND,
            Text::fixed("레디스의 fork, 모드 2", "Redis forks, mode 2"),
            Text::fixed(
                "비율 90에서 CommitLimit는 7372 MiB입니다. 레디스는 돌지만 fork에는 5 GiB를 한 번 더 약속해야 하므로 ENOMEM입니다. 빈 메모리가 1.5 GiB, 페이지 캐시가 1 GiB 있는데도 그렇습니다.",
                "At a ratio of 90 CommitLimit is 7372 MiB. Redis runs, but its fork would have to be promised 5 GiB once more: ENOMEM, with 1.5 GiB free and 1 GiB of page cache.",
            ),
            Scenario { overcommit_ratio: 90, ..redis(2) },
        ),
        preset(
            "redis-fork-rhel7",
            5 * SECOND,
            Text::fixed("같은 fork, RHEL 7의 모드 0", "The same fork, mode 0 of RHEL 7"),
            Text::fixed(
                "5.1까지의 모드 0은 비울 수 있는 메모리와 견줍니다. 그래서 레디스의 fork가 모드 0에서도 실패했습니다. 같은 설정이 6.12에서는 성공합니다.",
                "Up to 5.1, mode 0 looked at what could be made free, and the fork of Redis failed even there. The same settings succeed on 6.12.",
            ),
            Scenario { kernel: KernelVersion::new(3, 10, 0), ..redis(0) },
        ),
        preset(
            "one-large-request",
            8 * SECOND,
            Text::fixed("한 번에 크게, 나누어 작게", "Once and large, or in pieces"),
            Text::fixed(
                "8 GiB 컴퓨터에서 12 GiB를 한 번에 달라면 거절되지만 4 GiB씩 세 번은 받아들입니다. 모드 0은 실수를 막을 뿐 한도가 아닙니다.",
                "12 GiB at once are refused on a machine of 8, three times 4 GiB are granted: mode 0 catches blunders and is no limit.",
            ),
            absurd(0),
        ),
        preset(
            "strict-limit",
            8 * SECOND,
            Text::fixed("모드 2의 한도", "The limit of mode 2"),
            Text::fixed(
                "CommitLimit는 (RAM − 거대 페이지)의 절반에 스왑 2 GiB를 더한 5632 MiB입니다. 나누어 요청해도 여기서 막히고, MAP_NORESERVE도 소용없습니다.",
                "CommitLimit is half of RAM less huge pages, and 2 GiB of swap: 5632 MiB. Asking in pieces does not get past it, nor does MAP_NORESERVE.",
            ),
            Scenario { hugetlb_mib: 1024, swap_mib: 2048, ..absurd(2) },
        ),
        preset(
            "promise-not-kept",
            8 * SECOND,
            Text::fixed("지킬 수 없는 약속", "A promise that is not kept"),
            Text::fixed(
                "모드 1은 세 프로그램에 6 GiB씩 약속합니다. 셋이 정말로 쓰기 시작하자 RAM이 떨어지고, OOM killer가 가장 큰 레디스를 죽입니다. 패닉은 아닙니다.",
                "Mode 1 promises 6 GiB to each of three programs. When they use it RAM runs out, and the OOM killer ends the largest, Redis. There is no panic.",
            ),
            promised_too_much(),
        ),
        preset(
            "oom-protected",
            8 * SECOND,
            Text::fixed("oom_score_adj −1000", "oom_score_adj −1000"),
            Text::fixed(
                "레디스가 가장 크지만 −1000이면 후보에서 빠집니다. 다음으로 큰 파이썬이 대신 죽습니다.",
                "Redis is the largest, but −1000 takes it out of the choice. The next largest, Python, dies in its place.",
            ),
            protected(),
        ),
        preset(
            "oom-preferred",
            8 * SECOND,
            Text::fixed("oom_score_adj 500", "oom_score_adj 500"),
            Text::fixed(
                "500은 RAM과 스왑의 절반만큼을 더한 셈입니다. 그래서 500을 받은 worker가 레디스보다 훨씬 작으면서도 먼저 죽습니다.",
                "500 counts like half of RAM and swap. So worker, which has it, dies first, though it is far smaller than Redis.",
            ),
            {
                let mut scenario = promised_too_much();
                scenario.processes[2].oom_score_adj = 500;
                scenario
            },
        ),
        preset(
            "nothing-left-to-kill",
            8 * SECOND,
            Text::fixed("아무도 죽일 수 없으면", "Nobody left to kill"),
            Text::fixed(
                "모두 −1000이면 죽일 프로세스가 없어 커널이 패닉합니다. OOM이 패닉으로 끝나는 드문 경우입니다.",
                "With −1000 on all of them there is nobody to kill and the kernel panics: the rare case in which OOM ends so.",
            ),
            {
                let mut scenario = promised_too_much();
                scenario.processes.iter_mut().for_each(|start| start.oom_score_adj = -1000);
                scenario
            },
        ),
        preset(
            "swap-buys-time",
            9 * SECOND,
            Text::fixed("스왑이 있으면", "With swap"),
            Text::fixed(
                "같은 세 프로그램이라도 스왑 4 GiB가 있으면 아무도 죽지 않습니다. 대신 오래된 페이지가 스왑으로 갑니다.",
                "With 4 GiB of swap none of the three dies. The oldest pages go to swap instead.",
            ),
            Scenario { swap_mib: 4096, ..promised_too_much() },
        ),
    ]
}

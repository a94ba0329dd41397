//! Scenarios that each show one thing.

use super::scenario::{Scenario, State, Task};
use crate::model::Preset;
use crate::{KernelVersion, Nanos, SECOND, Text};

const TODAY: KernelVersion = KernelVersion::new(6, 12, 0);
const RHEL7: KernelVersion = KernelVersion::new(3, 10, 0);
const RHEL6: KernelVersion = KernelVersion::new(2, 6, 32);

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

/// Ten minutes of four tasks, then calm: long enough for each rounding to come to rest.
fn same_load(kernel: KernelVersion) -> Scenario {
    Scenario {
        kernel,
        hz: 1000,
        cpus: 4,
        duration_ms: 7_200_000,
        tasks: vec![Task::new(State::Runnable, 0, 600_000).times(4)],
        ..Scenario::default()
    }
}

/// Four CPUs, each busy for 9 ms of every 36 ms at moments of its own: one active on average, in
/// turns that are shorter than a tick.
fn quarter_busy(kernel: KernelVersion) -> Scenario {
    let turns = Task { jitter_ms: 27, ..Task::new(State::Runnable, 0, 600_000).periodic(9, 36) };
    Scenario {
        kernel,
        hz: 100,
        cpus: 4,
        duration_ms: 600_000,
        seed: 1,
        tasks: (0..4).map(|cpu| turns.clone().on_cpu(cpu)).collect(),
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let minutes = |n: u64| n * 60 * SECOND;
    vec![
        preset(
            "one-task-for-a-minute",
            minutes(1) + SECOND,
            Text::fixed("태스크 하나가 1분 동안", "One task for a minute"),
            Text::fixed(
                "태스크 하나가 꼬박 1분을 돌아도 1분 평균은 1.00이 아니라 0.63입니다. 1분은 평균을 내는 구간이 아니라 잊어 가는 속도이기 때문입니다.",
                "After a full minute of one busy task the 1-minute figure is 0.63, not 1.00: a minute is how fast it forgets, not a stretch it averages.",
            ),
            Scenario {
                duration_ms: 240_000,
                tasks: vec![Task::new(State::Runnable, 0, 62_000)],
                ..Scenario::default()
            },
        ),
        preset(
            "four-tasks-then-calm",
            // Seven minutes into the calm, where the three figures stand in that order.
            minutes(12),
            Text::fixed("태스크 넷, 그리고 고요", "Four tasks, then calm"),
            Text::fixed(
                "일이 끝난 뒤에도 부하 평균은 한참 남습니다. 세 값의 순서(1분 < 5분 < 15분)가 폭풍이 지나갔음을 알려 줍니다.",
                "Load lingers long after the work has ended; the order of the three figures (1 < 5 < 15 min) says that the storm is over.",
            ),
            Scenario {
                cpus: 4,
                duration_ms: 1_200_000,
                tasks: vec![Task::new(State::Runnable, 0, 300_000).times(4)],
                ..Scenario::default()
            },
        ),
        preset(
            "sleepers-on-an-idle-cpu",
            minutes(4),
            Text::fixed("쉬는 CPU, 부하는 3", "An idle CPU with a load of three"),
            Text::fixed(
                "CPU는 한 번도 일하지 않았는데 부하 평균은 3으로 올라갑니다. 중단 불가 대기(D) 태스크도 세기 때문입니다.",
                "The CPU never works, yet the load climbs to three: tasks in uninterruptible sleep (D) count as well.",
            ),
            Scenario {
                duration_ms: 600_000,
                tasks: vec![Task::new(State::Uninterruptible, 10_000, 310_000).times(3)],
                ..Scenario::default()
            },
        ),
        preset(
            "waiting-for-a-disk",
            minutes(3),
            Text::fixed("디스크를 기다리는 태스크들", "Tasks that wait for a disk"),
            Text::fixed(
                "같은 부하라도 실행 큐(r)가 아니라 대기(b)에서 왔습니다. vmstat의 b와 PSI의 io가 그 차이를 말해 줍니다.",
                "The same load, but from waiting (b), not from the run queue (r): vmstat's b and PSI's io tell the difference.",
            ),
            Scenario {
                cpus: 2,
                duration_ms: 600_000,
                tasks: vec![
                    Task::new(State::IoWait, 10_000, 300_000).times(3),
                    Task::new(State::Runnable, 10_000, 300_000).periodic(20, 100),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "same-load-rhel6",
            minutes(10),
            Text::fixed("같은 부하, RHEL 6", "The same load on RHEL 6"),
            Text::fixed(
                "늘 버림하던 시절의 커널은 네 태스크가 아무리 오래 돌아도 3.99에서 멈춥니다.",
                "A kernel that always rounded down stops at 3.99, however long four tasks run.",
            ),
            same_load(RHEL6),
        ),
        preset(
            "same-load-rhel7",
            minutes(118),
            Text::fixed("같은 부하, RHEL 7", "The same load on RHEL 7"),
            Text::fixed(
                "반올림하던 커널은 고요해진 뒤에도 0.00 0.01 0.05에서 멈춥니다. 유휴 서버의 이 세 값이 커널의 나이를 알려 줍니다.",
                "A kernel that rounded to the nearest comes to rest at 0.00 0.01 0.05: on an idle server these three figures tell the kernel's age.",
            ),
            same_load(RHEL7),
        ),
        preset(
            "same-load-today",
            minutes(10),
            Text::fixed("같은 부하, 오늘의 커널", "The same load today"),
            Text::fixed(
                "4.7부터는 향하는 쪽으로 올리거나 내립니다. 그래서 4.00에도 0.00에도 정확히 닿습니다.",
                "Since 4.7 it rounds towards where it is heading, so it reaches both 4.00 and 0.00 exactly.",
            ),
            same_load(TODAY),
        ),
        preset(
            "quarter-busy-rhel6",
            minutes(8),
            Text::fixed("25 % 바쁜 서버, RHEL 6", "A 25 % busy box on RHEL 6"),
            Text::fixed(
                "CPU 네 개가 4분의 1씩 바쁘니 평균 하나가 활성인데, 이 커널은 0.00을 보여 줍니다. 쉬러 가는 CPU가 자기 몫을 곧바로 지워서, 한 틱보다 짧은 일은 셀 때마다 사라지고 없습니다.",
                "Four CPUs a quarter busy make one active task on average, and this kernel shows 0.00: a CPU that went idle took its share back at once, so work shorter than a tick was gone whenever it counted.",
            ),
            quarter_busy(RHEL6),
        ),
        preset(
            "quarter-busy-today",
            minutes(8),
            Text::fixed("25 % 바쁜 서버, 오늘의 커널", "A 25 % busy box today"),
            Text::fixed(
                "쉬러 간 CPU가 남긴 몫을 다음 표본까지 간직하는 커널은 같은 서버의 부하를 1 가까이로 셉니다.",
                "A kernel that keeps what idle CPUs leave behind until the next sample counts the same box at about one.",
            ),
            quarter_busy(TODAY),
        ),
        preset(
            "beating-with-the-sampler",
            minutes(10),
            Text::fixed("표본과 박자가 맞을 때", "Beating against the sampler"),
            Text::fixed(
                "5초마다 1초만 도는 작업의 진짜 부하는 0.20입니다. 표본 주기가 5.004초라 둘의 박자가 아주 천천히 어긋나며, 부하 평균은 몇십 분마다 오르내립니다.",
                "A job that runs one second in five has a true load of 0.20. Sampling every 5.004 s, the kernel drifts slowly through its beat, and the load swells and fades over tens of minutes.",
            ),
            Scenario {
                duration_ms: 7_200_000,
                tasks: vec![Task::new(State::Runnable, 0, 7_200_000).periodic(1000, 5000)],
                ..Scenario::default()
            },
        ),
    ]
}

//! What happened, in words.

use super::engine::{Cause, Told};
use super::fair::Happening;
use super::model::CpuShares;
use super::rules::Policy;
use super::scenario::letter;
use crate::{Text, text};

/// Nanoseconds as milliseconds with three digits.
fn ms(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", ns.unsigned_abs() / 1_000_000, ns.unsigned_abs() / 1000 % 1000)
}

impl Told {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Told::Start { .. } => "start",
            Told::End { .. } => "end",
            Told::Sleep { .. } => "sleep",
            Told::Wake { .. } => "wake",
            Told::Switch { .. } => "switch",
            Told::Group(Happening::Throttle { .. }) => "throttle",
            Told::Group(Happening::Unthrottle { .. }) => "unthrottle",
            Told::RtThrottle { .. } => "rt-throttle",
            Told::RtUnthrottle { .. } => "rt-unthrottle",
            Told::Server { first: true, .. } => "server",
            Told::Server { .. } => "server-end",
        }
    }
}

impl CpuShares {
    pub(super) fn why(&self, told: &Told) -> Text {
        let cpu_id = |cpu: usize| self.engine.cpus[cpu].id;
        match *told {
            Told::Start { task } => {
                let (name, spec) = (letter(task), &self.scenario.tasks[task]);
                let (cpu, nice, prio) = (spec.cpu, spec.nice, spec.rt_priority);
                match spec.policy.realtime() {
                    true => text!(
                        ko: "태스크 {name} 시작: CPU {cpu}, 실시간 우선순위 {prio}.",
                        en: "Task {name} starts on CPU {cpu}, real-time priority {prio}.",
                    ),
                    false => text!(
                        ko: "태스크 {name} 시작: CPU {cpu}, nice {nice}.",
                        en: "Task {name} starts on CPU {cpu}, nice {nice}.",
                    ),
                }
            }
            Told::End { task } => {
                let (name, had) = (letter(task), ms(self.exec(task) as i64));
                text!(ko: "태스크 {name} 끝: CPU를 모두 {had} ms 썼습니다.", en: "Task {name} is gone after {had} ms of CPU time.")
            }
            Told::Sleep { task, for_ns } => {
                let (name, long) = (letter(task), ms(for_ns as i64));
                text!(ko: "{name}: 할 일을 마치고 {long} ms 동안 잡니다.", en: "{name} has done its work and sleeps for {long} ms.")
            }
            Told::Wake { task } => {
                let name = letter(task);
                text!(ko: "{name}: 깨어나 실행 큐에 섭니다.", en: "{name} wakes up and joins the run queue.")
            }
            Told::Switch { cpu, prev, next, ran, cause } => self.why_switch(cpu, prev, next, ran, cause),
            Told::Group(Happening::Throttle { group, cpu }) => {
                let (group, cpu) = (self.owner_of_group(Some(group)).text(), cpu_id(cpu));
                Text {
                    ko: format!(
                        "{}: 이번 주기의 cpu.max를 다 썼습니다. CPU {cpu}의 태스크는 다음 주기까지 멈춥니다.",
                        group.ko
                    )
                    .into(),
                    en: format!(
                        "The cpu.max of {} is used up for this period: its tasks on CPU {cpu} stop until the next.",
                        group.en
                    )
                    .into(),
                }
            }
            Told::Group(Happening::Unthrottle { group, cpu, after }) => {
                let (group, cpu, after) = (self.owner_of_group(Some(group)).text(), cpu_id(cpu), ms(after as i64));
                Text {
                    ko: format!(
                        "{}: 새 주기가 시작되어 CPU {cpu}에서 {after} ms 만에 다시 실행할 수 있습니다.",
                        group.ko
                    )
                    .into(),
                    en: format!("A new period: {} may run again on CPU {cpu}, after {after} ms.", group.en).into(),
                }
            }
            Told::RtThrottle { cpu } => {
                let (cpu, limit) = (cpu_id(cpu), self.scenario.sched_rt_runtime_us);
                text!(
                    ko: "CPU {cpu}의 실시간 태스크가 이번 1초의 몫 {limit} µs를 넘겼습니다. 다음 1초까지 일반 태스크가 실행됩니다.",
                    en: "The real-time tasks of CPU {cpu} have used their {limit} µs of this second: ordinary tasks have the rest.",
                )
            }
            Told::RtUnthrottle { cpu } => {
                let cpu = cpu_id(cpu);
                text!(ko: "새로운 1초입니다. CPU {cpu}의 실시간 태스크가 다시 먼저입니다.", en: "A new second: on CPU {cpu} real-time tasks come first again.")
            }
            Told::Server { cpu, first: true } => {
                let cpu = cpu_id(cpu);
                text!(
                    ko: "CPU {cpu}의 일반 태스크가 1초마다 보장된 50 ms를 받지 못했습니다. 이제 실시간 태스크보다 먼저 실행됩니다.",
                    en: "The ordinary tasks of CPU {cpu} have not had the 50 ms of each second that are theirs: now they come before real-time tasks.",
                )
            }
            Told::Server { cpu, .. } => {
                let cpu = cpu_id(cpu);
                text!(ko: "CPU {cpu}의 일반 태스크가 50 ms를 받았습니다.", en: "The ordinary tasks of CPU {cpu} have had their 50 ms.")
            }
        }
    }

    fn why_switch(&self, cpu: usize, prev: Option<usize>, next: Option<usize>, ran: u64, cause: Cause) -> Text {
        let (cpu, ran) = (self.engine.cpus[cpu].id, ms(ran as i64));
        let name = |task: Option<usize>| task.map_or_else(|| "idle".to_owned(), |task| letter(task).to_string());
        let (from, to) = (name(prev), name(next));
        let mut text = text!(ko: "CPU {cpu}: {from} → {to}. ", en: "CPU {cpu}: {from} → {to}. ");
        let cause = match cause {
            Cause::Idle => Text::fixed("쉬던 CPU이므로 곧바로 실행됩니다.", "The CPU was idle, so it runs at once."),
            Cause::Slept => {
                text!(ko: "앞의 태스크는 {ran} ms 실행되고 잠들었습니다.", en: "{from} ran for {ran} ms and fell asleep.")
            }
            Cause::Exited => text!(ko: "앞의 태스크가 끝났습니다.", en: "{from} is gone."),
            Cause::Quota => {
                text!(ko: "앞의 태스크가 든 그룹이 cpu.max를 다 썼습니다({ran} ms 실행).", en: "The group of {from} has used up its cpu.max (ran for {ran} ms).")
            }
            Cause::Realtime => Text::fixed(
                "실시간 태스크는 일반 태스크보다 먼저입니다.",
                "A real-time task comes before any ordinary one.",
            ),
            Cause::RtLimit => {
                text!(ko: "앞의 태스크는 이번 1초의 몫을 다 썼습니다({ran} ms 실행).", en: "{from} has had its part of the second (ran for {ran} ms).")
            }
            Cause::Woken => {
                text!(ko: "깨어난 태스크가 앞의 태스크를 밀어냅니다({ran} ms 실행).", en: "{to} woke up and takes over from {from} (ran for {ran} ms).")
            }
            Cause::Turn => {
                text!(ko: "앞의 태스크가 {ran} ms 실행되었고, 틱에서 차례가 바뀝니다.", en: "{from} ran for {ran} ms; at the tick it is another's turn.")
            }
        };
        text.ko.to_mut().push_str(&cause.ko);
        text.en.to_mut().push_str(&cause.en);
        if let Some(compared) = self.compare(prev, next) {
            text.ko.to_mut().push_str(&compared.ko);
            text.en.to_mut().push_str(&compared.en);
        }
        text
    }

    /// The figures by which the fair class chose between two of its own.
    fn compare(&self, prev: Option<usize>, next: Option<usize>) -> Option<Text> {
        let fair = &self.engine.fair;
        let entity = |task: Option<usize>| {
            let task = task.filter(|task| !self.scenario.tasks[*task].policy.realtime())?;
            Some(self.engine.tasks[task].entity)
        };
        let (mut from, mut to) = (entity(prev)?, entity(next)?);
        if fair.entities[from].cfs_rq != fair.entities[to].cfs_rq {
            from = fair.parent(from).unwrap_or(from);
            to = fair.parent(to).unwrap_or(to);
        }
        if !fair.entities[from].on_rq || fair.entities[from].sched_delayed {
            return None;
        }
        let name = |e: usize| self.owner_of_entity(e).text();
        let (one, two) = (&fair.entities[from], &fair.entities[to]);
        let (a, b) = (name(from), name(to));
        let (av, bv) = (ms(one.vruntime), ms(two.vruntime));
        Some(match fair.policy {
            Policy::Cfs { .. } => Text {
                ko: format!(" vruntime: {} {av}, {} {bv} ms. 작은 쪽이 먼저입니다.", a.ko, b.ko).into(),
                en: format!(" vruntime: {} {av}, {} {bv} ms; the smaller goes first.", a.en, b.en).into(),
            },
            Policy::Eevdf { .. } => {
                let mean = ms(fair.rqs[two.cfs_rq].average(&fair.entities).vruntime());
                let (ad, bd) = (ms(one.deadline), ms(two.deadline));
                Text {
                    ko: format!(" 평균 V {mean}. vruntime(마감): {} {av}({ad}), {} {bv}({bd}) ms. V를 넘지 않은 것 가운데 마감이 이른 쪽이 먼저입니다.", a.ko, b.ko).into(),
                    en: format!(" Mean V {mean}; vruntime (deadline): {} {av} ({ad}), {} {bv} ({bd}) ms. Of those not past V, the earlier deadline goes first.", a.en, b.en).into(),
                }
            }
        })
    }
}

//! Who is on a run queue and who waits for a disk while a workload runs.

use sim_core::{Text, text};

use super::averages::median;
use super::load_at_end::read_loadavg;
use super::report::{Compared, Report};
use super::{Run, Stop};
use crate::parse::{LoadAvg, Parse, Stat};
use crate::{Column, Load, RunningBlocked, Verdict};

/// Tasks of the workload that are on a run queue all the time.
fn runnable(run: &Run<'_>) -> u64 {
    let busy = |load: &Load| match load {
        Load::BusyLoops { .. } => u64::from(load.tasks(run.cpus())),
        _ => 0,
    };
    run.loads().iter().map(busy).sum()
}

/// `procs_running` and `procs_blocked` against the choices.
pub fn running_and_blocked(answers: &[RunningBlocked], run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let stats = run.while_running::<Stat>()?;
    // The reader of the file runs while it reads.
    let own = 1;
    let middle = |of: fn(&Stat) -> u64| median(stats.iter().map(of).collect()).unwrap_or(0);
    let running = middle(|stat| stat.procs_running).saturating_sub(own);
    let blocked = middle(|stat| stat.procs_blocked);
    let expected = runnable(run);
    let says = |running: u64, blocked: u64| {
        answers.iter().find(|a| (u64::from(a.running), u64::from(a.blocked)) == (running, blocked))
    };
    let right = says(running, blocked);
    let chosen = report.chosen();
    let predicted = answers.iter().find(|answer| answer.choice == chosen);
    let shown = |n: u64| Some(Text::verbatim(n.to_string()));
    for (label, prediction, simulated, measured) in [
        ("r (procs_running)", predicted.map(|a| a.running), expected, running),
        ("b (procs_blocked)", predicted.map(|a| a.blocked), 0, blocked),
    ] {
        report.column(Column {
            label: Text::verbatim(label),
            prediction: prediction.and_then(|n| shown(u64::from(n))),
            simulated: shown(simulated),
            measured: shown(measured),
            ..Column::default()
        });
    }
    report.reading(Stat::PATH, format!("procs_running {}\nprocs_blocked {blocked}", running + own));
    report.detail(text!(
        ko: "부하가 도는 동안 읽은 값들의 중앙값입니다. /proc/stat의 procs_running에서 파일을 읽는 프로그램 자신은 뺐습니다.",
        en: "These are medians over the run; the program that reads /proc/stat was taken out of procs_running."
    ));
    match right {
        Some(answer) if answer.choice == chosen => report.decide(
            Verdict::Pass,
            text!(ko: "맞았습니다. 측정값은 r {running}, b {blocked}입니다.", en: "Right: r was {running} and b was {blocked}."),
        ),
        _ if (running, blocked) == (expected, 0) => {
            report.decide(
                Verdict::Fail,
                text!(ko: "측정값은 r {running}, b {blocked}입니다.", en: "r was {running} and b was {blocked}."),
            );
            if predicted.is_some_and(|answer| answer.blocked > 0) {
                report.detail(Text::fixed(
                    "b는 D 상태의 태스크를 모두 세지 않습니다. 블록 장치를 기다리는(io_schedule) 태스크만 셉니다.",
                    "b does not count every task in D, only those that wait for a block device (io_schedule).",
                ));
            }
            if predicted.is_some_and(|answer| u64::from(answer.running) > expected) {
                report.detail(Text::fixed(
                    "r은 실행 큐에 있는 태스크만 셉니다. 자고 있는 태스크는 D여도 r에 들어가지 않습니다.",
                    "r counts tasks on run queues only; a sleeping task is not among them, not even in D.",
                ));
            }
        }
        _ => report.decide(
            Verdict::Inconclusive,
            text!(
                ko: "측정값은 r {running}, b {blocked}입니다. 이 부하만 있었다면 r {expected}, b 0이어야 합니다. 이 컴퓨터의 다른 일이 섞였으니 조용할 때 다시 실행하십시오.",
                en: "r was {running} and b was {blocked}; the workload alone would give {expected} and 0. Other work is mixed in: run it again when the machine is quiet."
            ),
        ),
    }
    Ok(())
}

/// The running tasks of `/proc/loadavg` against a number.
pub fn running_field(run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let loads = run.while_running::<LoadAvg>()?;
    let running: Vec<u64> = loads.iter().map(|load| load.running).collect();
    let (frames, tasks) = (running.len(), runnable(run));
    let (least, most) = (running.iter().min().copied(), running.iter().max().copied());
    let middle = median(running).unwrap_or(0);
    report.compare(Compared {
        label: Text::fixed("네 번째 칸의 앞 숫자", "first number of the fourth field"),
        unit: Text::fixed("개", ""),
        simulated: Some((tasks + 1) as f64),
        alone: None,
        measured: middle as f64,
        tolerance: report.tolerance(),
    });
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(0));
    report.detail(text!(
        ko: "{frames}번 읽은 값의 중앙값입니다(최소 {least}, 최대 {most}). 5초마다 세는 세 평균과 달리 이 칸은 읽는 바로 그 순간의 값입니다.",
        en: "The median of {frames} readings ({least} to {most}). Unlike the averages, which count once in 5 s, this field is the very moment of reading."
    ));
    if report.predicted() == tasks as f64 && middle == tasks + 1 {
        report.detail(Text::fixed(
            "하나가 모자랍니다. 그 순간 파일을 읽고 있던 프로그램은 어디에 있었을까요?",
            "One is missing. Where was the program that was reading the file at that moment?",
        ));
    }
    read_loadavg(run, report);
    Ok(())
}

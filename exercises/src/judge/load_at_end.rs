//! The 1-minute average at the end of a workload: predicted, simulated from the machine's own
//! values, measured.

use std::collections::BTreeMap;

use sim_core::decimal::fixed;
use sim_core::load_average::calc::{EXP, calc_load, print_load};
use sim_core::{Text, text};

use super::averages::{hundredths, median};
use super::model::Simulation;
use super::report::{Compared, Report, Standing};
use super::{Averages, Run, Stop};
use crate::parse::{LoadAvg, Parse, Stat};
use crate::{Column, Load, Verdict};

pub fn decide(busy_at_most_pct: Option<f64>, run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let averages = usable(run)?;
    let (from, until) = (run.ran.from_ns, run.ran.until_ns);
    let loads = run.loads();
    let tasks: u64 = loads.iter().map(|load| u64::from(load.tasks(run.cpus()))).sum();
    let counts = averages.counts(from, until);
    let background = steady_background(&counts, tasks);
    let others = background.unwrap_or(0);
    let simulate = |others| Simulation::run(&run.recording.facts, averages, run.ran, &loads, others);
    let simulation = simulate(others);
    let alone = if others > 0 { simulate(0).ok().map(|s| figure(s.at(until))) } else { None };
    let measured = averages.at(until)[0];
    let start = averages.at(from)[0];
    let standing = report.compare(Compared {
        label: Text::fixed("끝난 순간의 1분 평균", "1-minute average at the end"),
        unit: Text::default(),
        simulated: simulation.as_ref().ok().map(|s| figure(s.at(until))),
        alone,
        measured: figure(measured),
        tolerance: report.tolerance(),
    });
    report.column(Column {
        label: Text::fixed("시작할 때의 1분 평균", "1-minute average at the start"),
        measured: Some(Text::verbatim(print_load(start))),
        ..Column::default()
    });
    explain_steps(averages, start, measured, &counts, tasks, report);
    if let Some(alone) = alone {
        report.detail(text!(
            ko: "시뮬레이터에는 내내 깨어 있던 다른 태스크 {others}개도 넣었습니다. 이 부하뿐이었다면 결과는 {alone:.2}입니다.",
            en: "The simulator also took in what else was awake all along ({others}); this load alone would lead to {alone:.2}."
        ));
    }
    if standing == Standing::Wrong {
        explain_mistake(report.predicted(), start, tasks, &loads, report);
    }
    if let Err(why) = &simulation {
        report.detail(why.clone());
    }
    report.curves(run, simulation.as_ref().ok());
    read_loadavg(run, report);
    if let Some(limit) = busy_at_most_pct {
        idle_cpus(limit, run, report)?;
    }
    if background.is_none() {
        report.decide(
            Verdict::Inconclusive,
            text!(
                ko: "커널이 센 활성 태스크가 부하로 실행한 {tasks}개보다 적었습니다. 부하가 제대로 걸리지 못한 것 같습니다.",
                en: "The kernel counted fewer active tasks than the {tasks} of the workload: it does not seem to have run as it should."
            ),
        );
    }
    Ok(())
}

/// The averages of a run, where they can be believed.
pub fn usable<'a>(run: &Run<'a>) -> Result<&'a Averages, Stop> {
    let averages = run.averages.ok_or_else(|| {
        Stop::new(Verdict::Error, Text::fixed("기록에 부하 평균이 없습니다.", "The recording holds no load averages."))
    })?;
    if averages.faked {
        return Err(Stop::new(
            Verdict::CannotCheck,
            Text::fixed(
                "/proc/loadavg의 값이 커널이 가진 값(sysinfo)과 다릅니다. 컨테이너(LXCFS 등)가 파일을 바꾸어 보여 주고 있어 이 안에서는 확인할 수 없습니다.",
                "/proc/loadavg is not what the kernel itself says (sysinfo): a container (LXCFS or the like) shows figures of its own, so it cannot be checked from in here.",
            ),
        ));
    }
    Ok(averages)
}

/// An average as printed, as a number.
pub fn figure(avenrun: u64) -> f64 {
    hundredths(avenrun) as f64 / 100.0
}

/// Tasks that were active all along besides `tasks`; nothing when fewer than those were counted.
pub fn steady_background(counts: &[Option<u64>], tasks: u64) -> Option<u64> {
    match median(counts.iter().copied().flatten().collect()) {
        Some(counted) => counted.checked_sub(tasks),
        // Without counts nothing speaks against a quiet machine.
        None => Some(0),
    }
}

/// How the start and the counts add up to the end.
fn explain_steps(
    averages: &Averages,
    start: u64,
    measured: u64,
    counts: &[Option<u64>],
    tasks: u64,
    report: &mut Report<'_>,
) {
    if !averages.exact {
        report.detail(Text::fixed(
            "커널의 정수(sysinfo)가 기록에 없어 소수 둘째 자리까지 인쇄된 값으로 판단했습니다.",
            "The recording lacks the kernel's own integers (sysinfo), so the two printed digits were judged.",
        ));
    }
    let (Some(rules), false) = (averages.rules, counts.is_empty()) else { return };
    let n = counts.len();
    let left = counts.iter().fold(start, |load, _| calc_load(rules.rounding, load, EXP[0], 0));
    let added = measured.saturating_sub(left);
    let [s, l, a, m] = [start, left, added, measured].map(print_load);
    report.detail(text!(
        ko: "커널은 그동안 {n}번 세었습니다. 시작 값 {s} 가운데 {l}만큼 남았고, 그동안 센 태스크가 {a}만큼 더했습니다. 합은 {m}입니다.",
        en: "The kernel counted {n} times meanwhile: {l} was left of the {s} at the start, and what it counted added {a}, which makes {m}."
    ));
    let known: Vec<u64> = counts.iter().copied().flatten().collect();
    if known.len() < n {
        return;
    }
    if known.iter().all(|count| *count == tasks) {
        report.detail(text!(
            ko: "{n}번 모두 정확히 {tasks}개를 세었습니다. 이 값을 모델에 넣으면 커널의 정수와 끝자리까지 같습니다.",
            en: "Each time it counted exactly {tasks}; fed with that, the model gives the kernel's integers to the last digit."
        ));
        return;
    }
    let mut times = BTreeMap::<u64, u64>::new();
    for count in known {
        *times.entry(count).or_default() += 1;
    }
    let ko = times.iter().map(|(count, n)| format!("{count}개 {n}번")).collect::<Vec<_>>().join(", ");
    let en = times.iter().map(|(count, n)| format!("{count} ({n}×)")).collect::<Vec<_>>().join(", ");
    report.detail(text!(
        ko: "센 수는 {ko}입니다. 부하로 실행한 {tasks}개 말고도 그 순간 깨어 있던 태스크가 있었습니다. 이 값들을 모델에 넣으면 커널의 정수와 끝자리까지 같습니다.",
        en: "It counted {en}: at those moments other tasks were awake beside the {tasks} of the workload. Fed with these counts, the model gives the kernel's integers to the last digit."
    ));
}

/// What a wrong prediction looks like, where it looks like something.
fn explain_mistake(predicted: f64, start: u64, tasks: u64, loads: &[Load], report: &mut Report<'_>) {
    let near = |value: f64| (predicted - value).abs() <= report.tolerance() + 1e-9;
    let (tasks_f, began, start) = (tasks as f64, print_load(start), figure(start));
    let asleep = loads.iter().all(|load| matches!(load, Load::VforkParents { .. }));
    if near(tasks_f) || near(tasks_f + start) {
        report.detail(Text::fixed(
            "1분 동안의 산술 평균이라면 그 값이 맞습니다. 그러나 커널은 5초마다 이전 값의 92 %에 새로 센 수의 8 %를 더합니다. 그래서 1분 뒤에는 목표의 63 %까지만 옵니다.",
            "That would be the mean over the minute. But every 5 s the kernel takes 92 % of the old figure and 8 % of the new count, so after a minute it has come 63 % of the way.",
        ));
    } else if asleep && (near(start) || near(start * 0.37)) {
        report.detail(Text::fixed(
            "CPU를 쓰지 않는 태스크라도 중단 불가 대기(D)라면 부하 평균에 들어갑니다.",
            "A task that uses no CPU still counts while it is in uninterruptible sleep (D).",
        ));
    } else if start > 0.1 && near(tasks_f * 0.63) {
        report.detail(text!(
            ko: "시작할 때의 값 {began}도 잊지 마십시오. 1분 뒤에도 그 37 %가 남습니다.",
            en: "It already stood at {began} at the start, and 37 % of that is still there a minute later."
        ));
    }
}

/// How busy the CPUs were while tasks slept.
fn idle_cpus(limit: f64, run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let stats = run.while_running::<Stat>()?;
    let (first, last) = (stats[0], stats[stats.len() - 1]);
    let Some(busy) = last.busy_pct_since(&first) else { return Ok(()) };
    report.column(Column {
        label: Text::fixed("그동안 CPU 사용률", "CPU time used meanwhile"),
        simulated: Some(Text::fixed("0", "0")),
        measured: Some(Text::verbatim(fixed(busy, 0))),
        unit: Text::fixed("%", "%"),
        ..Column::default()
    });
    report.reading(Stat::PATH, format!("cpu busy {} %", fixed(busy, 1)));
    if busy > limit {
        let (busy, limit) = (fixed(busy, 0), fixed(limit, 0));
        report.decide(
            Verdict::Inconclusive,
            text!(
                ko: "자는 태스크가 부하를 만드는지 보려면 CPU가 쉬어야 하는데, 다른 일이 CPU를 {busy} % 썼습니다(한계 {limit} %).",
                en: "To see sleepers make load, the CPUs must be idle, but other work used {busy} % of them (limit {limit} %)."
            ),
        );
    }
    Ok(())
}

/// The first and last `/proc/loadavg` of a run.
pub fn read_loadavg(run: &Run<'_>, report: &mut Report<'_>) {
    use crate::Machine as _;
    let frames = run.frames();
    let texts = [frames.start, frames.end.saturating_sub(1)].into_iter().filter_map(|i| {
        let text = run.recording.at(i)?.read(LoadAvg::PATH).ok()?;
        Some(text.trim_end().to_owned())
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    if !text.is_empty() {
        report.reading(LoadAvg::PATH, text);
    }
}

//! CPU pressure at the end of a workload.

use sim_core::decimal::fixed;
use sim_core::{MILLISECOND, Text, text};

use super::averages::median;
use super::model::Simulation;
use super::report::{Compared, Report, Standing};
use super::{Run, Stop};
use crate::parse::{CpuPressure, Parse, Stat};
use crate::{Column, Verdict};

pub fn decide(run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let pressures = run.while_running::<CpuPressure>()?;
    let stats = run.while_running::<Stat>()?;
    let (first, last) = (pressures[0], pressures[pressures.len() - 1]);
    let cpus = u64::from(run.cpus());
    let running = median(stats.iter().map(|stat| stat.procs_running).collect()).unwrap_or(0).saturating_sub(1);
    if last.total_us == first.total_us && running > cpus {
        return Err(Stop::new(
            Verdict::CannotCheck,
            text!(
                ko: "CPU {cpus}개에 실행 큐의 태스크가 {running}개인데도 /proc/pressure/cpu가 움직이지 않았습니다. 컨테이너가 보여 주는 가짜 파일이거나 PSI가 꺼져 있습니다.",
                en: "{running} tasks were runnable on {cpus} CPUs, yet /proc/pressure/cpu did not move: a container shows a file of its own, or PSI is off."
            ),
        ));
    }
    let simulation = run
        .averages
        .and_then(|averages| Simulation::run(&run.recording.facts, averages, run.ran, &run.loads(), 0).ok());
    let standing = report.compare(Compared {
        label: Text::verbatim("cpu some avg10"),
        unit: Text::fixed("%", "%"),
        simulated: simulation.as_ref().and_then(|s| s.cpu_pressure).map(|h| h as f64 / 100.0),
        alone: None,
        measured: last.avg10 as f64 / 100.0,
        tolerance: report.tolerance(),
    });
    if standing == Standing::Wrong {
        explain_mistake(report);
    }
    let frames = run.frames();
    let times = &run.recording.frames;
    let ms = (times[frames.end - 1].t_ns - times[frames.start].t_ns) / MILLISECOND;
    let stalled = last.total_us.saturating_sub(first.total_us) as f64 / 10.0 / ms.max(1) as f64;
    report.column(Column {
        label: Text::fixed("그동안 누군가 CPU를 기다린 시간", "share of the time someone waited for a CPU"),
        measured: Some(Text::verbatim(fixed(stalled, 0))),
        unit: Text::fixed("%", "%"),
        ..Column::default()
    });
    let loops: u32 = run.loads().iter().map(|load| load.tasks(run.cpus())).sum();
    report.detail(text!(
        ko: "CPU는 {cpus}개, 도는 태스크는 {loops}개였습니다. avg10은 2초마다 이전 값의 82 %에 새 값의 18 %를 더하므로 10초에 63 %, 30초에 95 %까지 따라갑니다.",
        en: "There were {cpus} CPUs and {loops} busy tasks. Every 2 s avg10 takes 82 % of the old value and 18 % of the new, so it comes 63 % of the way in 10 s and 95 % in 30 s."
    ));
    report.reading(
        CpuPressure::PATH,
        format!("some avg10={}.{:02} total={}", last.avg10 / 100, last.avg10 % 100, last.total_us),
    );
    if let Some(simulation) = &simulation {
        report.curves(run, Some(simulation));
    }
    Ok(())
}

/// What a wrong prediction looks like, where it looks like something.
fn explain_mistake(report: &mut Report<'_>) {
    let predicted = report.predicted();
    if (45.0..=55.0).contains(&predicted) {
        report.detail(Text::fixed(
            "절반의 태스크가 기다리는 것은 맞습니다. 그러나 some은 태스크의 비율이 아니라 누군가 기다린 시간의 비율입니다.",
            "Half of the tasks do wait. But some is a share of time, not of tasks: the time in which anyone waited.",
        ));
    } else if predicted >= 99.0 {
        report.detail(Text::fixed(
            "향하는 곳은 100 %가 맞습니다. 그러나 avg10은 이동 평균이라 30초로는 아직 닿지 못합니다.",
            "It does head for 100 %. But avg10 is a moving average and has not arrived there after 30 s.",
        ));
    } else if predicted < 5.0 {
        report.detail(Text::fixed(
            "태스크가 CPU보다 많으니 CPU마다 늘 하나는 기다리고 있습니다.",
            "There are more tasks than CPUs, so on each CPU one always waits.",
        ));
    }
}

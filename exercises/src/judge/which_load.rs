//! Which load ran in secret.

use sim_core::decimal::fixed;
use sim_core::load_average::calc::print_load;
use sim_core::{Text, text};

use super::load_at_end::{read_loadavg, usable};
use super::model::Simulation;
use super::report::Report;
use super::{Run, Stop};
use crate::parse::{Parse, Stat};
use crate::{Column, Load, Verdict};

pub fn decide(answers: &[String], run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let averages = usable(run)?;
    let loads = run.loads();
    let picked = run.ran.picked.and_then(|picked| Some((answers.get(picked as usize)?, *loads.first()?)));
    let Some((truth, load)) = picked else {
        return Err(Stop::new(
            Verdict::Error,
            Text::fixed(
                "무엇을 실행했는지 기록에 남아 있지 않습니다. 다시 실행하십시오.",
                "The recording does not say what ran. Run it again.",
            ),
        ));
    };
    let stats = run.while_running::<Stat>()?;
    let busy = stats[stats.len() - 1].busy_pct_since(&stats[0]).unwrap_or(0.0);
    let cpus = run.cpus();
    let tasks = load.tasks(cpus);
    let expected = match load {
        Load::BusyLoops { .. } => f64::from(tasks.min(cpus)) * 100.0 / f64::from(cpus),
        Load::PeriodicSleeper { on_ms, every_ms, .. } => {
            f64::from(tasks.min(cpus)) * 100.0 / f64::from(cpus) * f64::from(on_ms) / f64::from(every_ms.max(1))
        }
        _ => 0.0,
    };
    let simulation = Simulation::run(&run.recording.facts, averages, run.ran, &loads, 0).ok();
    let chosen = report.chosen();
    report.column(Column {
        label: Text::fixed("무엇이 부하를 만들었나", "what made the load"),
        prediction: report.choice_text(chosen),
        measured: report.choice_text(truth),
        ..Column::default()
    });
    report.column(Column {
        label: Text::fixed("끝난 순간의 1분 평균", "1-minute average at the end"),
        simulated: simulation.as_ref().map(|s| Text::verbatim(print_load(s.at(run.ran.until_ns)))),
        measured: Some(Text::verbatim(print_load(averages.at(run.ran.until_ns)[0]))),
        ..Column::default()
    });
    report.column(Column {
        label: Text::fixed("그동안 CPU 사용률", "CPU time used meanwhile"),
        simulated: Some(Text::verbatim(fixed(expected, 0))),
        measured: Some(Text::verbatim(fixed(busy, 0))),
        unit: Text::fixed("%", "%"),
        ..Column::default()
    });
    let Text { ko, en } = load.text(cpus);
    let (needs, used) = (fixed(expected, 0), fixed(busy, 0));
    report.detail(text!(
        ko: "실행된 것: {ko}. 이 부하의 CPU 사용률은 {needs} %이고, 측정값은 {used} %입니다.",
        en: "What ran: {en}. That takes {needs} % of the CPUs; {used} % were used."
    ));
    // Other work may have made the two look alike.
    let readable = (busy - expected).abs() <= 25.0;
    if truth == chosen {
        report.decide(Verdict::Pass, Text::fixed("맞았습니다.", "Right."));
    } else if readable {
        report.decide(
            Verdict::Fail,
            Text::fixed(
                "아닙니다. 부하 평균의 숫자는 두 경우가 똑같습니다. 갈라지는 곳은 CPU입니다.",
                "No. The load figures are the same in both cases; it is the CPUs that tell them apart.",
            ),
        );
    } else {
        report.decide(
            Verdict::Inconclusive,
            text!(
                ko: "다른 일이 섞여 CPU 사용률({used} %)만으로는 가릴 수 없었습니다. 조용할 때 다시 실행하십시오.",
                en: "Other work was mixed in, so that the CPU time used ({used} %) could not tell them apart. Run it again when the machine is quiet."
            ),
        );
    }
    report.curves(run, simulation.as_ref());
    report.reading(Stat::PATH, format!("cpu busy {} %", fixed(busy, 1)));
    read_loadavg(run, report);
    Ok(())
}

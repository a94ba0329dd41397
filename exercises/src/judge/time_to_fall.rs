//! How long after a load has ended the 1-minute average falls below a share of what it was.

use sim_core::load_average::calc::print_load;
use sim_core::{Nanos, SECOND, Text, text};

use super::load_at_end::{read_loadavg, steady_background, usable};
use super::model::Simulation;
use super::report::{Compared, Report, Standing};
use super::{Run, Stop};
use crate::{Column, Verdict};

pub fn decide(to_pct: f64, run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let averages = usable(run)?;
    let until = run.ran.until_ns;
    let end = until + Nanos::from(run.ran.workload.after_s) * SECOND;
    let peak = averages.at(until)[0];
    let limit = (peak as f64 * to_pct / 100.0) as u64;
    // What stays when the load is gone, as far as the kernel's counts tell.
    let background = steady_background(&averages.counts(until, end), 0).unwrap_or(0);
    let simulate = |others| Simulation::run(&run.recording.facts, averages, run.ran, &run.loads(), others);
    let fell = |s: &Simulation| {
        let limit = (s.at(until) as f64 * to_pct / 100.0) as u64;
        Some(seconds(until, s.first_below(until, limit)?))
    };
    let simulation = simulate(background);
    let simulated = simulation.as_ref().ok().and_then(fell);
    let alone = if background > 0 { simulate(0).as_ref().ok().and_then(fell) } else { None };
    report.column(Column {
        label: Text::fixed("부하가 끝난 순간의 1분 평균", "1-minute average when the load ended"),
        simulated: simulation.as_ref().ok().map(|s| Text::verbatim(print_load(s.at(until)))),
        measured: Some(Text::verbatim(print_load(peak))),
        ..Column::default()
    });
    let (p, l) = (print_load(peak), print_load(limit));
    match averages.first_below(until, limit) {
        Some(t) => {
            let standing = report.compare(Compared {
                label: text!(ko: "{l} 아래로 내려가기까지", en: "until it fell below {l}"),
                unit: Text::fixed("초", "s"),
                simulated,
                alone,
                measured: seconds(until, t),
                tolerance: report.tolerance(),
            });
            report.detail(text!(
                ko: "{p}에서 {l} 아래로 내려가는 데 걸린 시간입니다. 커널은 5초에 한 번 계산하므로 답도 5초 단위로 움직입니다.",
                en: "That is the time from {p} to below {l}. The kernel computes once in 5 s, so the answer moves in steps of 5 s."
            ));
            if standing == Standing::Wrong {
                explain_mistake(report.predicted(), to_pct, report);
            }
        }
        None => {
            let last = print_load(averages.at(end)[0]);
            let after = run.ran.workload.after_s;
            report.decide(
                Verdict::Inconclusive,
                text!(
                    ko: "부하가 끝난 뒤 {after}초가 지나도 1분 평균이 {last}에 머물렀습니다. 이 컴퓨터의 다른 일이 부하를 만들고 있습니다. 조용할 때 다시 실행하십시오.",
                    en: "{after} s after the load had ended the 1-minute average still stood at {last}: other work keeps the load up. Run it again when the machine is quiet."
                ),
            );
        }
    }
    if let Err(why) = &simulation {
        report.detail(why.clone());
    }
    report.curves(run, simulation.as_ref().ok());
    read_loadavg(run, report);
    Ok(())
}

fn seconds(from: Nanos, to: Nanos) -> f64 {
    to.saturating_sub(from) as f64 / SECOND as f64
}

/// What a wrong prediction looks like, where it looks like something.
fn explain_mistake(predicted: f64, to_pct: f64, report: &mut Report<'_>) {
    let near = |value: f64| (predicted - value).abs() <= report.tolerance();
    if near(60.0 * (1.0 - to_pct / 100.0)) || near(60.0) {
        report.detail(Text::fixed(
            "1분 평균은 1분짜리 창이 아니라서 곧은 선을 그리며 줄지 않습니다. 5초마다 8 %씩 줄어들 뿐이어서, 1분이 지나도 37 %가 남습니다.",
            "The 1-minute average is not a window of a minute and does not fall in a straight line: it loses 8 % every 5 s, and 37 % is left after a minute.",
        ));
    } else if predicted < 6.0 {
        report.detail(Text::fixed(
            "일이 끝났다고 부하 평균이 곧바로 0이 되지는 않습니다.",
            "The average does not drop to zero just because the work has ended.",
        ));
    }
}

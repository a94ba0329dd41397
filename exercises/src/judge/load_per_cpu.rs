//! An average divided by the online CPUs.

use sim_core::decimal::fixed;
use sim_core::{Text, text};

use super::Stop;
use super::report::{Compared, Report, Standing};
use crate::parse::{self, LoadAvg, OnlineCpus, Parse};
use crate::{Machine, Verdict};

/// What a figure with two digits may be off by, because it has only two.
const HALF_A_DIGIT: f64 = 0.005;

pub fn decide(minutes: u32, now: &dyn Machine, report: &mut Report<'_>) -> Result<(), Stop> {
    let load: LoadAvg = parse::read(now)?;
    let OnlineCpus(cpus) = parse::read(now)?;
    let index = match minutes {
        1 => 0,
        5 => 1,
        _ => 2,
    };
    let whole = load.hundredths.map(|h| h as f64 / 100.0);
    let each = |i: usize| whole[i] / f64::from(cpus);
    let (average, share) = (whole[index], each(index));
    // What was divided must be told from what was not.
    let tolerance = if cpus == 1 { report.tolerance() } else { report.tolerance().min((average - share) / 3.0) };
    let standing = report.compare(Compared {
        label: text!(ko: "{minutes}분 평균 ÷ CPU 수", en: "{minutes}-minute average / CPUs"),
        unit: Text::default(),
        simulated: None,
        alone: None,
        measured: share,
        tolerance: tolerance.max(HALF_A_DIGIT),
    });
    let [a, s] = [average, share].map(|value| fixed(value, 2));
    report.detail(text!(
        ko: "{a} ÷ {cpus} = {s}. 커널은 CPU 수로 나누지 않으니, 나누는 일은 읽는 사람의 몫입니다.",
        en: "{a} / {cpus} = {s}. The kernel never divides by the CPUs; that is left to whoever reads it."
    ));
    if standing == Standing::Wrong {
        let predicted = report.predicted();
        let near = |value: f64| (predicted - value).abs() <= report.tolerance() + 1e-9;
        if near(average) {
            report.detail(Text::fixed(
                "적은 값은 나누기 전의 부하 평균입니다.",
                "What you wrote is the average before dividing.",
            ));
        } else if (0..3).any(|i| i != index && near(each(i))) {
            report.detail(text!(
                ko: "CPU 수로는 나누었지만 다른 칸의 값입니다. {minutes}분 평균을 쓰십시오.",
                en: "Divided, but another field: use the {minutes}-minute average."
            ));
        }
    }
    if cpus > 1 && average - share < 4.0 * HALF_A_DIGIT {
        report.decide(
            Verdict::Inconclusive,
            text!(
                ko: "{minutes}분 평균이 {a}뿐이라 나누어도 달라지는 것이 보이지 않습니다. 부하를 조금 만든 뒤에 다시 하십시오.",
                en: "With a {minutes}-minute average of only {a}, dividing changes nothing that could be seen. Make some load first and try again."
            ),
        );
        report.next(Text::fixed(
            "`live-probe run ch03-load-average/time-to-calm`을 실행하면 부하가 조금 생깁니다.",
            "`live-probe run ch03-load-average/time-to-calm` makes some.",
        ));
    }
    for path in [LoadAvg::PATH, OnlineCpus::PATH] {
        if let Ok(text) = now.read(path) {
            report.reading(path, text.trim_end());
        }
    }
    Ok(())
}

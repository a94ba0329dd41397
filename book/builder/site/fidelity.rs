//! The fidelity line under a figure: what was replayed against the model, and what came of it.

use std::fmt::Write;
use std::sync::OnceLock;

use sim_core::fidelity::{TraceReport, embedded, replay_all};
use sim_core::{Contract, Lang, Text, text};

use super::html::escape;
use super::value::grouped;

/// The traces inside this binary, replayed once for the life of the process.
fn reports() -> &'static [TraceReport] {
    static REPORTS: OnceLock<Vec<TraceReport>> = OnceLock::new();
    REPORTS.get_or_init(|| replay_all(&embedded()).0)
}

/// The line and, folded, what the model promises.
pub fn html(model: &str, contract: &Contract, lang: Lang) -> String {
    let recorded_as = sim_core::find(model).map_or(model, |entry| entry.recorded_as);
    let reports: Vec<&TraceReport> = reports().iter().filter(|report| report.model == recorded_as).collect();
    let mut html = String::new();
    let fails = if reports.iter().all(|report| report.pass) { "" } else { " sim-fidelity-fails" };
    let _ = write!(html, "<p class=\"sim-fidelity{fails}\">{}</p>", escape(line(&reports).get(lang)));
    let title = Text::fixed("이 모델이 다루는 것과 빼는 것", "What this model covers and what it leaves out");
    let _ = write!(html, "<details class=\"sim-contract\"><summary>{}</summary><dl>", title.get(lang));
    let mut entry = |name: Text, body: String| {
        let _ = write!(html, "<dt>{}</dt><dd>{body}</dd>", name.get(lang));
    };
    entry(Text::fixed("커널", "Kernels"), escape(contract.kernels.get(lang)));
    entry(Text::fixed("허용 오차", "Tolerance"), escape(contract.tolerance.get(lang)));
    let left_out = contract.leaves_out.iter().map(|text| escape(text.get(lang)));
    entry(Text::fixed("다루지 않는 것", "Left out"), list(left_out));
    let functions = contract.functions.iter().map(|name| format!("<code>{}</code>", escape(name)));
    entry(Text::fixed("커널 함수", "Kernel functions"), list(functions));
    let traces = reports.iter().map(|r| {
        let (trace, kernel) = (&r.trace, &r.kernel);
        let (compared, different) = (thousands(r.compared), thousands(r.mismatches));
        let mut line = text!(
            ko: "{trace}: 커널 {kernel}, 비교 {compared}, 다름 {different}",
            en: "{trace}: kernel {kernel}, compared {compared}, different {different}"
        );
        if r.tolerance > 0.0 {
            let (error, allowed) = (decimal(r.max_error), decimal(r.tolerance));
            let Text { ko, en } = &r.unit;
            line.ko.to_mut().push_str(&format!(", 가장 큰 오차 {error}{ko}(허용 {allowed})"));
            line.en.to_mut().push_str(&format!(", largest error {error}{en} ({allowed} allowed)"));
        }
        escape(line.get(lang))
    });
    entry(Text::fixed("녹화한 기록", "Recorded traces"), list(traces));
    html.push_str("</dl></details>");
    html
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    format!("<ul>{items}</ul>")
}

fn line(reports: &[&TraceReport]) -> Text {
    if reports.is_empty() {
        return Text::fixed(
            "충실도: 이 모델과 견줄 녹화 기록이 아직 없습니다.",
            "Fidelity: no recorded trace has been replayed against this model yet.",
        );
    }
    let traces = reports.len();
    let compared = thousands(reports.iter().map(|report| report.compared).sum());
    let mismatches: u64 = reports.iter().map(|report| report.mismatches).sum();
    // A trace may say the same of several kernels.
    let mut kernels: Vec<_> = reports.iter().flat_map(|r| r.kernel.split(", ")).map(release).collect();
    kernels.sort();
    kernels.dedup();
    let kernels = kernels.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    let (s, is) = if traces == 1 { ("", "") } else { ("s", "s") };
    let unreadable = reports.iter().filter(|report| report.compared == 0).count();
    // What comes closest to its limit says most.
    let share = |report: &TraceReport| report.max_error / report.tolerance;
    let tolerated = reports.iter().filter(|report| report.tolerance > 0.0 && report.max_error > 0.0);
    let worst = tolerated.max_by(|a, b| share(a).total_cmp(&share(b)));
    let mut text = if let (0, Some(worst)) = (mismatches, worst) {
        let (trace, error, allowed) = (&worst.trace, decimal(worst.max_error), decimal(worst.tolerance));
        let Text { ko, en } = &worst.unit;
        text!(
            ko: "충실도: 커널 {kernels}에서 녹화한 기록 {traces}개를 다시 돌려 값 {compared}개를 비교했고, 모두 허용 오차 안입니다. 한계에 가장 가까운 것은 {trace}의 {error}{ko}입니다(허용 {allowed}).",
            en: "Fidelity: {traces} trace{s} recorded on kernel{is} {kernels} replayed, {compared} values compared, all within tolerance; closest to its limit is {trace} with {error}{en} ({allowed} allowed)."
        )
    } else if mismatches == 0 {
        text!(
            ko: "충실도: 커널 {kernels}에서 녹화한 기록 {traces}개를 다시 돌려 값 {compared}개를 비교했고, 모두 같았습니다.",
            en: "Fidelity: {traces} trace{s} recorded on kernel{is} {kernels} replayed, {compared} values compared, none differs."
        )
    } else {
        let mismatches = thousands(mismatches);
        text!(
            ko: "충실도: 커널 {kernels}에서 녹화한 기록 {traces}개를 다시 돌려 값 {compared}개를 비교했고, {mismatches}개가 달랐습니다.",
            en: "Fidelity: {traces} trace{s} recorded on kernel{is} {kernels} replayed, {compared} values compared, {mismatches} differ."
        )
    };
    if unreadable > 0 {
        text.ko.to_mut().push_str(&format!(" 읽지 못한 기록이 {unreadable}개 있습니다."));
        text.en.to_mut().push_str(&format!(" {unreadable} could not be read."));
    }
    text
}

/// `6.1.0-48-amd64` as its numbers, to sort by, and as `6.1`, to read.
fn release(kernel: &str) -> (Vec<u32>, &str) {
    let numbers: Vec<u32> = kernel.split(['.', '-']).map_while(|part| part.parse().ok()).take(2).collect();
    let length = kernel.match_indices(['.', '-']).nth(1).map_or(kernel.len(), |(at, _)| at);
    (numbers, &kernel[..length])
}

/// An error as one reads it: whole from a hundred on, else to two decimals.
fn decimal(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 { thousands(value.round() as u64) } else { format!("{value:.2}") }
}

fn thousands(n: u64) -> String {
    grouped(n.into(), ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kernel: &str, compared: u64, mismatches: u64) -> TraceReport {
        TraceReport {
            model: "m".into(),
            trace: "t".into(),
            kernel: kernel.into(),
            compared,
            mismatches,
            max_error: 0.0,
            tolerance: 0.0,
            unit: Text::fixed("%", " % of it"),
            pass: compared > 0 && mismatches == 0,
            note: String::new(),
        }
    }

    #[test]
    fn the_line_says_what_was_measured() {
        for (reports, ko, en) in [
            (vec![], "아직 없습니다", "no recorded trace"),
            (
                vec![report("6.18.44", 1200, 0), report("6.1.0-48-amd64", 34, 0), report("6.1.0", 1, 0)],
                "커널 6.1, 6.18에서 녹화한 기록 3개를 다시 돌려 값 1,235개를 비교했고, 모두 같았습니다.",
                "3 traces recorded on kernels 6.1, 6.18 replayed, 1,235 values compared, none differs.",
            ),
            (
                vec![report("5.10.0", 10, 2)],
                "2개가 달랐습니다",
                "1 trace recorded on kernel 5.10 replayed, 10 values compared, 2 differ",
            ),
            (vec![report("5.10.0", 10, 0), report("?", 0, 0)], "읽지 못한 기록이 1개", "1 could not be read"),
            (
                vec![
                    TraceReport { max_error: 2.241, tolerance: 5.0, ..report("6.1.0", 10, 0) },
                    TraceReport { max_error: 959.0, tolerance: 9114.0, ..report("6.1.0", 10, 0) },
                ],
                "모두 허용 오차 안입니다. 한계에 가장 가까운 것은 t의 2.24%입니다(허용 5)",
                "all within tolerance; closest to its limit is t with 2.24 % of it (5 allowed)",
            ),
        ] {
            let line = line(&reports.iter().collect::<Vec<_>>());
            assert!(line.ko.contains(ko), "{}", line.ko);
            assert!(line.en.contains(en), "{}", line.en);
        }
    }

    #[test]
    fn every_model_of_the_book_was_replayed() {
        for entry in sim_core::catalogue() {
            let html = html(entry.name, &(entry.contract)(), Lang::En);
            let holds = ["none differs", "all within tolerance"].iter().any(|said| html.contains(said));
            assert!(holds && !html.contains("could not be read"), "{html}");
        }
    }
}

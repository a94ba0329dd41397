//! `live-probe doctor`: what this machine is, and which exercises that opens.

use exercises::catalogue;
use serde::Serialize;
use sim_core::{Lang, Text, text};

use super::cost::{self, Cost, Pair};
use super::describe::describe;
use super::needs::{Opening, opening};
use super::profile::Profile;
use crate::columns::{Side, labelled, printable, table, terminal_width, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `doctor`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Also measure what a sample costs.
    #[arg(long)]
    pub cost: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Formats of the report.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// One document.
    Json,
}

/// Words of `doctor`.
pub static HELP: Help = Help::new(
    "이 컴퓨터가 어떤 컴퓨터이고 어떤 연습 문제를 할 수 있는지 살펴봅니다",
    "Say what this machine is and which exercises it opens",
)
.args(&[
    (
        "cost",
        "컴퓨터를 한 번 들여다보는 비용도 잽니다(1초쯤)",
        "Also measure what one look at the machine costs (about a second)",
    ),
    ("format", "출력 형식", "Output format"),
]);

/// Everything the doctor finds.
#[derive(Debug, Serialize)]
struct Report {
    /// What stands in the way of everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    lacking: Option<Text>,
    profile: Profile,
    exercises: Vec<Opening>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

/// Prints what the machine is. Closed exercises are no failure.
///
/// # Errors
/// `--root` cannot be read, or `--cost` is asked of another machine.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.cost && context.elsewhere() {
        return Err(Failure::usage(Text::fixed(
            "--cost는 이 컴퓨터에서만 잴 수 있습니다. --root 없이 쓰십시오.",
            "--cost is measured on this machine only; use it without --root.",
        )));
    }
    if args.cost {
        context.needs_kernel("--cost")?;
    }
    let machine = context.open()?;
    let profile = Profile::of(machine.as_ref());
    let lacking = super::no_kernel(context.root.as_deref()).filter(|_| context.machine.is_none());
    let exercises = catalogue().iter().map(|exercise| match &lacking {
        Some(why) => Opening::closed(exercise, why.clone()),
        None => opening(exercise, machine.as_ref(), &profile),
    });
    let exercises = exercises.collect();
    let cost = args.cost.then(cost::measure).transpose();
    let cost = cost.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    let report = Report { lacking, profile, exercises, cost };
    context.print(&match args.format {
        Format::Table => words(&report, context.lang),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report);
            json.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))? + "\n"
        }
    })?;
    Ok(Exit::Pass)
}

fn words(report: &Report, lang: Lang) -> String {
    let facts = match &report.lacking {
        Some(why) => vec![(Text::fixed("커널", "kernel"), why.clone())],
        None => describe(&report.profile),
    };
    let facts: Vec<_> = facts.iter().map(|(label, words)| (label.get(lang), printable(words.get(lang)))).collect();
    let facts: Vec<_> = facts.iter().map(|(label, words)| (*label, words.as_str())).collect();
    let mut out = labelled(&facts, 0, terminal_width());
    if let Some(Cost { sample, cpu_pct_at_1_hz, chapters }) = report.cost {
        let Pair { sample_us, raw_us, ratio } = sample;
        let (all_us, all_raw_us, all_ratio) = (chapters.sample_us, chapters.raw_us, chapters.ratio);
        let line = text!(
            ko: "한 번 들여다보는 비용: {sample_us:.1}µs(같은 파일을 열어 읽기 {raw_us:.1}µs, {ratio:.2}배). 1초마다 보면 CPU 하나의 {cpu_pct_at_1_hz:.4}%. 모든 장의 수치를 한 번 보는 비용: {all_us:.0}µs(같은 파일 읽기 {all_raw_us:.0}µs, {all_ratio:.2}배)",
            en: "one look costs {sample_us:.1} µs (opening and reading the same files {raw_us:.1} µs, ratio {ratio:.2}); once a second, that is {cpu_pct_at_1_hz:.4} % of a CPU; one look at the figures of every chapter costs {all_us:.0} µs (the same files read {all_raw_us:.0} µs, ratio {all_ratio:.2})"
        );
        out.push_str(&format!("\n{}", wrap(line.get(lang), 0, terminal_width())));
    }
    let open = report.exercises.iter().filter(|opening| opening.open).count();
    let all = report.exercises.len();
    let heading = text!(ko: "할 수 있는 연습 문제 {open}/{all}", en: "exercises open here: {open} of {all}");
    out.push_str(&format!("\n{}\n", heading.get(lang)));
    let state = |open| if open { Text::fixed("열림", "open") } else { Text::fixed("닫힘", "closed") };
    let row = |opening: &Opening| {
        let state = state(opening.open).get(lang).to_owned();
        vec![opening.exercise.clone(), state, opening.title.get(lang).to_owned()]
    };
    let rows = table(&[Side::Left; 3], &report.exercises.iter().map(row).collect::<Vec<_>>());
    for (opening, row) in report.exercises.iter().zip(rows.lines()) {
        out.push_str(&format!("{row}\n"));
        let said = |line: &&Text| report.lacking.as_ref() != Some(line);
        for line in opening.why.iter().chain(&opening.notes).filter(said) {
            out.push_str(&wrap(&printable(line.get(lang)), 4, terminal_width()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{NO_KERNEL, NoKernel};
    use super::*;

    #[test]
    fn a_lack_that_closes_everything_is_said_once() {
        let exercises = catalogue().iter().map(|exercise| Opening::closed(exercise, NO_KERNEL)).collect();
        let report = Report { lacking: Some(NO_KERNEL), profile: Profile::of(&NoKernel), exercises, cost: None };
        for (lang, said, heading) in [
            (Lang::Ko, "리눅스 커널이 없습니다", "할 수 있는 연습 문제 0/"),
            (Lang::En, "no Linux kernel", "exercises open here: 0 of "),
        ] {
            let words = words(&report, lang);
            let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(flat.matches(said).count(), 1, "{words}");
            assert!(words.contains(heading) && words.lines().count() < catalogue().len() + 8, "{words}");
        }
    }
}

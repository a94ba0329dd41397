//! Judgements for a person: figures side by side, why, and what to do now.

use exercises::{Column, Exercise, Judgement, Source, Verdict};
use sim_core::{Lang, Text, text};

use super::{Judged, Summary};
use crate::columns::{self, Side, bullet, printable, table, wrap};
use crate::context::Context;

/// Stands where there is no figure.
const NOTHING: &str = "-";
/// Lines of a file that are quoted.
const EXCERPT_LINES: usize = 6;

/// One exercise in full, several in a few lines each.
pub(super) fn render(judged: &[Judged<'_>], context: &Context) -> String {
    let width = columns::terminal_width();
    if let [(exercise, judgement)] = judged {
        return full(exercise, judgement, context, width);
    }
    let mut out = String::new();
    for chunk in judged.chunk_by(|(a, _), (b, _)| a.chapter() == b.chapter()) {
        out.push_str(&format!("{}\n\n", chunk[0].0.chapter()));
        for (exercise, judgement) in chunk {
            out.push_str(&line(exercise, judgement, context));
            out.push_str(&brief(judgement, context.lang, width));
        }
        out.push('\n');
    }
    let summary = Summary::of(judged.iter().map(|(_, judgement)| judgement.verdict));
    out.push_str(&format!("{}\n", summary.text().get(context.lang)));
    out
}

/// What keeps an exercise from passing. Where nothing has been measured yet, what to do says it all.
fn brief(judgement: &Judgement, lang: Lang, width: usize) -> String {
    let mut out = String::new();
    if judgement.verdict == Verdict::Pass {
        return out;
    }
    let untouched = judgement.verdict == Verdict::Fail && judgement.columns.is_empty() && judgement.next.is_some();
    if !untouched {
        out.push_str(&wrap(&printable(judgement.reason.get(lang)), 2, width));
    }
    if let Some(next) = &judgement.next {
        out.push_str(&wrap(&command(next.get(lang)), 2, width));
    }
    out
}

/// The verdict and the name of an exercise.
pub fn line(exercise: &Exercise, judgement: &Judgement, context: &Context) -> String {
    let verdict = verdict(judgement.verdict, context);
    format!("[{verdict}] {}  {}\n", exercise.slug(), exercise.title.get(context.lang))
}

/// The first lines of a full report.
fn headline(exercise: &Exercise, judgement: &Judgement, context: &Context) -> String {
    format!("[{}] {}\n{}\n", verdict(judgement.verdict, context), exercise.title.get(context.lang), exercise.id)
}

/// Everything the judge said.
pub fn full(exercise: &Exercise, judgement: &Judgement, context: &Context, width: usize) -> String {
    let lang = context.lang;
    let mut out = headline(exercise, judgement, context);
    if !judgement.columns.is_empty() {
        out.push('\n');
        out.push_str(&figures(&judgement.columns, judgement.source.filter(|_| context.elsewhere()), lang, width));
    }
    out.push('\n');
    out.push_str(&wrap(&printable(judgement.reason.get(lang)), 0, width));
    for detail in &judgement.details {
        out.push_str(&bullet(&printable(detail.get(lang)), 2, width));
    }
    if !judgement.readings.is_empty() {
        let heading = Text::fixed("읽은 것", "What was read");
        out.push_str(&format!("\n{}\n", heading.get(lang)));
        for reading in &judgement.readings {
            let excerpt = printable(reading.excerpt.get(lang).trim_end());
            let mut lines = excerpt.lines();
            match (lines.next(), lines.next()) {
                (Some(only), None) => out.push_str(&wrap(&format!("{}: {only}", reading.path), 2, width)),
                _ => {
                    out.push_str(&format!("  {}:\n", reading.path));
                    for line in excerpt.lines().take(EXCERPT_LINES) {
                        out.push_str(&wrap(line, 4, width));
                    }
                    if excerpt.lines().count() > EXCERPT_LINES {
                        out.push_str("    …\n");
                    }
                }
            }
        }
    }
    if let Some(token) = &judgement.token {
        let same = text!(
            ko: "시뮬레이터에서 다시 보기:\n  live-probe sim --token {token}",
            en: "See the simulated run again:\n  live-probe sim --token {token}"
        );
        out.push_str(&format!("\n{}\n", same.get(lang)));
    }
    if judgement.verdict == Verdict::Pass {
        let heading = Text::fixed("풀이", "Why it is so");
        out.push_str(&format!(
            "\n{}\n{}",
            heading.get(lang),
            wrap(&printable(exercise.explanation.get(lang)), 0, width)
        ));
    }
    if let Some(next) = &judgement.next {
        out.push_str(&format!("\n{}", wrap(&command(next.get(lang)), 0, width)));
    }
    out
}

/// Prediction, simulator and machine side by side; `source` when the machine is not the reader's own.
fn figures(columns: &[Column], source: Option<Source>, lang: Lang, width: usize) -> String {
    let measured = match source {
        Some(Source::Recorded) => Text::fixed("측정(기록)", "measured (recorded)"),
        Some(Source::Simulated) => Text::fixed("측정(가상)", "measured (simulated)"),
        Some(Source::Live) | None => Text::fixed("측정", "measured"),
    };
    let heading = [&Text::fixed("예측", "prediction"), &Text::fixed("시뮬레이터", "simulator"), &measured];
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(heading.iter().map(|text| text.get(lang).to_owned()));
    for column in columns {
        let unit = column.unit.get(lang);
        let value = |value: &Option<Text>| match value {
            None => NOTHING.to_owned(),
            Some(value) if unit.is_empty() => printable(value.get(lang)),
            Some(value) => format!("{} {unit}", printable(value.get(lang))),
        };
        rows.push(vec![
            column.label.get(lang).to_owned(),
            value(&column.prediction),
            value(&column.simulated),
            value(&column.measured),
        ]);
    }
    let beside = table(&[Side::Left, Side::Right, Side::Right, Side::Right], &rows);
    let fits = beside.lines().all(|line| columns::width(line) <= width);
    // Answers in words may not fit beside each other.
    let mut out = if fits { beside } else { below(&rows, width) };
    for column in columns {
        if let Some(difference) = &column.difference {
            let line = format!("{}: {}", column.label.get(lang), printable(difference.get(lang)));
            out.push_str(&wrap(&line, 2, width));
        }
    }
    out
}

/// A table whose rows do not fit: the cells of a row below each other, each behind its heading.
fn below(rows: &[Vec<String>], width: usize) -> String {
    let Some((heading, rows)) = rows.split_first() else { return String::new() };
    let mut out = String::new();
    for row in rows {
        let cells = heading.iter().zip(row).skip(1).map(|(head, cell)| (head.as_str(), cell.as_str()));
        let cells: Vec<_> = cells.filter(|(_, cell)| *cell != NOTHING).collect();
        out.push_str(&wrap(&row[0], 0, width));
        out.push_str(&columns::labelled(&cells, 2, width));
    }
    out
}

/// What to do now. A command that stands alone is copied more easily without its backticks; within
/// a sentence they keep it apart from the words around it.
fn command(next: &str) -> String {
    let next = printable(next);
    let alone = next
        .strip_prefix('`')
        .and_then(|rest| rest.split_once('`'))
        .filter(|(_, after)| after.is_empty() || after.starts_with(' '));
    match alone {
        Some((typed, after)) => format!("→ {typed}{after}"),
        None => format!("→ {next}"),
    }
}

/// The verdict, coloured where a colour can be seen.
fn verdict(verdict: Verdict, context: &Context) -> String {
    let word = verdict.text().get(context.lang).to_owned();
    if !context.colour {
        return word;
    }
    let colour = match verdict {
        Verdict::Pass => 32,
        Verdict::Fail => 31,
        Verdict::CannotCheck | Verdict::Denied | Verdict::Inconclusive | Verdict::Error => 33,
    };
    format!("\x1b[{colour}m{word}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use exercises::Reading;

    use super::*;

    fn judgement(verdict: Verdict) -> Judgement {
        let text = |words: &str| Some(Text::verbatim(words));
        Judgement {
            exercise: "ch03-load-average/load-after-a-minute".to_owned(),
            verdict,
            reason: Text::fixed("측정값은 0.65입니다.", "The machine says 0.65."),
            details: vec![Text::fixed(
                "커널은 그동안 열두 번 세었습니다. 시작할 때 남아 있던 0.10 가운데 0.03이 남았고 세어서 더한 것이 0.64입니다.",
                "The kernel counted 12 times meanwhile: 0.03 was left of the 0.10 at the start, and counting added 0.64.",
            )],
            next: Some(Text::fixed("`live-probe check all`", "`live-probe check all`")),
            columns: vec![
                Column {
                    label: Text::fixed("1분 평균", "1-minute average"),
                    prediction: text("0.63"),
                    simulated: text("0.64"),
                    measured: text("0.65"),
                    difference: Some(Text::fixed("0.02 낮게 예측", "predicted 0.02 too low")),
                    ..Column::default()
                },
                Column {
                    label: Text::fixed("걸린 시간", "time"),
                    measured: text("12.5"),
                    unit: Text::fixed("초", "s"),
                    ..Column::default()
                },
            ],
            curves: None,
            token: Some("load-average.1.AAAA".to_owned()),
            readings: vec![
                Reading { path: "/proc/loadavg".to_owned(), excerpt: Text::verbatim("0.65 0.20 0.10 2/190 1202\n") },
                Reading { path: "/proc/stat".to_owned(), excerpt: Text::verbatim("a\nb\nc\nd\ne\nf\ng\n\x1b[2J") },
            ],
            source: Some(Source::Live),
        }
    }

    #[test]
    fn a_report_is_aligned_in_both_languages() {
        let exercise = &exercises::catalogue()[0];
        for lang in Lang::ALL {
            for colour in [false, true] {
                let context = Context::new(lang, None, colour);
                let report = full(exercise, &judgement(Verdict::Inconclusive), &context, 80);
                // Title and id are the exercise's own.
                let (head, rest) = report.split_once("\n\n").unwrap();
                insta::assert_snapshot!(format!("report_{lang}"), rest);
                assert_eq!(head.contains("\x1b[33m"), colour);
                assert!(!rest.contains('\x1b'), "only the verdict has a colour, and a file has no say");
            }
        }
    }

    #[test]
    fn figures_that_do_not_fit_beside_each_other_stand_below() {
        let mut judgement = judgement(Verdict::Fail);
        judgement.columns[0].measured = Some(Text::fixed(
            "약속의 합이 한도를 넘어서 거절됩니다",
            "refused, as the sum of promises would pass the limit",
        ));
        for (lang, want) in [
            (
                Lang::Ko,
                "1분 평균\n  예측        0.63\n  시뮬레이터  0.64\n  측정        약속의 합이 한도를 넘어서\n\
                 \x20             거절됩니다\n걸린 시간\n  측정  12.5 초\n",
            ),
            (
                Lang::En,
                "1-minute average\n  prediction  0.63\n  simulator   0.64\n  measured    refused, as the sum of promises\n\
                 \x20             would pass the limit\ntime\n  measured  12.5 s\n",
            ),
        ] {
            let out = figures(&judgement.columns, None, lang, 48);
            assert!(out.starts_with(want), "{out}");
            assert!(out.lines().all(|line| columns::width(line) <= 48), "{out}");
        }
    }

    #[test]
    fn a_command_alone_is_ready_to_be_copied() {
        for (next, want) in [
            ("`live-probe check all`", "→ live-probe check all"),
            ("`live-probe run x` (takes 66 s)", "→ live-probe run x (takes 66 s)"),
            ("`live-probe hint x`로 힌트를 보십시오.", "→ `live-probe hint x`로 힌트를 보십시오."),
            ("See `live-probe hint x`.", "→ See `live-probe hint x`."),
            ("`", "→ `"),
        ] {
            assert_eq!(command(next), want);
        }
    }

    #[test]
    fn several_exercises_take_a_few_lines_each() {
        let exercise = &exercises::catalogue()[0];
        let judged = [(exercise, judgement(Verdict::Pass)), (exercise, judgement(Verdict::Denied))];
        let context = Context::new(Lang::En, None, false);
        let report = render(&judged, &context);
        let slug = exercise.slug();
        assert!(report.contains(&format!("[pass] {slug}  ")), "{report}");
        assert!(report.contains(&format!("[denied] {slug}  ")), "{report}");
        assert_eq!(report.matches("The machine says").count(), 1, "a pass needs no reason: {report}");
        assert!(report.contains("→ live-probe check all\n"), "{report}");
        assert!(report.ends_with("1 passed, 0 not yet, 1 not checked\n"), "{report}");
    }
}

//! Checks exercise files: what a reader would otherwise stumble over.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use sim_core::{Lang, Text, text};

use super::fixtures;
use super::locate::Source;
use crate::{Check, Exercise, FORMAT_VERSION, Load, Pick, Prediction};

/// Something wrong with an exercise file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as a path from the folder of the exercises.
    pub file: String,
    /// The line, from 1, where it can be told.
    pub line: Option<usize>,
    /// The field, as a path: `prediction.tolerance`; empty for the file as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: Text,
}

/// `file:line: field: message`, in English.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_lang(Lang::En))
    }
}

impl Finding {
    /// `file:line: field: message`.
    pub fn in_lang(&self, lang: Lang) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        format!("{}{line}: {field}{}", self.file, self.message.get(lang))
    }
}

/// The problems of one file: field and message.
pub(super) type Problems = Vec<(String, Text)>;

/// Checks every exercise of a folder that holds one folder a chapter; empty when all is well.
///
/// An exercise must be complete in both languages, have at least three hints, a bounded workload, a
/// scenario that runs and a rule that fits its prediction; its fixtures must get their verdicts, and
/// among them are an untouched machine that fails, a solution that passes and a machine on which it
/// cannot be checked.
pub fn lint(dir: &Path) -> Vec<Finding> {
    match chapters(dir) {
        Ok(files) => lint_files(dir, &files),
        Err(error) => vec![Finding {
            file: dir.display().to_string(),
            line: None,
            field: String::new(),
            message: text!(ko: "폴더를 읽을 수 없습니다({error})", en: "the folder cannot be read ({error})"),
        }],
    }
}

/// Every `chapter/exercise.toml`, sorted.
fn chapters(dir: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for chapter in fs::read_dir(dir)? {
        let chapter = chapter?;
        let name = chapter.file_name().to_string_lossy().into_owned();
        if !chapter.file_type()?.is_dir() || !is_chapter(&name) {
            continue;
        }
        for file in fs::read_dir(chapter.path())? {
            let file = file?.file_name().to_string_lossy().into_owned();
            if file.ends_with(".toml") {
                files.push(format!("{name}/{file}"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// `ch03-load-average` or `a-kernel-build`.
fn is_chapter(name: &str) -> bool {
    let (first, rest) = name.split_once('-').unwrap_or((name, ""));
    let numbered = first.strip_prefix("ch").is_some_and(|n| n.len() == 2 && n.bytes().all(|b| b.is_ascii_digit()));
    !rest.is_empty() && (numbered || (first.len() == 1 && first.bytes().all(|b| b.is_ascii_lowercase())))
}

fn lint_files(dir: &Path, files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut places: BTreeMap<(String, u32), String> = BTreeMap::new();
    for file in files {
        let finding = |line, field: String, message| Finding { file: file.clone(), line, field, message };
        let text = match fs::read_to_string(dir.join(file)) {
            Ok(text) => text,
            Err(error) => {
                let message = text!(ko: "읽을 수 없습니다({error})", en: "cannot be read ({error})");
                findings.push(finding(None, String::new(), message));
                continue;
            }
        };
        let source = Source::new(&text);
        let exercise = match source.exercise() {
            Ok(exercise) => exercise,
            Err((line, field, message)) => {
                findings.push(finding(line, field, message));
                continue;
            }
        };
        let mut problems = problems(&exercise, file);
        let place = (exercise.chapter().to_owned(), exercise.order);
        if let Some(other) = places.insert(place, exercise.id.clone()) {
            let order = exercise.order;
            problems.push((
                "order".into(),
                text!(ko: "{order}번은 이미 {other}의 자리입니다", en: "{order} is already the place of {other}"),
            ));
        }
        // Fixtures of a file with other problems would only repeat them.
        if problems.is_empty() {
            let folder = dir.join(exercise.chapter());
            fixtures::check(&exercise, &folder, &mut problems);
        }
        findings.extend(problems.into_iter().map(|(field, message)| finding(source.line(&field), field, message)));
    }
    findings
}

/// What is wrong with an exercise by itself.
fn problems(exercise: &Exercise, file: &str) -> Problems {
    let mut problems = Problems::new();
    let mut bad = |field: &str, message: Text| problems.push((field.to_owned(), message));
    if exercise.format_version != FORMAT_VERSION {
        bad("format_version", text!(ko: "{FORMAT_VERSION}이어야 합니다", en: "must be {FORMAT_VERSION}"));
    }
    let id = file.trim_end_matches(".toml");
    if exercise.id != id {
        bad(
            "id",
            text!(ko: "폴더와 파일 이름에 따라 `{id}`이어야 합니다", en: "must be `{id}`, as folder and file say"),
        );
    }
    if exercise.order == 0 {
        bad("order", Text::fixed("1부터 시작합니다", "counts from 1"));
    }
    if exercise.hints.len() < 3 {
        let n = exercise.hints.len();
        bad("hints", text!(ko: "힌트가 {n}개입니다. 3개 이상이어야 합니다", en: "{n} hints; at least 3 are needed"));
    }
    for (field, kernel) in
        [("needs.kernel", &exercise.needs.kernel), ("needs.kernel_before", &exercise.needs.kernel_before)]
    {
        if kernel.as_deref().is_some_and(|k| k.parse::<sim_core::KernelVersion>().is_err()) {
            bad(field, Text::fixed("`4.20`과 같은 커널 버전이어야 합니다", "must be a kernel version such as `4.20`"));
        }
    }
    for (field, text) in texts(exercise) {
        if let Some(message) = words(text) {
            bad(&field, message);
        }
    }
    scenario(exercise, &mut bad);
    prediction(exercise, &mut bad);
    workload(exercise, &mut bad);
    if exercise.check.generic() {
        super::rules::problems(exercise, &mut bad);
    } else {
        rule(exercise, &mut bad);
    }
    problems
}

/// Every text of an exercise with the path of its field.
fn texts(exercise: &Exercise) -> Vec<(String, &Text)> {
    let mut texts = vec![
        ("title".to_owned(), &exercise.title),
        ("story".to_owned(), &exercise.story),
        ("question".to_owned(), &exercise.question),
        ("explanation".to_owned(), &exercise.explanation),
        ("prediction.label".to_owned(), exercise.prediction.label()),
    ];
    let each = |name: &str, i: usize, rest: &str| format!("{name}[{i}]{rest}");
    texts.extend(exercise.hints.iter().enumerate().map(|(i, hint)| (each("hints", i, ""), hint)));
    texts.extend(exercise.commands.iter().enumerate().map(|(i, c)| (each("commands", i, ".shows"), &c.shows)));
    texts.extend(exercise.needs.otherwise.as_ref().map(|text| ("needs.otherwise".to_owned(), text)));
    let that = exercise.needs.that.iter().enumerate();
    texts.extend(that.map(|(i, that)| (each("needs.that", i, ".says"), &that.says)));
    texts.extend(super::rules::texts(&exercise.check));
    if let Prediction::Choice { options, .. } = &exercise.prediction {
        let options = options.iter().enumerate();
        texts.extend(options.map(|(i, option)| (each("prediction.options", i, ".text"), &option.text)));
    }
    texts
}

/// What is wrong with a text: a language that is missing, or was left in the other one.
fn words(text: &Text) -> Option<Text> {
    let hangul = |s: &str| s.chars().any(|c| ('가'..='힣').contains(&c));
    let letters = |s: &str| s.chars().any(char::is_alphabetic);
    if text.ko.trim().is_empty() {
        Some(Text::fixed("한국어가 비어 있습니다", "the Korean is empty"))
    } else if text.en.trim().is_empty() {
        Some(Text::fixed("영어가 비어 있습니다", "the English is empty"))
    } else if hangul(&text.en) {
        Some(Text::fixed("영어에 한글이 있습니다", "the English has Hangul in it"))
    } else if text.ko == text.en && letters(&text.en) {
        Some(Text::fixed("두 언어가 같습니다", "both languages are the same"))
    } else if letters(&text.en) && !hangul(&text.ko) {
        Some(Text::fixed("한국어에 한글이 없습니다", "the Korean has no Hangul in it"))
    } else {
        None
    }
}

fn scenario(exercise: &Exercise, bad: &mut impl FnMut(&str, Text)) {
    let Some(crate::Scenario { model, preset, token }) = &exercise.scenario else { return };
    let Some(entry) = sim_core::find(model) else {
        return bad("scenario.model", text!(ko: "`{model}` 모델은 없습니다", en: "there is no model `{model}`"));
    };
    match (preset, token) {
        (Some(preset), None) => {
            if entry.run_preset(preset).is_none() {
                let names = (entry.presets)().iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
                bad(
                    "scenario.preset",
                    text!(ko: "`{preset}` 프리셋은 없습니다. {names}", en: "there is no preset `{preset}`; there are {names}"),
                );
            }
        }
        (None, Some(token)) => {
            if let Err(error) = entry.run_token(token) {
                bad("scenario.token", error.text());
            }
        }
        _ => bad(
            "scenario",
            Text::fixed("preset과 token 가운데 하나만 있어야 합니다", "needs either a preset or a token"),
        ),
    }
}

fn prediction(exercise: &Exercise, bad: &mut impl FnMut(&str, Text)) {
    match &exercise.prediction {
        Prediction::Number { min, max, step, tolerance, .. } => {
            if !(min.is_finite() && max.is_finite() && min < max) {
                bad("prediction.max", Text::fixed("min보다 커야 합니다", "must be above min"));
            }
            if !(*step > 0.0 && *step <= max - min) {
                bad(
                    "prediction.step",
                    Text::fixed("0보다 크고 범위보다 작아야 합니다", "must be above 0 and within the range"),
                );
            }
            if !(*tolerance >= 0.0 && *tolerance < max - min) {
                bad(
                    "prediction.tolerance",
                    Text::fixed("0 이상이고 범위보다 작아야 합니다", "must be 0 or more and within the range"),
                );
            }
        }
        Prediction::Word { .. } | Prediction::Nothing { .. } => {}
        Prediction::Choice { options, .. } => {
            let unique: std::collections::BTreeSet<_> = options.iter().map(|o| o.id.to_ascii_lowercase()).collect();
            if options.len() < 2 || unique.len() != options.len() {
                bad(
                    "prediction.options",
                    Text::fixed(
                        "서로 다른 id가 둘 이상 있어야 합니다",
                        "needs two or more, each with an id of its own",
                    ),
                );
            }
            let plain =
                |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'=');
            for (i, option) in options.iter().enumerate().filter(|(_, option)| !plain(&option.id)) {
                let id = &option.id;
                bad(
                    &format!("prediction.options[{i}].id"),
                    text!(ko: "`{id}`: 영문자, 숫자, `-`, `=`만 쓸 수 있습니다", en: "`{id}`: only letters, digits, `-` and `=` are allowed"),
                );
            }
        }
    }
}

fn workload(exercise: &Exercise, bad: &mut impl FnMut(&str, Text)) {
    let Some(workload) = &exercise.workload else { return };
    for (field, message) in workload.problems() {
        bad(&format!("workload.{field}"), message);
    }
    let id = &exercise.id;
    if !exercise.commands.iter().any(|command| command.run == format!("live-probe run {id}")) {
        bad(
            "commands",
            text!(ko: "`live-probe run {id}` 명령이 있어야 합니다", en: "must contain `live-probe run {id}`"),
        );
    }
}

/// Whether the rule fits prediction and workload.
fn rule(exercise: &Exercise, bad: &mut impl FnMut(&str, Text)) {
    let number = matches!(exercise.prediction, Prediction::Number { .. });
    let needs_number = !matches!(exercise.check, Check::RunningAndBlocked { .. } | Check::WhichLoad { .. });
    if number != needs_number {
        bad("prediction.kind", Text::fixed("check.rule과 맞지 않습니다", "does not fit check.rule"));
    }
    let needs_workload = !matches!(exercise.check, Check::LoadPerCpu { .. });
    let Some(workload) = exercise.workload.as_ref().filter(|_| needs_workload) else {
        if needs_workload != exercise.workload.is_some() {
            bad("workload", Text::fixed("check.rule과 맞지 않습니다", "does not fit check.rule"));
        }
        return;
    };
    let choices: Vec<&str> = match &exercise.prediction {
        Prediction::Choice { options, .. } => options.iter().map(|option| option.id.as_str()).collect(),
        _ => Vec::new(),
    };
    let unknown = |name: &str| !choices.contains(&name);
    match &exercise.check {
        Check::WhichLoad { answers } => {
            if workload.pick != Pick::OneInSecret || answers.len() != workload.loads.len() {
                bad(
                    "check.answers",
                    Text::fixed(
                        "몰래 고르는 부하마다 답이 하나씩 있어야 합니다",
                        "needs one for each load that is picked in secret",
                    ),
                );
            }
            for (i, name) in answers.iter().enumerate().filter(|(_, name)| unknown(name)) {
                bad(
                    &format!("check.answers[{i}]"),
                    text!(ko: "`{name}` 선택지는 없습니다", en: "there is no choice `{name}`"),
                );
            }
        }
        Check::RunningAndBlocked { answers } => {
            for (i, answer) in answers.iter().enumerate().filter(|(_, answer)| unknown(&answer.choice)) {
                let name = &answer.choice;
                bad(
                    &format!("check.answers[{i}].choice"),
                    text!(ko: "`{name}` 선택지는 없습니다", en: "there is no choice `{name}`"),
                );
            }
        }
        Check::TimeToFall { to_pct } => {
            if !(*to_pct > 0.0 && *to_pct < 100.0) {
                bad("check.to_pct", Text::fixed("0과 100 사이여야 합니다", "must be between 0 and 100"));
            }
            if workload.after_s == 0 {
                bad(
                    "workload.after_s",
                    Text::fixed("끝난 뒤를 기록해야 합니다", "the time after the load must be recorded"),
                );
            }
        }
        Check::LoadAtEnd { .. } if workload.loads.iter().any(|load| matches!(load, Load::PeriodicSleeper { .. })) => {
            bad(
                "workload.loads",
                Text::fixed("늘 활성인 태스크여야 합니다", "must be tasks that are active all the time"),
            );
        }
        _ => {}
    }
    if workload.pick == Pick::OneInSecret && !matches!(exercise.check, Check::WhichLoad { .. }) {
        bad("workload.pick", Text::fixed("which-load 규칙에서만 쓸 수 있습니다", "is for the rule which-load only"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_chapters_are_told_from_others() {
        for (name, want) in [
            ("ch03-load-average", true),
            ("a-kernel-build", true),
            ("src", false),
            ("ch3-x", false),
            ("ch03", false),
            ("target", false),
            ("fixtures-x", false),
        ] {
            assert_eq!(is_chapter(name), want, "{name}");
        }
    }

    #[test]
    fn a_text_must_be_written_in_its_language() {
        for (ko, en, ok) in [
            ("부하", "load", true),
            ("", "load", false),
            ("부하", " ", false),
            ("load", "load", false),
            ("the load", "load", false),
            ("부하", "부하", false),
            ("0.63", "0.63", true),
        ] {
            assert_eq!(words(&Text::fixed(ko, en)).is_none(), ok, "{ko:?} {en:?}");
        }
    }
}

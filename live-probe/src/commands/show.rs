//! One exercise in full.

use exercises::{Exercise, Kind, Prediction, ReadError};
use sim_core::{Lang, Text, text};

use crate::columns::{self, Side, table, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::{Done, Store};
use crate::select;

/// Arguments of `show`.
#[derive(clap::Args, Debug)]
pub struct Args {
    exercise: String,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Formats of an exercise.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Table,
    /// The exercise as its page has it, both languages.
    Json,
}

/// Words of `show`.
pub static HELP: Help = Help::new("연습 문제 하나를 보여 줍니다", "Show an exercise").args(&[
    ("exercise", "연습 문제 ID나 그 뒷부분", "Exercise id, or its part after the slash"),
    ("format", "출력 형식", "Output format"),
]);

/// Prints the exercise.
///
/// # Errors
/// There is no such exercise; progress cannot be read.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercise = select::one(&args.exercise)?;
    if args.format == Format::Json {
        let json = serde_json::to_string_pretty(exercise);
        let json = json.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
        context.print(&format!("{json}\n"))?;
        return Ok(Exit::Pass);
    }
    let (progress, notice) = Store::new(context.state_dir()?).read()?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let done = progress.exercises.get(&context.key(&exercise.id)).cloned().unwrap_or_default();
    context.print(&page(exercise, &done, context.lang, columns::terminal_width()))?;
    if context.machine.is_some() {
        context.print(&files(exercise, context)?)?;
    }
    Ok(Exit::Pass)
}

/// Most lines of a file that are shown.
const MOST_LINES: usize = 60;

/// What the exercise reads, as a recorded machine has it: what the reader would look up on a live one.
fn files(exercise: &Exercise, context: &Context) -> Result<String, Failure> {
    let machine = context.open()?;
    let lang = context.lang;
    let name = context.machine.as_deref().unwrap_or_default();
    let heading = text!(ko: "기록된 컴퓨터 {name}의 파일", en: "Files of the recorded machine {name}");
    let mut out = format!("\n{}\n", heading.get(lang));
    let paths = exercise.reads().into_iter().flat_map(|path| exercises::expand(machine.as_ref(), &path));
    for path in paths {
        match machine.read(&path) {
            Ok(text) => {
                out.push_str(&format!("\n  $ cat {path}\n"));
                let all = text.lines().count();
                text.lines()
                    .take(MOST_LINES)
                    .for_each(|line| out.push_str(&format!("  {}\n", columns::printable(line))));
                if all > MOST_LINES {
                    let more = all - MOST_LINES;
                    out.push_str(&format!(
                        "  {}\n",
                        text!(ko: "…({more}줄 더)", en: "… ({more} more lines)").get(lang)
                    ));
                }
            }
            Err(ReadError::NotFound) => {}
            Err(error) => out.push_str(&format!("\n  {}\n", error.text(&path).get(lang))),
        }
    }
    Ok(out)
}

fn page(exercise: &Exercise, done: &Done, lang: Lang, width: usize) -> String {
    let mut out = format!("{} ({})\n{}\n\n", exercise.title.get(lang), exercise.kind.text().get(lang), exercise.id);
    out.push_str(&wrap(exercise.story.get(lang), 0, width));
    out.push('\n');
    out.push_str(&wrap(exercise.question.get(lang), 0, width));
    section(&mut out, &needs(exercise), lang, width);

    if !exercise.commands.is_empty() {
        out.push_str(&format!("\n{}\n", Text::fixed("살펴볼 명령", "Commands to look with").get(lang)));
        let rows: Vec<_> = exercise
            .commands
            .iter()
            .map(|command| vec![format!("  {}", command.run), command.shows.get(lang).to_owned()])
            .collect();
        let aligned = table(&[Side::Left; 2], &rows);
        if aligned.lines().all(|line| columns::width(line) <= width) {
            out.push_str(&aligned);
        } else {
            for command in &exercise.commands {
                out.push_str(&format!("  {}\n", command.run));
                out.push_str(&wrap(command.shows.get(lang), 6, width));
            }
        }
    }

    out.push_str(&prediction(exercise, done, lang, width));

    let (shown, all) = (done.hints as usize, exercise.hints.len());
    let slug = exercise.slug();
    let hints = text!(
        ko: "힌트 {all}개 가운데 {shown}개를 보았습니다(live-probe hint {slug}).",
        en: "Hints seen: {shown} of {all} (live-probe hint {slug})."
    );
    out.push_str(&format!("\n{}\n", hints.get(lang)));
    if done.passed {
        let heading = Text::fixed("풀이", "Why it is so");
        out.push_str(&format!("\n{}\n{}", heading.get(lang), wrap(exercise.explanation.get(lang), 0, width)));
    }
    out
}

/// What the machine must have, and what will be done to it.
fn needs(exercise: &Exercise) -> Vec<Text> {
    let mut lines = Vec::new();
    lines.extend(exercise.needs.words().into_iter().map(|need| {
        let Text { ko, en } = need;
        text!(ko: "필요한 것: {ko}", en: "Needs {en}.")
    }));
    if !exercise.needs.files.is_empty() {
        let files = exercise.needs.files.join(", ");
        lines.push(text!(ko: "읽는 파일: {files}", en: "Reads: {files}"));
    }
    if let Some(workload) = &exercise.workload {
        let seconds = workload.total_s();
        lines.push(text!(
            ko: "컴퓨터에 부하를 걸고 모두 {seconds}초 동안 기록합니다.",
            en: "Loads the machine and records it, {seconds} s in all."
        ));
    }
    lines
}

fn section(out: &mut String, lines: &[Text], lang: Lang, width: usize) {
    if !lines.is_empty() {
        out.push('\n');
        for line in lines {
            out.push_str(&wrap(line.get(lang), 0, width));
        }
    }
}

/// What may be predicted, and what was.
fn prediction(exercise: &Exercise, done: &Done, lang: Lang, width: usize) -> String {
    let label = exercise.prediction.label().get(lang);
    let heading = match (&exercise.prediction, exercise.kind) {
        (Prediction::Nothing { .. }, _) => Text::fixed("할 것", "What to do"),
        (_, Kind::Observe | Kind::Diagnose) => Text::fixed("답할 것", "What to answer"),
        _ => Text::fixed("예측할 것", "What to predict"),
    };
    let mut out = format!("\n{}\n", heading.get(lang));
    match &exercise.prediction {
        Prediction::Choice { options, .. } => {
            out.push_str(&wrap(label, 2, width));
            let cells = options.iter().map(|option| columns::width(&option.id)).max().unwrap_or(0);
            for option in options {
                // The id is what is typed; its text may need several lines.
                let words = wrap(option.text.get(lang), 6 + cells, width);
                let gap = " ".repeat(cells - columns::width(&option.id) + 2);
                out.push_str(&format!("    {}{gap}{}", option.id, words.trim_start()));
            }
        }
        Prediction::Word { example, .. } => {
            let like = text!(ko: "{example} 같은 말", en: "a word such as {example}");
            let words = if example.is_empty() { label.to_owned() } else { format!("{label} ({})", like.get(lang)) };
            out.push_str(&wrap(&words, 2, width));
        }
        Prediction::Nothing { .. } => out.push_str(&wrap(label, 2, width)),
        Prediction::Number { unit, min, max, .. } => {
            let unit = unit.get(lang);
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            out.push_str(&wrap(&format!("{label} ({min}..{max}{unit})"), 2, width));
        }
    }
    if let Some(value) = &done.prediction {
        let so_far = text!(ko: "지금까지의 예측: {value}", en: "Predicted so far: {value}");
        out.push_str(&wrap(so_far.get(lang), 2, width));
    }
    out
}

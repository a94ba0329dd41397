//! An exercise as a page shows it before, without, and on paper instead of, its widget: the whole
//! of it readable, and its JSON for the widget.

use std::fmt::Write;

use exercises::{Exercise, Prediction};
use sim_core::{Lang, Text, text};

use super::html::escape;
use super::quotes::Quotes;

/// What stands in place of `{{#exercise ID}}`.
pub struct Section {
    /// The HTML.
    pub html: String,
    /// The words a search finds it by: no hints and no explanation, which would give it away.
    pub words: String,
}

/// The readable form of an exercise.
///
/// # Errors
/// What is wrong, with the names there are.
pub fn section(id: &str, lang: Lang) -> Result<Section, String> {
    let exercise = exercises::find(id).ok_or_else(|| {
        let known: Vec<_> = exercises::catalogue().iter().map(|exercise| exercise.id.as_str()).collect();
        format!("there is no exercise {id:?}: known are {}", known.join(", "))
    })?;
    let json = serde_json::to_string(exercise).map_err(|error| format!("exercise {id} is no JSON: {error}"))?;
    Ok(Section { html: html(exercise, &json, lang), words: words(exercise, lang) })
}

fn words(exercise: &Exercise, lang: Lang) -> String {
    [&exercise.title, &exercise.story, &exercise.question].map(|text| text.get(lang)).join(" ").replace('`', "")
}

fn html(exercise: &Exercise, json: &str, lang: Lang) -> String {
    let say = |text: Text| escape(text.get(lang));
    let mut html = String::new();
    // What the loader fetches for it.
    let model = exercise.scenario.as_ref();
    let model = model.map(|scenario| format!(" data-model=\"{}\"", escape(&scenario.model))).unwrap_or_default();
    let _ = write!(
        html,
        "<section class=\"exercise\" id=\"ex-{}\" data-exercise=\"{}\"{model} lang=\"{lang}\" aria-labelledby=\"ex-{0}-title\">",
        escape(exercise.slug()),
        escape(&exercise.id),
    );
    let _ = write!(
        html,
        "<p class=\"exercise-kind\">{} · {}</p><p class=\"exercise-title\" id=\"ex-{}-title\"><strong>{}</strong></p>",
        say(Text::fixed("연습", "Exercise")),
        say(exercise.kind.text()),
        escape(exercise.slug()),
        inline(exercise.title.get(lang)),
    );
    html.push_str(&paragraphs(exercise.story.get(lang), ""));
    html.push_str(&paragraphs(exercise.question.get(lang), "exercise-question"));
    html.push_str(&answer(&exercise.prediction, lang));
    let needs = needs(exercise);
    if !needs.is_empty() {
        let list: String = needs.iter().map(|need| format!("<li>{}</li>", inline(need.get(lang)))).collect();
        let _ = write!(
            html,
            "<div class=\"exercise-needs\"><p>{}</p><ul>{list}</ul></div>",
            say(Text::fixed("내 서버에서 하려면", "To do it on your machine"))
        );
    }
    html.push_str(&terminal(exercise, lang));
    for (i, hint) in exercise.hints.iter().enumerate() {
        let n = i + 1;
        let _ = write!(
            html,
            "<details class=\"exercise-hint\"><summary>{}</summary>{}</details>",
            say(text!(ko: "힌트 {n}", en: "Hint {n}")),
            paragraphs(hint.get(lang), "")
        );
    }
    let _ = write!(
        html,
        "<details class=\"exercise-explanation\"><summary>{}</summary>{}</details>",
        say(Text::fixed("풀이", "Explanation")),
        paragraphs(exercise.explanation.get(lang), "")
    );
    // A data block: `<` would let a `</script>` inside a text end it.
    let _ = write!(
        html,
        "<script type=\"application/json\" class=\"exercise-data\">{}</script></section>",
        json.replace('<', "\\u003c")
    );
    html
}

/// What the reader commits to, before looking.
fn answer(prediction: &Prediction, lang: Lang) -> String {
    match prediction {
        Prediction::Number { label, unit, .. } => {
            let unit = unit.get(lang);
            let unit = if unit.is_empty() { String::new() } else { format!(" ({})", escape(unit)) };
            format!(
                "<p class=\"exercise-answer\">{}{unit}: <span class=\"exercise-blank\"></span></p>",
                escape(label.get(lang))
            )
        }
        Prediction::Word { label, .. } => format!(
            "<p class=\"exercise-answer\">{}: <span class=\"exercise-blank\"></span></p>",
            escape(label.get(lang))
        ),
        Prediction::Nothing { label } => format!("<p class=\"exercise-answer\">{}</p>", escape(label.get(lang))),
        Prediction::Choice { label, options } => {
            let options: String =
                options.iter().map(|option| format!("<li>{}</li>", inline(option.text.get(lang)))).collect();
            format!(
                "<p class=\"exercise-answer\">{}</p><ul class=\"exercise-choices\">{options}</ul>",
                escape(label.get(lang))
            )
        }
    }
}

/// What the machine must have.
fn needs(exercise: &Exercise) -> Vec<Text> {
    let mut needs = Vec::new();
    needs.extend(exercise.needs.words());
    if !exercise.needs.files.is_empty() {
        let files: Vec<_> = exercise.needs.files.iter().map(|file| format!("`{file}`")).collect();
        let files = files.join(", ");
        needs.push(text!(ko: "읽을 수 있는 {files}", en: "{files}, readable"));
    }
    if let Some(workload) = &exercise.workload {
        let seconds = workload.total_s();
        needs.push(text!(
            ko: "부하를 만들어도 되는 서버와 {seconds}초",
            en: "a machine you may put under load, and {seconds} s"
        ));
    }
    needs
}

/// The commands of the exercise, and those of `live-probe` that it does not name itself.
fn terminal(exercise: &Exercise, lang: Lang) -> String {
    let mut lines: Vec<(String, &str)> =
        exercise.commands.iter().map(|command| (command.run.clone(), command.shows.get(lang))).collect();
    let verbs = [
        ("predict", " VALUE", Text::fixed("예측을 적어 둡니다.", "Writes your prediction down.")),
        ("run", "", Text::fixed("부하를 만들고 그동안을 기록합니다.", "Makes the load and records the machine.")),
        ("check", "", Text::fixed("판정합니다.", "Judges.")),
    ];
    for (verb, value, shows) in &verbs {
        let named = lines.iter().any(|(run, _)| run.starts_with(&format!("live-probe {verb}")));
        let useful = match *verb {
            "run" => exercise.workload.is_some(),
            "predict" => exercise.prediction.asks(),
            _ => true,
        };
        if !named && useful {
            lines.push((format!("live-probe {verb} {}{value}", exercise.id), shows.get(lang)));
        }
    }
    let rows: String = lines
        .iter()
        .map(|(run, shows)| {
            format!("<dt><code><span class=\"prompt\">$ </span>{}</code></dt><dd>{}</dd>", escape(run), inline(shows))
        })
        .collect();
    let title = Text::fixed("터미널에서", "In a terminal");
    format!("<div class=\"exercise-terminal\"><p>{}</p><dl>{rows}</dl></div>", title.get(lang))
}

/// Paragraphs parted by empty lines.
fn paragraphs(text: &str, class: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| format!("<p{class}>{}</p>", inline(part))).collect()
}

/// Text in which commands and file names stand in backticks.
fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut quotes = Quotes::default();
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        // A backtick without a partner is a backtick.
        if code && parts.peek().is_some() {
            let _ = write!(html, "<code>{}</code>", escape(part));
        } else {
            let mut curled = String::from(if code { "`" } else { "" });
            quotes.push(&mut curled, part, (None, None));
            html.push_str(&escape(&curled));
        }
        code = !code;
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_are_code() {
        for (text, want) in [
            ("a `b<c` d", "a <code>b&lt;c</code> d"),
            ("`a`", "<code>a</code>"),
            ("5` long", "5` long"),
            ("\"`a`\"는 \"b\"다", "“<code>a</code>”는 “b”다"),
            ("plain & simple", "plain &amp; simple"),
        ] {
            assert_eq!(inline(text), want);
        }
    }

    #[test]
    fn every_exercise_is_readable_and_gives_nothing_away_to_a_search() {
        for exercise in exercises::catalogue() {
            for lang in Lang::ALL {
                let section = section(&exercise.id, lang).unwrap();
                assert!(section.html.contains(&format!("data-exercise=\"{}\"", exercise.id)));
                assert_eq!(section.html.matches("</script>").count(), 1, "{}", exercise.id);
                let json = section.html.split("exercise-data\">").nth(1).unwrap().split("</script>").next().unwrap();
                let back: Exercise = serde_json::from_str(json).unwrap();
                assert_eq!((back.id.as_str(), back.fixtures.len()), (exercise.id.as_str(), 0));
                assert!(!section.words.contains(exercise.explanation.get(lang)));
            }
        }
    }

    #[test]
    fn an_unknown_exercise_is_refused_with_the_known_ones() {
        let error = section("ch03-load-average/nothing", Lang::En).err().unwrap();
        assert!(error.contains("there is no exercise \"ch03-load-average/nothing\": known are"), "{error}");
    }
}

//! What facilitator blocks say, gathered: plans with their times, and the wrong predictions of all
//! chapters.
//!
//! A block begins with `**60 minutes**: incident 5 · kernel 15 · …`, the parts adding up to the
//! whole; it lists wrong predictions as `` - `exercise-slug`: … `` and may say what to cut in a
//! paragraph that begins with `**When late, cut**`. A plan is a table in `book/plans.toml`.

use std::path::Path;

use serde::Deserialize;
use sim_core::{Lang, Text};

use super::page::Kind;
use super::quotes;
use super::whole::{self, Chapter};

/// The first line of a block.
#[derive(Debug, PartialEq, Eq)]
struct Minutes {
    total: u32,
    parts: Vec<(String, u32)>,
    /// What follows the last part.
    rest: String,
}

/// A facilitator block.
#[derive(Debug, Default, PartialEq, Eq)]
struct Block {
    total: u32,
    cut: Option<String>,
    /// Exercise slug, and what is predicted wrongly.
    wrong: Vec<(String, String)>,
}

/// Reads the line with the minutes.
fn minutes(line: &str) -> Option<Minutes> {
    let (total, rest) = line.trim().strip_prefix("**")?.split_once("**")?;
    let digits = total.find(|c: char| !c.is_ascii_digit()).unwrap_or(total.len());
    let total = total[..digits].parse().ok()?;
    let mut found = Minutes { total, parts: Vec::new(), rest: String::new() };
    let mut pieces = rest.strip_prefix(": ")?.split(" · ").peekable();
    while let Some(piece) = pieces.next() {
        let mut piece = piece;
        if pieces.peek().is_none() {
            let end = piece.find('.').unwrap_or(piece.len());
            found.rest = piece[end..].to_owned();
            piece = &piece[..end];
        }
        let (name, count) = piece.rsplit_once(' ')?;
        found.parts.push((name.to_owned(), count.parse().ok()?));
    }
    Some(found)
}

/// Minutes as a clock shows them.
fn clock(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// What stands in a facilitator block with the time at which each part ends; and its line of minutes
/// when its sum is wrong.
pub fn running(inside: &str) -> Result<String, String> {
    let Some(line) = inside.lines().find(|line| !line.trim().is_empty()) else { return Ok(inside.to_owned()) };
    let Some(found) = minutes(line) else { return Ok(inside.to_owned()) };
    let mut sum = 0;
    let mut parts = Vec::new();
    for (name, count) in &found.parts {
        sum += count;
        parts.push(format!("{name} {count} (→ {})", clock(sum)));
    }
    if sum != found.total {
        return Err(format!("the parts take {sum} minutes together, not {}", found.total));
    }
    let head = line.split_once("**: ").map_or(line, |(head, _)| head);
    Ok(inside.replacen(line, &format!("{head}**: {}{}", parts.join(" · "), found.rest), 1))
}

/// The facilitator block of a page.
fn block(chapter: &Chapter) -> Option<Block> {
    let place = |kind: Kind| chapter.page.directives.iter().find(move |directive| directive.kind == kind);
    let begin = place(Kind::FacilitatorBegins)?.span.end;
    let inside = &chapter.text[begin..place(Kind::FacilitatorEnds)?.span.start];
    let mut block = Block::default();
    for line in inside.lines() {
        if let Some(found) = minutes(line) {
            block.total = found.total;
        } else if let Some((slug, text)) = line.strip_prefix("- `").and_then(|rest| rest.split_once("`: ")) {
            block.wrong.push((slug.to_owned(), text.to_owned()));
        } else if let Some(cut) = line.strip_prefix("**늦었을 때 뺄 것**") {
            // What a Korean sentence begins with in small letters is a name.
            block.cut = Some(cut.trim_start_matches(':').trim().to_owned());
        } else if let Some(cut) = line.strip_prefix("**When late, cut**") {
            let mut letters = cut.trim().chars();
            block.cut = letters.next().map(|first| first.to_uppercase().chain(letters).collect());
        }
    }
    Some(block)
}

/// `book/plans.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plans {
    plan: Vec<Plan>,
}

/// A plan: its days, each with the clock it begins at and what is done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    name: String,
    day: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    /// Minutes after midnight.
    begins: u32,
    /// Most minutes it may take.
    most: u32,
    item: Vec<Item>,
}

/// A chapter, or something else with its minutes.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Item {
    Chapter { chapter: String },
    Other { ko: String, en: String, minutes: u32 },
}

/// A plan of `book/plans.toml` as tables.
///
/// # Errors
/// There is no such plan, a chapter has no minutes, or a day takes longer than it may.
pub fn plan(name: &str, book: &Path, lang: Lang) -> Result<String, String> {
    let text = std::fs::read_to_string(book.join("plans.toml")).map_err(|error| format!("plans.toml: {error}"))?;
    let plans: Plans = toml::from_str(&text).map_err(|error| format!("plans.toml: {}", error.message()))?;
    let known = || plans.plan.iter().map(|plan| plan.name.as_str()).collect::<Vec<_>>().join(", ");
    let plan = plans.plan.iter().find(|plan| plan.name == name);
    let plan = plan.ok_or_else(|| format!("plans.toml has no plan {name}: it has {}", known()))?;
    let chapters = whole::read(book, lang);
    let mut made = String::new();
    for (i, day) in plan.day.iter().enumerate() {
        if plan.day.len() > 1 {
            let label = Text::fixed("일째", "Day");
            let title = if lang == Lang::Ko {
                format!("{}{}", i + 1, label.get(lang))
            } else {
                format!("{} {}", label.get(lang), i + 1)
            };
            made.push_str(&format!("\n**{title}**\n"));
        }
        made.push_str(&day_table(day, &chapters, lang)?);
    }
    Ok(if lang == Lang::Ko { quotes::curl(&made) } else { made })
}

fn day_table(day: &Day, chapters: &[Chapter], lang: Lang) -> Result<String, String> {
    let heads = [
        Text::fixed("시각", "Clock"),
        Text::fixed("할 일", "What"),
        Text::fixed("분", "Minutes"),
        Text::fixed("누계", "Total"),
        Text::fixed("늦었을 때", "When late"),
    ]
    .map(|head| head.get(lang).to_owned());
    let mut made = format!("\n| {} |\n|---|---|--:|--:|---|\n", heads.join(" | "));
    let mut sum = 0;
    for item in &day.item {
        let (what, minutes, cut) = match item {
            Item::Other { ko, en, minutes } => (if lang == Lang::Ko { ko.clone() } else { en.clone() }, *minutes, None),
            Item::Chapter { chapter } => {
                let file = format!("{chapter}.md");
                let found = chapters.iter().find(|chapter| chapter.file == file);
                let found = found.ok_or_else(|| format!("plans.toml: there is no chapter {chapter}"))?;
                let block = block(found).filter(|block| block.total > 0);
                let block = block.ok_or_else(|| format!("plans.toml: {chapter} says no minutes for a facilitator"))?;
                (format!("[{}]({file})", found.numbered()), block.total, block.cut)
            }
        };
        let begins = clock(day.begins + sum);
        sum += minutes;
        made.push_str(&format!("| {begins} | {what} | {minutes} | {} | {} |\n", clock(sum), cut.unwrap_or_default()));
    }
    if sum > day.most {
        return Err(format!("plans.toml: a day takes {sum} minutes, and may take {}", day.most));
    }
    made.push_str(&format!("| {} | {} | | | |\n", clock(day.begins + sum), Text::fixed("끝", "End").get(lang)));
    Ok(made)
}

/// The wrong predictions of all chapters.
///
/// # Errors
/// A block names an exercise that its chapter does not have.
pub fn wrong_predictions(book: &Path, lang: Lang) -> Result<String, String> {
    let mut made = String::new();
    for chapter in whole::read(book, lang) {
        let Some(block) = block(&chapter).filter(|block| !block.wrong.is_empty()) else { continue };
        made.push_str(&format!("\n**[{}]({})**\n\n", chapter.numbered(), chapter.file));
        for (slug, text) in &block.wrong {
            let id = format!("{}/{slug}", chapter.file.trim_end_matches(".md"));
            let exercise = exercises::catalogue().iter().find(|exercise| exercise.id == id);
            let exercise = exercise
                .ok_or_else(|| format!("{}: the facilitator block names {id}, which is no exercise", chapter.file))?;
            made.push_str(&format!("- [{}]({}#ex-{slug}): {text}\n", exercise.title.get(lang), chapter.file));
        }
    }
    Ok(if lang == Lang::Ko { quotes::curl(&made) } else { made })
}

#[cfg(test)]
mod tests {
    use super::super::page::Page;
    use super::*;

    const BLOCK: &str = "# A {#a}\n\n{{#facilitator}}\n**60 minutes**: incident 5 · VIRT, RES 50 · end 5. Start early.\n\n**Wrong predictions to expect**\n\n\
                         - `x`: too **much**.\n\n**When late, cut** the rest.\n{{/facilitator}}\n";

    #[test]
    fn a_block_is_read() {
        let page = Page::scan(BLOCK);
        let chapter = Chapter { file: "ch01-a.md".into(), title: "A".into(), text: BLOCK.into(), page };
        let want =
            Block { total: 60, cut: Some("The rest.".into()), wrong: vec![("x".into(), "too **much**.".into())] };
        assert_eq!(block(&chapter), Some(want));
    }

    #[test]
    fn each_part_says_when_it_ends() {
        for (line, want) in [
            (
                "**60 minutes**: a 5 · b, c 50 · d 5.",
                Ok("**60 minutes**: a 5 (→ 0:05) · b, c 50 (→ 0:55) · d 5 (→ 1:00)."),
            ),
            (
                "**35분**: 빌드 15 · 관찰 20. 먼저 하십시오.",
                Ok("**35분**: 빌드 15 (→ 0:15) · 관찰 20 (→ 0:35). 먼저 하십시오."),
            ),
            ("**60 minutes**: a 5 · d 5.", Err("the parts take 10 minutes together, not 60")),
            ("no minutes", Ok("no minutes")),
        ] {
            let got = running(line);
            assert_eq!(got.as_deref().map_err(String::as_str), want, "{line}");
        }
    }

    #[test]
    fn a_plan_adds_up_and_stays_within_its_day() {
        let folder = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        std::fs::create_dir(folder.path().join("en")).unwrap();
        put("en/SUMMARY.md", "- [A](ch01-a.md)\n");
        put("en/ch01-a.md", BLOCK);
        let plans = "[[plan]]\nname = 'p'\n[[plan.day]]\nbegins = 540\nmost = 80\nitem = [{ chapter = 'ch01-a' }, { ko = '쉼', en = 'break', minutes = 15 }]\n";
        put("plans.toml", plans);
        let make = |name: &str| plan(name, folder.path(), Lang::En);
        assert_eq!(
            make("p").unwrap(),
            "\n| Clock | What | Minutes | Total | When late |\n|---|---|--:|--:|---|\n\
             | 9:00 | [1 · A](ch01-a.md) | 60 | 1:00 | The rest. |\n| 10:00 | break | 15 | 1:15 |  |\n| 10:15 | End | | | |\n"
        );
        assert_eq!(make("q").unwrap_err(), "plans.toml has no plan q: it has p");
        put("plans.toml", &plans.replace("80", "70"));
        assert_eq!(make("p").unwrap_err(), "plans.toml: a day takes 75 minutes, and may take 70");
        put("plans.toml", &plans.replace("ch01-a", "ch02-b"));
        assert_eq!(make("p").unwrap_err(), "plans.toml: there is no chapter ch02-b");
    }
}

//! Rules that hold the two languages together.

use super::Finding;
use super::links::leads_out;
use super::source::{SUMMARY, Source, Text, Tree};
use crate::site::fence::Fence;
use crate::site::page::Code;
use crate::site::{here, value};

pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    files(source, findings);
    let [ko, en] = &source.trees;
    if let (Some(ko), Some(en)) = (ko.pages.get(SUMMARY), en.pages.get(SUMMARY)) {
        let listed = |text: &Text| items(&text.page.links, |link| (format!("({})", link.to), link.line));
        differ("summary", ko, en, &listed(ko), &listed(en), "list the same pages in the same order", findings);
    }
    for (_, ko, en) in source.pairs() {
        let skeleton = |text: &Text| {
            items(&text.page.headings, |heading| {
                let id = heading.id.as_deref().unwrap_or("");
                (format!("{} {{#{id}}}", "#".repeat(heading.level.into())), heading.line)
            })
        };
        differ("skeleton", ko, en, &skeleton(ko), &skeleton(en), "give both the same headings", findings);
        let asked = |text: &Text| items(&text.page.directives, |d| (d.kind.written(), d.line));
        differ(
            "directives",
            ko,
            en,
            &asked(ko),
            &asked(en),
            "give both the same directives in the same order",
            findings,
        );
        let mut values = [ko, en].map(|text| [value::written(&text.text), here::written(&text.text)].concat());
        // Another word order may put two of them the other way round.
        values.iter_mut().for_each(|values| values.sort());
        differ("directives", ko, en, &values[0], &values[1], "give both the same computed values", findings);
        let code = |text: &Text| items(&text.page.code, |code| (essence(code), code.line));
        differ("code", ko, en, &code(ko), &code(en), "only comments and words may differ in code", findings);
        // Another word order may put two links of a sentence the other way round.
        let linked = |text: &Text| {
            let mut links = items(&text.page.links, |link| (link.to.clone(), link.line));
            links.sort();
            links
        };
        let (in_ko, in_en) = (linked(ko), linked(en));
        missing(ko, en, &in_ko, &in_en, findings);
        missing(en, ko, &in_en, &in_ko, findings);
    }
}

/// What is compared, and the line it is on.
type Items = Vec<(String, usize)>;

fn items<T>(all: &[T], each: impl Fn(&T) -> (String, usize)) -> Items {
    all.iter().map(each).collect()
}

/// Both have the same files.
fn files(source: &Source, findings: &mut Vec<Finding>) {
    let [ko, en] = &source.trees;
    for (tree, other) in [(ko, en), (en, ko)] {
        let has = |tree: &Tree, name: &String| tree.pages.contains_key(name) || tree.others.contains(name);
        for name in tree.pages.keys().chain(&tree.others).filter(|name| !has(other, name)) {
            findings.push(Finding {
                file: format!("book/{}/{name}", tree.lang),
                line: 1,
                rule: "files",
                message: format!("book/{}/{name} is missing", other.lang),
                fix: "write it: a page exists in both languages or in none".into(),
            });
        }
    }
    for tree in [ko, en].into_iter().filter(|tree| !tree.pages.contains_key(SUMMARY)) {
        findings.push(Finding {
            file: format!("book/{}/{SUMMARY}", tree.lang),
            line: 1,
            rule: "summary",
            message: "there is no summary".into(),
            fix: "list the pages in SUMMARY.md".into(),
        });
    }
}

/// Reports the first place where two sequences part.
fn differ(
    rule: &'static str,
    ko: &Text,
    en: &Text,
    in_ko: &Items,
    in_en: &Items,
    fix: &str,
    findings: &mut Vec<Finding>,
) {
    let Some(at) = (0..in_ko.len().max(in_en.len()))
        .find(|i| in_ko.get(*i).map(|item| &item.0) != in_en.get(*i).map(|item| &item.0))
    else {
        return;
    };
    let say =
        |items: &Items| items.get(at).map_or("nothing more".to_owned(), |(what, line)| format!("{what} (line {line})"));
    let (text, line) = match (in_ko.get(at), in_en.get(at)) {
        (Some((_, line)), _) => (ko, *line),
        (None, Some((_, line))) => (en, *line),
        (None, None) => (ko, 1),
    };
    findings.push(Finding {
        file: text.file.clone(),
        line,
        rule,
        message: format!("number {}: {} has {}, {} has {}", at + 1, ko.file, say(in_ko), en.file, say(in_en)),
        fix: fix.to_owned(),
    });
}

/// Reports links that one language has more often than the other.
fn missing(here: &Text, there: &Text, mine: &Items, theirs: &Items, findings: &mut Vec<Finding>) {
    let count = |items: &Items, to: &str| items.iter().filter(|(known, _)| known == to).count();
    let mut done: Vec<&str> = Vec::new();
    for (to, line) in mine {
        if done.contains(&to.as_str()) || count(mine, to) <= count(theirs, to) || language_of(to) {
            continue;
        }
        done.push(to);
        findings.push(Finding {
            file: here.file.clone(),
            line: *line,
            rule: "links",
            message: format!("links to {to}, and {} does not as often", there.file),
            fix: "link to the same places in both languages".into(),
        });
    }
}

/// Encyclopedias and manuals have an address for each language.
fn language_of(to: &str) -> bool {
    leads_out(to) && ["ko.", "en.", "/ko/", "/en/", "/ko-", "/en-"].iter().any(|mark| to.contains(mark))
}

/// What a code block must share with its twin: kind, number of lines, the commands that are typed
/// (but for words that a language puts its own way) and every number.
fn essence(code: &Code) -> String {
    let mut commands = String::new();
    let mut numbers = String::new();
    for line in code.text.lines() {
        let (line, _comment) = line.split_once(" # ").unwrap_or((line, ""));
        if let Some(command) = line.strip_prefix("$ ").or_else(|| line.strip_prefix("# ")) {
            let shared = |word: &&str| word.is_ascii() && !word.bytes().all(|b| b.is_ascii_uppercase());
            for word in command.split_whitespace().filter(shared) {
                commands.push_str(&format!(" {word}"));
            }
        }
        for number in line.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()) {
            numbers.push_str(&format!(" {number}"));
        }
    }
    // What cannot be read is told by the rule `commands`.
    let fence = Fence::read(&code.info).map_or_else(|_| code.info.clone(), |fence| fence.essence());
    let (fence, lines) = (fence.trim_end(), code.text.lines().count());
    format!("```{fence} of {lines} lines, commands:{commands}, numbers:{numbers}")
}

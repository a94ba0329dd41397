//! What stands after a fence: which blocks of commands the tests type in, and why others are not.
//!
//! ```text
//! console run                       typed in; the shape of its output is compared
//! console run exact                 its output is compared to the letter
//! console run output=any            it only has to work: every machine prints something else
//! console run with="300 = 3"        typed in with this replaced by that
//! console run room=network          typed in a room of its own (book/tests/commands/rooms)
//! console not-run="the reason"      not typed in
//! python file=raw.py                lies in the folder in which the page's commands are typed
//! ```
//!
//! The page shows the outcome in a line under the block. mdBook gets the fence without its marks.

use std::fmt::Write;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use serde::Serialize;
use sim_core::{Lang, Text};

use super::html::escape;
use super::page::parser;

/// The kernels on which the commands were typed in, as the page names them.
pub const CHECKED_ON: &str = "6.18";

/// Languages of a fence that hold commands.
const SHELLS: [&str; 4] = ["console", "sh", "bash", "shell"];

/// What stands after a fence, read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fence {
    /// The first word.
    pub language: String,
    /// What is to be done with its commands.
    pub mark: Mark,
    /// The file that the block is.
    pub file: Option<String>,
}

/// What is to be done with a block of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Nobody said.
    #[default]
    None,
    /// They are typed in.
    Run(Run),
    /// They are not, with the reason.
    NotRun(String),
}

/// How commands are typed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The room they are typed in; none is the plain machine.
    pub room: Option<String>,
    /// What is replaced, and by what.
    pub with: Option<(String, String)>,
    /// How the output is compared.
    pub output: Output,
}

/// How an output is compared with the printed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// By its shape.
    #[default]
    Shape,
    /// To the letter.
    Exact,
    /// Not at all.
    Any,
}

/// A command, and what the page says it prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// Whether the prompt is root's.
    pub root: bool,
    /// What is typed; several lines when they end in a backslash.
    pub text: String,
    /// Printed lines.
    pub output: Vec<String>,
}

impl Fence {
    /// Reads what stands after a fence.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn read(info: &str) -> Result<Fence, String> {
        let (language, rest) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
        let mut fence = Fence { language: language.to_owned(), ..Fence::default() };
        let mut run: Option<Run> = None;
        let mut not_run = None;
        let mut how = Vec::new();
        for (name, value) in attributes(rest)? {
            match (name, value) {
                ("run", None) => run = Some(Run::default()),
                ("not-run", Some(why)) if !why.trim().is_empty() => not_run = Some(why.trim().to_owned()),
                ("file", Some(file)) => fence.file = Some(file.to_owned()),
                ("exact", None) | ("room" | "with" | "output", Some(_)) => how.push((name, value.unwrap_or_default())),
                _ => return Err(format!("`{name}` is no mark of a fence, or lacks its value: {KNOWN}")),
            }
        }
        let wanted = run.is_some() || how.is_empty();
        if let Some(run) = &mut run {
            for (name, value) in how {
                match name {
                    "exact" => run.output = Output::Exact,
                    "output" if value == "any" => run.output = Output::Any,
                    "room" => run.room = Some(value.to_owned()),
                    "with" => {
                        let (from, to) = value.split_once(" = ").ok_or("write with=\"THIS = THAT\"")?;
                        run.with = Some((from.to_owned(), to.to_owned()));
                    }
                    _ => return Err(format!("output={value} is unknown: {KNOWN}")),
                }
            }
        }
        fence.mark = match (run, not_run) {
            (Some(run), None) => Mark::Run(run),
            (None, Some(why)) => Mark::NotRun(why),
            (None, None) => Mark::None,
            (Some(_), Some(_)) => return Err("it cannot be both run and not-run".into()),
        };
        if wanted { Ok(fence) } else { Err("exact, room, with and output belong to run".into()) }
    }

    /// Whether its block holds commands.
    pub fn is_shell(&self) -> bool {
        SHELLS.contains(&self.language.as_str())
    }

    /// What both languages must share: everything but the words of a reason.
    pub fn essence(&self) -> String {
        let mark = match &self.mark {
            Mark::NotRun(_) => "not-run".to_owned(),
            Mark::None => String::new(),
            Mark::Run(run) => format!("{run:?}"),
        };
        format!("{} {mark} {}", self.language, self.file.as_deref().unwrap_or_default())
    }

    /// What is wrong with a block, given its text.
    pub fn wrong(&self, code: &str) -> Option<String> {
        let typed = commands(code).len();
        match (self.is_shell(), &self.mark) {
            (true, _) if typed == 0 => Some("no line begins with `$ ` or `# `: without a command it is `text`".into()),
            (true, Mark::None) => Some(format!("nothing says whether the tests run it: {KNOWN}")),
            (false, Mark::Run(_) | Mark::NotRun(_)) => Some(format!("only blocks of {} are run", SHELLS.join(", "))),
            _ => None,
        }
    }
}

const KNOWN: &str =
    "write `run`, with exact, output=any, with=\"THIS = THAT\" or room=NAME behind it, or not-run=\"the reason\"";

/// The words of an info string: `name`, `name=value`, `name="value with spaces"`.
fn attributes(mut rest: &str) -> Result<Vec<(&str, Option<&str>)>, String> {
    let mut all = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(all);
        }
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            all.push((name, None));
            rest = after;
            continue;
        };
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| format!("{name} has no closing quote"))?,
            None => value.split_at(value.find(' ').unwrap_or(value.len())),
        };
        all.push((name, Some(value)));
        rest = after;
    }
}

/// The commands of a block.
pub fn commands(code: &str) -> Vec<Command> {
    let mut all: Vec<Command> = Vec::new();
    let mut goes_on = false;
    for line in code.lines() {
        let prompt =
            [("$ ", false), ("# ", true)].into_iter().find_map(|(p, root)| Some((line.strip_prefix(p)?, root)));
        match (prompt, all.last_mut()) {
            (None, Some(last)) if goes_on => last.text.push_str(&format!("\n{line}")),
            (Some((text, root)), _) => all.push(Command { root, text: text.to_owned(), output: Vec::new() }),
            (None, Some(last)) => last.output.push(line.to_owned()),
            (None, None) => {}
        }
        goes_on = (prompt.is_some() || goes_on) && line.ends_with('\\');
    }
    all
}

/// The Markdown with its marks taken off the fences and told below the blocks.
pub fn tell(text: &str, lang: Lang) -> String {
    let mut told = String::with_capacity(text.len());
    let mut done = 0;
    for (info, block) in marked(text) {
        let Ok(fence) = Fence::read(&text[info.clone()]) else { continue };
        told.push_str(&text[done..info.start]);
        told.push_str(&fence.language);
        told.push_str(&text[info.end..block.end]);
        done = block.end;
        if let Some((class, words)) = note(&fence, lang) {
            let _ = write!(told, "\n\n<p class=\"code-note {class}\">{words}</p>\n");
        }
    }
    told.push_str(&text[done..]);
    told
}

/// What the page says of a block.
fn note(fence: &Fence, lang: Lang) -> Option<(&'static str, String)> {
    match &fence.mark {
        Mark::None => None,
        Mark::Run(_) => {
            let words = Text::fixed("커널 {}에서 확인한 명령", "checked on kernel {}");
            Some(("ran", words.get(lang).replace("{}", CHECKED_ON)))
        }
        Mark::NotRun(why) => {
            let words = Text::fixed("자동으로 확인하지 않음", "not checked by a test");
            Some(("not-run", format!("{}: {}", words.get(lang), escape(why))))
        }
    }
}

/// Where fences have something behind their language, and where their blocks lie.
fn marked(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let mut all = Vec::new();
    let mut open: Option<Range<usize>> = None;
    for (event, span) in parser(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if info.trim().contains(' ') => {
                let line = text[span.clone()].lines().next().unwrap_or_default();
                let at = span.start + line.find(&*info).unwrap_or_default();
                open = Some(at..at + info.len());
            }
            Event::End(TagEnd::CodeBlock) => all.extend(open.take().map(|info| (info, span))),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read() {
        let run = |run: Run| Mark::Run(run);
        for (info, mark) in [
            ("console", Mark::None),
            ("console run", run(Run::default())),
            ("console run exact", run(Run { output: Output::Exact, ..Run::default() })),
            ("console run output=any", run(Run { output: Output::Any, ..Run::default() })),
            ("console run room=network", run(Run { room: Some("network".into()), ..Run::default() })),
            ("console run with=\"a b = c\"", run(Run { with: Some(("a b".into(), "c".into())), ..Run::default() })),
            ("console not-run=\"no disk\"", Mark::NotRun("no disk".into())),
        ] {
            assert_eq!(Fence::read(info).unwrap().mark, mark, "{info}");
        }
        assert_eq!(Fence::read("python file=raw.py").unwrap().file.as_deref(), Some("raw.py"));
    }

    #[test]
    fn what_is_no_mark_is_refused() {
        for (info, says) in [
            ("console ran", "`ran` is no mark"),
            ("console not-run", "`not-run` is no mark"),
            ("console not-run=\"\"", "`not-run` is no mark"),
            ("console not-run=\"x", "no closing quote"),
            ("console run not-run=\"x\"", "both"),
            ("console exact", "belong to run"),
            ("console run output=some", "output=some is unknown"),
            ("console run with=\"a\"", "write with="),
        ] {
            let error = Fence::read(info).unwrap_err();
            assert!(error.contains(says), "{info}: {error}");
        }
        for (info, code, says) in [
            ("console", "$ a\n", "nothing says"),
            ("console run", "a\n", "it is `text`"),
            ("text run", "$ a\n", "only blocks of console"),
        ] {
            let wrong = Fence::read(info).unwrap().wrong(code).unwrap();
            assert!(wrong.contains(says), "{info}: {wrong}");
        }
        assert_eq!(Fence::read("console run").unwrap().wrong("$ a\n"), None);
    }

    #[test]
    fn commands_are_told_from_what_they_print() {
        let command = |root, text: &str, output: &[&str]| Command {
            root,
            text: text.into(),
            output: output.iter().map(|line| (*line).into()).collect(),
        };
        assert_eq!(
            commands("$ a \\\n  b\nc\n# d\n$ e\n\nf\n"),
            [command(false, "a \\\n  b", &["c"]), command(true, "d", &[]), command(false, "e", &["", "f"])]
        );
    }

    #[test]
    fn a_page_shows_the_fence_without_marks_and_the_outcome_below() {
        let text = "x\n\n```console run\n$ a\n```\n\n```console not-run=\"no <disk>\"\n$ b\n```\n\n```text\nc\n```\n";
        assert_eq!(
            tell(text, Lang::En),
            "x\n\n```console\n$ a\n```\n\n<p class=\"code-note ran\">checked on kernel 6.18</p>\n\n\n\
             ```console\n$ b\n```\n\n<p class=\"code-note not-run\">not checked by a test: no &lt;disk&gt;</p>\n\n\n\
             ```text\nc\n```\n"
        );
    }
}

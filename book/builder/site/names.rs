//! Commands, kernel parameters and kernel files that the text names, with the sections that name
//! them. `book/names.toml` holds what the text alone cannot say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pulldown_cmark::{Event, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use super::fence::{self, Fence};
use super::page::parser;
use super::whole::{Chapter, Place};

/// `book/names.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What is a command.
    #[serde(default)]
    pub commands: Words,
    /// What is a kernel parameter.
    #[serde(default)]
    pub parameters: Parameters,
    /// Names that a kernel of today does not have, or not on every machine.
    #[serde(default)]
    pub missing: Vec<Missing>,
}

/// Words that count, and that do not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Count although nothing in the book types them at a prompt.
    #[serde(default)]
    pub also: BTreeSet<String>,
    /// Do not count although they look like it.
    #[serde(default)]
    pub not: BTreeSet<String>,
}

/// Parameters that a text may write in other ways than `vm.swappiness`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Of the boot line.
    #[serde(default)]
    pub boot: BTreeSet<String>,
    /// Look like parameters and are none.
    #[serde(default)]
    pub not: BTreeSet<String>,
    /// Short forms, and what they stand for.
    #[serde(default)]
    pub short: BTreeMap<String, String>,
}

/// A name that a machine may lack.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// The parameter or the path, as the text has it.
    pub name: String,
    /// The kernel that removed it, the hardware it needs.
    pub why: String,
}

impl Known {
    /// Reads the table of a book.
    ///
    /// # Errors
    /// It is damaged; a book without one has none.
    pub fn read(book: &Path) -> Result<Known, String> {
        match std::fs::read_to_string(book.join("names.toml")) {
            Ok(text) => toml::from_str(&text).map_err(|error| format!("names.toml: {}", error.message())),
            Err(_) => Ok(Known::default()),
        }
    }
}

/// Names by kind, each with the sections that have it, in reading order.
#[derive(Debug, Default)]
pub struct Names {
    /// `strace`.
    pub commands: BTreeMap<String, Vec<Place>>,
    /// `vm.swappiness`, and `crashkernel=` of the boot line.
    pub parameters: BTreeMap<String, Vec<Place>>,
    /// `/proc/meminfo`.
    pub files: BTreeMap<String, Vec<Place>>,
    /// Every word in code, where none of these: short forms are among them.
    pub words: BTreeSet<String>,
}

/// A piece of code in the text.
struct Piece<'a> {
    chapter: &'a Chapter,
    at: usize,
    text: String,
    /// What is typed, when it is a block of commands.
    typed: Option<Vec<String>>,
}

/// The names of a book.
pub fn collect(chapters: &[Chapter], known: &Known) -> Names {
    let pieces: Vec<_> = chapters.iter().flat_map(pieces).collect();
    let mut programs: BTreeSet<String> =
        pieces.iter().filter_map(|piece| piece.typed.as_ref()).flatten().flat_map(|line| programs_of(line)).collect();
    programs.extend(known.commands.also.iter().cloned());
    programs.retain(|program| !known.commands.not.contains(program));

    let mut names = Names::default();
    for piece in &pieces {
        let place = piece.chapter.section(piece.at);
        let add = |map: &mut BTreeMap<String, Vec<Place>>, name: String| {
            let places = map.entry(name).or_default();
            places.extend(place.clone().filter(|place| !places.contains(place)));
        };
        let typed = match &piece.typed {
            Some(lines) => lines.iter().flat_map(|line| programs_of(line)).collect(),
            None => Vec::from_iter(piece.text.split_whitespace().next().map(str::to_owned)),
        };
        for program in typed.into_iter().filter(|program| programs.contains(program)) {
            add(&mut names.commands, program);
        }
        for word in words(&piece.text) {
            if known.parameters.not.contains(word) {
                continue;
            }
            let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            if let Some(path) = file(word) {
                match path.strip_prefix("/proc/sys/") {
                    Some(parameter) if !parameter.is_empty() => {
                        add(&mut names.parameters, parameter.replace('/', "."));
                    }
                    _ => add(&mut names.files, path),
                }
            } else if value.is_some() && known.parameters.boot.contains(name) {
                add(&mut names.parameters, format!("{name}="));
            } else if is_parameter(name) {
                add(&mut names.parameters, name.to_owned());
            } else if let Some(full) = known.parameters.short.get(name) {
                add(&mut names.parameters, full.clone());
                names.words.insert(name.to_owned());
            } else {
                names.words.insert(name.to_owned());
            }
        }
    }
    names
}

/// Code and headings, outside what only facilitators see.
fn pieces(chapter: &Chapter) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut block: Option<Piece<'_>> = None;
    let mut info = String::new();
    let mut heading = false;
    for (event, span) in parser(&chapter.text).into_offset_iter() {
        let piece = |text: &str| Piece { chapter, at: span.start, text: text.to_owned(), typed: None };
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                info = match kind {
                    pulldown_cmark::CodeBlockKind::Fenced(info) => info.into_string(),
                    pulldown_cmark::CodeBlockKind::Indented => String::new(),
                };
                block = Some(piece(""));
            }
            Event::End(TagEnd::CodeBlock) => {
                let shell = Fence::read(&info).is_ok_and(|fence| fence.is_shell());
                if let Some(mut done) = block.take().filter(|_| shell) {
                    let typed: Vec<_> = fence::commands(&done.text).into_iter().map(|command| command.text).collect();
                    done.text = typed.join("\n");
                    done.typed = Some(typed);
                    pieces.push(done);
                }
            }
            Event::Start(Tag::Heading { .. }) => heading = true,
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Text(text) => match &mut block {
                Some(block) => block.text.push_str(&text),
                None if heading => pieces.push(piece(&text)),
                None => {}
            },
            Event::Code(text) => pieces.push(piece(&text)),
            _ => {}
        }
    }
    pieces
}

/// The programs that a line of a shell starts.
fn programs_of(line: &str) -> Vec<String> {
    let mut unquoted = String::new();
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, c) => unquoted.push(c),
            (Some(_), _) => unquoted.push('x'),
        }
    }
    let steps = unquoted.split(['|', ';', '&', '(', ')', '`', '\n']);
    let program = |step: &str| {
        let mut words =
            step.split_whitespace().skip_while(|word| word.contains('=') || matches!(*word, "do" | "then" | "in"));
        let first = words.next()?;
        let plain = first.starts_with(|c: char| c.is_ascii_lowercase())
            && first.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.+".contains(&b));
        plain.then(|| first.to_owned())
    };
    steps.filter_map(program).collect()
}

/// The words of a piece of code, without the signs around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "'\"<>|;`".contains(c));
    words.map(|word| word.trim_matches(|c: char| "(),:…".contains(c))).filter(|word| !word.is_empty())
}

/// Whether a word is written as `sysctl` writes parameters.
fn is_parameter(word: &str) -> bool {
    let tail = ["kernel.", "vm.", "net.", "fs."].iter().find_map(|head| word.strip_prefix(head));
    tail.is_some_and(|tail| {
        !tail.is_empty()
            && tail.split('.').all(|part| !part.is_empty())
            && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    })
}

/// The kernel file that a word names; what stands for a process is written `PID`.
fn file(word: &str) -> Option<String> {
    if !word.starts_with("/proc/") && !word.starts_with("/sys/") {
        return None;
    }
    let word = word.trim_end_matches('/');
    let part = |part: &str| {
        let of_process = part.bytes().all(|b| b.is_ascii_digit()) || part == "[0-9]*";
        if of_process { "PID".to_owned() } else { part.to_owned() }
    };
    let parts: Vec<_> = word.split('/').enumerate().map(|(i, p)| if i == 2 { part(p) } else { p.to_owned() }).collect();
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::page::Page;
    use super::*;

    fn book(text: &str) -> Vec<Chapter> {
        let page = Page::scan(text);
        vec![Chapter { file: "ch01-a.md".into(), title: "A".into(), text: text.into(), page }]
    }

    #[test]
    fn names_are_found_with_their_sections() {
        let text = "# T {#t}\n\n## A {#a}\n\n`strace -c` and `vm.swappiness` and `x` and `crashkernel=256M` and `read`\n\n## vm.overcommit_memory {#b}\n\n\
                    ```console run\n$ grep x /proc/meminfo | sort; FOO=1 strace ls # why\nstrace: no\n$ cat /proc/sys/vm/swappiness /proc/42/maps\n```\n\n`tcp_retries2`\n";
        let known: Known = toml::from_str(
            "[commands]\nalso = ['lspci']\nnot = ['cat', 'grep', 'sort']\n[parameters]\nboot = ['crashkernel']\nnot = ['x']\nshort = { tcp_retries2 = 'net.ipv4.tcp_retries2' }\n",
        )
        .unwrap();
        let names = collect(&book(text), &known);
        let shown = |map: &BTreeMap<String, Vec<Place>>| {
            map.iter()
                .map(|(name, places)| {
                    format!(
                        "{name}: {}",
                        places.iter().map(|p| p.to.rsplit('#').next().unwrap()).collect::<Vec<_>>().join(" ")
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&names.commands), ["strace: a b"]);
        assert_eq!(
            shown(&names.parameters),
            ["crashkernel=: a", "net.ipv4.tcp_retries2: b", "vm.overcommit_memory: b", "vm.swappiness: a b"]
        );
        assert_eq!(shown(&names.files), ["/proc/PID/maps: b", "/proc/meminfo: b"]);
        assert!(names.words.contains("read") && !names.words.contains("x"), "{:?}", names.words);
    }

    #[test]
    fn programs_are_what_a_line_starts() {
        for (line, want) in [
            ("a -b | c 'd | e' && f", vec!["a", "c", "f"]),
            ("for i in 1 2; do stat /x; done", vec!["for", "stat", "done"]),
            ("basename $(readlink /x)", vec!["basename", "readlink"]),
            ("x=1 y=$(z)", vec!["z"]),
            ("./scripts/config -e X", vec![]),
        ] {
            assert_eq!(programs_of(line), want, "{line}");
        }
    }
}

//! What a page's Markdown holds: headings, directives, links, code blocks, and where each stands.
//!
//! Read by the builder (to expand directives) and by the linter (to compare the two languages), so
//! that both agree on what a directive is.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A page, scanned.
#[derive(Debug, Default)]
pub struct Page {
    /// Headings in order.
    pub headings: Vec<Heading>,
    /// Directives in order; the two ends of a facilitator block are two directives.
    pub directives: Vec<Directive>,
    /// Link and image targets in order, as written.
    pub links: Vec<Link>,
    /// Code blocks in order.
    pub code: Vec<Code>,
    /// What looks like a directive and is none.
    pub mistakes: Vec<Mistake>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 for `#`.
    pub level: u8,
    /// The explicit `{#id}`.
    pub id: Option<String>,
    /// Its text, without markup.
    pub title: String,
    /// Line, from 1.
    pub line: usize,
    /// Where it begins in the source, in bytes.
    pub start: usize,
    /// Whether it stands in a facilitator block.
    pub facilitator: bool,
}

/// A link or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The target as written.
    pub to: String,
    /// Line, from 1.
    pub line: usize,
}

/// A fenced or indented code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What stands after the fence ([`Fence::read`](super::fence::Fence::read)), empty when nothing does.
    pub info: String,
    /// Its text.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
}

/// A directive on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What it asks for.
    pub kind: Kind,
    /// Line, from 1.
    pub line: usize,
    /// The whole line without its end, in bytes.
    pub span: Range<usize>,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{{#sim MODEL PRESET}}`
    Sim {
        /// The model's name.
        model: String,
        /// The preset's name.
        preset: String,
    },
    /// `{{#exercise CHAPTER/SLUG}}`
    Exercise {
        /// The exercise's id.
        id: String,
    },
    /// `{{#diagram NAME}}`
    Diagram {
        /// The drawing's name.
        name: String,
    },
    /// `{{#quiz ID}}`
    QuizBegins {
        /// The quiz's id on its page.
        id: String,
    },
    /// `{{/quiz}}`
    QuizEnds,
    /// `{{#machine-card}}`
    MachineCard,
    /// `{{#progress}}`
    Progress,
    /// `{{#index OF}}`
    Index {
        /// What is indexed.
        of: String,
    },
    /// `{{#plan NAME}}`
    Plan {
        /// The plan's name.
        name: String,
    },
    /// `{{#wrong-predictions}}`
    WrongPredictions,
    /// `{{#facilitator}}`
    FacilitatorBegins,
    /// `{{/facilitator}}`
    FacilitatorEnds,
}

impl Kind {
    /// The directive as one writes it.
    pub fn written(&self) -> String {
        match self {
            Kind::Sim { model, preset } => format!("{{{{#sim {model} {preset}}}}}"),
            Kind::Exercise { id } => format!("{{{{#exercise {id}}}}}"),
            Kind::Diagram { name } => format!("{{{{#diagram {name}}}}}"),
            Kind::QuizBegins { id } => format!("{{{{#quiz {id}}}}}"),
            Kind::QuizEnds => "{{/quiz}}".to_owned(),
            Kind::MachineCard => "{{#machine-card}}".to_owned(),
            Kind::Progress => "{{#progress}}".to_owned(),
            Kind::Index { of } => format!("{{{{#index {of}}}}}"),
            Kind::Plan { name } => format!("{{{{#plan {name}}}}}"),
            Kind::WrongPredictions => "{{#wrong-predictions}}".to_owned(),
            Kind::FacilitatorBegins => "{{#facilitator}}".to_owned(),
            Kind::FacilitatorEnds => "{{/facilitator}}".to_owned(),
        }
    }
}

/// Something on a line that cannot stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

/// The Markdown that mdBook reads, with the same extensions.
pub fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(
        text,
        Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_SMART_PUNCTUATION
            | Options::ENABLE_DEFINITION_LIST
            | Options::ENABLE_GFM,
    )
}

/// The line a byte of the text is on, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    // Line by line and not byte by byte: it is asked for each thing on a page.
    let mut rest = text.get(..at).unwrap_or(text);
    let mut line = 1;
    while let Some(end) = rest.find('\n') {
        line += 1;
        rest = &rest[end + 1..];
    }
    line
}

/// Where `{{…}}` that begin with `mark` stand, code aside: an example of a notation is not one.
pub fn outside_code(text: &str, mark: &str) -> Vec<Range<usize>> {
    if !text.contains(mark) {
        return Vec::new();
    }
    let mut code: Vec<Range<usize>> = Vec::new();
    let mut block = None;
    for (event, span) in parser(text).into_offset_iter() {
        match event {
            Event::Code(_) => code.push(span),
            Event::Start(Tag::CodeBlock(_)) => block = Some(span.start),
            Event::End(TagEnd::CodeBlock) => code.extend(block.take().map(|start| start..span.end)),
            _ => {}
        }
    }
    let begins = text.match_indices(mark).map(|(at, _)| at).filter(|at| code.iter().all(|range| !range.contains(at)));
    begins.filter_map(|at| text[at..].find("}}").map(|end| at..at + end + 2)).collect()
}

impl Page {
    /// Scans a page.
    pub fn scan(text: &str) -> Page {
        let mut page = Page::default();
        let code = page.scan_markup(text);
        page.scan_directives(text, &code);
        for heading in &mut page.headings {
            heading.facilitator = page
                .directives
                .iter()
                .filter(|directive| matches!(directive.kind, Kind::FacilitatorBegins | Kind::FacilitatorEnds))
                .rfind(|directive| directive.span.start < heading.start)
                .is_some_and(|directive| directive.kind == Kind::FacilitatorBegins);
        }
        page
    }

    /// Fills everything but the directives, and returns where code stands.
    fn scan_markup(&mut self, text: &str) -> Vec<Range<usize>> {
        let mut code_spans = Vec::new();
        let mut heading: Option<Heading> = None;
        let mut block: Option<Code> = None;
        for (event, span) in parser(text).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    heading = Some(Heading {
                        level: number(level),
                        id: id.map(|id| id.into_string()),
                        title: String::new(),
                        line: line_of(text, span.start),
                        start: span.start,
                        facilitator: false,
                    });
                }
                Event::End(TagEnd::Heading(_)) => self.headings.extend(heading.take()),
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match &kind {
                        CodeBlockKind::Fenced(info) => info.as_ref(),
                        CodeBlockKind::Indented => "",
                    };
                    let line = line_of(text, span.start);
                    block = Some(Code { info: info.to_owned(), text: String::new(), line });
                    code_spans.push(span);
                }
                Event::End(TagEnd::CodeBlock) => self.code.extend(block.take()),
                Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.title.push_str(&words);
                    }
                    code_spans.push(span);
                }
                Event::Text(words) => match (&mut block, &mut heading) {
                    (Some(block), _) => block.text.push_str(&words),
                    (None, Some(heading)) => heading.title.push_str(&words),
                    (None, None) => {}
                },
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    self.links.push(Link { to: dest_url.into_string(), line: line_of(text, span.start) });
                }
                _ => {}
            }
        }
        code_spans
    }

    fn scan_directives(&mut self, text: &str, code: &[Range<usize>]) {
        let mut start = 0;
        let mut open: Option<(&'static str, usize)> = None;
        for (index, with_end) in text.split_inclusive('\n').enumerate() {
            let line = index + 1;
            let span = start..start + with_end.trim_end_matches(['\n', '\r']).len();
            start += with_end.len();
            match read_line(text, &span, code) {
                None => {}
                Some(Err(what)) => self.mistakes.push(Mistake { line, what }),
                Some(Ok(kind)) => {
                    match (kind.begins(), kind.ends(), open) {
                        (Some(name), _, Some((outer, begun))) => self.mistakes.push(Mistake {
                            line,
                            what: format!("{{{{#{name}}}}} inside the one of line {begun}: end that one first with {{{{/{outer}}}}}"),
                        }),
                        (Some(name), _, None) => open = Some((name, line)),
                        (_, Some(name), Some((outer, _))) if name == outer => open = None,
                        (_, Some(name), _) => self.mistakes.push(Mistake {
                            line,
                            what: format!("{{{{/{name}}}}} ends a block that nothing began: put {{{{#{name}}}}} before it"),
                        }),
                        _ => {}
                    }
                    self.directives.push(Directive { kind, line, span });
                }
            }
        }
        if let Some((name, line)) = open {
            self.mistakes.push(Mistake {
                line,
                what: format!("{{{{#{name}}}}} is never ended: put {{{{/{name}}}}} on a line after it"),
            });
        }
    }
}

impl Kind {
    /// The block that it begins.
    fn begins(&self) -> Option<&'static str> {
        match self {
            Kind::FacilitatorBegins => Some("facilitator"),
            Kind::QuizBegins { .. } => Some("quiz"),
            _ => None,
        }
    }

    /// The block that it ends.
    fn ends(&self) -> Option<&'static str> {
        match self {
            Kind::FacilitatorEnds => Some("facilitator"),
            Kind::QuizEnds => Some("quiz"),
            _ => None,
        }
    }
}

/// The directives mdBook itself understands.
const MDBOOKS_OWN: [&str; 5] = ["include", "rustdoc_include", "playground", "title", "template"];

/// The directive on a line; `None` when the line holds nothing that looks like one.
fn read_line(text: &str, span: &Range<usize>, code: &[Range<usize>]) -> Option<Result<Kind, String>> {
    let line = &text[span.clone()];
    let at = ["{{#", "{{/"].iter().filter_map(|mark| line.find(mark)).min()?;
    let place = span.start + at;
    if code.iter().any(|range| range.contains(&place)) || line[..at].ends_with('\\') {
        return None;
    }
    let inside = &line[at + 2..];
    let Some(end) = inside.find("}}") else {
        return Some(Err(format!("{} has no closing }}}}", line[at..].trim_end())));
    };
    let (inside, after) = (&inside[..end], &inside[end + 2..]);
    let words: Vec<&str> = inside[1..].split_whitespace().collect();
    if inside.starts_with('#') && words.first().is_some_and(|word| MDBOOKS_OWN.contains(word)) {
        return None;
    }
    let kind = match (&inside[..1], words.as_slice()) {
        ("#", ["sim", model, preset]) => Kind::Sim { model: (*model).into(), preset: (*preset).into() },
        ("#", ["sim", ..]) => return Some(Err("write {{#sim MODEL PRESET}}".into())),
        ("#", ["exercise", id]) => Kind::Exercise { id: (*id).into() },
        ("#", ["exercise", ..]) => return Some(Err("write {{#exercise CHAPTER/SLUG}}".into())),
        ("#", ["diagram", name]) => Kind::Diagram { name: (*name).into() },
        ("#", ["diagram", ..]) => return Some(Err("write {{#diagram NAME}}".into())),
        ("#", ["quiz", id]) => Kind::QuizBegins { id: (*id).into() },
        ("#", ["quiz", ..]) => return Some(Err("write {{#quiz ID}}".into())),
        ("/", ["quiz"]) => Kind::QuizEnds,
        ("#", ["machine-card"]) => Kind::MachineCard,
        ("#", ["progress"]) => Kind::Progress,
        ("#", ["index", of]) => Kind::Index { of: (*of).into() },
        ("#", ["index", ..]) => return Some(Err("write {{#index OF}}".into())),
        ("#", ["plan", name]) => Kind::Plan { name: (*name).into() },
        ("#", ["plan", ..]) => return Some(Err("write {{#plan NAME}}".into())),
        ("#", ["wrong-predictions"]) => Kind::WrongPredictions,
        ("#", ["facilitator"]) => Kind::FacilitatorBegins,
        ("/", ["facilitator"]) => Kind::FacilitatorEnds,
        _ => {
            return Some(Err(format!(
                "{{{{{inside}}}}} is no directive: known are {{{{#sim MODEL PRESET}}}}, {{{{#exercise CHAPTER/SLUG}}}}, {{{{#diagram NAME}}}}, {{{{#quiz ID}}}} ... {{{{/quiz}}}}, {{{{#index OF}}}}, {{{{#plan NAME}}}}, {{{{#wrong-predictions}}}}, {{{{#machine-card}}}}, {{{{#progress}}}}, {{{{#facilitator}}}} ... {{{{/facilitator}}}}"
            )));
        }
    };
    if !line[..at].is_empty() || !after.trim().is_empty() {
        return Some(Err(format!("{} must stand alone on its line, at the margin", kind.written())));
    }
    Some(Ok(kind))
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_found_where_they_count() {
        let sim = || Kind::Sim { model: "load-average".into(), preset: "p".into() };
        for (text, want) in [
            ("{{#sim load-average p}}\n", vec![sim()]),
            ("a\n\n{{#exercise c/s}}\n\nb", vec![Kind::Exercise { id: "c/s".into() }]),
            ("{{#facilitator}}\n\nx\n\n{{/facilitator}}\n", vec![Kind::FacilitatorBegins, Kind::FacilitatorEnds]),
            ("```text\n{{#sim load-average p}}\n```\n", vec![]),
            ("as `{{#sim load-average p}}` says\n", vec![]),
            ("\\{{#sim load-average p}}\n", vec![]),
            ("{{#include other.md}}\n", vec![]),
        ] {
            let page = Page::scan(text);
            assert_eq!(page.directives.into_iter().map(|d| d.kind).collect::<Vec<_>>(), want, "{text:?}");
            assert_eq!(page.mistakes, vec![], "{text:?}");
        }
    }

    #[test]
    fn mistakes_say_the_line_and_what_to_write() {
        for (text, line, what) in [
            ("\n{{#sim load-average}}", 2, "write {{#sim MODEL PRESET}}"),
            ("{{#exercise}}", 1, "write {{#exercise CHAPTER/SLUG}}"),
            ("see {{#sim load-average p}}", 1, "must stand alone"),
            ("{{#simulator x}}", 1, "is no directive"),
            ("{{#sim load-average p", 1, "has no closing"),
            ("a\n{{#facilitator}}\nb", 2, "never ended"),
            ("{{/facilitator}}", 1, "nothing began"),
            ("{{#quiz}}", 1, "write {{#quiz ID}}"),
            ("{{#quiz a}}\nb", 1, "{{#quiz}} is never ended"),
            ("{{#diagram}}", 1, "write {{#diagram NAME}}"),
            ("{{#facilitator}}\n{{#facilitator}}\n{{/facilitator}}", 2, "inside the one of line 1"),
        ] {
            let mistakes = Page::scan(text).mistakes;
            assert_eq!(mistakes.len(), 1, "{text:?}: {mistakes:?}");
            assert!(mistakes[0].line == line && mistakes[0].what.contains(what), "{text:?}: {mistakes:?}");
        }
    }

    #[test]
    fn headings_links_and_code_are_read_with_their_lines() {
        let page = Page::scan(
            "# One `/proc` {#one}\n\ntext [x](b.md#y)\n\n{{#facilitator}}\n\n### Two\n\n{{/facilitator}}\n\n```console\n$ top\n```\n",
        );
        let headings: Vec<_> =
            page.headings.iter().map(|h| (h.level, h.id.as_deref(), h.title.as_str(), h.line, h.facilitator)).collect();
        assert_eq!(headings, [(1, Some("one"), "One /proc", 1, false), (3, None, "Two", 7, true)]);
        assert_eq!(page.links, [Link { to: "b.md#y".into(), line: 3 }]);
        assert_eq!(page.code, [Code { info: "console".into(), text: "$ top\n".into(), line: 11 }]);
    }
}

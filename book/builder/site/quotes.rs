//! Straight quotes in Korean text become the curly ones.
//!
//! Markdown's smart punctuation tells an opening from a closing quote by the letters around it and
//! fails where a particle follows at once: `"1분 평균"을` would end in an opening quote. In Korean
//! prose quotes come in pairs within a paragraph, so here they simply alternate.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The Markdown with its straight quotes made curly; code, HTML and addresses stay.
pub fn curl(text: &str) -> String {
    let mut curled = String::with_capacity(text.len() + 16);
    let mut done = 0;
    let mut in_code = false;
    let mut quotes = Quotes::default();
    // Smart punctuation would part a text at its quotes, and curl them wrongly.
    let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION - Options::ENABLE_MATH;
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            // A new block begins with its quotes closed.
            Event::Start(
                Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell | Tag::DefinitionListDefinition,
            ) => quotes = Quotes::default(),
            Event::Text(_) if !in_code && span.start >= done => {
                curled.push_str(&text[done..span.start]);
                done = span.end;
                let around = (text[..span.start].chars().next_back(), text[span.end..].chars().next());
                quotes.push(&mut curled, &text[span], around);
            }
            _ => {}
        }
    }
    curled.push_str(&text[done..]);
    curled
}

/// Which quotes are open.
#[derive(Default)]
pub struct Quotes {
    double: bool,
    single: bool,
}

impl Quotes {
    /// Adds a piece of text with its quotes curled; `around` are the letters before and after it.
    pub fn push(&mut self, curled: &mut String, part: &str, around: (Option<char>, Option<char>)) {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let mut previous = around.0;
        let mut rest = part.chars();
        while let Some(c) = rest.next() {
            curled.push(match c {
                '"' => {
                    self.double = !self.double;
                    if self.double { '“' } else { '”' }
                }
                // An apostrophe: the kernel's.
                '\'' if word(previous) && word(rest.clone().next().or(around.1)) => '’',
                '\'' => {
                    self.single = !self.single;
                    if self.single { '‘' } else { '’' }
                }
                c => c,
            });
            previous = Some(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_pair_up_in_a_paragraph() {
        for (text, want) in [
            ("\"1분 평균\"을 \"글\"로", "“1분 평균”을 “글”로"),
            ("\"**굵게**\"와 \"`code \"x\"`\"를", "“**굵게**”와 “`code \"x\"`”를"),
            ("홀로 \" 있음\n\n\"다음\"", "홀로 “ 있음\n\n“다음”"),
            ("'강조'와 kernel's", "‘강조’와 kernel’s"),
            ("```text\n\"x\"\n```\n", "```text\n\"x\"\n```\n"),
            ("<p title=\"x\">\n\n[\"a\"](b.md \"t\")", "<p title=\"x\">\n\n[“a”](b.md \"t\")"),
            ("| \"a\" | \"b |\n|---|---|\n| \"c\" | d |", "| “a” | “b |\n|---|---|\n| “c” | d |"),
            ("# 제목 \"x\" {#id}\n", "# 제목 “x” {#id}\n"),
        ] {
            assert_eq!(curl(text), want);
        }
    }
}

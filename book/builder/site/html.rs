//! Reading finished HTML: tags with their attributes, and the text of scripts.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag as Token5, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
};

/// An opening tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// Its name, in lower case.
    pub name: String,
    /// Its attributes in order.
    pub attrs: Vec<(String, String)>,
    /// For `script` and `style`: what stands inside.
    pub inside: String,
    /// Line, from 1.
    pub line: u64,
}

impl Tag {
    /// The value of an attribute.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Every opening tag of a document, in order.
pub fn tags(html: &str) -> Vec<Tag> {
    let sink = Sink::default();
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().tags
}

#[derive(Default)]
struct Sink(RefCell<State>);

#[derive(Default)]
struct State {
    tags: Vec<Tag>,
    raw: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(Token5 { kind: TagKind::StartTag, name, attrs, .. }) => {
                let attrs = attrs.into_iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string()));
                state.tags.push(Tag { name: name.to_string(), attrs: attrs.collect(), inside: String::new(), line });
                let kind = match &*name {
                    "script" => RawKind::ScriptData,
                    "style" => RawKind::Rawtext,
                    _ => return TokenSinkResult::Continue,
                };
                state.raw = true;
                return TokenSinkResult::RawData(kind);
            }
            Token::TagToken(_) => state.raw = false,
            Token::CharacterTokens(text) if state.raw => {
                if let Some(tag) = state.tags.last_mut() {
                    tag.inside.push_str(&text);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Text as it stands in HTML, between tags or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_what_scripts_hold() {
        let tags = tags("<p class=a>x</p>\n<script>if (1 < 2) '</p>'</script><a href='b.html?x=1&amp;y'>y</a>");
        let names: Vec<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["p", "script", "a"]);
        assert_eq!(tags[1].inside, "if (1 < 2) '</p>'");
        assert_eq!(tags[1].line, 2);
        assert_eq!(tags[2].attr("href"), Some("b.html?x=1&y"));
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape(r#"a<b> & "c""#), "a&lt;b&gt; &amp; &quot;c&quot;");
    }
}

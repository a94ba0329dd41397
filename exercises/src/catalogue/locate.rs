//! Where in a file a field is.

use sim_core::{Text, text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Exercise;

/// The text of an exercise file, with its fields' places.
pub(super) struct Source<'a> {
    text: &'a str,
    table: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str) -> Source<'a> {
        Source { text, table: DeTable::parse(text).ok() }
    }

    /// The exercise, or line, field and reason of the first thing that is not as it should be.
    pub fn exercise(&self) -> Result<Exercise, (Option<usize>, String, Text)> {
        toml::from_str(self.text).map_err(|error: toml::de::Error| {
            let line = error.span().map(|span| self.line_at(span.start));
            let field = error.span().and_then(|span| self.field_at(span.start)).unwrap_or_default();
            let message = error.message().trim().to_owned();
            (line, field, text!(ko: "형식에 맞지 않습니다({message})", en: "{message}"))
        })
    }

    /// The line of a field such as `hints[2].ko`, or of the nearest one around it.
    pub fn line(&self, field: &str) -> Option<usize> {
        let mut line = None;
        let mut table = self.table.as_ref()?.get_ref();
        for part in field.split('.') {
            let (name, index) = match part.split_once('[') {
                Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
                None => (part, None),
            };
            let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else { break };
            line = Some(self.line_at(key.span().start));
            let mut value = value;
            if let (Some(index), DeValue::Array(array)) = (index, value.get_ref()) {
                let Some(element) = array.get(index) else { break };
                value = element;
                line = Some(self.line_at(value.span().start));
            }
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        line
    }

    fn line_at(&self, byte: usize) -> usize {
        self.text.as_bytes()[..byte.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
    }

    /// The path of the innermost field whose key or value holds a byte.
    fn field_at(&self, byte: usize) -> Option<String> {
        field_in(self.table.as_ref()?.get_ref(), byte)
    }
}

fn field_in(table: &DeTable<'_>, byte: usize) -> Option<String> {
    for (key, value) in table.iter() {
        let name = key.get_ref().to_string();
        if let Some(rest) = field_of(value, byte) {
            return Some(format!("{name}{rest}"));
        }
        if key.span().contains(&byte) || value.span().contains(&byte) {
            return Some(name);
        }
    }
    None
}

/// The rest of a path inside a value: `[2].ko`, `.min`.
fn field_of(value: &Spanned<DeValue<'_>>, byte: usize) -> Option<String> {
    match value.get_ref() {
        DeValue::Table(table) => field_in(table, byte).map(|rest| format!(".{rest}")),
        DeValue::Array(array) => array.iter().enumerate().find_map(|(i, element)| {
            let inside = field_of(element, byte).or_else(|| element.span().contains(&byte).then(String::new))?;
            Some(format!("[{i}]{inside}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "a = 1\n[b]\nc = 2\nd = [\n  { e = 3 },\n  { e = 4 },\n]\n[[f]]\ng = 5\n[[f]]\ng = 6\n";

    #[test]
    fn fields_have_lines() {
        let source = Source::new(FILE);
        for (field, want) in [
            ("a", Some(1)),
            ("b.c", Some(3)),
            ("b.d[1].e", Some(6)),
            ("f[0].g", Some(9)),
            ("f[1].g", Some(11)),
            ("b.none", Some(2)),
            ("none", None),
        ] {
            assert_eq!(source.line(field), want, "{field}");
        }
    }

    #[test]
    fn bytes_have_fields() {
        let source = Source::new(FILE);
        for (at, want) in [("a = 1", "a"), ("e = 4", "b.d[1].e"), ("g = 6", "f[1].g")] {
            assert_eq!(source.field_at(FILE.find(at).unwrap()).as_deref(), Some(want), "{at}");
        }
    }
}

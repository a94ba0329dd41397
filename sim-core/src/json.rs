//! JSON, as much of it as scenarios, runs and pages need.
//!
//! A page is sent this module too, which is why it is written here: a value, a reader and a
//! writer in a few kilobytes. Numbers stay as they were written, so that none loses a digit.

use std::fmt;

use crate::decimal;

/// Deepest nesting that is read.
const DEPTH: u32 = 64;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Json {
    /// `null`, and whatever is not there.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Fields by name, in the order they are written.
    Object(Vec<(String, Json)>),
}

/// Where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadJson {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl fmt::Display for BadJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

impl Json {
    /// Reads one value that fills the whole text.
    ///
    /// # Errors
    /// Where the text is no JSON, or is nested too deep.
    pub fn parse(text: &str) -> Result<Json, BadJson> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(DEPTH).filter(|_| reader.peek().is_none());
        value.ok_or_else(|| {
            // Never inside a letter: the reader stops only before or after an ASCII one.
            let before = text.get(..reader.at).unwrap_or(text);
            let line = before.rsplit('\n').next().unwrap_or_default();
            BadJson { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
        })
    }

    /// An object; its fields are written in the order of their names.
    pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
        let mut object = Json::Object(Vec::with_capacity(N));
        for (name, value) in fields {
            object.set(name, value);
        }
        object
    }

    /// Sets a field of an object, keeping the order of names. Anything else becomes an object.
    pub fn set(&mut self, name: &str, value: Json) {
        if !matches!(self, Json::Object(_)) {
            *self = Json::Object(Vec::new());
        }
        if let Json::Object(fields) = self {
            let at = fields.partition_point(|(known, _)| known.as_str() < name);
            match fields.get_mut(at) {
                Some(field) if field.0 == name => field.1 = value,
                _ => fields.insert(at, (name.to_owned(), value)),
            }
        }
    }

    /// A list of values.
    pub fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }

    /// A field of an object; the last one where a name stands twice.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.fields().iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The fields of an object; none of anything else.
    pub fn fields(&self) -> &[(String, Json)] {
        if let Json::Object(fields) = self { fields } else { &[] }
    }

    /// The values of a list, if it is one.
    pub fn as_list(&self) -> Option<&[Json]> {
        if let Json::List(items) = self { Some(items) } else { None }
    }

    /// A text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// `true` or `false`, if it is either.
    pub fn as_bool(&self) -> Option<bool> {
        if let Json::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// A whole number, if it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Json::Number(digits) = self { digits.parse().ok() } else { None }
    }

    /// A whole number that is not negative, if it is one and fits.
    pub fn as_u64(&self) -> Option<u64> {
        if let Json::Number(digits) = self { digits.parse().ok() } else { None }
    }

    /// Any number.
    pub fn as_f64(&self) -> Option<f64> {
        if let Json::Number(digits) = self { decimal::parse(digits) } else { None }
    }
}

static NULL: Json = Json::Null;

/// A field, or `null` where there is none.
impl std::ops::Index<&str> for Json {
    type Output = Json;

    fn index(&self, name: &str) -> &Json {
        self.get(name).unwrap_or(&NULL)
    }
}

/// A value of a list, or `null` where there is none.
impl std::ops::Index<usize> for Json {
    type Output = Json;

    fn index(&self, i: usize) -> &Json {
        self.as_list().and_then(|items| items.get(i)).unwrap_or(&NULL)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Json {
        Json::Bool(flag)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Number(number.to_string())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Json {
        Json::Number(number.to_string())
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

/// On one line, without blanks.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(flag) => f.write_str(if *flag { "true" } else { "false" }),
            Json::Number(digits) => f.write_str(digits),
            Json::Text(text) => quote(text, f),
            Json::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Json::Object(fields) => {
                f.write_str("{")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    quote(name, f)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Escapes with a letter of their own, and what they stand for.
const ESCAPES: [(u8, char); 8] = [
    (b'"', '"'),
    (b'\\', '\\'),
    (b'/', '/'),
    (b'b', '\u{8}'),
    (b'f', '\u{c}'),
    (b'n', '\n'),
    (b'r', '\r'),
    (b't', '\t'),
];

fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    let mut plain = 0;
    for (i, c) in text.char_indices() {
        if c >= ' ' && c != '"' && c != '\\' {
            continue;
        }
        f.write_str(&text[plain..i])?;
        plain = i + 1;
        match ESCAPES.iter().find(|(_, meant)| *meant == c) {
            Some((letter, _)) => write!(f, "\\{}", *letter as char)?,
            None => write!(f, "\\u{:04x}", c as u32)?,
        }
    }
    f.write_str(&text[plain..])?;
    f.write_str("\"")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    /// Takes a byte if it is the next that is no blank.
    fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        let here = self.text[self.at..].starts_with(word);
        self.at += if here { word.len() } else { 0 };
        here.then_some(value)
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        match self.peek()? {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => {
                let mut items = Vec::new();
                self.at += 1;
                while !self.take(b']') {
                    if !items.is_empty() && !self.take(b',') {
                        return None;
                    }
                    items.push(self.value(depth)?);
                }
                Some(Json::List(items))
            }
            b'{' => {
                let mut fields = Vec::new();
                self.at += 1;
                while !self.take(b'}') {
                    if !fields.is_empty() && !self.take(b',') {
                        return None;
                    }
                    self.peek();
                    let name = self.string()?;
                    if !self.take(b':') {
                        return None;
                    }
                    fields.push((name, self.value(depth)?));
                }
                Some(Json::Object(fields))
            }
            _ => self.number(),
        }
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let whole = self.at;
        self.digits()?;
        if self.at > whole + 1 && self.text.as_bytes()[whole] == b'0' {
            self.at = whole + 1;
            return None;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn string(&mut self) -> Option<String> {
        if self.byte() != Some(b'"') {
            return None;
        }
        self.at += 1;
        let mut text = String::new();
        let mut plain = self.at;
        loop {
            match self.byte()? {
                b'"' => {
                    text.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    return Some(text);
                }
                b'\\' => {
                    text.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    text.push(self.escape()?);
                    plain = self.at;
                }
                0..b' ' => return None,
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.byte()?;
        if letter != b'u' {
            let (_, meant) = ESCAPES.iter().find(|(known, _)| *known == letter)?;
            self.at += 1;
            return Some(*meant);
        }
        let first = self.code()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        // The first half of a pair: the second has to follow.
        if self.byte() != Some(b'\\') {
            return None;
        }
        self.at += 1;
        let second = self.code()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
    }

    /// `uXXXX`.
    fn code(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 5)?.strip_prefix('u')?;
        let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
        self.at += 5;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_json_is_refused_where_it_stops_being_json() {
        for (text, line, column) in [
            ("", 1, 1),
            ("{", 1, 2),
            ("{\"a\" 1}", 1, 6),
            ("[1,\n 2,]", 2, 4),
            ("[1 2]", 1, 4),
            ("\"가\" x", 1, 5),
            ("01", 1, 2),
            ("1.", 1, 3),
            ("-", 1, 2),
            ("nul", 1, 1),
            ("\"\\x\"", 1, 3),
            ("\"\\ud800\"", 1, 8),
            ("\"\\uD800\\u0041\"", 1, 14),
            ("\"a\nb\"", 1, 3),
            ("'a'", 1, 1),
        ] {
            assert_eq!(Json::parse(text), Err(BadJson { line, column }), "{text:?}");
        }
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn numbers_are_asked_for_as_what_they_are() {
        let value = Json::parse("[3, -3, 0.25, 9223372036854775807, 18446744073709551615, 1e3, true]").unwrap();
        assert_eq!((value[0].as_i64(), value[0].as_u64(), value[0].as_f64()), (Some(3), Some(3), Some(3.0)));
        assert_eq!((value[1].as_i64(), value[1].as_u64(), value[1].as_f64()), (Some(-3), None, Some(-3.0)));
        assert_eq!((value[2].as_i64(), value[2].as_f64()), (None, Some(0.25)));
        assert_eq!((value[3].as_i64(), value[4].as_i64()), (Some(i64::MAX), None));
        assert_eq!((value[4].as_u64(), value[5].as_f64()), (Some(u64::MAX), Some(1000.0)));
        assert_eq!((&value[6], &value[7]["x"], value[6].as_bool()), (&Json::Bool(true), &Json::Null, Some(true)));
    }

    #[test]
    fn fields_are_written_by_name() {
        let mut value = Json::object([("b", 1_i64.into()), ("a", Json::list(["x\u{1}\"\n"])), ("c", Json::Null)]);
        value.set("a2", Some(2_u64).into());
        value.set("b", false.into());
        assert_eq!(value.to_string(), r#"{"a":["x\u0001\"\n"],"a2":2,"b":false,"c":null}"#);
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Read and written byte for byte as the library that everything else uses does.
        #[test]
        fn it_agrees_with_serde_json(value in any_json()) {
            for text in [value.to_string(), format!("{value:#}")] {
                prop_assert_eq!(Json::parse(&text).unwrap().to_string(), value.to_string());
            }
        }

        #[test]
        fn any_text_is_json_for_both_or_for_neither(text in r#"[\[\]{}:,"\\a-f0-9.eu \n-]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // A number beyond f64 is theirs to refuse.
            let too_large = theirs.as_ref().err().is_some_and(|error| error.to_string().contains("out of range"));
            prop_assert!(too_large || Json::parse(&text).is_ok() == theirs.is_ok(), "{text}");
        }
    }
}

//! What a reader sees, in both languages at once.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A language of the workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// Both languages, in the order the workbook lists them.
    pub const ALL: [Lang; 2] = [Lang::Ko, Lang::En];

    /// The BCP 47 tag: `ko` or `en`; also the folder under `book/` and the first path segment.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Ko => "ko",
            Lang::En => "en",
        }
    }

    /// The language a tag or a POSIX locale names (`ko`, `ko-KR`, `ko_KR.UTF-8`, `en`, `C` ...).
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag.split(['-', '_', '.', '@']).next()?.to_ascii_lowercase().as_str() {
            "ko" => Some(Lang::Ko),
            "en" | "c" | "posix" => Some(Lang::En),
            _ => None,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A message in both languages. There is no way to make one that lacks a language, which is what
/// keeps the two from drifting apart. Made with [`text!`](crate::text).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Korean.
    pub ko: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A message whose words are fixed.
    pub const fn fixed(ko: &'static str, en: &'static str) -> Text {
        Text { ko: Cow::Borrowed(ko), en: Cow::Borrowed(en) }
    }

    /// The same words in both languages: a file name, a number, a command.
    pub fn verbatim(words: impl Into<String>) -> Text {
        let words = words.into();
        Text { ko: Cow::Owned(words.clone()), en: Cow::Owned(words) }
    }

    /// The message in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }
}

/// Makes a [`Text`]; both languages take the same in-scope names: `text!(ko: "{n}초", en: "{n} s")`.
#[macro_export]
macro_rules! text {
    (ko: $ko:literal, en: $en:literal $(,)?) => {
        $crate::Text {
            ko: ::std::borrow::Cow::Owned(::std::format!($ko)),
            en: ::std::borrow::Cow::Owned(::std::format!($en)),
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language() {
        for (tag, want) in [
            ("ko", Some(Lang::Ko)),
            ("ko_KR.UTF-8", Some(Lang::Ko)),
            ("en-GB", Some(Lang::En)),
            ("C.UTF-8", Some(Lang::En)),
            ("fr_FR", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_tag(tag), want, "{tag:?}");
        }
    }

    #[test]
    fn both_languages_see_the_same_numbers() {
        let n = 3;
        let text = text!(ko: "{n}초", en: "{n} s");
        assert_eq!((text.get(Lang::Ko), text.get(Lang::En)), ("3초", "3 s"));
    }
}

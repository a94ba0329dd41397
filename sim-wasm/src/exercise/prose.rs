//! Texts of exercises: paragraphs parted by empty lines, commands in backticks.

use yew::{Html, html};

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Code(&'a str),
}

/// Each paragraph as a `<p>`.
pub fn paragraphs(text: &str) -> Html {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| html! { <p>{line(part)}</p> }).collect()
}

/// A line without a paragraph of its own.
pub fn line(text: &str) -> Html {
    let piece = |piece| match piece {
        Piece::Words(words) => html! {{words}},
        Piece::Code(code) => html! { <code>{code}</code> },
    };
    pieces(text).into_iter().map(piece).collect()
}

/// A unit as it follows its figure: Korean counters and `초` stand close, others apart.
pub fn unit(unit: &str) -> String {
    let close = unit.is_empty() || unit.starts_with(|c: char| ('가'..='힣').contains(&c));
    if close { unit.to_owned() } else { format!(" {unit}") }
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        // A backtick without a partner is a backtick.
        let Some((code, after)) = after.split_once('`') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(Piece::Code(code));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::Piece::{Code, Words};
    use super::*;

    #[test]
    fn backticks_are_code() {
        for (text, want) in [
            ("", vec![]),
            ("plain", vec![Words("plain")]),
            ("see `cat x` now", vec![Words("see "), Code("cat x"), Words(" now")]),
            ("`a``b`", vec![Code("a"), Code("b")]),
            ("5` long", vec![Words("5` long")]),
        ] {
            assert_eq!(pieces(text), want, "{text:?}");
        }
    }

    #[test]
    fn units_stand_as_each_language_wants() {
        for (name, want) in [("", ""), ("초", "초"), ("개", "개"), ("s", " s"), ("%", " %")] {
            assert_eq!(unit(name), want);
        }
    }
}

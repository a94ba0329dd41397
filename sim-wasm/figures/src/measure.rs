//! How wide a text will be, without asking a font.
//!
//! A figure is laid out in the builder, in a terminal and in a page, and has to come out the same:
//! so widths are estimated, a little generously, from the kind of each letter.

/// Tenths of a CSS pixel: what figures are laid out in, so that no fraction is ever printed by a
/// floating-point formatter.
pub const PX: i32 = 10;

/// Estimated advance of a letter, thousandths of the font size.
fn advance(c: char) -> i32 {
    match c {
        ' ' => 290,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 300,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 390,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 900,
        '0'..='9' => 580,
        'A'..='Z' => 670,
        '\u{20}'..='\u{7e}' => 570,
        '·' | '’' => 300,
        // Hangul, kana, ideographs and full-width forms take a whole square; arrows and signs fit.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7af}' | '\u{f900}'..='\u{ffdc}' => 960,
        _ => 800,
    }
}

/// Estimated width of a text at a font size in pixels, in [`PX`].
pub fn width(text: &str, size: i32) -> i32 {
    let thousandths: i32 = text.chars().map(advance).sum();
    (thousandths * size * PX + 999) / 1000
}

/// Breaks a text into lines no wider than `room` (in [`PX`]) at its spaces; a word that is wider
/// alone keeps a line of its own.
pub fn wrap(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hangul_syllable_is_wider_than_a_latin_letter() {
        for (text, want) in [("", 0), ("0", 76), ("분", 125), ("1분", 201), ("0.63", 266)] {
            assert_eq!(width(text, 13), want, "{text:?}");
        }
    }

    #[test]
    fn lines_break_at_spaces_only() {
        assert_eq!(wrap("one two three", 10, 480), ["one two", "three"]);
        assert_eq!(wrap("아주긴한국어낱말 끝", 10, 200), ["아주긴한국어낱말", "끝"]);
        assert_eq!(wrap("  ", 10, 200), Vec::<String>::new());
    }
}

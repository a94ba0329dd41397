//! Aligned columns at the widths a terminal shows: a Korean letter takes two cells.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Cells of a line when there is no terminal to ask.
pub const WIDTH: usize = 80;

/// The cells of the terminal's line, at least 40.
pub fn terminal_width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let cells = size.map_or(WIDTH, |size| usize::from(size.ws_col));
    // A terminal that does not know its size says 0.
    if cells == 0 { WIDTH } else { cells.clamp(40, 200) }
}

/// Lines of the terminal; nothing when there is none.
pub fn terminal_height() -> Option<usize> {
    let lines = usize::from(rustix::termios::tcgetwinsize(std::io::stdout()).ok()?.ws_row);
    // A terminal that does not know its size says 0.
    (lines > 0).then(|| lines.clamp(10, 500))
}

/// Which side of its column a cell stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Cells that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Rows as lines, two blanks between columns, none at the end of a line. A row may be shorter than
/// `sides`.
pub fn table(sides: &[Side], rows: &[Vec<String>]) -> String {
    let columns = sides.len();
    let widest =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                line.push_str("  ");
            }
            let pad = " ".repeat(widths[i].saturating_sub(width(cell)));
            match sides[i] {
                Side::Left => line.extend([cell.as_str(), &pad]),
                Side::Right => line.extend([&pad, cell.as_str()]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Breaks a text into lines of at most `cells`, each after `indent` blanks. Lines of the text stay
/// apart; words stay whole unless one alone is wider than a line.
pub fn wrap(text: &str, indent: usize, cells: usize) -> String {
    let room = cells.saturating_sub(indent).max(10);
    let blank = " ".repeat(indent);
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let needed = width(word) + usize::from(!line.is_empty());
            if !line.is_empty() && width(&line) + needed > room {
                out.extend([&blank, line.as_str(), "\n"]);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            for letter in word.chars() {
                if width(&line) + letter.width().unwrap_or(0) > room {
                    out.extend([&blank, line.as_str(), "\n"]);
                    line.clear();
                }
                line.push(letter);
            }
        }
        if line.is_empty() {
            out.push('\n');
        } else {
            out.extend([&blank, line.as_str(), "\n"]);
        }
    }
    out
}

/// An entry of a list: the first line after `indent` blanks and a dash, the others below its words.
pub fn bullet(text: &str, indent: usize, cells: usize) -> String {
    let lines = wrap(text, indent + 2, cells);
    format!("{}- {}", " ".repeat(indent), lines.trim_start())
}

/// A line of at most `cells`; what is cut off leaves an ellipsis.
pub fn cut(line: &str, cells: usize) -> String {
    if width(line) <= cells {
        return line.to_owned();
    }
    let mut kept = String::new();
    for letter in line.chars() {
        if width(&kept) + letter.width().unwrap_or(0) + 1 > cells {
            break;
        }
        kept.push(letter);
    }
    kept + "…"
}

/// Labels and the words behind them, each label after `indent` blanks, the words wrapped beside it.
pub fn labelled(rows: &[(&str, &str)], indent: usize, cells: usize) -> String {
    let labels = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let beside = indent + labels + 2;
    let mut out = String::new();
    for (label, words) in rows {
        let pad = " ".repeat(beside - indent - width(label));
        let wrapped = wrap(words, beside, cells);
        out.extend([&" ".repeat(indent), *label, &pad, wrapped.trim_start()]);
    }
    out
}

/// Makes a text safe for a terminal: what a file says must not move the cursor or change colours.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_at_korean_widths() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text = table(
            &[Side::Left, Side::Right, Side::Left],
            &[row(["예측", "0.63", "가"]), row(["simulator", "12", ""]), row(["a", "부하", "c"])],
        );
        assert_eq!(text, "예측       0.63  가\nsimulator    12\na          부하  c\n");
    }

    #[test]
    fn wrapping_keeps_words_and_lines() {
        for (text, indent, cells, want) in [
            ("one two three", 0, 13, "one two three\n"),
            ("one two three", 0, 12, "one two\nthree\n"),
            ("부하 평균은 낮습니다", 2, 14, "  부하 평균은\n  낮습니다\n"),
            ("first\n\nsecond", 1, 80, " first\n\n second\n"),
            ("abcdefghijklmnop", 0, 10, "abcdefghij\nklmnop\n"),
            ("", 0, 80, ""),
        ] {
            assert_eq!(wrap(text, indent, cells), want, "{text:?}");
        }
    }

    #[test]
    fn lines_are_cut_and_entries_hang() {
        assert_eq!(cut("부하 평균", 9), "부하 평균");
        assert_eq!(cut("부하 평균", 8), "부하 평…");
        assert_eq!(cut("부하 평균", 4), "부…");
        assert_eq!(bullet("one two three four", 2, 14), "  - one two\n    three four\n");
    }

    #[test]
    fn words_stand_beside_their_label() {
        let text = labelled(&[("시간", "one two three"), ("a", "b")], 2, 15);
        assert_eq!(text, "  시간  one two\n        three\n  a     b\n");
    }

    #[test]
    fn a_file_cannot_drive_the_terminal() {
        assert_eq!(printable("a\x1b[31mb\r\n\tc"), "a\u{fffd}[31mb\u{fffd}\n\tc");
    }
}

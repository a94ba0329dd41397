//! What changed in a file between two moments.

/// A piece of text and whether it is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text; what is marked has no blanks around it.
    pub text: String,
    /// Whether it was not there, or was other, before.
    pub changed: bool,
}

/// Splits `now` into words and marks those that are not the same as at their place in `before`.
/// Kernel files keep their shape from read to read: the words of a line compare one to one.
pub fn mark(before: Option<&str>, now: &str) -> Vec<Piece> {
    let mut old_lines = before.unwrap_or_default().split_inclusive('\n');
    let mut pieces: Vec<Piece> = Vec::new();
    for line in now.split_inclusive('\n') {
        let mut old_words = old_lines.next().unwrap_or_default().split_inclusive([' ', '\n']);
        for word in line.split_inclusive([' ', '\n']) {
            let bare = word.trim_end_matches([' ', '\n']);
            let changed = old_words.next().map(|old| old.trim_end_matches([' ', '\n'])) != Some(bare);
            if changed && !bare.is_empty() {
                pieces.push(Piece { text: bare.to_owned(), changed });
                plain(&mut pieces, &word[bare.len()..]);
            } else {
                plain(&mut pieces, word);
            }
        }
    }
    pieces
}

fn plain(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(last) if !last.changed => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece { text: text.to_owned(), changed: false }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_differ_are_marked() {
        for (before, now, want) in [
            (Some("0.08 0.02 2/121 5\n"), "0.15 0.02 2/121 5\n", vec!["0.15"]),
            (Some("a 1\nb 2\n"), "a 1\nb 2\n", vec![]),
            (Some("a 1\n"), "a 1\nb 2\n", vec!["b", "2"]),
            (Some("a 1\nb 2\n"), "a 1\n", vec![]),
            (None, "x y", vec!["x", "y"]),
            (Some("cpu  1 0"), "cpu  2 0", vec!["2"]),
        ] {
            let pieces = mark(before, now);
            let changed: Vec<_> = pieces.iter().filter(|p| p.changed).map(|p| p.text.as_str()).collect();
            assert_eq!(changed, want, "{before:?} → {now:?}");
            let whole: String = pieces.into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, now, "nothing is lost");
        }
    }
}

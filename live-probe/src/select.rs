//! Which exercises a word on the command line means.

use exercises::{Exercise, catalogue};
use sim_core::text;

use crate::context::Failure;

/// One exercise, by its id or by the part after the slash.
///
/// # Errors
/// There is none, or several chapters have one of that name.
pub fn one(word: &str) -> Result<&'static Exercise, Failure> {
    match named(word).as_slice() {
        [exercise] => Ok(exercise),
        [] => Err(unknown(word)),
        several => {
            let ids = several.iter().map(|exercise| format!("\n  {}", exercise.id)).collect::<String>();
            Err(Failure::usage(text!(
                ko: "{word}: 여러 장에 있는 이름입니다. 다음 중 하나를 온전히 쓰십시오.{ids}",
                en: "{word}: several chapters have it. Write one of these in full:{ids}"
            )))
        }
    }
}

/// Some exercises: `all`, a chapter (`ch03-load-average`, `ch03`, `3`), or one exercise.
///
/// # Errors
/// The word means nothing.
pub fn some(word: &str) -> Result<Vec<&'static Exercise>, Failure> {
    if word == "all" {
        return Ok(catalogue().iter().collect());
    }
    let chapter: Vec<_> = catalogue().iter().filter(|exercise| is_chapter(exercise.chapter(), word)).collect();
    if chapter.is_empty() { one(word).map(|exercise| vec![exercise]) } else { Ok(chapter) }
}

fn named(word: &str) -> Vec<&'static Exercise> {
    catalogue().iter().filter(|exercise| exercise.id == word || exercise.slug() == word).collect()
}

fn is_chapter(chapter: &str, word: &str) -> bool {
    let word = word.trim_end_matches('/');
    let number = chapter.split('-').next().unwrap_or(chapter);
    chapter == word || number == word || number.trim_start_matches("ch").trim_start_matches('0') == word
}

fn unknown(word: &str) -> Failure {
    let near: String = catalogue()
        .iter()
        .filter(|exercise| exercise.id.contains(word) || shares_a_word(exercise.slug(), word))
        .map(|exercise| format!("\n  {}", exercise.id))
        .collect();
    if near.is_empty() {
        return Failure::usage(text!(
            ko: "{word}: 그런 연습 문제나 장은 없습니다. `live-probe list`로 볼 수 있습니다.",
            en: "{word}: there is no such exercise or chapter. `live-probe list` shows them."
        ));
    }
    Failure::usage(text!(
        ko: "{word}: 그런 연습 문제는 없습니다. 비슷한 것:{near}",
        en: "{word}: there is no such exercise. Like it:{near}"
    ))
}

fn shares_a_word(slug: &str, word: &str) -> bool {
    let word = word.rsplit('/').next().unwrap_or(word);
    word.split('-').filter(|part| part.len() > 3).any(|part| slug.split('-').any(|known| known == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_are_named_in_full_or_by_number() {
        for (word, want) in [
            ("ch03-load-average", true),
            ("ch03-load-average/", true),
            ("ch03", true),
            ("3", true),
            ("ch3", false),
            ("ch04", false),
            ("", false),
            ("load-average", false),
        ] {
            assert_eq!(is_chapter("ch03-load-average", word), want, "{word:?}");
        }
    }

    #[test]
    fn exercises_are_named_in_full_or_by_slug() {
        for exercise in catalogue() {
            assert_eq!(one(&exercise.id).unwrap().id, exercise.id);
            assert_eq!(one(exercise.slug()).unwrap().id, exercise.id);
            assert!(some(exercise.chapter()).unwrap().iter().any(|other| other.id == exercise.id));
        }
        assert_eq!(some("all").unwrap().len(), catalogue().len());
        for word in ["nothing-like-it", "", "ch99", "/", "ALL"] {
            assert!(some(word).is_err(), "{word:?}");
        }
        let refused = one("load-after-an-hour").unwrap_err();
        assert!(refused.text.ko.contains("ch03-load-average/load-after-a-minute"), "{refused:?}");
    }
}

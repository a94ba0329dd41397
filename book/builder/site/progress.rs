//! "Your progress": a line a chapter, and a file to take it elsewhere. `theme/reader.js` counts.

use sim_core::{Lang, Text};

use super::html::escape;

/// The box in one language.
pub fn progress(lang: Lang) -> String {
    let [title, note, chapter, passed, export, import] = [
        Text::fixed("내 진행 상황", "Your progress"),
        Text::fixed(
            "통과한 연습 문제는 이 브라우저에만 남습니다. 다른 컴퓨터나 터미널로 옮기려면 파일로 내보냅니다. `live-probe progress --import`가 그 파일을 읽고, `--export`가 만든 파일은 여기에서 가져옵니다.",
            "What you have passed is kept in this browser only. To take it to another machine or to a terminal, export it: `live-probe progress --import` reads the file, and the one that `--export` makes is imported here.",
        ),
        Text::fixed("장", "chapter"),
        Text::fixed("통과", "passed"),
        Text::fixed("파일로 내보내기", "Export to a file"),
        Text::fixed("파일에서 가져오기", "Import from a file"),
    ]
    .map(|words| code(&escape(words.get(lang))));
    let row = |chapter: &[exercises::Exercise]| {
        let (name, all) = (chapter[0].chapter(), chapter.len());
        let ids: Vec<_> = chapter.iter().map(|exercise| exercise.id.as_str()).collect();
        format!(
            "<tr data-exercises=\"{}\"><th scope=\"row\"><a href=\"{name}.html\">{name}</a></th><td>– / {all}</td></tr>",
            ids.join(" ")
        )
    };
    let rows: String = exercises::catalogue().chunk_by(|a, b| a.chapter() == b.chapter()).map(row).collect();
    format!(
        "<section class=\"my-progress\" aria-label=\"{title}\"><p class=\"machine-card-title\">{title}</p><p>{note}</p>\
         <div class=\"table-wrapper\"><table><thead><tr><th scope=\"col\">{chapter}</th><th scope=\"col\">{passed}</th></tr></thead>\
         <tbody>{rows}</tbody></table></div>\
         <p class=\"my-progress-tools\"><button type=\"button\" class=\"exercise-button\" data-act=\"export\">{export}</button> \
         <button type=\"button\" class=\"exercise-button\" data-act=\"import\">{import}</button>\
         <input type=\"file\" accept=\"application/json,.json\" aria-label=\"{import}\" hidden></p>\
         <p class=\"my-progress-said\" role=\"status\"></p></section>"
    )
}

/// What stands between backquotes, as code.
fn code(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(i, part)| if i % 2 == 1 { format!("<code>{part}</code>") } else { part.into() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exercise_is_counted_once() {
        for lang in Lang::ALL {
            let html = progress(lang);
            for exercise in exercises::catalogue() {
                assert_eq!(html.matches(&exercise.id).count(), 1, "{}", exercise.id);
            }
            assert!(!html.contains('`'));
        }
    }
}

//! The reader's own machine on a page: `{{@NAME}}` within the text, and the machine card. Both are empty
//! until live-probe serves the page; what can be shown is listed in `exercises/here.toml`.

use exercises::here;
use sim_core::{Lang, Text, text};

use super::html::escape;
use super::page::{Mistake, line_of, outside_code};

/// The text with a place for each figure; a name that is not listed is a mistake.
pub fn fill(text: &str) -> (String, Vec<Mistake>) {
    let mut filled = String::with_capacity(text.len());
    let mut mistakes = Vec::new();
    let mut done = 0;
    for span in outside_code(text, "{{@") {
        let name = text[span.start + 3..span.end - 2].trim();
        filled.push_str(&text[done..span.start]);
        done = span.end;
        match here::find(name) {
            Some(figure) => filled.push_str(&format!("<span class=\"here\" data-here=\"{}\"></span>", figure.name)),
            None => {
                let known: Vec<_> = here::figures().iter().map(|figure| figure.name.as_str()).collect();
                let what = format!("exercises/here.toml has no figure {name}: it has {}", known.join(", "));
                mistakes.push(Mistake { line: line_of(text, span.start), what });
            }
        }
    }
    filled.push_str(&text[done..]);
    (filled, mistakes)
}

/// Each figure as it is written, with its line.
pub fn written(text: &str) -> Vec<(String, usize)> {
    outside_code(text, "{{@")
        .into_iter()
        .map(|span| (text[span.clone()].to_owned(), line_of(text, span.start)))
        .collect()
}

/// The machine card: what a reader fills in by hand, and live-probe by itself.
pub fn card(lang: Lang) -> String {
    let [title, empty, what, value, command] = [
        Text::fixed("머신 카드", "Machine card"),
        Text::fixed(
            "이 책을 `live-probe serve`로 열면 이 컴퓨터의 값이 저절로 채워집니다. 아니면 오른쪽 명령으로 찾아 적습니다.",
            "Open this book with `live-probe serve` and it fills itself with the figures of your machine. Otherwise the commands on the right tell them.",
        ),
        Text::fixed("항목", "what"),
        Text::fixed("값", "value"),
        Text::fixed("보는 명령", "command"),
    ]
    .map(|words| escape(words.get(lang)));
    let empty = empty.replacen('`', "<code>", 1).replacen('`', "</code>", 1);
    let row = |figure: &here::Figure| {
        let (name, label, command) = (&figure.name, escape(figure.label.get(lang)), escape(&figure.command));
        format!("<tr data-here=\"{name}\"><th scope=\"row\">{label}</th><td></td><td><code>{command}</code></td></tr>")
    };
    let rows: String = here::figures().iter().filter(|figure| figure.card).map(row).collect();
    format!(
        "<section class=\"machine-card\" aria-label=\"{title}\"><p class=\"machine-card-title\">{title}</p>\
         <p class=\"machine-card-note\" role=\"status\">{empty}</p><div class=\"table-wrapper\"><table>\
         <thead><tr><th scope=\"col\">{what}</th><th scope=\"col\">{value}</th><th scope=\"col\">{command}</th></tr></thead>\
         <tbody>{rows}</tbody></table></div></section>"
    )
}

/// The words that the search finds the card by.
pub fn card_words(lang: Lang) -> String {
    let labels: Vec<_> = here::figures().iter().filter(|figure| figure.card).map(|f| f.label.get(lang)).collect();
    let all = labels.join(", ");
    text!(ko: "머신 카드: {all}", en: "Machine card: {all}").get(lang).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_figure_gets_a_place_and_another_is_a_mistake() {
        let (filled, mistakes) = fill("CPU{{@cpus}}.\n\n`{{@cpus}}`\n");
        assert_eq!(filled, "CPU<span class=\"here\" data-here=\"cpus\"></span>.\n\n`{{@cpus}}`\n");
        assert!(mistakes.is_empty());
        let (_, mistakes) = fill("a\nb {{@etc-shadow}}");
        assert_eq!((mistakes.len(), mistakes[0].line), (1, 2));
        assert!(mistakes[0].what.contains("etc-shadow") && mistakes[0].what.contains("cpus"));
    }

    #[test]
    fn the_card_has_a_row_for_each_figure_it_is_to_have() {
        let wanted = here::figures().iter().filter(|figure| figure.card).count();
        for lang in Lang::ALL {
            assert_eq!(card(lang).matches("<tr data-here").count(), wanted);
        }
    }
}

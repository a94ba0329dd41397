//! The last touches to a page that mdBook has rendered.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use sim_core::Lang;

use super::html::escape;
use super::slots::Slots;
use super::strings::string;

/// Where the template wants the contents.
pub const TOC: &str = "<!--toc-->";

/// mdBook's admonition titles, in the order of the keys of their strings.
const ADMONITIONS: [(&str, &str); 5] =
    [("Note", "note"), ("Tip", "tip"), ("Important", "important"), ("Warning", "warning"), ("Caution", "caution")];

/// Inline styles that mdBook writes, and the classes that do the same in `book.css`: a policy
/// without `unsafe-inline` would ignore the styles.
const STYLES: [(&str, &str); 4] = [
    (" style=\"text-align: left\"", " class=\"align-left\""),
    (" style=\"text-align: center\"", " class=\"align-center\""),
    (" style=\"text-align: right\"", " class=\"align-right\""),
    (" style=\"break-before: page; page-break-before: always;\"", " class=\"page-break\""),
];

/// The finished page.
pub fn finish(html: &str, toc: &str, slots: &Slots, lang: Lang) -> String {
    let mut html = html.replacen(TOC, toc, 1);
    for (style, class) in STYLES {
        html = html.replace(style, class);
    }
    for (english, key) in ADMONITIONS {
        let ours = string(key, lang).unwrap_or(english);
        html = html.replace(&format!("</svg>{english}</p>"), &format!("</svg>{ours}</p>"));
    }
    slots.fill(&prose(&breaks(&consoles(&html)), &|text| joined(&short(text), lang)))
}

/// What is as short as a name stays in one piece, on a phone too: a line that ends in `ss -` is no command.
fn short(text: &str) -> Cow<'_, str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<code>([^<\n]{1,24})</code>").unwrap());
    NAME.replace_all(text, "<code class=\"short\">$1</code>")
}

/// Holds together what a line is not to part: a number and its unit, and in Korean a particle and what it
/// follows. Browsers break a line behind a bracket or a percent sign even where words stay whole.
fn joined(text: &str, lang: Lang) -> String {
    static UNIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\d) (%|(?:s|ms|µs|ns|[KMGT]iB|[kMG]B)\b)").unwrap());
    static PARTICLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([)%\]](?:</(?:code|a|strong|em)>)?)([가-힣])").unwrap());
    let text = UNIT.replace_all(text, "$1\u{a0}$2");
    if lang == Lang::Ko { PARTICLE.replace_all(&text, "$1\u{2060}$2").into_owned() } else { text.into_owned() }
}

/// Changes what is prose of a page, and nothing that is copied, drawn or run.
fn prose(html: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut done = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((at, tag)) =
        ["<pre", "<svg", "<script", "<head"].into_iter().filter_map(|tag| Some((rest.find(tag)?, tag))).min()
    {
        let close = format!("</{}>", &tag[1..]);
        let (text, after) = rest.split_at(at);
        let length = after.find(&close).map_or(after.len(), |found| found + close.len());
        done.push_str(&change(text));
        done.push_str(&after[..length]);
        rest = &after[length..];
    }
    done.push_str(&change(rest));
    done
}

/// Lets names in tables break after an underscore. Without a place to do so, a narrow screen breaks
/// `vm.dirty_ratio` before its last letter.
fn breaks(html: &str) -> String {
    within(html, "<td", "</td>", &|cell| within(cell, "<code>", "</code>", &|name| name.replace('_', "_<wbr>")))
}

/// Changes what stands between `begin` and `end`, wherever they do.
fn within(html: &str, begin: &str, end: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut done = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(begin) {
        let (inside, after) = after.split_at(after.find(end).unwrap_or(after.len()));
        done.push_str(before);
        done.push_str(begin);
        done.push_str(&change(inside));
        rest = after;
    }
    done.push_str(rest);
    done
}

/// Marks prompts and commands in `console` blocks, so that a reader sees at once what is typed and
/// what is answered, and copies only the former.
fn consoles(html: &str) -> String {
    const BEGIN: &str = "<pre><code class=\"language-console\">";
    let mut done = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (inside, after) = after.split_once("</code></pre>").unwrap_or((after, ""));
        done.push_str(before);
        done.push_str(BEGIN);
        let mut typed = false;
        for line in inside.split_inclusive('\n') {
            let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
            let prompt = ["$ ", "# "].into_iter().find(|prompt| text.starts_with(prompt));
            // A command that ends in a backslash goes on in the next line.
            let goes_on = prompt.is_none() && typed;
            typed = (prompt.is_some() || goes_on) && text.ends_with('\\');
            match prompt {
                Some(prompt) => {
                    let command = &text[prompt.len()..];
                    done.push_str(&format!(
                        "<span class=\"prompt\">{prompt}</span><span class=\"command\">{command}</span>"
                    ));
                }
                None if goes_on => done.push_str(&format!("<span class=\"command\">{text}</span>")),
                None => done.push_str(text),
            }
            done.push_str(end);
        }
        done.push_str("</code></pre>");
        rest = after;
    }
    done.push_str(rest);
    done
}

/// A sentence or two for search engines, from the beginning of the page.
pub fn description(text: &str) -> String {
    const MOST: usize = 160;
    let mut cut: String = text.chars().take(MOST).collect();
    if cut.len() < text.len() {
        let end = cut.rfind(' ').unwrap_or(cut.len());
        cut.truncate(end);
        cut.push('…');
    }
    escape(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_answers() {
        for (inside, want) in [
            ("$ a\nb\n", "<span class=\"prompt\">$ </span><span class=\"command\">a</span>\nb\n"),
            (
                "# a \\\n  b\nc",
                "<span class=\"prompt\"># </span><span class=\"command\">a \\</span>\n<span class=\"command\">  b</span>\nc",
            ),
            ("plain", "plain"),
        ] {
            let page = |inside: &str| format!("x<pre><code class=\"language-console\">{inside}</code></pre>y");
            assert_eq!(consoles(&page(inside)), page(want));
        }
        assert_eq!(consoles("<pre><code>$ a</code></pre>"), "<pre><code>$ a</code></pre>");
    }

    #[test]
    fn short_names_stay_in_one_piece() {
        let long = "x".repeat(25);
        for (html, want) in [
            ("<code>ss -p</code>".to_owned(), "<code class=\"short\">ss -p</code>".to_owned()),
            ("<pre><code>ss -p</code></pre>".to_owned(), "<pre><code>ss -p</code></pre>".to_owned()),
            (format!("<code>{long}</code>"), format!("<code>{long}</code>")),
            ("<code>a_<wbr>b</code>".to_owned(), "<code>a_<wbr>b</code>".to_owned()),
        ] {
            assert_eq!(prose(&html, &|text| short(text).into_owned()), want);
        }
    }

    #[test]
    fn particles_and_units_stay_with_their_words() {
        for (html, want) in [
            ("페이지(page)를", "페이지(page)\u{2060}를"),
            ("<code>connect()</code>는", "<code>connect()</code>\u{2060}는"),
            ("20 %입니다 (b) 다음", "20\u{a0}%\u{2060}입니다 (b) 다음"),
            ("4 ms, 8 MiB/s, 3 structs", "4\u{a0}ms, 8\u{a0}MiB/s, 3 structs"),
            ("<pre>(a)를 4 ms</pre>(b)를<svg>(c)를</svg>", "<pre>(a)를 4 ms</pre>(b)\u{2060}를<svg>(c)를</svg>"),
        ] {
            assert_eq!(prose(html, &|text| joined(text, Lang::Ko)), want);
        }
        assert_eq!(joined("(a)를 4 ms", Lang::En), "(a)를 4\u{a0}ms");
    }

    #[test]
    fn names_in_tables_break_after_an_underscore() {
        for (html, want) in [
            ("<td><code>a_b_c</code> d_e</td>", "<td><code>a_<wbr>b_<wbr>c</code> d_e</td>"),
            ("<td class=\"x_y\"><code>a_b</code></td>_", "<td class=\"x_y\"><code>a_<wbr>b</code></td>_"),
            ("<p><code>a_b</code></p>", "<p><code>a_b</code></p>"),
            ("<td><code>a_b", "<td><code>a_<wbr>b"),
        ] {
            assert_eq!(breaks(html), want);
        }
    }

    #[test]
    fn inline_styles_and_english_titles_go() {
        let html = "<td style=\"text-align: right\">1</td><svg></svg>Note</p><!--toc-->";
        let slots = Slots::default();
        assert_eq!(finish(html, "T", &slots, Lang::Ko), "<td class=\"align-right\">1</td><svg></svg>참고</p>T");
        assert_eq!(finish(html, "T", &slots, Lang::En), "<td class=\"align-right\">1</td><svg></svg>Note</p>T");
    }

    #[test]
    fn a_description_ends_at_a_word() {
        assert_eq!(description("short & sweet"), "short &amp; sweet");
        let long = description(&"word ".repeat(60));
        assert!(long.ends_with("word…") && long.chars().count() < 165, "{long}");
    }
}

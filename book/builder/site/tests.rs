//! A small book built with the real theme, and the facts its pages must show.

use std::path::{Path, PathBuf};

use super::html::{Tag, tags};
use super::*;
use crate::check::rendered;

const KO: &str = "# 부하 {#load}\n\n부하 평균은 개수입니다. \"글\"과 [다음](b.md#end)\n\n\
    {{#facilitator}}\n비밀스러운 20분 [b](b.md)\n\n## 진행자만 {#only}\n{{/facilitator}}\n\n\
    ## 보기 {#see}\n\n{{#sim load-average one-task-for-a-minute}}\n\n> [!NOTE]\n> 알아 두십시오\n\n\
    | a | b |\n|---|--:|\n| 1 | 2 |\n\n```console\n$ uptime\n up\n```\n\n<noscript>스크립트없음</noscript>\n\n\\{{#sim as it is}}\n";
const EN: &str = "# Load {#load}\n\nLoad is a count. [next](b.md#end)\n\n\
    {{#facilitator}}\nsecret20 minutes [b](b.md)\n\n## Only they {#only}\n{{/facilitator}}\n\n\
    ## See {#see}\n\n{{#sim load-average one-task-for-a-minute}}\n\n> [!NOTE]\n> Mind\n\n\
    | a | b |\n|---|--:|\n| 1 | 2 |\n\n```console\n$ uptime\n up\n```\n\n<noscript>scriptless</noscript>\n\n\\{{#sim as it is}}\n";

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Fixture {
        let fixture = Fixture { folder: tempfile::tempdir().unwrap() };
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("theme");
        for file in std::fs::read_dir(theme).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            fixture.put(&format!("theme/{name}"), &std::fs::read_to_string(file).unwrap());
        }
        for (lang, page, soon) in [("ko", KO, "나중"), ("en", EN, "Later")] {
            fixture.put(&format!("{lang}/SUMMARY.md"), &format!("# S\n\n[A](a.md)\n\n- [B & C](b.md)\n- [{soon}]()\n"));
            fixture.put(&format!("{lang}/a.md"), page);
            fixture.put(&format!("{lang}/b.md"), "# B {#end}\n\n{{#sim load-average one-task-for-a-minute}}\n\n{{#sim load-average one-task-for-a-minute}}\n");
            fixture.put(&format!("{lang}/own.txt"), "a file of the page");
        }
        fixture
    }

    fn put(&self, file: &str, text: &str) {
        let path = self.folder.path().join("book").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn build_with(&self, widgets: Vec<Asset>) -> Result<Report, BuildError> {
        build(&Options { book: self.folder.path().join("book"), out: self.out(), widgets })
    }

    fn build(&self) -> Report {
        self.build_with(Vec::new()).unwrap()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.out().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn tags(&self, file: &str) -> Vec<Tag> {
        tags(&self.read(file))
    }
}

fn has(tags: &[Tag], name: &str, attrs: &[(&str, &str)]) -> bool {
    tags.iter().any(|tag| tag.name == name && attrs.iter().all(|(key, value)| tag.attr(key) == Some(*value)))
}

#[test]
fn every_reference_resolves_and_nothing_comes_from_elsewhere() {
    let fixture = Fixture::new();
    assert_eq!(fixture.build().pages, 2);
    assert_eq!(rendered(&fixture.out()), []);
    assert_eq!(fixture.read("ko/own.txt"), "a file of the page");
    for gone in
        ["ko/book.js", "ko/highlight.js", "ko/toc.js", "ko/css/general.css", "ko/fonts/fonts.css", "ko/.nojekyll"]
    {
        assert!(!fixture.out().join(gone).exists(), "{gone}");
    }
}

#[test]
fn no_page_needs_more_than_a_strict_policy() {
    let fixture = Fixture::new();
    fixture.build();
    let policy: serde_json::Value = serde_json::from_str(&fixture.read("csp.json")).unwrap();
    assert_eq!(policy, serde_json::json!({"script-src": [], "style-src": [], "unsafe-inline-style": false}));
    for page in ["index.html", "ko/a.html", "en/print.html"] {
        for tag in fixture.tags(page) {
            let handler = tag.attrs.iter().find(|(name, _)| name.starts_with("on"));
            assert_eq!(handler, None, "{page}: {tag:?}");
        }
    }
}

#[test]
fn a_page_speaks_its_language_and_knows_its_twin() {
    let fixture = Fixture::new();
    fixture.build();
    for (lang, other, own, theirs) in [
        ("ko", "en", ["본문으로 건너뛰기", "참고", "차례"], "Skip"),
        ("en", "ko", ["Skip to the text", "Note", "Contents"], "건너"),
    ] {
        let page = fixture.read(&format!("{lang}/a.html"));
        let tags = tags(&page);
        assert!(has(&tags, "html", &[("lang", lang)]));
        assert!(has(&tags, "a", &[("id", "other-language"), ("href", &format!("../{other}/a.html"))]));
        assert!(has(
            &tags,
            "link",
            &[("rel", "alternate"), ("hreflang", other), ("href", &format!("../{other}/a.html"))]
        ));
        for words in own {
            assert!(page.contains(words), "{lang}: {words}");
        }
        assert!(!page.contains(theirs) && !page.contains("[[") && !page.contains("<!--"), "{lang}");
        assert!(page.contains("{{#sim as it is}}"), "an escaped directive is text");
    }
    let index = fixture.read("ko/index.html");
    assert!(index.contains("../en/index.html"), "the first chapter as index leads to the index");
}

#[test]
fn the_choice_of_language_works_without_scripts() {
    let fixture = Fixture::new();
    fixture.build();
    let tags = fixture.tags("index.html");
    for lang in ["ko", "en"] {
        assert!(has(&tags, "a", &[("href", &format!("{lang}/index.html")), ("hreflang", lang)]));
    }
}

#[test]
fn a_figure_has_its_picture_its_insight_and_its_fidelity() {
    let fixture = Fixture::new();
    fixture.build();
    for (lang, insight, fidelity) in [("ko", "0.63입니다", "충실도: 커널"), ("en", "is 0.63, not 1.00", "Fidelity: ")]
    {
        let page = fixture.read(&format!("{lang}/a.html"));
        let figure = page.split("<figure class=\"sim\"").nth(1).unwrap().split("</figure>").next().unwrap();
        for piece in [
            "id=\"sim-load-average-one-task-for-a-minute\"",
            "data-model=\"load-average\"",
            "data-preset=\"one-task-for-a-minute\"",
            "<div class=\"sim-static\"><svg",
            "<figcaption>",
            insight,
            "<p class=\"sim-fidelity\">",
            fidelity,
            "kernel/sched/loadavg.c: calc_load",
        ] {
            assert!(figure.contains(piece), "{lang}: {piece}");
        }
    }
    // The same figure again on a page has an id of its own.
    assert!(has(&fixture.tags("ko/b.html"), "figure", &[("id", "sim-load-average-one-task-for-a-minute-2")]));
    assert!(fixture.read("ko/print.html").matches("<figure class=\"sim\"").count() == 3);
}

#[test]
fn an_exercise_is_readable_and_carries_its_json() {
    let fixture = Fixture::new();
    let exercise = exercises::catalogue().first().unwrap();
    for (lang, page) in [("ko", KO), ("en", EN)] {
        fixture.put(&format!("{lang}/a.md"), &format!("{page}\n{{{{#exercise {}}}}}\n", exercise.id));
    }
    fixture.build();
    assert_eq!(rendered(&fixture.out()), []);
    let tags = fixture.tags("ko/a.html");
    assert!(has(&tags, "section", &[("class", "exercise"), ("data-exercise", &exercise.id), ("lang", "ko")]));
    let data = tags.iter().find(|tag| tag.attr("class") == Some("exercise-data")).unwrap();
    assert_eq!(data.attr("type"), Some("application/json"));
    let json: serde_json::Value = serde_json::from_str(&data.inside).unwrap();
    assert_eq!(json["id"], exercise.id.as_str());
    assert!(fixture.read("en/searchindex.js").contains(exercise.title.get(Lang::En)));
}

#[test]
fn the_search_knows_the_text_and_not_what_is_hidden() {
    let fixture = Fixture::new();
    fixture.build();
    for (lang, found, hidden) in [
        ("ko", ["부하 평균은 개수입니다", "0.63입니다", "uptime"], ["비밀스러운", "진행자만", "스크립트없음"]),
        ("en", ["Load is a count", "is 0.63, not 1.00", "uptime"], ["secret20", "Only they", "scriptless"]),
    ] {
        let index = fixture.read(&format!("{lang}/searchindex.js"));
        for words in found {
            assert!(index.contains(words), "{lang}: {words}");
        }
        for words in hidden {
            assert!(!index.contains(words), "{lang}: {words}");
            assert!(fixture.read(&format!("{lang}/a.html")).contains(words), "{lang}: the page has {words}");
        }
        assert!(index.contains("a.html#see"));
    }
    let page = fixture.read("ko/a.html");
    let block = page.split("<aside class=\"facilitator\"").nth(1).unwrap().split("</aside>").next().unwrap();
    assert!(block.contains("비밀스러운") && block.contains("<a href=\"b.html\">"), "{block}");
}

#[test]
fn the_contents_name_the_page_its_sections_and_what_is_to_come() {
    let fixture = Fixture::new();
    fixture.build();
    let page = fixture.read("ko/a.html");
    let toc = page.split("<nav class=\"toc\"").nth(1).unwrap().split("</nav>").next().unwrap();
    assert!(toc.contains("<a href=\"a.html\" aria-current=\"page\"><span class=\"toc-name\">A</span></a>"), "{toc}");
    assert!(toc.contains("<a href=\"#see\">보기</a>") && !toc.contains("#only"), "{toc}");
    assert!(toc.contains("B &amp; C") && toc.contains("나중") && toc.contains("준비 중"), "{toc}");
    let next = fixture.tags("ko/a.html");
    assert!(has(&next, "a", &[("class", "turn-next"), ("rel", "next"), ("href", "b.html")]));
}

#[test]
fn what_mdbook_styles_inline_has_classes() {
    let fixture = Fixture::new();
    fixture.build();
    let page = fixture.read("ko/a.html");
    assert!(page.contains("<td class=\"align-right\">2</td>") && page.contains("“글”과"));
    assert!(page.contains("<span class=\"prompt\">$ </span><span class=\"command\">uptime</span>"));
    assert!(fixture.read("ko/print.html").contains("<div class=\"page-break\"></div>"));
}

#[test]
fn a_second_build_writes_only_what_changed_and_is_quick() {
    let fixture = Fixture::new();
    let first = fixture.build();
    assert_eq!(fixture.read(".build-id").trim(), first.build_id);
    let same = fixture.build();
    assert_eq!((same.changed, &same.build_id), (0, &first.build_id));
    fixture.put("en/a.md", &EN.replace("a count", "a number"));
    let edited = fixture.build();
    // The page, the index that repeats it, the print page and the search index.
    assert_eq!(edited.changed, 4);
    assert_ne!(edited.build_id, first.build_id);
}

#[test]
fn every_mistake_is_named_with_its_line_and_the_old_site_stays() {
    let fixture = Fixture::new();
    let before = fixture.build().build_id;
    fixture.put("ko/a.md", "# A {#a}\n\n{{#sim load-average nothing}}\n\n{{#sim nothing x}}\n");
    fixture.put("en/a.md", "# A {#a}\n{{/facilitator}}\n\n{{#exercise c/x}}\n");
    let BuildError::Pages(problems) = fixture.build_with(Vec::new()).unwrap_err() else { panic!("no problems") };
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    for (line, says) in lines.iter().zip([
        "ko/a.md:3: There is no preset called `nothing`. Presets: one-task-for-a-minute",
        "ko/a.md:5: There is no model called `nothing`. Models: process-life, ",
        "en/a.md:2: {{/facilitator}} ends a block that nothing began",
        "en/a.md:4: there is no exercise \"c/x\": known are ch01-system-info/",
    ]) {
        assert!(line.starts_with(says), "{line}\nis not\n{says}");
    }
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert_eq!(fixture.read(".build-id").trim(), before);
    fixture.put("ko/SUMMARY.md", "# S\n\n- [A](a.md)\n- [Gone](gone.md)\n");
    let error = fixture.build_with(Vec::new()).unwrap_err().to_string();
    assert!(error.contains("ko/SUMMARY.md:4: ko/gone.md does not exist"), "{error}");
    assert!(!fixture.folder.path().join("book/ko/gone.md").exists(), "mdBook would create it");
}

#[test]
fn widgets_are_named_by_their_content_and_started_by_the_loader() {
    let fixture = Fixture::new();
    fixture.build();
    assert!(!fixture.read("ko/a.html").contains("widgets.js"), "a static site loads none");
    let made = fixture.folder.path().join("made");
    std::fs::create_dir_all(&made).unwrap();
    std::fs::write(made.join("sim_wasm.js"), "new URL('sim_wasm_bg.wasm', import.meta.url)").unwrap();
    std::fs::write(made.join("sim_wasm_bg.wasm"), b"\0asm").unwrap();
    std::fs::write(made.join("sim_wasm.a.wasm"), b"a").unwrap();
    std::fs::write(made.join("sim_wasm.parts.json"), r#"{"a":["a"],"b":["a"]}"#).unwrap();
    std::fs::write(made.join("loader.js"), "const MODULE = \"sim-wasm-HASH\"; const PARTS = {};").unwrap();
    let widgets = assets::widgets(&made, &made.join("loader.js")).unwrap();
    fixture.build_with(widgets).unwrap();
    let loader = fixture.read("assets/widgets.js");
    let name = loader.split('"').nth(1).unwrap().to_owned();
    assert!(name.starts_with("sim-wasm-") && !name.contains("HASH"), "{loader}");
    assert!(fixture.read(&format!("assets/{name}.js")).contains(&format!("{name}_bg.wasm")));
    assert_eq!(std::fs::read(fixture.out().join(format!("assets/{name}_bg.wasm"))).unwrap(), b"\0asm");
    let part = format!("sim-wasm-a-{}.wasm", name.trim_start_matches("sim-wasm-"));
    assert!(loader.contains(&format!(r#"PARTS = {{"a":["{part}"],"b":["{part}"]}};"#)), "{loader}");
    assert_eq!(fixture.read(&format!("assets/{part}")), "a");
    let script = fixture.tags("ko/a.html").into_iter().filter_map(|tag| tag.attr("src").map(str::to_owned));
    assert_eq!(script.filter(|src| src.starts_with("../assets/widgets.js?v=")).count(), 1);
    std::fs::write(made.join("loader.js"), "no module").unwrap();
    let error = assets::widgets(&made, &made.join("loader.js")).unwrap_err().to_string();
    assert!(error.contains("does not name the module"), "{error}");
}

#[test]
fn a_template_that_asks_for_what_there_is_not_is_refused() {
    let fixture = Fixture::new();
    fixture.put("theme/index.hbs", "<html>[[no-such]]</html>");
    let error = fixture.build_with(Vec::new()).unwrap_err().to_string();
    assert!(error.contains("[[no-such]] is no string; known are language"), "{error}");
}

#[test]
fn every_string_of_the_template_is_in_both_languages() {
    for (key, text) in strings::STRINGS {
        assert!(!text.ko.is_empty() && !text.en.is_empty(), "{key}");
    }
}

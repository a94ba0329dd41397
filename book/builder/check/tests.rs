//! The linter over tiny books: one sound book, and every way to spoil it.

use std::path::Path;

use super::source::Source;
use super::*;

const SUMMARY: &str = "# Summary\n\n- [A](a.md)\n- [To come]()\n";
const KO: &str = "# 가 {#a}\n\n첫 글 [가](a.md#b)와 [밖](https://example.org/x)\n\n## 나 {#b}\n\n{{#sim load-average one-task-for-a-minute}}\n\n\
                  ```console run\n$ cat /proc/loadavg 파일 # 설명\n0.63 0.15\n```\n";
const EN: &str = "# A {#a}\n\nFirst [out](https://example.org/x) and [a](a.md#b)\n\n## B {#b}\n\n{{#sim load-average one-task-for-a-minute}}\n\n\
                  ```console run\n$ cat /proc/loadavg FILE # why\n0.63 0.15\n```\n";

/// A workspace with the sound book; the record of drift is settled.
fn sound() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (lang, page) in [("ko", KO), ("en", EN)] {
        put(root.path(), &format!("book/{lang}/SUMMARY.md"), SUMMARY);
        put(root.path(), &format!("book/{lang}/a.md"), page);
    }
    assert!(drift::settle(root.path()).unwrap());
    root
}

fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    put(root, file, &text.replacen(from, to, 1));
}

fn page_findings(root: &Path) -> Vec<Finding> {
    let mut findings = pages_of(&Source::read(&root.join("book")).unwrap());
    findings.sort();
    findings
}

#[test]
fn a_sound_book_has_no_findings() {
    let root = sound();
    assert_eq!(page_findings(root.path()), []);
    assert_eq!(drift::check(root.path()), []);
}

#[test]
fn everything_that_can_be_wrong_with_a_page_is_found() {
    for (file, from, to, rule, line, says) in [
        ("ko/a.md", "## 나 {#b}", "## 나", "heading-id", 5, "\"나\" has no id"),
        ("ko/a.md", "{#b}", "{#a}", "heading-id", 5, "taken by the heading in line 1"),
        ("ko/a.md", "{#b}", "{#나}", "heading-id", 5, "no good address"),
        (
            "ko/a.md",
            "## 나",
            "### 나",
            "skeleton",
            5,
            "book/ko/a.md has ### {#b} (line 5), book/en/a.md has ## {#b} (line 5)",
        ),
        ("en/a.md", "## B {#b}", "text", "skeleton", 5, "book/en/a.md has nothing more"),
        (
            "en/a.md",
            "one-task-for-a-minute",
            "four-tasks-then-calm",
            "directives",
            7,
            "four-tasks-then-calm}} (line 7)",
        ),
        (
            "en/a.md",
            "one-task-for-a-minute",
            "no-such",
            "directives",
            7,
            "no preset called `no-such`. Presets: one-task",
        ),
        ("en/a.md", "load-average one", "buddy one", "directives", 7, "no model called `buddy`"),
        ("en/a.md", "{{#sim", "see {{#sim", "directives", 7, "must stand alone"),
        (
            "en/a.md",
            "{{#sim load-average one-task-for-a-minute}}",
            "{{#exercise c/x}}",
            "directives",
            7,
            "no exercise \"c/x\"",
        ),
        ("en/a.md", "cat /proc/loadavg", "cat /proc/stat", "code", 9, "commands: cat /proc/stat"),
        ("en/a.md", "0.63 0.15", "0.64 0.15", "code", 9, "numbers: 0 64"),
        ("en/a.md", "```console run", "```text", "code", 9, "```text of 2 lines"),
        ("en/a.md", "```console run", "```console run exact", "code", 9, "Exact"),
        ("en/a.md", "```console run", "```console", "commands", 9, "nothing says whether"),
        ("en/a.md", "```console run", "```console ran", "commands", 9, "`ran` is no mark"),
        ("en/a.md", "https://example.org/x", "https://example.org/y", "links", 3, "links to https://example.org/y"),
        ("ko/a.md", "a.md#b", "a.md#c", "link", 3, "a.md has no #c"),
        ("ko/a.md", "a.md#b", "b.md", "link", 3, "book/ko/b.md, which does not exist"),
        ("ko/a.md", "a.md#b", "/a.md", "link", 3, "not at the root"),
        ("ko/a.md", "a.md#b", "a.html#b", "link", 3, "names the page as built"),
        ("ko/a.md", "첫 글", "첫 TODO 글", "todo", 3, "TODO is left"),
        ("ko/SUMMARY.md", "(a.md)", "()", "summary", 1, "book/ko/SUMMARY.md does not list this page"),
        ("ko/SUMMARY.md", "- [To come]()", "", "summary", 4, "nothing more, book/en/SUMMARY.md has ()"),
    ] {
        let root = sound();
        edit(root.path(), &format!("book/{file}"), from, to);
        let findings = page_findings(root.path());
        let fits = |f: &&Finding| f.rule == rule && f.line == line && f.message.contains(says) && !f.fix.is_empty();
        assert!(findings.iter().any(|f| fits(&f)), "{file} {from:?} → {to:?}: {findings:#?}");
    }
}

#[test]
fn a_page_in_one_language_is_found() {
    let root = sound();
    put(root.path(), "book/ko/b.md", "# 나 {#b}\n");
    let findings = page_findings(root.path());
    let files: Vec<_> = findings.iter().map(|f| (f.rule, f.file.as_str())).collect();
    assert_eq!(files, [("files", "book/ko/b.md"), ("summary", "book/ko/b.md")]);
}

#[test]
fn code_and_escaped_words_are_no_mistakes() {
    let root = sound();
    for (lang, page) in [("ko", KO), ("en", EN)] {
        let more = "\n```text\nTODO {{#sim x}}\n```\n\n`{{#sim x}}` and `TODO`\n";
        put(root.path(), &format!("book/{lang}/a.md"), &format!("{page}{more}"));
    }
    assert_eq!(page_findings(root.path()), []);
}

#[test]
fn a_change_in_one_language_is_found_until_the_twin_changes() {
    let root = sound();
    edit(root.path(), "book/ko/a.md", "첫 글", "처음 글");
    let findings = drift::check(root.path());
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((findings[0].file.as_str(), findings[0].line), ("book/ko/a.md", 1));
    assert!(findings[0].fix.contains("book/en/a.md:1") && findings[0].fix.contains("--confirm a.md#a"));
    // Recording does not forgive it.
    drift::settle(root.path()).unwrap();
    assert_eq!(drift::check(root.path()), findings);
    // The twin follows.
    edit(root.path(), "book/en/a.md", "First", "At first");
    assert!(drift::check(root.path())[0].message.contains("does not know the sections"));
    assert!(drift::settle(root.path()).unwrap());
    assert_eq!(drift::check(root.path()), []);
    assert!(!drift::settle(root.path()).unwrap(), "nothing more to record");
}

#[test]
fn a_change_in_one_language_can_be_confirmed() {
    let root = sound();
    edit(root.path(), "book/en/a.md", "## B", "## Bee");
    assert_eq!(drift::check(root.path()).len(), 1);
    let error = drift::confirm(root.path(), &["a.md#nothing".into()]).unwrap_err();
    assert!(error.message.contains("no section a.md#nothing") && error.fix.contains("a.md#b"), "{error}");
    let error = drift::confirm(root.path(), &["a.md#a".into()]).unwrap_err();
    assert!(error.message.contains("has not drifted"), "{error}");
    drift::confirm(root.path(), &["a.md#b".into()]).unwrap();
    assert_eq!(drift::check(root.path()), []);
}

#[test]
fn new_lines_are_no_change_and_gone_sections_are_forgotten() {
    let root = sound();
    edit(root.path(), "book/ko/a.md", "첫 글 ", "첫\n글 ");
    assert_eq!(drift::check(root.path()), []);
    for file in ["book/ko/a.md", "book/en/a.md"] {
        let text = std::fs::read_to_string(root.path().join(file)).unwrap();
        put(root.path(), file, text.split("##").next().unwrap());
    }
    assert!(drift::settle(root.path()).unwrap());
    let lock = std::fs::read_to_string(root.path().join("book/drift.lock.toml")).unwrap();
    assert!(lock.contains("\na = [") && !lock.contains("\nb = ["), "{lock}");
}

#[test]
fn a_damaged_record_is_named() {
    let root = sound();
    put(root.path(), "book/drift.lock.toml", "a = 1\n");
    let findings = drift::check(root.path());
    assert_eq!((findings[0].file.as_str(), findings[0].rule), ("book/drift.lock.toml", "drift"));
    assert!(findings[0].message.contains("is damaged"), "{findings:?}");
}

#[test]
fn a_built_page_that_leads_nowhere_is_found() {
    for (html, says) in [
        ("<a href=\"b.html\">", "leads to ko/b.html, which was not built"),
        ("<a href=\"#x\">", "ko/a.html has no #x"),
        ("<a href=\"/ko/a.html\">", "depends on where the site lies"),
        ("<img src=\"https://example.org/a.png\">", "loads https://example.org/a.png"),
        ("<a href=\"../../x\">", "leads out of the site"),
        ("<p id=\"y\"><p id=\"y\">", "the id y is there twice"),
    ] {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "ko/a.html", &format!("<p id=\"ok\"></p><a href=\"a.html?x=1#ok\"></a>\n{html}"));
        let findings = rendered(root.path());
        assert_eq!(findings.len(), 1, "{html}: {findings:#?}");
        assert!(findings[0].message.contains(says) && findings[0].line == 2, "{findings:#?}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(rendered(empty.path())[0].message.contains("holds no page"));
}

#[test]
fn a_book_that_is_not_there_is_one_finding() {
    let root = tempfile::tempdir().unwrap();
    let findings = check(root.path());
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].file.as_str(), findings[0].rule), ("book/ko", "files"));
}

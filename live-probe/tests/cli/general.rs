//! Languages, help, errors, exit codes, outputs that close early.

use std::process::Stdio;

use crate::{Probe, done};

const COMMANDS: [&str; 18] = [
    "list",
    "show",
    "predict",
    "run",
    "check",
    "watch",
    "hint",
    "reset",
    "doctor",
    "capture",
    "sim",
    "fidelity",
    "serve",
    "service",
    "visit",
    "completions",
    "man",
    "help",
];

#[test]
fn the_language_comes_from_the_locale_unless_told() {
    let probe = Probe::new();
    for (env, line, korean) in [
        (vec![("LANG", "ko_KR.UTF-8")], "--help", true),
        (vec![("LANG", "en_US.UTF-8")], "--help", false),
        (vec![("LANG", "fr_FR.UTF-8")], "--help", false),
        (vec![], "--help", false),
        (vec![("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")], "--help", false),
        (vec![("LC_ALL", ""), ("LC_MESSAGES", "ko_KR"), ("LANG", "C")], "--help", true),
        (vec![("LANG", "ko_KR.UTF-8")], "--lang en --help", false),
        (vec![], "help --lang=ko", true),
    ] {
        let done = done(probe.command(line).envs(env.clone()));
        assert_eq!(done.out.contains("사용법:"), korean, "{env:?} {line}: {}", done.out);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{env:?} {line}");
    }
}

#[test]
fn help_is_whole_in_both_languages() {
    let probe = Probe::new();
    for command in COMMANDS {
        let korean = probe.run(&format!("{command} --help --lang ko"));
        let english = probe.run(&format!("{command} --help --lang en"));
        assert_eq!((korean.code, english.code), (0, 0), "{command}");
        for english_word in ["Usage", "Options:", "Print", "default", "possible values"] {
            assert!(!korean.out.contains(english_word), "{command}: {english_word}: {}", korean.out);
        }
        let hangul = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
        assert!(korean.out.chars().any(hangul) && !english.out.chars().any(hangul), "{command}");
        assert_eq!(probe.run(&format!("help {command} --lang ko")).out, korean.out);
    }
    for lang in ["ko", "en"] {
        let help = probe.run(&format!("--help --lang {lang}")).out;
        // What each command is called is its own affair.
        let is_command = |line: &&str| COMMANDS.iter().any(|command| line.starts_with(&format!("  {command}  ")));
        let frame: String = help.lines().filter(|line| !is_command(line)).flat_map(|line| [line, "\n"]).collect();
        insta::assert_snapshot!(format!("help_{lang}"), frame);
    }
}

#[test]
fn the_manual_names_every_command_and_exit_code() {
    let probe = Probe::new();
    for lang in ["ko", "en"] {
        let page = probe.run(&format!("man --lang {lang}"));
        assert_eq!((page.code, page.err.as_str()), (0, ""));
        for command in COMMANDS {
            assert!(page.out.contains(&format!(".SS {command}\n")), "{command}");
        }
        for code in ["0", "1", "2", "100", "101"] {
            assert!(page.out.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{code}");
        }
        assert!(page.out.contains("LIVE_PROBE_STATE_DIR"));
    }
}

#[test]
fn completions_know_the_commands() {
    let probe = Probe::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = probe.run(&format!("completions {shell}"));
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert!(COMMANDS.iter().all(|command| done.out.contains(command)), "{shell}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_right() {
    let probe = Probe::new();
    for (line, korean, english) in [
        ("", "명령을 지정하십시오", "a command is needed"),
        ("chekc", "혹시 check 아닙니까?", "Did you mean check?"),
        ("check", "다음 인자가 필요합니다: <ID|CHAPTER|all>", "Needed: <ID|CHAPTER|all>"),
        ("check all --format svg", "쓸 수 있는 값: table, json, junit, tap", "It takes: table, json, junit, tap"),
        ("check all --fromat tap", "그런 인자가 없습니다", "no such argument"),
        ("check all --format", "--format <FORMAT>: 값이 필요합니다", "--format <FORMAT>: a value is needed"),
        ("check nothing-like-it", "그런 연습 문제나 장은 없습니다", "there is no such exercise"),
        ("check all --root /does/not/exist", "/does/not/exist", "/does/not/exist"),
        ("show load-after-a-moment", "ch03-load-average/load-after-a-minute", "ch03-load-average/load-after-a-minute"),
        ("list ch99", "그런 연습 문제나 장은 없습니다", "there is no such exercise or chapter"),
        ("capture /does/not/exist/file", "/does/not/exist: 그런 폴더는 없습니다", "there is no such folder"),
        ("doctor --root /etc/passwd", "capture로 만든 파일을", "a file made by capture"),
        ("watch all --interval 1ms", "0.5s..1h", "0.5s..1h"),
        ("sim --root /", "--root는 컴퓨터를 읽는 명령", "--root is for the commands that read a machine"),
        ("help nonsense", "있는 명령: list", "There are: list"),
        ("fidelity --golden /does/not/exist", "/does/not/exist", "/does/not/exist"),
        ("predict load-after-a-minute soon", "`soon`: 0부터", "`soon`: enter a number from 0"),
        ("predict load-after-a-minute -1", "`-1`: 0부터", "`-1`: enter a number from 0"),
        ("predict load-after-a-minute 1 2", "그런 인자가 없습니다", "no such argument"),
    ] {
        for (lang, want) in [("ko", korean), ("en", english)] {
            let done = done(probe.command(line).env("LC_ALL", lang));
            assert!(done.code == 2 && done.out.is_empty() && done.err.contains(want), "{line}: {done:?}");
        }
    }
    let done = probe.run("list --lang fr");
    assert!(done.code == 2 && done.err.contains("It takes: ko, en"), "{done:?}");
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let probe = Probe::new();
    // Far more than a pipe holds, so that writing goes on after the reader has left.
    let line = "sim load-average --preset same-load-today --format json";
    let mut child = probe.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn a_full_disk_is_reported() {
    let probe = Probe::new();
    for line in ["sim --list", "list", "--help", "man", "completions bash"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let done = done(probe.command(line).stdout(full));
        assert!(done.code == 1 && done.err.contains("Cannot write to standard output"), "{line}: {done:?}");
    }
}

#[test]
fn without_any_output_the_exit_code_remains() {
    let probe = Probe::new();
    // Both outputs closed by the shell, as a cron job might.
    let binary = env!("CARGO_BIN_EXE_live-probe");
    for (line, want) in [("chekc", 2), ("fidelity", 0)] {
        let script = format!("'{binary}' {line} >&- 2>&-; exit $?");
        let done =
            done(std::process::Command::new("sh").args(["-c", &script]).env("LIVE_PROBE_STATE_DIR", probe.state()));
        assert!(done.code == want || (want == 0 && done.code == 1), "{line}: {done:?}");
    }
}

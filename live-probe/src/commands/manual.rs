//! The manual page and `help`.

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use sim_core::{Lang, Text};

use crate::cli;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `man`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Words of `man`.
pub static HELP: Help = Help::new("매뉴얼 페이지를 출력합니다", "Print the manual page")
    .more("예: live-probe man | man -l -", "Example: live-probe man | man -l -");

/// Arguments of `help`.
#[derive(clap::Args, Debug)]
pub struct HelpArgs {
    command: Option<String>,
}

/// Words of `help`.
pub static HELP_HELP: Help =
    Help::new("도움말을 출력합니다", "Print help").args(&[("command", "도움말을 볼 명령", "Command to explain")]);

/// Prints the manual page: every command on one page, as it is searched in a pager.
///
/// # Errors
/// Stdout cannot be written.
pub fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let page = page(context.lang).map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    context.print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Pass)
}

/// Prints the help of the program or of a command.
///
/// # Errors
/// There is no such command; stdout cannot be written.
pub fn help(args: &HelpArgs, context: &Context) -> Result<Exit, Failure> {
    let mut command = match &args.command {
        Some(name) => cli::subcommand(name, context.lang)?,
        None => cli::command(context.lang),
    };
    context.print(&command.render_help().to_string())?;
    Ok(Exit::Pass)
}

fn page(lang: Lang) -> std::io::Result<Vec<u8>> {
    let pick = |ko: &'static str, en: &'static str| Text::fixed(ko, en).get(lang).to_owned();
    let mut out = Vec::new();
    let man = Man::new(cli::command(lang));
    man.render_title(&mut out)?;

    let mut roff = Roff::new();
    let mut command = cli::command(lang);
    // An argument can say how it is written only once the command is built.
    command.build();
    roff.control("SH", [pick("이름", "NAME").as_str()]);
    roff.text([roman(format!("live-probe - {}", about(&command)))]);
    roff.control("SH", [pick("사용법", "SYNOPSIS").as_str()]);
    roff.text([bold("live-probe"), roman(pick(" [옵션] <명령>", " [OPTIONS] <COMMAND>"))]);
    roff.control("SH", [pick("공통 옵션", "COMMON OPTIONS").as_str()]);
    options(&mut roff, &command, &[]);
    roff.control("SH", [pick("명령", "COMMANDS").as_str()]);
    for sub in command.get_subcommands() {
        roff.control("SS", [sub.get_name()]);
        let usage = sub.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim_end().to_owned();
        roff.text([bold(usage)]);
        roff.control("PP", []);
        roff.text([roman(format!("{}.", about(sub)))]);
        options(&mut roff, sub, &["lang", "root"]);
        after(&mut roff, sub);
    }
    roff.control("SH", [pick("종료 코드", "EXIT STATUS").as_str()]);
    after(&mut roff, &command);
    roff.control("SH", [pick("환경 변수", "ENVIRONMENT").as_str()]);
    for (name, words) in [
        (
            "LC_ALL, LC_MESSAGES, LANG",
            pick("출력 언어. 처음으로 설정된 것을 따릅니다.", "Language of the output; the first that is set counts."),
        ),
        ("LIVE_PROBE_STATE_DIR", pick("진행 상황과 기록을 둘 폴더.", "Folder that keeps progress and recordings.")),
        ("NO_COLOR", pick("비어 있지 않으면 색을 쓰지 않습니다.", "No colours unless empty.")),
    ] {
        item(&mut roff, name, &words);
    }
    roff.control("SH", [pick("파일", "FILES").as_str()]);
    for (name, words) in [
        (
            "~/.local/state/live-probe/progress.json",
            pick(
                "예측, 힌트, 판정. 손상된 파일은 progress.json.damaged-N으로 옮겨 둡니다.",
                "Predictions, hints, verdicts. A damaged file is kept as progress.json.damaged-N.",
            ),
        ),
        (
            "~/.local/state/live-probe/runs/",
            pick("run이 남긴 기록. check가 읽습니다.", "Recordings made by run and read by check."),
        ),
    ] {
        item(&mut roff, name, &words);
    }
    roff.to_writer(&mut out)?;
    Ok(out)
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn options(roff: &mut Roff, command: &Command, but: &[&str]) {
    let told = |arg: &&Arg| arg.get_id() != "help" && !but.contains(&arg.get_id().as_str());
    for arg in command.get_arguments().filter(told) {
        let words = arg.get_help().map(ToString::to_string).unwrap_or_default();
        item(roff, &name(arg), &words);
    }
}

/// `-V, --version`, `--format <FORMAT>` or `<ID>`.
fn name(arg: &Arg) -> String {
    let shown = arg.to_string();
    match (arg.get_short(), arg.is_positional()) {
        (Some(short), false) => format!("-{short}, {shown}"),
        _ => shown,
    }
}

fn item(roff: &mut Roff, name: &str, words: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]);
    roff.text([roman(words)]);
}

/// What `--help` says after the options: paragraphs are filled, indented lines stay as they are.
fn after(roff: &mut Roff, command: &Command) {
    let Some(text) = command.get_after_help() else { return };
    for line in text.to_string().lines().filter(|line| !line.is_empty()) {
        roff.control(if line.starts_with(' ') { "br" } else { "PP" }, []);
        roff.text([roman(line)]);
    }
}

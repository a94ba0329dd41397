//! The command line: its shape, its words, and which command does what.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use sim_core::{Lang, Text, text};

use crate::commands::{check, completions, fidelity, hint, list, manual, predict, progress, reset, show, sim, watch};
use crate::context::{Context, Exit, Failure, locale, say};
use crate::help::{Help, localise};
use crate::{incident, machine, review, serve, service, top, usage, workload};

/// The command line.
#[derive(Parser, Debug)]
#[command(name = "live-probe", version)]
struct Cli {
    #[arg(long, global = true, display_order = 800, value_parser = PossibleValuesParser::new(["ko", "en"]).map(|tag| Lang::from_tag(&tag).unwrap_or_default()))]
    lang: Option<Lang>,
    #[arg(long, global = true, display_order = 801, value_name = "PATH")]
    root: Option<PathBuf>,
    #[arg(long, global = true, display_order = 802, value_name = "NAME", conflicts_with = "root")]
    machine: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Predict(predict::Args),
    Run(workload::Args),
    Check(check::Args),
    Watch(watch::Args),
    Top(top::Args),
    Hint(hint::Args),
    Incident(incident::Args),
    Review(review::Args),
    Progress(progress::Args),
    Reset(reset::Args),
    Doctor(machine::doctor::Args),
    Capture(machine::capture::Args),
    Sim(sim::Args),
    Fidelity(fidelity::Args),
    Serve(serve::Args),
    Service(service::ServiceArgs),
    Visit(service::VisitArgs),
    Completions(completions::Args),
    Man(manual::Args),
    Help(manual::HelpArgs),
}

impl Command {
    /// Whether `--root` means anything to it.
    fn reads_a_machine(&self) -> bool {
        matches!(
            self,
            Command::Check(_)
                | Command::Watch(_)
                | Command::Top(_)
                | Command::Doctor(_)
                | Command::Capture(_)
                | Command::Serve(_)
        )
    }

    /// Whether `--machine` means anything to it.
    fn knows_recorded_machines(&self) -> bool {
        matches!(
            self,
            Command::List(_)
                | Command::Show(_)
                | Command::Predict(_)
                | Command::Check(_)
                | Command::Hint(_)
                | Command::Doctor(_)
        )
    }
}

/// The words of the program itself.
static HELP: Help = Help::new(
    "커널 워크북: 책을 열고, 시뮬레이터를 돌리고, 이 컴퓨터에서 연습 문제를 확인합니다",
    "The Kernel Workbook: open the book, run its simulators, check the exercises on this machine",
)
.more(
    "\
종료 코드:
  0    모두 통과했습니다(요청한 일을 마쳤습니다)
  1    live-probe 내부의 오류입니다
  2    명령줄이나 지정한 파일이 잘못되었습니다
  100  통과하지 못한 것이 있습니다
  101  실패는 없지만 확인할 수 없는 것이 있습니다",
    "\
Exit codes:
  0    everything passed (or: what was asked for was done)
  1    live-probe itself went wrong
  2    the command line, or a file named on it, is wrong
  100  something failed
  101  nothing failed, but something could not be checked",
)
.args(&[
    ("lang", "출력 언어. 기본값은 로캘에서 정합니다", "Language of the output; default from the locale"),
    (
        "root",
        "이 컴퓨터 대신 읽을 루트 폴더나 capture 파일(check, watch, top, doctor, capture, serve)",
        "Another root folder, or a capture file, to read instead of this machine (check, watch, top, doctor, capture, serve)",
    ),
    (
        "machine",
        "이 컴퓨터 대신 볼 기록된 컴퓨터의 이름(list, show, predict, check, hint, doctor)",
        "Name of a recorded machine to look at instead of this one (list, show, predict, check, hint, doctor)",
    ),
]);

/// The words of a command.
fn words(name: &str) -> &'static Help {
    match name {
        "list" => &list::HELP,
        "show" => &show::HELP,
        "predict" => &predict::HELP,
        "check" => &check::HELP,
        "watch" => &watch::HELP,
        "top" => &top::HELP,
        "hint" => &hint::HELP,
        "incident" => &incident::HELP,
        "review" => &review::HELP,
        "progress" => &progress::HELP,
        "reset" => &reset::HELP,
        "run" => &workload::HELP,
        "doctor" => &machine::doctor::HELP,
        "capture" => &machine::capture::HELP,
        "sim" => &sim::HELP,
        "fidelity" => &fidelity::HELP,
        "serve" => &serve::HELP,
        "service" => &service::HELP,
        "visit" => &service::VISIT_HELP,
        "completions" => &completions::HELP,
        "man" => &manual::HELP,
        "help" => &manual::HELP_HELP,
        _ => &HELP,
    }
}

/// The command line in a language, for parsing, completions and the manual.
pub fn command(lang: Lang) -> clap::Command {
    let mut command = localise(Cli::command(), &HELP, lang);
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let words = words(&name);
        command = command.mut_subcommand(name, |sub| localise(sub, words, lang));
    }
    command
}

/// Reads the command line, runs the command and says how it ended.
pub fn main() -> Exit {
    let args: Vec<OsString> = std::env::args_os().collect();
    let lang = language(&args).unwrap_or_else(locale);
    let parsed = command(lang).try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let done = match parsed {
        Ok(cli) => {
            let context = Context::new(lang, cli.root, colour).on(cli.machine);
            dispatch(cli.command, &context)
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Context::new(lang, None, colour).print(&error.to_string()).map(|()| Exit::Pass)
        }
        Err(error) => Err(Failure::usage(usage::explain(&error))),
    };
    done.unwrap_or_else(|failure| {
        say(lang, &failure.text);
        failure.exit
    })
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Failure> {
    if context.root.is_some() && !command.reads_a_machine() {
        return Err(Failure::usage(Text::fixed(
            "--root는 컴퓨터를 읽는 명령(check, watch, top, doctor, capture, serve)에만 쓸 수 있습니다.",
            "--root is for the commands that read a machine: check, watch, top, doctor, capture, serve.",
        )));
    }
    if let Some(name) = &context.machine {
        if !command.knows_recorded_machines() {
            return Err(Failure::usage(Text::fixed(
                "--machine은 list, show, predict, check, hint, doctor에만 쓸 수 있습니다.",
                "--machine is for list, show, predict, check, hint and doctor.",
            )));
        }
        machine::recorded(name).map_err(Failure::usage)?;
    }
    match command {
        Command::List(args) => list::run(&args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Predict(args) => predict::run(&args, context),
        Command::Check(args) => check::run(&args, context),
        Command::Watch(args) => watch::run(&args, context),
        Command::Top(args) => top::run(&args, context),
        Command::Hint(args) => hint::run(&args, context),
        Command::Incident(args) => incident::run(&args, context),
        Command::Review(args) => review::run(&args, context),
        Command::Progress(args) => progress::run(&args, context),
        Command::Reset(args) => reset::run(&args, context),
        Command::Run(args) => workload::run(&args, context),
        Command::Doctor(args) => machine::doctor::run(&args, context),
        Command::Capture(args) => machine::capture::run(&args, context),
        Command::Sim(args) => sim::run(&args, context),
        Command::Fidelity(args) => fidelity::run(&args, context),
        Command::Serve(args) => serve::run(&args, context),
        Command::Service(args) => service::service(&args, context),
        Command::Visit(args) => service::visit(&args, context),
        Command::Completions(args) => completions::run(&args, context),
        Command::Man(args) => manual::run(&args, context),
        Command::Help(args) => manual::help(&args, context),
    }
}

/// The language asked for by `--lang`, looked up before parsing: errors and help need it too.
fn language(args: &[OsString]) -> Option<Lang> {
    let mut found = None;
    let mut args = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--lang") {
            _ if arg == "--" => break,
            Some("") => found = args.next().and_then(|tag| Lang::from_tag(&tag)).or(found),
            Some(rest) => found = rest.strip_prefix('=').and_then(Lang::from_tag).or(found),
            None => {}
        }
    }
    found
}

/// A subcommand of that name, or a refusal that lists them.
///
/// # Errors
/// There is no such command.
pub fn subcommand(name: &str, lang: Lang) -> Result<clap::Command, Failure> {
    let mut command = command(lang);
    // What applies to every command is handed down while building.
    command.build();
    let names: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
    let names = names.join(", ");
    command.find_subcommand(name).cloned().ok_or_else(|| {
        Failure::usage(text!(
            ko: "{name}: 그런 명령은 없습니다. 있는 명령: {names}",
            en: "{name}: there is no such command. There are: {names}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_nothing_wrong_with_the_command_line() {
        for lang in Lang::ALL {
            command(lang).debug_assert();
        }
    }

    #[test]
    fn every_command_and_argument_has_words_in_both_languages() {
        let command = Cli::command();
        let all = std::iter::once(&command).chain(command.get_subcommands());
        for sub in all {
            let help = words(sub.get_name());
            let name = sub.get_name();
            let mut ids: Vec<_> = sub.get_arguments().map(|arg| arg.get_id().as_str()).collect();
            let mut known: Vec<_> = help.args.iter().map(|(id, ..)| *id).collect();
            ids.sort_unstable();
            known.sort_unstable();
            assert_eq!(ids, known, "{name}");
            for lang in Lang::ALL {
                assert!(!help.about.get(lang).is_empty(), "{name}");
                assert!(help.args.iter().all(|(_, ko, en)| !ko.is_empty() && !en.is_empty()), "{name}");
            }
        }
    }

    #[test]
    fn the_language_is_found_before_parsing() {
        for (line, want) in [
            ("live-probe --lang ko list", Some(Lang::Ko)),
            ("live-probe list --lang=en", Some(Lang::En)),
            ("live-probe --lang ko --lang en", Some(Lang::En)),
            ("live-probe --lang", None),
            ("live-probe --lang fr", None),
            ("live-probe --language ko", None),
            ("live-probe show -- --lang ko", None),
            ("--lang", None),
        ] {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!(language(&args), want, "{line}");
        }
    }
}

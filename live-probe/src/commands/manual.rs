//! The manual page and `help`.

use clap_mangen::Man;
use sim_core::{Lang, Text};

use crate::cli;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `man`.
#[derive(clap::Args, Debug)]
pub struct Args {
    command: Option<String>,
}

/// Words of `man`.
pub static HELP: Help = Help::new("매뉴얼 페이지를 출력합니다", "Print the manual page")
    .more("예: live-probe man | man -l -", "Example: live-probe man | man -l -")
    .args(&[("command", "이 명령의 페이지만", "Only the page of this command")]);

/// Arguments of `help`.
#[derive(clap::Args, Debug)]
pub struct HelpArgs {
    command: Option<String>,
}

/// Words of `help`.
pub static HELP_HELP: Help =
    Help::new("도움말을 출력합니다", "Print help").args(&[("command", "도움말을 볼 명령", "Command to explain")]);

/// Prints the manual page.
///
/// # Errors
/// There is no such command; stdout cannot be written.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let command = match &args.command {
        Some(name) => cli::subcommand(name, context.lang)?,
        None => cli::command(context.lang),
    };
    let written = Man::new(command).render(&mut page);
    written.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if context.lang == Lang::Ko {
        for (en, ko) in [
            ("NAME", "이름"),
            ("SYNOPSIS", "사용법"),
            ("DESCRIPTION", "설명"),
            ("OPTIONS", "옵션"),
            ("SUBCOMMANDS", "명령"),
        ] {
            page = page.replace(&format!(".SH {en}\n"), &format!(".SH {ko}\n"));
        }
    }
    context.print(&page)?;
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

//! Completions for a shell.

use clap_complete::Shell;

use crate::cli;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `completions`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_enum)]
    shell: Shell,
}

/// Words of `completions`.
pub static HELP: Help = Help::new("셸 자동 완성 스크립트를 출력합니다", "Print completions for a shell")
    .more(
        "예: live-probe completions bash > ~/.local/share/bash-completion/completions/live-probe",
        "Example: live-probe completions bash > ~/.local/share/bash-completion/completions/live-probe",
    )
    .args(&[("shell", "셸", "Shell")]);

/// Prints the script.
///
/// # Errors
/// Stdout cannot be written.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(context.lang), "live-probe", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Pass)
}

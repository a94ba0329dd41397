//! `cargo book`: builds, serves, checks and tests the workbook.

mod check;
mod site;
mod tool;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tool::wasm::{self, Profile};
use tool::workspace::{Workspace, step};
use tool::{Failure, bench, build_site, commands, pack, serve, test};

/// Builds, serves, checks and tests the Kernel Workbook.
#[derive(Parser)]
#[command(name = "cargo book", bin_name = "cargo book")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, serve it on a loopback port, and build again whatever changes.
    Serve(serve::Args),
    /// Write the site as static files for any web host.
    Build {
        /// Where to [default: target/site].
        #[arg(long)]
        out: Option<PathBuf>,
        /// Compile the widgets quickly instead of small.
        #[arg(long)]
        dev: bool,
    },
    /// Run every test: Rust, WASM, linter, drift, browser.
    Test,
    /// Run the linter: pages, exercises, and drift between the languages.
    Check {
        /// Record that this section needs no change in the other language (`FILE#SECTION`).
        #[arg(long, value_name = "FILE#SECTION")]
        confirm: Vec<String>,
    },
    /// Print, as JSON, what the text asks a reader to type, how each is checked, and the kernel's names in it.
    Commands,
    /// Build one static `live-probe` file with the whole book inside.
    Pack {
        /// Where to [default: dist/live-probe].
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Measure, and write BENCHMARKS.md.
    Bench,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match Workspace::find().and_then(|workspace| carry_out(&workspace, cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(workspace: &Workspace, command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::serve(workspace, &args),
        Command::Build { out, dev } => {
            let widgets = wasm::build(workspace, if dev { Profile::Dev } else { Profile::Reader })?;
            let out = out.unwrap_or_else(|| workspace.site());
            step("write both books", || build_site(workspace, &out, Some(&widgets)))?;
            eprintln!("{}", out.display());
            Ok(())
        }
        Command::Test => test::test(workspace),
        Command::Check { confirm } => tool::check(workspace, &confirm),
        Command::Commands => commands::print(workspace),
        Command::Pack { out } => pack::pack(workspace, out.as_deref()).map(drop),
        Command::Bench => bench::bench(workspace),
    }
}

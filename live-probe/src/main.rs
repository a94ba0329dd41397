//! `live-probe`: serves the workbook offline, runs the simulators in a terminal, and checks the
//! reader's machine against the exercises.
//!
//! Commands are thin: what an exercise means is decided by the judge in `exercises`, what a kernel
//! does by the models in `sim-core`. [`machine`] reads, [`workload`] loads, [`serve`] answers a
//! browser, [`commands`] is the rest; [`cli`] knows all of them and they do not know it.

mod checking;
mod cli;
mod columns;
mod commands;
mod context;
mod help;
mod incident;
mod machine;
mod named_file;
mod progress;
mod report;
mod review;
mod select;
mod serve;
mod service;
mod terminal;
mod top;
mod usage;
mod workload;

use std::process::ExitCode;

use context::{Exit, say};
use sim_core::Text;

fn main() -> ExitCode {
    // A process of a workload, started by ourselves: none of what follows is its business.
    let word = std::env::args_os().nth(1).unwrap_or_default();
    if word == workload::HIDDEN_COMMAND {
        return workload::hidden_main();
    }
    if word == incident::HIDDEN_COMMAND {
        return incident::hidden_main();
    }
    // A panic's own exit code is 101, which here means "could not be checked".
    let exit = std::panic::catch_unwind(cli::main).unwrap_or_else(|_| {
        say(
            context::locale(),
            &Text::fixed(
                "live-probe 내부 오류입니다. 위의 메시지와 함께 알려 주십시오.",
                "This is a bug in live-probe; please report it with the message above.",
            ),
        );
        Exit::Internal
    });
    ExitCode::from(exit as u8)
}

//! Replays recorded traces of real kernels against the models.

use std::path::PathBuf;

use sim_core::Text;
use sim_core::fidelity::{GoldenFiles, TraceReport, embedded, replay_all};

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `fidelity`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "DIR")]
    golden: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Formats of the report.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// One document.
    Json,
}

/// Words of `fidelity`.
pub static HELP: Help = Help::new(
    "실제 커널에서 기록한 자취를 모델에 다시 넣어 비교합니다",
    "Replay recorded traces of real kernels against the models",
)
.args(&[
    ("golden", "프로그램에 든 자취 대신 쓸 폴더", "Folder to use instead of the traces inside the program"),
    ("format", "출력 형식", "Output format"),
]);

/// Replays and reports.
///
/// # Errors
/// The folder cannot be read or holds no trace of a known model.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let files = match &args.golden {
        Some(dir) => GoldenFiles::from_dir(dir).map_err(|e| Failure::usage(Text::verbatim(e.to_string())))?,
        None => embedded(),
    };
    let (reports, _unknown): (Vec<TraceReport>, _) = replay_all(&files);
    let document = serde_json::json!({ "traces": reports });
    context.print(&format!("{document:#}\n"))?;
    Ok(if reports.iter().all(|report| report.pass) { Exit::Pass } else { Exit::Failed })
}

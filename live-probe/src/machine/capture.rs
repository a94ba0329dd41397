//! A redacted snapshot of the machine, usable as `--root`.

use std::path::PathBuf;

use sim_core::Text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `capture`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// File to write.
    pub file: PathBuf,
}

/// Words of `capture`.
pub static HELP: Help = Help::new(
    "이 컴퓨터의 상태를 --root로 쓸 수 있는 파일에 담습니다",
    "Write a redacted snapshot of the machine, usable as --root",
)
.args(&[("file", "만들 파일", "File to write")]);

/// Writes the snapshot.
///
/// # Errors
/// The file cannot be written.
pub fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}

//! What this machine is, and which exercises that opens.

use sim_core::Text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `doctor`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Words of `doctor`.
pub static HELP: Help =
    Help::new("이 컴퓨터에서 무엇을 할 수 있는지 살펴봅니다", "Say what this machine is and which exercises it opens");

/// Prints what the machine is.
///
/// # Errors
/// `--root` cannot be read.
pub fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}

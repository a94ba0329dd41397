//! Runs a simulator in the terminal.

use sim_core::Text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `sim`.
#[derive(clap::Args, Debug)]
pub struct Args {
    model: Option<String>,
}

/// Words of `sim`.
pub static HELP: Help = Help::new("터미널에서 시뮬레이터를 돌립니다", "Run a simulator in the terminal").args(&[(
    "model",
    "모델 이름",
    "Name of the model",
)]);

/// Runs it.
///
/// # Errors
/// The scenario is wrong.
pub fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}

//! The book in a browser, and the API its pages ask.

use sim_core::Text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Words of `serve`.
pub static HELP: Help = Help::new("워크북을 이 컴퓨터에서 엽니다", "Serve the workbook on this machine");

/// Serves until interrupted.
///
/// # Errors
/// The port cannot be taken.
pub fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}

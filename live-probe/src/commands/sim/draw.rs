//! A run as the figure of the book.

use sim_core::{Lang, Text};

use super::Shown;
use crate::context::Failure;

/// The figure of a run, self-contained.
pub(super) fn svg(_shown: &Shown, _lang: Lang) -> Result<String, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}

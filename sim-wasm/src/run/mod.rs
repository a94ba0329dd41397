//! What a widget knows of a run, without a page: where one can step to, what the state is at any
//! moment, how two runs differ, how well a guess was drawn. All of it is plain Rust, tested natively.

mod compare;
mod guess;
mod marks;

pub use compare::{Change, Row, changed_fields, rows};
pub use guess::{Guess, Score};
pub use marks::{Piece, mark};

//! Whose the memory is: what `free` shows and what it hides.
//!
//! The engine is [`crate::reclaim`]'s, scenario and event kinds as well; here it is looked at by what
//! memory is used for, in the words of `/proc/meminfo`.

mod model;
mod presets;
#[cfg(test)]
mod tests;

pub use model::MemoryMap;

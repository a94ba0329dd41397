//! The calls of `calls.rs` where there is no Linux kernel to answer them. Nothing there is taken for
//! a live machine (`source.rs`), so no reader ever sees these answers.

/// No load averages.
pub fn avenrun() -> [u64; 3] {
    [0; 3]
}

/// No tick.
pub fn tick_hz() -> Option<u32> {
    None
}

/// No domain.
pub fn domain() -> String {
    String::new()
}

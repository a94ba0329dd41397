//! What a reader sees and does, in a real browser. Run by `cargo book test`.

mod access;
mod axe;
mod exercise;
mod harness;
mod pages;
mod wasm;
mod widget;

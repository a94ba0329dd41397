//! The probe.

fn main() {}

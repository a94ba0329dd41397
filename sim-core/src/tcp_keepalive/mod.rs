//! TCP keepalive: how a quiet connection is asked whether it is still alive, and what a box on the way
//! makes of the quiet.
//!
//! Models the timer of one connected socket (`net/ipv4/tcp_timer.c: tcp_keepalive_timer`). What is said on
//! the connection, when the peer vanishes, and how long a box on the way remembers, is an input.
//!
//! Event kinds: `open`, `look` (the timer went off too early and is set again), `probe`, `ack`, `receive`,
//! `send`, `peer-send`, `retransmit`, `forget` (the box does), `vanish`, `back`, `reset` (an RST came),
//! `abort` (given up).

mod contract;
mod files;
mod metrics;
mod model;
mod packets;
mod params;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod retransmit;
mod rules;
mod scenario;
mod tell;
#[cfg(test)]
mod tests;
mod timer;

pub use model::{End, Ended, Kind, Shot, TcpKeepalive};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use retransmit::Retransmit;
pub use rules::Rules;
pub use scenario::{By, Forgotten, Scenario, Send};
pub use timer::{Seen, Settings, Verdict};

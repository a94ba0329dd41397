//! The life of TCP connections: who closes first, what TIME_WAIT holds, and when local ports run out.
//!
//! Models states and close of `net/ipv4/tcp.c` and `tcp_input.c`, the buckets of
//! `net/ipv4/tcp_minisocks.c` and `inet_timewait_sock.c`, the choice of a local port of
//! `net/ipv4/inet_hashtables.c`, and the wheel of `kernel/time/timer.c` that ends a TIME_WAIT. Hosts
//! are joined by a wire that loses nothing: what loss does is another model's business.
//!
//! Event kinds: `connect`, `fail` (no local port), `reuse` (a TIME_WAIT is taken over), `time-wait`,
//! `overflow` (none is made), `expire`, `fin-wait2`, `reset`, `refused`, `syn-in-time-wait`,
//! `syn-drop` (`tcp_tw_recycle`), `timeout`, `close-wait`, `restart`, `bind`, `bind-fail`.

mod apply;
mod capture;
mod connection;
mod contract;
mod controls;
mod counters;
mod engine;
mod files;
mod hosts;
mod ladder;
mod model;
mod params;
pub mod ports;
mod presets;
mod receive;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod segment;
mod setup;
mod teardown;
mod tell;
#[cfg(test)]
mod tests;
mod time_wait;
pub mod wheel;

pub use connection::State;
pub use ladder::{MOST as MOST_RUNGS, Rung};
pub use model::{HostView, Strip, TcpLife};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Bucket, Rules};
pub use scenario::{Close, Host, Leg, Scenario};

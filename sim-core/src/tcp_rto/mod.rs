//! TCP retransmission: how long a sender waits for an acknowledgment, and what it does then.
//!
//! Models one sending socket: the estimate of the round trip and the timeout (`net/ipv4/tcp_input.c:
//! tcp_rtt_estimator`), the timer and its back-off (`net/ipv4/tcp_timer.c`), loss probes
//! (`net/ipv4/tcp_output.c`), RACK (`net/ipv4/tcp_recovery.c`), and the schedules of SYN and SYN+ACK.
//! How long each packet takes and which are lost is an input.
//!
//! Event kinds: `syn`, `write`, `send` (a packet for the first time), `ack`, `sample` (a round trip was
//! measured), `connected`, `loss-probe`, `rto` (the timer went off), `fast-retransmit`, `retransmit` (in
//! the wake of a timeout), `answer`, `app-timeout`, `close`, `gave-up`.

mod contract;
mod estimator;
mod files;
mod input;
mod metrics;
mod model;
mod output;
mod packets;
mod params;
mod path;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod sock;
mod tell;
#[cfg(test)]
mod tests;

pub use estimator::Estimator;
pub use model::{Request, TcpRto};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::Rules;
pub use scenario::{Loss, Sample, Scenario, Start, Write};
pub use sock::{Pending, Shot, Sock, State, Timer, Why, model_timeout_ms};

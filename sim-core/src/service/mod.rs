//! A service that answers visitors who come again: a closed queueing network, from the client's think
//! time over the accept queue and the workers to a backend, with the ports that connections take.
//!
//! A visit passes, in this order: the proxy (where there is one), what it costs outside the workers,
//! the queue for a worker, the worker's own CPU time, a connection to the backend (from a pool, or a
//! new one with a local port of its own), and the backend. Whoever needs a CPU shares the machine's.
//! `engine` is the mechanism, `window` measures it.

mod contract;
mod engine;
mod files;
mod histogram;
mod model;
mod params;
mod ports;
mod presets;
mod random;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod tell;
#[cfg(test)]
mod tests;
mod window;

pub use engine::{Stage, Visitor};
pub use model::Service;
pub use ports::TIMEWAIT_LEN;
pub use rules::Rules;
pub use scenario::{Bounds, Scenario};
pub use window::Measured;

#[cfg(feature = "golden")]
pub use replay::replay;

//! I/O scheduling: which request a disk gets next, by the scheduler and the kernel version.
//!
//! A [`Request`] waits in an [`elevator::Elevator`] until the driver asks for one. The schedulers
//! are `block/{noop,deadline,cfq}-iosched.c` of the single-queue block layer (until 4.20) and
//! none, `block/{mq-deadline,kyber-iosched,bfq-iosched}.c` of blk-mq. A [`disk::Disk`] says how
//! long a request takes; the streams of a [`Scenario`] say who asks for what.
//!
//! Event kinds: `insert` (a request enters the scheduler), `merge` (a bio or a request becomes part
//! of another), `wait` (no request is free), `dispatch` (the device gets a request), `complete`
//! (it has done one), `idle` (the device is left without work although requests wait).

pub mod disk;
pub mod elevator;
pub mod request;

mod contract;
mod engine;
mod files;
mod json;
mod latency;
mod model;
mod params;
mod presets;
mod process;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod setup;
mod slab;
mod stats;
mod tell;
#[cfg(test)]
mod tests;
mod trace;

pub use engine::{Live, Served, Totals, number};
pub use latency::Latency;
pub use model::IoScheduler;
pub use process::{Process, letter};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use request::{IoClass, IoPrio, Op, Request, RequestId};
pub use rules::{Plugging, Rules, available};
pub use scenario::{Kind, Scenario, Stream};
pub use stats::{Columns, Counters, Direction};
pub use trace::{Action, Line};

//! I/O scheduling: which request a disk gets next, by the scheduler and the kernel version.
//!
//! A [`Request`] waits in an [`elevator::Elevator`] until the driver asks for one. The schedulers
//! are `block/{noop,deadline,cfq}-iosched.c` of the single-queue block layer (until 4.20) and
//! none, `block/{mq-deadline,kyber-iosched,bfq-iosched}.c` of blk-mq.

pub mod disk;
pub mod elevator;
pub mod request;

pub use request::{IoClass, IoPrio, Op, Request, RequestId};

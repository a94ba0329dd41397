//! The small service that chapter 12 measures and tunes: it counts visits in a Redis behind it.
//!
//! [`app`] answers, [`redis`] counts, [`visitors`] come again and again. The commands in [`command`]
//! run each of them for a while; a workload runs them all, with a Redis and an nginx of its own.

mod app;
mod command;
mod redis;
mod visitors;

use std::future::Future;
use std::io;

pub use app::{Settings, Stats, serve};
pub use command::{HELP, ServiceArgs, VISIT_HELP, VisitArgs, service, visit};
pub use visitors::{Outcome, Round, come, stats};

/// Runs something on this thread alone.
///
/// # Errors
/// What it says, or the system has no way to wait for sockets.
pub fn alone<T>(what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(what)
}

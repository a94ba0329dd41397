//! The calls of `sys.rs` where there is no Linux kernel. `live-probe run` refuses there before it
//! comes to any of them; a process of a workload that is started all the same ends at once, as
//! nothing could bound it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::process::{Pid, Resource, Signal};

/// Signals that ask a program to end.
pub const ENDINGS: [libc::c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

/// Signals as readable data: there are none.
#[derive(Debug)]
pub enum SignalFd {}

impl SignalFd {
    /// Refuses.
    ///
    /// # Errors
    /// Always: only Linux has them.
    pub fn block(_: &[libc::c_int]) -> io::Result<SignalFd> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The signals that arrived since the last call.
    pub fn drain(&self) -> Vec<libc::c_int> {
        match *self {}
    }
}

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Changes nothing.
pub fn fresh_signals() {}

/// No timer is needed: [`SignalFd::block`] or [`die_with`] ends the process.
pub fn end_after(_: Duration) {}

/// Ends this process: nothing can tie it to its parent.
pub fn die_with(_: Pid, _: Signal) {
    std::process::exit(1)
}

/// Changes nothing.
pub fn adopt_orphans() {}

/// Changes nothing.
pub fn take_name(_: &str) {}

/// Changes nothing.
pub fn limit(_: Resource, _: u64) {}

/// There are none.
pub fn let_go_of_files_in(_: &std::path::Path) {}

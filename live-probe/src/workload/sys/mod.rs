//! The calls a workload needs that no safe wrapper offers. All `unsafe` of the workloads is here.
#![allow(unsafe_code)]

pub mod device;
pub mod memory;
pub mod net;

pub use device::let_go_of_files_in;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal};

/// Signals that ask a program to end: Ctrl-C, `kill`, a closed terminal, Ctrl-\.
pub const ENDINGS: [libc::c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

/// Signals that arrive as readable data instead of interrupting.
#[derive(Debug)]
pub struct SignalFd(OwnedFd);

impl SignalFd {
    /// Blocks `signals` for this thread and those it starts from now on, and makes them readable.
    ///
    /// # Errors
    /// No file descriptor is left.
    pub fn block(signals: &[libc::c_int]) -> io::Result<SignalFd> {
        let set = set_of(signals);
        // SAFETY: the set is initialised; no old mask is asked for.
        if unsafe { libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the set is initialised; -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and is owned by nobody else.
        Ok(SignalFd(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// The signals that arrived since the last call.
    pub fn drain(&self) -> Vec<libc::c_int> {
        self.arrived().into_iter().map(|(number, _)| number).collect()
    }

    /// Whether one of them was sent by a process (`kill`) and not by the kernel.
    pub fn sent_by_somebody(&self) -> bool {
        self.arrived().iter().any(|(_, code)| *code <= 0)
    }

    /// Number and code of each.
    fn arrived(&self) -> Vec<(libc::c_int, libc::c_int)> {
        let mut arrived = Vec::new();
        let mut record = [0; size_of::<libc::signalfd_siginfo>()];
        while let Ok(length) = rustix::io::read(&self.0, &mut record)
            && length == record.len()
        {
            // Three fields of 32 bits: the signal's number, an error, where it came from.
            let field = |at: usize| i32::from_ne_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
            arrived.push((field(0), field(8)));
        }
        arrived
    }
}

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn set_of(signals: &[libc::c_int]) -> libc::sigset_t {
    // SAFETY: all zeroes is a valid value of the plain data type, and sigemptyset initialises it.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is a valid place to write to.
    unsafe { libc::sigemptyset(&mut set) };
    for &signal in signals {
        // SAFETY: `set` was initialised above; an unknown number changes nothing.
        unsafe { libc::sigaddset(&mut set, signal) };
    }
    set
}

/// Gives this process the signal behaviour of a fresh one: nothing blocked, and the signals that
/// bound a workload end it, whatever the program that started us ignored.
pub fn fresh_signals() {
    let bounds = [libc::SIGALRM, libc::SIGXCPU, libc::SIGXFSZ, libc::SIGCHLD];
    for signal in ENDINGS.into_iter().chain(bounds) {
        // SAFETY: SIG_DFL is a valid disposition for these signals.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let none = set_of(&[]);
    // SAFETY: the set is initialised; no old mask is asked for.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut()) };
}

/// Has the kernel end this process (SIGALRM) after `after`, whatever the process does then.
pub fn end_after(after: Duration) {
    let value = libc::timeval { tv_sec: after.as_secs() as _, tv_usec: after.subsec_micros().max(1) as _ };
    let once = libc::itimerval { it_interval: libc::timeval { tv_sec: 0, tv_usec: 0 }, it_value: value };
    // SAFETY: both pointers are valid or null as setitimer(2) allows.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &once, std::ptr::null_mut()) };
}

/// Ties this process's life to its parent's: when the parent ends, the kernel sends `signal`.
/// Ends this process at once if the parent is not `parent` any more.
pub fn die_with(parent: Pid, signal: Signal) {
    let tied = rustix::process::set_parent_process_death_signal(Some(signal));
    if tied.is_err() || rustix::process::getppid() != Some(parent) {
        exit_now(1);
    }
}

/// Makes this process the parent of whatever its children leave behind.
pub fn adopt_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Takes the name that `ps` and `top` show, cut to the 15 bytes the kernel keeps.
pub fn take_name(name: &str) {
    if let Ok(name) = std::ffi::CString::new(name) {
        let _ = rustix::thread::set_name(&name);
    }
}

/// Lowers a limit of this process for good.
pub fn limit(resource: Resource, most: u64) {
    let now = rustix::process::getrlimit(resource);
    let most = now.maximum.map_or(most, |maximum| maximum.min(most));
    let _ = rustix::process::setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
}

/// A child that is a copy of this process, which must have one thread. `None` in the child, which
/// ends with [`exit_now`] and is bounded by nothing it inherits: neither the timer nor the tie.
///
/// # Errors
/// No process could be made.
pub fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: we have one thread, so no lock is held by another that the child would lack.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            be_quiet();
            Ok(None)
        }
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Lets go of the pipes to the supervisor: they are the parent's.
fn be_quiet() {
    if let Ok(nothing) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") {
        for standard in 0..=2 {
            // SAFETY: both are descriptors of this process; no Rust object owns the standard ones.
            unsafe { libc::dup2(nothing.as_raw_fd(), standard) };
        }
    }
}

/// Bounds a child that [`fork`] made: it dies with `parent`, or after `left` and some grace.
pub fn bound_child(parent: Pid, left: Duration) {
    die_with(parent, Signal::KILL);
    end_after(left + super::task::GRACE);
    limit(Resource::Nproc, 0);
}

/// Bounds a program of others that is about to be started: it dies with this process.
pub fn bound_program(command: &mut Command, left: Duration) {
    let us = rustix::process::getpid();
    let bound = move || {
        die_with(us, Signal::KILL);
        end_after(left + super::task::GRACE);
        Ok(())
    };
    // SAFETY: what is done between fork and exec are system calls on values of this process: nothing
    // is allocated and no lock is taken.
    unsafe { command.pre_exec(bound) };
}

/// Ends this process without running anything of its own.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` never returns and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Stands in uninterruptible sleep (state D) until `until`: the parent's side of `vfork(2)`, which
/// waits, killable but deaf to every other signal, until its child has ended or called `exec`.
///
/// It is the same wait as that of `vfork`, but the child gets its own copy of our memory
/// (`CLONE_VFORK` without `CLONE_VM`), so nothing it does can damage ours. The child only sleeps.
/// It cannot outlive us: the kernel kills it when we end, and its own timer ends it at `until`.
///
/// To be called in a process of one thread.
///
/// # Errors
/// No process could be made.
pub fn wait_in_vfork(until: Instant) -> io::Result<()> {
    let us = rustix::process::getpid();
    let flags = (libc::CLONE_VFORK | libc::SIGCHLD) as libc::c_ulong;
    let none: libc::c_ulong = 0;
    // SAFETY: without CLONE_VM and with a null stack this is fork(2): the child returns here too,
    // on its own copy of the stack. We have one thread, so no lock is held by another.
    #[cfg(not(target_arch = "s390x"))]
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) };
    // SAFETY: as above; this architecture takes the stack first.
    #[cfg(target_arch = "s390x")]
    let pid = unsafe { libc::syscall(libc::SYS_clone, none, flags, none, none, none) };
    match pid {
        0 => sleep_as_child(us, until),
        pid if pid < 0 => Err(io::Error::last_os_error()),
        pid => {
            let child = Pid::from_raw(pid as libc::pid_t);
            rustix::io::retry_on_intr(|| rustix::process::waitpid(child, rustix::process::WaitOptions::empty()))?;
            Ok(())
        }
    }
}

fn sleep_as_child(parent: Pid, until: Instant) -> ! {
    die_with(parent, Signal::KILL);
    // Neither the timer nor the tie is inherited through fork.
    end_after(until.saturating_duration_since(Instant::now()) + super::task::GRACE);
    limit(Resource::Nproc, 0);
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::sleep(left);
    }
    exit_now(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_arrive_as_data() {
        let thread = std::thread::spawn(|| {
            // SIGURG is ignored by default, so it cannot harm the other tests.
            let signals = SignalFd::block(&[libc::SIGURG]).unwrap();
            assert!(signals.drain().is_empty());
            // SAFETY: sends a harmless signal to this very thread.
            unsafe { libc::pthread_kill(libc::pthread_self(), libc::SIGURG) };
            signals.drain()
        });
        assert_eq!(thread.join().unwrap(), [libc::SIGURG]);
    }
}

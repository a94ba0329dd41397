//! What a signal does to a process in each state.

use super::engine::Engine;
use super::process::{Doing, Stop};
use super::scenario::Signal;
use super::tell::{self, Without};
use crate::Log;

impl Engine {
    /// `kernel/signal.c: __send_signal_locked` and what follows from it.
    pub(super) fn signal(&mut self, pid: i64, signal: Signal, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if !process.alive() {
            return tell::without(log, now, process, signal, Without::Zombie);
        }
        // `prepare_signal`: these two undo each other even where they do nothing else.
        match signal {
            Signal::Cont => process.pending &= !Signal::Stop.bit(),
            Signal::Stop => process.pending &= !Signal::Cont.bit(),
            _ => {}
        }
        if signal == Signal::Cont && process.stopped == Some(Stop::Signal) {
            process.set(now, |process| process.stopped = None);
            tell::continued(log, now, process);
            return self.resume(pid, log);
        }
        // `sig_task_ignored`, SIGNAL_UNKILLABLE: PID 1 gets what it has a handler for, and has none here.
        if pid == 1 {
            return tell::without(log, now, process, signal, Without::Init);
        }
        if process.ignores(signal) {
            return tell::without(log, now, process, signal, Without::Ignored);
        }
        match signal {
            Signal::Chld | Signal::Cont => tell::without(log, now, process, signal, Without::Default),
            Signal::Stop => self.stop(pid, log),
            _ => self.fatal(pid, signal, log),
        }
    }

    fn stop(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.stopped == Some(Stop::Signal) {
            return tell::without(log, now, process, Signal::Stop, Without::Stopped);
        }
        let blocked = matches!(process.doing, Doing::Block(_) | Doing::Killable(_) | Doing::Vfork(_));
        if blocked || process.stopped.is_some() {
            process.pending |= Signal::Stop.bit();
            return tell::without(log, now, process, Signal::Stop, Without::Blocked);
        }
        process.set(now, |process| process.stopped = Some(Stop::Signal));
        tell::stopped(log, now, process);
    }

    /// A signal that ends a process: at once, or once it can be reached. One that is not blocked or
    /// caught ends it like SIGKILL where it sleeps killably (`complete_signal`, `sig_fatal`).
    fn fatal(&mut self, pid: i64, signal: Signal, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.stopped.is_some() && signal != Signal::Kill {
            process.pending |= signal.bit();
            return tell::without(log, now, process, signal, Without::Stopped);
        }
        // Nobody wants a signal but SIGKILL while another is pending (`wants_signal`).
        let killable = matches!(process.doing, Doing::Killable(_) | Doing::Vfork(_));
        let late = killable && signal != Signal::Kill && process.pending != 0;
        if matches!(process.doing, Doing::Block(_)) || late {
            process.pending |= signal.bit();
            return tell::without(log, now, process, signal, Without::Blocked);
        }
        tell::killed(log, now, process, signal);
        self.die(pid, i64::from(signal.number()), log);
    }

    /// A process that was blocked or stopped can be reached again: first come the signals that waited
    /// for it, then what it was told.
    pub(super) fn resume(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid).filter(|p| p.alive() && p.stopped.is_none()) else { return };
        if matches!(process.doing, Doing::Block(_)) {
            return;
        }
        for signal in [Signal::Kill, Signal::Hup, Signal::Int, Signal::Term] {
            if process.pending & signal.bit() != 0 {
                tell::killed(log, now, process, signal);
                return self.die(pid, i64::from(signal.number()), log);
            }
        }
        let blocked = matches!(process.doing, Doing::Killable(_) | Doing::Vfork(_));
        if process.pending & Signal::Stop.bit() != 0 && !blocked {
            process.pending &= !Signal::Stop.bit();
            process.set(now, |process| process.stopped = Some(Stop::Signal));
            return tell::stopped(log, now, process);
        }
        self.wait_is_over(pid, log);
        self.catch_up(pid);
    }

    /// `kernel/ptrace.c: ptrace_attach`, which stops.
    pub(super) fn trace(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.set(now, |process| process.stopped = Some(Stop::Tracer));
        tell::traced(log, now, process, true);
    }

    /// The debugger lets a process go.
    pub(super) fn detach(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let traced = |p: &&mut super::Process| p.stopped == Some(Stop::Tracer);
        let Some(process) = self.processes.get_mut(&pid).filter(traced) else { return };
        process.set(now, |process| process.stopped = None);
        tell::traced(log, now, process, false);
        self.resume(pid, log);
    }
}

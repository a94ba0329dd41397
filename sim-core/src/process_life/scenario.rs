//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// The name of PID 1 in a script.
pub const INIT: i64 = 1;

/// What processes do on a machine of a certain kernel.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// `kernel.pid_max`: PIDs are below it.
    pub pid_max: i64,
    /// `kernel.threads-max`.
    pub threads_max: i64,
    /// The PID handed out last before the start.
    pub last_pid: i64,
    /// Kernel threads, PID 2 and its children.
    pub kernel_threads: i64,
    /// 1 when PID 1 waits for whatever it adopts.
    pub init_reaps: i64,
    /// What happens, in any order.
    pub steps: Vec<Step>,
}

/// Something that processes do, or that is done to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When, ms.
    pub at_ms: i64,
    /// How often.
    pub count: i64,
    /// Time from one to the next, ms.
    pub every_ms: i64,
    /// Who: the number a process got in the step that made it, 1 is PID 1. Several that got the same
    /// number all do it.
    pub who: i64,
    /// What.
    pub op: Op,
    /// The number a new process gets.
    pub child: i64,
    /// The signal that is sent, ignored or no longer ignored.
    pub signal: Signal,
    /// How long, ms; 0 for without end. Of a fork: after that time the child exits by itself.
    pub for_ms: i64,
    /// Exit code.
    pub code: i64,
    /// Memory that is mapped or written to, KiB.
    pub kib: i64,
    /// Where in the memory that was mapped last a write begins, KiB.
    pub from_kib: i64,
    /// The program that is executed.
    pub program: Program,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `fork()`.
    Fork,
    /// `vfork()`: the parent waits in D until the child has gone on to `exec` or `exit`.
    Vfork,
    /// `clone(CLONE_THREAD)`: one more thread.
    Clone,
    /// `execve()`.
    Exec,
    /// `exit_group()`.
    Exit,
    /// `wait()`: until a child has exited.
    Wait,
    /// `waitpid(-1, WNOHANG)` until there is no more, as a SIGCHLD handler does.
    Reap,
    /// A signal comes, from a shell of root.
    Signal,
    /// `signal(…, SIG_IGN)`.
    Ignore,
    /// `signal(…, SIG_DFL)`.
    Default,
    /// `prctl(PR_SET_CHILD_SUBREAPER)`.
    Subreaper,
    /// Computes (R).
    Run,
    /// Waits for nothing in particular (S), which is what a process does that is told nothing.
    Sleep,
    /// Waits in the kernel and is not to be interrupted (D).
    Block,
    /// The same, but a fatal signal gets through (`TASK_KILLABLE`, D as well).
    BlockKillable,
    /// A debugger attaches and stops it (t).
    Trace,
    /// The debugger lets it go.
    Detach,
    /// `mmap()` of private anonymous memory.
    Map,
    /// Writes to memory that was mapped.
    Write,
}

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    /// Asks to hang up.
    Hup,
    /// Ctrl-C.
    Int,
    /// Cannot be ignored.
    Kill,
    /// Asks to end.
    Term,
    /// A child has changed its state.
    Chld,
    /// Goes on.
    Cont,
    /// Cannot be ignored.
    Stop,
}

/// A program. Its sizes are examples, as `ps` shows them for the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Program {
    /// PID 1.
    Systemd,
    /// A shell.
    Bash,
    /// `sleep`.
    Sleep,
    /// A web server.
    Nginx,
    /// A program that makes workers.
    Worker,
    /// A store in memory.
    Redis,
    /// A script.
    Python,
    /// What looks after a container.
    Shim,
}

impl Op {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Op); 19] = [
        ("fork", Op::Fork),
        ("vfork", Op::Vfork),
        ("clone", Op::Clone),
        ("exec", Op::Exec),
        ("exit", Op::Exit),
        ("wait", Op::Wait),
        ("reap", Op::Reap),
        ("signal", Op::Signal),
        ("ignore", Op::Ignore),
        ("default", Op::Default),
        ("subreaper", Op::Subreaper),
        ("run", Op::Run),
        ("sleep", Op::Sleep),
        ("block", Op::Block),
        ("block-killable", Op::BlockKillable),
        ("trace", Op::Trace),
        ("detach", Op::Detach),
        ("mmap", Op::Map),
        ("write", Op::Write),
    ];
}

impl Signal {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Signal); 7] = [
        ("HUP", Signal::Hup),
        ("INT", Signal::Int),
        ("KILL", Signal::Kill),
        ("TERM", Signal::Term),
        ("CHLD", Signal::Chld),
        ("CONT", Signal::Cont),
        ("STOP", Signal::Stop),
    ];

    /// Its number on x86 and arm.
    pub fn number(self) -> u32 {
        match self {
            Signal::Hup => 1,
            Signal::Int => 2,
            Signal::Kill => 9,
            Signal::Term => 15,
            Signal::Chld => 17,
            Signal::Cont => 18,
            Signal::Stop => 19,
        }
    }

    /// Its bit in the masks of `/proc/PID/status`.
    pub fn bit(self) -> u64 {
        1 << (self.number() - 1)
    }

    /// The name without SIG.
    pub fn name(self) -> &'static str {
        Signal::NAMES.iter().find(|(_, signal)| *signal == self).map_or("", |(name, _)| name)
    }
}

impl Program {
    /// By their names in a scenario, which are what `comm` shows.
    pub const NAMES: [(&'static str, Program); 8] = [
        ("systemd", Program::Systemd),
        ("bash", Program::Bash),
        ("sleep", Program::Sleep),
        ("nginx", Program::Nginx),
        ("worker", Program::Worker),
        ("redis-server", Program::Redis),
        ("python3", Program::Python),
        ("containerd-shim", Program::Shim),
    ];

    /// What `/proc/PID/comm` shows.
    pub fn comm(self) -> &'static str {
        Program::NAMES.iter().find(|(_, program)| *program == self).map_or("", |(name, _)| name)
    }

    /// Resident pages of program and libraries, and anonymous pages once it runs.
    pub fn pages(self) -> (u64, u64) {
        match self {
            Program::Systemd => (2300, 900),
            Program::Bash => (870, 430),
            Program::Sleep => (380, 24),
            Program::Nginx => (1300, 400),
            Program::Worker => (500, 120),
            Program::Redis => (1500, 500),
            Program::Python => (1750, 1200),
            Program::Shim => (1600, 900),
        }
    }
}

impl Step {
    /// Something that a process does once.
    pub const fn new(at_ms: i64, who: i64, op: Op) -> Step {
        Step {
            at_ms,
            count: 1,
            every_ms: 0,
            who,
            op,
            child: 0,
            signal: Signal::Term,
            for_ms: 0,
            code: 0,
            kib: 0,
            from_kib: 0,
            program: Program::Worker,
        }
    }
}

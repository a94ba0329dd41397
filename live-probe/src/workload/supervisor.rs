//! The process between the probe and the tasks: it starts them, ends them, and leaves nothing.
//!
//! The probe may be killed at any moment, so what must happen then cannot be its work. The
//! supervisor learns of it twice over, by a signal the kernel sends and by the end of its standard
//! input, ends the tasks and removes the private directory. If it is killed itself, the kernel
//! kills the tasks. If everything stands still, timers of the kernel end each process.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use exercises::Load;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Signal, WaitOptions};
use serde::{Deserialize, Serialize};

use super::LATE;
use super::sys::{self, SignalFd};
use super::task::{self, TaskOrder};

/// Name of the hidden command that a supervisor or a task is started with.
pub const COMMAND: &str = "__workload";
/// Time beyond the load's own before the supervisor gives the tasks up.
const PATIENCE: Duration = Duration::from_secs(8);
/// Time beyond the load's own before the kernel ends the supervisor.
const GRACE: Duration = Duration::from_secs(12);

/// What a process started with [`COMMAND`] reads from its standard input, one line of JSON. On the
/// command line it would tell every user of the machine what was chosen in secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum Order {
    /// Start tasks and end them.
    Supervise(SuperviseOrder),
    /// Be a task.
    Task(TaskOrder),
}

/// What a supervisor is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct SuperviseOrder {
    /// What to run, each with its number of tasks.
    pub loads: Vec<(Load, u32)>,
    /// For how long.
    pub seconds: u32,
    /// Whether the tasks' names must not tell what they do.
    pub secret: bool,
    /// The probe; the supervisor ends with it.
    pub parent: i32,
    /// Private directory: the tasks' working directory, removed at the end.
    pub directory: PathBuf,
}

/// What a supervisor reports on its standard output, one line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub enum Report {
    /// All tasks run.
    Started {
        /// Their process ids.
        tasks: Vec<u32>,
    },
    /// All tasks ended in time by themselves.
    Done,
    /// The tasks were ended because somebody asked for it.
    Stopped,
    /// A task could not be started or ended too early.
    Failed {
        /// What happened, in the system's words.
        why: String,
    },
}

/// What a process started with [`COMMAND`] does.
pub fn main() -> ExitCode {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    match read.ok().and_then(|_| serde_json::from_str(&line).ok()) {
        Some(Order::Supervise(order)) => ExitCode::from(supervise(&order)),
        Some(Order::Task(order)) => ExitCode::from(task::run(&order)),
        None => ExitCode::from(2),
    }
}

/// This program again, as a supervisor or a task.
pub fn hidden_self() -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("live-probe").arg(COMMAND).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Sends a process its order and keeps its input open.
pub fn tell(child: &mut Child, order: &Order) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    child.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(&line))
}

fn supervise(order: &SuperviseOrder) -> u8 {
    let length = Duration::from_secs(order.seconds.into());
    sys::fresh_signals();
    sys::end_after(length + GRACE);
    let mut watched = sys::ENDINGS.to_vec();
    watched.push(libc::SIGCHLD);
    let Ok(signals) = SignalFd::block(&watched) else { return 1 };
    let Some(parent) = Pid::from_raw(order.parent) else { return 1 };
    sys::die_with(parent, Signal::TERM);
    sys::adopt_orphans();
    sys::take_name("probe-load");
    for resource in [Resource::Core, Resource::Fsize] {
        sys::limit(resource, 0);
    }
    let mut crew = Crew { tasks: Vec::new(), signals, end: Instant::now() + length + PATIENCE };
    let report = match crew.start(order) {
        Ok(()) => crew.watch(),
        Err(error) => Report::Failed { why: error.to_string() },
    };
    crew.dismiss();
    let _ = std::env::set_current_dir("/");
    let _ = std::fs::remove_dir_all(&order.directory);
    say(&report);
    u8::from(matches!(report, Report::Failed { .. }))
}

/// Reports to a probe that may be gone.
fn say(report: &Report) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

/// The tasks and what is watched while they run.
struct Crew {
    tasks: Vec<Child>,
    signals: SignalFd,
    end: Instant,
}

impl Crew {
    fn start(&mut self, order: &SuperviseOrder) -> std::io::Result<()> {
        let supervisor = rustix::process::getpid().as_raw_pid();
        let ms = u64::from(order.seconds) * 1000;
        for &(load, tasks) in &order.loads {
            let name = match load {
                _ if order.secret => "probe-task",
                Load::BusyLoops { .. } => "probe-busy",
                Load::VforkParents { .. } => "probe-vfork",
                Load::PeriodicSleeper { .. } => "probe-periodic",
            };
            for _ in 0..tasks {
                let mut child = hidden_self().current_dir(&order.directory).spawn()?;
                let told = tell(&mut child, &Order::Task(TaskOrder { load, ms, name: name.into(), supervisor }));
                self.tasks.push(child);
                told?;
            }
        }
        Ok(())
    }

    /// Waits until every task has begun and ended, or somebody wants them to end.
    fn watch(&mut self) -> Report {
        let pids = self.tasks.iter().map(Child::id).collect();
        let mut started = Some(Report::Started { tasks: pids });
        let count = self.tasks.len();
        while !self.tasks.is_empty() {
            let Some(left) = self.end.checked_duration_since(Instant::now()) else {
                return Report::Failed { why: LATE.into() };
            };
            let begun = match self.wait(left) {
                Ok(Some(begun)) => begun,
                Ok(None) => return Report::Stopped,
                Err(error) => return Report::Failed { why: error.to_string() },
            };
            for index in begun {
                // One byte says that the task runs; the end of its output that it is gone.
                let mut byte = [0];
                let mut said = self.tasks[index].stdout.take();
                let _ = said.as_mut().map(|said| said.read(&mut byte));
            }
            if self.tasks.iter().all(|task| task.stdout.is_none())
                && let Some(started) = started.take()
            {
                say(&started);
            }
            if let Err(why) = self.reap() {
                return Report::Failed { why };
            }
            if self.tasks.len() < count && started.is_some() {
                return Report::Failed { why: "a task ended before the others began".into() };
            }
        }
        Report::Done
    }

    /// Sleeps until something happens: the tasks that have begun, or nothing if all must end.
    fn wait(&self, left: Duration) -> std::io::Result<Option<Vec<usize>>> {
        let stdin = std::io::stdin();
        let waiting: Vec<_> =
            self.tasks.iter().enumerate().filter_map(|(i, task)| Some((i, task.stdout.as_ref()?))).collect();
        // Nothing is sent to us after the order, so whatever happens on the input is its end.
        let mut fds = vec![PollFd::new(&self.signals, PollFlags::IN), PollFd::new(&stdin, PollFlags::IN)];
        fds.extend(waiting.iter().map(|(_, stdout)| PollFd::new(*stdout, PollFlags::IN)));
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let parent_gone = !fds[1].revents().is_empty();
        if parent_gone || self.signals.drain().iter().any(|signal| sys::ENDINGS.contains(signal)) {
            return Ok(None);
        }
        let begun = waiting.iter().zip(&fds[2..]).filter(|(_, fd)| !fd.revents().is_empty());
        Ok(Some(begun.map(|((index, _), _)| *index).collect()))
    }

    /// Takes away the tasks that have ended as they should.
    fn reap(&mut self) -> Result<(), String> {
        let mut wrong = Ok(());
        self.tasks.retain_mut(|task| match task.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) if status.success() => false,
            Ok(Some(status)) => {
                wrong = Err(match status.signal() {
                    Some(libc::SIGALRM) => LATE.to_owned(),
                    Some(signal) => format!("task {}: signal {signal}", task.id()),
                    None => format!("task {}: {status}", task.id()),
                });
                false
            }
            Err(error) => {
                wrong = Err(error.to_string());
                true
            }
        });
        wrong
    }

    /// Ends every task, and takes away the children they leave behind, which the kernel kills: as
    /// their subreaper we inherit them, so that none stays a zombie where process 1 of a container
    /// waits for nobody.
    fn dismiss(&mut self) {
        for task in &mut self.tasks {
            let _ = task.kill();
        }
        for task in &mut self.tasks {
            let _ = task.wait();
        }
        while !matches!(rustix::process::wait(WaitOptions::empty()), Err(Errno::CHILD)) {}
    }
}

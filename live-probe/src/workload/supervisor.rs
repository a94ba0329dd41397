//! The process between the probe and the tasks: it starts them, ends them, and leaves nothing.
//!
//! The probe may be killed at any moment, so what must happen then cannot be its work. The
//! supervisor learns of it twice over, by a signal the kernel sends and by the end of its standard
//! input, ends the tasks and removes the private directory. If it is killed itself, the kernel
//! kills the tasks. If everything stands still, timers of the kernel end each process.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use exercises::{Load, Reported};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Signal, WaitOptions};
use serde::{Deserialize, Serialize};
use sim_core::Text;

use super::LATE;
use super::order::{Said, TaskOrder};
use super::sys::{self, SignalFd};
use super::task;
use super::undo::undo_all;

/// Name of the hidden command that a supervisor or a task is started with.
pub const COMMAND: &str = "__workload";
/// Time beyond the load's own before the supervisor gives the tasks up.
const PATIENCE: Duration = Duration::from_secs(8);
/// Time beyond the load's own before the kernel ends the supervisor.
const GRACE: Duration = Duration::from_secs(12);
/// Most that is listened to from one task, bytes.
const LONGEST_SPEECH: usize = 64 << 10;

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
    /// For how long; 0 to try only whether it can be done.
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
        /// What they said so far.
        reported: Reported,
    },
    /// All tasks ended in time by themselves.
    Done {
        /// What they said.
        reported: Reported,
    },
    /// The machine does not have or allow what a task needs.
    Cannot {
        /// Why.
        why: Text,
    },
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
    let prepare = order.loads.iter().map(|(load, _)| load.prepare_s()).max().unwrap_or(0);
    let length = Duration::from_secs(u64::from(order.seconds) + u64::from(prepare));
    sys::fresh_signals();
    sys::end_after(length + GRACE);
    let mut watched = sys::ENDINGS.to_vec();
    watched.push(libc::SIGCHLD);
    let Ok(signals) = SignalFd::block(&watched) else { return 1 };
    let Some(parent) = Pid::from_raw(order.parent) else { return 1 };
    sys::die_with(parent, Signal::TERM);
    sys::adopt_orphans();
    sys::take_name("probe-load");
    sys::limit(Resource::Core, 0);
    sys::limit(Resource::Fsize, order.loads.iter().map(|(load, _)| task::largest_file(*load)).max().unwrap_or(0));
    let end = Instant::now() + length + PATIENCE;
    let mut crew = Crew { members: Vec::new(), reported: Reported::default(), signals, somebody_ended: false, end };
    let report = match crew.start(order) {
        Ok(()) => crew.watch(order.seconds == 0),
        Err(error) => Report::Failed { why: error.to_string() },
    };
    crew.dismiss();
    undo_all(&order.directory);
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

/// A task and what it says.
struct Member {
    child: Child,
    /// Nothing once it has said all it had to say.
    voice: Option<ChildStdout>,
    heard: Vec<u8>,
    began: bool,
    may_be_ended: bool,
    cannot: Option<Text>,
    broken: Option<String>,
}

impl Member {
    /// Takes what the task has to say now; the end of its output says that it is gone.
    fn listen(&mut self, reported: &mut Reported) {
        let mut buffer = [0; 4096];
        match self.voice.as_mut().map(|voice| voice.read(&mut buffer)) {
            Some(Ok(length)) if length > 0 && self.heard.len() < LONGEST_SPEECH => {
                self.heard.extend_from_slice(&buffer[..length]);
            }
            Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => self.voice = None,
        }
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(Said::Began { places }) => {
                    self.began = true;
                    // Of several equal tasks the first one stands for all.
                    for (name, what) in places {
                        reported.places.entry(name).or_insert(what);
                    }
                }
                Ok(Said::Figure { name, value }) => {
                    reported.figures.entry(name).or_insert(value);
                }
                Ok(Said::Note { text }) if !reported.notes.contains(&text) => reported.notes.push(text),
                Ok(Said::Cannot { why }) => self.cannot = Some(why),
                Ok(Said::Broken { why }) => self.broken = Some(why),
                Ok(Said::Note { .. }) | Err(_) => {}
            }
        }
    }
}

/// The tasks and what is watched while they run.
struct Crew {
    members: Vec<Member>,
    reported: Reported,
    signals: SignalFd,
    /// Whether a child ended since the last look.
    somebody_ended: bool,
    end: Instant,
}

impl Crew {
    fn start(&mut self, order: &SuperviseOrder) -> std::io::Result<()> {
        let supervisor = rustix::process::getpid().as_raw_pid();
        let ms = u64::from(order.seconds) * 1000;
        for &(load, tasks) in &order.loads {
            let name = if order.secret { "probe-task" } else { load.process_name() };
            for index in 0..tasks {
                let mut child = hidden_self().current_dir(&order.directory).spawn()?;
                let directory = order.directory.clone();
                let task = TaskOrder { load, index, ms, name: name.into(), supervisor, directory };
                let told = tell(&mut child, &Order::Task(task));
                let voice = child.stdout.take();
                self.members.push(Member {
                    child,
                    voice,
                    heard: Vec::new(),
                    began: false,
                    may_be_ended: load.may_be_ended(),
                    cannot: None,
                    broken: None,
                });
                told?;
            }
        }
        Ok(())
    }

    /// Waits until every task has begun and ended, or somebody wants them to end. In a trial each
    /// ends as soon as it has begun, whatever the others do.
    fn watch(&mut self, trial: bool) -> Report {
        let tasks = self.members.iter().map(|member| member.child.id()).collect();
        let mut started = Some(tasks);
        while !self.members.is_empty() {
            let Some(left) = self.end.checked_duration_since(Instant::now()) else {
                return Report::Failed { why: LATE.into() };
            };
            let speaking = match self.wait(left) {
                Ok(Some(speaking)) => speaking,
                Ok(None) => return Report::Stopped,
                Err(error) => return Report::Failed { why: error.to_string() },
            };
            for index in speaking {
                self.members[index].listen(&mut self.reported);
            }
            if let Some(why) = self.members.iter().find_map(|member| member.cannot.clone()) {
                return Report::Cannot { why };
            }
            if self.members.iter().all(|member| member.began)
                && let Some(tasks) = started.take()
            {
                say(&Report::Started { tasks, reported: self.reported.clone() });
            }
            let count = self.members.len();
            if let Err(why) = self.reap() {
                return Report::Failed { why };
            }
            if self.members.len() < count && started.is_some() && !trial {
                return Report::Failed { why: "a task ended before the others began".into() };
            }
            self.reap_adopted();
        }
        Report::Done { reported: std::mem::take(&mut self.reported) }
    }

    /// Waits until something happens: which tasks have something to say, or nothing if all shall
    /// end.
    fn wait(&mut self, left: Duration) -> std::io::Result<Option<Vec<usize>>> {
        let stdin = std::io::stdin();
        let talking: Vec<_> = self
            .members
            .iter()
            .enumerate()
            .filter_map(|(index, member)| Some((index, member.voice.as_ref()?)))
            .collect();
        let mut fds = vec![PollFd::new(&self.signals, PollFlags::IN), PollFd::new(&stdin, PollFlags::IN)];
        fds.extend(talking.iter().map(|(_, voice)| PollFd::new(*voice, PollFlags::IN)));
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let parent_gone = !fds[1].revents().is_empty();
        let arrived = self.signals.drain();
        self.somebody_ended |= arrived.contains(&libc::SIGCHLD);
        if parent_gone || arrived.iter().any(|signal| sys::ENDINGS.contains(signal)) {
            return Ok(None);
        }
        let ready = talking.iter().zip(&fds[2..]).filter(|(_, fd)| !fd.revents().is_empty());
        Ok(Some(ready.map(|((index, _), _)| *index).collect()))
    }

    /// Takes away the tasks that have ended as they should and said all they had to say.
    fn reap(&mut self) -> Result<(), String> {
        let mut wrong = Ok(());
        self.members.retain_mut(|member| {
            let by_reader =
                |signal| member.may_be_ended && [libc::SIGTERM, libc::SIGKILL, libc::SIGINT].contains(&signal);
            match member.child.try_wait() {
                Ok(None) => true,
                // Its last words are still to be heard.
                Ok(Some(_)) if member.voice.is_some() => true,
                Ok(Some(status)) if status.success() || status.signal().is_some_and(by_reader) => false,
                Ok(Some(status)) => {
                    let id = member.child.id();
                    wrong = Err(match (status.signal(), member.broken.take()) {
                        (Some(libc::SIGALRM), _) => LATE.to_owned(),
                        (_, Some(why)) => why,
                        (Some(signal), None) => format!("task {id}: signal {signal}"),
                        (None, None) => format!("task {id}: {status}"),
                    });
                    false
                }
                Err(error) => {
                    wrong = Err(error.to_string());
                    true
                }
            }
        });
        wrong
    }

    /// Takes away what tasks left behind and we inherited: it is not ours to keep as zombies.
    fn reap_adopted(&mut self) {
        if !std::mem::take(&mut self.somebody_ended) {
            return;
        }
        let own = |pid: &Pid| self.members.iter().any(|member| Pid::from_child(&member.child) == *pid);
        for pid in children().into_iter().filter(|pid| !own(pid)) {
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }

    /// Ends every task, and takes away the children they leave behind, which the kernel kills: as
    /// their subreaper we inherit them, so that none stays a zombie where process 1 of a container
    /// waits for nobody.
    fn dismiss(&mut self) {
        for member in &mut self.members {
            let _ = member.child.kill();
        }
        for member in &mut self.members {
            let _ = member.child.wait();
        }
        // An orphan on its way out may have been stopped by somebody.
        for pid in children() {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        while !matches!(rustix::process::wait(WaitOptions::empty()), Err(Errno::CHILD)) {}
    }
}

/// Our children, whoever started them.
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_pid();
    let parent = |pid: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<i32>().ok()
    };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| parent(*pid) == Some(own)).filter_map(Pid::from_raw).collect()
}

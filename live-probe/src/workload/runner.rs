//! Runs a plan from beginning to end and records the machine meanwhile.

use std::io::{BufRead, BufReader};
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::time::{Duration, Instant};

use exercises::{Ended, Ran, Recording, Reported};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use sim_core::{Text, text};

use super::LATE;
use super::cannot;
use super::lock::{Lock, OURS};
use super::plan::Plan;
use super::recorder::{LOOK, Recorder};
use super::supervisor::{Order, Report, SuperviseOrder, hidden_self, tell};
use super::trial;
use crate::machine::{LiveMachine, Profile};

/// Free space below which nothing is started, in bytes.
const FREE_SPACE: u64 = 64 << 20;
/// How long the tasks may take to begin, and after their time to end.
const PATIENCE: Duration = Duration::from_secs(16);
/// How long a supervisor that was asked to stop may take before it is killed.
const FAREWELL: Duration = Duration::from_secs(2);

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Recording before the load.
    Before,
    /// The load runs.
    Load,
    /// Recording after the load.
    After,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Since its beginning, in ms.
    pub elapsed_ms: u64,
    /// Its planned length, in ms.
    pub total_ms: u64,
    /// The load averages now, in 1/2048.
    pub avenrun: [u64; 3],
}

/// Why nothing was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The machine does not have or allow what it takes.
    Cannot(Text),
    /// Something else is wrong.
    Wrong(Text),
}

impl From<Text> for Refused {
    fn from(text: Text) -> Refused {
        Refused::Wrong(text)
    }
}

/// Runs `plan` and records the machine, with `state` as the folder for the private directory.
/// `told` hears what the load says of itself when it begins. Ends early when `stop` becomes readable. The calling thread must live until this returns: the
/// kernel ends the load when it does not.
///
/// # Errors
/// Nothing could be started, or the machine does not have what it takes.
pub fn run(
    plan: &Plan,
    state: &Path,
    _lock: &Lock,
    stop: BorrowedFd<'_>,
    progress: &mut dyn FnMut(Progress),
    told: &mut dyn FnMut(&[u32], &Reported),
) -> Result<Recording, Refused> {
    // Found out by trying, before anybody waits for it.
    trial::all(plan, &private_directory(state)?)?;
    let directory = private_directory(state)?;
    let facts = Profile::of(&LiveMachine::here().map_err(|error| cannot(Path::new("/"), &error))?).facts();
    let recorder = Recorder::start(plan.paths.iter().map(String::as_str), facts)
        .map_err(|error| cannot(Path::new("/"), &error))?;
    let total = plan.workload.total_s();
    let mut watch = Watch { recorder, stop, progress, told, begun: Instant::now(), total };

    let (mut from, mut until) = (None, None);
    let mut ended = watch.wait(Stage::Before, plan.workload.before_s);
    if ended == Ended::AsPlanned {
        (from, until, ended) = watch.load(plan, directory.path())?;
    }
    if ended == Ended::AsPlanned {
        ended = watch.wait(Stage::After, plan.workload.after_s);
    }
    let now = watch.recorder.ns(Instant::now());
    let mut recording = watch.recorder.finish();
    recording.exercise.clone_from(&plan.exercise);
    // Not at the beginning, when a thread that read the facts may still be on its way out.
    recording.facts.recorder_threads = own_threads();
    let until_ns = until.or(from).unwrap_or(now);
    let from_ns = from.unwrap_or(until_ns);
    recording.ran = Some(Ran { workload: plan.workload.clone(), picked: plan.picked, from_ns, until_ns, ended });
    Ok(recording)
}

fn private_directory(state: &Path) -> Result<tempfile::TempDir, Text> {
    let free = rustix::fs::statvfs(state).map_err(|error| cannot(state, &error.into()))?;
    let available = free.f_bavail.saturating_mul(free.f_frsize);
    if available < FREE_SPACE {
        let (place, have, want) = (state.display(), available >> 20, FREE_SPACE >> 20);
        return Err(text!(
            ko: "{place}: 빈 공간이 {have}MiB뿐입니다. {want}MiB 이상 비운 뒤 다시 하십시오.",
            en: "{place}: only {have} MiB are free. Free at least {want} MiB and try again."
        ));
    }
    tempfile::Builder::new().prefix(OURS).tempdir_in(state).map_err(|error| cannot(state, &error))
}

fn own_threads() -> u32 {
    std::fs::read_dir("/proc/self/task").map_or(1, |tasks| u32::try_from(tasks.count()).unwrap_or(1))
}

/// A run under way.
struct Watch<'a> {
    recorder: Recorder,
    stop: BorrowedFd<'a>,
    progress: &'a mut dyn FnMut(Progress),
    told: &'a mut dyn FnMut(&[u32], &Reported),
    begun: Instant,
    total: u32,
}

impl Watch<'_> {
    fn tell(&mut self, stage: Stage) {
        let elapsed_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let avenrun = self.recorder.avenrun();
        (self.progress)(Progress { stage, elapsed_ms, total_ms: u64::from(self.total) * 1000, avenrun });
    }

    /// Looks at the machine, then sleeps until the next look. Whether to go on, and whether the
    /// supervisor has something to say.
    fn look(&mut self, stage: Stage, supervisor: Option<&ChildStdout>) -> (bool, bool) {
        self.recorder.look();
        self.tell(stage);
        let timeout = Timespec { tv_sec: 0, tv_nsec: LOOK.subsec_nanos().into() };
        let mut fds = vec![PollFd::new(&self.stop, PollFlags::IN)];
        fds.extend(supervisor.map(|supervisor| PollFd::new(supervisor, PollFlags::IN)));
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) => (fds[0].revents().is_empty(), fds.get(1).is_some_and(|fd| !fd.revents().is_empty())),
            Err(_) => (true, false),
        }
    }

    fn wait(&mut self, stage: Stage, seconds: u32) -> Ended {
        let until = Instant::now() + Duration::from_secs(seconds.into());
        while Instant::now() < until {
            if !self.look(stage, None).0 {
                return Ended::Stopped;
            }
        }
        Ended::AsPlanned
    }

    /// Runs the load: when the last task began, when the first one's time was over, and how it
    /// ended.
    fn load(&mut self, plan: &Plan, directory: &Path) -> Result<(Option<u64>, Option<u64>, Ended), Refused> {
        let mut supervised = match Supervised::start(plan, plan.workload.seconds, directory) {
            Ok(supervised) => supervised,
            Err(error) => return Ok((None, None, Ended::Failed(error.to_string()))),
        };
        let length = Duration::from_secs(plan.workload.seconds.into());
        let prepare = plan.loads().iter().map(|(load, _)| load.prepare_s()).max().unwrap_or(0);
        let latest = Instant::now() + Duration::from_secs(prepare.into()) + length + PATIENCE;
        let (mut from, mut until) = (None, None);
        let ended = loop {
            let (go_on, said) = self.look(Stage::Load, supervised.said.as_ref().map(BufReader::get_ref));
            let now = Instant::now();
            let report = if said { supervised.report() } else { None };
            match report {
                Some(Report::Started { tasks, reported }) => {
                    from = Some(now);
                    self.recorder.hear(&reported, &plan.workload.records);
                    (self.told)(&tasks, &reported);
                    continue;
                }
                Some(Report::Done { reported }) => {
                    self.recorder.hear_more(reported);
                    // Each task counts its own time, and the last to begin is the last to end.
                    until = from.map(|from| (from + length).min(now));
                    break Ended::AsPlanned;
                }
                Some(Report::Cannot { why }) => return Err(Refused::Cannot(why)),
                Some(Report::Stopped) => break Ended::Stopped,
                Some(Report::Failed { why }) => break Ended::Failed(why),
                None if said => break Ended::Failed("the supervising process was killed".into()),
                None => {}
            }
            if !go_on {
                until = Some(now);
                break Ended::Stopped;
            }
            if now > latest {
                until = Some(now);
                break Ended::Failed(LATE.into());
            }
        };
        let until = until.unwrap_or_else(Instant::now);
        drop(supervised);
        Ok((from.map(|from| self.recorder.ns(from)), Some(self.recorder.ns(until)), ended))
    }
}

/// A supervisor and its tasks. Dropping it ends all of them, whatever state they are in.
pub struct Supervised {
    child: Child,
    said: Option<BufReader<ChildStdout>>,
}

impl Supervised {
    /// Starts the loads of a plan for so many seconds.
    ///
    /// # Errors
    /// No process could be made.
    pub fn start(plan: &Plan, seconds: u32, directory: &Path) -> std::io::Result<Supervised> {
        let mut child = hidden_self().process_group(0).current_dir(directory).spawn()?;
        let said = child.stdout.take().map(BufReader::new);
        let mut supervised = Supervised { child, said };
        let order = Order::Supervise(SuperviseOrder {
            loads: plan.loads(),
            seconds,
            secret: plan.picked.is_some(),
            parent: rustix::process::getpid().as_raw_pid(),
            directory: directory.to_owned(),
        });
        tell(&mut supervised.child, &order)?;
        Ok(supervised)
    }

    /// The next report; nothing if there will be none.
    pub fn report(&mut self) -> Option<Report> {
        let mut line = String::new();
        self.said.as_mut()?.read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let leader = Pid::from_child(&self.child);
        // Not waited for before the end, so that its number is not given to another process.
        let gone = || {
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            !matches!(rustix::process::waitid(WaitId::Pid(leader), look), Ok(None) | Err(Errno::INTR))
        };
        if !gone() {
            let _ = rustix::process::kill_process(leader, Signal::TERM);
            let patience = Instant::now() + FAREWELL;
            while !gone() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let _ = rustix::process::kill_process_group(leader, Signal::KILL);
        let _ = self.child.wait();
    }
}

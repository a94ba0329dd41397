//! The process that runs a case's load while the reader looks around.
//!
//! It belongs to no terminal, so that the prompt is free; but it watches the shell the case was
//! started from and ends with it, as it ends when it is asked to or its time is over. Whatever
//! happens to it, its supervisor ends the load.

use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use exercises::incident::incidents;
use rustix::event::{PollFd, PollFlags};
use serde::{Deserialize, Serialize};
use sim_core::Text;

use super::state::{Current, Store};
use crate::workload::{self, Plan, Refused};

/// Name of the hidden command that a keeper is started with.
pub const COMMAND: &str = "__incident";

/// What a keeper reads from its standard input.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Which case.
    pub case: String,
    /// Index of the variant.
    pub variant: u32,
    /// State folder.
    pub state: PathBuf,
    /// The process whose end is ours; nothing if there is none.
    pub watch: Option<i32>,
    /// Online CPUs.
    pub cpus: u32,
}

/// What a keeper says on its standard output, one line of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case")]
pub enum Said {
    /// The load runs.
    Runs,
    /// The machine does not have what it takes.
    Cannot {
        /// Why.
        why: Text,
    },
    /// Something else is wrong.
    Wrong {
        /// What.
        why: Text,
    },
}

/// What a process started with [`COMMAND`] does.
pub fn main() -> ExitCode {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    match read.ok().and_then(|_| serde_json::from_str::<Order>(&line).ok()) {
        Some(order) => {
            if let Err(said) = keep(&order) {
                say(&said);
                return ExitCode::from(1);
            }
            ExitCode::SUCCESS
        }
        None => ExitCode::from(2),
    }
}

/// Whoever started us may be gone.
fn say(said: &Said) {
    if let Ok(mut line) = serde_json::to_vec(said) {
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

fn keep(order: &Order) -> Result<(), Said> {
    let wrong = |why: Text| Said::Wrong { why };
    let broken = |error: std::io::Error| Said::Wrong { why: Text::verbatim(error.to_string()) };
    let case = incidents().iter().find(|case| case.id == order.case);
    let Some(case) = case else { return Err(wrong(Text::verbatim(order.case.clone()))) };
    let plan = Plan::of_incident(case, order.cpus, order.variant).map_err(wrong)?;
    let variant = case.variants.get(order.variant as usize).map(|variant| variant.id.clone()).unwrap_or_default();
    // No terminal of ours can end us or be spoilt by us.
    let _ = rustix::process::setsid();
    let signals = workload::asked_to_end(plan.workload.total_s()).map_err(broken)?;
    let (stop, asked) = std::io::pipe().map_err(broken)?;
    let watched = order.watch.and_then(rustix::process::Pid::from_raw);
    let watched = watched.map(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()));
    let watched = match watched {
        Some(Ok(fd)) => Some(fd),
        // Gone already, and so are we.
        Some(Err(rustix::io::Errno::SRCH)) => return Ok(()),
        // Before 5.3 there is no such watch; time still bounds us.
        Some(Err(_)) | None => None,
    };
    let waiting = std::thread::Builder::new().spawn(move || {
        let mut fds = vec![PollFd::new(&signals, PollFlags::IN)];
        fds.extend(watched.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
        while rustix::event::poll(&mut fds, None).is_err() {}
        let _ = (&asked).write(&[1]);
        // Not dropped before the end: a closed pipe would say the same.
        std::mem::forget(asked);
    });
    waiting.map_err(broken)?;
    let lock = workload::Lock::take(&order.state, &plan.name).map_err(wrong)?;
    let store = Store::new(&order.state);
    let mut kept = None;
    let done = workload::run_plan(&plan, &order.state, &lock, stop.as_fd(), &mut |_| (), &mut |tasks, reported| {
        let current = Current {
            case: case.id.clone(),
            variant: variant.clone(),
            keeper: std::process::id(),
            since: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            places: reported.places.clone(),
            tasks: tasks.to_vec(),
            answers: Vec::new(),
        };
        kept = Some(store.update(|state| state.current = Some(current)));
        say(&Said::Runs);
        let _ = std::io::stdout().as_raw_fd();
    });
    match done {
        Ok(recording) => {
            let path = order.state.join("runs").join(format!("{}.json", plan.name));
            workload::keep(&recording, &path).map_err(wrong)?;
            match kept {
                Some(Ok(())) => Ok(()),
                Some(Err(failure)) => Err(wrong(failure.text)),
                None => Err(wrong(Text::fixed("부하가 시작하지 못했습니다.", "The load did not start."))),
            }
        }
        Err(Refused::Cannot(why)) => Err(Said::Cannot { why }),
        Err(Refused::Wrong(why)) => Err(wrong(why)),
    }
}

/// The process whose end is the reader's leaving: the nearest ancestor that is no mere wrapper of a
/// command. Nothing if that is the first process of the machine or container.
pub fn shell() -> Option<i32> {
    const WRAPPERS: [&str; 9] = ["sudo", "doas", "su", "env", "nice", "setpriv", "setsid", "timeout", "stdbuf"];
    let stat = |pid: i32| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let name = text.split_once('(')?.1.rsplit_once(") ")?.0.to_owned();
        let parent: i32 = text.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        Some((name, parent))
    };
    let mut pid = rustix::process::getppid()?.as_raw_pid();
    for _ in 0..16 {
        let (name, parent) = stat(pid)?;
        if !WRAPPERS.contains(&name.as_str()) {
            return (pid > 1).then_some(pid);
        }
        pid = parent;
    }
    None
}

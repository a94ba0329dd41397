//! A run beside other work, for the server.

use std::io::{PipeWriter, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use exercises::Ended;
use sim_core::Text;

use super::cannot;
use super::keep::keep;
use super::lock::Lock;
use super::plan::Plan;
use super::runner::{self, Progress, Refused};

/// Where a run in the background is.
#[derive(Clone, Debug)]
pub enum Status {
    /// It has just begun.
    Starting,
    /// It runs.
    Running(Progress),
    /// It is over, and its recording is kept unless an earlier, whole one was there.
    Ended(Ended),
    /// Nothing could be run or kept, and why.
    Failed(Text),
}

/// A run on a thread of its own. Dropping it stops the run and waits until nothing of it is left.
#[derive(Debug)]
pub struct Running {
    stop: PipeWriter,
    status: Arc<Mutex<Status>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts a run with `state` as the folder for its lock, and `path` for its recording.
    ///
    /// # Errors
    /// Another run is going on, or no thread could be started.
    pub fn start(plan: Plan, state: PathBuf, path: PathBuf) -> Result<Running, Text> {
        let lock = Lock::take(&state, &plan.name)?;
        let wrong = |error: std::io::Error| cannot(&state, &error);
        let (stopped, stop) = std::io::pipe().map_err(wrong)?;
        let status = Arc::new(Mutex::new(Status::Starting));
        let shared = Arc::clone(&status);
        let folder = state.clone();
        // A thread that does nothing else: the kernel ends the load when the thread that started
        // it ends.
        let work = move || {
            let set = |status: Status| *shared.lock().unwrap_or_else(PoisonError::into_inner) = status;
            let done = runner::run(
                &plan,
                &folder,
                &lock,
                stopped.as_fd(),
                &mut |now| set(Status::Running(now)),
                &mut |_, _| (),
            )
            .map_err(|(Refused::Cannot(why) | Refused::Wrong(why))| why)
            .and_then(|recording| {
                keep(&recording, &path)?;
                Ok(recording.ran.map_or(Ended::Stopped, |ran| ran.ended))
            });
            // Free before anybody can hear that it is over.
            drop(lock);
            set(done.map_or_else(Status::Failed, Status::Ended));
        };
        let thread = std::thread::Builder::new().name("workload".into()).spawn(work).map_err(wrong)?;
        Ok(Running { stop, status, thread: Some(thread) })
    }

    /// Where it is now.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks it to stop; its status says when it has.
    pub fn stop(&self) {
        let _ = (&self.stop).write(&[1]);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

//! Loads that a page asks for: one at a time, named by their exercise, ended when the reader is
//! gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use exercises::Exercise;
use serde::Serialize;
use sim_core::{Text, text};

use super::app::App;
use super::problem::Problem;
use super::tokens::Session;

/// Makes the load of an exercise.
pub trait Runner: Send + Sync {
    /// What will be done, for the reader to see.
    ///
    /// # Errors
    /// It cannot be done on this machine, in words.
    fn plan(&self, exercise: &'static Exercise) -> Result<serde_json::Value, Text>;

    /// Does it, in the calling thread, until it is over or `stop` turns true; leaves nothing behind.
    ///
    /// # Errors
    /// It did not go as planned, in words.
    fn run(&self, exercise: &'static Exercise, stop: &Arc<AtomicBool>) -> Result<(), Text>;
}

/// The load that runs, if one does, and how the one before it ended.
pub struct Workloads {
    runner: Box<dyn Runner>,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    last: Option<Last>,
}

struct Running {
    exercise: &'static Exercise,
    began: Instant,
    stop: Arc<AtomicBool>,
}

/// How a load ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Last {
    exercise: &'static str,
    ended: Ended,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    AsPlanned,
    Stopped,
    Failed,
}

/// What is going on.
#[derive(Debug, Serialize)]
pub struct Now {
    running: Option<Progress>,
    last: Option<Last>,
}

#[derive(Debug, Serialize)]
struct Progress {
    exercise: &'static str,
    elapsed_ms: u64,
    /// Nothing for an exercise that does not say.
    total_ms: Option<u64>,
}

impl Workloads {
    /// Nothing runs.
    pub fn new(runner: Box<dyn Runner>) -> Workloads {
        Workloads { runner, state: Mutex::default(), ended: Condvar::new() }
    }

    /// What is going on.
    pub fn now(&self) -> Now {
        let state = self.lock();
        let running = state.running.as_ref().map(|running| Progress {
            exercise: &running.exercise.id,
            elapsed_ms: running.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            total_ms: running.exercise.workload.as_ref().map(|workload| u64::from(workload.total_s()) * 1000),
        });
        Now { running, last: state.last.clone() }
    }

    /// Starts the load of an exercise and says what it will be. It ends when `session` has had no
    /// event stream for [`super::limits::Limits::reader_gone`].
    ///
    /// # Errors
    /// The exercise has none, one is running, or it cannot be started.
    pub fn start(
        self: &Arc<Workloads>,
        exercise: &'static Exercise,
        session: Session,
        app: &Arc<App>,
    ) -> Result<serde_json::Value, Problem> {
        let id = exercise.id.as_str();
        if exercise.workload.is_none() {
            let message = text!(ko: "{id}에는 부하가 없습니다.", en: "{id} has no workload.");
            return Err(Problem::new(StatusCode::CONFLICT, "no_workload", message));
        }
        let mut state = self.lock();
        if let Some(running) = &state.running {
            let other = &running.exercise.id;
            let message = text!(
                ko: "{other}의 부하가 돌고 있습니다. 끝나기를 기다리거나 멈춘 뒤에 시작하십시오.",
                en: "The workload of {other} is running. Wait for its end, or stop it first."
            );
            return Err(Problem::new(StatusCode::CONFLICT, "running", message));
        }
        let impossible = |message| Problem::new(StatusCode::CONFLICT, "impossible", message);
        let plan = self.runner.plan(exercise).map_err(impossible)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (all, stopping) = (Arc::clone(self), Arc::clone(&stop));
        // A thread of its own, and no pool's: what a load starts is told to die with the thread
        // that started it.
        let thread = std::thread::Builder::new().name("workload".into()).spawn(move || all.work(exercise, &stopping));
        thread.map_err(|error| {
            Problem::internal(text!(
                ko: "부하를 관리할 스레드를 시작하지 못했습니다({error}).",
                en: "The thread for the workload could not be started ({error})."
            ))
        })?;
        let began = Instant::now();
        state.running = Some(Running { exercise, began, stop: Arc::clone(&stop) });
        drop(state);
        tokio::spawn(watch(Arc::clone(app), session, began, stop));
        Ok(plan)
    }

    fn work(&self, exercise: &'static Exercise, stop: &Arc<AtomicBool>) {
        let run = std::panic::AssertUnwindSafe(|| self.runner.run(exercise, stop));
        let outcome = std::panic::catch_unwind(run)
            .unwrap_or_else(|_| Err(Text::fixed("live-probe 내부 오류입니다.", "This is a bug in live-probe.")));
        let (ended, why) = match outcome {
            Ok(()) if stop.swap(true, Ordering::SeqCst) => (Ended::Stopped, None),
            Ok(()) => (Ended::AsPlanned, None),
            Err(why) => (Ended::Failed, Some(why)),
        };
        // The watch over the reader ends with it.
        stop.store(true, Ordering::SeqCst);
        let mut state = self.lock();
        state.running = None;
        state.last = Some(Last { exercise: &exercise.id, ended, why });
        self.ended.notify_all();
    }

    /// Asks the load of an exercise to end.
    ///
    /// # Errors
    /// It does not run.
    pub fn stop(&self, exercise: &str) -> Result<(), Problem> {
        match &self.lock().running {
            Some(running) if running.exercise.id == exercise => {
                running.stop.store(true, Ordering::SeqCst);
                Ok(())
            }
            _ => {
                let message = text!(
                    ko: "{exercise}의 부하는 돌고 있지 않습니다.",
                    en: "The workload of {exercise} is not running."
                );
                Err(Problem::new(StatusCode::CONFLICT, "not_running", message))
            }
        }
    }

    /// Ends whatever runs and waits until it is gone, at most `patience`.
    pub fn end(&self, patience: Duration) {
        let state = self.lock();
        if let Some(running) = &state.running {
            running.stop.store(true, Ordering::SeqCst);
        }
        let _ = self.ended.wait_timeout_while(state, patience, |state| state.running.is_some());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops a load whose reader has left: no event stream of the session for long enough.
async fn watch(app: Arc<App>, session: Session, began: Instant, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let absent = app.streams.absent_since(session, began);
        if absent.is_some_and(|since| since.elapsed() >= app.limits.reader_gone) {
            stop.store(true, Ordering::SeqCst);
        }
    }
}

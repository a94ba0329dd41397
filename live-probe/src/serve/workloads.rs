//! Loads that a page asks for: one at a time, named by their exercise, ended when the reader is
//! gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use exercises::{Ended, Exercise};
use serde::Serialize;
use sim_core::{Lang, Text, text};

use super::app::App;
use super::problem::Problem;
use super::tokens::Session;
use crate::context::{Context, say};
use crate::machine;
use crate::workload::{Plan, Progress, Running, Status, why_failed};

/// How often a load and its reader are looked after.
const LOOK: Duration = Duration::from_millis(200);

/// Makes the load of an exercise.
pub trait Runner: Send + Sync {
    /// Starts it; what it will do, for the reader to see, and the load itself.
    ///
    /// # Errors
    /// It cannot be done on this machine, in words.
    fn start(&self, exercise: &'static Exercise) -> Result<(Planned, Box<dyn Job>), Text>;

    /// Hears how it ended.
    fn ended(&self, last: &Last);
}

/// A load that was started. Dropping it ends it.
pub trait Job: Send {
    /// Where it is.
    fn status(&self) -> Status;
    /// Asks it to end.
    fn stop(&self);
}

impl Job for Running {
    fn status(&self) -> Status {
        Running::status(self)
    }

    fn stop(&self) {
        Running::stop(self);
    }
}

/// What a load will do.
#[derive(Clone, Debug, Serialize)]
pub struct Planned {
    /// Id of the exercise.
    pub exercise: String,
    /// Length of the whole run, s.
    pub total_s: u32,
    /// What it does and the bounds it keeps, a label and its words.
    pub lines: Vec<Line>,
}

/// A line of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// `what`, `how long`, ...
    pub label: Text,
    /// What stands behind it.
    pub text: Text,
}

/// How a load ended.
#[derive(Clone, Debug, Serialize)]
pub struct Last {
    /// Id of the exercise.
    pub exercise: &'static str,
    /// How.
    pub ended: Outcome,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

/// How a load ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// After its planned time.
    AsPlanned,
    /// Somebody stopped it, or its reader left.
    Stopped,
    /// Something went wrong.
    Failed,
}

/// What is going on.
#[derive(Debug, Serialize)]
pub struct Now {
    running: Option<Going>,
    last: Option<Last>,
}

#[derive(Debug, Serialize)]
struct Going {
    exercise: &'static str,
    /// Nothing while it is being started.
    progress: Option<Progress>,
}

/// The load that runs, if one does, and how the one before it ended.
pub struct Workloads {
    runner: Box<dyn Runner>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Current>,
    last: Option<Last>,
}

struct Current {
    exercise: &'static Exercise,
    job: Box<dyn Job>,
}

impl Workloads {
    /// Nothing runs.
    pub fn new(runner: Box<dyn Runner>) -> Workloads {
        Workloads { runner, state: Mutex::default() }
    }

    /// What is going on.
    pub fn now(&self) -> Now {
        let state = self.look();
        let running = state.running.as_ref().map(|current| Going {
            exercise: &current.exercise.id,
            progress: match current.job.status() {
                Status::Running(progress) => Some(progress),
                _ => None,
            },
        });
        Now { running, last: state.last.clone() }
    }

    /// Starts the load of an exercise and says what it will be. It ends when `session` has had no
    /// event stream for [`super::limits::Limits::reader_gone`].
    ///
    /// # Errors
    /// The exercise has none, one is running, or it cannot be started.
    pub fn start(&self, exercise: &'static Exercise, session: Session, app: &Arc<App>) -> Result<Planned, Problem> {
        let id = exercise.id.as_str();
        if exercise.workload.is_none() {
            let message = text!(ko: "{id}: 부하가 없는 연습 문제입니다.", en: "{id}: this exercise has no workload.");
            return Err(Problem::new(StatusCode::CONFLICT, "no_workload", message));
        }
        let mut state = self.look();
        if let Some(current) = &state.running {
            let other = &current.exercise.id;
            let message = text!(
                ko: "{other}의 부하가 돌고 있습니다. 끝나기를 기다리거나 멈춘 뒤에 시작하십시오.",
                en: "The workload of {other} is running. Wait for its end, or stop it first."
            );
            return Err(Problem::new(StatusCode::CONFLICT, "running", message));
        }
        let impossible = |message| Problem::new(StatusCode::CONFLICT, "impossible", message);
        let (planned, job) = self.runner.start(exercise).map_err(impossible)?;
        state.running = Some(Current { exercise, job });
        drop(state);
        tokio::spawn(watch(Arc::clone(app), session, Instant::now()));
        Ok(planned)
    }

    /// Asks the load of an exercise to end.
    ///
    /// # Errors
    /// It does not run.
    pub fn stop(&self, exercise: &str) -> Result<(), Problem> {
        match &self.look().running {
            Some(current) if current.exercise.id == exercise => {
                current.job.stop();
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

    /// Ends whatever runs and waits until nothing of it is left.
    pub fn end(&self) {
        let current = self.lock().running.take();
        drop(current);
    }

    /// Whether something runs; asks it to end if nobody is there any more.
    fn goes_on(&self, deserted: bool) -> bool {
        match &self.look().running {
            Some(current) => {
                if deserted {
                    current.job.stop();
                }
                true
            }
            None => false,
        }
    }

    /// The state after what has ended is put away.
    fn look(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        let Some(current) = &state.running else { return state };
        let (ended, why) = match current.job.status() {
            Status::Starting | Status::Running(_) => return state,
            Status::Ended(Ended::AsPlanned) => (Outcome::AsPlanned, None),
            Status::Ended(Ended::Stopped) => (Outcome::Stopped, None),
            Status::Ended(Ended::Failed(why)) => (Outcome::Failed, Some(why_failed(&why))),
            Status::Failed(why) => (Outcome::Failed, Some(why)),
        };
        let last = Last { exercise: &current.exercise.id, ended, why };
        self.runner.ended(&last);
        state.last = Some(last);
        state.running = None;
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after a load until it has ended. No other can begin before, so it is always the same one.
async fn watch(app: Arc<App>, session: Session, began: Instant) {
    let Some(workloads) = &app.workloads else { return };
    loop {
        tokio::time::sleep(LOOK).await;
        let absent = app.streams.absent_since(session, began);
        let deserted = absent.is_some_and(|since| since.elapsed() >= app.limits.reader_gone);
        if !workloads.goes_on(deserted) {
            return;
        }
    }
}

/// Makes loads on this machine, and tells the terminal of each.
pub struct Here {
    context: Arc<Context>,
}

impl Here {
    /// With the folders and the language of a context.
    pub fn new(context: Arc<Context>) -> Here {
        Here { context }
    }

    fn lang(&self) -> Lang {
        self.context.lang
    }
}

impl Runner for Here {
    fn start(&self, exercise: &'static Exercise) -> Result<(Planned, Box<dyn Job>), Text> {
        let machine = machine::open(None)?;
        let cpus = machine::online_cpus(machine.as_ref()).unwrap_or(1);
        // Its reading thread is not to be counted among the machine's load.
        drop(machine);
        let random = getrandom::u32().map_err(|error| Text::verbatim(error.to_string()))?;
        let plan = Plan::of_exercise(exercise, cpus, random)?;
        let lines = plan.lines().into_iter().map(|(label, text)| Line { label, text }).collect();
        let planned = Planned { exercise: exercise.id.clone(), total_s: plan.workload.total_s(), lines };
        let state = self.context.state_dir().map_err(|failure| failure.text)?;
        let path = self.context.recording_path(&exercise.id).map_err(|failure| failure.text)?;
        let running = Running::start(plan, state, path)?;
        let (id, seconds) = (&exercise.id, planned.total_s);
        say(
            self.lang(),
            &text!(
                ko: "페이지의 요청으로 {id}의 부하를 시작합니다(모두 {seconds}초).",
                en: "A page asked for the workload of {id}: starting it ({seconds} s in all)."
            ),
        );
        Ok((planned, Box::new(running)))
    }

    fn ended(&self, last: &Last) {
        let id = last.exercise;
        let text = match (&last.why, last.ended) {
            (Some(Text { ko, en }), _) => text!(
                ko: "{id}의 부하가 잘못되어 끝났습니다. {ko}",
                en: "The workload of {id} failed. {en}"
            ),
            (None, Outcome::Stopped) => text!(ko: "{id}의 부하를 멈췄습니다.", en: "The workload of {id} was stopped."),
            _ => text!(ko: "{id}의 부하가 끝났습니다.", en: "The workload of {id} is over."),
        };
        say(self.lang(), &text);
    }
}

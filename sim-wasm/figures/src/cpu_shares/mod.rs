//! Sharing the CPU drawn: each run queue as a line of virtual time, and who ran round this moment.

mod curves;
mod lanes;
mod queue;
mod words;

use sim_core::cpu_shares::{CpuShares, Doing};
use sim_core::{Event, Model, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// Most changes of who runs that are kept; a longer run has lanes up to there.
const MOST_TURNS: usize = 40_000;

/// Who had a CPU or waited for it when, and when there was something special.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What tasks go over to, in the order of time.
    pub turns: Vec<Turn>,
    /// Up to when they are known.
    pub known: Nanos,
    /// Stretches in which somebody was kept from running by a limit.
    pub kept: Vec<(Nanos, Nanos)>,
    /// How many tasks the scenario has.
    pub tasks: usize,
    last: Vec<Lane>,
    since: Option<Nanos>,
}

/// A task goes over to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub t: Nanos,
    /// Which task.
    pub task: u8,
    /// What it does from then on.
    pub lane: Lane,
}

/// What a task does, as its lane shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// It sleeps, or is not there.
    #[default]
    Away,
    /// It could run, and does not.
    Waits,
    /// It has its CPU.
    Runs,
}

/// Most stretches that are kept.
const MOST_STRETCHES: usize = 400;

impl Drawn for CpuShares {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra {
            tasks: self.scenario().tasks.len(),
            last: vec![Lane::Away; self.scenario().tasks.len()],
            ..Extra::default()
        }
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        let now = self.now();
        for event in happened {
            match event.kind {
                "throttle" | "rt-throttle" => extra.since = extra.since.or(Some(now)),
                "unthrottle" | "rt-unthrottle" => {
                    if let Some(since) = extra.since.take()
                        && extra.kept.len() < MOST_STRETCHES
                    {
                        extra.kept.push((since, now));
                    }
                }
                _ => {}
            }
        }
        if extra.turns.len() >= MOST_TURNS {
            return;
        }
        extra.known = now;
        for (i, task) in self.tasks().iter().enumerate() {
            let lane = match task.doing {
                Doing::Runnable if task.running => Lane::Runs,
                Doing::Runnable => Lane::Waits,
                _ => Lane::Away,
            };
            if std::mem::replace(&mut extra.last[i], lane) != lane {
                extra.turns.push(Turn { t: now, task: i as u8, lane });
            }
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("실행 큐와 가상 시간", "Run queues and virtual time")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let top = queue::draw(self, svg, view) + 14 * PX;
        svg.group_at("f-lanes", 0, top);
        let lanes = lanes::draw(self, history, svg, view);
        svg.close();
        top + lanes
    }
}

/// The class that fills with the colour of a task; its letter always stands in or beside it.
fn fill(task: usize) -> &'static str {
    ["f-f1", "f-f2", "f-f3", "f-f4", "f-f5", "f-f6"][task % 6]
}

//! The kernel's bookkeeping: run queues fold what is active into one count, the count feeds the
//! averages. Every function is named after what it models in `kernel/sched/loadavg.c`.

use super::calc::{EXP, active_load, calc_load, calc_load_n};
use super::rules::{Folding, Rules};
use super::scenario::State;

/// Ticks between the moment CPUs are sampled and the moment the averages move.
pub const UPDATE_DELAY: u64 = 10;

/// A CPU's run queue, as far as load is concerned (`struct rq`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rq {
    /// Tasks running or waiting to run.
    pub nr_running: i64,
    /// Uninterruptible sleepers that fell asleep here.
    pub nr_uninterruptible: i64,
    /// Those of them that wait for a block device.
    pub nr_iowait: i64,
    /// What was active when this CPU last folded.
    pub calc_load_active: i64,
    /// The tick from which this CPU folds next.
    pub calc_load_update: u64,
    /// Whether its timer tick runs.
    pub ticking: bool,
}

impl Rq {
    /// What changed since the last fold (`calc_load_fold_active`).
    fn calc_load_fold_active(&mut self) -> i64 {
        let nr_active = self.nr_running + self.nr_uninterruptible;
        let delta = nr_active - self.calc_load_active;
        self.calc_load_active = nr_active;
        delta
    }
}

/// What happened in one go of the bookkeeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// CPUs folded in their tick: the count before and after, and how many CPUs took part.
    Sample { before: i64, after: i64, cpus: u64 },
    /// The averages moved one step.
    Update { before: [u64; 3], after: [u64; 3], active: i64, from_idle: i64 },
    /// They moved `steps` steps at once.
    CatchUp { before: [u64; 3], after: [u64; 3], active: i64, steps: u64 },
}

/// One CPU as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuView {
    /// Tasks running or waiting to run.
    pub nr_running: i64,
    /// Uninterruptible sleepers counted on this CPU.
    pub nr_uninterruptible: i64,
    /// What it last folded into `calc_load_tasks`, counting what waits in a NO_HZ slot.
    pub calc_load_active: i64,
    /// Whether its timer tick runs.
    pub ticking: bool,
}

/// All CPUs and the global figures. Time is the tick number since the run began.
#[derive(Clone, Debug)]
pub struct Engine {
    rules: Rules,
    load_freq: u64,
    nohz: bool,
    rq: Vec<Rq>,
    /// Ticks the kernel knows of; behind the clock while no CPU ticks.
    jiffies: u64,
    /// The last tick whose work was done.
    done: u64,
    pub calc_load_tasks: i64,
    /// Next sample, in ticks; the averages move [`UPDATE_DELAY`] later.
    pub calc_load_update: u64,
    calc_load_nohz: [i64; 2],
    calc_load_idx: usize,
    pub avenrun: [u64; 3],
    /// What happened since somebody took it from here.
    pub happenings: Vec<Happening>,
}

impl Engine {
    pub fn new(rules: Rules, hz: u64, cpus: usize, nohz: bool, offset: u64, avenrun: [u64; 3]) -> Engine {
        let load_freq = rules.load_freq(hz);
        // Until 2.6.18 the countdown has to pass zero: one tick more before the first sample.
        let late = u64::from(rules.folding == Folding::Global);
        let calc_load_update = load_freq - offset + late;
        let nohz = nohz && rules.folding != Folding::Global;
        let rq = Rq { calc_load_update, ticking: !nohz, ..Rq::default() };
        Engine {
            rules,
            load_freq,
            nohz,
            rq: vec![rq; cpus],
            jiffies: 0,
            done: 0,
            calc_load_tasks: 0,
            calc_load_update,
            calc_load_nohz: [0; 2],
            calc_load_idx: 0,
            avenrun,
            happenings: Vec::new(),
        }
    }

    pub fn rules(&self) -> Rules {
        self.rules
    }

    pub fn rq(&self, cpu: usize) -> &Rq {
        &self.rq[cpu]
    }

    pub fn cpus(&self) -> impl Iterator<Item = CpuView> + '_ {
        self.rq.iter().map(|rq| CpuView {
            nr_running: rq.nr_running,
            nr_uninterruptible: rq.nr_uninterruptible,
            calc_load_active: rq.calc_load_active,
            ticking: rq.ticking,
        })
    }

    pub fn sum(&self, of: impl Fn(&Rq) -> i64) -> i64 {
        self.rq.iter().map(of).sum()
    }

    /// Whether any CPU ticks; when none does, jiffies stand still.
    pub fn any_ticking(&self) -> bool {
        self.rq.iter().any(|rq| rq.ticking)
    }

    /// The tick in which the averages are due to move.
    pub fn next_update(&self) -> u64 {
        match self.rules.folding {
            Folding::Global => self.calc_load_update,
            _ => self.calc_load_update + UPDATE_DELAY,
        }
    }

    /// The next tick that has work to do; `None` while no CPU ticks.
    pub fn next_tick(&self) -> Option<u64> {
        let folds = match self.rules.folding {
            Folding::Global => None,
            _ => self.rq.iter().filter(|rq| rq.ticking).map(|rq| rq.calc_load_update).min(),
        };
        let due = self.next_update();
        let next = self.any_ticking().then(|| folds.map_or(due, |fold| fold.min(due)))?;
        Some(next.max(self.done + 1))
    }

    /// The timer tick of every ticking CPU: the one with the duty to count jiffies first.
    pub fn tick(&mut self, tick: u64) {
        self.done = tick;
        self.update_jiffies(tick);
        if self.rules.folding == Folding::Global {
            return;
        }
        let before = self.calc_load_tasks;
        let mut cpus = 0;
        for rq in self.rq.iter_mut().filter(|rq| rq.ticking && rq.calc_load_update <= tick) {
            self.calc_load_tasks += rq.calc_load_fold_active();
            rq.calc_load_update += self.load_freq;
            cpus += 1;
        }
        if cpus > 0 {
            let after = self.calc_load_tasks;
            self.happenings.push(Happening::Sample { before, after, cpus });
        }
    }

    /// Time is noticed outside a tick, by an interrupt while no CPU ticks.
    pub fn update_jiffies(&mut self, jiffies: u64) {
        // One call however many ticks have passed, as do_timer(ticks) is called.
        if jiffies > self.jiffies {
            self.jiffies = jiffies;
            self.calc_global_load();
        }
    }

    /// A task takes up or leaves a state on a CPU; `jiffies` counts the ticks before this moment.
    pub fn change(&mut self, cpu: usize, state: State, begins: bool, jiffies: u64) {
        // The task itself runs for a moment when it falls asleep and when it wakes up, so an idle
        // CPU leaves idle either way.
        if self.rq[cpu].ticking {
            self.jiffies = self.jiffies.max(jiffies);
        } else {
            self.update_jiffies(jiffies);
            self.done = self.done.max(jiffies);
            self.tick_restart(cpu);
        }
        let one = if begins { 1 } else { -1 };
        let rq = &mut self.rq[cpu];
        match state {
            State::Runnable => rq.nr_running += one,
            State::Uninterruptible => rq.nr_uninterruptible += one,
            State::IoWait => {
                rq.nr_uninterruptible += one;
                rq.nr_iowait += one;
            }
        }
        if self.rq[cpu].nr_running == 0 {
            self.go_idle(cpu);
        }
    }

    fn tick_restart(&mut self, cpu: usize) {
        let (jiffies, global, freq) = (self.jiffies, self.calc_load_update, self.load_freq);
        let rq = &mut self.rq[cpu];
        rq.ticking = true;
        match self.rules.folding {
            Folding::Global | Folding::FoldOnIdle => {}
            // calc_load_exit_idle until 4.11: returns by the window this CPU last knew.
            Folding::TwoSlotsStaleWake if jiffies < rq.calc_load_update => {}
            Folding::TwoSlotsStaleWake => {
                rq.calc_load_update = global;
                if jiffies < global + UPDATE_DELAY {
                    rq.calc_load_update += freq;
                }
            }
            // calc_load_nohz_stop: woken inside the window, it is already accounted.
            Folding::TwoSlots => {
                rq.calc_load_update = global;
                if jiffies >= global && jiffies < global + UPDATE_DELAY {
                    rq.calc_load_update += freq;
                }
            }
        }
    }

    fn go_idle(&mut self, cpu: usize) {
        let rq = &mut self.rq[cpu];
        match self.rules.folding {
            Folding::Global => {}
            // pick_next_task_idle: whether or not the tick will stop.
            Folding::FoldOnIdle => self.calc_load_tasks += rq.calc_load_fold_active(),
            // calc_load_nohz_start
            Folding::TwoSlotsStaleWake | Folding::TwoSlots if self.nohz && rq.ticking => {
                let delta = rq.calc_load_fold_active();
                // calc_load_write_idx: once the window is open, into the next one.
                let next = usize::from(self.jiffies >= self.calc_load_update);
                self.calc_load_nohz[(self.calc_load_idx + next) & 1] += delta;
            }
            Folding::TwoSlotsStaleWake | Folding::TwoSlots => {}
        }
        if self.nohz {
            self.rq[cpu].ticking = false;
        }
    }

    fn calc_global_load(&mut self) {
        if self.rules.folding == Folding::Global {
            while self.jiffies >= self.calc_load_update {
                let before = self.calc_load_tasks;
                self.calc_load_tasks = self.sum(|rq| rq.nr_running + rq.nr_uninterruptible);
                let (after, cpus) = (self.calc_load_tasks, self.rq.len() as u64);
                self.happenings.push(Happening::Sample { before, after, cpus });
                self.update(0);
            }
            return;
        }
        if self.jiffies < self.next_update() {
            return;
        }
        let two_slots = self.rules.folding != Folding::FoldOnIdle;
        let from_idle = if two_slots { std::mem::take(&mut self.calc_load_nohz[self.calc_load_idx & 1]) } else { 0 };
        self.calc_load_tasks += from_idle;
        self.update(from_idle);
        if two_slots {
            self.calc_global_nohz();
            self.calc_load_idx += 1;
        }
    }

    fn update(&mut self, from_idle: i64) {
        let (before, active) = (self.avenrun, self.calc_load_tasks);
        for (load, exp) in self.avenrun.iter_mut().zip(EXP) {
            *load = calc_load(self.rules.rounding, *load, exp, active_load(active));
        }
        self.calc_load_update += self.load_freq;
        self.happenings.push(Happening::Update { before, after: self.avenrun, active, from_idle });
    }

    /// Windows that passed while nobody looked (`calc_global_nohz`).
    fn calc_global_nohz(&mut self) {
        let due = self.next_update();
        if self.jiffies < due {
            return;
        }
        let steps = 1 + (self.jiffies - due) / self.load_freq;
        let (before, active) = (self.avenrun, self.calc_load_tasks);
        for (load, exp) in self.avenrun.iter_mut().zip(EXP) {
            *load = calc_load_n(self.rules.rounding, *load, exp, active_load(active), steps);
        }
        self.calc_load_update += steps * self.load_freq;
        self.happenings.push(Happening::CatchUp { before, after: self.avenrun, active, steps });
    }
}

//! What a run will do, checked and told before anything happens.

use exercises::incident::Incident;
use exercises::{Exercise, Load, MAX_TASKS, Parameter, Pick, Workload};
use sim_core::{Text, text};

/// Longest load that is run, in seconds; exercises keep to less.
pub const LONGEST_S: u32 = 15 * 60;
/// Longest run with the time before and after the load, in seconds: what a recording can hold.
const LONGEST_TOTAL_S: u32 = 1150;
/// Most tasks for each CPU.
pub const MOST_PER_CPU: u32 = 4;
/// Files every recording holds, besides those the exercise reads.
const ALWAYS: [&str; 3] = ["/proc/loadavg", "/proc/stat", "/proc/pressure/cpu"];

/// A run with all its numbers.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Exercise it is for; nothing for a load the reader named.
    pub exercise: Option<String>,
    /// File name of its recording, without the ending.
    pub name: String,
    /// What it is called.
    pub title: Text,
    /// What was asked for.
    pub workload: Workload,
    /// Which load was chosen in secret.
    pub picked: Option<u32>,
    /// Files to record.
    pub paths: Vec<String>,
    /// Online CPUs.
    pub cpus: u32,
}

impl Plan {
    /// The run that an exercise asks for on a machine of `cpus` CPUs. `random` decides where
    /// something is chosen in secret.
    ///
    /// # Errors
    /// The exercise runs nothing, or too much for this machine.
    pub fn of_exercise(exercise: &Exercise, cpus: u32, random: u32) -> Result<Plan, Text> {
        let id = &exercise.id;
        let Some(workload) = exercise.workload.clone() else {
            return Err(text!(
                ko: "{id}: 부하가 없는 연습 문제입니다. `live-probe check {id}`로 바로 확인하십시오.",
                en: "{id}: this exercise runs nothing. Check it right away: `live-probe check {id}`."
            ));
        };
        let mut paths = exercise.reads();
        let more: Vec<_> = ALWAYS.iter().map(|path| (*path).to_owned()).filter(|path| !paths.contains(path)).collect();
        paths.extend(more);
        let plan = Plan {
            exercise: Some(id.clone()),
            name: exercise.slug().to_owned(),
            title: exercise.title.clone(),
            picked: pick(&workload, random),
            workload,
            paths,
            cpus,
        };
        plan.check().map(|()| plan)
    }

    /// A load that the reader named, the only one of `workload`.
    ///
    /// # Errors
    /// Everything that is out of bounds.
    pub fn of_load(load: Load, workload: Workload, cpus: u32) -> Result<Plan, Text> {
        let plan = Plan {
            exercise: None,
            name: load.kind().to_owned(),
            title: load.text(cpus),
            workload,
            picked: None,
            paths: ALWAYS.map(str::to_owned).to_vec(),
            cpus,
        };
        plan.check().map(|()| plan)
    }

    /// The run of a case, whose variant of that index is the one that runs in secret.
    ///
    /// # Errors
    /// Everything that is too much for this machine.
    pub fn of_incident(case: &Incident, cpus: u32, variant: u32) -> Result<Plan, Text> {
        let plan = Plan {
            exercise: None,
            name: format!("incident-{}", case.id),
            title: case.title.clone(),
            workload: case.workload(),
            picked: Some(variant),
            paths: ALWAYS.map(str::to_owned).to_vec(),
            cpus,
        };
        plan.check().map(|()| plan)
    }

    /// The loads that will run, each with its number of tasks.
    pub fn loads(&self) -> Vec<(Load, u32)> {
        let chosen = |i: &usize| self.picked.is_none_or(|picked| picked as usize == *i);
        let loads = self.workload.loads.iter().enumerate().filter(|(i, _)| chosen(i));
        loads.map(|(_, load)| (*load, load.tasks(self.cpus))).collect()
    }

    /// Most tasks this machine may be given.
    pub fn most_tasks(&self) -> u32 {
        MAX_TASKS.min(self.cpus.max(1).saturating_mul(MOST_PER_CPU))
    }

    fn check(&self) -> Result<(), Text> {
        let Workload { seconds, .. } = self.workload;
        let mut problems = Vec::new();
        if !(1..=LONGEST_S).contains(&seconds) {
            problems.push(text!(
                ko: "부하 {seconds}초: 1초에서 {LONGEST_S}초까지 쓸 수 있습니다.",
                en: "{seconds} s of load: allowed are 1 to {LONGEST_S} s."
            ));
        }
        let total = self.workload.total_s();
        if total > LONGEST_TOTAL_S {
            problems.push(text!(
                ko: "모두 {total}초입니다. {LONGEST_TOTAL_S}초까지 기록할 수 있습니다.",
                en: "{total} s in all: at most {LONGEST_TOTAL_S} s can be recorded."
            ));
        }
        let (tasks, cpus) = (self.most_of(|load| load.tasks_wanted(self.cpus)), self.cpus);
        let computing = self.most_of(|load| load.computing(self.cpus));
        // Only tasks that compute are counted against the CPUs; the rest may be as many as anywhere.
        let most = if computing > 0 { self.most_tasks() } else { MAX_TASKS };
        if !(1..=most).contains(&tasks) {
            problems.push(text!(
                ko: "태스크 {tasks}개: 이 컴퓨터(CPU {cpus}개)에서는 1개에서 {most}개까지 쓸 수 있습니다.",
                en: "{tasks} tasks: allowed are 1 to {most} on this machine ({cpus} CPUs)."
            ));
        }
        for load in &self.workload.loads {
            if let Load::PeriodicSleeper { on_ms, every_ms, .. } = *load {
                if !(10..=60_000).contains(&every_ms) {
                    problems.push(text!(
                        ko: "--every-ms {every_ms}: 10 ms에서 60000 ms까지 쓸 수 있습니다.",
                        en: "--every-ms {every_ms}: allowed are 10 to 60000 ms."
                    ));
                }
                if on_ms == 0 || on_ms > every_ms {
                    problems.push(text!(
                        ko: "--on-ms {on_ms}: 1 ms에서 --every-ms({every_ms} ms)까지 쓸 수 있습니다.",
                        en: "--on-ms {on_ms}: allowed are 1 ms to --every-ms ({every_ms} ms)."
                    ));
                }
                continue;
            }
            for Parameter { name, value, min, max, unit } in load.parameters() {
                if !name.starts_with("tasks") && !(min..=max).contains(&value) {
                    problems.push(text!(
                        ko: "{name} {value}{unit}: {min}에서 {max}{unit}까지 쓸 수 있습니다.",
                        en: "{name} {value}{unit}: allowed are {min} to {max}{unit}."
                    ));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(lines(problems)) }
    }

    /// The most of something at once, whatever is chosen in secret.
    pub fn most_of(&self, of: impl Fn(Load) -> u32) -> u32 {
        let each = self.workload.loads.iter().map(|load| of(*load));
        match self.workload.pick {
            Pick::All => each.fold(0, u32::saturating_add),
            Pick::OneInSecret => each.max().unwrap_or(0),
        }
    }
}

fn pick(workload: &Workload, random: u32) -> Option<u32> {
    match workload.pick {
        Pick::All => None,
        Pick::OneInSecret => random.checked_rem(u32::try_from(workload.loads.len()).ok()?),
    }
}

/// Several messages as one, a line each.
pub fn lines(texts: Vec<Text>) -> Text {
    let (ko, en): (Vec<_>, Vec<_>) = texts.into_iter().map(|text| (text.ko, text.en)).unzip();
    Text { ko: ko.join("\n").into(), en: en.join("\n").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(tasks: u32, tasks_per_cpu: u32) -> Load {
        Load::BusyLoops { tasks, tasks_per_cpu }
    }

    fn sleeper(on_ms: u32, every_ms: u32) -> Load {
        Load::PeriodicSleeper { tasks: 1, tasks_per_cpu: 0, on_ms, every_ms }
    }

    fn named(load: Load, seconds: u32, cpus: u32) -> Result<Plan, Text> {
        let workload =
            Workload { seconds, before_s: 6, after_s: 0, pick: Pick::All, loads: vec![load], records: Vec::new() };
        Plan::of_load(load, workload, cpus)
    }

    #[test]
    fn the_plan_names_the_stretches_there_are() {
        for (before_s, after_s, ko, en) in [
            (6, 0, "66초(부하 없이 6초, 부하 60초)", "66 s (6 s before, 60 s of load)"),
            (0, 0, "60초(부하 60초)", "60 s (60 s of load)"),
            (1, 9, "70초(부하 없이 1초, 부하 60초, 부하가 끝나고 9초)", "70 s (1 s before, 60 s of load, 9 s after)"),
        ] {
            let mut plan = named(busy(1, 0), 60, 2).unwrap();
            (plan.workload.before_s, plan.workload.after_s) = (before_s, after_s);
            let lines = plan.lines();
            let time = &lines.iter().find(|(label, _)| label.en == "how long").unwrap().1;
            assert!(time.ko.starts_with(ko) && time.en.starts_with(en), "{time:?}");
        }
    }

    #[test]
    fn bounds_are_kept_and_all_problems_named() {
        for (load, seconds, cpus, problems) in [
            (busy(1, 0), 60, 2, 0),
            (busy(8, 0), LONGEST_S, 2, 0),
            (busy(9, 0), 60, 2, 1),
            (busy(0, 4), 60, 2, 0),
            (busy(0, 5), 60, 2, 1),
            (busy(64, 0), 60, 512, 0),
            (busy(65, 0), 60, 512, 1),
            (busy(4, 0), 60, 0, 0),
            (busy(0, 0), 0, 2, 2),
            (busy(u32::MAX, u32::MAX), u32::MAX, u32::MAX, 3),
            (sleeper(1250, 5000), 300, 2, 0),
            (sleeper(0, 5000), 300, 2, 1),
            (sleeper(20, 10), 300, 2, 1),
            (sleeper(1, 1), 300, 2, 1),
            (sleeper(0, 0), 0, 1, 3),
        ] {
            let refused = named(load, seconds, cpus).err();
            let [ko, en] = refused.map_or([0, 0], |text| [text.ko.lines().count(), text.en.lines().count()]);
            assert_eq!([ko, en], [problems; 2], "{load:?} {seconds} on {cpus}");
        }
    }

    #[test]
    fn what_is_chosen_in_secret_runs_alone_and_is_not_told() {
        let workload = Workload {
            seconds: 60,
            before_s: 6,
            after_s: 0,
            pick: Pick::OneInSecret,
            loads: vec![busy(0, 2), Load::VforkParents { tasks: 0, tasks_per_cpu: 2 }],
            records: Vec::new(),
        };
        let mut told = Vec::new();
        for (random, kind) in [(0, "busy-loops"), (1, "vfork-parents"), (u32::MAX, "vfork-parents")] {
            let mut plan = named(busy(1, 0), 60, 2).unwrap();
            plan.picked = pick(&workload, random);
            plan.workload = workload.clone();
            assert!(plan.check().is_ok(), "one of them runs, so eight tasks at most are four");
            let loads: Vec<_> = plan.loads().into_iter().map(|(load, tasks)| (load.kind(), tasks)).collect();
            assert_eq!(loads, [(kind, 4)], "{random}");
            told.push(plan.lines());
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

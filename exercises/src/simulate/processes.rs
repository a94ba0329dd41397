//! A machine whose processes a workload makes: zombies, orphans, parents of vforks, and the pages of a
//! program that is touched or forks.

use std::fmt::Write as _;

use sim_core::process_life::{INIT, Op, ProcessLife, Program, Scenario, Step};
use sim_core::{Files, KernelVersion, Model, Nanos, SECOND, Text, Valid};

use super::{Host, refused};
use crate::recording::{Content, Frame};
use crate::{Exercise, Load, Recording, Workload};

/// Numbers of the script: the workload's first process and those it makes.
const TASK: i64 = 10;
const CHILD: i64 = 11;
const GRANDCHILD: i64 = 12;
/// RAM, and what is in use besides the processes of the model, kB.
const MEMORY_KB: u64 = 4 << 20;
const OTHERS_KB: u64 = 900 << 10;
/// The program that stands for the workload's: it goes by the workload's name.
const PROGRAM: Program = Program::Python;

/// Whether the model of process life shows what an exercise's workload does: to memory, or to the table
/// of processes.
pub(crate) fn shows(exercise: &Exercise) -> bool {
    // What a reader does to a machine no model does.
    let Some(workload) = exercise.workload.as_ref().filter(|_| !matches!(exercise.check, crate::Check::Act(_))) else {
        return false;
    };
    let [load] = workload.loads[..] else { return false };
    match load {
        Load::TouchMemory { .. } | Load::CopyOnWrite { .. } => true,
        // The load of such parents is another model's.
        Load::VforkParents { .. } => exercise.reads().iter().any(|path| path == "@processes"),
        Load::Zombies { .. } | Load::Orphans { .. } => true,
        _ => false,
    }
}

/// Records the machine once a second.
///
/// # Errors
/// Why there is no such machine.
pub(super) fn record(host: &Host, workload: &Workload, recording: &mut Recording) -> Result<(), Text> {
    // A little after the look that shows how it was before.
    let from = i64::from(workload.before_s) * 1000 + 100;
    let until = (i64::from(workload.before_s) + i64::from(workload.seconds)) * 1000;
    let end = i64::from(workload.total_s()) * 1000;
    let Some(load) = workload.loads.first() else { return Ok(()) };
    let fork = |at_ms, who, child| Step { child, ..Step::new(at_ms, who, Op::Fork) };
    let exec = |at_ms, who, program| Step { program, ..Step::new(at_ms, who, Op::Exec) };
    let mut steps = vec![fork(0, INIT, 2), exec(0, 2, Program::Bash), fork(0, INIT, 3), exec(0, 3, Program::Nginx)];
    let count = i64::from(load.tasks(host.cpus)).max(1);
    steps.extend([Step { count, ..fork(from, 2, TASK) }, exec(from, TASK, PROGRAM)]);
    let touched = script(*load, from, until, &mut steps);
    if until < end {
        steps.push(Step::new(until, TASK, Op::Exit));
        steps.push(Step::new(until, 2, Op::Reap));
    }
    let scenario = Scenario {
        kernel: host.kernel.parse().unwrap_or(KernelVersion::new(0, 0, 0)),
        duration_ms: end,
        last_pid: 1200,
        kernel_threads: 40,
        steps,
        ..Scenario::default()
    };
    let mut model = ProcessLife::start(&Valid::new(scenario).map_err(|problems| refused(&problems))?);
    for t in (0..=Nanos::from(workload.total_s())).map(|s| s * SECOND) {
        model.advance_to(t);
        for (place, name) in [("task", TASK), ("child", CHILD)] {
            let found = model.engine().processes().values().find(|process| process.name == name);
            if let Some(process) = found {
                recording.reported.places.insert(place.to_owned(), process.pid.to_string());
            }
        }
        let mut files = files(host, &model, t, recording, workload, load.process_name());
        if matches!(load, Load::TouchMemory { .. } | Load::CopyOnWrite { .. }) {
            // Of a load on memory there is nothing to be seen of the run queue.
            files.remove("/proc/loadavg");
        }
        recording.frames.push(Frame { t_ns: t, avenrun: None, files });
    }
    recording.reported.figures.extend(touched);
    Ok(())
}

/// What a load does, and what it says of itself in the end.
fn script(load: Load, from: i64, until: i64, steps: &mut Vec<Step>) -> Option<(String, i64)> {
    let map = |mib: u32| Step { kib: i64::from(mib) << 10, ..Step::new(from, TASK, Op::Map) };
    let fork = |at_ms, who, child| Step { child, ..Step::new(at_ms, who, Op::Fork) };
    let long = until - from;
    match load {
        Load::TouchMemory { mib, touch_after_s, touch_for_s } => {
            steps.push(map(mib));
            let begins = from + i64::from(touch_after_s) * 1000;
            // In so many pieces, so that what is seen each second has grown.
            let pieces = (i64::from(touch_for_s) * 4).clamp(1, 160);
            let place = |i: i64| (i64::from(mib) * 256 * i / pieces) * 4;
            let at = |i: i64| begins + i64::from(touch_for_s) * 1000 * i / pieces;
            let written = (1..=pieces).take_while(|i| at(*i) <= until).count() as i64;
            steps.extend((1..=written).map(|i| {
                let from_kib = place(i - 1);
                Step { from_kib, kib: place(i) - from_kib, ..Step::new(at(i), TASK, Op::Write) }
            }));
            Some(("touched_pages".to_owned(), place(written) / 4))
        }
        Load::CopyOnWrite { mib, write_after_s } => {
            let kib = i64::from(mib) << 10;
            let writes = (from + i64::from(write_after_s) * 1000).min(until);
            steps.extend([map(mib), Step { kib, ..Step::new(from, TASK, Op::Write) }, fork(from, TASK, CHILD)]);
            steps.push(Step { kib, ..Step::new(writes, CHILD, Op::Write) });
            Some(("copied_faults".to_owned(), kib / 4))
        }
        Load::VforkParents { .. } => {
            steps.push(Step { child: CHILD, for_ms: long, ..Step::new(from, TASK, Op::Vfork) });
            None
        }
        Load::Zombies { count } => {
            steps.push(Step { count: count.into(), for_ms: 500.min(long), ..fork(from, TASK, CHILD) });
            None
        }
        Load::Orphans { count, subreaper } => {
            if subreaper > 0 {
                steps.push(Step::new(from, TASK, Op::Subreaper));
            }
            steps.extend([fork(from, TASK, CHILD), Step { count: count.into(), ..fork(from, CHILD, GRANDCHILD) }]);
            steps.extend([
                Step::new(from + 500.min(long), CHILD, Op::Exit),
                Step::new(from + 500.min(long), TASK, Op::Reap),
            ]);
            None
        }
        _ => None,
    }
}

/// The model's files, and what a machine has besides.
fn files(
    host: &Host,
    model: &ProcessLife,
    t: Nanos,
    recording: &Recording,
    workload: &Workload,
    name: &str,
) -> std::collections::BTreeMap<String, Content> {
    let mut all: Files = model.files();
    let (anon, file) = model.engine().used();
    let used = OTHERS_KB + (anon + file) * 4;
    all.insert(
        "/proc/meminfo".into(),
        format!(
            "MemTotal:       {MEMORY_KB:>8} kB\nMemFree:        {:>8} kB\nAnonPages:      {:>8} kB\n",
            MEMORY_KB.saturating_sub(used),
            anon * 4
        ),
    );
    // Nobody computes: all CPUs idle.
    let idle = t / (SECOND / 100);
    let mut stat = format!("cpu  0 0 0 {} 0 0 0 0 0 0\n", idle * u64::from(host.cpus));
    for cpu in 0..host.cpus {
        let _ = writeln!(stat, "cpu{cpu} 0 0 0 {idle} 0 0 0 0 0 0");
    }
    if let Some(text) = all.get_mut("/proc/stat") {
        text.insert_str(0, &stat);
    }
    // What is recorded of a process by its name in braces.
    for path in &workload.records {
        let places = recording.reported.places.iter();
        let real = places.fold(path.clone(), |path, (place, pid)| path.replace(&format!("{{{place}}}"), pid));
        if let Some(text) = all.get(real.as_str()).cloned() {
            all.insert(path.clone().into(), text);
        }
    }
    let named = |text: String| Content::Text(text.replace(PROGRAM.comm(), name));
    all.into_iter().map(|(path, text)| (path.into_owned(), named(text))).collect()
}

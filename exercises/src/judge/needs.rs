//! What a machine lacks for an exercise to be checked on it.

use sim_core::{KernelVersion, Text, text};

use super::Stop;
use super::scene::Scene;
use crate::expression::Given;
use crate::parse::{self, Fields};
use crate::quantity::{self, Lack};
use crate::{Exercise, Machine, Needs, ReadError, Verdict};

/// Something a machine lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Lacking {
    /// The verdict it leads to.
    pub verdict: Verdict,
    /// What it is, in a sentence.
    pub what: Text,
    /// Whether what the exercise says about a lack (`needs.otherwise`) is about this.
    pub explained: bool,
}

impl Lacking {
    fn cannot(what: Text) -> Lacking {
        Lacking { verdict: Verdict::CannotCheck, what, explained: true }
    }

    fn read(path: &str, error: &ReadError) -> Lacking {
        Lacking {
            // The operating system's own refusal (psi=0 gives one) is a lack too.
            verdict: if matches!(error, ReadError::Other(_)) { Verdict::CannotCheck } else { error.verdict() },
            what: error.text(path),
            // Who refuses to look has said why.
            explained: !matches!(error, ReadError::Refused(_)),
        }
    }

    fn quantity(lack: &Lack) -> Lacking {
        match lack {
            Lack::File(parse::Unreadable::Read { path, error }) => Lacking::read(path, error),
            _ => Lacking { verdict: lack.verdict(), what: lack.text(), explained: lack.verdict() != Verdict::Error },
        }
    }
}

/// Stops where the machine cannot show what the exercise is about.
pub fn lacks(exercise: &Exercise, machine: &dyn Machine) -> Result<(), Stop> {
    let Some(first) = all(exercise, machine).into_iter().next() else { return Ok(()) };
    let Text { ko, en } = first.what;
    let reason = match exercise.needs.otherwise.as_ref().filter(|_| first.explained) {
        Some(Text { ko: more_ko, en: more_en }) => text!(ko: "{ko} {more_ko}", en: "{en} {more_en}"),
        None => Text { ko, en },
    };
    Err(Stop::new(first.verdict, reason).then(instead(exercise)))
}

/// Everything a machine lacks for an exercise. Everything is found out by trying.
pub fn all(exercise: &Exercise, machine: &dyn Machine) -> Vec<Lacking> {
    const RELEASE: &str = "/proc/sys/kernel/osrelease";
    // Who refuses to say even which kernel runs has no Linux kernel at all.
    if let Err(error @ ReadError::Refused(_)) = machine.read(RELEASE) {
        return vec![Lacking::read(RELEASE, &error)];
    }
    let mut lacks = files(exercise, machine);
    if lacks.is_empty() {
        lacks.extend(quantities(exercise, machine));
    }
    let needs = &exercise.needs;
    lacks.extend(kernel(needs, machine));
    lacks.extend(root(needs, machine));
    lacks.extend(hardware(needs, machine));
    // A machine that was recorded without a word about programs is looked at all the same.
    if machine.source() == crate::Source::Live {
        let tools = needs.tools.iter().filter_map(|tool| quantity::find(&format!("tool[{tool}]"), machine).err());
        lacks.extend(tools.map(|lack| Lacking::quantity(&lack)));
    }
    lacks
}

/// Whether the book can show the exercise to a reader without Linux: on a recorded machine, or on a
/// simulated one. No model shows yet what many loads do, nor what a reader does to a machine.
pub fn shown(exercise: &Exercise) -> bool {
    use crate::Load::{BusyLoops, PeriodicSleeper, VforkParents, VisitService};
    let modelled = |load: &crate::Load| {
        matches!(load, BusyLoops { .. } | PeriodicSleeper { .. } | VforkParents { .. } | VisitService { .. })
    };
    let loads = exercise.workload.iter().flat_map(|workload| &workload.loads);
    // A load picked in secret has to be watched while it runs, and what is shown of that is the run
    // queue, not memory.
    let memory = |load: &crate::Load| exercise.kind != crate::Kind::Diagnose && crate::simulate::is_of_memory(load);
    if crate::simulate::is_of_processes(exercise) {
        return true;
    }
    let acts = matches!(exercise.check, crate::Check::Act(_));
    let processes = exercise.workload.is_some() && exercise.reads().iter().any(|path| path == "@processes");
    !acts && !processes && loads.into_iter().all(|load| modelled(load) || memory(load))
}

/// Where else the exercise can be done.
pub fn instead(exercise: &Exercise) -> Text {
    let id = &exercise.id;
    if exercise.machine.is_none() && !shown(exercise) {
        return Text::fixed(
            "기록된 컴퓨터도 이것을 보여 주는 시뮬레이터도 아직 없습니다. 갖춘 리눅스 컴퓨터에서 하십시오.",
            "There is neither a recorded machine nor a simulator for it yet: do it on a Linux machine that has what it takes.",
        );
    }
    match exercise.machine.as_ref().map(|machine| &machine.name) {
        Some(name) => text!(
            ko: "기록된 컴퓨터로 하십시오. 살펴보기는 `live-probe show {id} --machine {name}`, 답하기와 확인에도 `--machine {name}` 옵션을 붙입니다. 책에서도 그 컴퓨터로 할 수 있습니다.",
            en: "Do it on a recorded machine: look around with `live-probe show {id} --machine {name}`, and add `--machine {name}` to predict and check as well. The book has that machine too."
        ),
        None => Text::fixed(
            "책에서 이 연습 문제를 열면 시뮬레이션한 컴퓨터로 할 수 있습니다.",
            "Open this exercise in the book: there a simulated machine can show it.",
        ),
    }
}

/// Files that must be readable: those the exercise names, and those an older rule reads.
fn files(exercise: &Exercise, machine: &dyn Machine) -> Vec<Lacking> {
    let mut paths: Vec<&str> = exercise.needs.files.iter().map(String::as_str).collect();
    paths.extend(exercise.check.reads().iter().filter(|path| !exercise.needs.files.iter().any(|file| file == **path)));
    paths.iter().filter_map(|path| Some(Lacking::read(path, &machine.read(path).err()?))).collect()
}

/// The first quantity that must be there and is not: the others are mostly of the same file.
fn quantities(exercise: &Exercise, machine: &dyn Machine) -> Option<Lacking> {
    let mut names = exercise.check.required().into_iter();
    names.find_map(|name| quantity::find(name, machine).err()).map(|lack| Lacking::quantity(&lack))
}

fn kernel(needs: &Needs, machine: &dyn Machine) -> Option<Lacking> {
    let release = machine.read("/proc/sys/kernel/osrelease").ok()?;
    let kernel: KernelVersion = release.trim().parse().ok()?;
    let version = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<KernelVersion>().ok());
    if let Some(oldest) = version(&needs.kernel).filter(|oldest| kernel < *oldest) {
        let said = text!(
            ko: "커널 {oldest} 이상이 필요한데 이 컴퓨터의 커널은 {kernel}입니다.",
            en: "It takes kernel {oldest} or later; this machine runs {kernel}."
        );
        return Some(Lacking::cannot(said));
    }
    let first = version(&needs.kernel_before).filter(|first| kernel >= *first)?;
    let said = text!(
        ko: "커널 {first}보다 오래된 것이 필요한데 이 컴퓨터의 커널은 {kernel}입니다.",
        en: "It takes a kernel before {first}; this machine runs {kernel}."
    );
    Some(Lacking::cannot(said))
}

/// Whether who looks is root, as the machine itself says; a machine that does not say is believed.
fn root(needs: &Needs, machine: &dyn Machine) -> Option<Lacking> {
    const PATH: &str = "/proc/self/status";
    if !needs.root {
        return None;
    }
    let status = Fields::colon(PATH, &machine.read(PATH).ok()?).ok()?;
    let id = status.word("Uid")?.split_ascii_whitespace().nth(1)?.to_owned();
    (id != "0").then(|| {
        let said = Text::fixed(
            "root 권한이 필요합니다. `sudo live-probe`로 다시 하십시오.",
            "It needs root: try again with `sudo live-probe`.",
        );
        Lacking { verdict: Verdict::Denied, what: said, explained: true }
    })
}

fn hardware(needs: &Needs, machine: &dyn Machine) -> Vec<Lacking> {
    let mut lacks = Vec::new();
    let mut cannot = |said: Text| lacks.push(Lacking::cannot(said));
    if let Some(wanted) = needs.nodes {
        match quantity::find("numa.nodes", machine).map(|nodes| nodes.as_number().unwrap_or(0.0)) {
            Ok(nodes) if nodes >= f64::from(wanted) => {}
            Ok(nodes) => cannot(text!(
                ko: "NUMA 노드가 {wanted}개 이상 필요한데 이 컴퓨터에는 {nodes}개 있습니다.",
                en: "It takes {wanted} NUMA nodes or more; this machine has {nodes}."
            )),
            Err(lack) => cannot(lack.text()),
        }
    }
    if needs.outside_container
        && let Some(engine) = parse::container(machine)
    {
        cannot(text!(
            ko: "컨테이너({engine}) 안에서는 확인할 수 없습니다. 호스트에서 하십시오.",
            en: "It cannot be checked inside a container ({engine}); do it on the host."
        ));
    }
    if needs.rotating_disk
        && let Err(lack) = quantity::find("disk[rotating].name", machine)
    {
        cannot(lack.text());
    }
    let given = Given::new();
    for condition in &needs.that {
        match Scene::now(machine, &given).holds(&condition.holds) {
            Ok(true) => {}
            Ok(false) => cannot(condition.says.clone()),
            Err(trouble) => {
                let stop = Stop::from(trouble);
                lacks.push(Lacking { verdict: stop.verdict, what: stop.reason, explained: true });
                break;
            }
        }
    }
    lacks
}
